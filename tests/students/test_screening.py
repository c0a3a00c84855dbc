"""开学摸底: two boxes a pupil, 「没有」 is an answer too, and which classes have answered."""

import datetime
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client

from schools import policy
from schools.codes import Verb
from schools.models import AuditEntry, Classroom
from students import screening, todos
from students.codes import TagKind
from students.models import Screening, Student, Tag
from tests.cast import TERM_START, WEDNESDAY, Cast, login


def file(client: Client, classroom: Classroom, **said: Any) -> HttpResponse:
    url = f"/screening/classes/{classroom.pk}/"
    return client.post(url, {"seen": client.get(url).context["form"]["seen"].value()} | said)


def marked(kind: TagKind) -> set[Student]:
    return {tag.student for tag in Tag.objects.filter(kind=kind, ends_on=None).select_related("student")}


def test_what_is_ticked_becomes_a_tag_of_today(cast: Cast) -> None:
    one, two = cast.pupils[:2]
    assert file(login(cast.head), cast.seven, struggling=[one.pk, two.pk], hardship=[two.pk]).status_code == 302
    assert (marked(TagKind.STRUGGLING), marked(TagKind.HARDSHIP)) == ({one, two}, {two})
    row = Screening.objects.get()
    assert (row.classroom, row.done_by, row.struggling, row.hardship) == (cast.seven, cast.head, 2, 1)
    detail = AuditEntry.objects.get(verb=Verb.STUDENT).detail
    assert detail == {"classroom": cast.seven.pk, "term": row.term_id, "struggling": 2, "hardship": 1}


def test_what_is_no_longer_ticked_ends_and_what_was_a_slip_of_today_never_was(cast: Cast, at_day: Callable) -> None:
    one, two = cast.pupils[:2]
    client = login(cast.head)
    file(client, cast.seven, struggling=[one.pk])
    file(client, cast.seven, struggling=[two.pk])
    assert {tag.student for tag in Tag.objects.all()} == {two}
    at_day("2026-03-20")
    file(login(cast.head), cast.seven, none="on")
    assert Tag.objects.get().ends_on == datetime.date(2026, 3, 19)
    assert Screening.objects.get().struggling == 0


def test_nobody_is_an_answer_but_has_to_be_said(cast: Cast) -> None:
    refused = file(login(cast.head), cast.seven)
    assert refused.status_code == 422
    assert "经过摸底，本班没有" in refused.content.decode()
    assert not Screening.objects.exists()
    both = file(login(cast.head), cast.seven, none="on", hardship=[cast.pupils[0].pk])
    assert both.status_code == 422
    assert file(login(cast.head), cast.seven, none="on").status_code == 302
    assert Screening.objects.get().hardship == 0


def test_a_pupil_of_another_class_is_refused(cast: Cast) -> None:
    assert file(login(cast.head), cast.seven, hardship=[cast.others[0].pk]).status_code == 422
    assert not Tag.objects.exists()


def test_a_page_that_is_out_of_date_is_shown_again_with_what_was_ticked(cast: Cast) -> None:
    client, url = login(cast.head), f"/screening/classes/{cast.seven.pk}/"
    seen = client.get(url).context["form"]["seen"].value()
    Tag.objects.create(student=cast.pupils[1], kind=TagKind.HARDSHIP, starts_on=WEDNESDAY)
    response = client.post(url, {"seen": seen, "struggling": [cast.pupils[0].pk]})
    assert response.status_code == 422
    assert "请核对后再交一次" in response.content.decode()
    ticked = {one.place.student for one, boxes in response.context["form"].lines() for *_, on in boxes if on}
    assert ticked == {cast.pupils[0]}
    again = {"seen": response.context["form"]["seen"].value(), "struggling": [cast.pupils[0].pk]}
    assert client.post(url, again).status_code == 302


def test_another_class_is_404(cast: Cast) -> None:
    for classroom in (cast.eight, cast.far_seven):
        assert login(cast.head).get(f"/screening/classes/{classroom.pk}/").status_code == 404


def test_the_office_sees_who_has_answered_and_who_is_late(cast: Cast, at_day: Callable) -> None:
    file(login(cast.head), cast.seven, none="on")
    lines = login(cast.clerk).get("/screening/").context["lines"]
    assert [(line.classroom, bool(line.done), line.is_overdue) for line in lines] == [
        (cast.seven, True, False), (cast.eight, False, False),
    ]  # fmt: skip
    at_day("2026-03-26")
    lines = login(cast.clerk).get("/screening/").context["lines"]
    assert [line.is_overdue for line in lines] == [False, True]


def test_the_answer_is_due_thirty_days_after_the_first_day_unless_the_school_says_otherwise(cast: Cast) -> None:
    term = screening.current_term(cast.school, WEDNESDAY)
    assert term is not None
    assert screening.due_on(term) == datetime.date(2026, 3, 25)
    policy.set_rule(
        actor=cast.principal, school=cast.school, key="screening_within", value="10自然日", basis="学校制度",
        from_day=TERM_START,
    )  # fmt: skip
    assert screening.due_on(term) == datetime.date(2026, 3, 5)


def test_the_todo_goes_with_the_answer_and_turns_overdue(cast: Cast) -> None:
    def waiting(day: datetime.date) -> list[bool]:
        return [todo.overdue for todo in todos.of_teacher(cast.head, cast.seven, day) if "摸底" in todo.text]

    def late(day: datetime.date) -> list[int]:
        return [todo.count for todo in todos.of_office(cast.clerk, cast.school, day) if "摸底" in todo.text]

    assert waiting(datetime.date(2026, 3, 25)) == [False]
    assert waiting(datetime.date(2026, 3, 26)) == [True]
    assert (late(datetime.date(2026, 3, 25)), late(datetime.date(2026, 3, 26))) == ([], [2])
    file(login(cast.head), cast.seven, none="on")
    assert waiting(datetime.date(2026, 3, 26)) == []
    assert late(datetime.date(2026, 3, 26)) == [1]
