"""信息完整度: of every class, how many pupils lack what a school must know, and who (数据质量看板).

Figure and list come from one condition a fact, over one set of rows: they can't disagree.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, OuterRef, Q

from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import Classroom, User
from students.family import can_be_called
from students.models import Enrollment, Guardian, Student
from students.models.roll import EnrollmentQuerySet
from students.rights import must_keep, must_keep_class
from students.screening import current_term


@dataclass(frozen=True)
class Fact:
    """One thing that should be known of every pupil: how its lack is called in a table, and in a sentence."""

    key: str
    label: str
    lacking: str


FACTS: dict[str, Fact] = {
    fact.key: fact
    for fact in (
        Fact("id", "缺证件号", "没有身份证件号"),
        Fact("phone", "缺电话", "没有打得通的电话"),
        Fact("address", "缺住址", "没有住址或村屯"),
        Fact("guardian", "缺监护人", "没有监护人"),
        Fact("checked", "未核对", "本学期没有核对过"),
    )
}


def rows(user: User, day: datetime.date, since: datetime.date) -> EnrollmentQuerySet:
    """Everybody on the roll whom this person sees, each with a yes or no for every fact (`lacks_id`, …).

    `since` is the day from which a check counts (`checks_count_from`).
    """
    guardians = Guardian.objects.filter(student=OuterRef("student"), is_guardian=True)
    conditions: dict[str, Q] = {
        "id": Q(student__id_hash=""),
        "phone": Q(~can_be_called("student")),
        "address": Q(student__address="") | Q(student__village=""),
        "guardian": Q(~Exists(guardians)),
        "checked": Q(student__checked_on=None) | Q(student__checked_on__lt=since),
    }
    return (
        Enrollment.objects.visible_to(user)
        .in_force(day)
        .annotate(**{f"lacks_{fact}": ExpressionWrapper(where, BooleanField()) for fact, where in conditions.items()})
    )


def only(places: EnrollmentQuerySet, fact: str) -> EnrollmentQuerySet:
    """Those who lack one fact; all of them for an empty name."""
    return places.filter(**{f"lacks_{fact}": True}) if fact else places


def checks_count_from(school: int, day: datetime.date) -> datetime.date:
    """核对 counts for a term: from its first day; without a term, from the beginning of the school year."""
    term = current_term(school, day)
    return term.starts_on if term else dates.school_year_start(day)


@dataclass(frozen=True)
class Counts:
    """How many pupils, and of how many each fact is lacking."""

    pupils: int
    lacking: dict[str, int]

    @property
    def cells(self) -> list[tuple[Fact, int, int]]:
        """For each fact: the fact, how many lack it, out of how many."""
        return [(fact, self.lacking[fact.key], self.pupils) for fact in FACTS.values()]


@dataclass(frozen=True)
class Line(Counts):
    """One class's counts."""

    classroom: Classroom


def of_classes(user: User, classrooms: Iterable[Classroom], day: datetime.date) -> list[Line]:
    """The table of classes. Two queries, however many classes and pupils."""
    kept = list(classrooms)
    if not kept:
        return []
    since = checks_count_from(kept[0].school_id, day)
    counts = {fact: Count("pk", filter=Q(**{f"lacks_{fact}": True})) for fact in FACTS}
    places = rows(user, day, since).filter(classroom__in=kept).order_by()
    counted: Any = places.values("classroom").annotate(whole=Count("pk"), **counts)
    found = {row["classroom"]: row for row in counted}
    return [
        Line(row["whole"], {fact: row[fact] for fact in FACTS}, room) for room in kept if (row := found.get(room.pk))
    ]


def total(lines: Iterable[Counts]) -> Counts:
    """The sum over classes."""
    kept = list(lines)
    return Counts(sum(line.pupils for line in kept), {fact: sum(line.lacking[fact] for line in kept) for fact in FACTS})


def check(*, actor: User, student: Student) -> None:
    """核对: the family's facts of one pupil were gone through today and stand."""
    with transaction.atomic():
        must_keep(actor, student)
        Student.objects.filter(pk=student.pk).update(checked_on=dates.today())
        audit.record(Verb.STUDENT, unit=student.school_id, actor=actor, about=student, changed=["checked_on"])


def check_class(*, actor: User, classroom: Classroom) -> int:
    """全班已核对: the same of everybody who is in the class today. How many that are."""
    with transaction.atomic():
        must_keep_class(actor, classroom)
        pupils = Enrollment.objects.filter(classroom=classroom).in_force(dates.today()).values("student")
        count = Student.objects.filter(pk__in=pupils).update(checked_on=dates.today())
        audit.record(
            Verb.STUDENT, unit=classroom.school_id, actor=actor, about=classroom, count=count, changed=["checked_on"]
        )
    return count
