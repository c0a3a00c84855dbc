"""三率: every rate in every definition, its formula and period under it, and the names behind each figure."""

import datetime
from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.codes import Stage
from students import rates
from students.rates import TERMS, Line
from students.survey_forms import CutoffForm
from students.tally import Tally


@access(*OFFICE_ROLES)
@require_safe
def overview(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *OFFICE_ROLES)
    form = CutoffForm(request.GET or None)
    tally = Tally(request.user, school, _day(form))
    lines = rates.lines(tally.rate, tally.rules, rates.stages_of(school.grades))
    context = {
        "form": form,
        "tally": tally,
        "school": school,
        "headlines": [line for line in lines if line.is_headline],
        "groups": [
            (group, [(line, _parts(tally, line)) for line in members])
            for group, members in groupby(lines, lambda line: line.formula.group)
        ],
    }
    return render(request, "students/rates.html", context)


def _parts(tally: Tally, line: Line) -> list[dict[str, Any]]:
    """The terms of a formula with their numbers, 学段 by 学段, numerator first."""
    sides = (("分子", line.formula.over), ("分母", line.formula.under))
    return [
        {
            "side": side, "sign": "－" if sign < 0 else "＋", "term": term, "label": TERMS[term],
            "cells": [(cell.stage, cell.stage_label, len(tally.names(term, cell.stage))) for cell in line.cells],
        }
        for side, terms in sides
        for sign, term in terms
    ]  # fmt: skip


@access(*OFFICE_ROLES)
@require_safe
def names(request: UserRequest) -> HttpResponse:
    """The people whom a term counts."""
    term, stage = request.GET.get("term", "start"), request.GET.get("stage", "")
    if term not in TERMS or stage not in (*Stage, ""):
        raise Http404
    school = own_school(request.user, *OFFICE_ROLES)
    tally = Tally(request.user, school, _day(CutoffForm(request.GET)))
    context = {
        "title": TERMS[term],
        "stage": Stage(stage).label if stage else "全校",
        "tally": tally,
        "page": page_of(request, tally.names(term, stage)),
    }
    return render(request, "students/rate_names.html", context)


def _day(form: CutoffForm) -> datetime.date:
    chosen: datetime.date | None = form.cleaned_data.get("on") if form.is_valid() else None
    return chosen or dates.today()
