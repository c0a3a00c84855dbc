"""The page 「学籍」: what awaits the keepers of the roll, and the way to everything about it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kongchuo import dates
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from students import hub, todos


@access(*OFFICE_ROLES)
@require_safe
def roll_office(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *OFFICE_ROLES)
    waiting = todos.of_office(request.user, school, dates.today())
    return render(request, "students/office.html", {"school": school, "todos": waiting, "sections": hub.sections})
