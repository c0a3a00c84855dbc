"""留痕: who did what, and whether the chain still holds."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from kongchuo.paging import page_of
from schools import audit, trail
from schools.access import UserRequest, access, own_school
from schools.codes import Role
from schools.forms.rules import TrailFilterForm
from schools.models import AuditEntry

READERS = (Role.PRINCIPAL, Role.DELEGATE, Role.AUDITOR)


@access(*READERS)
@require_safe
def entries(request: UserRequest) -> HttpResponse:
    """The trail of the school, newest first."""
    school = own_school(request.user, *READERS)
    rows = AuditEntry.objects.visible_to(request.user).filter(unit=school).order_by("-seq")
    form = TrailFilterForm(request.GET or None, entries=rows)
    page = page_of(request, form.narrow(rows))
    page.object_list = trail.lines(page.object_list)
    return render(request, "schools/audit.html", {"page": page, "form": form})


@access(*READERS)
@require_POST
def chain_check(request: UserRequest) -> HttpResponse:
    """Recompute the whole chain and say whether it holds."""
    school = own_school(request.user, *READERS)
    broken = audit.first_broken(school)
    if broken is None:
        messages.success(request, "留痕完整：从第一条到最后一条都没有被改动或删除。")
    else:
        messages.error(request, f"留痕从第{broken}条起对不上，可能有人绕过系统改动了数据库。请保留现状并报告主管部门。")
    return redirect("schools:audit")
