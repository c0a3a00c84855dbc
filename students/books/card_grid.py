"""The grid of the 联系卡: 24 units wide, labels with what is known beside them, room for a hand where nothing is."""

from collections.abc import Collection, Sequence
from typing import Any

from kongchuo.sheets import A4_PORTRAIT, Box, Form, Kind
from schools import books
from schools.books import Asked

UNITS = 24
LABEL = 4
LINE = 0.75  # cm
SIGNED = ("班主任", "填表日期")
Row = tuple[Box, ...]
Known = tuple[str, Any] | tuple[str, Any, Kind]
"""A label, what is known, and how it is told."""


def label(text: str, span: int = LABEL, lines: int = 1, height: float = LINE) -> Box:
    return Box(text, span=span, lines=lines, label=True, height=height)


def line(*known: Known, wide: int = LABEL) -> Row:
    """Labels with their values, sharing the width evenly."""
    span = UNITS // len(known)
    boxes: list[Box] = []
    for name, value, *kind in known:
        boxes += [label(name, wide), Box(value, kind[0] if kind else Kind.TEXT, span - wide, height=LINE)]
    return tuple(boxes)


def room(name: str, height: float = 1.4, value: Any = "", kind: Kind = Kind.TEXT) -> Row:
    """A label with so much room to write in."""
    return label(name, height=height), Box(value, kind, UNITS - LABEL, height=height)


def parts(name: str, *inner: str, height: float = 1.0) -> tuple[Row, ...]:
    """A label at the left of several lines, each with a label of its own."""
    whole = label(name, lines=len(inner), height=height * len(inner))
    rows = [(label(text, 3, height=height), Box("", span=UNITS - LABEL - 3, height=height)) for text in inner]
    return ((whole, *rows[0]), *rows[1:])


def blank_table(name: str, columns: Sequence[tuple[str, int]], lines: int, height: float = LINE) -> tuple[Row, ...]:
    """A table to be written in by hand: its name at the left, its headers, and so many empty lines."""
    heads = (label(name, lines=lines + 1, height=height * (lines + 1)), *(label(text, span) for text, span in columns))
    empty = tuple(Box("", span=span, height=height) for _, span in columns)
    return (heads, *(empty,) * lines)


def ticks(options: Sequence[tuple[str, Any]], chosen: Collection[Any]) -> str:
    """「■是　□否」: the options, those that hold with a full box."""
    return "　".join(f"{'■' if value in chosen else '□'}{text}" for text, value in options)


def card(
    asked: Asked, title: str, who: str, rows: Sequence[Row], notes: Sequence[str] = (), signed: Sequence[str] = SIGNED
) -> Form:
    """One card on one page."""
    return Form(
        title=title,
        widths=(1.5,) * UNITS,
        rows=tuple(rows),
        name=who,
        head=books.head(asked, *notes, period="", cutoff=None, signatures=signed),
        paper=A4_PORTRAIT,
        caption=(f"学校：{asked.school.name}　　{asked.period}",),
    )
