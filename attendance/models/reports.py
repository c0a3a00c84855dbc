"""到校日报: one report per class, day and session, and marks only for those who are not simply there."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, NullIf

from attendance import codes
from kongchuo import dates
from schools import scoping
from schools.codes import Role
from schools.models import Classroom, Duty, Unit, User
from students.models import Enrollment, Student


class ReportQuerySet(models.QuerySet["DailyReport"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        scope = scoping.scope_of(user)
        return self.filter(
            Q(classroom__in=scope.classrooms)
            | Q(classroom__school__in=scope.schools)
            | scope.subtree("classroom__school__path")
        )

    def with_reporter(self) -> Self:
        """With who reported, and whether as the class's head teacher (`by_head`) or for him (代报)."""
        heads = Duty.objects.filter(
            user=OuterRef("submitted_by"), classroom=OuterRef("classroom"), role=Role.HEAD_TEACHER
        )
        return self.select_related("submitted_by").annotate(by_head=Exists(heads.in_force(OuterRef("on"))))


class DailyReport(models.Model):
    """A class's word for one session of one day. No row means 未报: nobody was said to be present or absent."""

    by_head: bool  # from `with_reporter`

    classroom = models.ForeignKey(Classroom, models.PROTECT, related_name="reports", verbose_name="班级")
    on = models.DateField("日期")
    session = models.CharField("时段", max_length=2, choices=codes.Session, default=codes.Session.MORNING)
    expected = models.PositiveSmallIntegerField("应到")
    absent = models.PositiveSmallIntegerField("缺勤")
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上报人")
    submitted_at = models.DateTimeField("上报时间")
    revision = models.PositiveSmallIntegerField("第几次", default=1)
    late = models.BooleanField("迟报", default=False)
    roll_version = models.CharField(max_length=16, help_text="上报时所见名单的摘要")

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "到校日报"
        constraints = (models.UniqueConstraint(fields=("classroom", "on", "session"), name="one_report_per_session"),)
        indexes = (models.Index(fields=("on", "classroom")),)

    def __str__(self) -> str:
        return f"{self.classroom_id} {self.on:%Y-%m-%d}"

    @property
    def present(self) -> int:
        return self.expected - self.absent


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(report__in=DailyReport.objects.visible_to(user))


class Submission(models.Model):
    """One accepted sending of a report: its receipt, and what it changed. The same request id is answered from here."""

    report = models.ForeignKey(DailyReport, models.PROTECT, related_name="submissions")
    request_id = models.UUIDField(unique=True)
    content_hash = models.CharField(max_length=64)
    receipt = models.CharField("回执", max_length=6)
    revision = models.PositiveSmallIntegerField()
    submitted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    reason = models.CharField("更正原因", max_length=120, blank=True)
    changes = models.JSONField(default=dict, help_text="学生键: [原, 新]")

    objects = SubmissionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.receipt


class MarkQuerySet(models.QuerySet["Mark"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        scope = scoping.scope_of(user)
        return self.filter(
            Q(report__classroom__in=scope.classrooms)
            | Q(report__classroom__school__in=scope.schools)
            | scope.subtree("report__classroom__school__path")
        )

    def absent(self) -> Self:
        return self.filter(code__in=codes.ABSENT)

    def by_seat(self) -> Self:
        """In the order of 座号 on the day of the mark, with `seat_no`."""
        seats = Enrollment.objects.in_force(OuterRef("on")).filter(student=OuterRef("student")).values("seat_no")
        return self.annotate(seat_no=Subquery(seats[:1])).order_by("seat_no", "pk")

    def unexcused(self) -> Self:
        return self.filter(code__in=codes.UNEXCUSED)


class Mark(models.Model):
    """记号: what was said of one pupil in one report, because he was absent or because 「到了」 was said on purpose.

    The teacher's value and the office's verified value stand side by side; `code`, the one in force, is the
    office's where there is one, and the database derives it.
    """

    report = models.ForeignKey(DailyReport, models.PROTECT, related_name="marks")
    student = models.ForeignKey(Student, models.PROTECT, related_name="marks", verbose_name="学生")
    on = models.DateField("日期", help_text="与日报同日，供连缺计算按学生取用")
    teacher_code = models.CharField("班主任所报", max_length=1, choices=codes.MarkCode, blank=True, default="")
    office_code = models.CharField("教务核实", max_length=1, choices=codes.MarkCode, blank=True, default="")
    code = models.GeneratedField(
        expression=Coalesce(NullIf(F("office_code"), models.Value("")), F("teacher_code")),
        output_field=models.CharField(max_length=1),
        db_persist=True,
    )
    note = models.CharField("说明", max_length=120, blank=True)
    arrived_at = models.TimeField("到校时间", null=True, blank=True)
    verified_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)

    objects = MarkQuerySet.as_manager()

    class Meta:
        verbose_name = "到校记号"
        constraints = (
            models.UniqueConstraint(fields=("report", "student"), name="one_mark_per_report"),
            models.CheckConstraint(condition=~Q(teacher_code="", office_code=""), name="a_mark_says_something"),
        )
        indexes = (models.Index(fields=("student", "on")), models.Index(fields=("on", "code")))

    def __str__(self) -> str:
        return f"{self.student_id} {self.on:%Y-%m-%d} {self.code}"

    @property
    def label(self) -> str:
        """The value in force, in words."""
        return codes.MarkCode(self.code).label


class DayReview(models.Model):
    """日汇总审核: the school's day seen and passed, once by the office and once by the principal."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="day_reviews")
    on = models.DateField("日期")
    level = models.CharField("环节", max_length=10, choices=(("office", "教务"), ("principal", "校长")))
    reviewed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(default=dates.now)
    summary = models.JSONField(default=dict)

    class Meta:
        verbose_name = "日汇总审核"
        constraints = (models.UniqueConstraint(fields=("school", "on", "level"), name="one_review_per_level"),)

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.level}"
