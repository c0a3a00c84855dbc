"""请假条: a slip with its days, who has to grant it, and how it ended."""

import datetime
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery

from attendance.codes import ABSENT, LeaveKind, LeaveLevel, LeaveStatus
from attendance.models.reports import Mark
from kongchuo import dates
from schools import scoping
from schools.models import Unit, User
from students.models import Student


class LeaveQuerySet(models.QuerySet["Leave"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """Slips of the pupils whom this person sees."""
        return self.filter(student__in=Student.objects.visible_to(user))

    def covering(self, day: datetime.date | models.Expression) -> Self:
        """Granted slips in force on a day: begun, not over, and the pupil not back yet."""
        return self.granted().filter(
            Q(returned_on__isnull=True) | Q(returned_on__gt=day), starts_on__lte=day, ends_on__gte=day
        )

    def granted(self) -> Self:
        return self.filter(status=LeaveStatus.GRANTED)

    def still_away(self) -> Self:
        """Slips after whose last day the pupil was said to be absent, and not since to be there."""
        after = Mark.objects.filter(student=OuterRef("student"), on__gt=OuterRef("ends_on")).order_by("-on", "-pk")
        return self.annotate(last_said=Subquery(after.values("code")[:1])).filter(last_said__in=ABSENT)

    def waiting(self) -> Self:
        return self.filter(status=LeaveStatus.WAITING)


class Leave(models.Model):
    """One slip of leave. `ends_on` is its last day; `returned_on` the first day on which the pupil was back (销假)."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="leaves", verbose_name="学生")
    school = models.ForeignKey(Unit, models.PROTECT, related_name="leaves")
    kind = models.CharField("请假类别", max_length=1, choices=LeaveKind)
    starts_on = models.DateField("从")
    ends_on = models.DateField("到(最后一天)")
    days = models.PositiveSmallIntegerField("到校日数")
    reason = models.CharField("事由", max_length=120)
    asked_by = models.CharField("谁来请的假", max_length=40)
    level = models.CharField("由谁准假", max_length=10, choices=LeaveLevel)
    status = models.CharField("状态", max_length=8, choices=LeaveStatus, default=LeaveStatus.WAITING)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField("准假意见", max_length=120, blank=True)
    returned_on = models.DateField("返校日期", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="经办人")
    recorded_at = models.DateTimeField(default=dates.now)

    objects = LeaveQuerySet.as_manager()

    class Meta:
        verbose_name = "请假条"
        ordering = ("-starts_on", "-pk")
        indexes = (models.Index(fields=("student", "ends_on")), models.Index(fields=("school", "status")))
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="a_leave_ends_after_it_begins",
                violation_error_message="请假的最后一天不能早于第一天。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {dates.short(self.starts_on)}至{dates.short(self.ends_on)}"
