"""People and their dated duties (岗位). Duties are the only source of rights."""

import datetime
from functools import cached_property
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from kongchuo import dates
from schools import scoping
from schools.codes import CLASS_ROLES, Role
from schools.models.places import Classroom, Unit


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """Oneself, and the people of the schools where one holds a school duty."""
        scope = scoping.scope_of(user)
        return self.filter(
            models.Q(pk=user.pk) | models.Q(duties__unit__in=scope.schools | scope.kept_schools)
        ).distinct()


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: "scoping.Person") -> UserQuerySet:
        return self.get_queryset().visible_to(user)

    def create_user(self, *, username: str, name: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who logs in. There is no superuser: what someone may do follows from the duties in force."""

    username = models.CharField(
        "登录名", max_length=30, unique=True, error_messages={"unique": "这个登录名已有人用，请换一个。"}
    )
    name = models.CharField("姓名", max_length=30)
    phone = models.CharField("手机", max_length=20, blank=True)
    is_active = models.BooleanField("在用", default=True)
    must_change_password = models.BooleanField(default=False)
    slip_expires_at = models.DateTimeField(null=True, blank=True, help_text="一次性密码条的有效期")
    session_epoch = models.PositiveIntegerField(default=0, help_text="加一即结束此人的全部登录")

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = "人员"

    def __str__(self) -> str:
        return self.name

    @cached_property
    def duties_today(self) -> list["Duty"]:
        """Duties in force today; read once a request, so a lost duty has effect with the next click."""
        return list(self.duties.in_force(dates.today()).select_related("unit", "classroom__school"))

    def has(self, *roles: str, school: Unit | int | None = None) -> bool:
        """Whether one of these roles is held today (at this school, if one is given)."""
        wanted = school.pk if isinstance(school, Unit) else school
        return any(d.role in roles and wanted in (None, d.unit_id) for d in self.duties_today)

    def get_session_auth_hash(self) -> str:
        return f"{super().get_session_auth_hash()}-{self.session_epoch}"


class DutyQuerySet(models.QuerySet["Duty"]):
    def in_force(self, day: datetime.date | models.OuterRef) -> Self:
        return self.filter(models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=day), starts_on__lte=day)

    def visible_to(self, user: "scoping.Person") -> Self:
        scope = scoping.scope_of(user)
        return self.filter(models.Q(user_id=user.pk) | models.Q(unit__in=scope.schools | scope.kept_schools))


class Duty(models.Model):
    """One role of one person at one unit, with both ends; the open one has no end. `ends_on` is the last day."""

    user = models.ForeignKey(User, models.PROTECT, related_name="duties", verbose_name="人员")
    role = models.CharField("岗位", max_length=16, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="duties", verbose_name="机构")
    classroom = models.ForeignKey(
        Classroom, models.PROTECT, null=True, blank=True, related_name="duties", verbose_name="班级"
    )
    starts_on = models.DateField("任职日期")
    ends_on = models.DateField("卸任日期", null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "岗位"
        constraints = (
            models.UniqueConstraint(
                fields=("user", "role", "unit"),
                condition=models.Q(ends_on__isnull=True, classroom__isnull=True),
                name="one_open_school_duty",
                violation_error_message="此人已在任这个岗位。",
            ),
            models.UniqueConstraint(
                fields=("user", "role", "classroom"),
                condition=models.Q(ends_on__isnull=True, classroom__isnull=False),
                name="one_open_class_duty",
                violation_error_message="此人已在任这个班的这个岗位。",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=sorted(CLASS_ROLES), classroom__isnull=False)
                | (~models.Q(role__in=sorted(CLASS_ROLES)) & models.Q(classroom__isnull=True)),
                name="class_duty_names_its_class",
                violation_error_message="班主任、任课教师要选班级；其他岗位不选班级。",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="duty_ends_after_it_starts",
                violation_error_message="卸任日期不能早于任职日期。",
            ),
        )

    def __str__(self) -> str:
        return self.title if self.classroom else f"{self.unit.name}{self.title}"

    @property
    def title(self) -> str:
        """「七(1)班班主任」, 「教务员」: the duty as it is called inside its unit."""
        return f"{self.classroom.label if self.classroom else ''}{Role(self.role).label}"
