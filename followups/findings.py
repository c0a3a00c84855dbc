"""认定: what a named decider found. 疑似 completes the first stage and numbers the case; 辍学 moves no stage."""

import datetime

from django.db import transaction
from django.db.models import Max

from followups import proposals, stages
from followups.codes import FindingKind, ProposalKind, Stage
from followups.dossier import Dossier
from followups.models import Case, Finding
from followups.refusals import CaseMovedOn, CaseRefusal
from followups.rights import teaches
from kongchuo import dates
from schools import audit
from schools.codes import DECIDERS, Verb
from schools.models import User

LEAST = 4
"""Characters below which a basis says nothing."""


def decide_finding(
    *,
    actor: User,
    case: Case,
    kind: FindingKind,
    basis: str,
    unjustified: str,
    on: datetime.date | None = None,
    early_reason: str = "",
    seen: str = "",
) -> Finding:
    """Find a pupil 疑似辍学 or 辍学, on a basis and on evidence that there is no 正当理由.

    疑似 takes the case to 报告 and gives it the next number of the school year. 辍学 may follow once the rule's time
    has run, or before it with a reason of its own, which then stands in the basis; it moves no stage, so it matters
    not at which the case was seen. Raises CaseRefusal in words.
    """
    on = on or dates.today()
    with transaction.atomic():
        now = stages.held(case, seen if kind == FindingKind.SUSPECTED else "")
        if not actor.has(*DECIDERS, school=now.school_id):
            raise CaseRefusal(f"您现在的岗位不能认定，认定由{stages.in_words(DECIDERS)}办理。")
        dossier = Dossier(now, dates.today())
        _refuse_repeated(dossier, kind)
        _refuse_wordless(basis, unjustified)
        if kind == FindingKind.DROPOUT:
            basis = _dropout_basis(dossier, on, basis, early_reason)
        stages.check_date(dossier, on)
        finding = Finding.objects.create(
            case=now, kind=kind, on=on, by=actor, at=dates.now(), basis=basis.strip(), unjustified=unjustified.strip(),
            alone=decides_alone(actor, dossier, ProposalKind(kind)),
        )  # fmt: skip
        audit.record(
            Verb.FINDING, unit=now.school_id, actor=actor, about=case, reason=basis, kind=kind, on=on,
            alone=finding.alone,
        )  # fmt: skip
        proposals.settle(actor=actor, case=now, kind=ProposalKind(kind))
        if kind == FindingKind.SUSPECTED:
            year, number = _next_number(now, on)
            stages.advance(
                actor=actor, case=now, to=Stage.REPORT, seen=Stage.IDENTIFY, on=on, number_year=year, number=number
            )
    case.refresh_from_db()
    return finding


def decides_alone(actor: User, dossier: Dossier, kind: ProposalKind) -> bool:
    """一人兼任: the decider also asked for it, teaches the class, opened the case, or alone gathered the evidence."""
    case = dossier.case
    makers = {contact.made_by_id for contact in dossier.contacts}
    return (
        teaches(actor, case.student)
        or case.opened_by_id == actor.pk
        or makers == {actor.pk}
        or case.proposals.open().filter(kind=kind, by=actor).exists()
    )


def _refuse_repeated(dossier: Dossier, kind: FindingKind) -> None:
    given = dossier.finding(kind)
    if given:
        raise CaseMovedOn(f"{given.by.name} {stages.when(given.at)} 已认定「{FindingKind(kind).label}」。")


def _refuse_wordless(basis: str, unjustified: str) -> None:
    if len(basis.strip()) < LEAST:
        raise CaseRefusal("请写明认定依据，例如「连续3个到校日无故未到，家访确认未就读」。", "basis")
    if len(unjustified.strip()) < LEAST:
        raise CaseRefusal(
            "请写明怎样查明没有正当理由，例如「3月10日家访，监护人确认没有请假、没有转学」。", "unjustified"
        )


def _dropout_basis(dossier: Dossier, on: datetime.date, basis: str, early_reason: str) -> str:
    """The basis of 辍学, with the reason for not waiting until the rule's time has run."""
    if dossier.case.stage == Stage.CLOSED:
        raise CaseRefusal("个案已销号，不能再认定辍学；再缺勤会另立新案。")
    if dossier.suspected is None or dossier.dropout_from is None:
        raise CaseRefusal("还没有认定疑似辍学，不能直接认定辍学。")
    if on < dossier.suspected.on:
        raise CaseRefusal("认定辍学的日期不能早于认定疑似辍学的日期。", "on")
    if on >= dossier.dropout_from:
        return basis
    span = dossier.rules.span("dropout_after")
    if len(early_reason.strip()) < LEAST:
        raise CaseRefusal(
            f"认定疑似辍学后还不满{span}(到{dates.chinese(dossier.dropout_from)})。确要提前认定，请写明提前的理由。",
            "early_reason",
        )
    return f"{basis.strip()}（提前认定，不满{span}：{early_reason.strip()}）"[:300]


def _next_number(case: Case, on: datetime.date) -> tuple[int, int]:
    """School year and the next number in it; `held` keeps the school's other findings waiting."""
    year = dates.school_year(on)
    last = Case.objects.filter(school=case.school_id, number_year=year).aggregate(last=Max("number"))["last"]
    return year, (last or 0) + 1
