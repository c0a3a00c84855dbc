"""The audit trail in words: what an entry's codes are called on the page."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from schools.codes import Role
from schools.models import AuditEntry, Classroom, Unit, User
from schools.policy import DEFINITIONS

PERSON, UNIT = User._meta.label_lower, Unit._meta.label_lower
# What stands in an entry's detail -> what it is called. Apps above add theirs in AppConfig.ready.
LABELS: dict[str, str] = {
    "added": "新增登录名",
    "changed": "改动的项目",
    "given": "给岗位",
    "ended": "结束岗位",
    "withdrawn": "撤销岗位",
    "classroom": "班级",
    "starts_on": "从",
    "ends_on": "到",
    "out_of_use": "停用",
    "roles": "岗位",
    "opened": "开",
    "closed": "停课",
    "dissolved": "撤并日期",
    "grade": "年级",
    "days": "天数",
    "holiday": "节假日",
    "holiday_removed": "去掉节假日",
    "off": "放假",
    "key": "参数",
    "before": "原为",
    "after": "改为",
    "effective_from": "生效日期",
    "known": "登录名存在",
}
# Codes that stand as values -> words.
WORDS: dict[str, str] = {
    **{role.value: role.label for role in Role},
    "name": "姓名",
    "phone": "电话",
    "True": "是",
    "False": "否",
    "None": "无",
    **{key: definition.label for key, definition in DEFINITIONS.items()},
}


@dataclass(frozen=True)
class Line:
    """One entry as the page shows it."""

    seq: int
    at: datetime.datetime
    who: str
    roles: str
    verb: str
    about: str
    reason: str
    detail: str


def lines(entries: Iterable[AuditEntry]) -> list[Line]:
    """The entries as the page shows them; two queries more, for the names of colleagues and classes."""
    rows = list(entries)
    people = {row.object_id for row in rows if row.object_type == PERSON and row.object_id}
    classes = {row.detail.get("classroom") for row in rows} - {None}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    labels = {row.pk: row.label for row in Classroom.objects.filter(pk__in=classes)}
    return [_line(row, names, labels) for row in rows]


def _line(entry: AuditEntry, names: dict[int, str], classes: dict[int, str]) -> Line:
    detail = entry.detail | {"classroom": classes.get(entry.detail.get("classroom", 0))}
    return Line(
        seq=entry.seq,
        at=entry.at,
        who=entry.actor_name,
        roles="、".join(WORDS.get(role, role) for role in entry.actor_roles.split(",") if role),
        verb=entry.get_verb_display(),
        about=_about(entry, names),
        reason=entry.reason,
        detail="；".join(
            f"{LABELS.get(key, key)}：{_words(value)}" for key, value in detail.items() if value is not None
        ),
    )


def _about(entry: AuditEntry, names: dict[int, str]) -> str:
    """「学生 132」: kind and number, as the trail keeps them. Colleagues are named; pupils never, in this list."""
    if not entry.object_type or (entry.object_type == UNIT and entry.object_id == entry.unit_id):
        return ""
    if entry.object_type == PERSON and entry.object_id in names:
        return names[entry.object_id]
    try:
        kind = apps.get_model(entry.object_type)._meta.verbose_name
    except LookupError:
        kind = entry.object_type
    return f"{kind} {entry.object_id}"


def _words(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_words(item) for item in value) or "无"
    if isinstance(value, dict):
        return "、".join(f"{LABELS.get(key, key)} {_words(item)}" for key, item in value.items()) or "无"
    return WORDS.get(str(value), str(value))
