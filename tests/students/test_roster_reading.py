"""Files of every kind become rows, and every row below the header is accounted for under the number Excel shows."""

import datetime
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from students.roster.cells import UnreadableRoster
from students.roster.classlabels import ClassLabel
from tests.cast import id_number
from tests.students.roster_files import outcome, read, read_rows, saved, text_file, workbook

HEADER = ("姓名", "性别", "身份证号", "班级")
ROOT = Path(__file__).resolve().parents[2]


def pupils(count: int) -> list[tuple[str, str, str, str]]:
    """Rows of pupils whose sex fits their number."""
    return [(f"学生{'甲乙丙丁戊己庚辛'[n % 8]}", "女男"[n % 2], id_number(n), "三(2)班") for n in range(1, count + 1)]


def names(data: bytes) -> list[str]:
    return [row.values["name"] for row in read(data).rows]


@pytest.mark.parametrize(
    ("separator", "encoding"),
    [
        (",", "utf-8"),
        (",", "utf-8-sig"),
        (",", "gb18030"),
        (";", "gbk"),
        ("\t", "utf-8"),
        ("\t", "utf-16"),
        ("，", "gb18030"),
    ],
)
def test_text_files(separator: str, encoding: str) -> None:
    rows = [HEADER, *pupils(3)]
    data = text_file(rows, separator, encoding)
    assert names(data) == [row[0] for row in rows[1:]]
    assert [row.values["id_no"] for row in read(data).rows] == [row[2] for row in rows[1:]]


def test_a_workbook() -> None:
    roster = read(workbook(("花名册", [("青石小学",), HEADER, *pupils(2)])))
    first = roster.rows[0]
    assert first.number == 3
    assert first.values["name"] == "学生乙"
    assert first.values["birth_date"] == datetime.date(2013, 4, 12)
    assert first.values["label"] == ClassLabel(3, 2)
    assert [(column.letter, column.field) for column in roster.columns] == [
        ("A", "name"), ("B", "sex"), ("C", "id_no"), ("D", "classroom"),
    ]  # fmt: skip
    assert roster.notices == []


def test_the_limited_process_does_without_django() -> None:
    code = "import sys, students.roster.child, students.roster.readers; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_every_row_is_accounted_for_under_its_number_in_excel() -> None:
    rows = read_rows(
        ("某校花名册",),
        ("序号", "姓名", "性别", "民族"),
        (1, "扎西", "男", "藏"),
        (2, None, None, None),  # a form that was numbered beforehand
        (None, None, None, None),
        (3, None, "女", "汉"),
        ("序号", "姓名", "性别", "民族"),  # the header again, at the top of a printed page
        (4, "卓玛", "女", "葬"),
        ("合计", "2人", None, None),
        (None, None, None, "制表人：张三"),
    )
    assert [row.number for row in rows] == list(range(3, 11))
    assert [outcome(row) for row in rows] == [
        "read", "blank", "blank", "refused", "refused", "refused", "refused", "refused",
    ]  # fmt: skip
    assert rows[3].refusals == ["没有姓名"]
    assert "重复的表头" in rows[4].refusals[0]
    assert rows[5].refusals == ["民族「葬」认不出"]
    assert "合计" in rows[6].refusals[0]
    assert "合计" in rows[7].refusals[0]


def test_all_reasons_of_a_row_are_named_at_once() -> None:
    (row,) = read_rows(("姓名", "性别", "身份证号", "联系电话"), ("扎西", "汉子", 5.3e17, "问老师"))
    assert len(row.refusals) == 3


def test_what_the_id_number_tells() -> None:
    female = id_number(2)
    (plain, odd) = read_rows(
        ("姓名", "性别", "出生日期", "身份证号"), ("卓玛", None, None, female), ("扎西", "男", "2012-01-01", female)
    )
    assert (plain.values["sex"], plain.values["birth_date"]) == ("2", datetime.date(2013, 4, 12))
    assert plain.values["derived"] == ["birth_date", "sex"]
    # There are families whose papers are wrong: the office's word is stored, and it is told.
    assert (odd.values["sex"], odd.values["birth_date"]) == ("1", datetime.date(2012, 1, 1))
    assert odd.warnings == ["出生日期与身份证号不一致，照名册存", "性别与身份证号不一致，照名册存"]


def test_a_month_of_birth_takes_its_day_from_the_id_number() -> None:
    rows = read_rows(
        ("姓名", "出生年月", "身份证号"),
        ("扎西", "2013.04", id_number(1)),
        ("卓玛", "2013.05", id_number(2)),
        ("达瓦", "2013-04", None),
    )
    assert rows[0].values["birth_date"] == datetime.date(2013, 4, 12)
    assert [row.refusals for row in rows[1:]] == [
        ["出生日期只有2013年5月，请写到日"],
        ["出生日期只有2013年4月，请写到日"],
    ]


def test_ages_out_of_school_age_are_wondered_about() -> None:
    rows = read_rows(
        ("姓名", "出生日期"), *[("扎西", date) for date in ("20220101", "20210101", "20070101", "20270101")]
    )
    assert [row.warnings for row in rows] == [["年龄4岁，请核对出生日期"], [], ["年龄19岁，请核对出生日期"], []]
    assert rows[3].refusals == ["出生日期在今天以后"]


def test_a_roll_number_of_an_older_id_number_is_only_mentioned() -> None:
    rows = [
        ("姓名", "学籍号", "身份证号"),
        ("扎西", "G" + id_number(9), id_number(1)),
        ("卓玛", "G" + id_number(2), id_number(2)),
    ]
    roster = read(workbook(("名册", rows)))
    assert [outcome(row) for row in roster.rows] == ["read", "read"]
    assert roster.notices == ["学籍号与身份证号不一样（改过证号的可以不一样）：第2行。"]


def test_the_status_on_the_roll() -> None:
    rows = read_rows(("姓名", "学籍状态"), ("甲", "在读"), ("乙", "休学"), ("丙", "转出"))
    assert [outcome(row) for row in rows] == ["read", "read", "refused"]
    assert "休学" in rows[1].warnings[0]


def test_a_student_number_is_a_seat_or_a_roll_number_or_neither() -> None:
    rows = read_rows(("姓名", "学号"), ("甲", "07"), ("乙", "G" + id_number(3)), ("丙", "2024010101"))
    assert [(row.values["seat_no"], row.values["roll_no"][:1]) for row in rows] == [(7, ""), (None, "G"), (None, "")]


def test_the_family() -> None:
    header = ("姓名", "监护人", "关系", "监护人电话", "父亲姓名", "父亲电话", "母亲姓名", "联系电话")
    mother, father = "1" + "0" * 10, "1" + "0" * 9 + "1"
    (row,) = read_rows(header, ("扎西", "卓玛", "母亲", mother, "次仁", father, "卓玛", father))
    assert row.values["guardians"] == [
        {"name": "卓玛", "relation": "52", "phone": mother, "id_no": ""},
        {"name": "次仁", "relation": "51", "phone": father, "id_no": ""},
    ]


def test_a_telephone_without_a_name() -> None:
    number = "1" + "0" * 10
    header = ("姓名", "父亲", "联系电话")
    rows = read_rows(header, ("甲", None, number), ("乙", "李四", number), ("丙", None, "无"))
    assert [[(g["name"], g["phone"]) for g in row.values["guardians"]] for row in rows] == [
        [("", number)], [("李四", number)], [("", "无")],
    ]  # fmt: skip


# --- classes --------------------------------------------------------------------------------------------------


def test_a_list_without_a_class_column_takes_the_class_from_its_title() -> None:
    roster = read(workbook(("Sheet1", [("青石小学三年级（2）班花名册",), ("姓名",), ("扎西",)])))
    assert roster.rows[0].values["label"] == ClassLabel(3, 2)
    assert "没有班级列，按「青石小学三年级（2）班花名册」全部读成三(2)班。" in roster.notices


def test_or_from_the_name_of_the_file() -> None:
    roster = read(text_file([("姓名",), ("扎西",)]), file_name="初一(3)班.csv")
    assert roster.rows[0].values["label"] == ClassLabel(7, 3)


def test_a_merged_class_covers_its_rows() -> None:
    rows = [("班级", "姓名"), ("三(2)班", "甲"), (None, "乙"), (None, None), ("三(3)班", "丙")]
    found = read(workbook(("名册", rows), merged=["A2:A4"])).rows
    assert [row.values["label"].number if row.values else None for row in found] == [2, 2, None, 3]
    assert found[2].blank


def test_grade_and_class_that_contradict_are_refused() -> None:
    rows = read_rows(
        ("姓名", "年级", "班级"),
        ("甲", "三年级", 2),
        ("乙", "三年级", "四(2)班"),
        ("丙", "三年级", datetime.date(2026, 3, 2)),
        ("丁", None, 3.2),
    )
    assert [outcome(row) for row in rows] == ["read", "refused", "refused", "read"]
    assert "不一致" in rows[1].refusals[0]
    assert rows[2].refusals == ["班级被Excel改成了日期（2026-03-02），请把该列设为文本后重填"]
    assert rows[3].values["label"] == ClassLabel(3, 2)


# --- what the clerk should know about the file ----------------------------------------------------------------


def test_hidden_rows_and_columns_are_read_and_announced() -> None:
    data = workbook(("名册", [HEADER, *pupils(5)]), hidden_rows=[3, 4, 6], hidden_columns=["C"])
    roster = read(data)
    assert len([row for row in roster.rows if row.values]) == 5
    assert "有3行在表格里是隐藏的，也读了：第3—4、6行。" in roster.notices
    assert "有1列在表格里是隐藏的，也读了：C列。" in roster.notices


def test_of_two_lists_the_first_is_read_and_the_other_named() -> None:
    sheets = (
        ("一班", [HEADER, *pupils(2)]),
        ("二班", [HEADER, *pupils(3)]),
        ("说明", [("请填写",)]),
        ("旧", [HEADER, *pupils(1)]),
    )
    roster = read(workbook(*sheets, hidden_sheets=["旧"]))
    assert len(roster.rows) == 2
    assert roster.notices[:3] == [
        "读的是工作表「一班」。",
        "工作表「二班」也像花名册，没有读；要一起导入，请重新上传并选「读全部工作表」。",
        "没有读工作表「说明」「旧」（隐藏的）。",
    ]


def test_all_lists_may_be_read_together() -> None:
    sheets = (("三(1)班", [("姓名",), ("甲",)]), ("三(2)班", [("姓名",), ("乙",), ("丙",)]))
    roster = read(workbook(*sheets), all_sheets=True)
    assert [(row.sheet, row.number, row.values["label"].number) for row in roster.rows] == [
        ("三(1)班", 2, 1), ("三(2)班", 2, 2), ("三(2)班", 3, 2),
    ]  # fmt: skip


def test_a_cover_sheet_before_the_list_is_passed_over() -> None:
    roster = read(workbook(("封面", [("某校",)]), ("名册", [HEADER, *pupils(1)])))
    assert len(roster.rows) == 1
    assert roster.notices[:2] == ["读的是工作表「名册」。", "没有读工作表「封面」。"]


def test_cells_of_errors_and_formulas_are_refused_and_not_taken_for_empty() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (("姓名", "身份证号"), ("扎西", "#N/A"), ("卓玛", "=A2")):
        sheet.append(row)
    rows = read(saved(book)).rows
    assert rows[0].refusals == ["身份证号单元格显示「#N/A」，请改成文字或数字"]
    assert rows[1].refusals == ["身份证号单元格显示「公式没有结果」，请改成文字或数字"]


def test_formatting_down_to_the_last_row_of_the_sheet_does_no_harm() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(("姓名",))
    sheet.append(("扎西",))
    sheet["XFD1048576"].font = openpyxl.styles.Font(bold=True)
    assert [row.number for row in read(saved(book)).rows] == [2]


def test_a_lone_quotation_mark_in_a_text_file_swallows_nobody() -> None:
    with pytest.raises(UnreadableRoster, match="双引号没有成对"):
        read('姓名,性别\n"扎西,男\n卓玛,女\n'.encode())


def test_line_breaks_inside_a_text_cell_do_not_shift_the_numbers() -> None:
    rows = read('姓名,备注\n扎西,"第一行\n第二行"\n\n卓玛,\n'.encode()).rows
    assert [(row.number, outcome(row)) for row in rows] == [(2, "read"), (3, "blank"), (4, "read")]
    assert rows[0].values["note"] == "第一行 第二行"
