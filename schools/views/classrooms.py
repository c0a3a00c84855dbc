"""班级: which classes there are, who keeps them, how many pupils they have."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kongchuo import dates
from schools import classrooms
from schools.access import UserRequest, access, own_school
from schools.classrooms import KEEPERS_OF_CLASSES
from schools.codes import Role, Stage
from schools.forms.people import ReasonForm
from schools.forms.places import ClassesForm
from schools.models import Classroom, Duty
from schools.views.shared import form_page, refusal_in


@access(*KEEPERS_OF_CLASSES)
@require_safe
def classroom_list(request: UserRequest) -> HttpResponse:
    """The classes of this school year, those already opened for the next, and those that are gone."""
    school, today = own_school(request.user, *KEEPERS_OF_CLASSES), dates.today()
    heads = Duty.objects.visible_to(request.user).in_force(today).filter(role=Role.HEAD_TEACHER)
    rows = (
        classrooms.with_pupils(Classroom.objects.visible_to(request.user).filter(school=school), today)
        .in_order()
        .prefetch_related(Prefetch("duties", heads.select_related("user"), to_attr="heads"))
    )
    groups: dict[str, list[Classroom]] = {"now": [], "ahead": [], "gone": []}
    for row in rows:
        groups[_standing(row)].append(row)
    return render(
        request, "schools/classrooms.html", groups | {"pupils": sum(getattr(row, "pupils", 0) for row in groups["now"])}
    )


@access(*KEEPERS_OF_CLASSES)
@form_page
def classroom_add(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *KEEPERS_OF_CLASSES)
    sent = request.POST if request.method == "POST" else None
    form = ClassesForm(sent, school=school, back=reverse("schools:classrooms"))
    if form.is_valid():
        with refusal_in(form):
            opened, stood = classrooms.add_classes(actor=request.user, school=school, **form.cleaned_data)
            if opened:
                messages.success(request, f"已加{len(opened)}个班：{'、'.join(row.label for row in opened)}。")
            if stood:
                messages.info(request, f"原来就有：{'、'.join(row.label for row in stood)}。")
            return redirect("schools:classrooms")
    return render(request, "schools/form.html", {"form": form, "title": "加班级"})


@access(*KEEPERS_OF_CLASSES)
@form_page
def classroom_dissolve(request: UserRequest, pk: int) -> HttpResponse:
    school = own_school(request.user, *KEEPERS_OF_CLASSES)
    rows = Classroom.objects.visible_to(request.user).filter(school=school).select_related("school")
    classroom = get_object_or_404(rows, pk=pk)
    sent = request.POST if request.method == "POST" else None
    form = ReasonForm(sent, submit=f"撤并{classroom.label}", back=reverse("schools:classrooms"))
    if form.is_valid():
        with refusal_in(form):
            classrooms.dissolve(actor=request.user, classroom=classroom, reason=form.cleaned_data["reason"])
            messages.success(request, f"{classroom.label}已撤并，班主任和任课岗位到今天为止。")
            return redirect("schools:classrooms")
    intro = "没有学生的班才能撤并。以前的到校日报和个案都留着；要恢复，再加一次同号的班。"
    return render(request, "schools/form.html", {"form": form, "title": f"撤并：{classroom.label}", "intro": intro})


def _standing(classroom: Classroom) -> str:
    if classroom.closed_on:
        return "gone"
    grade = classroom.grade
    if grade < (1 if classroom.stage == Stage.PRIMARY else 7):
        return "ahead"
    return "now" if grade <= (6 if classroom.stage == Stage.PRIMARY else 9) else "gone"
