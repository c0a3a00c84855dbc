"""Pages of the 摸底册: who of school age is where, the households with their members, and what proves it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.models import Unit
from schools.policy import rules_on
from schools.views.shared import form_page
from students import papers, schoolage, survey
from students.models import Household, Paper, Resident, Student
from students.roll import RollRefusal
from students.schoolage import SELECTIONS, Ages
from students.survey_forms import (
    ChildFilter,
    DeferralForm,
    GoneForm,
    HouseholdFilter,
    HouseholdForm,
    ProofForm,
    ResidentForm,
)

_TILES = ("all", "at_school", "local_out", "unproven", "without", "unknown", "disabled_out")


@access(*OFFICE_ROLES)
@require_safe
def summary(request: UserRequest) -> HttpResponse:
    """Where the children of school age are, village by village; each number opens its list."""
    school, today = own_school(request.user, *OFFICE_ROLES), dates.today()
    everybody = schoolage.children(request.user, school, today)
    tiles = [{"key": key, "label": SELECTIONS[key][0], "n": len(schoolage.selected(everybody, key))} for key in _TILES]
    context = {
        "school": school,
        "tiles": tiles,
        "columns": schoolage.COLUMNS,
        "lines": schoolage.by_village(everybody),
        "ages": Ages.on(rules_on(school, today), today),
        "proven": schoolage.proven_share(everybody),
        "undated": Resident.objects.visible_to(request.user)
        .living_here(today)
        .filter(birth_date__isnull=True, household__school=school)
        .count(),
    }
    return render(request, "students/survey.html", context)


@access(*OFFICE_ROLES)
@require_safe
def child_list(request: UserRequest) -> HttpResponse:
    """The children behind a number."""
    school = own_school(request.user, *OFFICE_ROLES)
    form = ChildFilter(request.GET or None, villages=_villages(request, school))
    chosen = form.cleaned_data if form.is_valid() else {}
    key, village = chosen.get("what") or "all", chosen.get("village", "")
    everybody = schoolage.children(request.user, school, dates.today())
    found = schoolage.selected(everybody, key, village)
    context = {"form": form, "page": page_of(request, found), "title": SELECTIONS[key][0], "village": village}
    return render(request, "students/survey_children.html", context)


@access(*OFFICE_ROLES)
@require_safe
def households(request: UserRequest) -> HttpResponse:
    school, today = own_school(request.user, *OFFICE_ROLES), dates.today()
    form = HouseholdFilter(request.GET or None, villages=_villages(request, school))
    ages = Ages.on(rules_on(school, today), today)
    here = Q(residents__gone_on__isnull=True)
    of_age = here & Q(residents__birth_date__range=ages.born(ages.first, ages.until))
    found = form.narrow(Household.objects.visible_to(request.user).filter(school=school), ages)
    rows = (
        Household.objects.visible_to(request.user)
        .filter(pk__in=found.values("pk"))
        .annotate(
            members=Count("residents", filter=here, distinct=True),
            children=Count("residents", filter=of_age, distinct=True),
        )
        .order_by("village", "hamlet", "number")
    )
    return render(request, "students/households.html", {"form": form, "page": page_of(request, rows)})


@access(*OFFICE_ROLES)
@require_safe
def household(request: UserRequest, pk: int) -> HttpResponse:
    home = _household(request, pk)
    members = home.residents.order_by("gone_on", "birth_date", "pk")
    ages = Ages.on(rules_on(home.school, dates.today()), dates.today())
    children = schoolage.of_ages(
        request.user, home.school, dates.today(), ages, ages.first, ages.until, household=home.pk
    )
    by_key = {child.resident.pk: child for child in children}
    lines = [(member, by_key.get(member.pk)) for member in members]
    return render(request, "students/household.html", {"household": home, "lines": lines})


@access(*OFFICE_ROLES)
@form_page
def household_new(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *OFFICE_ROLES)
    back = reverse("students:households")
    form = HouseholdForm(request.POST or None, instance=Household(school=school), submit="登记这一户", back=back)
    if form.is_valid():
        with refusal_in(form):
            home = survey.keep_household(actor=request.user, household=form.instance)
            return redirect("students:household", home.pk)
    return render(request, "students/survey_form.html", {"title": "登记一户", "form": form})


@access(*OFFICE_ROLES)
@form_page
def household_edit(request: UserRequest, pk: int) -> HttpResponse:
    home = _household(request, pk)
    back = reverse("students:household", args=(pk,))
    form = HouseholdForm(request.POST or None, instance=home, submit="保存这一户", back=back)
    if form.is_valid():
        with refusal_in(form):
            survey.keep_household(actor=request.user, household=form.instance)
            return redirect("students:household", pk)
    return render(request, "students/survey_form.html", {"title": "修改户信息", "form": form})


@access(*OFFICE_ROLES)
@sensitive_post_parameters("id_number")
@form_page
def resident_new(request: UserRequest, pk: int) -> HttpResponse:
    home = _household(request, pk)
    back = reverse("students:household", args=(pk,))
    form = ResidentForm(request.POST or None, instance=Resident(household=home), submit="登记这名成员", back=back)
    if form.is_valid():
        with refusal_in(form):
            survey.keep_resident(actor=request.user, resident=form.instance, id_no=form.cleaned_data["id_number"])
            return redirect("students:household", pk)
    return render(request, "students/survey_form.html", {"title": f"{home.head}户：登记成员", "form": form})


@access(*OFFICE_ROLES)
@require_safe
def resident(request: UserRequest, pk: int) -> HttpResponse:
    person = _resident(request, pk)
    child = schoolage.one(request.user, person, dates.today())
    alike = [] if child and child.pupil else survey.proposals(person)
    kept = person.papers.standing().select_related("recorded_by")
    context = {"resident": person, "child": child, "alike": alike, "papers": kept}
    return render(request, "students/resident.html", context)


@access(*OFFICE_ROLES)
@sensitive_post_parameters("id_number")
@form_page
def resident_edit(request: UserRequest, pk: int) -> HttpResponse:
    person = _resident(request, pk)
    child = schoolage.one(request.user, person, dates.today())
    form = ResidentForm(
        request.POST or None, instance=person, submit="保存", back=reverse("students:resident", args=(pk,)),
        by_roll=bool(child and child.place),
    )  # fmt: skip
    if form.is_valid():
        with refusal_in(form):
            survey.keep_resident(actor=request.user, resident=form.instance, id_no=form.cleaned_data["id_number"])
            return redirect("students:resident", pk)
    return render(request, "students/survey_form.html", {"title": f"修改{person.name}", "form": form})


@access(*OFFICE_ROLES)
@form_page
def resident_gone(request: UserRequest, pk: int) -> HttpResponse:
    person = _resident(request, pk)
    back = reverse("students:resident", args=(pk,))
    form = GoneForm(request.POST or None, submit="登记迁出或去世", back=back)
    if form.is_valid():
        with refusal_in(form):
            survey.gone(actor=request.user, resident=person, **form.cleaned_data)
            return redirect("students:household", person.household_id)
    context = {"title": f"{person.name}：迁出或去世", "form": form}
    return render(request, "students/survey_form.html", context)


@access(*OFFICE_ROLES)
@form_page
def resident_proof(request: UserRequest, pk: int) -> HttpResponse:
    person = _resident(request, pk)
    back = reverse("students:resident", args=(pk,))
    form = ProofForm(request.POST or None, request.FILES or None, submit="登记就读证明", back=back)
    if form.is_valid():
        with refusal_in(form):
            survey.prove(actor=request.user, resident=person, **form.cleaned_data)
            return redirect("students:resident", pk)
    context = {"title": f"{person.name}：在外就读证明", "form": form}
    return render(request, "students/survey_form.html", context)


@access(*OFFICE_ROLES)
@form_page
def resident_deferral(request: UserRequest, pk: int) -> HttpResponse:
    person = _resident(request, pk)
    back = reverse("students:resident", args=(pk,))
    form = DeferralForm(request.POST or None, request.FILES or None, submit="登记缓学批准", back=back)
    if form.is_valid():
        with refusal_in(form):
            survey.defer(actor=request.user, resident=person, **form.cleaned_data)
            return redirect("students:resident", pk)
    intro = "因身体状况需要推迟入学的，由监护人申请，乡镇人民政府或县级教育行政部门批准（义务教育法第11条）。"
    return render(request, "students/survey_form.html", {"title": f"{person.name}：缓学", "form": form, "intro": intro})


@access(*OFFICE_ROLES)
@require_POST
def resident_link(request: UserRequest, pk: int) -> HttpResponse:
    """Say that a member is one of our pupils."""
    person = _resident(request, pk)
    key = request.POST.get("student", "")
    student = Student.objects.visible_to(request.user).filter(pk=int(key[:18]) if key.isdigit() else 0).first()
    if student is None:
        messages.error(request, "没有这名学生，请刷新后再看。")
        return redirect("students:resident", pk)
    return _done(request, pk, lambda: survey.link(actor=request.user, resident=person, student=student))


@access(*OFFICE_ROLES)
@require_POST
def resident_unlink(request: UserRequest, pk: int) -> HttpResponse:
    person = _resident(request, pk)
    return _done(request, pk, lambda: survey.unlink(actor=request.user, resident=person))


@access(*OFFICE_ROLES)
@require_POST
def paper_void(request: UserRequest, pk: int) -> HttpResponse:
    """A proof or an approval that was the wrong one."""
    paper = get_object_or_404(Paper.objects.visible_to(request.user).filter(resident__isnull=False), pk=pk)
    reason = request.POST.get("reason", "")[:120]
    return _done(request, paper.resident_id, lambda: papers.void(actor=request.user, paper=paper, reason=reason))


def _done(request: UserRequest, pk: int | None, deed: Callable[[], None]) -> HttpResponse:
    try:
        deed()
    except RollRefusal as refusal:
        messages.error(request, str(refusal))
    return redirect("students:resident", pk)


def _household(request: UserRequest, pk: int) -> Household:
    return get_object_or_404(Household.objects.visible_to(request.user).select_related("school"), pk=pk)


def _resident(request: UserRequest, pk: int) -> Resident:
    people = Resident.objects.visible_to(request.user).select_related("household__school", "student")
    return get_object_or_404(people, pk=pk)


def _villages(request: UserRequest, school: Unit) -> list[str]:
    own = Household.objects.visible_to(request.user).filter(school=school)
    return list(own.order_by("village").values_list("village", flat=True).distinct())


@contextmanager
def refusal_in(form: BaseForm) -> Iterator[None]:
    """What the registry refuses stands on top of the form, in its words."""
    try:
        yield
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
    except RollRefusal as refusal:
        form.add_error(None, str(refusal))
