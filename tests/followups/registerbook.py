"""A small register for the tests: one case of each fate, and those that must not stand in it."""

import datetime
from dataclasses import dataclass

from followups.codes import (
    Addressee,
    FindingKind,
    LegalStep,
    Met,
    Outcome,
    Placement,
    Reason,
    Result,
    Stage,
    Way,
    Whereabouts,
)  # fmt: skip
from followups.models import Case, Contact, Finding, LegalAct
from kongchuo import dates
from schools.models import User
from students.codes import Relation, TagKind
from students.models import Guardian, Student, Tag
from tests.cast import WEDNESDAY, Cast, id_number
from tests.followups.casework import MONDAY, open_case, report, visit

TUESDAY = MONDAY + datetime.timedelta(days=1)
PHONE = "1" + "39" + "00001234"


@dataclass
class Book:
    """`suspected` 李建军, `dropout` 王小梅, `returned` 扎西卓玛, `late` found today only; the rest is not in it."""

    cast: Cast
    suspected: Case
    dropout: Case
    returned: Case
    late: Case
    warning: Case
    last_year: Case
    far: Case


def found(case: Case, by: User, on: datetime.date, number: int, kind: str = FindingKind.SUSPECTED) -> Case:
    """A finding as a principal makes it, with the case's number."""
    Finding.objects.create(
        case=case, kind=kind, on=on, by=by, at=dates.at(on, 9), basis="连续3个到校日无故未到",
        unjustified="家访确认没有请假",
    )  # fmt: skip
    case.number_year, case.number = dates.school_year(on), number
    case.save(update_fields=("number_year", "number"))
    return case


def closed(case: Case, on: datetime.date, outcome: str, **fields: object) -> Case:
    Case.objects.filter(pk=case.pk).update(stage=Stage.CLOSED, closed_on=on, outcome=outcome, **fields)
    case.refresh_from_db()
    return case


def at_home(student: Student) -> None:
    """Everything that a form asks about a family."""
    student.guardians.all().delete()
    for position, (relation, name) in enumerate(((Relation.FATHER, "李大山"), (Relation.GRANDMOTHER, "周奶奶")), 1):
        person = Guardian(
            student=student, position=position, name=name, relation=relation, phone=PHONE, works_at="广东东莞"
        )
        person.id_no = id_number(900 + position, birth="19800101")
        person.is_guardian = position == 2
        person.save()
    for kind in (TagKind.LEFT_BEHIND_BOTH, TagKind.POVERTY):
        Tag.objects.create(student=student, kind=kind, starts_on=datetime.date(2025, 9, 1))
    Tag.objects.create(
        student=student, kind=TagKind.DISABLED, starts_on=datetime.date(2024, 9, 1), ends_on=datetime.date(2025, 1, 1)
    )


def make_book(cast: Cast) -> Book:
    principal = cast.principal
    suspected = found(open_case(cast.pupils[1], MONDAY, responsible=cast.head), principal, MONDAY, 1)
    suspected.reasons, suspected.reason_text = [Reason.WEARY, Reason.WORK], "跟表哥去了县城工地"
    suspected.whereabouts, suspected.whereabouts_text = Whereabouts.WORK_COUNTY, "县城某工地"
    suspected.left_on, suspected.last_attended_on = datetime.date(2026, 3, 5), datetime.date(2026, 3, 4)
    suspected.support = "申请寄宿生生活补助"
    suspected.save()
    at_home(suspected.student)
    cast.head.phone = PHONE
    cast.head.save()
    Contact.objects.create(
        student=suspected.student, way=Way.PHONE, on=datetime.date(2026, 3, 6), met=Met.RELATIVE, met_name="周奶奶",
        result=Result.PROMISED, promised_on=MONDAY, made_by=cast.head, text="奶奶答应劝他周一回来",
    )  # fmt: skip
    visit(suspected.student, cast.head, TUESDAY)
    visit(suspected.student, cast.head, WEDNESDAY, met=Met.NOBODY)
    report(suspected, cast.clerk, TUESDAY, (Addressee.BUREAU, Addressee.TOWNSHIP))
    LegalAct.objects.create(
        case=suspected, step=LegalStep.EDUCATION, title="批评教育通知书", issuer="青石乡人民政府",
        number="青政教〔2026〕1号",
        served_on=WEDNESDAY, served_how="送达回证", recorded_by=cast.clerk,
    )  # fmt: skip

    dropout = found(open_case(cast.pupils[2], datetime.date(2026, 2, 26)), principal, datetime.date(2026, 2, 27), 2)
    found(dropout, principal, TUESDAY, 2, FindingKind.DROPOUT)

    returned = found(open_case(cast.pupils[3], datetime.date(2026, 2, 26)), principal, datetime.date(2026, 2, 27), 3)
    closed(
        returned, TUESDAY, Outcome.RETURNED, returned_on=datetime.date(2026, 3, 3), placement=Placement.SAME_CLASS,
        watch_until=datetime.date(2026, 4, 20),
    )  # fmt: skip

    late = found(open_case(cast.others[0], WEDNESDAY), principal, WEDNESDAY, 4)
    warning = open_case(cast.pupils[4], MONDAY)
    last_year = found(open_case(cast.pupils[5], datetime.date(2025, 5, 6)), principal, datetime.date(2025, 5, 7), 9)
    closed(last_year, datetime.date(2025, 6, 10), Outcome.TRANSFERRED, outcome_proof="接收回执")
    far = found(open_case(cast.far_pupils[0], MONDAY), cast.far_principal, MONDAY, 1)
    return Book(cast, suspected, dropout, returned, late, warning, last_year, far)
