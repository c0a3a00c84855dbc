"""材料: the papers that prove something on the roll, kept as a scan or as 「seen by … on …」."""

import datetime
import hashlib
from contextlib import ExitStack

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from kongchuo import dates, images
from schools import audit
from schools.codes import Verb
from schools.models import User
from students.models import Difference, Paper, Resident, RollChange
from students.roll import RollRefusal, covers

Proven = RollChange | Resident | Difference
"""What a paper may prove."""
_OWNER = {RollChange: "change", Resident: "resident", Difference: "difference"}


def keep(
    *,
    actor: User,
    to: Proven,
    code: str,
    title: str,
    upload: UploadedFile | None = None,
    seen_by: str = "",
    seen_on: datetime.date | None = None,
    grade: str = "",
    number: str = "",
    dated_on: datetime.date | None = None,
) -> Paper:
    """Keep a paper: its scan, or who saw it and when. Raises RollRefusal; the file is on the disk before the row."""
    school = _school_of(to)
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能登记学籍材料。")
    if upload is None and not (seen_by.strip() and seen_on):
        raise RollRefusal("请上传材料，或写明谁在哪一天核验过原件。")
    if any(day and day > dates.today() for day in (seen_on, dated_on)):
        raise RollRefusal("材料日期和核验日期不能晚于今天。")
    paper = Paper(
        school_id=school, code=code, title=title, grade=grade, number=number.strip(), dated_on=dated_on,
        seen_by=seen_by.strip(), seen_on=seen_on, recorded_by=actor, **{_OWNER[type(to)]: to},
    )  # fmt: skip
    with ExitStack() as undo:
        if upload is not None:
            _store(paper, upload)
            undo.callback(paper.file.delete, save=False)
        with transaction.atomic():
            paper.save()
            audit.record(
                Verb.PAPER, unit=school, actor=actor, about=paper, to=to._meta.model_name, key=to.pk, paper=code,
                sha256=paper.sha256,
            )  # fmt: skip
        undo.pop_all()  # the row stands: so does its file
    return paper


def void(*, actor: User, paper: Paper, reason: str) -> None:
    """Void a paper that was the wrong one. Its row and its file stay for the record."""
    if not covers(actor, paper.school_id):
        raise RollRefusal("您现在的岗位不能作废学籍材料。")
    if len(reason.strip()) < 4:
        raise RollRefusal("请写明作废原因，至少4个字。")
    with transaction.atomic():
        standing = Paper.objects.standing().filter(pk=paper.pk)
        if standing.update(voided_at=dates.now(), void_reason=reason.strip()[:120]) != 1:
            raise RollRefusal("这份材料已经作废，请刷新后再看。")
        audit.record(Verb.PAPER, unit=paper.school_id, actor=actor, about=paper, reason=reason.strip(), voided=True)


def _store(paper: Paper, upload: UploadedFile) -> None:
    try:
        data, paper.media_type, ending = images.clean(upload)
    except images.UploadRefusal as refusal:
        raise RollRefusal(str(refusal)) from None
    paper.sha256 = hashlib.sha256(data).hexdigest()
    paper.file.save(f"paper{ending}", ContentFile(data), save=False)


def _school_of(to: Proven) -> int:
    if isinstance(to, Resident):
        return to.household.school_id
    return to.school_id if isinstance(to, RollChange) else to.check_of.school_id
