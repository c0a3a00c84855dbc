"""What awaits teachers and office at the start of a term."""

import datetime
from collections.abc import Iterator

from django.db.models import Count
from django.urls import reverse

from schools import people
from schools.models import Classroom, Unit, User
from students import opening, todos
from students.opening import Said
from students.todos import Todo


def of_class(user: User, classroom: Classroom, day: datetime.date) -> Iterator[Todo]:
    """Pupils of one class of whom nothing was said, and those who did not come."""
    term = opening.term_for(classroom.school_id, day)
    if term is None or day < term.starts_on:
        return
    url = reverse("students:opening_class", args=(classroom.pk,))
    late = day > opening.closing_day(term)
    seats = opening.outstanding(term, day).filter(classroom=classroom)
    said = opening.tallies(seats).get(classroom.pk, opening.Tally())
    if late and said.silent == said.due:
        return  # the class never began; the office hears of it once
    yield Todo(f"{said.silent}名学生开学报到还没有登记", f"{url}?said={Said.SILENT}", said.silent, late)
    yield Todo(f"{said.absent}名学生开学没有报到", f"{url}?said={Said.ABSENT}", said.absent, late)


def of_school(user: User, school: Unit, day: datetime.date) -> Iterator[Todo]:
    """The same of a whole school; one line where a school has not begun at all."""
    term = opening.term_for(school, day)
    if term is None or day < term.starts_on:
        return
    late = day > opening.closing_day(term)
    counted = opening.outstanding(term, day).aggregate(
        due=Count("pk"), known=Count("said__pk"), arrived=Count("said__arrived_on")
    )
    said = opening.Tally(counted["due"], counted["arrived"], counted["known"] - counted["arrived"])
    if late and said.silent == said.due:
        yield Todo(f"{term}的开学报到还没有登记", reverse("students:opening"), min(said.due, 1), overdue=True)
        return
    url = reverse("students:opening_list")
    yield Todo(f"{said.silent}名学生开学报到还没有登记", f"{url}?said={Said.SILENT}", said.silent, late)
    yield Todo(f"{said.absent}名学生开学没有报到", f"{url}?said={Said.ABSENT}", said.absent, late)


def unfinished(user: User, classroom: Classroom, day: datetime.date) -> list[str]:
    """What a new head teacher takes over, in words and numbers only: who reads it may be allowed to see no pupil."""
    return [todo.text for todo in todos.of_teacher(user, classroom, day)]


def connect() -> None:
    people.class_matters.append(unfinished)
    todos.for_teachers.append(of_class)
    todos.for_office.append(of_school)
