"""The school's day for 教务 and 校长: who has reported, who is missing, verifying and passing the day."""

import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from attendance import schoolday, services
from attendance.codes import MarkCode
from kongchuo import dates
from schools import scoping
from schools.access import OFFICE_ROLES, UserRequest, access
from schools.codes import OFFICE
from schools.models import Unit
from students.models import Student

VERIFIED = (
    (MarkCode.PRESENT, "到了"),
    (MarkCode.LATE, "迟到"),
    (MarkCode.SICK, "病假"),
    (MarkCode.LEAVE, "事假"),
    (MarkCode.UNEXCUSED, "无故未到"),
    (MarkCode.UNREACHABLE, "失去联系"),
)


def office_schools(request: UserRequest) -> list[Unit]:
    """Schools in whose office this person holds a duty."""
    scope = scoping.scope_of(request.user, OFFICE)
    return list(Unit.objects.visible_to(request.user).filter(pk__in=scope.schools).order_by("path"))


def chosen_school(request: UserRequest, schools: list[Unit]) -> Unit:
    """The school named in the address, or the first. 404 for one that is not one's own."""
    wanted = request.GET.get("school") or request.POST.get("school") or ""
    school = next((unit for unit in schools if not wanted or str(unit.pk) == wanted), None)
    if school is None:
        raise Http404
    return school


@access(*OFFICE_ROLES)
@require_safe
def school_day(request: UserRequest, on: datetime.date | None = None) -> HttpResponse:
    """Classes × 应到/实到/缺勤, the absentees by name, and the two passes of the day."""
    schools = office_schools(request)
    school = chosen_school(request, schools)
    today = dates.today()
    day = schoolday.day_of(school, on or today)
    context = {
        "day": day,
        "schools": schools,
        "school": school,
        "today": today,
        "before": schoolday.neighbour(school, day.on, back=True),
        "after": schoolday.neighbour(school, day.on, back=False) if day.on < today else None,
        "columns": [name for name, _ in schoolday.COLUMNS],
        "verified": VERIFIED,
        "passes": schoolday.passes(day, request.user),
        "one_person": len(day.reviews) == 2 and len({review.reviewed_by_id for review in day.reviews.values()}) == 1,
    }
    return render(request, "attendance/school_day.html", context)


@access(*OFFICE_ROLES)
@require_POST
def verify(request: UserRequest, on: datetime.date, student: int) -> HttpResponse:
    """The office's word on one pupil, one tap."""
    pupil = get_object_or_404(Student.objects.visible_to(request.user), pk=student)
    try:
        mark = services.verify_mark(
            actor=request.user,
            student=pupil,
            on=on,
            code=request.POST.get("code", ""),
            note=request.POST.get("note", ""),
        )
    except services.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{pupil.name}已核实：{mark.get_office_code_display()}。")
    return redirect("attendance:school_day_on", on)


@access(*OFFICE_ROLES)
@require_POST
def review(request: UserRequest, on: datetime.date) -> HttpResponse:
    """Pass the day as the office or as the principal."""
    school = chosen_school(request, office_schools(request))
    level = request.POST.get("level", "")
    if level not in services.REVIEWERS:
        raise Http404
    try:
        services.review_day(actor=request.user, school=school, on=on, level=level)
    except services.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{dates.chinese(on)}的日汇总已审核。")
    return redirect("attendance:school_day_on", on)
