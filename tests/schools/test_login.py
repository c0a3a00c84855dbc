"""Logging in and out and the password, as a browser does it."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from schools import people
from schools.codes import Verb
from schools.models import AuditEntry, User
from tests.cast import PASSWORD, Cast

LOGIN, PASSWORD_PAGE = "/login/", "/password/"
NEW = "Chunfeng-huayu-88"


def send(client: Client, username: str = "zhang", password: str = PASSWORD, query: str = "") -> object:
    return client.post(LOGIN + query, {"username": username, "password": password})


def test_login_leads_where_one_was_going_and_leaves_a_trace(cast: Cast, client: Client) -> None:
    asked = client.get("/calendar/?term=1")
    assert asked["Location"] == "/login/?next=%2Fcalendar%2F%3Fterm%3D1"
    answer = send(client, query="?next=%2Fcalendar%2F%3Fterm%3D1")
    assert (answer.status_code, answer["Location"]) == (302, "/calendar/?term=1")
    entry = AuditEntry.objects.latest("seq")
    assert (entry.verb, entry.actor_name, entry.unit, entry.actor_roles) == (
        Verb.LOGIN,
        "张老师",
        cast.school,
        "head_teacher",
    )


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/x", "/\\evil.example", "javascript:alert(1)"]
)
def test_login_never_leads_to_another_site(cast: Cast, client: Client, elsewhere: str) -> None:
    assert send(client, query=f"?next={elsewhere}")["Location"] == "/"


def test_name_is_taken_as_a_phone_types_it(cast: Cast, client: Client) -> None:
    assert send(client, username=" Zhang ").status_code == 302


def test_unknown_name_wrong_password_and_out_of_use_look_alike(cast: Cast, client: Client) -> None:
    people.put_out_of_use(actor=cast.admin, school=cast.school, user=cast.other_head, reason="调走")
    answers = [
        send(client, username, password)
        for username, password in (("zhang", "wrong-password"), ("nobody", PASSWORD), ("li", PASSWORD))
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert {str(answer.context["form"].non_field_errors()) for answer in answers} == {
        str(answers[0].context["form"].non_field_errors())
    }
    assert "登录名或密码不对" in answers[0].content.decode()
    failures = AuditEntry.objects.filter(verb=Verb.LOGIN_FAILED)
    # With two schools on the server a name that nobody bears belongs to neither.
    assert [(entry.unit_id, entry.object_id) for entry in failures] == [
        (cast.school.pk, cast.head.pk),
        (cast.school.pk, cast.other_head.pk),
    ]
    assert "nobody" not in str(list(AuditEntry.objects.values()))
    assert not User.objects.get(pk=cast.head.pk).last_login


def test_an_unknown_name_is_traced_where_there_is_one_school(cast: Cast, client: Client) -> None:
    cast.far_school.kind = "township"
    cast.far_school.save()
    send(client, username="mima123456")
    entry = AuditEntry.objects.get(verb=Verb.LOGIN_FAILED)
    assert (entry.unit, entry.object_id, entry.detail) == (cast.school, None, {"known": False})


def test_an_empty_form_is_no_failed_login(cast: Cast, client: Client) -> None:
    assert "请填写登录名" in send(client, username="", password="").content.decode()
    assert not AuditEntry.objects.filter(verb=Verb.LOGIN_FAILED).exists()


def test_login_gives_a_new_session_and_who_is_in_goes_on(cast: Cast, client: Client) -> None:
    client.session.save()
    before = client.session.session_key
    send(client)
    assert client.session.session_key != before
    assert client.get(LOGIN + "?next=/calendar/")["Location"] == "/calendar/"


def test_login_page_is_never_kept(client: Client, cast: Cast) -> None:
    assert "no-store" in client.get(LOGIN)["Cache-Control"]
    send(client)
    assert "no-store" in client.get(reverse("schools:password"))["Cache-Control"]


def test_logout_takes_a_post_forgets_pages_and_leaves_a_trace(cast: Cast, client: Client) -> None:
    send(client)
    assert client.get("/logout/").status_code == 405
    answer = client.post("/logout/")
    assert (answer["Location"], answer["Clear-Site-Data"]) == (LOGIN, '"cache"')
    assert AuditEntry.objects.latest("seq").verb == Verb.LOGOUT
    assert client.get(PASSWORD_PAGE)["Location"].startswith(LOGIN)


def test_logout_needs_the_token_of_the_form(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.head)
    assert strict.post("/logout/").status_code == 403
    assert strict.post(LOGIN, {"username": "zhang", "password": PASSWORD}).status_code == 403


def test_after_a_slip_nothing_opens_before_a_password_of_ones_own(cast: Cast, client: Client) -> None:
    slip = people.issue_slip(actor=cast.admin, school=cast.school, user=cast.clerk)
    assert send(client, "zhao", PASSWORD).status_code == 200
    assert send(client, "zhao", slip).status_code == 302
    for page in ("/calendar/", "/classrooms/"):
        assert client.get(page)["Location"] == PASSWORD_PAGE
    said = client.post(PASSWORD_PAGE, {"new_password1": slip, "new_password2": slip}).content.decode()
    assert "不能和现在的一样" in said
    assert client.post(PASSWORD_PAGE, {"new_password1": NEW, "new_password2": NEW})["Location"] == "/"
    assert client.get("/calendar/").status_code == 200
    clerk = User.objects.get(pk=cast.clerk.pk)
    assert (clerk.must_change_password, clerk.slip_expires_at) == (False, None)
    assert AuditEntry.objects.latest("seq").verb == Verb.PASSWORD


def test_a_slip_is_good_for_72_hours(cast: Cast, client: Client, at_day) -> None:
    slip = people.issue_slip(actor=cast.admin, school=cast.school, user=cast.clerk)
    at_day("2026-03-14", 8, 1)
    assert "已经过期" in send(client, "zhao", slip).content.decode()
    assert "过期" not in send(client, "zhao", "wrong").content.decode()
    at_day("2026-03-14", 7, 59)
    assert send(client, "zhao", slip).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "says"),
    [
        ("wrong", NEW, NEW, "现在的密码不对"),
        (PASSWORD, NEW, NEW + "x", "两次输入的新密码不一样"),
        (PASSWORD, "1234567890123", "1234567890123", "数字"),
        (PASSWORD, "kurz", "kurz", "10"),
        (PASSWORD, "qwertyuiop", "qwertyuiop", "太常见"),
    ],
)
def test_refused_passwords(cast: Cast, client: Client, old: str, new: str, again: str, says: str) -> None:
    client.force_login(cast.head)
    answer = client.post(PASSWORD_PAGE, {"old_password": old, "new_password1": new, "new_password2": again})
    assert says in answer.content.decode()
    assert User.objects.get(pk=cast.head.pk).check_password(PASSWORD)


def test_a_changed_password_ends_the_other_logins_only(cast: Cast, client: Client) -> None:
    phone = Client()
    send(client)
    send(phone)
    client.post(PASSWORD_PAGE, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert client.get(PASSWORD_PAGE).status_code == 200
    assert phone.get(PASSWORD_PAGE)["Location"].startswith(LOGIN)


def test_lost_rights_are_lost_with_the_next_click(cast: Cast, client: Client) -> None:
    send(client, "zhao")
    assert client.get("/calendar/").status_code == 200
    duty = cast.clerk.duties.get()
    people.end_duty(actor=cast.principal, duty=duty, last_day=timezone.localdate() - datetime.timedelta(days=1))
    assert client.get("/calendar/").status_code == 403
    people.issue_slip(actor=cast.principal, school=cast.school, user=cast.clerk)
    assert client.get("/calendar/")["Location"].startswith(LOGIN)
    send(client, "wang")
    people.put_out_of_use(actor=cast.admin, school=cast.school, user=cast.principal, reason="调走")
    assert client.get("/calendar/")["Location"].startswith(LOGIN)
