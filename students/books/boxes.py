"""The boxes of the paper forms of 学籍异动: a grid of 28 units, its labels and fields, ticks, opinions, seals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kongchuo import dates
from kongchuo.sheets import A4_PORTRAIT, Align, Box, Form, Head, Kind, line_count
from schools.books import Asked
from students.changes import WILLING

UNITS = 28
_WIDTHS = (1.5,) * UNITS
LABEL = 5  # units of a label at the left edge
LINE = 0.8  # cm
SEALED_BY = "\n（章）\n　　年　月　日"
SIGNED_LINE = "监护人签字：　　　　　　　　　　　　　年　　月　　日"
CUT = "—　—　—　—　—　—　—　—　—　沿 此 线 裁 开　—　—　—　—　—　—　—　—　—"
BLANK_DAY = "　　年　月　日"

_TALL = 1.8  # cm; a row so high has room for a hand or a seal in it
_LEAST, _MOST, _TIGHTEST = 0.65, 1.6, 0.7
_ROOM, _CAPTION, _NOTE = 19.6, 0.5, 0.5  # cm of the page for the boxes, and what a further line around them costs
_LINE_CM = 0.5  # a line of 五号
_STRETCH = 1.06  # a planned unit is so much wider than a character of 五号

Facts = Mapping[str, tuple[Any, Kind]]
"""What is known, by the name of the field. A field that is not there stays empty, with room for a hand."""
Row = tuple[Box, ...]


def form(asked: Asked, title: str, rows: Sequence[Row], *, name: str = "", number: str = "", notes=()) -> Form:
    """One form on one A4 page. A blank one (nobody asked for) has no name and no date."""
    filled = dates.chinese(dates.today()) if name else BLANK_DAY
    caption = f"学校：{asked.school.name}　学校标识码：{asked.school.code or '　　　　　'}　填表日期：{filled}"
    return Form(
        title=title,
        name=name or title,
        caption=(caption, f"编号：{number}") if number else (caption,),
        widths=_WIDTHS,
        rows=_fill(rows, _ROOM - _CAPTION * bool(number) - _NOTE * max(len(notes) - 1, 0)),
        head=Head(unit=asked.school.name, filled_on=dates.today(), notes=notes, signatures=()),
        paper=A4_PORTRAIT,
        full=asked.full,
    )


def _fill(rows: Sequence[Row], room: float) -> tuple[Row, ...]:
    """The rows over the whole page: those with room for a hand or a seal grow, or shrink, into what the others leave.

    Only so far that a seal still fits, and that a page of few rows does not become all seal. Where that is not enough
    the other rows come closer together.
    """
    all_rows = range(len(rows))
    planned = [max(box.height for box in row) for row in rows]
    natural = [_height(row) for row in rows]
    elastic = {place for place in all_rows if planned[place] >= _TALL}
    factor = 1.0
    while elastic:
        left = room - sum(natural[place] for place in all_rows if place not in elastic)
        factor = min(max(left / sum(planned[place] for place in elastic), _LEAST), _MOST)
        full = {place for place in elastic if planned[place] * factor < natural[place]}
        if not full:
            break
        elastic -= full
    spare = room - sum(planned[place] * factor if place in elastic else natural[place] for place in all_rows)
    squeezed = max(1 + min(spare, 0) / sum(planned), _TIGHTEST)
    return tuple(
        tuple(replace(box, height=round(box.height * (factor if place in elastic else squeezed), 2)) for box in row)
        for place, row in enumerate(rows)
    )


def _height(row: Row) -> float:
    """The height in cm that a row takes at the usual type size, with whatever is written in it."""

    def needed(box: Box) -> float:
        words = box.value if isinstance(box.value, str) else ""
        lines = line_count(words, sum(_WIDTHS[: box.span]) * _STRETCH - 1.6)
        return max(box.height, lines * _LINE_CM + 0.1)

    return max(needed(box) for box in row)


class Fields:
    """Labels with what is known beside them."""

    def __init__(self, facts: Facts):
        self.facts = facts

    def ask(self, name: str, wide: int, span: int, label: str = "", height: float = LINE) -> Row:
        """A label (`wide` units) and its field beside it."""
        value, kind = self.facts.get(name, ("", Kind.TEXT))
        return caption(label or name, wide), Box(value, kind, span, height=height)

    def line(self, name: str, label: str = "", height: float = LINE) -> Row:
        """A label with its field over the rest of the line."""
        return self.ask(name, LABEL, UNITS - LABEL, label, height)


def caption(text: str, span: int = LABEL, lines: int = 1) -> Box:
    return Box(text, span=span, lines=lines, label=True, height=LINE * lines)


def section(text: str) -> Row:
    """A heading over the whole width."""
    return (caption(text, UNITS),)


def text(words: str, height: float = LINE, kind: Kind = Kind.TEXT) -> Row:
    """A paragraph over the whole width."""
    return (Box(words, kind, UNITS, height=height),)


def signed(words: str, height: float = 1.2) -> Row:
    """Who signs or seals, and when, at the right below a text."""
    return (Box(f"{words}　　", span=UNITS, align=Align.RIGHT, height=height),)


def cut() -> Row:
    """Where the parts of a paper are cut from each other."""
    return (Box(CUT, span=UNITS, align=Align.CENTER, height=0.9),)


def ticks(options: Mapping[str, Collection[Any]], chosen: Any) -> str:
    """「■迁居　□购房」: the options with the one that a code stands for; no code, no tick."""
    return "　".join(f"{'■' if chosen and chosen in codes else '□'}{option}" for option, codes in options.items())


def opinions(*labels: str, height: float = 2.7) -> tuple[Row, ...]:
    """Opinions with room for a hand and a seal, two on a line, in their order."""
    pairs = [labels[place : place + 2] for place in range(0, len(labels), 2)]
    return tuple(
        tuple(
            box
            for label in pair
            for box in (
                Box(label, span=3, label=True, height=height),
                Box(SEALED_BY, span=(UNITS if len(pair) == 1 else UNITS // 2) - 3, align=Align.CENTER, height=height),
            )
        )
        for pair in pairs
    )


def room(label: str, span: int = 9, height: float = LINE, wide: int = LABEL) -> Row:
    """A label with room for a hand beside it."""
    return caption(label, wide), Box("", span=span, height=height)


def declaration(what: str) -> Row:
    """监护人签字, under the words that no school may let a weak pupil go against the family's will."""
    words = f"{WILLING}；学校没有以任何方式要求{what}。所填内容和所附材料属实。"
    return caption("监护人签字"), Box(f"{words}\n{SIGNED_LINE}", span=23, height=1.5)
