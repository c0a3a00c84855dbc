"""What an overseer (中心校、乡镇、县) sees: counts by school. Names stay in the school."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from followups.figures import figures_by_school
from kongchuo import dates
from schools.access import OVERSEER, access
from schools.models import Unit


@access(*OVERSEER)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    schools = Unit.objects.visible_to(request.user).schools()
    rows = figures_by_school(schools, dates.today())
    return render(request, "followups/overview.html", {"rows": rows, "day": dates.today()})
