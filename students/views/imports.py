"""Pages of the import: upload → preview → confirm → result."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kongchuo.forms import form_helper
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, UserRequest, access
from students import imports
from students.codes import ImportOutcome, ImportStatus
from students.import_commit import ImportMovedOn
from students.import_forms import UploadForm
from students.import_plan import Line, Plan
from students.models import ImportBatch
from students.roster.cells import UnreadableRoster
from students.services import RollRefusal

WARNED = "warned"
# The parts of a preview in the order in which a clerk looks at them.
PARTS = (
    (ImportOutcome.REFUSED.value, "拒绝"),
    (ImportOutcome.CREATED.value, "新增"),
    (ImportOutcome.UPDATED.value, "更新"),
    (WARNED, "有提醒"),
    (ImportOutcome.UNCHANGED.value, "不变"),
)


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
    recent = ImportBatch.objects.visible_to(request.user).select_related("uploaded_by").order_by("-pk")[:8]
    return render(request, "students/import_upload.html", {"form": form, "recent": recent})


@access(*OFFICE_ROLES)
@require_safe
def preview(request: UserRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    if batch.status == ImportStatus.DONE:
        return render(request, "students/import_result.html", {"batch": batch})
    try:
        plan = imports.preview(batch)
    except ImportMovedOn as moved:
        messages.warning(request, str(moved))
        return redirect("students:import_upload")
    parts = _parts(plan)
    chosen = next((part for part in parts if part["key"] == request.GET.get("part")), None)
    chosen = chosen or next((part for part in parts if part["lines"]), parts[0])
    page = page_of(request, chosen["lines"])
    context = {"batch": batch, "plan": plan, "parts": parts, "chosen": chosen, "page": page}
    return render(request, "students/import_preview.html", context)


def _parts(plan: Plan) -> list[dict]:
    def lines(key: str) -> list[Line]:
        if key == WARNED:
            return [line for line in plan.lines if line.warnings and line.outcome != ImportOutcome.REFUSED]
        return plan.of(key)

    return [{"key": key, "label": label, "lines": lines(key)} for key, label in PARTS]


@access(*OFFICE_ROLES)
@require_POST
def confirm(request: UserRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    try:
        imports.confirm(actor=request.user, batch=batch, seen=request.POST.get("seen", ""))
    except (ImportMovedOn, RollRefusal) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:import_preview", pk)


@access(*OFFICE_ROLES)
@require_POST
def drop(request: UserRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    try:
        imports.drop(actor=request.user, batch=batch)
        messages.info(request, f"已放弃「{batch.file_name}」，什么也没有导入。")
    except (ImportMovedOn, RollRefusal) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:import_upload")
