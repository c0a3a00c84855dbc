"""《义务教育阶段学生入学通知书》 with its 送达回证, a page a child, and the 发放册 of a year."""

import datetime

from django.db.models import QuerySet

from kongchuo import dates
from kongchuo.sheets import Align, Box, Column, Form, Head, Kind, Sheet
from schools import books
from schools.books import Asked, Book
from schools.codes import Program
from schools.policy import rules_on
from students import entry_notices
from students.books.opening import GROUP, NUMBER
from students.entry_notices import Where
from students.models import EntryNotice

TITLE = "义务教育阶段学生入学通知书"
WIDTHS = (9, 9, 9, 9)
UNSERVED = "unserved"
SPACE = "　　"


def notice_form(notice: EntryNotice, primary_until: int) -> Form:
    """One notice: the letter above, the receipt below. What is not known is left to be written.

    义务教育法 5条2款 (guardians send the child in time), 11条 (six years of age; 延缓入学 is approved by the
    township or the county bureau, not by the school). `primary_until` is the age up to which
    a child enters 小学, in years.
    """
    school = notice.school.name
    number = f"{notice.school_year}年第{notice.serial:03d}号"
    return Form(
        title=TITLE,
        name=f"{notice.serial:03d}{notice.name}",
        caption=(f"编号：{number}",),
        widths=WIDTHS,
        rows=(
            (Box(_letter(notice, primary_until), span=4, height=10),),
            (Box("送　达　回　证", span=4, label=True),),
            _pair("送达文书名称及文号", f"《{TITLE}》{number}", "受送达人", notice.guardian),
            _pair("送达地点", "", "送达时间", notice.served_on, kind=Kind.DATE),
            _pair("送达方式", notice.served_how or "直接□　留置□\n邮寄□　公告□", "受送达人签名或盖章", ""),
            _pair("拒收事由", "", "见证人", notice.witness),
            (Box("送达人（两人以上）", label=True), Box("", span=3)),
        ),
        head=Head(unit=school, signatures=(), counted_in=""),
    )


def _pair(first: str, one: object, second: str, other: object, *, kind: Kind = Kind.TEXT) -> tuple[Box, ...]:
    height = 1.1
    return (
        Box(first, label=True, height=height), Box(one, height=height),
        Box(second, label=True, height=height), Box(other, kind, height=height),
    )  # fmt: skip


def _enters_junior(notice: EntryNotice, primary_until: int) -> bool:
    if notice.school.program == Program.JUNIOR:
        return True
    if notice.resident_id or not notice.birth_date:
        return False
    return dates.age_on(notice.birth_date, datetime.date(notice.school_year, 8, 31)) > primary_until


def _letter(notice: EntryNotice, primary_until: int) -> str:
    school, day = notice.school.name, dates.chinese
    entering = (
        "已小学毕业，应当升入初中，继续接受义务教育"
        if _enters_junior(notice, primary_until)
        else "已到入学年龄，应当入学接受义务教育"
    )
    lines = (
        f"{notice.guardian or '　　　　　'}：",
        f"{SPACE}根据《中华人民共和国义务教育法》第五条、第十一条，适龄儿童、少年的父母或者其他法定监护人应当依法保证其按时"
        f"入学接受并完成义务教育。你的被监护人{notice.name}{entering}，请于{day(notice.report_on)}送到{school}报到。",
        f"{SPACE}报到时请带本通知书。义务教育不收学费、杂费。",
        f"{SPACE}因身体状况需要延缓入学的，请向当地乡镇人民政府或者县级教育行政部门提出申请，经批准后告知学校；没有批准的，"
        "应当按时入学。",
        f"{SPACE * 11}{school}（章）\n{SPACE * 11}{day(notice.issued_on)}",
    )
    return "\n\n".join(lines)


def one(asked: Asked) -> list[Form]:
    found = _of(asked).filter(pk=asked.about or 0)
    return _forms(asked, found)


def many(asked: Asked) -> list[Form | Sheet]:
    """The notices of the latest year that are not served yet (or all), to be printed in one go."""
    rows = _latest(asked)
    wanted = entry_notices.where(rows, asked.choice if asked.choice == UNSERVED else "")
    forms = _forms(asked, wanted)
    return [*forms] or [Sheet(TITLE, _LEDGER, (), head=books.head(asked))]


def _forms(asked: Asked, notices: QuerySet[EntryNotice]) -> list[Form]:
    until = rules_on(asked.school, asked.on).count("primary_age_until")
    return [notice_form(notice, until) for notice in notices]


def _of(asked: Asked) -> QuerySet[EntryNotice]:
    rows = EntryNotice.objects.visible_to(asked.user).filter(school=asked.school)
    return rows.select_related("school").order_by("school_year", "serial")


def _latest(asked: Asked) -> QuerySet[EntryNotice]:
    """The notices of the latest school year for which some were issued by the day asked for."""
    issued = _of(asked).filter(issued_on__lte=asked.on)
    last = issued.order_by("-school_year").values_list("school_year", flat=True).first()
    return issued.filter(school_year=last or 0)


_LEDGER = (
    NUMBER,
    Column("编号", lambda row: row.serial, Kind.INT, 3, Align.CENTER),
    Column("姓名", lambda row: row.name, width=5),
    Column("出生日期", lambda row: row.birth_date, Kind.DATE, 5),
    Column("监护人", lambda row: row.guardian, width=5),
    Column("住址", lambda row: row.address, Kind.ADDRESS, 9),
    Column("发出日期", lambda row: row.issued_on, Kind.DATE, 5),
    Column("报到日期", lambda row: row.report_on, Kind.DATE, 5),
    Column("送达日期", lambda row: row.served_on, Kind.DATE, 5),
    Column("送达方式", lambda row: row.served_how, width=4.5),
    Column("签收人", lambda row: row.received_by, width=5),
    Column("送达人(见证人)", lambda row: row.witness, width=6),
    Column("到校日期", lambda row: row.arrived_on, Kind.DATE, 5),
)


def ledger(asked: Asked) -> list[Sheet]:
    """《入学通知书发放册》: the notices of the latest year, their service, and who has come."""
    rows = list(entry_notices.where(_latest(asked), asked.choice if asked.choice in Where.values else ""))
    served, arrived = sum(bool(row.served_on) for row in rows), sum(bool(row.arrived_on) for row in rows)
    note = f"共{len(rows)}份，已送达{served}份，已到校{arrived}人。"
    head = books.head(asked, note)
    return [Sheet("入学通知书发放册", _LEDGER, rows, head=head, identify=lambda row: row.name)]


BOOKS = (
    Book("entry-notice", TITLE, GROUP, one, asks=("about",), unit="份", personal=False),
    Book(
        "entry-notices", f"{TITLE}（成批打印）", GROUP, many, asks=("on", "choice"),
        choices=((UNSERVED, "没有送达的"), ("all", "全部")), unit="份", file_title=TITLE, personal=False,
        note="一页一份，下面是送达回证。",
    ),
    Book(
        "entry-notice-ledger", "入学通知书发放册", GROUP, ledger, asks=("on", "choice"),
        choices=(("all", "全部"), *Where.choices), note="编号、送达、签收、到校。", unit="份",
    ),
)  # fmt: skip
