"""Full numbers leave the house only with who may take them: no way round the principal's word or one's own class."""

import datetime

import pytest

from schools import books, exporting
from schools.books import Asked, Order
from schools.codes import ExportFormat, Role
from schools.models import Duty, Export, User
from students import roll
from students.codes import Change
from students.models import Student
from tests.cast import WEDNESDAY, Cast, id_number

LAST_WEEK = WEDNESDAY - datetime.timedelta(days=7)


def full(user: User, cast: Cast, key: str = "roster", **asked: object) -> Order:
    said = {"on": WEDNESDAY} | asked
    return Order(books.registry[key], Asked(user=user, school=cast.school, full=True, **said), ExportFormat.XLSX)


def numbers(order: Order) -> list[str]:
    (sheet,) = order.sheets()
    return [row.student.id_no.reveal() for row in sheet.rows]


def again(user: User) -> User:
    """The same person in a later request."""
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("key", ["roster", "directory", "survey-households", "survey-school-age", "unregistered"])
def test_a_book_of_the_whole_roll_waits_for_the_principal(cast: Cast, key: str) -> None:
    assert exporting.needs_approval(cast.clerk, full(cast.clerk, cast, key))
    assert not exporting.needs_approval(cast.principal, full(cast.principal, cast, key))


def test_a_past_day_gives_a_head_teacher_no_number_of_who_has_left_the_class(cast: Cast) -> None:
    moved, left = cast.pupils[:2]
    roll.record(actor=cast.clerk, student=moved, kind=Change.CLASS, on=WEDNESDAY, classroom=cast.eight)
    roll.record(actor=cast.clerk, student=left, kind=Change.ABROAD, on=WEDNESDAY)
    head = again(cast.head)
    mine = [id_number(serial) for serial in range(3, 7)]
    assert numbers(full(head, cast, on=LAST_WEEK, classroom=cast.seven)) == mine
    everybody = [id_number(serial) for serial in range(1, 7)]
    assert numbers(full(cast.clerk, cast, on=LAST_WEEK, classroom=cast.seven)) == everybody
    for key in ("card-hardship", "pupil_information"):
        assert Order(books.registry[key], full(head, cast, on=LAST_WEEK, about=moved.pk).asked, "xlsx").sheets() == []
    assert set(Student.objects.visible_to(head)) == set(cast.pupils[2:])


def test_who_has_left_the_office_takes_no_file_of_the_school_along(cast: Cast) -> None:
    export = exporting.order_export(actor=cast.clerk, order=full(cast.clerk, cast), reason="报县教育局基教股")
    exporting.decide(actor=cast.principal, export=export, approved=True)
    exporting.write(Export.objects.get())
    assert exporting.fetch(actor=again(cast.clerk), export=Export.objects.get())
    Duty.objects.filter(user=cast.clerk).update(
        role=Role.HEAD_TEACHER, classroom=cast.seven, starts_on=datetime.date(2025, 9, 1)
    )
    teacher = again(cast.clerk)
    assert Export.objects.visible_to(teacher).exists()  # the ledger still tells the own order
    with pytest.raises(exporting.ExportRefusal, match="不能下载"):
        exporting.fetch(actor=teacher, export=Export.objects.get())
