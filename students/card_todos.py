"""What awaits teachers and office about the pupils' facts: doubts, homes to visit, the screening of a term."""

import datetime
from collections.abc import Iterator

from django.urls import reverse

from schools.models import Classroom, Unit, User
from students import completeness, doubts, family, hub, screening, todos
from students.models import Enrollment, Screening
from students.todos import Todo


def of_class(user: User, classroom: Classroom, day: datetime.date) -> Iterator[Todo]:
    """Six queries, and one for each source of visits."""
    of_this = f"?classroom={classroom.pk}"
    doubtful = len({doubt.student.pk for _, doubt in doubts.of_classes([classroom], day)})
    yield Todo(f"{doubtful}名学生的信息有疑点，请核对", reverse("students:doubts") + of_this, doubtful)
    since = completeness.checks_count_from(classroom.school_id, day)
    unreached = len(family.places_to_visit(user, [classroom], day, since))
    yield Todo(f"{unreached}名学生家里打不通电话，请上门家访", reverse("students:to_visit") + of_this, unreached)
    yield from _screening(classroom, day)


def _screening(classroom: Classroom, day: datetime.date) -> Iterator[Todo]:
    term = screening.current_term(classroom.school_id, day)
    if term is None or Screening.objects.filter(classroom=classroom, term=term).exists():
        return
    due = screening.due_on(term)
    text = f"本学期学困生、特困生还没有摸底，{due.month}月{due.day}日前交"
    yield Todo(text, reverse("students:screening", args=(classroom.pk,)), 1, overdue=day > due)


def of_school(user: User, school: Unit, day: datetime.date) -> Iterator[Todo]:
    """Seven queries, and one for each source of visits."""
    classes = list(Classroom.objects.filter(school=school).open_on(day))
    doubtful = len({doubt.student.pk for _, doubt in doubts.of_classes(classes, day)})
    yield Todo(f"{doubtful}名学生的信息有疑点，还没有核对", reverse("students:doubts"), doubtful)
    since = completeness.checks_count_from(school.pk, day)
    unreached = len(family.places_to_visit(user, classes, day, since))
    yield Todo(f"{unreached}名学生家里打不通电话，本学期还没有上门", reverse("students:to_visit"), unreached)
    term = screening.current_term(school, day)
    if term and day > screening.due_on(term):
        answered = Screening.objects.filter(term=term).values("classroom")
        here = Enrollment.objects.filter(classroom__in=classes).in_force(day)
        silent = here.exclude(classroom__in=answered).values("classroom").distinct().count()
        yield Todo(f"{silent}个班的学困生、特困生摸底超期没交", reverse("students:screenings"), silent, overdue=True)


def connect() -> None:
    todos.for_teachers.append(of_class)
    todos.for_office.append(of_school)
    hub.register("信息完整度", "students:completeness", "各班缺证件、电话、住址、监护人和没有核对的人数、名单。")
    hub.register("关注群体", "students:groups", "留守、随迁、困难、残疾等群体的数量、占比、分布和名单。")
    hub.register("学困特困摸底", "students:screenings", "开学一个月内，各班交没有交、学困生和特困生各几人。")
