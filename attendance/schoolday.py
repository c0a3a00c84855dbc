"""The school's day (学校日汇总): every class with its report or without, who is missing, how far to trust the sum."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from attendance import codes, overview
from attendance.codes import MarkCode
from attendance.models import DailyReport, DayReview, Mark
from kongchuo import dates
from schools import calendar
from schools.codes import DECIDERS, OFFICE, Role
from schools.models import Classroom, Duty, SchoolDay, Unit, User

COLUMNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("病假", frozenset({MarkCode.SICK})),
    ("事假", frozenset({MarkCode.LEAVE})),
    ("无故", codes.UNEXCUSED - {MarkCode.WAITING}),
    ("原因待核", frozenset({MarkCode.WAITING})),
    ("迟到", frozenset({MarkCode.LATE})),
)
"""Columns of the day's sum: label and the codes that it counts."""


@dataclass
class ClassLine:
    """One class's line: its report, or 未报."""

    classroom: Classroom
    label: str
    on_roll: int
    report: DailyReport | None
    heads: str = ""
    marks: list[Mark] = field(default_factory=list)

    @property
    def expected(self) -> int:
        return self.report.expected if self.report else self.on_roll

    @property
    def named(self) -> list[tuple[str, int | None]]:
        """One number a column; None in a class that has not reported: nobody knows."""
        return [
            (name, sum(mark.code in wanted for mark in self.marks) if self.report else None) for name, wanted in COLUMNS
        ]

    @property
    def state(self) -> str:
        if not self.report:
            return "未报"
        return "迟报" if self.report.late else "已更正" if self.report.revision > 1 else "已报"


@dataclass
class Day:
    """One school's day: the figures of `overview.school_day`, and what this page shows beside them."""

    school: Unit
    on: datetime.date
    sums: overview.SchoolToday
    lines: list[ClassLine] = field(default_factory=list)
    reviews: dict[str, DayReview] = field(default_factory=dict)
    closed: str = ""

    @property
    def missing(self) -> list[ClassLine]:
        return [line for line in self.lines if not line.report]

    @property
    def marks(self) -> list[tuple[ClassLine, Mark]]:
        """Everybody of whom something was said, those absent first."""
        pairs = [(line, mark) for line in self.lines for mark in line.marks]
        return sorted(pairs, key=lambda pair: pair[1].code not in codes.ABSENT)

    @property
    def coverage(self) -> str:
        """「28/30 班已报，9:42」: how many classes the numbers stand on, and as of when."""
        last = self.sums.last_report_at
        return self.sums.coverage + (f"，{dates.clock(last)}" if last else "")

    @property
    def totals(self) -> dict[str, Any]:
        """The figures of the day; present pupils only in classes that reported."""
        lines = [line.named for line in self.lines if line.report]
        sums = [(name, sum(line[index][1] or 0 for line in lines)) for index, (name, _) in enumerate(COLUMNS)]
        return {
            "expected": self.sums.expected,
            "present": sum(one.report.present for one in self.sums.reported if one.report),
            "absent": len(self.sums.marks),
            "named": sums,
        }

    def summary(self) -> dict[str, Any]:
        """The copy that a review freezes: figures, classes, and codes by pupil's key."""
        totals = self.totals
        return totals | {
            "classes": len(self.sums.classes),
            "reported": len(self.sums.reported),
            "missing": [line.label for line in self.missing],
            "named": dict(totals["named"]),
            "marks": {str(mark.student_id): mark.code for _, mark in self.marks},
        }


@dataclass(frozen=True)
class Pass:
    """One of the two passes of a day: done by whom, or open to the viewer, or waiting."""

    level: str
    label: str
    review: DayReview | None
    is_open: bool
    changed: bool  # the figures are no longer those that were passed


def passes(day: Day, viewer: User) -> list[Pass]:
    """教务 first, then 校长, as this person finds them."""
    now = day.summary()
    made = []
    for level, label, roles in (("office", "教务", OFFICE), ("principal", "校长", DECIDERS)):
        review = day.reviews.get(level)
        ready = bool(day.sums.reported) and (level == "office" or "office" in day.reviews)
        is_open = review is None and ready and viewer.has(*roles, school=day.school)
        made.append(Pass(level, label, review, is_open, review is not None and review.summary != now))
    return made


def neighbour(school: Unit, on: datetime.date, *, back: bool) -> datetime.date | None:
    """The school day before or after a day."""
    days = SchoolDay.objects.filter(school=school)
    days = days.filter(on__lt=on).order_by("-on") if back else days.filter(on__gt=on).order_by("on")
    return days.values_list("on", flat=True).first()


def day_of(school: Unit, on: datetime.date) -> Day:
    """A school's day, in the same number of queries for any number of classes."""
    day = Day(school, on, overview.school_day(school, on))
    if not day.sums.is_school_day:
        day.closed = calendar.why_closed(school, on)
        return day
    lines = {
        one.classroom.pk: ClassLine(one.classroom, one.classroom.label_on(on), one.expected, one.report)
        for one in day.sums.classes
    }
    heads = Duty.objects.filter(classroom__in=lines, role=Role.HEAD_TEACHER).in_force(on)
    for classroom_id, name in heads.order_by("pk").values_list("classroom", "user__name"):
        line = lines[classroom_id]
        line.heads = f"{line.heads}、{name}" if line.heads else name
    by_report = {line.report.pk: line for line in lines.values() if line.report}
    for mark in Mark.objects.filter(report__in=by_report).select_related("student", "verified_by").by_seat():
        by_report[mark.report_id].marks.append(mark)
    day.lines = list(lines.values())
    reviews = DayReview.objects.filter(school=school, on=on).select_related("reviewed_by")
    day.reviews = {review.level: review for review in reviews}
    return day
