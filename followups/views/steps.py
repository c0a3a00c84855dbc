"""Steps of a case: onwards by a click, 认定, 销号, 提请 and its answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_POST

from followups import attachments, findings, outcomes, proposals, stages
from followups.casepage import CasePage
from followups.closing import close_case
from followups.codes import FindingKind, ProposalKind, Stage
from followups.dossier import Dossier
from followups.findings import decides_alone
from followups.forms.cases import ClosingForm, FindingForm, ProposalForm
from followups.models import Proposal
from followups.proposals import open_kinds
from followups.refusals import CaseRefusal
from followups.views.filing import KEEPERS_OF_CASES, case_of, filed, sent, shown, to_case
from kongchuo import dates
from kongchuo.forms import form_helper
from schools.access import DECIDER, OFFICE_ROLES, UserRequest, access


@access(*OFFICE_ROLES)
@require_POST
def case_advance(request: UserRequest, pk: int) -> HttpResponse:
    """A step whose button stands on the case's page."""
    case = case_of(request, pk)
    to, seen = request.POST.get("to", ""), request.POST.get("seen", "")
    if to in Stage.values and seen in Stage.values:
        try:
            stages.advance(actor=request.user, case=case, to=Stage(to), seen=seen)
            messages.success(request, f"已进入「{Stage(to).label}」阶段。")
        except CaseRefusal as refusal:
            messages.warning(request, str(refusal))
    else:
        messages.error(request, "看不懂要办哪一步，请从个案页面上的按钮办理。")
    return to_case(case)


@access(*DECIDER)
@require_http_methods(["GET", "POST"])
def finding_new(request: UserRequest, pk: int) -> HttpResponse:
    case = case_of(request, pk)
    page = CasePage(case, request.user)
    kind = _kind_of(request, page)
    if request.method == "GET" and (page.dossier.dropout or not case.is_open):
        messages.warning(request, "这个个案没有要认定的了。")
        return to_case(case)
    early = page.dossier.dropout_from if kind == FindingKind.DROPOUT else None
    early_until = dates.chinese(early) if early and early > dates.today() else ""
    form = FindingForm(**sent(request), early_until=early_until, initial={"kind": kind, "seen": case.stage})
    helper = form_helper(f"认定{kind.label}", back=f"/cases/{pk}/")

    def deed() -> None:
        said = dict(form.cleaned_data)
        findings.decide_finding(actor=request.user, case=case, **said)
        messages.success(request, f"已认定{kind.label}，个案编号 {case.label}。")

    if filed(request, form, deed):
        return to_case(case)
    alone = decides_alone(request.user, page.dossier, ProposalKind(kind))
    return shown(
        request, "followups/finding.html", case=case, page=page, form=form, helper=helper, kind=kind, alone=alone
    )


def _kind_of(request: UserRequest, page: CasePage) -> FindingKind:
    """Which finding the page is about: what the form carries, or the one that the case has not got yet."""
    if request.POST.get("kind") in FindingKind.values:
        return FindingKind(request.POST["kind"])
    return FindingKind.DROPOUT if page.dossier.suspected else FindingKind.SUSPECTED


@access(*DECIDER)
@require_http_methods(["GET", "POST"])
def case_close(request: UserRequest, pk: int) -> HttpResponse:
    case = case_of(request, pk)
    if not case.is_open:
        messages.warning(request, str(stages.moved_on(case)))
        return to_case(case)
    page = CasePage(case, request.user)
    form = ClosingForm(**sent(request), outcomes=outcomes.possible(page.dossier), initial={"seen": case.stage})
    helper = form_helper("销号", back=f"/cases/{pk}/")

    def deed() -> None:
        said, closing = form.cleaned_data, form.closing()
        attachments.recorded_with(
            said["scan"],
            actor=request.user,
            record=lambda: close_case(actor=request.user, case=case, closing=closing, on=said["on"], seen=said["seen"]),
        )
        messages.success(request, f"已销号：{case.get_outcome_display()}。")

    if filed(request, form, deed):
        return to_case(case)
    alone = decides_alone(request.user, page.dossier, ProposalKind.CLOSE)
    return shown(request, "followups/close.html", case=case, page=page, form=form, helper=helper, alone=alone)


@access(*KEEPERS_OF_CASES)
@require_http_methods(["GET", "POST"])
def case_propose(request: UserRequest, pk: int) -> HttpResponse:
    """提请校长认定或销号."""
    case = case_of(request, pk)
    kinds = open_kinds(Dossier(case, dates.today()))
    if not kinds:
        messages.warning(request, "个案已销号，没有可以提请的事项。")
        return to_case(case)
    form = ProposalForm(**sent(request), kinds=kinds)
    helper = form_helper("提请校长", back=f"/cases/{pk}/")

    def deed() -> None:
        said = form.cleaned_data
        proposals.propose(actor=request.user, case=case, kind=ProposalKind(said["kind"]), text=said["text"])
        messages.success(request, "已提请，等校长答复。")

    if filed(request, form, deed):
        return to_case(case)
    return shown(request, "followups/form.html", case=case, form=form, helper=helper, title="提请校长")


@access(*DECIDER)
@require_POST
def proposal_return(request: UserRequest, pk: int) -> HttpResponse:
    """退回: the request goes back with what is missing."""
    proposal = get_object_or_404(Proposal.objects.visible_to(request.user).select_related("case"), pk=pk)
    try:
        proposals.send_back(actor=request.user, proposal=proposal, answer=request.POST.get("answer", "")[:200])
        messages.success(request, f"已退回{proposal}。")
    except CaseRefusal as refusal:
        messages.warning(request, str(refusal))
    return to_case(proposal.case)
