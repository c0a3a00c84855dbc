"""What awaits a class teacher or the office today."""

import datetime
from dataclasses import dataclass, field

from attendance.detection import spells_of_class, standing
from attendance.models import DailyReport
from followups.models import Case
from schools import calendar
from schools.codes import OFFICE, Role
from schools.models import Classroom, Unit, User
from schools.policy import rules_on
from students import todos
from students.models import Student
from students.todos import Todo


@dataclass(frozen=True)
class Call:
    """A pupil whose family should be reached today, and why."""

    student: Student
    text: str


@dataclass(frozen=True)
class ClassToday:
    """One class of a class teacher: its report of today, or why there is none."""

    classroom: Classroom
    report: DailyReport | None
    closed_why: str
    calls: list[Call]
    todos: list[Todo]


@dataclass(frozen=True)
class OfficeToday:
    """One school whose office one is, and what awaits it on the roll."""

    school: Unit
    todos: list[Todo]


@dataclass(frozen=True)
class Desk:
    classes: list[ClassToday] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    offices: list[OfficeToday] = field(default_factory=list)


def desk_of(user: User, day: datetime.date) -> Desk:
    """Own classes with their day, the open cases one may see, and the schools whose office one is."""
    own = [duty.classroom for duty in user.duties_today if duty.role == Role.HEAD_TEACHER and duty.classroom]
    cases = Case.objects.visible_to(user).open().with_finding().select_related("student", "classroom", "responsible")
    offices = {duty.unit_id: duty.unit for duty in user.duties_today if duty.role in OFFICE}
    keeps_pupils = own or offices
    return Desk(
        classes=[class_today(user, classroom, day) for classroom in own],
        cases=list(cases.order_by("opened_on", "pk")[:50]) if keeps_pupils else [],
        offices=[OfficeToday(school, todos.of_office(user, school, day)) for school in offices.values()],
    )


def class_today(user: User, classroom: Classroom, day: datetime.date) -> ClassToday:
    open_today = calendar.is_school_day(classroom.school_id, day, classroom.grade_on(day))
    report = DailyReport.objects.filter(classroom=classroom, on=day).first()
    rules = rules_on(classroom.school_id, day)
    threshold = rules.threshold("suspected_after")
    spells = [
        (spell, where) for spell in spells_of_class(classroom, day, rules) if (where := standing(spell, threshold))
    ]
    students = Student.objects.in_bulk([spell.student_id for spell, _ in spells])
    calls = [Call(students[spell.student_id], f"{spell.in_words}，{where.label}") for spell, where in spells]
    why = "" if open_today else calendar.why_closed(classroom.school, day, classroom.grade_on(day))
    return ClassToday(classroom, report, why, calls, todos.of_teacher(user, classroom, day))
