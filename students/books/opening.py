"""表册 of 开学: who has registered, who has not, the classes handed over, those who graduated."""

import datetime
from collections.abc import Sequence
from typing import Any

from kongchuo.sheets import A4_PORTRAIT, Align, Column, Kind, Sheet
from schools import books
from schools.books import OFFICE_AND_TEACHERS, Asked, Book
from schools.models import Term
from students import handovers, opening
from students.codes import Change, Sex
from students.models import Enrollment, Guardian, Handover, Student
from students.opening import Line, Said
from students.opening_letter import LIST_TITLE

GROUP = "开学"
SIDES = ("移交学校(章)", "移交人", "接收学校(章)", "接收人")
BOTH = "both"
NUMBER = Column("序号", None, Kind.INT, 2.4, Align.CENTER)
SEXES = dict(Sex.choices)


def caller(student: Student) -> Guardian | None:
    """The one to call: the first who is a guardian, else the first of the family. Of the fetched rows."""
    family = list(student.guardians.all())
    return next((person for person in family if person.is_guardian), next(iter(family), None))


def guardian_name(student: Student) -> str:
    person = caller(student)
    return person.name if person else ""


def guardian_phone(student: Student) -> str:
    person = caller(student)
    return person.phone if person else ""


# --- Registration -----------------------------------------------------------------------------------------------
def _term(asked: Asked) -> Term | None:
    return asked.term or opening.term_for(asked.school, asked.on)


def _lines(asked: Asked, term: Term, *said: str) -> list[Line]:
    seats = opening.due(term, asked.on).filter(pk__in=Enrollment.objects.visible_to(asked.user).values("pk"))
    if asked.classroom:
        seats = seats.filter(classroom=asked.classroom)
    return [line for line in opening.lines(term, seats, whole=True) if not said or line.said in said]


def _counts(lines: Sequence[Line]) -> str:
    given = {said: sum(line.said == said for line in lines) for said in Said}
    told = "、".join(f"{said.label}{n}人" for said, n in given.items())
    return f"应报到{len(lines)}人：{told}。未登记是没有人说来没来，不算到校，也不算没来。"


_REGISTERED = (
    NUMBER,
    Column("班级", lambda line: line.label, width=4),
    Column("座号", lambda line: line.seat.seat_no, Kind.INT, 2.4, Align.CENTER),
    Column("姓名", lambda line: line.student.name, width=5),
    Column("性别", lambda line: SEXES.get(line.student.sex, ""), width=2.4, align=Align.CENTER),
    Column("村屯组", lambda line: line.student.village, width=6),
    Column("报到情况", lambda line: line.said.label, width=4),
    Column("报到日期", lambda line: line.row.arrived_on if line.row else None, Kind.DATE, 5),
    Column("未报到原因", lambda line: _reason(line), width=6),
    Column("监护人签字", lambda line: "", width=5),
)


def _reason(line: Line) -> str:
    return line.row.get_reason_display() if line.row and line.said == Said.ABSENT else ""


def registered(asked: Asked) -> list[Sheet]:
    """《入学注册册》: all who were due in a term, class by class."""
    term = _term(asked)
    lines = _lines(asked, term) if term else []
    head = books.head(asked, _counts(lines))
    return [Sheet("入学注册册", _REGISTERED, lines, head=head, paper=A4_PORTRAIT, identify=_who)]


def _who(line: Any) -> str:
    return str(line.student.name)


_MISSING = (
    NUMBER,
    Column("班级", lambda line: line.label, width=4),
    Column("姓名", lambda line: line.student.name, width=5),
    Column("性别", lambda line: SEXES.get(line.student.sex, ""), width=2.4, align=Align.CENTER),
    Column("身份证件号", lambda line: line.student.id_no, Kind.SEALED, 10),
    Column("监护人", lambda line: guardian_name(line.student), width=5),
    Column("联系电话", lambda line: guardian_phone(line.student), Kind.PHONE, 6.5),
    Column("村屯组", lambda line: line.student.village, width=6),
    Column("报到情况", lambda line: line.said.label, width=4),
    Column("未报到原因", lambda line: _reason(line), width=6),
    Column("说明", lambda line: line.row.note if line.row else "", Kind.PHONE, 8),
)


def missing(asked: Asked) -> list[Sheet]:
    """《开学未报到学生名单》, for the township and the bureau: not arrived, or of whom nobody has said anything."""
    term = _term(asked)
    wanted = (Said.ABSENT, Said.SILENT) if asked.choice == BOTH else (Said(asked.choice or Said.ABSENT),)
    lines = _lines(asked, term, *wanted) if term else []
    note = f"应报到：{opening.closing_day(term):%Y.%m.%d}以前应在班的学生。" if term else ""
    return [Sheet(LIST_TITLE, _MISSING, lines, head=books.head(asked, note), identify=_who)]


# --- The finished classes ---------------------------------------------------------------------------------------
_HANDED = (
    NUMBER,
    Column("姓名", lambda line: line.student.name, width=5),
    Column("性别", lambda line: SEXES.get(line.student.sex, ""), width=2.4, align=Align.CENTER),
    Column("出生日期", lambda line: line.student.birth_date, Kind.DATE, 5),
    Column("学籍号", lambda line: line.student.roll_no, Kind.SEALED, 10.5),
    Column("监护人", lambda line: guardian_name(line.student), width=5),
    Column("联系电话", lambda line: guardian_phone(line.student), Kind.PHONE, 6.5),
    Column("村屯组", lambda line: line.student.village, width=6),
    Column("就读情况", lambda line: line.seat.get_status_display() if line.seat else "", width=6),
    Column("到校日期", lambda line: line.row.arrived_on, Kind.DATE, 5),
    Column("备注", lambda line: _not_arrived(line), Kind.PHONE, 8),
)


def _not_arrived(line: handovers.Line) -> str:
    reason = line.row.get_reason_display() if line.row.reason else ""
    return "：".join(part for part in (reason, line.row.note) if part)


def handed_over(asked: Asked) -> list[Sheet]:
    """《毕业班学生移交名册》 of one handover, signed by both sides; or those who have not arrived."""
    found = Handover.objects.visible_to(asked.user).filter(pk=asked.about or 0, school=asked.school)
    one = found.select_related("classroom", "school").first()
    if one is None:
        return []
    lines = handovers.lines(one)
    if asked.choice == "away":
        lines = [line for line in lines if line.row.arrived_on is None]
    label, on = one.classroom.label_on(one.on), f"{one.on:%Y.%m.%d}"
    note = f"{one.school.name}{label}，{on}移交{one.to_school}，共{one.pupils.count()}人。"
    title = "毕业班学生移交名册" if asked.choice != "away" else "移交后未到校学生名单"
    return [Sheet(title, _HANDED, lines, head=books.head(asked, note, signatures=SIDES), identify=_who)]


_GRADUATES = (
    NUMBER,
    Column("班级", lambda row: row.classroom.label_on(row.ends_on), width=4),
    Column("姓名", lambda row: row.student.name, width=5),
    Column("性别", lambda row: SEXES.get(row.student.sex, ""), width=2.4, align=Align.CENTER),
    Column("出生日期", lambda row: row.student.birth_date, Kind.DATE, 5),
    Column("身份证件号", lambda row: row.student.id_no, Kind.SEALED, 10),
    Column("学籍号", lambda row: row.student.roll_no, Kind.SEALED, 10.5),
    Column("毕业日期", lambda row: row.ends_on, Kind.DATE, 5),
    Column("证书编号", lambda row: "", width=6),
    Column("领取人签字", lambda row: "", width=5),
    Column("领取日期", lambda row: "", width=5),
)


def graduates(asked: Asked) -> list[Sheet]:
    """《毕业登记暨义务教育证书发放册》 of the school year of a term; number and signatures are put by hand."""
    rows = Enrollment.objects.none()
    if asked.term:
        year = asked.term.school_year
        rows = (
            Enrollment.objects.visible_to(asked.user)
            .standing()
            .filter(classroom__school=asked.school, ended_by=Change.GRADUATION)
            .filter(ends_on__range=(datetime.date(year, 9, 1), datetime.date(year + 1, 8, 31)))
        )
    order = ("-classroom__stage", "classroom__entry_year", "classroom__number", "seat_no", "pk")
    rows = rows.select_related("student", "classroom").order_by(*order)
    head = books.head(asked, "毕业日期为在册的最后一天。证书编号、领取人签字、领取日期手写。")
    return [Sheet("毕业登记暨义务教育证书发放册", _GRADUATES, list(rows), head=head, identify=_who)]


BOOKS = (
    Book(
        "registration", "入学注册册", GROUP, registered, asks=("term", "classroom?"), roles=OFFICE_AND_TEACHERS,
        note="一个学期应报到的学生，谁报到了、哪一天、没来的原因。", unit="人",
    ),
    Book(
        "unregistered", LIST_TITLE, GROUP, missing, asks=("term", "choice"),
        choices=((Said.ABSENT, "未报到"), (Said.SILENT, "未登记"), (BOTH, "未报到和未登记")),
        note="开学第一周周五以后，随「报乡镇的函」报送。", unit="人",
        whole_roll=True,  # before anybody has registered it names everybody
    ),
    Book(
        "class-handover", "毕业班学生移交名册", GROUP, handed_over, asks=("about", "choice"),
        choices=(("all", "全部移交学生"), ("away", "没有到校的")), unit="人",
    ),
    Book(
        "graduates", "毕业登记暨义务教育证书发放册", GROUP, graduates, asks=("term",),
        note="一个学年毕业的学生，发证时签字。", unit="人",
    ),
)  # fmt: skip
