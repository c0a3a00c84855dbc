"""材料 that were handed in: the file itself, and voiding one."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from schools.access import OFFICE_ROLES, UserRequest, access
from students import procedures
from students.models import Paper
from students.roll import RollRefusal


@access(*OFFICE_ROLES)
@require_safe
def paper_file(request: UserRequest, pk: int) -> FileResponse:
    """A photo in the browser, a scan as a download; never as part of our own pages."""
    kept = get_object_or_404(Paper.objects.visible_to(request.user).exclude(file=""), pk=pk)
    try:
        file = kept.file.open()
    except FileNotFoundError:
        raise Http404 from None
    photo = kept.media_type == "image/jpeg"
    name = f"paper-{kept.pk}{'.jpg' if photo else '.pdf'}"
    response = FileResponse(file, as_attachment=not photo, filename=name, content_type=kept.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@access(*OFFICE_ROLES)
@require_POST
def paper_void(request: UserRequest, pk: int) -> HttpResponse:
    rows = Paper.objects.visible_to(request.user).select_related("change__student")
    paper = get_object_or_404(rows.filter(change__isnull=False), pk=pk)
    try:
        procedures.void_paper(actor=request.user, paper=paper, reason=request.POST.get("reason", "")[:120])
        messages.success(request, f"已作废这份材料：{paper}。")
    except RollRefusal as refusal:
        messages.error(request, str(refusal))
    return redirect("students:change", paper.change_id)
