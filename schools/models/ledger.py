"""The export ledger: every file that left the house."""

from typing import Self

from django.db import models
from django.db.models import Q

from kongchuo import dates
from schools import codes, scoping
from schools.models.people import User
from schools.models.places import Unit


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """The whole ledger for the school's office; a class teacher sees the own orders made there."""
        scope = scoping.scope_of(user)
        own = Q(made_by=user.pk, school__in=scope.units)
        return self.filter(Q(school__in=scope.schools) | own)

    def asked(self) -> Self:
        """待校长批准."""
        return self.filter(status=codes.ExportStatus.ASKED)


class Export(models.Model):
    """One export: who, which book, as of which day, why, how many rows, and the hash of the file."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="exports")
    book = models.CharField("表", max_length=40)
    format = models.CharField("格式", max_length=10, choices=codes.ExportFormat)
    edition = models.CharField("版本", max_length=8, choices=codes.Edition, default=codes.Edition.MASKED)
    on = models.DateField("截止日期")
    filters = models.JSONField(default=dict)
    reason = models.CharField("用途", max_length=200, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=dates.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField("批准意见", max_length=120, blank=True)
    status = models.CharField("状态", max_length=8, choices=codes.ExportStatus, default=codes.ExportStatus.WAITING)
    progress = models.PositiveSmallIntegerField("进度%", default=0)
    error = models.CharField(max_length=200, blank=True)
    rows = models.PositiveIntegerField("行数", default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    file_name = models.CharField("文件名", max_length=255, blank=True)
    file = models.FileField(upload_to="exports/", blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = "导出"
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.file_name or f"导出{self.pk}"
