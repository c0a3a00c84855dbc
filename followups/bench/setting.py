"""The schools that the bench asks: a county in bulk, and beside it schools of nine and of sixty classes."""

import datetime
import random
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection

from attendance.codes import MarkCode
from attendance.detection import recompute_school
from attendance.models import DailyReport, Mark
from followups.codes import FindingKind, Met, Result, Source, Stage, Way
from followups.demo import base, county
from followups.demo.people import Crowd
from followups.models import Case, Contact, Finding
from kongchuo import dates
from schools.codes import Program, Role, UnitKind
from schools.models import Classroom, Unit, User
from students.models import Enrollment, Student

TODAY = datetime.date(2026, 6, 30)
DAYS = 12
AWAY = 3  # pupils of each school who have been away for a week: cases in hand


@dataclass
class Setting:
    """What the measures work on."""

    nine: Unit
    sixty: Unit
    classes: dict[int, Classroom]  # by number of pupils: 20, 53, 60
    pupils: dict[int, list[Student]]
    teacher: User
    principals: dict[int, User]  # by number of classes
    thousand: Unit  # schools by number of cases in the register
    two_hundred: Unit


def build(*, pupils: int, seed: int = 1) -> Setting:
    """An empty database becomes the bench's: about `pupils` pupils in the county."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    with base.standing_on(TODAY):
        county.build(pupils=pupils, seed=seed, password="bench", today=TODAY, say=lambda line: None)  # noqa: S106
        made = _schools(seed)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return made


def _schools(seed: int) -> Setting:
    chance = random.Random(seed)  # noqa: S311 - invented people, not secrets
    crowd = Crowd(chance)
    hashed = make_password("bench")
    nine, principal_nine, _, _ = _school(crowd, chance, hashed, 1, [53] * 9)
    sixty, principal_sixty, _, _ = _school(crowd, chance, hashed, 2, [50] * 60)
    third, _, classes, kept = _school(crowd, chance, hashed, 3, [20, 53, 60])
    thousand, by, _, many = _school(crowd, chance, hashed, 4, [56] * 18)
    two_hundred, by_few, _, few = _school(crowd, chance, hashed, 5, [50] * 9)
    _register(thousand, by, [pupil for room in many for pupil in room][:1000])
    _register(two_hundred, by_few, [pupil for room in few for pupil in room][:200])
    teacher = User.objects.create_user(username="bench-teacher", name="测量")
    for classroom in classes:
        base.make_person(teacher.username, "", Role.HEAD_TEACHER, third, _since(), hashed, classroom)
    by_size = dict(zip((20, 53, 60), classes, strict=True))
    by_pupils = dict(zip((20, 53, 60), kept, strict=True))
    return Setting(
        nine, sixty, by_size, by_pupils, teacher, {9: principal_nine, 60: principal_sixty}, thousand, two_hundred
    )


def _since() -> datetime.date:
    return dates.school_year_start(TODAY)


def _school(
    crowd: Crowd, chance: random.Random, hashed: str, number: int, sizes: list[int]
) -> tuple[Unit, User, list[Classroom], list[list[Student]]]:
    school = base.make_unit(
        UnitKind.SCHOOL, f"测量学校{number}", code=f"315300900{number}", program=Program.NINE_YEAR,
        county_name="云岭县", township_name="测量乡",
    )  # fmt: skip
    year = dates.school_year(TODAY)
    base.make_terms(school, year)
    principal = base.make_person(f"bench-principal-{number}", "校长", Role.PRINCIPAL, school, _since(), hashed)
    clerk = base.make_person(f"bench-clerk-{number}", "教务", Role.CLERK, school, _since(), hashed)
    classes, kept = [], []
    for index, size in enumerate(sizes):
        stage, entry = Classroom.entry_for(index % 9 + 1, year)
        classes.append(Classroom.objects.create(school=school, stage=stage, entry_year=entry, number=index // 9 + 1))
        kept.append(base.fill_class(crowd, classes[-1], index % 9 + 1, year, size))
    for on in base.school_days(school, TODAY)[-DAYS:-1]:
        _report(chance, clerk, classes, kept, on)
    recompute_school(school=school)
    return school, principal, classes, kept


def _report(
    chance: random.Random, by: User, classes: list[Classroom], kept: list[list[Student]], on: datetime.date
) -> None:
    for index, (classroom, pupils) in enumerate(zip(classes, kept, strict=True)):
        codes: dict[int, str] = dict(base.random_absences(chance, pupils))
        if index % 9 < AWAY and (TODAY - on).days <= 8:
            codes[pupils[1].pk] = MarkCode.UNEXCUSED
        report, marks = base.report_rows(classroom, on, by, len(pupils), codes)
        DailyReport.objects.bulk_create([report])
        Mark.objects.bulk_create(marks)


def _register(school: Unit, by: User, pupils: list[Student]) -> None:
    """A case with a finding and two contacts for each of these pupils."""
    year = dates.school_year(TODAY)
    rooms = {row.student_id: row.classroom_id for row in Enrollment.objects.open().filter(student__school=school)}
    taken = set(Case.objects.filter(school=school).values_list("student_id", flat=True))
    cases = Case.objects.bulk_create(
        Case(
            student=pupil, school=school, classroom_id=rooms[pupil.pk], number_year=year, number=number,
            source=Source.SPELL, opened_on=TODAY - datetime.timedelta(days=20),
            spell_from=TODAY - datetime.timedelta(days=25), stage=Stage.REPORT, reasons=["01", "04"],
            whereabouts="05", whereabouts_text="外省某市", responsible=by,
        )
        for number, pupil in enumerate((pupil for pupil in pupils if pupil.pk not in taken), 1)
    )  # fmt: skip
    Finding.objects.bulk_create(
        Finding(
            case=case, kind=FindingKind.SUSPECTED, on=TODAY - datetime.timedelta(days=19), by=by, at=dates.now(),
            basis="连续3个到校日无故未到", unjustified="监护人没有请假",
        )
        for case in cases
    )  # fmt: skip
    Contact.objects.bulk_create(
        Contact(
            student_id=case.student_id, way=Way.VISIT, on=TODAY - datetime.timedelta(days=ago), met=Met.GUARDIAN,
            result=Result.REFUSED, made_by=by, text="当面宣讲义务教育法，家长仍未答应",
        )
        for case in cases
        for ago in (18, 10)
    )  # fmt: skip
