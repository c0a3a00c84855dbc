"""What a roster says of a pupil on the roll, field by field, against what stands there."""

import datetime
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from django.db import models

from kongchuo import idnumber
from kongchuo.sealed import Secret, keyed_hash
from students.codes import ImportOutcome, Relation, TagKind
from students.import_match import folded
from students.models import Guardian, Student, StudentDetails, Tag
from students.roster.details import DETAILS
from students.roster.fields import NO_PHONE

PLAIN_FIELDS = (
    "name", "sex", "ethnicity", "birth_date", "id_type", "board_type", "entry_month", "hukou_address", "address",
    "village", "note",
)  # fmt: skip
DETAIL_FIELDS = (*DETAILS, "phone")
MEMBER_FIELDS = (
    "name", "relation", "phone", "id_no", "relation_note", "address", "hukou_address", "is_guardian", "id_type",
    "ethnicity", "works_at", "job_title",
)  # fmt: skip
TAG_FIELDS = ("detail", "disability", "disability_grade")
_LEFT_BEHIND = frozenset({TagKind.LEFT_BEHIND_SINGLE, TagKind.LEFT_BEHIND_BOTH})
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
    values: dict[str, Any]
    changes: list[Change] = field(default_factory=list)


@dataclass
class TagStep:
    """A tag to be given (`tag` None), or one on file whose empty facts the file fills."""

    tag: Tag | None
    kind: str
    values: dict[str, str]
    changes: list[Change] = field(default_factory=list)


def field_changes(student: Student, values: dict[str, Any]) -> list[Change]:
    """Changes of the pupil's own columns. What follows from the ID number only fills what is empty."""
    changes = []
    for name in PLAIN_FIELDS:
        old, new = getattr(student, name), values[name]
        if new and new != old and not (old and name in values["derived"]):
            changes.append(_change(Student, name, old, new))
    if values["id_no"] and not student.id_hash:
        changes.append(_change(Student, "id_no", "", values["id_no"]))
    if values["roll_no"] and student.roll_hash != keyed_hash(values["roll_no"]):
        changes.append(_change(Student, "roll_no", student.roll_no, values["roll_no"]))
    return changes


def detail_changes(known: StudentDetails | None, written: dict[str, Any]) -> list[Change]:
    """Changes of the extended fields (`known` None: the pupil has none yet)."""
    changes = []
    for name, new in written.items():
        old = getattr(known, name) if known else ""
        if new != old:
            changes.append(_change(StudentDetails, name, old, new, prefix="detail."))
    return changes


def contradictions(student: Student, values: dict[str, Any]) -> list[str]:
    """What stands on file against the ID number, where the row itself says nothing of it."""
    return [
        f"系统里的{_label(Student, name)}与身份证号不一致，请核对后在学生卡上改"
        for name in values["derived"]
        if getattr(student, name) and getattr(student, name) != values[name]
    ]


# --- the family -----------------------------------------------------------------------------------------------
def family_steps(known: list[Guardian], members: list[dict[str, Any]]) -> list[FamilyStep]:
    """Family members to be added or changed; nobody is taken away, and nobody on file is meant twice."""
    steps = []
    free = list(known)
    for member in sorted(members, key=lambda member: (not member["name"], not member["relation"])):
        if known and not member["name"] and member["phone"] == NO_PHONE:
            continue
        guardian = _member(known, free, member)
        if guardian:
            free.remove(guardian)
        new = {name: value for name, value in member.items() if value != "" and _differs(guardian, name, value)}
        if new:
            who = guardian.name if guardian else name_of(member)
            steps.append(FamilyStep(guardian, new, _member_changes(guardian, who, new)))
    return steps


def name_of(member: dict[str, Any]) -> str:
    """What a new family member is called whose name the list does not give: 父亲, 母亲, or only 家长."""
    return member.get("name") or (Relation(member["relation"]).label if member.get("relation") else NAMELESS)


def _member(known: list[Guardian], free: list[Guardian], member: dict[str, Any]) -> Guardian | None:
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


def _differs(guardian: Guardian | None, name: str, value: Any) -> bool:
    if guardian is None:
        return True
    if name == "id_no":
        return guardian.id_hash != keyed_hash(value)
    return bool(getattr(guardian, name) != value)


def _member_changes(guardian: Guardian | None, who: str, new: dict[str, Any]) -> list[Change]:
    return [
        Change(
            field=f"guardian.{name}",
            label=f"家长{who}{'' if name == 'name' else _label(Guardian, name)}",
            old=_shown(Guardian, name, getattr(guardian, name)) if guardian else "",
            new=_shown(Guardian, name, value),
        )
        for name, value in new.items()
    ]


# --- tags -----------------------------------------------------------------------------------------------------
def tag_steps(known: list[Tag], written: dict[str, dict[str, str]], warnings: list[str]) -> list[TagStep]:
    """Tags to be given, and facts of a 残疾 on file that were still empty. What contradicts is said and left alone."""
    by_kind = {tag.kind: tag for tag in known}
    steps = []
    for kind, facts in written.items():
        tag = by_kind.get(kind)
        if tag is None and kind in _LEFT_BEHIND and _LEFT_BEHIND & by_kind.keys():
            warnings.append("留守类型与系统里的不同，没有改；请在学生卡上改")
        elif tag is None:
            steps.append(TagStep(None, kind, facts, [Change(f"tag.{kind}", "标签", "", TagKind(kind).label)]))
        elif step := _filled_in(tag, facts, warnings):
            steps.append(step)
    return steps


def _filled_in(tag: Tag, facts: dict[str, str], warnings: list[str]) -> TagStep | None:
    new = {name: value for name, value in facts.items() if name != "detail" and value and not getattr(tag, name)}
    for name, value in facts.items():
        if name != "detail" and getattr(tag, name) not in ("", value):
            warnings.append(f"{_label(Tag, name)}与系统里的不同，没有改；请在学生卡上改")
    changes = [_change(Tag, name, "", value, prefix=f"tag.{tag.kind}.") for name, value in new.items()]
    return TagStep(tag, tag.kind, new, changes) if new else None


# --- how a value is shown -------------------------------------------------------------------------------------
Model = type[Student] | type[StudentDetails] | type[Guardian] | type[Tag]


def _field(model: type[models.Model], name: str) -> models.Field:
    return cast(models.Field, model._meta.get_field(name))


def _label(model: type[models.Model], name: str) -> str:
    return str(_field(model, name).verbose_name)


def label_of(model: type[models.Model], name: str) -> str:
    """What a field is called in a sentence: 现住址, 家长电话."""
    return ("家长" if model is Guardian else "") + _label(model, name)


def _change(model: Model, name: str, old: Any, new: Any, prefix: str = "") -> Change:
    return Change(prefix + name, _label(model, name), _shown(model, name, old), _shown(model, name, new))


def _shown(model: Model, name: str, value: Any) -> str:
    """A value as a page may show it: by its label, numbers and telephones masked."""
    if value in ("", None):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (Decimal, datetime.date, Secret)):
        return str(value)
    if name in ("id_no", "roll_no"):
        return idnumber.mask(value)
    if name == "phone" and value[:1].isdigit():
        return idnumber.mask_phone(value)
    return str(dict(_field(model, name).flatchoices).get(value, value))


TRAIL_LABELS = {
    "account": "行数",
    "rows": "共几行",
    **{outcome.value: outcome.label for outcome in ImportOutcome},
    "sha256": "文件校验值",
    "on": "从",
    "new_classrooms": "新建班级",
    "created_pupils": "新增学生",
    "changed_pupils": "改动学生",
    "undone": "撤销导入",
    "taken_back_pupils": "收回的新增学生",
    "restored_pupils": "改回的学生",
    "taken_back_classrooms": "收回的新建班级",
    "refused_rows": "取回被拒绝的行数",
    **{name: _label(Student, name) for name in (*PLAIN_FIELDS, "id_no", "roll_no")},
    **{f"detail.{name}": _label(StudentDetails, name) for name in DETAIL_FIELDS},
    **{f"guardian.{name}": label_of(Guardian, name) for name in MEMBER_FIELDS},
    **{f"tag.{kind.value}": f"标签{kind.label}" for kind in TagKind},
    **{f"tag.{TagKind.DISABLED.value}.{name}": _label(Tag, name) for name in TAG_FIELDS},
    "seat_no": "座号",
}
"""What the details of an import are called in the audit trail."""
