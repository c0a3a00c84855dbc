"""毕业班整班移交: a finished class handed to its junior or senior school by name, and who has arrived there."""

import datetime
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse

from kongchuo import dates
from schools import audit
from schools.codes import Stage, Verb
from schools.models import Classroom, Term, Unit, User
from students import opening, todos
from students.codes import AbsentReason, Change
from students.models import Enrollment, HandedOver, Handover, Student
from students.roll import RollRefusal, covers
from students.todos import Todo


def finishing(school: Unit, day: datetime.date) -> list[Classroom]:
    """Classes in their last grade on this day, and those that finished the summer before; not yet handed over."""
    year = dates.school_year(day)
    rooms = Classroom.objects.filter(school=school, closed_on__isnull=True, handovers__isnull=True).in_order()
    last = {Stage.PRIMARY: (year - 5, year - 6), Stage.JUNIOR: (year - 2, year - 3)}
    return [room for room in rooms if room.entry_year in last[Stage(room.stage)]]


def seats(classroom: Classroom) -> list[Enrollment]:
    """Who belongs to a finished class: who has graduated from it, and who is still on its roll. By seat.

    借读 pupils are not handed over: their 学籍 is another school's.
    """
    rows = Enrollment.objects.standing().held_here().filter(classroom=classroom).select_related("student")
    found = [row for row in rows.order_by("seat_no", "pk") if row.ends_on is None or row.ended_by == Change.GRADUATION]
    return list({row.student_id: row for row in found}.values())


def create(
    *, actor: User, classroom: Classroom, to_school: str, on: datetime.date, handed_by: str = "", taken_by: str = ""
) -> Handover:
    """The list of names is drawn up as the class stands now. Raises RollRefusal."""
    _require(actor, classroom.school_id)
    with transaction.atomic():
        audit.queue(classroom.school_id)
        if classroom.handovers.exists():
            raise RollRefusal("这个班已经建过移交名册，请打开原来的那份。")
        if classroom not in finishing(classroom.school, on):
            raise RollRefusal(f"{classroom.label_on(on)}不是毕业班，不能整班移交。")
        pupils = seats(classroom)
        if not pupils:
            raise RollRefusal("这个班没有学生，不能移交。")
        handover = Handover.objects.create(
            school=classroom.school, classroom=classroom, to_school=to_school.strip(), on=on,
            handed_by=handed_by.strip(), taken_by=taken_by.strip(), recorded_by=actor,
        )  # fmt: skip
        HandedOver.objects.bulk_create(HandedOver(handover=handover, student=seat.student) for seat in pupils)
        audit.record(
            Verb.ROLL, unit=classroom.school_id, actor=actor, about=handover, classroom=classroom.pk,
            handed_over=len(pupils), on=on,
        )  # fmt: skip
    return handover


@dataclass(frozen=True)
class Line:
    """One pupil of a handover with the stretch that tells the condition (在读、休学、送教), and a hint of arrival."""

    row: HandedOver
    seat: Enrollment | None
    hint: str = ""

    @property
    def student(self) -> Student:
        return self.row.student


def lines(handover: Handover) -> list[Line]:
    """The pupils of a handover by seat. Four queries."""
    rows = list(handover.pupils.select_related("student").prefetch_related("student__guardians"))
    known = {seat.student_id: seat for seat in seats(handover.classroom)}
    now = Enrollment.objects.in_force(dates.today()).filter(student__in=[row.student_id for row in rows])
    elsewhere = now.exclude(classroom=handover.classroom_id).select_related("classroom")
    here = {seat.student_id: f"本校在册：{seat.classroom.label}" for seat in elsewhere}
    found = [Line(row, known.get(row.student_id), here.get(row.student_id, "")) for row in rows]
    return sorted(found, key=lambda line: (line.seat.seat_no or 0 if line.seat else 0, line.row.pk))


def digest(rows: list[HandedOver]) -> str:
    """What stood on the page, in short: of two people at once the second is told."""
    text = ";".join(f"{row.pk},{row.arrived_on},{row.reason},{row.note}" for row in sorted(rows, key=lambda r: r.pk))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Word:
    """What is said of one pupil: come, or not and why."""

    arrived: bool
    reason: str = ""
    note: str = ""


def tell_arrivals(
    *, actor: User, handover: Handover, words: Mapping[int, Word], on: datetime.date, seen: str
) -> tuple[int, int]:
    """Who has arrived at the new school, by a day, and why others have not: {key of the row: word}.

    Rows without a word stay. Returns how many rows changed and how many have still not arrived.
    """
    _require(actor, handover.school_id)
    if on > dates.today():
        raise RollRefusal("到校日期不能晚于今天。")
    with transaction.atomic():
        audit.queue(handover.school_id)
        rows = list(handover.pupils.all())
        if seen != digest(rows):
            raise RollRefusal("这份名册刚刚有人改过，请看最新的情况再登记。")
        changed = [row for row in rows if row.pk in words and _take(row, words[row.pk], on)]
        HandedOver.objects.bulk_update(changed, ("arrived_on", "reason", "note"))
        if changed:
            audit.record(
                Verb.ROLL, unit=handover.school_id, actor=actor, about=handover, on=on,
                arrived=[row.student_id for row in changed if row.arrived_on],
                not_arrived=[row.student_id for row in changed if not row.arrived_on],
            )  # fmt: skip
    return len(changed), sum(row.arrived_on is None for row in rows)


def _take(row: HandedOver, word: Word, on: datetime.date) -> bool:
    """Whether the word says anything new of the pupil; it is then written on the row."""
    facts: tuple[datetime.date | None, str, str]
    if word.arrived:
        facts = (row.arrived_on or on, "", "")
    else:
        if word.reason == AbsentReason.OTHER and not word.note.strip():
            raise RollRefusal("未报到原因选「其他」的，请写清楚说明。")
        facts = (None, word.reason, word.note.strip()[:120])
    if facts == (row.arrived_on, row.reason, row.note):
        return False
    row.arrived_on, row.reason, row.note = facts
    return True


def _require(actor: User, school: int) -> None:
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能办整班移交。")


def due_on(school: int, year: int) -> datetime.date | None:
    """By when who was handed over in a year has to have arrived: the autumn term's first Friday, by our own calendar.

    None while that term is not set.
    """
    autumn = Term.objects.filter(school=school, school_year=year, number=1).first()
    return opening.closing_day(autumn) if autumn else None


def of_school(user: User, school: Unit, day: datetime.date) -> Iterator[Todo]:
    """Graduates handed over in the summer before this school year who have not arrived."""
    year = dates.school_year(day)
    missing = Count("pupils", filter=Q(pupils__arrived_on__isnull=True))
    rows = list(Handover.objects.filter(school=school, on__year=year).annotate(away=missing).filter(away__gt=0))
    until = due_on(school.pk, year) if rows else None
    for row in rows:
        url = reverse("students:handover", args=(row.pk,))
        text = f"{row.away}名移交的毕业生还没有到{row.to_school}报到"
        yield Todo(text, url, row.away, overdue=bool(until and day > until))


def connect() -> None:
    todos.for_office.append(of_school)
