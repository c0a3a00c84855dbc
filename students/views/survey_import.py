"""Pages of the import of a 摸底册: upload → preview → confirm → result."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.views.shared import form_page
from students import survey_import
from students.codes import ImportOutcome, ImportStatus
from students.import_commit import ImportMovedOn
from students.models import SurveyBatch
from students.roll import RollRefusal
from students.roster.cells import UnreadableRoster
from students.survey_forms import SurveyUploadForm
from students.survey_import import Line, Plan
from students.survey_rows import WORDS

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
@form_page
def upload(request: UserRequest) -> HttpResponse:
    form = SurveyUploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        school = own_school(request.user, *OFFICE_ROLES)
        try:
            batch = survey_import.upload(actor=request.user, school=school, file=form.cleaned_data["file"])
            return redirect("students:survey_preview", batch.pk)
        except UnreadableRoster as refusal:
            form.add_error("file", str(refusal))
        except RollRefusal as refusal:
            form.add_error(None, str(refusal))
    recent = SurveyBatch.objects.visible_to(request.user).select_related("uploaded_by").order_by("-pk")[:8]
    columns = [WORDS.label(name) for name in WORDS.synonyms]
    return render(request, "students/survey_upload.html", {"form": form, "recent": recent, "columns": columns})


@access(*OFFICE_ROLES)
@require_safe
def preview(request: UserRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(SurveyBatch.objects.visible_to(request.user), pk=pk)
    if batch.status == ImportStatus.DONE:
        return render(request, "students/survey_preview.html", {"batch": batch, "account": batch.account})
    try:
        plan = survey_import.preview(batch)
    except ImportMovedOn as moved:
        messages.warning(request, str(moved))
        return redirect("students:survey_import")
    parts = [{"key": key, "label": label, "lines": _lines(plan, key)} for key, label in PARTS]
    chosen = next((part for part in parts if part["key"] == request.GET.get("part")), None)
    chosen = chosen or next((part for part in parts if part["lines"]), parts[0])
    context = {
        "batch": batch,
        "account": plan.account,
        "digest": plan.digest,
        "parts": parts,
        "chosen": chosen,
        "page": page_of(request, chosen["lines"]),
    }
    return render(request, "students/survey_preview.html", context)


def _lines(plan: Plan, key: str) -> list[Line]:
    if key == WARNED:
        return [line for line in plan.lines if line.row.warnings and line.outcome != ImportOutcome.REFUSED]
    return plan.of(key)


@access(*OFFICE_ROLES)
@require_POST
def confirm(request: UserRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(SurveyBatch.objects.visible_to(request.user), pk=pk)
    try:
        survey_import.confirm(actor=request.user, batch=batch, seen=request.POST.get("seen", ""))
    except (ImportMovedOn, RollRefusal) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:survey_preview", pk)


@access(*OFFICE_ROLES)
@require_POST
def drop(request: UserRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(SurveyBatch.objects.visible_to(request.user), pk=pk)
    try:
        survey_import.drop(actor=request.user, batch=batch)
        messages.info(request, f"已放弃「{batch.file_name}」，什么也没有导入。")
    except (ImportMovedOn, RollRefusal) as refusal:
        messages.warning(request, str(refusal))
    return redirect("students:survey_import")
