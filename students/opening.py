"""开学报到: who is due at the start of a term, who has come, who has not, and of whom nobody has said anything.

未登记 is a state of its own: silence is neither arrival nor absence, and nothing but a person's word ends it.
"""

import datetime
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Count, FilteredRelation, Q

from kongchuo import dates
from schools import audit
from schools.codes import Role, Verb
from schools.models import Classroom, Term, User
from schools.policy import rules_on
from students.codes import AbsentReason
from students.models import Enrollment, Registration, Student
from students.models.roll import UNLISTED, EnrollmentQuerySet
from students.roll import RollRefusal, covers

FRIDAY = 4
WEEK = 7


class Said(models.TextChoices):
    """What has been said of a pupil who is due."""

    ARRIVED = "arrived", "已报到"
    ABSENT = "absent", "未报到"
    SILENT = "silent", "未登记"


def said_by(row: Registration | None) -> Said:
    return Said.SILENT if row is None else Said.ARRIVED if row.arrived_on else Said.ABSENT


# Filled by upper apps at start-up. Each tells of pupils who have not registered what speaks for their being here
# (「2/24起的日报没有记缺勤」). A hint for a person, never a registration: {key of the pupil: words}.
presence_hints: list[Callable[[Term, Collection[int]], dict[int, str]]] = []


# --- The term and its days ------------------------------------------------------------------------------------
def term_for(school: Any, day: datetime.date) -> Term | None:
    """The term that runs on a day, or between terms the one to come. None where the calendar ends before it."""
    return Term.objects.filter(school=school, ends_on__gte=day).order_by("starts_on").first()


def closing_day(term: Term) -> datetime.date:
    """开学第一周周五, or that of the week which the school's rule `register_until` names.

    A term that begins at a weekend has its first week after it.
    """
    week = max(rules_on(term.school_id, term.starts_on).count("register_until"), 1)
    ahead = (FRIDAY - term.starts_on.weekday()) % WEEK
    return term.starts_on + datetime.timedelta(days=ahead + (week - 1) * WEEK)


def label_day(term: Term) -> datetime.date:
    """The day by which classes are named: a term that begins in August already has the grades of September."""
    return max(term.starts_on, datetime.date(term.school_year, 9, 1)) if term.number == 1 else term.starts_on


def due(term: Term, day: datetime.date) -> EnrollmentQuerySet:
    """应报到: who is expected in class on the term's first day, and who has joined since, up to the closing day.

    Who has left or been suspended by a recorded 异动 within those days is due no more. One stretch a pupil.
    """
    as_of = min(max(day, term.starts_on), closing_day(term))
    classes = Classroom.objects.filter(school=term.school_id).open_on(label_day(term)).order_by()
    seats: EnrollmentQuerySet = Enrollment.objects.in_force(as_of).expected().filter(classroom__in=classes)
    return seats.annotate(
        said=FilteredRelation(
            "student__registrations", condition=Q(student__registrations__term=term.pk)
        )  # the pupil's word in this term, if there is one
    )


_WHERE: dict[str, Q] = {
    Said.ARRIVED: Q(said__arrived_on__isnull=False),
    Said.ABSENT: Q(said__pk__isnull=False, said__arrived_on__isnull=True),
    Said.SILENT: Q(said__pk__isnull=True),
}


def only(seats: EnrollmentQuerySet, said: str) -> EnrollmentQuerySet:
    """Those of whom this has been said; all of them for an empty word."""
    return seats.filter(_WHERE[said]) if said else seats


def outstanding(term: Term, day: datetime.date) -> EnrollmentQuerySet:
    """Due, and still expected in class on this day: what is left to be done about a registration concerns them."""
    expected = Enrollment.objects.in_force(max(day, term.starts_on)).expected()
    return due(term, day).filter(student__in=expected.values("student"))


# --- Lists and counts -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """One pupil who is due: the seat, what was said, and what else speaks for the pupil's being here."""

    seat: Enrollment
    row: Registration | None
    label: str  # of the class, in the term's school year
    hint: str = ""

    @property
    def student(self) -> Student:
        return self.seat.student

    @property
    def said(self) -> Said:
        return said_by(self.row)


def lines(term: Term, seats: EnrollmentQuerySet, *, hints: bool = True, whole: bool = False) -> list[Line]:
    """Pupils who are due, by class and seat, with what was said of each. As many queries for 2 as for 200.

    `whole` brings along what a list for others needs: numbers and family; it has no use for hints.
    """
    seats = seats.select_related("student", "classroom")
    if whole:
        seats, hints = seats.prefetch_related("student__guardians"), False
    else:
        seats = seats.defer(*(f"student__{name}" for name in UNLISTED))
    rows: Sequence[Enrollment] = list(
        seats.order_by("-classroom__stage", "-classroom__entry_year", "classroom__number", "seat_no", "pk")
    )
    keys = [row.student_id for row in rows]
    said = {
        row.student_id: row
        for row in Registration.objects.filter(term=term, student__in=keys).select_related("recorded_by")
    }
    missing = [key for key in keys if said_by(said.get(key)) != Said.ARRIVED]
    known = hints_of(term, missing) if hints else {}
    named_on = label_day(term)
    return [
        Line(row, said.get(row.student_id), row.classroom.label_on(named_on), known.get(row.student_id, ""))
        for row in rows
    ]


def hints_of(term: Term, keys: Collection[int]) -> dict[int, str]:
    """What speaks for the presence of pupils who have not registered, in words."""
    found: dict[int, str] = {}
    for source in presence_hints if keys else ():
        found |= source(term, keys)
    return found


@dataclass(frozen=True)
class Tally:
    """应报到 = 已报到 + 未报到 + 未登记, of one class or of all."""

    due: int = 0
    arrived: int = 0
    absent: int = 0

    @property
    def silent(self) -> int:
        return self.due - self.arrived - self.absent

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.due + other.due, self.arrived + other.arrived, self.absent + other.absent)


def tallies(seats: EnrollmentQuerySet) -> dict[int, Tally]:
    """The counts of each class among seats from `due`. One query."""
    counted = (
        seats.values("classroom")
        .annotate(due=Count("pk"), known=Count("said__pk"), arrived=Count("said__arrived_on"))
        .values_list("classroom", "due", "arrived", "known")
    )
    return {key: Tally(due, arrived, known - arrived) for key, due, arrived, known in counted}


# --- Verbs --------------------------------------------------------------------------------------------------------
def arrive(
    *, actor: User, term: Term, student: Student, on: datetime.date | None = None, seen: str | None = None
) -> Registration:
    """已报到, on a day (today, unless told otherwise). Raises RollRefusal.

    With `seen` the registration must still stand as the page showed it: of two people the second is told.
    """
    day = on or dates.today()
    _check_day(term, day)
    facts = {"arrived_on": day, "reason": "", "note": ""}
    return _say(actor, term, student, facts, seen)


def miss(
    *, actor: User, term: Term, student: Student, reason: str = "", note: str = "", seen: str | None = None
) -> Registration:
    """未报到, with the reason as far as it is known. Raises RollRefusal."""
    if reason == AbsentReason.OTHER and not note.strip():
        raise RollRefusal("原因选「其他」的，请在说明里写清楚。")
    return _say(actor, term, student, {"arrived_on": None, "reason": reason, "note": note.strip()}, seen)


def take_back(*, actor: User, term: Term, student: Student, seen: str | None = None) -> None:
    """A word said by mistake: the pupil is 未登记 again."""
    with transaction.atomic():
        row = _held(actor, term, student, seen)
        if row is None:
            raise RollRefusal("这名学生还没有登记，不用撤回。")
        row.delete()
        audit.record(
            Verb.REGISTRATION, unit=term.school_id, actor=actor, about=student, term=term.pk,
            registered=Said.SILENT,
        )  # fmt: skip


def all_arrived(*, actor: User, term: Term, classroom: Classroom) -> tuple[int, int]:
    """已报到 for everybody in the class of whom nothing was said yet. Who stands as 未报到 stays so.

    Returns how many were registered, and how many stand as 未报到 and were left alone.
    """
    today = dates.today()
    _check_day(term, today)
    with transaction.atomic():
        audit.queue(term.school_id)
        _require(actor, term, classroom.pk)
        seats = due(term, today).filter(classroom=classroom)
        silent = list(only(seats, Said.SILENT).values_list("student_id", flat=True))
        left = only(seats, Said.ABSENT).count()
        Registration.objects.bulk_create(
            Registration(term=term, student_id=key, arrived_on=today, recorded_by=actor) for key in silent
        )
        if silent:
            audit.record(
                Verb.REGISTRATION, unit=term.school_id, actor=actor, about=classroom, term=term.pk,
                registered=Said.ARRIVED, pupils=silent,
            )  # fmt: skip
    return len(silent), left


def _say(actor: User, term: Term, student: Student, facts: dict[str, Any], seen: str | None) -> Registration:
    with transaction.atomic():
        _held(actor, term, student, seen)
        row, _ = Registration.objects.update_or_create(
            term=term, student=student, defaults=facts | {"recorded_by": actor, "recorded_at": dates.now()}
        )
        audit.record(
            Verb.REGISTRATION, unit=term.school_id, actor=actor, about=student, term=term.pk,
            registered=said_by(row), on=row.arrived_on, absent_reason=row.reason,
        )  # fmt: skip
    return row


def _held(actor: User, term: Term, student: Student, seen: str | None) -> Registration | None:
    """The pupil's registration, with the school's queue held; refused when it is not what the page showed."""
    audit.queue(term.school_id)
    seat = due(term, dates.today()).filter(student=student).first()
    if seat is None:
        raise RollRefusal("这名学生本学期不在应报到名单上，请先看学籍。")
    _require(actor, term, seat.classroom_id)
    row = Registration.objects.filter(term=term, student=student).select_related("recorded_by").first()
    if seen is not None and seen != said_by(row):
        whose = f"{row.recorded_by.name}{dates.clock(row.recorded_at)}登记为" if row else "刚刚有人改回"
        raise RollRefusal(f"{student.name}：{whose}「{said_by(row).label}」，请看最新的情况再改。")
    return row


def _require(actor: User, term: Term, classroom_id: int) -> None:
    heads = any(d.role == Role.HEAD_TEACHER and d.classroom_id == classroom_id for d in actor.duties_today)
    if not heads and not covers(actor, term.school_id):
        raise RollRefusal("报到由本班班主任或教务登记，您现在的岗位不能登记。")


def _check_day(term: Term, day: datetime.date) -> None:
    if day > dates.today():
        raise RollRefusal("报到日期不能晚于今天。")
    before = Term.objects.filter(school=term.school_id, ends_on__lt=term.starts_on).order_by("-ends_on").first()
    if before and day <= before.ends_on:
        raise RollRefusal(f"报到日期还在上一学期（{dates.chinese(before.ends_on)}结束），请核对。")


def reasons(rows: Iterable[Registration]) -> list[tuple[str, int]]:
    """How often each reason was given, in the order of the code list."""
    given = [row.reason for row in rows]
    return [(reason.label, given.count(reason)) for reason in AbsentReason if reason in given]
