"""What the daily report does to the cases: one warning a spell, withdrawn and opened again as the marks say."""

import datetime
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from attendance.detection import recompute, recompute_school
from followups import watching
from followups.closing import close_case
from followups.codes import FindingKind, Met, Outcome, Placement, ProposalKind, Result, Source, Stage, Way
from followups.findings import decide_finding
from followups.models import Attachment, Case, Contact
from followups.opening import open_case
from followups.outcomes import Closing
from followups.proposals import propose, send_back
from schools.codes import Verb
from schools.models import AuditEntry
from schools.policy import apply_preset
from students.codes import Change
from students.models import Student
from students.services import change_enrollment
from tests.attendance.conftest import send
from tests.attendance.saying import day, report, report_days
from tests.cast import Cast

AtDay = Callable[..., None]


@pytest.fixture
def child(cast: Cast) -> Student:
    return cast.pupils[0]


def say(cast: Cast, at_day: AtDay, child: Student, first: str, codes: str) -> datetime.date:
    """Live through the days one by one: report at eight, and let detection run. Returns the last day."""
    days = report_days(cast.seven, cast.head, child, first, " " * len(codes))
    for on, code in zip(days, codes, strict=True):
        at_day(on)
        if code != " ":
            report(cast.seven, on, cast.head, {} if code == "." else {child: code})
        run(cast)
    return days[-1]


def correct(cast: Cast, child: Student, on: str, code: str) -> None:
    report(cast.seven, on, cast.head, {child: code})
    run(cast)


def run(cast: Cast) -> None:
    with transaction.atomic():
        recompute(classroom=cast.seven, actor=cast.head)


def find(cast: Cast, case: Case, kind: FindingKind = FindingKind.SUSPECTED) -> None:
    decide_finding(actor=cast.principal, case=case, kind=kind, basis="连续三天无故未到", unjustified="家长说不清去向")


def test_the_threshold_opens_one_warning(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", ".UU")
    assert Case.objects.count() == 0
    say(cast, at_day, child, "3-9", "W")
    case = Case.objects.get()
    assert (case.student, case.school, case.classroom) == (child, cast.school, cast.seven)
    assert (case.source, case.source_note, case.opened_by) == (Source.SPELL, "缺勤3天", None)
    assert (case.opened_on, case.spell_from, case.last_attended_on) == (day("3-9"), day("3-5"), day("3-4"))
    assert (case.stage, case.previous, case.number) == (Stage.IDENTIFY, None, None)
    step = case.steps.get()
    assert (step.stage, step.due_on, step.entered_by) == (Stage.IDENTIFY, day("3-10"), None)
    assert "1个工作日" in step.due_rule
    entry = AuditEntry.objects.get(verb=Verb.ALERT)
    assert (entry.actor_id, entry.object_id, entry.detail["student"]) == (None, case.pk, child.pk)
    assert child.name not in str(entry.detail) + entry.reason


def test_a_spell_that_goes_on_and_detection_that_runs_again_change_nothing(
    cast: Cast, at_day: AtDay, child: Student
) -> None:
    say(cast, at_day, child, "3-4", "UUUUUU")
    before = list(Case.objects.values()), AuditEntry.objects.count()
    for _ in range(2):
        recompute_school(school=cast.school)
        run(cast)
    assert (list(Case.objects.values()), AuditEntry.objects.count()) == before
    assert Case.objects.count() == 1


def test_late_reports_that_jump_over_the_threshold_open_it_too(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "U  U")
    assert Case.objects.count() == 0
    report_days(cast.seven, cast.head, child, "3-5", "UU")
    run(cast)
    assert Case.objects.get().source_note == "缺勤4天"


def test_unreported_days_alone_do_not_open_it(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "U U  ")
    assert Case.objects.count() == 0


def test_the_schools_own_rule_decides(cast: Cast, at_day: AtDay, child: Student) -> None:
    apply_preset(actor=cast.principal, school=cast.school, name="广东口径", from_day=day("3-1"))
    say(cast, at_day, child, "3-2", "UUUUU")
    assert Case.objects.count() == 0
    say(cast, at_day, child, "3-9", "U")
    assert Case.objects.count() == 1


@pytest.mark.parametrize(("on", "code"), [("3-5", "P"), ("3-6", "S"), ("3-9", "A"), ("3-5", "")])
def test_a_correction_withdraws_it_and_another_opens_a_new_one(
    cast: Cast, at_day: AtDay, child: Student, on: str, code: str
) -> None:
    say(cast, at_day, child, "3-5", "UUU")
    correct(cast, child, on, code)
    case = Case.objects.get()
    assert (case.stage, case.outcome, case.closed_on, case.closed_by) == (
        Stage.CLOSED, Outcome.CORRECTED, day("3-9"), None,
    )  # fmt: skip
    assert case.steps.filter(left_at=None).get().stage == Stage.CLOSED
    assert AuditEntry.objects.filter(verb=Verb.ALERT).count() == 2
    correct(cast, child, on, "U")
    assert Case.objects.count() == 2
    assert Case.objects.open().get().previous is None


def test_a_child_who_is_said_to_be_there_withdraws_it_and_may_be_missed_again(
    cast: Cast, at_day: AtDay, child: Student
) -> None:
    say(cast, at_day, child, "3-4", "UUUP")
    case = Case.objects.get()
    assert (case.outcome, case.closed_on) == (Outcome.CAME_BACK, day("3-9"))
    say(cast, at_day, child, "3-10", "UUU")
    again = Case.objects.open().get()
    assert (again.spell_from, again.previous) == (day("3-10"), None)


def test_an_arrival_on_the_very_day_withdraws_it(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-5", "UUU")
    correct(cast, child, "3-9", "L")
    assert Case.objects.get().outcome == Outcome.CAME_BACK


def test_a_contact_neither_keeps_it_open_nor_is_lost(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "UUU")
    call = Contact.objects.create(
        student=child, way=Way.PHONE, on=day("3-6"), met=Met.GUARDIAN, result=Result.PROMISED, made_by=cast.head
    )
    say(cast, at_day, child, "3-9", "P")
    assert Case.objects.get().outcome == Outcome.CAME_BACK
    assert list(child.contacts.all()) == [call]


def test_a_finding_keeps_it_from_the_machine(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "UUU")
    find(cast, Case.objects.get())
    say(cast, at_day, child, "3-9", "PPP")
    correct(cast, child, "3-5", "S")
    case = Case.objects.get()
    assert (case.stage, case.outcome) == (Stage.REPORT, "")


def test_a_request_to_the_principal_waits_for_his_answer(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "UUU")
    case = Case.objects.get()
    request = propose(actor=cast.head, case=case, kind=ProposalKind.SUSPECTED, text="家访没有见到人")
    say(cast, at_day, child, "3-9", "P")
    assert Case.objects.get().is_open
    send_back(actor=cast.principal, proposal=request, answer="学生已到校，不用认定")
    run(cast)
    assert Case.objects.get().outcome == Outcome.CAME_BACK


def test_a_scan_in_the_case_keeps_it_from_the_machine(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "UUU")
    Attachment.objects.create(
        case=Case.objects.get(), file=ContentFile(b"%PDF", name="a.pdf"), sha256="0" * 64, media_type="application/pdf",
        uploaded_by=cast.clerk,
    )  # fmt: skip
    say(cast, at_day, child, "3-9", "P")
    assert Case.objects.get().is_open


def test_a_case_opened_by_hand_is_not_the_machines(cast: Cast, at_day: AtDay, child: Student) -> None:
    open_case(actor=cast.head, student=child, source=Source.LEAD, note="邻居说去外地打工了")
    say(cast, at_day, child, "3-11", "UUUP")
    assert Case.objects.get().is_open


def test_a_case_that_a_person_closed_settles_its_spell(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "UUU")
    close_case(
        actor=cast.principal, case=Case.objects.get(),
        closing=Closing(Outcome.NOT_CONFIRMED, paper="住院，家长明天补假条"),
    )  # fmt: skip
    say(cast, at_day, child, "3-9", "UU")
    assert Case.objects.open().count() == 0
    say(cast, at_day, child, "3-11", ".UUU")  # back, and away again: another spell
    assert Case.objects.open().get().spell_from == day("3-12")


def test_leave_in_between_makes_it_another_run(cast: Cast, at_day: AtDay, child: Student) -> None:
    """Closed because he was ill; when the leave is over and he still does not come, that is new."""
    say(cast, at_day, child, "3-4", "UUU")
    close_case(
        actor=cast.principal, case=Case.objects.get(), closing=Closing(Outcome.NOT_CONFIRMED, paper="住院，有病历")
    )
    say(cast, at_day, child, "3-9", "SSUUU")
    assert Case.objects.open().get().spell_from == day("3-4")


def returned(cast: Cast, at_day: AtDay, child: Student) -> Case:
    """A case found, proved by five days and closed as 复学."""
    say(cast, at_day, child, "3-2", "UUU")
    case = Case.objects.get()
    find(cast, case)
    say(cast, at_day, child, "3-5", "PPPPP")
    return close_case(
        actor=cast.principal, case=case,
        closing=Closing(Outcome.RETURNED, returned_on=day("3-5"), placement=Placement.SAME_CLASS),
    )  # fmt: skip


def test_a_relapse_is_a_new_case_with_the_last_one_behind_it(cast: Cast, at_day: AtDay, child: Student) -> None:
    first = returned(cast, at_day, child)
    say(cast, at_day, child, "3-12", "UUU")
    second = Case.objects.open().get()
    assert (second.previous, second.spell_from) == (first, day("3-12"))


def test_one_unexcused_day_in_the_watch_is_an_alert(
    cast: Cast, at_day: AtDay, child: Student, django_assert_max_num_queries
) -> None:
    case = returned(cast, at_day, child)
    say(cast, at_day, child, "3-12", "P")
    assert watching.broken_watches(cast.school, day("3-12")) == []
    say(cast, at_day, child, "3-13", "W")
    with django_assert_max_num_queries(7):
        assert watching.broken_watches(cast.school, day("3-13")) == [watching.BrokenWatch(case, (day("3-13"),))]
    correct(cast, child, "3-13", "S")
    assert watching.broken_watches(cast.school, day("3-13")) == []
    say(cast, at_day, child, "3-16", "UUU")
    assert watching.broken_watches(cast.school, day("3-18")) == []  # it has a case of its own now
    assert Case.objects.open().get().previous == case
    correct(cast, child, "3-17", "S")  # the new warning is withdrawn: the watch goes on
    assert watching.broken_watches(cast.school, day("3-18")) == [watching.BrokenWatch(case, (day("3-16"), day("3-18")))]


def test_who_left_class_keeps_his_case_for_a_person(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "UUU")
    change_enrollment(
        actor=cast.clerk, student=child, from_day=day("3-6"), change=Change.SUSPENSION,
        basis="病休申请",
    )  # fmt: skip
    run(cast)
    recompute_school(school=cast.school)
    assert Case.objects.get().is_open


def test_the_case_goes_with_the_child_into_another_class(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "UUU")
    change_enrollment(
        actor=cast.clerk, student=child, from_day=day("3-9"), change=Change.CLASS, classroom=cast.eight, basis="编班"
    )
    at_day("2026-03-09")
    report(cast.eight, "3-9", cast.other_head, {child: "U"})
    recompute(classroom=cast.eight, actor=cast.other_head)
    assert Case.objects.count() == 1
    report(cast.eight, "3-9", cast.other_head, {child: "P"})
    recompute(classroom=cast.eight, actor=cast.other_head)
    assert Case.objects.get().outcome == Outcome.CAME_BACK


def test_nothing_to_do_costs_one_query_for_any_class(cast: Cast, at_day: AtDay, child: Student) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            run(cast)
        return len([query for query in seen if "SAVEPOINT" not in query["sql"]])

    at_day("2026-03-11", 12)
    report(cast.seven, "3-11", cast.head, {child: "U"})
    before = queries()
    report_days(cast.seven, cast.head, child, "3-5", "UUUU")
    run(cast)
    for other in cast.pupils[1:]:
        report(cast.seven, "3-11", cast.head, {other: "U"})
    assert queries() == before == 6


def test_an_open_case_pre_marks_its_pupil_from_the_spells_first_day(cast: Cast, at_day: AtDay, child: Student) -> None:
    say(cast, at_day, child, "3-4", "UUU")
    assert watching.open_case_reasons(cast.seven, day("3-9")) == {child.pk: "有未销号个案"}
    assert watching.open_case_reasons(cast.seven, day("3-4")) == {child.pk: "有未销号个案"}
    assert watching.open_case_reasons(cast.seven, day("3-3")) == {}
    assert watching.open_case_reasons(cast.eight, day("3-9")) == {}


def test_a_careless_report_returns_no_missing_child(cast: Cast, at_day: AtDay, child: Student) -> None:
    """Through the roll call itself: 全到 leaves him absent, 「到了」 brings him back and withdraws the warning."""
    for on in ("3-5", "3-6", "3-9"):
        at_day(day(on))
        send(cast.head, cast.seven, day(on), {child.pk: "W"})
    assert Case.objects.get().is_open
    at_day(day("3-10"))
    send(cast.head, cast.seven, day("3-10"))
    assert child.marks.get(on=day("3-10")).code == "W"
    assert Case.objects.get().is_open
    at_day(day("3-11"))
    send(cast.head, cast.seven, day("3-11"), {child.pk: "P"})
    assert Case.objects.get().outcome == Outcome.CAME_BACK
