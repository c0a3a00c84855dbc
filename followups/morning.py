"""The principal's morning (校长一页): what can be done before ten o'clock, each number with its list and coverage.

A number is the length of the list that it opens: both come from here, so they can't disagree.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q

from attendance.codes import Session
from attendance.models import DailyReport, Mark
from attendance.overview import Kind, Line, SchoolToday, Seats, Standings, kind_of, school_day, seats_of, standings
from followups.codes import Stage
from followups.figures import StageFigures, month_figures
from followups.models import Case, Contact
from kongchuo import dates
from kongchuo.prepared import Prepared
from schools.models import Classroom, SchoolDay, Unit, User
from schools.policy import Rules, Span, rules_on
from students import alarms
from students.models import Student

DAYS_OF_TABLE = 10
DAYS_SHOWN = 10

_days = Prepared(
    lambda school, on: (
        SchoolDay.objects.filter(school=school, on__lte=on)
        .order_by("-on")
        .values_list("on", "grade")[: DAYS_OF_TABLE * 9]
    )  # nine rows a day at the most: one a grade
)
_reported = Prepared(
    lambda school, first, on: DailyReport.objects.filter(
        classroom__school=school, on__range=(first, on), session=Session.MORNING
    ).values_list("classroom", "absent", "expected")
)
_contacted = Prepared(
    lambda school, on: Contact.objects.filter(student__school=school, on=on).order_by().values_list("student_id")
)

_OF_CASE = (
    "pk", "student_id", "classroom_id", "stage", "opened_on", "closed_on", "outcome", "returned_on", "watch_until",
)  # fmt: skip
_cases_in_hand = Prepared(
    lambda school, on, month: (
        Case.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gte=month) | Q(watch_until__gte=on), school=school)
        .with_finding()
        .with_deadline()
        .order_by("opened_on", "pk")
        .values_list(
            *(*_OF_CASE, "found_kind", "due_on", "student__name", "responsible_id", "responsible__name"),
            *("classroom__stage", "classroom__entry_year", "classroom__number"),
        )
    )
)


def _case(row: tuple) -> Case:
    """A case with as much of it, its pupil, class and 包保责任人 as a list shows."""
    case = Case(**dict(zip(_OF_CASE, row, strict=False)))
    case.found_kind, case.due_on, name, responsible, responsible_name, stage, entry_year, number = row[len(_OF_CASE) :]
    case.student = Student(pk=case.student_id, name=name)
    case.classroom = Classroom(pk=case.classroom_id, stage=stage, entry_year=entry_year, number=number)
    case.responsible = User(pk=responsible, name=responsible_name) if responsible else None
    return case


@dataclass(frozen=True)
class Entry:
    """One pupil on a list: who, what is known, and where something can be done about it."""

    student: Student
    classroom: Classroom
    text: str
    case: Case | None = None


@dataclass(frozen=True)
class Tile:
    """One line of the page: a number, its coverage, and the list that it counts."""

    key: str
    label: str
    entries: list[Entry]
    coverage: str = ""
    tone: str = ""
    parts: list[tuple[str, int]] = field(default_factory=list)

    @property
    def n(self) -> int:
        return len(self.entries)


@dataclass(frozen=True)
class ClassRow:
    """A class in the table below the fold; ordered by days without a report, never by absences."""

    classroom: Classroom
    due: int
    reported: int
    absent: int
    expected: int

    @property
    def unreported(self) -> int:
        return self.due - self.reported


class Morning:
    """A school's morning, read in a fixed number of queries."""

    def __init__(self, school: Unit, on: datetime.date):
        self.school, self.on = school, on

    @cached_property
    def rules(self) -> Rules:
        return rules_on(self.school, self.on)

    @cached_property
    def today(self) -> SchoolToday:
        return school_day(self.school, self.on, self.calendar.get(self.on, ()), self.seats)

    @cached_property
    def seats(self) -> list[Seats]:
        return seats_of(self.school, self.on)

    @cached_property
    def calendar(self) -> dict[datetime.date, set[int]]:
        """The latest school days up to the day, newest first, each with the grades expected (0: all)."""
        grades: dict[datetime.date, set[int]] = {}
        for on, grade in _days(self.school.pk, self.on):
            if on in grades or len(grades) < DAYS_OF_TABLE:
                grades.setdefault(on, set()).add(grade)
        return grades

    @cached_property
    def standings(self) -> Standings:
        return standings(self.school, self.on, self.rules, self.seats)

    @cached_property
    def contacted(self) -> set[int]:
        """Pupils whose family somebody tried to reach today: any contact takes a child off 「无人联系」."""
        return {student for (student,) in _contacted(self.school.pk, self.on)}

    @cached_property
    def cases(self) -> list[Case]:
        """Cases open, closed this month or still watched, with latest finding and the deadline of the present stage."""
        return [_case(row) for row in _cases_in_hand(self.school.pk, self.on, self.on.replace(day=1))]

    @property
    def watched(self) -> list[Case]:
        """Closed cases within the watch after a return (复学跟踪). A relapse ends it: the child has a new case."""
        again = {case.student_id for case in self.open_cases}
        watched = (case for case in self.cases if case.watch_until and case.watch_until >= self.on)
        return [case for case in watched if case.student_id not in again]

    @cached_property
    def missed(self) -> dict[int, list[datetime.date]]:
        """Watched pupils who were away without leave since the closing: one such day is an alert."""
        closed = {case.student_id: case.closed_on for case in self.watched if case.closed_on}
        marks = Mark.objects.unexcused().filter(student__in=closed, on__lte=self.on, report__session=Session.MORNING)
        found: dict[int, list[datetime.date]] = {}
        for student, on in marks.order_by("on").values_list("student", "on") if closed else ():
            if on > closed[student]:
                found.setdefault(student, []).append(on)
        return found

    @property
    def open_cases(self) -> list[Case]:
        return [case for case in self.cases if case.is_open]

    @cached_property
    def month(self) -> list[StageFigures]:
        return month_figures(self.school, self.cases, self.on)

    def tiles(self) -> list[Tile]:
        return [make(self) for make in TILES.values()]

    def tile(self, key: str) -> Tile:
        """The tile of this key. KeyError for an unknown one."""
        return TILES[key](self)

    @cached_property
    def class_table(self) -> list[ClassRow]:
        """Each class over the last ten school days: reported or not, and the share of absences in what was reported."""
        counted: dict[int, list[tuple[int, int]]] = {}
        for classroom, absent, expected in _reported(self.school.pk, min(self.calendar, default=self.on), self.on):
            counted.setdefault(classroom, []).append((absent, expected))
        since = {one.classroom.pk: one.since for one in self.seats}
        table = [
            _class_row(room, self.calendar, since[room.pk], counted.get(room.pk, []))
            for room in (one.classroom for one in self.today.classes)
        ]
        return sorted(table, key=lambda row: -row.unreported)


def _class_row(
    room: Classroom, calendar: dict[datetime.date, set[int]], since: datetime.date, reports: list[tuple[int, int]]
) -> ClassRow:
    """A class owes no report of the days before it had pupils here."""
    due = sum(on >= since and bool({0, room.grade_on(on)} & grades) for on, grades in calendar.items())
    return ClassRow(room, due, len(reports), sum(a for a, _ in reports), sum(e for _, e in reports))


def absent_today(morning: Morning) -> Tile:
    today = morning.today
    kinds = [(kind.label, sum(kind_of(mark.code) == kind for mark in today.marks)) for kind in Kind]
    return Tile(
        "absent", "今天缺勤", [_marked(mark) for mark in today.marks], today.coverage if today.is_school_day else "",
        parts=[(label, n) for label, n in kinds if n],
    )  # fmt: skip


def unreached(morning: Morning) -> Tile:
    lines = [line for line in morning.standings.suspected if line.student.pk not in morning.contacted]
    label = f"连缺满{_least(morning)}且今天无人联系"
    return Tile("unreached", label, _lines(morning, lines), tone="alarm")


def full_tomorrow(morning: Morning) -> Tile:
    label = f"明天将满{_least(morning)}"
    return Tile("tomorrow", label, _lines(morning, morning.standings.tomorrow), "班主任今天应联系", tone="soon")


def unconfirmed(morning: Morning) -> Tile:
    entries = _lines(morning, morning.standings.unconfirmed)
    return Tile("unconfirmed", "待核（需补报）", entries, "缺勤加未报已达到，请班级补报", tone="soon")


def to_sign(morning: Morning) -> Tile:
    cases = [case for case in morning.open_cases if not case.found_kind]
    return Tile("sign", "等我认定", _cases(morning, cases), tone="soon")


def overdue(morning: Morning) -> Tile:
    late = [(case, case.due_on) for case in morning.open_cases if case.due_on and case.due_on < morning.on]
    entries = [
        Entry(
            case.student, case.classroom,
            f"{Stage(case.stage).label}，截止{dates.short(due_on)}，超{(morning.on - due_on).days}天"
            f"，责任人 {case.responsible or '未定'}", case,
        )
        for case, due_on in late
    ]  # fmt: skip
    return Tile("overdue", "超期步骤", entries, tone="alarm")


def in_hand(morning: Morning) -> Tile:
    return Tile("open", "未销号", _cases(morning, [case for case in morning.open_cases if case.found_kind]))


def watched(morning: Morning) -> Tile:
    entries = [
        Entry(case.student, case.classroom, _watch(case, morning.missed.get(case.student_id, [])), case)
        for case in sorted(morning.watched, key=lambda case: case.student_id not in morning.missed)
    ]
    again = f"其中{len(morning.missed)}人又缺勤" if morning.missed else ""
    return Tile("watch", "复学跟踪", entries, again, tone="alarm" if again else "")


def on_the_roll(morning: Morning) -> Tile:
    """学籍预警: several leaving one class, transfers past their day without a receipt, suspensions that ran out."""
    found = alarms.alarms(morning.school, morning.on, morning.rules)
    entries = [Entry(alarm.student, alarm.classroom, alarm.text) for alarm in found]
    return Tile("roll", "学籍预警", entries, "集中离校、转出未接续、休学期满", tone="alarm")


def _watch(case: Case, missed: list[datetime.date]) -> str:
    back = f"复学{dates.short(case.returned_on)}，" if case.returned_on else ""
    again = f"，又缺勤{len(missed)}天（{'、'.join(map(dates.short, missed))}）" if missed else ""
    until = f"跟踪至{dates.short(case.watch_until)}" if case.watch_until else ""
    return f"{back}{until}{again}"


def _least(morning: Morning) -> str:
    """「3个到校日」, 「6天」: the fewest days that reach the school's threshold."""
    threshold = morning.standings.threshold
    return str(Span(threshold.least, threshold.unit))


TILES: dict[str, Callable[[Morning], Tile]] = {
    "absent": absent_today,
    "unreached": unreached,
    "tomorrow": full_tomorrow,
    "unconfirmed": unconfirmed,
    "sign": to_sign,
    "overdue": overdue,
    "open": in_hand,
    "watch": watched,
    "roll": on_the_roll,
}
"""The lines of the page, in the order of what can be done before ten."""


def _marked(mark: Mark) -> Entry:
    return Entry(mark.student, mark.report.classroom, mark.label)


def _lines(morning: Morning, lines: Iterable[Line]) -> list[Entry]:
    cases = {case.student_id: case for case in morning.open_cases}
    return [Entry(line.student, line.classroom, _spell(line), cases.get(line.student.pk)) for line in lines]


def _spell(line: Line) -> str:
    """「缺勤3天＋未报1天（3/9、3/10、3/11未报、3/12）」; of a long spell the first and the latest days."""
    days = [f"{dates.short(day)}{'' if code else '未报'}" for day, code in line.spell.days]
    if len(days) > DAYS_SHOWN:
        days = [days[0], "…", *days[-DAYS_SHOWN + 2 :]]
    return f"{line.spell.in_words}（{'、'.join(days)}）"


def _cases(morning: Morning, cases: list[Case]) -> list[Entry]:
    spells = {line.student.pk: line for line in morning.standings.lines}
    return [
        Entry(
            case.student,
            case.classroom,
            _spell(spells[case.student_id]) if case.student_id in spells else _stage(case),
            case,
        )
        for case in cases
    ]


def _stage(case: Case) -> str:
    due = f"，截止{dates.short(case.due_on)}" if case.due_on else ""
    return f"{Stage(case.stage).label}{due}"
