"""Pupils of a group on a day, as the cards and lists of the groups name them: their rows and their marks."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q

from schools.books import Asked
from students.books import pupils
from students.models import Enrollment, Guardian, Student, StudentDetails, Tag


@dataclass(frozen=True)
class Member:
    """A pupil on the roll with the marks that this person may know of."""

    row: Enrollment
    tags: list[Tag]
    label: str  # of the class on the day

    @property
    def student(self) -> Student:
        return self.row.student

    @property
    def details(self) -> StudentDetails | None:
        return getattr(self.row.student, "details", None)

    @property
    def kinds(self) -> set[str]:
        return {tag.kind for tag in self.tags}

    @property
    def caller(self) -> Guardian | None:
        return pupils.caller(self.row)

    @property
    def family(self) -> list[Guardian]:
        return self.row.student.family  # type: ignore[attr-defined]

    def relative(self, *relations: str) -> Guardian | None:
        return pupils.relative(self.row, relations)

    def tag(self, *kinds: str) -> Tag | None:
        return next((tag for tag in self.tags if tag.kind in kinds), None)


def members(asked: Asked, kinds: Collection[str], statuses: Collection[str] = ()) -> list[Member]:
    """Who belongs to a group on the day: by a mark of one of the kinds, or by standing. The one asked about, if any.

    Marks of kinds that are not this person's business are neither found nor told.
    """
    marks = Tag.objects.visible_to(asked.user).in_force(asked.on).filter(student__school=asked.school)
    rows = pupils.of_day(asked).select_related("student__details", "student", "classroom")
    if asked.about:
        rows, marks = rows.filter(student=asked.about), marks.filter(student=asked.about)
    else:
        of_group = marks.filter(kind__in=sorted(kinds)).values("student")
        rows = rows.filter(Q(student__in=of_group) | Q(status__in=sorted(statuses)))
    by_student: dict[int, list[Tag]] = defaultdict(list)
    for tag in marks:
        by_student[tag.student_id].append(tag)
    label = pupils.class_labels(asked.on)
    return [Member(row, by_student[row.student_id], label(row)) for row in rows]
