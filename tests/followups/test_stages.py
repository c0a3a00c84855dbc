"""The table of steps, and `advance()`, the one way along it."""

import datetime
from collections.abc import Callable
from itertools import product

import pytest

from followups import stages
from followups.codes import Addressee, FindingKind, Met, Outcome, Placement, Stage
from followups.models import Case, CaseStep, Finding
from followups.outcomes import PROOFS, Closing
from followups.refusals import CaseMovedOn, CaseRefusal, StepLacks
from kongchuo import dates
from schools.codes import Role
from schools.models import AuditEntry, Duty, User
from tests.cast import TERM_START, WEDNESDAY, Cast, make_person
from tests.followups.casework import MONDAY, mark, open_case, report, visit

TUESDAY = MONDAY + datetime.timedelta(days=1)
ALLOWED = {
    (Stage.IDENTIFY, Stage.REPORT): {Role.PRINCIPAL, Role.DELEGATE},
    (Stage.REPORT, Stage.VISIT): {Role.CLERK, Role.PRINCIPAL, Role.DELEGATE},
    (Stage.VISIT, Stage.ENFORCE): {Role.PRINCIPAL, Role.DELEGATE},
    (Stage.IDENTIFY, Stage.CLOSED): {Role.PRINCIPAL, Role.DELEGATE},
    (Stage.REPORT, Stage.CLOSED): {Role.PRINCIPAL, Role.DELEGATE},
    (Stage.VISIT, Stage.CLOSED): {Role.PRINCIPAL, Role.DELEGATE},
    (Stage.ENFORCE, Stage.CLOSED): {Role.PRINCIPAL, Role.DELEGATE},
}
"""Written out once more by hand: the table in the code must say exactly this."""
TRANSFER = Closing(Outcome.TRANSFERRED, paper="接收学校回执 教籍12号", seen_by="赵教务 3月11日在国网核对")


@pytest.fixture
def case(cast: Cast) -> Case:
    """A warning of Monday with every piece of evidence that any step could ask for."""
    case = open_case(cast.pupils[1])
    Finding.objects.create(
        case=case,
        kind=FindingKind.SUSPECTED,
        on=MONDAY,
        by=cast.principal,
        at=dates.now(),
        basis="连续3天",
        unjustified="家访",
    )
    report(case, cast.clerk, MONDAY)
    visit(case.student, cast.head, TUESDAY)
    return case


def put(case: Case, stage: str) -> None:
    """Set a case down at a stage, past all rules."""
    closed = {"closed_on": WEDNESDAY, "outcome": Outcome.TRANSFERRED} if stage == Stage.CLOSED else {}
    Case.objects.filter(pk=case.pk).update(stage=stage, **{"closed_on": None, "outcome": ""} | closed)
    CaseStep.objects.filter(case=case).delete()
    stages.enter(case=case, stage=Stage(stage), on=MONDAY, actor=None)
    case.refresh_from_db()


def everyone(cast: Cast) -> dict[str, User]:
    """One person for each role, in the case's own school, class or county; and one who has no duty at all."""
    delegate = make_person("daili", "代校长", Role.DELEGATE, cast.school)
    nobody = User.objects.create_user(username="nobody", name="无岗")
    return {
        Role.HEAD_TEACHER: cast.head, Role.SUBJECT_TEACHER: cast.subject, Role.CLERK: cast.clerk,
        Role.PRINCIPAL: cast.principal, Role.DELEGATE: delegate, Role.ADMIN: cast.admin, Role.AUDITOR: cast.auditor,
        Role.CENTRAL: cast.central, Role.TOWNSHIP: cast.township_officer, Role.COUNTY: cast.county_officer,
        "nobody": nobody, "elsewhere": cast.far_principal,
    }  # fmt: skip


def refusal_of(deed: Callable[[], object]) -> str:
    """The sentence with which something was refused, or nothing."""
    try:
        deed()
    except CaseRefusal as refusal:
        return str(refusal)
    return ""


def test_steps_are_exactly_the_table(cast: Cast, case: Case) -> None:
    """Every stage to every stage by every role, with all evidence at hand: what the table says, and nothing else."""
    people = everyone(cast)
    assert set(people) - {"nobody", "elsewhere"} == set(Role)
    done = set()
    for source, target, (role, person) in product(Stage, Stage, people.items()):
        put(case, source)
        closing = TRANSFER if target == Stage.CLOSED else None
        before = CaseStep.objects.count(), AuditEntry.objects.count()
        if refusal_of(lambda: stages.advance(actor=person, case=case, to=target, closing=closing)):  # noqa: B023
            assert (CaseStep.objects.count(), AuditEntry.objects.count()) == before
            assert Case.objects.get(pk=case.pk).stage == source
        else:
            done.add((source, target, role))
            assert Case.objects.get(pk=case.pk).stage == target
    assert done == {(*pair, role) for pair, roles in ALLOWED.items() for role in roles}


def test_the_table_says_what_each_step_means() -> None:
    assert {(step.source, step.target): set(step.roles) for step in stages.TRANSITIONS} == ALLOWED
    assert all(step.label and step.meaning.endswith("。") for step in stages.TRANSITIONS)


def test_buttons_are_the_table_filtered(cast: Cast, case: Case) -> None:
    put(case, Stage.REPORT)
    assert [step.target for step in stages.next_steps(case, cast.clerk)] == [Stage.VISIT]
    assert [step.target for step in stages.next_steps(case, cast.principal)] == [Stage.VISIT, Stage.CLOSED]
    assert stages.next_steps(case, cast.head) == []


def test_a_step_closes_a_stretch_and_opens_the_next_with_its_deadline(cast: Cast, case: Case) -> None:
    put(case, Stage.REPORT)
    entered = stages.advance(actor=cast.clerk, case=case, to=Stage.VISIT)
    left = case.steps.get(stage=Stage.REPORT)
    assert (left.left_by, left.left_at) == (cast.clerk, dates.now())
    assert (entered.entered_on, entered.entered_by, entered.left_at) == (WEDNESDAY, cast.clerk, None)
    # Three school days after Wednesday: Thursday, Friday, Monday.
    assert entered.due_on == datetime.date(2026, 3, 16)
    assert entered.due_rule == "报告后完成走访期限3个到校日(学校控辍制度)"
    assert entered.evidence.startswith("书面报告 青校〔2026〕")


def test_a_rule_changed_later_moves_no_deadline(cast: Cast, case: Case) -> None:
    from schools.policy import set_rule

    put(case, Stage.REPORT)
    step = stages.advance(actor=cast.clerk, case=case, to=Stage.VISIT)
    set_rule(
        actor=cast.principal, school=cast.school, key="visit_within", value="9工作日", basis="县制度", from_day=MONDAY
    )
    assert CaseStep.objects.get(pk=step.pk).due_on == step.due_on == datetime.date(2026, 3, 16)


# --- Evidence, piece by piece ---------------------------------------------------------------------------------------


def refused(cast: Cast, case: Case, to: Stage, **how: object) -> StepLacks:
    with pytest.raises(StepLacks) as caught:
        stages.advance(actor=cast.principal, case=case, to=to, **how)
    return caught.value


def test_no_report_stage_without_a_finding(cast: Cast) -> None:
    lacks = refused(cast, open_case(cast.pupils[1]), Stage.REPORT)
    assert str(lacks) == "还没有校长(或代行校长)的疑似辍学认定。"


def test_no_visits_without_a_written_report(cast: Cast, case: Case) -> None:
    put(case, Stage.REPORT)
    case.notices.all().delete()
    lacks = refused(cast, case, Stage.VISIT)
    assert "还没有书面报告" in str(lacks)
    assert lacks.missing[0].place == "followups:notice_new"


def test_a_report_that_did_not_go_to_the_bureau_is_not_one(cast: Cast, case: Case) -> None:
    put(case, Stage.REPORT)
    case.notices.all().delete()
    report(case, cast.clerk, MONDAY, (Addressee.TOWNSHIP, Addressee.VILLAGE))
    assert "没有送县(市、区)教育局" in str(refused(cast, case, Stage.VISIT))


def test_a_report_dated_after_the_step_does_not_carry_it(cast: Cast, case: Case) -> None:
    put(case, Stage.REPORT)
    case.notices.update(dated_on=WEDNESDAY)
    assert "还没有书面报告" in str(refused(cast, case, Stage.VISIT, on=TUESDAY))


@pytest.mark.parametrize(
    ("visits", "sentence"),
    [
        ([], "需先有1次见到监护人的家访，或2次没见到监护人的家访；现在见到0次、没见到0次。"),
        ([Met.NOBODY], "现在见到0次、没见到1次"),
        ([Met.NEIGHBOUR], "现在见到0次、没见到1次"),
        ([Met.NOBODY, Met.NOBODY], None),
        ([Met.NOBODY, Met.PUPIL], None),
        ([Met.GUARDIAN], None),
    ],
)
def test_visits_before_the_authorities(cast: Cast, case: Case, visits: list[str], sentence: str | None) -> None:
    put(case, Stage.VISIT)
    case.student.contacts.update(way="phone")
    for met in visits:
        visit(case.student, cast.head, TUESDAY, met)
    if sentence:
        lacks = refused(cast, case, Stage.ENFORCE)
        assert sentence in str(lacks)
        assert (lacks.missing[0].place, lacks.missing[0].key) == ("followups:contact_new", case.student_id)
    else:
        stages.advance(actor=cast.principal, case=case, to=Stage.ENFORCE)
        assert case.stage == Stage.ENFORCE


def test_a_call_is_no_visit_and_a_visit_before_the_spell_belongs_to_another_story(cast: Cast, case: Case) -> None:
    put(case, Stage.VISIT)
    case.student.contacts.update(way="phone")
    visit(case.student, cast.head, case.spell_from - datetime.timedelta(days=1))
    assert "现在见到0次" in str(refused(cast, case, Stage.ENFORCE))


def test_a_visit_counts_without_its_photo_but_carries_no_case_to_the_authorities(cast: Cast, case: Case) -> None:
    put(case, Stage.VISIT)
    case.student.contacts.get().attachments.all().delete()
    lacks = refused(cast, case, Stage.ENFORCE)
    assert str(lacks) == "3月10日的家访还没有照片(或家访登记表扫描件)。"
    visit(case.student, cast.head, WEDNESDAY)
    stages.advance(actor=cast.principal, case=case, to=Stage.ENFORCE)


def test_a_relapse_asks_for_more_visits(cast: Cast, case: Case) -> None:
    put(case, Stage.VISIT)
    before = open_case(cast.pupils[2])
    Case.objects.filter(pk=case.pk).update(previous=before)
    assert "家访要满3次，现在1次" in str(refused(cast, case, Stage.ENFORCE))
    visit(case.student, cast.head, TUESDAY)
    visit(case.student, cast.head, WEDNESDAY, Met.NOBODY)
    stages.advance(actor=cast.principal, case=case, to=Stage.ENFORCE)


# --- Who, when, twice -----------------------------------------------------------------------------------------------


def test_a_duty_that_ended_decides_nothing(cast: Cast, case: Case) -> None:
    put(case, Stage.VISIT)
    Duty.objects.filter(user=cast.principal).update(ends_on=TUESDAY)
    with pytest.raises(
        CaseRefusal, match="您现在的岗位不能办理「劝返无效，转入依法强制」，这一步由校长、受托代行校长办理。"
    ):
        stages.advance(actor=User.objects.get(pk=cast.principal.pk), case=case, to=Stage.ENFORCE)


def test_a_delegate_decides_on_the_days_given(cast: Cast, case: Case, at_day) -> None:  # type: ignore[no-untyped-def]
    put(case, Stage.VISIT)
    delegate = make_person("daili", "代校长", Role.DELEGATE, cast.school)
    Duty.objects.filter(user=delegate).update(starts_on=TUESDAY, ends_on=WEDNESDAY)
    at_day("2026-03-12")
    with pytest.raises(CaseRefusal, match="您现在的岗位"):
        stages.advance(actor=User.objects.get(pk=delegate.pk), case=case, to=Stage.ENFORCE)
    at_day(WEDNESDAY)
    stages.advance(actor=User.objects.get(pk=delegate.pk), case=case, to=Stage.ENFORCE)


@pytest.mark.parametrize(("day", "word"), [("2026-03-12", "不能晚于今天"), ("2026-03-08", "不能早于上一步")])
def test_dates_that_cannot_be(cast: Cast, case: Case, day: str, word: str) -> None:
    put(case, Stage.REPORT)
    with pytest.raises(CaseRefusal, match=word):
        stages.advance(actor=cast.clerk, case=case, to=Stage.VISIT, on=datetime.date.fromisoformat(day))


def test_a_stale_click_is_told_who_was_quicker(cast: Cast, case: Case, at_day) -> None:  # type: ignore[no-untyped-def]
    put(case, Stage.REPORT)
    seen_by_clerk = Case.objects.get(pk=case.pk)
    at_day(WEDNESDAY, 9, 12)
    stages.advance(actor=cast.principal, case=case, to=Stage.VISIT)
    at_day(WEDNESDAY, 10)
    with pytest.raises(CaseMovedOn, match="王校长 9:12 已完成此步，个案现在是「走访」阶段。"):
        stages.advance(actor=cast.clerk, case=seen_by_clerk, to=Stage.VISIT)
    assert case.steps.filter(stage=Stage.VISIT).count() == 1


def test_nothing_is_reopened(cast: Cast, case: Case) -> None:
    put(case, Stage.CLOSED)
    for stage in Stage:
        with pytest.raises(CaseRefusal, match="个案在「结案」阶段"):
            stages.advance(actor=cast.principal, case=case, to=stage)


# --- The end --------------------------------------------------------------------------------------------------------


def close(cast: Cast, case: Case, closing: Closing, on: datetime.date | None = None) -> Case:
    stages.advance(actor=cast.principal, case=case, to=Stage.CLOSED, closing=closing, on=on)
    return case


def close_refused(cast: Cast, case: Case, closing: Closing) -> str:
    return str(refused(cast, case, Stage.CLOSED, closing=closing))


def test_return_is_proved_by_days_and_watched(cast: Cast, case: Case) -> None:
    put(case, Stage.VISIT)
    back = Closing(Outcome.RETURNED, returned_on=WEDNESDAY - datetime.timedelta(days=6), placement=Placement.SAME_CLASS)
    Case.objects.filter(pk=case.pk).update(spell_from=TERM_START)
    case.refresh_from_db()
    days = [datetime.date(2026, 3, day) for day in (5, 6, 9, 10)]
    for day in days:
        mark(cast.seven, case.student, day, "P", cast.head)
    assert "复学要有5个到校日的到校记录(班主任点「到了」或教务核实)，现在有4个，还差1个。" in close_refused(
        cast, case, back
    )
    mark(cast.seven, case.student, WEDNESDAY, "P", cast.head)
    close(cast, case, back)
    assert (case.outcome, case.closed_by, case.returned_on) == (Outcome.RETURNED, cast.principal, days[0])
    # 30 school days after 3月11日, over 清明节 (4月6日 off).
    assert case.watch_until == datetime.date(2026, 4, 23)
    assert case.outcome_proof == "到校记录5个到校日"


def test_an_absence_begins_the_count_of_days_anew(cast: Cast, case: Case) -> None:
    put(case, Stage.VISIT)
    for day, code in ((5, "P"), (6, "P"), (9, "U"), (10, "P"), (11, "P")):
        mark(cast.seven, case.student, datetime.date(2026, 3, day), code, cast.head)
    back = Closing(Outcome.RETURNED, returned_on=TUESDAY, placement=Placement.SAME_CLASS)
    assert "现在有2个，还差3个" in close_refused(cast, case, back)


@pytest.mark.parametrize("outcome", [o for o in PROOFS if o not in (Outcome.RETURNED, Outcome.NOT_CONFIRMED)])
def test_other_ends_need_their_paper_and_somebody_who_saw_it(cast: Cast, case: Case, outcome: Outcome) -> None:
    put(case, Stage.ENFORCE)
    assert PROOFS[outcome].paper in close_refused(cast, case, Closing(outcome, seen_by="赵教务 3月11日"))
    assert "请上传证明材料的扫描件，或写明谁在哪一天核验过原件。" in close_refused(
        cast, case, Closing(outcome, paper="证明3号")
    )
    close(cast, case, Closing(outcome, paper="证明3号", scanned=True))
    assert (case.outcome, case.outcome_proof, case.watch_until) == (outcome, "证明3号", None)


def test_not_confirmed_only_before_a_finding_and_with_reasons(cast: Cast, case: Case) -> None:
    put(case, Stage.REPORT)
    assert "已经认定，不能再按「不予认定」销号。" in close_refused(
        cast, case, Closing(Outcome.NOT_CONFIRMED, paper="家长已请假")
    )
    fresh = open_case(cast.pupils[3])
    assert "请写明不予认定的理由" in close_refused(cast, fresh, Closing(Outcome.NOT_CONFIRMED))
    close(cast, fresh, Closing(Outcome.NOT_CONFIRMED, paper="家长3月9日已补病假条"))
    assert fresh.label == ""


def test_no_return_from_a_warning_that_nobody_decided(cast: Cast) -> None:
    back = Closing(Outcome.RETURNED, returned_on=WEDNESDAY, placement=Placement.SAME_CLASS)
    assert "还没有认定，不能按「复学」销号" in close_refused(cast, open_case(cast.pupils[3]), back)


@pytest.mark.parametrize("outcome", [Outcome.CORRECTED, Outcome.CAME_BACK])
def test_the_machines_ends_are_not_for_people(cast: Cast, case: Case, outcome: Outcome) -> None:
    put(case, Stage.IDENTIFY)
    assert "由系统自动写入" in close_refused(cast, case, Closing(outcome))


def test_closing_says_how_it_ended(cast: Cast, case: Case) -> None:
    put(case, Stage.VISIT)
    with pytest.raises(CaseRefusal, match="请先选择销号的结果"):
        stages.advance(actor=cast.principal, case=case, to=Stage.CLOSED)


# --- Withdrawn by the machine ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [Outcome.CORRECTED, Outcome.CAME_BACK])
def test_an_undecided_warning_is_withdrawn(cast: Cast, outcome: Outcome) -> None:
    case = open_case(cast.pupils[1])
    assert stages.withdraw_alert(case=case, outcome=outcome, on=WEDNESDAY)
    assert (case.stage, case.outcome, case.closed_by, case.closed_on) == (Stage.CLOSED, outcome, None, WEDNESDAY)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.actor_name, entry.detail["withdrawn"]) == ("alert", "系统", outcome)


def test_a_decided_case_is_not_withdrawn(cast: Cast, case: Case) -> None:
    stages.advance(actor=cast.principal, case=case, to=Stage.REPORT)
    stale = Case.objects.get(pk=case.pk)
    assert not stages.withdraw_alert(case=stale, outcome=Outcome.CAME_BACK, on=WEDNESDAY)
    assert Case.objects.get(pk=case.pk).stage == Stage.REPORT


def test_the_machine_writes_no_other_end(cast: Cast, case: Case) -> None:
    with pytest.raises(ValueError, match="not the machine's"):
        stages.withdraw_alert(case=case, outcome=Outcome.RETURNED, on=WEDNESDAY)
