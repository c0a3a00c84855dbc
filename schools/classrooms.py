"""Classes (班级): opening them for a grade, and 撤并."""

import datetime

from django.db import transaction
from django.db.models import Count, Q

from kongchuo import dates
from schools import audit
from schools.codes import Role, Verb
from schools.models import Classroom, Unit, User
from schools.models.places import ClassroomQuerySet

KEEPERS_OF_CLASSES = (Role.CLERK, Role.PRINCIPAL, Role.DELEGATE, Role.ADMIN)
MOST_AT_ONCE = 30


class ClassroomRefusal(Exception):
    """A class can't be opened or dissolved like this; the text says why."""


def with_pupils(classrooms: ClassroomQuerySet, day: datetime.date) -> ClassroomQuerySet:
    """Each class with `pupils`: how many are on its roll on a day, counted over the reverse relation."""
    in_force = Q(enrollments__ends_on__isnull=True) | Q(enrollments__ends_on__gte=day)
    standing = Q(enrollments__voided_at__isnull=True, enrollments__starts_on__lte=day)
    return classrooms.annotate(pupils=Count("enrollments", filter=in_force & standing))


def add_classes(
    *, actor: User, school: Unit, grade: int, school_year: int, first: int, last: int
) -> tuple[list[Classroom], list[Classroom]]:
    """Open the classes first to last of the grade (1 to 9) of a school year. Returns the new ones and those that stood.

    A class that was dissolved comes back: its number belongs to it.
    """
    if grade not in school.grades:
        raise ClassroomRefusal("本校没有这个年级。")
    if not 1 <= first <= last or last - first >= MOST_AT_ONCE:
        raise ClassroomRefusal(f"班号从小到大填，一次最多{MOST_AT_ONCE}个班。")
    stage, entry_year = Classroom.entry_for(grade, school_year)
    opened: list[Classroom] = []
    stood: list[Classroom] = []
    with transaction.atomic():
        _require_keeper(actor, school)
        for number in range(first, last + 1):
            row, created = Classroom.objects.get_or_create(
                school=school, stage=stage, entry_year=entry_year, number=number
            )
            back = not created and Classroom.objects.filter(pk=row.pk, closed_on__isnull=False).update(closed_on=None)
            (opened if created or back else stood).append(row)
        if opened:
            audit.record(
                Verb.CLASSROOM, unit=school, actor=actor, about=school, grade=grade,
                opened=[row.number for row in opened],
            )  # fmt: skip
    return opened, stood


def dissolve(*, actor: User, classroom: Classroom, reason: str) -> None:
    """撤并 a class that has no pupil any more. The duties of its teachers end with it."""
    today = dates.today()
    with transaction.atomic():
        _require_keeper(actor, classroom.school)
        if not Classroom.objects.filter(pk=classroom.pk, closed_on__isnull=True).update(closed_on=today):
            raise ClassroomRefusal("这个班已经撤并。")
        audit.record(
            Verb.CLASSROOM, unit=classroom.school, actor=actor, about=classroom, reason=reason, dissolved=today
        )
        ahead = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
        held = classroom.enrollments.filter(ahead, voided_at__isnull=True)
        if pupils := held.count():
            raise ClassroomRefusal(f"{classroom.label}还有{pupils}名学生，请先把学生调到别的班，再撤并。")
        duties = classroom.duties.filter(ahead)
        duties.filter(starts_on__gt=today).delete()
        duties.update(ends_on=today)


def _require_keeper(actor: User, school: Unit) -> None:
    if not actor.has(*KEEPERS_OF_CLASSES, school=school):
        raise ClassroomRefusal("您现在的岗位不能改动本校的班级。")
