"""What the page of one book shows: its parts (sheets or forms) one at a time, their lines in pages, masked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.paginator import Page, Paginator

from kongchuo.sheets import Form, Placed, Refusal, Sheet, words

LINES_A_PAGE = 200


@dataclass(frozen=True)
class Leaf:
    """The part that is shown: of a list the lines of one page, of a form its boxes."""

    title: str
    notes: Sequence[str]
    headers: Sequence[str] = ()
    lines: Sequence[Sequence[tuple[str, str, str]]] = ()  # header, text, class of each cell
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
    heads = [(column.header, "num" if column.kind == "int" and column.value else "") for column in sheet.columns]
    lines = [
        [(header, words(value), kind) for (header, kind), value in zip(heads, values, strict=True)]
        for values in shown.lines(refused, first=first)
    ]
    return Leaf(
        sheet.title, sheet.head.note_lines, [header for header, _ in heads], lines, empty=sheet.empty, page=page,
        refused=refused,
    )  # fmt: skip


def _form(form: Form) -> Leaf:
    placed = form.placed()
    boxes = [[(part, words(part.value)) for part in placed if part.line == line] for line in range(len(form.rows))]
    return Leaf(form.title, form.head.note_lines, boxes=boxes, caption=form.caption)
