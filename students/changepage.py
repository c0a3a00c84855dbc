"""What the page of one 异动 shows, and what the pupil's card says of all of them."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.functional import Promise

from kongchuo import dates
from schools.models import AuditEntry, Classroom, User
from students import procedures, roll
from students.cards import Panel, panels
from students.changes import KINDS, Kind, name_of, offered, standing_of
from students.codes import Change, EnrollmentStatus
from students.models import ChangeStep, RollChange, Student
from students.procedures import Item

# Filled at start-up: title and address of each printed form that a recorded 异动 has.
printed: list[Callable[[RollChange], list[tuple[str, str]]]] = []


@dataclass
class ChangePage:
    """One change for one person of the office."""

    change: RollChange
    user: User
    today: datetime.date = field(default_factory=dates.today)

    @cached_property
    def kind(self) -> Kind | None:
        return KINDS.get(self.change.kind)

    @cached_property
    def title(self) -> str:
        return name_of(self.kind, self.before.status if self.before else "") if self.kind else str(self.change)

    @property
    def is_open(self) -> bool:
        return not (self.change.voided_at or self.change.settled_on)

    @property
    def state(self) -> str:
        if self.change.voided_at:
            return "作废"
        if self.change.settled_on:
            return "已完成"
        return "缺件" if any(item.is_missing for item in self.checklist) else "进行中"

    @property
    def state_text(self) -> str:
        words = {"作废": "已作废", "已完成": f"{self.change.settled_on or ''} 办结", "缺件": "办理中，缺材料"}
        return words.get(self.state, "办理中").strip()

    # --- The roll ---

    @cached_property
    def before(self) -> roll.Stretch | None:
        return procedures.before_of(self.change)

    @cached_property
    def after(self) -> roll.Stretch | None:
        stretches = roll.fold([*procedures.earlier(self.change), self.change])
        return stretches[-1] if stretches and stretches[-1].ends_on is None else None

    @property
    def roll_before(self) -> str:
        return self._stands(self.before)

    @property
    def roll_after(self) -> str:
        return self._stands(self.after)

    @cached_property
    def _rooms(self) -> dict[int, Classroom]:
        return Classroom.objects.in_bulk({part.classroom_id for part in (self.before, self.after) if part})

    def _stands(self, part: roll.Stretch | None) -> str:
        if part is None:
            return "不在本校学籍"
        return f"{self._rooms[part.classroom_id].label} {EnrollmentStatus(part.status).label}"

    # --- What was said ---

    @property
    def facts(self) -> list[tuple[str | Promise, Any]]:
        """Label and value of what the kind asks, without what was left open."""
        names = self.kind.asks if self.kind else ("on", "note")
        kind = self.kind or Kind(Change(self.change.kind), asks=names)
        return [(procedures.label_of(kind, name), value) for name in names if (value := self._value(name))]

    def _value(self, name: str) -> Any:
        return self.change.get_reason_display() if name == "reason" else getattr(self.change, name)

    # --- What is to be done ---

    @cached_property
    def checklist(self) -> list[Item]:
        return procedures.checklist(self.change)

    @cached_property
    def steps(self) -> list[ChangeStep]:
        return list(self.change.steps.select_related("recorded_by"))

    @property
    def step_bar(self) -> list[dict[str, str]]:
        """The parties as the step bar shows them."""
        turn = next((step for step in self.steps if step.done_on is None), None)
        return [self._cell(step, turn) for step in self.steps]

    def _cell(self, step: ChangeStep, turn: ChangeStep | None) -> dict[str, str]:
        if step.done_on:
            late = f"，超期{(step.done_on - step.due_on).days}天" if step.due_on and step.done_on > step.due_on else ""
            note = f"{dates.short(step.done_on)} 办完{late}{f'：{step.note}' if step.note else ''}"
            return {"label": str(step), "state": "done", "note": note}
        if step == turn and step.due_on:
            words = f"截止{dates.short(step.due_on)}（{dates.distance(step.due_on)}）"
            return {"label": str(step), "state": "current", "note": words}
        return {"label": str(step), "state": "todo", "note": ""}

    @cached_property
    def turn(self) -> ChangeStep | None:
        """The party whose turn it is; nobody's once the change is void."""
        if self.change.voided_at:
            return None
        return next((step for step in self.steps if step.done_on is None), None)

    @property
    def is_late(self) -> bool:
        return bool(self.turn and self.turn.due_on and self.turn.due_on < self.today)

    @cached_property
    def lacks(self) -> list[str]:
        return procedures.settling_lacks(self.change, self.user) if self.is_open else []

    @property
    def forms(self) -> list[tuple[str, str]]:
        return [form for forms_of in printed for form in forms_of(self.change)]

    @cached_property
    def replacement(self) -> RollChange | None:
        """The change that was recorded instead of this one."""
        return RollChange.objects.visible_to(self.user).filter(replaces=self.change).first()

    @cached_property
    def trail(self) -> list[AuditEntry]:
        rows = AuditEntry.objects.visible_to(self.user).filter(
            object_type="students.student", object_id=self.change.student_id, detail__roll_change=self.change.pk
        )
        return list(rows.order_by("-seq")[:30])


def changes_panel(student: Student, user: User) -> Panel | None:
    """What the card says of a pupil's 异动: those on record, and those that may be recorded now. For the office."""
    if not roll.covers(user, student.school_id):
        return None
    standing, led_by = standing_of(student)
    changes = RollChange.objects.visible_to(user).filter(student=student).order_by("-on", "-pk")
    return Panel(
        "students/change_panel.html",
        {
            "student": student,
            "changes": changes,
            "kinds": [(kind.change.value, name_of(kind, standing)) for kind in offered(standing, led_by)],
            "pages": KINDS,
        },
    )


def connect() -> None:
    panels.append(changes_panel)
