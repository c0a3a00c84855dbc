"""The roll call on the phone: the page, the answer to a sending, the receipt and what can be done from it."""

import datetime
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from attendance import rollcall, rollpage, services
from attendance.forms import ReportForm, as_fields
from attendance.models import Mark, Submission
from attendance.protocol import State
from kongchuo import dates
from schools import scoping
from schools.access import SCHOOL_STAFF, UserRequest, access
from schools.models import Classroom
from students.models import Student

UNREADABLE = "这一份日报读不懂，没有收下；请重新打开页面再报。"


def reported_class(request: UserRequest, pk: int) -> Classroom:
    """A class whose roll call this person takes; 404 for any other, real or not."""
    classroom = get_object_or_404(Classroom.objects.visible_to(request.user), pk=pk)
    if not rollcall.may_report(request.user, classroom):
        raise Http404
    return classroom


@access(*SCHOOL_STAFF)
@require_safe
def my_roll(request: UserRequest) -> HttpResponse:
    """The head teacher's own class; a choice where there are several, and in words where there is none."""
    own = scoping.scope_of(request.user, rollcall.REPORTERS)
    own_rooms = Classroom.objects.visible_to(request.user).filter(pk__in=own.classrooms)
    rooms = list(own_rooms.open_on(dates.today()))
    if len(rooms) == 1:
        return redirect("attendance:roll_call", rooms[0].pk)
    if not rooms and own.schools:
        return redirect("attendance:school_day")
    return render(request, "attendance/my_roll.html", {"rooms": rooms})


@access(*SCHOOL_STAFF)
@require_safe
def roll_call(request: UserRequest, pk: int) -> HttpResponse:
    """Today's roll call of a class. It is sent to the page of its day, so that midnight changes nothing."""
    return _show(request, reported_class(request, pk), dates.today())


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def roll_call_on(request: UserRequest, pk: int, on: datetime.date) -> HttpResponse:
    """The roll call of a class on a day: shown, or sent."""
    classroom = reported_class(request, pk)
    if request.method != "POST":
        return _show(request, classroom, on)
    form = ReportForm(request.POST)
    if not form.is_valid():
        return _show(request, classroom, on, error=UNREADABLE, status=400)
    sending = form.cleaned_data
    try:
        submission = services.submit_report(
            actor=request.user,
            classroom=classroom,
            on=on,
            request_id=sending["request_id"],
            seen_revision=sending["revision"],
            roll_version=sending["roll"],
            marks=sending["marks"],
            reason=sending["reason"],
            ask=not sending["confirmed"],
        )
    except services.Odd as odd:
        return _ask(request, classroom, on, sending, odd)
    except services.Conflict as conflict:
        return _show_conflict(request, classroom, on, sending, conflict)
    except services.Refusal as refusal:
        return _show_again(request, classroom, on, sending, refusal)
    return redirect("attendance:receipt", submission.pk)


def _show(
    request: UserRequest,
    classroom: Classroom,
    on: datetime.date,
    *,
    shown: State | None = None,
    error: str = "",
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    roll = rollcall.roll_of(classroom, on, at_a_glance=True)
    context: dict[str, Any] = {
        "room": classroom.label_on(on),
        "classroom": classroom,
        "roll": roll,
        "on": on,
        "error": error,
        "state": rollpage.state(roll, request.user),
    }
    if sentence := rollcall.why_not(roll, request.user):
        context |= {
            "why": sentence,
            "closed": rollpage.closed_word(roll),
            "mend": rollpage.mended_at(roll, request.user),
        }
        return render(request, "attendance/roll_closed.html", context, status=status)
    context |= {
        "rows": rollpage.entries(roll, shown),
        "keys": rollpage.search_keys(roll),
        "base": rollpage.key_base(roll),
        "called": any(rollpage.stands_premarked(roll, row) for row in roll.rows),
        "request_id": uuid.uuid4(),
        "reason": reason,
        "facts": rollpage.odd_facts(roll, request.user),
    }
    return render(request, "attendance/roll_call.html", context, status=status)


def _show_again(
    request: UserRequest, classroom: Classroom, on: datetime.date, sending: dict[str, Any], refusal: services.Refusal
) -> HttpResponse:
    """The page once more with what was tapped, after a refusal. 409: what the sender saw is no longer so."""
    stale = isinstance(refusal, services.SameIdOtherContent | services.RollChanged)
    return _show(
        request,
        classroom,
        on,
        shown=sending["marks"],
        error=str(refusal),
        reason=sending["reason"],
        status=409 if stale else 400,
    )


def _ask(
    request: UserRequest, classroom: Classroom, on: datetime.date, sending: dict[str, Any], odd: services.Odd
) -> HttpResponse:
    """The questions that the page's script asks, for a browser without it: the same sending, confirmed."""
    fields = as_fields(
        request_id=sending["request_id"],
        revision=sending["revision"],
        roll=sending["roll"],
        marks=sending["marks"],
        reason=sending["reason"],
    )
    context = {
        "room": classroom.label_on(on),
        "classroom": classroom,
        "on": on,
        "questions": odd.questions,
        "fields": rollpage.hidden([*fields, ("confirmed", "1")]),
    }
    return render(request, "attendance/confirm.html", context)


def _show_conflict(
    request: UserRequest, classroom: Classroom, on: datetime.date, sending: dict[str, Any], conflict: services.Conflict
) -> HttpResponse:
    """Both versions side by side, and one button that sends one's own as a correction of the other."""
    fields = as_fields(
        request_id=uuid.uuid4(),
        revision=conflict.report.revision,
        roll=sending["roll"],
        marks=conflict.mended,
        reason=sending["reason"],
    )
    context = {
        "room": classroom.label_on(on),
        "classroom": classroom,
        "on": on,
        "report": conflict.report,
        "reporter": rollpage.reporter(conflict.report),
        "error": str(conflict),
        "differences": [
            {"row": d.row, "theirs": rollpage.said_in_words(d.theirs), "mine": rollpage.said_in_words(d.mine)}
            for d in conflict.differences
        ],
        "fields": rollpage.hidden([*fields, ("confirmed", "1")]),
    }
    return render(request, "attendance/conflict.html", context, status=409)


@access(*SCHOOL_STAFF)
@require_safe
def receipt(request: UserRequest, pk: int) -> HttpResponse:
    """What was delivered, and what is to be done about those who are missing."""
    submission = get_object_or_404(
        Submission.objects.visible_to(request.user).select_related(
            "report__classroom__school", "report__submitted_by", "submitted_by"
        ),
        pk=pk,
    )
    report = submission.report
    if not rollcall.may_report(request.user, report.classroom):
        raise Http404
    marks = Mark.objects.visible_to(request.user).absent().filter(report=report)
    absent = list(marks.select_related("student").by_seat())
    today = dates.today()
    context = {
        "submission": submission,
        "report": report,
        "room": report.classroom.label_on(report.on),
        "absent": [{"mark": mark, "request_id": uuid.uuid4()} for mark in absent],
        "now": dates.now(),
        "text": rollpage.report_text(submission, absent),
        "is_today": report.on == today,
        "may_arrive": report.on == today and dates.now().time() < _explain_until(report.classroom, today),
        "newer": report.revision > submission.revision,
    }
    return render(request, "attendance/receipt.html", context)


def _explain_until(classroom: Classroom, today: datetime.date) -> datetime.time:
    return rollcall.rules_on(classroom.school_id, today).time("explain_until")


@access(*SCHOOL_STAFF)
@require_POST
def arrived(request: UserRequest, pk: int, on: datetime.date, student: int) -> HttpResponse:
    """「到了」, one tap from the receipt. The button carries its request id: a second tap gets the same receipt."""
    classroom = reported_class(request, pk)
    try:
        submission = services.record_arrival(
            actor=request.user,
            classroom=classroom,
            on=on,
            request_id=uuid.UUID(request.POST.get("request_id", "")),
            student_id=student,
        )
    except (services.Refusal, ValueError) as refusal:
        messages.error(request, str(refusal) if isinstance(refusal, services.Refusal) else "请重新打开页面再点。")
        return redirect("attendance:roll_call_on", pk, on)
    return redirect("attendance:receipt", submission.pk)


@access(*SCHOOL_STAFF)
@require_POST
def phone(request: UserRequest, student: int) -> HttpResponse:
    """The numbers of an absent pupil's family. By POST, because looking is recorded."""
    pupil = get_object_or_404(Student.objects.visible_to(request.user), pk=student)
    try:
        guardians = services.open_phone(actor=request.user, student=pupil)
    except services.Refusal as refusal:
        return render(request, "attendance/phone.html", {"student": pupil, "error": str(refusal)}, status=403)
    return render(request, "attendance/phone.html", {"student": pupil, "guardians": guardians})
