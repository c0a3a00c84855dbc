"""Malformed rosters by the thousand: each row is stored exactly, refused with a reason, or blank; nothing else happens.

Seeds are fixed, so that a failure comes again. The large numbers run in .ci/run.
"""

import datetime
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from kongchuo import idnumber
from students.roster import process, readers
from students.roster.cells import Sheet, UnreadableRoster
from students.roster.rows import read_roster
from tests.cast import id_number
from tests.students.roster_files import TODAY, bare_workbook, outcome, text_file

HEADINGS = {
    "name": ["姓名", "姓 名", "学生姓名（必填）", "★姓名"],
    "sex": ["性别", "性 别"],
    "id_no": ["身份证号", "身份证件号码", "公民身份号码*"],
    "roll_no": ["学籍号", "全国学籍号"],
    "birth_date": ["出生日期", "出生年月"],
    "ethnicity": ["民族"],
    "classroom": ["班级", "所在班级"],
    "seat_no": ["座号"],
    "phone": ["联系电话", "手机号"],
    "address": ["现住址", "家庭住址"],
    "left_behind": ["是否留守儿童"],
    "health": ["健康状况"],
    "distance_km": ["上下学距离（公里）"],
    "guardian_name": ["成员1姓名"],
    "guardian_works_at": ["成员1工作单位"],
    "disability": ["残疾类型"],
    "serial": ["序号"],
    "": ["政治面貌", "特长", ""],
}
numbers = st.builds(
    id_number,
    st.integers(1, 999),
    st.dates(datetime.date(2008, 1, 1), datetime.date(2020, 1, 1)).map(lambda d: f"{d:%Y%m%d}"),
)
full_width = numbers.map(lambda text: "".join(chr(ord(letter) + 0xFEE0) for letter in text))
# What XML can carry: no control characters, no halves of characters.
noise = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=12)
chinese = st.text("赵李王扎西卓玛·古丽买提 　欧阳", min_size=1, max_size=5)


def mostly(good: st.SearchStrategy[Any], *bad: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Good cells three times out of four: a row with ten cells of noise says little about any of them."""
    return st.integers(0, 3).flatmap(lambda n: good if n else st.one_of(*bad))


words = st.sampled_from
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "name": mostly(chinese, noise, st.none(), words(["合计", "姓名", "备注：", 12, "张三1"])),
    "sex": mostly(words(["男", "女", "1", 2, "男 ", None]), words(["未知", "x"])),
    "id_no": mostly(
        st.one_of(numbers, full_width, numbers.map(str.lower), numbers.map(lambda n: f"'{n} "), words([None, "无"])),
        numbers.map(lambda n: float(n) if n.isdigit() else n),
        numbers.map(lambda n: n[:15]),
        numbers.map(lambda n: n[:17] + "5"),
        words(["5.3E+17", 0, "5301"]),
        noise,
    ),
    "roll_no": mostly(st.one_of(numbers.map("G".__add__), numbers.map("L".__add__), st.none()), numbers, noise),
    "birth_date": mostly(
        st.one_of(
            st.dates(datetime.date(2009, 1, 1), datetime.date(2019, 1, 1)).map(
                lambda d: f"{d.year}年{d.month}月{d.day}日"
            ),
            st.dates(datetime.date(2000, 1, 1), datetime.date(2030, 1, 1)).map(lambda d: f"{d:%Y%m%d}"),
            st.dates(datetime.date(2009, 1, 1), datetime.date(2019, 1, 1)).map(lambda d: int(f"{d:%Y%m%d}")),
        ),
        st.integers(0, 99_999_999),
        st.floats(allow_nan=False, allow_infinity=False),
        st.none(),
        noise,
    ),
    "ethnicity": mostly(words(["汉", "汉族", "01", 1, "藏族", None]), words(["火星", "x"])),
    "classroom": mostly(
        words(["三(2)班", "三年级（2）班", "302", 302, 3.2, "七年级1班", "初一(1)班", None]),
        words(["大班", "2"]),
        noise,
    ),
    "seat_no": mostly(st.one_of(st.integers(1, 60), words(["07", None, "２"])), st.integers(-9, 999), words(["七"])),
    "phone": mostly(words(["1" + "0" * 10, float("1" + "0" * 10), "无", "0871-6000000", None]), words(["问", 123])),
    "address": mostly(st.one_of(noise, words(["柳树村3组", "=1+1", None])), words(["很长" * 80])),
    "left_behind": words(["是", "否", "单亲", "?", None]),
    "health": mostly(words(["健康或良好", "10", 20, None]), words(["好", "9"]), noise),
    "distance_km": mostly(words([1.5, "2", "3公里", None]), st.floats(allow_nan=False, allow_infinity=False), noise),
    "guardian_name": mostly(chinese, noise, st.none()),
    "guardian_works_at": mostly(words(["务农", None]), noise, words(["很长" * 80])),
    "disability": mostly(words(["无残疾", "肢体残疾三级", "听力", None]), noise),
    "serial": st.one_of(st.integers(1, 99), st.none()),
    "": st.one_of(noise, st.none(), st.floats(allow_nan=False, allow_infinity=False)),
}


@st.composite
def rosters(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[list[str], list[list[Any]]]:
    """Title rows, a header of any columns in any order, rows of good and bad cells."""
    fields = draw(st.lists(st.sampled_from([name for name in HEADINGS if name != "name"]), max_size=8, unique=True))
    if draw(st.integers(0, 9)):
        fields.insert(draw(st.integers(0, len(fields))), "name")
    titles = [[draw(noise)] for _ in range(draw(st.integers(0, 3)))]
    header = [draw(st.sampled_from(HEADINGS[name])) for name in fields]
    rows = [
        [draw(CELLS[name]) for name in fields] if draw(st.integers(0, 9)) else [None] * len(fields)
        for _ in range(draw(st.integers(0, 9).map(lambda n: min(n, 7))))
    ]
    return fields, [*titles, header, *rows]


@st.composite
def files(draw: Callable[[st.SearchStrategy[Any]], Any]) -> bytes:
    """A roster as a file of one of the kinds, a good part of them cut or with a byte changed."""
    _, rows = draw(rosters())
    kind = draw(st.sampled_from(["xlsx", "xlsx", "utf-8", "utf-8-sig", "gb18030", ";", "\t"]))
    if kind == "xlsx":
        data = bare_workbook(rows)
    else:
        data = text_file(rows, kind if len(kind) == 1 else ",", "utf-8" if len(kind) == 1 else kind)
    damage = draw(st.sampled_from(["none", "none", "none", "none", "none", "cut", "byte", "joined"]))
    place = draw(st.integers(0, max(len(data) - 1, 0)))
    return {
        "none": data,
        "cut": data[:place],
        "byte": data[:place] + bytes([draw(st.integers(0, 255))]) + data[place + 1 :],
        "joined": data + data[:place],
    }[damage]


def account(sheets: list[Sheet]) -> None:
    """Every row below the header once, in order, with one outcome."""
    try:
        roster = read_roster(sheets, today=TODAY)
    except UnreadableRoster:
        return
    numbers = [row.number for row in roster.rows]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    counts = {kind: [outcome(row) for row in roster.rows].count(kind) for kind in ("blank", "refused", "read")}
    assert sum(counts.values()) == len(roster.rows)
    places = {column.field: column.number - 1 for column in roster.columns}
    cells = next(sheet for sheet in sheets if not sheet.hidden).rows
    for row in roster.rows:
        if row.values:
            check_exact(row.values, {name: value_at(cells[row.number - 1], place) for name, place in places.items()})


def value_at(cells: list[Any], place: int) -> Any:
    return cells[place] if place < len(cells) else None


def check_exact(values: dict[str, Any], raw: dict[str, Any]) -> None:
    """The stored values against what was written, by rules of their own."""
    assert isinstance(raw["name"], str)
    assert bare(values["name"]) == bare(raw["name"])
    if values["id_no"]:
        assert isinstance(raw["id_no"], str)
        assert values["id_no"] == bare(raw["id_no"]).upper()
        assert idnumber.problem(values["id_no"]) == ""
    else:
        assert raw.get("id_no") is None or bare(str(raw["id_no"])).lower() in (
            "",
            "无",
            "/",
            "-",
            "--",
            "\\",
            "—",
            "空",
            "null",
        )
    if values["roll_no"]:
        assert values["roll_no"] == bare(raw["roll_no"]).upper()
    if values["seat_no"] is not None:
        assert values["seat_no"] == int(float(bare(str(raw["seat_no"])).removesuffix("号")))
    if values["address"]:
        assert bare(values["address"]) == bare(str(raw["address"]).removesuffix(".0"))
    details = values["details"]
    if "health" in details:
        assert (bare(str(raw["health"])).removesuffix(".0"), details["health"]) in {
            ("健康或良好", "10"), ("10", "10"), ("20", "20"),
        }  # fmt: skip
    if "distance_km" in details:
        assert float(details["distance_km"]) == float(bare(str(raw["distance_km"])).removesuffix("公里"))
    if "birth_date" in raw and "birth_date" not in values["derived"] and values["birth_date"]:
        written = "".join(letter for letter in bare(str(raw["birth_date"])).removesuffix(".0") if letter.isdigit())
        assert written in (f"{values['birth_date']:%Y%m%d}", f"{values['birth_date']:%Y%m}") or (
            written == f"{values['birth_date'].year}{values['birth_date'].month}{values['birth_date'].day}"
        )


def bare(text: str) -> str:
    """Without width, blanks, what stands around the text, and what nobody sees."""
    normal = unicodedata.normalize("NFKC", text).strip()
    return "".join(
        letter for letter in normal if not letter.isspace() and unicodedata.category(letter) != "Cf"
    ).removeprefix("'")


def fuzz(examples: int) -> Any:
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=examples, database=None, deadline=None, suppress_health_check=quiet)


def read_in_process(data: bytes) -> None:
    try:
        sheets = readers.read_sheets(data)
    except UnreadableRoster:
        return
    account(sheets)


@seed(20260311)
@fuzz(300)
@given(files())
def test_300_malformed_rosters(data: bytes) -> None:
    read_in_process(data)


@pytest.mark.fuzz
@seed(20260901)
@fuzz(10_000)
@given(files())
def test_10_000_malformed_rosters(data: bytes) -> None:
    read_in_process(data)


@pytest.mark.fuzz
@seed(20260223)
@fuzz(100)
@given(files())
def test_100_malformed_rosters_through_the_limited_process(data: bytes) -> None:
    """The process changes nothing on the way: the same sheets, or the same sentence."""
    assert through(process.read_sheets, data) == through(readers.read_sheets, data)


def through(reader: Callable[[bytes], list[Sheet]], data: bytes) -> list[Sheet] | str:
    try:
        return reader(data)
    except UnreadableRoster as refusal:
        return str(refusal)
