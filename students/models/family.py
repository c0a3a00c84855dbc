"""What is known of a pupil beyond the roll: the extended fields, the family, dated marks of groups."""

import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from kongchuo import idnumber
from kongchuo.sealed import SecretField
from schools import scoping
from students import codes
from students.codes import ETHNICITIES, IdType, PhoneState, Relation, TagKind
from students.models.roll import Student


class StudentDetails(models.Model):
    """扩展信息: what the national form of 72 items asks beyond the pupil's own row. One row at most a pupil.

    Kept apart because lists and roll calls read pupils by the hundred and none of this.
    """

    student = models.OneToOneField(Student, models.PROTECT, related_name="details")
    former_name = models.CharField("曾用名", max_length=60, blank=True)
    birth_place = models.CharField("出生地", max_length=80, blank=True)
    native_place = models.CharField("籍贯", max_length=80, blank=True)
    nationality = models.CharField("国籍/地区", max_length=40, blank=True, default="中国")
    hmt = models.CharField("港澳台侨外", max_length=12, choices=codes.HmtCode, blank=True)
    political = models.CharField("政治面貌", max_length=2, choices=codes.Political, blank=True)
    health = models.CharField("健康状况", max_length=2, choices=codes.Health, blank=True)
    blood_type = models.CharField("血型", max_length=2, choices=codes.BloodType, blank=True)
    id_valid = models.CharField("身份证件有效期", max_length=24, blank=True, help_text="2020.06.01-2030.06.01")
    hukou_type = models.CharField("户口性质", max_length=1, choices=codes.HukouType, blank=True)
    specialty = models.CharField("特长", max_length=80, blank=True)
    roll_aux_no = models.CharField("学籍辅号", max_length=30, blank=True)
    entry_mode = models.CharField("入学方式", max_length=2, choices=codes.EntryMode, blank=True)
    source = models.CharField("学生来源", max_length=1, choices=codes.PupilSource, blank=True)
    mail_address = models.CharField("通信地址", max_length=120, blank=True)
    home_address = models.CharField("家庭地址", max_length=120, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    postcode = models.CharField("邮政编码", max_length=6, blank=True)
    email = models.CharField("电子信箱", max_length=80, blank=True)
    homepage = models.CharField("主页地址", max_length=120, blank=True)
    only_child = models.BooleanField("是否独生子女", null=True, blank=True)
    preschool = models.BooleanField("是否受过学前教育", null=True, blank=True)
    martyr_child = models.BooleanField("是否烈士或优抚子女", null=True, blank=True)
    inclusive = models.CharField("随班就读", max_length=1, choices=codes.Inclusive, blank=True)
    paid_seat = models.BooleanField("是否由政府购买学位", null=True, blank=True)
    needs_aid = models.BooleanField("是否需要申请资助", null=True, blank=True)
    has_subsidy = models.BooleanField("是否享受一补", null=True, blank=True)
    distance_km = models.DecimalField("上下学距离(公里)", max_digits=5, decimal_places=1, null=True, blank=True)
    commute = models.CharField("上下学交通方式", max_length=1, choices=codes.Commute, blank=True)
    school_bus = models.BooleanField("是否需要乘坐校车", null=True, blank=True)

    class Meta:
        verbose_name = "学生扩展信息"

    def __str__(self) -> str:
        return f"{self.student_id}的扩展信息"


class Guardian(models.Model):
    """监护人/家庭成员. The first by `position` is the one to call."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="guardians")
    position = models.PositiveSmallIntegerField(default=1)
    name = models.CharField("姓名", max_length=60)
    relation = models.CharField("关系", max_length=2, choices=Relation, blank=True)
    phone = models.CharField("电话", max_length=20, blank=True, help_text="没有电话填「无」")
    id_no = SecretField("身份证件号")
    id_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    phone_state = models.CharField("电话情况", max_length=8, choices=PhoneState, blank=True, default="")
    phone_checked_on = models.DateField("电话核对日期", null=True, blank=True)
    works_at = models.CharField("务工地/单位", max_length=80, blank=True)
    job_title = models.CharField("职务", max_length=40, blank=True)
    relation_note = models.CharField("关系说明", max_length=40, blank=True)
    ethnicity = models.CharField("民族", max_length=2, blank=True, choices=sorted(ETHNICITIES.items()))
    address = models.CharField("现住址", max_length=120, blank=True)
    hukou_address = models.CharField("户口所在地", max_length=120, blank=True)
    id_type = models.CharField("证件类型", max_length=20, choices=IdType, blank=True, default="")
    is_guardian = models.BooleanField("是监护人", default=True)

    class Meta:
        verbose_name = "监护人"
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def masked_phone(self) -> str:
        return idnumber.mask_phone(self.phone) if self.phone[:1].isdigit() else self.phone


class TagQuerySet(models.QuerySet["Tag"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """Marks of the pupils whom this person sees, of kinds that are this person's business."""
        roles = {duty.role for duty in getattr(user, "duties_today", [])}
        return self.filter(student__in=Student.objects.visible_to(user), kind__in=codes.tag_kinds_for(roles))

    def in_force(self, day: datetime.date) -> Self:
        """Marks that hold on a day (`ends_on` is the last day)."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day), starts_on__lte=day)


class Tag(models.Model):
    """A dated mark of a group that deserves attention (留守、脱贫户、残疾 …)."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="tags")
    kind = models.CharField("类别", max_length=16, choices=TagKind)
    detail = models.CharField("说明", max_length=60, blank=True)
    disability = models.CharField("残疾类别", max_length=1, choices=codes.DisabilityKind, blank=True)
    disability_grade = models.CharField("残疾等级", max_length=1, choices=codes.DisabilityGrade, blank=True)
    starts_on = models.DateField("起")
    ends_on = models.DateField("止", null=True, blank=True)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = "标签"
        constraints = (
            models.UniqueConstraint(
                fields=("student", "kind"), condition=Q(ends_on__isnull=True), name="one_open_tag_per_kind"
            ),
        )

    def __str__(self) -> str:
        return TagKind(self.kind).label
