"""The 72 items of the national 《学生基本信息表》, declared once: the card and the printed form come from here.

Numbers and names are the national form's own; ★ (required) as of its first collection of 2013. What this project
keeps beside them (全国学籍号, 组, 血型) has the number 0.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pypinyin import lazy_pinyin

from kongchuo.sheets import Column, Kind, cell_value, words
from students.codes import TagKind
from students.models import Enrollment, Guardian, Student, StudentDetails, Tag


@dataclass(frozen=True)
class File:
    """Everything that the form asks of one pupil, read beforehand. `tags`: those in force that the asker may know."""

    student: Student
    details: StudentDetails
    members: Sequence[Guardian]
    tags: Sequence[Tag]
    place: Enrollment | None
    on: datetime.date

    def tag(self, *kinds: str) -> Tag | None:
        return next((tag for tag in self.tags if tag.kind in kinds), None)


@dataclass(frozen=True)
class Item:
    """One item: its number on the national form, its group, and the column that names and reads it.

    `wide` items need half a line on paper.
    """

    number: int
    group: str
    column: Column
    required: bool = False
    wide: bool = False

    @property
    def label(self) -> str:
        return self.column.header


@dataclass(frozen=True)
class Told:
    """An item as the card shows it: numbers masked, options by their names."""

    item: Item
    text: str

    @property
    def is_missing(self) -> bool:
        return self.item.required and not self.text


BASIC, AUXILIARY, ROLL = "个人基础信息", "个人辅助信息", "学籍信息"
CONTACT, EXTENDED, TRAFFIC = "联系信息", "扩展信息", "交通信息"
GROUPS = (BASIC, AUXILIARY, ROLL, CONTACT, EXTENDED, TRAFFIC)
PHOTO = 13
"""照片: a place on the paper form; this site keeps no portraits of children."""


def member_group(index: int) -> str:
    """「家庭成员或监护人一」, counted from 0."""
    return f"家庭成员或监护人{'一二三四五六七八九十'[index] if index < 10 else index + 1}"


Read = Callable[[File], Any]


def _student(name: str) -> Read:
    return lambda file: getattr(file.student, name)


def _choice(name: str) -> Read:
    """The name of an option, never its code: 选项填名称."""
    return lambda file: getattr(file.student, f"get_{name}_display")()


def _details(name: str) -> Read:
    return lambda file: getattr(file.details, name)


def _option(name: str) -> Read:
    return lambda file: getattr(file.details, f"get_{name}_display")()


def _yes_no(value: bool | None) -> str:
    return "" if value is None else "是" if value else "否"


def _answer(name: str) -> Read:
    return lambda file: _yes_no(getattr(file.details, name))


def _marked(text: str, *kinds: TagKind) -> Read:
    """What a dated tag says. Without one nothing is known to be so: the family fills the box."""
    return lambda file: text if file.tag(*kinds) else ""


def _left_behind(file: File) -> str:
    tag = file.tag(TagKind.LEFT_BEHIND_SINGLE, TagKind.LEFT_BEHIND_BOTH)
    return str(tag) if tag else ""


def _disability(file: File) -> str:
    tag = file.tag(TagKind.DISABLED)
    return f"{tag.get_disability_display() or '残疾'}{tag.get_disability_grade_display()}" if tag else ""


def pinyin(name: str) -> str:
    """「zha xi zhuo ma」, as the 学籍 system proposes it; a name read otherwise is corrected there."""
    return " ".join(lazy_pinyin(name))


def _grade(file: File) -> str:
    return file.place.classroom.grade_label_on(file.on) if file.place else ""


def _class(file: File) -> str:
    return file.place.classroom.label_on(file.on) if file.place else ""


def _entry_month(file: File) -> str:
    return file.student.entry_month


def _item(
    number: int, label: str, read: Read | None, kind: Kind = Kind.TEXT, *, required: bool = False, wide: bool = False
) -> Item:
    return Item(number, "", Column(label, read or (lambda file: ""), kind), required, wide)


_BY_GROUP: dict[str, tuple[Item, ...]] = {
    BASIC: (
        _item(1, "姓名", _student("name"), required=True),
        _item(2, "性别", _choice("sex"), required=True),
        _item(3, "出生日期", _student("birth_date"), Kind.DATE, required=True),
        _item(4, "出生地", _details("birth_place"), required=True),
        _item(5, "籍贯", _details("native_place")),
        _item(6, "民族", _choice("ethnicity"), required=True),
        _item(7, "国籍/地区", _details("nationality"), required=True),
        _item(8, "身份证件类型", _choice("id_type"), required=True),
        _item(9, "身份证件号", _student("id_no"), Kind.SEALED, required=True, wide=True),
        _item(10, "港澳台侨外", _option("hmt"), required=True),
        _item(11, "政治面貌", _option("political")),
        _item(12, "健康状况", _option("health"), Kind.WITHHELD, required=True),
        _item(PHOTO, "照片", None),
    ),
    AUXILIARY: (
        _item(14, "姓名拼音", lambda file: pinyin(file.student.name)),
        _item(15, "曾用名", _details("former_name")),
        _item(16, "身份证件有效期", _details("id_valid"), wide=True),
        _item(17, "户口所在地", _student("hukou_address"), Kind.ADDRESS, required=True, wide=True),
        _item(18, "户口性质", _option("hukou_type"), required=True),
        _item(19, "特长", _details("specialty")),
        _item(0, "血型", _option("blood_type")),
    ),
    ROLL: (
        _item(0, "全国学籍号", _student("roll_no"), Kind.SEALED, wide=True),
        _item(20, "学籍辅号", _details("roll_aux_no")),
        _item(21, "班内学号", lambda file: file.place.seat_no if file.place else None, Kind.INT),
        _item(22, "年级", _grade, required=True),
        _item(23, "班级", _class, required=True),
        _item(24, "入学年月", _entry_month, required=True),
        _item(25, "入学方式", _option("entry_mode"), required=True),
        _item(26, "就读方式", _choice("board_type"), required=True),
        _item(27, "学生来源", _option("source")),
    ),
    CONTACT: (
        _item(28, "现住址", _student("address"), Kind.ADDRESS, required=True, wide=True),
        _item(0, "村屯", _student("village")),
        _item(0, "组(小地名)", _student("hamlet"), Kind.WITHHELD),
        _item(29, "通信地址", _details("mail_address"), Kind.ADDRESS, required=True, wide=True),
        _item(30, "家庭地址", _details("home_address"), Kind.ADDRESS, required=True, wide=True),
        _item(31, "联系电话", _details("phone"), Kind.PHONE, required=True),
        _item(32, "邮政编码", _details("postcode"), required=True),
        _item(33, "电子信箱", _details("email"), Kind.WITHHELD),
        _item(34, "主页地址", _details("homepage"), Kind.WITHHELD),
    ),
    EXTENDED: (
        _item(35, "是否独生子女", _answer("only_child"), required=True),
        _item(36, "是否受过学前教育", _answer("preschool"), required=True),
        _item(37, "是否留守儿童", _left_behind, Kind.WITHHELD, required=True),
        _item(38, "是否进城务工人员随迁子女", _marked("是", TagKind.MIGRANT), Kind.WITHHELD, required=True),
        _item(39, "是否孤儿", _marked("是", TagKind.ORPHAN), Kind.WITHHELD, required=True),
        _item(40, "是否烈士或优抚子女", _answer("martyr_child"), Kind.WITHHELD, required=True),
        _item(41, "随班就读", _option("inclusive"), Kind.WITHHELD),
        _item(42, "残疾类型", _disability, Kind.WITHHELD),
        _item(43, "是否由政府购买学位", _answer("paid_seat")),
        _item(44, "是否需要申请资助", _answer("needs_aid"), Kind.WITHHELD, required=True),
        _item(45, "是否享受一补", _answer("has_subsidy"), Kind.WITHHELD, required=True),
    ),
    TRAFFIC: (
        _item(46, "上下学距离(公里)", lambda file: _distance(file.details)),
        _item(47, "上下学交通方式", _option("commute"), wide=True),
        _item(48, "是否需要乘坐校车", _answer("school_bus")),
    ),
}


def _distance(details: StudentDetails) -> str:
    return "" if details.distance_km is None else f"{details.distance_km.normalize():f}"


ITEMS: tuple[Item, ...] = tuple(replace(item, group=group) for group, items in _BY_GROUP.items() for item in items)
"""Items 1 to 48, in the form's order, with this project's own (number 0) among them."""

_MEMBER = (
    ("姓名", lambda member: member.name, Kind.TEXT),
    ("关系", lambda member: member.get_relation_display(), Kind.TEXT),
    ("关系说明", lambda member: member.relation_note, Kind.TEXT),
    ("民族", lambda member: member.get_ethnicity_display(), Kind.TEXT),
    ("工作单位", lambda member: member.works_at, Kind.TEXT),
    ("现住址", lambda member: member.address, Kind.ADDRESS),
    ("户口所在地", lambda member: member.hukou_address, Kind.ADDRESS),
    ("联系电话", lambda member: member.phone, Kind.PHONE),
    ("是否监护人", lambda member: _yes_no(member.is_guardian), Kind.TEXT),
    ("身份证件类型", lambda member: member.get_id_type_display(), Kind.TEXT),
    ("身份证件号", lambda member: member.id_no, Kind.SEALED),
    ("职务", lambda member: member.job_title, Kind.TEXT),
)
_WIDE = frozenset({"工作单位", "现住址", "户口所在地", "身份证件号"})
FIRST_MEMBER_ITEM = 49


def _of_member(index: int, read: Callable[[Guardian], Any]) -> Read:
    return lambda file: read(file.members[index]) if index < len(file.members) else ""


def member_items(index: int) -> tuple[Item, ...]:
    """The twelve items of a family member: 49 to 60 for the first (index 0), 61 to 72 for the second.

    The paper form has two; a card shows as many as there are.
    """
    return tuple(
        Item(
            FIRST_MEMBER_ITEM + len(_MEMBER) * index + offset,
            member_group(index),
            Column(label, _of_member(index, read), kind),
            wide=label in _WIDE,
        )
        for offset, (label, read, kind) in enumerate(_MEMBER)
    )


ON_FORM: tuple[Item, ...] = (*(item for item in ITEMS if item.number), *member_items(0), *member_items(1))
"""The 72 items of the paper form."""


def told(file: File, items: Iterable[Item]) -> list[Told]:
    """Items as the card shows them. Numbers are masked; what a card may tell (groups, addresses) is told."""
    return [Told(item, _shown(item, file)) for item in items if item.number != PHOTO]


def _shown(item: Item, file: File) -> str:
    as_read = item.column if item.column.kind not in _TOLD_ON_CARDS else replace(item.column, kind=Kind.TEXT)
    return words(cell_value(as_read, file))


_TOLD_ON_CARDS = frozenset({Kind.ADDRESS, Kind.WITHHELD})


def groups_of(file: File) -> list[tuple[str, list[Told]]]:
    """The card's groups with their items, the family's left out."""
    return [(group, told(file, (item for item in ITEMS if item.group == group))) for group in GROUPS]


def details_of(student: Student) -> StudentDetails:
    """The pupil's extended fields; empty ones, not stored, where nobody has filled any."""
    try:
        return student.details
    except StudentDetails.DoesNotExist:
        return StudentDetails(student=student, nationality="")
