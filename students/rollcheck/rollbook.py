"""The pupils of a school as a comparison sees them, read in a fixed number of queries."""

import datetime
from collections import defaultdict
from collections.abc import Iterable

from kongchuo import dates
from schools.models import Unit
from students.codes import Change
from students.models import Enrollment, Student, Tag
from students.rollcheck.pairing import Pupil


def pupils_of(school: Unit, day: datetime.date) -> list[Pupil]:
    """Who is on the roll on the day, borrowed pupils included, and who has left (status empty). Four queries.

    The numbers are unsealed: they stay within the process.
    """
    rows = Enrollment.objects.in_force(day).filter(classroom__school=school)
    now = {row.student_id: row for row in rows.select_related("classroom")}
    return build(Student.objects.filter(school=school).order_by("pk"), now, day)


def build(students: Iterable[Student], now: dict[int, Enrollment], day: datetime.date) -> list[Pupil]:
    """The pupils, with the stretch that covers the day where there is one."""
    students = list(students)
    tags, left = _tags(students), _left(students, now)
    return [_pupil(student, now.get(student.pk), day, tags[student.pk], left) for student in students]


def pupil_of(student: Student, day: datetime.date) -> Pupil:
    """One pupil as of a day."""
    now = {row.student_id: row for row in student.enrollments.in_force(day).select_related("classroom")}
    return build([student], now, day)[0]


def _pupil(student: Student, row: Enrollment | None, day: datetime.date, tags: set[str], left: dict[int, str]) -> Pupil:
    room = row.classroom if row else None
    return Pupil(
        key=student.pk, name=student.name, sex=student.sex, birth_date=student.birth_date,
        id_no=student.id_no.reveal(), roll_no=student.roll_no.reveal(),
        class_key=(room.grade_on(day), room.number) if room else None, class_label=room.label_on(day) if room else "",
        status=row.status if row else "", left=left.get(student.pk, "没有这名学生的在册记录"), tags=frozenset(tags),
    )  # fmt: skip


def _tags(students: list[Student]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for student, kind in _of(Tag.objects.filter(ends_on__isnull=True), students).values_list("student_id", "kind"):
        found[student].add(kind)
    return found


def _left(students: list[Student], now: dict[int, Enrollment]) -> dict[int, str]:
    """「2026年3月1日已办转出，不在册」, from the last stretch of those who have left."""
    rows = _of(Enrollment.objects.standing().filter(ends_on__isnull=False), students).order_by("ends_on")
    said = {}
    for student, last_day, kind in rows.values_list("student_id", "ends_on", "ended_by"):
        if student not in now:
            word = Change(kind).label if kind in Change.values else "离校"
            said[student] = f"{dates.chinese(last_day + datetime.timedelta(days=1))}已办{word}，不在册"
    return said


def _of(rows, students: list[Student]):
    """Rows of these pupils: of one by key, of many by their school, which costs no list of keys."""
    if len(students) == 1:
        return rows.filter(student=students[0])
    return rows.filter(student__school__in={student.school_id for student in students})
