"""新学年升级: what will happen, the confirmation, and taking a class's graduation back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kongchuo import dates
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.classrooms import ClassroomRefusal
from schools.forms.people import ReasonForm
from schools.models import Classroom
from students import new_year
from students.new_year_forms import TurnForm
from students.roll import RollRefusal

form_page = require_http_methods(["GET", "HEAD", "POST"])


@access(*OFFICE_ROLES)
@form_page
def turn(request: UserRequest) -> HttpResponse:
    """The plan of the year's turn and, below it, its typed confirmation."""
    school, today = own_school(request.user, *OFFICE_ROLES), dates.today()
    try:
        plan = new_year.plan(school, today)
    except RollRefusal as refusal:
        return render(request, "students/new_year.html", {"refusal": str(refusal)})
    form = TurnForm(request.POST if request.method == "POST" else None, plan=plan)
    if form.is_valid():
        try:
            done = new_year.turn(
                actor=request.user, school=school, day=today, seen=form.cleaned_data["seen"], classes=form.classes
            )
        except (RollRefusal, ClassroomRefusal) as refusal:
            form.add_error(None, str(refusal))
        else:
            opened = f"开了{len(done.opened)}个班：{'、'.join(done.opened)}。" if done.opened else ""
            guests = f"借读结束{done.guests}人。" if done.guests else ""
            messages.success(request, f"毕业{done.graduates}人。{guests}{opened}其余各班年级自动升。")
            return redirect("students:new_year")
    return render(request, "students/new_year.html", {"plan": plan, "form": form})


@access(*OFFICE_ROLES)
@form_page
def take_back(request: UserRequest, pk: int) -> HttpResponse:
    """Void the graduation of one class."""
    school = own_school(request.user, *OFFICE_ROLES)
    rooms = Classroom.objects.visible_to(request.user).filter(school=school).select_related("school")
    classroom = get_object_or_404(rooms, pk=pk)
    count = len(new_year.graduations(classroom))
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        submit=f"撤回{count}人的毕业",
        back=reverse("students:new_year"),
    )
    if form.is_valid():
        try:
            number = new_year.take_back(actor=request.user, classroom=classroom, reason=form.cleaned_data["reason"])
        except RollRefusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{classroom.label}{number}人的毕业已撤回，又在册了。")
            return redirect("students:new_year")
    intro = (
        f"{classroom.label}有{count}人办了毕业。撤回后这{count}笔毕业作废，学生回到原来的班；"
        "只错了一两个人的，请到学生卡上单独作废。"
    )
    return render(request, "schools/form.html", {"form": form, "title": f"撤回毕业：{classroom.label}", "intro": intro})
