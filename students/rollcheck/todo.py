"""What awaits the office of 学籍清查: the one of this term, and checks that were begun and not finished."""

import datetime
from collections.abc import Iterator

from django.db.models import Count, Q
from django.urls import reverse

from schools.models import Term, Unit, User
from schools.policy import rules_on
from students import hub, todos
from students.codes import RollList
from students.models import RollCheck
from students.rollcheck.checks import term_of
from students.todos import Todo


def connect() -> None:
    """Stand on the page 「学籍」: the way there, and what awaits the office."""
    todos.for_office.append(of_office)
    hub.register("人籍核对（学籍清查）", "students:roll_checks", "拿学籍系统、村、民政、残联的名单和本校名册比对。")


def of_office(user: User, school: Unit, day: datetime.date) -> Iterator[Todo]:
    """Three queries: the term, the rule, the checks."""
    if term := term_of(school, day):
        done, wanted = done_in(user, school, term), rules_on(school, day).count("roll_audit_per_term")
        text = f"本学期的人籍核对（学籍清查）还差{wanted - done}次"
        yield Todo(text, reverse("students:roll_checks"), max(wanted - done, 0), overdue=day > term.ends_on)
    open_checks = RollCheck.objects.visible_to(user).open().filter(school=school)
    waiting = open_checks.aggregate(count=Count("differences", filter=Q(differences__settled_at__isnull=True)))["count"]
    yield Todo(f"人籍核对有{waiting}条差异没有处理", reverse("students:roll_checks"), waiting)


def done_in(user: User, school: Unit, term: Term) -> int:
    """How many checks against the national system were closed for a term."""
    closed = RollCheck.objects.visible_to(user).filter(school=school, term=term, closed_on__isnull=False)
    return closed.filter(source=RollList.NATIONAL).count()
