"""The audit trail in words: what an entry's codes are called on the page."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps

from schools.codes import Edition, ExportFormat, Role
from schools.models import AuditEntry, Classroom, Unit, User
from schools.policy import DEFINITIONS

PERSON, UNIT = User._meta.label_lower, Unit._meta.label_lower
# What stands in an entry's detail -> what it is called. Apps above add theirs at start-up, through `explain`.
LABELS: dict[str, str] = {
    "added": "新增登录名",
    "about": "对象编号",
    "after": "改为",
    "before": "原为",
    "book": "表",
    "changed": "改动",
    "choice": "范围",
    "classroom": "班级",
    "closed": "停课",
    "days": "逐日",
    "did": "操作",
    "dissolved": "撤并日期",
    "edition": "版本",
    "effective_from": "生效日期",
    "ended": "结束岗位",
    "ends_on": "到",
    "filters": "筛选",
    "format": "格式",
    "given": "给岗位",
    "grade": "年级",
    "holiday": "节假日",
    "holiday_removed": "去掉节假日",
    "key": "参数",
    "known": "登录名存在",
    "month": "月份",
    "off": "放假",
    "opened": "开",
    "out_of_use": "停用",
    "refused": "未导出行数",
    "roles": "岗位",
    "rows": "行数",
    "school_days": "到校日数",
    "sha256": "文件摘要",
    "starts_on": "从",
    "term": "学期编号",
    "withdrawn": "撤销",
}
# Key of a detail -> the words of the codes that may stand there.
WORDS: dict[str, dict[str, str]] = defaultdict(dict)
# What objects were called before they moved to another app.
FORMER = {"followups.export": "schools.export"}
DEEDS = (
    ("asked", "申请"), ("approved", "批准"), ("refused", "不批准"), ("ordered", "生成"), ("written", "写成文件"),
    ("fetched", "下载"),
)  # fmt: skip
EVERYWHERE = {"": "—", "True": "是", "False": "否", "None": "无", "name": "姓名", "phone": "电话"}


def explain(labels: Mapping[str, str], words: Mapping[str, Iterable[tuple[Any, Any]]] | None = None) -> None:
    """Say what details are called, and what the codes in them mean (`Choices.choices`)."""
    LABELS.update(labels)
    for key, choices in (words or {}).items():
        WORDS[key] |= {str(code): str(word) for code, word in choices}


explain(
    {},
    {
        "given": Role.choices,
        "ended": Role.choices,
        "withdrawn": Role.choices,
        "roles": Role.choices,
        "did": DEEDS,
        "edition": Edition.choices,
        "format": ExportFormat.choices,
        "key": [(key, definition.label) for key, definition in DEFINITIONS.items()],
    },
)


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
    said = [f"{LABELS.get(key, key)}：{_words(key, value)}" for key, value in detail.items() if value not in (None, "")]
    return Line(
        seq=entry.seq,
        at=entry.at,
        who=entry.actor_name,
        roles=_words("roles", entry.actor_roles.split(",")) if entry.actor_roles else "",
        verb=entry.get_verb_display(),
        about=_about(entry, names),
        reason=entry.reason,
        detail="；".join(said),
    )


def _about(entry: AuditEntry, names: dict[int, str]) -> str:
    """「学生 132」: kind and number, as the trail keeps them. Colleagues are named; pupils never, in this list."""
    if not entry.object_type or (entry.object_type == UNIT and entry.object_id == entry.unit_id):
        return ""
    if entry.object_type == PERSON and entry.object_id in names:
        return names[entry.object_id]
    try:
        kind = apps.get_model(FORMER.get(entry.object_type, entry.object_type))._meta.verbose_name
    except LookupError:
        kind = entry.object_type
    return f"{kind} {entry.object_id}"


def _words(key: str, value: Any) -> str:
    """A value in words; a day with its code, 「2026-03-09 U」, is two of them."""
    if isinstance(value, list):
        return "、".join(_words(key, item) for item in value) or "无"
    if isinstance(value, dict):
        return "、".join(f"{LABELS.get(item, item)} {_words(item, inner)}" for item, inner in value.items()) or "无"
    words = EVERYWHERE | WORDS[key]
    return " ".join(words.get(token, token) for token in str(value).split(" "))
