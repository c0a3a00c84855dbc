"""What the roll and the household survey know for a paper form, by the form's own names of the fields."""

from kongchuo import dates
from kongchuo.sheets import Kind
from students.books.boxes import Facts
from students.books.moves import Move
from students.codes import Change, DisabilityKind
from students.models import Resident

LEAVING = frozenset({Change.TRANSFER_OUT, Change.BOARD_OUT})
"""Kinds by which the pupil goes from here to the other school; by the others with another school, the pupil comes."""
_TEXT, _DATE, _SEALED, _PHONE, _ADDRESS = Kind.TEXT, Kind.DATE, Kind.SEALED, Kind.PHONE, Kind.ADDRESS


def of_move(move: Move) -> Facts:
    """The fields of every form about an 异动."""
    change, student, school = move.change, move.student, move.school
    known: dict[str, tuple] = {
        "学生姓名": (student.name, _TEXT),
        "性别": (student.get_sex_display(), _TEXT),
        "民族": (move.ethnicity, _TEXT),
        "出生日期": (student.birth_date, _DATE),
        "出生": (student.birth_date, _DATE),
        "身份证号": (student.id_no, _SEALED),
        "学籍号": (student.roll_no, _SEALED),
        "户籍地": (student.hukou_address, _ADDRESS),
        "现住址": (move.home, _ADDRESS),
        "监护人": (move.guardian_words, _TEXT),
        "电话": (move.phone, _PHONE),
        "年级班级": (move.classroom, _TEXT),
        "学校年级班": (f"{school.name}{move.classroom}", _TEXT),
        "异动类别": (move.kind, _TEXT),
        "异动前年级班": (move.old_class, _TEXT),
        "异动前状态": (move.old_status, _TEXT),
        "异动后年级班": (move.new_class, _TEXT),
        "异动后状态": (move.new_status, _TEXT),
        "异动日期": (change.on, _DATE),
        "申请日期": (change.applied_on, _DATE),
        "原因": (move.reason, _TEXT),
        "去向(来源)": (move.elsewhere, _TEXT),
        "证明(审批)文号": (change.document_no, _TEXT),
        "依据": (change.basis, _TEXT),
        "异动说明": (change.note, _PHONE),
        "起止日期": (span_words(move), _TEXT),
        "证明材料清单": (move.paper_words, _TEXT),
        "残疾类别等级": (move.disability, Kind.WITHHELD),
        "办理日期": (move.settled_on, _DATE),
        "经办人": (move.recorder, _TEXT),
    }
    return known | _schools(move)


def _schools(move: Move) -> dict[str, tuple]:
    """The school that the pupil leaves and the one where the pupil goes; of the other one no class is known."""
    change, school = move.change, move.school
    here = (school.name, school.code or "", move.classroom)
    there = (change.other_school, change.other_school_code, "")
    sides = (here, there) if change.kind in LEAVING else (there, here)
    return {
        f"{side}{what}": (value, _TEXT)
        for side, values in zip(("转出学校", "转入学校"), sides, strict=True)
        for what, value in zip(("", "标识码", "年级班级"), values, strict=True)
    } | {"对方学校": (change.other_school, _TEXT), "对方学校标识码": (change.other_school_code, _TEXT),
         "对方学校所在地": (change.other_place, _TEXT)}  # fmt: skip


def span_words(move: Move) -> str:
    """「自2026年3月2日起至2027年3月1日」"""
    until = f"至{dates.chinese(move.change.until)}" if move.change.until else ""
    return f"自{dates.chinese(move.change.on)}起{until}"


def of_resident(resident: Resident) -> Facts:
    """The same fields of a child of the survey whom no roll knows yet."""
    household = resident.household
    return {
        "学生姓名": (resident.name, _TEXT),
        "性别": (resident.get_sex_display(), _TEXT),
        "出生日期": (resident.birth_date, _DATE),
        "身份证号": (resident.id_no, _SEALED),
        "学校年级班": (f"{household.school.name}（服务区适龄儿童）", _TEXT),
        "现住址": (household.address or f"{household.village}{household.hamlet}", _ADDRESS),
        "监护人": (f"{household.head}（户主）" if household.head != resident.name else "", _TEXT),
        "电话": (household.phone, _PHONE),
        "起止日期": (f"至{dates.chinese(resident.deferred_until)}" if resident.deferred_until else "", _TEXT),
        "残疾类别等级": (DisabilityKind(resident.disability).label if resident.disability else "", Kind.WITHHELD),
        "证明材料清单": (
            "；".join(f"{p.title} {p.number}".strip() for p in resident.papers.all() if not p.voided_at), _TEXT,
        ),
    }  # fmt: skip
