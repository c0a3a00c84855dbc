"""The 摸底册 in the world of the access matrix: a household, a member, an upload of each school."""

from typing import Any

from schools.models import Classroom, User
from students.models import Household, Resident, Student, SurveyBatch

ROUTES: dict[str, str] = {
    **dict.fromkeys(("students:household", "students:household_edit", "students:resident_new"), "household"),
    **{
        f"students:resident{name}": "resident"
        for name in ("", "_edit", "_gone", "_proof", "_deferral", "_link", "_unlink")
    },
    **dict.fromkeys(("students:survey_preview", "students:survey_confirm", "students:survey_drop"), "survey batch"),
}
"""Route: the object that it is about. All are the office's."""


def objects(student: Student, classroom: Classroom, clerk: User) -> dict[str, Any]:
    home = Household.objects.create(school=classroom.school, number="1", head=f"{student.name}家", village="柳树村")
    return {
        "household": home,
        "resident": Resident.objects.create(household=home, name=student.name, birth_date=student.birth_date),
        "survey batch": SurveyBatch.objects.create(
            school=classroom.school, file_name="摸底册.xlsx", sha256="0" * 64, uploaded_by=clerk, rows="[]"
        ),
    }
