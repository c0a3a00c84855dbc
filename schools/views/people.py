"""人员与岗位: who works here, with which duties, and how they come in."""

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kongchuo import dates
from kongchuo.sealed import seal, unseal
from schools import people
from schools.access import UserRequest, access, own_school
from schools.codes import CLASS_ROLES, Role
from schools.forms.people import AddPersonForm, DutyForm, EndDutyForm, PersonForm, ReasonForm
from schools.models import Duty, Unit, User
from schools.people import MANAGERS
from schools.views.shared import form_page, refusal_in, refusal_said

SLIP = "slip"


@access(*MANAGERS)
@require_safe
def people_list(request: UserRequest) -> HttpResponse:
    """Everybody who has or had a duty at the school; those in office first, in the order of the duties."""
    school = own_school(request.user, *MANAGERS)
    persons = [_described(user) for user in _people_of(request.user, school)]
    persons.sort(key=lambda person: (person["rank"], person["user"].name))
    several = [person for person in persons if len(person["roles"] - CLASS_ROLES) > 1]
    return render(request, "schools/people.html", {"persons": persons, "several": several})


@access(*MANAGERS)
@form_page
def person_add(request: UserRequest) -> HttpResponse:
    """A new person with a first duty; the next page is the one-time slip."""
    school = own_school(request.user, *MANAGERS)
    form = AddPersonForm(_sent(request), user=request.user, school=school, back=reverse("schools:people"))
    if form.is_valid():
        with refusal_in(form):
            data = form.cleaned_data
            username = data["username"] or people.suggest_username(data["name"])
            user, slip = people.add_person(
                actor=request.user,
                school=school,
                name=data["name"],
                username=username,
                phone=data["phone"],
                duty=form.duty,
            )
            return _hand_over(request, user, slip)
    return _form(request, form, "添加人员")


@access(*MANAGERS)
@require_safe
def person(request: UserRequest, pk: int) -> HttpResponse:
    """One person: duties in force and past, and what can be done."""
    user, _ = _person_or_404(request, pk)
    return render(request, "schools/person.html", {"person": _described(user), "slip_hours": people.SLIP_HOURS})


@access(*MANAGERS)
@form_page
def person_edit(request: UserRequest, pk: int) -> HttpResponse:
    user, school = _person_or_404(request, pk)
    form = PersonForm(_sent(request), initial={"name": user.name, "phone": user.phone}, back=_url(user))
    if form.is_valid():
        with refusal_in(form):
            people.change_person(actor=request.user, school=school, user=user, **form.cleaned_data)
            messages.success(request, "已保存。")
            return redirect(_url(user))
    return _form(request, form, f"{user.name}：改姓名、电话")


@access(*MANAGERS)
@form_page
def duty_give(request: UserRequest, pk: int) -> HttpResponse:
    user, school = _person_or_404(request, pk)
    form = DutyForm(_sent(request), user=request.user, school=school, back=_url(user))
    if form.is_valid():
        with refusal_in(form):
            duty = people.give_duty(actor=request.user, school=school, user=user, duty=form.duty)
            messages.success(request, f"{user.name}：{duty.title}，从{dates.chinese(duty.starts_on)}起。")
            return redirect(_url(user))
    return _form(request, form, f"{user.name}：加岗位")


@access(*MANAGERS)
@form_page
def duty_end(request: UserRequest, pk: int) -> HttpResponse:
    duty = _duty_or_404(request, pk)
    form = EndDutyForm(_sent(request), duty=duty, back=_url(duty.user))
    if form.is_valid():
        with refusal_in(form):
            last_day = form.cleaned_data["last_day"]
            people.end_duty(actor=request.user, duty=duty, last_day=last_day)
            messages.success(request, f"{duty.user.name}的{duty.title}到{dates.chinese(last_day)}为止。")
            return redirect(_url(duty.user))
    return _form(request, form, f"结束岗位：{duty.user.name} {duty.title}")


@access(*MANAGERS)
@require_POST
def duty_withdraw(request: UserRequest, pk: int) -> HttpResponse:
    duty = _duty_or_404(request, pk)
    with refusal_said(request):
        people.withdraw_duty(actor=request.user, duty=duty)
        messages.success(request, f"已撤销{duty.user.name}的{duty.title}。")
    return redirect(_url(duty.user))


@access(*MANAGERS)
@require_POST
def slip_new(request: UserRequest, pk: int) -> HttpResponse:
    """A new slip; whatever this person had open is closed with it."""
    user, school = _person_or_404(request, pk)
    with refusal_said(request):
        return _hand_over(request, user, people.issue_slip(actor=request.user, school=school, user=user))
    return redirect(_url(user))


@access(*MANAGERS)
@require_safe
@never_cache
def slip(request: UserRequest, pk: int) -> HttpResponse:
    """The slip just issued, for printing. It is shown once: looking at it removes it."""
    user, school = _person_or_404(request, pk)
    kept = request.session.pop(SLIP, None)
    code = unseal(kept["token"], SLIP) if kept and kept["user"] == user.pk else ""
    site = request.build_absolute_uri("/")
    return render(request, "schools/slip.html", {"person": user, "school": school, "code": code, "address": site})


@access(*MANAGERS)
@form_page
def person_out(request: UserRequest, pk: int) -> HttpResponse:
    user, school = _person_or_404(request, pk)
    form = ReasonForm(_sent(request), submit=f"停用{user.name}", back=_url(user))
    if form.is_valid():
        with refusal_in(form):
            people.put_out_of_use(actor=request.user, school=school, user=user, reason=form.cleaned_data["reason"])
            messages.success(request, f"{user.name}已停用，岗位到今天为止，登录已经退出。")
            return redirect(_url(user))
    return _form(
        request, form, f"停用：{user.name}", "停用后不能再登录，岗位到今天为止；他以前做过的事仍留着他的名字。"
    )


@access(*MANAGERS)
@require_POST
def person_back(request: UserRequest, pk: int) -> HttpResponse:
    user, school = _person_or_404(request, pk)
    with refusal_said(request):
        return _hand_over(request, user, people.put_back(actor=request.user, school=school, user=user))
    return redirect(_url(user))


def _people_of(viewer: User, school: Unit) -> QuerySet[User]:
    duties = Duty.objects.visible_to(viewer).filter(unit=school).select_related("classroom", "unit")
    return (
        User.objects.visible_to(viewer)
        .filter(duties__unit=school)
        .distinct()
        .prefetch_related(Prefetch("duties", duties.order_by("starts_on", "pk"), to_attr="duties_here"))
    )


def _person_or_404(request: UserRequest, pk: int) -> tuple[User, Unit]:
    school = own_school(request.user, *MANAGERS)
    return get_object_or_404(_people_of(request.user, school), pk=pk), school


def _duty_or_404(request: UserRequest, pk: int) -> Duty:
    school = own_school(request.user, *MANAGERS)
    duties = Duty.objects.visible_to(request.user).filter(unit=school).select_related("user", "unit", "classroom")
    return get_object_or_404(duties, pk=pk)


def _described(user: Any) -> dict[str, Any]:
    """A person with the duties here sorted by time: in force, ahead, past."""
    today = dates.today()
    in_force = [d for d in user.duties_here if d.starts_on <= today and (d.ends_on is None or d.ends_on >= today)]
    office = [list(Role).index(Role(d.role)) for d in in_force if d.role not in CLASS_ROLES]
    classes = [(d.classroom.grade, d.classroom.number) for d in in_force if d.classroom]
    group = 3 if not user.is_active else 2 if not in_force else 0 if office else 1
    return {
        "user": user,
        "in_force": in_force,
        "ahead": [d for d in user.duties_here if d.starts_on > today],
        "past": [d for d in user.duties_here if d.ends_on and d.ends_on < today],
        "roles": {d.role for d in in_force},
        "rank": (group, min(office, default=0), min(classes, default=(0, 0))),
    }


def _hand_over(request: UserRequest, user: User, slip: str) -> HttpResponse:
    # Sealed, because the session lies in the database; the page that shows it takes it out.
    request.session[SLIP] = {"user": user.pk, "token": seal(slip, SLIP)}
    return redirect("schools:slip", pk=user.pk)


def _url(user: User) -> str:
    return reverse("schools:person", args=[user.pk])


def _sent(request: UserRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form(request: UserRequest, form: Any, title: str, intro: str = "") -> HttpResponse:
    return render(request, "schools/form.html", {"form": form, "title": title, "intro": intro})
