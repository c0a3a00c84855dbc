"""Verbs of the registry: putting a pupil on the roll, moving and taking off, revealing a number."""

import datetime
from collections.abc import Callable
from typing import Any

from django.db import transaction
from pypinyin import Style, lazy_pinyin

from schools import audit
from schools.codes import OFFICE, Role, Verb
from schools.models import Classroom, Unit, User
from students import roll
from students.codes import Change
from students.models import Guardian, RollChange, Student
from students.roll import RollRefusal, covers


def initials(name: str) -> str:
    """拼音首字母: 扎西卓玛 → zxzm."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors=lambda text: text[:1].lower()))[:30]


AT_ONCE = frozenset({Change.ENTRY, Change.IMPORT})
"""Kinds whose procedure is finished when they are recorded."""


def enrol(
    *,
    actor: User,
    school: Unit,
    classroom: Classroom,
    name: str,
    starts_on: datetime.date,
    seat_no: int | None = None,
    id_no: str = "",
    roll_no: str = "",
    started_by: str = Change.ENTRY,
    basis: str = "",
    change: dict[str, Any] | None = None,
    **fields: Any,
) -> Student:
    """Put a new pupil on the roll of a class from a day on. `change` holds further facts of the 异动."""
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能改动学籍。")
    with transaction.atomic():
        student = Student(school=school, name=name, initials=initials(name), **fields)
        student.set_numbers(id_no=id_no, roll_no=roll_no)
        student.full_clean(exclude=("id_no", "roll_no"))
        student.save()
        facts: dict[str, Any] = {"settled_on": starts_on if started_by in AT_ONCE else None} | (change or {})
        roll.record(
            actor=actor, student=student, kind=started_by, on=starts_on, classroom=classroom, seat_no=seat_no,
            basis=basis, **facts,
        )  # fmt: skip
    return student


def end_enrollment(*, actor: User, student: Student, last_day: datetime.date, ended_by: str, basis: str) -> RollChange:
    """Take a pupil off the roll with the last day, what ended it, and the paper it stands on."""
    if not basis.strip():
        raise RollRefusal("请写明依据(文书名称、文号或核实人)。")
    gone = last_day + datetime.timedelta(days=1)
    return roll.record(actor=actor, student=student, kind=ended_by, on=gone, settled_on=gone, basis=basis)


def change_enrollment(
    *,
    actor: User,
    student: Student,
    from_day: datetime.date,
    change: str,
    basis: str,
    classroom: Classroom | None = None,
    seat_no: int | None = None,
) -> RollChange:
    """A change of class or standing that is settled at once: 班级调整, 休学, 复学, 送教上门."""
    if not basis.strip():
        raise RollRefusal("请写明依据(文书名称、文号或核实人)。")
    return roll.record(
        actor=actor, student=student, kind=change, on=from_day, settled_on=from_day, classroom=classroom,
        seat_no=seat_no, basis=basis,
    )  # fmt: skip


def reveal_id_number(*, actor: User, student: Student, reason: str) -> str:
    """The pupil's full ID number, after the asking has been recorded.

    The trace is committed before the number is returned; without it there is no number.
    """
    if len(reason.strip()) < 4:
        raise RollRefusal("请写明查看原因，至少4个字，例如「核对国网学籍」。")
    if not actor.has(*OFFICE, Role.HEAD_TEACHER):
        raise RollRefusal("您现在的岗位不能查看完整证件号。")
    with transaction.atomic():
        audit.record(Verb.REVEAL, unit=student.school_id, actor=actor, about=student, reason=reason)
    return student.id_no.reveal()


PhoneGround = Callable[[Student], str]

# Filled by upper apps at start-up: each gives the reason, in words, why a head teacher may call this family today
# (「今天缺勤」, 「有未销号个案」), or an empty text.
phone_grounds: list[PhoneGround] = []


def phone_ground(student: Student) -> str:
    """The first reason why this family may be called with one tap; empty when there is none."""
    return next((reason for ground in phone_grounds if (reason := ground(student))), "")


def reveal_phones(*, actor: User, student: Student, reason: str = "") -> list[Guardian]:
    """The guardians with their numbers, after the asking has been recorded.

    One tap is enough for a pupil who is absent today or has an open case; otherwise a reason is asked for.
    """
    ground = phone_ground(student) or reason.strip()
    if len(ground) < 4:
        raise RollRefusal("这名学生今天没有缺勤，也没有未销号个案：查看电话请写明原因。")
    with transaction.atomic():
        audit.record(Verb.PHONE, unit=student.school_id, actor=actor, about=student, reason=ground)
    return list(student.guardians.all())


def record_card_opened(*, actor: User, student: Student) -> None:
    """Opening a child's card leaves a trace: 谁看过这个孩子."""
    with transaction.atomic():
        audit.record(Verb.CARD, unit=student.school_id, actor=actor, about=student)
