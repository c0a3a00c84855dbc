"""The four ledgers of 休、转、寄、降: who left his seat in which way, on which papers, and what became of it."""

import datetime
from collections.abc import Sequence
from typing import Any

from kongchuo import dates
from kongchuo.sheets import A3_LANDSCAPE, A4_LANDSCAPE, Column, Sheet
from schools import books
from schools.books import Asked
from students.books import frame
from students.books.frame import DOCUMENT, NAME, NUMBER, PAPERS, REASON, RECORDER, ROLL_NO, SETTLED, SEX
from students.books.moves import ONE_DAY, Move, changes_of, in_period, moves, of_class
from students.books.suspension import reason_of
from students.codes import Change

_OLD_CLASS = Column("原年级班", lambda move: move.old_class, width=4.2)
_CLASS = Column("年级班", lambda move: move.classroom, width=4.2)
_NOTE = frame.note(lambda move: move.change.note)
_APPLIED = frame.day("申请日期", lambda move: move.change.applied_on)


def _fact(header: str, attribute: str, width: float) -> Column:
    return Column(header, lambda move: getattr(move.change, attribute), width=width)


def suspensions(asked: Asked) -> Sequence[Sheet]:
    """休学台账, 续休 included."""
    columns = (
        NUMBER, NAME, SEX, _CLASS, ROLL_NO,
        Column("类别", lambda move: move.kind, width=2.6),
        Column("原因", reason_of, width=4),
        _APPLIED,
        frame.day("休学起", lambda move: move.change.on),
        frame.day("期满", lambda move: move.change.until),
        DOCUMENT, PAPERS, SETTLED, RECORDER,
        frame.day("复学日期", _resumed_on),
        frame.note(lambda move: frame.joined(_ended_otherwise(move), move.change.note)),
    )  # fmt: skip
    return [_ledger(asked, "休学台账", columns, Change.SUSPENSION)]


def transfers(asked: Asked) -> Sequence[Sheet]:
    """转学台账: 转出 and 转入, a sheet each."""
    code = _fact("学校标识码", "other_school_code", 6)
    out = (
        NUMBER, NAME, SEX, _OLD_CLASS, ROLL_NO, _APPLIED,
        frame.day("转出日期", lambda move: move.change.on),
        _fact("转入学校", "other_school", 9), code, _fact("转入地", "other_place", 7), REASON, DOCUMENT,
        Column("接收佐证", lambda move: move.proof, width=5),
        PAPERS, SETTLED, RECORDER, _NOTE,
    )  # fmt: skip
    into = (
        NUMBER, NAME, SEX,
        Column("编入年级班", lambda move: move.new_class, width=4.2),
        ROLL_NO, _APPLIED,
        frame.day("转入日期", lambda move: move.change.on),
        _fact("转出学校", "other_school", 9), code, _fact("来源地", "other_place", 7), REASON, DOCUMENT,
        PAPERS, SETTLED, RECORDER, _NOTE,
    )  # fmt: skip
    waiting = "转出以接收学校回执或学籍系统接续为准，未办结的学生学籍仍在本校。"
    return [
        _ledger(asked, "转出学生台账", out, Change.TRANSFER_OUT, waiting),
        _ledger(asked, "转入学生台账", into, Change.TRANSFER_IN, "手续不全的不办接收完成；学生从到校之日起随班就读。"),
    ]


def guests(asked: Asked) -> Sequence[Sheet]:
    """寄读(借读)台账: 籍在人不在 and 人在籍不在."""
    columns = (
        NUMBER, NAME, SEX, _CLASS, ROLL_NO,
        Column("类别", lambda move: move.kind, width=5.5),
        Column("对方学校", lambda move: move.change.other_school, width=9),
        _fact("所在地", "other_place", 7), REASON,
        frame.day("起", lambda move: move.change.on),
        frame.day("期满", lambda move: move.change.until),
        DOCUMENT,
        Column("佐证等级", lambda move: move.proof, width=5),
        PAPERS, RECORDER,
        frame.day("结束日期", lambda move: move.ended_on),
        _NOTE,
    )  # fmt: skip
    kinds = (Change.BOARD_OUT, Change.GUEST_IN)
    note = "寄读：学籍在本校、人在对方学校就读；借读：人在本校就读、学籍在对方学校。"
    return [_ledger(asked, "寄读（借读）台账", columns, kinds, note)]


def retained(asked: Asked) -> Sequence[Sheet]:
    """降级(留级)台账."""
    columns = (
        NUMBER, NAME, SEX, ROLL_NO, _OLD_CLASS,
        Column("现年级班", lambda move: move.new_class, width=4.2),
        frame.day("留级日期", lambda move: move.change.on),
        REASON,
        Column("审签文号", lambda move: move.change.document_no, width=7),
        PAPERS, RECORDER, _NOTE,
    )  # fmt: skip
    note = "义务教育阶段原则上不留级；因特殊情况留级的须报县级教育行政部门审签，未经审签视为无效。"
    return [_ledger(asked, "降级（留级）台账", columns, Change.RETAIN, note)]


def _ledger(asked: Asked, name: str, columns: Sequence[Column], kinds: Any, *notes: str) -> Sheet:
    chosen = (kinds,) if isinstance(kinds, str) else kinds
    found = moves(in_period(changes_of(asked), asked).standing().filter(kind__in=chosen), asked.on)
    width = sum(column.width + 0.6 for column in columns)
    return Sheet(
        title=frame.title(asked, name),
        name=name,
        columns=columns,
        rows=of_class(found, asked),
        head=books.head(asked, *notes, "「材料」为本系统登记的材料，原件存学籍档案。"),
        paper=A3_LANDSCAPE if width > _WIDEST_ON_A4 else A4_LANDSCAPE,
        full=asked.full,
        identify=frame.identify,
    )


_WIDEST_ON_A4 = 80  # characters with their padding; beyond them the type would be smaller than 小五


# --- What became of it ----------------------------------------------------------------------------------------
def _resumed_on(move: Move) -> datetime.date | None:
    """复学日期: the first day on which the pupil sat in class again."""
    return move.ended_on + ONE_DAY if move.ended_on and move.ended_by in _BACK else None


def _ended_otherwise(move: Move) -> str:
    """「9/1转出」 of a suspension that no return ended."""
    if not move.ended_on or move.ended_by in _BACK:
        return ""
    return f"{dates.short(move.ended_on + ONE_DAY)}{Change(move.ended_by).label}"


_BACK = frozenset({Change.RESUMPTION, Change.BACK_FROM_ABROAD})
