"""新学年升级: what it shows is what it does, once, and not before the year has ended."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followups.codes import Source
from followups.opening import open_case
from schools import calendar
from schools.codes import Stage
from schools.models import AuditEntry, Classroom
from students import new_year, roll, roll_many
from students.codes import Change
from students.models import Enrollment, RollChange, Student
from students.roll import RollRefusal
from tests.cast import TERM_END, Cast, login, make_pupil

AFTER = datetime.date(2026, 7, 6)
GRADUATED_ON = TERM_END + datetime.timedelta(days=1)


@pytest.fixture
def nine(cast: Cast, at_day) -> Classroom:
    """八(1)班 made 九(1)班, and a day in the summer after the term's end."""
    Classroom.objects.filter(pk=cast.eight.pk).update(entry_year=2023)
    cast.eight.refresh_from_db()
    at_day(AFTER)
    return cast.eight


def turn(cast: Cast, **classes: int) -> new_year.Done:
    seen = new_year.plan(cast.school, AFTER).digest
    numbers = {int(key.removeprefix("grade_")): n for key, n in classes.items()}
    return new_year.turn(actor=cast.clerk, school=cast.school, day=AFTER, seen=seen, classes=numbers)


def on_roll(day: datetime.date, classroom: Classroom) -> set[str]:
    rows = Enrollment.objects.in_force(day).filter(classroom=classroom)
    return set(rows.values_list("student__name", flat=True))


# --- What it shows ----------------------------------------------------------------------------------------------
def test_the_plan_names_who_graduates_who_stays_and_what_rises(cast: Cast, nine: Classroom) -> None:
    suspended, taught_at_home, guest, has_case, leaving, *rest = cast.others
    may = datetime.date(2026, 5, 11)
    for pupil, kind in ((suspended, Change.SUSPENSION), (taught_at_home, Change.HOME_TEACHING)):
        roll.record(actor=cast.clerk, student=pupil, kind=kind, on=may, settled_on=may)
    roll.record(actor=cast.clerk, student=leaving, kind=Change.TRANSFER_OUT, on=may)
    RollChange.objects.filter(student=guest).update(kind=Change.GUEST_IN)
    roll.lay_down(guest)
    open_case(actor=cast.clerk, student=has_case, source=Source.LEAD, note="邻居说外出务工")

    plan = new_year.plan(cast.school, AFTER)
    (room,) = plan.finishing
    assert (room.label, room.heads) == ("九(1)班", "李老师")
    assert {seat.student for seat in room.graduates} == {taught_at_home, *rest}
    assert [seat.student for seat in room.elsewhere] == [taught_at_home]
    assert [seat.student for seat in room.guests] == [guest]
    assert {one.seat.student: one.why[:2] for one in room.staying} == {
        suspended: "休学", leaving: "转出", has_case: "有未"
    }  # fmt: skip
    (rising,) = plan.rising
    assert (rising.before, rising.after, rising.pupils, rising.heads) == ("七(1)班", "八(1)班", 6, "张老师")
    assert [(entry.grade, entry.opened, entry.proposed) for entry in plan.entries] == [(1, 0, 0), (7, 0, 1)]
    assert plan.missing_terms == ("2026-2027学年度第一学期", "2026-2027学年度第二学期")


def test_the_plan_costs_the_same_for_many(cast: Cast, nine: Classroom) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            new_year.plan(cast.school, AFTER)
        return len(queries)

    few = cost()
    for number in range(20):
        make_pupil(cast.school, nine, 20 + number, f"多出{number}", 100 + number)
    assert cost() == few


# --- What it does -------------------------------------------------------------------------------------------------
def test_the_finished_class_graduates_and_the_new_one_opens(cast: Cast, nine: Classroom) -> None:
    done = turn(cast, grade_1=0, grade_7=2)
    assert (done.graduates, done.opened) == (6, ("七(1)班", "七(2)班"))
    assert on_roll(TERM_END, nine) == {pupil.name for pupil in cast.others}
    assert on_roll(GRADUATED_ON, nine) == set()
    assert on_roll(AFTER, cast.seven) == {pupil.name for pupil in cast.pupils}
    opened = Classroom.objects.filter(school=cast.school, stage=Stage.JUNIOR, entry_year=2026)
    assert set(opened.values_list("number", flat=True)) == {1, 2}
    entry = AuditEntry.objects.filter(verb="roll").latest("pk")
    assert entry.detail["change"] == Change.GRADUATION
    assert set(entry.detail["pupils"]) == {pupil.pk for pupil in cast.others}


def test_the_roll_is_what_the_changes_amount_to(cast: Cast, nine: Classroom) -> None:
    turn(cast)
    for pupil in cast.others:
        assert roll.lay_down(pupil) == frozenset()  # nothing left to set right
        (stretch,) = roll.fold(pupil.changes.standing().order_by("on", "pk"))
        assert (stretch.ends_on, stretch.classroom_id, stretch.ended_by) == (TERM_END, nine.pk, Change.GRADUATION)


def test_done_twice_it_does_nothing_more(cast: Cast, nine: Classroom) -> None:
    turn(cast, grade_7=1)
    changes, entries = RollChange.objects.count(), AuditEntry.objects.count()
    done = turn(cast, grade_7=1)
    assert (done.graduates, done.opened) == (0, ())
    assert (RollChange.objects.count(), AuditEntry.objects.count()) == (changes, entries)
    assert new_year.plan(cast.school, AFTER).done == 6


def test_who_stays_stays(cast: Cast, nine: Classroom) -> None:
    may = datetime.date(2026, 5, 11)
    roll.record(actor=cast.clerk, student=cast.others[0], kind=Change.SUSPENSION, on=may, settled_on=may)
    open_case(actor=cast.clerk, student=cast.others[1], source=Source.LEAD, note="邻居说外出务工")
    assert turn(cast).graduates == 4
    assert on_roll(AFTER, nine) == {cast.others[0].name, cast.others[1].name}


def test_the_guests_time_ends_and_is_no_graduation(cast: Cast, nine: Classroom) -> None:
    RollChange.objects.filter(student=cast.others[0]).update(kind=Change.GUEST_IN)
    roll.lay_down(cast.others[0])
    done = turn(cast)
    assert (done.graduates, done.guests) == (5, 1)
    assert cast.others[0].changes.standing().latest("pk").kind == Change.GUEST_OUT


def test_two_hundred_pupils_cost_no_more_queries_than_ten(cast: Cast, nine: Classroom) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            turn(cast)
        return len(queries)

    few = cost()
    new_year.take_back(actor=cast.clerk, classroom=nine, reason="再试一次")
    for number in range(194):
        make_pupil(cast.school, nine, 20 + number, f"多出{number}", 100 + number)
    assert cost() <= few + 4  # the database takes so many rows in several statements
    assert on_roll(AFTER, nine) == set()


# --- Taking it back -------------------------------------------------------------------------------------------------
def test_a_graduation_is_taken_back_by_voiding(cast: Cast, nine: Classroom) -> None:
    turn(cast)
    client = login(cast.clerk)
    url = f"/new-year/classes/{nine.pk}/take-back/"
    assert "有6人办了毕业" in client.get(url).content.decode()
    assert client.post(url, {"reason": "毕业日期还没有到"}).url == "/new-year/"
    assert on_roll(AFTER, nine) == {pupil.name for pupil in cast.others}
    assert not RollChange.objects.standing().filter(kind=Change.GRADUATION).exists()
    assert turn(cast).graduates == 6


def test_a_graduation_with_something_after_it_is_not_taken_back(cast: Cast, nine: Classroom) -> None:
    turn(cast)
    pupil = cast.others[0]
    roll.record(
        actor=cast.clerk, student=pupil, kind=Change.TRANSFER_IN, on=AFTER, settled_on=AFTER, classroom=cast.seven
    )
    with pytest.raises(RollRefusal, match=f"{pupil.name}后来又办了别的异动"):
        new_year.take_back(actor=cast.clerk, classroom=nine, reason="毕业日期还没有到")
    assert RollChange.objects.standing().filter(kind=Change.GRADUATION).count() == 6


# --- Refusals ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("day", ["2026-03-11", "2026-07-03"])
def test_not_before_the_last_term_has_ended(cast: Cast, at_day, day: str) -> None:
    at_day(day)
    with pytest.raises(RollRefusal, match="2026年7月3日才结束"):
        new_year.plan(cast.school, datetime.date.fromisoformat(day))
    assert "结束以后再办新学年升级" in login(cast.clerk).get("/new-year/").content.decode()


def test_not_without_a_second_term(cast: Cast, at_day) -> None:
    cast.school.terms.all().delete()
    with pytest.raises(RollRefusal, match="校历里没有已经结束的第二学期"):
        new_year.plan(cast.school, AFTER)


def test_in_autumn_it_still_means_the_year_that_has_ended(cast: Cast, nine: Classroom, at_day) -> None:
    calendar.create_term(
        actor=None, school=cast.school, school_year=2026, number=1,
        starts_on=datetime.date(2026, 9, 1), ends_on=datetime.date(2027, 1, 15),
    )  # fmt: skip
    at_day("2026-09-08")
    plan = new_year.plan(cast.school, datetime.date(2026, 9, 8))
    assert (plan.year, plan.on, len(plan.graduates)) == (2025, GRADUATED_ON, 6)
    assert plan.missing_terms == ("2026-2027学年度第二学期",)


def test_a_list_that_has_changed_is_shown_again(cast: Cast, nine: Classroom) -> None:
    seen = new_year.plan(cast.school, AFTER).digest
    make_pupil(cast.school, nine, 30, "后加的", 130)
    with pytest.raises(RollRefusal, match="毕业名单刚刚有变动"):
        new_year.turn(actor=cast.clerk, school=cast.school, day=AFTER, seen=seen, classes={})
    assert on_roll(AFTER, nine) == {pupil.name for pupil in cast.others} | {"后加的"}


def test_the_number_has_to_be_typed(cast: Cast, nine: Classroom) -> None:
    client = login(cast.clerk)
    form = client.get("/new-year/").context["form"]
    sent = {"seen": form["seen"].initial, "grade_1": 0, "grade_7": 1, "typed": 5}
    text = client.post("/new-year/", sent).content.decode()
    assert "与上面的毕业人数6不一致" in text
    assert on_roll(AFTER, nine)
    assert client.post("/new-year/", sent | {"typed": 6}).url == "/new-year/"
    assert not on_roll(AFTER, nine)
    assert "毕业6人。开了1个班：七(1)班。" in client.get("/new-year/").content.decode()


@pytest.mark.parametrize("who", ["head", "admin", "far_clerk"])
def test_only_the_schools_office_may(cast: Cast, nine: Classroom, who: str) -> None:
    seats = list(Enrollment.objects.filter(classroom=nine).select_related("classroom"))
    with pytest.raises(RollRefusal, match="不能改动学籍"):
        roll_many.leave(
            actor=getattr(cast, who), school=cast.school, seats=seats, kind=Change.GRADUATION, on=GRADUATED_ON, basis=""
        )
    with pytest.raises(RollRefusal, match="不能改动学籍"):
        new_year.take_back(actor=getattr(cast, who), classroom=_graduated(cast, nine), reason="毕业日期还没有到")


def _graduated(cast: Cast, nine: Classroom) -> Classroom:
    turn(cast)
    return nine


def test_pupils_of_another_school_do_not_slip_in(cast: Cast, nine: Classroom) -> None:
    seats = list(Enrollment.objects.filter(student=cast.far_pupils[0]).select_related("classroom"))
    with pytest.raises(RollRefusal, match="不是本校的"):
        roll_many.leave(
            actor=cast.clerk, school=cast.school, seats=seats, kind=Change.GRADUATION, on=GRADUATED_ON, basis=""
        )
    assert Student.objects.on_roll(AFTER).filter(pk=cast.far_pupils[0].pk).exists()
