"""毕业班整班移交: the lists drawn up, a new one, and who has arrived."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kongchuo import dates
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.models import Classroom
from students import handovers
from students.handover_forms import ArrivalsForm, HandoverForm
from students.models import Handover
from students.roll import RollRefusal

form_page = require_http_methods(["GET", "HEAD", "POST"])


@access(*OFFICE_ROLES)
@require_safe
def handover_list(request: UserRequest) -> HttpResponse:
    rows = Handover.objects.visible_to(request.user).select_related("classroom")
    rows = rows.annotate(n=Count("pupils"), away=Count("pupils", filter=Q(pupils__arrived_on__isnull=True)))
    shown = [{"row": row, "label": row.classroom.label_on(row.on)} for row in rows]
    return render(request, "students/handovers.html", {"rows": shown})


@access(*OFFICE_ROLES)
@form_page
def handover_new(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *OFFICE_ROLES)
    keys = [room.pk for room in handovers.finishing(school, dates.today())]
    rooms = Classroom.objects.visible_to(request.user).filter(pk__in=keys).in_order()
    back = reverse("students:handovers")
    form = HandoverForm(request.POST if request.method == "POST" else None, classrooms=rooms, back=back)
    if form.is_valid():
        try:
            made = handovers.create(actor=request.user, **form.cleaned_data)
        except RollRefusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "移交名册建好了，请核对后打印，双方签字盖章。")
            return redirect("students:handover", made.pk)
    intro = "名册按这个班现在的学生列出，包括休学、送教的；借读的学生学籍不在本校，不移交。"
    return render(request, "schools/form.html", {"form": form, "title": "毕业班整班移交", "intro": intro})


@access(*OFFICE_ROLES)
@form_page
def handover(request: UserRequest, pk: int) -> HttpResponse:
    """The names of one handover; a POST says who has arrived and why others have not."""
    rows = Handover.objects.visible_to(request.user).select_related("classroom", "school")
    one = get_object_or_404(rows, pk=pk)
    lines = handovers.lines(one)
    pupils = [line.row for line in lines]
    sent = request.POST if request.method == "POST" else None
    form = ArrivalsForm(sent, rows=pupils, initial={"seen": handovers.digest(pupils)})
    if form.is_valid():
        data = form.cleaned_data
        try:
            changed, away = handovers.tell_arrivals(
                actor=request.user, handover=one, words=form.words, on=data["on"], seen=data["seen"]
            )
        except RollRefusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"登记了{changed}人的变动，还有{away}人没有到校。")
            return redirect("students:handover", pk)
    context = {
        "handover": one,
        "label": one.classroom.label_on(one.on),
        "lines": [{"line": line, "f": form.fields_of(line.row)} for line in lines],
        "away": sum(line.row.arrived_on is None for line in lines),
        "until": handovers.due_on(one.school_id, one.on.year),
        "form": form,
    }
    return render(request, "students/handover.html", context)
