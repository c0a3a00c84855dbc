"""联系走访: every attempt to reach a family is recorded, answered or not, from the first day of absence on."""

import datetime
from collections.abc import Sequence

from django.db import transaction

from followups.codes import Met, Reason, Result, Way
from followups.models import Contact
from followups.refusals import CaseRefusal
from followups.rights import must_keep
from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import User
from students.models import Student

SAID_BY_SOMEBODY = frozenset({Result.PROMISED, Result.REFUSED, Result.EXPLAINED})
"""Results that only somebody who was met can give."""


def record_contact(
    *,
    actor: User,
    student: Student,
    way: Way,
    on: datetime.date,
    met: Met,
    result: Result,
    at: datetime.time | None = None,
    met_name: str = "",
    promised_on: datetime.date | None = None,
    reasons: Sequence[str] = (),
    companions: str = "",
    text: str = "",
) -> Contact:
    """Record one attempt. It hangs on the pupil, so it needs no case. The same record sent twice is one record."""
    _check(on=on, met=met, result=result, promised_on=promised_on, reasons=reasons)
    with transaction.atomic():
        must_keep(actor, student)
        audit.queue(student.school_id)
        contact, created = Contact.objects.get_or_create(
            student=student, way=way, on=on, at=at, met=met, met_name=met_name.strip(), result=result,
            promised_on=promised_on if result == Result.PROMISED else None, reasons=list(reasons),
            companions=companions.strip(), text=text.strip(), made_by=actor,
        )  # fmt: skip
        if created:
            audit.record(
                Verb.CONTACT, unit=student.school_id, actor=actor, about=contact, student=student.pk, way=way, on=on,
                met=met, result=result,
            )  # fmt: skip
    return contact


def _check(
    *, on: datetime.date, met: Met, result: Result, promised_on: datetime.date | None, reasons: Sequence[str]
) -> None:
    if on > dates.today():
        raise CaseRefusal(f"日期不能晚于今天({dates.chinese(dates.today())})。", "on")
    if met == Met.NOBODY and result in SAID_BY_SOMEBODY:
        raise CaseRefusal(f"没有见到人，结果不能是「{Result(result).label}」。", "result")
    if result == Result.PROMISED and promised_on is None:
        raise CaseRefusal("请填写答应哪一天到校。", "promised_on")
    if result == Result.PROMISED and promised_on and promised_on < on:
        raise CaseRefusal("答应到校的日期不能早于联系当天。", "promised_on")
    if set(reasons) - set(Reason.values):
        raise CaseRefusal("原因请从列出的各项里选。", "reasons")
