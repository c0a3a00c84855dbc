"""What awaits somebody on the roll: counted afresh at each look, gone when the thing is done, never ticked off."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from schools.models import Classroom, Unit, User


@dataclass(frozen=True)
class Todo:
    """One line: 「3名转出学生还没有接收回执」, with the list behind the number."""

    text: str
    url: str
    count: int
    overdue: bool = False


# Filled at start-up, one function an area; each costs a fixed number of queries.
for_office: list[Callable[[User, Unit, datetime.date], Iterable[Todo]]] = []
for_teachers: list[Callable[[User, Classroom, datetime.date], Iterable[Todo]]] = []


def of_office(user: User, school: Unit, day: datetime.date) -> list[Todo]:
    """What awaits the keepers of a school's roll, overdue first."""
    return _sorted(todo for source in for_office for todo in source(user, school, day))


def of_teacher(user: User, classroom: Classroom, day: datetime.date) -> list[Todo]:
    """What awaits a class's head teacher, overdue first."""
    return _sorted(todo for source in for_teachers for todo in source(user, classroom, day))


def _sorted(todos: Iterable[Todo]) -> list[Todo]:
    return sorted((todo for todo in todos if todo.count), key=lambda todo: not todo.overdue)
