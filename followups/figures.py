"""Counts over cases and reports. Each comes from the queryset that also makes its list."""

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from attendance.models import DailyReport
from followups.codes import FindingKind, Outcome
from followups.models import Case
from kongchuo import dates
from schools.codes import Stage
from schools.models import Classroom, Unit
from students.models import Enrollment


@dataclass(frozen=True)
class SchoolFigures:
    """One school's line: coverage of today's reports first, then its open and settled cases."""

    school: Unit
    on_roll: int
    classes: int
    reported: int
    suspected: int
    dropout: int
    returned: int


def figures_by_school(schools: QuerySet[Unit], day: datetime.date) -> list[SchoolFigures]:
    """Counts of several schools in a fixed number of queries. Cases count by their latest finding; 待认定 does not."""
    keys = list(schools.values_list("pk", flat=True))
    on_roll = _count(
        Enrollment.objects.in_force(day).held_here().filter(classroom__school__in=keys), "classroom__school"
    )
    classes = _count(Classroom.objects.open_on(day).filter(school__in=keys).order_by(), "school")
    reported = _count(DailyReport.objects.filter(on=day, classroom__school__in=keys), "classroom__school")
    open_cases = Case.objects.filter(school__in=keys).open().with_finding()
    suspected = _count(open_cases.filter(Q(found_kind=FindingKind.SUSPECTED)), "school")
    dropout = _count(open_cases.filter(Q(found_kind=FindingKind.DROPOUT)), "school")
    year = dates.school_year_start(day)
    back = Case.objects.filter(school__in=keys, outcome=Outcome.RETURNED, closed_on__gte=year)
    returned = _count(back, "school")
    return [
        SchoolFigures(
            school,
            on_roll.get(school.pk, 0),
            classes.get(school.pk, 0),
            reported.get(school.pk, 0),
            suspected.get(school.pk, 0),
            dropout.get(school.pk, 0),
            returned.get(school.pk, 0),
        )
        for school in schools
    ]


def _count(rows: QuerySet, by: str) -> dict[int, int]:
    return dict(rows.values(by).annotate(n=Count("pk", distinct=True)).values_list(by, "n"))


@dataclass(frozen=True)
class StageFigures:
    """One 学段's three figures of a month."""

    stage: str
    suspected: int
    dropout: int
    returned: int


def month_figures(school: Unit, cases: Iterable[Case], day: datetime.date) -> list[StageFigures]:
    """The six figures (小学/初中 × 疑似/辍学/复学) of the calendar month so far.

    疑似 and 辍学 are cases open now, by their latest finding (`found_kind`); 复学 are those closed so since the first.
    """
    stages = [Stage.PRIMARY] * (school.grades[0] <= 6) + [Stage.JUNIOR] * (school.grades[-1] >= 7)
    counted = Counter((case.classroom.stage, _figure(case, day.replace(day=1))) for case in cases)
    return [
        StageFigures(stage.label, *(counted[stage, figure] for figure in (*FindingKind, Outcome.RETURNED)))
        for stage in stages
    ]


def _figure(case: Case, first: datetime.date) -> str:
    """Under which figure of the month a case counts; empty for none."""
    if case.closed_on is None:
        return case.found_kind or ""
    return Outcome.RETURNED if case.outcome == Outcome.RETURNED and case.closed_on >= first else ""
