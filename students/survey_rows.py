"""The 摸底册 as villages send it: what each row says about one person, or why it can't be taken.

Every value is stored as it is written after the normalisation named with its reader (`students.roster.fields`). Two
more of this list's own: a month of birth without a day (出生年月) is kept as its first day, with a warning, because
school age turns on months; a row without 户编号 and 户主 belongs to the household of the row above (merged cells).
"""

import datetime
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from kongchuo import dates, idnumber
from students.codes import DisabilityKind, Education, ProofGrade, Schooling
from students.roster import fields
from students.roster.cells import Cell
from students.roster.columns import Words
from students.roster.fields import Refusal, Warn
from students.roster.tables import Table

WORDS = Words(
    {
        "number": "户编号 户号 家庭编号 户序号",
        "head": "户主 户主姓名",
        "village": "村组 村 村社区 行政村 村委会 社区 村名 村/社区 所在村组",
        "hamlet": "组 村民小组 小组 组别",
        "local": "户籍 是否本地户籍 户籍情况 本地户籍",
        "address": "住址 家庭住址 现住址 详细地址",
        "phone": "电话 联系电话 户主电话 手机 联系方式",
        "name": "成员姓名 姓名 家庭成员 家庭成员姓名",
        "relation": "与户主关系 关系 称谓",
        "sex": "性别",
        "ethnicity": "民族",
        "birth_date": "出生年月 出生日期 出生年月日 出生时间",
        "id_no": "身份证 身份证号 身份证号码 证件号码 公民身份号码",
        "education": "文化程度 学历 受教育程度",
        "schooling": "就学状况 就学情况 就读状况 就读情况 在学情况",
        "school_name": "就读学校 学校 学校名称 所在学校",
        "grade": "年级 就读年级 所在年级",
        "disability": "残疾 残疾类别 残疾类型 是否残疾",
        "whereabouts": "外出去向 去向 外出地点 务工地",
        "proof": "证明 就读证明 佐证 证明材料 佐证材料",
        "surveyed_by": "调查人 登记人 摸底人",
        "surveyed_on": "日期 调查日期 登记日期 摸底日期",
        "note": "备注 说明",
    },
    needs="name",
)
HOUSEHOLD = ("number", "head", "village", "hamlet", "is_local", "address", "phone")
LABELS = {
    "head": "户主", "village": "村(社区)", "hamlet": "组", "is_local": "户籍在本地", "address": "住址", "phone": "电话",
    "name": "姓名", "relation": "与户主关系", "sex": "性别", "ethnicity": "民族", "birth_date": "出生日期",
    "id_no": "身份证号", "education": "文化程度", "schooling": "就学状况", "school_name": "就读学校", "grade": "年级",
    "disability": "残疾", "whereabouts": "外出去向", "proof": "证明", "surveyed_by": "调查人",
    "surveyed_on": "调查日期", "note": "备注", "number": "户编号",
}  # fmt: skip
_VILLAGE = re.compile(r"(.*?(?:村委会|村|社区|居委会|嘎查))(.*)")


@dataclass
class SurveyRow:
    """One row of the file. Refused if there are refusals; `number` is the one that Excel shows."""

    sheet: str
    number: int
    name: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


def _table(choices: Mapping[str, str]) -> dict[str, str]:
    return {word: code for code, words in choices.items() for word in words.split()}


_SCHOOLINGS = _table(
    {
        Schooling.LOCAL_LOCAL: "本在本 本地就读",
        Schooling.LOCAL_OUT: "本在外 外地就读 在外就读",
        Schooling.OUT_LOCAL: "外在本",
        Schooling.HOME_TEACHING: "送教上门 送教",
        Schooling.SUSPENDED: "休学",
        Schooling.DEFERRED: "缓学 延缓入学",
        Schooling.NOT_YET: "未到入学年龄 未到龄 学龄前 幼儿园",
        Schooling.NEVER: "失学 未入学 失学(未入学)",
        Schooling.DROPPED: "辍学",
        Schooling.COMPLETED: "已完成义务教育 已完成 完成义务教育 初中毕业",
        Schooling.UNKNOWN: "未核实 不详",
    }
)
_EDUCATIONS = _table(
    {
        Education.NONE: "未上过学 文盲 无",
        Education.PRESCHOOL: "学前教育 学前 幼儿园",
        Education.PRIMARY: "小学 小学毕业",
        Education.JUNIOR: "初中 初中毕业 初级中学",
        Education.SENIOR: "高中(中专) 高中 中专 中职 职高 技校",
        Education.COLLEGE: "大专 专科 高职",
        Education.BACHELOR: "本科及以上 本科 大学 硕士 博士 研究生",
    }
)
_DISABILITIES = {label.removesuffix("残疾"): code for code, label in DisabilityKind.choices}
_PROOFS = (
    ("截图", ProofGrade.SCREENSHOT),
    ("电话", ProofGrade.CALL),
    ("回执", ProofGrade.RECEIPT),
    ("证明", ProofGrade.RECEIPT),
)
_LOCAL = {"本地": True, "是": True, "本村": True, "外地": False, "否": False, "外来": False, "外来户": False}


def _chosen(table: Mapping[str, Any], label: str) -> Callable[[Cell, Warn], Any]:
    """A reader of words that stand for codes; what it doesn't know it leaves out and says so."""

    def read(cell: Cell, warn: Warn) -> Any:
        word = fields.text_of(cell).replace("（", "(").replace("）", ")").replace(" ", "")
        if word and word not in table and word not in ("/", "-", "—"):
            warn(f"{label}「{word[:20]}」认不出，没有存")
        return table.get(word)

    return read


def _birth(cell: Cell, warn: Warn) -> datetime.date | None:
    written = fields.birth_date(cell, warn)
    if isinstance(written, tuple):
        warn("出生年月没有日，按1日存")
        return datetime.date(*written, 1)
    return written


def _surveyed_on(cell: Cell, warn: Warn) -> datetime.date | None:
    written = fields.birth_date(cell, warn)
    if isinstance(written, tuple):
        warn("调查日期没有日，没有存")
        return None
    if written and written > dates.today():
        raise Refusal("晚于今天")
    return written


def _disability(cell: Cell, warn: Warn) -> str:
    word = fields.code_of(cell)
    if word in ("", "否", "正常"):
        return ""
    for name, code in _DISABILITIES.items():
        if name in word:
            return code
    warn(f"残疾「{word[:20]}」没写是哪一类，没有存")
    return ""


def _proof(cell: Cell, warn: Warn) -> str:
    word = fields.text_of(cell)
    if word in ("", "无", "没有", "/", "-", "—", "否"):
        return ""
    grade = next((grade for part, grade in _PROOFS if part in word), "")
    if not grade:
        warn(f"证明「{word[:20]}」没写是回执、截图还是电话核实，没有存")
    return grade


READERS: dict[str, Callable[[Cell, Warn], Any]] = {
    "number": fields.limited_text(20),
    "head": fields.name,
    "village": fields.limited_text(80),
    "hamlet": fields.limited_text(40),
    "local": _chosen(_LOCAL, "户籍"),
    "address": fields.limited_text(120),
    "phone": fields.phone,
    "name": fields.name,
    "relation": fields.limited_text(20),
    "sex": fields.sex,
    "ethnicity": fields.ethnicity,
    "birth_date": _birth,
    "id_no": fields.id_number,
    "education": _chosen(_EDUCATIONS, "文化程度"),
    "schooling": _chosen(_SCHOOLINGS, "就学状况"),
    "school_name": fields.limited_text(80),
    "grade": fields.limited_text(20),
    "disability": _disability,
    "whereabouts": fields.limited_text(80),
    "proof": _proof,
    "surveyed_by": fields.limited_text(30),
    "surveyed_on": _surveyed_on,
    "note": fields.limited_text(200),
}


def read_rows(tables: Iterable[Table]) -> list[SurveyRow]:
    """Every row with anything in it, of every sheet that is a list."""
    rows: list[SurveyRow] = []
    for table in tables:
        above: dict[str, Any] = {}
        for raw in table.rows():
            row = _read(table.sheet.name, raw.number, raw.cells)
            if not row.values.get("number") and not row.values.get("head"):
                row.values = {**{key: above[key] for key in HOUSEHOLD if key in above}, **row.values}
            _judge(row)
            rows.append(row)
            above = row.values
    return rows


def _read(sheet: str, number: int, cells: Mapping[str, Cell]) -> SurveyRow:
    row = SurveyRow(sheet, number)
    for name, cell in cells.items():
        try:
            value = READERS[name](cell, row.warnings.append)
        except Refusal as refusal:
            row.refusals.append(f"{LABELS.get(name, name)}{refusal}")
            continue
        if value not in ("", None):
            row.values[name] = value
    row.name = row.values.get("name", "")
    if "local" in row.values:
        row.values["is_local"] = row.values.pop("local")
    if "hamlet" not in row.values and (match := _VILLAGE.fullmatch(row.values.get("village", ""))) and match[2]:
        row.values["village"], row.values["hamlet"] = match[1], match[2]
    return row


def _judge(row: SurveyRow) -> None:
    """What a row must have, and whether its number and its birth date say the same."""
    row.refusals += [f"没有{LABELS[key]}" for key in ("number", "head", "village", "name") if not row.values.get(key)]
    row.refusals += [f"{LABELS[key]}超过40个字" for key in ("village", "hamlet") if len(row.values.get(key, "")) > 40]
    number, born = row.values.get("id_no"), row.values.get("birth_date")
    if number:
        told = idnumber.birth_date(number)
        if born and told and (born.year, born.month) != (told.year, told.month):
            row.refusals.append("出生日期与身份证号不同，请对照户口簿改正其中一个")
        row.values["birth_date"] = told
        row.values.setdefault("sex", idnumber.sex(number))
        if row.values["sex"] != idnumber.sex(number):
            row.warnings.append("性别与身份证号不同，请核对")
    if row.values.get("birth_date") and row.values["birth_date"] > dates.today():
        row.refusals.append("出生日期晚于今天")
    if row.values.get("proof") and not (row.values.get("surveyed_by") and row.values.get("surveyed_on")):
        row.warnings.append("没有调查人和日期，证明没有存")
        del row.values["proof"]


# --- Rows between preview and confirmation ---------------------------------------------------------------------
def dump(rows: Iterable[SurveyRow]) -> str:
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False, default=lambda day: {"day": day.isoformat()})


def load(text: str) -> list[SurveyRow]:
    return [SurveyRow(**row) for row in json.loads(text, object_hook=_day)]


def _day(value: dict[str, Any]) -> Any:
    return datetime.date.fromisoformat(value["day"]) if set(value) == {"day"} else value
