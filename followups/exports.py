"""《辍学生登记表》, 名册: its columns declared once, with title, notes, the two tallies, and the file's name.

Columns and their order are those of the county bureaus' form; the bureau joins many of them, so nothing is renamed.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from followups import codes, documents
from followups.codes import ExportForm
from followups.models.cases import CaseQuerySet
from followups.register import Choice, Entry, cases_on, entries, tallies
from kongchuo import dates, pdf, xlsx
from kongchuo.sheets import (
    A3_LANDSCAPE,
    A4_LANDSCAPE,
    Align,
    Column,
    Form,
    Head,
    Kind,
    Paper,
    Sheet,
    Stamp,
    cell_value,
    words,
)
from schools import books
from schools.books import MASKED_NOTE, Made
from schools.calendar import term_of
from schools.codes import Edition, ExportFormat, Stage
from schools.models import Unit
from schools.policy import rules_on

SHEET_NAME = "辍学学生登记表"
FILE_TITLES = {ExportForm.ROSTER: SHEET_NAME, ExportForm.SINGLE: f"{SHEET_NAME}(单人表)"}
PAPERS: dict[str, Paper] = {"a3": A3_LANDSCAPE, "a4": A4_LANDSCAPE}
STATES = {"open": "未销号", "closed": "已销号", "returned": "已复学"}


ROSTER: tuple[Column, ...] = (
    Column("序号", None, Kind.INT, 2, Align.CENTER),
    Column("乡镇", lambda entry: entry.case.school.township_name, width=3.5),
    Column("学校", lambda entry: entry.case.school.name, width=6.4),
    Column("年级", lambda entry: entry.grade, width=3.2, align=Align.CENTER),
    Column("班级", lambda entry: entry.classroom, width=3.6, align=Align.CENTER),
    Column("学生姓名", lambda entry: entry.student.name, width=4.6),
    Column("性别", lambda entry: entry.sex, width=2, align=Align.CENTER),
    Column("民族", lambda entry: entry.ethnicity, width=3, align=Align.CENTER),
    Column("身份证号", lambda entry: entry.student.id_no, Kind.SEALED, 9.6),
    Column("学籍号", lambda entry: entry.student.roll_no, Kind.SEALED, 10.2),
    Column("家长(监护人)姓名", lambda entry: entry.guardian.name if entry.guardian else "", width=4.6),
    Column("与学生关系", lambda entry: entry.relation, width=3.2),
    Column("联系电话", lambda entry: entry.guardian.phone if entry.guardian else "", Kind.PHONE, 6),
    Column("户籍地(村屯组)", lambda entry: entry.student.hukou_address or entry.student.village, Kind.ADDRESS, 7),
    Column("现住址", lambda entry: entry.student.address, Kind.ADDRESS, 7),
    Column("是否脱贫户/监测户", lambda entry: "是" if entry.is_poor else "否", Kind.WITHHELD, 3.4, Align.CENTER),
    Column("特殊群体类别", lambda entry: "、".join(tag.label for tag in entry.tags), Kind.WITHHELD, 4),
    Column("辍学时间", lambda entry: entry.left_on, Kind.DATE, 5.2, Align.CENTER),
    Column("辍学原因", lambda entry: entry.reasons, width=6),
    Column("现去向", lambda entry: entry.whereabouts, width=6),
    Column("认定类别", lambda entry: entry.kind, width=4.6, align=Align.CENTER),
    Column("动员(家访)次数", lambda entry: entry.visits, Kind.INT, 3, Align.CENTER),
    Column("劝返情况及处理措施", lambda entry: entry.efforts, width=13),
    Column("包保责任人及电话", lambda entry: entry.responsible, Kind.PHONE, 6.4),
    Column("是否返校", lambda entry: "是" if entry.has_returned else "否", width=2.4, align=Align.CENTER),
    Column("返校时间", lambda entry: entry.returned_on, Kind.DATE, 5.2, Align.CENTER),
    Column("安置方式", lambda entry: entry.placement, width=4.6),
    Column("备注", lambda entry: entry.remarks, width=7),
)


# What the page shows of the roster beside name, class, finding and end, under a shorter header where there is one.
_ON_PAGE = {
    "辍学时间": "辍学时间",
    "辍学原因": "辍学原因",
    "现去向": "现去向",
    "动员(家访)次数": "家访",
    "包保责任人及电话": "包保责任人",
}
PAGE = tuple(replace(column, header=_ON_PAGE[column.header]) for column in ROSTER if column.header in _ON_PAGE)


def _tally_columns(label: str) -> tuple[Column, ...]:
    return (
        Column(label, lambda tally: tally.label, width=12),
        *(
            Column(header, value, Kind.INT, 5, Align.CENTER)
            for header, value in (
                ("疑似辍学", lambda tally: tally.suspected),
                ("辍学", lambda tally: tally.dropout),
                ("合计", lambda tally: tally.total),
                ("已返", lambda tally: tally.returned),
                ("其他销号", lambda tally: tally.closed),
                ("未返", lambda tally: tally.away),
            )
        ),
    )


@dataclass(frozen=True)
class Order:
    """What somebody wants: whose register, as of which day, in which form, and whether with full numbers."""

    school: Unit
    on: datetime.date
    form: ExportForm
    format: ExportFormat
    full: bool = False
    paper: str = "a3"
    choice: Choice = field(default_factory=Choice)

    @property
    def edition(self) -> Edition:
        return Edition.FULL if self.full else Edition.MASKED

    @property
    def file_name(self) -> str:
        place, term = self.school.county_name + self.school.name, term_of(self.school.pk, self.on)
        return books.file_name(place, term, FILE_TITLES[self.form], self.on, self.format, masked=not self.full)


def make(order: Order, cases: CaseQuerySet, stamp: Stamp, progress: pdf.Progress | None = None) -> Made:
    """The file of an order over cases that the caller has scoped.

    Raises pdf.PdfUnavailableError or pdf.PdfFailedError. How many cases it will have: `count`.
    """
    found = entries(cases_on(cases.filter(school=order.school), order.on, order.choice), order.on)
    sheets = sheets_of(order, found)
    written: xlsx.Written | pdf.Printed
    if order.format == ExportFormat.PDF:
        written = pdf.render_sheets(sheets, stamp, progress)
    else:
        written = xlsx.write_workbook(sheets, xlsx.Edition(order.format), stamp)
    rows = sum(written.counts) if order.form == ExportForm.SINGLE else written.counts[0]
    return Made(written.content, rows, written.refused)


def count(order: Order, cases: CaseQuerySet) -> int:
    return cases_on(cases.filter(school=order.school), order.on, order.choice).count()


def sheets_of(order: Order, found: list[Entry]) -> Sequence[Sheet | Form]:
    head = _head(order)
    if order.form == ExportForm.SINGLE:
        if order.format == ExportFormat.DATA:
            return [documents.data_sheet(found, head, full=order.full)]
        return [documents.form(entry, head, full=order.full) for entry in found] or [documents.nobody(head)]
    roster = Sheet(
        title=f"{order.school.name}{term_of(order.school.pk, order.on)}辍学(疑似辍学)学生登记表(花名册)",
        name=SHEET_NAME,
        columns=ROSTER,
        rows=found,
        head=head,
        paper=PAPERS[order.paper],
        full=order.full,
        identify=documents.identify,
    )
    if order.format == ExportFormat.DATA:
        return [roster]
    return [roster, *(_tally(head, found, label, by) for label, by in (("村屯", "village"), ("班级", "classroom")))]


def _tally(head: Head, found: list[Entry], label: str, by: str) -> Sheet:
    """分别统计: the register by village or by class."""
    name = f"按{label}统计"
    title = f"{head.unit}{head.period}辍学学生{name}"
    return Sheet(title=title, name=name, columns=_tally_columns(label), rows=tallies(found, by), head=head)


def _head(order: Order) -> Head:
    return Head(
        unit=order.school.name,
        filled_on=dates.today(),
        period=term_of(order.school.pk, order.on),
        cutoff=order.on,
        notes=_notes(order),
    )


def _notes(order: Order) -> list[str]:
    """口径: who is in the register, by which rule of the school, and what the file leaves out."""
    rules = rules_on(order.school, order.on)
    notes = [
        "列入范围：截止日期前已认定的学生，包括当日未销号的和本学年内已销号的；尚未认定的预警不列入。",
        f"疑似辍学：连续无正当理由未到校{rules.threshold('suspected_after')}，经校长认定"
        f"（{rules.basis('suspected_after')}）；辍学：认定疑似后满{rules.span('dropout_after')}仍未复学，经校长认定"
        f"（{rules.basis('dropout_after')}）。",
        "动员(家访)次数只计入户家访；电话、微信联系不计。",
    ]
    narrowed = choice_words(order.school, order.choice, order.on)
    if narrowed:
        notes.append(f"本表只列筛选出的学生：{narrowed}。")
    return notes if order.full else [*notes, MASKED_NOTE]


def choice_words(school: Unit, choice: Choice, day: datetime.date) -> str:
    """「未销号、初中、七(1)班、柳树村」; empty when nothing is filtered."""
    classroom = school.classrooms.filter(pk=choice.classroom).first() if choice.classroom else None
    words = (
        STATES.get(choice.state, ""),
        Stage(choice.stage).label if choice.stage else "",
        classroom.label_on(day) if classroom else "",
        choice.village,
        codes.FindingKind(choice.kind).label if choice.kind else "",
        codes.Reason(choice.reason).label if choice.reason else "",
    )
    return "、".join(word for word in words if word)


def page_lines(found: list[Entry]) -> list[tuple[Entry, list[tuple[str, str]]]]:
    """The register's page: of each case the columns of PAGE as (header, text), numbers masked."""
    return [(entry, [(column.header, words(cell_value(column, entry))) for column in PAGE]) for entry in found]
