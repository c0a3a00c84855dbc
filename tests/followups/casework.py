"""Cases built through the services, for the tests of this folder."""

import datetime
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image

from attendance.models import DailyReport, Mark
from followups.codes import Addressee, Met, NoticeKind, Result, Source, Stage, Way
from followups.models import Attachment, Case, Contact, Notice
from followups.stages import enter
from schools.models import Classroom, User
from students.models import Student

MONDAY = datetime.date(2026, 3, 9)


def open_case(student: Student, opened_on: datetime.date = MONDAY, **fields: object) -> Case:
    """A warning as the machine opens it: at 认定, decided by nobody."""
    classroom = student.present_enrollment.classroom
    case = Case.objects.create(
        student=student, school=student.school, classroom=classroom, source=Source.SPELL, opened_on=opened_on,
        spell_from=opened_on - datetime.timedelta(days=4), **fields,
    )  # fmt: skip
    enter(case=case, stage=Stage.IDENTIFY, on=opened_on, actor=None)
    return case


def visit(student: Student, by: User, on: datetime.date, met: str = Met.GUARDIAN, photo: bool = True) -> Contact:
    contact = Contact.objects.create(
        student=student, way=Way.VISIT, on=on, met=met, result=Result.REFUSED, made_by=by, companions="村主任"
    )
    if photo:
        Attachment.objects.create(
            contact=contact, file=ContentFile(b"\xff\xd8photo", name="p.jpg"), sha256="0" * 64,
            media_type="image/jpeg", uploaded_by=by,
        )  # fmt: skip
    return contact


def report(case: Case, by: User, on: datetime.date, addressees: tuple[str, ...] = (Addressee.BUREAU,)) -> Notice:
    return Notice.objects.create(
        case=case, kind=NoticeKind.REPORT, number=f"青校〔2026〕{case.pk}号", dated_on=on, signer="王校长",
        addressees=list(addressees), recorded_by=by,
    )  # fmt: skip


def mark(classroom: Classroom, student: Student, on: datetime.date, code: str, by: User) -> Mark:
    """One mark in the day's morning report, which is filed if there is none yet."""
    daily, _ = DailyReport.objects.get_or_create(
        classroom=classroom, on=on, defaults={"expected": 6, "absent": 0, "submitted_by": by,
                                              "submitted_at": datetime.datetime.now(datetime.UTC), "roll_version": ""}
    )  # fmt: skip
    return Mark.objects.create(report=daily, student=student, on=on, teacher_code=code)


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of a small picture."""
    buffer = BytesIO()
    Image.new("RGB", size, (200, 80, 40)).save(buffer, kind, **options)
    return buffer.getvalue()
