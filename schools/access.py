"""Who may use a page. Every view declares it; a view that declares nothing is refused, and a test says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from schools.codes import DECIDERS, OFFICE, OVERSEERS, Role
from schools.models import Unit, User

View = TypeVar("View", bound=Callable)


class UserRequest(HttpRequest):
    """What a view that is not public gets: the gate has let a person in."""

    user: User


@dataclass(frozen=True)
class Access:
    """Policy of one view: open to all, to everybody who has logged in, or to holders of one of the roles.

    Roles open the door only; which rows stand behind it is decided by `visible_to`.
    """

    public: bool = False
    any_role: bool = False
    roles: frozenset[str] = frozenset()


def access(*roles: str, public: bool = False, any_role: bool = False) -> Callable[[View], View]:
    """Declare a view's policy. Put it on top of the other decorators."""
    if not (roles or public or any_role):
        raise TypeError("a view is for somebody: name roles, any_role or public")

    def declare(view: View) -> View:
        view.access = Access(public=public, any_role=any_role, roles=frozenset(roles))  # type: ignore[attr-defined]
        return view

    return declare


def own_school(user: User, *roles: str) -> Unit:
    """The school where this person holds one of the roles today; the one held longest, if there are several.

    Behind `@access` with the same roles there always is one. PermissionDenied otherwise.
    """
    duties = [duty for duty in user.duties_today if duty.role in roles]
    if not duties:
        raise PermissionDenied("你现在的岗位不能使用这个页面。")
    return min(duties, key=lambda duty: (duty.starts_on, duty.pk)).unit


TEACHER = (Role.HEAD_TEACHER,)
DECIDER = tuple(sorted(DECIDERS))
OFFICE_ROLES = tuple(sorted(OFFICE))
SCHOOL_STAFF = (Role.HEAD_TEACHER, *OFFICE_ROLES)
OVERSEER = tuple(sorted(OVERSEERS))
