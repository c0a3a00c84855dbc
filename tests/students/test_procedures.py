"""办理学籍异动: what each kind asks and does, what each lacks, steps and their days, finishing, correcting."""

import datetime
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from schools import policy
from schools.codes import Verb
from schools.models import AuditEntry, Classroom
from students import procedures, roll
from students.changes import KINDS, name_of, offered
from students.codes import Change, EnrollmentStatus, Party, ProofGrade
from students.models import Paper, RollChange, Student
from students.roll import RollRefusal
from tests.cast import WEDNESDAY, Cast, id_number
from tests.students.changework import DAY, admit, finish_steps, keep, keep_all, march, record, said

IN_CLASS = EnrollmentStatus.IN_CLASS


def stands(student: Student) -> str:
    row = Student.objects.get(pk=student.pk).present_enrollment
    return row.status if row else roll.OUT


# --- The table ------------------------------


def test_nobody_is_expelled_and_nobody_gives_up() -> None:
    assert not {"退学", "开除"} & {word for kind in KINDS.values() for word in (kind.label, kind.note)}
    assert Change.OTHER not in KINDS
    # 免学 is a word of the past, and only the note of 休学 says so.
    assert [kind.change for kind in KINDS.values() if "免学" in kind.note] == [Change.SUSPENSION]


def test_the_chooser_offers_what_the_rules_allow() -> None:
    for standing in (roll.OUT, *EnrollmentStatus.values):
        shown = {kind.change for kind in offered(standing)}
        allowed = {kind for kind in KINDS if standing in roll.RULES[kind].before and not roll.RULES[kind].only_after}
        assert shown == allowed
    assert Change.BACK_FROM_ABROAD in {kind.change for kind in offered(roll.OUT, Change.ABROAD)}
    assert name_of(KINDS[Change.SUSPENSION], EnrollmentStatus.SUSPENDED) == "续休"


@pytest.mark.parametrize(
    ("kind", "more", "after"),
    [
        (Change.TRANSFER_OUT, {}, EnrollmentStatus.TRANSFERRING),
        (Change.SUSPENSION, {}, EnrollmentStatus.SUSPENDED),
        (Change.BOARD_OUT, {}, EnrollmentStatus.ELSEWHERE),
        (Change.HOME_TEACHING, {}, EnrollmentStatus.HOME_TEACHING),
        (Change.SPECIAL_SCHOOL, {}, EnrollmentStatus.SPECIAL_SCHOOL),
        (Change.MISSING, {}, EnrollmentStatus.MISSING),
        (Change.ABROAD, {}, roll.OUT),
        (Change.DEATH, {}, roll.OUT),
        (Change.GRADUATION, {}, roll.OUT),
    ],
)
def test_each_kind_leads_where_it_should(cast: Cast, kind: str, more: dict, after: str) -> None:
    change = record(cast, cast.pupils[0], kind, **more)
    assert stands(cast.pupils[0]) == after
    assert (change.settled_on is not None) == KINDS[kind].at_once
    assert AuditEntry.objects.filter(verb=Verb.ROLL, object_id=cast.pupils[0].pk).exists()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_page_left_empty_is_refused_by_name(cast: Cast, kind: str) -> None:
    with pytest.raises(RollRefusal, match="请填写"):
        procedures.record(actor=cast.clerk, student=cast.pupils[0], kind=KINDS[kind], said={})


@pytest.mark.parametrize(
    ("kind", "more", "words"),
    [
        (Change.SUSPENSION, {"until": DAY}, "要晚于"),
        (Change.SUSPENSION, {"reason": "m1"}, "不能用这个原因"),
        (Change.TRANSFER_OUT, {"applied_on": march(12)}, "申请日期不能晚于今天"),
        (Change.DEATH, {"on": march(12)}, "不能晚于今天"),
        (Change.MISSING, {"note": ""}, "请填写"),
        (Change.RESUMPTION, {}, "在读"),
        (Change.GUEST_OUT, {}, "在读"),
    ],
)
def test_what_can_not_be_is_refused_in_words(cast: Cast, kind: str, more: dict, words: str) -> None:
    with pytest.raises(RollRefusal, match=words):
        record(cast, cast.pupils[0], kind, **more)
    assert stands(cast.pupils[0]) == IN_CLASS


def test_who_does_not_keep_the_roll_changes_nothing(cast: Cast) -> None:
    for actor in (cast.head, cast.far_clerk, cast.auditor):
        with pytest.raises(RollRefusal, match="岗位"):
            procedures.record(actor=actor, student=cast.pupils[0], kind=KINDS[Change.DEATH], said=said(Change.DEATH))


# --- Classes ------------------------------


def test_a_move_stays_in_the_grade_and_skipping_or_staying_down_does_not(cast: Cast) -> None:
    pupil = cast.pupils[0]
    beside = Classroom.objects.create(school=cast.school, stage="junior", entry_year=2025, number=2)
    for kind, classroom, words in (
        (Change.CLASS, cast.eight, "同一年级"),
        (Change.CLASS, cast.seven, "已经在这个班"),
        (Change.SKIP, beside, "高年级"),
        (Change.RETAIN, cast.eight, "低一年级"),
    ):
        with pytest.raises(RollRefusal, match=words):
            record(cast, pupil, kind, classroom=classroom)
    record(cast, pupil, Change.CLASS, classroom=beside)
    assert pupil.enrollments.open().get().classroom == beside
    record(cast, pupil, Change.SKIP, classroom=cast.eight)
    assert pupil.enrollments.open().get().classroom == cast.eight


PAPER = {"seen_by": "赵教务", "seen_on": DAY, "number": "云教审〔2026〕3号"}


def test_staying_down_without_the_bureaus_signature_is_void(cast: Cast) -> None:
    pupil, kind = cast.others[0], KINDS[Change.RETAIN]
    facts = said(Change.RETAIN, classroom=cast.seven)
    with pytest.raises(RollRefusal, match="未经审签视为无效"):
        procedures.record(actor=cast.clerk, student=pupil, kind=kind, said=facts)
    with pytest.raises(RollRefusal, match="请上传材料"):
        procedures.record(actor=cast.clerk, student=pupil, kind=kind, said=facts, paper={"number": "3号"})
    assert pupil.changes.count() == 1
    change = procedures.record(actor=cast.clerk, student=pupil, kind=kind, said=facts, paper=PAPER)
    assert pupil.enrollments.open().get().classroom == cast.seven
    assert [paper.code for paper in change.papers.all()] == ["approval"]


# --- 转入 ------------------------------


def test_a_child_sits_in_class_from_the_first_day_and_the_papers_follow(cast: Cast) -> None:
    student = admit(cast)
    change = student.changes.get()
    assert stands(student) == IN_CLASS
    assert student.guardians.get().name == "新家长"
    with pytest.raises(RollRefusal, match="转学手续不全，不能办结接收，还缺：转学申请表、户籍或居住证明、原校学籍证明"):
        procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    keep_all(cast, change)
    with pytest.raises(RollRefusal, match="转入学校、转入校学籍主管部门、转出学校、转出校学籍主管部门"):
        procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    finish_steps(cast, change)
    procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    assert stands(student) == IN_CLASS


def test_a_child_borrowed_from_another_school_is_taught_and_not_counted(cast: Cast) -> None:
    student = admit(cast, Change.GUEST_IN)
    assert stands(student) == EnrollmentStatus.GUEST
    assert student not in Student.objects.on_roll(WEDNESDAY)
    record(cast, student, Change.GUEST_OUT, march(10))
    assert stands(student) == roll.OUT


def test_who_was_here_before_comes_back_by_the_same_card(cast: Cast) -> None:
    pupil = cast.pupils[0]
    gone = record(cast, pupil, Change.TRANSFER_OUT)
    keep_all(cast, gone)
    procedures.settle(actor=cast.clerk, change=gone, on=march(10))
    assert stands(pupil) == roll.OUT
    record(cast, pupil, Change.TRANSFER_IN, march(11), classroom=cast.seven)
    assert stands(pupil) == IN_CLASS
    record(cast, pupil, Change.ABROAD, march(11))
    with pytest.raises(RollRefusal, match="请填写：班级"):
        record(cast, pupil, Change.BACK_FROM_ABROAD, march(11))
    record(cast, pupil, Change.BACK_FROM_ABROAD, march(11), classroom=cast.seven)
    assert stands(pupil) == IN_CLASS


# --- 转出 ------------------------------


def test_a_child_on_the_way_out_is_ours_until_the_receipt_is_in(cast: Cast) -> None:
    pupil = cast.pupils[0]
    change = record(cast, pupil, Change.TRANSFER_OUT)
    assert pupil in Student.objects.on_roll(WEDNESDAY)
    application, receipt = KINDS[Change.TRANSFER_OUT].papers
    keep(cast, change, application)
    with pytest.raises(RollRefusal, match="还缺：接收学校回执"):
        procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    keep(cast, change, receipt)
    procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    assert stands(pupil) == roll.OUT
    assert pupil not in Student.objects.on_roll(WEDNESDAY)


def test_a_telephone_call_settles_only_by_the_principal(cast: Cast) -> None:
    change = record(cast, cast.pupils[0], Change.TRANSFER_OUT)
    keep_all(cast, change, ProofGrade.CALL)
    with pytest.raises(RollRefusal, match="由校长办结"):
        procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    procedures.settle(actor=cast.principal, change=change, on=WEDNESDAY)
    assert RollChange.objects.get(pk=change.pk).settled_on == WEDNESDAY


def test_a_cancelled_transfer_makes_the_child_ours_again(cast: Cast) -> None:
    pupil = cast.pupils[0]
    change = record(cast, pupil, Change.TRANSFER_OUT)
    with pytest.raises(RollRefusal, match="作废原因"):
        roll.void(actor=cast.clerk, change=change, reason="误")
    roll.void(actor=cast.clerk, change=change, reason="家长不转了")
    assert stands(pupil) == IN_CLASS


# --- Steps and their days ------------------------------


@pytest.mark.parametrize(
    ("applied", "due"),
    [
        ("2026-03-06", "2026-03-20"),  # Friday: ten working days, two weekends
        ("2026-03-07", "2026-03-20"),  # Saturday: the same
        ("2026-03-25", "2026-04-09"),  # 清明 off on Monday 6 April
        ("2026-04-24", "2026-05-12"),  # 劳动节 1 to 5 May off, Saturday 9 May worked
    ],
)
def test_the_first_party_has_ten_working_days(cast: Cast, at_day: Callable[..., None], applied: str, due: str) -> None:
    at_day("2026-04-30")
    on = datetime.date.fromisoformat(applied)
    change = record(cast, cast.pupils[0], Change.TRANSFER_OUT, on, applied_on=on)
    assert [step.due_on for step in change.steps.all()] == [datetime.date.fromisoformat(due), None, None, None]


def test_the_next_party_s_days_begin_when_the_one_before_is_done(cast: Cast) -> None:
    change = record(cast, cast.pupils[0], Change.TRANSFER_OUT)
    first, second, *_ = change.steps.all()
    with pytest.raises(RollRefusal, match="请先登记前面的环节：转入学校"):
        procedures.finish_step(actor=cast.clerk, step=second, on=WEDNESDAY)
    for wrong in (march(5), march(12)):
        with pytest.raises(RollRefusal, match="办理日期"):
            procedures.finish_step(actor=cast.clerk, step=first, on=wrong)
    procedures.finish_step(actor=cast.clerk, step=first, on=march(10), note="系统已发起")
    second.refresh_from_db()
    assert second.due_on == march(24)
    with pytest.raises(RollRefusal, match="已经登记过"):
        procedures.finish_step(actor=cast.clerk, step=first, on=march(10))
    with pytest.raises(RollRefusal, match="岗位"):
        procedures.finish_step(actor=cast.head, step=second, on=march(11))


def test_the_central_school_goes_first_where_the_rule_says_so(cast: Cast) -> None:
    policy.set_rule(
        actor=cast.principal, school=cast.school, key="transfer_central_approval", value="要", basis="青石乡中心校规定",
        from_day=march(1),
    )  # fmt: skip
    change = record(cast, cast.pupils[0], Change.TRANSFER_OUT)
    assert [step.party for step in change.steps.all()][:2] == [Party.CENTRAL, Party.RECEIVING_SCHOOL]
    keep_all(cast, change)
    with pytest.raises(RollRefusal, match="中心校审批"):
        procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    procedures.finish_step(actor=cast.clerk, step=change.steps.get(party=Party.CENTRAL), on=march(10))
    procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)


def test_a_death_goes_to_the_bureau_within_ten_working_days(cast: Cast) -> None:
    change = record(cast, cast.pupils[0], Change.DEATH, march(6))
    step = change.steps.get()
    assert (step.party, step.due_on) == (Party.BUREAU, march(20))
    keep_all(cast, change)
    with pytest.raises(RollRefusal, match="学籍主管部门"):
        procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    finish_steps(cast, change)
    procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)


# --- 休学 and others ------------------------------


def test_what_a_suspension_must_prove_follows_its_reason(cast: Cast) -> None:
    ill, abroad = (
        record(cast, cast.pupils[0], Change.SUSPENSION),
        record(cast, cast.pupils[1], Change.SUSPENSION, reason="28"),
    )
    codes = [[item.asked.code for item in procedures.checklist(change)] for change in (ill, abroad)]
    assert codes == [["application", "diagnosis", "approval"], ["application", "ground", "approval"]]
    again = record(cast, cast.pupils[0], Change.SUSPENSION, march(11), until=datetime.date(2026, 9, 1))
    assert stands(cast.pupils[0]) == EnrollmentStatus.SUSPENDED
    assert again.until == datetime.date(2026, 9, 1)
    record(cast, cast.pupils[0], Change.RESUMPTION, march(11))
    assert stands(cast.pupils[0]) == IN_CLASS


# --- Correcting ------------------------------


def test_a_correction_takes_papers_and_finished_steps_along(cast: Cast) -> None:
    change = record(cast, cast.pupils[0], Change.TRANSFER_OUT)
    keep_all(cast, change)
    finish_steps(cast, change)
    new = procedures.correct(
        actor=cast.clerk, change=change, said=said(Change.TRANSFER_OUT, march(10), other_school="黑山乡中学")
    )
    change.refresh_from_db()
    assert (new.replaces, change.void_reason, change.papers.count()) == (change, "更正：另行登记", 0)
    assert new.papers.count() == 2
    assert all(step.done_on for step in new.steps.all())
    assert cast.pupils[0].enrollments.open().get().starts_on == march(10)


def test_a_correction_before_the_first_step_counts_the_days_anew(cast: Cast) -> None:
    change = record(cast, cast.pupils[0], Change.TRANSFER_OUT)
    new = procedures.correct(actor=cast.clerk, change=change, said=said(Change.TRANSFER_OUT, applied_on=march(9)))
    assert [step.due_on for step in new.steps.all()] == [march(23), None, None, None]


def test_a_finished_change_stays_finished_unless_a_paper_is_lacking_now(cast: Cast) -> None:
    change = record(cast, cast.pupils[0], Change.SUSPENSION)
    keep_all(cast, change)
    procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    change.refresh_from_db()
    new = procedures.correct(actor=cast.clerk, change=change, said=said(Change.SUSPENSION, until=march(30)))
    assert new.settled_on == WEDNESDAY
    other = procedures.correct(actor=cast.clerk, change=new, said=said(Change.SUSPENSION, reason="28"))
    assert other.settled_on is None


def test_a_change_that_later_ones_stand_on_is_not_taken_from_under_them(cast: Cast) -> None:
    first = record(cast, cast.pupils[0], Change.SUSPENSION)
    record(cast, cast.pupils[0], Change.RESUMPTION, march(10))
    with pytest.raises(RollRefusal, match="后面还有异动"):
        roll.void(actor=cast.clerk, change=first, reason="登记错了人")


def test_the_paper_of_a_finished_change_goes_only_when_another_is_in(cast: Cast) -> None:
    change = record(cast, cast.pupils[0], Change.TRANSFER_OUT)
    keep_all(cast, change)
    procedures.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    change.refresh_from_db()
    paper = Paper.objects.get(change=change, code="receipt")
    with pytest.raises(RollRefusal, match="请先补上"):
        procedures.void_paper(actor=cast.clerk, paper=paper, reason="扫描错了")
    keep(cast, change, KINDS[Change.TRANSFER_OUT].papers[1])
    procedures.void_paper(actor=cast.clerk, paper=paper, reason="扫描错了")
    assert change.papers.standing().count() == 2


def test_the_same_number_comes_once_only(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="身份证件号"):
        procedures.admit(
            actor=cast.clerk, school=cast.school, kind=KINDS[Change.TRANSFER_IN],
            said=said(Change.TRANSFER_IN, classroom=cast.seven),
            child={"name": "赵海燕", "sex": "1", "id_no": id_number(1)}, guardian={},
        )  # fmt: skip
