"""What the adults in the demo's stories do, through the same services as on the pages."""

import datetime
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from attendance.models import Mark
from followups.attachments import attach
from followups.closing import close_case
from followups.codes import Addressee, FindingKind, Met, NoticeKind, Outcome, Placement, Result, Stage, Way
from followups.contacts import record_contact
from followups.facts import assign_responsible, edit_facts, fingerprint
from followups.findings import decide_finding
from followups.models import Case
from followups.outcomes import Closing
from followups.papers import record_legal_act, record_notice
from followups.stages import advance
from schools.models import User
from students.codes import Change
from students.models import Student
from students.services import change_enrollment

if TYPE_CHECKING:
    from followups.demo.school import School

Deed = Callable[["School", Student, datetime.date], None]


def _case(student: Student) -> Case:
    return Case.objects.open().get(student=student)


def _grade(school: "School", student: Student) -> int:
    return next(grade for grade, pupils in school.pupils.items() if any(p.pk == student.pk for p in pupils))


def _head(school: "School", student: Student) -> User:
    return school.heads[_grade(school, student)]


def call(result: Result = Result.UNREACHABLE, met: Met = Met.NOBODY, text: str = "") -> Deed:
    def deed(school: "School", student: Student, on: datetime.date) -> None:
        record_contact(
            actor=_head(school, student), student=student, way=Way.PHONE, on=on, at=datetime.time(9, 20), met=met,
            result=result, text=text,
        )  # fmt: skip

    return deed


def visit(met: Met, result: Result, *, text: str = "", promised_after: int = 0, reasons: tuple[str, ...] = ()) -> Deed:
    """A visit at the door, with its photo."""

    def deed(school: "School", student: Student, on: datetime.date) -> None:
        teacher = _head(school, student)
        guardian = student.guardians.earliest("position")
        contact = record_contact(
            actor=teacher, student=student, way=Way.VISIT, on=on, at=datetime.time(17, 30), met=met,
            met_name=f"{guardian.name}（{guardian.get_relation_display()}）" if met == Met.GUARDIAN else "",
            result=result, promised_on=on + datetime.timedelta(days=promised_after) if promised_after else None,
            reasons=reasons, companions=f"{student.village}村委会干部", text=text,
        )  # fmt: skip
        attach(actor=teacher, to=contact, upload=_photo(on), caption="家访照片（演示）")

    return deed


def _photo(on: datetime.date) -> SimpleUploadedFile:
    """A drawn door: the demo has no real house in it."""
    image = Image.new("RGB", (640, 480), "#e8e2d2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 330, 640, 480), fill="#b9a98a")
    draw.rectangle((240, 130, 400, 400), fill="#7a5a3c", outline="#4b3826", width=6)
    draw.ellipse((372, 260, 388, 276), fill="#d9c27a")
    draw.text((20, 20), f"demo {on.isoformat()}", fill="#4b3826")
    data = BytesIO()
    image.save(data, "JPEG", quality=80)
    return SimpleUploadedFile("door.jpg", data.getvalue(), "image/jpeg")


def find(kind: FindingKind, basis: str, unjustified: str) -> Deed:
    def deed(school: "School", student: Student, on: datetime.date) -> None:
        case = _case(student)
        decide_finding(actor=school.principal, case=case, kind=kind, basis=basis, unjustified=unjustified, on=on)
        if case.responsible is None:
            assign_responsible(actor=school.principal, case=case, person=_head(school, student))

    return deed


suspect = find(
    FindingKind.SUSPECTED, "连续3个到校日无故未到，班主任电话、家访确认未就读", "监护人没有请假，也没有转学、休学手续"
)
drop_out = find(FindingKind.DROPOUT, "认定疑似已满30天，多次劝返仍未到校", "监护人承认孩子在外务工，没有休学、转学手续")


def facts(**values: object) -> Deed:
    def deed(school: "School", student: Student, on: datetime.date) -> None:
        case = _case(student)
        edit_facts(actor=school.clerk, case=case, seen=fingerprint(case), **values)

    return deed


def report(number: int) -> Deed:
    """The written report goes out, and the case to 走访."""

    def deed(school: "School", student: Student, on: datetime.date) -> None:
        case = _case(student)
        record_notice(
            actor=school.clerk, case=case, kind=NoticeKind.REPORT, number=f"青校〔{on.year}〕{number}号",
            dated_on=on, signer="王校长",
            addressees=[Addressee.BUREAU, Addressee.TOWNSHIP, Addressee.VILLAGE], delivery="专人送达",
        )  # fmt: skip
        case.refresh_from_db()
        advance(actor=school.clerk, case=case, to=Stage.VISIT, on=on)

    return deed


def enforce(school: "School", student: Student, on: datetime.date) -> None:
    advance(actor=school.principal, case=_case(student), to=Stage.ENFORCE, on=on)


def served(paper: str, series: str, number: int, days: int = 0) -> Deed:
    """A paper of the township arrived and was recorded."""

    def deed(school: "School", student: Student, on: datetime.date) -> None:
        record_legal_act(
            actor=school.clerk, case=_case(student), paper=paper, issuer="青石乡人民政府",
            number=f"{series}〔{on.year}〕{number}号", served_on=on,
            served_how="直接送达，监护人签收，送达回证存档",
            due_on=on + datetime.timedelta(days=days) if days else None,
        )  # fmt: skip

    return deed


def returned(school: "School", student: Student, on: datetime.date) -> None:
    """销号 by 复学, proved by the days on which 「到了」 was said."""
    case = _case(student)
    first_back = Mark.objects.filter(student=student, code="P", on__gt=case.spell_from).earliest("on")
    closing = Closing(Outcome.RETURNED, returned_on=first_back.on, placement=Placement.SAME_CLASS)
    close_case(actor=school.principal, case=case, closing=closing, on=on)


def fell_ill(school: "School", student: Student, on: datetime.date) -> None:
    """休学 approved by the bureau ends the case; from the next day the child is not expected in class."""
    paper = f"云岭县教育局准予休学批复 云教学〔{on.year}〕31号"
    closing = Closing(Outcome.SUSPENDED, paper=paper, seen_by=f"赵教务 {on:%Y-%m-%d} 核对原件")
    close_case(actor=school.principal, case=_case(student), closing=closing, on=on)
    change_enrollment(
        actor=school.clerk, student=student, from_day=on + datetime.timedelta(days=1), change=Change.SUSPENSION,
        basis=paper,
    )  # fmt: skip
