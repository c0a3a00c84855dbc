"""Exports as deeds: ordered with a trace before anything is written, written once, fetched with a trace, swept away.

The trace comes first and in the same transaction as the ledger row: an export that can't be recorded is not made.
"""

import datetime
import hashlib
import logging
import subprocess
import sys

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q

from kongchuo import dates, pdf
from kongchuo.datadir import ROOT
from kongchuo.sheets import Form, Stamp
from schools import audit, books
from schools.books import Asked, Order
from schools.codes import DECIDERS, Edition, ExportFormat, ExportStatus, Role, Verb
from schools.models import Classroom, Export, Term, User

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
    asked, reason = order.asked, reason.strip()
    waits = needs_approval(actor, order)
    status = ExportStatus.ASKED if waits else ExportStatus.WAITING
    with transaction.atomic():
        export = Export.objects.create(
            school=asked.school, book=order.book.key, format=order.format, edition=order.edition, on=asked.on,
            filters=asked.kept, reason=reason, made_by=actor, file_name=order.file_name, status=status,
        )  # fmt: skip
        audit.record(
            Verb.EXPORT, unit=asked.school, actor=actor, about=export, reason=reason,
            did="asked" if waits else "ordered", book=order.book.key, format=order.format, edition=order.edition,
            on=asked.on, filters=export.filters,
        )  # fmt: skip
    return export


def needs_approval(actor: User, order: Order) -> bool:
    """Whether the principal has to agree: a school's whole roll with full numbers, ordered by somebody else."""
    whole = order.book.whole_roll and order.asked.classroom is None and order.asked.about is None
    return whole and order.asked.full and not actor.has(*DECIDERS, school=order.asked.school)


def _refuse(actor: User, order: Order, reason: str) -> None:
    book, asked = order.book, order.asked
    if not actor.has(*book.roles, school=asked.school):
        who = "教务员、校长和班主任" if Role.HEAD_TEACHER in book.roles else "教务员和校长"
        raise ExportRefusal(f"《{book.title}》由{who}导出，您现在的岗位不能导出。")
    if asked.classroom is None and book.wants("classroom") and books.keeps_to_class(actor, book, asked.school):
        raise ExportRefusal("请选择您任班主任的班。")
    if asked.full and len(reason.strip()) < LEAST_REASON:
        raise ExportRefusal("导出全号要写明用途，例如「报县教育局基教股月报」。", "reason")
    if asked.on > dates.today():
        raise ExportRefusal("截止日期还没有到，最晚是今天。", "on")
    if order.format == ExportFormat.PDF and (lacks := pdf.missing()):
        raise ExportRefusal("现在不能生成PDF。" + "；".join(lacks) + "。可以先导出Excel。", "format")
    if order.format == ExportFormat.DATA and any(isinstance(part, Form) for part in order.sheets()):
        raise ExportRefusal("这是单人表，没有数据版，请选Excel打印版或PDF。", "format")


def order_of(export: Export) -> Order:
    """What was ordered, as the ledger has it. Raises ExportRefusal when it can't be had any more."""
    book = books.registry.get(export.book)
    if book is None:
        raise ExportRefusal("系统里已经没有这种表。")
    user, kept = export.made_by, export.filters
    asked = Asked(
        user=user, school=export.school, on=export.on, full=export.edition == Edition.FULL,
        classroom=_classroom_of(export), term=Term.objects.visible_to(user).filter(pk=kept.get("term")).first(),
        month=kept.get("month", ""), about=kept.get("about"), choice=kept.get("choice", ""), filters=kept,
    )  # fmt: skip
    return Order(book, asked, ExportFormat(export.format))


def _classroom_of(export: Export) -> Classroom | None:
    """The class that was asked for. Without it the file would be another, wider one: then there is none."""
    key = export.filters.get("classroom")
    found = Classroom.objects.visible_to(export.made_by).filter(pk=key, school=export.school).first() if key else None
    if key and found is None:
        raise ExportRefusal("导出的人现在看不到这个班，不能生成。")
    return found


def decide(*, actor: User, export: Export, approved: bool, text: str = "") -> None:
    """批准 or 不批准 an export that waits for the principal. Raises ExportRefusal."""
    if not actor.has(*DECIDERS, school=export.school_id):
        raise ExportRefusal("只有校长（受托代行校长）能批准全号导出。")
    if export.made_by_id == actor.pk:
        raise ExportRefusal("自己要的导出不能由自己批准。")
    if not approved and len(text.strip()) < LEAST_REASON:
        raise ExportRefusal("不批准要写明原因，至少4个字。", "text")
    status = ExportStatus.WAITING if approved else ExportStatus.REFUSED
    with transaction.atomic():
        waiting = Export.objects.asked().filter(pk=export.pk)
        decided = {"decided_by": actor, "decided_at": dates.now(), "decision": text.strip()[:120], "status": status}
        if waiting.update(**decided) != 1:
            raise ExportRefusal("这份导出已经有人批过，请看最新的情况。")
        for name, value in decided.items():
            setattr(export, name, value)
        audit.record(
            Verb.EXPORT, unit=export.school_id, actor=actor, about=export, reason=text.strip(),
            did="approved" if approved else "refused",
        )  # fmt: skip


def set_off(export: Export) -> None:
    """Write the file of a waiting export now, or let a process of its own do it when it takes long."""
    if export.status != ExportStatus.WAITING:
        return
    if _takes_long(export):
        transaction.on_commit(lambda: write_later(export))
    else:
        write(export)


def _takes_long(export: Export) -> bool:
    try:
        return books.is_long(order_of(export))
    except ExportRefusal:
        return False  # and the ledger says why


def write(export: Export) -> bool:
    """Make the file of a waiting export, for the eyes of the one who ordered it. False if somebody else is at it.

    Whatever goes wrong is said in the ledger; what nobody foresaw is raised as well.
    """
    waiting = Export.objects.filter(pk=export.pk, status=ExportStatus.WAITING)
    if not waiting.update(status=ExportStatus.RUNNING):
        return False
    try:
        _write(export)
    except (pdf.PdfUnavailableError, pdf.PdfFailedError, ExportRefusal) as error:
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

    made = books.make(order, stamp, progress)
    digest = hashlib.sha256(made.content).hexdigest()
    # On the disk before the ledger says so: a row that says 已生成 always has its file.
    export.file.save(export.file_name, ContentFile(made.content), save=False)
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


def write_later(export: Export) -> None:
    """Let a process of its own write the file; the page of the export shows how far it is."""
    command = [sys.executable, str(ROOT / "manage.py"), "write_export", str(export.pk)]
    subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603


def is_stuck(export: Export) -> bool:
    """Whether an unfinished export has been at it for so long that its process must have died."""
    unfinished = export.status in (ExportStatus.WAITING, ExportStatus.RUNNING)
    return unfinished and dates.now() - (export.decided_at or export.made_at) > STUCK_AFTER


def may_fetch(export: Export, user: User) -> bool:
    """A file with full numbers is for the one who gave the reason; a masked one for the school's office."""
    return export.edition == Edition.MASKED or export.made_by_id == user.pk


def fetch(*, actor: User, export: Export) -> bytes:
    """The file, with a trace of who took it. Raises ExportRefusal when there is none (any more)."""
    if not may_fetch(export, actor):
        raise ExportRefusal("全号文件只能由导出的人下载。您需要时请自己导出，并写明用途。")
    if export.made_by_id == actor.pk:
        _still_theirs(actor, export)
    if export.status != ExportStatus.DONE or not export.file:
        raise ExportRefusal("文件已按规定清除(保存24小时)，请重新导出。")
    with transaction.atomic():
        audit.record(Verb.EXPORT, unit=export.school_id, actor=actor, about=export, did="fetched", sha256=export.sha256)
    with export.file.open() as file:
        return file.read()


def _still_theirs(actor: User, export: Export) -> None:
    """Whose class it is no more, or who has left the office, shall not take a file along."""
    room, book = _classroom_of(export), books.registry.get(export.book)
    if book is None:
        return
    bound = room is None and book.wants("classroom") and books.keeps_to_class(actor, book, export.school)
    if bound or not actor.has(*book.roles, school=export.school_id):
        raise ExportRefusal("您现在的岗位不能下载这份文件。")


def sweep() -> int:
    """Remove files older than a day; the ledger keeps what they were. Returns how many."""
    limit = dates.now() - KEPT_FOR
    old = Export.objects.filter(Q(decided_at__isnull=True) | Q(decided_at__lt=limit), made_at__lt=limit)
    files = old.exclude(file="")
    for export in files:
        export.file.delete(save=False)
        Export.objects.filter(pk=export.pk).update(file="")
    return len(files)
