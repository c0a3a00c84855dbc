"""What is known of a pupil, changed by hand: in sections, each with its own right, each with its trace."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction

from kongchuo.sealed import Secret, keyed_hash
from schools import audit
from schools.codes import Verb
from schools.models import User
from students.items import details_of
from students.models import Student, StudentDetails
from students.rights import ChangedMeanwhile, must_be_office, must_keep
from students.roll import RollRefusal
from students.services import initials

NOTHING = "无"
"""Typed into the box of a number it takes the number away; an empty box leaves it as it is."""
NUMBERS = frozenset({"id_no", "roll_no"})
GUARDED = NUMBERS | {"phone"}
"""Facts that no form shows in full: their box is empty, and empty means unchanged."""
_A_WHOLE_NUMBER = re.compile(r"\d{11}")


@dataclass(frozen=True)
class Section:
    """A part of the card that is changed together. `by_office`: not by class teachers, and only on a stated basis."""

    key: str
    title: str
    names: tuple[str, ...]
    by_office: bool = False


SECTIONS: dict[str, Section] = {
    section.key: section
    for section in (
        Section("identity", "身份信息", ("name", "sex", "birth_date", "id_type", "id_no", "roll_no"), by_office=True),
        Section(
            "personal",
            "个人信息",
            ("ethnicity", "birth_place", "native_place", "nationality", "hmt", "political", "health", "blood_type",
             "former_name", "id_valid", "hukou_type", "specialty"),
        ),
        Section("roll", "学籍信息", ("roll_aux_no", "entry_month", "entry_mode", "board_type", "source", "note")),
        Section(
            "contact",
            "住址与联系方式",
            ("village", "hamlet", "address", "hukou_address", "mail_address", "home_address", "phone", "postcode",
             "email", "homepage"),
        ),
        Section(
            "extended",
            "扩展和交通信息",
            ("only_child", "preschool", "martyr_child", "inclusive", "paid_seat", "needs_aid", "has_subsidy",
             "distance_km", "commute", "school_bus"),
        ),
    )
}  # fmt: skip

_OF_STUDENT = frozenset(field.name for field in Student._meta.fields)


def field_of(name: str) -> models.Field:
    """The column of a fact, of the pupil or of the extended fields."""
    model: type[models.Model] = Student if name in _OF_STUDENT else StudentDetails
    return cast(models.Field, model._meta.get_field(name))


def value_of(student: Student, name: str) -> Any:
    return getattr(student if name in _OF_STUDENT else details_of(student), name)


def fingerprint(values: Iterable[Any]) -> str:
    """A short keyed digest of facts, carried by a form, so that nobody overwrites what he never saw."""
    plain = (value.reveal() if isinstance(value, Secret) else str(value) for value in values)
    return keyed_hash("\x1f".join(plain))[:16]


def fingerprint_of(student: Student, section: Section) -> str:
    details = details_of(student)
    return fingerprint(getattr(student if name in _OF_STUDENT else details, name) for name in section.names)


def edit(
    *, actor: User, student: Student, section: Section, seen: str, values: dict[str, Any], basis: str = ""
) -> list[str]:
    """Write the facts of a section; `seen` is the fingerprint of what the form showed. The names of what changed.

    Raises ChangedMeanwhile, or RollRefusal in words. The trail keeps which facts changed and on what basis, no value.
    """
    with transaction.atomic():
        audit.queue(student.school_id)
        now = Student.objects.select_related("details").get(pk=student.pk)
        must_keep(actor, now)
        if section.by_office:
            must_be_office(actor, now.school_id)
            check_basis(basis)
        if fingerprint_of(now, section) != seen:
            raise ChangedMeanwhile("您打开这页以后，有人改过这几项。请对照下面「现在存着的」，改好再存一次。")
        details = details_of(now)
        changed = [
            name for name in section.names if put(now if name in _OF_STUDENT else details, name, values.get(name))
        ]
        if changed:
            _store(now, details, changed)
            audit.record(Verb.STUDENT, unit=now.school_id, actor=actor, about=student, reason=basis, changed=changed)
    return changed


def check_basis(basis: str) -> None:
    """What a correction of the identity stands on: a paper by its name, and no number of a person."""
    if len(basis.strip()) < 2:
        raise RollRefusal("请写明依据，例如「户口簿」。")
    if _A_WHOLE_NUMBER.search(basis):
        raise RollRefusal("依据里请不要写身份证号或电话，写材料名称和文号就够了。")


def put(record: models.Model, name: str, value: Any) -> bool:
    """Put one fact on a record; whether that changed it. For guarded facts nothing means unchanged."""
    if name in GUARDED:
        if not value:
            return False
        if name in NUMBERS and value == NOTHING:
            value = ""
    if getattr(record, name) == value:
        return False
    (_SETTERS.get(name) or (lambda it, new: setattr(it, name, new)))(record, value)
    return True


def _rename(record: Any, name: str) -> None:
    record.name = name
    if isinstance(record, Student):
        record.initials = initials(name)


def _set_id_no(record: Any, number: str) -> None:
    record.id_no, record.id_hash = number, keyed_hash(number)


_SETTERS: dict[str, Callable[[Any, Any], None]] = {
    "name": _rename,
    "id_no": _set_id_no,
    "roll_no": lambda student, number: student.set_numbers(roll_no=number),
}


_DERIVED = {"name": "initials", "id_no": "id_hash", "roll_no": "roll_hash"}


def _store(student: Student, details: StudentDetails, changed: list[str]) -> None:
    try:
        student.validate_constraints()
    except ValidationError as error:
        raise RollRefusal("；".join(error.messages)) from None
    own = [name for name in changed if name in _OF_STUDENT]
    if own:
        student.save(update_fields=[*own, *(_DERIVED[name] for name in own if name in _DERIVED)])
    if any(name not in _OF_STUDENT for name in changed):
        details.save()


def labels() -> list[tuple[str, str]]:
    """Every fact of every section with its name, for the audit trail."""
    return [(name, str(field_of(name).verbose_name)) for section in SECTIONS.values() for name in section.names]
