"""花名册, 通讯录 and 学额统计表: what they list on a day, and that their figures are those of the roll."""

import datetime
from io import BytesIO
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from kongchuo import dates
from kongchuo.sheets import Sheet, Stamp
from schools import books
from schools.books import Asked, Order
from schools.codes import ExportFormat
from students import roll, services
from students.books import quota, roster
from students.codes import Change
from students.models import Guardian, Student
from tests.cast import WEDNESDAY, Cast, id_number, login, make_pupil

PHONE = "1" + "39" + "00001234"
STAMP = Stamp("测试", dates.at(WEDNESDAY, 9))
FEBRUARY, MARCH = datetime.date(2026, 2, 16), datetime.date(2026, 3, 2)


def asked(cast: Cast, who: str = "clerk", on: datetime.date = WEDNESDAY, **more: Any) -> Asked:
    return Asked(user=getattr(cast, who), school=getattr(cast, who).duties_today[0].unit, on=on, **more)


def cells(sheet: Sheet, header: str) -> list[Any]:
    place = [column.header for column in sheet.columns].index(header)
    refused: list[Any] = []
    found = [line[place] for line in sheet.lines(refused)]
    assert not refused
    return found


@pytest.fixture
def moved(cast: Cast) -> Cast:
    """One suspended in February, one gone in March, one borrowed, one from elsewhere, one moved between the classes."""
    clerk = cast.clerk
    services.change_enrollment(
        actor=clerk, student=cast.pupils[0], from_day=FEBRUARY, change=Change.SUSPENSION, basis="休学申请"
    )
    roll.record(actor=clerk, student=cast.pupils[1], kind=Change.TRANSFER_OUT, on=MARCH, settled_on=MARCH, basis="回执")
    roll.record(actor=clerk, student=cast.pupils[2], kind=Change.TRANSFER_OUT, on=MARCH, basis="申请")
    roll.record(
        actor=clerk, student=cast.pupils[3], kind=Change.CLASS, on=MARCH, settled_on=MARCH, classroom=cast.eight,
        basis="编班",
    )  # fmt: skip
    for serial, (name, kind) in enumerate((("吉木·阿果", Change.TRANSFER_IN), ("借读生", Change.GUEST_IN)), 970):
        services.enrol(
            actor=clerk, school=cast.school, classroom=cast.seven, name=name, starts_on=MARCH, started_by=kind,
            id_no=id_number(serial), change={"settled_on": MARCH}, basis="申请",
        )  # fmt: skip
    return cast


def names(cast: Cast, on: datetime.date, **more: Any) -> set[str]:
    return set(cells(roster.roster(asked(cast, on=on, **more))[0], "姓名"))


def test_the_roster_of_any_day_is_the_roll_of_that_day(moved: Cast) -> None:
    own = {pupil.name for pupil in moved.pupils}
    assert names(moved, datetime.date(2026, 2, 1), classroom=moved.seven) == own
    now = own - {moved.pupils[1].name, moved.pupils[3].name} | {"吉木·阿果", "借读生"}
    assert names(moved, WEDNESDAY, classroom=moved.seven) == now
    for day in (datetime.date(2025, 8, 31), FEBRUARY, MARCH, WEDNESDAY):
        held = Student.objects.filter(school=moved.school).on_roll(day)
        guests = {"借读生"} if day >= MARCH else set()
        assert names(moved, day) == {pupil.name for pupil in held} | guests


def test_the_roster_says_how_each_stands_and_counts_itself(moved: Cast) -> None:
    sheet = roster.roster(asked(moved, classroom=moved.seven))[0]
    assert " ".join(column.header for column in sheet.columns) == (
        "序号 班级 座号 姓名 性别 民族 出生日期 身份证号 学籍号 就读方式 户籍 现住址 监护人 关系 电话 状态 备注"
    )
    told = dict(zip(cells(sheet, "姓名"), zip(cells(sheet, "状态"), cells(sheet, "备注"), strict=True), strict=True))
    assert told[moved.pupils[0].name] == ("休学", "2026.2.16休学")
    assert told["吉木·阿果"] == ("在读", "2026.3.2转入")
    assert told[moved.pupils[4].name] == ("在读", "")
    assert sheet.head.notes[0] == (
        "在册5人，其中在读3人、休学1人、转出待接续1人；另有借读（人在籍不在）1人，不计入在册。"
    )
    assert set(cells(sheet, "班级")) == {"七(1)班"}


def test_the_class_is_called_as_it_was_called_then(cast: Cast) -> None:
    assert set(cells(roster.roster(asked(cast, on=datetime.date(2025, 9, 1)))[0], "班级")) == {"七(1)班", "八(1)班"}
    assert asked(cast, on=datetime.date(2025, 8, 1), classroom=cast.eight).place.endswith("七(1)班")


def test_a_head_teacher_sees_the_own_class_only(moved: Cast) -> None:
    own = names(moved, WEDNESDAY, classroom=moved.seven)
    assert set(cells(roster.roster(asked(moved, "head"))[0], "姓名")) == own
    assert cells(roster.roster(asked(moved, "head", classroom=moved.eight))[0], "姓名") == []


def test_numbers_are_masked_unless_asked_for_in_full(cast: Cast) -> None:
    number = Student.objects.get(pk=cast.pupils[0].pk).id_no.reveal()
    Guardian.objects.filter(student=cast.pupils[0]).update(phone=PHONE)

    def text(full: bool) -> str:
        order = Order(books.registry["roster"], asked(cast, full=full), ExportFormat.DATA)
        return str(list(load_workbook(BytesIO(books.make(order, STAMP).content)).active.values))

    assert number not in text(False)
    assert PHONE not in text(False)
    assert number[:6] in text(False)
    assert number in text(True)
    assert PHONE in text(True)


def test_the_directory_tells_father_mother_and_who_else(cast: Cast) -> None:
    child = cast.pupils[0]
    child.guardians.all().delete()
    for position, (name, relation, phone, answers) in enumerate(
        (("李大山", "51", PHONE, True), ("周奶奶", "62", "", True), ("王小姨", "97", PHONE, False)), 1
    ):
        Guardian.objects.create(
            student=child, position=position, name=name, relation=relation, phone=phone, is_guardian=answers
        )
    sheet = roster.directory(asked(cast, classroom=cast.seven))[0]
    row = cells(sheet, "学生").index(child.name)
    told = {header: cells(sheet, header)[row] for header in ("父亲", "母亲", "其他监护人", "备用联系人", "有无电话")}
    assert told == {
        "父亲": "李大山", "母亲": "", "其他监护人": "周奶奶", "备用联系人": "王小姨 139****1234", "有无电话": "有",
    }  # fmt: skip
    assert cells(sheet, "有无电话").count("无（上门）") == len(cast.pupils) - 1


# --- 学额统计表 -----------------------------------------------------------------------------------------------------
def line(cast: Cast, on: datetime.date, label: str) -> dict[str, int]:
    rows = quota.quota(asked(cast, on=on, month=f"{on:%Y-%m}"))[0].rows
    return next({name: getattr(row, name) for name in quota.FIGURES} for row in rows if row.label == label)


def test_a_class_in_a_month(moved: Cast) -> None:
    march = {key: value for key, value in line(moved, WEDNESDAY, "七(1)班").items() if value}
    assert march == {
        "start": 5, "transferred_in": 1, "transferred_out": 2, "other_out": 1, "end": 3, "suspended_at_end": 1,
        "elsewhere_at_end": 1,
    }  # fmt: skip
    february = {key: value for key, value in line(moved, datetime.date(2026, 2, 28), "七(1)班").items() if value}
    assert february == {"start": 6, "suspended": 1, "end": 5, "suspended_at_end": 1}
    assert line(moved, WEDNESDAY, "八(1)班")["other_in"] == 1


def test_every_line_adds_up_and_ends_as_the_roll_does(moved: Cast) -> None:
    roll.record(
        actor=moved.clerk, student=moved.pupils[0], kind=Change.RESUMPTION, on=datetime.date(2026, 3, 9),
        settled_on=datetime.date(2026, 3, 9), basis="复学申请",
    )  # fmt: skip
    assert line(moved, WEDNESDAY, "七(1)班")["resumed"] == 1
    for sheet in quota.quota(asked(moved, month="2026-03")):
        for row in sheet.rows:
            came = row.transferred_in + row.resumed + row.other_in
            assert row.start + came - row.transferred_out - row.suspended - row.other_out == row.end, row
    for day in (datetime.date(2025, 9, 30), datetime.date(2026, 2, 28), MARCH, WEDNESDAY):
        total = quota.quota(asked(moved, on=day, month=f"{day:%Y-%m}"))[0].rows[-1]
        assert total.on_roll == Student.objects.filter(school=moved.school).on_roll(day).count()


def test_the_months_follow_each_other(moved: Cast) -> None:
    through = quota.quota(asked(moved, month="2026-03"))[1].rows
    for label in {row.label for row in through}:
        rows = [row for row in through if row.label == label]
        assert [row.month for row in rows][:2] == ["2025年9月", "2025年10月"]
        assert all(after.start == before.end for before, after in pairwise(rows))


def test_an_empty_school_reports_zero(cast: Cast) -> None:
    sheet = roster.roster(asked(cast, on=datetime.date(2024, 1, 1)))[0]
    assert list(sheet.lines([])) == []
    made = books.make(
        Order(books.registry["roster"], asked(cast, on=datetime.date(2024, 1, 1)), ExportFormat.XLSX), STAMP
    )
    assert "无（零报告）" in str(list(load_workbook(BytesIO(made.content)).worksheets[0].values))


@pytest.mark.parametrize("key", ["roster", "directory", "quota"])
def test_pages_cost_the_same_with_more_pupils(cast: Cast, key: str) -> None:
    client = login(cast.clerk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("schools:book", args=(key,))).status_code == 200
        return len(queries)

    cost()
    before = cost()
    for seat in range(20, 40):
        make_pupil(cast.school, cast.seven, seat, f"新生{seat}", 500 + seat)
    assert cost() == before <= 25
