"""The public door to foreign lists: any file of a school, village or bureau, with columns of the caller's own choosing.

::

    WORDS = Words({"name": "姓名 名字", "id_no": "身份证号 证件号", "village": "村 村委会"}, needs="name")
    for table in read_tables(data, WORDS):
        for row in table.rows():
            number = fields.id_number(row.cells["id_no"], row.warnings.append)

The file is opened in a limited process; what can't be read as a list ends in `UnreadableRoster` with one sentence for
the person who sent it. Cells come as they stand in the file: `students.roster.fields` has a reader for each kind of
cell, which gives the value or raises `fields.Refusal` with the reason.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from students.roster import process
from students.roster.cells import Cell, Sheet, UnreadableRoster
from students.roster.columns import HEADER_WITHIN, Header, Words, find_header


@dataclass
class TableRow:
    """One row that is not empty: `number` as Excel shows it, its cells by field (None where nothing stands)."""

    number: int
    cells: dict[str, Cell]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """A list on a sheet, below the header that was found."""

    sheet: Sheet
    header: Header
    words: Words

    def rows(self) -> Iterator[TableRow]:
        """The rows below the header; those without any cell are left out, and so is a header that is repeated."""
        for number in range(self.header.last_row + 1, len(self.sheet.rows) + 1):
            row = self.sheet.rows[number - 1]
            cells = {name: cell_at(row, column.number) for name, column in self.header.columns.items()}
            needed = cells[self.words.needs]
            repeated = isinstance(needed, str) and self.words.field_of(needed) == self.words.needs
            if any(cell is not None for cell in row) and not repeated:
                yield TableRow(number, dict.fromkeys(self.words.synonyms) | cells)


def read_tables(data: bytes, words: Words) -> list[Table]:
    """The lists in a file, one a visible sheet, in the order of the sheets. Raises UnreadableRoster with a sentence."""
    return tables_in(process.read_sheets(data), words)


def tables_in(sheets: Iterable[Sheet], words: Words) -> list[Table]:
    """The lists in sheets that were read before. Raises UnreadableRoster when no sheet has one with a row in it."""
    found = [
        Table(sheet, header, words)
        for sheet in sheets
        if not sheet.hidden and (header := find_header(sheet, words)) and last_row(sheet) > header.last_row
    ]
    if not found:
        raise UnreadableRoster(
            f"没有找到名单：前{HEADER_WITHIN}行里要有一行写着列名，其中要有「{words.label(words.needs)}」，下面至少一行。"
        )
    return found


def cell_at(row: list[Cell], number: int) -> Cell:
    """The cell in a column (from 1) of a row that may be shorter."""
    return row[number - 1] if number <= len(row) else None


def last_row(sheet: Sheet) -> int:
    """The number of the last row with anything in it; 0 for an empty sheet."""
    numbers = range(len(sheet.rows), 0, -1)
    return next((number for number in numbers if any(cell is not None for cell in sheet.rows[number - 1])), 0)
