"""A school in which everything on the roll has happened once, in the days before the usual Wednesday."""

import datetime
from dataclasses import dataclass
from typing import Any

from schools.models import Classroom
from students import roll, services
from students.codes import Change, ChangeReason, Party, ProofGrade, TagKind
from students.models import ChangeStep, Paper, RollChange, Student, StudentDetails, Tag
from tests.cast import WEDNESDAY, Cast, id_number

PHONE = "1" + "39" + "00001234"
WILD = "=HYPERLINK(1)"
LONG_NAME = "阿布都热合曼·阿卜杜凯尤木"
LONG_SCHOOL = "云岭彝族苗族自治县青石河流域移民搬迁安置区第二九年一贯制寄宿学校"


def day(month: int, number: int, year: int = 2026) -> datetime.date:
    return datetime.date(year, month, number)


@dataclass
class MoveBook:
    """One change of each kind that has a paper; `voided` is none any more, `far` is another school's."""

    cast: Cast
    out: RollChange
    into: RollChange
    suspended: RollChange
    extended: RollChange
    resumed: RollChange
    boarding: RollChange
    guest: RollChange
    retained: RollChange
    home: RollChange
    dead: RollChange
    abroad: RollChange
    voided: RollChange
    far: RollChange

    @property
    def student(self) -> Student:
        return self.out.student


def change(cast: Cast, student: Student, kind: str, on: datetime.date, **facts: Any) -> RollChange:
    return roll.record(actor=cast.clerk, student=student, kind=kind, on=on, **facts)


def paper(cast: Cast, of: RollChange, code: str, title: str, **facts: Any) -> Paper:
    return Paper.objects.create(
        school=of.school, change=of, code=code, title=title, seen_by="赵教务", seen_on=WEDNESDAY,
        recorded_by=cast.clerk, **facts,
    )  # fmt: skip


def newcomer(cast: Cast, name: str, serial: int, kind: str, on: datetime.date, **facts: Any) -> RollChange:
    student = services.enrol(
        actor=cast.clerk, school=cast.school, classroom=cast.seven, name=name, starts_on=on, started_by=kind,
        id_no=id_number(serial), sex="2", change=facts,
    )  # fmt: skip
    return student.changes.get()


def known_in_full(student: Student) -> None:
    """Everything that a form asks about a pupil, with long names and numbers."""
    student.name, student.ethnicity, student.hukou_address = LONG_NAME, "05", "云岭县青石乡柳树村3组17号附2号"
    student.address = "云岭县青石乡柳树村移民安置点8栋2单元1003室"
    student.save()
    StudentDetails.objects.create(student=student, native_place="云岭县")
    guardian = student.guardians.get()
    guardian.name, guardian.relation, guardian.phone = "阿卜杜凯尤木·买买提", "51", PHONE
    guardian.save()


def make_moves(cast: Cast) -> MoveBook:
    cast.school.phone = "0800-000000"
    cast.school.save()
    known_in_full(cast.pupils[0])
    out = change(
        cast, cast.pupils[0], Change.TRANSFER_OUT, day(3, 2), applied_on=day(2, 26), reason=ChangeReason.MOVED,
        other_school=LONG_SCHOOL, other_school_code="2153000077", other_place="南江省云岭县",
        document_no="青九转〔2026〕3号", note="监护人在安置区买房",
    )  # fmt: skip
    paper(cast, out, "application", "转学申请(自愿且与成绩无关)")
    for position, (party, due, done) in enumerate(
        (
            (Party.RECEIVING_SCHOOL, day(3, 4), day(3, 3)),
            (Party.RECEIVING_BUREAU, day(3, 5), day(3, 9)),
            (Party.SENDING_SCHOOL, day(3, 10), None),
            (Party.SENDING_BUREAU, None, None),
        ),
        1,
    ):
        ChangeStep.objects.create(change=out, position=position, party=party, due_on=due, done_on=done)
    into = newcomer(
        cast, "何石榴", 801, Change.TRANSFER_IN, day(3, 3), reason=ChangeReason.PARENTS_WORK,
        other_school="白水乡中学", other_school_code="3153000002", other_place="云岭县白水乡",
    )  # fmt: skip
    paper(cast, into, "application", "转学申请表", number="白中转〔2026〕9号", dated_on=day(2, 27))
    suspended = change(
        cast, cast.pupils[1], Change.SUSPENSION, day(3, 3), settled_on=day(3, 6), until=day(3, 20),
        reason=ChangeReason.MENTAL_ILLNESS, applied_on=day(3, 1), document_no="云教休〔2026〕5号",
    )  # fmt: skip
    for code, title in (("application", "休学书面申请"), ("diagnosis", "诊断证明"), ("approval", "核办结果")):
        paper(cast, suspended, code, title)
    change(cast, cast.pupils[2], Change.SUSPENSION, day(9, 15, 2025), settled_on=day(9, 15, 2025), until=day(2, 20))
    extended = change(cast, cast.pupils[2], Change.SUSPENSION, day(2, 24), settled_on=day(2, 24), until=day(12, 31))
    boarding = change(
        cast, cast.pupils[3], Change.BOARD_OUT, day(3, 4), reason=ChangeReason.PARENTS_WORK, until=day(7, 3),
        other_school="东海市第九中学", other_place="东海市",
    )  # fmt: skip
    paper(cast, boarding, "proof", "在外就读证明", grade=ProofGrade.CALL)
    six = Classroom.objects.create(school=cast.school, stage="primary", entry_year=2020, number=1)
    retained = change(
        cast, cast.pupils[4], Change.RETAIN, day(3, 5), settled_on=day(3, 5), classroom=six,
        reason=ChangeReason.SPECIAL_NEEDS, document_no="云教审〔2026〕1号", basis="特教学生",
    )  # fmt: skip
    dead = change(cast, cast.pupils[5], Change.DEATH, day(3, 6), reason=ChangeReason.DIED_OF_ILLNESS)
    abroad = change(cast, cast.others[0], Change.ABROAD, day(3, 9), other_place="邻国")
    voided = change(cast, cast.others[1], Change.TRANSFER_OUT, day(3, 2), other_school="写错的学校")
    roll.void(actor=cast.clerk, change=voided, reason="登记错了人")
    change(cast, cast.others[2], Change.SUSPENSION, day(10, 8, 2025), settled_on=day(10, 8, 2025), until=day(3, 8))
    resumed = change(cast, cast.others[2], Change.RESUMPTION, day(3, 9), settled_on=day(3, 9))
    home = change(cast, cast.others[3], Change.HOME_TEACHING, day(3, 10), settled_on=day(3, 10))
    Tag.objects.create(
        student=home.student, kind=TagKind.DISABLED, disability="4", disability_grade="1", starts_on=day(9, 1, 2025)
    )
    guest = newcomer(cast, WILD, 802, Change.GUEST_IN, day(3, 4), other_school="东海市第九中学")
    far = roll.record(
        actor=cast.far_clerk, student=cast.far_pupils[0], kind=Change.TRANSFER_OUT, on=day(3, 2), other_school="远处"
    )
    voided.refresh_from_db()
    return MoveBook(
        cast, out, into, suspended, extended, resumed, boarding, guest, retained, home, dead, abroad, voided, far
    )
