"""Whatever people try, in whatever order: no case stands where its evidence does not carry it."""

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from followups import findings, papers, stages
from followups.closing import close_case
from followups.codes import Addressee, FindingKind, Met, NoticeKind, Outcome, Placement, Stage
from followups.models import Case, LegalAct
from followups.outcomes import Closing
from followups.refusals import CaseRefusal
from schools.models import User
from tests.cast import WEDNESDAY, Cast, make_cast
from tests.followups.casework import open_case, visit

ORDER = list(Stage)
SAID = {"basis": "连续3个到校日无故未到", "unjustified": "家访，没有请假", "early_reason": "已外出务工"}


def find(actor: User, case: Case, kind: str) -> None:
    findings.decide_finding(actor=actor, case=case, kind=FindingKind(kind), **SAID)


def report(actor: User, case: Case, to: str) -> None:
    papers.record_notice(
        actor=actor, case=case, kind=NoticeKind.REPORT, number=f"{case.notices.count() + 1}号", dated_on=WEDNESDAY,
        signer="王校长", addressees=[to],
    )  # fmt: skip


def go_to_the_door(actor: User, case: Case, met: str) -> None:
    visit(case.student, actor, WEDNESDAY, met, photo=met != Met.RELATIVE)


def act(actor: User, case: Case, paper: str) -> None:
    papers.record_legal_act(
        actor=actor, case=case, paper=paper, issuer="青石乡人民政府", number=f"{case.legal_acts.count() + 1}号",
        served_on=WEDNESDAY, served_how="直接送达", due_on=WEDNESDAY,
    )  # fmt: skip


def step(actor: User, case: Case, to: str) -> None:
    stages.advance(actor=actor, case=case, to=Stage(to))


def close(actor: User, case: Case, outcome: str) -> None:
    closing = Closing(
        Outcome(outcome), paper="证明3号", seen_by="赵教务 3月11日", returned_on=WEDNESDAY,
        placement=Placement.SAME_CLASS,
    )  # fmt: skip
    close_case(actor=actor, case=case, closing=closing)


def withdraw(actor: User, case: Case, outcome: str) -> None:
    stages.withdraw_alert(case=case, outcome=Outcome(outcome), on=WEDNESDAY)


DEEDS: dict[Callable[[User, Case, str], None], list[str]] = {
    find: list(FindingKind.values),
    report: [Addressee.BUREAU, Addressee.TOWNSHIP],
    go_to_the_door: [Met.GUARDIAN, Met.NOBODY, Met.RELATIVE],
    act: ["education", "order", "penalty", "suit", "execution"],
    step: list(Stage.values),
    close: [Outcome.RETURNED, Outcome.TRANSFERRED, Outcome.NOT_CONFIRMED, Outcome.CORRECTED],
    withdraw: [Outcome.CORRECTED, Outcome.CAME_BACK],
}
WHO = ("principal", "principal", "principal", "clerk", "clerk", "head", "admin", "township_officer")
moves = st.sampled_from(list(DEEDS)).flatmap(
    lambda deed: st.tuples(st.sampled_from(WHO), st.just(deed), st.sampled_from(DEEDS[deed]))
)


def check(case: Case) -> None:
    """What must be true of a case at any time."""
    path = [Stage(one.stage) for one in case.steps.all()]
    assert path == sorted(path, key=ORDER.index)
    assert len(set(path)) == len(path)
    assert path[-1] == case.stage
    assert [one.left_at is None for one in case.steps.all()] == [False] * (len(path) - 1) + [True]
    kinds = set(case.findings.values_list("kind", flat=True))
    assert (FindingKind.SUSPECTED in kinds) == bool(case.number) == (Stage.REPORT in path)
    assert FindingKind.DROPOUT not in kinds or FindingKind.SUSPECTED in kinds
    if Stage.VISIT in path:
        assert any(Addressee.BUREAU in notice.addressees for notice in case.notices.filter(kind=NoticeKind.REPORT))
    if Stage.ENFORCE in path:
        assert Stage.VISIT in path
        shown = [one.met for one in case.student.contacts.visits().filter(attachments__isnull=False)]
        assert Met.GUARDIAN in shown or len(shown) >= 2
    steps = set(LegalAct.objects.filter(case=case).values_list("step", flat=True))
    assert not steps or Stage.ENFORCE in path
    assert not steps - {1} or {1, 2} <= steps
    if case.stage == Stage.CLOSED:
        assert case.outcome
        assert (case.closed_by is None) == (case.outcome in (Outcome.CORRECTED, Outcome.CAME_BACK))
        assert case.closed_by is None or case.closed_by.username == "wang"
        assert case.outcome != Outcome.RETURNED  # nobody ever said 「到了」
        assert case.outcome != Outcome.NOT_CONFIRMED or not kinds


@pytest.fixture
def stage_set(db: None, at_day: Callable[..., None]) -> Cast:
    at_day(WEDNESDAY)
    return make_cast(2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(moves, max_size=25))
@example(
    deeds=[
        ("principal", find, "suspected"), ("clerk", report, "bureau"), ("clerk", step, "visit"),
        ("head", go_to_the_door, "guardian"), ("principal", step, "enforce"), ("clerk", act, "education"),
        ("clerk", act, "order"), ("clerk", act, "suit"), ("principal", find, "dropout"),
        ("principal", close, "transferred"), ("principal", step, "visit"), ("clerk", act, "penalty"),
    ]
)  # fmt: skip
def test_no_order_of_deeds_leads_past_the_evidence(stage_set: Cast, deeds: list) -> None:
    with transaction.atomic():
        case = open_case(stage_set.pupils[0], WEDNESDAY)
        for who, deed, what in deeds:
            before = Case.objects.filter(pk=case.pk).values().get()
            try:
                with transaction.atomic():
                    deed(getattr(stage_set, who), Case.objects.get(pk=case.pk), what)
            except CaseRefusal:
                assert Case.objects.filter(pk=case.pk).values().get() == before
            if before["closed_on"]:
                assert Case.objects.filter(pk=case.pk).values().get() == before
            case.refresh_from_db()
            check(case)
        transaction.set_rollback(True)
