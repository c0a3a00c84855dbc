"""Roster files made at run time: workbooks of openpyxl, workbooks of bare XML, text in any encoding."""

import datetime
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

from students.roster import process
from students.roster.cells import column_letter
from students.roster.rows import Roster, RosterRow, read_roster

TODAY = datetime.date(2026, 3, 11)
Rows = Sequence[Sequence[Any]]


def workbook(*sheets: tuple[str, Rows], **marks: Any) -> bytes:
    """A workbook with these sheets. Marks of the first: hidden_rows, hidden_columns, merged, hidden_sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets or (("花名册", ()),):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    first = book.worksheets[0]
    for row in marks.get("hidden_rows", ()):
        first.row_dimensions[row].hidden = True
    for letter in marks.get("hidden_columns", ()):
        first.column_dimensions[letter].hidden = True
    for area in marks.get("merged", ()):
        first.merge_cells(area)
    for name in marks.get("hidden_sheets", ()):
        book[name].sheet_state = "hidden"
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def parts(sheet_xml: str) -> dict[str, str]:
    """The parts of a workbook with one sheet."""
    return {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="名册" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet_xml,
    }


def sheet_xml(rows: Iterable[str], before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{"".join(rows)}</sheetData></worksheet>'


def packed(members: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def bare_workbook(rows: Rows) -> bytes:
    """A workbook without styles, from text, numbers and None; some hundred times faster than openpyxl."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for column, value in enumerate(row, start=1):
            place = f'r="{column_letter(column)}{number}"'
            if isinstance(value, str):
                cells.append(f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>')
            elif value is not None:
                cells.append(f"<c {place}><v>{value!r}</v></c>")
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return packed(parts(sheet_xml(lines)))


def text_file(rows: Rows, separator: str = ",", encoding: str = "utf-8") -> bytes:
    def quoted(value: Any) -> str:
        text = "" if value is None else str(value)
        return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in f'{separator}"\r\n') else text

    return "\r\n".join(separator.join(map(quoted, row)) for row in rows).encode(encoding)


def read(data: bytes, **options: Any) -> Roster:
    """The roster in a file, through the limited process, as a clerk's upload is read."""
    return read_roster(process.read_sheets(data), today=options.pop("today", TODAY), **options)


def read_rows(*rows: Sequence[Any], **options: Any) -> list[RosterRow]:
    """The rows of a workbook with one sheet."""
    return read(workbook(("名册", rows)), **options).rows


def outcome(row: RosterRow) -> str:
    """Which of the three a row is; a row that is none or two of them has no outcome."""
    kinds = [("blank", row.blank), ("refused", bool(row.refusals)), ("read", bool(row.values))]
    (only,) = (kind for kind, holds in kinds if holds)
    return only
