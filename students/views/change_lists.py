"""Lists of the 异动: the book of all, what is missing, who has not arrived, whose suspension ends, where many leave."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, SCHOOL_STAFF, UserRequest, access, own_school
from schools.policy import rules_on
from students import alarms, alerts, changelist
from students.change_forms import ChangeFilter
from students.changes import NEWCOMER_KINDS
from students.models import RollChange


@access(*OFFICE_ROLES)
@require_safe
def change_list(request: UserRequest) -> HttpResponse:
    form = ChangeFilter(request.GET or None, user=request.user)
    chosen = form.cleaned_data if form.is_valid() else {}
    today = dates.today()
    rows = changelist.registered(request.user, chosen, today)
    page = page_of(request, changelist.ready(rows))
    school = own_school(request.user, *OFFICE_ROLES)
    context = {
        "form": form,
        "page": page,
        "lines": [(line, line.is_late(today)) for line in changelist.lines_of(page.object_list)],
        "newcomers": NEWCOMER_KINDS,
        "clusters": alarms.clusters(school, today, rules_on(school, today)),
    }
    return render(request, "students/change_list.html", context)


def _office(request: UserRequest) -> bool:
    """Whether this person may open the 异动 itself; a class teacher goes to the pupil's card."""
    return request.user.has(*OFFICE_ROLES)


def _unfinished(request: UserRequest) -> list[changelist.Line]:
    return alerts.unfinished(RollChange.objects.visible_to(request.user))


@access(*SCHOOL_STAFF)
@require_safe
def missing_papers(request: UserRequest) -> HttpResponse:
    """缺件清单: which paper of which change is missing, and since when."""
    lines = alerts.lacking(_unfinished(request))
    return render(request, "students/missing_papers.html", {"lines": lines, "office": _office(request)})


@access(*SCHOOL_STAFF)
@require_safe
def not_arrived(request: UserRequest) -> HttpResponse:
    """转出未接续: past its day nobody can say that the child is at school."""
    today = dates.today()
    lines = [(line, line.is_late(today)) for line in alerts.not_arrived(_unfinished(request))]
    return render(request, "students/not_arrived.html", {"lines": lines, "office": _office(request)})


@access(*SCHOOL_STAFF)
@require_safe
def suspensions(request: UserRequest) -> HttpResponse:
    """休学到期: soon over, over, and over for so long that it counts as dropping out."""
    today = dates.today()
    school = own_school(request.user, *SCHOOL_STAFF)
    rules = rules_on(school, today)
    found = alerts.suspended(RollChange.objects.visible_to(request.user), today, rules)
    context = {"found": found, "levels": alerts.Level, "office": _office(request)}
    return render(request, "students/suspensions.html", context)


@access(*OFFICE_ROLES)
@require_safe
def clusters(request: UserRequest) -> HttpResponse:
    """集中离校: the names behind the warning."""
    school, today = own_school(request.user, *OFFICE_ROLES), dates.today()
    found = alarms.clusters(school, today, rules_on(school, today))
    return render(request, "students/clusters.html", {"clusters": found})
