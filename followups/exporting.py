"""Exports as deeds: ordered with a trace before anything is written, written once, fetched with a trace, swept away.

The trace comes first and in the same transaction as the ledger row: an export that can't be recorded is not made.
"""

import datetime
import hashlib
import logging
import subprocess
import sys
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from followups import exports
from followups.codes import Edition, ExportForm, ExportFormat, ExportStatus
from followups.exports import Order
from followups.models import Case, Export
from followups.register import Choice
from kongchuo import dates, pdf
from kongchuo.datadir import ROOT
from kongchuo.sheets import Stamp
from schools import audit
from schools.codes import OFFICE, Verb
from schools.models import User

logger = logging.getLogger(__name__)

LEAST_REASON = 4
KEPT_FOR = datetime.timedelta(hours=24)
STUCK_AFTER = datetime.timedelta(minutes=15)


class ExportRefusal(Exception):
    """An export can't be made like this, in words. `field` names the form field that the sentence belongs to."""

    def __init__(self, sentence: str, field: str = ""):
        super().__init__(sentence)
        self.field = field


def order_export(*, actor: User, order: Order, reason: str = "") -> Export:
    """Enter an export into the ledger and the trail; the file comes later, by `write`. Raises ExportRefusal."""
    _refuse(actor, order, reason)
    with transaction.atomic():
        export = Export.objects.create(
            school=order.school, form=order.form, format=order.format, edition=order.edition, on=order.on,
            filters=order.choice.kept | {"paper": order.paper}, reason=reason.strip(), made_by=actor,
            file_name=order.file_name,
        )  # fmt: skip
        audit.record(
            Verb.EXPORT, unit=order.school, actor=actor, about=export, reason=reason.strip(), did="ordered",
            form=order.form, format=order.format, edition=order.edition, on=order.on, filters=export.filters,
        )  # fmt: skip
    return export


def _refuse(actor: User, order: Order, reason: str) -> None:
    if not actor.has(*OFFICE, school=order.school):
        raise ExportRefusal("登记表由教务员和校长导出，您现在的岗位不能导出。")
    if order.full and len(reason.strip()) < LEAST_REASON:
        raise ExportRefusal("导出全号要写明用途，例如「报县教育局基教股月报」。", "reason")
    if order.on > dates.today():
        raise ExportRefusal("截止日期还没有到，最晚是今天。", "on")
    if order.format == ExportFormat.PDF and (lacks := pdf.missing()):
        raise ExportRefusal("现在不能生成PDF。" + "；".join(lacks) + "。可以先导出Excel。", "format")


def order_of(export: Export) -> Order:
    """What was ordered, as the ledger has it."""
    return Order(
        school=export.school,
        on=export.on,
        form=ExportForm(export.form),
        format=ExportFormat(export.format),
        full=export.edition == Edition.FULL,
        paper=export.filters.get("paper", "a3"),
        choice=Choice.of(export.filters),
    )


def write(export: Export) -> bool:
    """Make the file of a waiting export, for the eyes of the one who ordered it. False if somebody else is at it.

    Whatever goes wrong is said in the ledger; what nobody foresaw is raised as well.
    """
    waiting = Export.objects.filter(pk=export.pk, status=ExportStatus.WAITING)
    if not waiting.update(status=ExportStatus.RUNNING):
        return False
    try:
        _write(export)
    except (pdf.PdfUnavailableError, pdf.PdfFailedError) as error:
        _fail(export, "；".join(str(sentence) for sentence in error.args))
    except Exception:
        _fail(export, "生成时出错，请重新导出；还不行请告诉系统管理员。")
        raise
    return True


def _write(export: Export) -> None:
    order, actor = order_of(export), export.made_by
    number = f"E-{export.pk:04d}"
    stamp = Stamp(actor.name, dates.now(), number, Edition(export.edition).label)

    def progress(done: int, total: int) -> None:
        Export.objects.filter(pk=export.pk).update(progress=min(done * 100 // total, 99))

    made = exports.make(order, Case.objects.visible_to(actor), stamp, progress)
    digest = hashlib.sha256(made.content).hexdigest()
    # On the disk before the ledger says so: a row that says 已生成 always has its file.
    export.file.save(order.file_name, ContentFile(made.content), save=False)
    with transaction.atomic():
        Export.objects.filter(pk=export.pk).update(
            status=ExportStatus.DONE, progress=100, rows=made.rows, sha256=digest, file=export.file.name,
            error="；".join(f"{refusal.who}{refusal.reason}" for refusal in made.refused)[:200],
        )  # fmt: skip
        audit.record(
            Verb.EXPORT, unit=export.school_id, actor=actor, about=export, did="written", rows=made.rows,
            refused=len(made.refused), sha256=digest,
        )  # fmt: skip


def _fail(export: Export, sentence: str) -> None:
    Export.objects.filter(pk=export.pk).update(status=ExportStatus.FAILED, error=sentence[:200])


def needs_time(order: Order, cases: Any) -> bool:
    """Whether the file is long enough to be made by a process of its own while the person goes on with other things."""
    return order.format == ExportFormat.PDF and pdf.is_long(
        exports.count(order, cases), as_forms=order.form == ExportForm.SINGLE
    )


def write_later(export: Export) -> None:
    """Let a process of its own write the file; the page of the export shows how far it is."""
    command = [sys.executable, str(ROOT / "manage.py"), "write_export", str(export.pk)]
    subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603


def is_stuck(export: Export) -> bool:
    """Whether an unfinished export has been at it for so long that its process must have died."""
    unfinished = export.status in (ExportStatus.WAITING, ExportStatus.RUNNING)
    return unfinished and dates.now() - export.made_at > STUCK_AFTER


def may_fetch(export: Export, user: User) -> bool:
    """A file with full numbers is for the one who gave the reason; a masked one for the school's office."""
    return export.edition == Edition.MASKED or export.made_by_id == user.pk


def fetch(*, actor: User, export: Export) -> bytes:
    """The file, with a trace of who took it. Raises ExportRefusal when there is none (any more)."""
    if not may_fetch(export, actor):
        raise ExportRefusal("全号文件只能由导出的人下载。您需要时请自己导出，并写明用途。")
    if export.status != ExportStatus.DONE or not export.file:
        raise ExportRefusal("文件已按规定清除(保存24小时)，请重新导出。")
    with transaction.atomic():
        audit.record(Verb.EXPORT, unit=export.school_id, actor=actor, about=export, did="fetched", sha256=export.sha256)
    with export.file.open() as file:
        return file.read()


def sweep() -> int:
    """Remove files older than a day; the ledger keeps what they were. Returns how many."""
    old = Export.objects.filter(made_at__lt=dates.now() - KEPT_FOR).exclude(file="")
    for export in old:
        export.file.delete(save=False)
        Export.objects.filter(pk=export.pk).update(file="")
    return len(old)
