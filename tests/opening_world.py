"""What the access matrix needs of 开学: one object of each kind."""

from typing import Any

from schools.models import User
from students.models import EntryNotice, HandedOver, Handover, Student
from tests.cast import WEDNESDAY

ROUTES = {
    "students:handover": "handover",
    "students:graduation_take_back": "classroom",
    **{f"students:entry_notice{verb}": "entry notice" for verb in ("", "_correct", "_serve", "_unserve", "_arrive")},
}
"""Routes of the office, and the object that each is about."""


def objects(student: Student, classroom: Any, clerk: User) -> dict[str, Any]:
    handover = Handover.objects.create(
        school=classroom.school, classroom=classroom, to_school="青石乡高级中学", on=WEDNESDAY, recorded_by=clerk
    )
    HandedOver.objects.create(handover=handover, student=student)
    notice = EntryNotice.objects.create(
        school=classroom.school, school_year=2026, serial=1, name=student.name, issued_on=WEDNESDAY,
        report_on=WEDNESDAY.replace(month=9), recorded_by=clerk,
    )  # fmt: skip
    return {"handover": handover, "entry notice": notice}
