"""The roll is what the 异动 amount to: each rule, each correction, and any roll on any day against a naive replay."""

import datetime
import random
from typing import Any

import pytest

from kongchuo import dates
from schools.models import AuditEntry, Classroom, User
from students import procedures, roll
from students.changes import standing_of
from students.codes import HELD_ELSEWHERE, Change, EnrollmentStatus
from students.models import Enrollment, RollChange, Student
from students.rights import keeps
from students.roll import RollRefusal
from tests.cast import WEDNESDAY, Cast

ENTERED = datetime.date(2025, 9, 1)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(f"2026-{text}")


def change(cast: Cast, pupil: Student, kind: str, on: datetime.date, **facts: object) -> RollChange:
    return roll.record(actor=cast.clerk, student=pupil, kind=kind, on=on, **facts)


def told(pupil: Student) -> list[tuple[str, str | None, str]]:
    """The pupil's stretches: first day, last day, standing."""
    rows = pupil.enrollments.standing().order_by("starts_on", "pk")
    return [(f"{row.starts_on:%m-%d}", row.ends_on and f"{row.ends_on:%m-%d}", row.status) for row in rows]


def test_a_leave_and_a_return(cast: Cast) -> None:
    pupil = cast.pupils[0]
    change(cast, pupil, Change.SUSPENSION, day("03-02"), until=day("09-01"), basis="休学批复1号")
    change(cast, pupil, Change.RESUMPTION, day("03-10"), basis="复学通知1号")
    assert told(pupil) == [
        ("09-01", "03-01", "in_class"), ("03-02", "03-09", "suspended"), ("03-10", None, "in_class"),
    ]  # fmt: skip
    suspended = pupil.enrollments.get(status=EnrollmentStatus.SUSPENDED)
    assert (suspended.started_by, suspended.ended_by, suspended.basis) == ("suspension", "resumption", "休学批复1号")


def test_who_is_transferred_out_is_ours_until_the_receipt_is_in(cast: Cast) -> None:
    pupil = cast.pupils[0]
    gone = change(cast, pupil, Change.TRANSFER_OUT, day("03-02"), other_school="白水乡中学")
    assert told(pupil)[-1] == ("03-02", None, "transferring")
    assert pupil in Student.objects.on_roll(WEDNESDAY)
    assert not pupil.enrollments.in_force(WEDNESDAY).expected().exists()
    roll.settle(actor=cast.clerk, change=gone, on=day("03-10"))
    assert told(pupil)[-1] == ("03-02", "03-09", "transferring")
    assert pupil not in Student.objects.on_roll(WEDNESDAY)
    with pytest.raises(RollRefusal, match="已经办结"):
        roll.settle(actor=cast.clerk, change=gone, on=day("03-10"))


def test_who_never_arrived_comes_back_by_voiding(cast: Cast) -> None:
    pupil, before = cast.pupils[0], told(cast.pupils[0])
    gone = change(cast, pupil, Change.TRANSFER_OUT, day("03-02"))
    roll.void(actor=cast.clerk, change=gone, reason="学生没有到接收学校")
    assert told(pupil) == before
    assert pupil.enrollments.open().get().seat_no == 1  # the seat waits
    gone.refresh_from_db()
    assert (gone.voided_by, gone.void_reason) == (cast.clerk, "学生没有到接收学校")


def test_a_guest_sits_in_class_and_stands_on_another_roll(cast: Cast) -> None:
    pupil = Student.objects.create(school=cast.school, name="客生")
    change(cast, pupil, Change.GUEST_IN, day("03-02"), classroom=cast.seven, other_school="白水乡中学")
    assert pupil.enrollments.in_force(WEDNESDAY).expected().exists()
    assert pupil not in Student.objects.on_roll(WEDNESDAY)
    change(cast, pupil, Change.GUEST_OUT, day("03-09"))
    assert told(pupil) == [("03-02", "03-08", "guest")]


def test_a_mistake_in_the_middle_is_replaced(cast: Cast) -> None:
    """The leave began a week earlier than recorded; what came after stays as it is."""
    pupil = cast.pupils[0]
    wrong = change(cast, pupil, Change.SUSPENSION, day("03-05"))
    change(cast, pupil, Change.RESUMPTION, day("03-09"))
    right = change(cast, pupil, Change.SUSPENSION, day("02-26"), replaces=wrong)
    assert [row[:2] for row in told(pupil)] == [("09-01", "02-25"), ("02-26", "03-08"), ("03-09", None)]
    wrong.refresh_from_db()
    assert wrong.replaced_by == right
    assert wrong.voided_at is not None
    assert pupil.enrollments.filter(voided_at__isnull=False).get().starts_on == day("03-05")


def test_what_others_stand_on_cannot_be_voided_alone(cast: Cast) -> None:
    pupil = cast.pupils[0]
    leave = change(cast, pupil, Change.SUSPENSION, day("03-02"))
    change(cast, pupil, Change.RESUMPTION, day("03-09"))
    before = told(pupil)
    with pytest.raises(RollRefusal, match="请先作废后面的"):
        roll.void(actor=cast.clerk, change=leave, reason="录错了人")
    assert told(pupil) == before
    leave.refresh_from_db()
    assert leave.voided_at is None


def test_a_change_on_the_day_of_entry_leaves_no_stretch_of_no_day(cast: Cast) -> None:
    pupil = cast.pupils[0]
    change(cast, pupil, Change.CLASS, ENTERED, classroom=cast.eight, seat_no=9)
    assert told(pupil) == [("09-01", None, "in_class")]
    row = pupil.enrollments.open().get()
    assert (row.classroom, row.seat_no, row.started_by) == (cast.eight, 9, "class")


@pytest.mark.parametrize(
    ("kind", "on", "said"),
    [
        (Change.RESUMPTION, "03-02", "在读，不能办「复学」"),
        (Change.TRANSFER_IN, "03-02", "在读，不能办「转入」"),
        (Change.GUEST_OUT, "03-02", "不能办「借读结束」"),
        (Change.CLASS, "03-02", "请选择班级"),
    ],
)
def test_what_the_standing_does_not_allow(cast: Cast, kind: str, on: str, said: str) -> None:
    with pytest.raises(RollRefusal, match=said):
        change(cast, cast.pupils[0], kind, day(on))
    assert not RollChange.objects.filter(kind=kind).exists()


def test_only_who_went_abroad_comes_back_from_abroad(cast: Cast) -> None:
    pupil = cast.pupils[0]
    change(cast, pupil, Change.TRANSFER_OUT, day("03-02"), settled_on=day("03-02"))
    with pytest.raises(RollRefusal, match="不能办「回国复学」"):
        change(cast, pupil, Change.BACK_FROM_ABROAD, day("03-09"), classroom=cast.seven)


def test_before_the_last_change_there_is_no_room(cast: Cast) -> None:
    pupil = cast.pupils[0]
    change(cast, pupil, Change.SUSPENSION, day("03-09"))
    with pytest.raises(RollRefusal, match="不能办「复学」"):
        change(cast, pupil, Change.RESUMPTION, day("03-02"))


def test_the_roll_is_kept_by_the_office_of_the_school(cast: Cast) -> None:
    for actor in (cast.head, cast.admin, cast.far_clerk, cast.county_officer):
        with pytest.raises(RollRefusal, match="不能改动学籍"):
            roll.record(actor=actor, student=cast.pupils[0], kind=Change.SUSPENSION, on=WEDNESDAY)
    with pytest.raises(RollRefusal, match="本校的班级"):
        change(cast, cast.pupils[0], Change.CLASS, WEDNESDAY, classroom=cast.far_seven)


def test_each_deed_leaves_a_trace(cast: Cast) -> None:
    pupil = cast.pupils[0]
    gone = change(cast, pupil, Change.TRANSFER_OUT, day("03-02"), basis="转学申请表")
    roll.settle(actor=cast.clerk, change=gone, on=WEDNESDAY)
    roll.void(actor=cast.clerk, change=gone, reason="对方学校退回")
    trail = AuditEntry.objects.filter(object_type="students.student", object_id=pupil.pk, verb="roll").order_by("seq")
    assert [entry.reason for entry in trail] == ["转学申请表", "", "对方学校退回"]


# --- any roll on any day ------------------------------------------------------------------------------------------

_LEADS_TO = {
    Change.SUSPENSION: "suspended", Change.BOARD_OUT: "elsewhere", Change.HOME_TEACHING: "home_teaching",
    Change.SPECIAL_SCHOOL: "special_school", Change.MISSING: "missing", Change.TRANSFER_OUT: "transferring",
    Change.GUEST_IN: "guest",
}  # fmt: skip
_LEAVES = {Change.GRADUATION, Change.ABROAD, Change.DEATH, Change.GUEST_OUT, Change.OTHER}


def naive(pupil: Student, on: datetime.date) -> tuple[int, str] | None:
    """Where a pupil stands on a day: go through the standing changes and take each at its word."""
    room: int | None = None
    where: str | None = None
    changes = sorted(RollChange.objects.filter(student=pupil, voided_at=None), key=lambda row: (row.on, row.pk))
    for row in changes:
        if row.on > on:
            break
        room = row.classroom_id or room
        if row.kind in _LEAVES:
            where = None
        elif row.kind in (Change.CLASS, Change.SKIP, Change.RETAIN):
            pass
        else:
            where = _LEADS_TO.get(row.kind, "in_class")
        if row.kind == Change.TRANSFER_OUT and row.settled_on and row.settled_on <= on:
            where = None
    return (room, where) if where and room else None


def deed(cast: Cast, chance: random.Random, pupil: Student, on: datetime.date) -> None:
    """Some clerk's deed of this day; what the roll does not allow is refused and changes nothing."""
    kind = chance.choice(list(roll.RULES))
    rooms: list[Classroom | None] = [cast.seven, cast.eight]
    standing = list(RollChange.objects.filter(student=pupil, voided_at=None))
    open_ones = [row for row in standing if row.settled_on is None and row.on <= on]
    before = sorted(told(pupil))
    try:
        match chance.randrange(6):
            case 0 if standing:
                roll.void(actor=cast.clerk, change=chance.choice(standing), reason="登记有误")
            case 1 if open_ones:
                roll.settle(actor=cast.clerk, change=chance.choice(open_ones), on=min(on, WEDNESDAY))
            case 2 if standing:
                old = chance.choice(standing)
                moved = old.on + datetime.timedelta(days=chance.randint(-9, 9))
                change(cast, pupil, old.kind, moved, classroom=old.classroom, replaces=old)
            case _:
                change(cast, pupil, kind, on, classroom=chance.choice(rooms))
    except RollRefusal:
        assert sorted(told(pupil)) == before


@pytest.mark.parametrize("seed", range(12))
def test_any_roll_on_any_day_is_the_replay_of_its_changes(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    pupils = cast.pupils[:4]
    first = datetime.date(2025, 9, 1)
    for pupil in pupils:
        on = first
        for _ in range(12):
            on += datetime.timedelta(days=chance.randint(0, 20))
            deed(cast, chance, pupil, min(on, WEDNESDAY))
    for _ in range(40):
        on = first + datetime.timedelta(days=chance.randint(-5, 200))
        expected = {pupil.pk: naive(pupil, on) for pupil in pupils}
        rows = Enrollment.objects.filter(student__in=pupils).in_force(on)
        found = {row.student_id: (row.classroom_id, row.status) for row in rows}
        assert found == {key: where for key, where in expected.items() if where}
        held = {key for key, where in expected.items() if where and where[1] not in HELD_ELSEWHERE}
        assert set(Student.objects.on_roll(on).filter(pk__in=expected).values_list("pk", flat=True)) == held
    assert dates.today() == WEDNESDAY


def test_a_correction_of_the_first_of_two_on_one_day_stays_the_first(cast: Cast) -> None:
    """Left in the morning, came back in the afternoon, and the first is put right twice."""
    pupil = cast.pupils[0]
    first = change(cast, pupil, Change.SUSPENSION, day("03-05"))
    change(cast, pupil, Change.RESUMPTION, day("03-05"))
    before = told(pupil)
    for basis in ("批复2号", "批复3号"):
        first = change(cast, pupil, Change.SUSPENSION, day("03-05"), replaces=first, basis=basis)
        assert told(pupil) == before
    assert standing_of(pupil) == (EnrollmentStatus.IN_CLASS, Change.RESUMPTION)
    later = change(cast, pupil, Change.CLASS, day("03-09"), classroom=cast.eight)
    assert [row.pk for row in procedures.earlier(later)][-2] == first.pk
    assert procedures.before_of(first).status == EnrollmentStatus.IN_CLASS


def test_a_corrected_seat_is_the_seat_on_the_roll(cast: Cast) -> None:
    pupil = cast.pupils[0]
    moved = change(cast, pupil, Change.CLASS, day("03-05"), classroom=cast.eight, seat_no=40)
    change(cast, pupil, Change.SUSPENSION, day("03-09"))
    change(cast, pupil, Change.CLASS, day("03-05"), classroom=cast.eight, seat_no=41, replaces=moved)
    seats = pupil.enrollments.standing().filter(classroom=cast.eight).values_list("seat_no", flat=True)
    assert list(seats) == [41, 41]


def test_who_leaves_a_class_on_a_day_to_come_is_its_teachers_until_then(cast: Cast, at_day: Any) -> None:
    pupil = cast.pupils[0]
    change(cast, pupil, Change.CLASS, day("03-16"), classroom=cast.eight)

    def sees(teacher: User) -> bool:
        teacher = User.objects.get(pk=teacher.pk)
        assert keeps(teacher, pupil) == (pupil in Student.objects.visible_to(teacher))
        return keeps(teacher, pupil)

    def sits() -> Classroom:
        return Student.objects.get(pk=pupil.pk).present_enrollment.classroom

    assert (sees(cast.head), sees(cast.other_head), sits()) == (True, True, cast.seven)
    at_day(day("03-16"))
    assert (sees(cast.head), sees(cast.other_head), sits()) == (False, True, cast.eight)
