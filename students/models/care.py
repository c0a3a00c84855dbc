"""What people have said of the registry's own questions: a doubtful fact that was looked into, a class screened."""

from typing import Self

from django.db import models
from django.db.models import Q

from kongchuo import dates
from schools import scoping
from schools.models import Classroom, Term, User
from students.codes import DoubtKind
from students.models.roll import Student


class FactDoubtQuerySet(models.QuerySet["FactDoubt"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        return self.filter(student__in=Student.objects.visible_to(user))


class FactDoubt(models.Model):
    """A doubtful fact that somebody has looked into and found right.

    Doubts are computed each time; a row only says that this one is settled, for the values that then stood
    (`digest`, keyed). When a value changes the doubt comes up again.
    """

    student = models.ForeignKey(Student, models.PROTECT, related_name="settled_doubts")
    kind = models.CharField("疑点", max_length=12, choices=DoubtKind)
    digest = models.CharField(max_length=64)
    reason = models.CharField("核对结果", max_length=120)
    settled_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核对人")
    settled_at = models.DateTimeField("核对时间", default=dates.now)

    objects = FactDoubtQuerySet.as_manager()

    class Meta:
        verbose_name = "信息疑点"
        constraints = (models.UniqueConstraint(fields=("student", "kind", "digest"), name="a_doubt_is_settled_once"),)

    def __str__(self) -> str:
        return f"{self.student_id} {self.get_kind_display()}"


class ScreeningQuerySet(models.QuerySet["Screening"]):
    def visible_to(self, user: "scoping.Person") -> Self:
        scope = scoping.scope_of(user)
        return self.filter(Q(classroom__in=scope.classrooms) | Q(classroom__school__in=scope.schools))


class Screening(models.Model):
    """摸底: a class's answer, once a term, to who is 学困 and who is 特困. Nobody is an answer too.

    The pupils themselves are told by their dated tags; the counts are those of the day of the answer.
    """

    classroom = models.ForeignKey(Classroom, models.PROTECT, related_name="screenings", verbose_name="班级")
    term = models.ForeignKey(Term, models.PROTECT, related_name="screenings", verbose_name="学期")
    done_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="摸底人")
    done_at = models.DateTimeField("完成时间", default=dates.now)
    struggling = models.PositiveSmallIntegerField("学困生", default=0)
    hardship = models.PositiveSmallIntegerField("特困生", default=0)

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        verbose_name = "学困特困摸底"
        constraints = (models.UniqueConstraint(fields=("classroom", "term"), name="one_screening_a_class_and_term"),)

    def __str__(self) -> str:
        return f"{self.classroom_id} {self.term_id}"
