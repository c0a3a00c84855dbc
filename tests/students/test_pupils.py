"""The pupils' pages: who sees whom, what is masked, and what is shown only when asked for."""

import re

import pytest
from django.test import Client

from schools.codes import Verb
from schools.models import AuditEntry
from students import services
from tests.cast import PASSWORD, Cast, id_number, login

FULL_NUMBER = re.compile(r"\d{17}[\dX]")


def names_on(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_class_teacher_sees_her_class_and_nobody_else(cast: Cast) -> None:
    page = login(cast.head).get("/students/").context["page"]
    assert {row.student for row in page.object_list} == set(cast.pupils)


def test_the_office_sees_the_school_and_not_the_next_one(cast: Cast) -> None:
    page = login(cast.clerk).get("/students/").context["page"]
    assert {row.student for row in page.object_list} == set(cast.pupils) | set(cast.others)


@pytest.mark.parametrize(("text", "found"), [("zxzm", "扎西卓玛"), ("建军", "李建军"), ("3", "王小梅")])
def test_a_child_is_found_by_initials_name_or_seat(cast: Cast, text: str, found: str) -> None:
    page = login(cast.head).get("/students/", {"q": text}).context["page"]
    assert [row.student.name for row in page.object_list] == [found]


def test_the_filter_keeps_what_was_chosen_and_refuses_what_is_not_offered(cast: Cast) -> None:
    client = login(cast.clerk)
    text = names_on(client, f"/students/?classroom={cast.eight.pk}&standing=in_class")
    assert f'<option value="{cast.eight.pk}" selected>八(1)班</option>' in text
    assert f'<option value="{cast.seven.pk}">七(1)班</option>' in text
    assert '<option value="in_class" selected>' in text
    assert '<option value="" selected>' in names_on(client, "/students/")
    text = names_on(client, "/students/?standing=x%22%3E")
    assert 'class="select form-select is-invalid"' in text
    assert 'x">' not in text


def test_a_whole_number_finds_the_child_and_stays_out_of_the_address(cast: Cast) -> None:
    response = login(cast.clerk).post("/students/find/", {"number": id_number(3)})
    assert response.url == f"/students/{cast.pupils[2].pk}/"
    response = login(cast.clerk).post("/students/find/", {"number": "G" + id_number(3)})
    assert response.url == f"/students/{cast.pupils[2].pk}/"


@pytest.mark.parametrize("number", ["", "12345", "530000201304120030", "G12", "x" * 30])
def test_a_number_that_cannot_be_one_is_refused_in_words(cast: Cast, number: str) -> None:
    client = login(cast.clerk)
    assert client.post("/students/find/", {"number": number}).url == "/students/"
    assert "notice error" in names_on(client, "/students/") or "号" in names_on(client, "/students/")


def test_a_number_of_another_school_is_not_found(cast: Cast) -> None:
    assert login(cast.clerk).post("/students/find/", {"number": id_number(602)}).url == "/students/"


def test_the_card_masks_the_numbers_and_opening_it_leaves_a_trace(cast: Cast) -> None:
    pupil = cast.pupils[0]
    text = names_on(login(cast.head), f"/students/{pupil.pk}/")
    assert "530000************" in text
    assert not FULL_NUMBER.search(text)
    entry = AuditEntry.objects.get(verb=Verb.CARD)
    assert (entry.actor_id, entry.object_id) == (cast.head.pk, pupil.pk)


def test_a_foreign_card_is_the_same_404_as_an_unknown_one(cast: Cast) -> None:
    client = login(cast.head)
    foreign, unknown = client.get(f"/students/{cast.others[0].pk}/"), client.get("/students/99999999/")
    assert foreign.status_code == unknown.status_code == 404
    assert "没有" in foreign.content.decode()


def test_the_full_number_needs_a_reason_and_the_password_and_leaves_a_trace(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    url = f"/students/{pupil.pk}/reveal/"
    for data in ({"reason": "", "password": PASSWORD}, {"reason": "核对国网学籍", "password": "wrong"}):
        assert not FULL_NUMBER.search(client.post(url, data).content.decode())
    assert not AuditEntry.objects.filter(verb=Verb.REVEAL).exists()
    text = client.post(url, {"reason": "核对国网学籍", "password": PASSWORD}).content.decode()
    assert id_number(1) in text
    assert AuditEntry.objects.get(verb=Verb.REVEAL).reason == "核对国网学籍"
    assert id_number(1) not in names_on(client, f"/students/{pupil.pk}/")


def test_a_phone_without_a_ground_asks_for_a_reason(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    guardian = pupil.guardians.get()
    guardian.phone = "10012345678"
    guardian.save()
    assert "10012345678" not in names_on(client, f"/students/{pupil.pk}/")
    assert client.post(f"/students/{pupil.pk}/phones/").status_code == 302
    shown = client.post(f"/students/{pupil.pk}/phones/", {"reason": "核对联系方式"})
    assert "tel:10012345678" in shown.content.decode()
    assert AuditEntry.objects.get(verb=Verb.PHONE).reason == "核对联系方式"


def test_a_phone_with_a_ground_is_one_tap(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "phone_grounds", [lambda student: "今天缺勤"])
    response = login(cast.head).post(f"/students/{cast.pupils[0].pk}/phones/")
    assert response.status_code == 200
    assert AuditEntry.objects.get(verb=Verb.PHONE).reason == "今天缺勤"


def test_the_list_costs_the_same_with_more_pupils(cast: Cast, django_assert_max_num_queries) -> None:
    from tests.cast import make_pupil

    for seat in range(20, 60):
        make_pupil(cast.school, cast.seven, seat, f"学生{seat}", 100 + seat)
    client = login(cast.clerk)
    with django_assert_max_num_queries(8):
        client.get("/students/")
