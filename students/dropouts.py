"""辍学 as the registry needs it. Who dropped out is decided in cases, above this app, which reports it here."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from schools.models import Unit


@dataclass(frozen=True)
class Dropout:
    """A pupil found 辍学 by a named person; when he came back (复学), and when the case was closed (销号)."""

    student_id: int
    found_on: datetime.date
    back_on: datetime.date | None = None
    closed_on: datetime.date | None = None

    def stands_on(self, day: datetime.date) -> bool:
        """Whether on this day he was found and had neither come back nor been closed otherwise."""
        ended = min((end for end in (self.back_on, self.closed_on) if end), default=None)
        return self.found_on <= day and (ended is None or ended > day)


Watches = Mapping[int, tuple[datetime.date, datetime.date]]

# Filled by upper apps at start-up. Each gives the dropouts of a school found up to a day, whatever became of them.
sources: list[Callable[[Unit, datetime.date], Iterable[Dropout]]] = []
# Each gives, of watched pupils {key: (after which day, until which)}, those missed without excuse, with the days.
absences: list[Callable[[Unit, Watches], Mapping[int, Iterable[datetime.date]]]] = []


def of_school(school: Unit, day: datetime.date) -> list[Dropout]:
    """Every dropout of a school found up to this day."""
    return [dropout for source in sources for dropout in source(school, day)]


def missed(school: Unit, watches: Watches) -> set[int]:
    """Which of these pupils were missed without excuse in their days."""
    return {pk for source in absences for pk, days in source(school, watches).items() if days} if watches else set()
