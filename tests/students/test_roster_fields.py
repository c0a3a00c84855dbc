"""What the cells of a roster mean, and which are refused."""

import datetime
from typing import Any

import pytest

from students.codes import TagKind
from students.roster import fields
from students.roster.cells import BadCell, Cell
from tests.cast import id_number


def value(reader: Any, cell: Cell) -> Any:
    """What a reader makes of a cell that must not be wondered about."""
    wondered: list[str] = []
    found = reader(cell, wondered.append)
    assert not wondered
    return found


def refusal(reader: Any, cell: Cell) -> str:
    with pytest.raises(fields.Refusal) as caught:
        reader(cell, lambda _: None)
    return str(caught.value)


def wonder(reader: Any, cell: Cell) -> tuple[Any, str]:
    wondered: list[str] = []
    found = reader(cell, wondered.append)
    return found, "；".join(wondered)


def full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (" 扎西卓玛\u3000", "扎西卓玛"),
        ("扎西·\u200b次仁", "扎西·次仁"),
        ("'王小明", "王小明"),
        ("Ａｎｎａ", "Ａｎｎａ"),
        ("古丽•买买提", "古丽•买买提"),
        (None, ""),
    ],
)
def test_names_are_kept_as_they_are_written(cell: Cell, name: str) -> None:
    assert value(fields.name, cell) == name


@pytest.mark.parametrize("cell", ["123", "---", 12.0, "王\x07五", "王\ufffd五", "长" * 61, BadCell("#REF!"), "？"])
def test_what_is_no_name(cell: Cell) -> None:
    assert refusal(fields.name, cell)


@pytest.mark.parametrize("cell", ["王　梅", "张三1", "=王五", "<b>王五</b>", "\ue863建军"])
def test_an_odd_name_is_kept_and_wondered_about(cell: str) -> None:
    found, wondered = wonder(fields.name, cell)
    assert found == cell
    assert wondered


def test_an_id_number_is_read_in_its_usual_writings() -> None:
    number = id_number(5)
    for written in (
        number,
        f" {number} ",
        f"'{number}",
        full_width(number),
        f"{number[:6]} {number[6:]}",
        number + "\n",
    ):
        assert value(fields.id_number, written) == number


def test_a_small_x_is_made_large() -> None:
    number = next(n for n in map(id_number, range(1, 60)) if n.endswith("X"))
    assert value(fields.id_number, number.lower()) == number


def test_no_id_number() -> None:
    assert [value(fields.id_number, cell) for cell in (None, "无", "/", "暂无")] == [""] * 4


@pytest.mark.parametrize("cell", [5.30000201304120e17, 530000201304120011, 53.0, "5.3E+17", "5.30000201304120E17"])
def test_an_id_number_that_excel_made_a_number_is_refused_with_the_remedy(cell: Cell) -> None:
    said = refusal(fields.id_number, cell)
    assert said.startswith("被Excel改成了数字")
    assert "请把该列设为文本后重填" in said


def test_id_numbers_that_can_not_be_right() -> None:
    number = id_number(7)
    wrong = number[:17] + ("0" if number[17] != "0" else "1")
    assert "校验" in refusal(fields.id_number, wrong)
    assert "15位" in refusal(fields.id_number, number[:15])
    assert "17位" in refusal(fields.id_number, number[:17])
    assert "不存在" in refusal(fields.id_number, number[:10] + "1341" + number[14:])
    assert refusal(fields.id_number, datetime.date(2013, 1, 1))


def test_three_zeros_at_the_end_are_wondered_about() -> None:
    number = next(n for n in (id_number(s, f"2013{m:02d}{d:02d}") for s in range(100, 1000, 100) for m in range(1, 13)
                              for d in range(1, 29)) if n.endswith("000"))  # fmt: skip
    assert wonder(fields.id_number, number) == (number, "身份证号末三位是000，可能被Excel改过，请对照户口簿核对")


def test_papers_without_a_checksum() -> None:
    def passport(cell: Cell, warn: fields.Warn) -> str:
        return fields.id_number(cell, warn, id_type="护照")

    assert value(passport, "e1234567") == "E1234567"
    assert refusal(passport, "王小明")


def test_roll_numbers() -> None:
    number = "G" + id_number(3)
    assert value(fields.roll_number, number.lower()) == number
    assert value(fields.roll_number, full_width(number)) == number
    assert refusal(fields.roll_number, number[1:])
    assert "文本" in refusal(fields.roll_number, 20130412.0)


@pytest.mark.parametrize(
    "cell",
    ["20110105", 20110105.0, 20110105, "2011-1-5", "2011/01/05", "2011.1.5", "2011年1月5日", "２０１１年１月５日",
     "2011 年 1 月 5 日", "2011-01-05 00:00:00", datetime.date(2011, 1, 5), "'20110105"],
)  # fmt: skip
def test_dates_in_all_usual_writings(cell: Cell) -> None:
    assert value(fields.birth_date, cell) == datetime.date(2011, 1, 5)


@pytest.mark.parametrize("cell", ["2011-02", "201102", "2011年2月", "2011.2"])
def test_a_month_is_told_from_a_date(cell: Cell) -> None:
    assert value(fields.birth_date, cell) == (2011, 2)


@pytest.mark.parametrize(
    "cell", ["2011-2-30", "1/5/2011", "11-1-5", 40548.0, 2011.1, "二〇一一年", "201113", "00:00:00"]
)
def test_dates_that_are_refused(cell: Cell) -> None:
    assert refusal(fields.birth_date, cell)


@pytest.mark.parametrize(
    ("cell", "code"), [("汉", "01"), ("汉族", "01"), ("01", "01"), (1.0, "01"), ("彝族", "07"), (None, "")]
)
def test_ethnicity(cell: Cell, code: str) -> None:
    assert value(fields.ethnicity, cell) == code


@pytest.mark.parametrize(
    ("cell", "code"), [("男", "1"), ("女", "2"), (1.0, "1"), ("２", "2"), ("女生", "2"), (None, "")]
)
def test_sex(cell: Cell, code: str) -> None:
    assert value(fields.sex, cell) == code


def test_unknown_codes_are_refused() -> None:
    assert refusal(fields.ethnicity, "汗") == "「汗」认不出"
    assert refusal(fields.sex, "难") == "「难」认不出"
    assert refusal(fields.id_type, "校园卡")


MOBILE = "1" + "0" * 10


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (MOBILE, MOBILE),
        (float(MOBILE), MOBILE),
        (f"+86 {MOBILE}", MOBILE),
        (f"86{MOBILE}", MOBILE),
        (full_width(MOBILE), MOBILE),
        (f"{MOBILE[:3]}-{MOBILE[3:7]}-{MOBILE[7:]}", MOBILE),
        ("0871-6000000", "08716000000"),
        ("（0871）6000000", "08716000000"),
        ("6000000", "6000000"),
        ("无", "无"),
        ("没有", "无"),
        ("/", ""),
        (None, ""),
    ],
)
def test_telephones(cell: Cell, number: str) -> None:
    assert value(fields.phone, cell) == number


@pytest.mark.parametrize("cell", ["10000", MOBILE + "0", 8716000000000000.0, "问他妈妈", "1.0E+10"])
def test_what_is_no_telephone(cell: Cell) -> None:
    assert refusal(fields.phone, cell)


def test_of_several_telephones_the_first_is_kept_and_said() -> None:
    assert wonder(fields.phone, f"{MOBILE}、0871-6000000") == (MOBILE, "有几个电话，只存第一个")


def test_seats() -> None:
    assert [value(fields.seat_number, cell) for cell in ("07", 7.0, "7号", "７", None)] == [7, 7, 7, 7, None]
    assert refusal(fields.seat_number, "2021001")
    assert refusal(fields.seat_number, "0")


@pytest.mark.parametrize(
    ("cell", "month"),
    [("201409", "2014-09"), ("2014-9", "2014-09"), ("2014年9月", "2014-09"), ("2014.09.01", "2014-09"),
     (2014.09, "2014-09"), ("20140901", "2014-09"), (datetime.date(2014, 9, 1), "2014-09"), (None, "")],
)  # fmt: skip
def test_entry_months(cell: Cell, month: str) -> None:
    assert value(fields.entry_month, cell) == month


@pytest.mark.parametrize("cell", [2014.1, "前年", "201413"])
def test_an_unclear_entry_month_is_not_stored_and_said(cell: Cell) -> None:
    found, said = wonder(fields.entry_month, cell)
    assert (found, said[-3:]) == ("", "没有存")


def test_boarding_and_relations() -> None:
    assert [value(fields.board_type, cell) for cell in ("走读", "住校", "是", "否", None)] == ["1", "2", "2", "1", ""]
    assert [value(fields.relation, cell) for cell in ("父亲", "奶奶", "52", None)] == ["51", "62", "52", ""]
    assert wonder(fields.board_type, "骑车")[0] == ""
    assert wonder(fields.relation, "邻居") == ("", "家长关系「邻居」认不出，没有存")


@pytest.mark.parametrize(
    ("column", "cell", "found"),
    [
        ("left_behind", "是", (TagKind.LEFT_BEHIND_BOTH, "")),
        ("left_behind", "单亲留守", (TagKind.LEFT_BEHIND_SINGLE, "单亲留守")),
        ("left_behind", "1", (TagKind.LEFT_BEHIND_SINGLE, "")),
        ("left_behind", 2.0, (TagKind.LEFT_BEHIND_BOTH, "")),
        ("left_behind", "0", None),
        ("left_behind", "非留守儿童", None),
        ("poverty", "监测户", (TagKind.MONITORED, "监测户")),
        ("poverty", "√", (TagKind.POVERTY, "")),
        ("minimum_living", True, (TagKind.MINIMUM_LIVING, "")),
        ("disability", "无残疾", None),
        ("disability", "肢体残疾三级", (TagKind.DISABLED, "肢体残疾三级")),
        ("orphan", "事实无人抚养", (TagKind.UNATTENDED, "事实无人抚养")),
        ("unattended", "否", None),
        ("migrant", None, None),
    ],
)
def test_groups(column: str, cell: Cell, found: tuple[TagKind, str] | None) -> None:
    assert value(lambda c, warn: fields.tag(column, c, warn), cell) == found


def test_an_unclear_group_is_not_stored_and_said() -> None:
    assert wonder(lambda c, warn: fields.tag("migrant", c, warn), "待查") == (None, "「待查」认不出，没有存")


def test_free_text_is_kept_as_written() -> None:
    read = fields.limited_text(10)
    assert value(read, " 柳树村３组\n张家 ") == "柳树村３组 张家"
    assert value(read, "=1+1") == "=1+1"
    assert value(read, 12.0) == "12"
    assert "超过10个字" in refusal(read, "很长" * 6)
    assert "日期" in refusal(read, datetime.date(2026, 3, 2))
