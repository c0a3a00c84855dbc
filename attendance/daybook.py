"""日志: what was said of pupils on each school day on which they were expected, read newest day first.

Everything that asks "was this child there" over several days goes through here: spells of absence, proof of return.
Marks, reports, calendar and roll stay where they are; nothing is stored.
"""

import datetime
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from attendance.codes import Session
from attendance.models import DailyReport, Mark
from kongchuo import dates
from kongchuo.prepared import Prepared
from schools.models import Classroom, SchoolDay
from schools.policy import Rules
from students.models import Enrollment

Day = tuple[datetime.date, str]
"""A school day and what was said: a MarkCode, `PLAIN`, or `SILENT`."""

SILENT = ""
"""未报: no report, so neither present nor absent."""
PLAIN = "-"
"""The class reported and said nothing of this pupil: he was there, but nobody said so on purpose."""


def look_back_from(on: datetime.date) -> datetime.date:
    """First day of the school year before the one of `on`: nothing older is read.

    A spell that began in the spring runs on through the summer into the autumn, so one year is too short. Two years
    are about 400 school days: at most 400 report rows a class, read in about 2 ms.
    """
    start = dates.school_year_start(on)
    return start.replace(year=start.year - 1)


def silence_counts_to(on: datetime.date, rules: Rules) -> datetime.date:
    """The last day up to `on` that may be called 未报: a past day, or today after the school's lock time.

    At 08:00 a class that has not reported yet is not silent, only early.
    """
    today = dates.today()
    if on < today:
        return on
    locked = dates.now().time() >= rules.time("school_lock_time")
    return today if locked else today - datetime.timedelta(days=1)


class Stretch(NamedTuple):
    """A stretch of enrolment in class (在籍区间)."""

    student_id: int
    classroom_id: int
    seat_no: int | None
    starts_on: datetime.date
    ends_on: datetime.date | None

    def holds(self, day: datetime.date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


def _stretches(students: Any, since: Any, to: Any) -> QuerySet[Enrollment]:
    stretches = Enrollment.objects.standing().expected().filter(student__in=students, starts_on__lte=to)
    return stretches.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=since)).order_by("starts_on", "pk")


def _seated(classroom: Any, first: Any, last: Any) -> QuerySet[Enrollment, Any]:
    """Who sits in a class on any day between two."""
    stretches = Enrollment.objects.standing().expected().filter(classroom=classroom, starts_on__lte=last)
    return stretches.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first)).order_by().values("student")


def _marks(students: Any, since: Any, to: Any) -> QuerySet[Mark, Any]:
    marks = Mark.objects.filter(student__in=students, on__range=(since, to), report__session=Session.MORNING)
    return marks.order_by("pk").values_list("student_id", "on", "report__classroom_id", "code")


_calendar_of = Prepared(
    lambda school, since: (
        SchoolDay.objects.filter(school=school, on__gte=since).order_by("on").values_list("on", "grade")
    )
)
_reports_of_class = Prepared(
    lambda classroom, since, to: DailyReport.objects.filter(
        classroom=classroom, on__range=(since, to), session=Session.MORNING
    ).values_list("on", "pk")
)
_reports_of_school = Prepared(
    lambda school, since, to: DailyReport.objects.filter(
        classroom__school=school, on__range=(since, to), session=Session.MORNING
    ).values_list("classroom_id", "on", "pk")
)
_absent_in_school = Prepared(
    lambda school, since, to: (
        Mark.objects.absent()
        .filter(report__classroom__school=school, on__range=(since, to), report__session=Session.MORNING)
        .values_list("report_id", "student_id")
    )
)
_stretches_of_class = Prepared(
    lambda classroom, first, since, to: _stretches(_seated(classroom, first, to), since, to).values_list(
        *Stretch._fields, "student__name", "student__initials"
    )
)
_marks_of_class = Prepared(lambda classroom, first, since, to: _marks(_seated(classroom, first, to), since, to))


class DayBook:
    """School days, reports and marks of pupils of one school, up to a day.

    Only the morning decides (上午): an afternoon report neither makes nor breaks an absence.
    A pupil is expected on the school days of his class's grade on which a stretch of enrolment holds him in class;
    days of 休学 or before he joined are not in the book. A mark holds whichever class made it (a change of class may be
    entered days later), but the word of the class in which he sat comes first.
    """

    def __init__(
        self, school_id: int, on: datetime.date, *, silent_to: datetime.date, since: datetime.date | None = None
    ) -> None:
        self.school_id, self.on, self.since = school_id, on, since or look_back_from(on)
        self._silent_to = silent_to
        self._calendar = _calendar_of(school_id, self.since)
        self._classrooms: dict[int, Classroom] = {}
        self._days: dict[tuple[str, int], list[datetime.date]] = {}
        self._reports: dict[int, dict[datetime.date, int]] = {}
        self._stretches: dict[int, list[Stretch]] = defaultdict(list)
        self._marks: dict[tuple[int, datetime.date], dict[int, str]] = defaultdict(dict)  # by class

    def read_classes(self, classrooms: Iterable[Classroom]) -> None:
        """Read the reports of these classes. One query."""
        new = {room.pk: room for room in classrooms if room.pk not in self._classrooms}
        if not new:
            return
        self._classrooms |= new
        self._reports |= {pk: {} for pk in new}
        rows = DailyReport.objects.filter(
            classroom__in=new, on__range=(self.since, self.on), session=Session.MORNING
        ).values_list("classroom_id", "on", "pk")
        for classroom_id, on, pk in rows:
            self._reports[classroom_id][on] = pk

    def read_school(self, classrooms: Iterable[Classroom]) -> None:
        """Read the reports of all these classes of the school. One query."""
        self._classrooms |= {room.pk: room for room in classrooms}
        self._reports |= {pk: {} for pk in self._classrooms}
        for classroom_id, on, pk in _reports_of_school(self.school_id, self.since, self.on):
            if classroom_id in self._reports:
                self._reports[classroom_id][on] = pk

    def read_class(self, classroom: Classroom, first: datetime.date) -> dict[Stretch, tuple[str, str]]:
        """Read one class whole: its reports, and who sits in it on any day from `first` to the book's day.

        Three queries; two more when somebody came from another class. Returns name and 拼音首字母 by stretch, for those
        stretches that are in this class.
        """
        self._classrooms[classroom.pk] = classroom
        self._reports[classroom.pk] = dict(_reports_of_class(classroom.pk, self.since, self.on))
        found = {
            Stretch(*row[:5]): (row[5], row[6]) for row in _stretches_of_class(classroom.pk, first, self.since, self.on)
        }
        self._seat(found, _marks_of_class(classroom.pk, first, self.since, self.on))
        return {stretch: names for stretch, names in found.items() if stretch.classroom_id == classroom.pk}

    def read_pupils(self, students: QuerySet | Collection[int]) -> None:
        """Read the stretches in class and the marks of these pupils, and the reports of classes they left.

        Two queries; two more when somebody came from a class that is not in the book yet.
        """
        rows = _stretches(students, self.since, self.on).values_list(*Stretch._fields)
        stretches = [Stretch(*row) for row in rows]
        self._seat(stretches, _marks({stretch.student_id for stretch in stretches}, self.since, self.on))

    def _seat(self, stretches: Iterable[Stretch], marks: Iterable[tuple]) -> None:
        """Take pupils into the book by their stretches, oldest first, and with their marks."""
        for stretch in stretches:
            self._stretches[stretch.student_id].append(stretch)
        left = {s.classroom_id for own in self._stretches.values() for s in own} - self._classrooms.keys()
        if left:
            self.read_classes(Classroom.objects.filter(pk__in=left))
        for student_id, on, classroom_id, code in marks:
            self._marks[student_id, on][classroom_id] = code

    def seats(self) -> Iterator[Stretch]:
        """The stretch that holds each pupil in class on the book's last day; none for those not expected then."""
        for own in self._stretches.values():
            if own[-1].ends_on is None or own[-1].ends_on >= self.on:
                yield own[-1]

    def absent_on_last_report(self) -> set[int]:
        """Pupils absent in the latest report of their class, of the classes read so far. One query."""
        latest = dict(filter(None, map(self._last_report, self._classrooms)))
        if not latest:
            return set()
        marks = _absent_in_school(self.school_id, min(latest.values()), max(latest.values()))
        return {student_id for report, student_id in marks if report in latest}

    def _last_report(self, classroom_id: int) -> tuple[int, datetime.date] | None:
        """The latest report of a class and its day, None where there is none."""
        reports = self._reports[classroom_id]
        return next(((reports[day], day) for day in reversed(self.days_of(classroom_id)) if day in reports), None)

    def has_report(self, classroom_id: int, on: datetime.date) -> bool:
        return on in self._reports[classroom_id]

    def days_of(self, classroom_id: int) -> list[datetime.date]:
        """School days of a class, oldest first, as far as the calendar is laid down (also after the book's day)."""
        classroom = self._classrooms[classroom_id]
        cohort = classroom.stage, classroom.entry_year
        if cohort not in self._days:
            days = (on for on, grade in self._calendar if not grade or grade == classroom.grade_on(on))
            self._days[cohort] = list(dict.fromkeys(days))
        return self._days[cohort]

    def next_day(self, classroom_id: int, after: datetime.date) -> datetime.date | None:
        """The class's first school day after a day, or None where the calendar ends."""
        days = self.days_of(classroom_id)
        index = bisect_right(days, after)
        return days[index] if index < len(days) else None

    def put(self, classroom_id: int, on: datetime.date, report: int, codes: Mapping[int, str]) -> None:
        """Enter a morning report that has just been stored, with the codes in force, instead of reading it again."""
        self._reports[classroom_id][on] = report
        for student_id in self._stretches:
            self._marks[student_id, on].pop(classroom_id, None)
        for student_id, code in codes.items():
            self._marks[student_id, on][classroom_id] = code

    def newest_first(self, student_id: int, until: datetime.date | None = None) -> Iterator[Day]:
        """The days on which a pupil was expected, latest first (or from `until` back), with what was said."""
        last = min(until or self.on, self.on)
        for stretch in reversed(self._stretches.get(student_id, ())):
            days = self.days_of(stretch.classroom_id)
            end = min(stretch.ends_on or last, last)
            for index in range(bisect_right(days, end) - 1, bisect_left(days, stretch.starts_on) - 1, -1):
                said = self._said(student_id, days[index], stretch.classroom_id)
                if said != SILENT or days[index] <= self._silent_to:
                    yield days[index], said

    def _said(self, student_id: int, on: datetime.date, classroom_id: int) -> str:
        if said := self._marks.get((student_id, on)):
            return said.get(classroom_id) or next(reversed(said.values()))
        return PLAIN if on in self._reports[classroom_id] else SILENT
