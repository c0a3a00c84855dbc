"""Proof of return (复学的到校记录), and the watch after it.

That a teacher reported nothing of a pupil proves nothing: a careless 全到 would return a missing child. Only what was
said on purpose counts: 「到了」, 迟到, 早退, 公假 tapped for him, or the office's verified value.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from attendance.codes import PRESENT, UNEXCUSED
from attendance.daybook import Day, DayBook
from kongchuo import dates
from students.models import Student


@dataclass(frozen=True)
class Return:
    """How far a return is proved: school days on which the pupil was said to be there, since he was last missed."""

    days: tuple[datetime.date, ...]  # oldest first
    needed: int
    broken_on: datetime.date | None = None  # the latest unexcused day that undid days proved before it

    @property
    def remaining(self) -> int:
        """School days that still have to be proved."""
        return max(0, self.needed - len(self.days))

    @property
    def is_proved(self) -> bool:
        return not self.remaining

    @property
    def in_words(self) -> str:
        """「已有2个到校日的到校记录（3/9、3/10），还差3个；3/6又无故未到，之前的不算」"""
        days = f"（{'、'.join(dates.short(day) for day in self.days)}）" if self.days else ""
        rest = f"，还差{self.remaining}个" if self.remaining else ""
        broken = f"；{dates.short(self.broken_on)}又无故未到，之前的不算" if self.broken_on else ""
        return f"已有{len(self.days)}个到校日的到校记录{days}{rest}{broken}"


def proof_of_return(*, student: Student, since: datetime.date, on: datetime.date, needed: int) -> Return:
    """A pupil's proof between two days. Five queries, six if he changed class."""
    proofs = proofs_of_return(school_id=student.school_id, since={student.pk: since}, on=on, needed=needed)
    return proofs[student.pk]


def proofs_of_return(
    *, school_id: int, since: Mapping[int, datetime.date], on: datetime.date, needed: int
) -> dict[int, Return]:
    """The same for many pupils of a school, each {key: from which day}, in as many queries as for one.

    An unexcused day undoes what was proved before it. Excused, unreported and merely unmentioned days neither prove
    nor undo.
    """
    if not since:
        return {}
    book = _book(school_id, since, min(since.values()), on)
    return {
        pk: proof_in([day for day in _oldest_first(book, pk) if day[0] >= first], needed) for pk, first in since.items()
    }


def proof_in(days: list[Day], needed: int) -> Return:
    """The proof that lies in days already read, oldest first."""
    proved: list[datetime.date] = []
    broken_on = None
    for day, said in days:
        if said in PRESENT:
            proved.append(day)
        elif said in UNEXCUSED:
            broken_on = day if proved else broken_on
            proved.clear()
    return Return(tuple(proved), needed, broken_on)


def missed_days(
    *, school_id: int, watches: Mapping[int, tuple[datetime.date, datetime.date]], on: datetime.date
) -> dict[int, tuple[datetime.date, ...]]:
    """Unexcused school days of watched pupils, oldest first; pupils without one are left out.

    A watch {key: (day of closing, last day of the watch)} begins the day after the closing. Five queries, six if
    somebody changed class, whatever the number of pupils.
    """
    if not watches:
        return {}
    book = _book(school_id, watches, min(first for first, _ in watches.values()), on)
    missed = {
        pk: tuple(day for day, said in _oldest_first(book, pk) if first < day <= last and said in UNEXCUSED)
        for pk, (first, last) in watches.items()
    }
    return {pk: days for pk, days in missed.items() if days}


def _book(school_id: int, students: Mapping[int, object], since: datetime.date, on: datetime.date) -> DayBook:
    book = DayBook(school_id, on, silent_to=on, since=since)
    book.read_pupils(list(students))
    return book


def _oldest_first(book: DayBook, student_id: int) -> list[Day]:
    return list(book.newest_first(student_id))[::-1]
