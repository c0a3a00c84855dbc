"""The only place that writes a workbook.

Every text is written as text: a name that starts with = + - @ is a name on the county officer's machine too, and
eighteen digits stay eighteen digits. The print edition looks like the form on paper; the data edition has the header
in row 1 and nothing else, because the bureau joins many of them.
"""

import datetime
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from io import BytesIO
from itertools import accumulate
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import WorkbookAlreadySaved
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.properties import PageSetupProperties

from kongchuo.sheets import (
    A4_PORTRAIT,
    Align,
    Form,
    Head,
    Kind,
    Paper,
    Placed,
    Refusal,
    Sheet,
    Stamp,
    clean,
    line_count,
    refusals_sheet,
)

LONGEST_TEXT = 32767
_CM = 1 / 2.54  # an inch is what Excel measures margins in
_ROW_CM = 0.8
_POINTS_A_CM = 28.35
_POINTS_A_LINE = 14.0
_TALLEST_ROW = 409.0
_NUMBER_FORMATS = {Kind.INT: "0", Kind.DATE: "yyyy-mm-dd"}
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")

_THIN = Side(style="thin")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_SONG, _HEI = "宋体", "黑体"


class Edition(StrEnum):
    PRINT = "xlsx"
    DATA = "xlsx-data"


@dataclass(frozen=True)
class Written:
    """A finished workbook: its bytes, the rows on each sheet that was asked for, and the rows that are missing."""

    content: bytes
    counts: tuple[int, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True)
class Look:
    """How a cell looks. Equal looks share one style in the file."""

    font: str = _SONG
    size: float = 10.5
    bold: bool = False
    strike: bool = False
    boxed: bool = False
    horizontal: str = "left"
    number_format: str = "@"


_PLAIN = Look()
_BOXED = Look(boxed=True)
_TITLE = Look(font=_HEI, size=18, bold=True, horizontal="center")
_HEADER = Look(bold=True, boxed=True, horizontal="center")
_CENTER = Look(horizontal="center")
_RIGHT = Look(horizontal="right")
_EMPTY = Look(boxed=True, bold=True, horizontal="center")


def write_workbook(sheets: Sequence[Sheet | Form], edition: Edition, stamp: Stamp | None = None) -> Written:
    """One workbook of these sheets; the data edition takes no forms.

    A row that can't be written is listed on a sheet 「未导出原因」 and doesn't cost the file. The print edition ends
    with a sheet 「说明」: whose form, which period and formula, made by whom and when.
    """
    book = _Book(stamp)
    try:
        counts = tuple(_write(book, sheet, edition) for sheet in sheets)
        if book.refused:
            _write(book, refusals_sheet(tuple(book.refused)), edition)
        if edition is Edition.PRINT:
            _write_about(book, sheets[0], counts)
        return Written(book.bytes(), counts, tuple(book.refused))
    except BaseException:
        book.discard()
        raise


def _write(book: "_Book", sheet: Sheet | Form, edition: Edition) -> int:
    """One sheet of the workbook. Returns its number of rows."""
    if isinstance(sheet, Form):
        return _write_form(book, sheet)
    return _write_data(book, sheet) if edition is Edition.DATA else _write_list(book, sheet)


def _write_data(book: "_Book", sheet: Sheet) -> int:
    """The data edition of a list: the header, then the rows."""
    page = _Page(book, sheet.name or sheet.title, [column.width for column in sheet.columns])
    page.texts([column.header for column in sheet.columns], _PLAIN)
    cells = [page.cell(Look(number_format=_number_format(column.kind))) for column in sheet.columns]
    for values in sheet.lines(book.refused, _fit):
        page.append(_filled(cells, values))
    return page.row - 1


def _write_list(book: "_Book", sheet: Sheet) -> int:
    """The print edition of a list."""
    page = _Page(book, sheet.name or sheet.title, [column.width for column in sheet.columns])
    header_row = 3 + bool(sheet.head.attachment)
    page.set_up(sheet.paper, repeat=header_row)
    page.top(sheet.title, sheet.head)
    page.texts([column.header for column in sheet.columns], _HEADER)
    looks = [_body_look(column.kind, column.align) for column in sheet.columns]
    cells = [page.cell(look) for look in looks]
    struck = [page.cell(replace(look, strike=True)) for look in looks]
    for values in sheet.lines(book.refused, _fit):
        page.append(_filled(struck if values.struck else cells, values), _height(values, page.widths))
    count = page.row - header_row
    if not count:
        page.across(sheet.empty, _EMPTY)
    page.bottom(sheet.head)
    return count


def _write_form(book: "_Book", form: Form) -> int:
    """A form, on a sheet of its own."""
    try:
        placed = form.placed()
    except ValueError as error:
        book.refused.append(Refusal(0, form.name, str(error)))
        return 0
    page = _Page(book, form.name or form.title, form.widths, padding=0.2)  # a fine grid, most of it joined
    page.set_up(form.paper, pages=1)
    page.across(form.title, _TITLE, 32)
    for line in form.caption:
        page.across(line, _PLAIN)
    grid = [[page.cell(_BOXED) for _ in form.widths] for _ in form.rows]
    for part in placed:
        box = part.box
        look = _HEADER if box.label else _body_look(box.kind, box.align)
        for cells in grid[part.line : part.line + box.lines]:
            cells[part.column : part.column + box.span] = [page.cell(look) for _ in range(box.span)]
        _put(grid[part.line][part.column], part.value)
        page.merge(part.column + 1, below=part.line, lines=box.lines, span=box.span)
    for cells, height in zip(grid, form.line_heights(placed, _box_height), strict=True):
        page.append(cells, min(height, _TALLEST_ROW))
    page.bottom(form.head)
    return 1


def _write_about(book: "_Book", sheet: Sheet | Form, counts: Sequence[int]) -> None:
    """The sheet 「说明」: what the data itself may not carry."""
    page = _Page(book, "说明", [8, 50])
    page.set_up(A4_PORTRAIT)
    head = sheet.head
    lines = [("表名", sheet.title), ("填报单位", head.unit)]
    lines += [("口径", note) for note in head.note_lines]
    lines.append(("行数", str(sum(counts) if isinstance(sheet, Form) else counts[0])))
    lines.append(("制表", book.stamp.line if book.stamp else ""))
    lines.append(("提醒", "本文件含未成年人个人信息，仅供控辍保学工作使用，用后妥善保管，不得转发无关人员。"))
    for label, text in lines:
        if text:
            page.texts([label, text], _PLAIN)


class _Book:
    """A workbook being written: its styles, its stamp, and the rows that could not be written."""

    def __init__(self, stamp: Stamp | None):
        self.workbook = Workbook(write_only=True)
        self.stamp = stamp
        self.refused: list[Refusal] = []
        self.styles: dict[Look, Any] = {}

    def new_name(self, name: str) -> str:
        """A sheet name that Excel takes: at most 31 characters, none of []:*?/\\, no name twice."""
        base = _NOT_IN_NAMES.sub(" ", clean(name)).strip(" '")[:31] or "表"
        taken = {title.lower() for title in self.workbook.sheetnames}
        number, name = 1, base
        while name.lower() in taken:
            number += 1
            tail = f"({number})"
            name = base[: 31 - len(tail)] + tail
        return name

    def bytes(self) -> bytes:
        out = BytesIO()
        self.workbook.save(out)
        return out.getvalue()

    def discard(self) -> None:
        """Removes the half-written files, which hold pupils' data, from the temporary folder."""
        for worksheet in self.workbook.worksheets:
            if worksheet._writer:
                with suppress(WorkbookAlreadySaved):
                    worksheet.close()
                Path(worksheet._writer.out).unlink(missing_ok=True)


class _Page:
    """One worksheet being written from top to bottom; `row` is the last row written.

    Widths are in Chinese characters, each as wide as two of Excel's; `padding` is added to every column.
    """

    def __init__(self, book: _Book, name: str, widths: Sequence[float], padding: float = 1.4):
        self.book = book
        self.widths = widths
        self.row = 0
        self.sheet = book.workbook.create_sheet(book.new_name(name))
        # openpyxl would try every cell as a plain value first, fail, and make a new cell after it: a sixth of the time.
        self.sheet._values_to_row = _numbered
        for place, width in enumerate(widths, 1):
            self.sheet.column_dimensions[get_column_letter(place)].width = width * 2 + padding

    def set_up(self, paper: Paper, repeat: int = 0, pages: int = 0) -> None:
        """Paper, margins, one page wide, page numbers below, maker and time above.

        `repeat`: the row on every page; `pages`: how many pages high it may be, 0 for as many as it needs.
        """
        sheet = self.sheet
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_setup.paperSize = paper.excel_size
        sheet.page_setup.orientation = "landscape" if paper.landscape else "portrait"
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, pages
        for side, centimetres in paper.margins.items():
            setattr(sheet.page_margins, side, centimetres * _CM)
        sheet.page_margins.header = sheet.page_margins.footer = 1.0 * _CM
        sheet.print_options.horizontalCentered = True
        sheet.oddFooter.center.text = "第&P页　共&N页"
        if self.book.stamp:
            sheet.oddHeader.right.text = self.book.stamp.line.replace("&", "&&")[:200]
        if repeat:
            sheet.print_title_rows = f"{repeat}:{repeat}"
            sheet.freeze_panes = f"A{repeat + 1}"

    def top(self, title: str, head: Head) -> None:
        """附件×, the title, and the line with 填报单位, 填报时间 and the unit that is counted in."""
        if head.attachment:
            self.across(head.attachment, _PLAIN)
        self.across(title, _TITLE, 32)
        self.spread((head.unit_line, head.filled_line, head.counted_in), (_PLAIN, _CENTER, _RIGHT), 0)

    def bottom(self, head: Head) -> None:
        """Notes (口径, 截止日期), then the line to be signed."""
        for note in head.note_lines:
            self.across(note, _PLAIN)
        if head.signatures:
            labels = [f"{label}：" for label in head.signatures]
            self.spread(labels, [_PLAIN] * len(labels), 30)

    def spread(self, texts: Sequence[str], looks: Sequence[Look], height: float) -> None:
        """One row with several texts side by side, each over a share of the columns."""
        if len(self.widths) < len(texts):
            self.across("　　".join(text for text in texts if text), _PLAIN, height)
            return
        cells = [self.cell(_PLAIN) for _ in self.widths]
        for (start, end), text, look in zip(_shares(self.widths, len(texts)), texts, looks, strict=True):
            cells[start - 1] = self.cell(look)
            _put(cells[start - 1], clean(text))
            self.merge(start, span=end - start + 1)
        self.append(cells, height or _ROW_CM * _POINTS_A_CM)

    def across(self, text: str, look: Look, height: float = 0) -> None:
        """One row with a text over the whole width."""
        cells = [self.cell(look) for _ in self.widths]
        _put(cells[0], clean(text))
        self.merge(1, span=len(cells))
        self.append(cells, height or _height([text], [sum(self.widths)]))

    def texts(self, texts: Sequence[str], look: Look) -> None:
        self.append(
            _filled([self.cell(look) for _ in texts], [clean(text) for text in texts]), _height(texts, self.widths)
        )

    def cell(self, look: Look) -> WriteOnlyCell:
        cell = WriteOnlyCell(self.sheet)
        if look not in self.book.styles:
            cell.font = Font(name=look.font, size=look.size, bold=look.bold, strike=look.strike)
            cell.alignment = Alignment(horizontal=look.horizontal, vertical="center", wrap_text=True)
            cell.border = _BOX if look.boxed else Border()
            cell.number_format = look.number_format
            self.book.styles[look] = cell._style
        cell._style = self.book.styles[look]
        return cell

    def merge(self, column: int, *, span: int = 1, lines: int = 1, below: int = 0) -> None:
        """Joins cells from the row that comes next, or from one so many rows below it."""
        if span > 1 or lines > 1:
            top = self.row + 1 + below
            area = CellRange(min_row=top, min_col=column, max_row=top + lines - 1, max_col=column + span - 1)
            self.sheet.merged_cells.add(area)

    def append(self, cells: list[WriteOnlyCell], height: float = 0) -> None:
        self.row += 1
        if height:
            self.sheet.row_dimensions[self.row].height = height
        self.sheet.append(cells)


def _body_look(kind: Kind, align: Align) -> Look:
    return Look(boxed=True, horizontal=str(align), number_format=_number_format(kind))


def _number_format(kind: Kind) -> str:
    return _NUMBER_FORMATS.get(kind, "@")


def _fit(value: Any) -> Any:
    """A value that Excel can hold; raises ValueError, in Chinese, for one that it can't."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise ValueError(f"文字超过{LONGEST_TEXT}个字，Excel写不下")
    elif isinstance(value, datetime.date) and value.year < 1900:
        raise ValueError(f"日期{value:%Y-%m-%d}早于1900年，Excel写不下")
    return value


def _put(cell: WriteOnlyCell, value: Any) -> None:
    if isinstance(value, str):
        # Past openpyxl's guessing, which takes "=…" for a formula and "#N/A" for an error.
        cell._value, cell.data_type = value, "s"
    else:
        cell.value = value


def _numbered(cells: list[WriteOnlyCell], row: int) -> Iterator[WriteOnlyCell]:
    """The cells of a row, each told where it stands."""
    for column, cell in enumerate(cells, 1):
        cell.row, cell.column = row, column
        yield cell


def _filled(cells: list[WriteOnlyCell], values: list[Any]) -> list[WriteOnlyCell]:
    """The same cell objects serve for every row: a write-only sheet has written them before the next row comes."""
    for cell, value in zip(cells, values, strict=True):
        _put(cell, value)
    return cells


def _shares(widths: Sequence[float], count: int) -> list[tuple[int, int]]:
    """The first and last column of so many parts of about the same width; no part is empty."""
    reach = list(accumulate(widths))
    shares, start = [], 1
    for part in range(1, count + 1):
        end = bisect_left(reach, reach[-1] * part / count) + 1
        end = min(max(end, start), len(widths) - (count - part))
        shares.append((start, end))
        start = end + 1
    return shares


def _box_height(part: Placed) -> float:
    return max(_height([part.value], [part.width], least=0), part.box.height * _POINTS_A_CM)


def _height(values: Sequence[Any], widths: Sequence[float], least: float = _ROW_CM) -> float:
    """The height in points that wrapped text needs: a printed row is at least 0.8 cm, and nothing may be cut off."""
    most = 1
    for value, width in zip(values, widths, strict=True):
        if isinstance(value, str) and (len(value) > width or "\n" in value):
            most = max(most, line_count(value, width))
    return min(max(least * _POINTS_A_CM, most * _POINTS_A_LINE + 6), _TALLEST_ROW)
