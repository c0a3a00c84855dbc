"""Workbooks: text stays text, both editions look as they should, a bad row doesn't cost the file."""

import datetime
import subprocess
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from kongchuo import sheets
from kongchuo.sealed import Secret
from kongchuo.sheets import Align, Column, Head, Kind, Sheet
from kongchuo.xlsx import Edition, Written, write_workbook
from tests.cast import id_number
from tests.kongchuo.sheet_samples import HEAD, PAYLOADS, STAMP, form, roster


def opened(written: Written) -> Any:
    return load_workbook(BytesIO(written.content))


def xml_of(written: Written) -> str:
    with zipfile.ZipFile(BytesIO(written.content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist() if "worksheets/" in name)


def some_rows(count: int) -> list[dict[str, Any]]:
    day = datetime.date(2026, 9, 7)
    return [{"name": f"学生{number}", "on": day, "visits": 2, "note": "电话联系"} for number in range(1, count + 1)]


@pytest.mark.parametrize("edition", Edition)
def test_every_text_is_text_and_comes_back_as_it_was(edition: Edition) -> None:
    written = write_workbook([roster([{"name": text, "note": text} for text in PAYLOADS])], edition, STAMP)
    assert "<f>" not in xml_of(written)
    page = opened(written).worksheets[0]
    cells = [cell for row in page.iter_rows() for cell in row if cell.column == 2 and cell.value in PAYLOADS]
    assert [cell.value for cell in cells] == list(PAYLOADS)
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}


@given(st.text(max_size=60))
def test_no_text_breaks_the_file(text: str) -> None:
    sheet = Sheet("表", (Column("字", lambda row: row),), [text])
    page = opened(write_workbook([sheet], Edition.DATA)).active
    assert (page["A2"].value or "") == sheets.clean(text)


def test_characters_that_no_file_holds_are_left_out() -> None:
    sheet = Sheet("表", (Column("字", lambda row: row),), ["李\x00建\x0b军\ufffe\ud800", "一\r\n二\r三"])
    page = opened(write_workbook([sheet], Edition.DATA)).active
    assert [page["A2"].value, page["A3"].value] == ["李建军", "一\n二\n三"]


def test_the_data_edition_has_the_header_in_row_one_and_nothing_else() -> None:
    page = opened(write_workbook([roster(some_rows(2))], Edition.DATA, STAMP)).worksheets[0]
    rows = list(page.iter_rows(values_only=True))
    assert rows[0] == ("序号", "学生姓名", "身份证号", "联系电话", "辍学时间", "家访次数", "备注")
    assert [row[:2] for row in rows[1:]] == [(1, "学生1"), (2, "学生2")]
    assert not page.merged_cells.ranges
    assert "赵教务" not in (page.oddHeader.right.text or "")
    assert opened(write_workbook([roster(some_rows(2))], Edition.DATA, STAMP)).sheetnames == ["辍学学生登记表"]


def test_an_empty_data_edition_is_its_header() -> None:
    rows = list(opened(write_workbook([roster([])], Edition.DATA)).active.iter_rows(values_only=True))
    assert len(rows) == 1
    assert rows[0][1] == "学生姓名"


def test_the_print_edition_looks_like_the_form() -> None:
    book = opened(write_workbook([roster(some_rows(3))], Edition.PRINT, STAMP))
    page = book.worksheets[0]
    assert page["A1"].value == "青石乡中学2026-2027学年度第一学期辍学(疑似辍学)学生登记表(花名册)"
    assert "A1:G1" in {str(area) for area in page.merged_cells.ranges}
    second = [cell.value for cell in page[2] if cell.value]
    assert second == ["填报单位(盖章)：青石乡中学", "填报时间：2026年9月7日", "单位：人"]
    assert [cell.value for cell in page[3]][:2] == ["序号", "学生姓名"]
    assert page["B3"].font.bold
    assert page["B3"].border.top.style == "thin"
    assert page["B4"].border.top.style == "thin"
    assert page.print_title_rows == "$3:$3"
    assert page.freeze_panes == "A4"
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (8, "landscape")
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_margins.left * 2.54 == pytest.approx(2.5)
    assert page.oddFooter.center.text == "第&P页　共&N页"
    below = "\n".join(cell.value for row in page.iter_rows(min_row=7) for cell in row if cell.value)
    for words in (
        "统计期间：2026-2027学年度第一学期；截止日期：2026年11月21日",
        HEAD.notes[1],
        "校长(签字)：",
        "联系电话：",
    ):
        assert words in below


def test_a_line_that_counts_no_more_is_struck_through() -> None:
    sheet = roster(some_rows(3), struck=lambda row: row["name"] == "学生2")
    page = opened(write_workbook([sheet], Edition.PRINT)).worksheets[0]
    struck = {row[1].value: row[1].font.strike for row in page.iter_rows() if str(row[1].value).startswith("学生")}
    assert {name for name, strike in struck.items() if strike} == {"学生2"}


def test_dates_are_dates_with_a_format() -> None:
    for edition in Edition:
        page = opened(write_workbook([roster(some_rows(1))], edition)).worksheets[0]
        cell = next(cell for row in page.iter_rows() for cell in row if isinstance(cell.value, datetime.datetime))
        assert cell.value.date() == datetime.date(2026, 9, 7)
        assert cell.number_format == "yyyy-mm-dd"
        assert cell.is_date


def test_nobody_to_report_is_a_report() -> None:
    page = opened(write_workbook([roster([])], Edition.PRINT)).worksheets[0]
    assert page["A4"].value == "无（零报告）"


def test_maker_and_time_stand_in_the_page_header_and_on_their_own_sheet_only() -> None:
    book = opened(write_workbook([roster(some_rows(1))], Edition.PRINT, STAMP))
    assert book.sheetnames == ["辍学学生登记表", "说明"]
    assert book.worksheets[0].oddHeader.right.text == "赵教务 2026-11-21 07:31 第E-0231号 脱敏 仅供控辍保学"
    assert "赵教务" not in str([list(row) for row in book.worksheets[0].values])
    told = dict(row[:2] for row in book["说明"].values)
    assert told["制表"] == STAMP.line
    assert told["行数"] == "1"


def test_sealed_numbers_and_phones_show_their_mask_unless_the_sheet_is_full() -> None:
    number, phone = id_number(7), "1" + "39" + "00001234"
    rows = [{"name": "李建军", "id_no": Secret(number), "phone": f"李大山 {phone}、无"}]
    for edition in Edition:
        masked = xml_of(write_workbook([roster(rows)], edition, STAMP))
        assert number not in masked
        assert phone not in masked
        assert "530000************" in masked
        assert "李大山 139****1234、无" in masked
        full = xml_of(write_workbook([roster(rows, full=True)], edition, STAMP))
        assert number in full
        assert phone in full


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"name": "坏行", "note": "长" * 32768}, "「备注」无法写出：文字超过32767个字，Excel写不下"),
        (
            {"name": "坏行", "on": datetime.date(1899, 12, 31)},
            "「辍学时间」无法写出：日期1899-12-31早于1900年，Excel写不下",
        ),
        ({"name": "坏行", "visits": "两次"}, "「家访次数」无法写出：「两次」不是整数"),
        ({"name": "坏行", "on": "昨天"}, "「辍学时间」无法写出：「昨天」不是日期"),
        ({"name": "坏行", "id_no": Secret(token="AAAA", column="x")}, "「身份证号」无法写出：数据已损坏"),
        ({}, "「学生姓名」无法写出：数据已损坏"),
    ],
)
@pytest.mark.parametrize("edition", Edition)
def test_a_row_that_cannot_be_written_is_listed_and_the_others_are_there(
    edition: Edition, row: dict[str, Any], reason: str
) -> None:
    first, last = some_rows(2)
    written = write_workbook([roster([first, row, last])], edition, STAMP)
    assert written.counts == (2,)
    assert [(r.position, r.who, r.reason) for r in written.refused] == [(2, row.get("name", ""), reason)]
    book = opened(written)
    listed = [value for line in book["未导出原因"].values for value in line]
    assert reason in listed
    numbers = [line[0] for line in book.worksheets[0].values if isinstance(line[0], int)]
    assert numbers == [1, 2]


def test_sheet_names_are_made_to_fit() -> None:
    parts = [roster(some_rows(1), name=name) for name in ("甲/乙:丙?*[1]", "长" * 40, "长" * 40, "", "''")]
    written = write_workbook(parts, Edition.DATA)
    names = opened(written).sheetnames
    assert names[:3] == ["甲 乙 丙   1", "长" * 31, "长" * 28 + "(2)"]
    assert names[3] == parts[3].title.translate(str.maketrans("/?", "  "))[:31]
    assert names[4] == "表"


def test_a_row_is_as_high_as_its_text() -> None:
    page = opened(
        write_workbook([roster([{"name": "短"}, {"name": "长", "note": "字" * 60}])], Edition.PRINT)
    ).worksheets[0]
    assert page.row_dimensions[4].height == pytest.approx(0.8 * 28.35, abs=0.1)
    assert page.row_dimensions[5].height >= 5 * 14


@pytest.mark.parametrize("widths", [(5,), (5, 5), (1, 1, 30), (30, 1, 1), (5,) * 28])
def test_the_line_above_the_table_fits_any_number_of_columns(widths: tuple[float, ...]) -> None:
    columns = [Column(f"列{n}", lambda row: "", width=width) for n, width in enumerate(widths)]
    page = opened(write_workbook([Sheet("表", columns, [1], head=HEAD)], Edition.PRINT)).worksheets[0]
    told = "".join(cell.value or "" for cell in page[2])
    assert "青石乡中学" in told
    assert "2026年9月7日" in told
    assert "单位：人" in told


def test_an_attachment_label_stands_above_the_title() -> None:
    page = opened(write_workbook([roster([], head=Head(attachment="附件1"))], Edition.PRINT)).worksheets[0]
    assert page["A1"].value == "附件1"
    assert page.print_title_rows == "$4:$4"


def test_a_form_is_a_sheet_of_boxes() -> None:
    number = id_number(8)
    written = write_workbook([form("李建军", number), form("李建军", number)], Edition.PRINT, STAMP)
    book = opened(written)
    assert book.sheetnames == ["李建军", "李建军(2)", "说明"]
    page = book.worksheets[0]
    assert [page[place].value for place in ("A3", "B3", "A4", "A5")] == ["姓名", "李建军", "身份证号", "出生日期"]
    assert page["B5"].value.date() == datetime.date(2013, 4, 12)
    assert {"D3:D5", "B5:C5", "B6:D6"} <= {str(area) for area in page.merged_cells.ranges}
    assert page["D5"].border.right.style == "thin"
    assert page.row_dimensions[6].height >= 2.4 * 28.35 - 0.1
    assert page.page_setup.orientation == "portrait"
    assert number not in xml_of(written)
    assert number in xml_of(write_workbook([form("李建军", number, full=True)], Edition.PRINT))


def test_nothing_is_left_in_the_temporary_folder_when_writing_fails(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    class Interrupted(BaseException):
        pass

    def interrupt(row: dict[str, Any]) -> Any:
        raise Interrupted

    columns = (Column("姓名", lambda row: "李建军"), Column("断", interrupt))
    with pytest.raises(Interrupted):
        write_workbook([roster(some_rows(3)), Sheet("表", columns, [1])], Edition.PRINT)
    assert list(tmp_path.iterdir()) == []


def test_center_and_left_are_as_declared() -> None:
    page = opened(write_workbook([roster(some_rows(1))], Edition.PRINT)).worksheets[0]
    assert page["A4"].alignment.horizontal == Align.CENTER
    assert page["B4"].alignment.horizontal == Align.LEFT
    assert page["A4"].number_format == "0"
    assert {column.kind for column in roster([]).columns} == {Kind.INT, Kind.TEXT, Kind.SEALED, Kind.PHONE, Kind.DATE}


@pytest.mark.office
@pytest.mark.parametrize("edition", Edition)
def test_libreoffice_shows_text_as_text(edition: Edition, tmp_path: Path) -> None:
    rows = [{"name": "甲", "on": datetime.date(2026, 9, 7), "note": text} for text in PAYLOADS]
    rows += some_rows(60)
    (tmp_path / "book.xlsx").write_bytes(write_workbook([roster(rows)], edition, STAMP).content)
    command = ["soffice", "--headless", f"-env:UserInstallation={tmp_path.as_uri()}/profile", "--convert-to", "pdf"]
    subprocess.run([*command, "book.xlsx"], cwd=tmp_path, check=True, capture_output=True)
    shown = subprocess.run(["pdftotext", "-layout", "book.pdf", "-"], cwd=tmp_path, check=True, capture_output=True)
    pages = shown.stdout.decode().split("\f")
    for text in ("=1+1", "+1+1", "@SUM(1)", "#N/A", "0001234", "123456789012345678", "2026-09-07"):
        assert text in "".join(pages)
    if edition is Edition.PRINT:
        assert all("学生姓名" in page for page in pages[:2])  # the header row is on every page
        assert "第1页" in pages[0]
