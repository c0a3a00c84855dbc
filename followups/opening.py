"""立案: the one way a case begins, by the machine for a spell (日报连缺) or by hand for any other source."""

import datetime

from django.db import transaction

from attendance.detection import Spell, spells_of_class
from followups import rights, stages
from followups.codes import Source, Stage
from followups.models import Case
from followups.refusals import CaseRefusal
from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import User
from students.models import Enrollment, Student

LEAST = 4
"""Characters below which a text says nothing."""


def open_case(*, actor: User, student: Student, source: Source, note: str) -> Case:
    """Open a case by hand: 未报到, 转出未接续, 休学期满 or 摸排线索, with what is known in words.

    日报连缺 is the machine's: its cases are withdrawn by themselves, those of a person never. Raises CaseRefusal.
    """
    if source == Source.SPELL or source not in Source.values:
        raise CaseRefusal("请选择立案来源；「日报连缺」由系统按到校日报自动立案。", "source")
    if len(note.strip()) < LEAST:
        raise CaseRefusal("请写明情况(至少4个字)，例如「邻居说已随父母外出务工」。", "note")
    with transaction.atomic():
        audit.queue(student.school_id)
        rights.must_keep(actor, student)
        if given := student.cases.open().first():
            raise CaseRefusal(f"这名学生已有一个未销号的个案({given})，请在那个个案里登记。")
        seat = student.enrollments.standing().select_related("classroom").order_by("-starts_on", "-pk").first()
        if seat is None:
            raise CaseRefusal("这名学生没有在册记录，请先在学籍里登记。")
        case = _create(student.pk, seat, source, actor, note.strip(), _present_spell(seat))
        audit.record(Verb.CASE, unit=student.school_id, actor=actor, about=case, reason=note, opened=source)
    return case


def open_alert(*, seat: Enrollment, spell: Spell) -> Case:
    """Open a case at 认定, decided by nobody, for a spell that has reached the school's threshold.

    The caller holds the school's queue (`audit.queue`) and has seen that the pupil has no open case.
    """
    case = _create(spell.student_id, seat, Source.SPELL, None, spell.in_words, spell)
    audit.record(
        Verb.ALERT, unit=case.school_id, actor=None, about=case, reason=spell.in_words, student=spell.student_id,
        days=[f"{day} {said or '未报'}" for day, said in spell.days][-30:],
    )  # fmt: skip
    return case


def _create(
    student_id: int, seat: Enrollment, source: Source, actor: User | None, note: str, spell: Spell | None
) -> Case:
    today = dates.today()
    earlier = Case.objects.found().filter(student=student_id, closed_on__isnull=False)
    case = Case.objects.create(
        student_id=student_id, school_id=seat.classroom.school_id, classroom=seat.classroom, source=source,
        source_note=note[:200], opened_on=today, opened_by=actor, spell_from=spell.first_on if spell else None,
        last_attended_on=spell.last_present_on if spell else None,
        previous=earlier.order_by("-closed_on", "-pk").first(),
    )  # fmt: skip
    stages.enter(case=case, stage=Stage.IDENTIFY, on=today, actor=actor)
    return case


def _present_spell(seat: Enrollment) -> Spell | None:
    """The spell in which the pupil stands today, if any: its first day begins the case's own time."""
    today: datetime.date = dates.today()
    return next((s for s in spells_of_class(seat.classroom, today) if s.student_id == seat.student_id), None)
