"""Rosters on their way in, and lists that the roll is compared with."""

from typing import Self

from django.db import models
from django.urls import reverse

from kongchuo import dates
from kongchuo.sealed import SealedTextField
from schools import scoping
from schools.models import Term, Unit, User
from students.codes import DifferenceKind, ImportStatus, ListGroup, RollList, Settlement
from students.models.roll import Student


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(school__in=scoping.scope_of(user).schools)


class ImportBatch(models.Model):
    """One uploaded roster, from its preview to its confirmation, and a day longer for those who must undo it.

    `rows` are the sheets of the file until they are settled. `kept` holds, for a day after the confirmation, what was
    changed and which rows were refused. Both are sealed.
    """

    school = models.ForeignKey(Unit, models.PROTECT, related_name="imports")
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=dates.now)
    status = models.CharField("状态", max_length=10, choices=ImportStatus, default=ImportStatus.WAITING)
    rows = SealedTextField()
    kept = SealedTextField()
    account = models.JSONField("行数账", default=dict)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "导入"

    def __str__(self) -> str:
        return self.file_name


class HeadingMeaningQuerySet(models.QuerySet["HeadingMeaning"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(school__in=scoping.scope_of(user).schools)


class HeadingMeaning(models.Model):
    """What a school has said a heading of its lists means: a field of the roster, or empty for 「不导入」."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="heading_meanings")
    heading = models.CharField("表头", max_length=80)
    field = models.CharField("对应", max_length=30, blank=True)

    objects = HeadingMeaningQuerySet.as_manager()

    class Meta:
        verbose_name = "列的对应"
        constraints = (models.UniqueConstraint(fields=("school", "heading"), name="one_meaning_per_heading"),)

    def __str__(self) -> str:
        return self.heading


class RollCheckQuerySet(models.QuerySet["RollCheck"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(school__in=scoping.scope_of(user).schools)

    def open(self) -> Self:
        """Checks that somebody still has to settle and close."""
        return self.filter(closed_on__isnull=True, replaced_by__isnull=True)


class RollCheck(models.Model):
    """人籍核对: one list from outside (学籍系统、村、民政、残联) held against the roll of a day."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="roll_checks")
    source = models.CharField("名单来源", max_length=16, choices=RollList)
    about = models.CharField("哪一类孩子", max_length=16, choices=ListGroup, blank=True)
    term = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="学期")
    on = models.DateField("核对日期")
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField(max_length=64)
    listed = models.PositiveIntegerField("名单人数", default=0)
    matched = models.PositiveIntegerField("一致人数", default=0)
    account = models.JSONField("行数账", default=dict)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核对人")
    made_at = models.DateTimeField(default=dates.now)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    # The check of a newer list that took the place of this one before it was closed.
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaces")

    objects = RollCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "学籍清查"
        ordering = ("-on", "-pk")

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.on:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("students:roll_check", args=(self.pk,))


class DifferenceQuerySet(models.QuerySet["Difference"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(check_of__in=RollCheck.objects.visible_to(user))

    def unsettled(self) -> Self:
        return self.filter(settled_at__isnull=True)


class Difference(models.Model):
    """One child about whom a list and the roll disagree, until a person has settled it with a reason."""

    check_of = models.ForeignKey(RollCheck, models.PROTECT, related_name="differences")
    kind = models.CharField("差异", max_length=12, choices=DifferenceKind)
    student = models.ForeignKey(Student, models.PROTECT, null=True, blank=True, related_name="differences")
    name = models.CharField("姓名", max_length=60)
    row_number = models.PositiveIntegerField("名单第几行", null=True, blank=True)
    listed = SealedTextField()
    text = models.CharField("差异说明", max_length=300, blank=True)
    settlement = models.CharField("处理", max_length=12, choices=Settlement, blank=True)
    reason = models.CharField("处理说明", max_length=200, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DifferenceQuerySet.as_manager()

    class Meta:
        verbose_name = "核对差异"
        ordering = ("kind", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"
