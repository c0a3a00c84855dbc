"""What the ledgers of 学籍异动 have in common: what stands above and below them, and the columns that recur."""

from kongchuo.sheets import Align, Column, Kind
from schools.books import Asked
from students.books.moves import Move

NUMBER = Column("序号", None, Kind.INT, 2.4, Align.CENTER)
NAME = Column("姓名", lambda move: move.student.name, width=5)
SEX = Column("性别", lambda move: move.student.get_sex_display(), width=2, align=Align.CENTER)
ROLL_NO = Column("学籍号", lambda move: move.student.roll_no, Kind.SEALED, 10)
REASON = Column("原因", lambda move: move.reason, width=4.5)
DOCUMENT = Column("证明文号", lambda move: move.change.document_no, width=7)
PAPERS = Column("材料", lambda move: move.paper_state, width=8)
_DAY = 5.2
SETTLED = Column("办结日期", lambda move: move.settled_on, Kind.DATE, _DAY, Align.CENTER)
RECORDER = Column("经办人", lambda move: move.recorder, width=3.6)


def day(header: str, value, width: float = _DAY) -> Column:
    return Column(header, value, Kind.DATE, width, Align.CENTER)


def note(value, width: float = 8) -> Column:
    """备注: written by people, so a phone or ID number in it is masked like any other."""
    return Column("备注", value, Kind.PHONE, width)


def title(asked: Asked, name: str) -> str:
    """「青石乡中学2025-2026学年度第二学期学籍异动登记册」"""
    return f"{asked.school.name}{asked.period}{name}"


def identify(move: Move) -> str:
    """Which change a message is about, without more than a clerk needs to find it."""
    return f"{move.student.name} {move.kind}"


def joined(*parts: str) -> str:
    return "；".join(part for part in parts if part)


def percent(part: int, whole: int) -> str:
    """「98.86%」; 「—」 where there is nothing to be a part of."""
    return f"{part / whole:.2%}" if whole else "—"
