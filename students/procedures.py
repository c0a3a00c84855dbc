"""办理学籍异动: recording a kind with its papers and steps, finishing it, correcting it (the roll: `students.roll`)."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from kongchuo import dates
from schools import audit, calendar
from schools.codes import DECIDERS, Verb
from schools.models import Classroom, Unit, User
from schools.policy import Rules, Span, rules_on
from students import papers, roll, services
from students.changes import KINDS, WILLING, Kind, PaperAsked, wants_central
from students.codes import Change, Party, ProofGrade
from students.models import ChangeStep, Paper, RollChange, Student
from students.roll import RollRefusal

SURE = frozenset({ProofGrade.RECEIPT, ProofGrade.SCREENSHOT})
"""Grades of proof that need nobody's judgement; a telephone call does not prove where a child learns."""
_HAPPENED = frozenset({Change.DEATH, Change.MISSING, Change.RESUMPTION})


@dataclass(frozen=True)
class Item:
    """One line of a checklist: the paper asked for, and what is there of it."""

    asked: PaperAsked
    kept: list[Paper]

    @property
    def is_missing(self) -> bool:
        return self.asked.needed and not self.kept

    @property
    def is_sure(self) -> bool:
        return not self.asked.graded or any(paper.grade in SURE for paper in self.kept)


def checklist(change: RollChange, kept: Iterable[Paper] | None = None) -> list[Item]:
    """The papers that a change asks for with what stands of each; further papers come last, needed by nobody."""
    standing = list(change.papers.standing() if kept is None else kept)
    asked = KINDS[change.kind].papers_for(change.reason) if change.kind in KINDS else []
    known = {paper.code for paper in asked}
    others = {paper.code: paper.title for paper in standing if paper.code not in known}
    asked += [PaperAsked(code, title, needed=False) for code, title in others.items()]
    return [Item(paper, [one for one in standing if one.code == paper.code]) for paper in asked]


# --- Recording ------------------------------------------------------------------------------------------------------


def record(
    *, actor: User, student: Student, kind: Kind, said: dict[str, Any], paper: dict[str, Any] | None = None
) -> RollChange:
    """Record a 异动 of a known pupil, lay its steps, and keep the paper without which it is void (留级).

    `said` are columns of RollChange as the kind asks for them, `paper` the arguments of `papers.keep`.
    Raises RollRefusal.
    """
    facts = _facts(kind, said, _class_on(student, said.get("on")))
    with transaction.atomic():
        change = roll.record(actor=actor, student=student, kind=kind.change, **facts)
        _lay_steps(change, kind)
        _keep_at_once(actor, change, kind, paper)
    return change


def admit(
    *, actor: User, school: Unit, kind: Kind, said: dict[str, Any], child: dict[str, Any], guardian: dict[str, Any]
) -> Student:
    """Take in a child whom the school does not know yet: the pupil, the first 监护人, and the 异动 in one go."""
    _complete(kind, said)
    change = _named(kind, said)
    on, classroom, seat = change.pop("on"), change.pop("classroom"), change.pop("seat_no", None)
    with transaction.atomic():
        student = services.enrol(
            actor=actor, school=school, classroom=classroom, starts_on=on, seat_no=seat, started_by=kind.change,
            basis=change.pop("basis"), change=change, **child,
        )  # fmt: skip
        if guardian.get("name"):
            student.guardians.create(**guardian)
        _lay_steps(student.changes.get(), kind)
    return student


def correct(*, actor: User, change: RollChange, said: dict[str, Any]) -> RollChange:
    """更正: void a change and record it as it should have been. Its papers and steps go over to the new one.

    A finished one stays finished unless the new words ask for a paper that is not there.
    """
    kind = _kind(change)
    with transaction.atomic():
        before = before_of(change)
        facts = _facts(kind, said, before.classroom_id if before else None)
        facts["settled_on"] = facts["on"] if kind.at_once else _still_settled(change, facts)
        new = roll.record(actor=actor, student=change.student, kind=kind.change, replaces=change, **facts)
        Paper.objects.filter(change=change).update(change=new)
        ChangeStep.objects.filter(change=change).update(change=new)
        if not new.steps.filter(done_on__isnull=False).exists():
            new.steps.all().delete()
            _lay_steps(new, kind)
    return new


def before_of(change: RollChange) -> roll.Stretch | None:
    """Class and standing of the pupil before this change, None where not on the roll."""
    stretches = roll.fold(earlier(change))
    return stretches[-1] if stretches and stretches[-1].ends_on is None else None


def earlier(change: RollChange) -> list[RollChange]:
    """The pupil's standing changes before this one, in their order."""
    rows = list(change.student.changes.all())
    places = roll.places_of(rows)
    return [row for row in roll.in_order(rows) if places[row.pk] < places[change.pk]]


def _still_settled(change: RollChange, facts: dict[str, Any]) -> datetime.date | None:
    settled = change.settled_on
    kept = {paper.code for paper in change.papers.standing()}
    asked = _kind(change).papers_for(facts.get("reason", ""))
    complete = all(paper.code in kept for paper in asked if paper.needed)
    return settled if settled and settled >= facts["on"] and complete else None


def _facts(kind: Kind, said: dict[str, Any], from_class: int | None) -> dict[str, Any]:
    _complete(kind, said)
    facts = _named(kind, said)
    classroom = facts.get("classroom")
    if classroom and from_class and kind.change in _STEP_OF_GRADE:
        _right_grade(kind, Classroom.objects.get(pk=from_class), classroom, facts["on"])
    if kind.at_once:
        facts["settled_on"] = facts["on"]
    if kind.change == Change.RESUMPTION and facts.get("seat_no") and not classroom:
        raise RollRefusal("不换班的，座号照旧；要换座号请同时选班级。")
    return facts


def _named(kind: Kind, said: dict[str, Any]) -> dict[str, Any]:
    """The columns that this kind asks for, with what it stands on in words."""
    facts = {name: said[name] for name in kind.asks if name in said}
    grounds = (WILLING if kind.willing else "", facts.get("document_no", ""))
    return facts | {"basis": "；".join(ground for ground in grounds if ground)[:120]}


def _complete(kind: Kind, said: dict[str, Any]) -> None:
    """What can't be recorded like this, in words."""
    if lacking := [name for name in ("on", *sorted(kind.must)) if not said.get(name)]:
        names = "、".join(label_of(kind, name) for name in lacking)
        raise RollRefusal(f"请填写：{names}。")
    if said.get("reason") and said["reason"] not in kind.reasons:
        raise RollRefusal(f"「{kind.label}」不能用这个原因。")
    on, until, applied = said["on"], said.get("until"), said.get("applied_on")
    if until and until <= on:
        raise RollRefusal(f"{label_of(kind, 'until')}要晚于{label_of(kind, 'on')}。")
    if applied and applied > dates.today():
        raise RollRefusal("申请日期不能晚于今天。")
    if kind.change in _HAPPENED and on > dates.today():
        raise RollRefusal(f"{label_of(kind, 'on')}不能晚于今天。")


def label_of(kind: Kind, name: str) -> str:
    """What a column is called on the page of this kind."""
    return kind.labels.get(name) or str(RollChange._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


_STEP_OF_GRADE = {Change.CLASS: 0, Change.SKIP: -1, Change.RETAIN: 1}
_WRONG_GRADE = {
    Change.CLASS: "班级调整只在同一年级内；换年级请办跳级或留级。",
    Change.SKIP: "跳级要调入高年级的班。",
    Change.RETAIN: "留级要调入低一年级的班。",
}


def _class_on(student: Student, on: datetime.date | None) -> int | None:
    rows = student.enrollments.in_force(on or dates.today())
    return rows.values_list("classroom", flat=True).first()


def _right_grade(kind: Kind, before: Classroom, after: Classroom, on: datetime.date) -> None:
    if before == after:
        raise RollRefusal("学生已经在这个班。")
    apart = before.grade_on(on) - after.grade_on(on)
    if (apart > 0) - (apart < 0) != _STEP_OF_GRADE[kind.change]:
        raise RollRefusal(_WRONG_GRADE[kind.change])


def _keep_at_once(actor: User, change: RollChange, kind: Kind, paper: dict[str, Any] | None) -> None:
    asked = next((one for one in kind.papers if one.at_once), None)
    if asked is None:
        return
    if paper is None:
        raise RollRefusal(f"没有{asked.title}，{kind.label}无效，不能登记。{kind.note}")
    papers.keep(actor=actor, to=change, code=asked.code, title=asked.title, **paper)


# --- Steps ----------------------------------------------------------------------------------------------------------


def _lay_steps(change: RollChange, kind: Kind) -> None:
    """The parties in their order; the first one's days run from the application."""
    if not kind.parties:
        return
    rules = rules_on(change.school_id, change.on)
    asked = kind.parties[0] == Party.RECEIVING_SCHOOL and wants_central(rules)
    parties = ((Party.CENTRAL,) if asked else ()) + kind.parties
    first_due = _due(change, kind, rules, change.applied_on or change.on)
    ChangeStep.objects.bulk_create(
        ChangeStep(change=change, position=position, party=party, due_on=None if position else first_due)
        for position, party in enumerate(parties)
    )


def _due(change: RollChange, kind: Kind, rules: Rules, start: datetime.date) -> datetime.date:
    span: Span = rules.span(kind.step_rule)
    return calendar.due_on(change.school_id, start, span)


def finish_step(*, actor: User, step: ChangeStep, on: datetime.date, note: str = "") -> None:
    """One party is done: its day is recorded and the days of the next one begin. Raises RollRefusal."""
    change = step.change
    if not roll.covers(actor, change.school_id):
        raise RollRefusal("您现在的岗位不能改动学籍。")
    if change.voided_at:
        raise RollRefusal("这笔异动已经作废。")
    with transaction.atomic():
        _hold(change)
        before = list(change.steps.filter(position__lt=step.position))
        if any(one.done_on is None for one in before):
            raise RollRefusal(f"请先登记前面的环节：{next(one for one in before if one.done_on is None)}。")
        earliest = before[-1].done_on if before else change.applied_on
        if on > dates.today() or (earliest and on < earliest):
            raise RollRefusal("办理日期不能早于上一环节（或申请日期），也不能晚于今天。")
        done = {"done_on": on, "note": note.strip()[:120], "recorded_by": actor, "recorded_at": dates.now()}
        if not ChangeStep.objects.filter(pk=step.pk, done_on__isnull=True).update(**done):
            raise RollRefusal("这个环节已经登记过，请刷新后再看。")
        due = _due(change, _kind(change), rules_on(change.school_id, on), on)
        change.steps.filter(position=step.position + 1).update(due_on=due)
        audit.record(
            Verb.ROLL, unit=change.school_id, actor=actor, about=change.student, roll_change=change.pk,
            party=step.party, done_on=on,
        )  # fmt: skip


# --- Finishing ------------------------------------------------------------------------------------------------------


def settle(*, actor: User, change: RollChange, on: datetime.date) -> None:
    """办结 with everything that it stands on. Raises RollRefusal that names what is missing."""
    with transaction.atomic():
        _hold(change)
        if lacks := settling_lacks(change, actor):
            raise RollRefusal("".join(lacks))
        roll.settle(actor=actor, change=change, on=on)


def settling_lacks(change: RollChange, actor: User) -> list[str]:
    """Sentences on what a change still lacks before this person may finish it."""
    items, lacks = checklist(change), []
    if missing := [item.asked.title for item in items if item.is_missing]:
        whole = "转学手续不全，不能办结接收" if change.kind == Change.TRANSFER_IN else "材料不齐，不能办结"
        lacks.append(f"{whole}，还缺：{'、'.join(missing)}。")
    if any(item.kept and not item.is_sure for item in items) and not actor.has(*DECIDERS, school=change.school_id):
        lacks.append("只有电话核实，由校长办结；拿到接收回执或学籍系统截图的，教务可以办结。")
    kind = _kind(change)
    binding = [
        step for step in change.steps.all() if step.done_on is None and (kind.steps_bind or step.party == Party.CENTRAL)
    ]
    if binding:
        lacks.append(f"还有环节没有办完：{'、'.join(map(str, binding))}。")
    return lacks


def void_paper(*, actor: User, paper: Paper, reason: str) -> None:
    """Void a paper of a change; one that a finished change stands on only after another is in."""
    change = paper.change
    if change and change.settled_on and not change.voided_at:
        item = next((one for one in checklist(change) if one.asked.code == paper.code), None)
        if item and item.asked.needed and len(item.kept) == 1 and item.kept[0].pk == paper.pk:
            raise RollRefusal("这笔异动已办结，这份材料是它的依据。请先补上正确的一份，再作废这一份。")
    papers.void(actor=actor, paper=paper, reason=reason)


def _kind(change: RollChange) -> Kind:
    """The kind's table row; older records of kinds that have no page any more have none to follow."""
    return KINDS.get(change.kind) or Kind(Change(change.kind), asks=("on", "note"))


def _hold(change: RollChange) -> None:
    Student.objects.select_for_update().only("pk").get(pk=change.student_id)
