"""使用说明: one page a role."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from schools.access import UserRequest, access
from schools.codes import Role

PAGES = {"teacher": "班主任", "principal": "校长", "clerk": "教务员", "admin": "管理员"}
"""Address of a page and whose it is."""
PAGE_OF_ROLE = {
    Role.HEAD_TEACHER: "teacher",
    Role.PRINCIPAL: "principal",
    Role.DELEGATE: "principal",
    Role.CLERK: "clerk",
    Role.ADMIN: "admin",
}


@access(any_role=True)
@require_safe
def help_index(request: UserRequest) -> HttpResponse:
    """To the page of one's own first duty."""
    own = (PAGE_OF_ROLE.get(Role(duty.role)) for duty in request.user.duties_today)
    return redirect("schools:help_role", next((page for page in own if page), "teacher"))


@access(any_role=True)
@require_safe
def help_page(request: UserRequest, role: str) -> HttpResponse:
    if role not in PAGES:
        raise Http404
    return render(request, f"schools/help_{role}.html", {"pages": PAGES, "role": role})
