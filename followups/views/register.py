"""辍学登记册: the list, and its export."""

from typing import cast

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from followups import books, exports, register
from followups.forms.register import RegisterExportForm, RegisterFilter
from followups.models import Case
from kongchuo import pdf
from kongchuo.paging import page_of
from schools import exporting
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.models import Classroom, Export, Unit


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
        order = books.order(form.order(school, chosen.choice), request.user)
        try:
            export = exporting.order_export(actor=request.user, order=order, reason=form.cleaned_data["reason"])
        except exporting.ExportRefusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            exporting.set_off(export)
            return redirect("schools:export", pk=export.pk)
    context = {
        "form": form,
        "narrowed": exports.choice_words(school, chosen.choice, chosen.day),
        "back": back,
        "made": _made(request, school),
    }
    return render(request, "followups/register_export.html", context, status=422 if form.errors else 200)


def _cases(request: UserRequest, school: Unit) -> register.CaseQuerySet:
    return Case.objects.visible_to(request.user).filter(school=school)


def _filter(request: UserRequest, school: Unit) -> RegisterFilter:
    """The register's conditions, offering what this school's register has."""
    years, villages = register.known(_cases(request, school))
    classrooms = Classroom.objects.visible_to(request.user).filter(school=school, cases__isnull=False).distinct()
    labels = [(classroom.pk, classroom.label) for classroom in classrooms.in_order()]
    return RegisterFilter(request.GET, years=years, classrooms=labels, villages=villages)


def _made(request: UserRequest, school: Unit) -> QuerySet[Export]:
    """The latest exports of the register."""
    exports = Export.objects.visible_to(request.user).filter(school=school, book__in=books.KEYS.values())
    return exports.select_related("made_by")[:10]
