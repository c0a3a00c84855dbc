"""What only the XML of a workbook says: hidden rows and columns, errors, formulas without result, stray far cells.

The reader keeps a sheet as a full rectangle, so one cell at XFD1048576 would cost 500 GB. Cells are therefore counted
here, as a stream, before the reader sees the file.
"""

import posixpath
import re
from dataclasses import dataclass, field
from xml.parsers import expat

from defusedxml import ElementTree

from students.roster.cells import MAX_COLUMNS, MAX_ROWS, UnreadableRoster, column_letter
from students.roster.container import DAMAGED

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MAIN = "xl/workbook.xml"


@dataclass
class SheetMarks:
    """Marks of one sheet; rows and columns count from 1."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    # (row, column) → what the cell shows instead of a value
    bad_cells: dict[tuple[int, int], str] = field(default_factory=dict)


def read_marks(parts: dict[str, bytes]) -> dict[str, SheetMarks]:
    """The marks of every worksheet by its name. Raises UnreadableRoster for cells beyond the limits."""
    try:
        names = _names_by_part(parts)
        marks = {
            part: _marks(names.get(part, part), xml)
            for part, xml in parts.items()
            if part in names or part.startswith("xl/worksheets/sheet")
        }
    except (expat.ExpatError, ElementTree.ParseError, KeyError, ValueError) as error:
        raise UnreadableRoster(DAMAGED) from error
    return {names[part]: found for part, found in marks.items() if part in names}


# A formula, or a cell whose place is not written first, plainly and within the limits.
_UNUSUAL = re.compile(
    rb"<(?:f[\s/>]|c(?=[\s/>])"
    rb'(?! r="(?:[A-Z]|[AB][A-Z]|C[A-V])(?:[1-9][0-9]{0,3}|1[0-9]{4}|20000)"[\s/>]))'
)
# Tags with a prefix, which only few programs write. A search for one rare byte costs least.
_PREFIXED = re.compile(rb":(?:c[ >/\t\n\r]|f|row)")
_HIDDEN = re.compile(rb"""hidden\s*=\s*["'](?:1|true)""")
_UTF_8 = re.compile(rb"""(?:\xef\xbb\xbf)?(?:<\?xml[^>]*?encoding=["'](?:utf-8|UTF-8)["']|<\?xml[^>e]*\?>|<[^?])""")


def _marks(name: str, xml: bytes) -> SheetMarks:
    """The marks of one worksheet. Most have none and only cells where they belong: that is seen at a glance, and the
    scan of a large sheet takes longer than all other reading. Whether the file is sound the reader decides."""
    plain = _UTF_8.match(xml) and not _UNUSUAL.search(xml) and not _HIDDEN.search(xml)
    others = _PREFIXED.search(xml) or b'"e"' in xml or (b"'" in xml and b"'e'" in xml)  # "e": the value is an error
    return SheetMarks() if plain and not others else _Scan(name).run(xml)


def _names_by_part(parts: dict[str, bytes]) -> dict[str, str]:
    targets = {}
    for relation in ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"]):
        path = relation.get("Target", "")
        targets[relation.get("Id")] = path.lstrip("/") if path.startswith("/") else posixpath.join("xl", path)
    names = {}
    for element in ElementTree.fromstring(parts[_MAIN]).iter():
        if element.tag.endswith("}sheet"):
            relation_id = next((value for key, value in element.items() if key.endswith("}id")), None)
            names[targets.get(relation_id, "")] = element.get("name", "")
    return names


class _Scan:
    """One pass over a worksheet. Only cells with content count: whole columns are often formatted to the last row."""

    def __init__(self, name: str):
        self.name = name
        self.marks = SheetMarks()
        self.row = self.column = 0
        self.cell_type = self.value = ""
        self.in_value = self.has_value = self.has_formula = False
        self.row_hidden = False
        self.used_columns: set[int] = set()
        self.hidden_spans: list[tuple[int, int]] = []

    def run(self, xml: bytes) -> SheetMarks:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.Parse(xml, True)
        self.marks.hidden_columns = sorted(
            column for column in self.used_columns if any(low <= column <= high for low, high in self.hidden_spans)
        )
        return self.marks

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition("}")[2]
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self.in_value = True
        elif tag == "f":
            self.has_formula = True
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
            self.row_hidden = attributes.get("hidden") in ("1", "true")
        elif tag == "col" and attributes.get("hidden") in ("1", "true"):
            self.hidden_spans.append((int(attributes["min"]), int(attributes["max"])))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.column += 1
        self.cell_type = attributes.get("t", "")
        self.has_value = self.has_formula = False
        if reference := _REFERENCE.fullmatch(attributes.get("r", "")):
            self.column = _column_number(reference[1])
            self.row = int(reference[2])

    def text(self, text: str) -> None:
        if self.in_value and text.strip():
            self.has_value = True
            self.value = text

    def end(self, tag: str) -> None:
        tag = tag.rpartition("}")[2]
        if tag in ("v", "t"):
            self.in_value = False
        elif tag == "c" and (self.has_value or self.has_formula):
            self._end_cell()

    def _end_cell(self) -> None:
        if self.row > MAX_ROWS or self.column > MAX_COLUMNS:
            raise UnreadableRoster(
                f"工作表「{self.name}」的单元格{column_letter(self.column)}{self.row}超出了{MAX_ROWS}行{MAX_COLUMNS}列的范围。"
                "请删去表格以外多余的内容后再导入。"
            )
        self.used_columns.add(self.column)
        if self.row_hidden and self.marks.hidden_rows[-1:] != [self.row]:
            self.marks.hidden_rows.append(self.row)
        if self.cell_type == "e":
            self.marks.bad_cells[self.row, self.column] = self.value
        elif self.has_formula and not self.has_value and self.cell_type != "str":
            self.marks.bad_cells[self.row, self.column] = "公式没有结果"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
