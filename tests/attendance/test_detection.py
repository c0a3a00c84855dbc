"""Spells over calendar, roll and reports, as the database holds them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance import detection
from attendance.codes import MarkCode, Session
from attendance.daybook import DayBook
from attendance.detection import Spell, spells_of_class, spells_of_school
from attendance.models import Mark
from kongchuo import dates
from schools import calendar
from schools.models import Classroom
from schools.policy import rules_on
from students import roll
from students.codes import Change
from students.models import Enrollment, Student
from students.services import change_enrollment
from tests.attendance.saying import day, report, report_days
from tests.cast import Cast, make_pupil


def spell_of(student: Student, classroom: Classroom, on: str) -> Spell | None:
    return next((s for s in spells_of_class(classroom, day(on)) if s.student_id == student.pk), None)


def told(spell: Spell | None) -> str:
    return spell.in_words if spell else ""


@pytest.mark.parametrize(
    ("first", "codes", "last", "dates_hit"),
    [
        ("3-5", "UUU", "3-9", ["3-5", "3-6", "3-9"]),  # a weekend
        ("4-2", "UUU", "4-7", ["4-2", "4-3", "4-7"]),  # 清明 4-4 to 4-6
        ("4-29", "UUU", "5-6", ["4-29", "4-30", "5-6"]),  # 劳动节 5-1 to 5-5
        ("5-7", "UUU", "5-9", ["5-7", "5-8", "5-9"]),  # Saturday 5-9 is a working day (调休)
        ("2-26", "UUU", "2-28", ["2-26", "2-27", "2-28"]),  # and so is Saturday 2-28
    ],
)
def test_only_school_days_count(cast: Cast, at_day, first, codes, last, dates_hit) -> None:
    at_day(day(last), 11)
    report_days(cast.seven, cast.head, cast.pupils[0], first, codes)
    spell = spell_of(cast.pupils[0], cast.seven, last)
    assert spell is not None
    assert [on for on, _ in spell.days] == [day(text) for text in dates_hit]
    assert spell.unexcused == 3


def test_a_weekend_spent_on_it_changes_nothing(cast: Cast, at_day) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-4", ".UU")
    at_day("2026-03-08", 20)
    spell = spell_of(cast.pupils[0], cast.seven, "3-8")
    assert told(spell) == "缺勤2天"
    assert spell is not None
    assert (spell.last_present_on, spell.next_on) == (day("3-4"), day("3-9"))


def test_a_day_closed_for_snow_does_not_count_and_a_made_up_sunday_does(cast: Cast, at_day) -> None:
    calendar.close_day(actor=cast.clerk, school=cast.school, on=day("3-4"), reason="冰雪停课")
    calendar.open_day(actor=cast.clerk, school=cast.school, on=day("3-8"), note="补3月4日的课")
    days = report_days(cast.seven, cast.head, cast.pupils[0], "3-3", "UUUU")
    assert days == [day("3-3"), day("3-5"), day("3-6"), day("3-8")]
    at_day("2026-03-08", 20)
    assert told(spell_of(cast.pupils[0], cast.seven, "3-8")) == "缺勤4天"


def test_a_day_on_which_only_another_grade_came_does_not_count(cast: Cast) -> None:
    calendar.close_day(actor=cast.clerk, school=cast.school, on=day("3-10"), reason="七年级停课", grade=7)
    report(cast.seven, "3-9", cast.head, {cast.pupils[0]: "U"})
    report(cast.eight, "3-9", cast.other_head, {cast.others[0]: "U"})
    report(cast.eight, "3-10", cast.other_head, {cast.others[0]: "U"})
    assert told(spell_of(cast.pupils[0], cast.seven, "3-10")) == "缺勤1天"
    assert told(spell_of(cast.others[0], cast.eight, "3-10")) == "缺勤2天"


def test_a_silent_day_neither_breaks_nor_counts(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-4", "UU U")
    assert told(spell_of(cast.pupils[0], cast.seven, "3-9")) == "缺勤3天＋未报1天"


def test_silence_before_the_first_absence_is_not_part_of_it(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-2", ".  U")
    spell = spell_of(cast.pupils[0], cast.seven, "3-5")
    assert told(spell) == "缺勤1天"
    assert spell is not None
    assert spell.last_present_on == day("3-2")


def test_today_is_silent_only_after_the_schools_lock_time(cast: Cast, at_day) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-9", "UU")
    at_day("2026-03-11", 9, 59)
    assert told(spell_of(cast.pupils[0], cast.seven, "3-11")) == "缺勤2天"
    at_day("2026-03-11", 10, 0)
    assert told(spell_of(cast.pupils[0], cast.seven, "3-11")) == "缺勤2天＋未报1天"
    at_day("2026-03-12", 7, 0)
    assert told(spell_of(cast.pupils[0], cast.seven, "3-11")) == "缺勤2天＋未报1天"
    assert told(spell_of(cast.pupils[0], cast.seven, "3-12")) == "缺勤2天＋未报1天"


@pytest.mark.parametrize("code", [MarkCode.PRESENT, MarkCode.LATE, MarkCode.EARLY, MarkCode.OFFICIAL])
def test_every_kind_of_presence_breaks(cast: Cast, code: str) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-3", f"UUUU{code}")
    assert spell_of(cast.pupils[0], cast.seven, "3-9") is None


def test_the_offices_verified_value_decides(cast: Cast) -> None:
    days = report_days(cast.seven, cast.head, cast.pupils[0], "3-5", "UUU")
    Mark.objects.filter(student=cast.pupils[0], on=days[1]).update(office_code=MarkCode.PRESENT)
    assert told(spell_of(cast.pupils[0], cast.seven, "3-9")) == "缺勤1天"
    Mark.objects.filter(student=cast.pupils[0], on=days[1]).update(office_code=MarkCode.SICK)
    assert told(spell_of(cast.pupils[0], cast.seven, "3-9")) == "缺勤3天（无故1天）"


def test_corrections_count_in_both_directions(cast: Cast) -> None:
    days = report_days(cast.seven, cast.head, cast.pupils[0], "3-5", "UWU")
    report(cast.seven, days[1], cast.head, {cast.pupils[0]: ""})
    assert told(spell_of(cast.pupils[0], cast.seven, "3-9")) == "缺勤1天"
    report(cast.seven, days[1], cast.head, {cast.pupils[0]: "W"})
    assert told(spell_of(cast.pupils[0], cast.seven, "3-9")) == "缺勤3天"


def test_late_reports_make_a_spell_jump(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-4", "U  U")
    assert told(spell_of(cast.pupils[0], cast.seven, "3-9")) == "缺勤2天＋未报2天"
    report_days(cast.seven, cast.head, cast.pupils[0], "3-5", "UU")
    assert told(spell_of(cast.pupils[0], cast.seven, "3-9")) == "缺勤4天"


def test_an_afternoon_report_neither_makes_nor_breaks_an_absence(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-9", "UU")
    report(cast.seven, "3-10", cast.head, session=Session.AFTERNOON)
    report(cast.seven, "3-10", cast.head, {cast.pupils[1]: "U"}, session=Session.AFTERNOON)
    assert told(spell_of(cast.pupils[0], cast.seven, "3-10")) == "缺勤2天"
    assert spell_of(cast.pupils[1], cast.seven, "3-10") is None


def test_who_joined_yesterday_has_no_days_before(cast: Cast, at_day) -> None:
    new = make_pupil(cast.school, cast.seven, 40, "新来", 40, starts_on=day("3-10"))
    for on in ("3-5", "3-6", "3-9"):
        report(cast.seven, on, cast.head)
    report(cast.seven, "3-10", cast.head, {new: "U"})
    at_day("2026-03-10", 12)
    spell = spell_of(new, cast.seven, "3-10")
    assert told(spell) == "缺勤1天"
    assert spell is not None
    assert spell.last_present_on is None


def move(cast: Cast, student: Student, from_day: str, **change: object) -> None:
    change_enrollment(actor=cast.clerk, student=student, from_day=day(from_day), basis="校内调整", **change)


def test_a_spell_goes_with_the_child_into_another_class(cast: Cast) -> None:
    child = cast.pupils[0]
    report_days(cast.seven, cast.head, child, "3-5", "UU")
    move(cast, child, "3-9", change=Change.CLASS, classroom=cast.eight, seat_no=50)
    report(cast.eight, "3-9", cast.other_head, {child: "U"})
    assert spell_of(child, cast.seven, "3-9") is None
    spell = spell_of(child, cast.eight, "3-9")
    assert told(spell) == "缺勤3天"
    assert spell is not None
    assert spell.seat_no == 50
    assert [s.student_id for s in spells_of_school(cast.school, day("3-9"))] == [child.pk]


def test_a_change_of_class_entered_days_later_hides_nobody(cast: Cast) -> None:
    """The old class reported him absent until the change was entered; the new one, without knowing him, 全到."""
    child = cast.pupils[0]
    report_days(cast.seven, cast.head, child, "3-5", "UUU.")
    for on in ("3-5", "3-6", "3-9"):
        report(cast.eight, on, cast.other_head)
    move(cast, child, "3-6", change=Change.CLASS, classroom=cast.eight)
    assert told(spell_of(child, cast.eight, "3-10")) == "缺勤3天＋未报1天"
    assert [s.student_id for s in spells_of_school(cast.school, day("3-10"))] == [child.pk]
    report(cast.eight, "3-9", cast.other_head, {child: "P"})  # his own class's word comes first
    assert spell_of(child, cast.eight, "3-10") is None
    assert spells_of_school(cast.school, day("3-10")) == []


def test_a_voided_stretch_leaves_its_marks_in_force(cast: Cast) -> None:
    """Put on the wrong roll by mistake, reported absent there, voided and replaced."""
    child = cast.pupils[0]
    report_days(cast.seven, cast.head, child, "3-5", "UUU.")
    report(cast.eight, "3-9", cast.other_head)
    Enrollment.objects.filter(student=child).update(voided_at=dates.now(), void_reason="录错班级")
    roll.enter([Enrollment(student=child, classroom=cast.eight, seat_no=9, starts_on=day("3-2"))], actor=None)
    assert told(spell_of(child, cast.eight, "3-10")) == "缺勤3天＋未报1天"
    assert [s.student_id for s in spells_of_school(cast.school, day("3-10"))] == [child.pk]


def test_days_of_suspension_are_not_days_of_absence(cast: Cast, at_day) -> None:
    child = cast.pupils[0]
    report_days(cast.seven, cast.head, child, "3-2", "UU")
    move(cast, child, "3-4", change=Change.SUSPENSION)
    assert spell_of(child, cast.seven, "3-6") is None  # nobody expects him now
    for on in ("3-4", "3-5", "3-6"):
        report(cast.seven, on, cast.head)
    move(cast, child, "3-9", change=Change.RESUMPTION)
    report(cast.seven, "3-9", cast.head, {child: "U"})
    at_day("2026-03-09", 12)
    assert told(spell_of(child, cast.seven, "3-9")) == "缺勤3天"
    assert len(spells_of_school(cast.school, day("3-9"))) == 1


def test_a_spell_runs_on_through_the_summer(cast: Cast, at_day) -> None:
    calendar.create_term(
        actor=None, school=cast.school, school_year=2026, number=1, starts_on=day("9-1"), ends_on=day("2027-01-20")
    )
    child = cast.pupils[0]
    report_days(cast.seven, cast.head, child, "7-1", ".UUUU")
    at_day("2026-09-02", 12)
    spell = spell_of(child, cast.seven, "9-2")
    assert told(spell) == "缺勤4天"
    assert spell is not None
    assert [on for on, _ in spell.days] == [day("7-2"), day("7-3"), day("9-1"), day("9-2")]


def test_looking_back_shows_the_day_as_it_was(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-4", "UU.U")
    assert told(spell_of(cast.pupils[0], cast.seven, "3-5")) == "缺勤2天"
    assert spell_of(cast.pupils[0], cast.seven, "3-6") is None


def test_the_same_number_of_queries_for_two_pupils_and_for_sixty(cast: Cast) -> None:
    def queries(of_school: bool) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            spells_of_school(cast.school, day("3-10")) if of_school else spells_of_class(cast.seven, day("3-10"))
        return len(seen)

    report(cast.seven, "3-10", cast.head, dict.fromkeys(cast.pupils[:2], "U"))
    small = queries(False), queries(True)
    for seat in range(30, 84):
        cast.pupils.append(make_pupil(cast.school, cast.seven, seat, f"学生{seat}", seat))
    move(cast, cast.pupils[0], "3-10", change=Change.CLASS, classroom=cast.eight)
    for on in ("3-9", "3-10"):
        report(cast.seven, on, cast.head, dict.fromkeys(cast.pupils[1:40], "U"))
    assert (queries(False), queries(True)) == small == (5, 8)
    assert len(spells_of_class(cast.seven, day("3-10"))) == 39


def test_listeners_are_told_the_spells_of_today_whichever_day_was_corrected(cast: Cast, at_day, monkeypatch) -> None:
    heard: list[detection.Recount] = []
    monkeypatch.setattr(detection, "listeners", [heard.append])
    days = report_days(cast.seven, cast.head, cast.pupils[0], "3-5", "UUU")
    at_day("2026-03-10", 8)
    report(cast.seven, days[0], cast.head, {cast.pupils[0]: "S"})
    spells = detection.recompute(classroom=cast.seven, actor=cast.head)
    assert heard[0].spells == spells
    assert [told(s) for s in spells] == ["缺勤3天（无故2天）"]
    assert (heard[0].on, heard[0].classroom_id, heard[0].actor) == (day("3-10"), cast.seven.pk, cast.head)
    assert detection.recompute_school(school=cast.school) == spells
    assert heard[1].classroom_id is None


def test_a_book_that_the_caller_has_read_takes_what_was_said_since(
    cast: Cast, django_assert_num_queries, monkeypatch
) -> None:
    monkeypatch.setattr(detection, "listeners", [])
    child, other = cast.pupils[:2]
    rules = rules_on(cast.school, day("3-11"))
    row = report(cast.seven, "3-10", cast.head, {other: "U"})
    book = DayBook(cast.school.pk, day("3-11"), silent_to=day("3-10"))
    book.read_classes([cast.seven])
    book.read_pupils([child.pk for child in cast.pupils])
    book.put(cast.seven.pk, day("3-10"), row.pk, {child.pk: "U"})  # the other's mark is gone
    with django_assert_num_queries(0):
        spells = detection.recompute(classroom=cast.seven, actor=cast.head, rules=rules, book=book)
    assert [(s.student_id, told(s)) for s in spells] == [(child.pk, "缺勤1天")]
    assert next(iter(book.newest_first(child.pk, until=day("3-9"))))[0] == day("3-9")
