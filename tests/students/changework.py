"""Short ways to record 异动 in tests, on the cast."""

import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from students import papers, procedures
from students.changes import KINDS, PaperAsked
from students.codes import Change, ProofGrade
from students.models import Paper, RollChange, Student
from tests.cast import Cast, id_number

MARCH = datetime.date(2026, 3, 1)
DAY = datetime.date(2026, 3, 9)
TENTH = datetime.date(2026, 3, 10)


def march(day: int) -> datetime.date:
    return MARCH.replace(day=day)


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("scan.pdf", b"%PDF-1.4 paper", "application/pdf")


USUAL: dict[str, dict[str, Any]] = {
    Change.TRANSFER_IN: {"reason": "m1", "other_school": "白水乡中学"},
    Change.TRANSFER_OUT: {"reason": "m2", "other_school": "白水乡中学", "applied_on": march(6)},
    Change.SUSPENSION: {"reason": "10", "until": march(31), "applied_on": march(6)},
    Change.BOARD_OUT: {"reason": "m1", "other_school": "白水乡中学"},
    Change.GUEST_IN: {"other_school": "白水乡中学"},
    Change.RETAIN: {"reason": "10", "document_no": "云教审〔2026〕3号"},
    Change.SPECIAL_SCHOOL: {"other_school": "云岭县启航学校"},
    Change.ABROAD: {"other_place": "老挝"},
    Change.DEATH: {"reason": "70"},
    Change.MISSING: {"note": "3月8日离家未归，当天已报案"},
}


def said(kind: str, on: datetime.date = DAY, **more: Any) -> dict[str, Any]:
    return {"on": on} | USUAL.get(kind, {}) | more


def record(cast: Cast, student: Student, kind: str, on: datetime.date = DAY, **more: Any) -> RollChange:
    return procedures.record(actor=cast.clerk, student=student, kind=KINDS[kind], said=said(kind, on, **more))


def admit(cast: Cast, kind: str = Change.TRANSFER_IN, serial: int = 900, **more: Any) -> Student:
    return procedures.admit(
        actor=cast.clerk, school=cast.school, kind=KINDS[kind], said=said(kind, classroom=cast.seven, **more),
        child={"name": "新来的", "sex": "1", "id_no": id_number(serial)},
        guardian={"name": "新家长", "relation": "51", "phone": "无"},
    )  # fmt: skip


def keep(cast: Cast, change: RollChange, asked: PaperAsked, grade: str = "") -> Paper:
    grade = grade or (ProofGrade.RECEIPT if asked.graded else "")
    return papers.keep(
        actor=cast.clerk,
        to=change,
        code=asked.code,
        title=asked.title,
        seen_by="赵教务",
        seen_on=march(10),
        grade=grade,
    )


def keep_all(cast: Cast, change: RollChange, grade: str = "") -> None:
    """Every paper that the change still lacks."""
    for item in procedures.checklist(change):
        if item.is_missing:
            keep(cast, change, item.asked, grade if item.asked.graded else "")


def finish_steps(cast: Cast, change: RollChange, on: datetime.date = TENTH) -> None:
    for step in change.steps.filter(done_on=None):
        procedures.finish_step(actor=cast.clerk, step=step, on=on)
