"""《辍学生登记表》 among the books of the house: the roster and the forms, narrowed down as the register is."""

from collections.abc import Sequence

from followups import exports
from followups.codes import ExportForm
from followups.models import Case
from followups.models.cases import CaseQuerySet
from followups.register import Choice, cases_on, entries
from kongchuo import pdf
from kongchuo.sheets import Form, Sheet
from schools import books
from schools.books import Asked, Book
from schools.codes import ExportFormat
from schools.models import User

KEYS = {ExportForm.ROSTER: "dropout-register", ExportForm.SINGLE: "dropout-single"}


def order(wanted: exports.Order, user: User) -> books.Order:
    """The register as the ledger of exports takes it."""
    filters = wanted.choice.kept | {"paper": wanted.paper}
    asked = Asked(user=user, school=wanted.school, on=wanted.on, full=wanted.full, filters=filters)
    return books.Order(books.registry[KEYS[wanted.form]], asked, wanted.format)


def register() -> None:
    books.register(*(_book(form) for form in ExportForm))


def _book(form: ExportForm) -> Book:
    def sheets(asked: Asked, kind: ExportFormat = ExportFormat.XLSX) -> Sequence[Sheet | Form]:
        return exports.sheets_of(_wanted(asked, form, kind), entries(_cases(asked), asked.on))

    return Book(
        key=KEYS[form], title=form.label, group="控辍", sheets=sheets,
        data=lambda asked: sheets(asked, ExportFormat.DATA),
        weight=lambda asked: _cases(asked).count() * (pdf.ROWS_A_FORM if form == ExportForm.SINGLE else 1),
        file_title=exports.FILE_TITLES[form], unit="人",
        note="已认定、未销号或本学年内销号的；按条件筛选后导出，请到「辍学登记册」。",
    )  # fmt: skip


def _wanted(asked: Asked, form: ExportForm, kind: ExportFormat) -> exports.Order:
    return exports.Order(
        school=asked.school, on=asked.on, form=form, format=kind, full=asked.full,
        paper=asked.filters.get("paper", "a3"), choice=Choice.of(asked.filters),
    )  # fmt: skip


def _cases(asked: Asked) -> CaseQuerySet:
    own = Case.objects.visible_to(asked.user).filter(school=asked.school)
    return cases_on(own, asked.on, Choice.of(asked.filters))
