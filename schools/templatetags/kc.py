"""Words, marks and dates as they stand on the pages. A builtin: templates need no ``{% load %}``."""

import datetime
from collections.abc import Iterable
from typing import Any, cast

from django import template
from django.core.paginator import Page
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kongchuo import dates, idnumber
from schools import books

register = template.Library()

# Status word -> (class, shape). A word, then a shape, then a colour: the colour is never alone.
# 朱 ("alarm") is kept for what is overdue or unreported, 金 ("soon") for what will be, 绿 ("good") for who came back.
# The shapes stand in GB 2312, so that every phone has them and none becomes an emoji.
STATES = {
    "未报": ("alarm", "●"),
    "未到": ("alarm", "●"),
    "未报到": ("alarm", "●"),
    "超期": ("alarm", "▲"),
    "被拒": ("alarm", "×"),
    "拒绝": ("alarm", "×"),
    "未登记": ("soon", "◎"),
    "临期": ("soon", "△"),
    "迟报": ("soon", "△"),
    "迟到送达": ("soon", "△"),
    "待认定": ("soon", "◎"),
    "待核": ("soon", "◎"),
    "原因待核": ("soon", "◎"),
    "待签": ("soon", "◎"),
    "待审": ("soon", "◎"),
    "待发送": ("soon", "◎"),
    "照片待传": ("soon", "△"),
    "名单已变": ("soon", "△"),
    "有提醒": ("soon", "△"),
    "疑似": ("strong", "◇"),
    "疑似辍学": ("strong", "◇"),
    "辍学": ("stamp", "◆"),
    "到了": ("good", "√"),
    "已到校": ("good", "√"),
    "复学": ("good", "√"),
    "跟踪中": ("good", "◎"),
    "已报": ("plain", "√"),
    "全到": ("plain", "√"),
    "已报到": ("plain", "√"),
    "已送达": ("plain", "√"),
    "已更正": ("plain", "√"),
    "已完成": ("plain", "√"),
    "已同意": ("plain", "√"),
    "进行中": ("act", "◎"),
    "新增": ("act", "＋"),
    "更新": ("act", "◎"),
    "已退回": ("strong", "×"),
    "请假": ("plain", "△"),
    "病假": ("plain", "△"),
    "事假": ("plain", "△"),
    "迟到": ("plain", "△"),
    "在籍": ("plain", "○"),
    "休学": ("plain", "□"),
    "非上课日": ("quiet", "□"),
    "已锁定": ("quiet", "■"),
    "销号": ("quiet", "■"),
    "结案": ("quiet", "■"),
    "未开始": ("quiet", "○"),
    "不变": ("quiet", "○"),
    "转出": ("quiet", "□"),
    "停用": ("quiet", "×"),
    "作废": ("quiet", "×"),
}

# A day in the absence strip: word -> (class, shape).
MARKS = {
    "到": ("here", "○"),
    "迟到": ("here", "○"),
    "无故未到": ("away", "●"),
    "失去联系": ("away", "●"),
    "缺勤": ("away", "●"),
    "原因待核": ("away", "◎"),
    "病假": ("leave", "△"),
    "事假": ("leave", "△"),
    "请假": ("leave", "△"),
    "未报": ("gap", "□"),
}

# Why a page is empty -> who can mend it.
EMPTY = {
    "无班级": "请教务员在「人员与岗位」里登记班主任岗位。",
    "非上课日": "如果今天其实上课，请教务员在「校历」里开这一天。",
    "未排学生": "请教务员导入花名册，或把学生排进这个班。",
    "无权限": "请管理员核对您的岗位。",
    "没有符合条件的": "放宽或清除上面的条件再看。",
}


@register.simple_tag
def state(word: str, text: str = "") -> SafeString:
    """``{% state "超期" "超2天" %}``: the look of the status word, with a text of its own if one is given."""
    look, shape = STATES.get(str(word), ("plain", ""))
    if not word:
        return SafeString()
    return format_html('<span class="state {}"><i aria-hidden="true">{}</i>{}</span>', look, shape, text or word)


@register.filter
def mark_class(word: str) -> str:
    return MARKS.get(str(word), ("gap", "□"))[0]


@register.filter
def mark_shape(word: str) -> str:
    return MARKS.get(str(word), ("gap", "□"))[1]


@register.filter
def strip_text(days: Iterable[Any]) -> str:
    """「无故未到 3/9、3/10；未报 3/11」: an absence strip for those who can't see it. Days of presence go unsaid."""
    by_word: dict[str, list[datetime.date]] = {}
    for day in days or ():
        word, on = (day["word"], day["on"]) if isinstance(day, dict) else (day.word, day.on)
        if MARKS.get(word, ("gap",))[0] != "here":
            by_word.setdefault(word, []).append(on)
    return "；".join(f"{word} {daylist(days)}" for word, days in by_word.items())


@register.filter
def daylist(days: Iterable[datetime.date] | None) -> str:
    """「3/9、3/10」"""
    return "、".join(dates.short(day) for day in days or ())


@register.filter
def short(day: datetime.date | None) -> str:
    """「3/9」; a moment is taken at the school's clock."""
    return dates.short(_day(day)) if day else ""


@register.filter
def due(day: datetime.date | None) -> str:
    """「3/13（还有2天）」"""
    return f"{dates.short(day)}（{dates.distance(day)}）" if day else ""


@register.filter
def weekday(day: datetime.date | None) -> str:
    """「周三」"""
    return dates.weekday(_day(day)) if day else ""


@register.filter
def clock(moment: datetime.datetime | None) -> str:
    """「9:42」 today, 「3/9 9:42」 on another day."""
    if not moment:
        return ""
    local = timezone.localtime(moment)
    time = f"{local:%-H:%M}"
    return time if local.date() == dates.today() else f"{dates.short(local.date())} {time}"


@register.filter
def moment(at: datetime.date | None) -> str:
    """「2026-9-7 周一 9:42」, or the day alone for a date."""
    if not at:
        return ""
    day = _day(at)
    text = f"{day.year}-{day.month}-{day.day} {dates.weekday(day)}"
    return f"{text} {timezone.localtime(at):%-H:%M}" if isinstance(at, datetime.datetime) else text


@register.filter
def or_dash(value: Any) -> Any:
    """The value, or 「—」 for nothing (0 is a value)."""
    return "—" if value is None or value == "" else value


@register.filter
def phone(number: Any) -> str:
    """A phone number, masked (138****5678)."""
    return idnumber.mask_phone(str(number)) if number else "—"


@register.filter
def percent(part: int, whole: int) -> str:
    """「98.11%」, two places as on the returns; 「—」 where there is nothing to divide by."""
    return f"{part / whole:.2%}" if whole else "—"


@register.filter
def empty_cure(reason: str) -> str:
    return EMPTY.get(str(reason), "")


@register.filter
def book_title(key: str) -> str:
    """The title of a 表册 by its key; the key of one that is no more."""
    book = books.registry.get(key)
    return book.title if book else key


@register.filter
def elided(page: Page) -> Iterable[Any]:
    """The page numbers to show around this one, with 「…」 between."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.filter
def options(field: BoundField) -> SafeString:
    """The options of a choice, written in one go: widgets load two templates for each."""
    chosen = str(field.value() or "")
    choices = cast(Any, field.field).choices
    return format_html_join(
        "", '<option value="{}"{}>{}</option>', ((value, _SELECTED if str(value) == chosen else "", label)
                                                 for value, label in choices),
    )  # fmt: skip


_SELECTED = SafeString(" selected")


def _day(moment: datetime.date) -> datetime.date:
    return timezone.localtime(moment).date() if isinstance(moment, datetime.datetime) else moment
