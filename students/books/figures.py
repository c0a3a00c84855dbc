"""《转入转出休学统计表》 with its papers, and 《办结统计》: what was settled in time, and whose was late."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kongchuo.sheets import Align, Column, Kind, Sheet
from schools import books
from schools.books import Asked
from schools.models import Classroom
from schools.policy import rules_on
from students.books import frame
from students.books.frame import NAME, NUMBER, RECORDER, percent
from students.books.moves import Move, changes_of, in_period, moves, of_class
from students.codes import Change, Party
from students.models import ChangeStep

COUNTED = (Change.TRANSFER_IN, Change.TRANSFER_OUT, Change.SUSPENSION)
TOTAL = "合计"


# --- 转入转出休学统计 -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Tally:
    """Changes of one class or month, by kind, with their papers."""

    label: str
    moves: Sequence[Move]

    def of(self, kind: str) -> list[Move]:
        return [move for move in self.moves if move.change.kind == kind]

    def papers(self, kind: str) -> int:
        """证明份数."""
        return sum(len(move.papers) for move in self.of(kind))

    def complete(self, kind: str) -> int:
        """How many have every paper of their checklist."""
        return sum(not move.lacking for move in self.of(kind))


def _tally_columns(label: str) -> tuple[Column, ...]:
    return (Column(label, lambda tally: tally.label, width=7), *(c for kind in COUNTED for c in _of_kind(kind)))


def _of_kind(kind: Change) -> tuple[Column, ...]:
    def rate(tally: Tally) -> str:
        return percent(tally.complete(kind), len(tally.of(kind)))

    word = kind.label
    return (
        _number(f"{word}人数", lambda tally: len(tally.of(kind))),
        _number(f"{word}证明份数", lambda tally: tally.papers(kind)),
        _number(f"{word}材料齐全", lambda tally: tally.complete(kind)),
        Column(f"{word}齐全率", rate, width=4.4, align=Align.CENTER),
    )


def transfers_by_class(asked: Asked) -> Sequence[Sheet]:
    """转入、转出、休学 by class, and by month."""
    found = of_class(moves(in_period(changes_of(asked), asked).standing().filter(kind__in=COUNTED), asked.on), asked)
    notes = (
        "转入计入编入的班，转出、休学计入原班；休学和续休每办一次算一笔。",
        "齐全率=材料清单上每件都有的笔数÷笔数；没有的记「—」。",
    )
    head = books.head(asked, *notes, counted_in="单位：人、份")
    return [
        Sheet(
            title=frame.title(asked, f"转入转出休学统计表（{name}）"),
            name=name,
            columns=_tally_columns(label),
            rows=tallies,
            head=head,
            identify=lambda tally: tally.label,
        )
        for name, label, tallies in (
            ("按班级", "班级", _by(found, _classroom, asked.on)),
            ("按月份", "月份", _by(found, _month, asked.on)),
        )
    ]


def _classroom(move: Move) -> Classroom | None:
    stretch = move.after if move.change.kind == Change.TRANSFER_IN else move.before
    return stretch.classroom if stretch else move.change.classroom


def _month(move: Move) -> tuple[int, int]:
    return move.change.on.year, move.change.on.month


def _by(found: Sequence[Move], key: Callable[[Move], Any], day: datetime.date) -> list[Tally]:
    """One tally a class (lowest grade first) or month, and their sum."""
    groups: dict[Any, list[Move]] = {}
    for move in found:
        groups.setdefault(key(move), []).append(move)
    named = sorted((_label(group, day), members) for group, members in groups.items())
    return [*(Tally(label, members) for (_, label), members in named), Tally(TOTAL, found)] if found else []


def _label(group: Any, day: datetime.date) -> tuple[tuple, str]:
    """What a group sorts by, and its name."""
    if isinstance(group, Classroom):
        return (group.grade_on(day), group.number, group.pk), group.label_on(day)
    if group is None:
        return (99,), "未分班"
    return group, f"{group[0]}年{group[1]}月"


# --- 办结统计 --------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pace:
    """How far the changes of one kind have come."""

    label: str
    moves: Sequence[Move]

    @property
    def timed(self) -> list[Move]:
        """Those whose steps have days by which they are due."""
        return [move for move in self.moves if any(step.due_on for step in move.steps)]

    @property
    def settled(self) -> list[Move]:
        return [move for move in self.moves if move.settled_on]

    @property
    def settled_timed(self) -> list[Move]:
        return [move for move in self.timed if move.settled_on]

    @property
    def in_time(self) -> int:
        return sum(not move.late_steps for move in self.settled_timed)

    @property
    def late_open(self) -> int:
        return sum(bool(move.late_steps) for move in self.timed if not move.settled_on)

    @property
    def late_names(self) -> str:
        return "、".join(move.student.name for move in self.timed if move.late_steps)


def pace(asked: Asked) -> Sequence[Sheet]:
    """《学籍异动办结统计》: by kind, by step, and the late ones by name."""
    changes = in_period(changes_of(asked), asked).standing().exclude(kind__in=(Change.ENTRY, Change.IMPORT))
    found = of_class(moves(changes, asked.on), asked)
    rules = rules_on(asked.school, asked.on)
    notes = (
        f"转学每个环节{rules.span('transfer_step_within')}（{rules.basis('transfer_step_within')}），"
        f"死亡报注销{rules.span('death_report_within')}（{rules.basis('death_report_within')}）；"
        "期限按各环节登记的日期起算。",
        "没有规定期限的类别只计办结，不计按期和超期。",
    )
    head = books.head(asked, *notes, counted_in="单位：笔")
    parts: tuple[tuple[str, Sequence[Column], list], ...] = (
        ("按类别", _PACE, _by_kind(found)),
        ("按环节", _STEPS, _by_party(found)),
        ("超期名单", _LATE, [(move, step) for move in found for step in move.late_steps]),
    )
    return [
        Sheet(
            title=frame.title(asked, f"学籍异动办结统计（{name}）"),
            name=name,
            columns=columns,
            rows=rows,
            head=head,
            full=asked.full,
        )
        for name, columns, rows in parts
    ]


def _by_kind(found: Sequence[Move]) -> list[Pace]:
    kinds = [Pace(kind.label, [move for move in found if move.change.kind == kind]) for kind in Change]
    return [*(row for row in kinds if row.moves), Pace(TOTAL, found)] if found else []


def _number(header: str, value: Callable[[Any], int | None], width: float = 4) -> Column:
    return Column(header, value, Kind.INT, width, Align.CENTER)


def _if_timed(value: Callable[[Pace], int]) -> Callable[[Pace], int | None]:
    """Nothing where no deadline runs: a nought would say that none was late."""
    return lambda row: value(row) if row.timed else None


_PACE: tuple[Column, ...] = (
    Column("异动类别", lambda row: row.label, width=8),
    _number("登记笔数", lambda row: len(row.moves)),
    _number("已办结", lambda row: len(row.settled)),
    _number("其中按期", _if_timed(lambda row: row.in_time)),
    _number("其中超期", _if_timed(lambda row: len(row.settled_timed) - row.in_time)),
    _number("办理中", lambda row: len(row.moves) - len(row.settled)),
    _number("其中已超期", _if_timed(lambda row: row.late_open)),
    Column("按期办结率", lambda row: percent(row.in_time, len(row.settled_timed)), width=5, align=Align.CENTER),
    Column("超期学生", lambda row: row.late_names, width=16),
)


@dataclass(frozen=True)
class Station:
    """How one party has kept its days."""

    label: str
    steps: Sequence[tuple[Move, ChangeStep]]

    def count(self, *, done: bool, late: bool) -> int:
        return sum(
            (move.done_on(step) is not None) == done and (step in move.late_steps) == late for move, step in self.steps
        )


def _by_party(found: Iterable[Move]) -> list[Station]:
    every = [(move, step) for move in found for step in move.steps if step.due_on]
    stations = [Station(party.label, [pair for pair in every if pair[1].party == party]) for party in Party]
    return [*(row for row in stations if row.steps), Station(TOTAL, every)] if every else []


_STEPS: tuple[Column, ...] = (
    Column("环节", lambda row: row.label, width=10),
    _number("有期限的", lambda row: len(row.steps)),
    _number("按期办完", lambda row: row.count(done=True, late=False)),
    _number("超期办完", lambda row: row.count(done=True, late=True)),
    _number("未办、未到期", lambda row: row.count(done=False, late=False), 5),
    _number("未办、已超期", lambda row: row.count(done=False, late=True), 5),
    Column(
        "按期率",
        lambda row: percent(row.count(done=True, late=False), len(row.steps) - row.count(done=False, late=False)),
        width=5,
        align=Align.CENTER,
    ),
)


def _of_move(column: Column) -> Column:
    return Column(column.header, lambda pair: column.value(pair[0]), column.kind, column.width, column.align)  # type: ignore[misc]


_LATE: tuple[Column, ...] = (
    NUMBER,
    _of_move(NAME),
    Column("异动类别", lambda pair: pair[0].kind, width=6),
    Column("年级班", lambda pair: pair[0].classroom, width=4.2),
    frame.day("异动日期", lambda pair: pair[0].change.on),
    Column("环节", lambda pair: pair[1].get_party_display(), width=9),
    frame.day("期限", lambda pair: pair[1].due_on),
    frame.day("办完日期", lambda pair: pair[0].done_on(pair[1])),
    _number("超期(自然日)", lambda pair: ((pair[0].done_on(pair[1]) or pair[0].day) - pair[1].due_on).days),
    _of_move(RECORDER),
)
