"""What the forms of a case share: fetching by scope, saying a refusal beside its field, going back to the case."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html

from followups.models import Case
from followups.refusals import CaseMovedOn, CaseRefusal, StepLacks
from schools.access import OFFICE_ROLES, UserRequest
from schools.codes import Role

KEEPERS_OF_CASES = (Role.HEAD_TEACHER, Role.SUBJECT_TEACHER, *OFFICE_ROLES)
"""Whom a case's pages are for. A subject teacher sees only the cases for which he was made responsible (包保)."""


def case_of(request: UserRequest, pk: int) -> Case:
    rows = Case.objects.visible_to(request.user).select_related("student", "school", "classroom", "responsible")
    return get_object_or_404(rows, pk=pk)


def sent(request: UserRequest) -> dict[str, Any]:
    """Data and files for a form: an empty POST is one all the same."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {"data": None}


def filed(request: UserRequest, form: forms.Form, deed: Callable[[], Any]) -> bool:
    """Do what a valid form asks for. False when it is to be shown (again): not sent, not valid, or refused in words.

    Where somebody was quicker the person is told and sees the page as it is now; nothing happens twice.
    """
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        deed()
    except StepLacks as lacks:
        for item in lacks.missing:
            form.add_error(None, format_html('{} <a href="{}">去补</a>', item.sentence, item.url))
        return False
    except CaseMovedOn as quicker:
        messages.warning(request, str(quicker))
    except CaseRefusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def shown(request: UserRequest, template: str, **context: Any) -> HttpResponse:
    """The page of a form; one that was refused answers 422, so that nobody takes it for done."""
    form = context.get("form")
    return render(request, template, context, status=422 if form is not None and form.errors else 200)


def to_case(case: Case, anchor: str = "") -> HttpResponse:
    response = redirect("followups:case", case.pk)
    if anchor:
        response["Location"] += f"#{anchor}"
    return response
