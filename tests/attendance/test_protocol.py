"""到校日报, the protocol: what a sending changes, what it meets, and what is refused whole."""

import datetime
import uuid

import pytest

from attendance import rollcall, services
from attendance.codes import MarkCode
from attendance.models import DailyReport, Mark, Submission
from schools import audit, calendar, policy
from schools.codes import Verb
from schools.models import AuditEntry
from students.services import end_enrollment
from tests.attendance.conftest import send
from tests.cast import WEDNESDAY, Cast, make_person, make_pupil

MONDAY, TUESDAY = datetime.date(2026, 3, 9), datetime.date(2026, 3, 10)


def said(cast: Cast, on: datetime.date = WEDNESDAY) -> dict[str, str]:
    """Teachers' values of the class's report by the pupil's name."""
    return dict(Mark.objects.filter(report__classroom=cast.seven, on=on).values_list("student__name", "teacher_code"))


def away(cast: Cast, at_day, *pupils: int, days=(datetime.date(2026, 3, 6), MONDAY, TUESDAY), code="W") -> None:
    """Pupils absent on the days before, as their head teacher reported each morning."""
    for day in days:
        at_day(day)
        send(cast.head, cast.seven, day, {cast.pupils[index].pk: code for index in pupils})
    at_day(WEDNESDAY)


def test_a_first_report_stores_only_exceptions_and_leaves_a_trace(cast):
    a, b = cast.pupils[0], cast.pupils[3]
    submission = send(cast.head, cast.seven, marks={a.pk: "W", b.pk: ("S", "发烧")})
    report = submission.report
    assert (report.expected, report.absent, report.revision, report.late) == (6, 2, 1, False)
    assert said(cast) == {"赵海燕": "W", "扎西卓玛": "S"}
    assert Mark.objects.get(student=b).note == "发烧"
    entry = AuditEntry.objects.get(verb=Verb.REPORT)
    assert entry.actor_name == "张老师"
    assert entry.detail["absent"] == 2
    assert entry.detail["changed"] == {str(a.pk): ["", "W"], str(b.pk): ["", "S"]}
    assert "赵海燕" not in str(entry.detail)
    assert audit.first_broken(cast.school) is None


def test_full_attendance_is_a_report_without_marks(cast):
    report = send(cast.head, cast.seven).report
    assert (report.expected, report.absent) == (6, 0)
    assert not Mark.objects.exists()


def test_late_is_present_and_counts_as_no_absence(cast):
    report = send(cast.head, cast.seven, marks={cast.pupils[0].pk: "L"}).report
    assert report.absent == 0


# --- Idempotency ----------------------------------------------------------------------------------
def test_the_same_sending_twice_is_one_report_and_the_same_receipt(cast, at_day):
    sending = {"request_id": uuid.uuid4(), "seen_revision": 0}
    first = send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"}, **sending)
    again = send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"}, **sending)
    assert again == first
    assert Submission.objects.count() == DailyReport.objects.count() == 1
    # Weeks later the day is locked; the phone that never heard the answer gets it all the same.
    at_day("2026-04-22")
    with pytest.raises(services.Refusal, match="已锁定"):
        send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    assert send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"}, **sending).receipt == first.receipt


@pytest.mark.parametrize("other", ["marks", "person", "day"])
def test_the_same_id_with_other_content_is_refused(cast, other):
    sending = {"request_id": uuid.uuid4(), "seen_revision": 0}
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"}, **sending)
    changed = {
        "marks": (cast.head, WEDNESDAY, {cast.pupils[1].pk: "W"}),
        "person": (cast.clerk, WEDNESDAY, {cast.pupils[0].pk: "W"}),
        "day": (cast.head, TUESDAY, {cast.pupils[0].pk: "W"}),
    }[other]
    with pytest.raises(services.SameIdOtherContent):
        send(changed[0], cast.seven, changed[1], changed[2], **sending)
    assert said(cast) == {"赵海燕": "W"}
    assert DailyReport.objects.count() == 1


# --- Two people -----------------------------------------------------------------------------------
def test_sendings_that_touch_different_pupils_both_hold(cast):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"}, seen_revision=0)
    second = send(cast.clerk, cast.seven, marks={cast.pupils[1].pk: "S"}, seen_revision=0)
    assert second.revision == 2
    assert said(cast) == {"赵海燕": "W", "李建军": "S"}
    assert second.report.absent == 2


def test_an_older_full_attendance_returns_nobody(cast):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"}, seen_revision=0)
    send(cast.clerk, cast.seven, marks={}, seen_revision=0)
    assert said(cast) == {"赵海燕": "W"}


def test_two_words_on_the_same_pupil_are_a_conflict_and_nothing_is_written(cast):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W", cast.pupils[2].pk: "W"}, seen_revision=0)
    with pytest.raises(services.Conflict, match="张老师在您之前报过赵海燕") as caught:
        send(cast.clerk, cast.seven, marks={cast.pupils[0].pk: "S", cast.pupils[1].pk: "W"}, seen_revision=0)
    (difference,) = caught.value.differences
    assert (difference.theirs, difference.mine) == (("W", ""), ("S", ""))
    assert said(cast) == {"赵海燕": "W", "王小梅": "W"}
    # One's own version of the quarrel, laid over what stands: the third pupil stays absent.
    mended = {pk: code for pk, (code, _) in caught.value.mended.items()}
    send(cast.clerk, cast.seven, marks=mended)
    assert said(cast) == {"赵海燕": "S", "王小梅": "W", "李建军": "W"}


def test_two_people_who_say_the_same_agree(cast):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"}, seen_revision=0)
    assert send(cast.clerk, cast.seven, marks={cast.pupils[0].pk: "W"}, seen_revision=0).revision == 2


def test_a_sending_is_compared_with_what_its_sender_saw(cast):
    a, b, c = (pupil.pk for pupil in cast.pupils[:3])
    send(cast.head, cast.seven, marks={a: "W", b: "W"})
    send(cast.head, cast.seven, marks={a: "S", b: "W"})  # revision 2
    # The clerk saw revision 1 and changed only the second pupil.
    send(cast.clerk, cast.seven, marks={a: "W", b: "A", c: "U"}, seen_revision=1)
    assert said(cast) == {"赵海燕": "S", "李建军": "A", "王小梅": "U"}
    with pytest.raises(services.Conflict):
        send(cast.clerk, cast.seven, marks={a: "A", b: "W"}, seen_revision=1)


def test_a_page_newer_than_the_report_is_refused(cast):
    with pytest.raises(services.Refusal, match="比学校收到的日报还新"):
        send(cast.head, cast.seven, seen_revision=3)


# --- Corrections ----------------------------------------------------------------------------------
def test_a_correction_takes_an_absence_back_by_saying_that_he_is_here(cast):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    second = send(cast.head, cast.seven, marks={})
    assert said(cast) == {"赵海燕": "P"}
    assert second.report.absent == 0
    assert second.changes == {str(cast.pupils[0].pk): [["W", ""], ["P", ""]]}


def test_the_same_content_in_a_new_sending_changes_nothing_but_the_count(cast):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: ("S", "发烧")})
    second = send(cast.head, cast.seven, marks={cast.pupils[0].pk: ("S", "发烧")})
    assert (second.revision, second.changes) == (2, {})


def test_corrections_are_free_until_midnight_then_need_a_reason_then_the_principal(cast, at_day):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    at_day(WEDNESDAY, 23, 59)
    assert send(cast.head, cast.seven, marks={cast.pupils[0].pk: "S"}).revision == 2
    at_day("2026-03-12", 0, 0)
    with pytest.raises(services.Refusal, match="要写明原因"):
        send(cast.head, cast.seven, marks={})
    assert send(cast.head, cast.seven, marks={}, reason="家长补交病假条").reason == "家长补交病假条"
    at_day("2026-03-16")  # Monday: three school days later
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "S"}, reason="病假条到了")
    at_day("2026-03-17")
    with pytest.raises(services.Refusal, match="期限3个"):
        send(cast.head, cast.seven, marks={}, reason="记错了")
    with pytest.raises(services.Refusal, match="只有校长"):
        send(cast.clerk, cast.seven, marks={}, reason="记错了")
    with pytest.raises(services.Refusal, match="要写明原因"):
        send(cast.principal, cast.seven, marks={})
    assert send(cast.principal, cast.seven, marks={}, reason="查监控，当天在校").revision == 5
    assert AuditEntry.objects.filter(verb=Verb.REPORT).last().reason == "查监控，当天在校"


@pytest.mark.parametrize(("hour", "minute", "late"), [(0, 1, False), (9, 0, False), (9, 1, True), (23, 59, True)])
def test_a_first_report_is_late_after_the_deadline(cast, at_day, hour, minute, late):
    at_day(WEDNESDAY, hour, minute)
    assert send(cast.head, cast.seven).report.late is late


def test_a_first_report_is_taken_three_school_days_back_and_marked_late(cast, at_day):
    at_day("2026-03-16")
    assert send(cast.head, cast.seven, WEDNESDAY).report.late is True
    with pytest.raises(services.Refusal, match="已锁定"):
        send(cast.head, cast.seven, TUESDAY)
    assert send(cast.principal, cast.seven, TUESDAY).report.late is True


def test_the_window_is_the_schools_own_rule(cast, at_day):
    policy.set_rule(
        actor=cast.principal, school=cast.school, key="correct_with_reason_days", value="1", basis="校长办公会",
        from_day=WEDNESDAY,
    )  # fmt: skip
    with pytest.raises(services.Refusal, match="期限1个"):
        send(cast.head, cast.seven, MONDAY)


# --- Refused whole --------------------------------------------------------------------------------
def nothing_written() -> bool:
    return not DailyReport.objects.exists() and not Submission.objects.exists() and not Mark.objects.exists()


def test_a_pupil_who_is_not_on_the_days_roll(cast):
    with pytest.raises(services.Refusal, match="1名学生不在七\\(1\\)班2026年3月11日的名单上"):
        send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W", cast.others[0].pk: "W"})
    assert nothing_written()


def test_a_pupil_who_left_the_day_before(cast):
    end_enrollment(
        actor=cast.clerk, student=cast.pupils[0], last_day=TUESDAY, ended_by="transfer_out", basis="转学证明1号"
    )
    with pytest.raises(services.Refusal, match="不在七"):
        send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    assert send(cast.head, cast.seven, TUESDAY, {cast.pupils[0].pk: "W"}).report.expected == 6
    assert send(cast.head, cast.seven).report.expected == 5


@pytest.mark.parametrize("who", ["other_head", "subject", "far_head", "far_clerk", "central", "admin", "auditor"])
def test_a_class_that_is_not_ones_own(cast, who):
    with pytest.raises(services.Refusal, match="不由您点名"):
        send(getattr(cast, who), cast.seven)
    assert nothing_written()


@pytest.mark.parametrize(("day", "why"), [("2026-03-14", "周六"), ("2026-04-05", "清明"), ("2026-02-10", "春节|行课")])
def test_a_closed_day_says_why(cast, at_day, day, why):
    at_day(day)
    with pytest.raises(services.Refusal, match=why):
        send(cast.head, cast.seven, datetime.date.fromisoformat(day))
    assert nothing_written()


def test_a_day_closed_by_the_school_says_its_reason_and_a_make_up_saturday_is_a_school_day(cast, at_day):
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="冰雪停课")
    with pytest.raises(services.Refusal, match="冰雪停课"):
        send(cast.head, cast.seven)
    saturday = datetime.date(2026, 3, 14)
    calendar.open_day(actor=cast.clerk, school=cast.school, on=saturday, note="补3月11日的课")
    at_day(saturday)
    assert send(cast.head, cast.seven, saturday).report.absent == 0


def test_a_day_on_which_only_this_grade_stays_home(cast):
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="七年级研学", grade=7)
    with pytest.raises(services.Refusal, match="七年级研学"):
        send(cast.head, cast.seven)
    assert send(cast.other_head, cast.eight).report.absent == 0


def test_the_future(cast):
    with pytest.raises(services.Refusal, match="还没有到"):
        send(cast.head, cast.seven, datetime.date(2026, 3, 12))
    assert nothing_written()


def test_a_roll_that_changed_since_the_page_was_opened(cast):
    version = rollcall.roll_of(cast.seven, WEDNESDAY).version
    make_pupil(cast.school, cast.seven, 7, "新来的", 900, starts_on=WEDNESDAY)
    with pytest.raises(services.RollChanged):
        send(cast.head, cast.seven, roll_version=version)
    assert nothing_written()


def test_a_code_that_does_not_exist(cast):
    with pytest.raises(services.Refusal, match="看不懂"):
        send(cast.head, cast.seven, marks={cast.pupils[0].pk: "?"})
    assert nothing_written()


# --- Presence: full attendance returns no missing child -------------------------------------------
def test_a_child_at_the_threshold_stays_absent_until_somebody_says_that_he_is_here(cast, at_day):
    away(cast, at_day, 1)
    assert said(cast, TUESDAY) == {"李建军": "W"}
    send(cast.head, cast.seven, marks={})
    assert said(cast) == {"李建军": "W"}
    send(cast.head, cast.seven, marks={cast.pupils[1].pk: "P"})
    assert said(cast) == {"李建军": "P"}


def test_a_child_with_an_open_case_too(cast, open_cases):
    open_cases[cast.pupils[2].pk] = "有未销号个案"
    report = send(cast.head, cast.seven).report
    assert (said(cast), report.absent) == ({"王小梅": "W"}, 1)
    assert send(cast.head, cast.seven, marks={cast.pupils[2].pk: "P"}).report.absent == 0


def test_a_given_reason_holds_for_a_pre_marked_child(cast, open_cases):
    open_cases[cast.pupils[2].pk] = "有未销号个案"
    send(cast.head, cast.seven, marks={cast.pupils[2].pk: "S"})
    assert said(cast) == {"王小梅": "S"}


def test_a_class_that_stopped_reporting_loses_no_child(cast, at_day):
    """One day confirmed and two silent ones reach the threshold together."""
    away(cast, at_day, 1, days=(datetime.date(2026, 3, 6),))
    send(cast.head, cast.seven)
    assert said(cast) == {"李建军": "W"}


@pytest.mark.parametrize("code", ["S", "A"])
def test_a_child_on_leave_is_called_like_any_other(cast, at_day, code):
    away(cast, at_day, 1, code=code)
    send(cast.head, cast.seven)
    assert said(cast) == {}


def test_a_case_opened_after_the_report_does_not_turn_what_was_said(cast, open_cases):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    open_cases[cast.pupils[2].pk] = "有未销号个案"
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "S"})
    assert said(cast) == {"赵海燕": "S"}


# --- The office's word ----------------------------------------------------------------------------
def test_the_offices_word_holds_over_the_teachers_and_both_are_kept(cast):
    pupil = cast.pupils[0]
    send(cast.head, cast.seven, marks={pupil.pk: "W"})
    mark = services.verify_mark(actor=cast.clerk, student=pupil, on=WEDNESDAY, code="P", note="到班看过")
    report = mark.report
    report.refresh_from_db()
    assert (mark.teacher_code, mark.office_code, report.absent) == ("W", "P", 0)
    later = send(cast.head, cast.seven, marks={pupil.pk: "U", cast.pupils[1].pk: "W"})
    mark = Mark.objects.get(student=pupil)
    assert (mark.teacher_code, mark.office_code, mark.code, mark.verified_by) == ("U", "P", "P", cast.clerk)
    assert later.report.absent == 1
    entry = AuditEntry.objects.get(verb=Verb.VERIFY)
    assert (entry.object_id, entry.reason, entry.detail["teacher"], entry.detail["after"]) == (
        pupil.pk, "到班看过", "W", "P",
    )  # fmt: skip


def test_the_office_may_verify_a_child_of_whom_the_teacher_said_nothing(cast):
    send(cast.head, cast.seven)
    mark = services.verify_mark(actor=cast.principal, student=cast.pupils[0], on=WEDNESDAY, code="U")
    assert (mark.teacher_code, Mark.objects.get().code) == ("", "U")
    assert DailyReport.objects.get().absent == 1


@pytest.mark.parametrize("who", ["head", "far_clerk", "admin", "county_officer"])
def test_nobody_but_the_schools_office_verifies(cast, who):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    with pytest.raises(services.Refusal, match="教务或校长"):
        services.verify_mark(actor=getattr(cast, who), student=cast.pupils[0], on=WEDNESDAY, code="P")
    assert Mark.objects.get().office_code == ""


def test_verifying_before_the_class_has_reported_is_refused(cast):
    with pytest.raises(services.Refusal, match="还没有上报"):
        services.verify_mark(actor=cast.clerk, student=cast.pupils[0], on=WEDNESDAY, code="P")


# --- 到了 -------------------------------------------------------------------------------------------
def test_an_arrival_is_one_tap_and_late_is_present(cast, at_day):
    pupil = cast.pupils[0]
    send(cast.head, cast.seven, marks={pupil.pk: "W"})
    at_day(WEDNESDAY, 9, 40)
    tap = {"actor": cast.head, "classroom": cast.seven, "on": WEDNESDAY, "student_id": pupil.pk}
    request_id = uuid.uuid4()
    arrival = services.record_arrival(**tap, request_id=request_id)
    mark = Mark.objects.get()
    assert (mark.code, mark.arrived_at, arrival.report.absent) == ("L", datetime.time(9, 40), 0)
    assert services.record_arrival(**tap, request_id=request_id) == arrival
    with pytest.raises(services.Refusal, match="没有报缺勤"):
        services.record_arrival(**tap, request_id=uuid.uuid4())


def test_an_arrival_needs_a_report_of_today(cast, at_day):
    tap = {"actor": cast.head, "classroom": cast.seven, "student_id": cast.pupils[0].pk}
    with pytest.raises(services.Refusal, match="已经上报"):
        services.record_arrival(**tap, on=WEDNESDAY, request_id=uuid.uuid4())
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    at_day("2026-03-12")
    with pytest.raises(services.Refusal):
        services.record_arrival(**tap, on=WEDNESDAY, request_id=uuid.uuid4())


def test_an_arrival_ends_a_spell_at_once(cast, at_day):
    from attendance.detection import spells_of_class

    away(cast, at_day, 1)
    send(cast.head, cast.seven)
    assert [spell.unexcused for spell in spells_of_class(cast.seven, WEDNESDAY)] == [4]
    services.record_arrival(
        actor=cast.head, classroom=cast.seven, on=WEDNESDAY, request_id=uuid.uuid4(), student_id=cast.pupils[1].pk
    )
    assert spells_of_class(cast.seven, WEDNESDAY) == []


# --- Detection ------------------------------------------------------------------------------------
def test_detection_hears_of_each_sending_and_gets_what_a_fresh_reading_gives(cast, at_day, monkeypatch):
    from attendance import detection

    heard = []
    monkeypatch.setattr(detection, "listeners", [heard.append])
    away(cast, at_day, 1)
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    assert len(heard) == 4
    assert heard[-1].spells == detection.spells_of_class(cast.seven, WEDNESDAY)
    assert {(s.student_id, s.absent) for s in heard[-1].spells} == {(cast.pupils[1].pk, 4), (cast.pupils[0].pk, 1)}
    # A correction of an old day bears on the present spell.
    send(cast.head, cast.seven, MONDAY, {cast.pupils[1].pk: "P"}, reason="看错了人")
    assert heard[-1].on == WEDNESDAY
    assert {(s.student_id, s.absent) for s in heard[-1].spells} == {(cast.pupils[1].pk, 2), (cast.pupils[0].pk, 1)}
    assert heard[-1].spells == detection.spells_of_class(cast.seven, WEDNESDAY)
    services.verify_mark(actor=cast.clerk, student=cast.pupils[0], on=WEDNESDAY, code="P")
    assert heard[-1].spells == detection.spells_of_class(cast.seven, WEDNESDAY)


def test_an_afternoon_report_stands_beside_the_morning_and_changes_no_spell(cast):
    from attendance.detection import spells_of_class

    send(cast.head, cast.seven)
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"}, session="pm")
    assert DailyReport.objects.count() == 2
    assert spells_of_class(cast.seven, WEDNESDAY) == []


# --- A number -------------------------------------------------------------------------------------
def test_the_phone_of_an_absent_pupil_opens_with_a_trace(cast):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    (guardian,) = services.open_phone(actor=cast.head, student=cast.pupils[0])
    assert guardian.name == "赵海燕家长"
    assert AuditEntry.objects.get(verb=Verb.PHONE).object_id == cast.pupils[0].pk
    with pytest.raises(services.Refusal, match="没有报缺勤"):
        services.open_phone(actor=cast.head, student=cast.pupils[1])
    for stranger in (cast.other_head, cast.subject, cast.far_head, cast.admin):
        with pytest.raises(services.Refusal, match="不在您点名的班里"):
            services.open_phone(actor=stranger, student=cast.pupils[0])
    assert AuditEntry.objects.filter(verb=Verb.PHONE).count() == 1


def test_receipts_can_be_read_out(cast):
    receipt = send(cast.head, cast.seven).receipt
    assert len(receipt) == 4
    assert set(receipt) <= set(services.RECEIPT_CHARACTERS)
    assert not set(services.RECEIPT_CHARACTERS) & set("0O1ILSZ")


def test_a_lost_duty_has_effect_at_once(cast):
    cast.head.duties.update(ends_on=TUESDAY)
    cast.head.__dict__.pop("duties_today", None)
    with pytest.raises(services.Refusal, match="不由您点名"):
        send(cast.head, cast.seven)
    successor = make_person("new", "新老师", "head_teacher", cast.school, cast.seven)
    assert send(successor, cast.seven).report.submitted_by == successor


def test_the_reasons_offered_are_a_part_of_the_code_list():
    """What the page offers is a part of the code list, and every code has a sign and a side."""
    from attendance import codes
    from attendance.forms import OTHER, REASONS

    assert {code for code, _ in REASONS} - {OTHER} <= set(MarkCode.values)
    assert set(codes.SYMBOLS) == set(MarkCode.values) == codes.ABSENT | codes.PRESENT
