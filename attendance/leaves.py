"""请假: asking, granting, refusing, voiding a slip, and what it does to the marks of days already reported (补假).

A slip that waits for approval explains nothing yet: the child stands 原因待核 until somebody who may grants it.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.paginator import Page
from django.db import transaction
from django.urls import reverse

from attendance import codes, rollcall, services
from attendance.codes import LeaveKind, LeaveLevel, LeaveStatus, MarkCode, Session
from attendance.models import Leave, Mark
from attendance.models.leave import LeaveQuerySet
from attendance.services import Refusal
from kongchuo import dates
from schools import audit, calendar
from schools.codes import DECIDERS, OFFICE, Role, Verb
from schools.models import Classroom, Unit, User
from schools.policy import rules_on
from students import todos
from students.models import UNLISTED, Enrollment, Student
from students.todos import Todo

LONGEST = 200
"""Calendar days of one slip; beyond a term it is 休学, not leave."""
GRANTERS: dict[str, frozenset[str]] = {
    LeaveLevel.HEAD: OFFICE | {Role.HEAD_TEACHER},
    LeaveLevel.OFFICE: OFFICE,
    LeaveLevel.PRINCIPAL: DECIDERS,
}
"""Who may grant what: each level, and those above it."""


def ask(
    *,
    actor: User,
    student: Student,
    kind: str,
    starts_on: datetime.date,
    ends_on: datetime.date,
    reason: str,
    asked_by: str,
) -> Leave:
    """Record a slip. It is granted at once where this person may grant it; otherwise it waits for who may.

    Raises Refusal with the sentence for the person who wrote it.
    """
    classroom = _class_of(student, starts_on, ends_on)
    if not rollcall.may_report(actor, classroom):
        raise Refusal(f"{student.name}不在您的班里，不能替他登记请假。")
    days = _school_days(classroom, starts_on, ends_on)
    if not reason.strip() or not asked_by.strip():
        raise Refusal("请写明事由，以及是谁来请的假(家长姓名或关系)。")
    with transaction.atomic():
        services.take_turns(classroom)
        if other := _overlapping(student, starts_on, ends_on):
            state = other.get_status_display()
            raise Refusal(f"{student.name}这几天已有请假条（{other}，{state}）。续假请从下一天写起。")
        leave = Leave.objects.create(
            student=student, school_id=student.school_id, kind=LeaveKind(kind), starts_on=starts_on, ends_on=ends_on,
            days=len(days), reason=reason.strip()[:120], asked_by=asked_by.strip()[:40],
            level=level_of(classroom, days), recorded_by=actor,
        )  # fmt: skip
        _trace(leave, actor, "asked", reason=leave.reason)
        if may_grant(actor, leave, classroom):
            _grant(actor, leave, classroom, "")
    return leave


def decide(*, actor: User, leave: Leave, granted: bool, note: str = "") -> None:
    """Grant or refuse a waiting slip. A refusal says why."""
    classroom = class_now(leave)
    if not may_grant(actor, leave, classroom):
        raise Refusal(f"这张请假条由{leave.get_level_display()}来批。")
    if not granted and len(note.strip()) < 2:
        raise Refusal("不准假请写明原因。")
    with transaction.atomic():
        services.take_turns(classroom)
        if granted:
            _grant(actor, leave, classroom, note)
        else:
            _move(leave, LeaveStatus.WAITING, status=LeaveStatus.REFUSED, decided_by=actor, decision=note.strip()[:120])
            _trace(leave, actor, "refused", reason=note.strip())


def void(*, actor: User, leave: Leave, reason: str) -> None:
    """A slip that was wrong. What it excused stands 原因待核 again."""
    classroom = class_now(leave)
    if not may_grant(actor, leave, classroom):
        raise Refusal(f"这张请假条由{leave.get_level_display()}来作废。")
    if len(reason.strip()) < 4:
        raise Refusal("请写明作废原因，至少4个字。")
    with transaction.atomic():
        services.take_turns(classroom)
        was_granted = leave.status == LeaveStatus.GRANTED
        _move(leave, leave.status, status=LeaveStatus.VOIDED, decided_by=actor, decision=reason.strip()[:120])
        _trace(leave, actor, "voided", reason=reason.strip())
        if was_granted:
            note = f"请假条作废：{reason.strip()}"
            _restate(actor, leave, codes.EXCUSED & {leave.kind}, (MarkCode.WAITING.value, ""), note)


def class_now(leave: Leave) -> Classroom:
    """The class whose head teacher answers for a slip: the pupil's of today, else of the day on which it began."""
    seats = Enrollment.objects.filter(student=leave.student).in_force(dates.today())
    seat = seats.select_related("classroom__school").first()
    return seat.classroom if seat else _class_of(leave.student, leave.starts_on, leave.ends_on)


def may_grant(actor: User, leave: Leave, classroom: Classroom) -> bool:
    """Whether this person may grant a slip of this level for a pupil of the class."""
    allowed = GRANTERS[leave.level]
    return actor.has(*allowed - {Role.HEAD_TEACHER}, school=leave.school_id) or (
        Role.HEAD_TEACHER in allowed and rollcall.may_report(actor, classroom)
    )


def level_of(classroom: Classroom, days: list[datetime.date]) -> LeaveLevel:
    """Who grants a leave of these school days (the ladder is a rule of the school).

    A slip for days so far back that a class teacher may no longer correct them is the principal's.
    """
    rules = rules_on(classroom.school_id, dates.today())
    behind = len([day for day in _days_up_to_today(classroom, days[0]) if day > days[0]])
    if len(days) > rules.count("leave_office_days") or behind > rules.count("correct_with_reason_days"):
        return LeaveLevel.PRINCIPAL
    return LeaveLevel.HEAD if len(days) <= rules.count("leave_head_days") else LeaveLevel.OFFICE


def _grant(actor: User, leave: Leave, classroom: Classroom, note: str) -> None:
    _move(leave, LeaveStatus.WAITING, status=LeaveStatus.GRANTED, decided_by=actor, decision=note.strip()[:120])
    _trace(leave, actor, "granted", reason=note.strip())
    said = (leave.kind, f"请假至{dates.short(leave.ends_on)}")
    _restate(actor, leave, codes.UNEXCUSED, said, f"补假：{leave.reason}")


def _move(leave: Leave, seen: str, **changes: object) -> None:
    """Compare and set: of two who decide at once, one does."""
    changes["decided_at"] = dates.now()
    if Leave.objects.filter(pk=leave.pk, status=seen).exclude(status=LeaveStatus.VOIDED).update(**changes) != 1:
        raise Refusal("这张请假条已经有人处理过，请刷新后再看。")
    leave.refresh_from_db()


def _restate(actor: User, leave: Leave, which: frozenset[str], said: rollcall.Said, reason: str) -> None:
    """Change the teacher's value of days already reported on which it was one of `which`. Each day is a correction
    with its receipt and its trace; the office's verified value is not touched."""
    marks = (
        Mark.objects.filter(student=leave.student, on__range=(leave.starts_on, leave.ends_on), teacher_code__in=which)
        .select_related("report__classroom__school")
        .order_by("on", "pk")
    )
    for mark in marks:
        services.restate(
            actor=actor, classroom=mark.report.classroom, on=mark.on, session=mark.report.session,
            student_id=leave.student_id, said=said, reason=reason,
        )  # fmt: skip


def _class_of(student: Student, starts_on: datetime.date, ends_on: datetime.date) -> Classroom:
    if ends_on < starts_on:
        raise Refusal("请假的最后一天不能早于第一天。")
    if (ends_on - starts_on).days >= LONGEST:
        raise Refusal(f"一张请假条最长{LONGEST}天；更长的请办休学。")
    rows = Enrollment.objects.filter(student=student).in_force(starts_on).expected().select_related("classroom__school")
    if (row := rows.first()) is None:
        raise Refusal(f"{student.name}在{dates.chinese(starts_on)}不在班里上课，不用请假。")
    return row.classroom


def _school_days(classroom: Classroom, first: datetime.date, last: datetime.date) -> list[datetime.date]:
    days = calendar.school_days(classroom.school_id, first, last, classroom)
    if not days:
        raise Refusal("这几天都不是到校日，不用请假。")
    return days


def _days_up_to_today(classroom: Classroom, first: datetime.date) -> list[datetime.date]:
    return calendar.school_days(classroom.school_id, first, dates.today(), classroom)


def _overlapping(student: Student, first: datetime.date, last: datetime.date) -> Leave | None:
    """Another slip for one of these days on which the pupil is not back yet."""
    alive = Leave.objects.filter(student=student, status__in=(LeaveStatus.WAITING, LeaveStatus.GRANTED))
    for other in alive.filter(starts_on__lte=last, ends_on__gte=first):
        if other.returned_on is None or other.returned_on > first:
            return other
    return None


def _trace(leave: Leave, actor: User, did: str, reason: str) -> None:
    audit.record(
        Verb.LEAVE, unit=leave.school_id, actor=actor, about=leave, reason=reason, did=did, student=leave.student_id,
        kind=leave.kind, starts_on=leave.starts_on, ends_on=leave.ends_on, level=leave.level,
    )  # fmt: skip


def overrun(slips: LeaveQuerySet, on: datetime.date) -> LeaveQuerySet:
    """Slips whose last day is past while the pupil is not known to be back, of the last weeks."""
    since = on - rollcall.LEAVE_REMEMBERED
    return slips.granted().filter(returned_on__isnull=True, ends_on__lt=on, ends_on__gte=since).still_away()


def with_classes(page: Page, on: datetime.date) -> Page:
    """The slips of a page, each with the label of its pupil's class as `room`. One query."""
    slips = list(page.object_list)
    rows = Enrollment.objects.in_force(on).filter(student__in=[slip.student_id for slip in slips])
    labels = {row.student_id: row.classroom.label_on(on) for row in rows.select_related("classroom")}
    for slip in slips:
        slip.room = labels.get(slip.student_id, "")
    page.object_list = slips
    return page


# --- 常请假 -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Frequent:
    """A pupil who is often on leave: school days of leave and slips within the school's windows."""

    student: Student
    days: tuple[datetime.date, ...]
    times: int


def often_on_leave(classrooms: Sequence[Classroom], on: datetime.date) -> list[Frequent]:
    """常请假学生 of classes of one school, most days first: to be followed up, not only granted (跟踪调查).

    Days are those marked 病假 or 事假 within the last school days; times are the spells of such days within the last
    weeks. Four queries.
    """
    if not classrooms:
        return []
    school = classrooms[0].school_id
    rules = rules_on(school, on)
    span, weeks = rules.count("frequent_leave_span"), rules.count("frequent_leave_weeks")
    calendar_days = calendar.school_days(school, on - datetime.timedelta(days=3 * span + 60), on)
    window = set(calendar_days[-span:])
    recent = on - datetime.timedelta(weeks=weeks)
    first = min([*window, recent])
    marks = (
        Mark.objects.filter(code__in=codes.EXCUSED, on__range=(first, on), report__session=Session.MORNING)
        .filter(report__classroom__in=classrooms)
        .order_by("student", "on")
        .values_list("student", "on")
    )
    by_pupil: dict[int, list[datetime.date]] = defaultdict(list)
    for student, day in marks:
        by_pupil[student].append(day)
    students = Student.objects.defer(*UNLISTED).in_bulk(by_pupil)
    found = []
    for pk, days in by_pupil.items():
        within = tuple(day for day in days if day in window)
        times = _times([day for day in days if day > recent], calendar_days)
        if len(within) >= rules.count("frequent_leave_days") or times >= rules.count("frequent_leave_times"):
            found.append(Frequent(students[pk], within, times))
    return sorted(found, key=lambda one: (-len(one.days), one.student.pk))


def _times(days: list[datetime.date], calendar_days: list[datetime.date]) -> int:
    """How many separate leaves: days that follow each other in the calendar are one."""
    place = {day: index for index, day in enumerate(calendar_days)}
    places = [place[day] for day in days if day in place]
    return sum(index == 0 or here != places[index - 1] + 1 for index, here in enumerate(places))


def frequency_rule(classrooms: Sequence[Classroom], on: datetime.date) -> str:
    """The rule in words: 「近20个到校日请假满5天，或近2周满3次」; empty without a class."""
    if not classrooms:
        return ""
    rules = rules_on(classrooms[0].school_id, on)
    span, days = rules.count("frequent_leave_span"), rules.count("frequent_leave_days")
    weeks, times = rules.count("frequent_leave_weeks"), rules.count("frequent_leave_times")
    return f"近{span}个到校日请假满{days}天，或近{weeks}周满{times}次"


# --- 待办 ---------------------------------------------------------------------------------------------------------


def connect() -> None:
    todos.for_office.append(_of_office)
    todos.for_teachers.append(_of_teacher)


def _of_office(user: User, school: Unit, day: datetime.date) -> Iterator[Todo]:
    levels = [level for level in LeaveLevel if user.has(*GRANTERS[level] - {Role.HEAD_TEACHER}, school=school)]
    waiting = Leave.objects.visible_to(user).waiting().filter(school=school, level__in=levels)
    yield _todo(waiting, "waiting", "张请假条等您批")
    yield _todo(overrun(Leave.objects.visible_to(user).filter(school=school), day), "over", "名学生假满未到", True)


def _of_teacher(user: User, classroom: Classroom, day: datetime.date) -> Iterator[Todo]:
    here = Enrollment.objects.in_force(day).filter(classroom=classroom).values("student")
    mine = Leave.objects.visible_to(user).filter(student__in=here)
    yield _todo(mine.waiting().filter(level=LeaveLevel.HEAD), "waiting", "张请假条等您批")
    yield _todo(overrun(mine, day), "over", "名学生假满未到，今天要联系家长", True)


def _todo(slips: LeaveQuerySet, part: str, text: str, overdue: bool = False) -> Todo:
    count = slips.count()
    return Todo(f"{count}{text}", f"{reverse('attendance:leaves')}?part={part}", count, overdue)
