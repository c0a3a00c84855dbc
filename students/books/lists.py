"""《新生摸底表》 and 《随迁子女登记表》: lists with what the roll knows, and columns to be written in by hand."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q

from kongchuo import dates
from kongchuo.sheets import A4_LANDSCAPE, Align, Column, Kind, Sheet
from schools import books
from schools.books import Asked
from students.books import groups, pupils
from students.books.groups import Member
from students.codes import HELD_ELSEWHERE, Change, TagKind
from students.models import RollChange

NEWCOMERS, MIGRANT = "新生摸底表", "随迁子女登记表"
_ARRIVING = (Change.TRANSFER_IN, Change.GUEST_IN, Change.BACK_FROM_ABROAD)
_ENTERING = (Change.ENTRY, Change.IMPORT, *_ARRIVING)
NEWCOMER_NOTES = (
    "列入范围：本学年起始年级各班的学生，和本学年转来、借读来的学生。",
    "家庭情况和原来的表现由班主任家访、访谈后填写。",
)
_NUMBER = Column("序号", None, Kind.INT, 2.4, Align.CENTER)


def _by_hand(header: str, width: float) -> Column:
    """A column that nobody but the interviewer can fill in."""
    return Column(header, lambda row: "", width=width)


def newcomers(asked: Asked) -> Sequence[Sheet]:
    """Pupils of the classes that began this school year, and who has come from elsewhere within it."""
    year, label = dates.school_year(asked.on), pupils.class_labels(asked.on)
    arrived = Q(started_by__in=_ARRIVING, starts_on__gte=dates.school_year_start(asked.on))
    rows = pupils.of_day(asked).filter(Q(classroom__entry_year=year) | arrived).select_related("student__details")
    columns = (
        _NUMBER,
        Column("班级", label, width=4.2, align=Align.CENTER),
        Column("姓名", lambda row: row.student.name, width=5),
        Column("性别", lambda row: pupils.SEXES[row.student.sex], width=2.4, align=Align.CENTER),
        Column("出生日期", lambda row: row.student.birth_date, Kind.DATE, 5, Align.CENTER),
        Column("现住址", lambda row: row.student.address, Kind.ADDRESS, 9),
        Column("监护人", _of_caller("name"), width=4.6),
        Column("电话", _of_caller("phone"), Kind.PHONE, 6),
        Column("特长", lambda row: getattr(getattr(row.student, "details", None), "specialty", ""), width=4),
        _by_hand("家庭情况", 9),
        _by_hand("原学校(幼儿园)", 6),
        _by_hand("原来的表现", 8),
        _by_hand("备注", 4),
    )
    return [
        Sheet(
            f"{asked.place}{asked.period}{NEWCOMERS}", columns, rows, name=NEWCOMERS,
            head=books.head(asked, *NEWCOMER_NOTES, signatures=("班主任", "填表日期")), paper=A4_LANDSCAPE,
            identify=pupils.identify,
        )
    ]  # fmt: skip


def _of_caller(attribute: str) -> Callable[[Any], str]:
    return lambda row: getattr(pupils.caller(row), attribute, "")


def migrant(asked: Asked) -> Sequence[Sheet]:
    """Pupils marked 随迁子女; the papers of a family are ticked by who has seen them."""
    found = groups.members(asked, (TagKind.MIGRANT,))
    came = _came_from(asked, found)
    columns = (
        _NUMBER,
        Column("班级", lambda one: one.label, width=4.2, align=Align.CENTER),
        Column("姓名", lambda one: one.student.name, width=5),
        Column("性别", lambda one: pupils.SEXES[one.student.sex], width=2.4, align=Align.CENTER),
        Column("出生日期", lambda one: one.student.birth_date, Kind.DATE, 5, Align.CENTER),
        Column("户籍地", lambda one: one.student.hukou_address, Kind.ADDRESS, 9),
        Column("来源校", lambda one: came.get(one.student.pk, ("", None))[0], width=8),
        _by_hand("居住证", 3.4),
        _by_hand("务工证明", 3.4),
        _by_hand("租房证明", 3.4),
        Column("入学日期", lambda one: came.get(one.student.pk, ("", None))[1], Kind.DATE, 5, Align.CENTER),
        Column("学籍是否转入", _is_held_here, width=4, align=Align.CENTER),
        Column("监护人", lambda one: one.caller.name if one.caller else "", width=4.6),
        Column("电话", lambda one: one.caller.phone if one.caller else "", Kind.PHONE, 6),
    )
    note = "居住证、务工证明、租房证明看过原件后打勾。借读（人在籍不在）的学籍未转入。"
    return [
        Sheet(
            f"{asked.place}{asked.period}{MIGRANT}", columns, found, name=MIGRANT, head=books.head(asked, note),
            paper=A4_LANDSCAPE, identify=lambda one: one.student.name,
        )
    ]  # fmt: skip


def _is_held_here(one: Member) -> str:
    return "否" if one.row.status in HELD_ELSEWHERE else "是"


def _came_from(asked: Asked, found: Sequence[Member]) -> dict[int, tuple[str, datetime.date]]:
    """来源校 and the day of entry, by pupil: of the last change up to the day by which the pupil came here."""
    changes = RollChange.objects.visible_to(asked.user).standing()
    changes = changes.filter(student__in=[one.student.pk for one in found], kind__in=_ENTERING, on__lte=asked.on)
    rows = changes.order_by("on", "pk").values_list("student", "other_school", "on")
    return {student: (school, on) for student, school, on in rows}
