"""What papers and ledgers ask of 学籍异动: each with its pupil, its classes, its papers and steps, read at once."""

import datetime
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.db.models import Prefetch, QuerySet

from kongchuo import dates
from schools import calendar
from schools.books import Asked
from schools.models import Term
from students import procedures
from students.codes import (
    ETHNICITIES,
    Change,
    DisabilityGrade,
    DisabilityKind,
    EnrollmentStatus,
    ProofGrade,
    TagKind,
)
from students.models import ChangeStep, Enrollment, Guardian, Paper, RollChange, StudentDetails, Tag
from students.models.changes import RollChangeQuerySet
from students.procedures import Item

ONE_DAY = datetime.timedelta(days=1)

FETCHED: dict[str, tuple[str, QuerySet]] = {
    "papers": ("kept_papers", Paper.objects.standing()),
    "steps": ("passed_steps", ChangeStep.objects.all()),
    "student__guardians": ("family", Guardian.objects.all()),
    "student__tags": ("groups", Tag.objects.all()),
    "student__enrollments": (
        "history",
        Enrollment.objects.standing().select_related("classroom").order_by("starts_on", "pk"),
    ),
}
"""What is read along with the changes, and the attribute under which it is left."""


def changes_of(asked: Asked) -> RollChangeQuerySet:
    """The changes of the school that this person sees, up to the day asked for, voided ones included."""
    seen = RollChange.objects.visible_to(asked.user).filter(school=asked.school, on__lte=asked.on)
    return seen.order_by("on", "pk")


def moves(changes: QuerySet[RollChange], day: datetime.date) -> list["Move"]:
    """Each change as it stood on a day, with all that a paper may ask; as many queries for two as for twenty."""
    rows = changes.select_related("student__details", "school", "classroom", "recorded_by", "voided_by")
    rows = rows.prefetch_related(
        *(Prefetch(path, found, to_attr=attribute) for path, (attribute, found) in FETCHED.items())
    )
    return [Move(change, day) for change in rows]


class Move:
    """One 异动 as papers tell it on a day. Reads only what `moves` fetched."""

    def __init__(self, change: RollChange, day: datetime.date):
        self.change, self.day = change, day
        self.student, self.school = change.student, change.school

    @property
    def kind(self) -> str:
        """异动类别, 续休 told from 休学."""
        return "续休" if self.is_extension else self.change.get_kind_display()

    @property
    def is_voided(self) -> bool:
        return self.change.voided_at is not None

    @property
    def settled_on(self) -> datetime.date | None:
        """办结日期; None while it is under way."""
        on = self.change.settled_on
        return on if on and on <= self.day else None

    # The pupil
    @property
    def ethnicity(self) -> str:
        return ETHNICITIES.get(self.student.ethnicity, "")

    @property
    def details(self) -> StudentDetails | None:
        return getattr(self.student, "details", None)

    @property
    def home(self) -> str:
        """现住址."""
        return self.student.address or (self.details.home_address if self.details else "")

    @property
    def guardian(self) -> Guardian | None:
        """The one to call: the first who is a guardian, else the first."""
        family: list[Guardian] = self.student.family  # type: ignore[attr-defined]
        return next((person for person in family if person.is_guardian), next(iter(family), None))

    @property
    def guardian_words(self) -> str:
        """「周奶奶（祖母）」"""
        person = self.guardian
        if not person:
            return ""
        relation = person.get_relation_display()
        return f"{person.name}（{relation}）" if relation else person.name

    @property
    def phone(self) -> str:
        return self.guardian.phone if self.guardian else ""

    @property
    def disability(self) -> str:
        """「肢体二级」, as of the change; empty when no mark of it was in force."""
        marks: list[Tag] = self.student.groups  # type: ignore[attr-defined]
        for mark in marks:
            if mark.kind == TagKind.DISABLED and mark.starts_on <= self.change.on and not self._is_over(mark):
                kind = DisabilityKind(mark.disability).label if mark.disability else ""
                grade = DisabilityGrade(mark.disability_grade).label if mark.disability_grade else ""
                return kind + grade or mark.detail
        return ""

    def _is_over(self, mark: Tag) -> bool:
        return mark.ends_on is not None and mark.ends_on < self.change.on

    # The roll before and after
    @cached_property
    def before(self) -> Enrollment | None:
        """The stretch of the day before the change; None for one who comes onto the roll."""
        return self._stretch(self.change.on - ONE_DAY)

    @cached_property
    def after(self) -> Enrollment | None:
        """The stretch that the change began; None where the pupil no longer belongs, or the change is voided."""
        return None if self.is_voided else self._stretch(self.change.on)

    def _stretch(self, day: datetime.date) -> Enrollment | None:
        return next(
            (
                row
                for row in self.student.history
                if row.starts_on <= day and (row.ends_on is None or day <= row.ends_on)
            ),
            None,
        )

    @property
    def old_class(self) -> str:
        """原年级班, as it was called on the day before."""
        return self.before.classroom.label_on(self.change.on - ONE_DAY) if self.before else ""

    @property
    def new_class(self) -> str:
        """现年级班, as it was called on the day; empty for one who leaves."""
        classroom = self.after.classroom if self.after else self.change.classroom
        return classroom.label_on(self.change.on) if classroom else ""

    @property
    def classroom(self) -> str:
        """The class that the paper is about: the old one, of a newcomer the new one."""
        return self.old_class or self.new_class

    @property
    def old_status(self) -> str:
        return EnrollmentStatus(self.before.status).label if self.before else "不在册"

    @property
    def new_status(self) -> str:
        return EnrollmentStatus(self.after.status).label if self.after else "不在册"

    @property
    def is_extension(self) -> bool:
        """续休: a suspension that follows on another."""
        suspended = self.before is not None and self.before.status == EnrollmentStatus.SUSPENDED
        return self.change.kind == Change.SUSPENSION and suspended

    @cached_property
    def last(self) -> Enrollment | None:
        """The last stretch of the standing that this change began: a move to another class does not end it."""
        last = self.after
        for row in self.student.history:
            if last and last.ends_on and row.starts_on == last.ends_on + ONE_DAY and row.status == last.status:
                last = row
        return last

    @property
    def ended_on(self) -> datetime.date | None:
        """The last day of the standing that this change began; None while it lasts."""
        on = self.last.ends_on if self.last else None
        return on if on and on < self.day else None

    @property
    def ended_by(self) -> str:
        """The kind of 异动 that ended it; empty while it lasts."""
        return self.last.ended_by if self.last and self.ended_on else ""

    # The other school, the papers, the steps
    @property
    def elsewhere(self) -> str:
        """去向/来源校, with the place where it is known."""
        change = self.change
        if change.other_school and change.other_place:
            return f"{change.other_school}（{change.other_place}）"
        return change.other_school or change.other_place

    @property
    def reason(self) -> str:
        return self.change.get_reason_display()

    @property
    def recorder(self) -> str:
        """经办人."""
        return self.change.recorded_by.name if self.change.recorded_by else ""

    @property
    def papers(self) -> list[Paper]:
        return self.change.kept_papers  # type: ignore[attr-defined]

    @property
    def paper_words(self) -> str:
        """「转学申请表；接收学校回执 白中〔2026〕3号」"""
        return "；".join(f"{paper.title} {paper.number}".strip() for paper in self.papers)

    @cached_property
    def checklist(self) -> list[Item]:
        """The papers that the kind asks for, with what is in."""
        return procedures.checklist(self.change, self.papers)

    @property
    def lacking(self) -> list[str]:
        """The papers without which it can't be finished."""
        return [item.asked.title for item in self.checklist if item.is_missing]

    @property
    def paper_state(self) -> str:
        """「2份，齐全」「1份，缺：接收学校回执」"""
        lacking = self.lacking
        return f"{len(self.papers)}份，" + (f"缺：{'、'.join(lacking)}" if lacking else "齐全")

    @property
    def proof(self) -> str:
        """佐证等级: the best that a paper of this change has, as the code list orders them."""
        held = {paper.grade for paper in self.papers if paper.grade}
        return next((grade.label for grade in ProofGrade if grade in held), "")

    @property
    def steps(self) -> list[ChangeStep]:
        return self.change.passed_steps  # type: ignore[attr-defined]

    @property
    def late_steps(self) -> list[ChangeStep]:
        """Steps that were done after their day, or are not done and past it."""
        return [step for step in self.steps if step.due_on and (self.done_on(step) or self.day) > step.due_on]

    def done_on(self, step: ChangeStep) -> datetime.date | None:
        """When a step was done, as known on the day."""
        return step.done_on if step.done_on and step.done_on <= self.day else None


# --- The period that is asked for -----------------------------------------------------------------------------
def period_of(asked: Asked) -> tuple[datetime.date, datetime.date]:
    """First and last day of the period: of the month or term asked for, else of the term of the day.

    It never reaches beyond the day asked for. Terms meet without a gap, so that what happens in the holidays is in one
    of them: each reaches to the day before the next one begins, the last of a school year to its 31 August.
    """
    if asked.month:
        first = datetime.date.fromisoformat(f"{asked.month}-01")
        last = calendar.add_months(first, 1) - ONE_DAY
    else:
        first, last = _reach(asked.term) if asked.term else _reach_on(asked)
    return first, min(last, asked.on)


def _reach(term: Term) -> tuple[datetime.date, datetime.date]:
    terms = Term.objects.filter(school=term.school_id)
    year = term.school_year
    opening = datetime.date(year, 9, 1) if term.number == 1 else datetime.date(year + 1, 2, 1)
    is_first = not terms.filter(starts_on__lt=term.starts_on, school_year=year).exists()
    following = terms.filter(starts_on__gt=term.starts_on).order_by("starts_on").first()
    first = min(term.starts_on, opening) if is_first else term.starts_on
    return first, following.starts_on - ONE_DAY if following else datetime.date(year + 1, 8, 31)


def _reach_on(asked: Asked) -> tuple[datetime.date, datetime.date]:
    """The term of the day; where the calendar has none, the half of the school year."""
    begun = Term.objects.filter(school=asked.school, starts_on__lte=asked.on, school_year=dates.school_year(asked.on))
    if term := begun.order_by("-starts_on").first():
        return _reach(term)
    autumn, spring = dates.school_year_start(asked.on), datetime.date(dates.school_year(asked.on) + 1, 2, 1)
    return (spring, calendar.add_months(spring, 7) - ONE_DAY) if asked.on >= spring else (autumn, spring - ONE_DAY)


def in_period(changes: RollChangeQuerySet, asked: Asked) -> RollChangeQuerySet:
    return changes.filter(on__range=period_of(asked))


def of_class(rows: Iterable[Move], asked: Asked) -> list[Move]:
    """Those that concern the class asked for: it lost or got the pupil, or has had the pupil all along."""
    if asked.classroom is None:
        return list(rows)
    key: Any = asked.classroom.pk
    return [
        row
        for row in rows
        if key in {part.classroom_id for part in (row.before, row.after, row.change) if part is not None}
    ]
