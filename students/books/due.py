"""休学到期名单: whose time of 休学 ends within the days that the school's rule names, or has ended."""

import datetime
from collections.abc import Sequence

from kongchuo.sheets import Align, Column, Kind, Sheet
from schools import books
from schools.books import Asked
from schools.policy import Rules, rules_on
from students.books import frame
from students.books.frame import NAME, NUMBER, SEX
from students.books.moves import Move, changes_of, moves, of_class
from students.codes import Change

EVERYBODY = "all"
CHOICES = (
    ("", "快到期和已期满的"),
    (EVERYBODY, "所有正在休学的学生"),
)
REMIND, OVERDUE = "suspension_remind_days", "suspension_overdue_days"


def suspensions_due(asked: Asked) -> Sequence[Sheet]:
    """Those whose latest 休学 (or 续休) still runs; the soonest end first."""
    rules = rules_on(asked.school, asked.on)
    everybody = asked.choice == EVERYBODY
    remind, overdue = rules.count(REMIND), rules.count(OVERDUE)
    running = of_class(_running(asked), asked)
    if not everybody:
        running = [move for move in running if (left := _days_left(move, asked.on)) is not None and left <= remind]
    running.sort(key=lambda move: (move.change.until or datetime.date.max, move.change.pk))
    return [
        Sheet(
            title=f"{asked.school.name}休学到期学生名单",
            name="休学到期名单",
            columns=_columns(asked.on, rules),
            rows=running,
            head=books.head(
                asked,
                "列入所有正在休学的学生。" if everybody else f"列入{remind}天内期满和已经期满的休学学生。",
                f"期满{overdue}天未复学、未续办的，按辍学核查（{rules.basis(OVERDUE)}）。",
                period="",
            ),
            full=asked.full,
            identify=frame.identify,
        )
    ]  # fmt: skip


def _running(asked: Asked) -> list[Move]:
    """The latest 休学 of each pupil whom it still keeps away on the day asked for."""
    found = moves(changes_of(asked).standing().filter(kind=Change.SUSPENSION), asked.on)
    latest = {move.student.pk: move for move in found if move.after and not move.ended_on}
    return list(latest.values())


def _columns(day: datetime.date, rules: Rules) -> tuple[Column, ...]:
    return (
        NUMBER, NAME, SEX,
        Column("年级班", lambda move: move.last.classroom.label_on(day), width=4.2),
        frame.day("休学起", lambda move: move.change.on),
        frame.day("期满日期", lambda move: move.change.until),
        Column("距期满(天)", lambda move: _days_left(move, day), Kind.INT, 4, Align.CENTER),
        Column("提醒", lambda move: _level(move, day, rules), width=8),
        Column("监护人", lambda move: move.guardian_words, width=7),
        Column("联系电话", lambda move: move.phone, Kind.PHONE, 6),
        frame.note(lambda move: "续休" if move.is_extension else ""),
    )  # fmt: skip


def _days_left(move: Move, day: datetime.date) -> int | None:
    """自然日 until the last day; negative once it is past, nothing where no last day is known."""
    return (move.change.until - day).days if move.change.until else None


def _level(move: Move, day: datetime.date, rules: Rules) -> str:
    """The three levels: soon, ended, and so long ended that it is looked into as dropping out."""
    left = _days_left(move, day)
    if left is None:
        return "没有登记期满日期"
    if left > rules.count(REMIND):
        return "未到期"
    if left >= 0:
        return "快到期，请联系家长" if left else "今天期满"
    return "按辍学核查" if -left > rules.count(OVERDUE) else "已期满，催办复学或续休"
