"""The demo school: a 九年一贯制 school of nine classes, lived through day by day up to the demo's today."""

import datetime
import random
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction

from attendance.detection import recompute
from attendance.models import DailyReport, Mark
from followups.demo import base, registry, stories
from followups.demo.people import Crowd
from kongchuo import dates
from schools.codes import Program, Role, UnitKind
from schools.models import Classroom, Unit, User
from students.models import Student

SCHOOL_CODE = "2153000001"
CLASS_SIZE = 53
SILENT_TODAY = 9  # the grade whose class has not reported yet on the demo's today


@dataclass
class School:
    """The built school with its people, for the stories that are told in it."""

    unit: Unit
    classes: dict[int, Classroom]
    pupils: dict[int, list[Student]]
    heads: dict[int, User]
    clerk: User
    principal: User

    def pupil(self, grade: int, seat: int) -> Student:
        return self.pupils[grade][seat - 1]


def build(*, seed: int, password: str, today: datetime.date) -> list[str]:
    """Build the school and live its year. Returns the login names, one for each role first."""
    chance = random.Random(seed)  # noqa: S311 - invented people, not secrets
    crowd = Crowd(chance)
    with transaction.atomic():  # all or nothing, and one flush to the disk instead of one a deed
        school, accounts = _found(crowd, make_password(password), dates.school_year(today))
        days = base.school_days(school.unit, today)
        registry.fill(crowd, school, days[0])
        told = stories.plan(school, days)
        deeds = registry.plan(days, [first for first, _ in base.term_dates(dates.school_year(today))])
        for index, on in enumerate(days):
            with base.standing_on(on):
                _live(chance, school, told, on, is_today=index == len(days) - 1)
                stories.act(school, told, on)
                for deed in deeds.get(on, ()):
                    deed(school, on)
    return accounts


def _found(crowd: Crowd, hashed: str, year: int) -> tuple[School, list[str]]:
    since = datetime.date(year, 9, 1)
    county = base.make_unit(UnitKind.COUNTY, "云岭县")
    township = base.make_unit(UnitKind.TOWNSHIP, "青石乡", county)
    central = base.make_unit(UnitKind.CENTRAL, "青石乡中心学校", township)
    unit = base.make_unit(
        UnitKind.SCHOOL,
        "青石乡九年一贯制学校",
        central,
        code=SCHOOL_CODE,
        program=Program.NINE_YEAR,
        county_name="云岭县",
        township_name="青石乡",
    )
    base.make_terms(unit, year)
    people = {
        role: base.make_person(username, name, role, place, since, hashed)
        for role, username, name, place in (
            (Role.CLERK, "jiaowu", "赵教务", unit),
            (Role.PRINCIPAL, "xiaozhang", "王校长", unit),
            (Role.ADMIN, "guanli", "管理员", unit),
            (Role.AUDITOR, "shenji", "审计员", unit),
            (Role.CENTRAL, "zhongxinxiao", "中心校", central),
            (Role.TOWNSHIP, "xiangzhen", "乡镇", township),
            (Role.COUNTY, "xianju", "县局", county),
        )
    }
    school = School(unit, {}, {}, {}, people[Role.CLERK], people[Role.PRINCIPAL])
    for grade in unit.grades:
        stage, entry = Classroom.entry_for(grade, year)
        classroom = Classroom.objects.create(school=unit, stage=stage, entry_year=entry, number=1)
        school.classes[grade] = classroom
        school.pupils[grade] = base.fill_class(crowd, classroom, grade, year, CLASS_SIZE)
        name = f"{crowd.name()[0]}老师"
        school.heads[grade] = base.make_person(
            f"banzhuren{grade}", name, Role.HEAD_TEACHER, unit, since, hashed, classroom
        )
    base.make_person("renke", "孙老师", Role.SUBJECT_TEACHER, unit, since, hashed, school.classes[7])
    others = [user.username for role, user in people.items()]
    return school, ["banzhuren7", *others, "renke", *(f"banzhuren{g}" for g in unit.grades if g != 7)]


def _live(chance: random.Random, school: School, told: "stories.Plan", on: datetime.date, *, is_today: bool) -> None:
    """One school day: every class reports, except where a story or the hour of the day says otherwise."""
    for grade, classroom in school.classes.items():
        seated = set(classroom.enrollments.in_force(on).expected().values_list("student_id", flat=True))
        plain = [pupil for pupil in school.pupils[grade] if pupil.pk in seated and pupil.pk not in told.pupils]
        codes: dict[int, str] = dict(base.random_absences(chance, plain))
        codes |= told.marks(grade, on)
        if (is_today and grade == SILENT_TODAY) or told.is_silent(grade, on):
            continue
        report, marks = base.report_rows(classroom, on, school.heads[grade], len(seated), codes)
        DailyReport.objects.bulk_create([report])
        Mark.objects.bulk_create(marks)
        recompute(classroom=classroom, actor=school.heads[grade])
