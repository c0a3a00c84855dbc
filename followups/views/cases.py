"""The list of cases, and the page of one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from followups import looking
from followups.caselist import CaseList
from followups.casepage import CasePage
from followups.forms.cases import CaseFilter, OpeningForm
from followups.models import Case
from followups.opening import open_case
from followups.views.filing import KEEPERS_OF_CASES, case_of, filed, sent, shown, to_case
from kongchuo import dates
from kongchuo.forms import form_helper
from kongchuo.paging import page_of
from schools.access import SCHOOL_STAFF, UserRequest, access
from schools.models import Classroom
from students.models import Student


@access(*KEEPERS_OF_CASES)
@require_safe
def case_list(request: UserRequest) -> HttpResponse:
    classrooms = Classroom.objects.visible_to(request.user).open_on(dates.today())
    form = CaseFilter(request.GET, classrooms=classrooms)
    chosen = form.cleaned_data if form.is_valid() else {}
    listed = CaseList(request.user, dates.today(), request.GET.get("show", ""), chosen)
    context = {
        "form": form,
        "groups": listed.groups(reverse("followups:case_list")),
        "chosen": listed.chosen,
        "chosen_key": listed.key,
        "page": page_of(request, listed.rows()),
    }
    return render(request, "followups/case_list.html", context)


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
def case_new(request: UserRequest, pk: int) -> HttpResponse:
    """立案 by hand for one pupil; what the daily report shows opens its case by itself."""
    student = get_object_or_404(Student.objects.visible_to(request.user), pk=pk)
    if given := Case.objects.visible_to(request.user).open().filter(student=student).first():
        messages.info(request, "这名学生已有一个未销号的个案。")
        return to_case(given)
    form = OpeningForm(**sent(request), initial={"source": request.GET.get("source")})
    made: list[Case] = []
    if filed(request, form, lambda: made.append(open_case(actor=request.user, student=student, **form.cleaned_data))):
        messages.success(request, "已立案，等校长认定。")
        return to_case(made[0])
    helper = form_helper("立案", back=reverse("students:card", args=(pk,)))
    return shown(request, "followups/case_new.html", student=student, form=form, helper=helper)


@access(*KEEPERS_OF_CASES)
@require_safe
def case(request: UserRequest, pk: int) -> HttpResponse:
    one = case_of(request, pk)
    looking.record(actor=request.user, case=one)
    return render(request, "followups/case.html", {"case": one, "page": CasePage(one, request.user)})
