"""What the pages of this app do alike: whose school it is, and where a refusal is said."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest
from django.views.decorators.http import require_http_methods

from schools.calendar import CalendarRefusal
from schools.classrooms import ClassroomRefusal
from schools.people import PeopleRefusal
from schools.policy import PolicyRefusal
from schools.setup import SetupRefusal

REFUSALS = (CalendarRefusal, ClassroomRefusal, PeopleRefusal, PolicyRefusal, SetupRefusal, ValidationError)

form_page = require_http_methods(["GET", "HEAD", "POST"])
"""A page with a form on it: shown and sent to the same address."""


@contextmanager
def refusal_in(form: BaseForm) -> Iterator[None]:
    """What a service refuses stands on top of the form, in its words."""
    try:
        yield
    except REFUSALS as refusal:
        form.add_error(None, _sentences(refusal))


@contextmanager
def refusal_said(request: HttpRequest) -> Iterator[None]:
    """What a service refuses is said on the next page; for buttons without a form."""
    try:
        yield
    except REFUSALS as refusal:
        for sentence in _sentences(refusal):
            messages.error(request, sentence)


def _sentences(refusal: Exception) -> list[str]:
    return list(refusal.messages) if isinstance(refusal, ValidationError) else [str(refusal)]
