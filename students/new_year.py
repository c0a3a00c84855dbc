"""新学年升级: what the turn of the year does to the classes, shown first, then done by one action.

Grades rise by themselves, because a class's grade follows from its year of entry. What has to be done is to let the
finished classes graduate and to open the classes of the new entry grades. Nothing else is touched.
"""

import datetime
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db import transaction
from django.db.models import Count

from kongchuo import dates
from schools import audit
from schools.classrooms import add_classes
from schools.codes import Role, Stage
from schools.models import Classroom, Duty, Term, Unit, User
from students import roll_many
from students.codes import Change, EnrollmentStatus
from students.models import Enrollment, RollChange
from students.roll import RollRefusal

S = EnrollmentStatus
GRADUATES = frozenset({S.IN_CLASS, S.HOME_TEACHING, S.SPECIAL_SCHOOL, S.ELSEWHERE})
_STAYS = {
    S.SUSPENDED: "休学，复学后随下一届，或核实后单独办毕业",
    S.TRANSFERRING: "转出还没有接收回执，先办结转出",
    S.MISSING: "失踪，核实后单独办",
}

# Filled by upper apps at start-up: why some of these pupils must not graduate in a batch (「有未销号的个案」).
holds: list[Callable[[Collection[int]], Mapping[int, str]]] = []


@dataclass(frozen=True)
class Staying:
    """A pupil of a finished class who does not graduate with it, and why."""

    seat: Enrollment
    why: str


@dataclass(frozen=True)
class Finishing:
    """A class that has finished: who graduates, whose 借读 ends, who stays, and who has graduated already."""

    classroom: Classroom
    label: str
    heads: str
    graduates: tuple[Enrollment, ...]
    guests: tuple[Enrollment, ...]
    staying: tuple[Staying, ...]
    done: int

    @property
    def elsewhere(self) -> list[Enrollment]:
        """Who graduates without having sat in class: 送教、专门学校、寄读."""
        return [seat for seat in self.graduates if seat.status != S.IN_CLASS]


@dataclass(frozen=True)
class Rising:
    """A class that goes on: its name this year and next, its pupils, who heads it."""

    classroom: Classroom
    before: str
    after: str
    pupils: int
    heads: str


@dataclass(frozen=True)
class Entry:
    """The entry grade of a stage: how many classes stand for the new year, how many are proposed."""

    grade: int
    label: str
    opened: int
    proposed: int


@dataclass(frozen=True)
class Plan:
    """What the turn of the year would do to a school. `on` is the first day on which a graduate no longer belongs."""

    school: Unit
    term: Term
    on: datetime.date
    finishing: tuple[Finishing, ...]
    rising: tuple[Rising, ...]
    entries: tuple[Entry, ...]
    missing_terms: tuple[str, ...]

    @property
    def year(self) -> int:
        """The school year that has ended, by its first half."""
        return self.term.school_year

    @property
    def years(self) -> str:
        return f"{self.year + 1}-{self.year + 2}学年"

    @cached_property
    def graduates(self) -> list[Enrollment]:
        return [seat for room in self.finishing for seat in room.graduates]

    @cached_property
    def guests(self) -> list[Enrollment]:
        return [seat for room in self.finishing for seat in room.guests]

    @property
    def done(self) -> int:
        return sum(room.done for room in self.finishing)

    @property
    def digest(self) -> str:
        """What was looked at, in short: a plan that has changed since is shown again."""
        keys = sorted(f"{seat.pk}{seat.status}" for seat in (*self.graduates, *self.guests))
        return hashlib.sha256(f"{self.year}:{','.join(keys)}".encode()).hexdigest()[:16]


def finished_term(school: Unit, day: datetime.date) -> Term:
    """The last term of the school year that has ended. RollRefusal while it runs, or where there is none."""
    term = Term.objects.filter(school=school, number=2, starts_on__lte=day).order_by("-starts_on").first()
    if term is None:
        raise RollRefusal("校历里没有已经结束的第二学期。第二学期行课结束以后，再办新学年升级。")
    if term.ends_on >= day:
        raise RollRefusal(f"{term}到{dates.chinese(term.ends_on)}才结束，结束以后再办新学年升级。")
    return term


def plan(school: Unit, day: datetime.date) -> Plan:
    """What the turn of the year would do, as things stand. Raises RollRefusal before the year has ended.

    A fixed number of queries, whatever the number of pupils.
    """
    term = finished_term(school, day)
    on, year = term.ends_on + datetime.timedelta(days=1), term.school_year
    rooms = list(Classroom.objects.filter(school=school, closed_on__isnull=True).in_order())
    heads = _heads(school, day)
    ending = {room.pk: room for room in rooms if room.entry_year == _finishing_entry(room, year)}
    return Plan(
        school=school,
        term=term,
        on=on,
        finishing=_finishing(ending, heads, on, term.ends_on),
        rising=_rising([room for room in rooms if room.pk not in ending], heads, year, day),
        entries=_entries(school, rooms, year),
        missing_terms=_missing_terms(school, year + 1),
    )


def _finishing_entry(room: Classroom, year: int) -> int:
    """The year of entry of those who finish this school year: six years of 小学, three of 初中."""
    return year - 5 if room.stage == Stage.PRIMARY else year - 2


def _heads(school: Unit, day: datetime.date) -> dict[int | None, str]:
    names: dict[int | None, list[str]] = {}
    duties = Duty.objects.in_force(day).filter(unit=school, role=Role.HEAD_TEACHER).order_by("starts_on", "pk")
    for classroom, name in duties.values_list("classroom", "user__name"):
        names.setdefault(classroom, []).append(name)
    return {key: "、".join(value) for key, value in names.items()}


def _finishing(
    rooms: dict[int, Classroom], heads: dict[int | None, str], on: datetime.date, last_day: datetime.date
) -> tuple[Finishing, ...]:
    seats = list(
        Enrollment.objects.open().filter(classroom__in=rooms).select_related("student", "classroom").order_by("seat_no")
    )
    held: dict[int, str] = {}
    for source in holds if seats else ():
        held |= source([seat.student_id for seat in seats])
    ended = Enrollment.objects.standing().filter(classroom__in=rooms, ended_by=Change.GRADUATION)
    done = dict(ended.values_list("classroom").annotate(n=Count("pk")))
    found = []
    for key, room in rooms.items():
        own = [seat for seat in seats if seat.classroom_id == key]
        staying = {seat.pk: why for seat in own if (why := _why_stays(seat, held, on))}
        found.append(
            Finishing(
                room, room.label_on(last_day), heads.get(key, ""),
                graduates=tuple(s for s in own if s.pk not in staying and s.status in GRADUATES),
                guests=tuple(s for s in own if s.pk not in staying and s.status == S.GUEST),
                staying=tuple(Staying(s, staying[s.pk]) for s in own if s.pk in staying),
                done=done.get(key, 0),
            )
        )  # fmt: skip
    return tuple(found)


def _why_stays(seat: Enrollment, held: Mapping[int, str], on: datetime.date) -> str:
    if seat.student_id in held:
        return held[seat.student_id]
    if seat.starts_on >= on:
        return f"{dates.chinese(seat.starts_on)}刚有异动，请单独办"
    return _STAYS.get(EnrollmentStatus(seat.status), "")


def _rising(rooms: list[Classroom], heads: dict[int | None, str], year: int, day: datetime.date) -> tuple[Rising, ...]:
    before, after = datetime.date(year, 9, 1), datetime.date(year + 1, 9, 1)
    going = [room for room in rooms if room.is_taught_on(before) and room.is_taught_on(after)]
    seats = Enrollment.objects.in_force(day).filter(classroom__in=going)
    counted = dict(seats.values_list("classroom").annotate(n=Count("pk")))
    return tuple(
        Rising(room, room.label_on(before), room.label_on(after), counted.get(room.pk, 0), heads.get(room.pk, ""))
        for room in going
    )


def _entries(school: Unit, rooms: list[Classroom], year: int) -> tuple[Entry, ...]:
    found = []
    for grade, label in ((1, "一年级"), (7, "七年级")):
        if grade in school.grades:
            count = {
                entry: sum((room.stage, room.entry_year) == Classroom.entry_for(grade, entry) for room in rooms)
                for entry in (year, year + 1)
            }
            found.append(Entry(grade, label, count[year + 1], max(count.values())))
    return tuple(found)


def _missing_terms(school: Unit, year: int) -> tuple[str, ...]:
    known = set(Term.objects.filter(school=school, school_year=year).values_list("number", flat=True))
    wanted = (Term(school=school, school_year=year, number=number) for number in (1, 2))
    return tuple(str(term) for term in wanted if term.number not in known)


@dataclass(frozen=True)
class Done:
    """What the turn of the year has done."""

    graduates: int
    guests: int
    opened: tuple[str, ...]


def turn(*, actor: User, school: Unit, day: datetime.date, seen: str, classes: Mapping[int, int]) -> Done:
    """Let the finished classes graduate and open the new ones: {entry grade: number of classes}.

    One transaction; done again it finds nothing to do. `seen` is the digest of the plan that was looked at.
    Raises RollRefusal, or ClassroomRefusal.
    """
    with transaction.atomic():
        audit.queue(school.pk)
        now = plan(school, day)
        if now.digest != seen:
            raise RollRefusal("毕业名单刚刚有变动，请看过新的名单再确认。")
        basis = f"{now.year}-{now.year + 1}学年毕业"
        for seats, kind in ((now.graduates, Change.GRADUATION), (now.guests, Change.GUEST_OUT)):
            if seats:
                roll_many.leave(actor=actor, school=school, seats=seats, kind=kind, on=now.on, basis=basis)
        opened: list[Classroom] = []
        for grade, number in classes.items():
            if number:
                new, _ = add_classes(
                    actor=actor, school=school, grade=grade, school_year=now.year + 1, first=1, last=number
                )
                opened += new
    september = datetime.date(now.year + 1, 9, 1)
    return Done(len(now.graduates), len(now.guests), tuple(room.label_on(september) for room in opened))


def graduations(classroom: Classroom) -> list[RollChange]:
    """The standing 毕业 of the pupils of a class."""
    ended = Enrollment.objects.standing().filter(classroom=classroom, ended_by=Change.GRADUATION)
    rows = RollChange.objects.standing().filter(kind=Change.GRADUATION, student__in=ended.values("student"))
    # A pupil of a nine-year school graduates twice: only the one that ended the time in this class counts.
    ends = {(key, day + datetime.timedelta(days=1)) for key, day in ended.values_list("student", "ends_on") if day}
    return [row for row in rows if (row.student_id, row.on) in ends]


def take_back(*, actor: User, classroom: Classroom, reason: str) -> int:
    """Void the graduation of a class, by mistake or too early. Returns how many pupils are on the roll again."""
    rows = graduations(classroom)
    if not rows:
        raise RollRefusal("这个班没有可以撤回的毕业。")
    return roll_many.void(actor=actor, school=classroom.school, changes=rows, classroom=classroom, reason=reason)
