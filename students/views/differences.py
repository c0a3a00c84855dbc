"""One difference of a 学籍清查: both sides, the way to what mends it, how it is settled."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from kongchuo.forms import form_helper
from schools.access import OFFICE_ROLES, UserRequest, access
from students.codes import Change, DifferenceKind
from students.models import Difference, Paper
from students.roll import RollRefusal
from students.rollcheck import account, earlier, settling
from students.rollcheck.checks import CheckMovedOn
from students.rollcheck.forms import ReopenForm, SettleForm
from students.rollcheck.shown import Shown


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def difference(request: UserRequest, pk: int) -> HttpResponse:
    row = _difference(request, pk)
    form = SettleForm(request.POST or None, request.FILES or None, difference=row)
    if request.method == "POST" and form.is_valid():
        try:
            settling.settle(
                actor=request.user, differences=[row], settlement=form.cleaned_data["settlement"],
                reason=form.cleaned_data["reason"], proof=form.proof,
            )  # fmt: skip
            messages.success(request, f"{row.name}：{row.get_kind_display()}已处理。")
            return _back(row)
        except (RollRefusal, CheckMovedOn) as refusal:
            form.add_error(None, str(refusal))
    return _page(request, row, form)


def _difference(request: UserRequest, pk: int) -> Difference:
    known = Difference.objects.visible_to(request.user).select_related("check_of__school", "student", "settled_by")
    return get_object_or_404(known, pk=pk)


def _back(row: Difference) -> HttpResponse:
    return redirect(f"{row.check_of.get_absolute_url()}?kind={row.kind}")


def _page(request: UserRequest, row: Difference, form: SettleForm, reopen: ReopenForm | None = None) -> HttpResponse:
    check = row.check_of
    papers = list(Paper.objects.visible_to(request.user).standing().filter(difference=row))
    same = earlier.proposals(check, [row])
    form.helper = form_helper("这样处理")  # type: ignore[attr-defined]
    context = {
        "shown": Shown(row, same.get(row.pk), papers), "row": row, "check": check, "form": form,
        "label": account.place_label(check, row.kind), "reopen": reopen or ReopenForm(),
        "is_open": not (check.closed_on or check.replaced_by_id),
        "mended_by": () if row.settled_at else _MENDED_BY.get(DifferenceKind(row.kind), ()),
    }  # fmt: skip
    return render(request, "students/difference.html", context)


_MENDED_BY = {
    DifferenceKind.CLASS: (Change.CLASS,),
    DifferenceKind.ROLL_WITHOUT_CHILD: (Change.TRANSFER_OUT, Change.RESUMPTION),
    DifferenceKind.DOUBLE: (Change.TRANSFER_OUT,),
}
"""The 异动 that usually mends a kind of difference."""


@access(*OFFICE_ROLES)
@require_POST
def mark(request: UserRequest, pk: int) -> HttpResponse:
    """Set the tag that the list asks for: one tap."""
    row = _difference(request, pk)
    try:
        tag = settling.mark(actor=request.user, difference=row)
        messages.success(request, f"已给{row.name}标上「{tag}」，从今天起。")
    except (RollRefusal, CheckMovedOn) as refusal:
        messages.warning(request, str(refusal))
    return _back(row)


@access(*OFFICE_ROLES)
@require_POST
def reopen(request: UserRequest, pk: int) -> HttpResponse:
    row = _difference(request, pk)
    form = ReopenForm(request.POST)
    if form.is_valid():
        try:
            settling.reopen(actor=request.user, difference=row, reason=form.cleaned_data["reason"])
            messages.success(request, f"{row.name}这一条已重新打开。")
            return redirect("students:difference", pk)
        except (RollRefusal, CheckMovedOn) as refusal:
            form.add_error(None, str(refusal))
    return _page(request, row, SettleForm(difference=row), form)
