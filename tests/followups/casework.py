"""Cases built through the services, for the tests of this folder."""

import datetime
from io import BytesIO

from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from attendance.models import DailyReport, Mark
from followups import findings, proposals
from followups.codes import Addressee, FindingKind, Met, NoticeKind, ProposalKind, Result, Source, Stage, Way
from followups.models import Attachment, Case, Contact, Notice
from followups.stages import enter
from schools.models import Classroom, User
from students.models import Student
from tests.cast import Cast

WHY = {"basis": "连续3个到校日无故未到", "unjustified": "家访，没有请假、没有转学"}
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


def found_case(cast: Cast) -> Case:
    """A case at 报告: absence on four days, one visit, a request to close it that nobody has answered."""
    case = open_case(cast.pupils[1])
    for day in (4, 5, 6, 9):
        mark(cast.seven, case.student, datetime.date(2026, 3, day), "U", cast.head)
    findings.decide_finding(actor=cast.principal, case=case, kind=FindingKind.SUSPECTED, on=MONDAY, **WHY)
    visit(case.student, cast.head, MONDAY)
    proposals.propose(actor=cast.head, case=case, kind=ProposalKind.CLOSE, text="家长说已转学")
    return case


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: object) -> str:
    """Address of a page of the cases."""
    return reverse(f"followups:{name}", args=args)
