"""What a roster says of a pupil on the roll, field by field, against what stands there."""

from dataclasses import dataclass
from typing import Any, cast

from django.db import models

from kongchuo import idnumber
from kongchuo.sealed import keyed_hash
from students.codes import ImportOutcome, Relation, TagKind
from students.import_match import folded
from students.models import Guardian, Student
from students.roster.fields import NO_PHONE

PLAIN_FIELDS = (
    "name", "sex", "ethnicity", "birth_date", "id_type", "board_type", "entry_month", "hukou_address", "address",
    "village", "note",
)  # fmt: skip
MEMBER_FIELDS = ("name", "relation", "phone", "id_no")
# A family member of whom the list gives only the telephone.
NAMELESS = "家长"


@dataclass(frozen=True)
class Change:
    """One field of one pupil: what stands there and what the file says, as they may be shown."""

    field: str
    label: str
    old: str
    new: str


@dataclass
class FamilyStep:
    """A family member to be added (`guardian` None) or changed, with the values that are new."""

    guardian: Guardian | None
    values: dict[str, str]
    changes: list[Change]


def field_changes(student: Student, values: dict[str, Any]) -> list[Change]:
    """Changes of the pupil's own columns. What follows from the ID number only fills what is empty."""
    changes = []
    for name in PLAIN_FIELDS:
        old, new = getattr(student, name), values[name]
        if new and new != old and not (old and name in values["derived"]):
            changes.append(Change(name, _label(name), _shown(name, old), _shown(name, new)))
    if values["id_no"] and not student.id_hash:
        changes.append(Change("id_no", _label("id_no"), "", idnumber.mask(values["id_no"])))
    if values["roll_no"] and student.roll_hash != keyed_hash(values["roll_no"]):
        changes.append(Change("roll_no", _label("roll_no"), str(student.roll_no), idnumber.mask(values["roll_no"])))
    return changes


def family_steps(known: list[Guardian], members: list[dict[str, str]]) -> list[FamilyStep]:
    """Family members to be added or changed; nobody is taken away, and nobody on file is meant twice."""
    steps = []
    free = list(known)
    for member in sorted(members, key=lambda member: (not member["name"], not member["relation"])):
        if known and not member["name"] and member["phone"] == NO_PHONE:
            continue
        guardian = _member(known, free, member)
        if guardian:
            free.remove(guardian)
        new = {name: value for name, value in member.items() if value and _differs(guardian, name, value)}
        if new:
            who = guardian.name if guardian else name_of(member)
            steps.append(FamilyStep(guardian, new, _member_changes(guardian, who, new)))
    return steps


def name_of(member: dict[str, str]) -> str:
    """What a new family member is called whose name the list does not give: 父亲, 母亲, or only 家长."""
    return member.get("name") or (Relation(member["relation"]).label if member.get("relation") else NAMELESS)


def _member(known: list[Guardian], free: list[Guardian], member: dict[str, str]) -> Guardian | None:
    """The family member on file: by name, else by relation; a bare telephone is its owner's, or the first member's."""
    if member["name"]:
        found = [guardian for guardian in free if folded(guardian.name) == folded(member["name"])]
    elif member["relation"]:
        found = [guardian for guardian in free if guardian.relation == member["relation"]]
    else:
        found = [guardian for guardian in free if guardian.phone == member["phone"]] or free[:1]
        # The first who is free may be the mother, whose telephone it need not be.
        found = [guardian for guardian in found if guardian.phone == member["phone"] or guardian is known[0]]
    return found[0] if found else None


def _field(model: type[Student | Guardian], name: str) -> models.Field:
    return cast(models.Field, model._meta.get_field(name))


def _label(name: str) -> str:
    return str(_field(Student, name).verbose_name)


def _shown(name: str, value: Any) -> str:
    return str(dict(_field(Student, name).flatchoices).get(value, value) or "")


def _member_label(name: str) -> str:
    return "" if name == "name" else str(_field(Guardian, name).verbose_name)


def _shown_member(name: str, value: Any) -> str:
    if name == "relation":
        return str(dict(_field(Guardian, name).flatchoices).get(value, value))
    if name == "id_no":
        return idnumber.mask(value) if isinstance(value, str) else str(value)
    if name == "phone" and value[:1].isdigit():
        return idnumber.mask_phone(value)
    return str(value)


def _member_changes(guardian: Guardian | None, who: str, new: dict[str, str]) -> list[Change]:
    return [
        Change(
            field=f"guardian.{name}",
            label=f"家长{who}{_member_label(name)}",
            old=_shown_member(name, getattr(guardian, name)) if guardian else "",
            new=_shown_member(name, value),
        )
        for name, value in new.items()
    ]


def _differs(guardian: Guardian | None, name: str, value: str) -> bool:
    if guardian is None:
        return True
    if name == "id_no":
        return guardian.id_hash != keyed_hash(value)
    return bool(getattr(guardian, name) != value)


TRAIL_LABELS = {
    "account": "行数",
    "rows": "共几行",
    **{outcome.value: outcome.label for outcome in ImportOutcome},
    "sha256": "文件校验值",
    "on": "从",
    "new_classrooms": "新建班级",
    "created_pupils": "新增学生",
    "changed_pupils": "更新学生",
    **{name: _label(name) for name in (*PLAIN_FIELDS, "id_no", "roll_no")},
    **{
        f"guardian.{name}": f"家长{_field(Guardian, name).verbose_name}"
        for name in ("name", "relation", "phone", "id_no")
    },
    **{f"tag.{kind.value}": f"标签{kind.label}" for kind in TagKind},
    "seat_no": "座号",
}
"""What the details of an import are called in the audit trail."""
