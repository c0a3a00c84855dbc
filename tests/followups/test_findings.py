"""认定: 疑似 numbers the case and moves it; 辍学 stands beside the stages."""

import datetime
import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from followups import findings, stages
from followups.codes import FindingKind, Outcome, Stage
from followups.models import Case, Finding
from followups.refusals import CaseMovedOn, CaseRefusal
from followups.stages import advance
from schools.codes import Role
from schools.models import AuditEntry, Duty, User
from tests.cast import WEDNESDAY, Cast, make_cast, make_person
from tests.followups.casework import MONDAY, open_case, report, visit

WHY = {"basis": "连续3个到校日无故未到", "unjustified": "3月10日家访，没有请假、没有转学"}


def find(actor: User, case: Case, kind: FindingKind = FindingKind.SUSPECTED, **how: object) -> Finding:
    return findings.decide_finding(actor=actor, case=case, kind=kind, **{**WHY, **how})


def test_suspected_completes_the_first_stage_and_numbers_the_case(cast: Cast) -> None:
    case = open_case(cast.pupils[1])
    finding = find(cast.principal, case)
    assert (case.stage, case.label) == (Stage.REPORT, "2025-001")
    assert (finding.by, finding.on, finding.alone) == (cast.principal, WEDNESDAY, False)
    step = case.steps.get(left_at=None)
    assert step.due_on == datetime.date(2026, 3, 12)
    assert step.due_rule == "认定疑似后书面报告期限1个工作日(未成年人保护法28条「及时」)"
    verbs = AuditEntry.objects.order_by("-seq").values_list("verb", flat=True)
    assert list(verbs[:2]) == ["step", "finding"]


def test_numbers_run_by_school_and_school_year(cast: Cast, at_day: Callable[..., None]) -> None:
    first, second, far = (open_case(p) for p in (cast.pupils[0], cast.pupils[1], cast.far_pupils[0]))
    find(cast.principal, first)
    find(cast.principal, second)
    find(cast.far_principal, far)
    at_day("2026-09-01")
    third = open_case(cast.pupils[2], datetime.date(2026, 9, 1))
    find(cast.principal, third)
    assert [c.label for c in (first, second, far, third)] == ["2025-001", "2025-002", "2025-001", "2026-001"]


@pytest.mark.parametrize("person", ["head", "clerk", "subject", "admin", "central", "far_principal"])
def test_only_a_decider_of_the_school_finds(cast: Cast, person: str) -> None:
    case = open_case(cast.pupils[1])
    with pytest.raises(CaseRefusal, match="您现在的岗位不能认定，认定由校长、受托代行校长办理。"):
        find(getattr(cast, person), case)
    assert not Finding.objects.exists()


@pytest.mark.parametrize(
    ("how", "word", "field"),
    [
        ({"basis": "  "}, "请写明认定依据", "basis"),
        ({"unjustified": "无"}, "请写明怎样查明没有正当理由", "unjustified"),
        ({"on": datetime.date(2026, 3, 12)}, "不能晚于今天", "on"),
        ({"on": datetime.date(2026, 3, 6)}, "不能早于上一步", "on"),
    ],
)
def test_a_finding_says_why_and_when(cast: Cast, how: dict, word: str, field: str) -> None:
    case = open_case(cast.pupils[1])
    with pytest.raises(CaseRefusal, match=word) as caught:
        find(cast.principal, case, **how)
    assert caught.value.field == field


def test_the_same_finding_twice_names_the_first(cast: Cast, at_day: Callable[..., None]) -> None:
    case = open_case(cast.pupils[1])
    at_day(WEDNESDAY, 9, 12)
    find(cast.principal, case)
    with pytest.raises(CaseMovedOn, match="王校长 9:12 已认定「疑似辍学」。"):
        find(cast.principal, case)
    with pytest.raises(CaseMovedOn, match="王校长 9:12 已完成此步，个案现在是「报告」阶段。"):
        find(cast.principal, case, seen=Stage.IDENTIFY)


def test_dropout_follows_when_the_rules_time_has_run_and_moves_no_stage(
    cast: Cast, at_day: Callable[..., None]
) -> None:
    case = open_case(cast.pupils[1])
    find(cast.principal, case)
    at_day("2026-04-10")  # 30 自然日 after 3月11日
    finding = find(cast.principal, case, FindingKind.DROPOUT, basis="疑似满30日仍未复学")
    assert (case.stage, finding.basis) == (Stage.REPORT, "疑似满30日仍未复学")


def test_an_early_dropout_needs_a_reason_and_shows_it(cast: Cast, at_day: Callable[..., None]) -> None:
    case = open_case(cast.pupils[1])
    find(cast.principal, case)
    at_day("2026-04-09")
    with pytest.raises(CaseRefusal, match="不满30个自然日") as caught:
        find(cast.principal, case, FindingKind.DROPOUT)
    assert caught.value.field == "early_reason"
    assert "(到2026年4月10日)" in str(caught.value)
    finding = find(cast.principal, case, FindingKind.DROPOUT, early_reason="已随父母去外省务工")
    assert finding.basis.endswith("（提前认定，不满30个自然日：已随父母去外省务工）")


def test_dropout_only_after_suspected_and_before_the_end(cast: Cast) -> None:
    case = open_case(cast.pupils[1])
    with pytest.raises(CaseRefusal, match="还没有认定疑似辍学"):
        find(cast.principal, case, FindingKind.DROPOUT)
    find(cast.principal, case)
    Case.objects.filter(pk=case.pk).update(stage=Stage.CLOSED, closed_on=WEDNESDAY, outcome="transferred")
    with pytest.raises(CaseRefusal, match="个案已销号"):
        find(cast.principal, case, FindingKind.DROPOUT, early_reason="很久没有消息")


def test_one_person_alone_is_marked(cast: Cast) -> None:
    principal = cast.principal
    Duty.objects.create(
        user=principal, role=Role.HEAD_TEACHER, unit=cast.school, classroom=cast.eight, starts_on=MONDAY
    )
    fresh = User.objects.get(pk=principal.pk)
    assert find(fresh, open_case(cast.others[0])).alone  # teaches the class
    assert find(fresh, open_case(cast.pupils[0], opened_by=principal)).alone  # opened the case
    visit(cast.pupils[1], principal, MONDAY)
    assert find(fresh, open_case(cast.pupils[1])).alone  # alone gathered the evidence
    visit(cast.pupils[2], principal, MONDAY)
    visit(cast.pupils[2], cast.head, MONDAY)
    assert not find(fresh, open_case(cast.pupils[2])).alone


def rivals(deeds: list[Callable[[], object]]) -> list[object]:
    """Do all at once, each on a connection of its own; what came of each, or its refusal."""
    results: list[object] = [None] * len(deeds)
    ready = threading.Barrier(len(deeds))

    def run(index: int) -> None:
        ready.wait()
        try:
            results[index] = deeds[index]()
        except Exception as error:  # carried over to the test's own thread
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    unforeseen = [r for r in results if isinstance(r, Exception) and not isinstance(r, CaseRefusal)]
    assert not unforeseen
    return results


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_confirm_one_case_one_wins(at_day: Callable[..., None]) -> None:
    at_day(WEDNESDAY, 9, 12)
    cast = make_cast()
    case = open_case(cast.pupils[1])
    people = [make_person(f"d{n}", f"代行{n}", Role.DELEGATE, cast.school) for n in range(20)]
    connection.close()
    found = rivals(
        [lambda who=person: find(User.objects.get(pk=who.pk), case, seen=Stage.IDENTIFY) for person in people]
    )
    winners = [result for result in found if isinstance(result, Finding)]
    assert len(winners) == 1
    losers = {str(result) for result in found if isinstance(result, CaseMovedOn)}
    assert losers == {f"{winners[0].by.name} 9:12 已完成此步，个案现在是「报告」阶段。"}
    assert Finding.objects.count() == 1
    case.refresh_from_db()
    assert (case.label, case.steps.count()) == ("2025-001", 2)


@pytest.mark.django_db(transaction=True)
def test_findings_at_once_take_a_number_each(at_day: Callable[..., None]) -> None:
    at_day(WEDNESDAY)
    cast = make_cast()
    cases = [open_case(pupil) for pupil in cast.pupils + cast.others]
    connection.close()
    rivals([lambda one=case: find(User.objects.get(pk=cast.principal.pk), one) for case in cases])
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert numbers == list(range(1, len(cases) + 1))


@pytest.mark.django_db(transaction=True)
def test_a_step_and_its_withdrawal_do_not_meet(at_day: Callable[..., None]) -> None:
    """The machine withdraws a warning while the principal decides it: one of them, whichever, and no deadlock."""
    at_day(WEDNESDAY)
    cast = make_cast()
    cases = [open_case(pupil) for pupil in cast.pupils]
    connection.close()
    deeds: list[Callable[[], object]] = []
    for case in cases:
        deeds.append(lambda one=case: find(User.objects.get(pk=cast.principal.pk), one, seen=Stage.IDENTIFY))
        deeds.append(lambda one=case: stages.withdraw_alert(case=one, outcome=Outcome.CAME_BACK, on=WEDNESDAY))
    rivals(deeds)
    for case in Case.objects.all():
        decided = case.findings.exists()
        assert (case.stage, case.outcome) == ((Stage.REPORT, "") if decided else (Stage.CLOSED, Outcome.CAME_BACK))


def test_report_and_visits_carry_a_found_case_on(cast: Cast) -> None:
    case = open_case(cast.pupils[1])
    find(cast.principal, case)
    report(case, cast.clerk, WEDNESDAY)
    advance(actor=cast.clerk, case=case, to=Stage.VISIT)
    visit(case.student, cast.head, WEDNESDAY)
    advance(actor=cast.principal, case=case, to=Stage.ENFORCE)
    assert [s.stage for s in case.steps.all()] == [Stage.IDENTIFY, Stage.REPORT, Stage.VISIT, Stage.ENFORCE]
