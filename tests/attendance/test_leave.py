"""请假: who grants what, what the roll call shows, how a leave ends, and what a late slip does to past days."""

import datetime
import uuid
from typing import Any

import pytest
from django.test import Client

from attendance import detection, leaves, rollcall
from attendance.codes import MarkCode
from attendance.models import Leave, Mark, Submission
from attendance.services import Refusal, submit_report, verify_mark
from schools.models import AuditEntry, Classroom, User
from schools.policy import set_rule
from students import roll
from students.codes import Change
from students.models import Student
from tests.attendance.saying import report
from tests.cast import WEDNESDAY, Cast, login


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(f"2026-{text}")


def ask(cast: Cast, actor: User, pupil: Student, first: str, last: str, **more: object) -> Leave:
    facts = {"kind": "A", "reason": "家中有事", "asked_by": "父亲来电话"} | more
    return leaves.ask(actor=actor, student=pupil, starts_on=day(first), ends_on=day(last), **facts)


def send(classroom: Classroom, on: str, by: User, said: dict[Student, str] | None = None, reason: str = "") -> None:
    """The class's report as the page sends it: exceptions, and silence for the rest."""
    roll = rollcall.roll_of(classroom, day(on))
    submit_report(
        actor=by, classroom=classroom, on=day(on), request_id=uuid.uuid4(), seen_revision=roll.revision,
        roll_version=roll.version, marks={pupil.pk: (code, "") for pupil, code in (said or {}).items()}, reason=reason,
    )  # fmt: skip


def row_of(pupil: Student, on: str) -> rollcall.Row:
    roll = rollcall.roll_of(pupil.present_enrollment.classroom, day(on))
    return next(row for row in roll.rows if row.student_id == pupil.pk)


def code_on(pupil: Student, on: str) -> str:
    mark = Mark.objects.filter(student=pupil, on=day(on)).first()
    return mark.code if mark else ""


# --- the ladder -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "level", "days"), [("03-11", "head", 1), ("03-12", "office", 2), ("03-13", "office", 3),
                                ("03-16", "principal", 4)],
)  # fmt: skip
def test_the_length_in_school_days_says_who_grants(cast: Cast, last: str, level: str, days: int) -> None:
    leave = ask(cast, cast.head, cast.pupils[0], "03-11", last)
    assert (leave.level, leave.days) == (level, days)
    assert leave.status == ("granted" if level == "head" else "waiting")


def test_the_ladder_is_a_rule_of_the_school(cast: Cast) -> None:
    set_rule(
        actor=cast.principal, school=cast.school, key="leave_head_days", value="3", basis="学校请假制度",
        from_day=WEDNESDAY,
    )  # fmt: skip
    assert ask(cast, cast.head, cast.pupils[0], "03-11", "03-13").status == "granted"


def test_each_level_grants_its_own_and_what_is_below(cast: Cast) -> None:
    leave = ask(cast, cast.head, cast.pupils[0], "03-11", "03-12")
    for stranger in (cast.head, cast.other_head, cast.far_clerk, cast.far_principal):
        with pytest.raises(Refusal, match="由教务来批"):
            leaves.decide(actor=stranger, leave=leave, granted=True)
    leaves.decide(actor=cast.clerk, leave=leave, granted=True, note="同意")
    assert (leave.status, leave.decided_by) == ("granted", cast.clerk)
    with pytest.raises(Refusal, match="已经有人处理过"):
        leaves.decide(actor=cast.principal, leave=leave, granted=False, note="不同意")
    long = ask(cast, cast.clerk, cast.pupils[1], "03-11", "03-20")
    assert long.status == "waiting"
    with pytest.raises(Refusal, match="由校长来批"):
        leaves.decide(actor=cast.clerk, leave=long, granted=True)


def test_a_refusal_says_why(cast: Cast) -> None:
    leave = ask(cast, cast.head, cast.pupils[0], "03-11", "03-12")
    with pytest.raises(Refusal, match="写明原因"):
        leaves.decide(actor=cast.clerk, leave=leave, granted=False)
    leaves.decide(actor=cast.clerk, leave=leave, granted=False, note="家长不知情")
    assert row_of(cast.pupils[0], "03-11").until_said == rollcall.SILENT


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("03-12", "03-11", "不能早于第一天"),
        ("03-14", "03-15", "都不是到校日"),
        ("03-11", "12-31", "办休学"),
    ],
)
def test_days_that_are_no_leave(cast: Cast, first: str, last: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        ask(cast, cast.head, cast.pupils[0], first, last)
    assert not Leave.objects.exists()


def test_two_slips_for_one_day(cast: Cast) -> None:
    ask(cast, cast.head, cast.pupils[0], "03-11", "03-12")
    with pytest.raises(Refusal, match="已有请假条"):
        ask(cast, cast.head, cast.pupils[0], "03-12", "03-13")
    ask(cast, cast.head, cast.pupils[0], "03-13", "03-13")  # 续假


# --- at the roll call -----------------------------------------------------------------------------------------------


def test_a_granted_leave_is_written_down_already(cast: Cast) -> None:
    pupil = cast.pupils[0]
    ask(cast, cast.head, pupil, "03-11", "03-11", kind="S")
    row = row_of(pupil, "03-11")
    assert (row.premarked, row.until_said) == ("病假至3/11", ("S", "请假至3/11"))
    send(cast.seven, "03-11", cast.head)  # nothing said of anybody
    assert code_on(pupil, "03-11") == MarkCode.SICK
    html = login(cast.head).get(f"/roll/{cast.seven.pk}/").content.decode()
    assert "病假至3/11" in html


def test_a_waiting_slip_explains_nothing_yet(cast: Cast) -> None:
    pupil = cast.pupils[0]
    ask(cast, cast.head, pupil, "03-11", "03-13")
    assert row_of(pupil, "03-11").until_said == rollcall.SILENT


def test_who_comes_is_back_from_leave(cast: Cast, at_day) -> None:
    pupil = cast.pupils[0]
    leave = ask(cast, cast.clerk, pupil, "03-11", "03-13")
    send(cast.seven, "03-11", cast.head)
    at_day(day("03-12"))
    send(cast.seven, "03-12", cast.head, {pupil: "P"})
    leave.refresh_from_db()
    assert leave.returned_on == day("03-12")
    at_day(day("03-13"))
    assert row_of(pupil, "03-13").until_said == rollcall.SILENT
    send(cast.seven, "03-12", cast.head, {pupil: "A"}, reason="点错了")  # he had not come after all
    leave.refresh_from_db()
    assert leave.returned_on is None
    assert row_of(pupil, "03-13").until_said == ("A", "请假至3/13")


def test_an_overrun_is_unexcused_from_the_day_after(cast: Cast, at_day) -> None:
    """Leave to Thursday; on Friday and Monday nobody says anything of him, and he is missing."""
    pupil = cast.pupils[0]
    leave = ask(cast, cast.clerk, pupil, "03-10", "03-12")
    for on in ("03-10", "03-11", "03-12", "03-13", "03-16"):
        at_day(day(on))
        send(cast.seven, on, cast.head)
    assert [code_on(pupil, on) for on in ("03-10", "03-11", "03-12", "03-13", "03-16")] == list("AAAUU")
    spell = detection.spells_of_class(cast.seven, day("03-16"))[0]
    assert (spell.absent, spell.unexcused) == (5, 2)
    assert list(leaves.overrun(Leave.objects.all(), day("03-16"))) == [leave]
    send(cast.seven, "03-16", cast.head, {pupil: "P"})
    assert list(leaves.overrun(Leave.objects.all(), day("03-16"))) == []


# --- 补假 -----------------------------------------------------------------------------------------------------------


def test_a_late_slip_changes_past_marks_with_a_trace(cast: Cast) -> None:
    pupil = cast.pupils[0]
    for on in ("3-9", "3-10", "3-11"):
        report(cast.seven, on, cast.head, {pupil: "U"})
    assert detection.spells_of_class(cast.seven, WEDNESDAY)[0].unexcused == 3
    ask(cast, cast.clerk, pupil, "03-09", "03-11", kind="S", reason="发烧")
    assert [code_on(pupil, on) for on in ("03-09", "03-10", "03-11")] == list("SSS")
    assert detection.spells_of_class(cast.seven, WEDNESDAY)[0].unexcused == 0
    changed = Submission.objects.filter(revision=2)
    assert {one.reason for one in changed} == {"补假：发烧"}
    assert changed.first().changes == {str(pupil.pk): [["U", ""], ["S", "请假至3/11"]]}


def test_what_the_office_verified_is_not_touched(cast: Cast) -> None:
    pupil = cast.pupils[0]
    report(cast.seven, "3-10", cast.head, {pupil: "U"})
    verify_mark(actor=cast.clerk, student=pupil, on=day("03-10"), code="U")
    ask(cast, cast.clerk, pupil, "03-10", "03-11")
    mark = Mark.objects.get(student=pupil, on=day("03-10"))
    assert (mark.teacher_code, mark.office_code, mark.code) == ("A", "U", "U")


def test_a_slip_for_days_long_past_is_the_principals(cast: Cast) -> None:
    pupil = cast.pupils[0]
    report(cast.seven, "3-4", cast.head, {pupil: "U"})
    leave = ask(cast, cast.head, pupil, "03-04", "03-04")
    assert (leave.level, leave.status) == ("principal", "waiting")
    assert code_on(pupil, "03-04") == "U"
    leaves.decide(actor=cast.principal, leave=leave, granted=True)
    assert code_on(pupil, "03-04") == "A"


def test_a_void_slip_excuses_nothing(cast: Cast) -> None:
    pupil = cast.pupils[0]
    leave = ask(cast, cast.head, pupil, "03-11", "03-11")
    send(cast.seven, "03-11", cast.head)
    with pytest.raises(Refusal, match="至少4个字"):
        leaves.void(actor=cast.head, leave=leave, reason="错")
    leaves.void(actor=cast.head, leave=leave, reason="记到别人名下了")
    assert code_on(pupil, "03-11") == MarkCode.WAITING
    assert row_of(pupil, "03-11").leave is None
    trail = AuditEntry.objects.filter(verb="leave").order_by("seq")
    assert [entry.detail["did"] for entry in trail] == ["asked", "granted", "voided"]


# --- 常请假 ---------------------------------------------------------------------------------------------------------


def test_who_is_often_on_leave(cast: Cast) -> None:
    """Five days within twenty school days, or three times within two weeks; a long leave is one time."""
    long, often, plain = cast.pupils[:3]
    for on in ("3-2", "3-3", "3-4", "3-5", "3-6"):
        report(cast.seven, on, cast.head, {long: "S"} | ({often: "A"} if on in ("3-2", "3-4") else {}))
    report(cast.seven, "3-9", cast.head, {often: "A", plain: "A"})
    found = leaves.often_on_leave([cast.seven], WEDNESDAY)
    assert [(one.student, len(one.days), one.times) for one in found] == [(long, 5, 1), (often, 3, 3)]


# --- pages ----------------------------------------------------------------------------------------------------------


def test_a_slip_from_the_card_to_the_decision(cast: Cast) -> None:
    pupil, head = cast.pupils[0], login(cast.head)
    assert f"/students/{pupil.pk}/leave/" in head.get(f"/students/{pupil.pk}/").content.decode()
    sent = {"kind": "A", "starts_on": "2026-03-11", "ends_on": "2026-03-13", "reason": "走亲戚", "asked_by": "母亲"}
    answer = head.post(f"/students/{pupil.pk}/leave/", sent)
    leave = Leave.objects.get()
    assert answer.url == f"/leave/{leave.pk}/"
    assert "等教务批" in head.get(answer.url).content.decode()
    assert "准假</button>" not in head.get(answer.url).content.decode()
    clerk = login(cast.clerk)
    assert "待批 1" in clerk.get("/leave/").content.decode()
    clerk.post(f"/leave/{leave.pk}/decide/", {"granted": "1"})
    leave.refresh_from_db()
    assert leave.status == "granted"
    assert "正在请假 1" in head.get("/leave/").content.decode()


def test_a_mistake_loses_nothing(cast: Cast) -> None:
    sent = {"kind": "A", "starts_on": "2026-03-13", "ends_on": "2026-03-11", "reason": "走亲戚", "asked_by": "母亲"}
    answer = login(cast.head).post(f"/students/{cast.pupils[0].pk}/leave/", sent)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "不能早于第一天" in html
    assert 'value="走亲戚"' in html


def test_each_sees_the_slips_of_his_own_pupils(cast: Cast) -> None:
    mine = ask(cast, cast.clerk, cast.pupils[0], "03-11", "03-11")
    next_door = ask(cast, cast.clerk, cast.others[0], "03-11", "03-11")
    far = ask(cast, cast.far_clerk, cast.far_pupils[0], "03-11", "03-11")
    for person, seen in (
        (cast.head, {mine}), (cast.other_head, {next_door}), (cast.clerk, {mine, next_door}), (cast.far_clerk, {far}),
        (cast.subject, set()), (cast.admin, set()),
    ):  # fmt: skip
        assert set(Leave.objects.visible_to(person)) == seen


def test_the_list_costs_the_same_for_many(cast: Cast, client: Client, django_assert_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(cast.clerk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/leave/?part=all")
        return len(asked)

    ask(cast, cast.clerk, cast.pupils[0], "03-11", "03-11")
    few = cost()
    for pupil in (*cast.pupils[1:], *cast.others):
        ask(cast, cast.clerk, pupil, "03-11", "03-11")
    assert cost() == few


# --- who may touch a day that is locked, or a pupil who has changed class --------------------------------------------


def test_a_slip_of_locked_days_is_voided_by_the_principal_alone(cast: Cast, at_day: Any) -> None:
    pupil = cast.pupils[0]
    ask(cast, cast.head, pupil, "03-11", "03-11")
    send(cast.seven, "03-11", cast.head, {pupil: "A"})
    at_day(day("04-01"))
    for actor in (cast.head, cast.clerk):
        with pytest.raises(Refusal, match="已锁定"):
            leaves.void(actor=User.objects.get(pk=actor.pk), leave=Leave.objects.get(), reason="家长说没有请过")
        assert (Leave.objects.get().status, code_on(pupil, "03-11")) == ("granted", "A")
    leaves.void(actor=User.objects.get(pk=cast.principal.pk), leave=Leave.objects.get(), reason="家长说没有请过")
    assert code_on(pupil, "03-11") == MarkCode.WAITING


def test_a_slip_that_waited_until_its_days_were_locked_is_granted_by_the_principal(cast: Cast, at_day: Any) -> None:
    pupil = cast.pupils[0]
    send(cast.seven, "03-11", cast.head, {pupil: "W"})
    leave = ask(cast, cast.head, pupil, "03-11", "03-12")
    at_day(day("04-01"))
    with pytest.raises(Refusal, match="已锁定"):
        leaves.decide(actor=User.objects.get(pk=cast.clerk.pk), leave=leave, granted=True)
    assert (Leave.objects.get().status, code_on(pupil, "03-11")) == ("waiting", "W")
    leaves.decide(actor=User.objects.get(pk=cast.principal.pk), leave=leave, granted=True)
    assert code_on(pupil, "03-11") == "A"


def test_after_a_change_of_class_the_slip_is_the_new_teachers(cast: Cast, at_day: Any) -> None:
    pupil = cast.pupils[0]
    leave = ask(cast, cast.head, pupil, "03-13", "03-13")
    roll.record(actor=cast.clerk, student=pupil, kind=Change.CLASS, on=day("03-12"), classroom=cast.eight)
    at_day(day("03-12"))
    with pytest.raises(Refusal, match="作废"):
        leaves.void(actor=User.objects.get(pk=cast.head.pk), leave=leave, reason="家长说没有请过")
    leaves.void(actor=User.objects.get(pk=cast.other_head.pk), leave=leave, reason="家长说没有请过")
    assert Leave.objects.get().status == "voided"
