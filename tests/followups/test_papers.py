"""The school's papers and their receipts, outside papers, closing, requests, facts."""

import datetime
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from followups import attachments, facts, legal, papers, proposals
from followups.closing import close_case
from followups.codes import Addressee, FindingKind, NoticeKind, Outcome, ProposalKind, Stage
from followups.findings import decide_finding
from followups.models import Case, LegalAct, Notice, Proposal
from followups.outcomes import Closing
from followups.refusals import CaseMovedOn, CaseRefusal, StepLacks
from followups.stages import advance
from schools.models import User
from tests.cast import WEDNESDAY, Cast
from tests.followups.casework import MONDAY, open_case, picture, visit

WHY = {"basis": "连续3个到校日无故未到", "unjustified": "家访，没有请假、没有转学"}
GIVEN = {"paper": "回执 教籍12号", "seen_by": "赵教务 3月11日"}


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case found 疑似 on Tuesday, now at 报告."""
    case = open_case(cast.pupils[1])
    decide_finding(actor=cast.principal, case=case, kind=FindingKind.SUSPECTED, on=datetime.date(2026, 3, 10), **WHY)
    return case


def notice(actor: User, case: Case, **how: object) -> Notice:
    plain = {
        "kind": NoticeKind.REPORT, "number": "青校〔2026〕3号", "dated_on": WEDNESDAY, "signer": "王校长",
        "addressees": [Addressee.BUREAU, Addressee.TOWNSHIP],
    }  # fmt: skip
    return papers.record_notice(actor=actor, case=case, **{**plain, **how})


def test_a_report_has_number_date_signer_and_the_bureau(cast: Cast, case: Case) -> None:
    made = notice(cast.clerk, case)
    assert made.addressee_labels == "县(市、区)教育局、乡镇人民政府"
    advance(actor=cast.clerk, case=case, to=Stage.VISIT)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"number": " "}, "number"),
        ({"signer": ""}, "signer"),
        ({"addressees": []}, "addressees"),
        ({"addressees": ["king"]}, "addressees"),
        ({"addressees": [Addressee.TOWNSHIP]}, "addressees"),
        ({"kind": NoticeKind.PERSUASION, "addressees": [Addressee.VILLAGE]}, "addressees"),
        ({"dated_on": datetime.date(2026, 3, 12)}, "dated_on"),
        ({"dated_on": MONDAY}, "dated_on"),
    ],
)
def test_a_paper_that_is_none(cast: Cast, case: Case, how: dict, field: str) -> None:
    with pytest.raises(CaseRefusal) as caught:
        notice(cast.clerk, case, **how)
    assert caught.value.field == field
    assert not Notice.objects.exists()


def test_a_number_serves_once(cast: Cast, case: Case) -> None:
    notice(cast.clerk, case)
    with pytest.raises(CaseRefusal, match="文号「青校〔2026〕3号」在本案已经登记过。"):
        notice(cast.principal, case)


def test_a_paper_to_the_family_may_go_before_the_finding_but_a_report_not(cast: Cast) -> None:
    fresh = open_case(cast.pupils[2])
    to_family = {"kind": NoticeKind.PERSUASION, "addressees": [Addressee.GUARDIAN]}
    notice(cast.clerk, fresh, **to_family)
    with pytest.raises(CaseRefusal, match="还没有认定疑似辍学，不能登记书面报告。"):
        notice(cast.clerk, fresh, number="4号")


def test_teachers_write_no_papers(cast: Cast, case: Case) -> None:
    for person in (cast.head, cast.admin, cast.far_clerk, cast.township_officer):
        with pytest.raises(CaseRefusal, match="不能登记文书"):
            notice(person, case)


def test_a_receipt_is_recorded_once(cast: Cast, case: Case) -> None:
    made = notice(cast.clerk, case)
    papers.record_receipt(actor=cast.clerk, notice=made, received_by="县教育局 办公室", received_on=WEDNESDAY)
    assert (made.received_by, made.received_on) == ("县教育局 办公室", WEDNESDAY)
    with pytest.raises(CaseRefusal, match="签收已经登记过"):
        papers.record_receipt(actor=cast.clerk, notice=made, received_by="别人", received_on=WEDNESDAY)


@pytest.mark.parametrize(("who", "on"), [("", "2026-03-11"), ("县局", "2026-03-12"), ("县局", "2026-03-10")])
def test_a_receipt_says_who_and_when(cast: Cast, case: Case, who: str, on: str) -> None:
    made = notice(cast.clerk, case)
    with pytest.raises(CaseRefusal):
        papers.record_receipt(
            actor=cast.clerk, notice=made, received_by=who, received_on=datetime.date.fromisoformat(on)
        )
    made.refresh_from_db()
    assert made.received_on is None


# --- 四步法 ----------------------------------------------------------------------------------------------------


@pytest.fixture
def enforced(cast: Cast, case: Case) -> Case:
    notice(cast.clerk, case)
    advance(actor=cast.clerk, case=case, to=Stage.VISIT)
    visit(case.student, cast.head, WEDNESDAY)
    advance(actor=cast.principal, case=case, to=Stage.ENFORCE)
    return case


def act(actor: User, case: Case, paper: str, **how: object) -> LegalAct:
    plain = {
        "issuer": "青石乡人民政府", "number": f"青政〔2026〕{paper}", "served_on": WEDNESDAY,
        "served_how": "直接送达，监护人签收",
    }  # fmt: skip
    return papers.record_legal_act(actor=actor, case=case, paper=paper, **{**plain, **how})


def test_the_four_steps_in_order_with_their_clocks(cast: Cast, enforced: Case) -> None:
    act(cast.clerk, enforced, "education")
    act(cast.clerk, enforced, "order", due_on=datetime.date(2026, 3, 18), title="责令送被监护人接受义务教育通知书")
    penalty = act(cast.clerk, enforced, "penalty")
    assert penalty.due_on == datetime.date(2026, 3, 26)  # 15 自然日
    reminder = act(cast.clerk, enforced, "reminder")
    assert reminder.due_on == datetime.date(2026, 3, 25)  # 10 工作日
    act(cast.clerk, enforced, "execution")
    act(cast.clerk, enforced, "court", number="(2026)云01民初1号", issuer="云岭县人民法院")
    assert list(enforced.legal_acts.values_list("step", flat=True)) == [1, 2, 3, 4, 4, 4]
    assert enforced.stage == Stage.ENFORCE
    clocks = dict(legal.clocks_of(cast.school, "行政处罚决定书", WEDNESDAY))
    assert clocks["可提起行政诉讼(行政诉讼法46条，6个月)"] == datetime.date(2026, 9, 11)


def test_a_suit_needs_no_penalty_but_an_order(cast: Cast, enforced: Case) -> None:
    act(cast.clerk, enforced, "education")
    act(cast.clerk, enforced, "order", due_on=WEDNESDAY)
    act(cast.clerk, enforced, "suit")
    with pytest.raises(StepLacks, match="「强制执行申请书」之前要先登记「行政处罚」的文书。"):
        act(cast.clerk, enforced, "execution")


@pytest.mark.parametrize("paper", [key for key, paper in legal.PAPERS.items() if paper.after])
def test_no_later_step_without_the_earlier(cast: Cast, enforced: Case, paper: str) -> None:
    with pytest.raises(StepLacks, match="之前要先登记") as caught:
        act(cast.clerk, enforced, paper, due_on=WEDNESDAY)
    assert caught.value.missing[0].place == "followups:legal_act_new"


@pytest.mark.parametrize(
    ("paper", "how", "field"),
    [
        ("education", {"issuer": ""}, "issuer"),
        ("education", {"issuer": "青石乡九年一贯制学校"}, "issuer"),
        ("education", {"number": ""}, "number"),
        ("education", {"served_how": " "}, "served_how"),
        ("education", {"served_on": datetime.date(2026, 3, 12)}, "served_on"),
        ("education", {"served_on": MONDAY}, "served_on"),
        ("education", {"due_on": MONDAY}, "due_on"),
        ("order", {}, "due_on"),
        ("order", {"served_on": datetime.date(2026, 3, 10), "due_on": WEDNESDAY}, "served_on"),
        ("order", {"number": "青政〔2026〕education", "due_on": WEDNESDAY}, "number"),
    ],
)
def test_an_outside_paper_that_is_none(cast: Cast, enforced: Case, paper: str, how: dict, field: str) -> None:
    if paper == "order":
        act(cast.clerk, enforced, "education")
    with pytest.raises(CaseRefusal) as caught:
        act(cast.clerk, enforced, paper, **how)
    assert caught.value.field == field


def test_no_outside_paper_before_its_stage_nor_after_the_end(cast: Cast, case: Case) -> None:
    with pytest.raises(CaseRefusal, match="还没有转入依法强制"):
        act(cast.clerk, case, "education")
    close_case(actor=cast.principal, case=case, closing=Closing(Outcome.TRANSFERRED, **GIVEN))
    with pytest.raises(CaseRefusal, match="个案已销号，不再登记文书。"):
        act(cast.clerk, case, "education")


def test_what_came_of_it_is_recorded_once(cast: Cast, enforced: Case) -> None:
    made = act(cast.clerk, enforced, "education")
    papers.record_legal_result(actor=cast.clerk, act=made, result="监护人同意送返")
    assert made.result == "监护人同意送返"
    with pytest.raises(CaseRefusal, match="结果已经登记过"):
        papers.record_legal_result(actor=cast.clerk, act=made, result="不同意")
    with pytest.raises(CaseRefusal, match="请写明结果"):
        papers.record_legal_result(actor=cast.clerk, act=made, result=" ")


def test_a_paper_and_its_scan_are_recorded_together_or_not_at_all(cast: Cast, case: Case) -> None:
    def with_scan(data: bytes) -> Notice:
        scan = SimpleUploadedFile("scan.jpg", data)
        return attachments.recorded_with(scan, actor=cast.clerk, record=lambda: notice(cast.clerk, case))

    with pytest.raises(CaseRefusal, match="不是照片"):
        with_scan(b"<html>")
    assert not Notice.objects.exists()
    made = with_scan(picture())
    assert made.attachments.get().case == case


# --- 销号, 提请, 个案信息 ----------------------------------------------------------------------------------------


def test_closing_alone_is_marked(cast: Cast, case: Case) -> None:
    visit(case.student, cast.principal, WEDNESDAY)
    close_case(actor=cast.principal, case=case, closing=Closing(Outcome.TRANSFERRED, **GIVEN))
    assert case.closed_alone


def test_closing_a_second_time_names_who_closed_it(cast: Cast, case: Case, at_day: Callable[..., None]) -> None:
    stale = Case.objects.get(pk=case.pk)
    at_day(WEDNESDAY, 9, 12)
    close_case(actor=cast.principal, case=case, closing=Closing(Outcome.TRANSFERRED, **GIVEN))
    assert not case.closed_alone
    with pytest.raises(CaseMovedOn, match="王校长 9:12 已完成此步，个案现在是「结案」阶段。"):
        close_case(actor=cast.principal, case=stale, closing=Closing(Outcome.ABROAD, **GIVEN))


def test_a_request_is_answered_by_the_decision(cast: Cast) -> None:
    fresh = open_case(cast.pupils[3])
    asked = proposals.propose(actor=cast.head, case=fresh, kind=ProposalKind.SUSPECTED, text="三天没来，家里没人")
    wish = proposals.propose(actor=cast.head, case=fresh, kind=ProposalKind.CLOSE, text="听说已转学")
    decide_finding(actor=cast.principal, case=fresh, kind=FindingKind.SUSPECTED, **WHY)
    asked.refresh_from_db()
    assert (asked.agreed, asked.answered_by) == (True, cast.principal)
    assert set(Proposal.objects.open()) == {wish}
    close_case(actor=cast.principal, case=fresh, closing=Closing(Outcome.TRANSFERRED, **GIVEN))
    assert not Proposal.objects.open().exists()


def test_sending_back_names_what_lacks_and_leaves_the_way_open(cast: Cast, case: Case) -> None:
    asked = proposals.propose(actor=cast.head, case=case, kind=ProposalKind.CLOSE, text="家长说已转学")
    with pytest.raises(CaseRefusal, match="退回要写明缺什么"):
        proposals.send_back(actor=cast.principal, proposal=asked, answer="缺")
    with pytest.raises(CaseRefusal, match="您现在的岗位不能退回"):
        proposals.send_back(actor=cast.clerk, proposal=asked, answer="缺接收学校回执")
    proposals.send_back(actor=cast.principal, proposal=asked, answer="缺接收学校回执")
    assert (asked.agreed, asked.answer) == (False, "缺接收学校回执")
    with pytest.raises(CaseMovedOn, match="王校长 8:00 已答复这项提请。"):
        proposals.send_back(actor=cast.principal, proposal=asked, answer="缺接收学校回执")
    proposals.propose(actor=cast.head, case=case, kind=ProposalKind.CLOSE, text="回执补来了")


def test_requests_that_cannot_be(cast: Cast, case: Case) -> None:
    with pytest.raises(CaseRefusal, match="至少4个字"):
        proposals.propose(actor=cast.head, case=case, kind=ProposalKind.CLOSE, text="好")
    with pytest.raises(CaseRefusal, match="现在不能提请认定疑似辍学"):
        proposals.propose(actor=cast.head, case=case, kind=ProposalKind.SUSPECTED, text="三天没来了")
    with pytest.raises(CaseRefusal, match="不能登记这名学生的情况"):
        proposals.propose(actor=cast.other_head, case=case, kind=ProposalKind.CLOSE, text="家长说已转学")
    proposals.propose(actor=cast.head, case=case, kind=ProposalKind.CLOSE, text="家长说已转学")
    with pytest.raises(CaseMovedOn, match="张老师 8:00 已提请销号，等校长答复。"):
        proposals.propose(actor=cast.clerk, case=case, kind=ProposalKind.CLOSE, text="家长说已转学")


def test_who_asked_and_decides_is_marked(cast: Cast) -> None:
    fresh = open_case(cast.pupils[3])
    proposals.propose(actor=cast.principal, case=fresh, kind=ProposalKind.SUSPECTED, text="三天没来，家里没人")
    assert decide_finding(actor=cast.principal, case=fresh, kind=FindingKind.SUSPECTED, **WHY).alone


def test_facts_are_written_by_who_saw_them(cast: Cast, case: Case) -> None:
    seen = facts.fingerprint(case)
    changed = facts.edit_facts(
        actor=cast.head, case=case, seen=seen, reasons=["01", "03"], whereabouts="05", support=""
    )
    assert changed == ["reasons", "whereabouts"]
    assert case.reason_labels == "厌学、家庭经济困难"
    with pytest.raises(CaseMovedOn, match="有人改过这些内容"):
        facts.edit_facts(actor=cast.clerk, case=case, seen=seen, whereabouts="01")
    assert facts.edit_facts(actor=cast.head, case=case, seen=facts.fingerprint(case), whereabouts="05") == []


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"reasons": ["x"]}, "reasons"),
        ({"whereabouts": "77"}, "whereabouts"),
        ({"left_on": datetime.date(2026, 3, 12)}, "left_on"),
        ({"left_on": MONDAY, "last_attended_on": WEDNESDAY}, "left_on"),
    ],
)
def test_facts_that_cannot_be(cast: Cast, case: Case, how: dict, field: str) -> None:
    with pytest.raises(CaseRefusal) as caught:
        facts.edit_facts(actor=cast.head, case=case, seen=facts.fingerprint(case), **how)
    assert caught.value.field == field


def test_stage_and_outcome_are_no_facts(cast: Cast, case: Case) -> None:
    with pytest.raises(TypeError, match="not facts"):
        facts.edit_facts(actor=cast.clerk, case=case, seen=facts.fingerprint(case), stage=Stage.ENFORCE)


def test_after_the_end_only_the_office_completes_facts(cast: Cast, case: Case) -> None:
    close_case(actor=cast.principal, case=case, closing=Closing(Outcome.TRANSFERRED, **GIVEN))
    with pytest.raises(CaseRefusal):
        facts.edit_facts(actor=cast.head, case=case, seen=facts.fingerprint(case), support="送书")
    assert facts.edit_facts(actor=cast.clerk, case=case, seen=facts.fingerprint(case), support="送书") == ["support"]


def test_somebody_of_the_school_is_made_responsible(cast: Cast, case: Case) -> None:
    facts.assign_responsible(actor=cast.clerk, case=case, person=cast.subject)
    assert set(Case.objects.visible_to(cast.subject)) == {case}
    with pytest.raises(CaseRefusal, match="没有本校岗位"):
        facts.assign_responsible(actor=cast.clerk, case=case, person=cast.far_head)
    with pytest.raises(CaseRefusal, match="不能登记"):
        facts.assign_responsible(actor=cast.head, case=case, person=cast.head)
    facts.assign_responsible(actor=cast.clerk, case=case, person=None)
    assert not Case.objects.visible_to(cast.subject).exists()


def test_cases_are_seen_by_class_office_and_overseers(cast: Cast, case: Case) -> None:
    seers = {
        name
        for name in ("head", "other_head", "subject", "clerk", "principal", "admin", "auditor", "far_head", "far_clerk",
                     "central", "township_officer", "county_officer")
        if case in Case.objects.visible_to(getattr(cast, name))
    }  # fmt: skip
    assert seers == {"head", "clerk", "principal", "central", "township_officer", "county_officer"}
