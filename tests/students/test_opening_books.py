"""表册 of 开学: whom each lists, what each column says, and what a masked one keeps back."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kongchuo.sheets import Form, Sheet
from schools import books
from schools.books import Asked
from schools.models import Classroom, Term, User
from students import entry_notices, handovers, new_year, opening
from students.codes import AbsentReason
from students.entry_notices import Child
from tests.cast import Cast, id_number, login, make_pupil

FIRST, JULY, SEPTEMBER = datetime.date(2026, 2, 23), datetime.date(2026, 7, 6), datetime.date(2026, 9, 1)


def sheet(key: str, user: User, **asked: Any) -> Sheet:
    """The first sheet of a book, as this person asks for it."""
    found = books.registry[key].sheets(Asked(user=user, school=asked.pop("school"), on=asked.pop("on"), **asked))[0]
    assert isinstance(found, Sheet)
    return found


def cells(found: Sheet, header: str) -> list[Any]:
    place = [column.header for column in found.columns].index(header)
    refused: list = []
    lines = [line[place] for line in found.lines(refused)]
    assert refused == []
    return lines


@pytest.fixture
def term(cast: Cast, at_day) -> Term:
    at_day(FIRST)
    term = cast.school.terms.get()
    opening.arrive(actor=cast.head, term=term, student=cast.pupils[0])
    opening.miss(actor=cast.head, term=term, student=cast.pupils[1], reason=AbsentReason.WORKING, note="随父亲去了广东")
    return term


@pytest.fixture
def nine(cast: Cast, at_day) -> Classroom:
    Classroom.objects.filter(pk=cast.eight.pk).update(entry_year=2023)
    cast.eight.refresh_from_db()
    at_day(JULY)
    return cast.eight


def test_the_list_of_those_not_arrived(cast: Cast, term: Term) -> None:
    found = sheet("unregistered", cast.clerk, school=cast.school, on=FIRST, term=term, choice="absent")
    assert cells(found, "姓名") == [cast.pupils[1].name]
    assert cells(found, "未报到原因") == ["外出务工"]
    assert cells(found, "身份证件号") == ["530000************"]
    for choice, count in (("silent", 10), ("both", 11)):
        found = sheet("unregistered", cast.clerk, school=cast.school, on=FIRST, term=term, choice=choice)
        assert len(list(found.rows)) == count


def test_nobody_missing_prints_a_zero_report(cast: Cast, term: Term) -> None:
    opening.arrive(actor=cast.head, term=term, student=cast.pupils[1])
    page = login(cast.clerk).get("/books/unregistered/").content.decode()
    assert "无（零报告）" in page


def test_the_register_counts_add_up(cast: Cast, term: Term) -> None:
    found = sheet("registration", cast.head, school=cast.school, on=FIRST, term=term, classroom=cast.seven)
    assert cells(found, "姓名") == [pupil.name for pupil in cast.pupils]
    assert cells(found, "报到情况") == ["已报到", "未报到", *["未登记"] * 4]
    assert "应报到6人：已报到1人、未报到1人、未登记4人。" in found.head.notes[0]


def test_a_head_teacher_gets_the_own_class_only(cast: Cast, term: Term) -> None:
    found = sheet("registration", cast.head, school=cast.school, on=FIRST, term=term)
    assert set(cells(found, "姓名")) == {pupil.name for pupil in cast.pupils}
    assert login(cast.head).get("/books/unregistered/").status_code in (403, 404)


def test_the_handover_is_signed_by_both_sides(cast: Cast, nine: Classroom) -> None:
    handover = handovers.create(actor=cast.clerk, classroom=nine, to_school="云岭县第一中学", on=JULY)
    asked = {"school": cast.school, "on": JULY, "about": handover.pk}
    found = sheet("class-handover", cast.clerk, **asked, choice="all")
    assert found.head.signatures == ("移交学校(章)", "移交人", "接收学校(章)", "接收人")
    assert cells(found, "姓名") == [pupil.name for pupil in cast.others]
    assert set(cells(found, "就读情况")) == {"在读"}
    assert all(id_number(300 + seat) not in "".join(cells(found, "学籍号")) for seat in range(1, 7))
    first = handover.pupils.first()
    seen = handovers.digest(list(handover.pupils.all()))
    words = {first.pk: handovers.Word(arrived=True)}
    handovers.tell_arrivals(actor=cast.clerk, handover=handover, words=words, on=JULY, seen=seen)
    assert first.student.name not in cells(sheet("class-handover", cast.clerk, **asked, choice="away"), "姓名")
    assert (
        books.registry["class-handover"].sheets(Asked(cast.far_clerk, cast.far_school, JULY, about=handover.pk)) == []
    )


def test_the_certificates_of_a_year(cast: Cast, nine: Classroom) -> None:
    term = cast.school.terms.get()
    assert list(sheet("graduates", cast.clerk, school=cast.school, on=JULY, term=term).rows) == []
    seen = new_year.plan(cast.school, JULY).digest
    new_year.turn(actor=cast.clerk, school=cast.school, day=JULY, seen=seen, classes={})
    found = sheet("graduates", cast.clerk, school=cast.school, on=JULY, term=term)
    assert cells(found, "姓名") == [pupil.name for pupil in cast.others]
    assert set(cells(found, "班级")) == {"九(1)班"}
    assert set(cells(found, "毕业日期")) == {datetime.date(2026, 7, 3)}


# --- Entry notices ----------------------------------------------------------------------------------------------
def issue(cast: Cast, *children: Child) -> list:
    made = entry_notices.issue(
        actor=cast.clerk, school=cast.school, children=children, issued_on=JULY, report_on=SEPTEMBER
    )
    return list(made.made)


def text_of(form: Form) -> str:
    return "\n".join(str(box.value) for row in form.rows for box in row)


def test_a_notice_is_a_letter_with_its_receipt(cast: Cast, nine: Classroom) -> None:
    (notice,) = issue(cast, Child("扎西卓玛", datetime.date(2020, 5, 1), "卓玛", "柳树村2组"))
    (form,) = books.registry["entry-notice"].sheets(Asked(cast.clerk, cast.school, JULY, about=notice.pk))
    assert isinstance(form, Form)
    assert (form.title, form.caption) == ("义务教育阶段学生入学通知书", ("编号：2026年第001号",))
    text = text_of(form)
    assert text.startswith("卓玛：")
    assert "你的被监护人扎西卓玛已到入学年龄" in text
    assert "请于2026年9月1日送到青石乡九年一贯制学校报到" in text
    labels = [box.value for row in form.rows for box in row if box.label]
    assert labels == [
        "送　达　回　证", "送达文书名称及文号", "受送达人", "送达地点", "送达时间", "送达方式", "受送达人签名或盖章",
        "拒收事由", "见证人", "送达人（两人以上）",
    ]  # fmt: skip
    assert books.registry["entry-notice"].sheets(Asked(cast.far_clerk, cast.far_school, JULY, about=notice.pk)) == []


def test_who_enters_the_junior_school_is_told_so(cast: Cast, nine: Classroom) -> None:
    (notice,) = issue(cast, Child("陈大山", datetime.date(2014, 8, 31)))
    (form,) = books.registry["entry-notice"].sheets(Asked(cast.clerk, cast.school, JULY, about=notice.pk))
    assert isinstance(form, Form)
    assert "陈大山已小学毕业，应当升入初中" in text_of(form)


def test_many_are_printed_a_page_each_and_none_is_a_zero_report(cast: Cast, nine: Classroom) -> None:
    asked = Asked(cast.clerk, cast.school, JULY, choice="unserved")
    (empty,) = books.registry["entry-notices"].sheets(asked)
    assert isinstance(empty, Sheet)
    first, *_ = issue(cast, Child("扎西"), Child("卓玛"), Child("达娃"))
    assert len(books.registry["entry-notices"].sheets(asked)) == 3
    entry_notices.serve(actor=cast.clerk, notice=first, on=JULY, how="邮寄送达")
    assert [form.name for form in books.registry["entry-notices"].sheets(asked)] == ["002卓玛", "003达娃"]
    found = sheet("entry-notice-ledger", cast.clerk, school=cast.school, on=JULY, choice="all")
    assert cells(found, "送达方式") == ["邮寄送达", "", ""]


def test_a_book_costs_the_same_for_many(cast: Cast, term: Term) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            found = sheet("unregistered", cast.clerk, school=cast.school, on=FIRST, term=term, choice="both")
            cells(found, "监护人")
        return len(queries)

    cost()  # what a person may see is read once
    few = cost()
    for number in range(20):
        make_pupil(cast.school, cast.seven, 20 + number, f"多出{number}", 100 + number)
    assert cost() == few
