"""A case (个案), the stretches it spent at each stage, and what named persons found."""

import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery

from followups import codes
from kongchuo import dates
from schools import scoping
from schools.codes import Role
from schools.models import Classroom, Unit, User
from students.models import Enrollment, Student


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: scoping.Person) -> Self:
        """Cases of pupils in one's class (班主任), of one's office's school, assigned (包保), below an overseer."""
        scope, heads = scoping.scope_of(user), scoping.scope_of(user, (Role.HEAD_TEACHER,))
        own = Enrollment.objects.filter(student=OuterRef("student"), classroom__in=heads.classrooms)
        own = own.lasting(dates.today())
        assigned = Q(responsible=user.pk) & Q(school__in=scope.units) if user.pk else Q(pk__in=())
        return self.filter(Q(school__in=scope.schools) | Exists(own) | assigned | scope.subtree("school__path"))

    def open(self) -> Self:
        """未销号."""
        return self.filter(closed_on__isnull=True)

    def found(self) -> Self:
        """Cases with a finding by a named person: the only ones that a register or a return counts."""
        return self.filter(Exists(Finding.objects.filter(case=OuterRef("pk"))))

    def awaiting_finding(self) -> Self:
        """待认定: open warnings that nobody has decided."""
        return self.open().exclude(Exists(Finding.objects.filter(case=OuterRef("pk"))))

    def untouched(self) -> Self:
        """Warnings of the machine that no person has acted on, which the machine may withdraw.

        A contact does not count: it hangs on the pupil and stays there, and the call that brought the child back is the
        best reason to withdraw the warning. A paper, a scan or a request to the principal asks for a person's answer.
        """
        mine = self.open().filter(source=codes.Source.SPELL, opened_by=None, stage=codes.Stage.IDENTIFY)
        asked = Proposal.objects.filter(case=OuterRef("pk")).open()
        return mine.filter(findings=None, notices=None, legal_acts=None, attachments=None).exclude(Exists(asked))

    def in_register(self, day: datetime.date, year_start: datetime.date) -> Self:
        """Cases found by `day` that were open on it or closed in the school year beginning at `year_start`."""
        return self.filter(
            Exists(Finding.objects.filter(case=OuterRef("pk"), on__lte=day)),
            Q(closed_on__isnull=True) | Q(closed_on__gte=year_start),
        )

    def with_finding(self) -> Self:
        """Adds `found_kind` and `found_on` of the latest finding."""
        latest = Finding.objects.filter(case=OuterRef("pk")).order_by("-on", "-pk")
        return self.annotate(found_kind=Subquery(latest.values("kind")[:1]), found_on=Subquery(latest.values("on")[:1]))

    def with_deadline(self) -> Self:
        """Adds `due_on` of the present stage."""
        steps = CaseStep.objects.filter(case=OuterRef("pk"), left_at__isnull=True)
        return self.annotate(due_on=Subquery(steps.values("due_on")[:1]))

    def asked(self) -> Self:
        """待签: open cases with a request that nobody has answered."""
        return self.open().filter(Exists(Proposal.objects.open().filter(case=OuterRef("pk"))))

    def watched(self, day: datetime.date) -> Self:
        """跟踪期: returned children whose watch has not ended. A relapse ends it: the child has an open case again."""
        again = Case.objects.open().filter(student=OuterRef("student"))
        return self.filter(~Exists(again), closed_on__isnull=False, watch_until__gte=day)

    def overdue(self, day: datetime.date) -> Self:
        """Open cases whose present stage has passed its deadline."""
        late = CaseStep.objects.filter(case=OuterRef("pk"), left_at__isnull=True, due_on__lt=day)
        return self.open().filter(Exists(late))


class Case(models.Model):
    """One child's absence from its first day until a lawful end. `advance()` is the only writer of `stage`."""

    student = models.ForeignKey(Student, models.PROTECT, related_name="cases", verbose_name="学生")
    school = models.ForeignKey(Unit, models.PROTECT, related_name="cases")
    classroom = models.ForeignKey(Classroom, models.PROTECT, related_name="cases", verbose_name="立案时班级")
    number_year = models.PositiveSmallIntegerField(null=True, blank=True)
    number = models.PositiveIntegerField("编号", null=True, blank=True, help_text="认定时按学年编号")
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="relapses")
    source = models.CharField("来源", max_length=16, choices=codes.Source)
    source_note = models.CharField("来源说明", max_length=200, blank=True)
    opened_on = models.DateField("立案日期")
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    spell_from = models.DateField("缺勤起始日", null=True, blank=True)
    last_attended_on = models.DateField("最后到校日期", null=True, blank=True)
    left_on = models.DateField("离校时间", null=True, blank=True)
    stage = models.CharField("阶段", max_length=10, choices=codes.Stage, default=codes.Stage.IDENTIFY)
    responsible = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="assigned_cases", verbose_name="包保责任人"
    )
    reasons = models.JSONField("辍学原因", default=list, blank=True, help_text="Reason 代码，可多选")
    reason_text = models.CharField("原因详述", max_length=300, blank=True)
    whereabouts = models.CharField("现去向", max_length=2, choices=codes.Whereabouts, blank=True)
    whereabouts_text = models.CharField("去向详情", max_length=200, blank=True)
    support = models.CharField("已采取的帮扶措施", max_length=400, blank=True)
    returned_on = models.DateField("复学时间", null=True, blank=True)
    placement = models.CharField("安置方式", max_length=2, choices=codes.Placement, blank=True)
    watch_until = models.DateField("跟踪至", null=True, blank=True)
    outcome = models.CharField("结果", max_length=16, choices=codes.Outcome, blank=True)
    outcome_proof = models.CharField("销号依据", max_length=300, blank=True)
    closed_on = models.DateField("销号日期", null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_alone = models.BooleanField("一人兼任", default=False)

    # What `with_finding` and `with_deadline` add.
    found_kind: str | None
    found_on: datetime.date | None
    due_on: datetime.date | None

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "个案"
        constraints = (
            models.UniqueConstraint(
                fields=("student",),
                condition=Q(closed_on__isnull=True),
                name="one_open_case",
                violation_error_message="这名学生已有一个未销号的个案。",
            ),
            models.UniqueConstraint(fields=("school", "number_year", "number"), name="one_case_per_number"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, outcome="") | (Q(closed_on__isnull=False) & ~Q(outcome="")),
                name="a_closed_case_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(stage=codes.Stage.CLOSED, closed_on__isnull=False)
                | (~Q(stage=codes.Stage.CLOSED) & Q(closed_on__isnull=True)),
                name="closed_is_closed",
            ),
        )
        indexes = (models.Index(fields=("school", "closed_on")),)

    def __str__(self) -> str:
        return self.label or f"待认定 {self.pk}"

    @property
    def label(self) -> str:
        """「2026-007」; empty until somebody has found."""
        return f"{self.number_year}-{self.number:03d}" if self.number else ""

    @property
    def is_open(self) -> bool:
        return self.closed_on is None

    @property
    def reason_labels(self) -> str:
        return "、".join(codes.Reason(code).label for code in self.reasons)


class CaseStep(models.Model):
    """The stretch that a case spends at one stage, with both ends; the open one has no end.

    `due_on` is stamped when the step is entered, with the rule it came from: a rule changed later moves no deadline.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    stage = models.CharField("阶段", max_length=10, choices=codes.Stage)
    entered_on = models.DateField("进入日期")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField("时限", null=True, blank=True)
    due_rule = models.CharField("时限依据", max_length=120, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    evidence = models.CharField("依据", max_length=300, blank=True)

    class Meta:
        verbose_name = "阶段记录"
        ordering = ("entered_at", "pk")
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=Q(left_at__isnull=True), name="one_open_step"),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.stage}"


class Finding(models.Model):
    """认定: what a named person found, on what basis. The machine suspects; only this row decides."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="findings")
    kind = models.CharField("认定类别", max_length=10, choices=codes.FindingKind)
    on = models.DateField("认定日期")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="认定人")
    at = models.DateTimeField()
    basis = models.CharField("认定依据", max_length=300)
    unjustified = models.CharField("无正当理由的依据", max_length=300)
    alone = models.BooleanField("一人兼任", default=False)

    class Meta:
        verbose_name = "认定"
        ordering = ("on", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("case", "kind"), name="one_finding_per_kind", violation_error_message="这一认定已经作出。"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on:%Y-%m-%d}"


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: scoping.Person) -> Self:
        return self.filter(case__in=Case.objects.visible_to(user))

    def open(self) -> Self:
        """待签: nobody has answered yet."""
        return self.filter(answered_at__isnull=True)


class Proposal(models.Model):
    """提请: a teacher or the office asks the decider to find or to close; he does, or sends it back saying what lacks.

    Who asks may not approve; where one person does both, the decision is marked 一人兼任.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="proposals")
    kind = models.CharField("提请事项", max_length=10, choices=codes.ProposalKind)
    text = models.CharField("理由", max_length=300)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提请人")
    at = models.DateTimeField()
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True, blank=True)
    answer = models.CharField("退回意见", max_length=200, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "提请"
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("case", "kind"),
                condition=Q(answered_at__isnull=True),
                name="one_open_proposal_per_kind",
                violation_error_message="这一事项已经提请，等校长答复。",
            ),
        )

    def __str__(self) -> str:
        return f"提请{self.get_kind_display()}"
