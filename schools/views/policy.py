"""参数: the rules in force with their basis, how to change one, what a preset would change, and what was changed."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools import policy
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.codes import Role
from schools.forms.rules import FromDayForm, RuleForm
from schools.models import Policy
from schools.policy import DEFINITIONS, KEEPERS_OF_RULES, PRESETS
from schools.views.shared import form_page, refusal_in

READERS = (*OFFICE_ROLES, Role.ADMIN)


@access(*READERS)
@require_safe
def rules(request: UserRequest) -> HttpResponse:
    """All rules by group, as they hold today, and those that are decided for a day to come."""
    school, today = own_school(request.user, *READERS), dates.today()
    rows = Policy.objects.visible_to(request.user).filter(school=school, key__in=DEFINITIONS)
    since = {
        row.key: row.effective_from for row in rows.filter(effective_from__lte=today).order_by("effective_from", "pk")
    }
    ahead = [policy.labelled(row) for row in rows.filter(effective_from__gt=today).order_by("effective_from", "pk")]
    in_force = policy.rules_on(school, today)
    groups = [
        (name, [policy.line(in_force, key) | {"since": since.get(key)} for key in keys])
        for name, keys in policy.groups()
    ]
    context = {
        "groups": groups,
        "ahead": ahead,
        "presets": [(number, name) for number, name in enumerate(PRESETS)],
        "may_change": request.user.has(*KEEPERS_OF_RULES, school=school),
    }
    return render(request, "schools/policy.html", context)


@access(*KEEPERS_OF_RULES)
@form_page
def rule_change(request: UserRequest, key: str) -> HttpResponse:
    """One rule: its present value and basis, and the form that changes it from a day on."""
    if key not in DEFINITIONS:
        raise Http404
    school = own_school(request.user, *KEEPERS_OF_RULES)
    line = policy.line(policy.rules_on(school, dates.today()), key)
    sent = request.POST if request.method == "POST" else None
    form = RuleForm(
        sent, key=key, initial={"value": line["value"]}, submit="改这条参数", back=reverse("schools:policy")
    )
    if form.is_valid():
        with refusal_in(form):
            row = policy.set_rule(actor=request.user, school=school, key=key, **form.cleaned_data)
            messages.success(request, f"{line['label']}：从{dates.chinese(row.effective_from)}起为{row.value}。")
            return redirect("schools:policy")
    intro = f"现行：{line['value']}（依据：{line['basis']}）。以前的认定和期限按当时的规定，不跟着变。"
    return render(request, "schools/form.html", {"form": form, "title": line["label"], "intro": intro})


@access(*KEEPERS_OF_RULES)
@form_page
def preset(request: UserRequest, number: int) -> HttpResponse:
    """What a preset would change, and the button that applies it."""
    if number >= len(PRESETS):
        raise Http404
    school, name = own_school(request.user, *KEEPERS_OF_RULES), list(PRESETS)[number]
    sent = request.POST if request.method == "POST" else None
    form = FromDayForm(sent, submit=f"采用{name}", back=reverse("schools:policy"))
    if form.is_valid():
        with refusal_in(form):
            rows = policy.apply_preset(actor=request.user, school=school, name=name, **form.cleaned_data)
            messages.success(request, f"已采用{name}，改动{len(rows)}条参数。")
            return redirect("schools:policy")
    changes = policy.preset_changes(policy.rules_on(school, dates.today()), name)
    return render(request, "schools/preset.html", {"form": form, "name": name, "changes": changes})


@access(*READERS)
@require_safe
def rules_history(request: UserRequest) -> HttpResponse:
    """Every change of a rule, the newest first."""
    school = own_school(request.user, *READERS)
    rows = Policy.objects.visible_to(request.user).filter(school=school).select_related("set_by").order_by("-pk")
    page = page_of(request, rows)
    page.object_list = [policy.labelled(row) for row in page.object_list]
    return render(request, "schools/policy_history.html", {"page": page})
