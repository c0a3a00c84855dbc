"""文书: the school's own papers with their receipts, and the record of papers that came from outside."""

import datetime
from collections.abc import Sequence

from django.db import transaction

from followups import legal, stages
from followups.codes import Addressee, LegalStep, NoticeKind, Stage
from followups.dossier import Dossier
from followups.models import Case, LegalAct, Notice
from followups.refusals import CaseRefusal, Missing, StepLacks
from followups.rights import must_be_office
from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import User

MUST_REACH: dict[NoticeKind, Addressee] = {
    NoticeKind.REPORT: Addressee.BUREAU,  # 未成年人保护法28条2款: 劝返无效的，书面报告教育行政部门
    NoticeKind.PERSUASION: Addressee.GUARDIAN,
}


def record_notice(
    *,
    actor: User,
    case: Case,
    kind: NoticeKind,
    number: str,
    dated_on: datetime.date,
    signer: str,
    addressees: Sequence[str],
    delivery: str = "",
) -> Notice:
    """Record a paper that the school sent: 书面报告, 劝学通知书, 移送函. A number serves once in a case."""
    with transaction.atomic():
        now = _open(actor, case)
        dossier = Dossier(now, dates.today())
        _check_notice(dossier, kind, number, dated_on, signer, addressees)
        notice = Notice.objects.create(
            case=now, kind=kind, number=number.strip(), dated_on=dated_on, signer=signer.strip(),
            addressees=list(addressees), delivery=delivery.strip(), recorded_by=actor,
        )  # fmt: skip
        audit.record(
            Verb.NOTICE, unit=now.school_id, actor=actor, about=notice, case=now.pk, kind=kind, number=notice.number,
            dated_on=dated_on, addressees=list(addressees),
        )  # fmt: skip
    return notice


def record_receipt(*, actor: User, notice: Notice, received_by: str, received_on: datetime.date) -> None:
    """Record 签收: who took the paper and when. Once; a receipt is not changed afterwards."""
    if not received_by.strip():
        raise CaseRefusal("请写明签收单位和签收人。", "received_by")
    if not notice.dated_on <= received_on <= dates.today():
        raise CaseRefusal(f"签收日期应在成文({dates.chinese(notice.dated_on)})之后、今天以前。", "received_on")
    with transaction.atomic():
        must_be_office(actor, notice.case.school_id)
        audit.queue(notice.case.school_id)
        open_rows = Notice.objects.filter(pk=notice.pk, received_on=None)
        if not open_rows.update(received_by=received_by.strip(), received_on=received_on):
            raise CaseRefusal(f"{notice}的签收已经登记过。")
        audit.record(
            Verb.NOTICE, unit=notice.case.school_id, actor=actor, about=notice, case=notice.case_id,
            received_on=received_on,
        )  # fmt: skip
    notice.refresh_from_db()


def record_legal_act(
    *,
    actor: User,
    case: Case,
    paper: str,
    issuer: str,
    number: str,
    served_on: datetime.date,
    served_how: str,
    title: str = "",
    due_on: datetime.date | None = None,
    result: str = "",
) -> LegalAct:
    """Record a paper of the township, the bureau or a court, by its kind (a key of `legal.PAPERS`).

    `title` is what stands on it where that differs. Without a day of its own the law's first clock gives `due_on`.
    """
    kind = legal.PAPERS[paper]
    with transaction.atomic():
        now = _open(actor, case)
        dossier = Dossier(now, dates.today())
        _check_act(dossier, kind, issuer, number, served_on, served_how, due_on)
        clocks = legal.clocks_of(now.school_id, kind.title, served_on)
        act = LegalAct.objects.create(
            case=now, step=kind.step, title=title.strip() or kind.title, issuer=issuer.strip(), number=number.strip(),
            served_on=served_on, served_how=served_how.strip(), due_on=due_on or (clocks[0][1] if clocks else None),
            result=result.strip(), recorded_by=actor,
        )  # fmt: skip
        audit.record(
            Verb.LEGAL_ACT, unit=now.school_id, actor=actor, about=act, case=now.pk, step=kind.step, number=act.number,
            served_on=served_on,
        )  # fmt: skip
    return act


def record_legal_result(*, actor: User, act: LegalAct, result: str) -> None:
    """What came of an outside paper. Once."""
    if not result.strip():
        raise CaseRefusal("请写明结果，例如「3月20日送返」。", "result")
    with transaction.atomic():
        must_be_office(actor, act.case.school_id)
        audit.queue(act.case.school_id)
        if not LegalAct.objects.filter(pk=act.pk, result="").update(result=result.strip()):
            raise CaseRefusal(f"{act}的结果已经登记过。")
        audit.record(Verb.LEGAL_ACT, unit=act.case.school_id, actor=actor, about=act, case=act.case_id, result=result)
    act.refresh_from_db()


def _open(actor: User, case: Case) -> Case:
    """The case as it is now, if the actor may write papers to it and it is not closed."""
    must_be_office(actor, case.school_id)
    now = stages.held(case)
    if now.stage == Stage.CLOSED:
        raise CaseRefusal("个案已销号，不再登记文书。")
    return now


def _check_notice(
    dossier: Dossier,
    kind: NoticeKind,
    number: str,
    dated_on: datetime.date,
    signer: str,
    addressees: Sequence[str],
) -> None:
    """What makes a paper of the school one: number, date, signer, and whom it went to."""
    if not number.strip():
        raise CaseRefusal("请填写文号，例如「青校〔2026〕3号」。", "number")
    if not signer.strip():
        raise CaseRefusal("请填写签发人。", "signer")
    if not addressees or set(addressees) - set(Addressee.values):
        raise CaseRefusal("请选择送达单位。", "addressees")
    must = MUST_REACH.get(kind)
    if must and must not in addressees:
        raise CaseRefusal(f"{NoticeKind(kind).label}的送达单位要有{must.label}。", "addressees")
    if dated_on > dates.today():
        raise CaseRefusal(f"成文日期不能晚于今天({dates.chinese(dates.today())})。", "dated_on")
    if kind != NoticeKind.PERSUASION and dossier.suspected is None:
        raise CaseRefusal(f"还没有认定疑似辍学，不能登记{NoticeKind(kind).label}。")
    first = dossier.suspected.on if dossier.suspected and kind != NoticeKind.PERSUASION else dossier.since
    if dated_on < first:
        raise CaseRefusal(f"成文日期不能早于{dates.chinese(first)}(认定或缺勤开始)。", "dated_on")
    if any(notice.number == number.strip() for notice in dossier.notices):
        raise CaseRefusal(f"文号「{number.strip()}」在本案已经登记过。", "number")


def _check_act(
    dossier: Dossier,
    paper: legal.Paper,
    issuer: str,
    number: str,
    served_on: datetime.date,
    served_how: str,
    due_on: datetime.date | None,
) -> None:
    case = dossier.case
    if case.stage != Stage.ENFORCE:
        raise CaseRefusal("个案还没有转入依法强制，不能登记外来文书。")
    for text, field, sentence in (
        (issuer, "issuer", "请填写发文机关，例如「青石乡人民政府」。"),
        (number, "number", "请填写文号。"),
        (served_how, "served_how", "请填写送达方式和送达回证，例如「直接送达，监护人签收」。"),
    ):
        if not text.strip():
            raise CaseRefusal(sentence, field)
    if case.school.name in issuer:
        raise CaseRefusal("学校没有执法权，这类文书只能由乡镇人民政府、县级教育局或法院发出。", "issuer")
    if any(act.number == number.strip() for act in dossier.acts):
        raise CaseRefusal(f"文号「{number.strip()}」在本案已经登记过。", "number")
    _check_order(dossier, paper, served_on)
    if paper.states_due and due_on is None:
        raise CaseRefusal("请填写文书上写明的期限截止日。", "due_on")
    if due_on and due_on < served_on:
        raise CaseRefusal("期限截止日不能早于送达日期。", "due_on")


def _check_order(dossier: Dossier, paper: legal.Paper, served_on: datetime.date) -> None:
    """No paper in the future, none without the step that the law puts before it, none dated before that step."""
    if served_on > dates.today():
        raise CaseRefusal(f"送达日期不能晚于今天({dates.chinese(dates.today())})。", "served_on")
    if dossier.suspected and served_on < dossier.suspected.on:
        raise CaseRefusal("送达日期不能早于认定疑似辍学的日期。", "served_on")
    for step in paper.after:
        earlier = [act for act in dossier.acts if act.step == step]
        if not earlier:
            label = LegalStep(step).label
            sentence = f"「{paper.title}」之前要先登记「{label}」的文书。"
            raise StepLacks([Missing(sentence, "followups:legal_act_new", dossier.case.pk)])
        if served_on < earlier[0].served_on:
            raise CaseRefusal(
                f"送达日期不能早于{earlier[0].title}({dates.chinese(earlier[0].served_on)})。", "served_on"
            )
