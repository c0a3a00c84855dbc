"""摸底册 (文化户口): the households of the catchment area, and where each child of school age is."""

import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from kongchuo import dates, idnumber
from kongchuo.sealed import SealedTextField, SecretField, keyed_hash
from schools import scoping
from schools.models import Unit, User
from students.codes import ETHNICITIES, DisabilityKind, Education, Gone, ImportStatus, Schooling, Sex
from students.models.roll import Student


class HouseholdQuerySet(models.QuerySet["Household"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(school__in=scoping.scope_of(user).schools)


class Household(models.Model):
    """一户: its number in the survey, its head, its village and group."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="households")
    number = models.CharField("户编号", max_length=20)
    head = models.CharField("户主", max_length=60)
    village = models.CharField("村(社区)", max_length=40)
    hamlet = models.CharField("组", max_length=40, blank=True)
    address = models.CharField("住址", max_length=120, blank=True)
    is_local = models.BooleanField("户籍在本地", default=True)
    phone = models.CharField("电话", max_length=20, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = "户"
        ordering = ("village", "hamlet", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("school", "number"),
                name="one_household_per_number",
                violation_error_message="这个户编号已经用过。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.head}"

    @property
    def masked_phone(self) -> str:
        return idnumber.mask_phone(self.phone)


class ResidentQuerySet(models.QuerySet["Resident"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(household__in=Household.objects.visible_to(user))

    def living_here(self, day: datetime.date) -> Self:
        """People who belonged to the household on this day."""
        return self.filter(Q(gone_on__isnull=True) | Q(gone_on__gt=day))

    def born_between(self, first: datetime.date, last: datetime.date) -> Self:
        return self.filter(birth_date__range=(first, last))


class Resident(models.Model):
    """家庭成员 in the survey. Of a child of school age it says where the child learns; papers (`Paper`) prove it.

    `schooling` is what the surveyor wrote. Of a child on our own roll the roll says it (`students.schoolage`).
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="residents")
    name = models.CharField("姓名", max_length=60)
    relation = models.CharField("与户主关系", max_length=20, blank=True)
    sex = models.CharField("性别", max_length=1, choices=Sex, blank=True)
    ethnicity = models.CharField("民族", max_length=2, blank=True, choices=sorted(ETHNICITIES.items()))
    birth_date = models.DateField("出生日期", null=True, blank=True)
    id_no = SecretField("身份证件号")
    id_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    education = models.CharField("文化程度", max_length=2, choices=Education, blank=True)
    schooling = models.CharField("就学状况", max_length=16, choices=Schooling, blank=True)
    school_name = models.CharField("就读学校", max_length=80, blank=True)
    grade = models.CharField("年级", max_length=20, blank=True)
    disability = models.CharField("残疾", max_length=1, choices=DisabilityKind, blank=True)
    whereabouts = models.CharField("外出去向", max_length=80, blank=True)
    deferred_until = models.DateField("缓学至", null=True, blank=True)
    student = models.ForeignKey(Student, models.PROTECT, null=True, blank=True, related_name="residents")
    surveyed_by = models.CharField("调查人", max_length=30, blank=True)
    surveyed_on = models.DateField("调查日期", null=True, blank=True)
    gone_on = models.DateField("迁出或去世日期", null=True, blank=True)
    gone_as = models.CharField("去向", max_length=8, choices=Gone, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=dates.now)

    objects = ResidentQuerySet.as_manager()

    class Meta:
        verbose_name = "家庭成员"
        ordering = ("household", "pk")
        indexes = (models.Index(fields=("birth_date",)), models.Index(fields=("id_hash",)))
        constraints = (
            models.UniqueConstraint(
                fields=("household", "id_hash"),
                condition=~Q(id_hash=""),
                name="one_resident_per_id_number",
                violation_error_message="这一户已有人用这个身份证件号。",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def set_id_number(self, number: str) -> None:
        self.id_no, self.id_hash = number, keyed_hash(number)


class SurveyBatchQuerySet(models.QuerySet["SurveyBatch"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(school__in=scoping.scope_of(user).schools)


class SurveyBatch(models.Model):
    """One uploaded 摸底册 between preview and confirmation. The rows are sealed and go once they are settled."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="survey_batches")
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=dates.now)
    status = models.CharField("状态", max_length=10, choices=ImportStatus, default=ImportStatus.WAITING)
    rows = SealedTextField()
    account = models.JSONField("行数账", default=dict)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = SurveyBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "摸底册导入"

    def __str__(self) -> str:
        return self.file_name
