"""The 摸底册 in the world of the access matrix: a household, a member, an upload of each school."""

from typing import Any

from schools.models import Classroom, User
from students.models import Household, Paper, Resident, Student, SurveyBatch
from tests.cast import WEDNESDAY

ROUTES: dict[str, str] = {
    **dict.fromkeys(("students:household", "students:household_edit", "students:resident_new"), "household"),
    **{
        f"students:resident{name}": "resident"
        for name in ("", "_edit", "_gone", "_proof", "_deferral", "_link", "_unlink")
    },
    **dict.fromkeys(("students:survey_preview", "students:survey_confirm", "students:survey_drop"), "survey batch"),
    "students:resident_paper_void": "resident paper",
}
"""Route: the object that it is about. All are the office's."""


def objects(student: Student, classroom: Classroom, clerk: User) -> dict[str, Any]:
    home = Household.objects.create(school=classroom.school, number="1", head=f"{student.name}家", village="柳树村")
    child = Resident.objects.create(household=home, name=student.name, birth_date=student.birth_date)
    return {
        "household": home,
        "resident": child,
        "resident paper": Paper.objects.create(
            school=classroom.school,
            resident=child,
            code="elsewhere",
            title="就读证明",
            seen_by="赵教务",
            seen_on=WEDNESDAY,
            recorded_by=clerk,
        ),
        "survey batch": SurveyBatch.objects.create(
            school=classroom.school, file_name="摸底册.xlsx", sha256="0" * 64, uploaded_by=clerk, rows="[]"
        ),
    }
