"""异动登记册, the four ledgers, the figures, the lists: columns, rows, periods, what is masked, what is struck."""

import datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from kongchuo import dates, xlsx
from kongchuo.sheets import Sheet, words
from schools.books import Asked
from schools.models import Term
from students import roll
from students.books import due, figures, ledgers, register
from students.books.changes import LISTS
from students.codes import Change
from students.models import RollChange
from tests.cast import WEDNESDAY, Cast, id_number, make_pupil
from tests.students.movebook import LONG_NAME, LONG_SCHOOL, PHONE, WILD, MoveBook, change, day, make_moves, paper

REGISTER = "序号|姓名|异动类别|原年级班|去向/来源校|异动日期|证明文号|经办人|备注".split("|")


@pytest.fixture
def book(cast: Cast) -> MoveBook:
    return make_moves(cast)


def ask(cast: Cast, **more: Any) -> Asked:
    return Asked(**({"user": cast.clerk, "school": cast.school, "on": WEDNESDAY} | more))


def table(sheet: Sheet) -> list[dict[str, str]]:
    """The lines as they are printed, by header."""
    headers = [column.header for column in sheet.columns]
    return [dict(zip(headers, map(words, line), strict=True)) for line in sheet.lines([])]


def names(sheet: Sheet) -> list[str]:
    return [line["姓名"] for line in table(sheet)]


# --- 登记册 ----------------------------------------------------------------------------------------------------
def test_the_register_tells_each_change_of_the_term(book: MoveBook) -> None:
    (sheet,) = register.register(ask(book.cast))
    assert [column.header for column in sheet.columns] == REGISTER
    assert sheet.title == "青石乡九年一贯制学校2025-2026学年度第二学期学籍异动登记册"
    lines = table(sheet)
    assert [(line["姓名"], line["异动类别"]) for line in lines] == [
        ("王小梅", "续休"), (LONG_NAME, "转出"), ("何石榴", "转入"), ("李建军", "休学"),
        ("扎西卓玛", "寄读(籍在人不在)"),
        (WILD, "借读(人在籍不在)"), ("陈大山", "留级"), ("周小川", "死亡"), ("赵海燕", "出国(境)"), ("王小梅", "复学"),
        ("扎西卓玛", "送教上门"),
    ]  # fmt: skip
    assert lines[1] == {
        "序号": "2", "姓名": LONG_NAME, "异动类别": "转出", "原年级班": "七(1)班",
        "去向/来源校": f"{LONG_SCHOOL}（南江省云岭县）", "异动日期": "2026.3.2", "证明文号": "青九转〔2026〕3号",
        "经办人": "赵教务", "备注": "办理中；监护人在安置区买房",
    }  # fmt: skip
    assert (lines[2]["原年级班"], lines[2]["备注"]) == ("", "编入七(1)班；办理中")
    assert lines[3]["备注"] == "至2026年3月20日"


def test_a_voided_change_stands_struck_in_the_register_when_asked_and_nowhere_else(book: MoveBook) -> None:
    asked = ask(book.cast, choice=register.WITH_VOIDED)
    (sheet,) = register.register(asked)
    struck = [line for line in sheet.lines([]) if line.struck]
    assert [line[1:5] for line in struck] == [["李建军", "转出（作废）", "八(1)班", "写错的学校"]]
    assert struck[0][-1] == "3/11作废，赵教务：登记错了人"
    page = load_workbook(BytesIO(xlsx.write_workbook([sheet], xlsx.Edition.PRINT).content)).worksheets[0]
    lines = {row[2].value: row[1].font.strike for row in page.iter_rows(min_row=4) if row[2].value}
    assert lines["转出（作废）"]
    assert not lines["转入"]
    for other in LISTS:
        for part in other.sheets(ask(book.cast)):
            assert "写错的学校" not in str(table(part))


def test_the_register_of_one_kind_one_class_one_month(book: MoveBook) -> None:
    def chosen(**more: Any) -> list[str]:
        return names(register.register(ask(book.cast, **more))[0])

    assert chosen(choice=Change.SUSPENSION) == ["王小梅", "李建军"]
    assert chosen(classroom=book.cast.eight) == ["赵海燕", "王小梅", "扎西卓玛"]
    assert chosen(month="2026-02") == ["王小梅"]
    assert chosen(month="2025-10") == ["王小梅"]  # of the other class
    assert chosen(month="2026-04") == []
    assert chosen(on=day(3, 2)) == ["王小梅", LONG_NAME]
    assert len(chosen(choice=Change.GUEST_IN)) == 1


def test_terms_meet_without_a_gap(book: MoveBook) -> None:
    cast = book.cast
    autumn = Term.objects.create(
        school=cast.school, school_year=2025, number=1, starts_on=day(9, 3, 2025), ends_on=day(1, 16)
    )
    spring = Term.objects.get(school=cast.school, number=2)
    holidays = change(cast, cast.others[4], Change.BOARD_OUT, day(1, 30), other_school="假期里走的")
    summer = change(cast, cast.others[5], Change.BOARD_OUT, day(9, 1, 2025), other_school="开学前走的")
    found = {
        term.number: {line["去向/来源校"] for line in table(register.register(ask(cast, term=term))[0])}
        for term in (autumn, spring)
    }
    assert {holidays.other_school, summer.other_school} <= found[1]
    assert not {holidays.other_school, summer.other_school} & found[2]


def test_without_a_calendar_the_half_of_the_year_counts(book: MoveBook) -> None:
    Term.objects.all().delete()
    assert "王小梅" in names(register.register(ask(book.cast))[0])
    autumn = register.register(ask(book.cast, on=day(1, 31)))[0]
    assert names(autumn) == ["王小梅", "王小梅"]


def test_a_register_shows_the_own_school_only(book: MoveBook) -> None:
    far = Asked(book.cast.far_clerk, book.cast.far_school, WEDNESDAY)
    assert {line["去向/来源校"] for line in table(register.register(far)[0])} == {"远处"}
    stranger = Asked(book.cast.far_clerk, book.cast.school, WEDNESDAY)
    for one in LISTS:
        assert [table(sheet) for sheet in one.sheets(stranger)] == [[] for _ in one.sheets(stranger)]


# --- Ledgers --------------------------------------------------------------------------------------------------
def test_the_ledger_of_suspensions(book: MoveBook) -> None:
    (sheet,) = ledgers.suspensions(ask(book.cast))
    first, second = table(sheet)
    assert (first["姓名"], first["类别"], first["期满"]) == ("王小梅", "续休", "2026.12.31")
    assert first["材料"].startswith("0份，缺：休学书面申请")
    assert second == {
        "序号": "2", "姓名": "李建军", "性别": "女", "年级班": "七(1)班", "学籍号": "G530000" + "*" * 12,
        "类别": "休学", "原因": "伤病", "申请日期": "2026.3.1", "休学起": "2026.3.3", "期满": "2026.3.20",
        "证明文号": "云教休〔2026〕5号", "材料": "3份，齐全", "办结日期": "2026.3.6",
        "经办人": "赵教务", "复学日期": "", "备注": "",
    }  # fmt: skip


def test_a_suspension_tells_how_it_ended_but_not_before_it_did(book: MoveBook) -> None:
    def line(on: datetime.date) -> dict[str, str]:
        return table(ledgers.suspensions(ask(book.cast, on=on, month="2025-10"))[0])[0]

    assert line(WEDNESDAY)["复学日期"] == "2026.3.9"
    assert line(day(3, 8))["复学日期"] == ""
    change(book.cast, book.suspended.student, Change.TRANSFER_OUT, WEDNESDAY, other_school="白水乡中学")
    assert table(ledgers.suspensions(ask(book.cast))[0])[1]["备注"] == "3/11转出"


def test_the_ledgers_of_transfers(book: MoveBook) -> None:
    out, into = ledgers.transfers(ask(book.cast))
    assert [line["姓名"] for line in table(out)] == [LONG_NAME]
    (line,) = table(out)
    assert (line["转入学校"], line["学校标识码"], line["转入地"], line["原因"]) == (
        LONG_SCHOOL, "2153000077", "南江省云岭县", "迁居",
    )  # fmt: skip
    assert (line["接收佐证"], line["材料"], line["办结日期"]) == ("", "1份，缺：接收学校回执或就读证明", "")
    paper(book.cast, book.out, "receipt", "接收回执", grade="receipt")
    assert table(ledgers.transfers(ask(book.cast))[0])[0]["接收佐证"] == "接收回执或就读证明"
    (line,) = table(into)
    assert (line["姓名"], line["编入年级班"], line["转出学校"], line["来源地"]) == (
        "何石榴", "七(1)班", "白水乡中学", "云岭县白水乡",
    )  # fmt: skip


def test_the_ledgers_of_guests_and_of_those_kept_back(book: MoveBook) -> None:
    (guests,) = ledgers.guests(ask(book.cast))
    assert [(line["姓名"], line["类别"], line["对方学校"], line["佐证等级"]) for line in table(guests)] == [
        ("扎西卓玛", "寄读(籍在人不在)", "东海市第九中学", "电话核实"),
        (WILD, "借读(人在籍不在)", "东海市第九中学", ""),
    ]
    change(book.cast, book.guest.student, Change.GUEST_OUT, day(3, 10))
    assert table(ledgers.guests(ask(book.cast))[0])[1]["结束日期"] == "2026.3.9"
    (retained,) = ledgers.retained(ask(book.cast))
    (line,) = table(retained)
    assert (line["原年级班"], line["现年级班"], line["审签文号"]) == ("七(1)班", "六(1)班", "云教审〔2026〕1号")
    assert any("未经审签视为无效" in note for note in retained.head.notes)


# --- Figures --------------------------------------------------------------------------------------------------
def test_the_figures_count_people_papers_and_completeness(book: MoveBook) -> None:
    by_class, by_month = figures.transfers_by_class(ask(book.cast))
    seven, total = table(by_class)
    assert seven == total | {"班级": "七(1)班"}
    assert [seven[f"{word}人数"] for word in ("转入", "转出", "休学")] == ["1", "1", "2"]
    assert [seven[f"{word}证明份数"] for word in ("转入", "转出", "休学")] == ["1", "1", "3"]
    assert (seven["休学材料齐全"], seven["休学齐全率"], seven["转出齐全率"]) == ("1", "50.00%", "0.00%")
    assert [(line["月份"], line["休学人数"], line["转入齐全率"]) for line in table(by_month)] == [
        ("2026年2月", "1", "—"), ("2026年3月", "1", "0.00%"), ("合计", "2", "0.00%"),
    ]  # fmt: skip


def test_the_pace_tells_who_was_late_at_which_step(book: MoveBook) -> None:
    kinds, steps, late = figures.pace(ask(book.cast))
    by_kind = {line["异动类别"]: line for line in table(kinds)}
    assert by_kind["转出"] == {
        "异动类别": "转出", "登记笔数": "1", "已办结": "0", "其中按期": "0", "其中超期": "0", "办理中": "1",
        "其中已超期": "1", "按期办结率": "—", "超期学生": LONG_NAME,
    }  # fmt: skip
    assert (by_kind["休学"]["已办结"], by_kind["休学"]["其中按期"]) == ("2", "")  # no deadline runs
    assert by_kind["合计"]["登记笔数"] == "11"
    kept = ("环节", "按期办完", "超期办完", "未办、已超期", "按期率")
    assert [tuple(line[header] for header in kept) for line in table(steps)] == [
        ("转入学校", "1", "0", "0", "100.00%"),
        ("转入校学籍主管部门", "0", "1", "0", "0.00%"),
        ("转出学校", "0", "0", "1", "0.00%"),
        ("合计", "1", "1", "1", "33.33%"),
    ]  # fmt: skip
    assert [(line["环节"], line["期限"], line["办完日期"], line["超期(自然日)"]) for line in table(late)] == [
        ("转入校学籍主管部门", "2026.3.5", "2026.3.9", "4"), ("转出学校", "2026.3.10", "", "1"),
    ]  # fmt: skip


def test_on_the_last_day_a_step_is_not_late(book: MoveBook) -> None:
    *_, late = figures.pace(ask(book.cast, on=day(3, 5)))
    assert table(late) == []
    *_, late = figures.pace(ask(book.cast, on=day(3, 6)))
    assert [line["环节"] for line in table(late)] == ["转入校学籍主管部门"]


def test_whose_suspension_ends(book: MoveBook) -> None:
    def line(on: datetime.date) -> str:
        return next((line["提醒"] for line in table(due.suspensions_due(ask(book.cast, on=on))[0])), "")

    assert names(due.suspensions_due(ask(book.cast))[0]) == ["李建军"]
    assert names(due.suspensions_due(ask(book.cast, choice=due.EVERYBODY))[0]) == ["李建军", "王小梅"]
    ends = day(3, 20)
    assert [line(ends + datetime.timedelta(days=days)) for days in (-9, 0, 1, 14, 15)] == [
        "快到期，请联系家长", "今天期满", "已期满，催办复学或续休", "已期满，催办复学或续休", "按辍学核查",
    ]  # fmt: skip
    change(book.cast, book.suspended.student, Change.RESUMPTION, WEDNESDAY, settled_on=WEDNESDAY)
    assert names(due.suspensions_due(ask(book.cast, on=day(3, 12)))[0]) == []


def test_deaths_are_listed_with_their_papers(book: MoveBook) -> None:
    (sheet,) = register.deaths(ask(book.cast))
    (line,) = table(sheet)
    assert (line["姓名"], line["死亡日期"], line["原因"], line["材料"]) == (
        "周小川", "2026.3.6", "因病死亡", "0份，缺：死亡证明",
    )  # fmt: skip


# --- Files ----------------------------------------------------------------------------------------------------
def test_nothing_happened_is_a_report_too(cast: Cast) -> None:
    for one in LISTS:
        page = load_workbook(BytesIO(xlsx.write_workbook(one.sheets(ask(cast)), xlsx.Edition.PRINT).content))
        assert "无（零报告）" in [cell.value for row in page.worksheets[0] for cell in row], one.title


def everything(sheets: list[Sheet]) -> str:
    """All the XML of the workbook, both editions."""
    found = ""
    for edition in xlsx.Edition:
        with ZipFile(BytesIO(xlsx.write_workbook(sheets, edition).content)) as archive:
            found += "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
    return found


def test_a_masked_list_holds_no_number_and_a_full_one_does(book: MoveBook) -> None:
    RollChange.objects.filter(pk=book.out.pk).update(note=f"父亲{PHONE}")
    book.suspended.student.guardians.update(phone=PHONE)
    secret = "G" + id_number(1)
    masked = everything([sheet for one in LISTS for sheet in one.sheets(ask(book.cast))])
    assert LONG_NAME in masked
    assert secret not in masked
    assert PHONE not in masked
    assert "139****1234" in masked
    full = everything([sheet for one in LISTS for sheet in one.sheets(ask(book.cast, full=True))])
    assert secret in full
    assert PHONE in full


def test_a_formula_in_a_name_stays_text(book: MoveBook) -> None:
    data = xlsx.write_workbook(register.register(ask(book.cast)), xlsx.Edition.DATA).content
    page = load_workbook(BytesIO(data)).worksheets[0]
    assert [cell.value for cell in page[1]] == REGISTER
    assert [cell.data_type for row in page for cell in row if cell.value == WILD] == ["s"]


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.key)
def test_twenty_changes_cost_as_many_queries_as_two(cast: Cast, one: Any) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for sheet in one.sheets(ask(cast)):
                table(sheet)
        return len(queries)

    def leave(count: int) -> None:
        for place in range(count):
            pupil = make_pupil(cast.school, cast.seven, 50 + place, "某某", 400 + RollChange.objects.count())
            kind, facts = CASES[place % len(CASES)]
            moved = roll.record(actor=cast.clerk, student=pupil, kind=kind, on=dates.today(), **facts)
            paper(cast, moved, "application", "申请")

    leave(len(CASES))
    few = cost()
    leave(5 * len(CASES))
    assert cost() == few


CASES: tuple[tuple[Change, dict[str, Any]], ...] = (
    (Change.SUSPENSION, {"until": day(3, 20)}),
    (Change.TRANSFER_OUT, {"other_school": "白水乡中学"}),
    (Change.BOARD_OUT, {}),
    (Change.DEATH, {}),
)
