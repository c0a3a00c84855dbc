"""The first run: what a stranger sees on an empty site, the four steps, the code, and that it happens once."""

import datetime
import re
import stat
import threading
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse

from kongchuo import datadir
from schools import setup
from schools.codes import Role, UnitKind, Verb
from schools.models import AuditEntry, SchoolDay, Term, Unit, User
from tests.cast import PASSWORD, Cast

SCHOOL = {
    "name": "青石乡九年一贯制学校",
    "school_code": "2153000001",
    "program": "312",
    "county": "云岭县",
    "township": "青石乡",
}
TERMS = {
    "school_year": "2025",
    "first_starts": "2025-09-01",
    "first_ends": "2026-01-16",
    "second_starts": "2026-02-23",
    "second_ends": "2026-07-03",
}
ACCOUNT = {"who": "principal", "name": "王校长", "username": "Wang", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def code(db: None, at_day: Callable, capsys: pytest.CaptureFixture) -> str:
    """The code as it stands on the console of a new server."""
    at_day("2026-03-11")
    call_command("setup_code")
    return re.search(r"^ {4}(\S{12})$", capsys.readouterr().out, re.MULTILINE)[1]


def walk(client: Client, code: str, **changes: dict) -> object:
    """Send the four steps; the answer to the last."""
    client.post("/setup/", {"code": code})
    client.post("/setup/school/", SCHOOL | changes.get("school", {}))
    client.post("/setup/terms/", TERMS | changes.get("terms", {}))
    return client.post("/setup/account/", ACCOUNT | changes.get("account", {}))


def test_everything_leads_to_the_set_up_while_there_is_no_school(code: str, client: Client) -> None:
    for page in ("/login/", "/people/", "/calendar/", "/setup/school/", "/setup/terms/", "/setup/account/"):
        assert client.get(page)["Location"] == "/setup/", page
    assert client.post("/login/", {"username": "a", "password": "b"})["Location"] == "/setup/"
    assert client.get("/setup/").status_code == 200


def test_the_steps_found_a_school_and_log_its_first_person_in(code: str, client: Client) -> None:
    assert client.post("/setup/", {"code": code.upper()})["Location"] == "/setup/school/"
    assert client.post("/setup/school/", SCHOOL)["Location"] == "/setup/terms/"
    assert client.post("/setup/terms/", TERMS)["Location"] == "/setup/account/"
    answer = client.post("/setup/account/", ACCOUNT)
    assert answer["Location"] == reverse("schools:classrooms")
    assert client.get(answer["Location"]).status_code == 200
    school = Unit.objects.get(kind=UnitKind.SCHOOL)
    units = Unit.objects.order_by("path")
    assert [(unit.kind, unit.name) for unit in units] == [
        (UnitKind.COUNTY, "云岭县"),
        (UnitKind.TOWNSHIP, "青石乡"),
        (UnitKind.SCHOOL, "青石乡九年一贯制学校"),
    ]
    assert school.path == "/" + "".join(f"{unit.pk}/" for unit in units)
    user = User.objects.get()
    assert user.username == "wang"
    assert user.check_password(PASSWORD)
    assert {duty.role for duty in user.duties.all()} == {Role.PRINCIPAL, Role.ADMIN}
    assert Term.objects.count() == 2
    assert SchoolDay.objects.filter(on=datetime.date(2026, 2, 28), note="调休上课").exists()
    entries = AuditEntry.objects.filter(unit=school).order_by("seq")
    assert [entry.verb for entry in entries] == [Verb.SETUP, Verb.CALENDAR, Verb.CALENDAR]
    assert PASSWORD not in str(list(entries.values()))


def test_an_administrator_alone_sees_no_pupils(code: str, client: Client) -> None:
    walk(client, code, account={"who": "admin"})
    assert [duty.role for duty in User.objects.get().duties.all()] == [Role.ADMIN]


def test_a_wrong_code_opens_nothing(code: str, client: Client) -> None:
    assert "代码不对或已经失效" in client.post("/setup/", {"code": "x" * 12}).content.decode()
    assert client.get("/setup/school/")["Location"] == "/setup/"


def test_the_code_is_kept_as_a_digest_only_readable_by_the_server(code: str) -> None:
    file = datadir.data_dir() / "setup-code"
    assert code not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_newer_code_makes_the_older_one_void(code: str, client: Client) -> None:
    client.post("/setup/", {"code": code})
    client.post("/setup/school/", SCHOOL)
    client.post("/setup/terms/", TERMS)
    newer = setup.new_code()
    answer = client.post("/setup/account/", ACCOUNT)
    assert "「一次性代码」一步要重填" in answer.content.decode()
    assert not Unit.objects.exists()
    assert walk(client, newer).status_code == 302


def test_it_happens_once(code: str, client: Client, capsys: pytest.CaptureFixture) -> None:
    walk(client, code)
    client.logout()
    for page in ("/setup/", "/setup/school/", "/setup/account/"):
        assert client.get(page).status_code == 404
        assert client.post(page, ACCOUNT).status_code == 404
    assert not setup.code_fits(code)
    call_command("setup_code")
    assert capsys.readouterr().out == ""
    assert client.get("/people/")["Location"].startswith("/login/")


@pytest.mark.parametrize(
    ("step", "changes", "says"),
    [
        ("school", {"school_code": "215300000"}, "10位数字"),
        ("school", {"name": ""}, "请填写这一项"),
        ("terms", {"first_ends": "2025-08-30"}, "从早到晚"),
        ("terms", {"second_starts": "2026-01-10"}, "从早到晚"),
        ("terms", {"school_year": "2026"}, "不在2026-2027学年之内"),
        ("account", {"password2": "etwas-anderes-99"}, "两次输入的新密码不一样"),
        ("account", {"password1": "1234567890", "password2": "1234567890"}, "太常见"),
        ("account", {"username": "王"}, "小写字母"),
        ("account", {"phone": "打给我"}, "电话只写数字"),
    ],
)
def test_refusals_of_a_step(code: str, client: Client, step: str, changes: dict, says: str) -> None:
    answer = walk(client, code, **{step: changes})
    if step != "account":
        answer = client.post(f"/setup/{step}/", {"school": SCHOOL, "terms": TERMS}[step] | changes)
    assert says in answer.content.decode()
    assert not Unit.objects.exists()


def test_what_was_filled_in_stands_there_when_one_goes_back(code: str, client: Client) -> None:
    client.post("/setup/", {"code": code})
    client.post("/setup/school/", SCHOOL)
    assert "青石乡九年一贯制学校" in client.get("/setup/school/").content.decode()


def test_an_unknown_step_is_no_page(code: str, client: Client) -> None:
    assert client.get("/setup/admin/").status_code == 404


def test_a_signed_in_page_costs_no_query_for_the_set_up(cast: Cast, client: Client, django_assert_num_queries) -> None:
    client.force_login(cast.clerk)
    setup.forget()
    with django_assert_num_queries(3):  # session, person, duties
        client.get(reverse("schools:password"))
    client.logout()
    with django_assert_num_queries(1):
        client.get("/login/")
    with django_assert_num_queries(0):
        client.get("/login/")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_finish_at_once_one_founds_the_school() -> None:
    code = setup.new_code()
    gate, outcomes = threading.Barrier(2), []

    def found(number: int) -> None:
        gate.wait()
        try:
            setup.found_school(
                code=code,
                name=f"学校{number}",
                school_code=f"215300000{number}",
                program="312",
                county="云岭县",
                township="青石乡",
                school_year=2025,
                terms=(
                    setup.TermDates(datetime.date(2025, 9, 1), datetime.date(2026, 1, 16)),
                    setup.TermDates(datetime.date(2026, 2, 23), datetime.date(2026, 7, 3)),
                ),
                username=f"wang{number}",
                person="王校长",
                phone="",
                password=PASSWORD,
                roles=(Role.PRINCIPAL,),
            )
            outcomes.append("founded")
        except setup.SetupRefusal as refusal:
            outcomes.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=found, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Unit.objects.schools().count() == 1
    assert User.objects.count() == 1
    assert sorted(outcomes)[0] == "founded"
    assert "学校已经建好" in sorted(outcomes)[1]
