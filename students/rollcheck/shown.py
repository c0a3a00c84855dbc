"""A difference as a page or a paper shows it: both sides masked, the class, how it stands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils import timezone

from kongchuo import dates, idnumber
from students.codes import EnrollmentStatus, Sex
from students.models import Difference


@dataclass
class Shown:
    """One row of the list of differences, with the earlier settlement that says the same."""

    difference: Difference
    earlier: Difference | None = None
    papers: Sequence[Any] = field(default_factory=tuple)

    @cached_property
    def sides(self) -> dict[str, dict[str, Any]]:
        """What stood in the list and on the roll on the day of the check. For this process only: nothing is masked."""
        stored = json.loads(self.difference.listed.reveal() or "{}")
        return {"row": stored.get("row") or {}, "here": stored.get("here") or {}}

    @property
    def class_label(self) -> str:
        """The class here; of a child whom the school does not have, the one in the list."""
        return self.sides["here"].get("class_label") or self.sides["row"].get("class_text") or ""

    @property
    def class_order(self) -> list[int]:
        """Grade and number, for sorting; children without a class stand last."""
        return self.sides["here"].get("class_key") or self.sides["row"].get("class_key") or [99, 99]

    @property
    def on_roll(self) -> bool:
        """Whether the child was on our roll on the day of the check."""
        return bool(self.sides["here"].get("status"))

    @property
    def where(self) -> str:
        number, sheet = self.difference.row_number, self.sides["row"].get("sheet")
        if not number:
            return ""
        return f"「{sheet}」第{number}行" if sheet else f"第{number}行"

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """(fact, in the list, here), numbers masked; facts that neither side knows are left out."""
        row, here = self.sides["row"], self.sides["here"]
        found = [(label, _unread(label, row) or read(row), read(here)) for label, read in _FACTS]
        return [line for line in found if line[1] or line[2]]

    @property
    def evidence(self) -> str:
        """「户口簿；就读证明（张老师2026.3.9核验）」"""
        return "；".join(_paper(paper) for paper in self.papers)

    @property
    def settled_on(self) -> Any:
        moment = self.difference.settled_at
        return timezone.localdate(moment) if moment else None


def _paper(paper: Any) -> str:
    if not paper.seen_by:
        return str(paper.title)
    day = paper.seen_on
    return f"{paper.title}（{paper.seen_by}{day.year}.{day.month}.{day.day}核验）"


def _unread(label: str, row: dict[str, Any]) -> str:
    """What stands in the list and can't be a number."""
    return "有误，认不出" if f"{label}有误" in row.get("problems", ()) else ""


def _day(text: str | None) -> str:
    return dates.chinese(dates.datetime.date.fromisoformat(text)) if text else ""


def _mask(name: str) -> Any:
    return lambda side: idnumber.mask(side[name]) if side.get(name) else ""


_FACTS = (
    ("姓名", lambda side: side.get("name", "")),
    ("性别", lambda side: dict(Sex.choices).get(side.get("sex"), "")),
    ("出生日期", lambda side: _day(side.get("birth_date"))),
    ("身份证号", _mask("id_no")),
    ("学籍号", _mask("roll_no")),
    ("班级", lambda side: side.get("class_text") or side.get("class_label") or ""),
    (
        "状态",
        lambda side: dict(EnrollmentStatus.choices).get(side.get("status"), side.get("status") or side.get("left")),
    ),
    ("村（社区）", lambda side: side.get("village", "")),
    ("监护人", lambda side: side.get("guardian", "")),
)
