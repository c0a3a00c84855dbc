"""What the page of one book shows: its parts (sheets or forms) one at a time, their lines in pages, masked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator

from kongchuo.sheets import Column, Form, Kind, Placed, Refusal, Sheet, words

LINES_A_PAGE = 200
LONG = 8
"""Characters from which a column is so wide that its texts are broken into lines."""
NAMES = frozenset({"姓名", "学生", "学生姓名"})


@dataclass(frozen=True)
class Leaf:
    """The part that is shown: of a list the lines of one page, of a form its boxes."""

    title: str
    notes: Sequence[str]
    heads: Sequence[tuple[str, str]] = ()  # header and class of each column
    lines: Sequence[Sequence[tuple[str, str, str]]] = ()  # header, text and class of each cell
    boxes: Sequence[Sequence[tuple[Placed, str]]] = ()
    caption: Sequence[str] = ()
    empty: str = ""
    page: Page | None = None
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True)
class Opened:
    """A book as opened: the part shown, and the others beside it."""

    leaf: Leaf
    parts: Page
    names: Sequence[tuple[int, str]]


def opened(parts: Sequence[Sheet | Form], part: Any, page: Any) -> Opened:
    """The part and page that the address names, the nearest one for an unknown. `parts` is not empty."""
    place = Paginator(parts, 1).get_page(part)
    shown = parts[place.number - 1]
    names = [(number, one.name or one.title) for number, one in enumerate(parts, 1)]
    leaf = _form(shown) if isinstance(shown, Form) else _list(shown, page)
    return Opened(leaf, place, names)


def _list(sheet: Sheet, number: Any) -> Leaf:
    rows: Any = sheet.rows if hasattr(sheet.rows, "__getitem__") else list(sheet.rows)
    page = Paginator(rows, LINES_A_PAGE).get_page(number)
    refused: list[Refusal] = []
    first = page.start_index() - 1 if page.paginator.count else 0
    shown = replace(sheet, rows=list(page.object_list))
    heads = _heads(sheet)
    lines = [
        [
            (header, words(value), f"{kind} struck".strip() if values.struck else kind)
            for (header, kind), value in zip(heads, values, strict=True)
        ]
        for values in shown.lines(refused, first=first)
    ]
    return Leaf(
        sheet.title, sheet.head.note_lines, heads, lines, empty=sheet.empty, page=page,
        refused=refused,
    )  # fmt: skip


def _heads(sheet: Sheet) -> list[tuple[str, str]]:
    """Each header with the class of its column: whom the line is about, a figure, a long text."""
    headers = [column.header for column in sheet.columns if column.value]
    about = next((header for header in headers if header in NAMES), next(iter(headers), ""))
    return [(column.header, "who" if column.header == about else _look(column)) for column in sheet.columns]


def _look(column: Column) -> str:
    if column.kind == Kind.INT and column.value:
        return "num"
    return "long" if column.width >= LONG else ""


def _form(form: Form) -> Leaf:
    placed = form.placed()
    boxes = [[(part, words(part.value)) for part in placed if part.line == line] for line in range(len(form.rows))]
    return Leaf(form.title, form.head.note_lines, boxes=boxes, caption=form.caption)
