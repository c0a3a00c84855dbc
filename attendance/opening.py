"""What the daily report says for the presence of pupils who have not registered at the start of a term."""

import datetime
from collections import defaultdict
from collections.abc import Collection

from attendance.codes import PRESENT, Session
from attendance.models import DailyReport, Mark
from kongchuo import dates
from schools.models import Term
from students import opening
from students.models import Enrollment


def presence_hints(term: Term, keys: Collection[int]) -> dict[int, str]:
    """In words, the latest day on which a pupil was said to be here, or was not said to be missing. Three queries.

    A hint only: that a report names nobody proves nothing of a child whom the class has not seen.
    """
    here: dict[int, set[datetime.date]] = defaultdict(set)
    seen: dict[int, set[datetime.date]] = defaultdict(set)
    days = (term.starts_on, min(dates.today(), term.ends_on))
    seats = dict(Enrollment.objects.in_force(days[1]).filter(student__in=keys).values_list("student", "classroom"))
    reported: dict[int, set[datetime.date]] = defaultdict(set)
    reports = DailyReport.objects.filter(classroom__in=set(seats.values()), on__range=days, session=Session.MORNING)
    for classroom, on in reports.values_list("classroom", "on"):
        reported[classroom].add(on)
    for pupil, classroom in seats.items():
        here[pupil] = set(reported[classroom])
    marks = Mark.objects.filter(student__in=keys, on__range=days, report__session=Session.MORNING)
    for pupil, on, code in marks.values_list("student", "on", "code"):
        if code in PRESENT:
            seen[pupil].add(on)
        else:
            here[pupil].discard(on)
    return {
        key: f"日报：{dates.short(max(seen[key]))}登记过到校"
        if seen[key]
        else f"日报：{dates.short(max(here[key]))}没有记缺勤"
        for key in keys
        if seen[key] or here[key]
    }


def connect() -> None:
    opening.presence_hints.append(presence_hints)
