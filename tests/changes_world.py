"""The 异动 in the world of the access matrix: of a classmate one of each kind that has a form."""

from typing import Any

from schools.models import Classroom
from students.books.changes import FORMS
from students.models import RollChange
from tests.cast import WEDNESDAY


def _key(kinds: tuple[str, ...]) -> str:
    return f"change {kinds[0]}" if kinds else "resident"


ABOUT: dict[str, str] = {book.key: _key(kinds) for book, kinds in FORMS}
"""Key of a form's book: the object that it is about."""


def objects(classroom: Classroom) -> dict[str, Any]:
    """Rows alone, not folded into the roll: the pages that they serve only read them."""
    mate = classroom.enrollments.order_by("seat_no")[1].student
    return {
        _key(kinds): RollChange.objects.create(
            school=classroom.school, student=mate, kind=kinds[0], on=WEDNESDAY, other_school=f"{mate.name}的学校"
        )
        for _, kinds in FORMS
        if kinds
    }
