"""Pages of the 学籍清查: the checks, the upload of a list, one check with its differences by kind."""

from collections.abc import Collection

from django.contrib import messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kongchuo import dates
from kongchuo.forms import form_helper
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.policy import rules_on
from students.codes import DifferenceKind
from students.models import Difference, RollCheck
from students.roll import RollRefusal
from students.rollcheck import account, checks, earlier, settling, todo
from students.rollcheck.checks import CheckMovedOn
from students.rollcheck.forms import SettleForm, UploadForm
from students.rollcheck.shown import Shown
from students.roster.cells import UnreadableRoster

_COUNTS = {
    "found": Count("differences"),
    "unsettled": Count("differences", filter=Q(differences__settled_at__isnull=True)),
}


@access(*OFFICE_ROLES)
@require_safe
def check_list(request: UserRequest) -> HttpResponse:
    school, today = own_school(request.user, *OFFICE_ROLES), dates.today()
    rows = RollCheck.objects.visible_to(request.user).select_related("made_by", "term").annotate(**_COUNTS)
    term = checks.term_of(school, today)
    context = {
        "page": page_of(request, rows.order_by("-pk")),
        "term": term,
        "done": todo.done_in(request.user, school, term) if term else 0,
        "wanted": rules_on(school, today).count("roll_audit_per_term"),
    }
    return render(request, "students/roll_checks.html", context)


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def new_check(request: UserRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("source", "about")}
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user, initial=asked)
    form.helper = form_helper("读取并核对")  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            check = checks.upload(actor=request.user, **form.cleaned_data)
            return redirect("students:roll_check", check.pk)
        except (UnreadableRoster, RollRefusal) as refusal:
            form.add_error("file", str(refusal))
    return render(request, "students/roll_check_new.html", {"form": form})


@access(*OFFICE_ROLES)
@require_safe
def roll_check(request: UserRequest, pk: int) -> HttpResponse:
    return _page(request, _check(request, pk))


def _check(request: UserRequest, pk: int) -> RollCheck:
    known = RollCheck.objects.visible_to(request.user).select_related("school", "made_by", "closed_by", "term")
    return get_object_or_404(known, pk=pk)


def _of_check(request: UserRequest, check: RollCheck) -> QuerySet[Difference]:
    return Difference.objects.visible_to(request.user).filter(check_of=check)


def _page(
    request: UserRequest, check: RollCheck, form: SettleForm | None = None, chosen: Collection[str] = ()
) -> HttpResponse:
    tabs = _tabs(request, check)
    tab = next((tab for tab in tabs if tab["kind"] == request.GET.get("kind")), None)
    tab = tab or next((tab for tab in tabs if tab["unsettled"]), tabs[0] if tabs else None)
    context = {"check": check, "tabs": tabs, "tab": tab, "sums": account.sums(check), "chosen": chosen}
    context["remarks"], context["is_open"] = account.remarks(check), not (check.closed_on or check.replaced_by_id)
    context["unsettled"] = sum(tab["unsettled"] for tab in tabs)
    if tab:
        rows = _of_check(request, check).filter(kind=tab["kind"]).select_related("settled_by")
        page = page_of(request, rows.order_by(F("settled_at").asc(nulls_first=True), "pk"))
        context |= {"page": page, "rows": _shown(check, list(page.object_list))}
        if context["is_open"] and tab["unsettled"]:
            context["same"] = earlier.count(check)
            context["form"] = form or SettleForm(difference=Difference(check_of=check, kind=tab["kind"]), many=True)
    return render(request, "students/roll_check.html", context)


def _tabs(request: UserRequest, check: RollCheck) -> list[dict]:
    counts = _of_check(request, check).order_by().values("kind")
    found = {
        row["kind"]: row
        for row in counts.annotate(found=Count("pk"), unsettled=Count("pk", filter=Q(settled_at__isnull=True)))
    }
    labels = [(kind.value, account.place_label(check, kind)) for kind in DifferenceKind]
    return [found[kind] | {"label": label} for kind, label in labels if kind in found]


def _shown(check: RollCheck, differences: list[Difference]) -> list[Shown]:
    same = earlier.proposals(check, differences)
    return [Shown(difference, same.get(difference.pk)) for difference in differences]


@access(*OFFICE_ROLES)
@require_POST
def settle(request: UserRequest, pk: int) -> HttpResponse:
    """Settle the chosen rows of one kind with one reason."""
    check, chosen = _check(request, pk), request.POST.getlist("chosen")
    keys = [int(key) for key in chosen if key.isdecimal() and len(key) < 18]
    rows = list(_of_check(request, check).filter(pk__in=keys).select_related("check_of", "student"))
    kind = rows[0].kind if rows else request.GET.get("kind", "")
    kind = kind if kind in DifferenceKind.values else DifferenceKind.FACTS
    form = SettleForm(request.POST, difference=Difference(check_of=check, kind=kind), many=True)
    if form.is_valid():
        try:
            settling.settle(
                actor=request.user, differences=rows, settlement=form.cleaned_data["settlement"],
                reason=form.cleaned_data["reason"], proof=form.proof,
            )  # fmt: skip
            messages.success(request, f"已处理{len(rows)}条。")
            return redirect(f"{check.get_absolute_url()}?kind={kind}")
        except (RollRefusal, CheckMovedOn) as refusal:
            form.add_error(None, str(refusal))
    return _page(request, check, form, chosen)


@access(*OFFICE_ROLES)
@require_POST
def repeat(request: UserRequest, pk: int) -> HttpResponse:
    """Settle again what an earlier check found 无误 and what says exactly the same today."""
    check = _check(request, pk)
    try:
        count = earlier.repeat(actor=request.user, check=check)
        messages.success(request, f"{count}条与上次核实的完全相同，已按上次的结论处理。")
    except (RollRefusal, CheckMovedOn) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:roll_check", pk)


@access(*OFFICE_ROLES)
@require_POST
def close(request: UserRequest, pk: int) -> HttpResponse:
    check = _check(request, pk)
    try:
        checks.close(actor=request.user, check=check)
        messages.success(request, "这次核对已办结，可以打印《学籍清查表》。")
    except (RollRefusal, CheckMovedOn) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:roll_check", pk)
