"""A list that the roll is compared with, read so that no row is lost.

An import refuses a row that it can't take whole. A comparison must not: a child whose ID number is mistyped in the
list is still a child in the list. What can't be read is noted on the row and the rest of it counts.
"""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from kongchuo import idnumber
from students.codes import DisabilityGrade, DisabilityKind, TagKind
from students.roster import classlabels, fields
from students.roster.cells import Cell, Sheet, UnreadableRoster
from students.roster.columns import Words
from students.roster.rows import spans
from students.roster.tables import Table, cell_at, last_row, tables_in
from students.roster.words import SYNONYMS

_GONE = re.compile(r"转出|毕业|结业|死亡|注销|出国|离校")
_FOOTER = re.compile(r"(合计|总计|小计|共计|总人数|人数|制表|填表|审核|填报|说明|备注|注)([人日::：]|$|\d|共)")
# Whom the lists of villages and offices name besides pupils.
WORDS = Words(
    SYNONYMS | {"name": SYNONYMS["name"] + " 儿童姓名 儿童 残疾人姓名 孤儿姓名 对象姓名 幼儿姓名 家庭成员姓名"}
)
_TELLING = ("id_no", "roll_no", "birth_date")
NOTHING_TELLS = "名单里只有姓名，没有身份证号、学籍号或出生日期，没法对人。请补上其中一列再传。"


@dataclass(frozen=True)
class Listed:
    """One child of a list. `class_key` is (grade, number), None where the list does not say it."""

    number: int
    sheet: str = ""
    name: str = ""
    sex: str = ""
    birth_date: datetime.date | None = None
    id_no: str = ""
    roll_no: str = ""
    class_key: tuple[int, int] | None = None
    class_text: str = ""
    school_code: str = ""
    status: str = ""
    village: str = ""
    guardian: str = ""
    tags: dict[str, str] = field(default_factory=dict, hash=False)
    disability: str = ""
    disability_grade: str = ""
    problems: tuple[str, ...] = ()

    @property
    def gone(self) -> bool:
        """The list itself says that the child has left (转出、毕业、注销 …)."""
        return bool(_GONE.search(self.status))

    @property
    def identity(self) -> tuple[str, int]:
        """What tells this row from every other."""
        return self.sheet, self.number

    @property
    def where(self) -> str:
        """「第5行」, with the sheet where several were read."""
        return f"「{self.sheet}」第{self.number}行" if self.sheet else f"第{self.number}行"


@dataclass
class Listing:
    """What a file says. Rows below the headers = listed + blank + no pupils."""

    rows: list[Listed]
    blank: int = 0
    no_pupils: int = 0
    notices: list[str] = field(default_factory=list)


def read(sheets: Sequence[Sheet], *, today: datetime.date) -> Listing:
    """The children in all visible sheets that have a header. Raises UnreadableRoster with one sentence."""
    tables = tables_in(sheets, WORDS)
    known = set().union(*(table.header.columns for table in tables))
    if not known.intersection(_TELLING):
        raise UnreadableRoster(NOTHING_TELLS)
    listing = Listing(rows=[])
    for table in tables:
        _Reader(table, today, table.sheet.name if len(tables) > 1 else "").read_into(listing)
    if not listing.rows:
        raise UnreadableRoster("表头下面一个学生也没有。")
    listing.notices += [*_about_sheets(sheets, tables), *_about_columns(known), *_about_problems(listing.rows)]
    return listing


def _about_sheets(sheets: Sequence[Sheet], tables: Sequence[Table]) -> Iterator[str]:
    if len(tables) > 1:
        yield "读的是工作表" + "".join(f"「{table.sheet.name}」" for table in tables) + "。"
    known = [id(table.sheet) for table in tables]
    if left := [sheet.name for sheet in sheets if id(sheet) not in known and last_row(sheet)]:
        yield "没有读工作表" + "".join(f"「{name}」" for name in left) + "。"


def _about_columns(known: set[str]) -> Iterator[str]:
    if "id_no" not in known:
        yield "名单没有身份证号列，按学籍号，或姓名、出生日期和班级对人。"
    if not known & {"classroom", "grade"}:
        yield "名单没有班级列，班级没有比。"


def _about_problems(rows: Sequence[Listed]) -> Iterator[str]:
    """「名单里身份证号有误：第3、7行。」"""
    for problem, _ in Counter(problem for row in rows for problem in row.problems).most_common():
        yield f"名单里{problem}：第{spans(sorted({row.number for row in rows if problem in row.problems}))}行。"


class _Reader:
    """Reads the rows of one sheet below its header."""

    def __init__(self, table: Table, today: datetime.date, label: str):
        self.table, self.today, self.label = table, today, label
        self.columns = table.header.columns

    def read_into(self, listing: Listing) -> None:
        for number in range(self.table.header.last_row + 1, last_row(self.table.sheet) + 1):
            cells = self.table.sheet.rows[number - 1]
            if self._is_blank(cells):
                listing.blank += 1
            elif (row := self._child(number, cells)) is None:
                listing.no_pupils += 1
            else:
                listing.rows.append(row)

    def _is_blank(self, cells: list[Cell]) -> bool:
        """Nothing in the row, or only the running number of a form that was numbered beforehand."""
        serial = self.columns.get("serial")
        return all(
            cell is None or (serial and place == serial.number and str(cell).removesuffix(".0").strip().isdecimal())
            for place, cell in enumerate(cells, start=1)
        )

    def _child(self, number: int, cells: list[Cell]) -> Listed | None:
        """The child of a row, or None for a repeated header, a total, a remark."""
        said = _Said({name: cell_at(cells, column.number) for name, column in self.columns.items()})
        name = said.read("name", fields.name, "姓名认不出") or ""
        id_type = said.read("id_type", fields.id_type, "证件类型认不出") or ""
        values: dict[str, Any] = {
            "id_no": said.read("id_no", _id_reader(id_type), "身份证号有误") or "",
            "roll_no": said.read("roll_no", fields.roll_number, "学籍号有误") or "",
        }
        if not any(values.values()) and not self._is_child(cells, name, said):
            return None
        values["birth_date"] = self._birth_date(said, values["id_no"] if id_type in ("", fields.RESIDENT_ID) else "")
        key, text = said.classroom()
        return Listed(
            number=number, sheet=self.label, name=name, class_key=key, class_text=text,
            sex=said.read("sex", fields.sex, "性别认不出") or "", school_code=said.code("school_code"),
            status=said.code("roll_status"), village=said.text("village") or said.text("address"),
            guardian=said.text("guardian_name") or said.text("father_name") or said.text("mother_name"),
            tags=said.tags(), disability=said.word_of(DisabilityKind, "disability"),
            disability_grade=said.word_of(DisabilityGrade, "disability_grade", "disability"),
            problems=tuple(said.problems), **values,
        )  # fmt: skip

    def _is_child(self, cells: list[Cell], name: str, said: "_Said") -> bool:
        """Whether a row without a number that can be read is a child, and not a heading, a total or a remark."""
        first = next((cell for cell in cells if isinstance(cell, str)), "")
        footer = any(_FOOTER.match(re.sub(r"\s", "", words)) for words in (name, first))
        written = any(said.raw.get(field) is not None for field in ("name", "id_no", "roll_no"))
        return written and not footer and WORDS.field_of(name) != "name"

    def _birth_date(self, said: "_Said", id_no: str) -> datetime.date | None:
        """The date that is written; where only a month stands or nothing, the one in the ID number."""
        written = said.read("birth_date", fields.birth_date, "出生日期认不出")
        if isinstance(written, datetime.date):
            return written if written <= self.today else None
        return idnumber.birth_date(id_no) if id_no else None


class _Said:
    """The cells of one row by field, and what could not be read of them."""

    def __init__(self, raw: dict[str, Cell]):
        self.raw = raw
        self.problems: list[str] = []

    def read(self, name: str, reader: Callable[..., Any], problem: str) -> Any:
        try:
            return reader(self.raw.get(name), _unheard)
        except fields.Refusal:
            self.problems.append(problem)
            return None

    def text(self, name: str) -> str:
        return (self.read(name, lambda cell, warn: fields.text_of(cell), "有认不出的格子") or "")[:60]

    def code(self, name: str) -> str:
        return (self.read(name, lambda cell, warn: fields.code_of(cell), "有认不出的格子") or "")[:30]

    def classroom(self) -> tuple[tuple[int, int] | None, str]:
        """Grade and number of the class, and its label as far as it is known."""
        grade, label = self.text("grade"), self.text("classroom")
        try:
            found = classlabels.combine(grade, label)
        except ValueError:
            self.problems.append("班级认不出")
            return None, grade + label
        if found is None:
            return None, ""
        return ((found.grade, found.number) if found.number else None), str(found)

    def word_of(self, choices: type[models.TextChoices], *names: str) -> str:
        """The code whose word stands in one of the columns (「肢体二级」); empty when none does."""
        text = "".join(self.text(name) for name in names)
        return next((str(code) for code, word in choices.choices if str(word) in text), "")

    def tags(self) -> dict[str, str]:
        """Groups that the row's own columns (残疾类别, 留守类型 …) put the child in."""
        found: dict[str, str] = {}
        for column in fields.TAG_COLUMNS:
            tag: tuple[TagKind, str] | None = self.read(
                column, lambda cell, warn, column=column: fields.tag(column, cell, warn), "有认不出的格子"
            )
            if tag:
                found[tag[0].value] = tag[1]
        return found


def _id_reader(id_type: str) -> Callable[[Cell, fields.Warn], str]:
    return lambda cell, warn: fields.id_number(cell, warn, id_type or fields.RESIDENT_ID)


def _unheard(sentence: str) -> None:
    """What an import would wonder about is no matter of a comparison."""


def other_schools(rows: Sequence[Listed], code: str) -> list[Listed]:
    """Rows that name another school (学校标识码). None where either side has no code."""
    return [row for row in rows if code and row.school_code and row.school_code != code]
