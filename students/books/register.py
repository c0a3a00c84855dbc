"""《学籍异动登记册》 and the list of those whose 学籍 ended by death: 数字准确、去向清楚、手续完备."""

from collections.abc import Sequence

from django.utils import timezone

from kongchuo import dates
from kongchuo.sheets import Column, Sheet
from schools import books
from schools.books import Asked
from students.books import frame
from students.books.frame import DOCUMENT, NAME, NUMBER, PAPERS, RECORDER, ROLL_NO, SETTLED, SEX
from students.books.moves import Move, changes_of, in_period, moves, of_class
from students.codes import Change

TITLE = "学籍异动登记册"
WITH_VOIDED = "voided"
UNLISTED = frozenset({Change.ENTRY, Change.IMPORT, Change.GRADUATION})
"""Whole classes at once, and no 异动 in the eyes of the roll; to be had by their kind."""
CHOICES: tuple[tuple[str, str], ...] = (
    ("", "全部类别"),
    *((kind.value, f"只列{kind.label}") for kind in Change if kind != Change.IMPORT),
    (WITH_VOIDED, "连同作废的（划线列出）"),
)

REGISTER: tuple[Column, ...] = (
    NUMBER,
    NAME,
    Column("异动类别", lambda move: f"{move.kind}（作废）" if move.is_voided else move.kind, width=5.5),
    Column("原年级班", lambda move: move.old_class, width=4.2),
    Column("去向/来源校", lambda move: move.elsewhere, width=11),
    frame.day("异动日期", lambda move: move.change.on),
    DOCUMENT,
    RECORDER,
    frame.note(lambda move: _remarks(move), width=12),
)


def register(asked: Asked) -> Sequence[Sheet]:
    """《学籍异动登记册》 of the period, by the day of each change."""
    changes = in_period(changes_of(asked), asked)
    if asked.choice != WITH_VOIDED:
        changes = changes.standing()
    if asked.choice and asked.choice != WITH_VOIDED:
        changes = changes.filter(kind=asked.choice)
    else:
        changes = changes.exclude(kind__in=sorted(UNLISTED))
    return [
        Sheet(
            title=frame.title(asked, TITLE),
            name=TITLE,
            columns=REGISTER,
            rows=of_class(moves(changes, asked.on), asked),
            head=books.head(asked, *_notes(asked)),
            full=asked.full,
            struck=lambda move: move.is_voided,
            identify=frame.identify,
        )
    ]


def _notes(asked: Asked) -> list[str]:
    notes = ["新生入学、建档导入和毕业不在此列，可按类别另行打印；未办结的异动在备注注明「办理中」。"]
    if asked.choice == WITH_VOIDED:
        notes.append("划线的是登记有误、已经作废的异动，不计入人数，原因见备注。")
    elif asked.choice:
        notes = [f"本表只列「{Change(asked.choice).label}」。"]
    if asked.classroom:
        notes.append(f"本表只列与{asked.classroom.label_on(asked.on)}有关的异动。")
    return notes


def _remarks(move: Move) -> str:
    """备注: the class that the pupil came into, until when, whether it is settled, what was noted."""
    change = move.change
    if change.voided_at:
        who = f"，{change.voided_by.name}" if change.voided_by else ""
        return f"{dates.short(timezone.localdate(change.voided_at))}作废{who}：{change.void_reason}"
    moved = f"编入{move.new_class}" if move.after and move.new_class != move.old_class else ""
    until = f"至{dates.chinese(change.until)}" if change.until else ""
    return frame.joined(moved, until, "" if move.settled_on else "办理中", change.note)


# --- 死亡注销 --------------------------------------------------------------------------------------------------
def deaths(asked: Asked) -> Sequence[Sheet]:
    """死亡注销名单: 凭证明10个工作日内报学籍主管部门注销."""
    rows = moves(in_period(changes_of(asked), asked).standing().filter(kind=Change.DEATH), asked.on)
    name = "死亡学生学籍注销名单"
    return [
        Sheet(
            title=frame.title(asked, name),
            name=name,
            columns=(
                NUMBER,
                NAME,
                SEX,
                Column("年级班", lambda move: move.classroom, width=4.2),
                ROLL_NO,
                frame.day("死亡日期", lambda move: move.change.on),
                Column("原因", lambda move: move.reason, width=5),
                DOCUMENT,
                PAPERS,
                SETTLED,
                RECORDER,
                frame.note(lambda move: move.change.note),
            ),
            rows=of_class(rows, asked),
            head=books.head(asked, "凭死亡证明在规定期限内报学籍主管部门注销；注销以办结日期为准。"),
            full=asked.full,
            identify=frame.identify,
        )
    ]
