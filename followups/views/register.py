"""辍学登记册: the list, its export, the page of an export, the file."""

from typing import cast
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from followups import exporting, exports, register
from followups.forms.register import RegisterExportForm, RegisterFilter
from followups.models import Case, Export
from kongchuo import pdf
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.models import Classroom, Unit

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@access(*OFFICE_ROLES)
@require_safe
def register_page(request: UserRequest) -> HttpResponse:
    """The register with its filters: as of today, or as a past school year ended."""
    school = own_school(request.user, *OFFICE_ROLES)
    form = _filter(request, school)
    cases = register.cases_on(_cases(request, school), form.day, form.choice)
    page = page_of(request, cases)
    context = {
        "form": form,
        "day": form.day,
        "counts": register.summary(cases, form.day),
        "page": page,
        "columns": exports.PAGE,
        "lines": exports.page_lines(register.entries(cast(register.CaseQuerySet, page.object_list), form.day)),
    }
    return render(request, "followups/register.html", context)


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def register_export(request: UserRequest) -> HttpResponse:
    """Order a file; the filters are those of the register's address."""
    school = own_school(request.user, *OFFICE_ROLES)
    chosen = _filter(request, school)
    back = f"{reverse('followups:register')}?{request.GET.urlencode()}"
    sent = request.POST if request.method == "POST" else None
    form = RegisterExportForm(sent, day=chosen.day, lacks=pdf.missing(), back=back)
    if form.is_valid():
        order = form.order(school, chosen.choice)
        try:
            export = exporting.order_export(actor=request.user, order=order, reason=form.cleaned_data["reason"])
        except exporting.ExportRefusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            _set_off(request, export)
            return redirect("followups:export_detail", pk=export.pk)
    context = {
        "form": form,
        "narrowed": exports.choice_words(school, chosen.choice, chosen.day),
        "back": back,
        "made": Export.objects.visible_to(request.user).filter(school=school).select_related("made_by")[:10],
    }
    return render(request, "followups/register_export.html", context, status=422 if form.errors else 200)


@access(*OFFICE_ROLES)
@require_safe
def export_detail(request: UserRequest, pk: int) -> HttpResponse:
    """An export: how far it is, what is in it, and its file. The page can be left and come back to."""
    export = _export(request, pk)
    context = {
        "export": export,
        "order": exporting.order_of(export),
        "stuck": exporting.is_stuck(export),
        "mine": exporting.may_fetch(export, request.user),
    }
    return render(request, "followups/export_detail.html", context)


@access(*OFFICE_ROLES)
@require_safe
def export_download(request: UserRequest, pk: int) -> HttpResponse:
    export = _export(request, pk)
    if not exporting.may_fetch(export, request.user):
        raise PermissionDenied("全号文件只能由导出的人下载。")
    try:
        content = exporting.fetch(actor=request.user, export=export)
    except exporting.ExportRefusal as refusal:
        messages.error(request, str(refusal))
        return redirect("followups:export_detail", pk=export.pk)
    response = HttpResponse(content, content_type=MEDIA_TYPES[export.file_name.rpartition(".")[2]])
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(export.file_name)}"
    return response


def _cases(request: UserRequest, school: Unit) -> register.CaseQuerySet:
    return Case.objects.visible_to(request.user).filter(school=school)


def _filter(request: UserRequest, school: Unit) -> RegisterFilter:
    """The register's conditions, offering what this school's register has."""
    years, villages = register.known(_cases(request, school))
    classrooms = Classroom.objects.visible_to(request.user).filter(school=school, cases__isnull=False).distinct()
    labels = [(classroom.pk, classroom.label) for classroom in classrooms.in_order()]
    return RegisterFilter(request.GET, years=years, classrooms=labels, villages=villages)


def _set_off(request: UserRequest, export: Export) -> None:
    """Write the file now, or let a process of its own do it when it takes long."""
    if exporting.needs_time(exporting.order_of(export), _cases(request, export.school)):
        transaction.on_commit(lambda: exporting.write_later(export))
    else:
        exporting.write(export)


def _export(request: UserRequest, pk: int) -> Export:
    return get_object_or_404(Export.objects.visible_to(request.user).select_related("made_by", "school"), pk=pk)
