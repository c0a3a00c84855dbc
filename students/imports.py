"""The import of rosters (花名册导入): upload, columns, preview, confirmation, undoing. Verbs of `ImportBatch`."""

import datetime
import gc
import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.core.files.base import File
from django.db import transaction

from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import Unit, User
from schools.policy import rules_on
from students import import_refused
from students.codes import ImportOutcome, ImportStatus
from students.import_commit import ImportMovedOn, commit_import, keys_of
from students.import_journal import Journal
from students.import_plan import Plan, plan_import
from students.import_undo import take_back
from students.models import HeadingMeaning, ImportBatch, Student
from students.roster import classlabels, process, stored
from students.roster.cells import Sheet, UnreadableRoster
from students.roster.classlabels import ClassLabel
from students.roster.columns import Column, Words
from students.roster.rows import Roster, find_rosters, read_roster
from students.roster.words import ROSTER
from students.services import RollRefusal, covers

KEPT_FOR = datetime.timedelta(hours=24)
_NOT_YOURS = "您现在的岗位不能导入花名册。"


class CountNotTyped(Exception):
    """So much would change that the number must be typed in; the text says so."""


def usual_start(today: datetime.date) -> datetime.date:
    """From when new pupils are on the roll unless the clerk says otherwise: today, in the summer 1 September."""
    return datetime.date(today.year, 9, 1) if today.month in (7, 8) else today


def words_of(school: Unit) -> Words:
    """What headings mean at this school: the usual synonyms, after what has been said of single headings before."""
    return ROSTER.with_told(dict(HeadingMeaning.objects.filter(school=school).values_list("heading", "field")))


def open_roster(data: bytes, *, words: Words = ROSTER, **options: Any) -> Roster:
    """The roster in a file, opened in a limited process. Raises UnreadableRoster with one sentence.

    `options` as for `read_roster`: file_name, all_sheets, default_class.
    """
    return read_roster(process.read_sheets(data), today=dates.today(), words=words, **options)


def upload(
    *,
    actor: User,
    school: Unit,
    file: File,
    on: datetime.date,
    all_sheets: bool = False,
    default_class: ClassLabel | None = None,
) -> ImportBatch:
    """Read a file and keep its sheets, sealed, until somebody confirms them, gives them up, or a day has gone by.

    Raises UnreadableRoster with one sentence.
    """
    if not covers(actor, school):
        raise RollRefusal(_NOT_YOURS)
    data, name = file.read(), str(file.name)
    rows = stored.pack(process.read_lines(data))
    find_rosters(stored.load(rows), words_of(school))
    forget_old()
    return ImportBatch.objects.create(
        school=school,
        file_name=name[-120:],
        sha256=hashlib.sha256(data).hexdigest(),
        uploaded_by=actor,
        rows=rows,
        account={"on": on.isoformat(), "all_sheets": all_sheets, "class": str(default_class or "")},
    )


def preview(batch: ImportBatch) -> Plan:
    """What a waiting upload would do now. Raises ImportMovedOn when its rows are gone."""
    label = batch.account.get("class", "")
    options = {
        "file_name": batch.file_name,
        "all_sheets": batch.account.get("all_sheets", False),
        "default_class": classlabels.parse(label) if label else None,
        "words": words_of(batch.school),
    }
    on = datetime.date.fromisoformat(batch.account["on"])
    try:
        return plan_of(lambda: _sheets(batch), school=batch.school, on=on, **options)
    except UnreadableRoster as error:
        raise ImportMovedOn(f"{error}请重新上传。") from error


def plan_of(sheets: Callable[[], list[Sheet]], *, school: Unit, on: datetime.date, **options: Any) -> Plan:
    """What importing these sheets would do. `options` as for `read_roster`; raises UnreadableRoster.

    A large file makes half a million objects and no rubbish: looking for some over and over would cost a third of the
    time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return plan_import(school=school, roster=read_roster(sheets(), today=dates.today(), **options), on=on)
    finally:
        if collecting:
            gc.enable()


def _sheets(batch: ImportBatch) -> list[Sheet]:
    text = batch.rows.reveal()
    if batch.status == ImportStatus.WAITING and text and batch.uploaded_at >= dates.now() - KEPT_FOR:
        try:
            return stored.load(text)
        except ValueError:
            pass  # an upload of an earlier version
    raise ImportMovedOn("这份名册的预览已经结束，请重新上传。")


def headings(batch: ImportBatch) -> list[Column]:
    """The headings of the sheets that the preview reads, each once. Raises ImportMovedOn when the rows are gone."""
    found = find_rosters(_sheets(batch), words_of(batch.school))
    taken = found if batch.account.get("all_sheets") else found[:1]
    return list({column.key: column for _, header in taken for column in header.headings}.values())


# --- columns --------------------------------------------------------------------------------------------------
def say_columns(*, actor: User, batch: ImportBatch, meanings: dict[str, str]) -> None:
    """Remember what headings of this file mean for the school: key of the heading → field, or empty for 「不导入」.

    Only what differs from the usual synonyms is remembered. Raises RollRefusal when two headings would mean the same,
    or none the name.
    """
    if not covers(actor, batch.school_id):
        raise RollRefusal(_NOT_YOURS)
    chosen = [name for name in meanings.values() if name]
    if double := next((name for name in chosen if chosen.count(name) > 1), ""):
        raise RollRefusal(f"有两列都选了「{ROSTER.label(double)}」，请只留一列。")
    if ROSTER.needs not in chosen:
        raise RollRefusal("一定要有一列是「姓名」。")
    usual = {
        column.key: column.field for _, header in find_rosters(_sheets(batch), ROSTER) for column in header.headings
    }
    with transaction.atomic():
        told = HeadingMeaning.objects.filter(school=batch.school)
        told.filter(heading__in=[key for key, name in meanings.items() if usual.get(key) == name]).delete()
        HeadingMeaning.objects.bulk_create(
            [
                HeadingMeaning(school=batch.school, heading=key, field=name)
                for key, name in meanings.items()
                if key in usual and usual[key] != name and len(key) <= _LONGEST_HEADING
            ],
            update_conflicts=True,
            unique_fields=("school", "heading"),
            update_fields=("field",),
        )


_LONGEST_HEADING = HeadingMeaning._meta.get_field("heading").max_length or 0


# --- confirmation ---------------------------------------------------------------------------------------------
def count_to_type(plan: Plan) -> int:
    """How many pupils would change, where that is so many that the number must be typed in; otherwise 0.

    The share is `import_guard_percent` of the pupils on the roll; the first import into an empty school is free.
    """
    changed = plan.account[ImportOutcome.CREATED] + plan.account[ImportOutcome.UPDATED]
    on_roll = Student.objects.filter(school=plan.school).on_roll(dates.today()).count()
    percent = rules_on(plan.school, dates.today()).count("import_guard_percent")
    return changed if on_roll and changed * 100 > on_roll * percent else 0


def confirm(*, actor: User, batch: ImportBatch, seen: str, typed: str = "") -> None:
    """Carry out what the preview showed; `seen` is the digest of the plan on the page, `typed` the number typed in."""
    with transaction.atomic():
        _hold(batch)
        if batch.status == ImportStatus.DONE:
            raise ImportMovedOn(f"{batch.account['confirmed_by']}已确认过这份名册，不会重复导入。")
        plan = preview(batch)
        if plan.digest != seen:
            raise ImportMovedOn("预览之后学籍有了变动，下面是新的预览，请再看一遍后确认。")
        if (count := count_to_type(plan)) and typed.strip() != str(count):
            raise CountNotTyped(f"这次要改动{count}名学生，请核对后在下面填上改动人数{count}，再确认。")
        journal = commit_import(plan=plan, actor=actor, sha256=batch.sha256, batch=batch)
        batch.kept = json.dumps({"journal": journal.dump(), "refused": import_refused.collect(plan)})
        batch.status, batch.rows, batch.confirmed_at = ImportStatus.DONE, "", dates.now()
        batch.account |= plan.account | {"confirmed_by": actor.name, "notices": plan.notices}
        batch.save(update_fields=("status", "rows", "kept", "confirmed_at", "account"))


def _hold(batch: ImportBatch) -> None:
    """Let confirmations and undoings in one school follow each other."""
    Unit.objects.select_for_update().get(pk=batch.school_id)
    batch.refresh_from_db()


def drop(*, actor: User, batch: ImportBatch) -> None:
    """Give an upload up; its rows are gone."""
    if not covers(actor, batch.school_id):
        raise RollRefusal(_NOT_YOURS)
    waiting = ImportBatch.objects.filter(pk=batch.pk, status=ImportStatus.WAITING)
    if waiting.update(status=ImportStatus.DROPPED, rows="") != 1:
        raise ImportMovedOn("这份名册已有人确认或放弃。")


# --- refused rows ---------------------------------------------------------------------------------------------
def refused_rows(*, actor: User, batch: ImportBatch) -> list[dict[str, Any]]:
    """The refused rows of a waiting or finished import, as `import_refused.workbook` takes them.

    They hold whole numbers and have passed no check, so only the person who sent them gets them back.
    """
    if batch.uploaded_by_id != actor.pk:
        raise RollRefusal("被拒绝的行只能由上传的人取回。")
    if batch.status == ImportStatus.WAITING:
        rows = import_refused.collect(preview(batch))
    elif batch.kept:
        rows = json.loads(batch.kept.reveal())["refused"]
    else:
        rows = []
    count = sum(len(part["rows"]) for part in rows)
    if not count:
        raise ImportMovedOn("没有可取回的行：一行也没有拒绝，或者过了24小时，已按规定清除。")
    with transaction.atomic():
        audit.record(Verb.EXPORT, unit=batch.school, actor=actor, about=batch, refused_rows=count)
    return rows


# --- undoing --------------------------------------------------------------------------------------------------
def may_undo(batch: ImportBatch) -> bool:
    """Whether the day in which an import can be undone is not over."""
    since = batch.confirmed_at
    return bool(batch.status == ImportStatus.DONE and batch.kept and since and since >= dates.now() - KEPT_FOR)


def undo(*, actor: User, batch: ImportBatch) -> None:
    """Undo an import of the last 24 hours: every value as it was, new pupils gone. All of it or nothing.

    New pupils go with all that the import wrote of them, their 异动 included: they were never here, and a record of
    theirs would stand in the way of the corrected list. The trail keeps their keys. Raises ImportMovedOn, and
    ChangedSince when something was changed or used since.
    """
    with transaction.atomic():
        _hold(batch)
        if not covers(actor, batch.school):
            raise RollRefusal(_NOT_YOURS)
        if not may_undo(batch):
            raise ImportMovedOn("这次导入已经撤销，或者过了24小时，不能再撤销。")
        audit.queue(batch.school_id)
        journal = Journal(**json.loads(batch.kept.reveal())["journal"])
        gone = take_back(journal, batch)
        restored = {student for *_, student, _ in (*journal.changed, *journal.made)}
        audit.record(
            Verb.IMPORT,
            unit=batch.school,
            actor=actor,
            about=batch,
            undone=True,
            sha256=batch.sha256,
            taken_back_pupils=keys_of(pk for pk, _ in journal.pupils),
            restored_pupils=keys_of(restored),
            taken_back_classrooms=keys_of(gone),
        )
        batch.status, batch.kept = ImportStatus.UNDONE, ""
        batch.account |= {
            "undone_by": actor.name,
            "undone_at": dates.now().isoformat(),
            "taken_back": len(journal.pupils),
            "restored": len(restored),
            "classrooms_left": len(journal.classrooms) - len(gone),
        }
        batch.save(update_fields=("status", "kept", "account"))


def forget_old() -> None:
    """Forget the rows of uploads that nobody confirmed within a day, and what served to undo older imports."""
    limit = dates.now() - KEPT_FOR
    ImportBatch.objects.filter(status=ImportStatus.WAITING, uploaded_at__lt=limit).update(
        status=ImportStatus.DROPPED, rows=""
    )
    ImportBatch.objects.filter(status=ImportStatus.DONE, confirmed_at__lt=limit).update(kept="")
