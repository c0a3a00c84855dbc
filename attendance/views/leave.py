"""请假: the slips of one's class or school, one slip with its decision, and who is often on leave."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from attendance import leaves
from attendance.codes import LeaveStatus
from attendance.forms import LeaveForm
from attendance.models import Leave
from attendance.services import Refusal
from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import SCHOOL_STAFF, UserRequest, access
from schools.models import Classroom
from students.models import Student

STATES = (
    ("waiting", "待批"),
    ("now", "正在请假"),
    ("over", "假满未到"),
    ("all", "全部"),
)


@access(*SCHOOL_STAFF)
@require_safe
def leave_list(request: UserRequest) -> HttpResponse:
    """Slips by state; each count is of the list that it opens."""
    today = dates.today()
    slips = Leave.objects.visible_to(request.user).select_related("student", "recorded_by", "decided_by")
    parts = {
        "waiting": slips.waiting(),
        "now": slips.covering(today),
        "over": leaves.overrun(slips, today),
        "all": slips,
    }
    chosen = request.GET.get("part", "")
    chosen = chosen if chosen in parts else "waiting" if parts["waiting"].exists() else "now"
    context = {
        "parts": [(key, label, parts[key].count()) for key, label in STATES],
        "chosen": chosen,
        "page": leaves.with_classes(page_of(request, parts[chosen]), today),
    }
    return render(request, "attendance/leaves.html", context)


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def leave_new(request: UserRequest, student: int) -> HttpResponse:
    pupil = get_object_or_404(Student.objects.visible_to(request.user), pk=student)
    form = LeaveForm(request.POST if request.method == "POST" else None, back=reverse("attendance:leaves"))
    if request.method == "POST" and form.is_valid():
        try:
            leave = leaves.ask(actor=request.user, student=pupil, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已存：{pupil.name}{leave}，{leave.get_status_display()}。")
            return redirect("attendance:leave", leave.pk)
    context = {"student": pupil, "form": form}
    return render(request, "attendance/leave_new.html", context, status=422 if form.errors else 200)


@access(*SCHOOL_STAFF)
@require_safe
def leave(request: UserRequest, pk: int) -> HttpResponse:
    slip = _slip(request, pk)
    stretch = slip.student.present_enrollment
    may = stretch is not None and leaves.may_grant(request.user, slip, stretch.classroom)
    alive = slip.status in (LeaveStatus.WAITING, LeaveStatus.GRANTED)
    context = {
        "leave": slip,
        "room": stretch.classroom.label if stretch else "",
        "may_decide": may and slip.status == LeaveStatus.WAITING,
        "may_void": may and alive,
    }
    return render(request, "attendance/leave.html", context)


@access(*SCHOOL_STAFF)
@require_POST
def leave_decide(request: UserRequest, pk: int) -> HttpResponse:
    granted = request.POST.get("granted") == "1"
    note = request.POST.get("note", "")[:120]
    return _done(
        request,
        pk,
        lambda slip: leaves.decide(actor=request.user, leave=slip, granted=granted, note=note),
        "已准假。" if granted else "已记为未准假。",
    )


@access(*SCHOOL_STAFF)
@require_POST
def leave_void(request: UserRequest, pk: int) -> HttpResponse:
    reason = request.POST.get("reason", "")[:120]
    return _done(
        request,
        pk,
        lambda slip: leaves.void(actor=request.user, leave=slip, reason=reason),
        "已作废；已经按这张请假条记的日子改为原因待核。",
    )


@access(*SCHOOL_STAFF)
@require_safe
def leave_frequent(request: UserRequest) -> HttpResponse:
    """常请假学生: of one's classes, or of the school."""
    today = dates.today()
    rooms = list(Classroom.objects.visible_to(request.user).open_on(today).select_related("school"))
    found = leaves.often_on_leave(rooms, today)
    return render(
        request, "attendance/leave_frequent.html", {"found": found, "rule": leaves.frequency_rule(rooms, today)}
    )


def _slip(request: UserRequest, pk: int) -> Leave:
    slips = Leave.objects.visible_to(request.user).select_related("student__school", "recorded_by", "decided_by")
    return get_object_or_404(slips, pk=pk)


def _done(request: UserRequest, pk: int, deed: Callable[[Leave], None], said: str) -> HttpResponse:
    slip = _slip(request, pk)
    try:
        deed(slip)
        messages.success(request, said)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("attendance:leave", pk)
