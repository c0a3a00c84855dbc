"""What the cases tell of one child: for the pupil's card, and for who may call the family."""

import datetime
from collections.abc import Collection

from followups.codes import Met
from followups.models import Case, Contact
from schools.models import User
from students import family, services
from students.cards import Panel, panels
from students.models import Student

SHOWN = 20


def cases_panel(student: Student, user: User) -> Panel:
    """The child's cases and the latest contacts with the family."""
    cases = Case.objects.visible_to(user).filter(student=student).with_finding().order_by("-opened_on", "-pk")
    contacts = Contact.objects.visible_to(user).filter(student=student).select_related("made_by")
    return Panel("followups/card_panel.html", {"student": student, "cases": cases, "contacts": contacts[:SHOWN]})


def open_case(student: Student) -> str:
    """The ground for calling the family of a pupil with an open case."""
    return "有未销号个案" if Case.objects.open().filter(student=student).exists() else ""


def visited(students: Collection[int], since: datetime.date) -> set[int]:
    """Pupils at whose home somebody was met since a day."""
    met = Contact.objects.visits().exclude(met=Met.NOBODY).filter(student__in=students, on__gte=since)
    return set(met.values_list("student_id", flat=True))


def connect() -> None:
    family.visited_since.append(visited)
    panels.append(cases_panel)
    services.phone_grounds.append(open_case)
