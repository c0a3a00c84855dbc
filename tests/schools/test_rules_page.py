"""参数: the rules in force, changing one, presets, history."""

import datetime

import pytest
from django.test import Client

from schools import policy
from schools.codes import Verb
from schools.models import AuditEntry, Policy
from schools.policy import PolicyRefusal
from tests.cast import WEDNESDAY, Cast

FRIDAY = datetime.date(2026, 3, 13)


def test_the_page_shows_value_basis_and_since_when(cast: Cast, client: Client) -> None:
    facts = {"actor": cast.principal, "school": cast.school, "basis": "县教通〔2026〕3号"}
    policy.set_rule(**facts, key="watch_days", value="40", from_day=WEDNESDAY)
    policy.set_rule(**facts, key="visits_met", value="2", from_day=FRIDAY)
    client.force_login(cast.clerk)
    answer = client.get("/policy/")
    lines = {line["key"]: line for _, lines in answer.context["groups"] for line in lines}
    assert set(lines) == set(policy.DEFINITIONS)
    assert (lines["watch_days"]["value"], lines["watch_days"]["since"]) == ("40", WEDNESDAY)
    assert (lines["visits_met"]["value"], lines["visits_met"]["since"]) == ("1", None)
    page = answer.content.decode()
    assert "县教通〔2026〕3号" in page
    assert "从2026-3-13 周五起为2" in page
    assert "/policy/watch_days/" not in page  # a clerk reads, the principal decides
    client.force_login(cast.principal)
    assert "/policy/watch_days/" in client.get("/policy/").content.decode()


def test_a_rule_is_changed_in_the_browser(cast: Cast, client: Client) -> None:
    client.force_login(cast.principal)
    sent = {"value": "＞5天", "basis": "粤教基〔2009〕3号", "from_day": "2026-03-11"}
    answer = client.post("/policy/suspected_after/", sent, follow=True)
    assert "从2026年3月11日起为&gt;5天" in answer.content.decode()
    row = Policy.objects.get()
    assert (row.value, row.set_by, row.school) == (">5天", cast.principal, cast.school)
    entry = AuditEntry.objects.get(verb=Verb.POLICY)
    assert entry.detail["before"] == "≥3到校日"
    assert "&gt;5天" in client.get("/policy/history/").content.decode()
    assert str(policy.rules_on(cast.far_school, WEDNESDAY).threshold("suspected_after")) == "≥3到校日"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"value": "三天"}, "看不懂「三天」，请按这样的写法填：如 ≥3到校日"),
        ({"value": "≥0到校日"}, "看不懂"),
        ({"basis": ""}, "请填写这一项"),
        ({"basis": "   "}, "请填写这一项"),
        ({"from_day": "2026-03-10"}, "不能早于今天"),
    ],
)
def test_refusals_stand_in_the_form(cast: Cast, client: Client, changes: dict, says: str) -> None:
    client.force_login(cast.principal)
    sent = {"value": "≥5到校日", "basis": "县制度", "from_day": "2026-03-11"}
    assert says in client.post("/policy/suspected_after/", sent | changes).content.decode()
    assert not Policy.objects.exists()


def test_rules_are_kept_by_the_schools_own(cast: Cast) -> None:
    for outsider in (cast.clerk, cast.head, cast.far_principal, cast.auditor):
        with pytest.raises(PolicyRefusal, match="不能改动本校的参数"):
            policy.set_rule(actor=outsider, school=cast.school, key="watch_days", value="9", basis="x", from_day=FRIDAY)
    with pytest.raises(PolicyRefusal, match="请写明依据"):
        policy.set_rule(
            actor=cast.principal, school=cast.school, key="watch_days", value="9", basis=" ", from_day=FRIDAY
        )


def test_a_preset_says_what_it_would_change_and_changes_that(cast: Cast, client: Client) -> None:
    client.force_login(cast.principal)
    number = list(policy.PRESETS).index("超过一周口径")
    page = client.get(f"/policy/presets/{number}/")
    assert [(c.key, c.before, c.after) for c in page.context["changes"]] == [
        ("suspected_after", "≥3到校日", ">7自然日"),
        ("dropout_after", "30个自然日", "1个月"),
    ]
    assert not Policy.objects.exists()
    answer = client.post(f"/policy/presets/{number}/", {"from_day": "2026-03-11"}, follow=True)
    assert "已采用超过一周口径，改动2条参数。" in answer.content.decode()
    assert "已经是这个口径" in client.get(f"/policy/presets/{number}/").content.decode()
    assert Policy.objects.count() == 2


@pytest.mark.parametrize("address", ["/policy/presets/99/", "/policy/no_such_rule/"])
def test_unknown_rules_and_presets_are_no_pages(cast: Cast, client: Client, address: str) -> None:
    client.force_login(cast.principal)
    assert client.get(address).status_code == 404


def test_an_empty_history_says_so(cast: Cast, client: Client) -> None:
    client.force_login(cast.clerk)
    assert "还没有改动过" in client.get("/policy/history/").content.decode()


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("target_primary_dropout", "0.6", "0.6%"),
        ("target_junior_dropout", "1.80％", "1.80%"),
        ("rate_formula_dropout", " D ", "D"),
    ],
)
def test_a_target_and_a_choice_have_one_spelling(key: str, typed: str, kept: str) -> None:
    assert policy.written(key, typed) == kept


@pytest.mark.parametrize(
    ("key", "typed", "sentence"),
    [
        ("target_retention", "九成九", "百分数，如 0.6%"),
        ("target_retention", "101", "百分数，如 0.6%"),
        ("rate_formula_retention", "D", "请照写其中一种：A、B、C"),
    ],
)
def test_a_target_or_a_choice_that_can_t_be_is_refused_in_words(key: str, typed: str, sentence: str) -> None:
    with pytest.raises(PolicyRefusal, match=sentence):
        policy.written(key, typed)


def test_the_form_names_the_choices(cast: Cast, client: Client) -> None:
    client.force_login(cast.principal)
    assert "照写其中一种：A、B、C、D" in client.get("/policy/rate_formula_dropout/").content.decode()
