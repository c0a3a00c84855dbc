"""A county in bulk, to measure on: many schools, a hundred school days, three absences in a hundred."""

import datetime
import random
from collections.abc import Callable

from django.contrib.auth.hashers import make_password
from django.db import transaction

from attendance.models import DailyReport, Mark
from followups.demo import base
from followups.demo.people import Crowd
from kongchuo import dates
from schools.codes import Program, Role, UnitKind
from schools.models import Classroom, Unit, User

CLASS_SIZE = 50
CLASSES_PER_GRADE = 4


def build(
    *, pupils: int, seed: int, password: str, today: datetime.date, days: int = 100, say: Callable[[str], None]
) -> None:
    """Fill the database with about `pupils` pupils in nine-year schools and `days` school days of reports."""
    chance = random.Random(seed)  # noqa: S311 - invented people, not secrets
    crowd = Crowd(chance)
    county = base.make_unit(UnitKind.COUNTY, "云岭县")
    hashed = make_password(password)
    year = dates.school_year(today)
    since = datetime.date(year, 9, 1)
    base.make_person("xianju", "县局", Role.COUNTY, county, since, hashed)
    per_school = CLASS_SIZE * CLASSES_PER_GRADE * 9
    schools = max(1, round(pupils / per_school))
    for number in range(1, schools + 1):
        with transaction.atomic():
            _school(crowd, chance, county, number, year, hashed, today, days)
        say(f"{number}/{schools} 所学校")


def _school(
    crowd: Crowd,
    chance: random.Random,
    county: Unit,
    number: int,
    year: int,
    hashed: str,
    today: datetime.date,
    days: int,
) -> None:
    school = base.make_unit(
        UnitKind.SCHOOL,
        f"第{number}九年一贯制学校",
        county,
        code=f"21530001{number:02d}",
        program=Program.NINE_YEAR,
        county_name=county.name,
        township_name=f"第{number}乡",
    )
    since = datetime.date(year, 9, 1)
    base.make_terms(school, year)
    clerk = base.make_person(f"jiaowu{number}", f"教务{number}", Role.CLERK, school, since, hashed)
    base.make_person(f"xiaozhang{number}", f"校长{number}", Role.PRINCIPAL, school, since, hashed)
    on_days = base.school_days(school, today)[-days:]
    reports: list[DailyReport] = []
    marks: list[Mark] = []
    for grade in school.grades:
        stage, entry = Classroom.entry_for(grade, year)
        for class_number in range(1, CLASSES_PER_GRADE + 1):
            classroom = Classroom.objects.create(school=school, stage=stage, entry_year=entry, number=class_number)
            students = base.fill_class(crowd, classroom, grade, year, CLASS_SIZE)
            for report, its_marks in _year(chance, classroom, clerk, students, on_days):
                reports.append(report)
                marks += its_marks
    DailyReport.objects.bulk_create(reports, batch_size=2000)
    Mark.objects.bulk_create(marks, batch_size=2000)


def _year(chance: random.Random, classroom: Classroom, by: User, students: list, on_days: list) -> list:
    """A class's reports; absences come in spells, and one report in fifty is missing."""
    away: dict[int, tuple[int, str]] = {}
    rows = []
    for on in on_days:
        away = {pk: (left - 1, code) for pk, (left, code) in away.items() if left > 1}
        for pk, code in base.random_absences(chance, students).items():
            if pk not in away and chance.random() < 0.5:
                away[pk] = (chance.choice((1, 1, 1, 2, 2, 3, 5)), code)
        if chance.random() < 0.98:
            codes = {pk: code for pk, (_, code) in away.items()}
            rows.append(base.report_rows(classroom, on, by, len(students), codes))
    return rows
