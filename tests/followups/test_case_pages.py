"""The pages of a case: who may open them, and what they show."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followups import facts, proposals
from followups.codes import Outcome, ProposalKind, Stage
from followups.models import Case, Proposal
from schools.models import AuditEntry
from students.codes import TagKind
from students.models import Tag
from tests.cast import WEDNESDAY, Cast
from tests.followups.casework import MONDAY, found_case, login, open_case, page, report, visit

EVERYBODY = (
    "head", "other_head", "subject", "clerk", "principal", "admin", "auditor", "central", "township_officer",
    "county_officer", "far_head", "far_clerk", "far_principal",
)  # fmt: skip


@pytest.fixture
def case(cast: Cast) -> Case:
    return found_case(cast)


# --- Who ------------------------------------------------------------------------------------------------

OWN = {"head": 200, "clerk": 200, "principal": 200, "other_head": 404, "subject": 404, "far_head": 404,
       "far_clerk": 404, "far_principal": 404}  # fmt: skip
OFFICE_ONLY = OWN | {"head": 403, "other_head": 403, "subject": 403, "far_head": 403}
DECIDERS_ONLY = OFFICE_ONLY | {"clerk": 403, "far_clerk": 403}
PAGES = {
    "case": OWN, "case_facts": OWN, "case_propose": OWN, "finding_new": DECIDERS_ONLY, "case_close": DECIDERS_ONLY,
    "notice_new": OFFICE_ONLY, "legal_act_new": OFFICE_ONLY, "case_responsible": OFFICE_ONLY, "notice": OWN,
    "contact_new": OWN, "contact_photos": OWN, "attachment": OWN,
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_who_may_open_a_page(cast: Cast, case: Case, name: str) -> None:
    """People of the class and the office; a stranger's page is the same 404 as one that does not exist."""
    contact = case.student.contacts.get()
    key = {
        "notice": report(case, cast.clerk, WEDNESDAY).pk, "contact_new": case.student_id,
        "contact_photos": contact.pk, "attachment": contact.attachments.get().pk,
    }.get(name, case.pk)  # fmt: skip
    opened = {who: login(getattr(cast, who)).get(page(name, key)).status_code for who in EVERYBODY}
    assert opened == dict.fromkeys(EVERYBODY, 403) | PAGES[name]
    unknown = {who: login(getattr(cast, who)).get(page(name, 987654)).status_code for who in EVERYBODY}
    assert unknown == {who: 404 if status == 200 else status for who, status in opened.items()}


def test_the_list_holds_what_one_may_see(cast: Cast, case: Case) -> None:
    open_case(cast.others[0])
    far = open_case(cast.far_pupils[0])
    shown = {}
    for who in ("head", "other_head", "subject", "clerk", "principal", "far_clerk"):
        html = login(getattr(cast, who)).get(page("case_list")).content.decode()
        shown[who] = {c.student.name for c in Case.objects.all() if f"/cases/{c.pk}/" in html}
    names = {c.student.name for c in Case.objects.exclude(pk=far.pk)}
    assert shown["clerk"] == shown["principal"] == names
    assert shown["head"] == {case.student.name}
    assert shown["other_head"] == {cast.others[0].name}
    assert (shown["subject"], shown["far_clerk"]) == (set(), {far.student.name})
    for who in ("admin", "auditor", "central", "county_officer"):
        assert login(getattr(cast, who)).get(page("case_list")).status_code == 403


def test_who_is_responsible_opens_the_case_and_records(cast: Cast, case: Case) -> None:
    facts.assign_responsible(actor=cast.clerk, case=case, person=cast.subject)
    client = login(cast.subject)
    assert client.get(page("case", case.pk)).status_code == 200
    assert client.get(page("contact_new", case.student_id)).status_code == 200
    assert client.get(page("contact_new", cast.pupils[0].pk)).status_code == 404


# --- What it shows ------------------------------------------------------------------------------------------------


def test_one_screen_says_who_how_long_what_and_by_when(cast: Cast, case: Case) -> None:
    html = login(cast.head).get(page("case", case.pk)).content.decode()
    for words in (
        "2025-001", "缺勤3天＋未报1天(3/5–3/10)", "疑似辍学 3/9 王校长", "截止3月10日（超期1天）",
        "认定疑似后书面报告期限1个工作日(未成年人保护法28条「及时」)", "还没有书面报告", "第1次联系：家访（第1次家访）",
        "复学销号：已有0个到校日的到校记录，还差5个。", "提请销号", "记一次联系",
    ):  # fmt: skip
        assert words in html, words


def test_buttons_follow_the_table(cast: Cast, case: Case) -> None:
    def buttons(who: str) -> set[str]:
        html = login(getattr(cast, who)).get(page("case", case.pk)).content.decode()
        words = (
            "书面报告已送出，转入走访",
            "认定辍学",
            ">销号</a>",
            "提请校长",
            "登记校发文书",
            "登记外来文书",
            ">退回</button>",
        )
        return {word for word in words if word in html}

    assert buttons("head") == {"提请校长"}
    assert buttons("clerk") == {"书面报告已送出，转入走访", "提请校长", "登记校发文书"}
    assert buttons("principal") == {
        "书面报告已送出，转入走访",
        "认定辍学",
        ">销号</a>",
        "登记校发文书",
        ">退回</button>",
    }


def test_no_full_number_stands_on_any_page(cast: Cast, case: Case) -> None:
    case.student.guardians.update(phone="1" + "3" * 10)
    for who in ("head", "clerk", "principal"):
        html = login(getattr(cast, who)).get(page("case", case.pk)).content.decode()
        assert case.student.id_no.reveal() not in html
        assert "1" + "3" * 10 not in html
        assert "133****3333" in html


def test_opening_leaves_one_trace_a_day(cast: Cast, case: Case, at_day: Callable[..., None]) -> None:
    opened = AuditEntry.objects.filter(verb="card", object_id=case.pk)
    client = login(cast.head)
    client.get(page("case", case.pk))
    client.get(page("case", case.pk))
    assert opened.count() == 1
    at_day("2026-03-12")
    client = login(cast.head)
    client.get(page("case", case.pk))
    login(cast.clerk).get(page("case", case.pk))
    assert opened.count() == 3


def test_a_relapse_says_so_and_links_the_last(cast: Cast, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(
        stage=Stage.CLOSED, outcome=Outcome.RETURNED, closed_on=MONDAY, opened_on=MONDAY - datetime.timedelta(days=9)
    )
    again = open_case(case.student, WEDNESDAY, previous=case)
    Case.objects.filter(pk=again.pk).update(spell_from=WEDNESDAY)
    html = login(cast.principal).get(page("case", again.pk)).content.decode()
    assert "第2次（上次 2025-001 复学，销号后2天又缺）" in html
    assert f'href="/cases/{case.pk}/"' in html


def test_a_page_costs_the_same_with_many_contacts(cast: Cast, case: Case) -> None:
    client = login(cast.principal)
    client.get(page("case", case.pk))
    report(case, cast.clerk, WEDNESDAY)

    def cost(name: str, *args: object) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page(name, *args)).status_code == 200
        return len(queries)

    few = {
        name: cost(name, *args) for name, args in (("case", [case.pk]), ("case_list", []), ("case_close", [case.pk]))
    }
    for number in range(18):
        visit(case.student, cast.head, MONDAY)
        report(case, cast.clerk, WEDNESDAY)
        proposals.propose(actor=cast.head, case=case, kind=ProposalKind.DROPOUT, text="仍未到校")
        proposals.send_back(actor=cast.principal, proposal=Proposal.objects.latest("pk"), answer=f"缺材料{number}")
    for pupil in cast.others:
        open_case(pupil)
    many = {
        name: cost(name, *args) for name, args in (("case", [case.pk]), ("case_list", []), ("case_close", [case.pk]))
    }
    assert many == few
    assert few["case"] <= 36


# --- The list ------------------------------------------------------------------------------------------------


def test_each_number_opens_what_it_counts(cast: Cast, case: Case) -> None:
    """A warning, an overdue report, a watched return and a closed one: each group shows as many rows as it says."""
    open_case(cast.pupils[0])
    back = open_case(cast.pupils[2])
    Case.objects.filter(pk=back.pk).update(
        stage=Stage.CLOSED, closed_on=WEDNESDAY, outcome=Outcome.RETURNED, watch_until=datetime.date(2026, 4, 20)
    )
    client = login(cast.principal)
    groups = client.get(page("case_list")).context["groups"]
    counted = {group["label"]: group["n"] for group in groups}
    assert counted == {
        "未销号": 2,
        "待认定": 1,
        "超期": 2,
        "待签": 1,
        "报告": 1,
        "走访": 0,
        "依法强制": 0,
        "跟踪期": 1,
        "已销号": 1,
    }
    for group in groups:
        shown = client.get(group["url"]).context["page"]
        assert shown.paginator.count == group["n"], group["label"]


@pytest.mark.parametrize(
    ("q", "found"), [("2025-001", True), ("lj", True), ("建军", True), ("2025-002", False), ("zz", False)]
)
def test_the_list_finds_by_name_initials_and_number(cast: Cast, case: Case, q: str, found: bool) -> None:
    html = login(cast.clerk).get(page("case_list"), {"q": q}).content.decode()
    assert (f"/cases/{case.pk}/" in html) == found


def test_the_list_by_class(cast: Cast, case: Case) -> None:
    client = login(cast.clerk)
    assert client.get(page("case_list"), {"classroom": cast.seven.pk}).context["page"].paginator.count == 1
    assert client.get(page("case_list"), {"classroom": cast.eight.pk}).context["page"].paginator.count == 0
    assert client.get(page("case_list"), {"classroom": cast.far_seven.pk}).context["page"].paginator.count == 1


def test_who_is_only_responsible_is_not_told_that_the_family_is_poor(cast: Cast, case: Case) -> None:
    facts.assign_responsible(actor=cast.clerk, case=case, person=cast.subject)
    Tag.objects.create(student=case.student, kind=TagKind.POVERTY, detail="奶奶照看", starts_on=MONDAY)
    told = {}
    for who in ("head", "clerk", "subject"):
        html = login(getattr(cast, who)).get(page("case", case.pk)).content.decode()
        told[who] = TagKind.POVERTY.label in html or "奶奶照看" in html
    assert told == {"head": True, "clerk": True, "subject": False}
