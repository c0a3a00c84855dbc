"""What both sizes of demo stand on: units, terms, classes, pupils, the daily reports of a plain school year."""

import datetime
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings

from attendance.codes import MarkCode
from attendance.models import DailyReport, Mark
from followups.demo.people import Crowd
from kongchuo import dates
from schools import calendar
from schools.models import Classroom, Duty, SchoolDay, Unit, User
from students import roll
from students.codes import Change
from students.models import Enrollment, Guardian, Student

ABSENCE_RATE = 0.03
REASONS = (MarkCode.SICK,) * 5 + (MarkCode.LEAVE,) * 3 + (MarkCode.WAITING, MarkCode.UNEXCUSED)


@contextmanager
def standing_on(day: datetime.date, hour: int = 8) -> Iterator[None]:
    """Let the services believe that it is this day, as a demo installation does all the time."""
    before, settings.DEMO_TODAY = settings.DEMO_TODAY, day
    try:
        yield
    finally:
        settings.DEMO_TODAY = before


def make_unit(kind: str, name: str, parent: Unit | None = None, **fields: object) -> Unit:
    unit = Unit.objects.create(kind=kind, name=name, parent=parent, is_demo=True, **fields)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=("path",))
    return unit


def make_person(
    username: str,
    name: str,
    role: str,
    unit: Unit,
    since: datetime.date,
    password: str,
    classroom: Classroom | None = None,
) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User(username=username, name=name)
        user.password = password  # already hashed: hashing forty times would take longer than all the rest
        user.save()
    Duty.objects.create(user=user, role=role, unit=unit, classroom=classroom, starts_on=since)
    return user


def term_dates(year: int) -> tuple[tuple[datetime.date, datetime.date], ...]:
    """行课起止 of both terms of the school year that began in `year`, as the demo lays them."""
    return (
        (datetime.date(year, 9, 1), datetime.date(year + 1, 1, 17)),
        (datetime.date(year + 1, 2, 22), datetime.date(year + 1, 7, 4)),
    )


def make_terms(school: Unit, year: int) -> None:
    for number, (first, last) in enumerate(term_dates(year), 1):
        calendar.create_term(actor=None, school=school, school_year=year, number=number, starts_on=first, ends_on=last)


def fill_class(crowd: Crowd, classroom: Classroom, grade: int, year: int, count: int) -> list[Student]:
    """Enrol invented pupils in a class since the beginning of the school year."""
    students = Student.objects.bulk_create(crowd.pupils(classroom.school, grade, year, count))
    rows = [
        Enrollment(
            student=student,
            classroom=classroom,
            seat_no=seat,
            started_by=Change.IMPORT,
            basis="建档导入",
            starts_on=datetime.date(year, 9, 1),
        )
        for seat, student in enumerate(students, 1)
    ]
    roll.enter(rows, actor=None)
    Guardian.objects.bulk_create(crowd.guardian_of(student) for student in students)
    return students


def school_days(school: Unit, last: datetime.date) -> list[datetime.date]:
    return list(
        SchoolDay.objects.filter(school=school, on__gte=dates.school_year_start(last), on__lte=last)
        .order_by("on")
        .values_list("on", flat=True)
    )


def random_absences(chance: random.Random, students: Iterable[Student]) -> dict[int, MarkCode]:
    """Who is missing on a plain day: three in a hundred, mostly for a reason."""
    return {s.pk: chance.choice(REASONS) for s in students if chance.random() < ABSENCE_RATE}


def report_rows(
    classroom: Classroom, on: datetime.date, by: User, expected: int, codes: dict[int, str]
) -> tuple[DailyReport, list[Mark]]:
    """One unsaved report with its unsaved marks."""
    report = DailyReport(
        classroom=classroom,
        on=on,
        expected=expected,
        absent=sum(code not in (MarkCode.PRESENT, MarkCode.LATE) for code in codes.values()),
        submitted_by=by,
        submitted_at=dates.at(on, 7, 40 + classroom.pk % 20),
        roll_version="",
    )
    marks = [Mark(report=report, student_id=pk, on=on, teacher_code=code) for pk, code in codes.items()]
    return report, marks
