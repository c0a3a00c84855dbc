"""开学: who has registered at the start of a term, the entry notices, a class handed over to the junior school."""

from typing import Self

from django.db import models
from django.db.models import Q

from kongchuo import dates
from schools import scoping
from schools.models import Classroom, Term, Unit, User
from students.codes import AbsentReason
from students.models.roll import Student
from students.models.survey import Resident


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(student__in=Student.objects.visible_to(user))


class Registration(models.Model):
    """报到: one pupil in one term. No row means nobody has said anything yet."""

    term = models.ForeignKey(Term, models.PROTECT, related_name="registrations")
    student = models.ForeignKey(Student, models.PROTECT, related_name="registrations")
    arrived_on = models.DateField("报到日期", null=True, blank=True)
    reason = models.CharField("未报到原因", max_length=12, choices=AbsentReason, blank=True)
    note = models.CharField("说明", max_length=120, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=dates.now)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = "开学报到"
        constraints = (models.UniqueConstraint(fields=("term", "student"), name="one_registration_a_term"),)

    def __str__(self) -> str:
        return f"{self.student_id} {self.arrived_on or '未报到'}"


class EntryNoticeQuerySet(models.QuerySet["EntryNotice"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(school__in=scoping.scope_of(user).schools)


class EntryNotice(models.Model):
    """入学通知书: one a child and year, with its 送达回证, checked off when the child has come (义务教育法 11条)."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="entry_notices")
    school_year = models.PositiveSmallIntegerField("学年")
    serial = models.PositiveIntegerField("编号")
    name = models.CharField("姓名", max_length=60)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    guardian = models.CharField("监护人", max_length=60, blank=True)
    address = models.CharField("住址", max_length=120, blank=True)
    resident = models.ForeignKey(Resident, models.PROTECT, null=True, blank=True, related_name="entry_notices")
    student = models.ForeignKey(Student, models.PROTECT, null=True, blank=True, related_name="entry_notices")
    issued_on = models.DateField("发出日期")
    report_on = models.DateField("报到日期")
    served_on = models.DateField("送达日期", null=True, blank=True)
    served_how = models.CharField("送达方式", max_length=20, blank=True)
    received_by = models.CharField("签收人", max_length=60, blank=True)
    witness = models.CharField("送达人(见证人)", max_length=60, blank=True)
    arrived_on = models.DateField("到校日期", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=dates.now)

    objects = EntryNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "入学通知书"
        ordering = ("school_year", "serial")
        constraints = (
            models.UniqueConstraint(fields=("school", "school_year", "serial"), name="one_entry_notice_per_number"),
            models.UniqueConstraint(
                fields=("school", "school_year", "resident"),
                condition=Q(resident__isnull=False),
                name="one_entry_notice_a_child_and_year",
                violation_error_message="这个孩子本学年的入学通知书已经发过(一人一份)。",
            ),
        )

    def __str__(self) -> str:
        return f"入学通知书{self.school_year}-{self.serial:03d}"


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(school__in=scoping.scope_of(user).schools)


class Handover(models.Model):
    """毕业班整班移交: a class that has finished primary school, handed to its junior school by name."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="handovers")
    classroom = models.ForeignKey(Classroom, models.PROTECT, related_name="handovers")
    to_school = models.CharField("接收学校", max_length=80)
    on = models.DateField("移交日期")
    handed_by = models.CharField("移交人", max_length=30, blank=True)
    taken_by = models.CharField("接收人", max_length=30, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=dates.now)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = "整班移交"
        ordering = ("-on", "-pk")
        constraints = (models.UniqueConstraint(fields=("classroom",), name="one_handover_a_class"),)

    def __str__(self) -> str:
        return f"{self.classroom}移交{self.to_school}"


class HandedOver(models.Model):
    """One pupil of a handover, and whether he has come to the junior school."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="pupils")
    student = models.ForeignKey(Student, models.PROTECT, related_name="handed_over")
    arrived_on = models.DateField("到初中报到日期", null=True, blank=True)
    reason = models.CharField("未报到原因", max_length=12, choices=AbsentReason, blank=True)
    note = models.CharField("说明", max_length=120, blank=True)

    class Meta:
        verbose_name = "移交学生"
        ordering = ("handover", "pk")
        constraints = (models.UniqueConstraint(fields=("handover", "student"), name="handed_over_once"),)

    def __str__(self) -> str:
        return f"{self.student_id}"
