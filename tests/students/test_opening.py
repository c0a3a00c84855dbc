"""开学报到: who is due, what is said of each, by whom, and what nobody's silence can say."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from attendance.codes import MarkCode
from schools import calendar
from schools.models import AuditEntry, Term
from students import opening, roll, todos
from students.codes import AbsentReason, Change
from students.models import Registration
from students.opening import Said
from students.roll import RollRefusal
from tests.attendance.conftest import send
from tests.cast import Cast, login, make_pupil

FIRST = datetime.date(2026, 2, 23)  # the term's first day, a Monday
FRIDAY = datetime.date(2026, 2, 27)


@pytest.fixture
def term(cast: Cast, at_day) -> Term:
    at_day(FIRST)
    return cast.school.terms.get()


def said_of(term: Term, cast: Cast) -> dict[str, str]:
    seats = opening.due(term, FIRST).filter(classroom=cast.seven)
    return {line.student.name: line.said for line in opening.lines(term, seats)}


def move(cast: Cast, pupil, kind: str, on: datetime.date, **facts) -> None:
    roll.record(actor=cast.clerk, student=pupil, kind=kind, on=on, settled_on=facts.pop("settled_on", on), **facts)


# --- The term and its days ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("starts_on", "closing"),
    [
        ("2026-02-23", "2026-02-27"),  # Monday
        ("2026-09-02", "2026-09-04"),  # Wednesday
        ("2026-09-04", "2026-09-04"),  # the Friday itself
        ("2026-08-29", "2026-09-04"),  # Saturday: the first week is the next
    ],
)
def test_the_closing_day_is_the_friday_of_the_first_week(cast: Cast, starts_on: str, closing: str) -> None:
    first = datetime.date.fromisoformat(starts_on)
    term = Term(school=cast.school, school_year=2026, number=1, starts_on=first, ends_on=first)
    assert opening.closing_day(term) == datetime.date.fromisoformat(closing)


def test_between_terms_the_coming_term_is_meant(cast: Cast, term: Term) -> None:
    assert opening.term_for(cast.school, datetime.date(2026, 2, 1)) == term
    assert opening.term_for(cast.school, datetime.date(2026, 7, 3)) == term
    assert opening.term_for(cast.school, datetime.date(2026, 7, 4)) is None


# --- Who is due -----------------------------------------------------------------------------------------------
def test_due_are_those_expected_on_the_first_day_and_who_joins_until_the_closing_day(cast: Cast, term: Term) -> None:
    move(cast, cast.pupils[0], Change.SUSPENSION, FIRST)
    move(cast, cast.pupils[1], Change.TRANSFER_OUT, FIRST + datetime.timedelta(days=1))
    make_pupil(cast.school, cast.seven, 9, "新来的", 91, FIRST + datetime.timedelta(days=2))
    make_pupil(cast.school, cast.seven, 10, "后来的", 92, FRIDAY + datetime.timedelta(days=3))

    def due(day: datetime.date) -> set[str]:
        seats = opening.due(term, day).filter(classroom=cast.seven).select_related("student")
        return {seat.student.name for seat in seats}

    names = {pupil.name for pupil in cast.pupils}
    suspended, left = cast.pupils[0].name, cast.pupils[1].name
    assert due(FIRST) == names - {suspended}
    assert due(FRIDAY) == due(FRIDAY + datetime.timedelta(days=60)) == names - {suspended, left} | {"新来的"}


def test_a_class_that_has_finished_is_due_no_more(cast: Cast, at_day) -> None:
    at_day("2026-09-01")
    term = calendar.create_term(
        actor=None, school=cast.school, school_year=2026, number=1,
        starts_on=datetime.date(2026, 8, 31), ends_on=datetime.date(2027, 1, 15),
    )  # fmt: skip
    cast.eight.entry_year = 2023
    cast.eight.save()
    assert set(opening.tallies(opening.due(term, FIRST))) == {cast.seven.pk}
    line = opening.lines(term, opening.due(term, FIRST))[0]
    assert line.label == "八(1)班"  # on 31 August the school year is the new one already


# --- What is said ---------------------------------------------------------------------------------------------
def test_one_tap_registers_one_pupil(cast: Cast, term: Term) -> None:
    client, pupil = login(cast.head), cast.pupils[2]
    url = f"/opening/classes/{cast.seven.pk}/"
    sent = {"said": "silent", f"seen{pupil.pk}": "silent"}
    assert f'formaction="/opening/pupils/{pupil.pk}/arrived/"' in client.get(url).content.decode()
    response = client.post(f"/opening/pupils/{pupil.pk}/arrived/", sent)
    assert response.url == f"{url}?said=silent#s{pupil.pk}"
    assert {name for name, said in said_of(term, cast).items() if said == Said.ARRIVED} == {pupil.name}
    assert Registration.objects.get().arrived_on == FIRST
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.object_id, entry.detail["registered"]) == ("registration", pupil.pk, "arrived")


def test_all_arrived_leaves_who_stands_as_absent_and_says_so(cast: Cast, term: Term) -> None:
    opening.miss(actor=cast.head, term=term, student=cast.pupils[0], reason=AbsentReason.WORKING)
    client = login(cast.head)
    page = client.get(f"/opening/classes/{cast.seven.pk}/").content.decode()
    assert "未登记的5人都已报到（未报到1人不变）" in page
    text = client.post(f"/opening/classes/{cast.seven.pk}/arrived/", follow=True).content.decode()
    assert "登记了5人已报到。原来登记为未报到的1人没有改动" in text
    assert {name for name, said in said_of(term, cast).items() if said == Said.ABSENT} == {cast.pupils[0].name}
    assert not Registration.objects.filter(student__in=cast.others).exists()


def test_silence_is_neither_here_nor_away(cast: Cast, term: Term) -> None:
    opening.arrive(actor=cast.head, term=term, student=cast.pupils[0])
    opening.miss(actor=cast.head, term=term, student=cast.pupils[1])
    counts = opening.tallies(opening.due(term, FIRST))[cast.seven.pk]
    assert (counts.due, counts.arrived, counts.absent, counts.silent) == (6, 1, 1, 4)


def test_a_word_said_by_mistake_is_taken_back(cast: Cast, term: Term) -> None:
    opening.arrive(actor=cast.head, term=term, student=cast.pupils[0])
    client = login(cast.head)
    client.post(f"/opening/pupils/{cast.pupils[0].pk}/", {"seen": "arrived", "said": "silent"})
    assert said_of(term, cast)[cast.pupils[0].name] == Said.SILENT


def test_of_two_people_the_second_is_told(cast: Cast, term: Term) -> None:
    pupil = cast.pupils[0]
    opening.miss(actor=cast.clerk, term=term, student=pupil, reason=AbsentReason.ILL)
    client = login(cast.head)
    sent = {f"seen{pupil.pk}": "silent"}
    text = client.post(f"/opening/pupils/{pupil.pk}/arrived/", sent, follow=True).content.decode()
    assert "赵教务8:00登记为「未报到」，请看最新的情况再改" in text
    assert said_of(term, cast)[pupil.name] == Said.ABSENT


def test_a_form_that_is_refused_keeps_what_was_typed(cast: Cast, term: Term) -> None:
    url = f"/opening/pupils/{cast.pupils[0].pk}/"
    sent = {"seen": "silent", "said": "absent", "reason": "other", "note": " "}
    text = login(cast.head).post(url, sent).content.decode()
    assert "原因选「其他」的，请在说明里写清楚" in text
    assert '<option value="other" selected>' in text
    assert not Registration.objects.exists()


def test_the_day_of_arrival_lies_between_the_last_term_and_today(cast: Cast, term: Term, at_day) -> None:
    calendar.create_term(
        actor=None, school=cast.school, school_year=2025, number=1,
        starts_on=datetime.date(2025, 9, 1), ends_on=datetime.date(2026, 1, 16),
    )  # fmt: skip
    for day in (FIRST + datetime.timedelta(days=1), datetime.date(2026, 1, 16)):
        with pytest.raises(RollRefusal):
            opening.arrive(actor=cast.head, term=term, student=cast.pupils[0], on=day)
    day = FIRST - datetime.timedelta(days=1)
    assert opening.arrive(actor=cast.head, term=term, student=cast.pupils[0], on=day).arrived_on == day


@pytest.mark.parametrize("who", ["other_head", "subject", "far_clerk", "admin", "township_officer"])
def test_only_the_class_teacher_and_the_office_may_say_it(cast: Cast, term: Term, who: str) -> None:
    with pytest.raises(RollRefusal, match="报到由本班班主任或教务登记"):
        opening.arrive(actor=getattr(cast, who), term=term, student=cast.pupils[0])
    with pytest.raises(RollRefusal, match="报到由本班班主任或教务登记"):
        opening.all_arrived(actor=getattr(cast, who), term=term, classroom=cast.seven)


def test_who_is_not_due_is_not_registered(cast: Cast, term: Term) -> None:
    move(cast, cast.pupils[0], Change.SUSPENSION, FIRST)
    with pytest.raises(RollRefusal, match="不在应报到名单上"):
        opening.arrive(actor=cast.clerk, term=term, student=cast.pupils[0])


# --- Pages ----------------------------------------------------------------------------------------------------
def test_each_number_opens_its_list(cast: Cast, term: Term) -> None:
    opening.arrive(actor=cast.head, term=term, student=cast.pupils[0])
    opening.miss(actor=cast.head, term=term, student=cast.pupils[1])
    client = login(cast.clerk)
    context = client.get("/opening/").context
    assert [(row["label"], row["n"].due) for row in context["rows"]] == [("七(1)班", 6), ("八(1)班", 6)]
    assert (context["total"].due, context["total"].silent) == (12, 10)
    for said, names in (
        ("", {p.name for p in cast.pupils + cast.others}),
        ("arrived", {cast.pupils[0].name}),
        ("absent", {cast.pupils[1].name}),
    ):
        lines = client.get("/opening/list/", {"said": said}).context["lines"]
        assert {line.student.name for line in lines} == names
        assert all(line.student.school_id == cast.school.pk for line in lines)


def test_a_head_teacher_goes_to_the_own_class(cast: Cast, term: Term) -> None:
    client = login(cast.head)
    assert client.get("/opening/").url == f"/opening/classes/{cast.seven.pk}/"
    assert client.get(f"/opening/classes/{cast.eight.pk}/").status_code == 404
    assert {line.student for line in client.get("/opening/list/").context["lines"]} == set(cast.pupils)


def test_without_a_term_the_page_says_who_can_mend_it(cast: Cast, at_day) -> None:
    at_day("2026-08-20")
    for user in (cast.clerk, cast.head):
        assert "请教务员在「校历」里建好学期" in login(user).get("/opening/", follow=True).content.decode()


def test_the_daily_report_is_a_hint_and_never_a_registration(cast: Cast, term: Term, at_day) -> None:
    tuesday = FIRST + datetime.timedelta(days=1)
    at_day(tuesday)
    marks = {cast.pupils[0].pk: MarkCode.UNEXCUSED, cast.pupils[1].pk: MarkCode.LATE}
    send(cast.head, cast.seven, on=tuesday, marks=marks)
    lines = opening.lines(term, opening.due(term, FIRST).filter(classroom=cast.seven))
    hints = [line.hint for line in lines]
    assert hints == ["", "日报：2/24登记过到校", *["日报：2/24没有记缺勤"] * 4]
    assert {line.said for line in lines} == {Said.SILENT}


def test_the_letter_says_what_is_known_and_what_is_not(cast: Cast, term: Term, at_day) -> None:
    opening.arrive(actor=cast.head, term=term, student=cast.pupils[0])
    opening.miss(actor=cast.head, term=term, student=cast.pupils[1], reason=AbsentReason.WORKING)
    at_day(FRIDAY)
    text = login(cast.clerk).get("/opening/letter/").content.decode()
    assert "应报到12人。截至2026年2月27日，已报到1人，未报到1人（外出务工1人）。另有10人是否到校尚未核实" in text
    assert "青石乡人民政府" in text


# --- What awaits whom -----------------------------------------------------------------------------------------
def texts(found: list[todos.Todo]) -> list[tuple[str, bool]]:
    return [(todo.text, todo.overdue) for todo in found if "报到" in todo.text]


def test_todos_are_there_until_they_are_done_and_overdue_after_the_friday(cast: Cast, term: Term, at_day) -> None:
    opening.miss(actor=cast.head, term=term, student=cast.pupils[0])
    assert texts(todos.of_teacher(cast.head, cast.seven, FRIDAY)) == [
        ("5名学生开学报到还没有登记", False), ("1名学生开学没有报到", False)
    ]  # fmt: skip
    monday = FRIDAY + datetime.timedelta(days=3)
    assert texts(todos.of_office(cast.clerk, cast.school, monday)) == [
        ("11名学生开学报到还没有登记", True), ("1名学生开学没有报到", True)
    ]  # fmt: skip
    opening.all_arrived(actor=cast.head, term=term, classroom=cast.seven)
    opening.arrive(actor=cast.head, term=term, student=cast.pupils[0])
    assert texts(todos.of_teacher(cast.head, cast.seven, monday)) == []
    assert texts(todos.of_office(cast.clerk, cast.school, monday)) == [("6名学生开学报到还没有登记", True)]


def test_who_leaves_later_by_an_official_change_is_nobodys_task(cast: Cast, term: Term) -> None:
    opening.miss(actor=cast.head, term=term, student=cast.pupils[0])
    october = datetime.date(2026, 4, 20)
    move(cast, cast.pupils[0], Change.SUSPENSION, october)
    opening.all_arrived(actor=cast.clerk, term=term, classroom=cast.seven)
    assert texts(todos.of_teacher(cast.head, cast.seven, october)) == []


def test_a_school_that_never_began_hears_of_it_once(cast: Cast, term: Term) -> None:
    late = datetime.date(2026, 5, 6)
    assert texts(todos.of_teacher(cast.head, cast.seven, late)) == []
    assert texts(todos.of_office(cast.clerk, cast.school, late)) == [
        ("2025-2026学年度第二学期的开学报到还没有登记", True)
    ]


# --- Cost -----------------------------------------------------------------------------------------------------
def test_queries_do_not_grow_with_pupils(cast: Cast, term: Term) -> None:
    client: Client = login(cast.clerk)
    urls = (f"/opening/classes/{cast.seven.pk}/", "/opening/", "/opening/list/")

    def costs() -> list[int]:
        found = []
        for url in urls:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(url).status_code == 200
            found.append(len(queries))
        return found

    few = costs()
    for number in range(20):
        make_pupil(cast.school, cast.seven, 20 + number, f"多出{number}", 100 + number)
    assert costs() == few
