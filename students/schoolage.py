"""适龄儿童少年: who of school age is where. Every figure of the 摸底册 is a selection from the one list made here.

Of a child on our own roll the roll says where it learns; of any other child, what the surveyor wrote.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from kongchuo import dates
from schools.codes import Stage
from schools.models import Unit, User
from schools.policy import Rules, rules_on
from students import dropouts
from students.codes import Change, EnrollmentStatus, ProofGrade, Schooling
from students.models import Enrollment, Paper, Resident, Student

PROOF, DEFERRAL = "elsewhere", "deferral"
"""Codes of a resident's papers: 就读证明 of a child who learns elsewhere, and 缓学批准."""
AT_SCHOOL = frozenset(
    {Schooling.LOCAL_LOCAL, Schooling.LOCAL_OUT, Schooling.OUT_LOCAL, Schooling.HOME_TEACHING, Schooling.COMPLETED}
)
COLUMNS = (
    Schooling.LOCAL_LOCAL, Schooling.LOCAL_OUT, Schooling.OUT_LOCAL, Schooling.HOME_TEACHING, Schooling.SUSPENDED,
    Schooling.DEFERRED, Schooling.NEVER, Schooling.DROPPED, Schooling.COMPLETED, Schooling.UNKNOWN,
)  # fmt: skip
"""就学状况 in the order of the summary. A child of school age is never 「未到入学年龄」."""
_HERE = frozenset({EnrollmentStatus.IN_CLASS, EnrollmentStatus.GUEST, EnrollmentStatus.SPECIAL_SCHOOL})
_BY_STANDING = {
    EnrollmentStatus.HOME_TEACHING: Schooling.HOME_TEACHING,
    EnrollmentStatus.SUSPENDED: Schooling.SUSPENDED,
    EnrollmentStatus.ELSEWHERE: Schooling.LOCAL_OUT,
    EnrollmentStatus.TRANSFERRING: Schooling.LOCAL_OUT,
    EnrollmentStatus.MISSING: Schooling.UNKNOWN,
}
_GRADES = {ProofGrade.RECEIPT: 3, ProofGrade.SCREENSHOT: 2, ProofGrade.CALL: 1}


@dataclass(frozen=True)
class Ages:
    """Completed years (周岁) on 31 August before the school year of a day, and the bands that the rules set."""

    counted_on: datetime.date
    first: int
    primary_until: int
    junior_until: int
    until: int

    @classmethod
    def on(cls, rules: Rules, day: datetime.date) -> "Ages":
        return cls(
            datetime.date(dates.school_year(day), 8, 31),
            rules.count("school_age_from"),
            rules.count("primary_age_until"),
            rules.count("junior_age_until"),
            rules.count("school_age_until"),
        )

    def born(self, youngest: int, oldest: int) -> tuple[datetime.date, datetime.date]:
        """First and last birth date of those who are so many years old, both ages included."""
        year = self.counted_on.year
        return datetime.date(year - oldest - 1, 9, 1), self.counted_on.replace(year=year - youngest)

    def stage(self, age: int) -> str:
        """学段 by age alone; empty beyond the junior ages (15 周岁 are of school age and of neither stage)."""
        if age < self.first or age > self.junior_until:
            return ""
        return Stage.PRIMARY if age <= self.primary_until else Stage.JUNIOR

    @property
    def in_words(self) -> str:
        """「适龄：截至2025年8月31日满6周岁、不满16周岁」"""
        return f"适龄：截至{dates.chinese(self.counted_on)}满{self.first}周岁、不满{self.until + 1}周岁"


@dataclass
class Child:
    """A child of the survey as it stands on a day."""

    resident: Resident
    age: int
    stage: str
    schooling: str
    day: datetime.date
    pupil: Student | None = None
    place: Enrollment | None = None  # the stretch on the roll in force
    papers: list[Paper] = field(default_factory=list)
    settled: bool = False  # transferred with the receipt in

    @property
    def label(self) -> str:
        return Schooling(self.schooling).label

    @property
    def at_school(self) -> bool:
        return self.schooling in AT_SCHOOL

    @property
    def elsewhere(self) -> bool:
        return self.schooling == Schooling.LOCAL_OUT

    @property
    def school(self) -> str:
        """By the roll for who learns here, else as written."""
        if self.place and not self.elsewhere:
            return self.resident.household.school.name
        return self.resident.school_name

    @property
    def grade(self) -> str:
        return self.place.classroom.grade_label_on(self.day) if self.place else self.resident.grade

    @property
    def where(self) -> str:
        """School and grade in a word: 「本校七(1)班」, 「清江一小 五年级」."""
        if self.place and not self.elsewhere:
            return f"本校{self.place.classroom.label_on(self.day)}"
        return " ".join(part for part in (self.resident.school_name, self.resident.grade) if part)

    @property
    def grade_of_proof(self) -> str:
        """The best proof at hand that the child learns elsewhere; empty for none."""
        grades = {paper.grade for paper in self.papers if paper.code == PROOF and paper.grade}
        if self.settled:
            grades.add(ProofGrade.RECEIPT)
        return max(grades, key=lambda grade: _GRADES[ProofGrade(grade)], default="")

    @property
    def proof_label(self) -> str:
        return ProofGrade(self.grade_of_proof).label if self.grade_of_proof else ""

    @property
    def approved(self) -> bool:
        """缓学 with its approval, not yet past its end."""
        until = self.resident.deferred_until
        has_paper = any(paper.code == DEFERRAL for paper in self.papers)
        return self.schooling == Schooling.DEFERRED and has_paper and until is not None and until >= self.day

    @property
    def lacks(self) -> str:
        """What is missing of the procedure (手续), in words; empty when nothing is."""
        if self.schooling == Schooling.LOCAL_OUT:
            return "" if self.grade_of_proof else "没有就读证明"
        if self.schooling == Schooling.DEFERRED:
            return "" if self.approved else "缓学没有批准文件或已期满"
        return {Schooling.NEVER: "没有入学，也没有缓学批准", Schooling.DROPPED: "辍学未返校"}.get(
            Schooling(self.schooling), ""
        )

    @property
    def without_procedure(self) -> bool:
        """缺手续: of school age, not at school, and no approval of 缓学 that holds."""
        return bool(self.lacks) and not self.at_school

    @property
    def hint(self) -> str:
        """What may be done about a child without procedure."""
        if not self.without_procedure:
            return ""
        if self.resident.disability:
            return "残疾儿童：能到校的安排随班就读或特教学校；不能到校的申请送教上门，或依法办缓学。"
        if self.schooling == Schooling.DROPPED:
            return "按个案劝返。"
        return "送达入学通知书，动员入学；确因身体状况需要推迟的，由监护人申请缓学。"


def children(user: User, school: Unit, day: datetime.date) -> list[Child]:
    """Every child of school age on a day, by village and household. Six queries, whatever the number."""
    ages = Ages.on(rules_on(school, day), day)
    return of_ages(user, school, day, ages, ages.first, ages.until)


def of_ages(
    user: User, school: Unit, day: datetime.date, ages: Ages, youngest: int, oldest: int, **about: int
) -> list[Child]:
    """Members of households who are so many years old, with where each learns. `about` narrows the residents."""
    residents = (
        Resident.objects.visible_to(user)
        .filter(household__school=school, **about)
        .living_here(day)
        .born_between(*ages.born(youngest, oldest))
        .select_related("household__school")
        .order_by("household__village", "household__hamlet", "household__number", "pk")
    )
    return _placed(list(residents), user, school, day, ages)


def one(user: User, resident: Resident, day: datetime.date) -> Child | None:
    """A single person as a child of school age; None for anybody else."""
    school = resident.household.school
    ages = Ages.on(rules_on(school, day), day)
    return next(iter(of_ages(user, school, day, ages, ages.first, ages.until, pk=resident.pk)), None)


def _placed(residents: Sequence[Resident], user: User, school: Unit, day: datetime.date, ages: Ages) -> list[Child]:
    pupils = pupils_of(residents, user, school)
    last = _last_stretches(pupils.values(), user, day)
    papers: dict[int, list[Paper]] = {}
    kept = Paper.objects.visible_to(user).standing().filter(school=school, resident__isnull=False)
    for paper in kept:
        if paper.resident_id:
            papers.setdefault(paper.resident_id, []).append(paper)
    away = {dropout.student_id for dropout in dropouts.of_school(school, day) if dropout.stands_on(day)}
    found = []
    for resident in residents:
        pupil = pupils.get(resident.pk)
        stretch = last.get(pupil.pk) if pupil else None
        place = stretch if stretch and (stretch.ends_on is None or stretch.ends_on >= day) else None
        assert resident.birth_date
        age = dates.age_on(resident.birth_date, ages.counted_on)
        settled = bool(stretch and not place and stretch.ended_by == Change.TRANSFER_OUT)
        dropped = pupil is not None and pupil.pk in away
        schooling = Schooling.DROPPED if dropped else _schooling(resident, stretch, place, school)
        found.append(
            Child(
                resident, age, ages.stage(age), schooling, day, pupil, place, papers.get(resident.pk, []),
                settled and schooling == Schooling.LOCAL_OUT,
            )
        )  # fmt: skip
    return found


def pupils_of(residents: Iterable[Resident], user: User, school: Unit) -> dict[int, Student]:
    """Our own pupils among the residents: by ID number, or by a person's word (`Resident.student`)."""
    residents = list(residents)
    hashes = [resident.id_hash for resident in residents if resident.id_hash]
    keys = [resident.student_id for resident in residents if resident.student_id]
    students = Student.objects.visible_to(user).filter(Q(id_hash__in=hashes) | Q(pk__in=keys), school=school)
    by_hash, by_key = {}, {}
    for own in students:
        by_hash[own.id_hash], by_key[own.pk] = own, own
    by_hash.pop("", None)
    found = {}
    for resident in residents:
        student = by_key.get(resident.student_id or 0) or by_hash.get(resident.id_hash)
        if student:
            found[resident.pk] = student
    return found


def _last_stretches(pupils: Iterable[Student], user: User, day: datetime.date) -> dict[int, Enrollment]:
    rows = (
        Enrollment.objects.visible_to(user)
        .standing()
        .filter(student__in=[pupil.pk for pupil in pupils], starts_on__lte=day)
        .select_related("classroom")
        .order_by("starts_on", "pk")
    )
    return {row.student_id: row for row in rows}


def _schooling(resident: Resident, last: Enrollment | None, place: Enrollment | None, school: Unit) -> str:
    if place:
        if place.status in _HERE:
            return Schooling.LOCAL_LOCAL if resident.household.is_local else Schooling.OUT_LOCAL
        return _BY_STANDING[EnrollmentStatus(place.status)]
    if last and last.ended_by == Change.TRANSFER_OUT:
        return Schooling.LOCAL_OUT
    if last and last.ended_by == Change.GRADUATION and last.classroom.stage == Stage.JUNIOR:
        return Schooling.COMPLETED
    return _as_written(resident, school)


def _as_written(resident: Resident, school: Unit) -> str:
    """What the surveyor wrote, unless it can't be: learning here without being on our roll is nobody's knowledge."""
    written = resident.schooling
    if written in ("", Schooling.NOT_YET):
        return Schooling.UNKNOWN
    claims_here = written in (Schooling.LOCAL_LOCAL, Schooling.OUT_LOCAL)
    if claims_here and resident.school_name in ("", "本校", school.name):
        return Schooling.UNKNOWN
    return written


# --- Selections: each number of a page, and the list that it opens ----------------------------------------------
SELECTIONS: dict[str, tuple[str, Callable[[Child], bool]]] = {
    "all": ("适龄儿童少年", lambda child: True),
    "at_school": ("已就学", lambda child: child.at_school),
    "proven": ("本在外有证明", lambda child: child.schooling == Schooling.LOCAL_OUT and bool(child.grade_of_proof)),
    "unproven": ("本在外缺证明", lambda child: child.schooling == Schooling.LOCAL_OUT and not child.grade_of_proof),
    "without": ("缺手续", lambda child: child.without_procedure),
    "disabled": ("残疾", lambda child: bool(child.resident.disability)),
    "disabled_out": ("残疾未就学", lambda child: bool(child.resident.disability) and not child.at_school),
} | {
    code.value: (code.label, lambda child, code=code: child.schooling == code)
    for code in COLUMNS
}  # fmt: skip
"""Key of an address: what the selection is called, and who belongs to it."""


def selected(everybody: Iterable[Child], key: str, village: str = "") -> list[Child]:
    belongs = SELECTIONS[key][1]
    return [child for child in everybody if belongs(child) and village in ("", child.resident.household.village)]


@dataclass(frozen=True)
class VillageLine:
    """One village of the summary: its children, and how many are where, in the order of COLUMNS."""

    village: str
    total: int
    counts: list[tuple[str, str, int]]  # key, label, number


def by_village(everybody: Sequence[Child]) -> list[VillageLine]:
    """The summary, one line a village and 合计 as the last."""
    villages = sorted({child.resident.household.village for child in everybody})
    lines = [_line(name, [c for c in everybody if c.resident.household.village == name]) for name in villages]
    return [*lines, _line("", everybody)]


def _line(village: str, members: Sequence[Child]) -> VillageLine:
    counted = Counter(child.schooling for child in members)
    return VillageLine(village, len(members), [(code.value, code.label, counted[code]) for code in COLUMNS])


def proven_share(everybody: Iterable[Child]) -> tuple[int, int]:
    """证明齐全率: of those who learn elsewhere, how many have a proof, and how many they are."""
    elsewhere = [child for child in everybody if child.schooling == Schooling.LOCAL_OUT]
    return sum(bool(child.grade_of_proof) for child in elsewhere), len(elsewhere)
