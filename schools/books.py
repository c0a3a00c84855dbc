"""表册: every list and paper form that the school gives out, registered once, shown and exported by the same pages.

A book says what it asks (a day, a class, a term …) and makes its sheets for somebody who asked. Everything around
that is generic: the page, Excel and PDF, the ledger of exports, the trace.
"""

import datetime
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from kongchuo import dates, pdf, xlsx
from kongchuo.sheets import Form, Head, Kind, Refusal, Sheet, Stamp
from schools import trail
from schools.calendar import term_of
from schools.codes import OFFICE, Edition, ExportFormat, Role
from schools.models import Classroom, Term, Unit, User

MASKED_NOTE = "本表为脱敏版：证件号和学籍号只显示前六位，电话隐去中间四位，住址只到村，困难和群体类别不印。"
OFFICE_AND_TEACHERS = OFFICE | {Role.HEAD_TEACHER}
"""For `Book.roles`: the office, and class teachers for their own class."""
_HIDDEN_WHEN_MASKED = frozenset({Kind.SEALED, Kind.PHONE, Kind.ADDRESS, Kind.WITHHELD})


@dataclass(frozen=True)
class Asked:
    """What somebody asks of a book. Every source of rows goes through ``.visible_to(asked.user)``.

    `month` is like 「2026-03」. `about` is the key of the object that a form is about, not yet scoped. `choice` is one
    of the book's own choices, `filters` what a page of the book's own has narrowed it down to.
    """

    user: User
    school: Unit
    on: datetime.date
    full: bool = False
    classroom: Classroom | None = None
    term: Term | None = None
    month: str = ""
    about: int | None = None
    choice: str = ""
    filters: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def period(self) -> str:
        """「2026年3月」, 「2025-2026学年度第二学期」: the month or term asked for, else the term of the day."""
        if self.month:
            year, month = self.month.split("-")
            return f"{year}年{int(month)}月"
        return str(self.term) if self.term else term_of(self.school.pk, self.on)

    @property
    def place(self) -> str:
        """「青石乡中学七(1)班」: the school, and the class if one was asked for, as it was called on the day."""
        return self.school.name + (self.classroom.label_on(self.on) if self.classroom else "")

    @property
    def kept(self) -> dict[str, Any]:
        """What was asked beside school and day, as the ledger keeps it; empty answers are left out."""
        asked = {
            "classroom": self.classroom.pk if self.classroom else None,
            "term": self.term.pk if self.term else None,
            "month": self.month,
            "about": self.about,
            "choice": self.choice,
        }
        return {name: value for name, value in (asked | self.filters).items() if value}


Source = Callable[[Asked], Sequence[Sheet | Form]]


@dataclass(frozen=True)
class Book:
    """One 表册. `sheets` makes it; a book about an object that this person may not see makes no sheet.

    `asks` are names of `Asked`; one with a question mark may be left out. `data` makes the data edition where
    that is not the same sheets; paper forms have one only if it is given. `weight` counts the rows of a PDF (a form
    weighs ROWS_A_FORM) where that is cheaper than making them. A `whole_roll` book in full, of no single class, needs
    the principal's approval. A book that is not `personal` has no masked edition.
    """

    key: str
    title: str
    group: str
    sheets: Source
    asks: tuple[str, ...] = ("on",)
    choices: tuple[tuple[str, str], ...] = ()
    choice_label: str = "范围"
    roles: frozenset[str] = OFFICE
    note: str = ""
    whole_roll: bool = False
    personal: bool = True
    unit: str = "行"
    file_title: str = ""
    data: Source | None = None
    weight: Callable[[Asked], int] | None = None

    def wants(self, name: str) -> bool:
        return name in self.asks or f"{name}?" in self.asks


registry: dict[str, Book] = {}
"""Filled by the apps at start-up (AppConfig.ready), through `register`; in the order of the list of books."""


def register(*books: Book) -> None:
    for book in books:
        if book.key in registry and registry[book.key].title != book.title:
            raise ValueError(f"two books with the key {book.key}")
        registry[book.key] = book
        trail.explain({}, {"book": [(book.key, book.title)]})


def open_to(user: User) -> list[Book]:
    """The books that this person may open today, in the order of registration."""
    return [book for book in registry.values() if user.has(*book.roles)]


def keeps_to_class(user: User, book: Book, school: Unit) -> bool:
    """Whether this person may have the book for the own classes only: no duty of the office opens it."""
    return not user.has(*(book.roles - {Role.HEAD_TEACHER}), school=school)


def file_name(place: str, period: str, title: str, on: datetime.date, kind: str, *, masked: bool) -> str:
    """「云岭县青石乡中学2026-2027学年第一学期花名册(截至20261121).xlsx」, as bureaus take them in.

    A masked file says so, lest the two editions are mistaken for each other in one folder.
    """
    ending, edition = "pdf" if kind == ExportFormat.PDF else "xlsx", "(脱敏)" if masked else ""
    return f"{place}{period.replace('学年度', '学年')}{title}(截至{on:%Y%m%d}){edition}.{ending}"


@dataclass(frozen=True)
class Order:
    """A book as a file: what was asked, and in which format."""

    book: Book
    asked: Asked
    format: ExportFormat

    @property
    def edition(self) -> Edition:
        return Edition.FULL if self.asked.full else Edition.MASKED

    @property
    def file_name(self) -> str:
        asked, title = self.asked, self.book.file_title or self.book.title
        place = asked.school.county_name + asked.place
        masked = self.book.personal and not asked.full
        return file_name(place, asked.period, title, asked.on, self.format, masked=masked)

    def sheets(self) -> list[Sheet | Form]:
        """The sheets of the file. What is not asked for in full is masked here, whatever the book says."""
        data = self.format == ExportFormat.DATA and self.book.data
        return edition_of(self.book, self.asked, (data or self.book.sheets)(self.asked))


def edition_of(book: Book, asked: Asked, parts: Sequence[Sheet | Form]) -> list[Sheet | Form]:
    """The parts in full or masked, as asked; a masked one says so in its notes."""
    return [replace(part, full=asked.full, head=_head(book, asked, part)) for part in parts]


def _head(book: Book, asked: Asked, part: Sheet | Form) -> Head:
    if asked.full or not _hides(part) or MASKED_NOTE in part.head.notes:
        return part.head
    return replace(part.head, notes=[*part.head.notes, MASKED_NOTE])


def _hides(part: Sheet | Form) -> bool:
    if isinstance(part, Form):
        return any(box.kind in _HIDDEN_WHEN_MASKED for line in part.rows for box in line)
    return any(column.kind in _HIDDEN_WHEN_MASKED for column in part.columns)


@dataclass(frozen=True)
class Made:
    """A finished file: its bytes, how many rows are in it (of forms: how many), and those that are not, with reason."""

    content: bytes
    rows: int
    refused: tuple[Refusal, ...]


def make(order: Order, stamp: Stamp, progress: pdf.Progress | None = None) -> Made:
    """The file of an order. Raises pdf.PdfUnavailableError or pdf.PdfFailedError."""
    sheets = order.sheets()
    written: xlsx.Written | pdf.Printed
    if order.format == ExportFormat.PDF:
        written = pdf.render_sheets(sheets, stamp, progress)
    else:
        written = xlsx.write_workbook(sheets, xlsx.Edition(order.format), stamp)
    forms = isinstance(sheets[0], Form)
    return Made(written.content, sum(written.counts) if forms else written.counts[0], written.refused)


def is_long(order: Order) -> bool:
    """Whether the file takes so long that a process of its own should make it."""
    if order.format != ExportFormat.PDF:
        return False
    if order.book.weight:
        return pdf.is_long(order.book.weight(order.asked))
    return pdf.is_long(sum(map(_weight, order.sheets())))


def _weight(part: Sheet | Form) -> int:
    if isinstance(part, Form):
        return pdf.ROWS_A_FORM
    return len(part.rows) if isinstance(part.rows, Collection) else sum(1 for _ in part.rows)


def head(asked: Asked, *notes: str, **more: Any) -> Head:
    """What stands above and below a sheet: 单位, 填报时间, 统计期间, 截止日期, and notes on who is counted (口径)."""
    usual = Head(asked.school.name, dates.today(), asked.period, asked.on, notes=notes)
    return replace(usual, **more)
