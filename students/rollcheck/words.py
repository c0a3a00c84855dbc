"""A difference in words. Numbers are never written out: it is said at which places they differ."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kongchuo import dates, idnumber
from students.codes import EnrollmentStatus, Sex, TagKind
from students.import_match import folded, resembles
from students.rollcheck.listing import Listed

if TYPE_CHECKING:
    from students.rollcheck.pairing import Pupil

S = EnrollmentStatus
_LIMIT = 300


def joined(parts: Iterable[str]) -> str:
    return "；".join(part for part in parts if part)[:_LIMIT]


def standing(pupil: "Pupil") -> str:
    """「七(1)班在读」, and what a standing elsewhere means for the 学籍."""
    label = EnrollmentStatus(pupil.status).label.replace("(", "（").replace(")", "）")
    return f"{pupil.class_label}{label}"


def facts(row: Listed, pupil: "Pupil") -> list[str]:
    """Each fact about which the two disagree; what one side does not know is no disagreement."""
    said = [
        _differs("姓名", row.name, pupil.name, same=folded),
        _differs("性别", _sex(row.sex), _sex(pupil.sex)),
        _differs("出生日期", row.birth_date, pupil.birth_date, show=dates.chinese),
        number_differs("身份证号", row.id_no, pupil.id_no),
        number_differs("学籍号", row.roll_no, pupil.roll_no),
    ]
    if row.name and pupil.name and not resembles(row.name, pupil.name):
        said.append("姓名完全不同，请核对是不是同一个人")
    said += [f"名单里{problem}" for problem in row.problems if problem.startswith(("身份证号", "学籍号"))]
    return [part for part in said if part]


def _sex(code: str) -> str:
    return Sex(code).label if code in Sex.values else ""


def _differs(label: str, listed: Any, here: Any, same: Any = lambda value: value, show: Any = str) -> str:
    if not listed or not here or same(listed) == same(here):
        return ""
    return f"{label}：名单{show(listed)}，本校{show(here)}"


def number_differs(label: str, listed: str, here: str) -> str:
    """「身份证号第17、18位不同（名单530000************）」"""
    if not listed or not here or listed == here:
        return ""
    if len(listed) != len(here):
        return f"{label}：名单{len(listed)}位，本校{len(here)}位"
    places = [str(place) for place, (one, other) in enumerate(zip(listed, here, strict=True), 1) if one != other]
    where = f"第{'、'.join(places)}位不同" if len(places) <= 4 else f"有{len(places)}位不同"
    return f"{label}{where}（名单{idnumber.mask(listed)}，本校{idnumber.mask(here)}）"


def class_differs(row: Listed, pupil: "Pupil") -> str:
    if not row.class_key or not pupil.class_key or row.class_key == pupil.class_key:
        return ""
    return f"班级：名单{row.class_text}，本校{pupil.class_label}"


def standing_differs(row: Listed, pupil: "Pupil") -> list[str]:
    """A standing that the list and the roll tell differently: 休学 on one side only, 借读 in our own list."""
    if pupil.status == S.GUEST:
        return ["本校登记为借读，学籍应在别的学校，名单里却有"]
    if row.status and ("休学" in row.status) != (pupil.status == S.SUSPENDED):
        return [f"学籍状态：名单「{row.status}」，本校{EnrollmentStatus(pupil.status).label}"]
    return []


def about(row: Listed) -> list[str]:
    """What else the list says of a child whom the school does not know: where to ask."""
    return [
        f"名单写{row.class_text}" if row.class_text else "",
        f"村（社区）：{row.village}" if row.village else "",
        f"监护人：{row.guardian}" if row.guardian else "",
    ]


def tags(kinds: Iterable[str]) -> str:
    return "、".join(sorted(TagKind(kind).label for kind in kinds))
