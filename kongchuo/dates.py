"""The school's date and time. Nothing else in the project asks a clock.

``timezone.now().date()`` is yesterday until 08:00 in China, which is exactly when roll call happens.
"""

import datetime

from django.conf import settings
from django.utils import timezone

WEEKDAYS = "一二三四五六日"


def today() -> datetime.date:
    """The school's date (Asia/Shanghai); in a demo the day that the demo stands on."""
    return settings.DEMO_TODAY or timezone.localdate()


def now() -> datetime.datetime:
    """Aware current time. In a demo: the demo's day with the real time of day, so that pages agree with `today`."""
    moment = timezone.localtime()
    if settings.DEMO_TODAY:
        moment = moment.replace(
            year=settings.DEMO_TODAY.year, month=settings.DEMO_TODAY.month, day=settings.DEMO_TODAY.day
        )
    return moment


def at(day: datetime.date, hour: int, minute: int = 0) -> datetime.datetime:
    """An aware moment on a day of the school."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, minute)))


def weekday(day: datetime.date) -> str:
    """「周三」"""
    return "周" + WEEKDAYS[day.weekday()]


def clock(moment: datetime.datetime) -> str:
    """「9:42」 on the school's clock."""
    local = timezone.localtime(moment)
    return f"{local.hour}:{local:%M}"


def school_year(day: datetime.date) -> int:
    """The year in which the school year of this day began (学年: 1 September to 31 August)."""
    return day.year if day.month >= 9 else day.year - 1


def school_year_start(day: datetime.date) -> datetime.date:
    return datetime.date(school_year(day), 9, 1)


def short(day: datetime.date) -> str:
    """「3/11」, as it stands in lists of days."""
    return f"{day.month}/{day.day}"


def distance(due: datetime.date) -> str:
    """「还有2天」「今天到期」「超期3天」: how far a deadline is from today, in calendar days (自然日)."""
    days = (due - today()).days
    return "今天到期" if days == 0 else f"还有{days}天" if days > 0 else f"超期{-days}天"


def chinese(day: datetime.date) -> str:
    """「2026年9月7日」, as it stands on papers."""
    return f"{day.year}年{day.month}月{day.day}日"


def age_on(birth: datetime.date, day: datetime.date) -> int:
    """Completed years of age (周岁)."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
