"""Spells of absence (连缺): a pure function of marks, calendar, roll and rules. Same data, same result.

A spell is the run of school days, ending with the latest one, on which a pupil was absent or his class was silent,
beginning with an absence. A present day ends it. 未报 days neither break nor count. An excused day (病假, 事假) breaks
the unexcused run, not the spell.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db import models, transaction
from django.db.models import Q

from attendance.codes import ABSENT, EXCUSED, UNEXCUSED
from attendance.daybook import SILENT, Day, DayBook, silence_counts_to
from kongchuo import dates
from kongchuo.prepared import Prepared
from schools import audit
from schools.models import Classroom, Unit, User
from schools.policy import Rules, Threshold, rules_on
from students.models import Enrollment


@dataclass(frozen=True)
class Spell:
    """One pupil's current spell as of a day. Counts are school days (到校日)."""

    student_id: int
    classroom_id: int
    seat_no: int | None
    days: tuple[Day, ...]  # (day, mark code or "" for 未报), oldest first; the first is an absence
    last_present_on: datetime.date | None = None  # the last day present before it, None if there is none in two years
    next_on: datetime.date | None = None  # the class's next school day, None where the calendar ends

    @cached_property
    def absent(self) -> int:
        """Days reported absent, excused or not."""
        return sum(said != SILENT for _, said in self.days)

    @cached_property
    def unreported(self) -> int:
        """Days without a report within the spell."""
        return len(self.days) - self.absent

    @cached_property
    def run(self) -> tuple[Day, ...]:
        """The unexcused run (连续无故): from its first unexcused day on; empty where the latest absence is excused."""
        start = None
        for index in range(len(self.days) - 1, -1, -1):
            if self.days[index][1] in EXCUSED:
                break
            if self.days[index][1] in UNEXCUSED:
                start = index
        return () if start is None else self.days[start:]

    @cached_property
    def unexcused(self) -> int:
        """Unexcused days of the run."""
        return sum(said != SILENT for _, said in self.run)

    @property
    def unreported_in_run(self) -> int:
        return len(self.run) - self.unexcused

    @property
    def first_on(self) -> datetime.date:
        return self.days[0][0]

    @property
    def unexcused_from(self) -> datetime.date | None:
        return self.run[0][0] if self.run else None

    @property
    def last_absent_on(self) -> datetime.date:
        return next(day for day, said in reversed(self.days) if said != SILENT)

    @property
    def in_words(self) -> str:
        """「缺勤3天＋未报1天」, 「缺勤5天（无故3天）」"""
        part = "" if self.unexcused == self.absent else f"（无故{self.unexcused}天）"
        silent = f"＋未报{self.unreported}天" if self.unreported else ""
        return f"缺勤{self.absent}天{part}{silent}"

    def confirmed(self, threshold: Threshold) -> int:
        """Days of the unexcused run that reports confirm, in the threshold's unit.

        自然日 are counted from the first unexcused day to the last one, both included: 「超过1个星期」 is reached on
        the eighth day, when a child who failed to come on a Monday fails to come on the next. The count stops at the
        last confirmed school day and leaves out silent ones, so that no holiday makes a dropout of a child who missed
        the day before it.
        """
        if threshold.in_school_days or not self.run:
            return self.unexcused
        last = self.last_absent_on
        silent = sum(said == SILENT and day < last for day, said in self.run)
        return _stretch(self.run[0][0], last) - silent

    def possible(self, threshold: Threshold) -> int:
        """The same with the unreported days, which may have been days of absence."""
        if threshold.in_school_days or not self.run:
            return len(self.run)
        return _stretch(self.run[0][0], self.run[-1][0])

    def possible_tomorrow(self, threshold: Threshold) -> int:
        """The same after one more school day of absence."""
        if threshold.in_school_days or not self.run or not self.next_on:
            return self.possible(threshold) + 1
        return _stretch(self.run[0][0], self.next_on)


def _stretch(first: datetime.date, last: datetime.date) -> int:
    return (last - first).days + 1


class Standing(models.TextChoices):
    """Where a spell stands with the school's threshold for 疑似辍学."""

    SUSPECTED = "suspected", "疑似辍学"
    UNCONFIRMED = "unconfirmed", "待核(需补报)"
    TOMORROW = "tomorrow", "明天将满"


def standing(spell: Spell, threshold: Threshold) -> Standing | None:
    """疑似: reached by confirmed unexcused days. 待核: only together with unreported ones. 明天将满: one day short."""
    if not spell.run:
        return None
    if threshold.reached(spell.confirmed(threshold)):
        return Standing.SUSPECTED
    if threshold.reached(spell.possible(threshold)):
        return Standing.UNCONFIRMED
    if threshold.reached(spell.possible_tomorrow(threshold)):
        return Standing.TOMORROW
    return None


def latest_spell(newest_first: Iterable[Day]) -> tuple[tuple[Day, ...], datetime.date | None]:
    """The core: the days of the current spell, oldest first, and the last day present before it.

    Walks back from the latest day until a day present; silence counts only once an absence stands before it.
    """
    spell: list[Day] = []
    silent: list[Day] = []
    for day, said in newest_first:
        if said == SILENT:
            silent.append((day, said))
        elif said in ABSENT:
            spell += [*silent, (day, said)]
            silent.clear()
        else:
            return tuple(reversed(spell)), day
    return tuple(reversed(spell)), None


def spells_of_class(classroom: Classroom, on: datetime.date, rules: Rules | None = None) -> list[Spell]:
    """Current spells of the pupils who sit in a class on a day. Five queries, seven if somebody changed class."""
    rules = rules or rules_on(classroom.school_id, on)
    book = DayBook(classroom.school_id, on, silent_to=silence_counts_to(on, rules))
    book.read_class(classroom, on)
    return _spells(book, {classroom.pk})


_moved = Prepared(
    lambda school, since: (
        Enrollment.objects.filter(classroom__school=school)
        .filter(Q(ends_on__gte=since) | Q(voided_at__isnull=False))
        .values_list("student_id", "classroom_id")
    )
)


def spells_of_school(
    school: Unit | int, on: datetime.date, rules: Rules | None = None, classrooms: Collection[Classroom] | None = None
) -> list[Spell]:
    """Current spells of a school's pupils on a day. Six queries, two more where rules or classes are not given.

    Few pupils are away at any time, so only these are read: who was absent in the latest report of his class, and who
    has another stretch of enrolment behind him (another class may have had the latest word on him).
    """
    school_id = school.pk if isinstance(school, Unit) else school
    rules = rules or rules_on(school_id, on)
    if classrooms is None:
        classrooms = list(Classroom.objects.filter(school=school_id).open_on(on))
    book = DayBook(school_id, on, silent_to=silence_counts_to(on, rules))
    book.read_school(classrooms)
    open_now = {room.pk for room in classrooms}
    moved = {student for student, room in _moved(school_id, book.since) if room in open_now}
    book.read_pupils(book.absent_on_last_report() | moved)
    return _spells(book, open_now)


def spells_of_all(on: datetime.date) -> Iterator[tuple[Unit, list[Spell]]]:
    """Current spells of every school, one school at a time: the memory is that of the largest school."""
    for school in Unit.objects.schools().order_by("path"):
        yield school, spells_of_school(school, on)


def _spells(book: DayBook, classrooms: Collection[int]) -> list[Spell]:
    spells = []
    for seat in book.seats():
        if seat.classroom_id in classrooms:
            days, last_present_on = latest_spell(book.newest_first(seat.student_id))
            if days:
                next_on = book.next_day(seat.classroom_id, days[-1][0])
                spells.append(Spell(seat.student_id, seat.classroom_id, seat.seat_no, days, last_present_on, next_on))
    return sorted(spells, key=lambda s: (s.classroom_id, s.seat_no or 0, s.student_id))


@dataclass(frozen=True)
class Recount:
    """One recomputation: which class of which school (None: all), as of which day, by which rules; what came out."""

    school_id: int
    classroom_id: int | None
    on: datetime.date
    rules: Rules
    spells: list[Spell]
    actor: User | None

    @property
    def threshold(self) -> Threshold:
        return self.rules.threshold("suspected_after")


Listener = Callable[[Recount], None]

# Filled by upper apps at start-up: told of every recomputation, in its transaction.
listeners: list[Listener] = []


def recompute(
    *, classroom: Classroom, actor: User | None, rules: Rules | None = None, book: DayBook | None = None
) -> list[Spell]:
    """Compute a class's spells and tell the listeners. Call inside the transaction that changed marks, after its
    audit row: the school's other writers then wait, and nothing that the listeners read is about to change.

    The spells are those of today, whichever day was reported or corrected: an old day bears on the present spell, and
    alerts follow the present alone. Who has just read the class's book up to today, and put the new marks in, passes
    it on.
    """
    today = dates.today()
    rules = rules or rules_on(classroom.school_id, today)
    spells = _spells(book, {classroom.pk}) if book else spells_of_class(classroom, today, rules)
    return _tell(Recount(classroom.school_id, classroom.pk, today, rules, spells, actor))


def roll_changed(school: Unit, classrooms: frozenset[int], actor: User | None) -> None:
    """After an 异动: the alerts of the classes that it touched follow the new roll."""
    for classroom in Classroom.objects.filter(pk__in=classrooms, school=school):
        recompute(classroom=classroom, actor=actor)


def recompute_school(*, school: Unit) -> list[Spell]:
    """The same for all classes of a school: nightly, and after the calendar, the roll or the rules have changed."""
    today = dates.today()
    with transaction.atomic():
        audit.queue(school.pk)
        rules = rules_on(school, today)
        return _tell(Recount(school.pk, None, today, rules, spells_of_school(school, today, rules), None))


def recompute_all() -> int:
    """The same for all schools, each in a transaction of its own. Returns how many pupils stand in a spell."""
    return sum(len(recompute_school(school=school)) for school in Unit.objects.schools())


def _tell(recount: Recount) -> list[Spell]:
    for listener in listeners:
        listener(recount)
    return recount.spells
