"""Dated rules (参数), the audit trail (留痕), and the jobs that the server runs by itself."""

from typing import Self

from django.db import models

from schools import scoping
from schools.codes import OFFICE, Role, Verb
from schools.models.calendar import SchoolScoped
from schools.models.people import User
from schools.models.places import Unit


class Policy(models.Model):
    """One rule of one school from a date on. The newest row not later than a day is in force on that day."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="policies")
    key = models.CharField(max_length=40)
    value = models.CharField(max_length=100)
    basis = models.CharField("依据", max_length=100)
    effective_from = models.DateField("生效日期")
    set_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    objects = SchoolScoped.as_manager()

    class Meta:
        verbose_name = "参数"
        indexes = (models.Index(fields=("school", "key", "effective_from")),)

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """The trail is for auditors and deciders of the school."""
        scope = scoping.scope_of(user, OFFICE - {Role.CLERK} | {Role.AUDITOR})
        return self.filter(unit__in=scope.schools | scope.kept_schools)


class AuditEntry(models.Model):
    """One thing somebody did. Append-only; each row carries the hash of the one before it in its unit's chain."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=30)
    actor_roles = models.CharField(max_length=120, blank=True)
    verb = models.CharField(max_length=16, choices=Verb)
    object_type = models.CharField(max_length=30, blank=True)
    object_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = "留痕"
        ordering = ("unit", "seq")
        constraints = (models.UniqueConstraint(fields=("unit", "seq"), name="one_row_per_audit_seq"),)
        indexes = (models.Index(fields=("object_type", "object_id")),)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.get_verb_display()}"


class AuditHead(models.Model):
    """End of a unit's chain; locking this row puts the writers of one school in a queue."""

    unit = models.OneToOneField(Unit, models.PROTECT, primary_key=True, related_name="audit_head")
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")


class Job(models.Model):
    """A job of the server's own scheduler: who runs it until when, and how it went the last time."""

    name = models.CharField(max_length=30, unique=True)
    leased_by = models.CharField(max_length=60, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    ran_on = models.DateField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name
