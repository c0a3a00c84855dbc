"""The calendar's verbs and questions: laying down school days, opening and closing one, counting days."""

import calendar as months
import datetime
from collections.abc import Iterable

import chinese_calendar
from django.db import transaction

from kongchuo import dates
from schools import audit
from schools.codes import Role, Verb
from schools.models import Classroom, Closure, Holiday, SchoolDay, Term, Unit, User
from schools.policy import DayUnit, Span

ONE_DAY = datetime.timedelta(days=1)
WORKING_WEEKEND = "调休上课"
KEEPERS_OF_CALENDAR = (Role.CLERK, Role.PRINCIPAL, Role.DELEGATE, Role.ADMIN)


class CalendarRefusal(Exception):
    """The calendar can't be changed like this; the text says why."""


def known_years() -> set[int]:
    """Years for which the holiday data is published (国务院办公厅 announces a year ahead, usually in November)."""
    return {day.year for day in chinese_calendar.holidays}


def published(year: int) -> dict[datetime.date, bool]:
    """The published departures from Monday-to-Friday of one year: True is a day off. Empty for a year not published."""
    off = {day: True for day in chinese_calendar.holidays if day.year == year}
    return off | {day: False for day in chinese_calendar.workdays if day.year == year}


def lay_holidays(school: Unit, year: int) -> int:
    """Lay down a year's public holidays and working weekends; rows the school has edited stay. Returns how many."""
    names = {name.value: name.chinese for name in chinese_calendar.Holiday}
    rows = [
        Holiday(school=school, on=day, name=names.get(name, name), off=True)
        for day, name in chinese_calendar.holidays.items()
        if day.year == year
    ] + [
        Holiday(school=school, on=day, name=f"{names.get(name, name)}调休上班", off=False)
        for day, name in chinese_calendar.workdays.items()
        if day.year == year
    ]
    return len(Holiday.objects.bulk_create(rows, ignore_conflicts=True))


def holidays_of(school: Unit | int, first: datetime.date, last: datetime.date) -> dict[datetime.date, bool]:
    """Departures from Monday-to-Friday between two days: True is a day off, False a working weekend."""
    return dict(Holiday.objects.filter(school=school, on__range=(first, last)).values_list("on", "off"))


def is_working(day: datetime.date, holidays: dict[datetime.date, bool]) -> bool:
    return not holidays[day] if day in holidays else day.weekday() < 5


def lay_school_days(term: Term) -> int:
    """Lay down a term's school days from the holidays; days that stand or were closed stay as they are.

    A working weekend (调休上班) inside the term counts as a school day; the school may close it.
    """
    for year in {term.starts_on.year, term.ends_on.year}:
        lay_holidays(term.school, year)
    holidays = holidays_of(term.school_id, term.starts_on, term.ends_on)
    settled = set(Closure.objects.filter(school=term.school, grade=0).values_list("on", flat=True))
    settled |= set(SchoolDay.objects.filter(school=term.school).values_list("on", flat=True))
    rows = [
        SchoolDay(school=term.school, on=day, note=WORKING_WEEKEND if day in holidays else "")
        for day in each_day(term.starts_on, term.ends_on)
        if is_working(day, holidays) and day not in settled
    ]
    return len(SchoolDay.objects.bulk_create(rows, ignore_conflicts=True))


def create_term(
    *, actor: User | None, school: Unit, school_year: int, number: int, starts_on: datetime.date, ends_on: datetime.date
) -> Term:
    """A term with its school days laid down. ValidationError or CalendarRefusal in words."""
    with transaction.atomic():
        require_keeper(actor, school)
        term = Term(school=school, school_year=school_year, number=number, starts_on=starts_on, ends_on=ends_on)
        _check(term)
        term.save()
        days = lay_school_days(term)
        audit.record(
            Verb.CALENDAR, unit=school, actor=actor, about=term, starts_on=starts_on, ends_on=ends_on, school_days=days
        )
    return term


def adjust_term(*, actor: User, term: Term, starts_on: datetime.date, ends_on: datetime.date) -> Term:
    """Move a term's ends: days that fall out of it go (never one with reports), days that come in are laid down."""
    with transaction.atomic():
        require_keeper(actor, term.school)
        dropped = SchoolDay.objects.filter(school=term.school, on__range=(term.starts_on, term.ends_on))
        dropped = dropped.exclude(on__range=(starts_on, ends_on))
        before = (term.starts_on, term.ends_on)
        term.starts_on, term.ends_on = starts_on, ends_on
        _check(term)
        for day in sorted(set(dropped.values_list("on", flat=True))):
            refuse_reported(term.school, day)
        dropped.delete()
        term.save(update_fields=("starts_on", "ends_on"))
        days = lay_school_days(term)
        audit.record(
            Verb.CALENDAR, unit=term.school, actor=actor, about=term, before=before, after=(starts_on, ends_on),
            school_days=days,
        )  # fmt: skip
    return term


def _check(term: Term) -> None:
    term.full_clean()
    others = Term.objects.filter(school=term.school, starts_on__lte=term.ends_on, ends_on__gte=term.starts_on)
    if other := others.exclude(pk=term.pk).first():
        raise CalendarRefusal(
            f"与{other}（{dates.chinese(other.starts_on)}至{dates.chinese(other.ends_on)}）重叠，请核对起止日期。"
        )


def open_day(*, actor: User, school: Unit, on: datetime.date, note: str, grade: int = 0) -> SchoolDay:
    """Make a day a school day (补课): the reason it was closed for goes, the note stays on the row."""
    if not note.strip():
        raise CalendarRefusal("请写明为什么这天上课，例如「补10月8日的课」。")
    with transaction.atomic():
        require_keeper(actor, school)
        if not Term.objects.filter(school=school, starts_on__lte=on, ends_on__gte=on).exists():
            raise CalendarRefusal(f"{dates.chinese(on)}不在任何学期的行课起止之内，请先调整学期。")
        days = SchoolDay.objects.filter(school=school, on=on)
        if days.for_grade(grade).exists():
            raise CalendarRefusal(f"{dates.chinese(on)}已经是到校日。")
        closures = Closure.objects.filter(school=school, on=on)
        if grade:
            closures.filter(grade=grade).delete()
        else:  # one row for all takes the place of those for single grades
            closures.delete()
            days.delete()
        day = SchoolDay.objects.create(school=school, on=on, grade=grade, note=note)
        audit.record(Verb.CALENDAR, unit=school, actor=actor, about=day, reason=note, opened=on, grade=grade)
    return day


def close_day(*, actor: User, school: Unit, on: datetime.date, reason: str, grade: int = 0) -> Closure:
    """Make a day no school day (停课). For one grade, the other grades get a row each.

    Refused when reports of that day exist: what was reported happened.
    """
    if not reason.strip():
        raise CalendarRefusal("请写明停课原因，例如「冰雪停课（县教通〔2026〕3号）」。")
    with transaction.atomic():
        require_keeper(actor, school)
        days = SchoolDay.objects.filter(school=school, on=on)
        if not (days.for_grade(grade) if grade else days).exists():
            raise CalendarRefusal(f"{dates.chinese(on)}本来就不是到校日。")
        refuse_reported(school, on, grade)
        if not grade:
            days.delete()
        elif whole := days.filter(grade=0).first():
            others = [g for g in school.grades if g != grade]
            SchoolDay.objects.bulk_create(SchoolDay(school=school, on=on, grade=g, note=whole.note) for g in others)
            whole.delete()
        else:
            days.filter(grade=grade).delete()
        closure, _ = Closure.objects.update_or_create(school=school, on=on, grade=grade, defaults={"reason": reason})
        audit.record(Verb.CALENDAR, unit=school, actor=actor, about=closure, reason=reason, closed=on, grade=grade)
    return closure


def refuse_reported(school: Unit, on: datetime.date, grade: int = 0) -> None:
    """Whatever was reported happened: such a day can't stop being a school day."""
    if any(has_reports(school, on, grade) for has_reports in report_checks):
        raise CalendarRefusal(f"{dates.chinese(on)}已有班级上报到校情况，不能改为非到校日。")


def require_keeper(actor: User | None, school: Unit) -> None:
    """Whoever changes the calendar keeps it today; None is the system itself, as when a school is founded."""
    if actor and not actor.has(*KEEPERS_OF_CALENDAR, school=school):
        raise CalendarRefusal("您现在的岗位不能改动本校的校历。")


# Filled by the attendance app at start-up: each says whether reports exist for (school, day, grade).
report_checks: list = []


def is_school_day(school: Unit | int, on: datetime.date, grade: int) -> bool:
    return SchoolDay.objects.filter(school=school, on=on).for_grade(grade).exists()


def school_days(
    school: Unit | int, first: datetime.date, last: datetime.date, classroom: Classroom | None = None
) -> list[datetime.date]:
    """到校日 from `first` to `last`, both included: of a class, or of any class of the school. One query."""
    rows = SchoolDay.objects.filter(school=school, on__range=(first, last)).order_by("on").values_list("on", "grade")
    days = (on for on, grade in rows if classroom is None or not grade or grade == classroom.grade_on(on))
    return list(dict.fromkeys(days))


def why_closed(school: Unit, on: datetime.date, grade: int = 0) -> str:
    """Why a day without a school-day row is none: 停课原因, holiday, weekend, outside the terms, or never laid down."""
    closure = Closure.objects.filter(school=school, on=on, grade__in=(0, grade)).first()
    if closure:
        return closure.reason
    holiday = Holiday.objects.filter(school=school, on=on, off=True).first()
    if holiday:
        return f"{holiday.name}放假"
    if not Term.objects.filter(school=school, starts_on__lte=on, ends_on__gte=on).exists():
        return "不在行课时间（校历里没有这一天）"
    return dates.weekday(on) if on.weekday() >= 5 else "校历里没有这一天"


def last_school_day(school: Unit | int, on: datetime.date) -> datetime.date | None:
    """The latest school day up to and including a day."""
    return SchoolDay.objects.filter(school=school).up_to(on).order_by("-on").values_list("on", flat=True).first()


def due_on(school: Unit | int, start: datetime.date, span: Span) -> datetime.date:
    """The last day of a span that starts running the day after `start`.

    到校日 count the school's calendar; where it is not laid down far enough, working days carry on. 工作日 count the
    public holidays (行政处罚法85条). A month ends on the same day of a later month, or on its last day.
    """
    if span.unit == DayUnit.NATURAL_DAY:
        return start + datetime.timedelta(days=span.count)
    if span.unit == DayUnit.MONTH:
        return add_months(start, span.count)
    if span.unit in (DayUnit.SCHOOL_DAY, DayUnit.DAY):
        days = SchoolDay.objects.filter(school=school, on__gt=start).order_by("on").values_list("on", flat=True)
        ahead = list(days.distinct()[: span.count])
        if len(ahead) == span.count:
            return ahead[-1] if ahead else start
        missing = span.count - len(ahead)
        return add_workdays(school, ahead[-1] if ahead else start, missing)
    return add_workdays(school, start, span.count)


def add_workdays(school: Unit | int, start: datetime.date, count: int) -> datetime.date:
    """The day `count` legal working days after `start`."""
    holidays = holidays_of(school, start, start + datetime.timedelta(days=count * 3 + 30))
    day = start
    while count:
        day += ONE_DAY
        count -= is_working(day, holidays)
    return day


def add_months(start: datetime.date, count: int) -> datetime.date:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return datetime.date(year, month + 1, min(start.day, months.monthrange(year, month + 1)[1]))


def term_of(school_id: int, day: datetime.date) -> str:
    """「2026-2027学年度第一学期」: the school's own term on that day, else by the half of the school year."""
    terms = Term.objects.filter(school=school_id, starts_on__lte=day, school_year=dates.school_year(day))
    number = terms.order_by("-starts_on").values_list("number", flat=True).first()
    if number is None:
        number = 2 if 2 <= day.month <= 8 else 1
    year = dates.school_year(day)
    return f"{year}-{year + 1}学年度第{'一二'[number - 1]}学期"


def each_day(first: datetime.date, last: datetime.date) -> Iterable[datetime.date]:
    return (first + datetime.timedelta(days=offset) for offset in range((last - first).days + 1))
