"""One row of a roster: what its cells say of a pupil and the family, and what in it contradicts itself.

What is stored is what the cell says after the normalisation named with each reader (`fields`, `details`), and nothing
else. A cell of the pupil's own row that can't be taken refuses the row; one of the extended fields is left out and
the clerk is told.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from kongchuo import dates, idnumber
from students.codes import TagKind
from students.roster import classlabels, details, fields
from students.roster.cells import Cell
from students.roster.classlabels import ClassLabel
from students.roster.columns import Column

AGES = range(5, 19)
_STATUS_ON_ROLL = frozenset({"", "在读", "在校", "正常", "在籍", "01", "1", "普通", "普通学生", "在校生", "复学"})
_STATUS_GONE = re.compile(r"转出|毕业|结业|死亡|注销|出国|离校")


@dataclass(slots=True)
class RosterRow:
    """One row of the file; `number` is the one that Excel shows. Exactly one of: blank, refused, or with values.

    `values` of a pupil: the pupil's own fields by name, and `details` (extended fields that are written), `tags`
    (kind → its facts), `guardians` (one dict a family member), `label` (ClassLabel), `derived` (what follows from the
    ID number only). `cells` are the row as it stands in the file.
    """

    sheet: str
    number: int
    name: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    blank: bool = False
    cells: list[Cell] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Reading:
    """How a field is read, what it is called in a sentence, and whether a cell that can't be taken is only left out."""

    label: str
    reader: Callable[[Cell, fields.Warn], Any]
    left_out: bool = False


def _code(cell: Cell, warn: fields.Warn) -> str:
    return fields.code_of(cell)


_OWN: dict[str, Reading] = {
    "name": Reading("姓名", fields.name),
    "sex": Reading("性别", fields.sex),
    "birth_date": Reading("出生日期", fields.birth_date),
    "ethnicity": Reading("民族", fields.ethnicity),
    "roll_no": Reading("学籍号", fields.roll_number),
    "seat_no": Reading("座号", fields.seat_number),
    "board_type": Reading("就读方式", fields.board_type),
    "entry_month": Reading("入学年月", fields.entry_month),
    "hukou_address": Reading("户籍所在地", fields.limited_text(120)),
    "address": Reading("现住址", fields.limited_text(120)),
    "village": Reading("村", fields.limited_text(40)),
    "note": Reading("备注", fields.limited_text(200)),
    "id_type": Reading("证件类型", fields.id_type),
}
_OTHER: dict[str, Reading] = {
    "school_code": Reading("学校标识码", _code),
    "roll_status": Reading("学籍状态", _code),
    "phone": Reading("电话", fields.phone),
    "disability_grade": Reading("残疾等级", fields.limited_text(60), left_out=True),
}
_MEMBER: dict[str, Reading] = {
    "name": Reading("家长", fields.name),
    "relation": Reading("", fields.relation),
    "phone": Reading("家长电话", fields.phone),
    "id_type": Reading("家长证件类型", fields.id_type, left_out=True),
    "relation_note": Reading("家长关系说明", fields.limited_text(40), left_out=True),
    "address": Reading("家长现住址", fields.limited_text(120), left_out=True),
    "hukou_address": Reading("家长户口所在地", fields.limited_text(120), left_out=True),
    "is_guardian": Reading("是否监护人", details.answer, left_out=True),
    "ethnicity": Reading("家长民族", fields.ethnicity, left_out=True),
    "works_at": Reading("家长工作单位", fields.limited_text(80), left_out=True),
    "job_title": Reading("家长职务", fields.limited_text(40), left_out=True),
}
# Each family member that a row may carry: where the parts stand, and a relation that the heading itself tells.
_FAMILY = (("guardian", ""), ("guardian2", ""), ("father", "51"), ("mother", "52"))
# What an empty cell means, of each field that the row may lack altogether.
_UNWRITTEN: dict[str, Any] = dict.fromkeys(_OWN, "") | {"birth_date": None, "seat_no": None}


def _readings(columns: Mapping[str, Column]) -> dict[str, Reading]:
    labels = {name: column.meaning for name, column in columns.items()}
    return (
        _OWN
        | _OTHER
        | {name: Reading(labels.get(name, ""), reader, left_out=True) for name, reader in details.DETAILS.items()}
        | {f"{who}_{part}": reading for who, _ in _FAMILY for part, reading in _MEMBER.items()}
        | {
            name: Reading(columns[name].header if name in columns else "", partial(fields.tag, name))
            for name in fields.TAG_COLUMNS
        }
    )


class _Trouble:
    """Where it goes what there is to wonder about in a cell, and why its row is refused: into the row being read."""

    warnings: list[str]
    refusals: list[str]


class _Cells(dict[Any, Any]):
    """What the cells of one field mean, None where that is nothing; what is wrong with a cell goes to the row.

    Each text is read once, for most columns hold few different words; one that isn't plainly a value is read every
    time. True, 1 and 1.0 are equal and are not the same cell, so only texts are kept.
    """

    def __init__(self, reading: Reading, trouble: _Trouble):
        super().__init__({None: None})
        self.reading, self.trouble = reading, trouble

    def __missing__(self, cell: Cell) -> Any:
        warnings: list[str] = []
        try:
            value = self.reading.reader(cell, warnings.append)
        except fields.Refusal as refusal:
            sentence = f"{self.reading.label}{refusal}"
            if self.reading.left_out:
                self.trouble.warnings.append(f"{sentence}，没有存")
            else:
                self.trouble.refusals.append(sentence)
            return None
        if value == "":
            value = None
        if warnings:
            self.trouble.warnings += warnings
        elif cell.__class__ is str:
            self[cell] = value
        return value


_Named = list[tuple[str, int, _Cells]]
"""What a value is called, the place of its column, and what the cells of that column mean."""


def _read_all(written: list[Cell], names: _Named) -> dict[str, Any]:
    """What is written of these fields; nearly all the time of a large file goes by in this loop."""
    return {part: value for part, place, cells in names if (value := cells[written[place]]) is not None}


class PupilReader:
    """Reads the rows of one sheet."""

    def __init__(self, columns: Mapping[str, Column], today: datetime.date):
        self.columns, self.today = columns, today
        self.default_class: ClassLabel | None = None
        self.differing_roll_numbers: list[int] = []
        self.trouble = _Trouble()
        self.cells = {name: _Cells(reading, self.trouble) for name, reading in _readings(columns).items()}
        self.members = [
            (who, relation, self._parts(who))
            for who, relation in _FAMILY
            if any(name.startswith(f"{who}_") for name in columns)
        ]
        self.details = [
            (name, columns[name].number - 1, self.cells[name]) for name in details.DETAILS if name in columns
        ]
        self.own = [(name, columns[name].number - 1, self.cells[name]) for name in _OWN if name in columns]
        self.width = max(column.number for column in columns.values())
        looped = {f"{who}_{part}" for who, _ in _FAMILY for part in _MEMBER} | details.DETAILS.keys() | _OWN.keys()
        self.others = [(name, column.number - 1) for name, column in columns.items() if name not in looped]
        self.tags = [name for name in fields.TAG_COLUMNS if name in columns]

    def read(self, row: RosterRow) -> None:
        """Put the row's values in, or its refusals."""
        self.trouble.warnings, self.trouble.refusals = row.warnings, row.refusals
        cells = row.cells
        if len(cells) < self.width:
            cells = cells + [None] * (self.width - len(cells))
        raw = {name: cells[place] for name, place in self.others}
        values = _UNWRITTEN | _read_all(cells, self.own)
        row.name = values["name"]
        self._read_standing(row, raw, values)
        self._read_number(row, raw, values)
        self._read_class(row, raw, values)
        values["guardians"] = self._read_family(row, raw, cells)
        values["details"] = _read_all(cells, self.details)
        self._settle_phone(raw, values)
        values["school_code"] = self._read("school_code", raw) or ""
        values["tags"] = self._read_tags(row, raw)
        self._compare(row, values)
        row.values = {} if row.refusals else values

    def _parts(self, who: str) -> _Named:
        return self._named((part, f"{who}_{part}") for part in _MEMBER)

    def _named(self, names: Iterable[tuple[str, str]]) -> _Named:
        """Those of these fields that have a column: what the value is called, and the field."""
        return [(part, self.columns[name].number - 1, self.cells[name]) for part, name in names if name in self.columns]

    def _read(self, name: str, raw: dict[str, Cell]) -> Any:
        """What one cell means; None where nothing is written, or nothing that can be taken."""
        return self.cells[name][raw.get(name)]

    # --- the pupil ------------------------------------------------------------------------------------------
    def _read_standing(self, row: RosterRow, raw: dict[str, Cell], values: dict[str, Any]) -> None:
        status = self._read("roll_status", raw) or ""
        if _STATUS_GONE.search(status):
            row.refusals.append(f"学籍状态是「{status}」，已不在册")
        elif status not in _STATUS_ON_ROLL:
            row.warnings.append(f"学籍状态是「{status}」，导入时按在读，请再办理相应手续")
        if values["seat_no"] is None:
            self._read_student_number(raw.get("student_number"), values)

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

    def _read_number(self, row: RosterRow, raw: dict[str, Cell], values: dict[str, Any]) -> None:
        number = self._id_number(row, "身份证号", raw.get("id_no"), values["id_type"])
        values["id_no"] = number or ""
        if number == "" and "id_no" in self.columns:
            row.warnings.append("没有身份证号")

    def _id_number(self, row: RosterRow, label: str, cell: Cell, id_type: str) -> str | None:
        try:
            return fields.id_number(cell, row.warnings.append, id_type=id_type or fields.RESIDENT_ID)
        except fields.Refusal as refusal:
            row.refusals.append(f"{label}{refusal}")
            return None

    def _read_class(self, row: RosterRow, raw: dict[str, Cell], values: dict[str, Any]) -> None:
        try:
            texts = [fields.text_of(raw.get(name)) for name in ("grade", "classroom")]
            values["label"] = classlabels.combine(*texts) or self.default_class
        except ValueError as refusal:
            text = str(refusal)
            row.refusals.append(text if text.startswith(("班级", "年级")) else f"班级{text}")

    # --- the family -----------------------------------------------------------------------------------------
    def _read_family(self, row: RosterRow, raw: dict[str, Cell], cells: list[Cell]) -> list[dict[str, Any]]:
        """Family members of the row, the one to call first; only what is written of each."""
        family: list[dict[str, Any]] = []
        for who, relation, parts in self.members:
            read = _read_all(cells, parts)
            cell = raw.get(f"{who}_id_no")
            if not read and cell is None:
                continue
            number = self._id_number(row, "家长身份证号", cell, read.get("id_type", "")) if cell is not None else ""
            member = {"name": "", "phone": ""} | read | {"id_no": number or ""}
            member.setdefault("relation", relation)
            same = next((known for known in family if known["name"] and known["name"] == member["name"]), None)
            if same:
                same |= {part: value for part, value in member.items() if value and not same.get(part)}
            elif member["name"] or member["phone"] or member["id_no"]:
                family.append(member)
        return family

    def _settle_phone(self, raw: dict[str, Cell], values: dict[str, Any]) -> None:
        """联系电话: the pupil's own beside a column 成员1联系电话; otherwise the family's, that of the first member."""
        phone = self._read("phone", raw)
        family = values["guardians"]
        known = [member["phone"] for member in family if member["phone"]]
        if phone and phone != fields.NO_PHONE and "guardian_phone" in self.columns:
            values["details"]["phone"] = phone
            if known:
                return
        if not phone or phone in known or (known and phone == fields.NO_PHONE):
            return
        if family and not family[0]["phone"]:
            family[0]["phone"] = phone
        else:
            family.insert(0, {"name": "", "relation": "", "phone": phone, "id_no": ""})

    # --- groups ---------------------------------------------------------------------------------------------
    def _read_tags(self, row: RosterRow, raw: dict[str, Cell]) -> dict[str, dict[str, str]]:
        tags: dict[str, dict[str, str]] = {}
        for column in self.tags:
            if found := self._read(column, raw):
                kind, text = found
                tags[kind.value] = {"detail": text}
                if kind == TagKind.DISABLED:
                    tags[kind.value] |= details.disability(text)
        grade = self._read("disability_grade", raw) if raw.get("disability_grade") else ""
        if grade and (named := details.disability(grade)):
            tags[TagKind.DISABLED.value] = {"detail": grade} | tags.get(TagKind.DISABLED.value, {}) | named
        elif grade and grade not in ("无", "无残疾", "否"):
            row.warnings.append(f"残疾等级「{grade[:20]}」认不出，没有存")
        return tags

    # --- the row against itself -----------------------------------------------------------------------------
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
