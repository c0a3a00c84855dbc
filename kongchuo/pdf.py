"""The only place that makes a PDF. WeasyPrint (2.4 s to import) is loaded when a PDF is asked for, never before.

A long PDF is laid out part by part (册) in a child process: layout takes some 0.8 MB a row and gives none of it back,
and the server's own processes have to stay small. `python -m kongchuo.pdf` is that child. The parts are joined into
one file, because a clerk prints one file and the bureau takes one; each part keeps page numbers of its own.
"""

import ctypes
import logging
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote

from django.conf import settings
from django.template.loader import render_to_string

from kongchuo.sheets import Form, Paper, Placed, Refusal, Sheet, Stamp, line_count, refusals_sheet, words

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
# The shared libraries that WeasyPrint opens, and the Debian package that brings each.
LIBRARIES = {
    "libgobject-2.0.so.0": "libglib2.0-0",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libharfbuzz0b",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libfontconfig.so.1": "libfontconfig1",
}
FONT_PACKAGE = "fonts-noto-cjk"
_REMEDY = "请用管理员身份在服务器上运行 apt-get install"
# What a page of a paper form weighs beside a row of a roster, as measured.
ROWS_A_FORM = 6

_POINTS_A_CM = 28.35
_LARGEST_TYPE, _SMALLEST_TYPE = 10.5, 5.0  # 五号 to 八号
_CELL_PADDING = 0.6  # of a character, left and right together
_LINE_HEIGHT = 1.35  # as in print.css
_LINE_PADDING = 2.0  # points, above and below together, with the rule
_FORM_FRAME = 4.9  # cm for what stands around a form: title, caption, notes, signatures
_CONTENT_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
_FRAME = struct.Struct(">Q")

Progress = Callable[[int, int], None]


class PdfUnavailableError(Exception):
    """PDF can't be made on this machine. Its arguments are sentences that say what is missing and how to mend it."""


class PdfFailedError(Exception):
    """The child process died. Its argument is a sentence for the person who waits for the file."""


@dataclass(frozen=True)
class Printed:
    """A finished PDF: its bytes, the rows of each sheet that was asked for, its parts, the rows that are missing."""

    content: bytes
    counts: tuple[int, ...]
    parts: int
    refused: tuple[Refusal, ...]


# --- What is missing ------------------------------------------------------------------------------------------
def missing() -> list[str]:
    """What this machine lacks for PDF, each as a sentence with the command that mends it; empty when all is there."""
    sentences = _look()
    if sentences:
        _look.cache_clear()  # it may be mended while the server runs
    return list(sentences)


@lru_cache(maxsize=1)
def _look() -> tuple[str, ...]:
    absent = [(library, package) for library, package in LIBRARIES.items() if not _opens(library)]
    sentences = [
        f"缺少PDF排版库 {library}：请用管理员身份在服务器上运行 apt-get install {package}"
        for library, package in absent
    ]
    if not font_family():
        sentences.append(f"没有找到中文字体：请用管理员身份在服务器上运行 apt-get install {FONT_PACKAGE}")
    return tuple(sentences)


def _opens(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def font_family() -> str:
    """The first of `settings.PDF_FONT_FAMILIES` that fontconfig knows on this machine; empty when none is there."""
    listing = shutil.which("fc-list")
    if not listing:
        return ""
    answer = subprocess.run([listing, ":", "family"], capture_output=True, text=True, check=False)  # noqa: S603
    families = {family.strip() for line in answer.stdout.splitlines() for family in line.split(",")}
    return next((family for family in settings.PDF_FONT_FAMILIES if family in families), "")


# --- Rendering ------------------------------------------------------------------------------------------------
def render_pdf(template: str, context: dict[str, Any]) -> bytes:
    """A short document from a template that extends print/base.html, laid out in this process.

    Raises PdfUnavailableError when libraries or fonts are missing.
    """
    return _document(_html(template, context)).write_pdf()


def render_sheets(
    sheets: Sequence[Sheet | Form], stamp: Stamp | None = None, progress: Progress | None = None
) -> Printed:
    """Lists and forms as one PDF.

    Above `settings.PDF_ROWS_PER_CHUNK` rows it consists of parts numbered 第n册, made in a child process, and
    `progress(done, total)` is called after each. Rows that can't be printed are listed on a last page 「未导出原因」.
    Raises PdfUnavailableError, or PdfFailedError when the child process dies.
    """
    refused: list[Refusal] = []
    counts, volumes = _volumes(sheets, refused)
    if refused:
        _, extra = _volumes([refusals_sheet(tuple(refused))], [])
        volumes[-1:] = [volumes[-1] + extra[0], *extra[1:]]
    documents = (
        _html("print/sheets.html", {"sheets": volume, "stamp": stamp, "volume": number, "volumes": len(volumes)})
        for number, volume in enumerate(volumes, 1)
    )
    if len(volumes) == 1:
        content = _document(next(documents)).write_pdf()
    else:
        content = _render_in_child(documents, len(volumes), progress)
    return Printed(content, counts, len(volumes), tuple(refused))


def is_long(rows: int, *, as_forms: bool = False) -> bool:
    """Whether so many rows (or forms, a page each) make more than one part."""
    return rows * (ROWS_A_FORM if as_forms else 1) > settings.PDF_ROWS_PER_CHUNK


def _html(template: str, context: dict[str, Any]) -> str:
    families = ", ".join(f'"{family}"' for family in settings.PDF_FONT_FAMILIES)
    return render_to_string(template, {"font_families": families, **context})


def _document(html: str) -> Any:
    weasyprint, fetcher = _weasyprint()
    return weasyprint.HTML(string=html, base_url="static:", url_fetcher=fetcher()).render()


@lru_cache(maxsize=1)
def _weasyprint() -> tuple[Any, type]:
    """WeasyPrint, and the only fetcher it gets: our static files by `static:css/print.css`, and `data:`."""
    if sentences := missing():
        raise PdfUnavailableError(*sentences)
    import weasyprint
    from weasyprint.logger import PROGRESS_LOGGER
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    PROGRESS_LOGGER.setLevel(logging.WARNING)  # a line for every page of every file would drown the log

    class StaticFetcher(URLFetcher):
        """Reads the files under static/ and nothing else: no other file, no network, no redirect."""

        def __init__(self) -> None:
            super().__init__(allowed_protocols={"data"}, allow_redirects=False)

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith("static:"):
                return super().fetch(url, headers)
            path = (STATIC / unquote(url.removeprefix("static:"))).resolve()
            if not path.is_relative_to(STATIC) or path.suffix not in _CONTENT_TYPES:
                raise ValueError(f"Not one of our static files: {url}")
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _CONTENT_TYPES[path.suffix]})

    return weasyprint, StaticFetcher


# --- What the template gets -----------------------------------------------------------------------------------
def _volumes(
    sheets: Sequence[Sheet | Form], refused: list[Refusal]
) -> tuple[tuple[int, ...], list[list[dict[str, Any]]]]:
    """The rows of each sheet, and what stands in each part: at most PDF_ROWS_PER_CHUNK rows."""
    limit = settings.PDF_ROWS_PER_CHUNK
    counts: list[int] = []
    volumes: list[list[dict[str, Any]]] = [[]]
    filled = 0
    for sheet in sheets:
        pieces = list(_printed(sheet, refused, limit))
        counts.append(sum(rows for rows, _ in pieces))
        for rows, piece in pieces:
            weight = rows * ROWS_A_FORM if isinstance(sheet, Form) else rows
            if filled and filled + weight > limit:
                volumes.append([])
                filled = 0
            volumes[-1].append(piece)
            filled += weight
    return tuple(counts), volumes


def _printed(sheet: Sheet | Form, refused: list[Refusal], limit: int) -> Iterator[tuple[int, dict[str, Any]]]:
    if isinstance(sheet, Form):
        try:
            yield 1, _printed_form(sheet)
        except ValueError as error:
            refused.append(Refusal(0, sheet.name, str(error)))
        return
    lines = [([words(value) for value in values], values.struck) for values in sheet.lines(refused)]
    for start in range(0, max(len(lines), 1), limit):
        piece = lines[start : start + limit]
        yield len(piece), _printed_list(sheet, piece)


def _printed_list(sheet: Sheet, lines: list[tuple[list[str], bool]]) -> dict[str, Any]:
    widths = [column.width + _CELL_PADDING for column in sheet.columns]
    aligns = [str(column.align) for column in sheet.columns]
    return {
        "title": sheet.title,
        "head": sheet.head,
        "paper": _page_name(sheet.paper),
        "type_size": _type_size(sheet.paper, sum(widths)),
        "columns": _percentages(widths),
        "headers": [column.header for column in sheet.columns],
        "lines": [(list(zip(line, aligns, strict=True)), struck) for line, struck in lines],
        "empty": sheet.empty,
    }


def _printed_form(form: Form) -> dict[str, Any]:
    placed = form.placed()
    return {
        "title": form.title,
        "caption": form.caption,
        "head": form.head,
        "paper": _page_name(form.paper),
        "type_size": _form_type_size(form, placed),
        "columns": _percentages(form.widths),
        "boxes": [
            [(part.box, words(part.value)) for part in placed if part.line == line] for line in range(len(form.rows))
        ],
    }


def _page_name(paper: Paper) -> str:
    return {"A4竖": "a4-portrait", "A4横": "a4-landscape", "A3横": "a3-landscape"}[paper.name]


def _type_size(paper: Paper, characters: float) -> str:
    """The largest size, in points, at which so many characters stand side by side on the paper."""
    size = paper.usable_width * _POINTS_A_CM / characters
    return f"{min(max(size, _SMALLEST_TYPE), _LARGEST_TYPE):.2f}"


def _form_type_size(form: Form, placed: Sequence[Placed]) -> str:
    """The largest size at which the form stays on one page, by an estimate of the lines that each box takes."""
    planned = form.paper.usable_width * _POINTS_A_CM / sum(form.widths)  # points that one character is planned with
    room = (form.paper.usable_height - _FORM_FRAME) * _POINTS_A_CM
    size = min(planned, _LARGEST_TYPE)
    while size > _SMALLEST_TYPE and _form_height(form, placed, size, planned / size) > room:
        size -= 0.25
    return f"{size:.2f}"


def _form_height(form: Form, placed: Sequence[Placed], size: float, stretch: float) -> float:
    """The form's height in points at a type size; a planned character then has room for `stretch` characters."""

    def needed(part: Placed) -> float:
        text, room = words(part.value), part.width * stretch - _CELL_PADDING
        lines = line_count(text, room)
        if lines > 1:  # a line may not begin with a comma: the last character often goes down with it
            lines = line_count(text, max(room - 1, 1))
        return max(part.box.height * _POINTS_A_CM, lines * size * _LINE_HEIGHT + _LINE_PADDING)

    return sum(form.line_heights(placed, needed))


def _percentages(widths: Sequence[float]) -> list[str]:
    return [f"{width / sum(widths):.3%}" for width in widths]


# --- Long documents: the child process ------------------------------------------------------------------------
def _render_in_child(documents: Iterable[str], total: int, progress: Progress | None) -> bytes:
    """One PDF of several documents, each laid out in a process that ends when the last is done."""
    if sentences := missing():
        raise PdfUnavailableError(*sentences)
    with tempfile.TemporaryFile() as errors:
        try:
            return _converse(documents, total, progress, errors)
        except (BrokenPipeError, EOFError) as error:
            errors.seek(0)
            logger.error("The PDF process died: %s", errors.read()[-2000:].decode(errors="replace"))
            raise PdfFailedError("排版进程中断，多半是服务器内存不足。请稍后重试，或缩小范围后分几次导出。") from error


def _converse(documents: Iterable[str], total: int, progress: Progress | None, errors: IO[bytes]) -> bytes:
    command = [sys.executable, "-m", "kongchuo.pdf"]
    with subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
    ) as child:
        assert child.stdin
        assert child.stdout
        for done, html in enumerate(documents, 1):
            _send(child.stdin, html.encode())
            _receive(child.stdout)
            if progress:
                progress(done, total)
        _send(child.stdin, b"")
        return _receive(child.stdout)


def _send(pipe: IO[bytes], content: bytes) -> None:
    pipe.write(_FRAME.pack(len(content)) + content)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes:
    length = _exactly(pipe, _FRAME.size)
    return _exactly(pipe, _FRAME.unpack(length)[0])


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    content = pipe.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _serve(source: IO[bytes], target: IO[bytes]) -> None:
    """The child: HTML documents come in, each is answered when it is laid out; after an empty one the PDF goes out."""
    from pypdf import PdfWriter

    joined: PdfWriter | None = None
    while html := _receive(source):
        part = BytesIO(_document(html.decode()).write_pdf())
        if joined is None:
            joined = PdfWriter(clone_from=part)  # title and language are those of the first part
        else:
            joined.append(part)
        _send(target, b"")
    assert joined
    out = BytesIO()
    joined.write(out)
    _send(target, out.getvalue())


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
