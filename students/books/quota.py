"""《学额统计表》: of each class and month who was there at its start, who came and went, who was there at its end.

在校 are pupils who sit in class and whose 学籍 is here. A stretch that begins within the month is an increase, one
that ends is a decrease; what begins where another of the same pupil in the same class ended is neither. So each line
adds up by itself, and 月末在册 is what `Student.objects.on_roll` says of the last day.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from django.db.models import Q

from kongchuo import dates
from kongchuo.sheets import A4_LANDSCAPE, Align, Column, Kind, Sheet
from schools import books
from schools.books import Asked
from schools.calendar import add_months
from schools.models import Classroom
from students.codes import HELD_ELSEWHERE, Change, EnrollmentStatus
from students.models import Enrollment

TITLE = "学额统计表"
ONE_DAY = datetime.timedelta(days=1)
CAME = {Change.TRANSFER_IN: "transferred_in", Change.RESUMPTION: "resumed"}
WENT = {Change.TRANSFER_OUT: "transferred_out", Change.SUSPENSION: "suspended"}
NOTES = (
    "在校：学籍在本校且在班就读的；在册：学籍在本校的，含休学、校外就读、送教上门、转出待接续等。借读（人在籍不在）不计。",
    "月初在校＋转入＋复学＋其他增加－转出－休学－其他减少＝月末在校；月末在校＋月末休学＋月末其他＝月末在册。",
    "其他增加含入学、建档和班级调整转进，其他减少含毕业、班级调整转出、送教上门、死亡等。转出从离校之日起计，接续办结前仍在册。",
)


@dataclass
class Line:
    """A class in a month."""

    label: str
    month: str = ""
    start: int = 0
    transferred_in: int = 0
    resumed: int = 0
    other_in: int = 0
    transferred_out: int = 0
    suspended: int = 0
    other_out: int = 0
    end: int = 0
    suspended_at_end: int = 0
    elsewhere_at_end: int = 0

    @property
    def on_roll(self) -> int:
        return self.end + self.suspended_at_end + self.elsewhere_at_end


FIGURES = tuple(name for name, kind in Line.__annotations__.items() if kind is int)
_COLUMNS = (
    *(
        Column(header, attrgetter(name), Kind.INT, 3.6, Align.CENTER)
        for header, name in (
            ("月初在校", "start"), ("转入", "transferred_in"), ("复学", "resumed"), ("其他增加", "other_in"),
            ("转出", "transferred_out"), ("休学", "suspended"), ("其他减少", "other_out"), ("月末在校", "end"),
            ("月末休学", "suspended_at_end"), ("月末其他", "elsewhere_at_end"), ("月末在册", "on_roll"),
        )
    ),
)  # fmt: skip
_CLASS = Column("班级", lambda line: line.label, width=6, align=Align.CENTER)
_MONTH = Column("月份", lambda line: line.month, width=6, align=Align.CENTER)


def quota(asked: Asked) -> Sequence[Sheet]:
    """The month asked for by class with its sum, then each class month by month through the school year so far."""
    last = asked.on
    months = list(_months(last))
    account = Account(asked, months[0][0], last)
    head = books.head(asked, *NOTES, period=f"{last.year}年{last.month}月")
    year = books.head(asked, *NOTES)
    classes = account.classes(last)
    now = [account.line(room, *months[-1]) for room in classes]
    through = [account.line(room, first, end) for room in account.classes(last) for first, end in months]
    return [
        Sheet(f"{asked.school.name}{last.year}年{last.month}月{TITLE}", (_CLASS, *_COLUMNS), with_sum(now), name="本月",
              head=head, paper=A4_LANDSCAPE),
        Sheet(f"{asked.school.name}{asked.period}{TITLE}(逐月)", (_CLASS, _MONTH, *_COLUMNS), through, name="逐月",
              head=year, paper=A4_LANDSCAPE),
    ]  # fmt: skip


def with_sum(lines: list[Line]) -> list[Line]:
    """The lines with their sum below."""
    total = Line("合计", **{name: sum(getattr(line, name) for line in lines) for name in FIGURES})
    return [*lines, total] if lines else []


def _months(last: datetime.date) -> Iterable[tuple[datetime.date, datetime.date]]:
    """First and last day of each month of the school year up to this day; the last one ends with it."""
    first = dates.school_year_start(last)
    while first <= last:
        after = add_months(first, 1)
        yield first, min(after - ONE_DAY, last)
        first = after


@dataclass(frozen=True)
class _Stay:
    """One stretch of one pupil in one class."""

    student: int
    status: str
    starts_on: datetime.date
    ends_on: datetime.date
    started_by: str
    ended_by: str

    def covers(self, day: datetime.date) -> bool:
        return self.starts_on <= day <= self.ends_on


class Account:
    """The stretches of a school over some months, by class; read with two queries."""

    def __init__(self, asked: Asked, first: datetime.date, last: datetime.date):
        self.asked = asked
        rooms = Classroom.objects.visible_to(asked.user).filter(school=asked.school).in_order()
        self.rooms = [room for room in rooms if asked.classroom in (None, room)]
        self.stays: dict[int, list[_Stay]] = defaultdict(list)
        rows = (
            Enrollment.objects.visible_to(asked.user).standing()
            .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=first - ONE_DAY), starts_on__lte=last)
            .filter(classroom__school=asked.school).exclude(status__in=sorted(HELD_ELSEWHERE))
            .values_list("classroom", "student", "status", "starts_on", "ends_on", "started_by", "ended_by")
        )  # fmt: skip
        for room, student, status, starts_on, ends_on, started_by, ended_by in rows:
            end = ends_on or datetime.date.max
            self.stays[room].append(_Stay(student, status, starts_on, end, started_by, ended_by))

    def classes(self, day: datetime.date) -> list[Classroom]:
        """The classes taught on the day, and those that had somebody on their roll in these months."""
        return [room for room in self.rooms if room.is_taught_on(day) or self.stays.get(room.pk)]

    def line(self, room: Classroom, first: datetime.date, last: datetime.date) -> Line:
        stays = self.stays.get(room.pk, [])
        seated = [stay for stay in stays if stay.status == EnrollmentStatus.IN_CLASS]
        ends = {(stay.student, stay.ends_on) for stay in seated}
        begins = {(stay.student, stay.starts_on) for stay in seated}
        came = Counter(
            CAME.get(Change(stay.started_by), "other_in")
            for stay in seated
            if first <= stay.starts_on <= last and (stay.student, stay.starts_on - ONE_DAY) not in ends
        )
        went = Counter(
            WENT.get(Change(stay.ended_by), "other_out")
            for stay in seated
            if first - ONE_DAY <= stay.ends_on < last and (stay.student, stay.ends_on + ONE_DAY) not in begins
        )
        held = Counter(stay.status for stay in stays if stay.covers(last))
        end = held.pop(EnrollmentStatus.IN_CLASS, 0)
        suspended = held.pop(EnrollmentStatus.SUSPENDED, 0)
        return Line(
            room.label_on(last), f"{last.year}年{last.month}月", end=end, suspended_at_end=suspended,
            elsewhere_at_end=sum(held.values()), start=sum(stay.covers(first - ONE_DAY) for stay in seated),
            **came, **went,
        )  # fmt: skip
