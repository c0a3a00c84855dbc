"""Whole invented terms, read by the loaders and by a reader who knows nothing of windows and indexes."""

import datetime
import random

import pytest

from attendance.codes import ABSENT, EXCUSED
from attendance.detection import spells_of_all, spells_of_class
from attendance.models import DailyReport, Mark
from kongchuo import dates
from schools import calendar
from schools.models import Classroom, SchoolDay
from students.codes import Change
from students.models import Enrollment, Student
from students.services import change_enrollment
from tests.attendance.saying import day, report
from tests.cast import Cast


def meet_a_fate(cast: Cast, chance: random.Random, child: Student, days: list[datetime.date]) -> None:
    """Half of the pupils change class, are suspended, come late, leave, or stood on the wrong roll."""
    row = child.enrollments.get()
    other = cast.eight if row.classroom_id == cast.seven.pk else cast.seven
    cut = chance.choice(days[2:-2])
    rows = Enrollment.objects.filter(pk=row.pk)

    def change(on: datetime.date, kind: str, **to: object) -> None:
        change_enrollment(actor=cast.clerk, student=child, from_day=on, change=kind, basis="校内调整", **to)

    match chance.randrange(9):
        case 0:
            change(cut, Change.CLASS, classroom=other)
        case 1:
            change(cut, Change.SUSPENSION)
        case 2:
            change(cut, Change.SUSPENSION)
            change(chance.choice([on for on in days if on > cut]), Change.RESUMPTION)
        case 3:
            rows.update(starts_on=cut)
        case 4:
            rows.update(voided_at=dates.now(), void_reason="录错班级")
            Enrollment.objects.create(student=child, classroom=other, starts_on=days[0])
        case 5:
            rows.update(ends_on=cut, ended_by=Change.TRANSFER_OUT)


def live(cast: Cast, chance: random.Random, days: list[datetime.date]) -> None:
    """Reports with gaps; absences that last; marks by a class that the pupil has left or not yet entered."""
    away: set[int] = set()
    for on in days:
        for room in (cast.seven, cast.eight):
            if chance.random() < 0.8:
                said = say(chance, room, cast.pupils + cast.others, away)
                report(room, on, cast.head, said)
                away = away - {child.pk for child in said} | {child.pk for child in said if said[child] in ABSENT}
        if chance.random() < 0.2:
            verify(chance, on)


def say(chance: random.Random, room: Classroom, children: list[Student], away: set[int]) -> dict[Student, str]:
    here = [child for child in children if child.enrollments.filter(classroom=room).exists()]
    return {
        child: chance.choice("UUWSACNPLEO") for child in here if chance.random() < (0.7 if child.pk in away else 0.25)
    }


def verify(chance: random.Random, on: datetime.date) -> None:
    """The office says otherwise of one pupil."""
    if mark := Mark.objects.filter(on=on).first():
        Mark.objects.filter(pk=mark.pk).update(office_code=chance.choice("PSU"))


def naively(child: Student, on: datetime.date) -> tuple[int, int, int] | None:
    """Absent, unexcused and unreported days, day by day from the beginning, one question at a time."""
    absent = unexcused = silent = 0
    if not child.enrollments.in_force(on).expected().exists():
        return None
    for current in calendar.each_day(day("2026-02-23"), on):
        seat = child.enrollments.in_force(current).expected().first()
        if seat is None or not calendar.is_school_day(child.school_id, current, seat.classroom.grade_on(current)):
            continue
        marks = Mark.objects.filter(student=child, on=current, report__session="am").order_by("pk")
        mark = marks.filter(report__classroom=seat.classroom).last() or marks.last()
        if mark and mark.code in ABSENT:
            absent, unexcused = absent + 1, 0 if mark.code in EXCUSED else unexcused + 1
        elif mark or DailyReport.objects.filter(classroom=seat.classroom, on=current, session="am").exists():
            absent = unexcused = silent = 0
        elif absent:
            silent += 1
    return (absent, unexcused, silent) if absent else None


@pytest.mark.parametrize("seed", range(6))
def test_a_lived_term_counts_as_the_naive_way(cast: Cast, at_day, seed: int) -> None:
    chance = random.Random(seed)
    calendar.close_day(actor=cast.clerk, school=cast.school, on=day("3-12"), reason="七年级停课", grade=7)
    days = list(
        SchoolDay.objects.filter(school=cast.school).order_by("on").values_list("on", flat=True).distinct()[:20]
    )
    for child in cast.pupils + cast.others:
        meet_a_fate(cast, chance, child, days)
    live(cast, chance, days)
    at_day(days[-1], 12)
    for on in (days[6], days[12], days[-1]):
        wanted = {child.pk: found for child in cast.pupils + cast.others if (found := naively(child, on))}
        by_class = [spell for room in (cast.seven, cast.eight) for spell in spells_of_class(room, on)]
        assert {s.student_id: (s.absent, s.unexcused, s.unreported) for s in by_class} == wanted
        of_all = dict(spells_of_all(on))
        assert of_all == {
            cast.school: sorted(by_class, key=lambda s: (s.classroom_id, s.seat_no or 0)),
            cast.far_school: [],
        }
