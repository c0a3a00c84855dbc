"""What the access matrix needs of 开学: one object of each kind."""

from typing import Any

from schools.models import User
from students.models import HandedOver, Handover, Student
from tests.cast import WEDNESDAY


def objects(student: Student, classroom: Any, clerk: User) -> dict[str, Any]:
    handover = Handover.objects.create(
        school=classroom.school, classroom=classroom, to_school="青石乡高级中学", on=WEDNESDAY, recorded_by=clerk
    )
    HandedOver.objects.create(handover=handover, student=student)
    return {"handover": handover}
