"""辍学 for the figures of the registry: who was found, who came back, whose case was closed."""

import datetime
from collections.abc import Iterator, Mapping

from attendance import presence
from followups.codes import FindingKind
from followups.models import Finding
from schools.models import Unit
from students import dropouts
from students.dropouts import Dropout, Watches


def of_school(school: Unit, day: datetime.date) -> Iterator[Dropout]:
    """Every finding of 辍学 up to a day. One query."""
    found = Finding.objects.filter(case__school=school, kind=FindingKind.DROPOUT, on__lte=day).order_by("on", "pk")
    rows = found.values_list("case__student_id", "on", "case__returned_on", "case__closed_on")
    return (Dropout(*row) for row in rows)


def missed(school: Unit, watches: Watches) -> Mapping[int, tuple[datetime.date, ...]]:
    """Unexcused days of pupils who came back, within the days asked about."""
    last = max(until for _, until in watches.values())
    return presence.missed_days(school_id=school.pk, watches=watches, on=last)


def connect() -> None:
    dropouts.sources.append(of_school)
    dropouts.absences.append(missed)
