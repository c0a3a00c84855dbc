"""Verbs of a 学籍清查: hold an uploaded list against the roll, close it, and what stands at its head."""

import datetime
import hashlib
import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.files.base import File
from django.db import transaction

from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import Term, Unit, User
from students.codes import RollList
from students.models import Difference, RollCheck
from students.roll import RollRefusal, covers
from students.rollcheck import account, listing
from students.rollcheck.groups import GROUPS, Group
from students.rollcheck.listing import Listed, Listing
from students.rollcheck.pairing import Outcome, Place, Pupil, compare
from students.rollcheck.rollbook import pupils_of
from students.roster import process

_BATCH = 500


class CheckMovedOn(Exception):
    """Somebody else has closed or replaced the check meanwhile; the text says so."""


def upload(*, actor: User, school: Unit, source: str, file: File, about: str = "") -> RollCheck:
    """Compare a list with the roll of today. The file is not kept: only its sum, and what differs, sealed.

    An open check of the same kind of list is replaced by this one. Raises RollRefusal or UnreadableRoster.
    """
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能做人籍核对。")
    data, name = file.read(), str(file.name)
    today = dates.today()
    read = listing.read(process.read_sheets(data), today=today)
    others = _of_other_schools(read, school)
    check = RollCheck(
        school=school, source=source, about=about if source != RollList.NATIONAL else "", on=today,
        term=term_of(school, today), file_name=name[-120:], sha256=hashlib.sha256(data).hexdigest(), made_by=actor,
    )  # fmt: skip
    rows = [row for row in read.rows if row not in others]
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=school.pk)
        pupils = pupils_of(school, today)
        result = compare(rows, pupils, group=group_of(check), roll=source == RollList.NATIONAL)
        check.listed = len(rows)
        check.matched = result.count_rows()[Place.MATCHED]
        check.account = account.of(read, result, pupils, others=len(others))
        check.save()
        replaced = _replace(check)
        Difference.objects.bulk_create((_difference(check, part) for part in result.differences), batch_size=_BATCH)
        audit.record(
            Verb.ROLL_CHECK, unit=school, actor=actor, about=check, list_of=source, sha256=check.sha256,
            listed=check.listed, matched=check.matched, replaced_check=replaced,
            differences=Counter(f"diff.{part.place}" for part in result.differences),
        )  # fmt: skip
    return check


def _of_other_schools(read: Listing, school: Unit) -> list[Listed]:
    """Rows of other schools; a list that has no other rows is refused."""
    others = listing.other_schools(read.rows, school.code or "")
    if others and len(others) == len(read.rows):
        raise RollRefusal(
            f"名单上的学校标识码是{others[0].school_code}，本校是{school.code}：这是别的学校的名单，没有核对。"
        )
    return others


def _replace(check: RollCheck) -> int | None:
    """Let the new check take the place of the open one of the same list. Its key, if there was one."""
    before = RollCheck.objects.open().filter(school=check.school_id, source=check.source, about=check.about)
    last = before.exclude(pk=check.pk).order_by("-pk").first()
    before.exclude(pk=check.pk).update(replaced_by=check)
    return last.pk if last else None


def group_of(check: RollCheck) -> Group | None:
    return GROUPS.get(check.about)


def term_of(school: Unit, day: datetime.date) -> Term | None:
    """The term that a check of this day counts for: the one that has begun last, holidays after it included."""
    return Term.objects.filter(school=school, starts_on__lte=day).order_by("-starts_on").first()


def _difference(check: RollCheck, part: Outcome) -> Difference:
    return Difference(
        check_of=check, kind=part.place, student_id=part.pupil.key if part.pupil else None,
        name=(part.row.name if part.row else "") or (part.pupil.name if part.pupil else "") or "（没有姓名）",
        row_number=part.row.number if part.row else None, listed=sealed(part), text=part.text,
    )  # fmt: skip


def sealed(part: Outcome) -> str:
    """Both sides of a difference as JSON: what a later check compares itself with, and the papers' class."""
    return json.dumps(
        {"row": part.row and asdict(part.row), "here": part.pupil and _plain(part.pupil)},
        ensure_ascii=False, sort_keys=True, default=str,
    )  # fmt: skip


def _plain(pupil: Pupil) -> dict[str, Any]:
    """The pupil's side; which groups he belongs to is no part of it."""
    return {name: value for name, value in asdict(pupil).items() if name != "tags"}


def close(*, actor: User, check: RollCheck) -> None:
    """办结: every difference is settled. Raises RollRefusal, or CheckMovedOn when somebody was faster."""
    if not covers(actor, check.school_id):
        raise RollRefusal("您现在的岗位不能办结人籍核对。")
    with transaction.atomic():
        audit.queue(check.school_id)
        left = check.differences.unsettled().count()
        if left:
            raise RollRefusal(f"还有{left}条差异没有处理，处理完才能办结。")
        done = RollCheck.objects.open().filter(pk=check.pk).update(closed_on=dates.today(), closed_by=actor)
        if done != 1:
            raise CheckMovedOn("这次核对已经办结，或者已由新名单代替。")
        audit.record(Verb.ROLL_CHECK, unit=check.school_id, actor=actor, about=check, finished=True)
