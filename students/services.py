"""Verbs of the registry: putting a pupil on the roll, moving and ending a stretch, revealing a number."""

import datetime
from collections.abc import Callable
from typing import Any

from django.db import transaction
from pypinyin import Style, lazy_pinyin

from schools import audit
from schools.codes import OFFICE, Role, Verb
from schools.models import Classroom, Unit, User
from students.codes import Change, EnrollmentStatus
from students.models import Enrollment, Guardian, Student


class RollRefusal(Exception):
    """The roll can't be changed like this; the text says what is missing."""


def initials(name: str) -> str:
    """拼音首字母: 扎西卓玛 → zxzm."""
    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER, errors=lambda text: text[:1].lower()))[:30]


def covers(actor: User, school: Unit | int) -> bool:
    """Whether this person keeps the roll of the school."""
    return actor.has(*OFFICE, school=school)


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
    **fields: Any,
) -> Student:
    """Put a new pupil on the roll of a class from a day on."""
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能改动学籍。")
    with transaction.atomic():
        student = Student(school=school, name=name, initials=initials(name), **fields)
        student.set_numbers(id_no=id_no, roll_no=roll_no)
        student.full_clean(exclude=("id_no", "roll_no"))
        student.save()
        row = Enrollment.objects.create(
            student=student,
            classroom=classroom,
            seat_no=seat_no,
            starts_on=starts_on,
            started_by=started_by,
            basis=basis,
        )
        audit.record(
            Verb.ROLL,
            unit=school,
            actor=actor,
            about=student,
            reason=basis,
            change=started_by,
            classroom=classroom.pk,
            starts_on=starts_on,
            enrollment=row.pk,
        )
    return student


def end_enrollment(*, actor: User, student: Student, last_day: datetime.date, ended_by: str, basis: str) -> Enrollment:
    """End the open stretch on the roll with its last day, what ended it, and the paper it stands on."""
    if not basis.strip():
        raise RollRefusal("请写明依据(文书名称、文号或核实人)。")
    if not covers(actor, student.school_id):
        raise RollRefusal("您现在的岗位不能改动学籍。")
    with transaction.atomic():
        row = student.enrollments.open().select_for_update().first()
        if row is None:
            raise RollRefusal("这名学生现在不在册。")
        if last_day < row.starts_on:
            raise RollRefusal("结束日期不能早于开始日期。")
        row.ends_on, row.ended_by = last_day, ended_by
        row.save(update_fields=("ends_on", "ended_by"))
        audit.record(
            Verb.ROLL,
            unit=student.school_id,
            actor=actor,
            about=student,
            reason=basis,
            change=ended_by,
            last_day=last_day,
            enrollment=row.pk,
        )
    return row


def change_enrollment(
    *,
    actor: User,
    student: Student,
    from_day: datetime.date,
    change: str,
    basis: str,
    classroom: Classroom | None = None,
    status: str = EnrollmentStatus.IN_CLASS,
    seat_no: int | None = None,
) -> Enrollment:
    """End the open stretch the day before and begin another: 调班, 休学, 复学, 送教上门."""
    with transaction.atomic():
        ended = end_enrollment(
            actor=actor, student=student, last_day=from_day - datetime.timedelta(days=1), ended_by=change, basis=basis
        )
        return Enrollment.objects.create(
            student=student,
            classroom=classroom or ended.classroom,
            seat_no=seat_no if classroom else ended.seat_no,
            status=status,
            started_by=change,
            basis=basis,
            starts_on=from_day,
        )


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
