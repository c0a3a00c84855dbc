"""Who stands in each term of the rates: one reading of the roll, the survey and the dropouts, as of a day.

Sets of names, never bare counts: a figure is the length of the list that it opens. A fixed number of queries.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kongchuo import dates
from schools.codes import Stage
from schools.models import Term, Unit, User
from schools.policy import rules_on
from students import dropouts, schoolage
from students.codes import Change, Education, EnrollmentStatus, Schooling
from students.dropouts import Dropout
from students.models import Enrollment, RollChange
from students.rates import TERMS, Formula, Rate
from students.schoolage import Ages, Child

POINTS = ((3, 10), (9, 10))
POINT_DAYS = 10
"""半年统计点 and the days before it that decide whether somebody is back: 广东半年报. They make the definition."""
_DAY = datetime.timedelta(days=1)
_PAUSED = frozenset({EnrollmentStatus.SUSPENDED, EnrollmentStatus.MISSING})
_BEGAN = frozenset({Change.ENTRY, Change.IMPORT})
_OUT_OF_COHORT = frozenset({Change.TRANSFER_OUT, Change.ABROAD, Change.RETAIN, Change.SKIP, Change.CLASS})
_PROPERLY = frozenset({Change.TRANSFER_OUT, Change.ABROAD, Change.DEATH, Change.GRADUATION})
_FINISHED = {
    Stage.PRIMARY: frozenset(Education) - {Education.NONE, Education.PRESCHOOL},
    Stage.JUNIOR: frozenset(Education) - {Education.NONE, Education.PRESCHOOL, Education.PRIMARY},
}
_HIGHER = ("七年级", "八年级", "九年级", "初一", "初二", "初三", "高一", "高二", "高三", "中职", "中专")


@dataclass(frozen=True)
class Name:
    """One line behind a figure: who, where, and what happened when."""

    name: str
    where: str
    stage: str
    student_id: int | None = None
    resident_id: int | None = None
    note: str = ""


@dataclass
class Life:
    """One pupil's stretches on our roll so far, in order (借读 from elsewhere left out)."""

    parts: list[Enrollment] = field(default_factory=list)

    def on(self, day: datetime.date) -> Enrollment | None:
        covering = (part for part in self.parts if part.starts_on <= day)
        return next((part for part in covering if part.ends_on is None or part.ends_on >= day), None)

    @property
    def last(self) -> Enrollment:
        return self.parts[-1]


class Tally:
    """The terms of a school's rates on a cut-off day, for somebody who may see its pupils."""

    def __init__(self, user: User, school: Unit, on: datetime.date):
        self.user, self.school, self.on = user, school, on
        self.year = dates.school_year(on)
        self.start = self._year_start()
        self.rules = rules_on(school, on)
        self.ages = Ages.on(self.rules, on)

    def _year_start(self) -> datetime.date:
        """学年初: 1 September, or the first day of a first term that begins later."""
        first = dates.school_year_start(self.on)
        begun = Term.objects.filter(school=self.school, school_year=self.year, number=1).values_list("starts_on")
        return max([first, *(day for (day,) in begun)])

    @property
    def period(self) -> str:
        """「2025—2026学年，2025年9月1日至2026年3月11日」"""
        return f"{self.year}—{self.year + 1}学年，{dates.chinese(self.start)}至{dates.chinese(self.on)}"

    # --- What is read, each once -----------------------------------------------------------------------------
    @cached_property
    def lives(self) -> dict[int, Life]:
        rows = (
            Enrollment.objects.visible_to(self.user)
            .standing()
            .held_here()
            .filter(classroom__school=self.school, starts_on__lte=self.on)
            .select_related("classroom", "student")
            .only(
                "student__name", "classroom__school", "classroom__stage", "classroom__entry_year", "classroom__number",
                "status", "started_by", "ended_by", "starts_on", "ends_on",
            )
            .order_by("starts_on", "pk")
        )  # fmt: skip
        found: dict[int, Life] = {}
        for row in rows:
            found.setdefault(row.student_id, Life()).parts.append(row)
        return found

    @cached_property
    def dropped(self) -> list[Dropout]:
        return [one for one in dropouts.of_school(self.school, self.on) if one.student_id in self.lives]

    @cached_property
    def people(self) -> list[Child]:
        """People of the survey from school age to the year in which junior school should be finished."""
        return schoolage.of_ages(self.user, self.school, self.on, self.ages, self.ages.first, JUNIOR_DONE_BY)

    @cached_property
    def proven_out(self) -> set[int]:
        """Pupils of whose 转出 a paper is kept."""
        moved = RollChange.objects.visible_to(self.user).standing().filter(school=self.school, kind=Change.TRANSFER_OUT)
        proven = moved.filter(papers__isnull=False, papers__voided_at__isnull=True)
        return set(proven.values_list("student", flat=True))

    # --- Terms --------------------------------------------------------------------------------------------------
    def names(self, term: str, stage: str = "") -> list[Name]:
        """Who stands in a term, of one 学段 or of all."""
        return [name for name in self._terms[term] if stage in ("", name.stage)]

    def rate(self, formula: Formula, stage: str = "") -> Rate:
        used = {term for _, term in (*formula.over, *formula.under)} | {formula.needs[0]} - {""}
        return formula.rate({term: len(self.names(term, stage)) for term in used})

    @cached_property
    def _terms(self) -> Mapping[str, list[Name]]:
        parts = (self._of_the_year(), self._of_dropouts(), self._of_the_point(), self._of_retention(),
                 self._of_cohorts(), self._of_the_survey())  # fmt: skip
        terms = {key: names for part in parts for key, names in part.items()}
        assert set(terms) == set(TERMS)
        return terms

    def _on_roll(self, day: datetime.date) -> dict[int, Enrollment]:
        return {pk: part for pk, life in self.lives.items() if (part := life.on(day))}

    def _of_the_year(self) -> dict[str, list[Name]]:
        """Movements after the first day of the school year, as the roll tells them."""
        terms: dict[str, list[Name]] = {
            key: [] for key in ("suspended", "withdrawn", "died", "out", "less", "came", "more")
        }
        for life in self.lives.values():
            before: Enrollment | None = None
            for part in life.parts:
                if part.starts_on > self.start and (key := _movement_in(part, before)):
                    terms[key].append(self._name(part, part.started_by, part.starts_on))
                if part.ends_on and self.start < (gone := part.ends_on + _DAY) <= self.on:
                    key = _LEAVING.get(part.ended_by, "")
                    if key and not life.on(gone):
                        terms[key].append(self._name(part, part.ended_by, gone))
                before = part
        began = [self._name(part) for part in self._on_roll(self.start).values()]
        out = [name for name in terms["out"] if name.student_id in self.proven_out]
        return terms | {"start": began, "out_proven": out}

    def _of_dropouts(self) -> dict[str, list[Name]]:
        year = [one for one in self.dropped if one.found_on >= self.start]
        standing = [one for one in self.dropped if one.stands_on(self.on)]
        return {"dropped": self._dropouts(year), "open": self._dropouts(standing)}

    def _dropouts(self, found: Iterable[Dropout]) -> list[Name]:
        """Each pupil once, whatever the number of findings."""
        each = {one.student_id: one for one in found}
        return [
            self._name(self.lives[pk].on(one.found_on) or self.lives[pk].last, "认定辍学", one.found_on)
            for pk, one in each.items()
        ]

    def _of_the_point(self) -> dict[str, list[Name]]:
        """口径C: the half year that ends on the last 统计点."""
        point, first = half_year(self.on)
        found = [one for one in self.dropped if first <= one.found_on <= point]
        back = {one.student_id: one.back_on for one in found if one.back_on and not one.stands_on(point)}
        watched = {pk: (max(day, point - POINT_DAYS * _DAY), point) for pk, day in back.items() if day}
        away = dropouts.missed(self.school, watched)
        counted = [one for one in found if one.stands_on(point) or one.student_id in away]
        began = [self._name(part) for part in self._on_roll(first).values()]
        return {"point_start": began, "point_dropped": self._dropouts(counted)}

    def _of_retention(self) -> dict[str, list[Name]]:
        """口径B: who was here at the beginning of the year, and who of them is here now or left properly."""
        begin = self._present(self.start)
        end = self._present(self.on)
        gone = [
            self._name(life.last, life.last.ended_by, life.last.ends_on)
            for pk, life in self.lives.items()
            if pk in begin and life.last.ended_by in _PROPERLY and not life.on(self.on)
        ]
        return {
            "begin": [self._name(part) for part in begin.values()],
            "end": [self._name(part) for part in end.values()],
            "added": [self._name(part, part.started_by, part.starts_on) for pk, part in end.items() if pk not in begin],
            "left": gone,
        }

    def _present(self, day: datetime.date) -> dict[int, Enrollment]:
        """实有: on the roll, without those who have dropped out and not come back."""
        away = {one.student_id for one in self.dropped if one.stands_on(day)}
        return {pk: part for pk, part in self._on_roll(day).items() if pk not in away}

    def _of_cohorts(self) -> dict[str, list[Name]]:
        """届: the classes that finish in this school year; the stretches that pupils spent in them."""
        terms: dict[str, list[Name]] = {
            key: []
            for key in ("intake", "cohort_in", "cohort_out", "cohort_died", "graduates", "final", "nine_end",
                        "nine_intake")
        }  # fmt: skip
        finishing = {(Stage.PRIMARY, self.year - 5), (Stage.JUNIOR, self.year - 2)}
        now = self._present(self.on)
        for pk, life in self.lives.items():
            for stage, entry in finishing:
                if parts := [part for part in life.parts if _is_of(part, stage, entry)]:
                    for key in _in_cohort(life, parts, self.on):
                        terms[key].append(self._name(parts[-1] if key != "intake" else parts[0]))
            first, last = life.parts[0], life.last
            if _is_of(first, Stage.PRIMARY, self.year - 8) and first.started_by in _BEGAN:
                terms["nine_intake"].append(self._name(first, stage=Stage.JUNIOR))
            if _is_of(last, Stage.JUNIOR, self.year - 2) and (pk in now or last.ended_by == Change.GRADUATION):
                terms["nine_end"].append(self._name(last))
        return terms

    def _of_the_survey(self) -> dict[str, list[Name]]:
        local = [child for child in self.people if child.resident.household.is_local]  # 户籍口径
        in_band = [child for child in local if child.stage]
        elsewhere = [child for child in self.people if child.elsewhere and child.age <= self.ages.until]
        disabled = [child for child in in_band if child.resident.disability]
        fifteen = [child for child in local if child.age == PRIMARY_DONE_BY]
        seventeen = [child for child in local if child.age == JUNIOR_DONE_BY]
        lists = {
            "age": in_band,
            "age_at_school": [child for child in in_band if child.at_school],
            "age_deferred": [child for child in in_band if child.approved],
            "disabled": disabled,
            "disabled_at_school": [child for child in disabled if child.at_school],
            "elsewhere": elsewhere,
            "elsewhere_proven": [child for child in elsewhere if child.grade_of_proof],
            "fifteen": fifteen,
            "fifteen_done": [child for child in fifteen if finished(child, Stage.PRIMARY)],
            "seventeen": seventeen,
            "seventeen_done": [child for child in seventeen if finished(child, Stage.JUNIOR)],
        }
        return {key: [_resident(child) for child in listed] for key, listed in lists.items()}

    def _name(self, part: Enrollment, change: str = "", on: datetime.date | None = None, stage: str = "") -> Name:
        """A pupil, with the class as it was called at the end of the stretch, and what happened when."""
        words = Change(change).label if change in Change.values else change
        day = min(part.ends_on or self.on, self.on)
        return Name(
            part.student.name, part.classroom.label_on(day), stage or part.classroom.stage,
            student_id=part.student_id, note=f"{words} {dates.chinese(on)}" if on else "",
        )  # fmt: skip


PRIMARY_DONE_BY, JUNIOR_DONE_BY = 15, 17
"""Ages at which 完成率 asks whether 小学 and 初中 have been finished (普九验收)."""

_LEAVING: dict[str, str] = {
    Change.TRANSFER_OUT: "out",
    Change.DEATH: "died",
    Change.ABROAD: "less",
    Change.OTHER: "less",
}


def half_year(day: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The last 统计点 on or before a day, and the first day of its half year (the day after the point before)."""
    points = sorted(datetime.date(year, *point) for year in (day.year - 2, day.year - 1, day.year) for point in POINTS)
    past = [point for point in points if point <= day]
    return past[-1], past[-2] + _DAY


def _movement_in(part: Enrollment, before: Enrollment | None) -> str:
    """The term to which the beginning of a stretch belongs; empty where it moves nobody in or out of the figures."""
    paused = before is not None and before.status in _PAUSED
    if part.started_by == Change.SUSPENSION:
        return "" if paused else "suspended"
    if part.started_by == Change.MISSING:
        return "" if paused else "less"
    if part.started_by == Change.TRANSFER_IN:
        return "came"
    if part.started_by == Change.RESUMPTION:
        return "more" if paused else ""
    return "more" if part.started_by in _BEGAN | {Change.BACK_FROM_ABROAD} else ""


def _is_of(part: Enrollment, stage: str, entry_year: int) -> bool:
    return (part.classroom.stage, part.classroom.entry_year) == (stage, entry_year)


def _in_cohort(life: Life, parts: list[Enrollment], on: datetime.date) -> list[str]:
    """The terms of 届巩固率 in which a pupil stands by his stretches in the cohort's classes."""
    first, last = parts[0], parts[-1]
    fresh = first.started_by in _BEGAN
    keys = ["intake" if fresh else "cohort_in"]
    if last.ends_on is None or last.ends_on >= on:
        return [*keys, "final"]
    if last.ended_by == Change.GRADUATION:
        return [*keys, "graduates", "final"]
    if last.ended_by == Change.DEATH:
        return [*keys, "cohort_died"]
    return [*keys, "cohort_out"] if last.ended_by in _OUT_OF_COHORT else keys


def finished(child: Child, stage: str) -> bool:
    """Whether somebody has finished a stage: by the roll, by what the survey says of the grade, by 文化程度."""
    if child.schooling == Schooling.COMPLETED:
        return True
    if child.place:
        return stage == Stage.PRIMARY and child.place.classroom.stage == Stage.JUNIOR
    grade = child.resident.grade
    if stage == Stage.PRIMARY and any(word in grade for word in _HIGHER):
        return True
    if stage == Stage.JUNIOR and any(word in grade for word in _HIGHER[6:]):
        return True
    return child.resident.education in _FINISHED[Stage(stage)]


def _resident(child: Child) -> Name:
    home = child.resident.household
    return Name(
        child.resident.name, f"{home.village}{home.hamlet}", child.stage, resident_id=child.resident.pk,
        note=f"{child.age}周岁 {child.label} {child.where}".strip(),
    )  # fmt: skip
