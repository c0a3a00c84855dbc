"""辍学登记册: which cases stand in it on a day, and what each of them says as of that day."""

import datetime
from dataclasses import dataclass, fields
from functools import cache, cached_property
from typing import Any

from django.db.models import Choices, Count, Model, OuterRef, Prefetch, Q, QuerySet, Subquery

from followups.codes import (
    Addressee,
    FindingKind,
    LegalStep,
    Met,
    NoticeKind,
    Outcome,
    Placement,
    Result,
    Way,
    Whereabouts,
)
from followups.models import Case, Contact, Finding, LegalAct, Notice
from followups.models.cases import CaseQuerySet
from kongchuo import dates
from schools.codes import Role
from schools.models import Duty, User
from students.codes import ETHNICITIES, Relation, Sex, TagKind
from students.models import Guardian, Tag


@dataclass(frozen=True)
class Choice:
    """What a person has narrowed the register down to; empty means all."""

    state: str = ""
    stage: str = ""
    classroom: int | None = None
    village: str = ""
    kind: str = ""
    reason: str = ""

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Choice":
        """From stored or cleaned values; what is not a filter is left aside."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known and value})

    @property
    def kept(self) -> dict[str, Any]:
        """The filters that are set, as they are stored with an export."""
        return {field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name)}


def cases_on(cases: CaseQuerySet, day: datetime.date, choice: Choice = Choice()) -> CaseQuerySet:
    """The register on a day: found by then, and open on it or closed in its school year. Warnings are not in it."""
    register = cases.in_register(day, dates.school_year_start(day))
    latest = Finding.objects.filter(case=OuterRef("pk"), on__lte=day).order_by("-on", "-pk")
    states = {"open": ~_is_closed(day), "closed": _is_closed(day), "returned": _has_returned(day)}
    conditions = {
        "state": lambda state: states[state],
        "stage": lambda stage: Q(classroom__stage=stage),
        "classroom": lambda key: Q(classroom=key),
        "village": lambda village: Q(student__village=village),
        "kind": lambda kind: Q(kind_on_day=kind),
        "reason": lambda code: Q(reasons__icontains=f'"{code}"'),  # the one text search that both databases know
    }
    register = register.annotate(kind_on_day=Subquery(latest.values("kind")[:1]))
    for name, value in choice.kept.items():
        register = register.filter(conditions[name](value))
    return register.order_by("school__path", "-classroom__stage", "-classroom__entry_year", "classroom__number", "pk")


def _is_closed(day: datetime.date) -> Q:
    return Q(closed_on__isnull=False, closed_on__lte=day)


def _has_returned(day: datetime.date) -> Q:
    return _is_closed(day) & Q(outcome=Outcome.RETURNED)


def summary(register: CaseQuerySet, day: datetime.date) -> dict[str, int]:
    """The counts above the list, of the very cases that it lists."""
    return register.order_by().aggregate(
        total=Count("pk"),
        suspected=Count("pk", filter=Q(kind_on_day=FindingKind.SUSPECTED)),
        dropout=Count("pk", filter=Q(kind_on_day=FindingKind.DROPOUT)),
        returned=Count("pk", filter=_has_returned(day)),
        open=Count("pk", filter=~_is_closed(day)),
    )


def known(cases: CaseQuerySet) -> tuple[list[int], list[str]]:
    """The school years (latest first) and the villages of the cases that were found."""
    rows = set(cases.found().order_by().values_list("number_year", "student__village"))
    years = {year for year, _ in rows if year}
    return sorted(years, reverse=True), sorted({village for _, village in rows if village})


def entries(cases: CaseQuerySet, day: datetime.date) -> list["Entry"]:
    """Each case with all that a form may ask about it. The number of queries does not depend on the number of cases."""
    rows = cases.select_related("student", "school", "classroom", "responsible", "previous").prefetch_related(
        # Into plain lists: a manager that filters for each of a thousand cases takes half of the time.
        *(Prefetch(path, rows, to_attr=_fetched(path)) for path, rows in FETCHED.items())
    )
    return [Entry(case, day) for case in rows]


def _fetched(path: str) -> str:
    """The attribute under which `entries` leaves the rows of a relation."""
    return f"fetched_{path.rpartition('__')[2]}"


FETCHED: dict[str, QuerySet] = {
    "findings": Finding.objects.all(),
    "notices": Notice.objects.all(),
    "legal_acts": LegalAct.objects.all(),
    "student__contacts": Contact.objects.select_related("made_by").order_by("on", "pk"),
    "student__guardians": Guardian.objects.all(),
    "student__tags": Tag.objects.all(),
    "classroom__duties": Duty.objects.filter(role=Role.HEAD_TEACHER).order_by("-starts_on").select_related("user"),
}
"""What is read along with the cases, the head teachers' duties latest first."""


def label(codes: type[Choices], code: Any) -> str:
    """The words of a code; the code itself where the list doesn't know it."""
    return _labels(codes).get(code, str(code))


@cache
def _labels(codes: type[Choices]) -> dict[Any, str]:
    return {value: str(words) for value, words in codes.choices}


class Entry:
    """One case as it stood on a day: what was found, done and known by then. Reads only what `entries` fetched."""

    def __init__(self, case: Case, day: datetime.date):
        self.case, self.day = case, day
        self.student = case.student

    def _rows(self, owner: Model, relation: str) -> list[Any]:
        return getattr(owner, _fetched(relation))

    # What was found, and how it ended
    @cached_property
    def findings(self) -> list[Finding]:
        return [finding for finding in self._rows(self.case, "findings") if finding.on <= self.day]

    @property
    def finding(self) -> Finding:
        """The latest by the day; the register has no case without one."""
        return self.findings[-1]

    @property
    def kind(self) -> str:
        """认定类别."""
        return label(FindingKind, self.finding.kind)

    @property
    def is_dropout(self) -> bool:
        return self.finding.kind == FindingKind.DROPOUT

    @property
    def is_closed(self) -> bool:
        return self.case.closed_on is not None and self.case.closed_on <= self.day

    @property
    def has_returned(self) -> bool:
        return self.is_closed and self.case.outcome == Outcome.RETURNED

    @property
    def returned_on(self) -> datetime.date | None:
        return self.case.returned_on if self.has_returned else None

    @property
    def placement(self) -> str:
        return label(Placement, self.case.placement) if self.has_returned else ""

    @property
    def closed_on(self) -> datetime.date | None:
        return self.case.closed_on if self.is_closed else None

    @property
    def outcome(self) -> str:
        return label(Outcome, self.case.outcome) if self.is_closed else ""

    # The pupil
    @property
    def grade(self) -> str:
        return self.case.classroom.grade_label_on(self.day)

    @property
    def classroom(self) -> str:
        return self.case.classroom.label_on(self.day)

    @property
    def sex(self) -> str:
        return label(Sex, self.student.sex)

    @property
    def ethnicity(self) -> str:
        return ETHNICITIES.get(self.student.ethnicity, "")

    @property
    def village(self) -> str:
        return self.student.village or "未填村屯"

    @cached_property
    def guardians(self) -> list[Guardian]:
        return self._rows(self.student, "guardians")

    @property
    def guardian(self) -> Guardian | None:
        """The one to call: the first who is a guardian, else the first."""
        return next((person for person in self.guardians if person.is_guardian), next(iter(self.guardians), None))

    @property
    def relation(self) -> str:
        """与学生关系, of the one to call."""
        return label(Relation, self.guardian.relation) if self.guardian else ""

    def relative(self, relation: Relation) -> Guardian | None:
        return next((person for person in self.guardians if person.relation == relation), None)

    @cached_property
    def tags(self) -> list[TagKind]:
        """Groups that the pupil belonged to on the day."""
        return [
            TagKind(tag.kind)
            for tag in self._rows(self.student, "tags")
            if tag.starts_on <= self.day and (tag.ends_on is None or tag.ends_on >= self.day)
        ]

    @property
    def is_poor(self) -> bool:
        """脱贫户 or 监测户."""
        return not {TagKind.POVERTY, TagKind.MONITORED}.isdisjoint(self.tags)

    @property
    def head_teacher(self) -> User | None:
        """The class's head teacher on the day."""
        duties = self._rows(self.case.classroom, "duties")
        return next(
            (
                duty.user
                for duty in duties
                if duty.starts_on <= self.day and (duty.ends_on is None or duty.ends_on >= self.day)
            ),
            None,
        )

    # What happened
    @property
    def left_on(self) -> datetime.date | None:
        """辍学(离校)时间: as recorded, else the first day of the absence."""
        return self.case.left_on or self.case.spell_from

    @property
    def reasons(self) -> str:
        return _joined(self.case.reason_labels, self.case.reason_text)

    @property
    def whereabouts(self) -> str:
        return _joined(label(Whereabouts, self.case.whereabouts), self.case.whereabouts_text)

    @cached_property
    def contacts(self) -> list[Contact]:
        """From the first day of the absence, before any case, to the end of the watch; oldest first."""
        first = self.case.spell_from or self.case.opened_on
        last = min(self.day, self.case.watch_until or self.case.closed_on or self.day)
        return [contact for contact in self._rows(self.student, "contacts") if first <= contact.on <= last]

    @property
    def visits(self) -> int:
        return sum(contact.is_visit for contact in self.contacts)

    @cached_property
    def notices(self) -> list[Notice]:
        return [notice for notice in self._rows(self.case, "notices") if notice.dated_on <= self.day]

    @cached_property
    def acts(self) -> list[LegalAct]:
        return [act for act in self._rows(self.case, "legal_acts") if act.served_on <= self.day]

    def reported_to(self, addressee: Addressee) -> Notice | None:
        """The first paper that went there."""
        return next((notice for notice in self.notices if addressee in notice.addressees), None)

    def act(self, step: LegalStep) -> LegalAct | None:
        """The first paper of that step of the 四步法."""
        return next((act for act in self.acts if act.step == step), None)

    @property
    def efforts(self) -> str:
        """劝返情况及处理措施, in a few words: how often, the latest result, the papers."""
        calls = len(self.contacts) - self.visits
        words = [f"电话等联系{calls}次、家访{self.visits}次"] if self.contacts else ["尚无联系记录"]
        if self.contacts:
            words.append(f"最近{contact_words(self.contacts[-1])}")
        words += [
            f"{label(NoticeKind, notice.kind)}{notice.number}({dates.short(notice.dated_on)})"
            for notice in self.notices
        ]
        words += [f"{act.title}{act.number}({act.issuer}，{dates.short(act.served_on)}送达)" for act in self.acts]
        return "；".join(words)

    @property
    def why_not_back(self) -> str:
        """未复学原因: another lawful end, or what the family said last."""
        if self.has_returned:
            return ""
        return self.outcome or (contact_words(self.contacts[-1]) if self.contacts else "")

    @property
    def responsible(self) -> str:
        """包保责任人及电话."""
        person = self.case.responsible
        return f"{person.name} {person.phone}".strip() if person else ""

    @property
    def remarks(self) -> str:
        """备注: the case's number, whether it is a relapse, how it was closed."""
        parts = [self.case.label]
        if self.case.previous:
            parts.append(f"复学后又缺，上次{self.case.previous.label}")
        if self.is_closed:
            parts.append(f"{dates.short(self.case.closed_on)}销号：{self.outcome}")  # type: ignore[arg-type]
        if any(finding.alone for finding in self.findings):
            parts.append("认定一人兼任")
        return "；".join(part for part in parts if part)


def _joined(label: str, detail: str) -> str:
    """「外出务工：随表哥去了县城工地」"""
    return f"{label}：{detail}" if label and detail else label or detail


def contact_words(contact: Contact) -> str:
    """「3/12家访见到监护人：答应到校(3/16)」"""
    met = label(Met, contact.met)
    promised = f"({dates.short(contact.promised_on)})" if contact.promised_on else ""
    return f"{dates.short(contact.on)}{label(Way, contact.way)}{met}：{label(Result, contact.result)}{promised}"


@dataclass(frozen=True)
class Tally:
    """How many of a village or a class stand in the register."""

    label: str
    suspected: int
    dropout: int
    returned: int
    closed: int
    away: int

    @property
    def total(self) -> int:
        return self.suspected + self.dropout

    @classmethod
    def of(cls, label: str, group: list[Entry]) -> "Tally":
        dropout, back = sum(entry.is_dropout for entry in group), sum(entry.has_returned for entry in group)
        closed = sum(entry.is_closed for entry in group) - back
        return cls(label, len(group) - dropout, dropout, back, closed, len(group) - back - closed)


def tallies(found: list[Entry], by: str) -> list[Tally]:
    """分别统计 by `village` or `classroom`, in the order of the register, with the sum below."""
    groups: dict[str, list[Entry]] = {}
    for entry in found:
        groups.setdefault(getattr(entry, by), []).append(entry)
    rows = [Tally.of(label, group) for label, group in groups.items()]
    return [*rows, Tally.of("合计", found)] if rows else []
