"""Short ways to say what a class reported, for tests of what follows from it."""

import datetime
from collections.abc import Mapping

from attendance.codes import ABSENT, Session
from attendance.models import DailyReport, Mark
from kongchuo import dates
from schools.models import Classroom, SchoolDay, User
from students.models import Student


def day(text: str) -> datetime.date:
    """``day("3-11")`` in the year of the tests, or a whole date."""
    return datetime.date.fromisoformat(
        text if len(text) == 10 else "2026-" + "-".join(f"{int(p):02}" for p in text.split("-"))
    )


def report(
    classroom: Classroom,
    on: datetime.date | str,
    by: User,
    said: Mapping[Student, str] | None = None,
    session: str = Session.MORNING,
) -> DailyReport:
    """The class's report of a day as the tables hold it: marks only for those of whom something was said.

    Said again, a day is corrected: marks change, and "" takes one away.
    """
    on = day(on) if isinstance(on, str) else on
    said = said or {}
    row, _ = DailyReport.objects.update_or_create(
        classroom=classroom,
        on=on,
        session=session,
        defaults={
            "expected": 6,
            "absent": sum(code in ABSENT for code in said.values()),
            "submitted_by": by,
            "submitted_at": dates.now(),
            "roll_version": "",
        },
    )
    for student, code in said.items():
        marks = Mark.objects.filter(report=row, student=student)
        if not code:
            marks.delete()
        elif not marks.update(teacher_code=code):
            Mark.objects.create(report=row, student=student, on=on, teacher_code=code)
    return row


def report_days(classroom: Classroom, by: User, student: Student, first: str, codes: str) -> list[datetime.date]:
    """Report a pupil's codes on consecutive school days from `first`: "U" … as coded, "." there, " " no report."""
    days = SchoolDay.objects.filter(school=classroom.school_id, on__gte=day(first)).order_by("on")
    days = list(days.for_grade(classroom.grade_on(day(first))).values_list("on", flat=True)[: len(codes)])
    for on, code in zip(days, codes, strict=True):
        if code != " ":
            report(classroom, on, by, {} if code == "." else {student: code})
    return days
