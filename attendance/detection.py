"""Spells of absence (连缺): a pure function of marks, calendar and rules. Same data, same result.

A spell is the run of school days, ending with the latest one, on which a pupil was absent or his class was silent,
beginning with an absence. 未报 days neither break nor count; an excused day breaks the unexcused count only.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field

from schools.models import Classroom, User


@dataclass(frozen=True)
class Spell:
    """One pupil's current spell as of a day; all counts are school days (到校日)."""

    student_id: int
    classroom_id: int
    seat_no: int | None
    absent: int  # days reported absent, excused or not
    unexcused: int  # of these, the unbroken unexcused run up to the latest
    unreported: int  # days without a report inside the unexcused run (or the spell, where no day is unexcused)
    days: tuple[tuple[datetime.date, str], ...] = field(default=())  # (day, mark code or "" for 未报), oldest first
    unexcused_from: datetime.date | None = None

    @property
    def first_on(self) -> datetime.date:
        return self.days[0][0]

    @property
    def in_words(self) -> str:
        """「缺勤3天＋未报1天」"""
        silent = f"＋未报{self.unreported}天" if self.unreported else ""
        return f"缺勤{self.absent}天{silent}"


Listener = Callable[[Classroom, datetime.date, list[Spell], User | None], None]

# Filled by upper apps at start-up: told the current spells of a class after every recomputation, in its transaction.
listeners: list[Listener] = []


def spells_of_class(classroom: Classroom, on: datetime.date) -> list[Spell]:
    """Current spells of a class's pupils as of a day."""
    return []


def recompute(*, classroom: Classroom, on: datetime.date, actor: User | None) -> list[Spell]:
    """Compute a class's spells as of a day and tell the listeners. Call inside the transaction that changed marks."""
    spells = spells_of_class(classroom, on)
    for listener in listeners:
        listener(classroom, on, spells, actor)
    return spells
