"""异动 of many pupils at once: the same leaving for a whole class, and taking it back.

What `students.roll.record` does for one pupil, in a number of queries that does not grow with the pupils: each
pupil's fold is checked in memory, the listeners are told once, the trail has one entry a class.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import transaction

from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import Classroom, Unit, User
from students import roll
from students.models import Enrollment, RollChange, Student
from students.roll import OUT, RULES, RollRefusal

LEAST = 4
"""Characters below which a reason says nothing."""


def leave(*, actor: User, school: Unit, seats: Sequence[Enrollment], kind: str, on: datetime.date, basis: str) -> int:
    """End the open stretches of many pupils of one school by one kind of leaving: 毕业, 借读结束.

    `on` is the first day on which they no longer belong. Raises RollRefusal, naming the pupil, and changes nothing.
    Returns how many left.
    """
    if RULES[kind].after != OUT:
        raise ValueError(f"{kind} does not take a pupil off the roll")
    _require(actor, school)
    keys = [seat.student_id for seat in seats]
    with transaction.atomic():
        _hold(keys)
        names = dict(Student.objects.filter(pk__in=keys, school=school).values_list("pk", "name"))
        if len(names) != len(seats):
            raise RollRefusal("名单里有学生不是本校的，请刷新后再看。")
        known = _changes_of(keys)
        added = [
            RollChange(school=school, student_id=key, kind=kind, on=on, settled_on=on, basis=basis, recorded_by=actor)
            for key in keys
        ]
        for change in added:
            _must_fold([*known[change.student_id], change], names[change.student_id])
        RollChange.objects.bulk_create(added)
        _end(keys, kind, on)
        _trace(actor, school, seats, kind, on, basis)
        _tell(school, {seat.classroom_id for seat in seats}, actor)
    return len(added)


def void(*, actor: User, school: Unit, changes: Iterable[RollChange], classroom: Classroom, reason: str) -> int:
    """Void changes of many pupils of one class that were a mistake; their rolls are what they were before."""
    if len(reason.strip()) < LEAST:
        raise RollRefusal("请写明撤回的原因，至少4个字。")
    _require(actor, school)
    rows = list(changes)
    with transaction.atomic():
        _hold([row.student_id for row in rows])
        standing = RollChange.objects.standing().filter(pk__in=[row.pk for row in rows], school=school)
        if standing.update(voided_at=dates.now(), voided_by=actor, void_reason=reason.strip()[:120]) != len(rows):
            raise RollRefusal("有的异动刚刚已被作废，请刷新后再看。")
        audit.record(
            Verb.ROLL, unit=school, actor=actor, about=classroom, reason=reason.strip(),
            voided=rows[0].kind if rows else "", pupils=[row.student_id for row in rows],
        )  # fmt: skip
        touched: set[int] = set()
        for student in Student.objects.filter(pk__in=[row.student_id for row in rows]).only("pk", "name"):
            try:
                touched |= roll.lay_down(student)
            except RollRefusal:
                raise RollRefusal(f"{student.name}后来又办了别的异动，请先作废后面的，再撤回。") from None
        _tell(school, touched, actor)
    return len(rows)


def _require(actor: User, school: Unit) -> None:
    if not roll.covers(actor, school):
        raise RollRefusal("您现在的岗位不能改动学籍。")


def _hold(keys: Sequence[int]) -> None:
    """Let other changes of these pupils wait."""
    list(Student.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))


def _changes_of(keys: Sequence[int]) -> dict[int, list[RollChange]]:
    found: dict[int, list[RollChange]] = defaultdict(list)
    for change in RollChange.objects.filter(student__in=keys):
        found[change.student_id].append(change)
    return {student: roll.in_order(changes) for student, changes in found.items()}


def _must_fold(changes: list[RollChange], name: str) -> None:
    try:
        roll.fold(sorted(changes, key=lambda change: change.on))
    except RollRefusal as refusal:
        raise RollRefusal(f"{name}：{refusal}") from None


def _end(keys: Sequence[int], kind: str, on: datetime.date) -> None:
    """What `lay_down` would do: an open stretch ends the day before; one that would hold no day is voided."""
    rows = Enrollment.objects.open().filter(student__in=keys)
    rows.filter(starts_on__gte=on).update(voided_at=dates.now(), void_reason="学籍异动更正")
    rows.update(ends_on=on - datetime.timedelta(days=1), ended_by=kind)


def _trace(actor: User, school: Unit, seats: Sequence[Enrollment], kind: str, on: datetime.date, basis: str) -> None:
    by_class: dict[Classroom, list[int]] = defaultdict(list)
    for seat in seats:
        by_class[seat.classroom].append(seat.student_id)
    for classroom, pupils in by_class.items():
        audit.record(
            Verb.ROLL, unit=school, actor=actor, about=classroom, reason=basis, change=kind, on=on, pupils=pupils
        )


def _tell(school: Unit, touched: set[int], actor: User) -> None:
    for listener in roll.changed if touched else ():
        listener(school, frozenset(touched), actor)
