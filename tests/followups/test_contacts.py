"""Contacts and visits, and the photos that prove them."""

import datetime
import os
import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from followups import attachments
from followups.codes import Met, Reason, Result, Way
from followups.contacts import record_contact
from followups.models import Attachment, Case, Contact
from followups.refusals import CaseRefusal
from kongchuo import images
from schools.models import AuditEntry, User
from students.models import Student
from tests.cast import WEDNESDAY, Cast
from tests.followups.casework import open_case, picture, visit


def contact(actor: User, student: Student, **how: object) -> Contact:
    plain = {"way": Way.PHONE, "on": WEDNESDAY, "met": Met.NOBODY, "result": Result.UNREACHABLE}
    return record_contact(actor=actor, student=student, **{**plain, **how})


def test_the_first_call_needs_no_case(cast: Cast) -> None:
    made = contact(cast.head, cast.pupils[0], reasons=[Reason.WEARY], companions=" 村主任 ", text="没人接")
    assert (made.made_by, made.companions, made.reasons) == (cast.head, "村主任", ["01"])
    entry = AuditEntry.objects.latest("pk")
    assert (entry.verb, entry.detail["student"]) == ("contact", cast.pupils[0].pk)
    assert cast.pupils[0].name not in str(entry.detail)


def test_the_same_record_sent_twice_is_one(cast: Cast) -> None:
    first, again = (contact(cast.head, cast.pupils[0]) for _ in range(2))
    assert first == again
    contact(cast.head, cast.pupils[0], at=datetime.time(19, 30))
    assert Contact.objects.count() == 2


@pytest.mark.parametrize(
    ("person", "allowed"),
    [
        ("head", True), ("clerk", True), ("principal", True), ("other_head", False), ("subject", False),
        ("admin", False), ("auditor", False), ("central", False), ("township_officer", False), ("far_clerk", False),
    ],
)  # fmt: skip
def test_who_may_record(cast: Cast, person: str, allowed: bool) -> None:
    if allowed:
        contact(getattr(cast, person), cast.pupils[0])
    else:
        with pytest.raises(CaseRefusal, match="您现在的岗位不能登记这名学生的情况"):
            contact(getattr(cast, person), cast.pupils[0])
    assert Contact.objects.count() == allowed


def test_who_is_responsible_may_record_while_the_case_is_open(cast: Cast) -> None:
    case = open_case(cast.others[0])
    Case.objects.filter(pk=case.pk).update(responsible=cast.subject)
    made = contact(cast.subject, cast.others[0])
    assert set(Contact.objects.visible_to(cast.subject)) == {made}
    with pytest.raises(CaseRefusal):
        contact(cast.subject, cast.others[1])


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"on": datetime.date(2026, 3, 12)}, "on"),
        ({"met": Met.NOBODY, "result": Result.REFUSED}, "result"),
        ({"met": Met.GUARDIAN, "result": Result.PROMISED}, "promised_on"),
        ({"met": Met.GUARDIAN, "result": Result.PROMISED, "promised_on": datetime.date(2026, 3, 10)}, "promised_on"),
        ({"reasons": ["77"]}, "reasons"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, how: dict, field: str) -> None:
    with pytest.raises(CaseRefusal) as caught:
        contact(cast.head, cast.pupils[0], **how)
    assert caught.value.field == field
    assert not Contact.objects.exists()


def test_contacts_are_seen_by_class_and_office_only(cast: Cast) -> None:
    own, other = contact(cast.head, cast.pupils[0]), contact(cast.other_head, cast.others[0])
    seen = {
        name: set(Contact.objects.visible_to(getattr(cast, name)))
        for name in ("head", "other_head", "subject", "clerk", "principal", "admin", "central", "far_clerk")
    }
    assert seen == {
        "head": {own}, "other_head": {other}, "subject": set(), "clerk": {own, other}, "principal": {own, other},
        "admin": set(), "central": set(), "far_clerk": set(),
    }  # fmt: skip


# --- Photos -----------------------------------------------------------------------------------------------------------


def upload(data: bytes, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, "image/jpeg")


@pytest.fixture
def door(cast: Cast) -> Contact:
    return visit(cast.pupils[0], cast.head, WEDNESDAY, photo=False)


def kept_files() -> set[str]:
    folder = settings.MEDIA_ROOT / "evidence"
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_a_jpeg_of_modest_size(cast: Cast, door: Contact, kind: str) -> None:
    kept = attachments.attach(actor=cast.head, to=door, upload=upload(picture((4000, 3000), kind)))
    with Image.open(kept.file) as stored:
        assert (stored.format, stored.size) == ("JPEG", (1600, 1200))
    assert kept.media_type == "image/jpeg"
    assert list(door.attachments.all()) == [kept]


def exif_photo() -> bytes:
    """A photo with a place, a device, a comment and a sideways orientation, and a film hidden behind it."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90°
    exif[0x010F] = "MARKER-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[29] = "MARKER-GPS"
    buffer = BytesIO()
    Image.new("RGB", (60, 20), (10, 200, 10)).save(
        buffer, "JPEG", exif=exif, comment=b"MARKER-COMMENT", icc_profile=b"MARKER-PROFILE", xmp=b"<x>MARKER-XMP</x>"
    )
    return buffer.getvalue() + b"MARKER-FILM" * 20


def test_nothing_of_the_phone_remains(cast: Cast, door: Contact) -> None:
    raw = exif_photo()
    assert raw.count(b"MARKER") > 6
    kept = attachments.attach(actor=cast.head, to=door, upload=upload(raw))
    data = kept.file.read()
    assert b"MARKER" not in data
    assert b"Exif" not in data
    with Image.open(BytesIO(data)) as stored:
        assert stored.size == (20, 60)  # upright


def huge_png(side: int) -> bytes:
    """A few kilobytes of PNG that stand for side × side pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compressobj(9)
    line = b"\0" + b"\0" * ((side + 7) // 8)
    pixels = b"".join(rows.compress(line) for _ in range(side)) + rows.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("bomb", [huge_png(13_000), huge_png(5_100), picture((3_600, 3_600), "WEBP")])
def test_a_picture_that_would_burst_the_server_is_never_decoded(cast: Cast, door: Contact, bomb: bytes) -> None:
    assert len(bomb) < 100_000
    before = kept_files()
    with pytest.raises(CaseRefusal, match="照片尺寸太大"):
        attachments.attach(actor=cast.head, to=door, upload=upload(bomb))
    assert kept_files() == before


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"\xff\xd8\xff\xe0 and then nothing of a picture",
        picture()[:200],
        b"MZ" + b"\0" * 400,
        picture(kind="TIFF"),
    ],
    ids=["empty", "html", "svg", "gif", "broken", "cut", "program", "tiff"],
)
def test_what_is_no_photo_is_refused_whatever_its_name(cast: Cast, door: Contact, data: bytes) -> None:
    before = kept_files()
    with pytest.raises(CaseRefusal, match="这个文件不是照片"):
        attachments.attach(actor=cast.head, to=door, upload=upload(data, "家访.jpg"))
    assert kept_files() == before
    assert not Attachment.objects.exists()


def test_a_photo_with_a_page_behind_it_loses_the_page(cast: Cast, door: Contact) -> None:
    kept = attachments.attach(actor=cast.head, to=door, upload=upload(picture() + b"<script>alert(1)</script>"))
    assert b"script" not in kept.file.read()


def test_a_file_too_big_is_refused_before_it_is_opened(cast: Cast, door: Contact) -> None:
    big = upload(b"\xff\xd8" + b"\0" * images.MAX_BYTES)
    with pytest.raises(CaseRefusal, match="文件太大，请控制在15MB以内"):
        attachments.attach(actor=cast.head, to=door, upload=big)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.jpg", "/etc/x", "a/../../b.png", "..\\..\\x.jpg", "a\0b.jpg", "李建军.jpg", "x" * 300 + ".jpg",
    ".htaccess", "con.jpg", "a;rm -rf.jpg", "photo.php", "<b>.jpg", "'; drop.jpg", "a\nb.jpg", "~root.jpg"],
)  # fmt: skip
def test_the_name_of_a_file_is_never_used(cast: Cast, door: Contact, name: str) -> None:
    sent = upload(picture())
    sent._name = name
    kept = attachments.attach(actor=cast.head, to=door, upload=sent)
    folder, file = os.path.split(kept.file.name)
    assert folder == "evidence"
    assert len(file) == 36
    assert set(file) <= set("0123456789abcdef.jpg")


def test_a_pdf_scan_is_kept_as_it_is(cast: Cast, door: Contact) -> None:
    scan = b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF"
    kept = attachments.attach(actor=cast.head, to=door, upload=upload(scan, "登记表.pdf"))
    assert (kept.media_type, kept.file.read(), kept.file.name[-4:]) == ("application/pdf", scan, ".pdf")


def test_the_same_photo_sent_again_is_the_same_attachment(cast: Cast, door: Contact) -> None:
    first = attachments.attach(actor=cast.head, to=door, upload=upload(picture()))
    before = kept_files()
    assert attachments.attach(actor=cast.head, to=door, upload=upload(picture())) == first
    assert kept_files() == before


def test_only_who_keeps_the_pupil_adds_photos(cast: Cast, door: Contact) -> None:
    for person in (cast.other_head, cast.subject, cast.admin, cast.far_clerk, cast.central):
        with pytest.raises(CaseRefusal, match="不能给这里上传"):
            attachments.attach(actor=person, to=door, upload=upload(picture()))


def test_a_file_without_its_row_does_not_stay(cast: Cast, door: Contact) -> None:
    """When what it proves is refused, the stored file goes again."""
    before = kept_files()

    def refuse() -> Case:
        raise CaseRefusal("不行。")

    with pytest.raises(CaseRefusal, match="不行"):
        attachments.recorded_with(upload(picture()), actor=cast.clerk, record=refuse)
    assert kept_files() == before


def test_attachments_are_seen_with_what_they_prove(cast: Cast, door: Contact, at_day: Callable[..., None]) -> None:
    kept = attachments.attach(actor=cast.head, to=door, upload=upload(picture()))
    seers = {name for name in ("head", "other_head", "subject", "clerk", "principal", "admin", "central", "far_clerk")
             if kept in Attachment.objects.visible_to(getattr(cast, name))}  # fmt: skip
    assert seers == {"head", "clerk", "principal"}
