"""Books of the 摸底册: each list says what its page says, masked unless asked for in full."""

import pytest

from schools import books
from schools.books import Asked
from students.codes import Schooling
from tests.cast import WEDNESDAY, Cast, id_number, login
from tests.students.surveybook import elsewhere, household, member


@pytest.fixture
def area(cast: Cast) -> Cast:
    home = household(cast, phone="0870-1234567")
    member(cast, home, "赵海燕", id_number(1))
    elsewhere(cast, home, "钱小河", "receipt")
    elsewhere(cast, home, "钱小江", "call")
    elsewhere(cast, home, "钱小海")
    member(cast, home, "孙小雨", schooling=Schooling.NEVER, disability="5")
    return cast


def rows(cast: Cast, key: str, *, full: bool = False, who: str = "clerk") -> list[dict]:
    """The first sheet of a book, as {header: value}."""
    asked = Asked(user=getattr(cast, who), school=cast.school, on=WEDNESDAY, full=full)
    sheet = books.edition_of(books.registry[key], asked, books.registry[key].sheets(asked))[0]
    refused: list = []
    lines = [dict(zip([c.header for c in sheet.columns], line, strict=True)) for line in sheet.lines(refused)]
    assert refused == []
    return lines


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("survey-households", ["赵海燕", "钱小河", "钱小江", "钱小海", "孙小雨"]),
        ("survey-school-age", ["赵海燕", "钱小河", "钱小江", "钱小海", "孙小雨"]),
        ("survey-elsewhere", ["钱小河", "钱小江", "钱小海"]),
        ("survey-without", ["孙小雨"]),
        ("survey-to-prove", ["钱小江", "钱小海"]),
    ],
)
def test_who_stands_in_which_book(area: Cast, key: str, names: list[str]) -> None:
    assert [row.get("姓名", row.get("成员姓名")) for row in rows(area, key)] == names
    assert rows(area, key, who="far_clerk") == []
    page = login(area.clerk).get(f"/books/{key}/", {"on": "2026-03-11"})
    assert page.status_code == 200
    assert all(name in page.content.decode() for name in names)


def test_numbers_are_masked_unless_full(area: Cast) -> None:
    assert rows(area, "survey-school-age")[0]["身份证"] == id_number(1)[:6] + "*" * 12
    assert rows(area, "survey-school-age", full=True)[0]["身份证"] == id_number(1)
    assert rows(area, "survey-without")[0]["残疾"] == "—"
    assert not any("残疾" in str(value) for value in rows(area, "survey-without")[0].values())
    assert rows(area, "survey-without", full=True)[0]["残疾"] == "智力"
    assert rows(area, "survey-without", full=True)[0]["怎么办"].startswith("残疾儿童")


def test_the_household_book_has_the_columns_of_the_form(area: Cast) -> None:
    first = rows(area, "survey-households")[0]
    assert "|".join(first) == (
        "户编号|户主|村组|成员姓名|与户主关系|性别|民族|出生年月|身份证|文化程度|就学状况|就读学校|年级|残疾|外出去向|证明|"
        "调查人|日期"
    )
    assert (first["就学状况"], first["就读学校"], first["年级"]) == ("本在本", "青石乡九年一贯制学校", "七年级")


def test_what_is_still_to_be_proved_is_said(area: Cast) -> None:
    wanted = {row["姓名"]: row["还要取"] for row in rows(area, "survey-to-prove")}
    assert wanted == {"钱小江": "电话已核实，补回执或截图", "钱小海": "回执、截图或电话核实，任一种"}


def test_the_book_of_rates_says_each_definition(area: Cast) -> None:
    lines = rows(area, "rates")
    by_title = {(line["指标"], line["学段"]): line for line in lines}
    assert by_title["辍学率A(学年辍学率)", "初中"]["比率"] == "0.00%"
    assert by_title["辍学率A(学年辍学率)", "小学"]["比率"] == "—"  # no primary pupil on this roll
    assert all(line["口径"] for line in lines)
    page = login(area.clerk).get("/books/rates/", {"on": "2026-03-11"}).content.decode()
    assert "统计期间：2025—2026学年，2025年9月1日至2026年3月11日" in page
    assert "本校主口径：辍学率A(学年辍学率)、巩固率A(届巩固率)" in page


def test_an_empty_book_is_a_zero_report(cast: Cast) -> None:
    assert "无（零报告）" in login(cast.clerk).get("/books/survey-without/", {"on": "2026-03-11"}).content.decode()
