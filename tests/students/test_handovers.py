"""毕业班整班移交: the names as the class stands, both signatures, and who has not arrived."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from schools import calendar
from schools.models import Classroom
from students import handovers, new_year, roll, todos
from students.codes import AbsentReason, Change
from students.handovers import Word
from students.models import Handover, RollChange
from students.roll import RollRefusal
from tests.cast import Cast, id_number, login, make_pupil

JULY = datetime.date(2026, 7, 6)


@pytest.fixture
def nine(cast: Cast, at_day) -> Classroom:
    Classroom.objects.filter(pk=cast.eight.pk).update(entry_year=2023)
    cast.eight.refresh_from_db()
    at_day(JULY)
    return cast.eight


def hand_over(cast: Cast, room: Classroom) -> Handover:
    return handovers.create(actor=cast.clerk, classroom=room, to_school="云岭县第一中学", on=JULY)


def names(handover: Handover) -> set[str]:
    return {line.row.student.name for line in handovers.lines(handover)}


@pytest.mark.parametrize("graduated", [False, True])
def test_all_of_the_class_are_handed_over_with_their_condition(cast: Cast, nine: Classroom, graduated: bool) -> None:
    may = datetime.date(2026, 5, 11)
    suspended, guest = cast.others[:2]
    roll.record(actor=cast.clerk, student=suspended, kind=Change.SUSPENSION, on=may, settled_on=may)
    RollChange.objects.filter(student=guest).update(kind=Change.GUEST_IN)
    roll.lay_down(guest)
    if graduated:
        seen = new_year.plan(cast.school, JULY).digest
        new_year.turn(actor=cast.clerk, school=cast.school, day=JULY, seen=seen, classes={})
    handover = hand_over(cast, nine)
    assert names(handover) == {pupil.name for pupil in cast.others} - {guest.name}
    conditions = {line.row.student: line.seat.status for line in handovers.lines(handover)}
    assert conditions[suspended] == "suspended"
    assert conditions[cast.others[3]] == "in_class"


def test_the_page_draws_it_up_and_ticks_who_has_arrived(cast: Cast, nine: Classroom, at_day) -> None:
    client = login(cast.clerk)
    sent = {"classroom": nine.pk, "to_school": "云岭县第一中学", "on": "2026-07-06"}
    url = client.post("/handovers/new/", sent).url
    at_day("2026-09-02")
    client = login(cast.clerk)
    page = client.get(url)
    assert "G530000" in page.content.decode()
    assert id_number(301) not in page.content.decode()
    rows = [item["line"].row for item in page.context["lines"]]
    form = {"seen": page.context["form"]["seen"].value(), "on": "2026-09-01", f"a{rows[0].pk}": "on",
            f"r{rows[1].pk}": "working", f"n{rows[1].pk}": "随父亲去了广东"}  # fmt: skip
    assert "登记了2人的变动，还有5人没有到校" in client.post(url, form, follow=True).content.decode()
    rows[0].refresh_from_db()
    rows[1].refresh_from_db()
    assert (rows[0].arrived_on, rows[1].reason) == (datetime.date(2026, 9, 1), AbsentReason.WORKING)


def test_of_two_people_the_second_is_told_and_keeps_what_was_typed(cast: Cast, nine: Classroom) -> None:
    handover = hand_over(cast, nine)
    first, second, *_ = handover.pupils.all()
    seen = handovers.digest(list(handover.pupils.all()))
    handovers.tell_arrivals(
        actor=cast.principal, handover=handover, words={first.pk: Word(arrived=True)}, on=JULY, seen=seen
    )
    sent = {"seen": seen, "on": "2026-07-06", f"n{second.pk}": "外婆说在路上"}
    text = login(cast.clerk).post(f"/handovers/{handover.pk}/", sent).content.decode()
    assert "刚刚有人改过" in text
    assert 'value="外婆说在路上"' in text
    first.refresh_from_db()
    assert first.arrived_on == JULY


def test_what_is_not_a_finished_class_is_refused(cast: Cast, nine: Classroom) -> None:
    assert handovers.finishing(cast.school, JULY) == [nine]
    with pytest.raises(RollRefusal, match="不是毕业班"):
        hand_over(cast, cast.seven)
    hand_over(cast, nine)
    with pytest.raises(RollRefusal, match="已经建过"):
        hand_over(cast, nine)
    assert handovers.finishing(cast.school, JULY) == []


def test_other_needs_words_and_the_day_is_no_later_than_today(cast: Cast, nine: Classroom) -> None:
    handover = hand_over(cast, nine)
    row = handover.pupils.first()
    seen = handovers.digest(list(handover.pupils.all()))
    for word, on in ((Word(arrived=False, reason="other"), JULY), (Word(arrived=True), datetime.date(2026, 7, 7))):
        with pytest.raises(RollRefusal):
            handovers.tell_arrivals(actor=cast.clerk, handover=handover, words={row.pk: word}, on=on, seen=seen)


@pytest.mark.parametrize("who", ["head", "admin", "far_clerk"])
def test_only_the_schools_office_may(cast: Cast, nine: Classroom, who: str) -> None:
    with pytest.raises(RollRefusal, match="不能办整班移交"):
        handovers.create(actor=getattr(cast, who), classroom=nine, to_school="别的学校", on=JULY)
    assert not Handover.objects.exists()


def test_a_hint_tells_who_sits_in_our_own_junior_class(cast: Cast, nine: Classroom) -> None:
    seen = new_year.plan(cast.school, JULY).digest
    new_year.turn(actor=cast.clerk, school=cast.school, day=JULY, seen=seen, classes={})
    handover = hand_over(cast, nine)
    pupil = cast.others[0]
    roll.record(actor=cast.clerk, student=pupil, kind=Change.ENTRY, on=JULY, settled_on=JULY, classroom=cast.seven)
    hints = {line.row.student: line.hint for line in handovers.lines(handover)}
    assert hints.pop(pupil) == "本校在册：七(1)班"
    assert set(hints.values()) == {""}


def test_who_has_not_arrived_awaits_the_office_from_september_and_is_overdue_after_the_friday(
    cast: Cast, nine: Classroom
) -> None:
    calendar.create_term(
        actor=None, school=cast.school, school_year=2026, number=1,
        starts_on=datetime.date(2026, 9, 1), ends_on=datetime.date(2027, 1, 15),
    )  # fmt: skip
    hand_over(cast, nine)

    def waiting(day: datetime.date) -> list[bool]:
        return [todo.overdue for todo in todos.of_office(cast.clerk, cast.school, day) if "移交" in todo.text]

    assert waiting(datetime.date(2026, 8, 31)) == []
    assert waiting(datetime.date(2026, 9, 4)) == [False]
    assert waiting(datetime.date(2026, 9, 5)) == [True]


def test_queries_do_not_grow_with_pupils(cast: Cast, nine: Classroom) -> None:
    def cost(client: Client, handover: Handover) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/handovers/{handover.pk}/").status_code == 200
        return len(queries)

    client = login(cast.clerk)
    few = cost(client, hand_over(cast, nine))
    handover = Handover.objects.get()
    handover.pupils.all().delete()
    handover.delete()
    for number in range(20):
        make_pupil(cast.school, nine, 20 + number, f"多出{number}", 100 + number)
    assert cost(client, hand_over(cast, nine)) == few
