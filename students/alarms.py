"""学籍预警: what the principal must hear of the roll. One query, phrased once: the morning's page asks it."""

import datetime
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Case, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from kongchuo import dates
from kongchuo.prepared import Prepared
from schools.models import Classroom, Unit
from schools.policy import Rules
from students.codes import Change, EnrollmentStatus
from students.models import ChangeStep, Enrollment, RollChange, Student

LEAVING = (Change.TRANSFER_OUT, Change.SUSPENSION, Change.BOARD_OUT, Change.OTHER)
"""Ways in which a child who learns badly could be made to go away: 转学、休学 and their like."""
_ONE_DAY = datetime.timedelta(days=1)
_WHO = (
    "student_id", "student__name", "classroom_id", "classroom__stage", "classroom__entry_year", "classroom__number",
)  # fmt: skip


def _due() -> Coalesce:
    """The day of the party whose turn it is in the pupil's transfer, or the last day there was."""
    steps = ChangeStep.objects.filter(
        change__student=OuterRef("student"), change__kind=Change.TRANSFER_OUT, change__voided_at__isnull=True,
        change__settled_on__isnull=True, due_on__isnull=False,
    )  # fmt: skip
    turn = steps.filter(done_on__isnull=True).order_by("position")
    return Coalesce(Subquery(turn.values("due_on")[:1]), Subquery(steps.order_by("-position").values("due_on")[:1]))


def _until() -> Subquery:
    """The last day of the pupil's suspension, as the latest change says it."""
    changes = RollChange.objects.standing().filter(student=OuterRef("student"), kind=Change.SUSPENSION)
    return Subquery(changes.order_by("-on", "-pk").values("until")[:1])


_stirring = Prepared(  # leavers of the days that count, and who is on the way to another school or suspended now
    lambda school, first, last: (
        Enrollment.objects.standing()
        .filter(
            Q(status=EnrollmentStatus.IN_CLASS, ended_by__in=LEAVING, ends_on__gte=first, ends_on__lte=last)
            | Q(status__in=(EnrollmentStatus.TRANSFERRING, EnrollmentStatus.SUSPENDED), ends_on__isnull=True),
            classroom__school=school,
        )
        .annotate(
            due=Case(
                When(status=EnrollmentStatus.TRANSFERRING, then=_due()),
                When(status=EnrollmentStatus.SUSPENDED, then=_until()),
            )
        )
        .order_by("pk")
        .values_list(*_WHO, "status", "ended_by", "ends_on", "due")
    )
)


class _Stretch(NamedTuple):
    """One line of the query: whose stretch of enrolment, and its day: the last of a leaver's, else the one due."""

    student: Student
    classroom: Classroom
    status: str
    ended_by: str
    on: datetime.date


def _stretches(school: Unit | int, day: datetime.date, rules: Rules) -> list[_Stretch]:
    """The stretches of which there may be something to say, by day. One query."""
    first = day - datetime.timedelta(days=rules.count("cluster_within"))
    key = school.pk if isinstance(school, Unit) else school
    found = []
    for row in _stirring(key, first, day - _ONE_DAY):
        status, ended_by, ends_on, due = row[len(_WHO) :]
        if on := ends_on or due:
            found.append(_Stretch(*_who(row), status, ended_by, on))
    return sorted(found, key=lambda stretch: stretch.on)


def _who(row: tuple) -> tuple[Student, Classroom]:
    student, name, classroom, stage, entry_year, number = row[: len(_WHO)]
    return Student(pk=student, name=name), Classroom(pk=classroom, stage=stage, entry_year=entry_year, number=number)


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
    return _clusters(_stretches(school, day, rules), rules)


def _clusters(stretches: list[_Stretch], rules: Rules) -> list[Cluster]:
    by_class: dict[Classroom, dict[int, Leaver]] = {}
    for one in stretches:
        if one.status == EnrollmentStatus.IN_CLASS:
            leaver = Leaver(one.student, Change(one.ended_by).label, one.on + _ONE_DAY)
            by_class.setdefault(one.classroom, {})[one.student.pk] = leaver
    days = rules.count("cluster_within")
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
    """集中离校、转出未接续且超期、休学期满, each pupil once. One query."""
    stretches = _stretches(school, day, rules)
    said = [
        Alarm(leaver.student, one.classroom, f"{one.text}：{leaver.how}{dates.short(leaver.on)}")
        for one in _clusters(stretches, rules)
        for leaver in one.leavers
    ]
    said += [
        Alarm(one.student, one.classroom, text)
        for status, words in _OVERDUE.items()
        for one in stretches
        if one.status == status and (text := words(one.on, day, rules))
    ]
    merged: dict[int, Alarm] = {}
    for alarm in said:
        known = merged.get(alarm.student.pk)
        text = f"{known.text}；{alarm.text}" if known else alarm.text
        merged[alarm.student.pk] = Alarm(alarm.student, alarm.classroom, text)
    return list(merged.values())


def _transfer_overdue(due_on: datetime.date, day: datetime.date, rules: Rules) -> str:
    return f"转出未接续，超期{(day - due_on).days}天" if due_on < day else ""


def _suspension_over(until: datetime.date, day: datetime.date, rules: Rules) -> str:
    if until > day:
        return ""
    check = "，按辍学核查" if (day - until).days >= rules.count("suspension_overdue_days") else ""
    return f"休学{dates.short(until)}期满，未复学{check}"


_OVERDUE = {
    EnrollmentStatus.TRANSFERRING: _transfer_overdue,
    EnrollmentStatus.SUSPENDED: _suspension_over,
}
