"""The desk: where everybody lands, and the principal's page."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from followups.desk import desk_of
from followups.morning import Morning
from kongchuo import dates
from schools.access import DECIDER, UserRequest, access
from schools.codes import DECIDERS, OVERSEERS
from schools.models import Unit


@access(any_role=True)
@require_safe
def desk(request: UserRequest) -> HttpResponse:
    roles = {duty.role for duty in request.user.duties_today}
    if roles & DECIDERS:
        return redirect("followups:principal")
    if roles and roles <= OVERSEERS:
        return redirect("followups:overview")
    return render(request, "followups/desk.html", {"desk": desk_of(request.user, dates.today())})


def _school(request: UserRequest) -> Unit:
    """The school that this person decides for; the first one where there are several."""
    return next(duty.unit for duty in request.user.duties_today if duty.role in DECIDERS)


@access(*DECIDER)
@require_safe
def principal(request: UserRequest) -> HttpResponse:
    morning = Morning(_school(request), dates.today())
    context = {"morning": morning, "tiles": morning.tiles(), "classes": morning.class_table, "month": morning.month}
    return render(request, "followups/principal.html", context)


@access(*DECIDER)
@require_safe
def tile(request: UserRequest, key: str) -> HttpResponse:
    """The list behind a number of the principal's page."""
    try:
        shown = Morning(_school(request), dates.today()).tile(key)
    except KeyError:
        raise Http404 from None
    return render(request, "followups/tile.html", {"tile": shown})
