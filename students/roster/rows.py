"""From sheets to a roster: every row below the header is read, refused with a reason, or blank."""

import datetime
import re
from dataclasses import dataclass

from students.roster import classlabels
from students.roster.cells import Cell, Sheet, UnreadableRoster, column_letter
from students.roster.classlabels import ClassLabel
from students.roster.columns import HEADER_WITHIN, Column, Header, Words, find_header
from students.roster.pupil import PupilReader, RosterRow
from students.roster.tables import cell_at, last_row
from students.roster.words import ROSTER

_FOOTER = re.compile(r"(合计|总计|小计|共计|总人数|人数|制表|填表|审核|填报|说明|备注|注)([人日::：]|$|\d|共)")
# What every name of the name column has in it, and how every footer begins: the first look at each of many rows.
_LIKE_A_HEADING = re.compile(r"名|x\s*m|ｘ|Ｘ", re.IGNORECASE)
_LIKE_A_FOOTER = re.compile(r"[合总小共人制填审说备注]")


@dataclass
class Roster:
    """What a file says: its rows, the headings of the sheet that was read, and what the clerk should know.

    `headings` are all columns with a heading, also those that are not read; `sheets` the headings of each sheet that
    was read, by the name that its rows carry.
    """

    rows: list[RosterRow]
    headings: list[Column]
    notices: list[str]
    sheets: dict[str, list[Column]]

    @property
    def columns(self) -> list[Column]:
        """The columns that were recognised."""
        return [column for column in self.headings if column.field]


def read_roster(
    sheets: list[Sheet],
    *,
    today: datetime.date,
    file_name: str = "",
    all_sheets: bool = False,
    default_class: ClassLabel | None = None,
    words: Words = ROSTER,
) -> Roster:
    """The roster in these sheets: the first visible one with a header and rows, or all of them.

    `default_class` is where pupils belong whose list has no class column; without it the title, the sheet or the
    file may name the class. Raises UnreadableRoster when no sheet has a header with a name column and a row below it.
    """
    found = find_rosters(sheets, words)
    taken = found if all_sheets else found[:1]
    roster = Roster(rows=[], headings=taken[0][1].headings, notices=_about_sheets(sheets, found, taken), sheets={})
    for sheet, header in taken:
        reader = _SheetReader(sheet, header, today, sheet.name if len(taken) > 1 else "")
        roster.sheets[reader.label] = header.headings
        reader.find_default_class(file_name, default_class)
        roster.rows += reader.rows()
        roster.notices += reader.notices
    return roster


Found = list[tuple[Sheet, Header]]


def find_rosters(sheets: list[Sheet], words: Words) -> Found:
    """The visible sheets that hold a roster, each with its header. Raises UnreadableRoster when there is none."""
    found = [(sheet, header) for sheet in sheets if not sheet.hidden and (header := _header_with_rows(sheet, words))]
    if not found:
        raise UnreadableRoster(_why_no_roster(sheets, words))
    return found


def _header_with_rows(sheet: Sheet, words: Words) -> Header | None:
    header = find_header(sheet, words)
    return header if header and last_row(sheet) > header.last_row else None


def _filled(row: list[Cell]) -> list[bool]:
    return [cell is not None for cell in row]


def _why_no_roster(sheets: list[Sheet], words: Words) -> str:
    if any(find_header(sheet, words) for sheet in sheets if not sheet.hidden):
        return "表头下面一个学生也没有。"
    for sheet in sheets:
        for number, row in enumerate(sheet.rows[:HEADER_WITHIN], start=1):
            if sum(bool(words.field_of(cell)) for cell in row if isinstance(cell, str)) >= 3:
                return f"第{number}行像是表头，但没有「姓名」这一列。请补上后再导入。"
    return f"没有找到表头：前{HEADER_WITHIN}行里要有一行写着「姓名」「身份证号」「班级」等列名。"


def _about_sheets(sheets: list[Sheet], found: Found, taken: Found) -> list[str]:
    notices = []
    if len(sheets) > 1:
        notices.append("读的是工作表" + "".join(f"「{sheet.name}」" for sheet, _ in taken) + "。")
    if left := [sheet.name for sheet, _ in found[len(taken) :]]:
        names = "".join(f"「{name}」" for name in left)
        notices.append(f"工作表{names}也像花名册，没有读；要一起导入，请重新上传并选「读全部工作表」。")
    known = [sheet for sheet, _ in found]
    if rest := [sheet for sheet in sheets if sheet not in known and any(any(_filled(row)) for row in sheet.rows)]:
        names = "".join(f"「{sheet.name}」{'（隐藏的）' if sheet.hidden else ''}" for sheet in rest)
        notices.append(f"没有读工作表{names}。")
    return notices


class _SheetReader:
    """Reads the rows of one sheet below its header."""

    def __init__(self, sheet: Sheet, header: Header, today: datetime.date, label: str):
        self.sheet, self.header, self.label = sheet, header, label
        self.columns = header.columns
        self.prefix = f"工作表「{label}」" if label else ""
        self.notices: list[str] = []
        self.pupils = PupilReader(self.columns, today)
        self._fill_merged_classes()

    def rows(self) -> list[RosterRow]:
        numbers = range(self.header.last_row + 1, last_row(self.sheet) + 1)
        rows = [self._read_row(number, self.sheet.rows[number - 1]) for number in numbers]
        self._announce()
        return rows

    # --- the sheet as a whole -------------------------------------------------------------------------------
    def find_default_class(self, file_name: str, chosen: ClassLabel | None) -> None:
        """The class of a list without a class column: the one chosen, or what its title, sheet or file names."""
        if {"classroom", "grade"} & self.columns.keys():
            return
        if chosen:
            self.pupils.default_class = chosen
            self._say(f"没有班级列，全部读成{chosen}。")
            return
        titles = [cell for row in self.sheet.rows[: self.header.row - 1] for cell in row if isinstance(cell, str)]
        for title in (*titles, self.sheet.name, file_name):
            if label := classlabels.find(title):
                self.pupils.default_class = label
                self._say(f"没有班级列，按「{' '.join(title.split())[:40]}」全部读成{label}。")
                return

    def _fill_merged_classes(self) -> None:
        for name in ("classroom", "grade"):
            column = self.columns.get(name)
            for top, left, bottom, _ in self.sheet.merged if column else ():
                if column and left == column.number and top > self.header.last_row:
                    self._fill_down(column.number, top, min(bottom, len(self.sheet.rows)))

    def _fill_down(self, number: int, top: int, bottom: int) -> None:
        value = cell_at(self.sheet.rows[top - 1], number)
        for row in self.sheet.rows[top:bottom]:
            # A merged cell covers all its rows, but a row without anything else stays blank.
            if any(_filled(row)):
                row.extend(None for _ in range(number - len(row)))
                row[number - 1] = value

    def _announce(self) -> None:
        first, last = self.header.last_row + 1, last_row(self.sheet)
        if hidden := [row for row in self.sheet.hidden_rows if first <= row <= last]:
            self._say(f"有{len(hidden)}行在表格里是隐藏的，也读了：第{spans(hidden)}行。")
        if hidden := self.sheet.hidden_columns:
            self._say(f"有{len(hidden)}列在表格里是隐藏的，也读了：{'、'.join(map(column_letter, hidden))}列。")
        if "id_no" not in self.columns:
            self._say("没有身份证号列：按学籍号，或姓名、出生日期和班级对人。")
        if self.header.unread:
            self._say(f"这些列没有读：{'、'.join(self.header.unread[:40])}。")
        if self.pupils.differing_roll_numbers:
            rows = spans(self.pupils.differing_roll_numbers)
            self._say(f"学籍号与身份证号不一样（改过证号的可以不一样）：第{rows}行。")

    def _say(self, sentence: str) -> None:
        self.notices.append(self.prefix + sentence)

    # --- one row --------------------------------------------------------------------------------------------
    def _read_row(self, number: int, cells: list[Cell]) -> RosterRow:
        row = RosterRow(sheet=self.label, number=number, cells=cells)
        if self._is_blank(cells):
            row.blank = True
        elif refusal := self._not_a_pupil(cells):
            row.refusals.append(refusal)
        else:
            self.pupils.read(row)
        return row

    def _is_blank(self, cells: list[Cell]) -> bool:
        """Nothing in the row, or only the running number of a form that was numbered beforehand."""
        serial = self.columns.get("serial")
        for number, cell in enumerate(cells, start=1):
            if cell is not None and not (serial and number == serial.number and _is_number(cell)):
                return False
        return True

    def _not_a_pupil(self, cells: list[Cell]) -> str:
        written = cell_at(cells, self.columns["name"].number)
        text = written.strip() if isinstance(written, str) else ""
        if _LIKE_A_HEADING.search(text) and self._names_the_name(text):
            return "是重复的表头，不是学生"
        first = next((cell for cell in cells if isinstance(cell, str)), "").strip()
        if any(_LIKE_A_FOOTER.match(words) and _FOOTER.match(re.sub(r"\s", "", words)) for words in (text, first)):
            return "像是合计或说明，不是学生"
        return "" if written is not None else "没有姓名"

    def _names_the_name(self, text: str) -> bool:
        return ROSTER.field_of(text) == "name"


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) or (isinstance(cell, str) and cell.strip().isdecimal())


def spans(numbers: list[int], most: int = 20) -> str:
    """「3—7、12」: sorted numbers, at most so many stretches of them."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    shown = "、".join(str(low) if low == high else f"{low}—{high}" for low, high in found[:most])
    return shown + ("等" if len(found) > most else "")
