"""The first run: a one-time code from the server's console, then school, terms and the first account."""

import datetime
import hashlib
import os
import secrets
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from kongchuo import datadir, dates
from schools import audit, calendar
from schools.codes import Role, UnitKind, Verb
from schools.models import Duty, Unit, User
from schools.people import SLIP_LENGTH, SLIP_SIGNS


class SetupRefusal(Exception):
    """The school can't be founded; the text says why."""


@dataclass(frozen=True)
class TermDates:
    """行课起止 of one term."""

    starts_on: datetime.date
    ends_on: datetime.date


# Once there is a school there is one for ever: a living site asks the database at most once a process.
_founded = threading.Event()


def school_exists() -> bool:
    if not _founded.is_set() and Unit.objects.schools().exists():
        _founded.set()
    return _founded.is_set()


def forget() -> None:
    """Ask the database again; for tests, and for a restored backup."""
    _founded.clear()


def new_code() -> str:
    """A new one-time code; an earlier one is void. Only its digest is kept, in the data folder."""
    code = "".join(secrets.choice(SLIP_SIGNS) for _ in range(SLIP_LENGTH))
    handle = os.open(_code_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(_digest(code))
    return code


def code_fits(code: str) -> bool:
    """Whether this is the code that stood on the console last."""
    try:
        kept = _code_file().read_text()
    except FileNotFoundError:
        return False
    return secrets.compare_digest(_digest(code), kept)


def create_unit(kind: str, name: str, parent: Unit | None = None, **fields: Any) -> Unit:
    """A unit in its place in the tree."""
    unit = Unit(kind=kind, name=name, parent=parent, **fields)
    unit.full_clean()
    unit.save()
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=("path",))
    return unit


def found_school(
    *,
    code: str,
    name: str,
    school_code: str,
    program: str,
    county: str,
    township: str,
    school_year: int,
    terms: tuple[TermDates, TermDates],
    username: str,
    person: str,
    phone: str,
    password: str,
    roles: tuple[str, ...],
) -> User:
    """Found the school of this server with both terms and its first account. Uses up the code."""
    with transaction.atomic():
        if Unit.objects.schools().exists():
            raise SetupRefusal("学校已经建好，请直接登录。")
        if not code_fits(code):
            raise SetupRefusal("一次性代码不对或已经失效，请看服务器屏幕上最新的代码。")
        above = create_unit(UnitKind.TOWNSHIP, township, create_unit(UnitKind.COUNTY, county))
        place = {"county_name": county, "township_name": township}
        school = create_unit(UnitKind.SCHOOL, name, above, code=school_code, program=program, **place)
        user = User.objects.create_user(username=username, name=person, phone=phone, password=password)
        for role in roles:
            Duty.objects.create(user=user, role=role, unit=school, starts_on=dates.today())
        audit.record(Verb.SETUP, unit=school, actor=user, about=school, roles=list(roles))
        for number, term in enumerate(terms, 1):
            calendar.create_term(
                actor=user,
                school=school,
                school_year=school_year,
                number=number,
                starts_on=term.starts_on,
                ends_on=term.ends_on,
            )
        _use_up()
    return user


def _use_up() -> None:
    """Remove the code. Of two who finish at once, one finds it gone, and what he was about to found is undone."""
    try:
        _code_file().unlink()
    except FileNotFoundError:
        raise SetupRefusal("一次性代码刚刚被用过：学校已经建好，请直接登录。") from None


def _code_file() -> Path:
    return datadir.data_dir() / "setup-code"


def _digest(code: str) -> str:
    # The code has 59 random bits: a plain digest can't be turned back, and slow hashing would add nothing.
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()


ROLES_OF_FIRST_ACCOUNT = {
    "principal": (Role.PRINCIPAL, Role.ADMIN),
    "admin": (Role.ADMIN,),
}
