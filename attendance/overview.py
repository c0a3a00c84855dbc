"""The school's day in figures and lists: who stands where with the threshold, who is away, which class is silent.

Every function costs a constant number of queries, whatever the size of the school.
"""

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, Min, Q

from attendance.codes import EXCUSED, MarkCode, Session
from attendance.detection import Spell, Standing, spells_of_school, standing
from attendance.models import DailyReport, Mark
from kongchuo.prepared import Prepared
from schools.models import Classroom, SchoolDay, Unit, User
from schools.policy import Rules, Threshold, rules_on
from students.codes import EXPECTED
from students.models import UNLISTED, Student


@dataclass(frozen=True)
class Line:
    """One pupil on a list of the principal's page."""

    student: Student
    classroom: Classroom
    spell: Spell
    standing: Standing


@dataclass(frozen=True)
class Standings:
    """The three lists, each with the longest run first: 疑似辍学, 待核(需补报), 明天将满N天."""

    threshold: Threshold
    lines: tuple[Line, ...]

    @property
    def suspected(self) -> list[Line]:
        return self._of(Standing.SUSPECTED)

    @property
    def unconfirmed(self) -> list[Line]:
        return self._of(Standing.UNCONFIRMED)

    @property
    def tomorrow(self) -> list[Line]:
        return self._of(Standing.TOMORROW)

    def _of(self, where: Standing) -> list[Line]:
        return [line for line in self.lines if line.standing == where]


_standing = Q(enrollments__voided_at__isnull=True)
_held = _standing & Q(enrollments__status__in=sorted(EXPECTED))
_rooms = Prepared(
    lambda school, on: (
        Classroom.objects.filter(school=school, closed_on__isnull=True)
        .annotate(
            pupils=Count(
                "enrollments",
                filter=_held
                & Q(enrollments__starts_on__lte=on)
                & (Q(enrollments__ends_on__isnull=True) | Q(enrollments__ends_on__gte=on)),
            ),
            since=Min("enrollments__starts_on", filter=_standing),
        )
        .filter(pupils__gt=0)
        .in_order()
        .values_list("pk", "stage", "entry_year", "number", "pupils", "since")
    )
)


@dataclass(frozen=True)
class Seats:
    """A class with pupils: how many are expected on the day, and since when it has had any here."""

    classroom: Classroom
    pupils: int
    since: datetime.date


def seats_of(school: Unit, on: datetime.date) -> list[Seats]:
    """The classes of a school that are taught on a day and have pupils, youngest grade first. One query."""
    found = []
    for pk, stage, entry_year, number, pupils, since in _rooms(school.pk, on):
        room = Classroom(pk=pk, school=school, stage=stage, entry_year=entry_year, number=number)
        if room.is_taught_on(on):
            found.append(Seats(room, pupils, since))
    return found


def standings(
    school: Unit, on: datetime.date, rules: Rules | None = None, seats: Sequence[Seats] | None = None
) -> Standings:
    """Pupils whose current spell is at the threshold for 疑似 or one day before it.

    7 queries, one more for each of rules and seats that is not given.
    """
    rules = rules or rules_on(school, on)
    classrooms = {one.classroom.pk: one.classroom for one in (seats_of(school, on) if seats is None else seats)}
    threshold = rules.threshold("suspected_after")
    found = [
        (spell, where)
        for spell in spells_of_school(school, on, rules, classrooms.values())
        if (where := standing(spell, threshold)) is not None
    ]
    students = Student.objects.defer(*UNLISTED).in_bulk({spell.student_id for spell, _ in found})
    lines = [Line(students[s.student_id], classrooms[s.classroom_id], s, where) for s, where in found]
    return Standings(threshold, tuple(sorted(lines, key=lambda line: (-len(line.spell.run), line.student.pk))))


class Kind(models.TextChoices):
    """Absences as the principal's page groups them."""

    UNEXCUSED = "unexcused", "未请假"
    WAITING = "waiting", "原因待核"
    EXCUSED = "excused", "请假"


def kind_of(code: str) -> Kind:
    """The group of an absent mark."""
    if code in EXCUSED:
        return Kind.EXCUSED
    return Kind.WAITING if code == MarkCode.WAITING else Kind.UNEXCUSED


@dataclass(frozen=True)
class ClassDay:
    """One class on one day: its pupils expected, and its morning report if there is one."""

    classroom: Classroom
    expected: int
    report: DailyReport | None


@dataclass(frozen=True)
class SchoolToday:
    """A school's day: classes that were to report, those that did, and the pupils reported absent."""

    on: datetime.date
    classes: tuple[ClassDay, ...] = ()
    marks: tuple[Mark, ...] = ()  # absent marks with student and report__classroom at hand

    @property
    def is_school_day(self) -> bool:
        return bool(self.classes)

    @property
    def reported(self) -> list[ClassDay]:
        return [one for one in self.classes if one.report]

    @property
    def unreported(self) -> list[ClassDay]:
        return [one for one in self.classes if not one.report]

    @property
    def expected(self) -> int:
        """应到 of all classes, reported or not."""
        return sum(one.expected for one in self.classes)

    @property
    def expected_reported(self) -> int:
        """应到 of the reported classes: the denominator of any rate of this day."""
        return sum(one.report.expected for one in self.classes if one.report)

    @property
    def last_report_at(self) -> datetime.datetime | None:
        return max((one.report.submitted_at for one in self.classes if one.report), default=None)

    def absent(self, kind: Kind) -> list[Mark]:
        return [mark for mark in self.marks if kind_of(mark.code) == kind]

    @property
    def absent_by_kind(self) -> list[tuple[Kind, list[Mark]]]:
        return [(kind, self.absent(kind)) for kind in Kind]

    @property
    def coverage(self) -> str:
        """「28/30 班已报」"""
        return f"{len(self.reported)}/{len(self.classes)} 班已报"


_grades = Prepared(lambda school, on: SchoolDay.objects.filter(school=school, on=on).values_list("grade"))


_OF_REPORT = tuple(column.attname for column in DailyReport._meta.concrete_fields)
_reports = Prepared(
    lambda school, on: (
        DailyReport.objects.filter(classroom__school=school, on=on, session=Session.MORNING)
        .with_reporter()
        .values_list(*_OF_REPORT, "by_head", "submitted_by__name")
    )
)


def _report(row: tuple) -> DailyReport:
    """A report with the name of who sent it, and whether as the class's head teacher."""
    *own, by_head, name = row
    report = DailyReport(**dict(zip(_OF_REPORT, own, strict=True)))
    report.by_head, report.submitted_by = by_head, User(pk=report.submitted_by_id, name=name)
    return report


def school_day(
    school: Unit, on: datetime.date, grades: Collection[int] | None = None, seats: Sequence[Seats] | None = None
) -> SchoolToday:
    """What is known of a school on a day. 4 queries, less what is given of grades and seats; 1 on a day that is no
    school day.

    A class is to report when its grade is expected that day and it has pupils in class.
    """
    if grades is None:
        grades = {grade for (grade,) in _grades(school.pk, on)}
    if not grades:
        return SchoolToday(on)
    by_class = {report.classroom_id: report for report in map(_report, _reports(school.pk, on))}
    classes = [
        ClassDay(one.classroom, one.pupils, by_class.get(one.classroom.pk))
        for one in (seats_of(school, on) if seats is None else seats)
        if 0 in grades or one.classroom.grade_on(on) in grades
    ]
    return SchoolToday(on, tuple(classes), tuple(_absent_marks(classes)))


def _absent_marks(classes: Iterable[ClassDay]) -> list[Mark]:
    """Absent marks of the classes' reports, with pupil, report and class at hand, in the order of classes."""
    reports: dict[int, DailyReport] = {}
    for one in classes:
        if one.report:
            one.report.classroom = one.classroom
            reports[one.report.pk] = one.report
    marks = Mark.objects.absent().filter(report__in=reports).select_related("student").order_by("pk")
    found = list(marks.defer(*(f"student__{name}" for name in UNLISTED)))
    for mark in found:
        mark.report = reports[mark.report_id]
    place = {pk: index for index, pk in enumerate(reports)}
    return sorted(found, key=lambda mark: place[mark.report_id])
