"""班级: which classes there are, who keeps them, how many pupils they have."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kongchuo import dates
from schools import classrooms, people
from schools.access import UserRequest, access, own_school
from schools.classrooms import KEEPERS_OF_CLASSES
from schools.codes import Role, Stage
from schools.forms.people import HandOverForm, ReasonForm
from schools.forms.places import ClassesForm
from schools.models import Classroom, Duty, User
from schools.people import MANAGERS
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
        request,
        "schools/classrooms.html",
        groups
        | {
            "pupils": sum(getattr(row, "pupils", 0) for row in groups["now"]),
            "may_hand_over": request.user.has(*MANAGERS, school=school),
        },
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


@access(*MANAGERS)
@form_page
def classroom_head(request: UserRequest, pk: int) -> HttpResponse:
    """换班主任: one action ends the one duty and begins the other. What is unfinished is told to both."""
    school, today = own_school(request.user, *MANAGERS), dates.today()
    rows = Classroom.objects.visible_to(request.user).filter(school=school, closed_on__isnull=True)
    classroom = get_object_or_404(rows.select_related("school"), pk=pk)
    heads = Duty.objects.visible_to(request.user).in_force(today).filter(role=Role.HEAD_TEACHER, classroom=classroom)
    now = list(heads.select_related("user"))
    staff = User.objects.visible_to(request.user).filter(duties__unit=school, is_active=True)
    staff = staff.exclude(pk__in=[duty.user_id for duty in now]).order_by("name").distinct()
    sent = request.POST if request.method == "POST" else None
    form = HandOverForm(sent, people=staff, back=reverse("schools:classrooms"))
    if form.is_valid():
        with refusal_in(form):
            duty = people.hand_class_over(actor=request.user, classroom=classroom, **form.cleaned_data)
            messages.success(request, f"{duty.user.name}从{dates.chinese(duty.starts_on)}起任{duty.title}。")
            return redirect("schools:classrooms")
    context = {
        "form": form,
        "classroom": classroom,
        "heads": now,
        "matters": people.matters_of(request.user, classroom),
    }
    return render(request, "schools/classroom_head.html", context)


def _standing(classroom: Classroom) -> str:
    if classroom.closed_on:
        return "gone"
    grade = classroom.grade
    if grade < (1 if classroom.stage == Stage.PRIMARY else 7):
        return "ahead"
    return "now" if grade <= (6 if classroom.stage == Stage.PRIMARY else 9) else "gone"
