"""入学通知书: the year's notices, new ones, their service, and who has come."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from schools.forms.people import ReasonForm
from schools.models import Classroom
from schools.policy import rules_on
from students import entry_notices
from students.entry_notice_forms import ArriveForm, CorrectForm, IssueForm, ServeForm, YearFilter
from students.entry_notices import Where
from students.models import EntryNotice
from students.roll import RollRefusal

form_page = require_http_methods(["GET", "HEAD", "POST"])


@access(*OFFICE_ROLES)
@require_safe
def notice_list(request: UserRequest) -> HttpResponse:
    """The notices of a year; each number opens its list."""
    school = own_school(request.user, *OFFICE_ROLES)
    own = EntryNotice.objects.visible_to(request.user).filter(school=school)
    years = sorted(set(own.order_by().values_list("school_year", flat=True)), reverse=True)
    form = YearFilter(request.GET, years=years)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {"year": None, "where": ""}
    year = asked["year"] or (years[0] if years else dates.school_year(dates.today()))
    of_year = own.filter(school_year=year)
    counts = [(kind, kind.label, entry_notices.where(of_year, kind).count()) for kind in Where]
    rows = entry_notices.where(of_year, asked["where"]).order_by("serial")
    context = {"page": page_of(request, rows), "form": form, "year": year, "counts": counts, "total": of_year.count()}
    return render(request, "students/entry_notices.html", context | {"where": asked["where"]})


@access(*OFFICE_ROLES)
@form_page
def notice_new(request: UserRequest) -> HttpResponse:
    school, today = own_school(request.user, *OFFICE_ROLES), dates.today()
    year = today.year
    known = entry_notices.of_survey(school, year) + entry_notices.of_graduates(school, year)
    days = rules_on(school, today).count("entry_notice_days")
    back = reverse("students:entry_notices")
    form = IssueForm(request.POST if request.method == "POST" else None, known=known, days=days, back=back)
    if form.is_valid():
        data = form.cleaned_data
        try:
            issued = entry_notices.issue(
                actor=request.user, school=school, children=form.chosen, issued_on=data["issued_on"],
                report_on=data["report_on"],
            )  # fmt: skip
        except RollRefusal as refusal:
            form.add_error(None, str(refusal))
        else:
            _say(request, issued, entry_notices.late(issued.made, school), days)
            return redirect("students:entry_notices")
    intro = "一个孩子一学年一份。摸底册里满六周岁、还没有上学的孩子，和本校小学毕业的孩子已经列出。"
    return render(request, "schools/form.html", {"form": form, "title": "发入学通知书", "intro": intro})


def _say(request: UserRequest, issued: entry_notices.Issued, late: int, days: int) -> None:
    if issued.made:
        messages.success(request, f"生成了{len(issued.made)}份入学通知书，请打印送达。")
    if late:
        messages.warning(request, f"发出日期离报到不到{days}天，请尽快送达。")
    if issued.had:
        messages.info(request, f"这些孩子本学年已经发过，没有重发：{'、'.join(issued.had[:20])}。")


@access(*OFFICE_ROLES)
@require_safe
def notice(request: UserRequest, pk: int) -> HttpResponse:
    return render(request, "students/entry_notice.html", {"notice": _notice_or_404(request, pk)})


@access(*OFFICE_ROLES)
@form_page
def correct(request: UserRequest, pk: int) -> HttpResponse:
    one = _notice_or_404(request, pk)
    stands = {name: getattr(one, name) for name in CorrectForm.base_fields}
    form = CorrectForm(_sent(request), initial=stands, back=reverse("students:entry_notice", args=(pk,)))
    done = _filed(form, lambda: entry_notices.correct(actor=request.user, notice=one, **form.cleaned_data))
    return _answer(request, one, form, f"{one.name}：更正通知书", done, "更正好了；印过的请重印。")


@access(*OFFICE_ROLES)
@form_page
def serve(request: UserRequest, pk: int) -> HttpResponse:
    one = _notice_or_404(request, pk)
    form = ServeForm(_sent(request), back=reverse("students:entry_notice", args=(pk,)))
    done = _filed(form, lambda: entry_notices.serve(actor=request.user, notice=one, **form.cleaned_data))
    return _answer(request, one, form, f"{one.name}：登记送达", done, "送达登记好了。")


@access(*OFFICE_ROLES)
@form_page
def unserve(request: UserRequest, pk: int) -> HttpResponse:
    one = _notice_or_404(request, pk)
    form = ReasonForm(_sent(request), submit="撤回送达", back=reverse("students:entry_notice", args=(pk,)))
    done = _filed(
        form, lambda: entry_notices.unserve(actor=request.user, notice=one, reason=form.cleaned_data["reason"])
    )
    return _answer(request, one, form, f"{one.name}：撤回送达登记", done, "送达登记已撤回。")


@access(*OFFICE_ROLES)
@form_page
def arrive(request: UserRequest, pk: int) -> HttpResponse:
    """到校核销: puts a child on the roll whom no roll has yet."""
    one = _notice_or_404(request, pk)
    rooms = Classroom.objects.visible_to(request.user).filter(school=one.school).open_on(dates.today())
    form = ArriveForm(_sent(request), classrooms=rooms, back=reverse("students:entry_notice", args=(pk,)))
    done = _filed(form, lambda: entry_notices.arrive(actor=request.user, notice=one, **form.cleaned_data))
    return _answer(request, one, form, f"{one.name}：登记到校", done, "到校登记好了，孩子已在学籍里。")


def _filed(form: BaseForm, do: Callable[[], object]) -> bool:
    """Whether the form was sent, is right, and was accepted; a refusal stands on top of it."""
    if not form.is_valid():
        return False
    try:
        do()
    except RollRefusal as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _answer(request: UserRequest, one: EntryNotice, form: BaseForm, title: str, done: bool, said: str) -> HttpResponse:
    if done:
        messages.success(request, said)
        return redirect("students:entry_notice", one.pk)
    return render(request, "schools/form.html", {"form": form, "title": title})


def _notice_or_404(request: UserRequest, pk: int) -> EntryNotice:
    rows = EntryNotice.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("school", "student", "resident__household"), pk=pk)


def _sent(request: UserRequest) -> Any:
    return request.POST if request.method == "POST" else None
