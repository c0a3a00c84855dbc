"""The register as workbook and as PDF."""

import sys
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from followups.bench import floors
from followups.bench.measure import Figure, in_turns, once
from followups.bench.setting import TODAY, Setting
from followups.codes import ExportForm
from followups.exports import Order, make, sheets_of
from followups.models import Case
from followups.register import cases_on, entries
from kongchuo import dates, pdf, xlsx
from kongchuo.sheets import Sheet, Stamp
from schools.codes import ExportFormat
from schools.models import Unit

STAMP = Stamp("测量", dates.at(TODAY, 9))


def measure(setting: Setting) -> Iterator[Figure]:
    yield Figure("未要PDF前已载入WeasyPrint", float("weasyprint" in sys.modules), "个", limit=0)
    yield from workbook(setting.thousand)
    yield from paper(setting.two_hundred)


def workbook(school: Unit) -> Iterator[Figure]:
    order = Order(school=school, on=TODAY, form=ExportForm.ROSTER, format=ExportFormat.XLSX)
    found = entries(cases_on(Case.objects.filter(school=school), TODAY), TODAY)
    roster = sheets_of(order, found)[0]
    assert isinstance(roster, Sheet)
    headers = [column.header for column in roster.columns]
    values: list[list[Any]] = list(roster.lines([]))
    ours, floor = in_turns(
        lambda: xlsx.write_workbook([roster], xlsx.Edition.PRINT, STAMP),
        lambda: floors.workbook(headers, values, BytesIO()),
        7,
    )
    note = f"墙钟 {ours.wall / 1000:.2f} / {floor.wall / 1000:.2f} s"
    yield Figure(f"登记册 {len(found)}人 xlsx", ours.cpu, "CPU ms", floor.cpu, 1.5, note)
    whole = once(lambda: make(order, Case.objects.all(), STAMP))
    yield Figure(f"登记册 {len(found)}人 xlsx 连查询和统计表", whole.cpu, "CPU ms", floor.cpu, note="只作参考，不设限")


def paper(school: Unit) -> Iterator[Figure]:
    """The share of the call that is ours: everything outside WeasyPrint's layout and writing."""
    order = Order(school=school, on=TODAY, form=ExportForm.ROSTER, format=ExportFormat.PDF)
    shares, seconds = [], []

    def roster() -> None:
        found = entries(cases_on(Case.objects.filter(school=school), TODAY), TODAY)
        pdf.render_sheets(sheets_of(order, found)[:1], STAMP)

    for _ in range(5):
        with _Watched() as watched:
            whole = once(roster)
        shares.append(100 * (whole.cpu - watched.inside) / whole.cpu)
        seconds.append(whole.wall / 1000)
    shares.sort()
    note = f"整个 {sorted(seconds)[2]:.1f} s"
    yield Figure("登记册 200人 PDF 排版以外", shares[2], "%", limit=15, note=note)


class _Watched:
    """Counts the CPU milliseconds that pass inside WeasyPrint."""

    inside = 0.0

    def __enter__(self) -> "_Watched":
        self.kept = pdf._document
        pdf._weasyprint()  # its import is not part of the call
        pdf._document = self._timed
        return self

    def __exit__(self, *exception: object) -> None:
        pdf._document = self.kept

    def _timed(self, html: str) -> Any:
        return _Writing(self, self.count(lambda: self.kept(html)))

    def count(self, run: Any) -> Any:
        began = time.process_time()
        try:
            return run()
        finally:
            self.inside += (time.process_time() - began) * 1000


class _Writing:
    def __init__(self, watched: _Watched, document: Any):
        self.watched, self.document = watched, document

    def write_pdf(self, *args: Any, **kwargs: Any) -> bytes:
        return self.watched.count(lambda: self.document.write_pdf(*args, **kwargs))
