"""What the principal's page stands on: lists by standing, and the school's day with its coverage."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance import overview
from attendance.overview import Kind
from schools import calendar
from schools.models import Classroom, Policy
from schools.policy import apply_preset
from tests.attendance.saying import day, report, report_days
from tests.cast import Cast, make_pupil


def test_pupils_stand_on_the_list_that_their_days_put_them_on(cast: Cast) -> None:
    suspected, longer, tomorrow, sick, fresh = cast.pupils[:5]
    report(cast.seven, "3-5", cast.head, {longer: "U", sick: "S"})
    report(cast.seven, "3-6", cast.head, {longer: "U", suspected: "U", sick: "S"})
    report(cast.seven, "3-9", cast.head, {longer: "N", suspected: "W", sick: "S", tomorrow: "U"})
    report(cast.seven, "3-10", cast.head, {longer: "C", suspected: "U", sick: "S", tomorrow: "W", fresh: "U"})
    lists = overview.standings(cast.school, day("3-10"))
    assert [line.student for line in lists.suspected] == [longer, suspected]
    assert [line.student for line in lists.tomorrow] == [tomorrow]
    assert lists.unconfirmed == []
    assert lists.suspected[0].spell.in_words == "缺勤4天"
    assert lists.suspected[0].classroom == cast.seven


def test_confirmed_and_silent_days_together_wait_for_reports(cast: Cast) -> None:
    child, late = cast.pupils[:2]
    report(cast.seven, "3-5", cast.head, {child: "U"})
    report(cast.seven, "3-9", cast.head, {child: "U", late: "U"})
    lists = overview.standings(cast.school, day("3-9"))  # 3-6 is silent
    assert [line.student for line in lists.unconfirmed] == [child]
    assert lists.unconfirmed[0].spell.in_words == "缺勤2天＋未报1天"
    assert lists.tomorrow == []
    lists = overview.standings(cast.school, day("3-10"))  # and so is 3-10
    assert [line.student for line in lists.unconfirmed] == [child]
    assert [line.student for line in lists.tomorrow] == [late]


def test_the_rule_in_force_on_the_day_decides(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-4", "UUUUU")
    apply_preset(actor=cast.principal, school=cast.school, name="广东口径", from_day=day("3-10"))
    assert len(overview.standings(cast.school, day("3-9")).suspected) == 1
    lists = overview.standings(cast.school, day("3-10"))
    assert (lists.suspected, len(lists.tomorrow), str(lists.threshold)) == ([], 1, ">5天")
    assert Policy.objects.count() == 1


def test_a_school_day_with_its_coverage(cast: Cast, at_day) -> None:
    at_day("2026-03-11", 8, 7)
    said = dict(zip(cast.pupils, "UCWSAP", strict=True))
    report(cast.seven, "3-11", cast.head, said)
    today = overview.school_day(cast.school, day("3-11"))
    assert today.is_school_day
    assert [one.classroom for one in today.reported] == [cast.seven]
    assert [one.classroom for one in today.unreported] == [cast.eight]
    assert (today.expected, today.expected_reported, today.coverage) == (12, 6, "1/2 班已报")
    assert today.last_report_at is not None
    by_kind = {kind: [mark.student for mark in marks] for kind, marks in today.absent_by_kind}
    assert by_kind == {
        Kind.UNEXCUSED: cast.pupils[:2], Kind.WAITING: [cast.pupils[2]], Kind.EXCUSED: cast.pupils[3:5],
    }  # fmt: skip


def test_an_empty_class_and_a_grade_at_home_are_not_asked_for_a_report(cast: Cast) -> None:
    Classroom.objects.create(school=cast.school, stage="junior", entry_year=2025, number=2)
    calendar.close_day(actor=cast.clerk, school=cast.school, on=day("3-11"), reason="八年级停课", grade=8)
    today = overview.school_day(cast.school, day("3-11"))
    assert [one.classroom for one in today.classes] == [cast.seven]
    assert today.last_report_at is None


def test_no_class_is_silent_on_a_sunday(cast: Cast) -> None:
    today = overview.school_day(cast.school, day("3-8"))
    assert (today.is_school_day, today.classes, today.marks, today.expected) == (False, (), (), 0)


@pytest.mark.parametrize("question", [overview.standings, overview.school_day])
def test_a_large_school_costs_no_more_queries(cast: Cast, question) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            for one in getattr(question(cast.school, day("3-11")), "marks", ()):
                str(one.student.name + one.report.classroom.label)
        return len(seen)

    for on in ("3-10", "3-11"):
        report(cast.seven, on, cast.head, {cast.pupils[0]: "U"})
    before = queries()
    for number in range(2, 22):
        room = Classroom.objects.create(school=cast.school, stage="junior", entry_year=2025, number=number)
        child = make_pupil(cast.school, room, 1, f"学生{number}", 100 + number)
        for on in ("3-10", "3-11"):
            report(room, on, cast.head, {child: "U"})
    assert queries() == before <= 9
