"""What the pages of a pupil share: the pupil by scope, a form's way to its verb, the way back to the card."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from schools.access import UserRequest
from students.models import Student
from students.roll import RollRefusal


def pupil_of(request: UserRequest, pk: int) -> Student:
    """A pupil whom this person sees; 404 for a foreign one as for none."""
    return get_object_or_404(Student.objects.visible_to(request.user).select_related("school", "details"), pk=pk)


def sent(request: UserRequest) -> dict[str, Any]:
    """Data for a form: an empty POST is one all the same."""
    return {"data": request.POST if request.method == "POST" else None}


def done(request: UserRequest, form: forms.Form, deed: Callable[[], Any]) -> bool:
    """Do what a valid form asks for. False when it is to be shown (again): not sent, not valid, or refused in words."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        deed()
    except RollRefusal as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def shown(request: UserRequest, template: str, **context: Any) -> HttpResponse:
    """The page of a form; one that was refused answers 422, so that nobody takes it for done."""
    form = context.get("form")
    return render(request, template, context, status=422 if form is not None and form.errors else 200)


def to_card(student: Student, anchor: str = "") -> HttpResponse:
    response = redirect("students:card", student.pk)
    if anchor:
        response["Location"] += f"#{anchor}"
    return response
