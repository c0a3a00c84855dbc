"""Pages of the import: upload → columns → preview → confirm → result → undo."""

from urllib.parse import quote

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kongchuo.forms import form_helper
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, UserRequest, access
from students import import_refused, imports
from students.codes import ImportOutcome, ImportStatus
from students.import_commit import ImportMovedOn
from students.import_forms import ColumnsForm, UploadForm
from students.import_plan import Plan
from students.import_undo import ChangedSince
from students.models import ImportBatch
from students.roster.cells import UnreadableRoster
from students.services import RollRefusal

WARNED, MISSING = "warned", "missing"
# The parts of a preview in the order in which a clerk looks at them.
PARTS = (
    (ImportOutcome.REFUSED.value, "拒绝"),
    (ImportOutcome.CREATED.value, "新增"),
    (ImportOutcome.UPDATED.value, "改动"),
    (WARNED, "有提醒"),
    (ImportOutcome.UNCHANGED.value, "不变"),
    (MISSING, "名册里没有的"),
)
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: UserRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
    form.helper = form_helper("读取并预览")  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            batch = imports.upload(actor=request.user, **form.cleaned_data)
            return redirect("students:import_preview", batch.pk)
        except UnreadableRoster as refusal:
            form.add_error("file", str(refusal))
        except RollRefusal as refusal:
            form.add_error(None, str(refusal))
    recent = _batches(request).order_by("-pk")[:8]
    return render(request, "students/import_upload.html", {"form": form, "recent": recent})


@access(*OFFICE_ROLES)
@require_safe
def preview(request: UserRequest, pk: int) -> HttpResponse:
    batch = _batch_or_404(request, pk)
    if batch.status in (ImportStatus.DONE, ImportStatus.UNDONE):
        return _result_page(request, batch)
    try:
        return _preview_page(request, batch)
    except ImportMovedOn as moved:
        messages.warning(request, str(moved))
        return redirect("students:import_upload")


def _preview_page(request: UserRequest, batch: ImportBatch, typed: str = "", error: str = "") -> HttpResponse:
    plan = imports.preview(batch)
    parts = [{"key": key, "label": label, "lines": _lines(plan, key)} for key, label in PARTS]
    chosen = next((part for part in parts if part["key"] == request.GET.get("part")), None)
    chosen = chosen or next((part for part in parts if part["lines"]), parts[0])
    context = {
        "batch": batch, "plan": plan, "parts": parts, "chosen": chosen, "page": page_of(request, chosen["lines"]),
        "count": imports.count_to_type(plan), "typed": typed, "error": error,
        "told": [column for column in plan.roster.headings if column.told],
    }  # fmt: skip
    return render(request, "students/import_preview.html", context)


def _lines(plan: Plan, key: str) -> list:
    if key == MISSING:
        return plan.missing
    if key == WARNED:
        return [line for line in plan.lines if line.warnings and line.outcome != ImportOutcome.REFUSED]
    return plan.of(key)


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: UserRequest, pk: int) -> HttpResponse:
    """What each column means, to be corrected; it is remembered for the next upload."""
    batch = _batch_or_404(request, pk)
    back = reverse("students:import_preview", args=[pk])
    try:
        form = ColumnsForm(request.POST or None, headings=imports.headings(batch))
        form.helper = form_helper("按这样读，回到预览", back=back)  # type: ignore[attr-defined]
        if request.method == "POST" and form.is_valid():
            try:
                imports.say_columns(actor=request.user, batch=batch, meanings=form.meanings)
                return redirect(back)
            except RollRefusal as refusal:
                form.add_error(None, str(refusal))
    except ImportMovedOn as moved:
        messages.warning(request, str(moved))
        return redirect("students:import_upload")
    return render(request, "students/import_columns.html", {"batch": batch, "form": form})


@access(*OFFICE_ROLES)
@require_POST
def confirm(request: UserRequest, pk: int) -> HttpResponse:
    batch = _batch_or_404(request, pk)
    seen, typed = request.POST.get("seen", ""), request.POST.get("count", "")
    try:
        imports.confirm(actor=request.user, batch=batch, seen=seen, typed=typed)
    except imports.CountNotTyped as refusal:
        return _preview_page(request, batch, typed, str(refusal))
    except (ImportMovedOn, RollRefusal) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:import_preview", pk)


@access(*OFFICE_ROLES)
@require_POST
def drop(request: UserRequest, pk: int) -> HttpResponse:
    batch = _batch_or_404(request, pk)
    try:
        imports.drop(actor=request.user, batch=batch)
        messages.info(request, f"已放弃「{batch.file_name}」，什么也没有导入。")
    except (ImportMovedOn, RollRefusal) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:import_upload")


@access(*OFFICE_ROLES)
@require_POST
def undo(request: UserRequest, pk: int) -> HttpResponse:
    batch = _batch_or_404(request, pk)
    try:
        imports.undo(actor=request.user, batch=batch)
        messages.success(request, "已撤销，学生信息和导入之前一样。")
    except ChangedSince as refusal:
        return _result_page(request, batch, str(refusal), refusal.found)
    except (ImportMovedOn, RollRefusal) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:import_preview", pk)


@access(*OFFICE_ROLES)
@require_POST
def refused(request: UserRequest, pk: int) -> HttpResponse:
    """The refused rows as a workbook, for the person who uploaded them."""
    batch = _batch_or_404(request, pk)
    try:
        rows = imports.refused_rows(actor=request.user, batch=batch)
    except (ImportMovedOn, RollRefusal) as refusal:
        messages.warning(request, str(refusal))
        return redirect("students:import_preview", pk)
    name = f"拒绝的行-{batch.file_name.rsplit('.', 1)[0]}.xlsx"
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return HttpResponse(
        import_refused.workbook(rows), content_type=_WORKBOOK, headers={"Content-Disposition": disposition}
    )


def _result_page(
    request: UserRequest, batch: ImportBatch, refusal: str = "", found: list[str] | None = None
) -> HttpResponse:
    context = {
        "batch": batch, "may_undo": imports.may_undo(batch), "refusal": refusal, "found": found,
        "mine": batch.uploaded_by_id == request.user.pk,
    }  # fmt: skip
    return render(request, "students/import_result.html", context)


def _batches(request: UserRequest) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.visible_to(request.user).select_related("uploaded_by", "school").defer("rows", "kept")


def _batch_or_404(request: UserRequest, pk: int) -> ImportBatch:
    return get_object_or_404(_batches(request), pk=pk)
