"""The papers of the other 异动: 借读 and 寄读, teaching at home, and the approval of any other change."""

from collections.abc import Mapping, Sequence

from kongchuo.sheets import Box, Form, Kind
from schools.books import Asked
from schools.policy import rules_on
from students.books import boxes, facts
from students.books.boxes import Fields, Row, caption
from students.books.moves import Move
from students.books.single import of_change
from students.changes import KINDS, wants_central
from students.codes import Change

SEATED_ELSEWHERE = (Change.GUEST_IN, Change.BOARD_OUT)
APPROVED = (
    Change.SKIP, Change.RETAIN, Change.DEATH, Change.MISSING, Change.ABROAD, Change.SPECIAL_SCHOOL, Change.CLASS,
)  # fmt: skip
"""Kinds without a form of their own."""


def _who(fields: Fields) -> tuple[Row, ...]:
    return (
        (
            *fields.ask("学生姓名", 4, 7),
            *fields.ask("性别", 2, 2),
            *fields.ask("民族", 3, 4),
            *fields.ask("出生", 2, 4),
        ),
        (*fields.ask("身份证号", 5, 9), *fields.ask("学籍号", 4, 10)),
        fields.line("户籍地"),
        fields.line("现住址"),
        (*fields.ask("监护人", 5, 9), *fields.ask("电话", 4, 10)),
    )


def _known(move: Move | None) -> tuple[Fields, str]:
    """The fields of the form, and the name it is filed under."""
    return Fields(facts.of_move(move) if move else {}), move.student.name if move else ""


# --- 借读、寄读 -------------------------------------------------------------------------------------------------
def guest(asked: Asked) -> Sequence[Form]:
    """《借读（寄读）登记表》: 人在籍不在, 籍在人不在."""
    return of_change(asked, SEATED_ELSEWHERE, _guest)


def _guest(asked: Asked, move: Move | None) -> Form:
    fields, name = _known(move)
    kinds = {"借读（人在本校，学籍在外校）": (Change.GUEST_IN,), "寄读（学籍在本校，人在外校）": (Change.BOARD_OUT,)}
    return boxes.form(
        asked,
        "借读（寄读）学生登记表",
        (
            *_who(fields),
            (caption("类别"), Box(boxes.ticks(kinds, move.change.kind if move else ""), span=23)),
            fields.line("年级班级", "本校年级班级"),
            fields.line("对方学校"),
            (*fields.ask("对方学校标识码", 5, 7, "学校标识码"), *fields.ask("对方学校所在地", 4, 12, "所在地")),
            fields.line("起止日期"),
            _reason(fields, move),
            fields.line("证明材料清单", height=1.2),
            boxes.declaration("借读、寄读"),
            *boxes.opinions("就读学校意见", "学籍学校意见", height=3.2),
            (*fields.ask("证明(审批)文号", 6, 10), *fields.ask("经办人", 4, 8)),
        ),
        name=name,
    )


# --- 送教上门 --------------------------------------------------------------------------------------------------
def home_teaching(asked: Asked) -> Sequence[Form]:
    """《送教上门安置表》 (残疾人教育条例 17条): the pupil stays on the roll and is taught at home."""
    return of_change(asked, (Change.HOME_TEACHING,), _home_teaching)


def _home_teaching(asked: Asked, move: Move | None) -> Form:
    fields, name = _known(move)
    return boxes.form(
        asked,
        "送教上门学生安置表",
        (
            *_who(fields),
            (*fields.ask("年级班级", 5, 9), *fields.ask("残疾类别等级", 6, 8)),
            (*fields.ask("异动日期", 5, 9, "送教开始日期"), *fields.ask("证明(审批)文号", 6, 8, "安置文号")),
            _reason(fields, move),
            fields.line("证明材料清单", "评估意见和材料", height=1.2),
            (*boxes.room("送教教师"), *boxes.room("送教安排", 10, wide=4)),
            (caption("监护人签字"), Box(boxes.SIGNED_LINE, span=23, height=1.2)),
            *boxes.opinions("学校意见", "残疾人教育专家委员会意见", "乡镇政府意见", "县级教育行政部门意见"),
        ),
        name=name,
        notes=(
            "不能到校就读、需要专人护理的残疾学生送教上门，纳入学籍管理（残疾人教育条例第17条）；评估结果属于隐私。",
        ),
    )


# --- 学籍异动(变更)审批表 ---------------------------------------------------------------------------------------
def approval(asked: Asked) -> Sequence[Form]:
    """《学籍异动（变更）审批表》 of a kind that has no form of its own."""
    return of_change(asked, APPROVED, _approval)


def _approval(asked: Asked, move: Move | None) -> Form:
    fields, name = _known(move)
    kinds: Mapping = {kind.label: (kind,) for kind in APPROVED}
    signed = (caption("监护人签字"), Box(boxes.SIGNED_LINE, span=23, height=1.0))
    central = wants_central(rules_on(asked.school, asked.on))
    opinions = ("班主任意见", "学校意见", *(("中心校意见",) if central else ()), "学籍主管部门意见")
    note = KINDS[move.change.kind].note if move else ""
    return boxes.form(
        asked,
        "学籍异动（变更）审批表",
        (
            *_who(fields),
            (caption("异动类别"), Box(boxes.ticks(kinds, move.change.kind if move else ""), span=23, height=1.0)),
            (*fields.ask("异动前年级班", 5, 9), *fields.ask("异动前状态", 5, 9)),
            (*fields.ask("异动后年级班", 5, 9), *fields.ask("异动后状态", 5, 9)),
            (*fields.ask("申请日期", 5, 9), *fields.ask("异动日期", 5, 9)),
            _reason(fields, move),
            fields.line("去向(来源)"),
            (*fields.ask("依据", 3, 11), *fields.ask("证明(审批)文号", 5, 9)),
            fields.line("证明材料清单", height=1.0),
            *((signed,) if move is None or move.change.kind != Change.DEATH else ()),
            *boxes.opinions(*opinions, height=2.5),
            (*fields.ask("办理日期", 7, 7, "学籍系统办理日期"), *fields.ask("经办人", 4, 10)),
        ),
        name=name,
        number=move.change.document_no if move else "",
        notes=(note,) if note else (),
    )


def _reason(fields: Fields, move: Move | None) -> Row:
    """原因 with what was noted of it; a number in a note is masked like any other."""
    words = "；".join(part for part in (move.reason, move.change.note) if part) if move else ""
    return caption("原因"), Box(words, Kind.PHONE, 23, height=1.0)
