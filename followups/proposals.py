"""提请: who may not decide asks the one who may; the answer is the decision itself, or 退回 with what is missing."""

from django.db import transaction
from django.db.models import QuerySet

from followups import stages
from followups.codes import FindingKind, ProposalKind, Stage
from followups.dossier import Dossier
from followups.models import Case, Proposal
from followups.refusals import CaseMovedOn, CaseRefusal
from followups.rights import must_keep
from kongchuo import dates
from schools import audit
from schools.codes import DECIDERS, Verb
from schools.models import User

LEAST = 4
"""Characters below which a text says nothing."""


def open_kinds(dossier: Dossier) -> list[ProposalKind]:
    """What could be asked for as the case stands."""
    if dossier.case.stage == Stage.CLOSED:
        return []
    if dossier.suspected is None:
        return [ProposalKind.SUSPECTED, ProposalKind.CLOSE]
    return [ProposalKind.CLOSE] if dossier.finding(FindingKind.DROPOUT) else [ProposalKind.DROPOUT, ProposalKind.CLOSE]


def propose(*, actor: User, case: Case, kind: ProposalKind, text: str) -> Proposal:
    """Ask for a finding or a closing. One open request of a kind at a time."""
    if len(text.strip()) < LEAST:
        raise CaseRefusal("请写明提请的理由(至少4个字)。", "text")
    with transaction.atomic():
        now = stages.held(case)
        must_keep(actor, now.student)
        if kind not in open_kinds(Dossier(now, dates.today())):
            raise CaseRefusal(
                f"个案在「{Stage(now.stage).label}」阶段，现在不能提请{ProposalKind(kind).label}。", "kind"
            )
        given = now.proposals.open().filter(kind=kind).select_related("by").first()
        if given:
            raise CaseMovedOn(f"{given.by.name} {stages.when(given.at)} 已提请{given.get_kind_display()}，等校长答复。")
        proposal = Proposal.objects.create(case=now, kind=kind, text=text.strip(), by=actor, at=dates.now())
        audit.record(Verb.CASE, unit=now.school_id, actor=actor, about=case, reason=text, proposed=kind)
    return proposal


def send_back(*, actor: User, proposal: Proposal, answer: str) -> None:
    """退回: refuse a request, naming what is missing."""
    if len(answer.strip()) < LEAST:
        raise CaseRefusal("退回要写明缺什么，例如「缺3月10日家访照片」。", "answer")
    with transaction.atomic():
        case = stages.held(proposal.case)
        if not actor.has(*DECIDERS, school=case.school_id):
            raise CaseRefusal(f"您现在的岗位不能退回，提请由{stages.in_words(DECIDERS)}答复。")
        if not _answer(Proposal.objects.filter(pk=proposal.pk), actor, agreed=False, answer=answer.strip()):
            proposal.refresh_from_db()
            name = stages.who(proposal.answered_by)
            at = stages.when(proposal.answered_at) if proposal.answered_at else ""
            raise CaseMovedOn(f"{name} {at} 已答复这项提请。")
        audit.record(Verb.CASE, unit=case.school_id, actor=actor, about=case, reason=answer, sent_back=proposal.kind)
    proposal.refresh_from_db()


def settle(*, actor: User, case: Case, kind: ProposalKind) -> None:
    """A decision answers what asked for it; a closing leaves nothing open."""
    _answer(case.proposals.filter(kind=kind), actor, agreed=True)
    if kind == ProposalKind.CLOSE:
        _answer(case.proposals.all(), actor, agreed=False, answer="个案已销号")


def _answer(proposals: QuerySet[Proposal], actor: User, *, agreed: bool, answer: str = "") -> int:
    rows = proposals.filter(answered_at=None)
    return rows.update(answered_by=actor, answered_at=dates.now(), agreed=agreed, answer=answer[:200])
