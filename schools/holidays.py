"""Public holidays as the school keeps them: years that the holiday data lacks are entered by hand."""

import datetime

from django.db import transaction

from schools import audit
from schools.calendar import (
    WORKING_WEEKEND,
    CalendarRefusal,
    each_day,
    holidays_of,
    is_working,
    known_years,
    refuse_reported,
    require_keeper,
)
from schools.codes import Verb
from schools.models import Closure, Holiday, SchoolDay, Term, Unit, User

LONGEST = 31
"""Days that may be entered at once; no public holiday comes near it, a slip of the pen does."""


def missing_years(school: Unit) -> list[int]:
    """Years of the school's terms for which neither the holiday data nor the school knows a day off."""
    years = {day.year for ends in school.terms.values_list("starts_on", "ends_on") for day in ends}
    entered = set(Holiday.objects.filter(school=school, off=True).values_list("on__year", flat=True))
    return sorted(years - known_years() - entered)


def set_holidays(*, actor: User, school: Unit, first: datetime.date, last: datetime.date, name: str, off: bool) -> int:
    """Enter days off (放假), or working weekends (调休上班), and let the school days follow. Returns how many."""
    if last < first:
        raise CalendarRefusal("最后一天不能早于第一天。")
    if (last - first).days >= LONGEST:
        raise CalendarRefusal(f"一次最多填{LONGEST}天，请核对日期。")
    with transaction.atomic():
        require_keeper(actor, school)
        for day in each_day(first, last):
            Holiday.objects.update_or_create(school=school, on=day, defaults={"name": name, "off": off})
        changed = _relay(school, first, last)
        audit.record(
            Verb.CALENDAR, unit=school, actor=actor, about=school, reason=name, holiday=(first, last), off=off,
            school_days=changed,
        )  # fmt: skip
    return changed


def remove_holiday(*, actor: User, holiday: Holiday) -> int:
    """Take a day out of the table: it is judged by its weekday again. Returns how many school days changed."""
    with transaction.atomic():
        require_keeper(actor, holiday.school)
        Holiday.objects.filter(pk=holiday.pk).delete()
        changed = _relay(holiday.school, holiday.on, holiday.on)
        audit.record(
            Verb.CALENDAR, unit=holiday.school, actor=actor, about=holiday.school, reason=holiday.name,
            holiday_removed=holiday.on, school_days=changed,
        )  # fmt: skip
    return changed


def _relay(school: Unit, first: datetime.date, last: datetime.date) -> int:
    """Bring the school days of some dates in line with the holidays; what the school decided for a day stays."""
    holidays = holidays_of(school, first, last)
    closed = set(Closure.objects.filter(school=school, on__range=(first, last)).values_list("on", flat=True))
    rows = list(SchoolDay.objects.filter(school=school, on__range=(first, last)))
    decided = closed | {row.on for row in rows if row.grade or row.note not in ("", WORKING_WEEKEND)}
    standing = {row.on for row in rows}
    terms = list(Term.objects.filter(school=school, starts_on__lte=last, ends_on__gte=first))
    changed = 0
    for day in each_day(first, last):
        in_term = any(term.starts_on <= day <= term.ends_on for term in terms)
        expected = is_working(day, holidays)
        if day in decided or not in_term or expected == (day in standing):
            continue
        changed += 1
        if expected:
            SchoolDay.objects.create(school=school, on=day, note=WORKING_WEEKEND if day.weekday() >= 5 else "")
        else:
            refuse_reported(school, day)
            SchoolDay.objects.filter(school=school, on=day).delete()
    return changed
