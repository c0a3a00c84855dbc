"""信息疑点: facts of a pupil that may be wrong. Shown until settled, never in the way of anything."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction

from kongchuo import dates, idnumber
from kongchuo.sealed import keyed_hash
from schools import audit
from schools.codes import Verb
from schools.models import Classroom, User
from students.codes import DoubtKind, IdType, Sex
from students.models import Enrollment, FactDoubt, Student
from students.rights import must_keep
from students.roll import RollRefusal

AGES = range(5, 19)
"""5 to 18: the ages at which a pupil raises no question."""


@dataclass(frozen=True)
class Doubt:
    """One question about one pupil; `digest` is keyed and stands for the values that raise it."""

    student: Student
    kind: DoubtKind
    text: str
    digest: str


def doubts_of(student: Student, day: datetime.date) -> list[Doubt]:
    """Every question that the pupil's own facts raise on a day, settled or not. No query."""
    found = []
    for kind, (ask, values) in _QUESTIONS.items():
        if text := ask(student, day):
            digest = keyed_hash("\x1f".join((kind, *values(student))))
            found.append(Doubt(student, kind, text, digest))
    return found


def open_doubts(students: Iterable[Student], day: datetime.date) -> list[Doubt]:
    """The questions about these pupils that nobody has settled. One query."""
    raised = [doubt for student in students for doubt in doubts_of(student, day)]
    keys = {doubt.student.pk for doubt in raised}
    settled = set(FactDoubt.objects.filter(student__in=keys).values_list("student_id", "kind", "digest"))
    return [doubt for doubt in raised if (doubt.student.pk, doubt.kind.value, doubt.digest) not in settled]


def of_classes(classrooms: Iterable[Classroom], day: datetime.date) -> Iterator[tuple[Enrollment, Doubt]]:
    """The open questions about the pupils of classes, in the order of classes and seats. Two queries."""
    rows = (
        Enrollment.objects.filter(classroom__in=list(classrooms))
        .in_force(day)
        .select_related("student", "classroom")
        .order_by("-classroom__stage", "-classroom__entry_year", "classroom__number", "seat_no", "pk")
    )
    places = {row.student_id: row for row in rows}
    for doubt in open_doubts((row.student for row in places.values()), day):
        yield places[doubt.student.pk], doubt


def settle(*, actor: User, student: Student, kind: str, seen: str, reason: str) -> None:
    """Say that a doubtful fact is right as it stands. Asked again when the values change."""
    if len(reason.strip()) < 4:
        raise RollRefusal("请写明怎样核对的，至少4个字，例如「已对户口簿，户口簿上就是这样」。")
    with transaction.atomic():
        audit.queue(student.school_id)
        now = Student.objects.get(pk=student.pk)
        must_keep(actor, now)
        doubt = next((doubt for doubt in doubts_of(now, dates.today()) if doubt.kind == kind), None)
        if doubt is None or doubt.digest != seen:
            raise RollRefusal("这一项刚刚改过，请刷新后再看。")
        row, new = FactDoubt.objects.get_or_create(
            student=now, kind=kind, digest=seen, defaults={"settled_by": actor, "reason": reason.strip()[:120]}
        )
        if new:
            audit.record(
                Verb.STUDENT, unit=now.school_id, actor=actor, about=now, reason=reason.strip(), doubt=row.kind
            )


def roll_number_note(student: Student) -> str:
    """A G number that is not the present ID number is lawful (the ID number was changed): said, never asked."""
    roll, number = student.roll_no.reveal(), student.id_no.reveal()
    if roll[:1] == "G" and number and roll[1:] != number:
        return "学籍号与现身份证号不一致。改过身份证号的学生会这样，不用处理。"
    return ""


def _resident_number(student: Student) -> str:
    """The pupil's 公民身份号码, if there is one that can be right; nothing can be read from another paper's number."""
    number = student.id_no.reveal() if student.id_type == IdType.RESIDENT else ""
    return "" if idnumber.problem(number) else number


def _sex(student: Student, day: datetime.date) -> str:
    number = _resident_number(student)
    if not number or not student.sex or idnumber.sex(number) == student.sex:
        return ""
    return f"性别填的是{student.get_sex_display()}，身份证号表示{Sex(idnumber.sex(number)).label}"


def _birth(student: Student, day: datetime.date) -> str:
    number = _resident_number(student)
    said = idnumber.birth_date(number) if number else None
    if not said or not student.birth_date or said == student.birth_date:
        return ""
    return f"出生日期填的是{dates.chinese(student.birth_date)}，身份证号表示{dates.chinese(said)}"


def _age(student: Student, day: datetime.date) -> str:
    if not student.birth_date or (age := dates.age_on(student.birth_date, day)) in AGES:
        return ""
    return f"按出生日期，现在{age}岁" if age >= 0 else "出生日期晚于今天"


def _no_id(student: Student, day: datetime.date) -> str:
    return "" if student.id_hash else "没有身份证件号：请家长到派出所办理，或填家长的证件号"


_Ask = Callable[[Student, datetime.date], str]
_QUESTIONS: dict[DoubtKind, tuple[_Ask, Callable[[Student], tuple[str, ...]]]] = {
    DoubtKind.SEX: (_sex, lambda student: (student.sex, student.id_no.reveal())),
    DoubtKind.BIRTH: (_birth, lambda student: (str(student.birth_date), student.id_no.reveal())),
    DoubtKind.AGE: (_age, lambda student: (str(student.birth_date),)),
    DoubtKind.NO_ID: (_no_id, lambda student: ()),
}
"""How each question is asked, and the values for which an answer holds."""
