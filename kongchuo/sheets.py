"""What a sheet or a paper form says, declared once: the page's table, both workbooks and the PDF are made from it.

A header and its cell stand in one `Column` and cannot drift apart. Sealed numbers show their mask unless the sheet
says `full`.
"""

import datetime
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils import timezone

from kongchuo import dates, idnumber
from kongchuo.sealed import Secret

SIGNATURES = ("校长(签字)", "分管领导/教务主任", "填表人", "联系电话")
EMPTY = "无（零报告）"
# Neither XML 1.0 nor a printed page has these: C0 controls, halves of surrogate pairs, the two non-characters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# An address up to its village or neighbourhood; where it names none, up to its township.
_VILLAGE = re.compile(r".*?(?:村|社区|居委会|嘎查)")
_TOWNSHIP = re.compile(r".*?(?:乡|镇|街道|苏木)")
_PHONE_DIGITS = re.compile(r"\d{7,}")


class Kind(StrEnum):
    """What a cell holds. It decides the type in a workbook, the words on paper, and what `full` uncovers."""

    TEXT = "text"
    INT = "int"
    DATE = "date"
    SEALED = "sealed"
    PHONE = "phone"
    ADDRESS = "address"
    WITHHELD = "withheld"


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True)
class Paper:
    """A paper size (cm) with the margins schools print with: 2.5 on top and on the left, where papers are bound."""

    name: str
    width: float
    height: float
    excel_size: int

    margins = {"top": 2.5, "right": 2.0, "bottom": 2.0, "left": 2.5}

    @property
    def landscape(self) -> bool:
        return self.width > self.height

    @property
    def usable_width(self) -> float:
        return self.width - self.margins["left"] - self.margins["right"]

    @property
    def usable_height(self) -> float:
        return self.height - self.margins["top"] - self.margins["bottom"]


A4_PORTRAIT = Paper("A4竖", 21.0, 29.7, 9)
A4_LANDSCAPE = Paper("A4横", 29.7, 21.0, 9)
A3_LANDSCAPE = Paper("A3横", 42.0, 29.7, 8)


@dataclass(frozen=True)
class Column:
    """One column: its header, its value for a row, and how wide it is in Chinese characters.

    Without `value` the cell is the line's number (序号).
    """

    header: str
    value: Callable[[Any], Any] | None
    kind: Kind = Kind.TEXT
    width: float = 5
    align: Align = Align.LEFT


@dataclass(frozen=True)
class Box:
    """One box of a paper form: what stands in it, how many of the form's columns and lines it takes, how high (cm)."""

    value: Any = ""
    kind: Kind = Kind.TEXT
    span: int = 1
    lines: int = 1
    label: bool = False
    align: Align = Align.LEFT
    height: float = 0.8


@dataclass(frozen=True)
class Stamp:
    """Who made a file, when, under which number: for page headers and the sheet 说明, never among the data."""

    maker: str
    made_at: datetime.datetime
    number: str = ""
    edition: str = "脱敏"

    @property
    def line(self) -> str:
        """「张三 2026-09-01 07:31 第E-0231号 脱敏 仅供控辍保学」"""
        number = f"第{self.number}号" if self.number else ""
        moment = f"{timezone.localtime(self.made_at):%Y-%m-%d %H:%M}"
        return " ".join(part for part in (self.maker, moment, number, self.edition, "仅供控辍保学") if part)


@dataclass(frozen=True)
class Refusal:
    """A row that could not be written, and why."""

    position: int
    who: str
    reason: str


@dataclass(frozen=True)
class Head:
    """What stands above and below the table of a printed sheet."""

    unit: str = ""
    filled_on: datetime.date | None = None
    period: str = ""
    cutoff: datetime.date | None = None
    counted_in: str = "单位：人"
    attachment: str = ""
    notes: Sequence[str] = ()
    signatures: Sequence[str] = SIGNATURES

    @property
    def unit_line(self) -> str:
        return f"填报单位(盖章)：{self.unit}"

    @property
    def filled_line(self) -> str:
        return f"填报时间：{dates.chinese(self.filled_on) if self.filled_on else '    年  月  日'}"

    @property
    def note_lines(self) -> list[str]:
        """The notes with the period and the cut-off date, which every sheet has to show (口径与截止日期)."""
        known = []
        if self.period:
            known.append(f"统计期间：{self.period}")
        if self.cutoff:
            known.append(f"截止日期：{dates.chinese(self.cutoff)}")
        return (["；".join(known)] if known else []) + list(self.notes)


class Line(list[Any]):
    """The values of a row, and whether the line is struck through: it stands for the record and counts no more."""

    struck = False


@dataclass(frozen=True)
class Sheet:
    """A list on paper or in a workbook: 名册, 台账, 汇总. `rows` is read once for every file made from it."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    name: str = ""
    head: Head = field(default_factory=Head)
    paper: Paper = A4_LANDSCAPE
    full: bool = False
    empty: str = EMPTY
    identify: Callable[[Any], str] = lambda row: ""
    struck: Callable[[Any], bool] = lambda row: False

    def lines(self, refused: list[Refusal], fit: Callable[[Any], Any] | None = None, first: int = 0) -> Iterator[Line]:
        """Each row as cell values: text, int, date or None. A row that fails goes to `refused`, not on the sheet.

        `fit` may change a value to what the file can hold, or raise ValueError in Chinese when it can't. `first` is
        how many lines stand before these where the rows are one page of a longer list.
        """
        number = first
        for position, row in enumerate(self.rows, 1):
            header = ""
            try:
                values = Line()
                for column in self.columns:
                    header = column.header
                    raw = column.value(row) if column.value else number + 1
                    value = _VALUES[column.kind](raw, self.full)
                    values.append(fit(value) if fit else value)
            except Exception as error:  # one bad row must not cost the bureau's whole return
                refused.append(Refusal(position, _name(self.identify, row), f"「{header}」无法写出：{_words(error)}"))
                continue
            number += 1
            values.struck = self.struck(row)
            yield values


@dataclass(frozen=True)
class Placed:
    """A box on its form: its value, the line and column (from 0) where it begins, its width in characters."""

    box: Box
    value: Any
    line: int
    column: int
    width: float


@dataclass(frozen=True)
class Form:
    """A paper form of boxes on a grid, one page a person. Boxes fill each line from the left, around taller ones."""

    title: str
    widths: Sequence[float]
    rows: Sequence[Sequence[Box]]
    name: str = ""
    caption: Sequence[str] = ()
    head: Head = field(default_factory=Head)
    paper: Paper = A4_PORTRAIT
    full: bool = False

    def placed(self) -> list[Placed]:
        """Every box with its value and its place. ValueError, in Chinese, for a value that its kind can't hold."""
        taken: list[set[int]] = [set() for _ in self.rows]
        found = []
        for line, boxes in enumerate(self.rows):
            for box in boxes:
                column = next(place for place in range(len(self.widths)) if place not in taken[line])
                covered = range(column, column + box.span)
                for below in taken[line : line + box.lines]:
                    below.update(covered)
                value = _VALUES[box.kind](box.value, self.full)
                found.append(Placed(box, value, line, column, sum(self.widths[column : column + box.span])))
        return found

    def line_heights(self, placed: Sequence[Placed], needed: Callable[[Placed], float]) -> list[float]:
        """The height of each line when a box is `needed(box)` high; what a tall box lacks, its last line gets."""
        heights = [0.0] * len(self.rows)
        for part in sorted(placed, key=lambda part: part.box.lines):
            lines = heights[part.line : part.line + part.box.lines]
            heights[part.line + part.box.lines - 1] += max(needed(part) - sum(lines), 0)
        return heights


def cell_value(column: Column, row: Any, *, full: bool = False) -> Any:
    """What the cell of a row holds: str, int, date or None; masked unless `full`. Raises ValueError, in Chinese."""
    return _VALUES[column.kind](column.value(row) if column.value else None, full)


def words(value: Any) -> str:
    """A cell's value as it is printed: dates as 2026.9.7."""
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return f"{value.year}.{value.month}.{value.day}"
    return str(value)


def line_count(text: str, characters: float) -> int:
    """Lines that a text takes in a cell of so many Chinese characters; a Latin letter is half of one."""
    halves = max(int(characters * 2), 1)
    return sum(max(1, math.ceil(sum(1 if char < "⺀" else 2 for char in line) / halves)) for line in text.split("\n"))


def refusals_sheet(refused: Sequence[Refusal]) -> Sheet:
    """The sheet that says which rows are missing from a file and why."""
    return Sheet(
        title="未导出原因",
        name="未导出原因",
        columns=(
            Column("原第几行", lambda refusal: refusal.position, Kind.INT, 6, Align.CENTER),
            Column("对象", lambda refusal: refusal.who, width=16),
            Column("原因", lambda refusal: refusal.reason, width=40),
        ),
        rows=refused,
        head=Head(counted_in="", signatures=()),
    )


def clean(text: str) -> str:
    """Text without the characters that no file can hold; a line ends with a line feed, as it does in a workbook."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", text)


def _text(raw: Any, full: bool) -> str:
    return "" if raw is None else clean(str(raw))


def _int(raw: Any, full: bool) -> int | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError(f"「{raw}」不是整数")
    return raw


def _date(raw: Any, full: bool) -> datetime.date | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, datetime.datetime):
        return timezone.localtime(raw).date() if timezone.is_aware(raw) else raw.date()
    if not isinstance(raw, datetime.date):
        raise ValueError(f"「{raw}」不是日期")
    return raw


def _sealed(raw: Any, full: bool) -> str:
    if not raw:
        return ""
    secret = raw if isinstance(raw, Secret) else Secret(str(raw))
    return secret.reveal() if full else str(secret)


def _phone(raw: Any, full: bool) -> str:
    """One phone number, or several parted by「、」; a person's name may stand before a number."""
    text = _text(raw, full)
    return text if full else _PHONE_DIGITS.sub(lambda match: idnumber.mask_phone(match[0]), text)


def _address(raw: Any, full: bool) -> str:
    """An address; masked it ends with the village, which does not lead to a door."""
    text = _text(raw, full)
    if full or not text:
        return text
    known = _VILLAGE.match(text) or _TOWNSHIP.match(text)
    return (known[0] if known else "") + "***"


def _withheld(raw: Any, full: bool) -> str:
    """What a masked sheet does not tell at all, not even whether there is something to tell."""
    return _text(raw, full) if full else "—"


def _name(identify: Callable[[Any], str], row: Any) -> str:
    try:
        return identify(row)
    except Exception:  # the row is broken: its position still tells which it was
        return ""


def _words(error: Exception) -> str:
    """The sentence of an error that was made for people; for any other, that the data is damaged."""
    text = str(error)
    return text if isinstance(error, ValueError) and any("一" <= char <= "鿿" for char in text) else "数据已损坏"


_VALUES: dict[Kind, Callable[[Any, bool], Any]] = {
    Kind.TEXT: _text,
    Kind.INT: _int,
    Kind.DATE: _date,
    Kind.SEALED: _sealed,
    Kind.PHONE: _phone,
    Kind.ADDRESS: _address,
    Kind.WITHHELD: _withheld,
}
