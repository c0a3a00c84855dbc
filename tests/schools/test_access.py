"""Who may open which page of the schools app: every role, a stranger, and people of another school."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from schools.models import Duty, Holiday, Term
from tests.cast import WEDNESDAY, Cast

EVERYBODY = frozenset(
    {
        "head", "other_head", "subject", "clerk", "principal", "admin", "auditor", "central", "township_officer",
        "county_officer",
    }
)  # fmt: skip
MANAGERS = frozenset({"principal", "admin"})
KEEPERS = frozenset({"clerk", "principal", "admin"})

# URL name, how its arguments follow from the cast, who may open it.
PAGES = (
    ("password", None, EVERYBODY),
    ("people", None, MANAGERS),
    ("person_add", None, MANAGERS),
    ("person", "person", MANAGERS),
    ("person_edit", "person", MANAGERS),
    ("duty_give", "person", MANAGERS),
    ("slip", "person", MANAGERS),
    ("person_out", "person", MANAGERS),
    ("duty_end", "duty", MANAGERS),
    ("classrooms", None, KEEPERS),
    ("classroom_add", None, KEEPERS),
    ("classroom_dissolve", "classroom", KEEPERS),
    ("calendar", None, KEEPERS),
    ("calendar_day", "day", KEEPERS),
    ("term_add", None, KEEPERS),
    ("term_adjust", "term", KEEPERS),
    ("holidays", "year", KEEPERS),
    ("policy", None, KEEPERS),
    ("policy_history", None, KEEPERS),
    ("preset", "number", MANAGERS),
    ("rule_change", "key", MANAGERS),
    ("audit", None, frozenset({"principal", "auditor"})),
)
# Addresses that only take a POST.
VERBS = (
    ("slip_new", "person", MANAGERS),
    ("person_back", "person", MANAGERS),
    ("duty_withdraw", "duty", MANAGERS),
    ("day_open", "day", KEEPERS),
    ("day_close", "day", KEEPERS),
    ("holiday_remove", "holiday", KEEPERS),
    ("audit_check", None, frozenset({"principal", "auditor"})),
)


def address(cast: Cast, name: str, what: str | None) -> str:
    arguments = {
        None: {},
        "person": {"pk": cast.head.pk},
        "duty": {"pk": Duty.objects.get(user=cast.head).pk},
        "classroom": {"pk": cast.seven.pk},
        "day": {"on": WEDNESDAY},
        "term": {"pk": Term.objects.get(school=cast.school).pk},
        "holiday": {"pk": Holiday.objects.filter(school=cast.school).first().pk},
        "year": {"year": 2026},
        "number": {"number": 1},
        "key": {"key": "watch_days"},
    }
    return reverse(f"schools:{name}", kwargs=arguments[what])


@pytest.mark.parametrize(("name", "what", "allowed"), PAGES, ids=[page[0] for page in PAGES])
def test_who_opens_a_page(cast: Cast, client: Client, name: str, what: str | None, allowed: frozenset) -> None:
    url = address(cast, name, what)
    answer = client.get(url)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/")
    for who in EVERYBODY:
        client.force_login(getattr(cast, who))
        assert client.get(url).status_code == (200 if who in allowed else 403), who


@pytest.mark.parametrize(("name", "what", "allowed"), VERBS, ids=[verb[0] for verb in VERBS])
def test_who_sends_to_an_address(cast: Cast, client: Client, name: str, what: str | None, allowed: frozenset) -> None:
    url = address(cast, name, what)
    assert client.post(url)["Location"] == "/login/"
    for who in EVERYBODY - allowed:
        client.force_login(getattr(cast, who))
        assert client.post(url).status_code == 403, who
    for who in allowed:
        client.force_login(getattr(cast, who))
        assert client.get(url).status_code == 405


ROWS = ("person", "duty", "classroom", "term", "holiday")
TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]*"')


@pytest.mark.parametrize(
    ("method", "name", "what"),
    [("get", name, what) for name, what, _ in PAGES if what in ROWS]
    + [("post", name, what) for name, what, _ in VERBS if what in ROWS],
)
def test_another_schools_row_answers_as_one_that_does_not_exist(
    cast: Cast, client: Client, method: str, name: str, what: str
) -> None:
    url = address(cast, name, what)
    client.force_login(cast.far_principal)
    foreign = getattr(client, method)(url)
    unknown = getattr(client, method)(re.sub(r"\d+", "999999", url))
    assert foreign.status_code == unknown.status_code == 404
    assert TOKEN.sub(b"", foreign.content) == TOKEN.sub(b"", unknown.content)


def test_lists_show_one_school_only(cast: Cast, client: Client) -> None:
    client.force_login(cast.far_principal)
    people = client.get(reverse("schools:people")).content.decode()
    assert "远老师" in people
    assert "张老师" not in people
    assert "王校长" not in people
    classes = client.get(reverse("schools:classrooms")).context
    assert classes["now"] == [cast.far_seven]
    assert classes["pupils"] == len(cast.far_pupils)
