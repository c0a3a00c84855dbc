"""Logging in and out, and the password: the traces they leave, in the unit of the person's first duty."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from schools import audit
from schools.codes import Verb
from schools.models import Unit, User


def unit_of(user: User | None) -> Unit | None:
    """Where a login is recorded: the unit of the first duty, in force before past ones. An unknown name belongs to
    the school where it was typed, which only a server with a single school knows."""
    if user is None:
        schools = list(Unit.objects.schools()[:2])
        return schools[0] if len(schools) == 1 else None
    in_force = user.duties_today or list(user.duties.select_related("unit"))
    first = min(in_force, key=lambda duty: (duty.starts_on, duty.pk), default=None)
    return first.unit if first else None


def slip_has_expired(user: AbstractBaseUser) -> bool:
    assert isinstance(user, User)
    return bool(user.must_change_password and user.slip_expires_at and user.slip_expires_at < timezone.now())


def record(verb: str, user: User) -> None:
    """Trace of a login or logout."""
    if unit := unit_of(user):
        with transaction.atomic():
            audit.record(verb, unit=unit, actor=user, about=user)


def record_failure(username: str) -> None:
    """Trace of a refused login. What was typed as a name is kept only where it is one: people type passwords there."""
    user = User.objects.filter(username=username).first()
    if unit := unit_of(user):
        with transaction.atomic():
            audit.record(Verb.LOGIN_FAILED, unit=unit, actor=None, about=user, known=user is not None)


def change_password(*, user: User, new: str) -> None:
    """A password of one's own choice. It ends every other login, and the one-time slip with it."""
    with transaction.atomic():
        user.set_password(new)
        user.must_change_password, user.slip_expires_at = False, None
        user.save(update_fields=("password", "must_change_password", "slip_expires_at"))
        if unit := unit_of(user):
            audit.record(Verb.PASSWORD, unit=unit, actor=user, about=user)
