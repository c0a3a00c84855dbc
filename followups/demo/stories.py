"""The stories of the demo school: one child at every step of a case, told in school days before today."""

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from attendance.codes import MarkCode
from followups.codes import Met, Result
from followups.demo.deeds import (
    Deed,
    call,
    drop_out,
    enforce,
    facts,
    fell_ill,
    report,
    returned,
    served,
    suspect,
    visit,
)
from students.models import Student

if TYPE_CHECKING:
    from followups.demo.school import School


@dataclass(frozen=True)
class Story:
    """A pupil by grade and seat; `away` are stretches (first, last) in school days before today, last included.

    `back` are days on which 「到了」 was said; `acts` is what the adults did, by school days before today.
    """

    grade: int
    seat: int
    away: tuple[tuple[int, int], ...]
    back: tuple[int, int] | None = None
    acts: tuple[tuple[int, Deed], ...] = ()
    silent: tuple[int, ...] = ()


@dataclass
class Plan:
    """Stories laid on the days of the school year."""

    pupils: set[int] = field(default_factory=set)
    codes: dict[tuple[int, datetime.date], dict[int, str]] = field(default_factory=dict)
    silence: set[tuple[int, datetime.date]] = field(default_factory=set)
    acts: dict[datetime.date, list[tuple[Deed, Student]]] = field(default_factory=dict)

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


REFUSED = visit(Met.GUARDIAN, Result.REFUSED, text="家长认为读书无用，已当面宣讲义务教育法", reasons=("12",))
PROMISED = visit(Met.GUARDIAN, Result.PROMISED, text="家长答应尽快送回", promised_after=3, reasons=("01", "11"))
LOCKED = visit(Met.NOBODY, Result.UNREACHABLE, text="大门上锁，邻居说随父母外出")
AWAY = facts(reasons=["04"], reason_text="随亲戚外出打工", whereabouts="05", whereabouts_text="外省某市，地址待核")

STORIES: tuple[Story, ...] = (
    # A fresh warning: the third day is today, and nobody has called yet.
    Story(7, 12, away=((2, 0),)),
    # Another, whose teacher has called.
    Story(8, 5, away=((3, 0),), acts=((1, call()), (0, call(Result.EXPLAINED, Met.GUARDIAN, "说孩子不愿来，明天劝")))),
    # Full tomorrow.
    Story(3, 37, away=((1, 0),)),
    # 待核: two days and a silent one in between.
    Story(5, 20, away=((2, 2), (0, 0)), silent=(1,)),
    # Found 疑似 yesterday, the report is due.
    Story(9, 17, away=((5, 0),), acts=((3, call()), (2, LOCKED), (1, suspect))),
    # Reported, one visit in vain.
    Story(8, 31, away=((9, 0),), acts=((7, call()), (6, suspect), (6, report(7)), (4, LOCKED))),
    # Reported, the guardian refuses: ready for the authorities.
    Story(
        9, 40, away=((14, 0),),
        acts=((12, suspect), (11, report(5)), (9, REFUSED), (8, facts(reasons=["12"], whereabouts="02"))),
    ),
    # With the authorities, found 辍学.
    Story(
        9, 2, away=((44, 0),),
        acts=(
            (42, suspect), (41, report(2)), (40, AWAY), (38, LOCKED), (36, REFUSED), (33, enforce),
            (30, served("education", "青政教", 3)),
            (20, served("order", "青政责", 5, days=7)), (8, drop_out),
        ),
    ),
    # Back for three days of the five.
    Story(
        7, 33, away=((12, 3),), back=(2, 0),
        acts=((10, suspect), (9, report(6)), (7, PROMISED)),
    ),
    # Back and closed, now watched.
    Story(
        6, 9, away=((30, 21),), back=(20, 16),
        acts=((28, suspect), (27, report(3)), (25, PROMISED), (16, returned)),
    ),
    # A relapse: closed once, away again.
    Story(
        8, 44, away=((40, 33), (7, 0)), back=(32, 28),
        acts=(
            (38, suspect), (37, report(1)), (35, PROMISED), (28, returned),
            (5, suspect), (4, report(8)), (3, REFUSED),
        ),
    ),
    # Ill: the bureau has approved a suspension.
    Story(7, 50, away=((26, 18),), acts=((24, suspect), (23, report(4)), (18, fell_ill))),
)  # fmt: skip
