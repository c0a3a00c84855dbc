"""What the cases want to know of the daily report, and what they tell it.

The machine opens a case as a warning (待认定) and withdraws it while nobody has acted on it; the rest is for people.
"""

import datetime
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from attendance import detection, presence, rollcall
from attendance.codes import PRESENT, Session
from attendance.detection import Recount, Spell, Standing
from attendance.models import Mark
from followups import opening, stages
from followups.codes import Outcome, Stage
from followups.models import Case
from kongchuo.prepared import Prepared
from schools.models import Classroom, Unit
from students.models import Enrollment


def connect() -> None:
    """Register with the lower apps; called once at start-up."""
    detection.listeners.append(watch)
    rollcall.premark_sources.append(open_case_reasons)


def watch(recount: Recount) -> None:
    """Open a warning for each spell that has reached the threshold, and withdraw those that no longer stand.

    Runs in the transaction of the recomputation, behind the school's audit queue. One query when nothing changes.
    """
    reached = {
        spell.student_id: spell
        for spell in recount.spells
        if detection.standing(spell, recount.threshold) == Standing.SUSPECTED
    }
    cases = _open_cases(recount)
    known = {case.student_id for case in cases}
    _withdraw([case for case in cases if case.student_id not in reached and case.stage == Stage.IDENTIFY], recount.on)
    _open([spell for pk, spell in reached.items() if pk not in known], recount.on)


class OpenCase(NamedTuple):
    pk: int
    student_id: int
    stage: str


def _open_cases(recount: Recount) -> list[OpenCase]:
    """Open cases of the pupils whose spells were recomputed. Who left class keeps his case for a person."""
    if recount.classroom_id:
        return [OpenCase(*row) for row in _open_in_class(recount.classroom_id, recount.on)]
    classrooms = Classroom.objects.filter(school=recount.school_id).open_on(recount.on).order_by()
    cases = _open_of(Q(classroom__in=classrooms.values("pk")), recount.on).filter(school=recount.school_id)
    return [OpenCase(*row) for row in cases.values_list(*OpenCase._fields)]


def _open_of(classrooms: Q, on: Any) -> QuerySet[Case]:
    """Open cases of the pupils who sit in these classes on a day."""
    seats = Enrollment.objects.in_force(on).expected().filter(classrooms)
    return Case.objects.open().filter(student__in=seats.values("student"))


_open_in_class = Prepared(lambda classroom, on: _open_of(Q(classroom=classroom), on).values_list(*OpenCase._fields))


def _withdraw(cases: list[OpenCase], on: datetime.date) -> None:
    """认定前已到校 where somebody said on purpose that the child was there since; else the marks were corrected."""
    if not cases:
        return
    untouched = list(Case.objects.filter(pk__in=[case.pk for case in cases]).untouched())
    said = Mark.objects.filter(
        student__in=[case.student_id for case in untouched], code__in=PRESENT, report__session=Session.MORNING
    )
    there = set(said.filter(on__lte=on).values_list("student_id", "on"))
    for case in untouched:
        back = any(student_id == case.student_id and day >= case.opened_on for student_id, day in there)
        stages.withdraw_alert(case=case, outcome=Outcome.CAME_BACK if back else Outcome.CORRECTED, on=on)


def _open(spells: list[Spell], on: datetime.date) -> None:
    """One warning a spell: none where a person has closed a case on or after the first day of the unexcused run."""
    if not spells:
        return
    pupils = [spell.student_id for spell in spells]
    closings = Case.objects.filter(student__in=pupils, closed_by__isnull=False).order_by("closed_on")
    handled = {pk: day for pk, day in closings.values_list("student_id", "closed_on") if day}
    seats = Enrollment.objects.in_force(on).expected().filter(student__in=pupils).select_related("classroom")
    seat_of = {seat.student_id: seat for seat in seats}
    for spell in spells:
        if handled.get(spell.student_id, datetime.date.min) < spell.run[0][0]:
            opening.open_alert(seat=seat_of[spell.student_id], spell=spell)


_with_open_case = Prepared(
    lambda classroom, on: (
        _open_of(Q(classroom=classroom), on)
        .filter(Q(spell_from__lte=on) | Q(spell_from=None, opened_on__lte=on))
        .values_list("student_id")
    )
)


def open_case_reasons(classroom: Classroom, on: datetime.date) -> dict[int, str]:
    """Pupils of a class who stand pre-marked 未到 on a day because their case is open, with the reason."""
    return {pk: "有未销号个案" for (pk,) in _with_open_case(classroom.pk, on)}


@dataclass(frozen=True)
class BrokenWatch:
    """A pupil who came back, whose case was closed, and who was missed without excuse within the watch."""

    case: Case
    days: tuple[datetime.date, ...]


def broken_watches(school: Unit, on: datetime.date) -> list[BrokenWatch]:
    """复学跟踪 alerts: one unexcused day within the watch is enough. Six queries at most, seven after a class change.

    A watch ends where a later case has begun: that pupil stands among the open cases, or in that case's own watch.
    """
    later = Case.objects.filter(Q(closed_on=None) | Q(closed_by__isnull=False), student=OuterRef("student"))
    closed = Case.objects.filter(school=school, outcome=Outcome.RETURNED, watch_until__gte=on)
    closed = closed.exclude(Exists(later.filter(pk__gt=OuterRef("pk"))))
    cases = {case.student_id: case for case in closed.select_related("student", "classroom")}
    watches = {
        pk: (case.closed_on, case.watch_until) for pk, case in cases.items() if case.closed_on and case.watch_until
    }
    missed = presence.missed_days(school_id=school.pk, watches=watches, on=on)
    return [BrokenWatch(cases[pk], days) for pk, days in missed.items()]
