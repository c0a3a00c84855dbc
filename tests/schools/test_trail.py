"""留痕: the page, its filters, what it says of codes, and the check of the chain."""

import ast
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from kongchuo.datadir import ROOT
from schools import audit, calendar, people, trail
from schools.codes import Role, Verb
from schools.models import AuditEntry
from tests.cast import WEDNESDAY, Cast


@pytest.fixture
def happenings(cast: Cast) -> None:
    """Four things done at the school, one of them by the system, and one elsewhere."""
    people.give_duty(
        actor=cast.admin,
        school=cast.school,
        user=cast.head,
        duty={"role": Role.SUBJECT_TEACHER, "classroom": cast.eight, "starts_on": WEDNESDAY, "ends_on": None},
    )
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="冰雪停课")
    calendar.close_day(actor=cast.far_clerk, school=cast.far_school, on=WEDNESDAY, reason="别校的事")
    with transaction.atomic():
        audit.record(Verb.CARD, unit=cast.school, actor=cast.head, about=cast.pupils[0])
        audit.record(Verb.ALERT, unit=cast.school, actor=None, about=cast.pupils[0], days=3)


def shown(client: Client, query: str = "") -> list:
    return [line.verb for line in client.get(f"/audit/{query}").context["page"].object_list]


@pytest.mark.usefixtures("happenings")
def test_the_newest_stands_on_top_in_words(cast: Cast, client: Client) -> None:
    client.force_login(cast.auditor)
    assert shown(client) == ["系统预警", "查看学生卡", "校历变动", "岗位变动", "校历变动"]
    page = client.get("/audit/").content.decode()
    assert "给岗位：任课教师；班级：八(1)班；从：2026-03-11" in page
    assert f"学生 {cast.pupils[0].pk}" in page
    assert cast.pupils[0].name not in page
    assert "别校的事" not in page
    for code in ("subject_teacher", "None", "starts_on"):
        assert code not in page


@pytest.mark.usefixtures("happenings")
def test_filters(cast: Cast, client: Client, at_day) -> None:
    client.force_login(cast.principal)
    assert shown(client, "?verb=duty") == ["岗位变动"]
    assert shown(client, f"?actor={cast.clerk.pk}") == ["校历变动"]
    assert shown(client, "?actor=0") == ["系统预警", "校历变动"]
    assert len(shown(client, "?on=2026-03-11")) == 5
    assert shown(client, "?on=2026-03-10") == []
    assert "没有符合条件的" in client.get("/audit/?on=2026-03-10").content.decode()
    assert len(shown(client, "?verb=nonsense&on=morgen")) == 5


@pytest.mark.usefixtures("happenings")
def test_the_chain_is_checked_on_demand(cast: Cast, client: Client) -> None:
    client.force_login(cast.auditor)
    assert "留痕完整" in client.post("/audit/check/", follow=True).content.decode()
    entry = AuditEntry.objects.get(unit=cast.school, reason="冰雪停课")
    AuditEntry.objects.filter(pk=entry.pk).update(reason="没有停课")
    said = client.post("/audit/check/", follow=True).content.decode()
    assert f"留痕从第{entry.seq}条起对不上" in said


@pytest.mark.usefixtures("happenings")
def test_pages_of_fifty(cast: Cast, client: Client, django_assert_max_num_queries) -> None:
    with transaction.atomic():
        for _ in range(60):
            audit.record(Verb.LOGIN, unit=cast.school, actor=cast.head, about=cast.head)
    client.force_login(cast.auditor)
    with django_assert_max_num_queries(8):
        assert len(shown(client)) == 50
    assert len(shown(client, "?page=2")) == 15


def keys_recorded() -> Iterator[str]:
    """The names of the details that any `record(...)` of the site leaves, each with its file."""
    for app in ("schools", "students", "attendance", "followups"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                    yield from (keyword.arg or f"** in {path.name}" for keyword in node.keywords)


def test_every_detail_has_a_name_in_chinese() -> None:
    unnamed = set(keys_recorded()) - set(trail.LABELS) - {"unit", "actor", "about", "reason"}
    assert not unnamed, "name them in schools/trail.py or in the app's traces.py"
