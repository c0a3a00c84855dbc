"""A term as a table to look at: months of weeks of days, each day with its word."""

import calendar as months
import datetime
from collections import defaultdict
from dataclasses import dataclass

from schools.models import Closure, Holiday, SchoolDay, Term

TAUGHT = ("school", "makeup", "part")
"""Kinds of days on which pupils are expected."""
_NUMERALS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Day:
    """One date: `kind` is school, makeup, part, off, weekend, closed or outside (of the term); `word` says it."""

    on: datetime.date
    kind: str
    word: str


@dataclass(frozen=True)
class Week:
    """Seven places from Monday on, None for a day of another month. `number` is 周次 of the term, 0 outside it."""

    number: int
    days: list[Day | None]


@dataclass(frozen=True)
class Month:
    year: int
    month: int
    weeks: list[Week]
    school_days: int


def months_of(term: Term) -> list[Month]:
    """The months that a term touches. Three queries, however long it is."""
    words = _Words(term)
    first, last = term.starts_on, term.ends_on
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [_month(term, words, *divmod(first.year * 12 + first.month - 1 + offset, 12)) for offset in range(count)]


def day_of(term: Term, on: datetime.date) -> Day:
    """One day of a term with its word."""
    return _Words(term).day(on)


def _month(term: Term, words: "_Words", year: int, month_index: int) -> Month:
    month = month_index + 1
    weeks = []
    for week in months.Calendar().monthdatescalendar(year, month):
        days = [words.day(on) if on.month == month else None for on in week]
        if any(day and day.kind != "outside" for day in days):
            weeks.append(Week(_week_number(term, week[0]), days))
    taught = sum(1 for week in weeks for day in week.days if day and day.kind in TAUGHT)
    return Month(year, month, weeks, taught)


def _week_number(term: Term, monday: datetime.date) -> int:
    """周次: the week in which the term starts is the first."""
    first_monday = term.starts_on - datetime.timedelta(days=term.starts_on.weekday())
    return (monday - first_monday).days // 7 + 1 if first_monday <= monday <= term.ends_on else 0


def grades_in_words(grades: set[int]) -> str:
    """「七、八年级」"""
    return "、".join(_NUMERALS[grade] for grade in sorted(grades)) + "年级"


class _Words:
    """What is known of a term's days, and the word for each."""

    def __init__(self, term: Term):
        span = (term.starts_on, term.ends_on)
        self.term = term
        self.rows: dict[datetime.date, dict[int, str]] = defaultdict(dict)
        for on, grade, note in SchoolDay.objects.filter(school=term.school_id, on__range=span).values_list(
            "on", "grade", "note"
        ):
            self.rows[on][grade] = note
        self.closures: dict[datetime.date, dict[int, str]] = defaultdict(dict)
        for on, grade, reason in Closure.objects.filter(school=term.school_id, on__range=span).values_list(
            "on", "grade", "reason"
        ):
            self.closures[on][grade] = reason
        self.names = dict(
            Holiday.objects.filter(school=term.school_id, on__range=span, off=True).values_list("on", "name")
        )

    def day(self, on: datetime.date) -> Day:
        if not self.term.starts_on <= on <= self.term.ends_on:
            return Day(on, "outside", "")
        if on in self.rows:
            return self._taught(on, self.rows[on])
        if on in self.closures:
            return Day(on, "closed", next(iter(self.closures[on].values())))
        if on in self.names:
            return Day(on, "off", self.names[on])
        return Day(on, "weekend", "周末") if on.weekday() >= 5 else Day(on, "closed", "不上课")

    def _taught(self, on: datetime.date, rows: dict[int, str]) -> Day:
        if 0 not in rows:
            away = {grade for grade in self.closures.get(on, {}) if grade and grade not in rows}
            word = f"{grades_in_words(away)}停课" if away else f"{grades_in_words(set(rows))}上课"
            return Day(on, "part", word)
        note = rows[0]
        return Day(on, "makeup", note) if note or on.weekday() >= 5 or on in self.names else Day(on, "school", "上课")
