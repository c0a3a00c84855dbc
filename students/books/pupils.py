"""Whom the lists of pupils name: everybody who stands on the roll of a class on a day, with the family to call."""

import datetime
from collections.abc import Callable, Collection
from typing import Any

from django.db.models import Choices, Prefetch

from kongchuo import dates
from schools.books import Asked
from students.codes import HELD_ELSEWHERE, BoardType, Change, EnrollmentStatus, Relation, Sex
from students.models import Enrollment, Guardian, Student
from students.models.roll import EnrollmentQuerySet

FAMILY = "student__guardians"
ORDER = ("-classroom__stage", "-classroom__entry_year", "classroom__number", "seat_no", "pk")
_ENTERED_HERE = frozenset({Change.ENTRY, Change.IMPORT})


def labels(codes: type[Choices]) -> dict[Any, str]:
    return {value: str(word) for value, word in codes.choices} | {"": ""}


SEXES, BOARDING, STANDINGS, RELATIONS = labels(Sex), labels(BoardType), labels(EnrollmentStatus), labels(Relation)
CHANGES = labels(Change)


def of_day(asked: Asked) -> EnrollmentQuerySet:
    """Who stands on the roll on the day asked for, by class and seat; the class alone if one was asked for.

    With full numbers only of pupils whom this person sees today as well: who has left a class since is no longer its
    head teacher's.
    """
    rows = Enrollment.objects.visible_to(asked.user).in_force(asked.on).filter(classroom__school=asked.school)
    if asked.full:
        rows = rows.filter(student__in=Student.objects.visible_to(asked.user))
    if asked.classroom:
        rows = rows.filter(classroom=asked.classroom)
    # Into plain lists: a manager that filters for each of five thousand pupils takes half of the time.
    family = Prefetch(FAMILY, Guardian.objects.order_by("position", "pk"), to_attr="family")
    return rows.select_related("student", "classroom").prefetch_related(family).order_by(*ORDER)


def count_words(asked: Asked) -> str:
    """「在册53人，其中在读51人、休学2人；另有借读1人。」: the counts of the very rows that are listed."""
    counted = dict.fromkeys(EnrollmentStatus, 0)
    for status in of_day(asked).prefetch_related(None).order_by().values_list("status", flat=True):
        counted[EnrollmentStatus(status)] += 1
    held = {status: count for status, count in counted.items() if count and status not in HELD_ELSEWHERE}
    parts = "、".join(f"{STANDINGS[status]}{count}人" for status, count in held.items())
    guests = sum(counted[status] for status in HELD_ELSEWHERE)
    also = f"；另有借读（人在籍不在）{guests}人，不计入在册" if guests else ""
    return f"在册{sum(held.values())}人{f'，其中{parts}' if len(held) > 1 else ''}{also}。"


def class_labels(day: datetime.date) -> Callable[[Enrollment], str]:
    """What a pupil's class was called on the day; told once for each class."""
    known: dict[int, str] = {}

    def label(row: Enrollment) -> str:
        if row.classroom_id not in known:
            known[row.classroom_id] = row.classroom.label_on(day)
        return known[row.classroom_id]

    return label


def caller(row: Enrollment) -> Guardian | None:
    """The one to call: the first who is a guardian, else the first of the family."""
    family: list[Guardian] = row.student.family  # type: ignore[attr-defined]
    return next((person for person in family if person.is_guardian), next(iter(family), None))


def relative(row: Enrollment, relations: Collection[str]) -> Guardian | None:
    """The first of the family who stands in one of these relations."""
    family: list[Guardian] = row.student.family  # type: ignore[attr-defined]
    return next((person for person in family if person.relation in relations), None)


def came(row: Enrollment, day: datetime.date) -> str:
    """「2026.3.2转入」: how the pupil came to stand here, if that was in the school year of the day."""
    if row.started_by in _ENTERED_HERE or row.starts_on < dates.school_year_start(day):
        return ""
    return f"{row.starts_on.year}.{row.starts_on.month}.{row.starts_on.day}{CHANGES.get(row.started_by, '')}"


def identify(row: Enrollment) -> str:
    return row.student.name
