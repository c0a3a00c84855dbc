"""The import of rosters (花名册导入): upload, preview, confirmation. Verbs of `ImportBatch`."""

import datetime
import hashlib

from django.core.files.base import File
from django.db import transaction

from kongchuo import dates
from schools.models import Unit, User
from students.codes import ImportStatus
from students.import_commit import ImportMovedOn, commit_import
from students.import_plan import Plan, plan_import
from students.models import ImportBatch
from students.roster import process, stored
from students.roster.classlabels import ClassLabel
from students.roster.rows import Roster, read_roster
from students.services import RollRefusal, covers

KEPT_FOR = datetime.timedelta(hours=24)


def usual_start(today: datetime.date) -> datetime.date:
    """From when new pupils are on the roll unless the clerk says otherwise: today, in the summer 1 September."""
    return datetime.date(today.year, 9, 1) if today.month in (7, 8) else today


def open_roster(
    data: bytes, *, file_name: str = "", all_sheets: bool = False, default_class: ClassLabel | None = None
) -> Roster:
    """The roster in an uploaded file, opened in a limited process. Raises UnreadableRoster with one sentence."""
    return read_roster(
        process.read_sheets(data),
        today=dates.today(),
        file_name=file_name,
        all_sheets=all_sheets,
        default_class=default_class,
    )


def upload(
    *,
    actor: User,
    school: Unit,
    file: File,
    on: datetime.date,
    all_sheets: bool = False,
    default_class: ClassLabel | None = None,
) -> ImportBatch:
    """Read a roster and keep it, sealed, until somebody confirms it, gives it up, or a day has gone by.

    Raises UnreadableRoster with one sentence.
    """
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能导入花名册。")
    data, name = file.read(), str(file.name)
    roster = open_roster(data, file_name=name, all_sheets=all_sheets, default_class=default_class)
    forget_old_previews()
    return ImportBatch.objects.create(
        school=school,
        file_name=name[-120:],
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_by=actor,
        rows=stored.dump(roster),
        account={"on": on.isoformat()},
    )


def preview(batch: ImportBatch) -> Plan:
    """What a waiting upload would do now. Raises ImportMovedOn when its rows are gone."""
    text = batch.rows.reveal()
    if batch.status != ImportStatus.WAITING or not text or batch.uploaded_at < dates.now() - KEPT_FOR:
        raise ImportMovedOn("这份名册的预览已经结束，请重新上传。")
    on = datetime.date.fromisoformat(batch.account["on"])
    return plan_import(school=batch.school, roster=stored.load(text), on=on)


def confirm(*, actor: User, batch: ImportBatch, seen: str) -> None:
    """Carry out what the preview showed; `seen` is the digest of the plan on the page."""
    with transaction.atomic():
        # Two confirmations of one upload, or of two uploads of one school, follow each other.
        Unit.objects.select_for_update().get(pk=batch.school_id)
        batch.refresh_from_db()
        if batch.status == ImportStatus.DONE:
            raise ImportMovedOn(f"{batch.account['confirmed_by']}已确认过这份名册，不会重复导入。")
        plan = preview(batch)
        if plan.digest != seen:
            raise ImportMovedOn("预览之后学籍有了变动，下面是新的预览，请再看一遍后确认。")
        commit_import(plan=plan, actor=actor, sha256=batch.sha256, batch=batch)
        batch.status, batch.rows, batch.confirmed_at = ImportStatus.DONE, "", dates.now()
        batch.account |= plan.account | {"confirmed_by": actor.name, "notices": plan.notices}
        batch.save(update_fields=("status", "rows", "confirmed_at", "account"))


def drop(*, actor: User, batch: ImportBatch) -> None:
    """Give an upload up; its rows are gone."""
    if not covers(actor, batch.school_id):
        raise RollRefusal("您现在的岗位不能导入花名册。")
    waiting = ImportBatch.objects.filter(pk=batch.pk, status=ImportStatus.WAITING)
    if waiting.update(status=ImportStatus.DROPPED, rows="") != 1:
        raise ImportMovedOn("这份名册已有人确认或放弃。")


def forget_old_previews() -> None:
    """Forget the rows of uploads that nobody confirmed within a day."""
    waiting = ImportBatch.objects.filter(status=ImportStatus.WAITING, uploaded_at__lt=dates.now() - KEPT_FOR)
    waiting.update(status=ImportStatus.DROPPED, rows="")
