"""Files that are no roster, or mean harm: each ends in one sentence, and the server goes on.

They go through the limited process as an upload does.
"""

import io
import random
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from students.roster import container, process, readers
from students.roster.cells import UnreadableRoster
from tests.cast import id_number
from tests.students.roster_files import (
    MAIN,
    OFFICE,
    bare_workbook,
    outcome,
    packed,
    parts,
    read,
    sheet_xml,
    text_file,
    workbook,
)

ROWS = [("姓名", "身份证号"), *[("扎西", id_number(n)) for n in range(1, 40)]]
HEADER_CELL = '<c r="A1" t="inlineStr"><is><t>姓名</t></is></c>'


def far_cell() -> bytes:
    return packed(
        parts(sheet_xml([f'<row r="1">{HEADER_CELL}</row>', '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>']))
    )


def far_cell_that_hides_its_place() -> bytes:
    """Counted up instead of named: thirty thousand rows without numbers."""
    chance = random.Random(1)
    rows = [f'<row ht="{chance.random()}"/>' for _ in range(30_000)]
    return packed(parts(sheet_xml([f'<row r="1">{HEADER_CELL}</row>', *rows, "<row><c><v>1</v></c></row>"])))


def zip_bomb() -> bytes:
    return packed(parts(sheet_xml([f"<row>{HEADER_CELL}</row>"])) | {"xl/media/a.xml": b" " * (60 * 1024 * 1024)})


def dense_bomb() -> bytes:
    return packed(parts(sheet_xml([f"<row>{HEADER_CELL}</row>"])) | {"xl/media/a.bin": b"\0" * (40 * 1024 * 1024)})


def billion_laughs() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&e9;</t></is></c></row>'
    return packed(parts(f"{laughs}<worksheet xmlns='{MAIN}'><sheetData>{cell}</sheetData></worksheet>"))


def entity_in_shared_strings() -> bytes:
    strings = f'<!DOCTYPE sst [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst xmlns="{MAIN}"><si><t>&x;</t></si></sst>'
    return packed(parts(sheet_xml([f"<row>{HEADER_CELL}</row>"])) | {"xl/sharedStrings.xml": strings})


def lying_size() -> bytes:
    """A member that unpacks to 60 MB and says that it has 100 bytes."""
    data = bytearray(packed(parts(sheet_xml([f"<row>{HEADER_CELL}</row>"])) | {"xl/a.bin": b"\0" * (60 * 1024 * 1024)}))
    real, said = struct.pack("<I", 60 * 1024 * 1024), struct.pack("<I", 100)
    assert real in data
    return bytes(data.replace(real, said))


def truncated() -> bytes:
    data = bare_workbook(ROWS)
    return data[: len(data) * 2 // 3]


def encrypted_zip() -> bytes:
    data = bytearray(bare_workbook(ROWS))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(signature, place + 4)
    return bytes(data)


def encrypted_package() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 4000


def broken_old_workbook() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(7).randbytes(30_000)


def many_members() -> bytes:
    return packed(parts(sheet_xml([f"<row>{HEADER_CELL}</row>"])) | {f"{n:x}": b"" for n in range(60_000)})


def escaping_name() -> bytes:
    return packed(parts(sheet_xml([f"<row>{HEADER_CELL}</row>"])) | {"../../etc/cron.d/x": b"x"})


def same_name_twice() -> bytes:
    buffer = io.BytesIO(bare_workbook(ROWS))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", "other")
    return buffer.getvalue()


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40)).save(buffer, "PNG")
    return buffer.getvalue()


HOSTILE = {
    "a cell at the end of the sheet": (far_cell, "超出了"),
    "a far cell without a name": (far_cell_that_hides_its_place, "超出了"),
    "a zip bomb": (zip_bomb, "太大"),
    "a bomb within the size": (dense_bomb, "不该有的内容"),
    "a billion laughs": (billion_laughs, "不该有的内容"),
    "an entity that reads a file": (entity_in_shared_strings, "不该有的内容"),
    "a size that lies": (lying_size, "损坏"),
    "a workbook cut short": (truncated, "损坏"),
    "a zip with a password": (encrypted_zip, "密码"),
    "a workbook with a password": (encrypted_package, "密码"),
    "an old workbook of noise": (broken_old_workbook, "损坏"),
    "60 000 members": (many_members, "太大"),
    "a name that leaves the folder": (escaping_name, "不该有的内容"),
    "one name twice": (same_name_twice, "不该有的内容"),
    "a workbook with macros": (lambda: packed(parts("") | {"xl/vbaProject.bin": b"x"}), "带有宏"),
    "a text document": (lambda: packed({"word/document.xml": "<w/>"}), "不是花名册"),
    "another spreadsheet format": (lambda: packed({"mimetype": "application/vnd.oasis"}), "不认识这种表格格式"),
    "a workbook without a list of sheets": (lambda: packed({"xl/workbook.xml": "<x/>"}), "损坏"),
    "a sheet of broken XML": (lambda: packed(parts("<worksheet><sheetData><row>")), "损坏"),
    "a web page named .xls": (lambda: b"\r\n<HTML><table><tr><td>x</td></tr></table>", "网页"),
    "XML named .xls": (lambda: b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "网页"),
    "a picture named .xlsx": (picture, "不是花名册"),
    "a PDF": (lambda: b"%PDF-1.7 ...", "不是花名册"),
    "nothing": (lambda: b"", "空的"),
    "only blanks": (lambda: b"\xef\xbb\xbf  \r\n", "空的"),
    "bytes": (lambda: random.Random(3).randbytes(5000), "不是花名册"),
    "a letter": (lambda: "尊敬的家长：\n您好！".encode(), "没有找到表头"),
    "too many bytes": (lambda: b"a" * (container.MAX_FILE + 1), "5兆"),
    "too many rows": (lambda: ("姓名\n" + "扎西\n" * 20_001).encode(), "20000行"),
    "too many columns": (lambda: text_file([["姓名"] * 101, ["扎西"] * 101]), "100列"),
}


@pytest.mark.parametrize(("make", "sentence"), HOSTILE.values(), ids=HOSTILE.keys())
def test_each_ends_in_one_sentence(make, sentence) -> None:
    data = make()
    with pytest.raises(UnreadableRoster, match=sentence) as caught:
        read(data)
    assert str(caught.value).endswith("。")


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bits_are_noticed_or_do_no_harm(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(workbook(("名册", ROWS)))
    for _ in range(1 + seed % 3):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    try:
        rows = read(bytes(data)).rows
    except UnreadableRoster:
        return
    assert [row.values["id_no"] for row in rows] == [row[1] for row in ROWS[1:]]


def test_a_sheet_that_would_fill_the_memory_ends_in_a_sentence() -> None:
    """Twenty thousand rows that all show one text of 30 000 characters: small in the file, 60 GB as cells."""
    strings = f'<sst xmlns="{MAIN}"><si><t>{"长" * 30_000}</t></si></sst>'
    cells = "".join(f'<c r="{chr(66 + column)}{{0}}" t="s"><v>0</v></c>' for column in range(25))
    rows = [f'<row r="{n}">{cells.format(n)}</row>' for n in range(1, 20_001)]
    members = parts(sheet_xml(rows)) | {"xl/sharedStrings.xml": strings}
    relation = f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    name = "xl/_rels/workbook.xml.rels"
    members[name] = members[name].replace("</Relationships>", relation)
    with pytest.raises(UnreadableRoster, match="太复杂"):
        read(packed(members))


def test_whatever_happens_inside_the_reader_stays_in_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WALL_SECONDS", 0.001)
    with pytest.raises(UnreadableRoster, match="太复杂"):
        read(workbook(("名册", ROWS)))


def test_the_largest_roster_is_read() -> None:
    rows = [("姓名", "备注"), *[(f"甲{n % 7}", "住校") for n in range(readers.MAX_ROWS - 1)]]
    assert sum(outcome(row) == "read" for row in read(bare_workbook(rows)).rows) == readers.MAX_ROWS - 1


@pytest.mark.office
def test_an_old_workbook_is_read_with_its_hidden_rows_and_errors(tmp_path: Path) -> None:
    rows = [
        ("姓名", "身份证号", "出生日期"),
        *[("扎西", id_number(n), "20130412") for n in range(1, 9)],
        ("卓玛", "=NA()", "x"),
    ]
    (tmp_path / "a.xlsx").write_bytes(workbook(("名册", rows), hidden_rows=[3], hidden_columns=["C"]))
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xls", "a.xlsx"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    roster = read((tmp_path / "a.xls").read_bytes())
    assert [row.values["id_no"] for row in roster.rows[:-1]] == [row[1] for row in rows[1:-1]]
    assert roster.rows[-1].refusals[0].startswith("出生日期")
    assert roster.rows[-1].refusals[1] == "身份证号单元格显示「#N/A」，请改成文字或数字"
    assert "有1行在表格里是隐藏的，也读了：第3行。" in roster.notices
    assert "有1列在表格里是隐藏的，也读了：C列。" in roster.notices
