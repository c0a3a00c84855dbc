"""Pages of the pupils: the list, the search by number, the card, and what is shown only when asked for."""

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, SCHOOL_STAFF, UserRequest, access
from schools.codes import Verb
from schools.models import AuditEntry, Classroom
from students import services
from students.cards import panels_of
from students.forms import NumberSearch, PupilFilter, RevealForm
from students.models import Enrollment, Student


@access(*SCHOOL_STAFF)
@require_safe
def pupil_list(request: UserRequest) -> HttpResponse:
    classrooms = Classroom.objects.visible_to(request.user).open_on(dates.today())
    form = PupilFilter(request.GET, classrooms=classrooms)
    rows = (
        Enrollment.objects.visible_to(request.user)
        .in_force(dates.today())
        .select_related("student", "classroom")
        .order_by("-classroom__stage", "-classroom__entry_year", "classroom__number", "seat_no", "pk")
    )
    if form.is_valid():
        if form.cleaned_data["classroom"]:
            rows = rows.filter(classroom=form.cleaned_data["classroom"])
        rows = _named(rows, form.cleaned_data["q"])
    return render(request, "students/list.html", {"page": page_of(request, rows), "form": form})


def _named(rows, text: str):
    if not text:
        return rows
    if text.isdigit():
        return rows.filter(seat_no=int(text[:4]))
    return rows.filter(Q(student__name__icontains=text) | Q(student__initials__startswith=text.lower()))


@access(*OFFICE_ROLES)
@require_POST
@sensitive_post_parameters("number")
def find_by_number(request: UserRequest) -> HttpResponse:
    form = NumberSearch(request.POST)
    if form.is_valid():
        number = form.cleaned_data["number"]
        pupils = Student.objects.visible_to(request.user)
        found = pupils.with_roll_number(number) if number[0].isalpha() else pupils.with_id_number(number)
        if student := found.first():
            return redirect("students:card", student.pk)
        messages.warning(request, "本校没有用这个号码的学生。")
    else:
        messages.error(request, "；".join(map(str, form.errors["number"])))
    return redirect("students:list")


@access(*SCHOOL_STAFF)
@require_safe
def card(request: UserRequest, pk: int) -> HttpResponse:
    student = _pupil(request, pk)
    services.record_card_opened(actor=request.user, student=student)
    return _card(request, student)


def _pupil(request: UserRequest, pk: int) -> Student:
    """A pupil with all that the card shows; 404 for a foreign one as for none."""
    history = Enrollment.objects.visible_to(request.user).standing().select_related("classroom")
    whole = Student.objects.visible_to(request.user).select_related("school")
    return get_object_or_404(
        whole.prefetch_related(
            "guardians",
            "tags",
            Prefetch("enrollments", history.order_by("-starts_on", "-pk"), to_attr="history"),  # type: ignore[no-redef]
        ),
        pk=pk,
    )


def _card(request: UserRequest, student: Student, **shown: object) -> HttpResponse:
    context = {
        "student": student,
        "now": next((row for row in student.history if row.ends_on is None), None),
        "why": _why_visible(request, student),
        "phone_ground": services.phone_ground(student),
        "panels": panels_of(student, request.user),
        "looked": AuditEntry.objects.visible_to(request.user)
        .filter(object_type="students.student", object_id=student.pk, verb__in=(Verb.CARD, Verb.REVEAL, Verb.PHONE))
        .order_by("-seq")[:20],
        **shown,
    }
    return render(request, "students/card.html", context)


def _why_visible(request: UserRequest, student: Student) -> str:
    """「因为您是七(3)班班主任（2026年2月20日起）」"""
    row = next((row for row in student.history if row.ends_on is None), None)
    for duty in request.user.duties_today:
        if (row and duty.classroom_id == row.classroom_id) or (
            duty.classroom_id is None and duty.unit_id == student.school_id
        ):
            return f"您能看到这张卡，因为您是{duty}（{dates.chinese(duty.starts_on)}起）。"
    return ""


@access(*SCHOOL_STAFF)
@require_POST
def phones(request: UserRequest, pk: int) -> HttpResponse:
    student = _pupil(request, pk)
    try:
        guardians = services.reveal_phones(
            actor=request.user, student=student, reason=request.POST.get("reason", "")[:100]
        )
    except services.RollRefusal as refusal:
        messages.error(request, str(refusal))
        return redirect("students:card", pk)
    return _card(request, student, phones=guardians)


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def reveal(request: UserRequest, pk: int) -> HttpResponse:
    student = _pupil(request, pk)
    form = RevealForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        number = services.reveal_id_number(actor=request.user, student=student, reason=form.cleaned_data["reason"])
        return _card(request, student, number=number)
    return render(request, "students/reveal.html", {"student": student, "form": form})
