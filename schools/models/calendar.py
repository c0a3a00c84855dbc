"""The school calendar: terms, days on which pupils are expected, public holidays, closed days."""

import datetime
from typing import Self

from django.db import models

from schools import scoping
from schools.models.places import Unit

TERM_NUMBERS = ((1, "第一学期"), (2, "第二学期"))


class SchoolScoped(models.QuerySet):
    """Rows of one school: seen by its office, its class teachers and its administrator, and by overseers."""

    def visible_to(self, user: "scoping.Person") -> Self:
        scope = scoping.scope_of(user)
        return self.filter(models.Q(school__in=scope.units) | scope.subtree("school__path"))


class Term(models.Model):
    """学期 with its 行课起止: school days are laid down between the two dates."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="terms", verbose_name="学校")
    school_year = models.PositiveSmallIntegerField("学年(开始年份)")
    number = models.PositiveSmallIntegerField("学期", choices=TERM_NUMBERS)
    starts_on = models.DateField("行课开始")
    ends_on = models.DateField("行课结束")

    objects = SchoolScoped.as_manager()

    class Meta:
        verbose_name = "学期"
        ordering = ("starts_on",)
        constraints = (
            models.UniqueConstraint(
                fields=("school", "school_year", "number"),
                name="one_term_per_number",
                violation_error_message="这个学期已经建过了。",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")),
                name="term_ends_after_it_starts",
                violation_error_message="行课结束要晚于行课开始。",
            ),
        )

    def __str__(self) -> str:
        return f"{self.school_year}-{self.school_year + 1}学年度{self.get_number_display()}"


class SchoolDayQuerySet(SchoolScoped):
    def for_grade(self, grade: int) -> Self:
        """Days on which this grade (1 to 9) is expected; grade 0 stands for the whole school."""
        return self.filter(grade__in=(0, grade))

    def up_to(self, day: datetime.date) -> Self:
        return self.filter(on__lte=day)


class SchoolDay(models.Model):
    """到校日: a date on which pupils are expected. A make-up Saturday (补课) is just a row.

    `grade` 0 means every grade. Where single grades stay at home, the others have a row each.
    """

    school = models.ForeignKey(Unit, models.PROTECT, related_name="school_days")
    on = models.DateField("日期")
    grade = models.PositiveSmallIntegerField("年级", default=0)
    note = models.CharField("说明", max_length=40, blank=True)

    objects = SchoolDayQuerySet.as_manager()

    class Meta:
        verbose_name = "到校日"
        ordering = ("on",)
        constraints = (models.UniqueConstraint(fields=("school", "on", "grade"), name="one_row_per_school_day"),)

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d}"


class Holiday(models.Model):
    """A day that departs from Monday-to-Friday: a public holiday (off) or a working weekend (调休上班).

    Laid down for each year from the holiday data and editable by the school. Legal deadlines in working days
    are counted with it; the school's own closed and make-up days are `SchoolDay` and `Closure`.
    """

    school = models.ForeignKey(Unit, models.PROTECT, related_name="holidays")
    on = models.DateField("日期")
    name = models.CharField("名称", max_length=20)
    off = models.BooleanField("放假", help_text="否 = 调休上班")

    objects = SchoolScoped.as_manager()

    class Meta:
        verbose_name = "节假日"
        ordering = ("on",)
        constraints = (models.UniqueConstraint(fields=("school", "on"), name="one_holiday_per_day"),)

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.name}"


class Closure(models.Model):
    """停课/本校放假: why a day that would be a school day is none. Grade 0 means every grade."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="closures")
    on = models.DateField("日期")
    grade = models.PositiveSmallIntegerField("年级", default=0)
    reason = models.CharField("原因", max_length=60)

    objects = SchoolScoped.as_manager()

    class Meta:
        verbose_name = "停课"
        constraints = (models.UniqueConstraint(fields=("school", "on", "grade"), name="one_closure_per_day"),)

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.reason}"
