"""Pages of the pupils: the list and the search by number."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, SCHOOL_STAFF, UserRequest, access
from schools.models import Classroom
from students import groups
from students.codes import EnrollmentStatus, Sex
from students.forms import NumberSearch, PupilFilter
from students.models import UNLISTED, Enrollment, Student
from students.models.roll import EnrollmentQuerySet

_SEXES = {value: str(word) for value, word in Sex.choices}
_STANDINGS = {value: str(word) for value, word in EnrollmentStatus.choices}


@access(*SCHOOL_STAFF)
@require_safe
def pupil_list(request: UserRequest) -> HttpResponse:
    classrooms = Classroom.objects.visible_to(request.user).open_on(dates.today())
    form = PupilFilter(request.GET, classrooms=classrooms, kinds=groups.kinds_for(request.user))
    rows = (
        Enrollment.objects.visible_to(request.user)
        .in_force(dates.today())
        .select_related("student", "classroom")
        .defer(*(f"student__{name}" for name in UNLISTED))
        .order_by("-classroom__stage", "-classroom__entry_year", "classroom__number", "seat_no", "pk")
    )
    if form.is_valid():
        rows = _narrowed(rows, form.cleaned_data)
    page = page_of(request, rows)
    context = {"page": page, "lines": _lines(page.object_list), "form": form}
    return render(request, "students/list.html", context)


def _lines(rows: Iterable[Enrollment]) -> list[dict[str, Any]]:
    """What the table shows, in plain words: asking a template for each label takes longer than all the rest."""
    labels: dict[int, str] = {}
    today, lines = dates.today(), []
    for row in rows:
        if row.classroom_id not in labels:
            labels[row.classroom_id] = row.classroom.label_on(today)
        lines.append({
            "classroom": labels[row.classroom_id], "seat": str(row.seat_no or "—"), "key": str(row.student_id),
            "name": row.student.name, "sex": _SEXES.get(row.student.sex, "—"),
            "status": _STANDINGS.get(row.status, row.status), "village": row.student.village or "—",
        })  # fmt: skip
    return lines


def _narrowed(rows: EnrollmentQuerySet, said: dict[str, Any]) -> EnrollmentQuerySet:
    if said["classroom"]:
        rows = rows.filter(classroom=said["classroom"])
    if said["standing"]:
        rows = rows.filter(status=said["standing"])
    if said["village"]:
        rows = rows.filter(student__village__icontains=said["village"])
    if said["tag"]:
        rows = groups.in_group(rows, [said["tag"]], dates.today())
    return _named(rows, said["q"])


def _named(rows: EnrollmentQuerySet, text: str) -> EnrollmentQuerySet:
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
