"""The world in which the access matrix is walked: the cast, one object of each kind here and one far away."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile

from attendance.codes import MarkCode
from attendance.models import DailyReport, Leave, Mark, Submission
from followups.codes import Met, NoticeKind, ProposalKind, Result, Source, Way
from followups.models import Attachment, Case, CaseStep, Contact, LegalAct, Notice, Proposal
from kongchuo import dates
from schools.codes import Edition, ExportFormat, ExportStatus
from schools.models import Export, User
from students.codes import DifferenceKind, Party, RollList, TagKind
from students.models import ChangeStep, Difference, ImportBatch, Paper, RollCheck, Student
from students.roster import stored
from students.roster.cells import Sheet
from tests import changes_world, opening_world, survey_world
from tests.cast import WEDNESDAY, Cast, make_cast

IDENTITIES = (
    "anonymous", "head", "other_head", "subject", "clerk", "principal", "admin", "auditor", "far_head", "far_clerk",
    "far_principal", "central", "township_officer", "county_officer",
)  # fmt: skip

OFFICE = {"clerk", "principal"}
# Who may see the objects of 七(1)班 here. Everybody else gets the 404 of an id that does not exist.
SEES: dict[str, set[str]] = {
    "student": {"head"} | OFFICE,
    "leave": {"head"} | OFFICE,
    "office student": OFFICE,
    "roll": {"head"} | OFFICE,
    "case": {"head"} | OFFICE,
    "office": {"admin"} | OFFICE,
    "import": OFFICE,
    "roll check": OFFICE,
    "difference": OFFICE,
    "change": OFFICE,
    "export": OFFICE,
}


# The far school's people, and whose part they play there.
FAR = {"far_head": "head", "far_clerk": "clerk", "far_principal": "principal"}


def sees(identity: str, kind: str, whose: str) -> bool:
    """Whether this identity sees the own or the foreign object of a kind."""
    part = identity if whose == "own" else FAR.get(identity, "") if whose == "foreign" else ""
    return part in SEES[kind] and (whose == "foreign" or identity not in FAR)


@dataclass
class World:
    cast: Cast
    own: dict[str, Any]
    foreign: dict[str, Any]

    def user(self, identity: str) -> User | None:
        if identity == "anonymous":
            return None
        user: User = getattr(self.cast, identity)
        vars(user).pop("duties_today", None)
        return user

    def forbidden(self, identity: str) -> list[str]:
        """Names that must never stand on this identity's pages."""
        here, next_door, far = (
            [pupil.name for pupil in pupils] for pupils in (self.cast.pupils, self.cast.others, self.cast.far_pupils)
        )
        if identity.startswith("far_"):
            return here + next_door
        return {"head": next_door + far, "other_head": here + far, "clerk": far, "principal": far}.get(
            identity, here + next_door + far
        )


@dataclass(frozen=True)
class Target:
    """Which object a route is about: its kind (for `SEES`), and the arguments of the address."""

    kind: str
    key: str = ""
    argument: str = "pk"
    more: Callable[[], dict[str, Any]] = dict
    also: dict[str, str] = field(default_factory=dict)

    def kwargs(self, world: World, whose: str) -> dict[str, Any]:
        kept = world.own if whose == "own" else world.foreign
        about = {self.argument: kept[self.key or self.kind].pk} if self.kind else {}
        return about | {name: kept[key].pk for name, key in self.also.items()} | self.more()


def make_world() -> World:
    cast = make_cast(pupils=3)
    for word, pupils in (("本班甲", cast.pupils), ("隔壁乙", cast.others), ("远校丙", cast.far_pupils)):
        for number, pupil in enumerate(pupils, 1):
            pupil.name = f"{word}{number}号生"
            pupil.save(update_fields=("name",))
    own = _objects(cast.pupils[0], cast.seven, cast.head, cast.clerk)
    foreign = _objects(cast.far_pupils[0], cast.far_seven, cast.far_head, cast.far_clerk)
    return World(cast, own | changes_world.objects(cast.seven), foreign | changes_world.objects(cast.far_seven))


def _objects(student: Student, classroom: Any, head: User, clerk: User) -> dict[str, Any]:
    school = classroom.school
    case = Case.objects.create(
        student=student, school=school, classroom=classroom, source=Source.SPELL, opened_on=WEDNESDAY,
        spell_from=WEDNESDAY - datetime.timedelta(days=5),
    )  # fmt: skip
    CaseStep.objects.create(case=case, stage=case.stage, entered_on=WEDNESDAY, entered_at=dates.now())
    contact = Contact.objects.create(
        student=student, way=Way.PHONE, on=WEDNESDAY, met=Met.GUARDIAN, result=Result.OTHER, made_by=head
    )
    report = DailyReport.objects.create(
        classroom=classroom, on=WEDNESDAY, expected=3, absent=0, submitted_by=head, submitted_at=dates.now(),
        roll_version="",
    )  # fmt: skip
    Mark.objects.create(report=report, student=student, on=WEDNESDAY, teacher_code=MarkCode.UNEXCUSED)
    check = RollCheck.objects.create(
        school=school, source=RollList.NATIONAL, on=WEDNESDAY, file_name="名单.xlsx", sha256="0" * 64, made_by=clerk
    )
    return {
        "roll check": check,
        "difference": Difference.objects.create(
            check_of=check, kind=DifferenceKind.CHILD_WITHOUT_ROLL, student=student, name=student.name
        ),
        "student": student,
        "member": student.guardians.get(),
        "tag": student.tags.create(kind=TagKind.MIGRANT, starts_on=WEDNESDAY),
        "classroom": classroom,
        "case": case,
        "contact": contact,
        "attachment": Attachment.objects.create(
            contact=contact, file=ContentFile(b"%PDF-1.4 paper", "paper.pdf"), sha256="0" * 64,
            media_type="application/pdf", uploaded_by=head,
        ),
        "notice": Notice.objects.create(
            case=case, kind=NoticeKind.REPORT, number="青校〔2026〕1号", dated_on=WEDNESDAY, signer="王校长",
            addressees=["bureau"], recorded_by=clerk,
        ),
        "legal_act": LegalAct.objects.create(
            case=case, step=1, title="宣传教育记录", issuer="青石乡人民政府", number="1号", served_on=WEDNESDAY,
            served_how="直接送达", recorded_by=clerk,
        ),
        "proposal": Proposal.objects.create(
            case=case, kind=ProposalKind.SUSPECTED, text="提请认定", by=head, at=dates.now()
        ),
        "submission": Submission.objects.create(
            report=report, request_id=uuid.uuid4(), content_hash="0" * 64, receipt="7K3Q", revision=1,
            submitted_by=head, submitted_at=dates.now(),
        ),
        "leave": Leave.objects.create(
            student=student, school=school, kind="A", starts_on=WEDNESDAY, ends_on=WEDNESDAY, days=1, reason="走亲戚",
            asked_by="母亲", level="head", recorded_by=head,
        ),
        "duty": head.duties.get(),
        "term": school.terms.get(),
        "holiday": school.holidays.first(),
        "import": ImportBatch.objects.create(
            school=school, file_name="花名册.xlsx", sha256="0" * 64, uploaded_by=clerk, account={"on": str(WEDNESDAY)},
            rows=stored.dump([_list_of(student)]),
        ),
        "export": Export.objects.create(
            school=school, book="dropout-register", format=ExportFormat.PDF, edition=Edition.MASKED, on=WEDNESDAY,
            made_by=clerk, status=ExportStatus.FAILED,
        ),
        "person": head,
        "change": (change := student.changes.get()),
        "change_step": ChangeStep.objects.create(
            change=change, position=0, party=Party.RECEIVING_SCHOOL, due_on=WEDNESDAY
        ),
        "paper": Paper.objects.create(
            school=school, change=change, code="application", title="转学申请表", sha256="0" * 64,
            file=ContentFile(b"%PDF-1.4 paper", "paper.pdf"), media_type="application/pdf", recorded_by=clerk,
        ),
    } | opening_world.objects(student, classroom, clerk) | survey_world.objects(student, classroom, clerk)  # fmt: skip


def _list_of(student: Student) -> Sheet:
    return Sheet("", rows=[["姓名", "班级"], [student.name, "九(1)班"]])


def _paths(kind: str, *names: str) -> dict[str, Target]:
    return {name: Target(kind) for name in names}


def _values(**values: Any) -> Target:
    return Target("", more=lambda: dict(values))


DAY = {"on": WEDNESDAY}
OBJECTS: dict[str, Target] = {
    **_paths("student", "students:card", "students:phones", "students:reveal", "followups:contact_new"),
    **_paths("student", "students:registration", "students:registration_arrived"),
    **{route: Target("import", key) for route, key in opening_world.ROUTES.items()},
    **{route: Target("import", key) for route, key in survey_world.ROUTES.items()},
    "students:opening_class": Target("roll", "classroom"),
    "students:opening_class_arrived": Target("roll", "classroom"),
    **_paths("student", "students:member_new", "students:tag_new", "students:checked"),
    "students:class_checked": Target("roll", "classroom"),
    "students:screening": Target("roll", "classroom"),
    "students:edit": Target("student", more=lambda: {"section": "contact"}),
    "students:doubt_settle": Target("student", more=lambda: {"kind": "sex"}),
    **{
        f"students:{name}": Target("student", also={"member": "member"})
        for name in ("member_edit", "member_first", "member_remove", "member_phone")
    },
    **{f"students:{name}": Target("student", also={"tag": "tag"}) for name in ("tag_end", "tag_withdraw")},
    "attendance:phone": Target("student", argument="student"),
    "attendance:verify": Target("office student", "student", argument="student", more=lambda: DAY),
    "attendance:roll_call": Target("roll", "classroom"),
    "attendance:roll_call_on": Target("roll", "classroom", more=lambda: DAY),
    "attendance:arrived": Target("roll", "classroom", more=lambda: DAY, also={"student": "student"}),
    "attendance:receipt": Target("roll", "submission"),
    **_paths("leave", "attendance:leave", "attendance:leave_decide", "attendance:leave_void"),
    "attendance:leave_new": Target("student", argument="student"),
    "followups:case_new": Target("student"),
    "attendance:review": _values(**DAY),
    "attendance:school_day_on": _values(**DAY),
    **_paths(
        "case", "followups:case", "followups:case_facts", "followups:case_propose", "followups:case_advance",
        "followups:case_close", "followups:case_responsible", "followups:finding_new", "followups:legal_act_new",
        "followups:notice_new",
    ),
    "followups:letter": Target("case", more=lambda: {"kind": NoticeKind.REPORT}),
    "followups:attachment": Target("case", "attachment"),
    "followups:contact_photos": Target("case", "contact"),
    "followups:legal_act": Target("case", "legal_act"),
    "followups:legal_act_scan": Target("case", "legal_act"),
    "followups:notice": Target("case", "notice"),
    "followups:notice_scan": Target("case", "notice"),
    "followups:proposal_return": Target("case", "proposal"),
    **_paths(
        "roll check", "students:roll_check", "students:roll_check_settle", "students:roll_check_repeat",
        "students:roll_check_close",
    ),
    **_paths("difference", "students:difference", "students:difference_mark", "students:difference_reopen"),
    **_paths(
        "import", "students:import_preview", "students:import_confirm", "students:import_drop",
        "students:import_columns", "students:import_refused", "students:import_undo",
    ),
    "students:change_new": Target("office student", "student", more=lambda: {"kind": "transfer_out"}),
    "students:newcomer": _values(kind="transfer_in"),
    **_paths(
        "change", "students:change", "students:change_settle", "students:change_void", "students:change_correct",
    ),
    "students:paper_new": Target("change", more=lambda: {"code": "application"}),
    "students:step_finish": Target("change", "change_step"),
    "students:paper_file": Target("change", "paper"),
    "students:paper_void": Target("change", "paper"),
    **_paths("export", "schools:export", "schools:export_file", "schools:export_decide"),
    "schools:book": _values(key="roster"),
    "schools:book_export": _values(key="roster"),
    "followups:tile": _values(key="absent"),
    "schools:calendar_day": _values(**DAY),
    "schools:help_role": _values(role="clerk"),
    "schools:day_close": _values(**DAY),
    "schools:day_open": _values(**DAY),
    "schools:holidays": _values(year=2026),
    "schools:preset": _values(number=1),
    "schools:rule_change": _values(key="suspected_after"),
    "schools:setup_step": _values(step="school"),
    "schools:classroom_dissolve": Target("office", "classroom"),
    "schools:classroom_head": Target("office", "classroom"),
    "schools:duty_end": Target("office", "duty"),
    "schools:duty_withdraw": Target("office", "duty"),
    "schools:holiday_remove": Target("office", "holiday"),
    "schools:term_adjust": Target("office", "term"),
    **{
        f"schools:{name}": Target("office", "person")
        for name in ("duty_give", "person", "person_back", "person_edit", "person_out", "slip", "slip_new")
    },
}  # fmt: skip

# What a single form is about: key of its book -> key of the object in the world. The others are about a change.
ABOUT: dict[str, str] = {
    "pupil_information": "student",
    "class-handover": "handover",
    "entry-notice": "entry notice",
    "roll-check": "roll check",
    **dict.fromkeys(("card-struggling", "card-hardship", "card-left-behind", "card-disabled"), "student"),
} | changes_world.ABOUT
