"""What a sheet holds, apart from how its file was made. This module and the readers beside it never load Django:
the limited process that opens foreign files must start in a few hundredths of a second.
"""

import datetime
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

MAX_ROWS = 20_000
MAX_COLUMNS = 100
# No field of the roll is longer, so a cell that was cut is always refused and never stored short.
MAX_TEXT = 1000


class UnreadableRoster(Exception):
    """The file can't be read as a roster; the text is one sentence for the clerk, with the remedy."""


@dataclass(frozen=True)
class BadCell:
    """A cell that shows an Excel error, or a formula whose result the file does not hold."""

    shown: str


Cell = str | int | float | bool | datetime.date | BadCell | None


@dataclass
class Sheet:
    """One sheet from its first row on: `rows[0]` is Excel's row 1. Ranges count from 1 and include both ends."""

    name: str
    hidden: bool = False
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    # (first row, first column, last row, last column)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)


def plain(value: Any) -> Cell:
    """A reader's value as one of the few kinds that a cell may have; empty text and blanks are None."""
    if isinstance(value, str):
        return value[: MAX_TEXT + 1] if value.strip() else None
    if isinstance(value, float) and not math.isfinite(value):
        return BadCell("#NUM!")
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, (datetime.time, datetime.timedelta)):
        return str(value)
    return value


def plain_row(row: list[Any]) -> list[Cell]:
    """A reader's row as plain cells. Most are texts, which stay as they are."""
    return [
        value if value.__class__ is str and 0 < len(value) <= MAX_TEXT and not value.isspace() else plain(value)
        for value in row
    ]


def column_letter(number: int) -> str:
    """1 → A, 27 → AA: columns as Excel names them."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def dump_lines(sheets: list[Sheet]) -> Iterator[str]:
    """The sheets as lines of JSON: one line that describes a sheet, then one line a row."""
    for sheet in sheets:
        head = asdict(Sheet(**{**vars(sheet), "rows": []})) | {"rows": len(sheet.rows)}
        yield json.dumps(head, ensure_ascii=False)
        for row in sheet.rows:
            yield _encode(row)


def load_lines(lines: Iterator[bytes]) -> Iterator[Sheet]:
    """The sheets again, one at a time."""
    for line in lines:
        head = _decode(line.decode())
        count = head.pop("rows")
        head["merged"] = [tuple(area) for area in head["merged"]]
        rows = b",".join(islice(lines, count)).decode()  # decoded at once: each decoding has its price
        yield Sheet(**head, rows=_decode(f"[{rows}]"))


def _dump_cell(value: Cell) -> dict[str, str]:
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if isinstance(value, BadCell):
        return {"bad": value.shown}
    raise TypeError(f"not a cell: {type(value)}")


def _load_cell(value: dict[str, Any]) -> Any:
    if "date" in value:
        return datetime.date.fromisoformat(value["date"])
    return BadCell(value["bad"]) if "bad" in value else value


# Made once: made anew for each of many rows they cost as much as the rows.
_encode = json.JSONEncoder(ensure_ascii=False, default=_dump_cell, separators=(",", ":")).encode
_decode = json.JSONDecoder(object_hook=_load_cell).decode
