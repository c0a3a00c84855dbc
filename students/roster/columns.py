"""Finding the header of a roster and what each column means.

Synonyms follow the forms in use: the collection form and the export of the national 学籍 system, county templates,
class lists typed by hand.
"""

import re
import unicodedata
from dataclasses import dataclass

from students.roster.cells import Cell, Sheet, column_letter

HEADER_WITHIN = 10

SYNONYMS: dict[str, str] = {
    "serial": "序号 编号 no",
    "name": "姓名 学生姓名 名字 学生名 学生名字 孩子姓名 xm",
    "sex": "性别 男/女 学生性别 xb",
    "id_no": (
        "身份证号 身份证号码 身份证 身份证件号 身份证件号码 公民身份号码 公民身份证号码 居民身份证号 "
        "居民身份证号码 证件号 证件号码 学生身份证 学生身份证号 学生身份证号码 sfzjh sfzh"
    ),
    "id_type": "身份证件类型 证件类型 身份证类型",
    "roll_no": "学籍号 全国学籍号 学籍主号 全国学籍编号 g学籍号 学籍号码 学籍编号 国网学籍号 xjh qgxjh",
    "seat_no": "座号 座位号 班内学号 班学号 班内序号",
    "student_number": "学号 校内学号 教育id xh",
    "birth_date": "出生日期 出生年月 出生年月日 生日 出生时间 csrq",
    "ethnicity": "民族 mz",
    "grade": "年级 所在年级 就读年级 年级名称 nj",
    "classroom": "班级 班别 所在班级 班级名称 年级班级 就读班级 班号 班 年级班 bj",
    "entry_month": "入学年月 入学时间 入学日期 入校时间 rxny",
    "board_type": "就读方式 是否住校 住宿情况 走读/住校 住校/走读 是否寄宿 是否住宿 是否寄宿生",
    "hukou_address": "户籍地址 户籍所在地 户口所在地 户口所在地行政区划 户籍地 籍贯地址 户籍详细地址 户口地址",
    "address": "现住址 家庭住址 家庭地址 家庭详细住址 家庭详细地址 居住地 居住地址 住址 通信地址",
    "village": "村 村委会 村屯 行政村 村组 自然村 所在村 社区 村/社区 村名",
    "phone": "联系电话 电话 手机 手机号 手机号码 电话号码 联系方式 家庭电话 学生联系电话 lxdh",
    "guardian_name": "家长姓名 监护人姓名 监护人 家长 成员1姓名 第一监护人 第一监护人姓名 监护人1姓名 家庭成员1姓名",
    "guardian_relation": (
        "关系 与学生关系 监护关系 成员1关系 称谓 家长与学生关系 监护人与学生关系 与监护人关系 监护人关系"
    ),
    "guardian_phone": (
        "家长电话 监护人电话 家长联系电话 监护人联系电话 成员1联系电话 家长手机 家长手机号 监护人手机 "
        "监护人手机号 家长联系方式 监护人联系方式 第一监护人电话"
    ),
    "guardian_id_no": "监护人身份证号 家长身份证 家长身份证号 成员1身份证件号 监护人身份证 监护人身份证号码",
    "guardian2_name": "成员2姓名 第二监护人 第二监护人姓名 监护人2姓名 家庭成员2姓名",
    "guardian2_relation": "成员2关系 第二监护人关系",
    "guardian2_phone": "成员2联系电话 第二监护人电话",
    "guardian2_id_no": "成员2身份证件号 第二监护人身份证号",
    "father_name": "父亲 父亲姓名 爸爸姓名",
    "father_phone": "父亲电话 父亲联系电话 父亲手机 父亲手机号 父亲联系方式",
    "mother_name": "母亲 母亲姓名 妈妈姓名",
    "mother_phone": "母亲电话 母亲联系电话 母亲手机 母亲手机号 母亲联系方式",
    "left_behind": "是否留守儿童 留守儿童 留守情况 留守类型 是否留守",
    "migrant": "是否进城务工人员随迁子女 随迁子女 是否随迁 是否随迁子女",
    "disability": "残疾类型 残疾类别 是否残疾 残疾等级 残疾",
    "poverty": "是否建档立卡 建档立卡 是否脱贫户 脱贫户 是否贫困户 贫困类别 困难类型 是否脱贫户监测户 困难类别",
    "monitored": "监测户 是否监测户",
    "minimum_living": "低保 是否低保 低保户 是否低保户",
    "orphan": "是否孤儿 孤儿",
    "unattended": "事实无人抚养 是否事实无人抚养 事实无人抚养儿童",
    "school_code": "学校标识码 学校代码 学校标识码/代码 xxdm",
    "roll_status": "学籍状态 学生状态 当前状态 学籍类别 在校状态",
    "note": "备注 说明 注",
}
_FIELD_OF = {label: name for name, labels in SYNONYMS.items() for label in labels.split()}
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, 0x00AD])
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|〈[^〈〉]*〉|<[^<>]*>")
_GROUP = re.compile(r"(基本)?(信息|情况|资料)$")
_DECORATION = re.compile(r"[\s★☆*※:：_]+")


@dataclass(frozen=True)
class Column:
    """A column of the file that was recognised: `number` counts from 1."""

    field: str
    header: str
    number: int

    @property
    def meaning(self) -> str:
        """What the column is taken for, by the plainest of its names."""
        return SYNONYMS[self.field].split()[0]

    @property
    def letter(self) -> str:
        return column_letter(self.number)


@dataclass(frozen=True)
class Header:
    """Where the header stands and what it says; `last_row` is larger than `row` for a header of two rows."""

    row: int
    last_row: int
    columns: dict[str, Column]
    # headings that mean nothing to us, and second columns for a field that was already found
    unread: list[str]


def normal(text: str) -> str:
    """A heading without what people decorate it with: spaces, line breaks, stars, remarks in brackets, full width."""
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    bare = _DECORATION.sub("", _BRACKETS.sub("", text)).lower()
    return bare.strip("、,.。;；")


def field_of(heading: str) -> str:
    """The field that a heading means; empty when it means none of ours."""
    return _FIELD_OF.get(normal(heading), "")


def find_header(sheet: Sheet) -> Header | None:
    """The header within the first ten rows: the row with a name column and the most columns that we know."""
    best: Header | None = None
    rows = [_texts(row) for row in sheet.rows[:HEADER_WITHIN]]
    for number, headings in enumerate(rows, start=1):
        joined = _join_second_row(headings, rows[number]) if number < len(rows) else None
        found = _read_header(joined or headings, number, number + 1 if joined else number)
        above = _join_second_row(rows[number - 2], headings) if number > 1 else None
        if "name" not in found.columns or _belongs_to_family(above, found.columns["name"].number):
            continue
        if best is None or len(found.columns) > len(best.columns):
            best = found
    return best


def _belongs_to_family(headings: list[str] | None, number: int) -> bool:
    """Whether 「姓名」 in this column stands below 「监护人」 or the like in the row above."""
    return headings is not None and field_of(headings[number - 1]) not in ("", "name")


def _texts(row: list[Cell]) -> list[str]:
    return [cell if isinstance(cell, str) else "" for cell in row]


def _read_header(headings: list[str], row: int, last_row: int) -> Header:
    columns: dict[str, Column] = {}
    unread = []
    for number, heading in enumerate(headings, start=1):
        name = field_of(heading)
        if name and name not in columns:
            columns[name] = Column(name, " ".join(heading.split()), number)
        elif heading.strip():
            unread.append(" ".join(heading.split()))
    return Header(row, last_row, columns, unread)


def _join_second_row(upper: list[str], lower: list[str]) -> list[str] | None:
    """Headings of a header in two rows (「父亲」 over 「姓名」 and 「电话」); None when the second row is not one.

    The upper cells of such a header are merged, so that a cell without text continues the one to its left, and the
    name column, merged downwards, is empty in the lower row.
    """
    lower = lower + [""] * (len(upper) - len(lower))
    upper = upper + [""] * (len(lower) - len(upper))
    if (
        not any(upper)
        or not any(lower)
        or any(low and field_of(up) == "name" for up, low in zip(upper, lower, strict=True))
    ):
        return None
    joined, group, known = [], "", 0
    for up, low in zip(upper, lower, strict=True):
        group = _GROUP.sub("", normal(up)) or group
        label = up
        if low:
            # 「姓名」 under 「家长」 must never pass for the pupil's own name.
            label = group + low if field_of(group + low) or field_of(low) == "name" else low
            known += bool(field_of(label))
        joined.append(label)
    return joined if known > sum(bool(low) for low in lower) / 2 else None
