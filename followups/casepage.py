"""What the page of a case shows: who, how long, what was done, what is next and by when. All of it derived."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.urls import reverse

from attendance.codes import ABSENT, MarkCode
from attendance.daybook import PLAIN, SILENT
from followups import stages
from followups.codes import LegalStep, Outcome, ProposalKind, Stage
from followups.dossier import Dossier
from followups.models import Case, CaseStep, Proposal
from followups.outcomes import PROOFS
from followups.proposals import open_kinds
from followups.refusals import Missing
from followups.rights import keeps, office_of, teaches
from followups.stages import Transition
from followups.timeline import Entry, entries_of
from kongchuo import dates
from schools.codes import DECIDERS
from schools.models import AuditEntry, User
from students.changes import Kind
from students.codes import Change, EnrollmentStatus
from students.models import Guardian, Student, Tag

STRIP_DAYS = 40
"""So many school days fit on the page; older ones are counted only."""
_WORDS = {PLAIN: "到", SILENT: "未报", MarkCode.PRESENT: "到", MarkCode.LATE: "迟到", MarkCode.EARLY: "到",
          MarkCode.OFFICIAL: "到", MarkCode.UNREGISTERED: "缺勤"}  # fmt: skip
LEAVES_CLASS = frozenset(PROOFS) - {Outcome.RETURNED, Outcome.NOT_CONFIRMED}
"""Outcomes after which the child no longer sits in class."""
CHANGE_AFTER: dict[str, Change] = {
    Outcome.TRANSFERRED: Change.TRANSFER_OUT,
    Outcome.SUSPENDED: Change.SUSPENSION,
    Outcome.HOME_TEACHING: Change.HOME_TEACHING,
    Outcome.SPECIAL: Change.SPECIAL_SCHOOL,
    Outcome.VOCATIONAL: Change.BOARD_OUT,
    Outcome.ABROAD: Change.ABROAD,
    Outcome.DECEASED: Change.DEATH,
}
"""What the roll must say after a case that ended so."""
_PATH = (Stage.IDENTIFY, Stage.REPORT, Stage.VISIT, Stage.ENFORCE)


@dataclass(frozen=True)
class Button:
    """Something this person may do now. With `to` it is a step taken by a click; `ready` when nothing is lacking."""

    label: str
    url: str
    to: str = ""
    ready: bool = True
    onwards: bool = False  # the step that the case waits for


@dataclass
class CasePage:
    """The page of one case for one person."""

    case: Case
    user: User
    today: datetime.date = field(default_factory=dates.today)

    @cached_property
    def dossier(self) -> Dossier:
        return Dossier(self.case, self.today)

    # --- Who, and how long ---------------------------------------------------------------------------------------

    @cached_property
    def tags(self) -> list[str]:
        """「单亲留守(奶奶照看)」, of the kinds that are this person's business: who is only responsible sees none."""
        rows = Tag.objects.visible_to(self.user).filter(student=self.case.student_id, ends_on=None)
        return [f"{tag}({tag.detail})" if tag.detail else str(tag) for tag in rows]

    @cached_property
    def guardians(self) -> list[Guardian]:
        return list(self.case.student.guardians.all())

    @property
    def seat(self) -> int | None:
        stretch = self.case.student.present_enrollment
        return stretch.seat_no if stretch else None

    @property
    def roll_call(self) -> int | None:
        """The class whose roll call could say 「到了」, for its class teacher."""
        stretch = self.case.student.present_enrollment
        return stretch.classroom_id if stretch and teaches(self.user, self.case.student) else None

    @property
    def absence(self) -> str:
        """「缺勤5天＋未报1天(3/4–3/11)」, counted in school days from the first day of this case's spell."""
        away = [day for day, said in self.dossier.days if said in ABSENT]
        if not away:
            return "没有缺勤记录"
        silent = [day for day, said in self.dossier.days if said == SILENT and day > away[0]]
        first, last = away[0], max(away[-1:] + silent[-1:])
        span = dates.short(first) if first == last else f"{dates.short(first)}–{dates.short(last)}"
        return f"缺勤{len(away)}天{f'＋未报{len(silent)}天' if silent else ''}({span})"

    @property
    def strip(self) -> list[dict[str, Any]]:
        words = [(on, _WORDS.get(said) or MarkCode(said).label) for on, said in self.dossier.days]
        return [{"on": on, "word": word} for on, word in words[-STRIP_DAYS:]]

    @property
    def strip_before(self) -> int:
        """School days of the case that no longer fit on the strip."""
        return max(len(self.dossier.days) - STRIP_DAYS, 0)

    @cached_property
    def earlier(self) -> list[Case]:
        """Earlier found cases of the same child, oldest first."""
        rows = Case.objects.visible_to(self.user).filter(student=self.case.student_id, number__isnull=False)
        return list(rows.filter(opened_on__lt=self.case.opened_on).order_by("opened_on"))

    @property
    def relapse(self) -> str:
        """「第2次（上次 2025-003 复学，销号后11天又缺）」"""
        if not self.earlier:
            return ""
        last = self.earlier[-1]
        days = (self.dossier.since - last.closed_on).days if last.closed_on else 0
        return f"第{len(self.earlier) + 1}次（上次 {last.label} {last.get_outcome_display()}，销号后{days}天又缺）"

    # --- What was done, step by step --------------------------------------------------------------------------------

    @property
    def bar(self) -> list[dict[str, str]]:
        """The step bar: what stands behind each stage, when it is due, or why it is not reached yet."""
        entered = {step.stage: step for step in self.dossier.steps}
        return [self._cell(stage, entered.get(stage)) for stage in _PATH]

    def _cell(self, stage: Stage, step: CaseStep | None) -> dict[str, str]:
        if step is None:
            why = self._not_yet if stages.transition(self.case.stage, stage) else ""
            return {"label": stage.label, "state": "todo", "why": why if self.case.is_open else "未进入"}
        ended_here = not self.case.is_open and step == self.dossier.steps[-2]
        notes = (self._evidence(stage), due_words(step), "在这一阶段销号" if ended_here else "")
        state = "current" if stage == self.case.stage else "done"
        return {"label": stage.label, "state": state, "note": "；".join(note for note in notes if note)}

    def _evidence(self, stage: Stage) -> str:
        dossier = self.dossier
        if stage == Stage.IDENTIFY:
            return "，".join(
                f"{finding.get_kind_display()} {dates.short(finding.on)} {finding.by.name}"
                for finding in dossier.findings
            )
        if stage == Stage.REPORT:
            report = dossier.bureau_report
            receipt = f"签收{dates.short(report.received_on)}" if report and report.received_on else "回执待补"
            return f"{dates.short(report.dated_on)} {report.number} {receipt}" if report else ""
        if stage == Stage.VISIT:
            return (
                f"家访{len(dossier.visits)}次，见到监护人{len(dossier.visits_met)}次"
                if dossier.visits
                else "还没有家访"
            )
        last: dict[int, str] = {act.step: dates.short(act.served_on) for act in dossier.acts}
        return "，".join(f"{LegalStep(step).label} {day}" for step, day in sorted(last.items()))

    # --- What is next -----------------------------------------------------------------------------------------------

    @cached_property
    def forward(self) -> Transition | None:
        """The step onwards from where the case stands, whoever may take it."""
        onwards = (step for step in stages.TRANSITIONS if step.source == self.case.stage)
        return next((step for step in onwards if step.target != Stage.CLOSED), None)

    @cached_property
    def lacks(self) -> list[Missing]:
        """What the step onwards lacks. The finding itself is not evidence that one could gather first."""
        if self.forward is None or self.forward.source == Stage.IDENTIFY:
            return []
        return self.forward.lacks(self.dossier)

    @property
    def _not_yet(self) -> str:
        if self.case.stage == Stage.IDENTIFY:
            return "需先由校长认定疑似辍学。"
        return "".join(item.sentence for item in self.lacks) or "证据已齐，等办理。"

    @property
    def next_words(self) -> str:
        """The one sentence that says what to do next, where nothing is lacking."""
        if not self.case.is_open:
            return ""
        if self.case.stage == Stage.IDENTIFY:
            return "校长核对证据，认定疑似辍学，或不予认定销号。"
        if self.forward:
            return f"证据已齐，可以「{self.forward.label}」；学生到校满规定天数的，复学销号。"
        return "登记乡镇人民政府、县级教育局送达的文书；学生到校满规定天数的，复学销号。"

    @property
    def due(self) -> dict[str, str]:
        """The present deadline with its rule; nothing for a closed case."""
        step = self.dossier.present_step
        if not self.case.is_open or step.due_on is None:
            return {}
        late = step.due_on < self.today
        words = f"截止{step.due_on.month}月{step.due_on.day}日（{dates.distance(step.due_on)}）"
        return {"state": "超期" if late else "临期", "words": words, "rule": step.due_rule}

    @property
    def return_words(self) -> str:
        """「复学销号：已有2个到校日的到校记录（3/9、3/10），还差3个」; nothing before a finding."""
        if not (self.case.is_open and self.dossier.findings):
            return ""
        proof = self.dossier.proof
        return f"复学销号：{proof.in_words}{'，可以办理' if proof.is_proved else ''}。"

    @property
    def watching(self) -> bool:
        """跟踪期: returned, and the watch has not ended."""
        return bool(self.case.watch_until and self.case.watch_until >= self.today)

    @property
    def roll_hint(self) -> str:
        """A child who goes to school elsewhere, or to none, but still stands in class on our roll."""
        stretch = self.case.student.present_enrollment
        if self.case.outcome in LEAVES_CLASS and stretch and stretch.status == EnrollmentStatus.IN_CLASS:
            return "学籍还是本校在读，点名时仍算应到。请教务办理学籍异动。"
        return ""

    @property
    def roll_url(self) -> str:
        """The form of the 异动 that follows from the outcome, begun with what the case knows; else the pupil's card."""
        kind = CHANGE_AFTER.get(self.case.outcome) if self.keeps_papers else None
        student = self.case.student_id
        return (
            reverse("students:change_new", args=(student, kind)) if kind else reverse("students:card", args=(student,))
        )

    @cached_property
    def may_write(self) -> bool:
        return keeps(self.user, self.case.student)

    @cached_property
    def keeps_papers(self) -> bool:
        return office_of(self.user, self.case.school_id)

    @cached_property
    def decides(self) -> bool:
        return self.user.has(*DECIDERS, school=self.case.school_id)

    @property
    def buttons(self) -> list[Button]:
        """The table of steps filtered for this person; what needs a form of its own is a link."""
        made = []
        for step in stages.next_steps(self.case, self.user):
            onwards = step.target != Stage.CLOSED
            if step.place:
                made.append(Button(step.label, reverse(step.place, args=(self.case.pk,)), onwards=onwards))
            else:
                url = reverse("followups:case_advance", args=(self.case.pk,))
                made.append(Button(step.label, url, step.target, not self.lacks, onwards))
        if self.decides and self.dossier.suspected and not self.dossier.dropout and self.case.is_open:
            made.append(Button("认定辍学", reverse("followups:finding_new", args=(self.case.pk,))))
        return made

    @cached_property
    def proposals(self) -> list[Proposal]:
        """提请 that nobody has answered."""
        return [row for row in self.all_proposals if row.answered_at is None]

    @cached_property
    def all_proposals(self) -> list[Proposal]:
        return list(self.case.proposals.select_related("by", "answered_by"))

    @property
    def may_propose(self) -> list[ProposalKind]:
        asked = {proposal.kind for proposal in self.proposals}
        return [] if self.decides else [kind for kind in open_kinds(self.dossier) if kind not in asked]

    # --- What happened -----------------------------------------------------------------------------------------------

    @cached_property
    def timeline(self) -> list[Entry]:
        return entries_of(self.dossier, self.all_proposals)

    @cached_property
    def looked(self) -> list[AuditEntry]:
        """Who opened this page, latest first; for those who may read the trail."""
        rows = AuditEntry.objects.visible_to(self.user).filter(object_type="followups.case", object_id=self.case.pk)
        return list(rows.order_by("-seq")[:20])


def due_words(step: CaseStep) -> str:
    """「截止3/13（还有2天）」 while it runs; of a finished stretch only that it was late, which stays on record."""
    if step.due_on is None:
        return ""
    if step.left_at is None:
        return f"截止{dates.short(step.due_on)}（{dates.distance(step.due_on)}）"
    left = step.left_at.astimezone(dates.now().tzinfo).date()
    return f"超期{(left - step.due_on).days}天" if left > step.due_on else ""


def of_closed_case(student: Student, user: User, kind: Kind) -> dict[str, Any]:
    """What the form of a 异动 begins with where a case of the pupil ended in just that: its day and its proof."""
    outcomes = [outcome for outcome, change in CHANGE_AFTER.items() if change == kind.change]
    closed = Case.objects.visible_to(user).filter(student=student, closed_on__isnull=False, outcome__in=outcomes)
    case = closed.order_by("-closed_on", "-pk").first()
    if case is None or student.changes.standing().filter(on__gte=case.closed_on).exists():
        return {}
    return {"on": case.closed_on, "note": f"个案{case.label}：{case.outcome_proof}"[:300]}
