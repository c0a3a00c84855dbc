"""开学一个月内摸清学困生和特困生: one answer a class and term. Nobody is an answer, silence is none."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from kongchuo import dates
from kongchuo.sealed import keyed_hash
from schools import audit, calendar
from schools.codes import Verb
from schools.models import Classroom, Term, Unit, User
from schools.policy import rules_on
from students.codes import TagKind
from students.models import Enrollment, Screening, Tag
from students.rights import ChangedMeanwhile, must_keep_class
from students.roll import RollRefusal

ASKED = {"struggling": TagKind.STRUGGLING, "hardship": TagKind.HARDSHIP}
"""The two columns of the class's list, and the tag that each sets."""


def current_term(school: Unit | int, day: datetime.date) -> Term | None:
    """The term in which a day lies, or that was the last before it."""
    return Term.objects.filter(school=school, starts_on__lte=day).order_by("-starts_on").first()


def due_on(term: Term) -> datetime.date:
    """The last day for the answer of a term (setting `screening_within`, counted from the first day)."""
    span = rules_on(term.school_id, term.starts_on).span("screening_within")
    return calendar.due_on(term.school_id, term.starts_on, span)


@dataclass(frozen=True)
class Pupil:
    """One line of the class's list: the place, and which of the two tags hold today."""

    place: Enrollment
    marked: frozenset[str]


def pupils_of(classroom: Classroom, day: datetime.date) -> list[Pupil]:
    """The class as it is on a day, by seat. Two queries."""
    places = list(
        Enrollment.objects.filter(classroom=classroom).in_force(day).select_related("student").order_by("seat_no", "pk")
    )
    held: dict[int, set[str]] = {}
    tags = Tag.objects.filter(student__in=[place.student_id for place in places], kind__in=ASKED.values(), ends_on=None)
    for student, kind in tags.values_list("student_id", "kind"):
        held.setdefault(student, set()).add(kind)
    return [Pupil(place, frozenset(held.get(place.student_id, ()))) for place in places]


def fingerprint(pupils: Iterable[Pupil]) -> str:
    """A short digest of the class and its marks as a page shows them."""
    return keyed_hash(";".join(f"{one.place.student_id}:{','.join(sorted(one.marked))}" for one in pupils))[:16]


def answer(
    *, actor: User, classroom: Classroom, term: Term, seen: str, none: bool = False, **chosen: set[int]
) -> Screening:
    """Take a class's answer: set and end the tags so that exactly these pupils have them from today.

    `chosen` holds the pupils' keys under the names of ASKED. Nobody at all has to be said (`none`), so that an empty
    list sent by accident is no answer. Raises ChangedMeanwhile, or RollRefusal in words.
    """
    if not any(chosen.values()) and not none:
        raise RollRefusal("一个也没有勾。确实没有的，请勾上「经过摸底，本班没有」再交。")
    if any(chosen.values()) and none:
        raise RollRefusal("既勾了学生，又勾了「本班没有」，请去掉一个。")
    with transaction.atomic():
        audit.queue(classroom.school_id)
        must_keep_class(actor, classroom)
        pupils = pupils_of(classroom, dates.today())
        if fingerprint(pupils) != seen:
            raise ChangedMeanwhile("您打开这页以后，班里的名单或标记变了。请核对后再交一次。")
        here = {one.place.student_id for one in pupils}
        for name, kind in ASKED.items():
            _set(pupils, kind, chosen.get(name, set()) & here)
        counts = {name: len(chosen.get(name, set()) & here) for name in ASKED}
        said = {"done_by": actor, "done_at": dates.now(), **counts}
        row, _ = Screening.objects.update_or_create(classroom=classroom, term=term, defaults=said)
        audit.record(
            Verb.STUDENT, unit=classroom.school_id, actor=actor, about=row, classroom=classroom.pk, term=term.pk,
            struggling=row.struggling, hardship=row.hardship,
        )  # fmt: skip
    return row


def _set(pupils: list[Pupil], kind: TagKind, wanted: set[int]) -> None:
    """Begin the tag for those who lack it, end it for those who are no longer chosen.

    A tag that began today and is taken back today never was.
    """
    today = dates.today()
    new = [one.place.student_id for one in pupils if one.place.student_id in wanted and kind not in one.marked]
    over = [one.place.student_id for one in pupils if one.place.student_id not in wanted and kind in one.marked]
    Tag.objects.bulk_create(Tag(student_id=key, kind=kind, starts_on=today) for key in new)
    held = Tag.objects.filter(student__in=over, kind=kind, ends_on=None)
    held.filter(starts_on=today).delete()
    held.update(ends_on=today - datetime.timedelta(days=1))


@dataclass(frozen=True)
class Line:
    """One class in the list of answers."""

    classroom: Classroom
    done: Screening | None
    is_overdue: bool


def of_classes(user: User, classrooms: Iterable[Classroom], term: Term, day: datetime.date) -> list[Line]:
    """Which classes have answered for the term; a class without pupils is not asked. Four queries."""
    answers = Screening.objects.visible_to(user).filter(term=term).select_related("done_by")
    done = {row.classroom_id: row for row in answers}
    asked = set(Enrollment.objects.visible_to(user).in_force(day).values_list("classroom", flat=True).distinct())
    late = day > due_on(term)
    return [Line(room, done.get(room.pk), late and room.pk not in done) for room in classrooms if room.pk in asked]
