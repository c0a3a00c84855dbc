"""联系卡 and 档案 of the groups: one page a pupil, with what the roll knows filled in and room for the rest."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kongchuo.sheets import A4_PORTRAIT, Align, Box, Column, Form, Kind, Sheet
from schools import books
from schools.books import OFFICE_AND_TEACHERS, Asked, Book
from schools.codes import Stage
from students.books import groups, pupils
from students.books.card_grid import LINE, SIGNED, Row, blank_table, card, label, line, parts, room, ticks
from students.books.groups import Member
from students.codes import (
    ETHNICITIES,
    LEFT_BEHIND,
    TAG_GROUPS,
    BoardType,
    DisabilityGrade,
    DisabilityKind,
    EnrollmentStatus,
    Health,
    Relation,
    TagGroup,
    TagKind,
)
from students.models import Guardian

GROUP = "群体档案"
Rows = Iterable[Row]
PARENTS = {"父": (Relation.FATHER, Relation.STEPFATHER), "母": (Relation.MOTHER, Relation.STEPMOTHER)}
GRANDPARENTS = (
    ("祖父", Relation.GRANDFATHER), ("祖母", Relation.GRANDMOTHER), ("外祖父", Relation.MATERNAL_GRANDFATHER),
    ("外祖母", Relation.MATERNAL_GRANDMOTHER),
)  # fmt: skip
POVERTY_KINDS = (
    ("脱贫户", TagKind.POVERTY), ("监测户", TagKind.MONITORED), ("低保", TagKind.MINIMUM_LIVING),
    ("特困", TagKind.DESTITUTE), ("孤儿", TagKind.ORPHAN), ("残疾", TagKind.DISABLED), ("突发", "sudden"),
)  # fmt: skip
YES_NO = (("是", True), ("否", False))


def _family(member: Member) -> Row:
    person = member.caller
    return line(
        ("监护人", _name(person)), ("关系", _relation(person)), ("电话", person.phone if person else "", Kind.PHONE)
    )  # fmt: skip


def _pupil(member: Member) -> Rows:
    """Who it is, who answers, where the family lives."""
    student = member.student
    yield line(("姓名", student.name), ("性别", pupils.SEXES[student.sex]), ("班级", member.label))
    yield _family(member)
    yield line(("现住址", student.address, Kind.ADDRESS))


def struggling(member: Member) -> Rows:
    """《学困生联系卡（帮扶档案）》."""
    yield from _pupil(member)
    yield room("薄弱学科与成绩")
    yield room("行为表现")
    yield room("学困原因")
    yield line(("帮教教师", ""), ("结对学生", ""))
    yield from parts("帮教计划", "目标", "措施", "时间")
    yield from blank_table("每月记录", (("日期", 4), ("内容", 10), ("效果", 6)), 6)
    yield room("家访记录", 2.0)
    yield room("转化结果", 1.6)


def hardship(member: Member) -> Rows:
    """《特困生（家庭经济困难）联系卡》."""
    yield from _pupil(member)
    yield line(("家庭人口", ""), ("家庭收入", ""))
    yield room("类别", LINE, ticks(POVERTY_KINDS, member.kinds), Kind.WITHHELD)
    yield room("致困原因", 2.2)
    yield from blank_table("享受资助", (("项目", 9), ("金额", 5), ("时间", 6)), 6, 0.9)
    yield line(("帮扶人", ""), ("联系电话", ""))
    yield room("需求", 2.4)
    yield room("帮扶情况", 3.0)


def disabled(member: Member) -> Rows:
    """《残疾（送教上门）学生档案》, 一生一案."""
    student, tag = member.student, member.tag(TagKind.DISABLED)
    details = member.details
    at_home = member.row.status == EnrollmentStatus.HOME_TEACHING
    yield line(("姓名", student.name), ("性别", pupils.SEXES[student.sex]), ("出生日期", student.birth_date, Kind.DATE))
    yield line(
        ("班级", member.label), ("安置", pupils.STANDINGS[member.row.status]),
        ("随班就读", details.get_inclusive_display() if details else "", Kind.WITHHELD),
    )  # fmt: skip
    yield _family(member)
    yield line(("现住址", student.address, Kind.ADDRESS))
    yield line(
        ("残疾证号", ""),
        ("类别", DisabilityKind(tag.disability).label if tag and tag.disability else "", Kind.WITHHELD),
        ("等级", DisabilityGrade(tag.disability_grade).label if tag and tag.disability_grade else "", Kind.WITHHELD),
    )
    yield room("评估结论", 1.8)
    yield line(("送教教师", ""), ("送教开始", member.row.starts_on if at_home else "", Kind.DATE))
    yield room("送教计划", 2.0)
    yield room("教案", 1.6)
    columns = (("日期", 3), ("课时", 2), ("内容", 8), ("家长签字", 4), ("照片", 3))
    yield from blank_table("每次记录", columns, 7)
    yield room("阶段评估", 2.0)


def left_behind(member: Member) -> Rows:
    """《农村留守儿童基本情况登记表》, the fields of the civil affairs' form of 2016."""
    student, tag = member.student, member.tag(*LEFT_BEHIND)
    yield line(
        ("姓名", student.name), ("性别", pupils.SEXES[student.sex]),
        ("民族", ETHNICITIES.get(student.ethnicity, "")),
    )  # fmt: skip
    yield line(("出生日期", student.birth_date, Kind.DATE), ("公民身份证号码", student.id_no, Kind.SEALED), wide=4)
    registered = {True} if student.hukou_address else set()
    yield line(
        ("是否登记户口", ticks(YES_NO, registered)),
        ("是否学校寄宿", ticks(YES_NO, _boards(student.board_type))), wide=5,
    )  # fmt: skip
    yield line(("户籍所在地", student.hukou_address, Kind.ADDRESS))
    yield line(("现居住地", student.address, Kind.ADDRESS))
    yield room("身体情况", LINE, _health(member), Kind.WITHHELD)
    stages = [("幼儿园", ""), ("未入园", ""), *((stage.label, stage.value) for stage in Stage)]
    stages += [("高中", "-"), ("中职", "-"), ("辍学", "-"), ("不在学", "-")]
    yield room("就学情况", LINE, ticks(stages, {member.row.classroom.stage}))
    yield from _elders(member)
    yield from _parents(member)
    both = {tag.kind == TagKind.LEFT_BEHIND_BOTH} if tag else set()
    yield line(("父母双方同时外出", ticks(YES_NO, both)), ("一方外出另一方无监护能力", ticks(YES_NO, ())), wide=8)
    yield from _trustee(member)
    kinds = ("无人监护", "父或母无监护能力", "受委托监护人能力不足", "一般", "较好")
    yield room("监护类型", LINE, _open_ticks(kinds))
    yield room("家庭经济来源", LINE, _open_ticks(("打工", "种养", "政府救助", "亲朋", "其他")))
    yield room("救助帮扶", LINE, _open_ticks(("低保", "临时", "医疗", "住房", "其他")))


def _open_ticks(options: Sequence[str]) -> str:
    """Options that somebody has to ask about: none is ticked."""
    return ticks([(option, option) for option in options], ())


def _boards(board_type: str) -> set[bool]:
    return {board_type == BoardType.BOARDER} if board_type else set()


def _health(member: Member) -> str:
    """What is known: 残疾 with kind and grade by the mark, else what the form's own field says."""
    tag, details = member.tag(TagKind.DISABLED), member.details
    if tag:
        kind = DisabilityKind(tag.disability).label if tag.disability else "　　"
        grade = DisabilityGrade(tag.disability_grade).label if tag.disability_grade else "　　"
        return f"□健康　■残疾（{kind}，{grade}）　□患病（　　　　）"
    healthy = bool(details and details.health == Health.GOOD)
    return f"{'■' if healthy else '□'}健康　□残疾（　　，　　）　□患病（　　　　）"


def _elders(member: Member) -> Rows:
    heads = tuple(label(text, span) for text, span in (("称谓", 3), ("姓名", 3), ("出生日期", 4)))
    yield (label("祖父母、外祖父母", lines=3, height=LINE * 3), *heads, *heads)
    for pair in (GRANDPARENTS[:2], GRANDPARENTS[2:]):
        yield tuple(
            box
            for name, relation in pair
            for box in (label(name, 3), _box(_name(member.relative(relation)), 3), _box("", 4))
        )


def _parents(member: Member) -> Rows:
    columns = (("", 1), ("姓名", 3), ("出生日期", 3), ("务工地点", 3), ("联系电话", 4), ("身份证号", 6))
    yield (label("父、母", lines=3, height=LINE * 3), *(label(text, span) for text, span in columns))
    for name, relations in PARENTS.items():
        person = member.relative(*relations)
        yield (
            label(name, 1), _box(_name(person), 3), _box("", 3), _box(person.works_at if person else "", 3),
            _box(person.phone if person else "", 4, Kind.PHONE), _box(person.id_no if person else "", 6, Kind.SEALED),
        )  # fmt: skip


def _trustee(member: Member) -> Rows:
    """委托监护人: the first of the family who answers for the child and is no parent."""
    of_parents = {relation for relations in PARENTS.values() for relation in relations}
    family = [one for one in member.family if one.is_guardian and one.relation not in of_parents]
    person = next(iter(family), None)
    yield (
        label("委托监护人", lines=2, height=LINE * 2), label("姓名", 2), _box(_name(person), 4),
        label("关系", 2), _box(_relation(person), 4),
        label("电话", 2), _box(person.phone if person else "", 6, Kind.PHONE),
    )  # fmt: skip
    yield (
        label("身份证号", 3), _box(person.id_no if person else "", 6, Kind.SEALED),
        label("居住地", 3), _box(person.address if person else "", 8, Kind.ADDRESS),
    )  # fmt: skip


def _box(value: Any, span: int, kind: Kind = Kind.TEXT) -> Box:
    return Box(value, kind, span, height=LINE)


def _name(person: Guardian | None) -> str:
    return person.name if person else ""


def _relation(person: Guardian | None) -> str:
    return pupils.RELATIONS.get(person.relation, "") if person else ""


@dataclass(frozen=True)
class Card:
    """A kind of card: whose it is, how its lines are made, and who signs below."""

    key: str
    title: str
    group: TagGroup
    lines: Callable[[Member], Rows]
    note: str
    statuses: frozenset[str] = frozenset()
    signed: Sequence[str] = SIGNED

    def sheets(self, asked: Asked) -> Sequence[Sheet | Form]:
        """One page a pupil of the group; the pupil asked about, whether marked or not; the zero report for nobody."""
        found = groups.members(asked, TAG_GROUPS[self.group], self.statuses)
        if not found and not asked.about:
            return [_nobody(asked, self.title)]
        return [
            card(asked, self.title, f"{one.label} {one.student.name}", tuple(self.lines(one)), signed=self.signed)
            for one in found
        ]

    def book(self) -> Book:
        return Book(
            key=self.key, title=self.title, group=GROUP, sheets=self.sheets, asks=("on", "classroom?", "about?"),
            roles=OFFICE_AND_TEACHERS, note=self.note, whole_roll=True, unit="人",
        )  # fmt: skip


def _nobody(asked: Asked, title: str) -> Sheet:
    columns = tuple(Column(header, None, width=8, align=Align.CENTER) for header in ("序号", "姓名", "班级"))
    return Sheet(title, columns, (), name=title, head=books.head(asked, signatures=SIGNED), paper=A4_PORTRAIT)


CARDS = (
    Card(
        "card-struggling", "学困生联系卡(帮扶档案)", TagGroup.STRUGGLING, struggling,
        "开学一个月内摸清学困生，一人一卡；薄弱学科、帮教计划和每月记录手填。",
    ),
    Card(
        "card-hardship", "特困生(家庭经济困难)联系卡", TagGroup.POOR, hardship,
        "脱贫户、监测户、低保、特困供养和特困生，一人一卡；资助和帮扶手填。",
    ),
    Card(
        "card-left-behind", "农村留守儿童基本情况登记表", TagGroup.LEFT_BEHIND, left_behind,
        "民政2016年样式，一人一表；系统里有的已填好，其余访谈后手填。", signed=("单位负责人", "复核人", "填表人"),
    ),
    Card(
        "card-disabled", "残疾(送教上门)学生档案", TagGroup.DISABLED, disabled,
        "残疾学生和送教上门学生，一生一案；每次送教一行记录。", frozenset({EnrollmentStatus.HOME_TEACHING}),
    ),
)  # fmt: skip


def register() -> None:
    books.register(*(one.book() for one in CARDS))
