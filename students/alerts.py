"""What goes wrong on the roll while nobody looks: papers missing, transfers without a receipt, suspensions run out."""

import datetime
from dataclasses import dataclass

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse

from schools.models import Classroom, Unit, User
from schools.policy import Rules, rules_on
from students import changelist, hub, todos
from students.alarms import clusters
from students.changelist import Line
from students.codes import Change, EnrollmentStatus
from students.models import Enrollment, RollChange
from students.models.changes import RollChangeQuerySet
from students.todos import Todo

# --- Unfinished changes ------------------------------


def unfinished(changes: RollChangeQuerySet) -> list[Line]:
    """Changes in hand, oldest first."""
    return changelist.lines(changes.unsettled().order_by("on", "pk"))


def lacking(found: list[Line]) -> list[Line]:
    return [line for line in found if line.missing]


def not_arrived(found: list[Line]) -> list[Line]:
    """转出未接续: left our classes, and no proof yet that another school has the child."""
    return [line for line in found if line.change.kind == Change.TRANSFER_OUT]


# --- Suspensions ------------------------------


class Level(models.IntegerChoices):
    """How far a suspension has run: soon over, over, and over for so long that it counts as dropping out."""

    SOON = 1, "快到期"
    OVER = 2, "已期满"
    DROPOUT = 3, "按辍学核查"


@dataclass(frozen=True)
class Suspended:
    """A pupil whose suspension ends soon or has ended, and who has neither come back nor been granted more."""

    change: RollChange
    classroom: Classroom | None
    level: Level


def level_of(until: datetime.date, day: datetime.date, rules: Rules) -> Level | None:
    """The level on a day: from N days before the end, from the end on, from M days after the end on."""
    left = (until - day).days
    if left <= -rules.count("suspension_overdue_days"):
        return Level.DROPOUT
    if left <= 0:
        return Level.OVER
    return Level.SOON if left <= rules.count("suspension_remind_days") else None


def suspended(changes: RollChangeQuerySet, day: datetime.date, rules: Rules) -> list[Suspended]:
    """休学到期, the longest over first. A later 续休 or a recorded return ends it."""
    horizon = day + datetime.timedelta(days=rules.count("suspension_remind_days"))
    still = Enrollment.objects.open().filter(student=OuterRef("student"), status=EnrollmentStatus.SUSPENDED)
    again = RollChange.objects.standing().filter(
        student=OuterRef("student"), kind=Change.SUSPENSION, on__gt=OuterRef("on")
    )
    rows = changes.standing().filter(Exists(still), ~Exists(again), kind=Change.SUSPENSION, until__lte=horizon)
    rows = changelist.with_class(rows).select_related("student").order_by("until", "pk")
    found = [(row, level) for row in rows if row.until and (level := level_of(row.until, day, rules))]
    rooms = Classroom.objects.in_bulk({row.class_id for row, _ in found if row.class_id})  # type: ignore[attr-defined]
    return [Suspended(row, rooms.get(row.class_id), level) for row, level in found]  # type: ignore[attr-defined]


# --- What awaits somebody ------------------------------


def for_office(user: User, school: Unit, day: datetime.date) -> list[Todo]:
    """The roll's own alerts for the keepers of a school."""
    rules = rules_on(school, day)
    changes = RollChange.objects.visible_to(user).filter(school=school)
    late_url = f"{reverse('students:change_list')}?state=late"
    found = unfinished(changes)
    late = [line for line in found if line.is_late(day) and line.change.kind != Change.TRANSFER_OUT]
    awaiting = _of_changes(found, day) + _of_suspensions(suspended(changes, day, rules))
    awaiting.append(Todo(f"{len(late)}笔异动的办理环节已超期", late_url, len(late), overdue=True))
    awaiting += [
        Todo(f"{one.text}，请校长查明", reverse("students:clusters"), len(one.leavers), overdue=True)
        for one in clusters(school, day, rules)
    ]
    return awaiting


def for_teachers(user: User, classroom: Classroom, day: datetime.date) -> list[Todo]:
    """What concerns a class: papers that its families still owe, children not arrived elsewhere, suspensions."""
    here = Enrollment.objects.lasting(day).filter(student=OuterRef("student"), classroom=classroom)
    changes = RollChange.objects.visible_to(user).filter(Exists(here))
    rules = rules_on(classroom.school_id, day)
    return _of_changes(unfinished(changes), day) + _of_suspensions(suspended(changes, day, rules))


def _of_changes(found: list[Line], day: datetime.date) -> list[Todo]:
    short, away = lacking(found), not_arrived(found)
    late = sum(line.is_late(day) for line in away)
    words = f"{len(away)}名学生转出未接续" + (f"，其中{late}名已超期" if late else "")
    return [
        Todo(words, reverse("students:not_arrived"), len(away), overdue=bool(late)),
        Todo(f"{len(short)}笔异动缺材料", reverse("students:missing_papers"), len(short)),
    ]


def _of_suspensions(found: list[Suspended]) -> list[Todo]:
    url = reverse("students:suspensions")
    sentences = {
        Level.DROPOUT: "名学生休学期满已久未复学，按辍学核查",
        Level.OVER: "名学生休学期满，请办复学或续休",
        Level.SOON: "名学生休学快到期",
    }
    counted = {level: sum(one.level == level for one in found) for level in Level}
    return [
        Todo(f"{counted[level]}{words}", url, counted[level], overdue=level != Level.SOON)
        for level, words in sentences.items()
    ]


def connect() -> None:
    todos.for_office.append(for_office)
    todos.for_teachers.append(for_teachers)
    hub.register("异动登记", "students:change_list", "转入、转出、休学等每一笔；新来的学生在这里登记。")
    hub.register("缺件清单", "students:missing_papers", "哪笔异动还缺哪份材料。")
    hub.register("转出未接续", "students:not_arrived", "离开了本校，还没有接收回执的学生。")
    hub.register("休学到期", "students:suspensions", "快到期的、期满没有回来的休学学生。")
