"""The roll call as it is shown: rows ready for one plain loop of the template, the state in words, texts to copy."""

from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from attendance import codes, rollcall
from attendance.codes import MarkCode
from attendance.forms import OTHER, REASONS
from attendance.models import Mark, Submission
from attendance.protocol import State
from attendance.rollcall import SILENT, Reported, Roll, Row, Said
from kongchuo import dates
from schools.codes import OFFICE, Role
from schools.models import User


def _options(selected: str) -> SafeString:
    offered = dict(REASONS)
    if selected not in offered:
        offered[selected] = MarkCode(selected).label
    return format_html_join(
        "", "<option value={}{}>{}", ((code, SafeString(" selected") if code == selected else "", text)
                                      for code, text in offered.items())
    )  # fmt: skip


# Rendered once: 53 rows share them, and a page is bound by its rendering.
OPTIONS = {code: _options(code) for code in (*MarkCode.values, OTHER) if code != MarkCode.PRESENT}


def entries(roll: Roll, shown: State | None = None) -> list[dict[str, Any]]:
    """The rows for the template: what was saved, never defaults; or `shown`, a sending that is shown again."""
    base = key_base(roll)
    return [_entry(roll, row, _said(roll, row, shown), str(row.student_id - base)) for row in roll.rows]


def key_base(roll: Roll) -> int:
    """What the page takes off every pupil's key: numbers of one or two digits are half the bytes."""
    return min(row.student_id for row in roll.rows)


def search_keys(roll: Roll) -> str:
    """拼音首字母 of all rows, in their order, for the page's search."""
    return " ".join(row.initials.replace(" ", "") or "-" for row in roll.rows)


def _said(roll: Roll, row: Row, shown: State | None) -> Said:
    if shown is not None and row.student_id in shown:
        return shown[row.student_id]
    if stands_premarked(roll, row) and not row.said[0]:
        return row.until_said
    return row.said if shown is None else SILENT


def stands_premarked(roll: Roll, row: Row) -> bool:
    """Whether a row stands 未到 until 「到了」. Once a report exists, what it says stands."""
    return bool(row.premarked) and (roll.report is None or bool(row.said[0]))


def _entry(roll: Roll, row: Row, said: Said, key: str) -> dict[str, Any]:
    code, note = said
    premarked = stands_premarked(roll, row)
    is_present = code in codes.PRESENT if premarked else code in ("", MarkCode.PRESENT)
    return {
        "pk": SafeString(key),
        "seat": f"{row.seat:02}" if row.seat else "－",
        "name": row.name,
        "pre": premarked,
        "on": is_present if premarked else not is_present,
        "why": "；".join(part for part in (row.premarked or row.away, _verified(row)) if part),
        "options": OPTIONS[OTHER if note and code == MarkCode.WAITING else code if code in OPTIONS else "W"],
        "note": note,
        "open": premarked or not is_present,
        "next": consequence(row, roll),
    }


def consequence(row: Row, roll: Roll) -> str:
    return rollcall.consequence(row, roll) if row.spell or roll.threshold.least == 1 else ""


def _verified(row: Row) -> str:
    """「班主任：原因待核，核实：到了」, wherever the office has verified."""
    return f"班主任：{rollcall.label(row.said[0])}，核实：{rollcall.label(row.office)}" if row.office else ""


def state(roll: Roll, viewer: User) -> tuple[str, str]:
    """State of the report: the status word that gives it its look, and the text."""
    report = roll.report
    if report is None:
        return "未报", "未报"
    what = f"{reporter(report)} {dates.clock(report.submitted_at)}"
    if report.roll_version and report.roll_version != roll.version:
        return "名单已变", f"名单已变（{len(roll.rows) - report.expected:+}人） 已送达（{what}）"
    word = "已更正" if report.revision > 1 else "已送达"
    if report.sender_id != viewer.pk:
        return word, f"他人已报（{what}{'，已更正' if report.revision > 1 else ''}）"
    return word, f"{word}（{what}）"


def closed_word(roll: Roll) -> str:
    """Which of the states a day stands in that can't be reported now."""
    if roll.on > roll.today:
        return "未开始"
    if not roll.is_school_day:
        return "非上课日"
    return "已锁定" if roll.rows else "未排学生"


MENDED_AT = {
    "非上课日": ("schools:calendar", "去校历开这一天", OFFICE),
    "未排学生": ("students:import_upload", "去导入花名册", frozenset({Role.CLERK})),
}


def mended_at(roll: Roll, viewer: User) -> tuple[str, str] | None:
    """The page (URL name and label) on which this person can mend what stands in the way, if he can."""
    url, label, roles = MENDED_AT.get(closed_word(roll), ("", "", ()))
    return (url, label) if viewer.has(*roles, school=roll.classroom.school_id) else None


def reporter(report: Reported) -> str:
    """「张老师」, or 「赵教务（代报）」 for somebody who is not the class's head teacher."""
    return report.sender + ("" if report.by_head else "（代报）")


def report_text(submission: Submission, absent: list[Mark]) -> str:
    """The day's report as text for the school's chat group."""
    report = submission.report
    room, on = report.classroom, report.on
    who = "：" + "、".join(f"{mark.student.name}（{mark.label}）" for mark in absent) if absent else ""
    return (
        f"【到校日报】{room.label_on(on)} {on.month}月{on.day}日 {dates.weekday(on)}\n"
        f"应到{report.expected}人，实到{report.present}人，缺勤{report.absent}人{who}\n"
        f"{submission.submitted_by.name} {dates.clock(submission.submitted_at)}报，回执{submission.receipt}"
    )


def hidden(fields: list[tuple[str, str]]) -> SafeString:
    """A sending as hidden inputs, for a page that asks before it sends again."""
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


def odd_facts(roll: Roll, viewer: User) -> SafeString:
    """What the page's script needs to ask the same questions that the server would."""
    facts = {
        "percent": roll.rules.count("odd_absence_percent"),
        "away": rollcall.names(rollcall.long_away(roll)),
        "past": "" if roll.on == roll.today else f"{dates.chinese(roll.on)}（{dates.weekday(roll.on)}）",
        "by": roll.report.sender if roll.report and roll.report.sender_id != viewer.pk else "",
    }
    return format_html_join("", ' data-{}="{}"', ((name, value) for name, value in facts.items() if value))


def said_in_words(said: Said) -> str:
    """「病假（发烧）」; silence is 「到」."""
    return rollcall.label(said[0]) + (f"（{said[1]}）" if said[1] else "")
