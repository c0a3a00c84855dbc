"""PDF: it says what is missing, it reads nothing but our static files, long ones come in parts from a child process."""

import datetime
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from kongchuo import pdf
from kongchuo.sealed import Secret
from kongchuo.sheets import A4_LANDSCAPE, Column
from tests.cast import id_number
from tests.kongchuo.sheet_samples import PAYLOADS, STAMP, form, roster


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(content), strict=True).pages]


def flat(text: str) -> str:
    return "".join(text.split())


def some_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"name": f"学生{number}", "on": datetime.date(2026, 9, 7), "note": "电话联系"} for number in range(1, count + 1)
    ]


def test_weasyprint_is_not_loaded_before_a_pdf_is_asked_for() -> None:
    code = (
        "import sys, django; django.setup();"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        "import kongchuo.pdf, kongchuo.checks, kongchuo.xlsx;"
        "from django.core.checks import run_checks; run_checks();"
        "kongchuo.pdf.missing();"
        "sys.exit('weasyprint' in sys.modules)"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], cwd=pdf.ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_other_module_imports_weasyprint() -> None:
    apps = ("kongchuo", "schools", "students", "attendance", "followups")
    importing = [
        str(path.relative_to(pdf.ROOT))
        for app in apps
        for path in (pdf.ROOT / app).rglob("*.py")
        if "import weasyprint" in path.read_text() or "from weasyprint" in path.read_text()
    ]
    assert importing == ["kongchuo/pdf.py"]


def test_a_list_has_title_unit_header_on_every_page_notes_and_page_numbers() -> None:
    printed = pdf.render_sheets([roster(some_rows(60))], STAMP)
    pages = pages_of(printed.content)
    assert printed.counts == (60,)
    assert (printed.parts, printed.refused) == (1, ())
    assert len(pages) > 1
    assert "青石乡中学2026-2027学年度第一学期辍学(疑似辍学)学生登记表(花名册)" in flat(pages[0])
    assert "填报单位(盖章)：青石乡中学" in pages[0]
    assert all("学生姓名" in page for page in pages)
    assert all(f"第{number}页共{len(pages)}页" in flat(page) for number, page in enumerate(pages, 1))
    assert all(flat(STAMP.line) in flat(page) for page in pages)
    assert "2026.9.7" in pages[0]
    assert "截止日期：2026年11月21日" in pages[-1]
    assert "校长(签字)：" in pages[-1]
    assert "学生60" in "".join(pages)


def test_paper_and_fonts() -> None:
    reader = pypdf.PdfReader(BytesIO(pdf.render_sheets([roster(some_rows(1)), form()], STAMP).content))
    sizes = [tuple(round(float(side) / 28.35, 1) for side in page.mediabox[2:]) for page in reader.pages]
    assert sizes == [(42.0, 29.7), (21.0, 29.7)]
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor), "every font is embedded"


def test_nobody_to_report_is_a_report() -> None:
    assert "无（零报告）" in pages_of(pdf.render_sheets([roster([])]).content)[0]


def test_a_line_that_counts_no_more_is_struck_through() -> None:
    sheet = roster(some_rows(2), struck=lambda row: row["name"] == some_rows(2)[1]["name"])
    _, volumes = pdf._volumes([sheet], [])
    html = pdf._html("print/sheets.html", {"sheets": volumes[0]})
    assert html.count('<tr class="struck">') == 1
    assert html.index('<tr class="struck">') < html.index(f'<td class="left">{some_rows(2)[1]["name"]}</td>')


def test_a_form_shows_its_boxes_and_masks_sealed_numbers() -> None:
    number = id_number(9)
    text = flat(pages_of(pdf.render_sheets([form("李建军", number)], STAMP).content)[0])
    assert "义务教育阶段辍学学生登记表" in text
    assert "530000************" in text
    assert number not in text
    assert number in flat(pages_of(pdf.render_sheets([form("李建军", number, full=True)]).content)[0])


def test_what_people_typed_is_shown_and_never_obeyed() -> None:
    texts = [*PAYLOADS, "</td><h1>假标题</h1>", "{{ 7|add:7 }}", "李\x00建\ud800军", "&#x1F600;"]
    text = flat(
        "".join(pages_of(pdf.render_sheets([roster([{"name": "甲", "note": text} for text in texts])]).content))
    )
    for shown in ("=1+1", "<b>&amp;</b>", "</td><h1>假标题</h1>", "{{7|add:7}}", "李建军", "&#x1F600;"):
        assert shown in text


def test_a_row_that_cannot_be_printed_is_listed_on_the_last_page() -> None:
    rows = [*some_rows(2), {"name": "坏行", "id_no": Secret(token="AAAA", column="x")}]
    printed = pdf.render_sheets([roster(rows)])
    last = flat(pages_of(printed.content)[-1])
    assert printed.counts == (2,)
    assert "未导出原因" in last
    assert "3坏行「身份证号」无法写出：数据已损坏" in last


def test_above_the_limit_parts_are_made_in_a_child_and_joined_into_one_file(settings: Any) -> None:
    settings.PDF_ROWS_PER_CHUNK = 4
    seen: list[tuple[int, int]] = []
    by_village = roster(some_rows(1), title="按村屯统计", paper=A4_LANDSCAPE)
    printed = pdf.render_sheets(
        [roster(some_rows(10)), by_village], STAMP, progress=lambda done, total: seen.append((done, total))
    )
    reader = pypdf.PdfReader(BytesIO(printed.content), strict=True)
    pages = [flat(page.extract_text()) for page in reader.pages]
    assert printed.counts == (10, 1)
    assert printed.parts == 3
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert [page[page.index("第1页") - 8 : page.index("第1页")] for page in pages[:3]] == [
        f"第{part}册（共3册）" for part in (1, 2, 3)
    ]
    assert "学生4" in pages[0]
    assert "学生5" not in pages[0]
    assert "学生10" in pages[2]
    assert "按村屯统计" in pages[3]
    assert "第3册（共3册）第2页共2页" in pages[3]
    assert reader.metadata
    assert reader.metadata.title == roster([]).title
    assert reader.trailer["/Root"]["/Lang"] == "zh-Hans"


def test_a_child_that_dies_is_said_in_words(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings.PDF_ROWS_PER_CHUNK = 1
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 137\n")
    broken.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(pdf.PdfFailedError, match="内存不足"):
        pdf.render_sheets([roster(some_rows(2))])


# --- What it may read -----------------------------------------------------------------------------------------
@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine, its address, and the paths that anybody has asked it for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/css")
            self.end_headers()
            self.wfile.write(b"body::after { content: 'CANARY-HTTP' }")

        def log_message(self, *args: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


HOSTILE = (
    '<img src="{}">',
    '<link rel="stylesheet" href="{}">',
    '<link rel="attachment" href="{}">',
    '<a rel="attachment" href="{}">x</a>',
    '<object data="{}"></object>',
    '<embed src="{}">',
    '<style>@import url("{}");</style>',
    '<style>@font-face {{ font-family: f; src: url("{}") }} p {{ font-family: f }}</style>',
    '<p style="background: url({})">x</p>',
    '<p style="content: url({})">x</p>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="{}" width="9" height="9"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="{}#a"/></svg>',
)


def test_pages_that_ask_for_files_or_addresses_get_nothing(tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    canary = tmp_path / "canary.css"
    canary.write_text("body::after { content: 'CANARY-FILE' }")
    within = pdf.STATIC / "css"
    targets = (
        f"{address}/x",
        canary.as_uri(),
        f"static:../{'../' * 20}{canary}",
        f"static:{canary}",
        f"static:css/%2e%2e/%2e%2e/{'../' * 20}{canary}",
        f"static:{within}/../../requirements.txt",
        "static:../manage.py",
        "file:///etc/passwd",
        str(canary),
    )
    html = "".join(pattern.format(target) for target in targets for pattern in HOSTILE)
    content = pdf._document(f"<!DOCTYPE html><body><p>正文</p>{html}</body>").write_pdf(uncompressed_pdf=True)
    reader = pypdf.PdfReader(BytesIO(content))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "正文" in text
    assert asked == []
    for secret in ("CANARY-FILE", "CANARY-HTTP", "root:"):
        assert secret not in text
        assert secret.encode() not in content
    assert reader.attachments == {}


def test_addresses_typed_into_a_field_are_printed_and_not_fetched(listener: tuple[str, list[str]]) -> None:
    address, asked = listener
    note = f'<img src="{address}/x"><link rel=stylesheet href="file:///etc/passwd">'
    text = flat(pages_of(pdf.render_sheets([roster([{"name": note, "note": note}])]).content)[0])
    assert asked == []
    assert "file:///etc/passwd" in text
    assert "root:" not in text


def test_our_own_stylesheet_is_read() -> None:
    link = '<link rel="stylesheet" href="static:css/print.css"><section class="a3-landscape">x</section>'
    document = pdf._document(f"<!DOCTYPE html><head></head><body>{link}</body>")
    assert round(document.pages[0].width / 96 * 2.54, 1) == 42.0


# --- What is missing ------------------------------------------------------------------------------------------
@pytest.fixture
def fresh() -> Iterator[None]:
    """Looks again, and forgets afterwards what a test pretended."""
    pdf._look.cache_clear()
    pdf._weasyprint.cache_clear()
    yield
    pdf._look.cache_clear()
    pdf._weasyprint.cache_clear()


def test_nothing_is_missing_here(fresh: None) -> None:
    assert pdf.missing() == []


def test_a_missing_library_and_a_missing_font_are_named_with_the_remedy(
    fresh: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PDF_FONT_FAMILIES = ("No Such Song",)
    monkeypatch.setitem(pdf.LIBRARIES, "libnosuchthing.so.9", "libnosuchthing9")
    assert pdf.missing() == [
        "缺少PDF排版库 libnosuchthing.so.9：请用管理员身份在服务器上运行 apt-get install libnosuchthing9",
        "没有找到中文字体：请用管理员身份在服务器上运行 apt-get install fonts-noto-cjk",
    ]
    for rows in (1, 500):
        with pytest.raises(pdf.PdfUnavailableError, match="libnosuchthing9"):
            pdf.render_sheets([roster(some_rows(rows))])


def test_what_was_mended_is_seen_without_a_restart(fresh: None, settings: Any) -> None:
    wanted = settings.PDF_FONT_FAMILIES
    settings.PDF_FONT_FAMILIES = ("No Such Song",)
    assert pdf.missing()
    settings.PDF_FONT_FAMILIES = wanted
    assert pdf.missing() == []


def test_without_fontconfig_there_is_no_font(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert pdf.font_family() == ""
    assert "没有找到中文字体" in pdf.missing()[0]


def test_wide_lists_get_smaller_type() -> None:
    columns = [Column(f"列{number}", lambda row: "字", width=4) for number in range(40)]
    wide = pdf._printed_list(roster([], columns=columns, paper=A4_LANDSCAPE), [])
    few = pdf._printed_list(roster([], columns=columns[:5], paper=A4_LANDSCAPE), [])
    assert float(wide["type_size"]) < float(few["type_size"]) == 10.5
