"""摸底册: the verbs. Households and their members are kept by the school's office; nothing is ever deleted."""

import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction

from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import Unit, User
from students import papers
from students.codes import Gone, Schooling
from students.models import Household, Paper, Resident, Student
from students.roll import RollRefusal, covers
from students.schoolage import DEFERRAL, PROOF


def keep_household(*, actor: User, household: Household) -> Household:
    """Save a new or changed household. ValidationError for a number that is used already."""
    _require(actor, household.school)
    with transaction.atomic():
        changed = _changed(household)
        household.full_clean()
        household.save()
        audit.record(Verb.SURVEY, unit=household.school, actor=actor, about=household, changed=changed)
    return household


def keep_resident(*, actor: User, resident: Resident, id_no: str = "") -> Resident:
    """Save a new or changed member of a household; an empty number leaves the number as it is.

    A member with the number of one of our pupils is that pupil.
    """
    school = resident.household.school
    _require(actor, school)
    with transaction.atomic():
        changed = _changed(resident) + (["身份证件号"] if id_no else [])
        if id_no:
            resident.set_id_number(id_no)
        pupil = Student.objects.filter(school=school, id_hash=resident.id_hash).exclude(id_hash="").first()
        resident.student = pupil or resident.student
        resident.recorded_by, resident.recorded_at = actor, dates.now()
        resident.full_clean(exclude=("id_no", "student"))
        resident.save()
        audit.record(Verb.SURVEY, unit=resident.household.school, actor=actor, about=resident, changed=changed)
    return resident


def gone(*, actor: User, resident: Resident, on: datetime.date, gone_as: str) -> None:
    """迁出 or 去世: the member stays in the book up to that day."""
    _require(actor, resident.household.school)
    if on > dates.today():
        raise RollRefusal("日期不能晚于今天。")
    with transaction.atomic():
        here = Resident.objects.filter(pk=resident.pk, gone_on__isnull=True)
        if here.update(gone_on=on, gone_as=Gone(gone_as)) != 1:
            raise RollRefusal("已经登记过迁出或去世，请刷新后再看。")
        audit.record(Verb.SURVEY, unit=resident.household.school, actor=actor, about=resident, gone_as=gone_as, on=on)


def link(*, actor: User, resident: Resident, student: Student) -> None:
    """Say that a member is one of our pupils, where no number says it. Only name and birth date may suggest it."""
    school = resident.household.school
    _require(actor, school)
    if student.school_id != school.pk:
        raise RollRefusal("只能对到本校的学生。")
    if (resident.name, resident.birth_date) != (student.name, student.birth_date):
        raise RollRefusal("姓名和出生日期不完全相同，请先核对摸底册或学籍。")
    with transaction.atomic():
        Resident.objects.filter(pk=resident.pk).update(student=student)
        audit.record(Verb.SURVEY, unit=resident.household.school, actor=actor, about=resident, student=student.pk)


def unlink(*, actor: User, resident: Resident) -> None:
    """Take back what `link` said. A match by number can't be taken back: one of the numbers is wrong."""
    _require(actor, resident.household.school)
    if resident.student and resident.id_hash and resident.student.id_hash == resident.id_hash:
        raise RollRefusal("身份证号相同，是同一个人。如果不是，请先更正身份证号。")
    with transaction.atomic():
        Resident.objects.filter(pk=resident.pk).update(student=None)
        audit.record(Verb.SURVEY, unit=resident.household.school, actor=actor, about=resident, student=None)


def proposals(resident: Resident) -> models.QuerySet[Student]:
    """Our pupils who may be this person: same name, same birth date, and no two different numbers."""
    if resident.student_id or not resident.birth_date:
        return Student.objects.none()
    alike = Student.objects.filter(
        school=resident.household.school_id, name=resident.name, birth_date=resident.birth_date
    )
    return alike.filter(id_hash="") if resident.id_hash else alike


def prove(
    *,
    actor: User,
    resident: Resident,
    grade: str,
    title: str,
    upload: UploadedFile | None = None,
    seen_by: str = "",
    seen_on: datetime.date | None = None,
    number: str = "",
) -> Paper:
    """A proof that a child learns elsewhere, in one of three grades (回执、截图、电话核实)."""
    return papers.keep(
        actor=actor, to=resident, code=PROOF, title=title, grade=grade, upload=upload, seen_by=seen_by,
        seen_on=seen_on, number=number,
    )  # fmt: skip


def defer(
    *,
    actor: User,
    resident: Resident,
    until: datetime.date,
    approved_by: str,
    number: str,
    approved_on: datetime.date,
    upload: UploadedFile | None = None,
    seen_by: str = "",
    seen_on: datetime.date | None = None,
) -> Paper:
    """缓学 with the approval of the township government or the county bureau (义务教育法11条2款), until a day."""
    if until <= approved_on:
        raise RollRefusal("缓学期满日期要晚于批准日期。")
    if not number.strip():
        raise RollRefusal("请写批准文号。")
    with transaction.atomic():
        paper = papers.keep(
            actor=actor, to=resident, code=DEFERRAL, title=f"缓学批准({approved_by})"[:80], number=number,
            dated_on=approved_on, upload=upload, seen_by=seen_by, seen_on=seen_on,
        )  # fmt: skip
        Resident.objects.filter(pk=resident.pk).update(schooling=Schooling.DEFERRED, deferred_until=until)
        audit.record(Verb.SURVEY, unit=resident.household.school, actor=actor, about=resident, until=until)
    return paper


def _changed(row: models.Model) -> list[str]:
    """What the fields are called that differ from the stored row; nothing for a new one."""
    if not row.pk:
        return []
    before = type(row)._base_manager.get(pk=row.pk)
    fields = [field for field in row._meta.concrete_fields if field.name not in ("id_no", "id_hash", "recorded_at")]
    differing = [f for f in fields if getattr(before, f.attname) != getattr(row, f.attname)]
    return [str(field.verbose_name) for field in differing if field.name != "recorded_by"]


def _require(actor: User, school: Unit) -> None:
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能改动摸底册。")
