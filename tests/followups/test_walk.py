"""One child from the first empty seat to a return, through the watch, into the next case: by the real verbs only."""

import datetime
import uuid
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from attendance import rollcall
from attendance.services import submit_report
from followups import attachments, facts, findings, papers, proposals, stages
from followups.closing import close_case
from followups.codes import (
    Addressee,
    FindingKind,
    Met,
    NoticeKind,
    Outcome,
    Placement,
    ProposalKind,
    Result,
    Stage,
    Way,
)
from followups.contacts import record_contact
from followups.models import Case
from followups.outcomes import Closing
from followups.refusals import StepLacks
from followups.watching import broken_watches
from schools.audit import first_broken
from schools.models import SchoolDay, User
from students.models import Student
from tests.cast import Cast
from tests.followups.casework import picture

SAID = {"basis": "连续3个到校日无故未到", "unjustified": "家访，没有请假、没有转学"}


class Walk:
    """The school's days, lived one after the other; people are read anew each day, as a request would."""

    def __init__(self, cast: Cast, at_day: Callable[..., None]):
        self.cast, self.at_day, self.child = cast, at_day, cast.pupils[1]
        self.today = datetime.date(2026, 3, 2)

    def who(self, name: str) -> User:
        return User.objects.get(pk=getattr(self.cast, name).pk)

    def roll_call(self, code: str) -> None:
        """The class reports; of the child it says this, of everybody else nothing."""
        self.at_day(self.today, 7, 50)
        roll = rollcall.roll_of(self.cast.seven, self.today)
        submit_report(
            actor=self.who("head"), classroom=self.cast.seven, on=self.today, request_id=uuid.uuid4(),
            seen_revision=roll.report.revision if roll.report else 0, roll_version=roll.version,
            marks={self.child.pk: (code, "")} if code else {},
        )  # fmt: skip
        self.at_day(self.today, 9, 12)

    def days(self, code: str, count: int) -> None:
        """So many more school days with this said of the child."""
        for _ in range(count):
            self.roll_call(code)
            later = SchoolDay.objects.filter(school=self.cast.school, on__gt=self.today).order_by("on")
            self.today = later.values_list("on", flat=True)[0]
        self.at_day(self.today, 9, 12)

    @property
    def case(self) -> Case:
        return Case.objects.open().get(student=self.child)

    def find(self) -> None:
        findings.decide_finding(actor=self.who("principal"), case=self.case, kind=FindingKind.SUSPECTED, **SAID)

    def report(self) -> None:
        papers.record_notice(
            actor=self.who("clerk"), case=self.case, kind=NoticeKind.REPORT, number=f"青校〔2026〕{self.case.number}号",
            dated_on=self.today, signer="王校长", addressees=[Addressee.BUREAU, Addressee.TOWNSHIP],
        )  # fmt: skip
        stages.advance(actor=self.who("clerk"), case=self.case, to=Stage.VISIT)

    def visit(self, met: Met = Met.GUARDIAN) -> None:
        contact = record_contact(
            actor=self.who("head"), student=Student.objects.get(pk=self.child.pk), way=Way.VISIT, on=self.today,
            met=met, result=Result.REFUSED if met == Met.GUARDIAN else Result.UNREACHABLE, text=str(uuid.uuid4()),
        )  # fmt: skip
        attachments.attach(actor=self.who("head"), to=contact, upload=SimpleUploadedFile("p.jpg", picture()))

    def enforce(self) -> None:
        stages.advance(actor=self.who("principal"), case=self.case, to=Stage.ENFORCE)

    def close(self, returned_on: datetime.date) -> Case:
        closing = Closing(Outcome.RETURNED, returned_on=returned_on, placement=Placement.SAME_CLASS)
        return close_case(actor=self.who("principal"), case=self.case, closing=closing)


@pytest.fixture
def walk(cast: Cast, at_day: Callable[..., None]) -> Walk:
    return Walk(cast, at_day)


def test_from_the_first_empty_seat_to_the_second_case(walk: Walk) -> None:
    walk.days("U", 2)
    assert not Case.objects.exists()
    walk.roll_call("U")  # the third school day
    first = walk.case
    assert (first.stage, first.label, first.spell_from) == (Stage.IDENTIFY, "", datetime.date(2026, 3, 2))

    proposals.propose(actor=walk.who("head"), case=first, kind=ProposalKind.SUSPECTED, text="三天没来，家里没人")
    walk.find()
    assert (walk.case.stage, walk.case.label) == (Stage.REPORT, "2025-001")
    with pytest.raises(StepLacks, match="还没有书面报告"):
        stages.advance(actor=walk.who("clerk"), case=walk.case, to=Stage.VISIT)
    walk.report()
    with pytest.raises(StepLacks, match="需先有1次见到监护人的家访"):
        walk.enforce()
    walk.visit()
    walk.enforce()
    walk.days("U", 1)
    for paper, number in (("education", "1号"), ("order", "2号")):
        papers.record_legal_act(
            actor=walk.who("clerk"), case=walk.case, paper=paper, issuer="青石乡人民政府", number=number,
            served_on=walk.today, served_how="直接送达", due_on=walk.today + datetime.timedelta(days=7),
        )  # fmt: skip
    facts.edit_facts(
        actor=walk.who("head"), case=walk.case, seen=facts.fingerprint(walk.case), reasons=["01"], whereabouts="03"
    )

    # Back: a class that says nothing of him proves nothing; he stands pre-marked until 「到了」 is said.
    back = walk.today
    walk.days("", 1)
    assert walk.child.marks.latest("on").code != "P"
    walk.days("P", 4)
    with pytest.raises(StepLacks, match="还差1个"):
        walk.close(back)
    walk.days("P", 1)
    with pytest.raises(StepLacks, match="还无故未到，复学时间应在这一天以后"):
        walk.close(back)
    closed = walk.close(back + datetime.timedelta(days=1))
    assert (closed.stage, closed.outcome, closed.closed_alone) == (Stage.CLOSED, Outcome.RETURNED, False)
    ahead = SchoolDay.objects.filter(school=walk.cast.school, on__gt=walk.today, on__lte=closed.watch_until)
    assert ahead.count() == 30

    # The watch: one unexcused day is an alert, the threshold a new case that knows the last.
    walk.days("P", 3)
    walk.days("U", 1)
    assert [watch.case for watch in broken_watches(walk.cast.school, walk.today)] == [closed]
    walk.days("U", 2)
    second = walk.case
    assert (second.previous, second.stage) == (closed, Stage.IDENTIFY)
    walk.find()
    assert walk.case.label == "2025-002"
    walk.report()
    walk.visit()
    walk.visit(Met.NOBODY)
    with pytest.raises(StepLacks, match="家访要满3次，现在2次"):
        walk.enforce()
    walk.visit()
    walk.enforce()
    closed.refresh_from_db()
    assert closed.stage == Stage.CLOSED
    assert [step.stage for step in closed.steps.all()] == [
        Stage.IDENTIFY, Stage.REPORT, Stage.VISIT, Stage.ENFORCE, Stage.CLOSED,
    ]  # fmt: skip
    assert first_broken(walk.cast.school) is None


def test_back_before_anybody_decided(walk: Walk) -> None:
    walk.days("U", 3)
    walk.roll_call("P")
    case = Case.objects.get()
    assert (case.stage, case.outcome, case.closed_by) == (Stage.CLOSED, Outcome.CAME_BACK, None)
