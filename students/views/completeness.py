"""信息完整度 by class with the lists behind it, 核对 in one tap, and the doubtful facts of a class or school."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import SCHOOL_STAFF, UserRequest, access, own_school
from schools.models import Classroom
from schools.models.places import ClassroomQuerySet
from schools.scoping import scope_of
from students import completeness, doubts
from students.forms import LackingFilter, OfClass
from students.roll import RollRefusal
from students.views.shared import pupil_of


def classes_of(request: UserRequest) -> ClassroomQuerySet:
    """The classes of the own school whose pupils this person sees, in their order."""
    school, scope = own_school(request.user, *SCHOOL_STAFF), scope_of(request.user)
    # A class in which one only teaches a subject shows no pupil.
    kept = Q(pk__in=scope.classrooms) | Q(school__in=scope.schools)
    return Classroom.objects.visible_to(request.user).filter(kept, school=school).open_on(dates.today())


@access(*SCHOOL_STAFF)
@require_safe
def overview(request: UserRequest) -> HttpResponse:
    lines = completeness.of_classes(request.user, classes_of(request), dates.today())
    context = {"lines": lines, "facts": completeness.FACTS.values(), "total": completeness.total(lines)}
    return render(request, "students/completeness.html", context)


@access(*SCHOOL_STAFF)
@require_safe
def lacking(request: UserRequest) -> HttpResponse:
    """The pupils behind a number: of one class or all, who lack one fact or any."""
    form = LackingFilter(request.GET, classrooms=classes_of(request))
    since = completeness.checks_count_from(own_school(request.user, *SCHOOL_STAFF).pk, dates.today())
    places = completeness.rows(request.user, dates.today(), since).filter(classroom__in=classes_of(request))
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    places = completeness.only(places, said.get("lacks", ""))
    if said.get("classroom"):
        places = places.filter(classroom=said["classroom"])
    ordered = places.select_related("student", "classroom").order_by(
        "-classroom__stage", "-classroom__entry_year", "classroom__number", "seat_no", "pk"
    )
    page = page_of(request, ordered)
    for place in page.object_list:
        place.lacking = [fact for fact in completeness.FACTS.values() if getattr(place, f"lacks_{fact.key}")]
    return render(request, "students/lacking.html", {"form": form, "page": page, "classroom": said.get("classroom")})


@access(*SCHOOL_STAFF)
@require_POST
def checked(request: UserRequest, pk: int) -> HttpResponse:
    """核对: this family's facts stand as of today."""
    student = pupil_of(request, pk)
    try:
        completeness.check(actor=request.user, student=student)
    except RollRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{student.name}的家庭信息今天核对过。")
    return redirect(_back(request, student.pk))


def _back(request: UserRequest, student: int) -> str:
    """To the list from which the tap came, with its conditions, else to the card."""
    asked = {name: request.POST[name] for name in ("classroom", "lacks", "page") if request.POST.get(name)}
    if asked:
        return f"{reverse('students:lacking')}?{urlencode(asked)}"
    return reverse("students:card", args=(student,))


@access(*SCHOOL_STAFF)
@require_POST
def class_checked(request: UserRequest, pk: int) -> HttpResponse:
    """全班已核对."""
    classroom = get_object_or_404(classes_of(request), pk=pk)
    try:
        count = completeness.check_class(actor=request.user, classroom=classroom)
    except RollRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{classroom.label}{count}名学生的家庭信息今天核对过。")
    return redirect("students:completeness")


@access(*SCHOOL_STAFF)
@require_safe
def doubt_list(request: UserRequest) -> HttpResponse:
    """信息疑点 not yet settled, of one class or of all."""
    form = OfClass(request.GET, classrooms=classes_of(request))
    chosen = form.cleaned_data["classroom"] if form.is_valid() else None
    classes = [chosen] if chosen else classes_of(request)
    return render(
        request, "students/doubts.html", {"form": form, "found": list(doubts.of_classes(classes, dates.today()))}
    )
