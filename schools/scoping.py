"""Which rows a person may see. Deny by default: no duty, no row.

Every `visible_to(user)` in the project is built from the `Scope` that stands here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, TypeAlias

from django.db.models import Q

from schools.codes import CLASS_ROLES, KEEPERS, OVERSEERS, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from schools.models import Duty, User

Person: TypeAlias = "User | AnonymousUser"


@dataclass(frozen=True)
class Scope:
    """Keys of what a person's duties cover today."""

    classrooms: frozenset[int] = frozenset()  # classes of a head teacher: their pupils and all
    taught: frozenset[int] = frozenset()  # classes of a subject teacher: the class, not what is known of its pupils
    schools: frozenset[int] = frozenset()  # schools of the office (教务, 校长): pupils and all
    kept_schools: frozenset[int] = frozenset()  # schools of an administrator or auditor: no pupil
    units: frozenset[int] = frozenset()  # every unit where a duty is held
    subtrees: tuple[str, ...] = ()  # paths below which an overseer sees

    def subtree(self, field: str) -> Q:
        """Condition for rows below an overseer's unit; matches nothing for everybody else."""
        return reduce(or_, (Q(**{f"{field}__startswith": path}) for path in self.subtrees), Q(pk__in=()))


def scope_of(user: Person, roles: Collection[str] | None = None) -> Scope:
    """The scope of the duties in force today, or of those among them that carry one of `roles`."""
    duties: list[Duty] = getattr(user, "duties_today", [])
    if roles is not None:
        duties = [duty for duty in duties if duty.role in roles]
    return Scope(
        classrooms=frozenset(d.classroom_id for d in duties if d.role == Role.HEAD_TEACHER and d.classroom_id),
        taught=frozenset(d.classroom_id for d in duties if d.role == Role.SUBJECT_TEACHER and d.classroom_id),
        schools=frozenset(d.unit_id for d in duties if d.role not in CLASS_ROLES | KEEPERS | OVERSEERS),
        kept_schools=frozenset(d.unit_id for d in duties if d.role in KEEPERS),
        units=frozenset(d.unit_id for d in duties),
        subtrees=tuple(sorted(d.unit.path for d in duties if d.role in OVERSEERS)),
    )
