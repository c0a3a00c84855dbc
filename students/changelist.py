"""异动登记: the changes one may see, by kind, month, class and how far they have come."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, IntegerField, OuterRef, Prefetch, Subquery, When
from django.db.models.functions import Coalesce

from schools.models import Classroom, User
from students import roll
from students.models import ChangeStep, Enrollment, Paper, RollChange
from students.models.changes import RollChangeQuerySet
from students.procedures import checklist
from students.services import AT_ONCE

ENTERING = sorted(kind for kind, rule in roll.RULES.items() if rule.before == {roll.OUT})


def with_class(changes: RollChangeQuerySet) -> RollChangeQuerySet:
    """Each change with `class_id`: the class it leads into from outside, else the one the pupil was in before it."""
    before = Enrollment.objects.standing().filter(student=OuterRef("student"), starts_on__lt=OuterRef("on"))
    into = Enrollment.objects.standing().filter(student=OuterRef("student"), starts_on=OuterRef("on"))
    known = Coalesce(
        Subquery(before.order_by("-starts_on", "-pk").values("classroom")[:1]),
        Subquery(into.order_by("-pk").values("classroom")[:1]),
        F("classroom"),
    )
    return changes.annotate(
        class_id=Case(When(kind__in=ENTERING, then=F("classroom")), default=known, output_field=IntegerField())
    )


def with_due(changes: RollChangeQuerySet) -> RollChangeQuerySet:
    """Each change with `due_on`: the day of the party whose turn it is, or the last day there was."""
    steps = ChangeStep.objects.filter(change=OuterRef("pk"), due_on__isnull=False)
    turn = steps.filter(done_on__isnull=True).order_by("position")
    return changes.annotate(
        due_on=Coalesce(Subquery(turn.values("due_on")[:1]), Subquery(steps.order_by("-position").values("due_on")[:1]))
    )


def with_papers(changes: RollChangeQuerySet) -> RollChangeQuerySet:
    """Each change with `kept`: its standing papers."""
    return changes.prefetch_related(Prefetch("papers", Paper.objects.standing(), to_attr="kept"))


@dataclass(frozen=True)
class Line:
    """One change in a list: the class it concerned, what is missing, when the present step is due."""

    change: RollChange
    classroom: Classroom | None
    missing: list[str]
    due_on: datetime.date | None

    @property
    def state(self) -> str:
        """「作废」「已完成」「缺件」「办理中」"""
        if self.change.voided_at:
            return "作废"
        if self.change.settled_on:
            return "已完成"
        return "缺件" if self.missing else "进行中"

    @property
    def is_open(self) -> bool:
        return not (self.change.voided_at or self.change.settled_on)

    def is_late(self, day: datetime.date) -> bool:
        return bool(self.is_open and self.due_on and self.due_on < day)


def ready(changes: RollChangeQuerySet) -> RollChangeQuerySet:
    """Changes with all that a line shows, to be paged."""
    return with_papers(with_due(with_class(changes))).select_related("student", "recorded_by")


def lines(changes: RollChangeQuerySet) -> list[Line]:
    """The lines of some changes, in a fixed number of queries."""
    return lines_of(ready(changes))


def lines_of(rows: Iterable[Any]) -> list[Line]:
    """Lines of rows that are `ready`."""
    rows = list(rows)
    rooms = Classroom.objects.in_bulk({row.class_id for row in rows if row.class_id})
    return [Line(row, rooms.get(row.class_id), _missing(row, row.kept), row.due_on) for row in rows]


def _missing(change: RollChange, kept: list[Paper]) -> list[str]:
    if change.voided_at or change.settled_on:
        return []
    return [item.asked.title for item in checklist(change, kept) if item.is_missing]


def registered(user: User, chosen: dict[str, Any], day: datetime.date) -> RollChangeQuerySet:
    """The changes of the book that meet the conditions, newest first. Plain entries (入学、导入) stay out of it."""
    changes = RollChange.objects.visible_to(user).exclude(kind__in=AT_ONCE)
    if kind := chosen.get("kind"):
        changes = changes.filter(kind=kind)
    if month := chosen.get("month"):
        changes = changes.filter(on__year=month.year, on__month=month.month)
    if classroom := chosen.get("classroom"):
        changes = with_class(changes).filter(class_id=classroom.pk)  # type: ignore[misc]
    if state := chosen.get("state"):
        changes = _IN_STATE[state](changes, day)
    return changes.order_by("-on", "-pk")


def _lacking(changes: RollChangeQuerySet, day: datetime.date) -> RollChangeQuerySet:
    keys = [row.pk for row in with_papers(changes.unsettled()) if _missing(row, row.kept)]  # type: ignore[attr-defined]
    return changes.filter(pk__in=keys)


_IN_STATE = {
    "open": lambda changes, day: changes.unsettled(),
    "lacking": _lacking,
    "late": lambda changes, day: with_due(changes.unsettled()).filter(due_on__lt=day),  # type: ignore[misc]
    "settled": lambda changes, day: changes.standing().filter(settled_on__isnull=False),
    "voided": lambda changes, day: changes.filter(voided_at__isnull=False),
}
