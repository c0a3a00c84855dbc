"""个案列表: groups of cases, each a number that opens exactly the list it counts."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.http import urlencode

from followups.codes import Stage
from followups.models import Case, Contact
from followups.models.cases import CaseQuerySet
from schools.models import User

Choose = Callable[[CaseQuerySet, datetime.date], CaseQuerySet]


@dataclass(frozen=True)
class Group:
    """One group of the list: what it is called, which cases it holds, how loud it is."""

    label: str
    choose: Choose
    tone: str = ""


def _at(stage: Stage) -> Choose:
    return lambda cases, day: cases.open().found().filter(stage=stage)


GROUPS: dict[str, Group] = {
    "open": Group("未销号", lambda cases, day: cases.open()),
    "awaiting": Group("待认定", lambda cases, day: cases.awaiting_finding(), "soon"),
    "overdue": Group("超期", lambda cases, day: cases.overdue(day), "alarm"),
    "asked": Group("待签", lambda cases, day: cases.asked(), "soon"),
    "report": Group("报告", _at(Stage.REPORT)),
    "visit": Group("走访", _at(Stage.VISIT)),
    "enforce": Group("依法强制", _at(Stage.ENFORCE)),
    "watch": Group("跟踪期", lambda cases, day: cases.watched(day)),
    "closed": Group("已销号", lambda cases, day: cases.filter(closed_on__isnull=False)),
}


class CaseList:
    """The cases of one person, by group and conditions."""

    def __init__(self, user: User, day: datetime.date, key: str, conditions: dict[str, Any]):
        self.user, self.day = user, day
        self.key = key if key in GROUPS else "open"
        self.conditions = conditions

    @property
    def chosen(self) -> Group:
        return GROUPS[self.key]

    def _cases(self, key: str) -> CaseQuerySet:
        cases = GROUPS[key].choose(Case.objects.visible_to(self.user), self.day)
        if classroom := self.conditions.get("classroom"):
            cases = cases.filter(classroom=classroom)
        if text := self.conditions.get("q"):
            cases = cases.filter(_named(text))
        return cases

    def groups(self, address: str) -> list[dict[str, Any]]:
        """The groups with their numbers, for includes/count.html."""
        kept = {name: getattr(value, "pk", value) for name, value in self.conditions.items() if value}
        return [
            {
                "key": key, "label": group.label, "tone": group.tone, "n": self._cases(key).count(),
                "url": f"{address}?{urlencode({'show': key, **kept})}",
            }
            for key, group in GROUPS.items()
        ]  # fmt: skip

    def rows(self) -> CaseQuerySet:
        """The chosen group, the nearest deadline first."""
        contacts = Contact.objects.filter(student=OuterRef("student"), on__gte=OuterRef("since")).order_by("-on")
        rows = self._cases(self.key).with_finding().with_deadline()
        rows = rows.annotate(since=Coalesce("spell_from", "opened_on")).annotate(
            contacted_on=Subquery(contacts.values("on")[:1])
        )
        return rows.select_related("student", "classroom", "responsible").order_by(F("due_on"), "-opened_on", "pk")


def _named(text: str) -> Q:
    """A name, its 拼音首字母, or a case number (「2025-007」)."""
    year, _, number = text.partition("-")
    if year.isdigit() and number.isdigit():
        return Q(number_year=int(year[:4]), number=int(number[:6]))
    return Q(student__name__icontains=text) | Q(student__initials__startswith=text.lower())
