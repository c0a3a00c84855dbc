"""学籍预警: what the principal must hear of the roll. Three queries, phrased once: the morning's page asks them."""

import datetime
from dataclasses import dataclass, field

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from kongchuo import dates
from kongchuo.prepared import Prepared
from schools.models import Classroom, Unit
from schools.policy import Rules
from students.codes import Change, EnrollmentStatus
from students.models import ChangeStep, Enrollment, RollChange, Student

LEAVING = (Change.TRANSFER_OUT, Change.SUSPENSION, Change.BOARD_OUT, Change.OTHER)
"""Ways in which a child who learns badly could be made to go away: 转学、休学 and their like."""
_WHO = (
    "student_id", "student__name", "classroom_id", "classroom__stage", "classroom__entry_year", "classroom__number",
)  # fmt: skip

_left = Prepared(
    lambda school, first, last: (
        Enrollment.objects.standing()
        .filter(
            classroom__school=school,
            status=EnrollmentStatus.IN_CLASS,
            ended_by__in=LEAVING,
            ends_on__gte=first,
            ends_on__lte=last,
        )
        .order_by("ends_on", "pk")
        .values_list(*_WHO, "ended_by", "ends_on")
    )
)


def _due() -> Coalesce:
    """The day of the party whose turn it is in the pupil's transfer, or the last day there was."""
    steps = ChangeStep.objects.filter(
        change__student=OuterRef("student"), change__kind=Change.TRANSFER_OUT, change__voided_at__isnull=True,
        change__settled_on__isnull=True, due_on__isnull=False,
    )  # fmt: skip
    turn = steps.filter(done_on__isnull=True).order_by("position")
    return Coalesce(Subquery(turn.values("due_on")[:1]), Subquery(steps.order_by("-position").values("due_on")[:1]))


_away = Prepared(
    lambda school, day: (
        Enrollment.objects.open()
        .filter(classroom__school=school, status=EnrollmentStatus.TRANSFERRING)
        .annotate(due_on=_due())
        .filter(due_on__lt=day)
        .order_by("due_on", "pk")
        .values_list(*_WHO, "due_on")
    )
)
_over = Prepared(
    lambda school, day: (
        Enrollment.objects.open()
        .filter(classroom__school=school, status=EnrollmentStatus.SUSPENDED)
        .annotate(
            until=Subquery(
                RollChange.objects.standing()
                .filter(student=OuterRef("student"), kind=Change.SUSPENSION)
                .order_by("-on", "-pk")
                .values("until")[:1]
            )
        )
        .filter(until__lte=day)
        .order_by("until", "pk")
        .values_list(*_WHO, "until")
    )
)


def _who(row: tuple) -> tuple[Student, Classroom]:
    student, name, classroom, stage, entry_year, number = row[: len(_WHO)]
    return Student(pk=student, name=name), Classroom(pk=classroom, stage=stage, entry_year=entry_year, number=number)


def _date(value: datetime.date | str) -> datetime.date:
    """SQLite gives the date of a subquery as text: only of a column does it know the kind."""
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Leaver:
    """A pupil who left the classroom, how and on which day."""

    student: Student
    how: str
    on: datetime.date


@dataclass(frozen=True)
class Cluster:
    """Several pupils of one class who left it or suspended within the days of the school's rule."""

    classroom: Classroom
    days: int
    leavers: list[Leaver] = field(default_factory=list)

    @property
    def text(self) -> str:
        """「七(1)班最近30天有3名学生离校或休学」"""
        return f"{self.classroom.label}最近{self.days}天有{len(self.leavers)}名学生离校或休学"


def clusters(school: Unit | int, day: datetime.date, rules: Rules) -> list[Cluster]:
    """Classes that pupils leave as the rule calls a warning, the largest first. One query.

    A suspension made longer and a receipt that comes in late are no new leaving: the child had left the class before.
    """
    days = rules.count("cluster_within")
    one_day = datetime.timedelta(days=1)
    key = school.pk if isinstance(school, Unit) else school
    by_class: dict[Classroom, dict[int, Leaver]] = {}
    for row in _left(key, day - days * one_day, day - one_day):
        student, classroom = _who(row)
        how, last_day = row[len(_WHO) :]
        by_class.setdefault(classroom, {})[student.pk] = Leaver(student, Change(how).label, last_day + one_day)
    found = [Cluster(room, days, list(leavers.values())) for room, leavers in by_class.items()]
    least = max(rules.count("cluster_of_leavers"), 1)
    return sorted((one for one in found if len(one.leavers) >= least), key=lambda one: -len(one.leavers))


@dataclass(frozen=True)
class Alarm:
    """One pupil of whom the roll has something to say."""

    student: Student
    classroom: Classroom
    text: str


def alarms(school: Unit, day: datetime.date, rules: Rules) -> list[Alarm]:
    """集中离校、转出未接续且超期、休学期满, each pupil once. Three queries."""
    said = [
        Alarm(leaver.student, one.classroom, f"{one.text}：{leaver.how}{dates.short(leaver.on)}")
        for one in clusters(school, day, rules)
        for leaver in one.leavers
    ]
    late = _away(school.pk, day)
    said += [Alarm(*_who(row), f"转出未接续，超期{(day - _date(row[-1])).days}天") for row in late]
    for row in _over(school.pk, day):
        until = _date(row[-1])
        check = "，按辍学核查" if (day - until).days >= rules.count("suspension_overdue_days") else ""
        said.append(Alarm(*_who(row), f"休学{dates.short(until)}期满，未复学{check}"))
    merged: dict[int, Alarm] = {}
    for alarm in said:
        known = merged.get(alarm.student.pk)
        text = f"{known.text}；{alarm.text}" if known else alarm.text
        merged[alarm.student.pk] = Alarm(alarm.student, alarm.classroom, text)
    return list(merged.values())
