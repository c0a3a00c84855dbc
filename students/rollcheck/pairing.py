"""Who of a list is whom of the roll, and how the two disagree. Pure: rows and pupils in, one place for each out.

People are told as in an import: by ID number, then 学籍号, then name, birth date and class. Unlike an import this goes
on where numbers contradict each other, because that is what a comparison is to find.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from students.codes import DifferenceKind, EnrollmentStatus
from students.import_match import folded, may_be_the_same
from students.rollcheck import words
from students.rollcheck.groups import Group
from students.rollcheck.listing import Listed

S = EnrollmentStatus
NOT_HERE = frozenset({S.ELSEWHERE, S.MISSING})
"""On our roll and learning neither here nor under our care: 人籍分离 (教基〔2025〕1号 25条), whatever the list says."""
MAY_BE_MISSING = frozenset({S.GUEST, S.TRANSFERRING})
"""Whose 学籍 another school holds, or has just taken over: not to be expected in our national list."""


@dataclass(frozen=True)
class Pupil:
    """A pupil of the school as a comparison sees him. `status` is empty for one who has left."""

    key: int
    name: str
    sex: str = ""
    birth_date: datetime.date | None = None
    id_no: str = ""
    roll_no: str = ""
    class_key: tuple[int, int] | None = None
    class_label: str = ""
    status: str = S.IN_CLASS
    left: str = ""  # 「2026年3月1日转出」
    tags: frozenset[str] = frozenset()

    @property
    def identity(self) -> tuple[str, int]:
        return "", self.key


class Place(StrEnum):
    """Where a row or a pupil ends who is no difference."""

    MATCHED = "matched"
    BOTH_GONE = "both_gone"
    NOT_EXPECTED = "not_expected"


@dataclass(frozen=True)
class Outcome:
    """One line of the result: a row, a pupil, or the two together, and where they end."""

    row: Listed | None
    pupil: Pupil | None
    place: str
    text: str = ""

    @property
    def is_difference(self) -> bool:
        return self.place in DifferenceKind.values


@dataclass
class Result:
    """The whole comparison. Each row and each pupil on the roll stands in exactly one outcome."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def differences(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.is_difference]

    def count_rows(self) -> Counter[str]:
        """How many rows of the list ended where."""
        return Counter(str(outcome.place) for outcome in self.outcomes if outcome.row)

    def count_pupils(self) -> Counter[str]:
        """How many pupils on the roll ended where; who has left is not counted."""
        return Counter(str(outcome.place) for outcome in self.outcomes if outcome.pupil and outcome.pupil.status)


def compare(
    rows: Sequence[Listed], pupils: Sequence[Pupil], *, group: Group | None = None, roll: bool = True
) -> Result:
    """Hold a list against the roll. `pupils` are those on the roll and those who have left (status empty).

    `roll` is the national system's list, in which everybody has to stand; other lists name a part of the children,
    those of a `group` where one is given.
    """
    here = [pupil for pupil in pupils if pupil.status]
    pairs = pair(rows, here)
    free = [row for row in rows if row.identity not in pairs]
    former = pair(free, [pupil for pupil in pupils if not pupil.status])
    judge = _Roll(rows, here, pairs, former) if roll else _Group(rows, here, pairs, former, group)
    result = Result([judge.of_row(row) for row in rows])
    paired = {pupil.key for pupil in pairs.values()}
    result.outcomes += [judge.of_missing(pupil) for pupil in here if pupil.key not in paired]
    return result


# --- pairing ----------------------------------------------------------------------------------------------------
Key = Callable[[Listed | Pupil], Hashable]


def _name_birth_class(one: Listed | Pupil) -> Hashable:
    known = one.name and one.birth_date and one.class_key
    return (folded(one.name), one.birth_date, one.class_key) if known else None


def _name_birth(one: Listed | Pupil) -> Hashable:
    return (folded(one.name), one.birth_date) if one.name and one.birth_date else None


def _name_class(one: Listed | Pupil) -> Hashable:
    return (folded(one.name), one.class_key) if one.name and one.class_key else None


def _compatible(row: Listed, pupil: Pupil) -> bool:
    """Nothing that is known of both says that they are two children."""
    return (
        may_be_the_same(row.id_no, pupil.id_no)
        and may_be_the_same(row.roll_no, pupil.roll_no)
        and may_be_the_same(row.birth_date, pupil.birth_date)
    )


def _always(row: Listed, pupil: Pupil) -> bool:
    return True


@dataclass(frozen=True)
class _Pass:
    """One way to tell people. `only`: nobody is paired where several could be meant."""

    key: Key
    fits: Callable[[Listed, Pupil], bool] = _always
    only: bool = False


_PASSES = (
    _Pass(lambda one: one.id_no or None),
    _Pass(lambda one: one.roll_no or None),
    _Pass(_name_birth_class, _compatible),
    _Pass(_name_birth, _compatible),
    _Pass(_name_class, _compatible, only=True),
    # Name and birth date agree and the numbers do not: one child with a mistyped number, or two; a person decides.
    _Pass(_name_birth, only=True),
)


def pair(rows: Iterable[Listed], pupils: Iterable[Pupil]) -> dict[tuple[str, int], Pupil]:
    """The pupil whom each row means, by the row's `identity`; every pupil at most once."""
    found: dict[tuple[str, int], Pupil] = {}
    free_rows, free_pupils = list(rows), list(pupils)
    for step in _PASSES:
        pupils_by, rows_by = _by(step.key, free_pupils), _by(step.key, free_rows)
        for key, some in rows_by.items():
            for row, pupil in _couples(step, some, pupils_by.get(key, [])):
                found[row.identity] = pupil
        taken = {pupil.key for pupil in found.values()}
        free_rows = [row for row in free_rows if row.identity not in found]
        free_pupils = [pupil for pupil in free_pupils if pupil.key not in taken]
    return found


def _by(key: Key, some: Iterable) -> dict[Hashable, list]:
    groups: dict[Hashable, list] = defaultdict(list)
    for one in some:
        if (value := key(one)) is not None:
            groups[value].append(one)
    return groups


def _couples(step: _Pass, rows: list[Listed], pupils: list[Pupil]) -> Iterable[tuple[Listed, Pupil]]:
    if step.only and (len(rows) > 1 or len(pupils) > 1):
        return
    left = list(pupils)
    # Of several rows with one number the one that also has the name is meant.
    for row in sorted(rows, key=lambda row: not any(folded(row.name) == folded(pupil.name) for pupil in pupils)):
        fitting = [pupil for pupil in left if step.fits(row, pupil)]
        if fitting:
            pupil = min(fitting, key=lambda pupil: folded(pupil.name) != folded(row.name))
            left.remove(pupil)
            yield row, pupil


# --- judging ----------------------------------------------------------------------------------------------------
class _Judge:
    """What both comparisons share: who is doubled, and what a row without a pupil is."""

    def __init__(
        self,
        rows: Sequence[Listed],
        here: Sequence[Pupil],
        pairs: dict[tuple[str, int], Pupil],
        former: dict[tuple[str, int], Pupil],
    ):
        self.pairs, self.former = pairs, former
        paired = {pupil.identity for pupil in pairs.values()}
        self.namesakes = Counter(folded(pupil.name) for pupil in here)
        self.doubled_rows = _doubled(rows, paired=pairs.keys())
        self.doubled_pupils = _doubled(here, paired=paired)

    def double(self, row: Listed | None, pupil: Pupil | None) -> str:
        """Why this row or pupil may be there twice; empty when not."""
        said = []
        if row and (twin := self.doubled_rows.get(row.identity)):
            said.append(f"与名单{twin[0].where}{twin[1]}")
        if pupil and (twin := self.doubled_pupils.get(pupil.identity)):
            said.append(f"与本校{twin[0].class_label}{twin[0].name}{twin[1]}")
        return words.joined(said)

    def of_row(self, row: Listed) -> Outcome:
        pupil = self.pairs.get(row.identity)
        if double := self.double(row, pupil):
            facts = words.facts(row, pupil) if pupil else []
            return Outcome(row, pupil, DifferenceKind.DOUBLE, words.joined([double, *facts]))
        return self.of_pair(row, pupil) if pupil else self.of_stranger(row)

    def of_missing(self, pupil: Pupil) -> Outcome:
        if double := self.double(None, pupil):
            return Outcome(None, pupil, DifferenceKind.DOUBLE, words.joined([double, "名单里只有一个"]))
        return self.of_unlisted(pupil)

    def of_stranger(self, row: Listed) -> Outcome:
        """A row that means nobody on the roll."""
        former = self.former.get(row.identity)
        if row.gone:
            return Outcome(row, former, Place.BOTH_GONE)
        text = f"本校{former.left}" if former else "本校没有这个学生"
        if same := self.namesakes[folded(row.name)]:
            text += f"；本校有{same}个同名的，出生日期或号码对不上，请核对"
        return Outcome(row, former, DifferenceKind.ROLL_WITHOUT_CHILD, words.joined([text, *words.about(row)]))

    def of_pair(self, row: Listed, pupil: Pupil) -> Outcome:
        raise NotImplementedError

    def of_unlisted(self, pupil: Pupil) -> Outcome:
        raise NotImplementedError


class _Roll(_Judge):
    """The national system's list: who is on our roll stands in it, and the other way round."""

    def of_pair(self, row: Listed, pupil: Pupil) -> Outcome:
        if row.gone and pupil.status in MAY_BE_MISSING:
            return Outcome(row, pupil, Place.NOT_EXPECTED)
        if row.gone:
            text = f"名单写「{row.status}」，本校{words.standing(pupil)}"
            return Outcome(row, pupil, DifferenceKind.CHILD_WITHOUT_ROLL, text)
        facts = words.facts(row, pupil)
        if pupil.status in NOT_HERE:
            kind = DifferenceKind.ROLL_WITHOUT_CHILD
            return Outcome(row, pupil, kind, words.joined([f"本校登记为{words.standing(pupil)}", *facts]))
        if moved := words.class_differs(row, pupil):
            return Outcome(row, pupil, DifferenceKind.CLASS, words.joined([moved, *facts]))
        facts += words.standing_differs(row, pupil)
        if facts:
            return Outcome(row, pupil, DifferenceKind.FACTS, words.joined(facts))
        return Outcome(row, pupil, Place.MATCHED)

    def of_unlisted(self, pupil: Pupil) -> Outcome:
        if pupil.status in MAY_BE_MISSING:
            return Outcome(None, pupil, Place.NOT_EXPECTED)
        return Outcome(None, pupil, DifferenceKind.CHILD_WITHOUT_ROLL, f"本校{words.standing(pupil)}，名单里没有")


class _Group(_Judge):
    """A list of some children (留守、残疾 …) from the village or an office: marks of the group are compared."""

    def __init__(
        self,
        rows: Sequence[Listed],
        here: Sequence[Pupil],
        pairs: dict[tuple[str, int], Pupil],
        former: dict[tuple[str, int], Pupil],
        group: Group | None,
    ):
        super().__init__(rows, here, pairs, former)
        self.group = group

    def of_pair(self, row: Listed, pupil: Pupil) -> Outcome:
        facts = words.facts(row, pupil)
        if self.group and not self.group.kinds & pupil.tags:
            marked = f"名单列为{self.group.kind_of(row.tags).label}，本校没有标"
            return Outcome(row, pupil, DifferenceKind.NOT_MARKED, words.joined([marked, *facts]))
        if facts:
            return Outcome(row, pupil, DifferenceKind.FACTS, words.joined(facts))
        return Outcome(row, pupil, Place.MATCHED)

    def of_unlisted(self, pupil: Pupil) -> Outcome:
        if self.group and (marked := self.group.kinds & pupil.tags):
            text = f"本校标为{words.tags(marked)}，名单里没有"
            return Outcome(None, pupil, DifferenceKind.MARKED_ONLY, text)
        return Outcome(None, pupil, Place.NOT_EXPECTED)


_TWICE: tuple[tuple[Key, str], ...] = (
    (lambda one: one.id_no or None, "身份证号相同"),
    (lambda one: one.roll_no or None, "学籍号相同"),
    (_name_birth, "同名同出生日期"),
)


def _doubled(some: Sequence[Any], *, paired: Collection[tuple[str, int]]) -> dict[tuple[str, int], tuple[Any, str]]:
    """Who is there again: the first of the same people (one who is paired before others) and what they share."""
    found: dict[tuple[str, int], tuple[Any, str]] = {}
    for key, what in _TWICE:
        for same in _by(key, some).values():
            first, *others = sorted(same, key=lambda one: one.identity not in paired) if len(same) > 1 else same
            for other in others:
                found.setdefault(other.identity, (first, what))
    return found
