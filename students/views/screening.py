"""开学摸底: one class's answer to who is 学困 and who is 特困, and which classes have answered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from kongchuo import dates
from schools.access import SCHOOL_STAFF, UserRequest, access, own_school
from schools.models import Classroom, Term
from students import screening
from students.forms import ScreeningForm
from students.models import Screening
from students.rights import ChangedMeanwhile
from students.views.completeness import classes_of
from students.views.shared import done, sent, shown


def _term(request: UserRequest) -> Term | None:
    return screening.current_term(own_school(request.user, *SCHOOL_STAFF), dates.today())


@access(*SCHOOL_STAFF)
@require_safe
def overview(request: UserRequest) -> HttpResponse:
    """Which classes have answered this term, when, and with how many."""
    term = _term(request)
    lines = screening.of_classes(request.user, classes_of(request), term, dates.today()) if term else []
    context = {"term": term, "due": screening.due_on(term) if term else None, "lines": lines,
               "done": sum(bool(line.done) for line in lines)}  # fmt: skip
    return render(request, "students/screenings.html", context)


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
def of_class(request: UserRequest, pk: int) -> HttpResponse:
    """The class's list with two boxes a pupil."""
    classroom: Classroom = get_object_or_404(classes_of(request), pk=pk)
    term = _term(request)
    if term is None:
        messages.warning(request, "校历里还没有学期，请先请教务员建好学期。")
        return redirect("students:screenings")
    pupils = screening.pupils_of(classroom, dates.today())
    form = ScreeningForm(**sent(request), pupils=pupils)

    def deed() -> None:
        try:
            row = screening.answer(actor=request.user, classroom=classroom, term=term, **form.cleaned_data)
        except ChangedMeanwhile:
            form.see_again(screening.pupils_of(classroom, dates.today()))
            raise
        messages.success(request, f"{classroom.label}摸底已交：学困生{row.struggling}人，特困生{row.hardship}人。")

    if done(request, form, deed):
        return redirect("students:screenings")
    answered = Screening.objects.visible_to(request.user).filter(classroom=classroom, term=term).first()
    return shown(request, "students/screening.html", classroom=classroom, term=term, form=form, answered=answered,
                 due=screening.due_on(term))  # fmt: skip
