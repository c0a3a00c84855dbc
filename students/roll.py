"""The roll as its 异动 make it: what each kind does, and the one writer of the stretches (在籍区间).

A pupil's roll is the fold of the pupil's standing changes in their order. Recording, settling or voiding a change
folds them anew: what no longer holds is voided, what is new is added, the rest stays untouched. So no correction,
however late, can leave the roll in a state that its papers do not tell.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kongchuo import dates
from schools import audit
from schools.codes import OFFICE, Verb
from schools.models import Classroom, Unit, User
from students.codes import Change, EnrollmentStatus
from students.models import Enrollment, ImportBatch, RollChange, Student

S = EnrollmentStatus
OUT = ""
"""Not on the roll: not yet, or no more."""
_LEARNING = frozenset({S.IN_CLASS, S.SUSPENDED, S.ELSEWHERE, S.HOME_TEACHING, S.SPECIAL_SCHOOL})
_AWAY = _LEARNING - {S.IN_CLASS} | {S.MISSING}
_ON_ROLL = _LEARNING | {S.TRANSFERRING, S.MISSING}


class RollRefusal(Exception):
    """The roll can't be changed like this; the text says what is missing."""


@dataclass(frozen=True)
class Rule:
    """What a kind of 异动 does: from which standings it may start, to which it leads, and how it treats the class.

    `after` None keeps the standing (a move to another class). `then` is where the pupil stands once the change is
    settled, where that differs: a 转出 takes the pupil off the roll only when the receipt is in.
    """

    before: frozenset[str]
    after: str | None
    places: bool = False  # needs a class
    may_place: bool = False  # may name another class
    then: str | None = None
    only_after: frozenset[str] = frozenset()  # kinds that must have led here


_ENTRANCE: dict[str, Any] = {"before": frozenset({OUT}), "after": S.IN_CLASS, "places": True}
RULES: dict[str, Rule] = {
    Change.ENTRY: Rule(**_ENTRANCE),
    Change.IMPORT: Rule(**_ENTRANCE),
    Change.TRANSFER_IN: Rule(**_ENTRANCE),
    Change.BACK_FROM_ABROAD: Rule(**_ENTRANCE, only_after=frozenset({Change.ABROAD})),
    Change.GUEST_IN: Rule(frozenset({OUT}), S.GUEST, places=True),
    Change.GUEST_OUT: Rule(frozenset({S.GUEST}), OUT),
    Change.CLASS: Rule(_ON_ROLL | {S.GUEST}, None, places=True),
    Change.SKIP: Rule(frozenset({S.IN_CLASS}), None, places=True),
    Change.RETAIN: Rule(frozenset({S.IN_CLASS, S.SUSPENDED}), None, places=True),
    Change.SUSPENSION: Rule(frozenset({S.IN_CLASS, S.SUSPENDED}), S.SUSPENDED),
    Change.RESUMPTION: Rule(_AWAY, S.IN_CLASS, may_place=True),
    Change.BOARD_OUT: Rule(frozenset({S.IN_CLASS}), S.ELSEWHERE),
    Change.HOME_TEACHING: Rule(_LEARNING - {S.HOME_TEACHING}, S.HOME_TEACHING),
    Change.SPECIAL_SCHOOL: Rule(_LEARNING - {S.SPECIAL_SCHOOL}, S.SPECIAL_SCHOOL),
    Change.TRANSFER_OUT: Rule(_LEARNING | {S.MISSING}, S.TRANSFERRING, then=OUT),
    Change.GRADUATION: Rule(_LEARNING, OUT),
    Change.ABROAD: Rule(_LEARNING | {S.MISSING}, OUT),
    Change.DEATH: Rule(_ON_ROLL | {S.GUEST}, OUT),
    Change.MISSING: Rule(_LEARNING, S.MISSING),
    Change.OTHER: Rule(_ON_ROLL, OUT),  # what older records say; no page offers it
}


@dataclass(frozen=True)
class Stretch:
    """One stretch as the fold yields it; the fields are those of an Enrollment. `ends_on` is the last day."""

    starts_on: datetime.date
    ends_on: datetime.date | None
    classroom_id: int
    status: str
    started_by: str
    ended_by: str
    basis: str
    seat_no: int | None = None


# Filled by upper apps at start-up: called after a pupil's roll has changed, with the classes that this touches.
changed: list[Callable[[Unit, frozenset[int], User | None], None]] = []


def fold(changes: Iterable[RollChange]) -> list[Stretch]:
    """The stretches that standing changes, in the order of their days, amount to. Raises RollRefusal.

    A stretch of no day at all (entered and moved on one day) is left out.
    """
    stretches: list[Stretch] = []
    standing, led_by, last = OUT, "", None
    for change in changes:
        rule = RULES[change.kind]
        if standing not in rule.before or (rule.only_after and led_by not in rule.only_after):
            raise RollRefusal(_misplaced(change, standing))
        if last and change.on < last:
            raise RollRefusal(f"{change.get_kind_display()}的日期不能早于{dates.chinese(last)}的上一次异动。")
        now = stretches.pop() if standing != OUT else None
        if now:
            _close(stretches, now, change.on, change.kind)
        after = standing if rule.after is None else rule.after
        last = change.on
        if after != OUT:
            stretches.append(_begin(change, rule, after, now))
        if rule.then is not None and change.settled_on:
            _close(stretches, stretches.pop(), change.settled_on, change.kind)
            after, last = rule.then, change.settled_on
        standing, led_by = after, change.kind
    return stretches


def places_of(changes: Iterable[RollChange]) -> dict[int, tuple[datetime.date, int]]:
    """Where each of a pupil's changes stands in their order, by its key. `changes` are all of them, voided ones too.

    By day; on one day as they were recorded, and a replacement stands where stood what it replaces: a 更正 of the
    first of two on one day must not come after the second.
    """
    places: dict[int, tuple[datetime.date, int]] = {}
    for change in sorted(changes, key=lambda change: change.pk):
        replaced = places.get(change.replaces_id or 0)
        places[change.pk] = change.on, replaced[1] if replaced else change.pk
    return places


def in_order(changes: Iterable[RollChange]) -> list[RollChange]:
    """The standing ones among all changes of one pupil, in their order."""
    rows = list(changes)
    places = places_of(rows)
    return sorted((row for row in rows if row.voided_at is None), key=lambda row: places[row.pk])


def _misplaced(change: RollChange, standing: str) -> str:
    where = EnrollmentStatus(standing).label if standing else "不在册"
    return f"{dates.chinese(change.on)}时这名学生{where}，不能办「{change.get_kind_display()}」。"


def _close(stretches: list[Stretch], now: Stretch, on: datetime.date, kind: str) -> None:
    """End a stretch the day before `on`; one that would hold no day is dropped."""
    last_day = on - datetime.timedelta(days=1)
    if last_day >= now.starts_on:
        stretches.append(
            Stretch(now.starts_on, last_day, now.classroom_id, now.status, now.started_by, kind, now.basis, now.seat_no)
        )


def _begin(change: RollChange, rule: Rule, status: str, before: Stretch | None) -> Stretch:
    classroom = change.classroom_id or (before.classroom_id if before and not rule.places else None)
    if classroom is None:
        raise RollRefusal("请选择班级。")
    moved = before is None or classroom != before.classroom_id
    seat = change.seat_no if moved or change.seat_no else before.seat_no if before else None
    return Stretch(change.on, None, classroom, status, change.kind, "", change.basis, seat)


def lay_down(student: Student) -> frozenset[int]:
    """Make the pupil's stretches those of the pupil's standing changes. Returns the keys of the classes touched.

    A stretch that began as it did keeps its row and its seat and takes its new end; what no longer holds is voided.
    """
    wanted = fold(in_order(student.changes.all()))
    held = {_beginning(row): row for row in student.enrollments.standing()}
    seats = {row.classroom_id: row.seat_no for row in held.values()}
    kept = {_beginning(part): part for part in wanted if _beginning(part) in held}
    moved = [(row, kept[key]) for key, row in held.items() if key in kept and _end(row) != _end(kept[key])]
    gone = [row for key, row in held.items() if key not in kept]
    new = [part for part in wanted if _beginning(part) not in kept]
    # Only one stretch may be open at a time, at every moment: first what goes, then what closes, then what opens.
    Enrollment.objects.filter(pk__in=[row.pk for row in gone]).update(voided_at=dates.now(), void_reason="学籍异动更正")
    for row, part in sorted(moved, key=lambda pair: pair[1].ends_on is None):
        Enrollment.objects.filter(pk=row.pk).update(ends_on=part.ends_on, ended_by=part.ended_by)
    Enrollment.objects.bulk_create(_row_of(student, part, seats.get(part.classroom_id)) for part in new)
    return frozenset(row.classroom_id for row in (*gone, *(row for row, _ in moved))) | {
        part.classroom_id for part in new
    }


def _end(row: Stretch | Enrollment) -> tuple:
    return row.ends_on, row.ended_by


def _beginning(row: Stretch | Enrollment) -> tuple:
    return row.starts_on, row.classroom_id, row.status, row.started_by, row.basis


def _row_of(student: Student, part: Stretch, known_seat: int | None) -> Enrollment:
    return Enrollment(
        student=student, classroom_id=part.classroom_id, status=part.status, starts_on=part.starts_on,
        ends_on=part.ends_on, started_by=part.started_by, ended_by=part.ended_by, basis=part.basis,
        seat_no=part.seat_no or known_seat,
    )  # fmt: skip


def covers(actor: User, school: Unit | int) -> bool:
    """Whether this person keeps the roll of the school."""
    return actor.has(*OFFICE, school=school)


def record(
    *,
    actor: User,
    student: Student,
    kind: str,
    on: datetime.date,
    classroom: Classroom | None = None,
    settled_on: datetime.date | None = None,
    replaces: RollChange | None = None,
    batch: ImportBatch | None = None,
    **facts: Any,
) -> RollChange:
    """Record one 异动 and lay the roll down anew. `facts` are further columns of RollChange.

    With `replaces` the other change is voided first, in the same transaction. Raises RollRefusal.
    """
    _require(actor, student)
    if on > dates.today() + datetime.timedelta(days=_AHEAD):
        raise RollRefusal("异动日期太远，最多可以提前一年登记。")
    rule = RULES[kind]
    if not (rule.places or rule.may_place):
        classroom = None
    elif classroom and classroom.school_id != student.school_id:
        raise RollRefusal("只能放到本校的班级。")
    with transaction.atomic():
        _hold(student)
        if replaces:
            _void(actor, replaces, "更正：另行登记")
        change = RollChange.objects.create(
            school_id=student.school_id, student=student, kind=kind, on=on, classroom=classroom,
            settled_on=settled_on, recorded_by=actor, replaces=replaces, batch=batch, **facts,
        )  # fmt: skip
        touched = lay_down(student)
        if replaces:
            _reseat(student, replaces, change)
        audit.record(
            Verb.ROLL, unit=student.school_id, actor=actor, about=student, reason=change.basis, change=kind, on=on,
            roll_change=change.pk, classroom=classroom.pk if classroom else None,
            replaces=replaces.pk if replaces else None,
        )  # fmt: skip
        _tell(student, touched, actor)
    return change


_AHEAD = 366


def _reseat(student: Student, wrong: RollChange, right: RollChange) -> None:
    """A 更正 of the seat alone leaves the stretch as it began; the seat that was wrong goes wherever it was laid."""
    if right.seat_no and wrong.seat_no and right.classroom_id == wrong.classroom_id:
        kept = student.enrollments.standing().filter(classroom=right.classroom_id, seat_no=wrong.seat_no)
        kept.update(seat_no=right.seat_no)


def enter(
    rows: Sequence[Enrollment], *, actor: User | None, batch: ImportBatch | None = None, batch_size: int = 500
) -> None:
    """Put many new pupils on the roll at once: their first stretches, and the 异动 that began each.

    For imports of pupils whom no roll knows yet; the caller audits and holds the transaction. `rows` are unsaved.
    """
    RollChange.objects.bulk_create(
        (
            RollChange(
                school_id=row.student.school_id, student=row.student, kind=row.started_by, on=row.starts_on,
                settled_on=row.starts_on, classroom=row.classroom, seat_no=row.seat_no, basis=row.basis,
                recorded_by=actor, batch=batch,
            )
            for row in rows
        ),
        batch_size=batch_size,
    )  # fmt: skip
    Enrollment.objects.bulk_create(rows, batch_size=batch_size)


def settle(*, actor: User, change: RollChange, on: datetime.date) -> None:
    """办结: the procedure is finished. Whether its papers are complete is for the caller to have seen."""
    _require(actor, change.student)
    if not change.on <= on <= max(dates.today(), change.on):
        raise RollRefusal("办结日期不能早于异动日期，也不能晚于今天。")
    with transaction.atomic():
        _hold(change.student)
        if RollChange.objects.unsettled().filter(pk=change.pk).update(settled_on=on) != 1:
            raise RollRefusal("这笔异动已经办结或作废，请刷新后再看。")
        change.settled_on = on
        touched = lay_down(change.student)
        audit.record(
            Verb.ROLL, unit=change.school_id, actor=actor, about=change.student, roll_change=change.pk, settled_on=on
        )
        _tell(change.student, touched, actor)


def void(*, actor: User, change: RollChange, reason: str) -> None:
    """Void a change that was a mistake. Refused where a later change would hang in the air."""
    if len(reason.strip()) < 4:
        raise RollRefusal("请写明作废原因，至少4个字。")
    _require(actor, change.student)
    with transaction.atomic():
        _hold(change.student)
        _void(actor, change, reason.strip())
        try:
            touched = lay_down(change.student)
        except RollRefusal as refusal:
            raise RollRefusal(f"这笔异动后面还有异动，不能单独作废：{refusal}请先作废后面的。") from None
        _tell(change.student, touched, actor)


def _void(actor: User, change: RollChange, reason: str) -> None:
    voided = RollChange.objects.standing().filter(pk=change.pk)
    if voided.update(voided_at=dates.now(), voided_by=actor, void_reason=reason[:120]) != 1:
        raise RollRefusal("这笔异动已经作废，请刷新后再看。")
    audit.record(
        Verb.ROLL, unit=change.school_id, actor=actor, about=change.student, reason=reason, roll_change=change.pk,
        voided=change.kind,
    )  # fmt: skip


def _require(actor: User, student: Student) -> None:
    if not covers(actor, student.school_id):
        raise RollRefusal("您现在的岗位不能改动学籍。")


def _hold(student: Student) -> None:
    """Let changes of one pupil follow each other."""
    Student.objects.select_for_update().only("pk").get(pk=student.pk)


def _tell(student: Student, touched: frozenset[int], actor: User | None) -> None:
    student.__dict__.pop("present_enrollment", None)
    for listener in changed:
        listener(student.school, touched, actor)
