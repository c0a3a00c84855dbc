"""Evidence: contacts and visits (on the pupil, from day one), papers sent and received, photos and scans."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from followups import codes
from followups.models.cases import Case
from kongchuo import dates
from schools import scoping
from schools.codes import Role
from schools.models import User
from students.models import Enrollment, Student


class ContactQuerySet(models.QuerySet["Contact"]):
    def visible_to(self, user: scoping.Person) -> Self:
        """Contacts with the families of one's class (班主任), of one's office's school, of cases assigned (包保)."""
        scope, heads = scoping.scope_of(user), scoping.scope_of(user, (Role.HEAD_TEACHER,))
        own = Enrollment.objects.filter(student=OuterRef("student"), classroom__in=heads.classrooms)
        own = own.lasting(dates.today())
        assigned = Case.objects.open().filter(student=OuterRef("student"), responsible=user.pk, school__in=scope.units)
        return self.filter(Q(student__school__in=scope.schools) | Exists(own) | Exists(assigned))

    def visits(self) -> Self:
        """入户: somebody went to the door."""
        return self.filter(way=codes.Way.VISIT)


class Contact(models.Model):
    """One attempt to reach a family: a call, a visit, a message. "Nobody home" is an attempt and counts."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="contacts", verbose_name="学生")
    way = models.CharField("方式", max_length=10, choices=codes.Way)
    on = models.DateField("日期")
    at = models.TimeField("时间", null=True, blank=True)
    met = models.CharField("见到谁", max_length=10, choices=codes.Met)
    met_name = models.CharField("对方姓名及关系", max_length=60, blank=True)
    result = models.CharField("结果", max_length=12, choices=codes.Result)
    promised_on = models.DateField("答应到校日期", null=True, blank=True)
    reasons = models.JSONField("原因", default=list, blank=True)
    companions = models.CharField("同行人", max_length=120, blank=True)
    text = models.CharField("谈话内容与约定", max_length=600, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="联系人")
    recorded_at = models.DateTimeField(default=dates.now)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = "联系走访"
        ordering = ("-on", "-pk")
        indexes = (models.Index(fields=("student", "on")),)

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_way_display()}"

    @property
    def is_visit(self) -> bool:
        """入户: at the door, not by phone."""
        return self.way == codes.Way.VISIT


class CaseScoped(models.QuerySet):
    def visible_to(self, user: "scoping.Person") -> Self:
        """Rows of the cases that this person may see."""
        return self.filter(case__in=Case.objects.visible_to(user))


class Notice(models.Model):
    """A paper of the school's own: with a number, a date and those it went to, or it was not sent."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="notices")
    kind = models.CharField("文书", max_length=12, choices=codes.NoticeKind)
    number = models.CharField("文号", max_length=40)
    dated_on = models.DateField("成文日期")
    signer = models.CharField("签发人", max_length=30)
    addressees = models.JSONField("送达单位", default=list, help_text="Addressee 代码")
    delivery = models.CharField("送达方式", max_length=60, blank=True)
    received_by = models.CharField("签收人", max_length=60, blank=True)
    received_on = models.DateField("签收日期", null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=dates.now)

    objects = CaseScoped.as_manager()

    class Meta:
        verbose_name = "校发文书"
        ordering = ("dated_on", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    @property
    def addressee_labels(self) -> str:
        return "、".join(codes.Addressee(code).label for code in self.addressees)


class LegalAct(models.Model):
    """外来文书: what the township, the bureau or a court did, as their own paper says. The school only records."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="legal_acts")
    step = models.PositiveSmallIntegerField("四步法", choices=codes.LegalStep)
    title = models.CharField("文书名称", max_length=60)
    issuer = models.CharField("发文机关", max_length=60)
    number = models.CharField("文号", max_length=40)
    served_on = models.DateField("送达日期")
    served_how = models.CharField("送达回证", max_length=120)
    due_on = models.DateField("期限截止日", null=True, blank=True)
    result = models.CharField("结果", max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=dates.now)

    objects = CaseScoped.as_manager()

    class Meta:
        verbose_name = "外来文书"
        ordering = ("served_on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("case", "number"),
                name="one_legal_act_per_number",
                violation_error_message="这个文号在本案已经登记过。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} {self.number}"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(Q(contact__in=Contact.objects.visible_to(user)) | Q(case__in=Case.objects.visible_to(user)))


class Attachment(models.Model):
    """A photo or scan that proves something; stored privately, re-encoded without metadata."""

    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="attachments")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="attachments")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="attachments")
    legal_act = models.ForeignKey(LegalAct, models.PROTECT, null=True, blank=True, related_name="attachments")
    caption = models.CharField("说明", max_length=80, blank=True)
    file = models.FileField(upload_to="evidence/")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=dates.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = "附件"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(contact__isnull=False) | Q(case__isnull=False), name="an_attachment_belongs_somewhere"
            ),
        )

    def __str__(self) -> str:
        return self.caption or f"附件{self.pk}"
