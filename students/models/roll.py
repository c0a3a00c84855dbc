"""Pupils, and the history of who belongs to which class on any day (在籍区间)."""

import datetime
from functools import cached_property
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from kongchuo import dates
from kongchuo.sealed import SecretField, keyed_hash
from schools import scoping
from schools.models import Classroom, Unit
from students.codes import (
    ETHNICITIES,
    EXPECTED,
    HELD_ELSEWHERE,
    BoardType,
    Change,
    EnrollmentStatus,
    IdType,
    Sex,
)


class StudentQuerySet(models.QuerySet["Student"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """Pupils now in one's own class or about to come into it, all pupils of one's school's office, all below an
        overseer's unit. Who leaves the class on a day to come is its head teacher's until then.
        """
        scope = scoping.scope_of(user)
        own = Enrollment.objects.filter(student=OuterRef("pk"), classroom__in=scope.classrooms).lasting(dates.today())
        return self.filter(Q(school__in=scope.schools) | Exists(own) | scope.subtree("school__path"))

    def on_roll(self, day: datetime.date) -> Self:
        """在册: pupils whose 学籍 this school holds on this day, whether they sit in class or not."""
        return self.filter(Exists(Enrollment.objects.filter(student=OuterRef("pk")).in_force(day).held_here()))

    def with_id_number(self, number: str) -> Self:
        """Exact look-up of a whole ID number."""
        return self.filter(id_hash=keyed_hash(number)) if number else self.none()

    def with_roll_number(self, number: str) -> Self:
        """Exact look-up of a whole 学籍号."""
        return self.filter(roll_hash=keyed_hash(number)) if number else self.none()


# What a list of names has no use for; reading it costs more than all the rest of the row.
UNLISTED = (
    "id_type", "id_no", "id_hash", "roll_no", "roll_hash", "ethnicity", "birth_date", "board_type", "entry_month",
    "hukou_address", "address", "hamlet", "checked_on", "note",
)  # fmt: skip


class Student(models.Model):
    """One pupil of one school. Numbers are sealed; their hashes serve exact look-up and uniqueness."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="students")
    name = models.CharField("姓名", max_length=60)
    initials = models.CharField("拼音首字母", max_length=30, blank=True, db_index=True)
    sex = models.CharField("性别", max_length=1, choices=Sex, blank=True)
    ethnicity = models.CharField("民族", max_length=2, blank=True, choices=sorted(ETHNICITIES.items()))
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType, default=IdType.RESIDENT)
    id_no = SecretField("身份证件号")
    id_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    roll_no = SecretField("学籍号")
    roll_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    board_type = models.CharField("就读方式", max_length=1, choices=BoardType, blank=True)
    entry_month = models.CharField("入学年月", max_length=7, blank=True, help_text="2026-09")
    hukou_address = models.CharField("户籍所在地", max_length=120, blank=True)
    address = models.CharField("现住址", max_length=120, blank=True)
    village = models.CharField("村屯", max_length=40, blank=True)
    hamlet = models.CharField("组(小地名)", max_length=40, blank=True)
    checked_on = models.DateField("家庭信息核对日期", null=True, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    history: list["Enrollment"]  # where a page has fetched it along

    objects = StudentQuerySet.as_manager()

    class Meta:
        verbose_name = "学生"
        constraints = (
            models.UniqueConstraint(
                fields=("school", "id_hash"),
                condition=~Q(id_hash=""),
                name="one_student_per_id_number",
                violation_error_message="本校已有学生用这个身份证件号。",
            ),
            models.UniqueConstraint(
                fields=("school", "roll_hash"),
                condition=~Q(roll_hash=""),
                name="one_student_per_roll_number",
                violation_error_message="本校已有学生用这个学籍号。",
            ),
        )
        indexes = (models.Index(fields=("id_hash",)), models.Index(fields=("roll_hash",)))

    def __str__(self) -> str:
        return self.name

    def set_numbers(self, *, id_no: str | None = None, roll_no: str | None = None) -> None:
        """Set the sealed numbers together with their look-up hashes; None leaves a number as it is."""
        if id_no is not None:
            self.id_no, self.id_hash = id_no, keyed_hash(id_no)
        if roll_no is not None:
            self.roll_no, self.roll_hash = roll_no, keyed_hash(roll_no)

    @cached_property
    def present_enrollment(self) -> "Enrollment | None":
        """The stretch of today on the roll, else the next to come; None for a pupil who has left."""
        rows = self.enrollments.lasting(dates.today()).select_related("classroom__school")
        return rows.order_by("starts_on").first()


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        scope = scoping.scope_of(user)
        return self.filter(
            Q(classroom__in=scope.classrooms)
            | Q(classroom__school__in=scope.schools)
            | scope.subtree("classroom__school__path")
        )

    def standing(self) -> Self:
        """Rows that hold; a voided row stays in the table for the record only."""
        return self.filter(voided_at__isnull=True)

    def open(self) -> Self:
        return self.standing().filter(ends_on__isnull=True)

    def lasting(self, day: datetime.date) -> Self:
        """Stretches not over by this day: those that cover it and those to come."""
        return self.standing().filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def in_force(self, day: datetime.date | models.OuterRef) -> Self:
        """Stretches that cover this day (`ends_on` is the last day)."""
        return self.standing().filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)

    def expected(self) -> Self:
        """应到: those who should sit in class."""
        return self.filter(status__in=sorted(EXPECTED))

    def held_here(self) -> Self:
        """在册: those whose 学籍 is this school's, wherever they sit."""
        return self.exclude(status__in=sorted(HELD_ELSEWHERE))


class Enrollment(models.Model):
    """在籍区间: one pupil in one class in one status, with both ends. Past and present in one table.

    What the pupil's 异动 amount to: `students.roll` lays the stretches down from them and nobody else writes them,
    but for the seat. A child who drops out keeps the open row: dropping out is a case, not an end on the roll
    (未成年人保护法 28: no expulsion, open or covert).
    """

    student = models.ForeignKey(Student, models.PROTECT, related_name="enrollments")
    classroom = models.ForeignKey(Classroom, models.PROTECT, related_name="enrollments", verbose_name="班级")
    seat_no = models.PositiveSmallIntegerField("座号", null=True, blank=True)
    status = models.CharField("状态", max_length=16, choices=EnrollmentStatus, default=EnrollmentStatus.IN_CLASS)
    started_by = models.CharField("起因", max_length=16, choices=Change, default=Change.ENTRY)
    ended_by = models.CharField("止因", max_length=16, choices=Change, blank=True)
    basis = models.CharField("依据", max_length=120, blank=True)
    starts_on = models.DateField("起")
    ends_on = models.DateField("止", null=True, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=120, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        verbose_name = "在籍区间"
        constraints = (
            models.UniqueConstraint(
                fields=("student",),
                condition=Q(ends_on__isnull=True, voided_at__isnull=True),
                name="one_open_enrollment",
                violation_error_message="这名学生已经在一个班里。",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")),
                name="enrollment_ends_after_it_starts",
                violation_error_message="结束日期不能早于开始日期。",
            ),
        )
        indexes = (models.Index(fields=("classroom", "starts_on")),)

    def __str__(self) -> str:
        return f"{self.classroom_id}:{self.student_id} {self.starts_on:%Y-%m-%d}"
