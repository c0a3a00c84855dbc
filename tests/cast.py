"""The small fixed cast of the tests: two schools in one township, a handful of classes and people, few pupils.

`Cast` is built once a test through `make_cast()`. Names, numbers and places are invented; ID numbers are put
together at run time.
"""

import datetime
from dataclasses import dataclass, field

import pytest
from django.test import Client

from kongchuo import idnumber
from schools import calendar
from schools.codes import Program, Role, Stage, UnitKind
from schools.models import Classroom, Duty, Unit, User
from students import roll
from students.models import Enrollment, Guardian, Student
from students.services import initials

TERM_START = datetime.date(2026, 2, 23)
TERM_END = datetime.date(2026, 7, 3)
WEDNESDAY = datetime.date(2026, 3, 11)
"""The usual today of the tests: a plain school day in spring."""
PASSWORD = "Shanqu-xiaoxue-2026"


def id_number(serial: int, birth: str = "20130412", region: str = "530000") -> str:
    """An ID number of nobody (a region code that is never given to a person), with a right check digit."""
    first17 = f"{region}{birth}{serial:03d}"
    return first17 + idnumber.check_digit(first17)


@dataclass
class Cast:
    """Who plays. `head` teaches `seven` (七(1)班), `other_head` teaches `eight`; `far_*` are of another school."""

    county: Unit
    township: Unit
    school: Unit
    far_school: Unit
    seven: Classroom
    eight: Classroom
    far_seven: Classroom
    head: User
    other_head: User
    subject: User
    clerk: User
    principal: User
    admin: User
    auditor: User
    far_head: User
    far_clerk: User
    far_principal: User
    central: User
    township_officer: User
    county_officer: User
    pupils: list[Student] = field(default_factory=list)
    others: list[Student] = field(default_factory=list)
    far_pupils: list[Student] = field(default_factory=list)


def make_unit(kind: str, name: str, parent: Unit | None = None, **fields: object) -> Unit:
    unit = Unit.objects.create(kind=kind, name=name, parent=parent, **fields)
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=("path",))
    return unit


def make_person(username: str, name: str, role: str, unit: Unit, classroom: Classroom | None = None) -> User:
    user = User.objects.create_user(username=username, name=name, password=PASSWORD)
    Duty.objects.create(user=user, role=role, unit=unit, classroom=classroom, starts_on=datetime.date(2025, 9, 1))
    return user


def make_pupil(
    school: Unit, classroom: Classroom, seat: int, name: str, serial: int, starts_on: datetime.date | None = None
) -> Student:
    return make_pupils([(classroom, seat, name, serial)], starts_on)[0]


def make_pupils(wanted: list[tuple[Classroom, int, str, int]], starts_on: datetime.date | None = None) -> list[Student]:
    """Pupils by class, seat, name and serial, each with one guardian; all at once, because every test asks for them."""
    students, seats = [], []
    for classroom, seat, name, serial in wanted:
        student = Student(
            school=classroom.school, name=name, initials=initials(name), sex=str(2 - seat % 2), ethnicity="01",
            birth_date=datetime.date(2013, 4, 12), address=f"青石乡柳树村{seat}组", village="柳树村",
        )  # fmt: skip
        number = id_number(serial)
        student.set_numbers(id_no=number, roll_no="G" + number)
        students.append(student)
        seats.append((classroom, seat))
    Student.objects.bulk_create(students)
    since = starts_on or datetime.date(2025, 9, 1)
    rows = [
        Enrollment(student=student, classroom=classroom, seat_no=seat, starts_on=since)
        for student, (classroom, seat) in zip(students, seats, strict=True)
    ]
    roll.enter(rows, actor=None)
    Guardian.objects.bulk_create(
        Guardian(student=student, name=f"{student.name}家长", relation="51", phone="无") for student in students
    )
    return students


def make_cast(pupils: int = 6) -> Cast:
    """Two schools with a spring term, their people, `pupils` pupils in each of the three classes."""
    county = make_unit(UnitKind.COUNTY, "云岭县")
    township = make_unit(UnitKind.TOWNSHIP, "青石乡", county)
    school = make_unit(
        UnitKind.SCHOOL, "青石乡九年一贯制学校", township, code="2153000001", program=Program.NINE_YEAR,
        county_name="云岭县", township_name="青石乡",
    )  # fmt: skip
    far = make_unit(
        UnitKind.SCHOOL, "白水乡中学", make_unit(UnitKind.TOWNSHIP, "白水乡", county), code="3153000002",
        program=Program.JUNIOR, county_name="云岭县", township_name="白水乡",
    )  # fmt: skip
    for place in (school, far):
        calendar.create_term(
            actor=None, school=place, school_year=2025, number=2, starts_on=TERM_START, ends_on=TERM_END
        )
    seven = Classroom.objects.create(school=school, stage=Stage.JUNIOR, entry_year=2025, number=1)
    eight = Classroom.objects.create(school=school, stage=Stage.JUNIOR, entry_year=2024, number=1)
    far_seven = Classroom.objects.create(school=far, stage=Stage.JUNIOR, entry_year=2025, number=1)
    cast = Cast(
        county, township, school, far, seven, eight, far_seven,
        head=make_person("zhang", "张老师", Role.HEAD_TEACHER, school, seven),
        other_head=make_person("li", "李老师", Role.HEAD_TEACHER, school, eight),
        subject=make_person("sun", "孙老师", Role.SUBJECT_TEACHER, school, seven),
        clerk=make_person("zhao", "赵教务", Role.CLERK, school),
        principal=make_person("wang", "王校长", Role.PRINCIPAL, school),
        admin=make_person("guan", "管理员", Role.ADMIN, school),
        auditor=make_person("shen", "审计员", Role.AUDITOR, school),
        far_head=make_person("farhead", "远老师", Role.HEAD_TEACHER, far, far_seven),
        far_clerk=make_person("farclerk", "远教务", Role.CLERK, far),
        far_principal=make_person("farprincipal", "远校长", Role.PRINCIPAL, far),
        central=make_person("central", "中心校员", Role.CENTRAL, township),
        township_officer=make_person("town", "乡镇员", Role.TOWNSHIP, township),
        county_officer=make_person("county", "县局员", Role.COUNTY, county),
    )  # fmt: skip
    names = ("赵海燕", "李建军", "王小梅", "扎西卓玛", "陈大山", "周小川", "刘春花", "何石头")
    for classroom, kept, base in (
        (seven, cast.pupils, 0),
        (eight, cast.others, 300),
        (far_seven, cast.far_pupils, 600),
    ):
        called = [
            f"{names[(seat - 1) % len(names)]}{'' if seat <= len(names) else seat}" for seat in range(1, pupils + 1)
        ]
        kept += make_pupils([(classroom, seat, name, base + seat) for seat, name in enumerate(called, 1)])
    return cast


def login(user: User) -> Client:
    """A browser in which this person has logged in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def cast(db: None, at_day: object) -> Cast:
    """The cast, on the usual Wednesday morning at eight."""
    at_day(WEDNESDAY)  # type: ignore[operator]
    return make_cast()
