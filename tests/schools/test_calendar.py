"""校历: days opened and closed, terms, holidays, and the page that shows them."""

import datetime
from collections.abc import Callable, Iterator

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from schools import almanac, calendar, holidays
from schools.calendar import CalendarRefusal
from schools.codes import Verb
from schools.models import AuditEntry, Closure, Holiday, SchoolDay, Term, User
from tests.cast import TERM_END, TERM_START, WEDNESDAY, Cast

SATURDAY = datetime.date(2026, 3, 14)
WORKING_SATURDAY = datetime.date(2026, 2, 28)
TOMB_SWEEPING = datetime.date(2026, 4, 6)  # a Monday off
FIRST_DAY = datetime.date(2026, 2, 24)  # the Spring Festival ends with the first day of the term
A_YEAR_AHEAD = datetime.date(2027, 2, 22)


@pytest.fixture
def reported() -> Iterator[set[datetime.date]]:
    """Days on which classes have reported, whatever the register above says."""
    days: set[datetime.date] = set()

    def has_reports(school: object, on: datetime.date, grade: int) -> bool:
        return on in days

    calendar.report_checks.append(has_reports)
    yield days
    calendar.report_checks.remove(has_reports)


def grades_expected(cast: Cast, on: datetime.date) -> list[int]:
    """The grades for which a day is a school day, each with the rows that say so."""
    return [
        grade
        for grade in cast.school.grades
        for _ in SchoolDay.objects.filter(school=cast.school, on=on).for_grade(grade)
    ]


# --- A day ------------------------------------------------------------------------------------------------------


def test_a_closed_day_says_why_and_opens_again(cast: Cast) -> None:
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="冰雪停课")
    assert grades_expected(cast, WEDNESDAY) == []
    assert calendar.why_closed(cast.school, WEDNESDAY) == "冰雪停课"
    assert calendar.is_school_day(cast.far_school, WEDNESDAY, 7)
    calendar.open_day(actor=cast.principal, school=cast.school, on=WEDNESDAY, note="雪停了")
    assert grades_expected(cast, WEDNESDAY) == list(range(1, 10))
    assert not Closure.objects.exists()
    assert [e.reason for e in AuditEntry.objects.filter(verb=Verb.CALENDAR).order_by("seq")][-2:] == [
        "冰雪停课",
        "雪停了",
    ]


def test_a_grade_at_home_and_back(cast: Cast) -> None:
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="中考体检", grade=9)
    assert grades_expected(cast, WEDNESDAY) == list(range(1, 9))
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="研学", grade=8)
    assert grades_expected(cast, WEDNESDAY) == list(range(1, 8))
    calendar.open_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, note="体检改期", grade=9)
    assert grades_expected(cast, WEDNESDAY) == [1, 2, 3, 4, 5, 6, 7, 9]
    with pytest.raises(CalendarRefusal, match="已经是到校日"):
        calendar.open_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, note="再来", grade=9)
    # The whole school again: one row for all, or every grade would count the day twice.
    calendar.open_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, note="全部到校")
    assert grades_expected(cast, WEDNESDAY) == list(range(1, 10))
    assert not Closure.objects.exists()


def test_a_make_up_saturday_for_one_grade(cast: Cast) -> None:
    calendar.open_day(actor=cast.clerk, school=cast.school, on=SATURDAY, note="九年级补课", grade=9)
    assert grades_expected(cast, SATURDAY) == [9]
    calendar.close_day(actor=cast.clerk, school=cast.school, on=SATURDAY, reason="不补了")
    assert grades_expected(cast, SATURDAY) == []


@pytest.mark.parametrize(
    ("verb", "on", "words", "says"),
    [
        (calendar.open_day, SATURDAY, {"note": " "}, "请写明为什么这天上课"),
        (calendar.open_day, WEDNESDAY, {"note": "补课"}, "已经是到校日"),
        (calendar.open_day, datetime.date(2026, 8, 3), {"note": "补课"}, "不在任何学期"),
        (calendar.close_day, WEDNESDAY, {"reason": ""}, "请写明停课原因"),
        (calendar.close_day, SATURDAY, {"reason": "停"}, "本来就不是到校日"),
    ],
)
def test_refusals_of_a_day(cast: Cast, verb: Callable, on: datetime.date, words: dict, says: str) -> None:
    with pytest.raises(CalendarRefusal, match=says):
        verb(actor=cast.clerk, school=cast.school, on=on, **words)


def test_a_day_with_reports_stays(cast: Cast, reported: set) -> None:
    reported.add(WEDNESDAY)
    with pytest.raises(CalendarRefusal, match="2026年3月11日已有班级上报"):
        calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="停")
    assert calendar.is_school_day(cast.school, WEDNESDAY, 7)


def test_the_calendar_is_kept_by_the_schools_own_office(cast: Cast) -> None:
    for outsider in (cast.head, cast.auditor, cast.far_clerk, cast.county_officer):
        with pytest.raises(CalendarRefusal, match="不能改动本校的校历"):
            calendar.close_day(actor=outsider, school=cast.school, on=WEDNESDAY, reason="停")
    for keeper in (cast.clerk, cast.principal, cast.admin):
        calendar.close_day(actor=keeper, school=cast.school, on=WEDNESDAY, reason="停")
        calendar.open_day(actor=keeper, school=cast.school, on=WEDNESDAY, note="不停")


# --- Terms ------------------------------------------------------------------------------------------------------


def term_of(cast: Cast) -> Term:
    return Term.objects.get(school=cast.school)


def test_terms_do_not_overlap_and_are_not_doubled(cast: Cast) -> None:
    facts = {"actor": cast.clerk, "school": cast.school, "school_year": 2025}
    with pytest.raises(CalendarRefusal, match="重叠"):
        calendar.create_term(**facts, number=1, starts_on=datetime.date(2025, 9, 1), ends_on=TERM_START)
    with pytest.raises(ValidationError, match="已经建过"):
        calendar.create_term(**facts, number=2, starts_on=datetime.date(2025, 9, 1), ends_on=datetime.date(2026, 1, 16))
    calendar.create_term(**facts, number=1, starts_on=datetime.date(2025, 9, 1), ends_on=datetime.date(2026, 1, 16))


def test_moved_ends_lay_and_drop_days_and_keep_what_the_school_decided(cast: Cast) -> None:
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="停", grade=7)
    calendar.adjust_term(
        actor=cast.clerk,
        term=term_of(cast),
        starts_on=TERM_START + datetime.timedelta(days=7),
        ends_on=TERM_END + datetime.timedelta(days=4),
    )
    days = set(SchoolDay.objects.filter(school=cast.school).values_list("on", flat=True))
    assert min(days) == datetime.date(2026, 3, 2)
    assert max(days) == datetime.date(2026, 7, 7)
    assert WORKING_SATURDAY not in days
    assert grades_expected(cast, WEDNESDAY) == [1, 2, 3, 4, 5, 6, 8, 9]


def test_a_term_is_not_cut_below_its_reports(cast: Cast, reported: set) -> None:
    reported.add(datetime.date(2026, 2, 25))
    with pytest.raises(CalendarRefusal, match="2月25日已有班级上报"):
        calendar.adjust_term(actor=cast.clerk, term=term_of(cast), starts_on=WEDNESDAY, ends_on=TERM_END)
    assert term_of(cast).starts_on == TERM_START
    assert calendar.is_school_day(cast.school, FIRST_DAY, 7)


# --- Holidays ---------------------------------------------------------------------------------------------------


@pytest.fixture
def next_year(cast: Cast) -> Term:
    """A term in a year that the holiday data lacks."""
    return calendar.create_term(
        actor=cast.clerk,
        school=cast.school,
        school_year=2026,
        number=2,
        starts_on=A_YEAR_AHEAD,
        ends_on=datetime.date(2027, 7, 2),
    )


def test_an_unpublished_year_is_monday_to_friday_until_it_is_entered(cast: Cast, next_year: Term) -> None:
    may_day, saturday = datetime.date(2027, 5, 3), datetime.date(2027, 5, 8)
    assert holidays.missing_years(cast.school) == [2027]
    assert holidays.missing_years(cast.far_school) == []
    assert calendar.is_school_day(cast.school, may_day, 7)
    changed = holidays.set_holidays(
        actor=cast.clerk,
        school=cast.school,
        first=datetime.date(2027, 5, 1),
        last=datetime.date(2027, 5, 5),
        name="劳动节",
        off=True,
    )
    assert changed == 3  # the first of May is a Saturday
    assert holidays.missing_years(cast.school) == []
    assert not calendar.is_school_day(cast.school, may_day, 7)
    assert calendar.why_closed(cast.school, may_day) == "劳动节放假"
    holidays.set_holidays(
        actor=cast.clerk, school=cast.school, first=saturday, last=saturday, name="劳动节调休上班", off=False
    )
    assert SchoolDay.objects.get(school=cast.school, on=saturday).note == "调休上课"
    holidays.remove_holiday(actor=cast.clerk, holiday=Holiday.objects.get(school=cast.school, on=saturday))
    holidays.remove_holiday(actor=cast.clerk, holiday=Holiday.objects.get(school=cast.school, on=may_day))
    assert not calendar.is_school_day(cast.school, saturday, 7)
    assert calendar.is_school_day(cast.school, may_day, 7)


def test_what_the_school_decided_for_a_day_outlives_a_holiday(cast: Cast, next_year: Term, reported: set) -> None:
    monday, tuesday, wednesday = (datetime.date(2027, 5, day) for day in (3, 4, 5))
    calendar.close_day(actor=cast.clerk, school=cast.school, on=monday, reason="运动会补休")
    calendar.close_day(actor=cast.clerk, school=cast.school, on=tuesday, reason="停")
    calendar.open_day(actor=cast.clerk, school=cast.school, on=tuesday, note="照常上课")
    facts = {"actor": cast.clerk, "school": cast.school, "first": monday, "last": wednesday, "name": "假", "off": True}
    reported.add(wednesday)
    with pytest.raises(CalendarRefusal, match="5月5日已有班级上报"):
        holidays.set_holidays(**facts)
    assert not Holiday.objects.filter(on=monday).exists()
    reported.clear()
    assert holidays.set_holidays(**facts) == 1
    assert calendar.why_closed(cast.school, monday) == "运动会补休"
    assert calendar.is_school_day(cast.school, tuesday, 7)


def test_refusals_of_holidays(cast: Cast) -> None:
    facts = {"school": cast.school, "name": "假", "off": True}
    with pytest.raises(CalendarRefusal, match="不能早于第一天"):
        holidays.set_holidays(actor=cast.clerk, first=SATURDAY, last=WEDNESDAY, **facts)
    with pytest.raises(CalendarRefusal, match="一次最多填31天"):
        holidays.set_holidays(actor=cast.clerk, first=WEDNESDAY, last=TERM_END, **facts)
    with pytest.raises(CalendarRefusal, match="不能改动本校的校历"):
        holidays.set_holidays(actor=cast.head, first=WEDNESDAY, last=WEDNESDAY, **facts)


# --- The table --------------------------------------------------------------------------------------------------


def test_every_day_of_a_term_has_its_word(cast: Cast) -> None:
    calendar.close_day(actor=cast.clerk, school=cast.school, on=datetime.date(2026, 3, 12), reason="冰雪停课")
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="体检", grade=9)
    calendar.open_day(actor=cast.clerk, school=cast.school, on=SATURDAY, note="补3月12日的课")
    calendar.open_day(actor=cast.clerk, school=cast.school, on=datetime.date(2026, 3, 15), note="补", grade=9)
    expected = {
        TERM_START: ("off", "春节"),
        FIRST_DAY: ("school", "上课"),
        WORKING_SATURDAY: ("makeup", "调休上课"),
        TOMB_SWEEPING: ("off", "清明"),
        datetime.date(2026, 3, 7): ("weekend", "周末"),
        datetime.date(2026, 3, 12): ("closed", "冰雪停课"),
        WEDNESDAY: ("part", "九年级停课"),
        SATURDAY: ("makeup", "补3月12日的课"),
        datetime.date(2026, 3, 15): ("part", "九年级上课"),
    }
    months = almanac.months_of(term_of(cast))
    days = {day.on: (day.kind, day.word) for month in months for week in month.weeks for day in week.days if day}
    assert {on: days[on] for on in expected} == expected
    assert [month.month for month in months] == [2, 3, 4, 5, 6, 7]
    assert [week.number for week in months[0].weeks] == [1]  # the weeks before the term are left out
    assert sum(month.school_days for month in months) == len(
        set(SchoolDay.objects.filter(school=cast.school).values_list("on", flat=True))
    )


def test_the_page_costs_the_same_for_a_long_term(cast: Cast, client: Client, django_assert_max_num_queries) -> None:
    client.force_login(cast.clerk)
    with django_assert_max_num_queries(9):
        assert "清明" in client.get("/calendar/").content.decode()


# --- Pages ------------------------------------------------------------------------------------------------------


@pytest.fixture
def clerk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.clerk)
    return client


def test_a_day_is_closed_and_opened_in_the_browser(cast: Cast, clerk: Client) -> None:
    page = clerk.get("/calendar/2026-03-11/").content.decode()
    assert "改为停课" in page
    assert "改为上课" not in page
    answer = clerk.post("/calendar/2026-03-11/close/", {"reason": "冰雪停课", "grade": "0"}, follow=True)
    assert "2026年3月11日已改为停课：冰雪停课。" in answer.content.decode()
    assert "改为上课" in answer.content.decode()
    answer = clerk.post("/calendar/2026-03-11/open/", {"note": "雪停了", "grade": "0"}, follow=True)
    assert "已改为上课：雪停了。" in answer.content.decode()


def test_refusals_stand_on_the_page_of_the_day(cast: Cast, clerk: Client, reported: set) -> None:
    reported.add(WEDNESDAY)
    said = clerk.post("/calendar/2026-03-11/close/", {"reason": "停", "grade": "0"}).content.decode()
    assert "已有班级上报到校情况" in said
    assert "请填写这一项" in clerk.post("/calendar/2026-03-14/open/", {"grade": "0"}).content.decode()
    assert clerk.get("/calendar/2026-08-03/").status_code == 404  # in no term
    assert clerk.get("/calendar/2026-02-30/").status_code == 404  # no such day


def test_terms_in_the_browser(cast: Cast, clerk: Client) -> None:
    sent = {"school_year": "2025", "number": "1", "starts_on": "2025-09-01", "ends_on": "2026-01-16"}
    assert clerk.post("/calendar/terms/add/", sent | {"number": "2"}).context["form"].non_field_errors() == [
        "这个学期已经建过了。"
    ]
    wrong = clerk.post("/calendar/terms/add/", sent | {"ends_on": "2027-01-16"})
    assert "不在2025-2026学年之内" in wrong.content.decode()
    assert clerk.post("/calendar/terms/add/", sent).status_code == 302
    term = Term.objects.get(school=cast.school, number=1)
    url = f"/calendar/terms/{term.pk}/"
    assert "要晚于" in clerk.post(url, {"starts_on": "2026-01-16", "ends_on": "2025-09-01"}).content.decode()
    assert clerk.post(url, {"starts_on": "2025-08-31", "ends_on": "2026-01-16"}).status_code == 302
    assert "第一学期" in clerk.get(f"/calendar/?term={term.pk}").context["term"].get_number_display()
    assert clerk.get("/calendar/").context["term"].number == 2  # the one that runs


def test_a_school_without_a_term_is_told_so(cast: Cast, clerk: Client) -> None:
    SchoolDay.objects.all().delete()
    Term.objects.all().delete()
    assert "还没有学期" in clerk.get("/calendar/").content.decode()


def test_holidays_in_the_browser(cast: Cast, clerk: Client, next_year: Term) -> None:
    notice = "2027年节假日国务院尚未公布，暂按周一至周五，公布后请补录"
    assert notice in clerk.get("/calendar/").content.decode()
    assert notice in clerk.get("/calendar/holidays/2027/").content.decode()
    url = "/calendar/holidays/2027/"
    wrong = clerk.post(url, {"first": "2026-05-01", "name": "劳动节", "off": "off"})
    assert "这里只录2027年的日期" in wrong.content.decode()
    answer = clerk.post(url, {"first": "2027-05-03", "last": "", "name": "劳动节", "off": "off"}, follow=True)
    assert "到校日改动1天" in answer.content.decode()
    assert notice not in clerk.get("/calendar/").content.decode()
    row = Holiday.objects.get(on=datetime.date(2027, 5, 3))
    assert "已去掉" in clerk.post(f"/calendar/holidays/{row.pk}/remove/", follow=True).content.decode()


def test_a_refused_removal_is_said(cast: Cast, clerk: Client, reported: set) -> None:
    row = Holiday.objects.get(school=cast.school, on=WORKING_SATURDAY)
    reported.add(WORKING_SATURDAY)
    assert "已有班级上报" in clerk.post(f"/calendar/holidays/{row.pk}/remove/", follow=True).content.decode()
    assert Holiday.objects.filter(pk=row.pk).exists()
    assert User.objects.get(pk=cast.clerk.pk).has("clerk")
