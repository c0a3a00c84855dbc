"""The stories of the demo school: one child at every step of a case, told in school days before today."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attendance.codes import MarkCode
from students.models import Student

if TYPE_CHECKING:
    from followups.demo.school import School

Act = Callable[["School", Student, datetime.date], None]


@dataclass(frozen=True)
class Story:
    """A pupil by grade and seat; `away` are stretches (first, last) in school days before today, last included.

    `back` are days on which 「到了」 was said; `acts` is what the adults did, by school days before today.
    """

    grade: int
    seat: int
    away: tuple[tuple[int, int], ...]
    back: tuple[int, int] | None = None
    acts: tuple[tuple[int, Act], ...] = ()
    silent: tuple[int, ...] = ()


@dataclass
class Plan:
    """Stories laid on the days of the school year."""

    pupils: set[int] = field(default_factory=set)
    codes: dict[tuple[int, datetime.date], dict[int, str]] = field(default_factory=dict)
    silence: set[tuple[int, datetime.date]] = field(default_factory=set)
    acts: dict[datetime.date, list[tuple[Act, Student]]] = field(default_factory=dict)

    def marks(self, grade: int, on: datetime.date) -> dict[int, str]:
        return self.codes.get((grade, on), {})

    def is_silent(self, grade: int, on: datetime.date) -> bool:
        return (grade, on) in self.silence


def plan(school: "School", days: list[datetime.date]) -> Plan:
    """Lay the stories that fit into the days lived so far."""
    made = Plan()
    newest_first = list(reversed(days))
    for story in STORIES:
        if story.away[0][0] >= len(newest_first):
            continue
        pupil = school.pupil(story.grade, story.seat)
        made.pupils.add(pupil.pk)
        stretches = [(first, last, MarkCode.UNEXCUSED) for first, last in story.away]
        if story.back:
            stretches.append((*story.back, MarkCode.PRESENT))
        for first, last, code in stretches:
            for ago in range(last, first + 1):
                made.codes.setdefault((story.grade, newest_first[ago]), {})[pupil.pk] = code
        made.silence |= {(story.grade, newest_first[ago]) for ago in story.silent}
        for ago, act in story.acts:
            made.acts.setdefault(newest_first[ago], []).append((act, pupil))
    return made


def act(school: "School", made: Plan, on: datetime.date) -> None:
    for deed, pupil in made.acts.get(on, ()):
        deed(school, pupil, on)


STORIES: tuple[Story, ...] = (
    Story(7, 12, away=((2, 0),)),  # three days: a fresh warning
    Story(3, 37, away=((1, 0),)),  # full tomorrow
    Story(5, 20, away=((2, 2), (0, 0)), silent=(1,)),  # 待核: two days and a silent one
)
