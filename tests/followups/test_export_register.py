"""`export_register`: the two forms in three formats, masked unless a reason is given, and never without a trace."""

import datetime
import stat
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import load_workbook

from followups import documents, exports
from followups.codes import ExportForm
from followups.models import Case, Contact
from followups.register import Choice
from kongchuo import pdf
from kongchuo.sheets import Stamp
from schools.codes import ExportFormat, Verb
from schools.models import AuditEntry
from students.models import Student
from tests.cast import WEDNESDAY, id_number
from tests.followups.casework import MONDAY, visit
from tests.followups.registerbook import PHONE, Book

HEADERS = (
    "序号|乡镇|学校|年级|班级|学生姓名|性别|民族|身份证号|学籍号|家长(监护人)姓名|与学生关系|联系电话|户籍地(村屯组)|现住址|"
    "是否脱贫户/监测户|特殊群体类别|辍学时间|辍学原因|现去向|认定类别|动员(家访)次数|劝返情况及处理措施|包保责任人及电话|是否返校|"
    "返校时间|安置方式|备注"
).split("|")
SINGLE_FIELDS = (
    "学校|学校标识码|编号|填表日期|姓名|性别|民族|出生年月|身份证件号|全国学籍号|年级班级|就读方式|入学年月|班主任及电话|户籍所在地|"
    "家庭现住址|特殊群体类别|父亲姓名|父亲证件号|父亲电话|父亲务工地/单位|母亲姓名|母亲证件号|母亲电话|母亲务工地/单位|实际监护人姓名|"
    "与学生关系|实际监护人电话|最后到校日期|辍学(离校)时间|认定日期|认定类别|有无正当理由|辍学原因|现去向|已采取的帮扶措施|劝返记录|"
    "报学校日期|报教育局日期|报乡镇政府日期|文号|宣传教育|责令限期改正|行政处罚|申请强制执行或起诉|是否复学|复学时间|复学后年级班级|安置方式|"
    "未复学原因|销号日期"
).split("|")
STAMP = Stamp("赵教务", timezone.now())


def run(out: Path, **options: Any) -> str:
    said = StringIO()
    given = {"school": "2153000001", "on": WEDNESDAY, "form": "roster", "format": "xlsx"} | options
    call_command("export_register", **given, out=out, stdout=said, stderr=said)
    return said.getvalue()


def rows_of(path: Path, sheet: int = 0) -> list[list[Any]]:
    return [list(row) for row in load_workbook(path).worksheets[sheet].iter_rows(values_only=True)]


def text_of(path: Path) -> list[str]:
    return ["".join(page.extract_text().split()) for page in pypdf.PdfReader(path).pages]


def everything_in(path: Path) -> str:
    """All that a reader of the file may get to see."""
    if path.suffix == ".pdf":
        return "".join(text_of(path))
    book = load_workbook(path)
    return "\n".join(
        str(value) for page in book.worksheets for row in page.iter_rows(values_only=True) for value in row
    )


def test_the_roster_as_data(book: Book, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    assert run(out, format="xlsx-data") == f"已写出 4 名学生：{out}\n"
    header, *rows = rows_of(out)
    assert header == HEADERS
    lines = [dict(zip(HEADERS, row, strict=True)) for row in rows]
    assert [line["学生姓名"] for line in lines] == ["李建军", "王小梅", "扎西卓玛", "赵海燕"]
    first = lines[0]
    assert first["序号"] == 1
    assert (first["乡镇"], first["学校"], first["年级"], first["班级"]) == (
        "青石乡", "青石乡九年一贯制学校", "七年级", "七(1)班",
    )  # fmt: skip
    assert (first["身份证号"], first["学籍号"]) == ("530000" + "*" * 12, "G530000" + "*" * 12)
    assert (first["家长(监护人)姓名"], first["与学生关系"], first["联系电话"]) == ("周奶奶", "祖母", "139****1234")
    assert first["现住址"] == "青石乡柳树村***"
    assert (first["是否脱贫户/监测户"], first["特殊群体类别"]) == ("—", "—")
    assert first["辍学时间"].date() == datetime.date(2026, 3, 5)
    assert (first["认定类别"], first["动员(家访)次数"], first["是否返校"]) == ("疑似辍学", 2, "否")
    assert first["返校时间"] is None
    assert lines[1]["认定类别"] == "辍学"
    assert (lines[2]["是否返校"], lines[2]["返校时间"].date(), lines[2]["安置方式"]) == (
        "是", datetime.date(2026, 3, 3), "原班就读",
    )  # fmt: skip


def test_the_roster_as_a_printed_workbook(book: Book, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    run(out)
    workbook = load_workbook(out)
    assert workbook.sheetnames == ["辍学学生登记表", "按村屯统计", "按班级统计", "说明"]
    page = workbook.worksheets[0]
    assert page["A1"].value == "青石乡九年一贯制学校2025-2026学年度第二学期辍学(疑似辍学)学生登记表(花名册)"
    assert [cell.value for cell in page[3]] == HEADERS
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (8, "landscape")
    text = everything_in(out)
    for words in (
        "截止日期：2026年3月11日", "疑似辍学：连续无正当理由未到校≥3到校日，经校长认定",
        "满30个自然日仍未复学", "校长(签字)：", "本表为脱敏版",
    ):  # fmt: skip
        assert words in text
    by_class = rows_of(out, 2)
    assert ["七(1)班", 2, 1, 3, 1, 0, 2] in by_class
    assert ["合计", 3, 1, 4, 1, 0, 3] in by_class


def test_the_roster_as_pdf(book: Book, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    run(out, format="pdf", paper="a4")
    pages = text_of(out)
    assert "辍学(疑似辍学)学生登记表(花名册)" in pages[0]
    for name in ("李建军", "王小梅", "扎西卓玛", "赵海燕"):
        assert name in pages[0]
    assert f"第1页共{len(pages)}页" in pages[0]
    assert "按村屯统计" in "".join(pages)
    sizes = {round(float(page.mediabox[2]) / 28.35, 1) for page in pypdf.PdfReader(out).pages}
    assert sizes == {29.7}


def test_the_single_form_is_one_page_a_case(book: Book, tmp_path: Path) -> None:
    for day in range(1, 9):
        visit(book.suspected.student, book.cast.head, datetime.date(2026, 3, day), photo=False)
    Contact.objects.update(
        text="家长说孩子不想读书，愿意配合学校再劝一次，约定下周一由村干部和班主任一起到家里去。" * 2
    )
    Case.objects.update(support="申请寄宿生生活补助；安排结对帮扶；" * 8, reason_text="厌学，多次劝说无效，" * 12)
    out = tmp_path / "a.pdf"
    run(out, form="single", format="pdf")
    pages = text_of(out)
    assert len(pages) == 4
    assert all("义务教育阶段辍学学生登记表" in page for page in pages)
    first = pages[0]
    for words in (
        "姓名李建军", "身份证件号530000************", "班主任及电话张老师139****1234", "李大山", "广东东莞",
        "实际监护人周奶奶", "厌学、外出务工", "报教育局日期2026.3.10", "报乡镇政府日期2026.3.10", "四步法：宣传教育",
        "县教育局意见", "五劝返记录", "编号：2025-001",
    ):  # fmt: skip
        assert words in first
    size = pypdf.PdfReader(out).pages[0].mediabox
    assert round(float(size[2]) / 28.35, 1) == 21.0


def test_the_single_form_keeps_to_its_page_however_much_is_written(book: Book) -> None:
    order = exports.Order(book.cast.school, WEDNESDAY, ExportForm.SINGLE, ExportFormat.PDF)
    for day in range(1, 9):
        visit(book.suspected.student, book.cast.head, datetime.date(2026, 3, day), photo=False)
    case, forms = Case.objects.filter(pk=book.suspected.pk), []
    for length in (0, 9, 27, 45, 90, 150, 300):
        Contact.objects.update(text=("家长说孩子不想读书，愿意配合学校再劝1次，Tel" * 30)[:length])
        case.update(support=("申请寄宿生生活补助，" * 60)[:length], reason_text=("厌学，多次劝说无效，" * 40)[:length])
        forms += exports.sheets_of(order, exports.entries(exports.cases_on(case, WEDNESDAY), WEDNESDAY))
    printed = pdf.render_sheets(forms, STAMP)
    assert len(pypdf.PdfReader(BytesIO(printed.content)).pages) == len(forms) == 7


def test_the_single_form_as_workbook_is_one_sheet_a_case(book: Book, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    run(out, form="single")
    assert load_workbook(out).sheetnames == [
        "2025-001 李建军",
        "2025-002 王小梅",
        "2025-003 扎西卓玛",
        "2025-004 赵海燕",
        "说明",
    ]
    run(out, form="single", format="xlsx-data")
    header, *rows = rows_of(out)
    assert header == SINGLE_FIELDS
    line = dict(zip(header, rows[0], strict=True))
    assert (line["父亲姓名"], line["母亲姓名"], line["实际监护人姓名"]) == ("李大山", None, "周奶奶")
    assert line["报教育局日期"].date() == datetime.date(2026, 3, 10)
    assert line["宣传教育"].date() == WEDNESDAY
    assert line["劝返记录"].splitlines()[0] == "1.3/6电话其他亲属：答应到校(3/9)"


def test_every_field_of_the_single_form_stands_on_its_page(book: Book) -> None:
    order = exports.Order(book.cast.school, WEDNESDAY, ExportForm.SINGLE, ExportFormat.PDF)
    page = exports.sheets_of(order, exports.entries(exports.cases_on(Case.objects.all(), WEDNESDAY), WEDNESDAY))[0]
    taken = [(part.line + down, part.column + right) for part in page.placed()
             for down in range(part.box.lines) for right in range(part.box.span)]  # fmt: skip
    assert sorted(taken) == [(line, column) for line in range(len(page.rows)) for column in range(31)]
    labels = "".join(str(part.value) for part in page.placed() if part.box.label) + "".join(page.caption)
    on_paper = {"实际监护人姓名": "实际监护人", "实际监护人电话": "电话", "已采取的帮扶措施": "已采取的帮扶(劝返)措施"}
    family = {f"{who}{what}": who for who in ("父亲", "母亲") for what in ("姓名", "证件号", "电话", "务工地/单位")}
    for header in documents.FIELDS:
        assert (on_paper | family).get(header, header) in labels


@pytest.mark.parametrize("form", ExportForm.values)
@pytest.mark.parametrize("kind", ExportFormat.values)
def test_no_full_number_is_in_a_masked_file_and_all_are_in_a_full_one(
    book: Book, tmp_path: Path, form: str, kind: str
) -> None:
    suffix = ".pdf" if kind == "pdf" else ".xlsx"
    student = Student.objects.get(pk=book.suspected.student_id)
    secrets = [student.id_no.reveal(), student.roll_no.reveal(), PHONE]
    if form == "single":
        secrets.append(id_number(901, birth="19800101"))
    masked, full = tmp_path / f"m{suffix}", tmp_path / f"f{suffix}"
    run(masked, form=form, format=kind)
    run(full, form=form, format=kind, full=True, reason="报县教育局")
    hidden, shown = everything_in(masked), everything_in(full)
    for secret in secrets:
        assert secret not in hidden
        assert secret[-8:] not in hidden
        assert secret in shown
    for told in ("双亲留守", "脱贫户", "柳树村2组"):
        assert told not in hidden.replace("残疾/脱贫", "").replace("是否脱贫户/监测户", "")
        assert told in shown


def test_full_numbers_need_a_reason_and_every_export_leaves_a_trace(book: Book, tmp_path: Path) -> None:
    out = tmp_path / "a.xlsx"
    with pytest.raises(CommandError, match="用途"):
        run(out, full=True, reason="  ")
    assert not out.exists()
    run(out, full=True, reason="报县教育局基教股")
    entry = AuditEntry.objects.filter(unit=book.cast.school, verb=Verb.EXPORT).latest("seq")
    assert (entry.actor_name, entry.reason, entry.detail["edition"]) == ("系统", "报县教育局基教股", "full")
    run(out)
    assert (
        AuditEntry.objects.filter(unit=book.cast.school, verb=Verb.EXPORT).latest("seq").detail["edition"] == "masked"
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_an_export_that_cannot_be_recorded_is_not_made(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr("schools.audit.record", broken)
    with pytest.raises(RuntimeError):
        run(tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


@pytest.mark.parametrize("form", ExportForm.values)
@pytest.mark.parametrize("kind", ExportFormat.values)
def test_nobody_is_reported_too(book: Book, tmp_path: Path, form: str, kind: str) -> None:
    out = tmp_path / ("a.pdf" if kind == "pdf" else "a.xlsx")
    said = run(out, form=form, format=kind, on=datetime.date(2025, 10, 1))
    assert said.startswith("截至 2025-10-01 没有应列入的学生，已写出零报告")
    if kind == "xlsx-data":
        assert len(rows_of(out)) == 1
    else:
        assert "无（零报告）" in everything_in(out)


def test_refusals_in_words(book: Book, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="没有标识码为 9999999999 的学校"):
        run(tmp_path / "a", school="9999999999")
    with pytest.raises(CommandError, match="还没有到"):
        run(tmp_path / "a", on=datetime.date(2026, 3, 12))
    with pytest.raises(CommandError, match="写不了"):
        run(tmp_path / "no" / "a")


def test_without_pdf_libraries_the_command_says_what_is_missing(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*args: Any) -> None:
        raise pdf.PdfUnavailableError("缺少PDF排版库 libx：请用管理员身份在服务器上运行 apt-get install x")

    monkeypatch.setattr(pdf, "render_sheets", unavailable)
    with pytest.raises(CommandError, match="apt-get install x"):
        run(tmp_path / "a.pdf", format="pdf")


def test_a_broken_row_is_told_and_the_rest_is_there(book: Book, tmp_path: Path) -> None:
    type(book.dropout.student).objects.filter(pk=book.dropout.student.pk).update(note="x")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE students_student SET id_no = 'AAAA' WHERE id = %s", [book.dropout.student.pk])
    said = run(tmp_path / "a.xlsx", format="xlsx-data")
    assert "已写出 3 名学生" in said
    assert "未导出：2025-002 王小梅 「身份证号」无法写出" in said
    said = run(tmp_path / "b.xlsx", form="single")
    assert "已写出 3 名学生" in said
    assert "2025-002 王小梅" in said


def test_file_names_are_as_bureaus_take_them_in(book: Book) -> None:
    order = exports.Order(book.cast.school, datetime.date(2025, 11, 21), ExportForm.ROSTER, ExportFormat.XLSX, True)
    assert order.file_name == "云岭县青石乡九年一贯制学校2025-2026学年第一学期辍学学生登记表(截至20251121).xlsx"
    order = exports.Order(book.cast.school, WEDNESDAY, ExportForm.SINGLE, ExportFormat.PDF)
    assert order.file_name.endswith("第二学期辍学学生登记表(单人表)(截至20260311)(脱敏).pdf")


def test_a_narrowed_file_says_so(book: Book) -> None:
    choice = Choice(
        state="open", stage="junior", classroom=book.cast.seven.pk, village="柳树村", kind="suspected", reason="01"
    )
    order = exports.Order(book.cast.school, WEDNESDAY, ExportForm.ROSTER, ExportFormat.XLSX, choice=choice)
    assert exports.choice_words(order.school, choice, order.on) == "未销号、初中、七(1)班、柳树村、疑似辍学、厌学"
    made = exports.make(order, Case.objects.all(), STAMP)
    assert made.rows == exports.count(order, Case.objects.all()) == 1
    notes = str(list(load_workbook(BytesIO(made.content)).worksheets[0].values))
    assert "本表只列筛选出的学生：未销号、初中、七(1)班、柳树村、疑似辍学、厌学。" in notes


def test_another_schools_cases_never_come_along(book: Book) -> None:
    order = exports.Order(book.cast.school, WEDNESDAY, ExportForm.ROSTER, ExportFormat.DATA)
    made = exports.make(order, Case.objects.all(), STAMP)
    assert made.rows == 4
    assert MONDAY < WEDNESDAY
