"""Finding the header of a list and what each column means, by a table of synonyms."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from students.roster.cells import Cell, Sheet, column_letter

HEADER_WITHIN = 10

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, 0x00AD])
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|〈[^〈〉]*〉|<[^<>]*>")
_GROUP = re.compile(r"(基本)?(信息|情况|资料)$")
_DECORATION = re.compile(r"[\s★☆*※:：_]+")


def normal(text: str) -> str:
    """A heading without what people decorate it with: spaces, line breaks, stars, remarks in brackets, full width."""
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    bare = _DECORATION.sub("", _BRACKETS.sub("", text)).lower()
    return bare.strip("、,.。;；")


class Words:
    """What headings mean: field → its names, parted by spaces; of each field the first name is the one shown.

    `needs` is the field without which a row is no header. `instead`: where a field has no column, the first of these
    others that has one gives its column away. `told`: what people have said of single headings (key → field, or empty
    for 「不导入」); it goes before all synonyms.
    """

    def __init__(
        self,
        synonyms: Mapping[str, str],
        *,
        needs: str = "name",
        instead: Mapping[str, tuple[str, ...]] | None = None,
        told: Mapping[str, str] | None = None,
    ):
        self.synonyms, self.needs, self.instead, self.told = (
            dict(synonyms),
            needs,
            dict(instead or {}),
            dict(told or {}),
        )
        self._field_of: dict[str, str] = {}
        for name, labels in synonyms.items():
            for label in labels.split():
                self._field_of.setdefault(normal(label), name)

    def with_told(self, told: Mapping[str, str]) -> "Words":
        """The same words after what people have said of single headings; fields that are gone count for nothing."""
        known = {key: name for key, name in told.items() if not name or name in self.synonyms}
        return Words(self.synonyms, needs=self.needs, instead=self.instead, told=known)

    def label(self, name: str) -> str:
        """What a field is called, by the first of its names."""
        return self.synonyms[name].split()[0] if name else ""

    def field_of(self, heading: str) -> str:
        """The field that a heading means; empty when it means none of ours."""
        key = normal(heading)
        return self.told[key] if key in self.told else self._field_of.get(key, "")


@dataclass(frozen=True)
class Column:
    """A column with a heading: `number` counts from 1; `field` is empty for one that is not read.

    `key` is the heading as it is remembered: normal, and 「电话#2」 where the same heading stands a second time.
    """

    number: int
    header: str
    key: str
    field: str = ""
    meaning: str = ""
    told: bool = False

    @property
    def letter(self) -> str:
        return column_letter(self.number)


@dataclass(frozen=True)
class Header:
    """Where the header stands and what it says; `last_row` is larger than `row` for a header of two rows."""

    row: int
    last_row: int
    headings: list[Column] = field(default_factory=list)

    @property
    def columns(self) -> dict[str, Column]:
        """The columns that are read, by their fields."""
        return {column.field: column for column in self.headings if column.field}

    @property
    def unread(self) -> list[str]:
        """Headings that mean nothing to us, and second columns for a field that was already found."""
        return [column.header for column in self.headings if not column.field]


def find_header(sheet: Sheet, words: Words) -> Header | None:
    """The header within the first ten rows: the row with the column that is needed and the most that we know."""
    best: Header | None = None
    rows = [_texts(row) for row in sheet.rows[:HEADER_WITHIN]]
    for number, headings in enumerate(rows, start=1):
        joined = _join_second_row(headings, rows[number], words) if number < len(rows) else None
        found = Header(number, number + 1 if joined else number, _read_headings(joined or headings, words))
        above = _join_second_row(rows[number - 2], headings, words) if number > 1 else None
        needed = found.columns.get(words.needs)
        if needed is None or _belongs_to_another(above, needed.number, words):
            continue
        if best is None or len(found.columns) > len(best.columns):
            best = found
    return best


def _belongs_to_another(headings: list[str] | None, number: int, words: Words) -> bool:
    """Whether 「姓名」 in this column stands below 「监护人」 or the like in the row above."""
    return headings is not None and words.field_of(headings[number - 1]) not in ("", words.needs)


def _texts(row: list[Cell]) -> list[str]:
    return [cell if isinstance(cell, str) else "" for cell in row]


def _read_headings(headings: list[str], words: Words) -> list[Column]:
    columns, times = [], Counter[str]()
    for number, heading in enumerate(headings, start=1):
        if heading.strip():
            bare = normal(heading) or heading.strip()
            times[bare] += 1
            key = bare if times[bare] == 1 else f"{bare}#{times[bare]}"
            columns.append(Column(number, " ".join(heading.split()), key))
    return _give_meanings(columns, words)


def _give_meanings(columns: list[Column], words: Words) -> list[Column]:
    """Each field to one column: what people have said first, then by synonym from the left."""
    taken: dict[str, int] = {}
    for column in columns:
        if name := words.told.get(column.key):
            taken.setdefault(name, column.number)
    for column in columns:
        if column.key not in words.told and (name := words.field_of(column.key.partition("#")[0])):
            taken.setdefault(name, column.number)
    for name, others in words.instead.items():
        other = next((other for other in others if other in taken), None)
        if other and name not in taken and not any(words.told.get(c.key) == other for c in columns):
            taken[name] = taken.pop(other)
    by_number = {number: name for name, number in taken.items()}
    return [
        replace(
            column,
            field=by_number.get(column.number, ""),
            meaning=words.label(by_number.get(column.number, "")),
            told=column.key in words.told,
        )
        for column in columns
    ]


def _join_second_row(upper: list[str], lower: list[str], words: Words) -> list[str] | None:
    """Headings of a header in two rows (「父亲」 over 「姓名」 and 「电话」); None when the second row is not one.

    The upper cells of such a header are merged, so that a cell without text continues the one to its left, and the
    name column, merged downwards, is empty in the lower row.
    """
    lower = lower + [""] * (len(upper) - len(lower))
    upper = upper + [""] * (len(lower) - len(upper))
    pairs = list(zip(upper, lower, strict=True))
    if not any(upper) or not any(lower) or any(low and words.field_of(up) == words.needs for up, low in pairs):
        return None
    joined, group, known = [], "", 0
    for up, low in pairs:
        group = _GROUP.sub("", normal(up)) or group
        label = up
        if low:
            # 「姓名」 under 「家长」 must never pass for the pupil's own name.
            own = words.field_of(low) != words.needs and not words.field_of(group + low)
            label = low if own else group + low
            known += bool(words.field_of(label))
        joined.append(label)
    return joined if known > sum(bool(low) for low in lower) / 2 else None
