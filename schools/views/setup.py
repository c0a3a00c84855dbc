"""The first run: four short steps, kept in the session until the last one founds the school."""

from typing import Any

from django.contrib import auth, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from schools import setup
from schools.access import access
from schools.forms.setup import AccountForm, CodeForm, SchoolForm, StepForm, TermsForm
from schools.models import User
from schools.views.shared import form_page, refusal_in

STEPS: dict[str, tuple[str, type[StepForm]]] = {
    "code": ("一次性代码", CodeForm),
    "school": ("学校", SchoolForm),
    "terms": ("学期", TermsForm),
    "account": ("第一个账号", AccountForm),
}
KEPT = "setup"


@access(public=True)
@form_page
@never_cache
@sensitive_post_parameters()
def wizard(request: HttpRequest, step: str = "code") -> HttpResponse:
    """One step; a later one opens only when those before it are filled in. Gone once there is a school."""
    if setup.school_exists() or step not in STEPS:
        raise Http404
    kept = request.session.get(KEPT, {})
    names = list(STEPS)
    missing = next((name for name in names[: names.index(step)] if name not in kept), None)
    if missing:
        return redirect(_url(missing))
    before = names[names.index(step) - 1] if step != names[0] else ""
    form = STEPS[step][1](
        request.POST if request.method == "POST" else None,
        initial=kept.get(step),
        back=_url(before) if before else "",
    )
    if form.is_valid():
        if step != names[-1]:
            request.session[KEPT] = kept | {step: {name: form.data.get(name, "") for name in form.fields}}
            return redirect(_url(names[names.index(step) + 1]))
        with refusal_in(form):
            user = _found(kept, form)
            auth.login(request, user)
            request.session.pop(KEPT, None)
            messages.success(
                request, "学校建好了。接着加班级（或导入花名册），再到「人员与岗位」给老师发一次性密码条。"
            )
            return redirect("schools:classrooms")
    return render(request, "schools/setup.html", {"form": form, "title": STEPS[step][0], "steps": _bar(step)})


def _found(kept: dict[str, dict[str, str]], account: StepForm) -> User:
    """Found the school from the kept steps, judged once more, and the account."""
    forms: dict[str, Any] = {name: form(kept[name]) for name, (_, form) in STEPS.items() if name in kept}
    for name, form in forms.items():
        if not form.is_valid():
            wrong = "；".join(sentence for sentences in form.errors.values() for sentence in sentences)
            raise setup.SetupRefusal(f"「{STEPS[name][0]}」一步要重填：{wrong}")
    school, data = forms["school"].cleaned_data, account.cleaned_data
    return setup.found_school(
        code=kept["code"]["code"],
        name=school["name"],
        school_code=school["school_code"],
        program=school["program"],
        county=school["county"],
        township=school["township"],
        school_year=forms["terms"].cleaned_data["school_year"],
        terms=forms["terms"].terms,
        username=data["username"],
        person=data["name"],
        phone=data["phone"],
        password=data["password1"],
        roles=setup.ROLES_OF_FIRST_ACCOUNT[data["who"]],
    )


def _url(step: str) -> str:
    return reverse("schools:setup_step", args=[step]) if step != "code" else reverse("schools:setup")


def _bar(current: str) -> list[dict[str, str]]:
    names = list(STEPS)
    state = {True: "done", False: "todo"}
    return [
        {
            "label": STEPS[name][0],
            "state": "current" if name == current else state[names.index(name) < names.index(current)],
        }
        for name in names
    ]
