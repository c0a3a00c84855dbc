"""What a child's card shows beside the registry's own facts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from schools.models import User
from students.models import Student


@dataclass(frozen=True)
class Panel:
    """One section of the card: its template and what the template needs."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


# Filled by upper apps at start-up: the days of absence, the contacts, the cases of this child.
panels: list[Callable[[Student, User], Panel | None]] = []


def panels_of(student: Student, user: User) -> list[Panel]:
    return [panel for make in panels if (panel := make(student, user))]
