"""家庭成员: who belongs to a pupil, who is called first, and what became of the last call."""

import datetime
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import Classroom, User
from students.codes import PhoneState
from students.editing import NOTHING, fingerprint, put
from students.models import Enrollment, Guardian, Student
from students.rights import ChangedMeanwhile, must_keep
from students.roll import RollRefusal

MEMBER_FACTS = (
    "name", "relation", "relation_note", "is_guardian", "phone", "works_at", "job_title", "ethnicity", "address",
    "hukou_address", "id_type", "id_no",
)  # fmt: skip
LOST = frozenset({PhoneState.DEAD, PhoneState.NONE})
"""What was found out of a number that nobody needs to dial again."""


def fingerprint_of(member: Guardian | None) -> str:
    return fingerprint(getattr(member, name) for name in MEMBER_FACTS) if member else ""


def save_member(*, actor: User, student: Student, member: Guardian | None, seen: str, **facts: Any) -> Guardian:
    """Add a family member (`member` None), or change one. Raises ChangedMeanwhile, or RollRefusal in words.

    A new number is unchecked; 「无」 says that this person has none.
    """
    with transaction.atomic():
        audit.queue(student.school_id)
        must_keep(actor, student)
        now = _member(student, member) if member else Guardian(student=student, position=_next_position(student))
        if member and fingerprint_of(now) != seen:
            raise ChangedMeanwhile("您打开这页以后，有人改过这位家庭成员。请对照下面「现在存着的」，改好再存一次。")
        changed = [name for name in MEMBER_FACTS if put(now, name, facts.get(name))]
        if "phone" in changed:
            now.phone_state = PhoneState.NONE if now.phone == NOTHING else PhoneState.UNCHECKED
            now.phone_checked_on = dates.today() if now.phone == NOTHING else None
        if changed or not member:
            now.save()
            _record(actor, student, now, changed=[f"guardian.{name}" for name in changed])
    return now


def call_first(*, actor: User, student: Student, member: Guardian) -> None:
    """Let this member be the one to call; the others keep their order behind."""
    with transaction.atomic():
        audit.queue(student.school_id)
        must_keep(actor, student)
        chosen = _member(student, member)
        others = [other for other in student.guardians.order_by("position", "pk") if other.pk != chosen.pk]
        for position, person in enumerate((chosen, *others), 1):
            Guardian.objects.filter(pk=person.pk).update(position=position)
        _record(actor, student, chosen, changed=["guardian.position"])


def remove_member(*, actor: User, student: Student, member: Guardian, reason: str) -> None:
    """Take away somebody who was put down by mistake. The trail keeps who did it and why, not whom."""
    if len(reason.strip()) < 4:
        raise RollRefusal("请写明为什么移除，至少4个字，例如「录错了人」。")
    with transaction.atomic():
        audit.queue(student.school_id)
        must_keep(actor, student)
        gone = _member(student, member)
        _record(actor, student, gone, reason=reason.strip(), changed=["guardian.removed"])
        gone.delete()


def note_phone(*, actor: User, student: Student, member: Guardian, state: str) -> None:
    """What became of the last attempt to call this number."""
    if state not in PhoneState.values or not state:
        raise RollRefusal("请选择打电话的结果。")
    with transaction.atomic():
        must_keep(actor, student)
        now = _member(student, member)
        now.phone_state, now.phone_checked_on = state, dates.today()
        if state == PhoneState.NONE:
            now.phone = NOTHING
        now.save(update_fields=("phone", "phone_state", "phone_checked_on"))
        _record(actor, student, now, changed=["guardian.phone_state"])


def _member(student: Student, member: Guardian) -> Guardian:
    now = student.guardians.select_for_update().filter(pk=member.pk).first()
    if now is None:
        raise RollRefusal("这位家庭成员已被移除，请刷新后再看。")
    return now


def _next_position(student: Student) -> int:
    last = student.guardians.order_by("-position").values_list("position", flat=True).first()
    return (last or 0) + 1


def _record(actor: User, student: Student, member: Guardian, *, changed: list[str], reason: str = "") -> None:
    audit.record(
        Verb.STUDENT, unit=student.school_id, actor=actor, about=student, reason=reason, member=member.pk,
        changed=changed,
    )  # fmt: skip


def usable_phone() -> Q:
    """Guardians who have a number that is not known to be dead."""
    return ~Q(phone__in=("", NOTHING)) & ~Q(phone_state__in=sorted(LOST))


def can_be_called(student: str = "pk") -> Exists:
    """Whether somebody of the family can be called; `student` is where the outer query keeps the pupil's key."""
    return Exists(Guardian.objects.filter(usable_phone(), student=OuterRef(student)))


def said_to_have_none(student: str = "pk") -> Exists:
    """Whether of somebody in the family it is known that there is no telephone, or a dead number."""
    none = Q(phone=NOTHING) | Q(phone_state__in=sorted(LOST))
    return Exists(Guardian.objects.filter(none, student=OuterRef(student)))


# Filled by upper apps at start-up: of these pupils, those whose home somebody has been to since a day.
visited_since: list[Callable[[Collection[int], datetime.date], set[int]]] = []


def places_to_visit(
    user: User, classrooms: Iterable[Classroom], day: datetime.date, since: datetime.date
) -> list[Enrollment]:
    """上门家访: whose family can't be called (空号、无电话) and whose home nobody has been to since a day.

    Gone as soon as a number that works is put down, or a visit. One query, and one for each registered source.
    """
    places = Enrollment.objects.visible_to(user).in_force(day).filter(classroom__in=classrooms)
    unreached = list(
        places.filter(said_to_have_none("student"))
        .exclude(can_be_called("student"))
        .select_related("student", "classroom")
        .order_by("-classroom__stage", "-classroom__entry_year", "classroom__number", "seat_no", "pk")
    )
    keys = {place.student_id for place in unreached}
    seen: set[int] = set().union(*(ask(keys, since) for ask in visited_since)) if keys else set()
    return [place for place in unreached if place.student_id not in seen]


def labels() -> list[tuple[str, str]]:
    """What the audit trail's 「改动」 may name of a family member."""
    facts = [*MEMBER_FACTS, "phone_state"]
    columns = {field.name: field for field in Guardian._meta.fields}
    known = [(f"guardian.{name}", f"家长{columns[name].verbose_name}") for name in facts]
    return [*known, ("guardian.position", "先打谁的电话"), ("guardian.removed", "移除家庭成员")]
