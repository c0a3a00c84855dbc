"""From sheets to a roster: every row below the header is read, refused with a reason, or blank."""

import datetime
import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from kongchuo import dates, idnumber
from students.roster import classlabels, fields
from students.roster.cells import Cell, Sheet, UnreadableRoster, column_letter
from students.roster.classlabels import ClassLabel
from students.roster.columns import HEADER_WITHIN, Column, Header, Words, find_header
from students.roster.tables import cell_at, last_row
from students.roster.words import ROSTER

# Fields read on their own: how, and what the field is called in a sentence.
_READERS = {
    "name": (fields.name, "姓名"),
    "sex": (fields.sex, "性别"),
    "birth_date": (fields.birth_date, "出生日期"),
    "ethnicity": (fields.ethnicity, "民族"),
    "roll_no": (fields.roll_number, "学籍号"),
    "seat_no": (fields.seat_number, "座号"),
    "board_type": (fields.board_type, "就读方式"),
    "entry_month": (fields.entry_month, "入学年月"),
    "hukou_address": (fields.limited_text(120), "户籍所在地"),
    "address": (fields.limited_text(120), "现住址"),
    "village": (fields.limited_text(40), "村"),
    "note": (fields.limited_text(200), "备注"),
}
# Each family member that a row may carry: where the parts stand, and a relation that the heading itself tells.
_FAMILY = (
    ("guardian", ""),
    ("guardian2", ""),
    ("father", "51"),
    ("mother", "52"),
)
_STATUS_ON_ROLL = frozenset({"", "在读", "在校", "正常", "在籍", "01", "1", "普通", "普通学生", "在校生", "复学"})
_STATUS_GONE = re.compile(r"转出|毕业|结业|死亡|注销|出国|离校")
_FOOTER = re.compile(r"(合计|总计|小计|共计|总人数|人数|制表|填表|审核|填报|说明|备注|注)([人日::：]|$|\d|共)")
AGES = range(5, 19)


@dataclass
class RosterRow:
    """One row of the file; `number` is the one that Excel shows. Exactly one of: blank, refused, or with values."""

    sheet: str
    number: int
    name: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    blank: bool = False


@dataclass
class Roster:
    """What a file says: its rows, the columns that were recognised, and what the clerk should know."""

    rows: list[RosterRow]
    columns: list[Column]
    notices: list[str]


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
    found = [(sheet, header) for sheet in sheets if not sheet.hidden and (header := _header_with_rows(sheet, words))]
    if not found:
        raise UnreadableRoster(_why_no_roster(sheets, words))
    taken = found if all_sheets else found[:1]
    roster = Roster(rows=[], columns=list(taken[0][1].columns.values()), notices=_about_sheets(sheets, found, taken))
    for sheet, header in taken:
        reader = _SheetReader(sheet, header, today, sheet.name if len(taken) > 1 else "")
        reader.find_default_class(file_name, default_class)
        roster.rows += reader.rows()
        roster.notices += reader.notices
    return roster


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


Found = list[tuple[Sheet, Header]]


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
        self.sheet, self.header, self.today, self.label = sheet, header, today, label
        self.columns = header.columns
        self.prefix = f"工作表「{label}」" if label else ""
        self.notices: list[str] = []
        self.differing_roll_numbers: list[int] = []
        self.default_class: ClassLabel | None = None
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
            self.default_class = chosen
            self._say(f"没有班级列，全部读成{chosen}。")
            return
        titles = [cell for row in self.sheet.rows[: self.header.row - 1] for cell in row if isinstance(cell, str)]
        for title in (*titles, self.sheet.name, file_name):
            if label := classlabels.find(title):
                self.default_class = label
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
        if self.differing_roll_numbers:
            rows = spans(self.differing_roll_numbers)
            self._say(f"学籍号与身份证号不一样（改过证号的可以不一样）：第{rows}行。")

    def _say(self, sentence: str) -> None:
        self.notices.append(self.prefix + sentence)

    # --- one row --------------------------------------------------------------------------------------------
    def _read_row(self, number: int, cells: list[Cell]) -> RosterRow:
        row = RosterRow(sheet=self.label, number=number)
        if self._is_blank(cells):
            row.blank = True
            return row
        if refusal := self._not_a_pupil(cells):
            row.refusals.append(refusal)
            return row
        raw = {name: cell_at(cells, column.number) for name, column in self.columns.items()}
        values = self._read_fields(row, raw)
        row.name = values["name"] or ""
        self._read_identity(row, raw, values)
        self._read_class(row, raw, values)
        values["guardians"] = self._read_family(row, raw)
        values["school_code"] = self._read(row, "学校标识码", _code, raw.get("school_code")) or ""
        values["tags"] = self._read_tags(row, raw)
        self._compare(row, values)
        row.values = {} if row.refusals else values
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
        if text and ROSTER.field_of(text) == "name":
            return "是重复的表头，不是学生"
        first = next((cell for cell in cells if isinstance(cell, str)), "")
        if any(_FOOTER.match(re.sub(r"\s", "", words)) for words in (text, first)):
            return "像是合计或说明，不是学生"
        return "" if written is not None else "没有姓名"

    def _read(self, row: RosterRow, label: str, reader: Any, cell: Cell) -> Any:
        try:
            return reader(cell, row.warnings.append)
        except fields.Refusal as refusal:
            row.refusals.append(f"{label}{refusal}")
            return None

    def _read_fields(self, row: RosterRow, raw: dict[str, Cell]) -> dict[str, Any]:
        values = {name: self._read(row, label, read, raw.get(name)) for name, (read, label) in _READERS.items()}
        status = self._read(row, "学籍状态", _code, raw.get("roll_status")) or ""
        if _STATUS_GONE.search(status):
            row.refusals.append(f"学籍状态是「{status}」，已不在册")
        elif status not in _STATUS_ON_ROLL:
            row.warnings.append(f"学籍状态是「{status}」，导入时按在读，请再办理相应手续")
        if values["seat_no"] is None:
            self._read_student_number(raw.get("student_number"), values)
        return values

    def _read_student_number(self, cell: Cell, values: dict[str, Any]) -> None:
        """A 学号 column holds seat numbers in one school, 学籍号 in another, numbers of its own in a third."""
        try:
            code = fields.code_of(cell)
        except fields.Refusal:
            return
        if code.isdecimal() and len(code) <= 2 and int(code):
            values["seat_no"] = int(code)
        elif not values["roll_no"] and not idnumber.roll_problem(code):
            values["roll_no"] = code

    def _read_identity(self, row: RosterRow, raw: dict[str, Cell], values: dict[str, Any]) -> None:
        values["id_type"] = self._read(row, "证件类型", fields.id_type, raw.get("id_type")) or ""
        read = partial(fields.id_number, id_type=values["id_type"] or fields.RESIDENT_ID)
        number = self._read(row, "身份证号", read, raw.get("id_no"))
        values["id_no"] = number or ""
        if number == "" and "id_no" in self.columns:
            row.warnings.append("没有身份证号")

    def _read_class(self, row: RosterRow, raw: dict[str, Cell], values: dict[str, Any]) -> None:
        try:
            texts = [fields.text_of(raw.get(name)) for name in ("grade", "classroom")]
            values["label"] = classlabels.combine(*texts) or self.default_class
        except ValueError as refusal:
            text = str(refusal)
            row.refusals.append(text if text.startswith(("班级", "年级")) else f"班级{text}")

    def _read_family(self, row: RosterRow, raw: dict[str, Cell]) -> list[dict[str, str]]:
        """Family members of the row, the one to call first. A telephone without a name belongs to the first."""
        family: list[dict[str, str]] = []
        for who, relation in _FAMILY:
            member = {
                "name": self._read(row, "家长", fields.name, raw.get(f"{who}_name")) or "",
                "relation": self._read(row, "", fields.relation, raw.get(f"{who}_relation")) or relation,
                "phone": self._read(row, "家长电话", fields.phone, raw.get(f"{who}_phone")) or "",
                "id_no": self._read(row, "家长身份证号", fields.id_number, raw.get(f"{who}_id_no")) or "",
            }
            same = next((known for known in family if known["name"] and known["name"] == member["name"]), None)
            if same:
                same.update({key: value for key, value in member.items() if value and not same[key]})
            elif member["name"] or member["phone"] or member["id_no"]:
                family.append(member)
        self._add_phone(family, self._read(row, "电话", fields.phone, raw.get("phone")) or "")
        return family

    def _add_phone(self, family: list[dict[str, str]], phone: str) -> None:
        known = [member["phone"] for member in family if member["phone"]]
        if not phone or phone in known or (known and phone == fields.NO_PHONE):
            return
        if family and not family[0]["phone"]:
            family[0]["phone"] = phone
        else:
            family.insert(0, {"name": "", "relation": "", "phone": phone, "id_no": ""})

    def _read_tags(self, row: RosterRow, raw: dict[str, Cell]) -> dict[str, str]:
        tags = {}
        for column in fields.TAG_COLUMNS:
            header = self.columns[column].header if column in self.columns else ""
            found = self._read(row, header, partial(fields.tag, column), raw.get(column))
            if found:
                tags[found[0].value] = found[1]
        return tags

    def _compare(self, row: RosterRow, values: dict[str, Any]) -> None:
        """What the ID number says of birth date and sex, where the row says nothing or something else."""
        number = values["id_no"] if values["id_type"] in ("", fields.RESIDENT_ID) else ""
        by_number = idnumber.birth_date(number) if number else None
        # What follows from the ID number fills gaps and never overrules what the office has entered.
        values["derived"] = []
        self._settle_birth_date(row, values, by_number)
        if number:
            by_parity = idnumber.sex(number)
            if values["sex"] and values["sex"] != by_parity:
                row.warnings.append("性别与身份证号不一致，照名册存")
            self._derive(values, "sex", by_parity)
            if values["roll_no"] and values["roll_no"][1:] != number:
                self.differing_roll_numbers.append(row.number)
        born = values["birth_date"]
        if isinstance(born, datetime.date) and not row.refusals:
            if born > self.today:
                row.refusals.append("出生日期在今天以后")
            elif (age := dates.age_on(born, self.today)) not in AGES:
                row.warnings.append(f"年龄{age}岁，请核对出生日期")

    def _derive(self, values: dict[str, Any], name: str, value: Any) -> None:
        if value and not values[name]:
            values[name] = value
            values["derived"].append(name)

    def _settle_birth_date(self, row: RosterRow, values: dict[str, Any], by_number: datetime.date | None) -> None:
        written = values["birth_date"]
        if isinstance(written, tuple):
            # Year and month only (出生年月): the ID number gives the day, if it agrees.
            if by_number and (by_number.year, by_number.month) == written:
                values["birth_date"] = by_number
            else:
                row.refusals.append(f"出生日期只有{written[0]}年{written[1]}月，请写到日")
        elif written is None:
            self._derive(values, "birth_date", by_number)
        elif by_number and written != by_number:
            row.warnings.append("出生日期与身份证号不一致，照名册存")


def _code(cell: Cell, warn: fields.Warn) -> str:
    return fields.code_of(cell)


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
