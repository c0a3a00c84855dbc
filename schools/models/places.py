"""Units (机构) as a tree, and classes (班级)."""

import datetime
from typing import Self

from django.db import models

from kongchuo import dates
from schools import scoping
from schools.codes import Program, Stage, UnitKind

_NUMERALS = "〇一二三四五六七八九"


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """Units where this person holds a duty today, and what lies below an overseer's unit."""
        scope = scoping.scope_of(user)
        return self.filter(models.Q(pk__in=scope.units) | scope.subtree("path"))

    def schools(self) -> Self:
        return self.filter(kind__in=(UnitKind.SCHOOL, UnitKind.POINT))


class Unit(models.Model):
    """县 > 乡镇 > 中心校 > 学校 > 教学点. `path` is like ``/1/5/23/``, ending in the unit's own key."""

    kind = models.CharField("类别", max_length=10, choices=UnitKind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=200, db_index=True, editable=False, default="")
    name = models.CharField("名称", max_length=60)
    code = models.CharField("学校标识码", max_length=10, unique=True, null=True, blank=True)
    program = models.CharField("办学类型", max_length=3, choices=Program, blank=True)
    county_name = models.CharField("所在县(市、区)", max_length=40, blank=True)
    township_name = models.CharField("所在乡镇", max_length=40, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)
    is_demo = models.BooleanField(default=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "机构"
        ordering = ("path",)

    def __str__(self) -> str:
        return self.name

    @property
    def grades(self) -> range:
        """Grades taught here, 1 to 9."""
        return {Program.JUNIOR: range(7, 10), Program.NINE_YEAR: range(1, 10)}.get(Program(self.program), range(1, 7))


class ClassroomQuerySet(models.QuerySet["Classroom"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        """Own classes, all classes of a school where one holds a school duty, all below an overseer's unit."""
        scope = scoping.scope_of(user)
        seen = models.Q(pk__in=scope.classrooms | scope.taught)
        if offices := scope.schools | scope.kept_schools:  # a class teacher's every page asks this: no idle conditions
            seen |= models.Q(school__in=offices)
        if scope.subtrees:
            seen |= scope.subtree("school__path")
        return self.filter(seen)

    def open_on(self, day: datetime.date) -> Self:
        """Classes taught in the school year of this day, youngest grade first."""
        year = dates.school_year(day)
        primary, junior = year - 5, year - 2
        return self.filter(
            models.Q(stage=Stage.PRIMARY, entry_year__range=(primary, year))
            | models.Q(stage=Stage.JUNIOR, entry_year__range=(junior, year)),
            closed_on__isnull=True,
        ).in_order()

    def in_order(self) -> Self:
        return self.order_by("-stage", "-entry_year", "number")


class Classroom(models.Model):
    """A class keeps its identity from entry to graduation: the grade follows from the entry year."""

    school = models.ForeignKey(Unit, models.PROTECT, related_name="classrooms", verbose_name="学校")
    stage = models.CharField("学段", max_length=8, choices=Stage)
    entry_year = models.PositiveSmallIntegerField("入学年份")
    number = models.PositiveSmallIntegerField("班号")
    closed_on = models.DateField("撤并日期", null=True, blank=True)

    objects = ClassroomQuerySet.as_manager()

    class Meta:
        verbose_name = "班级"
        constraints = (
            models.UniqueConstraint(
                fields=("school", "stage", "entry_year", "number"),
                name="one_class_per_number",
                violation_error_message="这个年级已经有同号的班。",
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """「七(3)班」 as of today."""
        return self.label_on(dates.today())

    @property
    def grade(self) -> int:
        return self.grade_on(dates.today())

    def grade_on(self, day: datetime.date) -> int:
        """Grade 1 to 9 on a day (六三制)."""
        return dates.school_year(day) - self.entry_year + (1 if self.stage == Stage.PRIMARY else 7)

    def is_taught_on(self, day: datetime.date) -> bool:
        """Whether the class has entered and has not graduated in the school year of this day."""
        return self.grade_on(day) in (range(1, 7) if self.stage == Stage.PRIMARY else range(7, 10))

    def grade_label_on(self, day: datetime.date) -> str:
        """「七年级」"""
        return f"{self._numeral(day)}年级"

    def label_on(self, day: datetime.date) -> str:
        return f"{self._numeral(day)}({self.number})班"

    def _numeral(self, day: datetime.date) -> str:
        grade = self.grade_on(day)
        top = 6 if self.stage == Stage.PRIMARY else 9
        if grade > top:
            return f"{self.entry_year + (6 if self.stage == Stage.PRIMARY else 3)}届{Stage(self.stage).label}"
        return _NUMERALS[grade] if grade > 0 else str(self.entry_year)

    @staticmethod
    def entry_for(grade: int, year: int) -> tuple[Stage, int]:
        """Stage and entry year of a class that is in this grade (1 to 9) in the school year that began in `year`."""
        return (Stage.PRIMARY, year - grade + 1) if grade <= 6 else (Stage.JUNIOR, year - grade + 7)
