"""学籍异动: every change on the roll, the steps of a transfer, and the papers that each stands on."""

from typing import Self

from django.db import models
from django.db.models import Q

from kongchuo import dates
from schools import scoping
from schools.models import Classroom, Unit, User
from students.codes import Change, ChangeReason, Party, ProofGrade
from students.models.roll import Student


class RollChangeQuerySet(models.QuerySet["RollChange"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """Changes of the pupils whom this person sees, and all of one's school's, pupils who have left included."""
        return self.filter(student__in=Student.objects.visible_to(user))

    def standing(self) -> Self:
        """Changes that hold; a voided one stays for the record only."""
        return self.filter(voided_at__isnull=True)

    def unsettled(self) -> Self:
        """办理中: the roll has changed and the procedure is not finished."""
        return self.standing().filter(settled_on__isnull=True)


class RollChange(models.Model):
    """One 异动 of one pupil. The roll (Enrollment) is what a pupil's standing changes amount to, in their order.

    Never edited once recorded: a mistake is voided with its reason and replaced. `on` is the first day on which the
    new standing holds (of a leaving: the first day on which the pupil no longer belongs). `settled_on` is the day on
    which the procedure was finished (办结); of a 转出 it ends the roll, because until the receiving school's receipt
    is in the child is still ours (转出待接续).
    """

    school = models.ForeignKey(Unit, models.PROTECT, related_name="roll_changes", verbose_name="学校")
    student = models.ForeignKey(Student, models.PROTECT, related_name="changes", verbose_name="学生")
    kind = models.CharField("异动类别", max_length=16, choices=Change)
    on = models.DateField("异动日期")
    settled_on = models.DateField("办结日期", null=True, blank=True)
    classroom = models.ForeignKey(
        Classroom, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="班级"
    )
    seat_no = models.PositiveSmallIntegerField("座号", null=True, blank=True)
    applied_on = models.DateField("申请日期", null=True, blank=True)
    reason = models.CharField("原因", max_length=4, choices=ChangeReason, blank=True)
    other_school = models.CharField("来源/去向学校", max_length=80, blank=True)
    other_school_code = models.CharField("对方学校标识码", max_length=10, blank=True)
    other_place = models.CharField("来源/去向地(省市县)", max_length=80, blank=True)
    document_no = models.CharField("证明(审批)文号", max_length=60, blank=True)
    until = models.DateField("期满日期", null=True, blank=True)
    basis = models.CharField("依据", max_length=120, blank=True)
    note = models.CharField("异动说明", max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    recorded_at = models.DateTimeField(default=dates.now)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    void_reason = models.CharField("作废原因", max_length=120, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    batch = models.ForeignKey("ImportBatch", models.PROTECT, null=True, blank=True, related_name="changes")

    objects = RollChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "学籍异动"
        ordering = ("on", "pk")
        indexes = (models.Index(fields=("school", "on")), models.Index(fields=("student", "on")))

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%Y-%m-%d}"


class OfChange(models.QuerySet):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(change__in=RollChange.objects.visible_to(user))


class ChangeStep(models.Model):
    """One party's part in a transfer, with the day by which it is due (10 working days each, 教基〔2025〕1号 15条)."""

    change = models.ForeignKey(RollChange, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    party = models.CharField("经办方", max_length=20, choices=Party)
    due_on = models.DateField("期限", null=True, blank=True)
    done_on = models.DateField("办结日期", null=True, blank=True)
    note = models.CharField("办理情况", max_length=120, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(null=True, blank=True)

    objects = OfChange.as_manager()

    class Meta:
        verbose_name = "办理环节"
        ordering = ("change", "position")
        constraints = (models.UniqueConstraint(fields=("change", "party"), name="one_step_a_party"),)

    def __str__(self) -> str:
        return self.get_party_display()


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        own = Q(change__in=RollChange.objects.visible_to(user))
        return self.filter(own | Q(school__in=scoping.scope_of(user).schools))

    def standing(self) -> Self:
        return self.filter(voided_at__isnull=True)


class Paper(models.Model):
    """材料: a paper that proves something on the roll: a scan kept here, or 「seen by … on …」.

    `code` says which paper of a checklist it is. What it belongs to is exactly one of the foreign keys.
    """

    school = models.ForeignKey(Unit, models.PROTECT, related_name="papers")
    change = models.ForeignKey(RollChange, models.PROTECT, null=True, blank=True, related_name="papers")
    resident = models.ForeignKey("Resident", models.PROTECT, null=True, blank=True, related_name="papers")
    difference = models.ForeignKey("Difference", models.PROTECT, null=True, blank=True, related_name="papers")
    code = models.CharField("材料", max_length=24)
    title = models.CharField("材料名称", max_length=80)
    grade = models.CharField("佐证等级", max_length=12, choices=ProofGrade, blank=True)
    number = models.CharField("文号", max_length=60, blank=True)
    dated_on = models.DateField("材料日期", null=True, blank=True)
    seen_by = models.CharField("核验人", max_length=30, blank=True)
    seen_on = models.DateField("核验日期", null=True, blank=True)
    file = models.FileField(upload_to="papers/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    media_type = models.CharField(max_length=40, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=dates.now)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=120, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "材料"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(change__isnull=False, resident__isnull=True, difference__isnull=True)
                    | Q(change__isnull=True, resident__isnull=False, difference__isnull=True)
                    | Q(change__isnull=True, resident__isnull=True, difference__isnull=False)
                ),
                name="a_paper_proves_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(file="") | ~Q(seen_by=""),
                name="a_paper_is_here_or_was_seen",
                violation_error_message="请上传材料，或写明谁在哪一天核验过原件。",
            ),
        )

    def __str__(self) -> str:
        return self.title
