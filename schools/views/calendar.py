"""校历: a term's months to look at, a day to open or close, terms and holidays to set."""

import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kongchuo import dates
from schools import almanac, calendar, holidays
from schools.access import UserRequest, access, own_school
from schools.calendar import KEEPERS_OF_CALENDAR
from schools.forms.places import AddTermForm, CloseDayForm, HolidayForm, OpenDayForm, TermDatesForm
from schools.models import Holiday, Term, Unit
from schools.views.shared import form_page, refusal_in, refusal_said


@access(*KEEPERS_OF_CALENDAR)
@require_safe
def school_calendar(request: UserRequest) -> HttpResponse:
    """The term that runs today (or the one chosen), month by month, each day with its word."""
    school, terms = _terms(request)
    chosen = request.GET.get("term", "")
    term = next((term for term in terms if str(term.pk) == chosen), None) or _nearest(terms)
    context = {
        "terms": terms,
        "term": term,
        "months": almanac.months_of(term) if term else [],
        "missing": holidays.missing_years(school),
        "years": sorted({day.year for term in terms for day in (term.starts_on, term.ends_on)}),
    }
    return render(request, "schools/calendar.html", context)


@access(*KEEPERS_OF_CALENDAR)
@require_safe
def calendar_day(request: UserRequest, on: datetime.date) -> HttpResponse:
    """One day: what it is, and the forms that change it."""
    return _day(request, on)


@access(*KEEPERS_OF_CALENDAR)
@require_POST
def day_open(request: UserRequest, on: datetime.date) -> HttpResponse:
    school = own_school(request.user, *KEEPERS_OF_CALENDAR)
    form = OpenDayForm(request.POST, school=school, on=on)
    if form.is_valid():
        with refusal_in(form):
            calendar.open_day(actor=request.user, school=school, on=on, **form.cleaned_data)
            messages.success(request, f"{dates.chinese(on)}已改为上课：{form.cleaned_data['note']}。")
            return redirect("schools:calendar_day", on=on)
    return _day(request, on, opening=form)


@access(*KEEPERS_OF_CALENDAR)
@require_POST
def day_close(request: UserRequest, on: datetime.date) -> HttpResponse:
    school = own_school(request.user, *KEEPERS_OF_CALENDAR)
    form = CloseDayForm(request.POST, school=school, on=on)
    if form.is_valid():
        with refusal_in(form):
            calendar.close_day(actor=request.user, school=school, on=on, **form.cleaned_data)
            messages.success(request, f"{dates.chinese(on)}已改为停课：{form.cleaned_data['reason']}。")
            return redirect("schools:calendar_day", on=on)
    return _day(request, on, closing=form)


@access(*KEEPERS_OF_CALENDAR)
@form_page
def term_add(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *KEEPERS_OF_CALENDAR)
    form = AddTermForm(_sent(request), back=reverse("schools:calendar"))
    if form.is_valid():
        with refusal_in(form):
            term = calendar.create_term(actor=request.user, school=school, **form.cleaned_data)
            messages.success(request, f"{term}已建立，到校日按周一至周五和节假日排好。")
            return redirect(_term_url(term))
    return render(request, "schools/form.html", {"form": form, "title": "建立学期"})


@access(*KEEPERS_OF_CALENDAR)
@form_page
def term_adjust(request: UserRequest, pk: int) -> HttpResponse:
    _, terms = _terms(request)
    term = next((term for term in terms if term.pk == pk), None)
    if term is None:
        raise Http404
    dates_now = {"starts_on": term.starts_on, "ends_on": term.ends_on}
    form = TermDatesForm(_sent(request), initial=dates_now, year=term.school_year, back=_term_url(term))
    if form.is_valid():
        with refusal_in(form):
            calendar.adjust_term(actor=request.user, term=term, **form.cleaned_data)
            messages.success(request, f"{term}的行课起止已改。")
            return redirect(_term_url(term))
    intro = "缩短时，去掉的日子不能已有到校日报；延长时，新的日子按周一至周五和节假日排好。"
    return render(request, "schools/form.html", {"form": form, "title": f"行课起止：{term}", "intro": intro})


@access(*KEEPERS_OF_CALENDAR)
@form_page
def holiday_year(request: UserRequest, year: int) -> HttpResponse:
    """A year's public holidays as the school keeps them, and a form to enter more."""
    school = own_school(request.user, *KEEPERS_OF_CALENDAR)
    form = HolidayForm(_sent(request), year=year, back=reverse("schools:calendar"))
    if form.is_valid():
        with refusal_in(form):
            changed = holidays.set_holidays(actor=request.user, school=school, **form.cleaned_data)
            messages.success(request, f"已补录{form.cleaned_data['name']}，到校日改动{changed}天。")
            return redirect("schools:holidays", year=year)
    rows = Holiday.objects.visible_to(request.user).filter(school=school, on__year=year)
    published = year in calendar.known_years()
    return render(request, "schools/holidays.html", {"form": form, "year": year, "rows": rows, "published": published})


@access(*KEEPERS_OF_CALENDAR)
@require_POST
def holiday_remove(request: UserRequest, pk: int) -> HttpResponse:
    school = own_school(request.user, *KEEPERS_OF_CALENDAR)
    rows = Holiday.objects.visible_to(request.user).filter(school=school).select_related("school")
    holiday = get_object_or_404(rows, pk=pk)
    with refusal_said(request):
        changed = holidays.remove_holiday(actor=request.user, holiday=holiday)
        messages.success(request, f"已去掉{dates.chinese(holiday.on)}的{holiday.name}，到校日改动{changed}天。")
    return redirect("schools:holidays", year=holiday.on.year)


def _day(
    request: UserRequest,
    on: datetime.date,
    *,
    opening: OpenDayForm | None = None,
    closing: CloseDayForm | None = None,
) -> HttpResponse:
    """The page of a day; of the two forms those that make sense on it."""
    school, terms = _terms(request)
    term = next((term for term in terms if term.starts_on <= on <= term.ends_on), None)
    if term is None:
        raise Http404
    day = almanac.day_of(term, on)
    if day.kind in almanac.TAUGHT:
        closing = closing or CloseDayForm(school=school, on=on)
    if day.kind not in almanac.TAUGHT or day.kind == "part":
        opening = opening or OpenDayForm(school=school, on=on)
    context = {"day": day, "opening": opening, "closing": closing, "back": _term_url(term)}
    return render(request, "schools/day.html", context)


def _terms(request: UserRequest) -> tuple[Unit, list[Term]]:
    school = own_school(request.user, *KEEPERS_OF_CALENDAR)
    return school, list(Term.objects.visible_to(request.user).filter(school=school).select_related("school"))


def _nearest(terms: list[Term]) -> Term | None:
    """The term that runs today, else the next one, else the last."""
    today = dates.today()
    return next((term for term in terms if term.ends_on >= today), terms[-1] if terms else None)


def _term_url(term: Term) -> str:
    return f"{reverse('schools:calendar')}?term={term.pk}"


def _sent(request: UserRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
