"""The header is found by itself, and columns by any of their names."""

import datetime

import pytest

from students.roster.cells import Sheet, UnreadableRoster
from students.roster.columns import Words, find_header
from students.roster.rows import read_roster
from students.roster.tables import read_tables
from students.roster.words import ROSTER
from tests.students.roster_files import workbook

TODAY = datetime.date(2026, 3, 11)
# Row 1 of the export of the national 学籍 system, in its order (excerpt of the columns that a school uses).
_SYSTEM_EXPORT = """
学校标识码 姓名 性别 出生日期 出生地 籍贯 民族 国籍/地区 身份证件类型 港澳台侨外 健康状况 政治面貌
身份证件号 户口性质 户口所在地 班级 入学年月 入学方式 就读方式 现住址 通信地址 家庭地址 联系电话 邮政编码
是否独生子女 是否受过学前教育 是否留守儿童 是否孤儿 上下学距离（公里） 班内学号 残疾类型
成员1姓名 成员1关系 成员1联系电话 成员1身份证件号 成员2姓名 成员2关系 成员2联系电话 是否进城务工人员随迁子女
"""
SYSTEM_EXPORT = _SYSTEM_EXPORT.split()


def columns(*rows: list[str | None]) -> dict[str, int]:
    header = find_header(Sheet("名册", rows=[list(row) for row in rows]), ROSTER)
    assert header is not None
    return {name: column.number for name, column in header.columns.items()}


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("姓名", "name"),
        ("姓 名", "name"),
        ("姓\n名", "name"),
        ("★姓名", "name"),
        ("*姓名：", "name"),
        ("姓名（必填）", "name"),
        ("姓名(与户口簿一致)", "name"),
        ("学生姓名【必填】", "name"),
        ("身份证件号\u200b", "id_no"),
        ("公民身份号码", "id_no"),
        ("ＳＦＺＪＨ", "id_no"),
        ("全国学籍号", "roll_no"),
        ("G学籍号", "roll_no"),
        ("户口所在地行政区划", "hukou_address"),
        ("是否进城务工人员随迁子女", "migrant"),
        ("走读／住校", "board_type"),
        ("政治面貌", "political"),
        ("特长生", ""),
        ("", ""),
    ],
)
def test_headings_are_recognised_without_their_decoration(heading: str, field: str) -> None:
    assert ROSTER.field_of(heading) == field


def test_the_header_of_the_national_system_is_recognised() -> None:
    found = columns(SYSTEM_EXPORT)
    assert {"name", "sex", "birth_date", "ethnicity", "id_type", "id_no", "classroom", "entry_month"} <= found.keys()
    assert {"guardian_name", "guardian_relation", "guardian_phone", "guardian_id_no"} <= found.keys()
    assert found["guardian2_phone"] == SYSTEM_EXPORT.index("成员2联系电话") + 1
    assert found["address"] == SYSTEM_EXPORT.index("现住址") + 1


def test_title_rows_above_the_header_are_skipped() -> None:
    found = find_header(
        Sheet("名册", rows=[["青石小学花名册"], ["填表人：", None], [], ["序号", "姓名", "性别"], ["1", "扎西", "男"]]),
        ROSTER,
    )
    assert found is not None
    assert (found.row, found.last_row) == (4, 4)


def test_a_header_may_have_two_rows() -> None:
    upper = ["序号", "姓名", "性别", "父亲", None, "监护人信息", None, None]
    lower = [None, None, None, "姓名", "电话", "姓名", "关系", "联系电话"]
    assert columns(upper, lower) == {
        "serial": 1,
        "name": 2,
        "sex": 3,
        "father_name": 4,
        "father_phone": 5,
        "guardian_name": 6,
        "guardian_relation": 7,
        "guardian_phone": 8,
    }


def test_a_group_above_the_pupils_own_columns() -> None:
    upper = ["学生信息", None, "家长信息", None]
    lower = ["姓名", "性别", "姓名", "电话"]
    assert columns(upper, lower) == {"name": 1, "sex": 2, "guardian_name": 3, "guardian_phone": 4}


def test_a_guardians_name_never_passes_for_the_pupils() -> None:
    rows = [["序号", "监护人", None], [None, "姓名", "电话"], ["1", "李四", "无"]]
    assert find_header(Sheet("名册", rows=rows), ROSTER) is None


def test_a_title_of_several_cells_does_not_hide_the_header() -> None:
    title = ["班级", "三(2)班", "班主任", "张老师"]
    assert columns(title, ["序号", "姓名", "性别", "民族"]) == {"serial": 1, "name": 2, "sex": 3, "ethnicity": 4}


def test_a_row_of_pupils_below_the_header_is_no_part_of_it() -> None:
    header = find_header(Sheet("名册", rows=[["姓名", "性别", "备注"], ["扎西", "男", "说明"]]), ROSTER)
    assert header is not None
    assert header.last_row == 1


def test_a_column_found_twice_is_said() -> None:
    rows = [["姓名", "现住址", "家庭住址", "爱好"], ["扎西", "柳树村", "青石乡", "唱歌"]]
    roster = read_roster([Sheet("", rows=rows)], today=TODAY)
    assert roster.rows[0].values["address"] == "柳树村"
    assert "这些列没有读：家庭住址、爱好。" in roster.notices


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["班级", "性别", "民族"], ["三(2)班", "男", "汉"]], "没有「姓名」这一列"),
        ([["名单"], ["扎西"]], "没有找到表头"),
        ([], "没有找到表头"),
        ([[None]] * 10 + [["姓名"], ["扎西"]], "没有找到表头"),
        ([["姓名", "性别"]], "一个学生也没有"),
        ([["姓名", "性别"], [None, None]], "一个学生也没有"),
    ],
)
def test_a_sheet_without_a_usable_header_is_refused(rows: list, sentence: str) -> None:
    with pytest.raises(UnreadableRoster, match=sentence):
        read_roster([Sheet("名册", rows=rows)], today=TODAY)


# --- lists with columns of the caller's own -----------------------------------------------------------------
VILLAGE = Words({"head": "户主 户主姓名", "name": "姓名 家庭成员", "village": "村 村委会"}, needs="head")


def test_a_list_is_read_by_a_table_of_words_of_its_own() -> None:
    rows = [("柳树村摸底册",), ("村（社区）", "户 主", "姓名", "备注"), ("柳树村", "次仁", "丹增", None), (None,) * 4,
            ("村", "户主", "姓名", None), (None, "扎西", "达瓦")]  # fmt: skip
    (table,) = read_tables(workbook(("一组", rows), ("空", [])), VILLAGE)
    assert [(row.number, row.cells) for row in table.rows()] == [
        (3, {"head": "次仁", "name": "丹增", "village": "柳树村"}),
        (6, {"head": "扎西", "name": "达瓦", "village": None}),
    ]
    assert table.header.unread == ["备注"]


def test_a_file_without_such_a_list_is_refused_in_a_sentence() -> None:
    with pytest.raises(UnreadableRoster, match="其中要有「户主」"):
        read_tables(workbook(("名册", [("姓名", "村"), ("丹增", "柳树村")])), VILLAGE)


def test_what_people_have_said_of_a_heading_goes_before_the_synonyms() -> None:
    words = ROSTER.with_told(
        {"电话": "guardian_phone", "电话#2": "father_phone", "姓名": "name", "备注": "", "座": "gone"}
    )
    rows = [["姓名", "电话", "电话", "联系电话", "备注"], ["丹增", "1", "2", "3", "4"]]
    header = find_header(Sheet("", rows=rows), words)
    assert header is not None
    assert [column.field for column in header.headings] == ["name", "guardian_phone", "father_phone", "phone", ""]
    assert [column.told for column in header.headings] == [True, True, True, False, True]
