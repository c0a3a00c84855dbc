"""Pages of the papers: the school's own with their receipts, and those that came from outside."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from followups import attachments, legal, letters, looking, papers
from followups.casepage import CasePage
from followups.codes import Addressee, NoticeKind, Stage
from followups.forms.contacts import PhotoForm
from followups.forms.papers import LegalActForm, NoticeForm, ReceiptForm, ResultForm
from followups.models import LegalAct, Notice
from followups.rights import office_of
from followups.views.filing import KEEPERS_OF_CASES, case_of, filed, sent, shown, to_case
from kongchuo import dates
from kongchuo.forms import form_helper
from schools.access import OFFICE_ROLES, UserRequest, access

FIRST_ADDRESSEES = {
    Stage.IDENTIFY: (NoticeKind.PERSUASION, [Addressee.GUARDIAN]),
    Stage.REPORT: (NoticeKind.REPORT, [Addressee.BUREAU, Addressee.TOWNSHIP]),
    Stage.VISIT: (NoticeKind.PERSUASION, [Addressee.GUARDIAN]),
    Stage.ENFORCE: (NoticeKind.REFERRAL, [Addressee.TOWNSHIP, Addressee.BUREAU]),
}
"""The paper that a stage usually asks for, and whom it goes to: what the form begins with."""


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "POST"])
def notice_new(request: UserRequest, pk: int) -> HttpResponse:
    case = case_of(request, pk)
    kind, addressees = FIRST_ADDRESSEES.get(Stage(case.stage), (NoticeKind.PERSUASION, []))
    form = NoticeForm(**sent(request), initial={"kind": kind, "addressees": addressees})
    helper = form_helper("登记这份文书", back=f"/cases/{pk}/")

    def deed() -> None:
        said = dict(form.cleaned_data)
        scan = said.pop("scan")
        notice = attachments.recorded_with(
            scan, actor=request.user, record=lambda: papers.record_notice(actor=request.user, case=case, **said)
        )
        messages.success(request, f"已登记{notice}。")

    if filed(request, form, deed):
        return to_case(case)
    context = {"case": case, "form": form, "helper": helper, "kinds": NoticeKind.choices}
    return shown(request, "followups/notice_new.html", **context)


@access(*OFFICE_ROLES)
@require_safe
def letter(request: UserRequest, pk: int, kind: str) -> HttpResponse:
    """A paper of the school ready to print. One that has its number and date stands as the file stood on that day."""
    case = case_of(request, pk)
    if kind not in NoticeKind.values:
        raise Http404
    looking.record(actor=request.user, case=case)
    written = Notice.objects.visible_to(request.user).filter(case=case, kind=kind).last()
    page = CasePage(case, request.user, written.dated_on if written else dates.today())
    made = letters.letter(page.dossier, NoticeKind(kind), page.absence)
    return render(request, "followups/letter.html", {"case": case, "letter": made})


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "POST"])
def legal_act_new(request: UserRequest, pk: int) -> HttpResponse:
    case = case_of(request, pk)
    form = LegalActForm(**sent(request))
    helper = form_helper("登记这份外来文书", back=f"/cases/{pk}/")

    def deed() -> None:
        said = dict(form.cleaned_data)
        scan = said.pop("scan")
        act = attachments.recorded_with(
            scan, actor=request.user, record=lambda: papers.record_legal_act(actor=request.user, case=case, **said)
        )
        messages.success(request, f"已登记{act}。")

    if filed(request, form, deed):
        return to_case(case)
    note = "这些文书由乡镇人民政府、县级教育局或法院发出。学校没有执法权，只照文书原样登记。"
    return shown(request, "followups/form.html", case=case, form=form, helper=helper, title="登记外来文书", note=note)


@access(*KEEPERS_OF_CASES)
@require_http_methods(["GET", "POST"])
def notice(request: UserRequest, pk: int) -> HttpResponse:
    """One paper of the school: what it says, its receipt, its scans."""
    rows = Notice.objects.visible_to(request.user).select_related("case__student", "case__school", "recorded_by")
    one = get_object_or_404(rows, pk=pk)
    form = ReceiptForm(**sent(request))
    helper = form_helper("登记签收")
    if filed(request, form, lambda: papers.record_receipt(actor=request.user, notice=one, **form.cleaned_data)):
        messages.success(request, f"{one}已登记签收。")
        return to_case(one.case)
    context = _scan(reverse("followups:notice_scan", args=(pk,))) | {
        "case": one.case,
        "notice": one,
        "office": office_of(request.user, one.case.school_id),
    }
    return shown(request, "followups/notice.html", form=form, helper=helper, **context)


@access(*KEEPERS_OF_CASES)
@require_http_methods(["GET", "POST"])
def legal_act(request: UserRequest, pk: int) -> HttpResponse:
    """One outside paper: what it says, what came of it, its scans."""
    rows = LegalAct.objects.visible_to(request.user).select_related("case__student", "case__school", "recorded_by")
    one = get_object_or_404(rows, pk=pk)
    form = ResultForm(**sent(request))
    helper = form_helper("登记结果")
    if filed(request, form, lambda: papers.record_legal_result(actor=request.user, act=one, **form.cleaned_data)):
        messages.success(request, f"{one}已登记结果。")
        return to_case(one.case)
    context = _scan(reverse("followups:legal_act_scan", args=(pk,))) | {
        "case": one.case,
        "act": one,
        "office": office_of(request.user, one.case.school_id),
        "clocks": legal.clocks_of(one.case.school_id, one.title, one.served_on),
    }
    return shown(request, "followups/legal_act.html", form=form, helper=helper, **context)


@access(*OFFICE_ROLES)
@require_http_methods(["POST"])
def notice_scan(request: UserRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Notice.objects.visible_to(request.user).select_related("case"), pk=pk)
    _keep_scan(request, one)
    return redirect("followups:notice", pk)


@access(*OFFICE_ROLES)
@require_http_methods(["POST"])
def legal_act_scan(request: UserRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(LegalAct.objects.visible_to(request.user).select_related("case"), pk=pk)
    _keep_scan(request, one)
    return redirect("followups:legal_act", pk)


def _scan(action: str) -> dict[str, Any]:
    """The small form with which a scan follows its paper."""
    helper = form_helper("上传扫描件")
    helper.form_action = action
    return {"scan": PhotoForm(), "scan_helper": helper}


def _keep_scan(request: UserRequest, to: Notice | LegalAct) -> None:
    form = PhotoForm(**sent(request))

    def deed() -> None:
        said = form.cleaned_data
        attachments.attach(actor=request.user, to=to, upload=said["file"], caption=said["caption"])
        messages.success(request, "扫描件已存。")

    if not filed(request, form, deed):
        messages.error(request, "；".join(str(error) for errors in form.errors.values() for error in errors))
