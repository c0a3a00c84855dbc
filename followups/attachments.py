"""Photos and scans: cleaned, stored under a random name and on the disk before the row that names them."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from followups.models import Attachment, Case, Contact, LegalAct, Notice
from followups.refusals import CaseRefusal
from followups.rights import keeps, office_of
from kongchuo import images
from schools import audit
from schools.codes import Verb
from schools.models import User

Proven = Contact | Case | Notice | LegalAct
"""What a photo or scan may belong to."""
Recorded = TypeVar("Recorded", Contact, Case, Notice, LegalAct)


def attach(*, actor: User, to: Proven, upload: UploadedFile, caption: str = "") -> Attachment:
    """Keep a photo (JPEG, PNG, WebP) or a PDF scan. The same file sent twice is the same attachment."""
    _may_attach(actor, to)
    with stored(upload) as attachment, transaction.atomic():
        same = to.attachments.filter(sha256=attachment.sha256).first()
        if same:
            attachment.file.delete(save=False)
            return same
        return keep(actor=actor, to=to, attachment=attachment, caption=caption)


def recorded_with(scan: UploadedFile | None, *, actor: User, record: Callable[[], Recorded]) -> Recorded:
    """Record something together with its scan, if there is one: both or neither."""
    if scan is None:
        return record()
    with stored(scan) as attachment, transaction.atomic():
        thing = record()
        keep(actor=actor, to=thing, attachment=attachment)
    return thing


@contextmanager
def stored(upload: UploadedFile) -> Iterator[Attachment]:
    """An unsaved attachment whose file lies on the disk. When the block fails, the file goes again."""
    try:
        data, media_type, ending = images.clean(upload)
    except images.UploadRefusal as refusal:
        raise CaseRefusal(str(refusal), "file") from None
    attachment = Attachment(sha256=hashlib.sha256(data).hexdigest(), media_type=media_type)
    attachment.file.save(f"evidence{ending}", ContentFile(data), save=False)
    try:
        yield attachment
    except BaseException:
        attachment.file.delete(save=False)
        raise


def keep(*, actor: User, to: Proven, attachment: Attachment, caption: str = "") -> Attachment:
    """Write the row of a stored attachment. Call inside the transaction of what it proves."""
    attachment.uploaded_by, attachment.caption = actor, caption.strip()[:80]
    if isinstance(to, Contact):
        attachment.contact = to
    elif isinstance(to, Case):
        attachment.case = to
    else:
        attachment.case = to.case
        setattr(attachment, "notice" if isinstance(to, Notice) else "legal_act", to)
    attachment.save()
    audit.record(
        Verb.ATTACHMENT, unit=_school(to), actor=actor, about=attachment, to=to._meta.model_name, key=to.pk,
        sha256=attachment.sha256, bytes=attachment.file.size,
    )  # fmt: skip
    return attachment


def _school(to: Proven) -> int:
    if isinstance(to, Contact):
        return to.student.school_id
    return to.school_id if isinstance(to, Case) else to.case.school_id


def _may_attach(actor: User, to: Proven) -> None:
    allowed = keeps(actor, to.student) if isinstance(to, Contact) else office_of(actor, _school(to))
    if not allowed:
        raise CaseRefusal("您现在的岗位不能给这里上传照片或扫描件。")
