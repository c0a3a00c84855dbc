"""Sheets and forms that the tests of both file kinds write: made up, with everything in them that may go wrong."""

import datetime
from dataclasses import replace
from typing import Any

from kongchuo import dates
from kongchuo.sealed import Secret
from kongchuo.sheets import A3_LANDSCAPE, Align, Box, Column, Form, Head, Kind, Sheet, Stamp

# What a spreadsheet program may take for a formula, a number, an error or a link; and plain long numbers.
PAYLOADS = (
    '=HYPERLINK("http://example.invalid","点我")',
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "=cmd|'/c calc'!A0",
    "#N/A",
    "#REF!",
    "0001234",
    "1E5",
    "123456789012345678",
    "http://example.invalid/",
    " 前后有空格 ",
    "两行\n文字",
    "<b>&amp;</b>",
    "𠮷野家",
)
HEAD = Head(
    unit="青石乡中学",
    filled_on=datetime.date(2026, 9, 7),
    period="2026-2027学年度第一学期",
    cutoff=datetime.date(2026, 11, 21),
    notes=("疑似辍学：连续无正当理由未到校达到阈值。", "辍学率=未复学人数÷学年初在校生数。"),
)
STAMP = Stamp("赵教务", dates.at(datetime.date(2026, 11, 21), 7, 31), "E-0231")


def roster(rows: list[dict[str, Any]], **changes: Any) -> Sheet:
    """A short roster with a column of each kind."""
    columns = (
        Column("序号", None, Kind.INT, 2.5, Align.CENTER),
        Column("学生姓名", lambda row: row["name"], width=6),
        Column("身份证号", lambda row: row.get("id_no", ""), Kind.SEALED, 10),
        Column("联系电话", lambda row: row.get("phone", ""), Kind.PHONE, 7),
        Column("辍学时间", lambda row: row.get("on"), Kind.DATE, 5.5, Align.CENTER),
        Column("家访次数", lambda row: row.get("visits"), Kind.INT, 3, Align.CENTER),
        Column("备注", lambda row: row.get("note", ""), width=12),
    )
    title = "青石乡中学2026-2027学年度第一学期辍学(疑似辍学)学生登记表(花名册)"
    sheet = Sheet(title=title, columns=columns, rows=rows, name="辍学学生登记表", head=HEAD, paper=A3_LANDSCAPE)
    return replace(sheet, **({"identify": lambda row: row["name"]} | changes))


def form(name: str = "李建军", number: str = "", **changes: Any) -> Form:
    """A paper form of four columns with joined boxes."""
    return Form(
        title="义务教育阶段辍学学生登记表",
        name=name,
        caption=("学校：青石乡中学　　编号：2026-007",),
        widths=(5, 9, 5, 9),
        rows=(
            (Box("姓名", label=True), Box(name), Box("照片", label=True), Box("", lines=3)),
            (Box("身份证号", label=True), Box(Secret(number), Kind.SEALED), Box("一寸", label=True)),
            (Box("出生日期", label=True), Box(datetime.date(2013, 4, 12), Kind.DATE, span=2)),
            (Box("班主任意见", label=True), Box("情况属实。" * 30, span=3, height=2.4)),
        ),
        head=Head(notes=("本表一式两份。",), signatures=("填表人",)),
        **changes,
    )
