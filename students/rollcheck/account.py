"""The sums of a comparison: every row of the list and every pupil on the roll stands in one of their parts."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from students.codes import DifferenceKind, EnrollmentStatus, RollList
from students.models import RollCheck
from students.rollcheck.listing import Listing
from students.rollcheck.pairing import Place, Pupil, Result


def of(read: Listing, result: Result, pupils: list[Pupil], *, others: int) -> dict[str, Any]:
    """How many rows and pupils ended where, by class as well. Both sums are exact by construction and checked."""
    rows, on_roll = result.count_rows(), result.count_pupils()
    assert sum(rows.values()) + others == len(read.rows), "a listed child without a place"
    assert sum(on_roll.values()) == sum(1 for pupil in pupils if pupil.status), "a pupil without a place"
    return {
        "rows": len(read.rows) + read.blank + read.no_pupils,
        "blank": read.blank,
        "no_pupils": read.no_pupils,
        "other_school": others,
        "listed": dict(rows),
        "roll": dict(on_roll),
        "standing": _standings(result, Place.MATCHED),
        "not_expected": _standings(result, Place.NOT_EXPECTED),
        "by_class": _by_class(result),
        "notices": read.notices,
    }


def _standings(result: Result, place: str) -> dict[str, int]:
    """How the pupils of a place stand, in words: {「休学」: 2}."""
    found = Counter(part.pupil.status for part in result.outcomes if part.place == place and part.pupil)
    return {EnrollmentStatus(status).label: count for status, count in sorted(found.items()) if status}


def _by_class(result: Result) -> list[list[Any]]:
    """[class, on the roll, agreeing], youngest class first."""
    parts = [part for part in result.outcomes if part.pupil and part.pupil.class_key]
    known = {part.pupil.class_key: part.pupil.class_label for part in parts if part.pupil}
    roll = Counter(part.pupil.class_key for part in parts if part.pupil)
    matched = Counter(part.pupil.class_key for part in parts if part.pupil and part.place == Place.MATCHED)
    return [[known[key], roll[key], matched[key]] for key in sorted(known, key=lambda key: key or (0, 0))]


# --- the sums in words ----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Sum:
    """「名单 480 人 = 一致 470 + 有籍无人 6 + …」"""

    label: str
    total: int
    parts: tuple[tuple[str, int], ...]


def sums(check: RollCheck) -> tuple[Sum, Sum]:
    """The sum of the list and the sum of the roll; parts of nobody are left out, but for 「一致」."""
    told = check.account
    return (
        Sum("名单", check.listed, _parts(check, told.get("listed", {}))),
        Sum("本校在册（含借读）", sum(told.get("roll", {}).values()), _parts(check, told.get("roll", {}))),
    )


def _parts(check: RollCheck, counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    places = (*Place, *DifferenceKind)
    return tuple(
        (place_label(check, place), counts.get(place, 0))
        for place in places
        if counts.get(place) or place == Place.MATCHED
    )


_PLACES = {
    Place.MATCHED: "一致",
    Place.BOTH_GONE: "名单已写离校、本校也不在册",
    Place.NOT_EXPECTED: "不应在名单里",
}
_ELSEWHERE = {Place.NOT_EXPECTED: "没有列入名单", DifferenceKind.ROLL_WITHOUT_CHILD: "名单有、本校没有"}
"""What places are called where the list is not that of the national system."""


def place_label(check: RollCheck, place: str) -> str:
    """「有籍无人」; of a village's list 「名单有、本校没有」."""
    if check.source != RollList.NATIONAL and place in _ELSEWHERE:
        return _ELSEWHERE[place]  # type: ignore[index]
    return _PLACES[Place(place)] if place in _PLACES else str(DifferenceKind(place).label)


def remarks(check: RollCheck) -> list[str]:
    """Who agrees or is not expected for a reason that an inspector asks for: 「一致的里面：休学2人」."""
    told, said = check.account, []
    agreeing = {word: n for word, n in told.get("standing", {}).items() if word != EnrollmentStatus.IN_CLASS.label}
    if agreeing and check.source == RollList.NATIONAL:
        said.append(f"一致的里面有：{_people(agreeing)}，学籍都应在本校。")
    if (missing := told.get("not_expected")) and check.source == RollList.NATIONAL:
        said.append(f"不应在名单里的：{_people(missing)}；借读的学籍在别的学校，转出待接续的可能已被接走，请及时办结。")
    if others := told.get("other_school"):
        said.append(f"名单里有{others}行写的是别的学校的标识码，没有比。")
    rows = told.get("rows", 0)
    if left := rows - check.listed - told.get("other_school", 0):
        said.append(f"文件表头下面共{rows}行，其中空行{told['blank']}行、不是学生的{left - told['blank']}行。")
    return said + list(told.get("notices", []))


def _people(counts: dict[str, int]) -> str:
    return "、".join(f"{word}{count}人" for word, count in counts.items())
