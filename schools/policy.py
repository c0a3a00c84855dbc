"""The rules of a school (参数): every threshold, deadline and count, with the basis it stands on.

Nothing here is law: the law names the duty (登记、劝返、书面报告, 未成年人保护法 28), provinces, counties and schools
name the days. So each value is a dated row with its basis, and the code knows only what kind of value it is.
"""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models, transaction

from kongchuo.prepared import Prepared
from schools import audit
from schools.codes import Role, Verb
from schools.models import Policy, Unit, User

KEEPERS_OF_RULES = (Role.PRINCIPAL, Role.DELEGATE, Role.ADMIN)


class DayUnit(models.TextChoices):
    """What a number of days counts. 天 is "days" as some rules write it: days of school missed."""

    SCHOOL_DAY = "到校日"
    DAY = "天"
    NATURAL_DAY = "自然日"
    WORKDAY = "工作日"
    MONTH = "月"


class PolicyRefusal(ValueError):
    """A rule can't be set like this; the text says why."""


@dataclass(frozen=True)
class Threshold:
    """「≥3到校日」, 「>7自然日」: operator and unit as the rule writes them."""

    operator: str
    count: int
    unit: DayUnit

    def reached(self, days: int) -> bool:
        return days >= self.count if self.operator == "≥" else days > self.count

    @property
    def least(self) -> int:
        """The smallest number of days that reaches it."""
        return self.count if self.operator == "≥" else self.count + 1

    @property
    def in_school_days(self) -> bool:
        return self.unit in (DayUnit.SCHOOL_DAY, DayUnit.DAY)

    def __str__(self) -> str:
        return f"{self.operator}{self.count}{self.unit.value}"


@dataclass(frozen=True)
class Span:
    """「1工作日」, 「30自然日」, 「1月」: how long something may take."""

    count: int
    unit: DayUnit

    def __str__(self) -> str:
        return f"{self.count}{'个' if self.unit != DayUnit.DAY else ''}{self.unit.value}"


Value = Threshold | Span | datetime.time | int | Decimal | str

_THRESHOLD = re.compile(r"^(≥|>)(\d{1,3})(到校日|天|自然日)$")
_SPAN = re.compile(r"^(\d{1,3})个?(到校日|天|自然日|工作日|月)$")
_PERCENT = re.compile(r"^(\d{1,3}(?:\.\d{1,2})?)[%％]?$")


class Kind(models.TextChoices):
    THRESHOLD = "threshold", "如 ≥3到校日、>5天、>7自然日"
    SPAN = "span", "如 1工作日、30自然日、1月、3到校日"
    TIME = "time", "如 09:00"
    COUNT = "count", "整数"
    PERCENT = "percent", "百分数，如 0.6%"
    CHOICE = "choice", "照写其中一种"

    def parse(self, text: str) -> Value:
        """The value that a text stands for. PolicyRefusal with a sentence for the person who typed it."""
        text = text.strip().replace(" ", "").replace(">=", "≥").replace("＞", ">").replace("：", ":")
        try:
            if self == Kind.THRESHOLD and (match := _THRESHOLD.match(text)) and int(match[2]):
                return Threshold(match[1], int(match[2]), DayUnit(match[3]))
            if self == Kind.SPAN and (match := _SPAN.match(text)):
                return Span(int(match[1]), DayUnit(match[2]))
            if self == Kind.TIME:
                return datetime.datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day only
            if self == Kind.COUNT and text.isdigit() and int(text) <= 999:
                return int(text)
            if self == Kind.PERCENT and (match := _PERCENT.match(text)) and Decimal(match[1]) <= 100:
                return Decimal(match[1])
        except ValueError:
            pass
        raise PolicyRefusal(f"看不懂「{text}」，请按这样的写法填：{self.label}")


@dataclass(frozen=True)
class Definition:
    """What a rule is called, what kind of value it takes, and its default with the basis."""

    label: str
    kind: Kind
    default: str
    basis: str = "系统默认"
    group: str = "日报"
    choices: tuple[str, ...] = ()

    @property
    def hint(self) -> str:
        """How a value is written, for the person who changes it."""
        return f"{self.kind.label}：{'、'.join(self.choices)}" if self.choices else self.kind.label

    def parse(self, text: str) -> Value:
        """The value that a text stands for. PolicyRefusal with a sentence for the person who typed it."""
        if self.kind != Kind.CHOICE:
            return self.kind.parse(text)
        if (chosen := text.strip()) in self.choices:
            return chosen
        raise PolicyRefusal(f"没有「{chosen}」这一种，请照写其中一种：{'、'.join(self.choices)}")


DEFINITIONS: dict[str, Definition] = {
    "daily_report_deadline": Definition("班级日报截止", Kind.TIME, "09:00"),
    "remind_at": Definition("催报时间", Kind.TIME, "09:30"),
    "school_lock_time": Definition("学校日汇总定稿", Kind.TIME, "10:00"),
    "explain_until": Definition("原因待核说明期限", Kind.TIME, "12:00"),
    "odd_absence_percent": Definition("缺勤超过班级百分之几时再问一次", Kind.COUNT, "20"),
    "correct_with_reason_days": Definition("班主任可补报、可说明原因更正的到校日数", Kind.COUNT, "3"),
    "leave_head_days": Definition("班主任可准几个到校日以内的假", Kind.COUNT, "1", "学校请假制度", "请假"),
    "leave_office_days": Definition("教务可准几个到校日以内的假(再长由校长)", Kind.COUNT, "3", "学校请假制度", "请假"),
    "frequent_leave_span": Definition("常请假：看最近几个到校日", Kind.COUNT, "20", "对常请假的学生跟踪调查", "请假"),
    "frequent_leave_days": Definition("常请假：其间请假满几个到校日", Kind.COUNT, "5", "系统默认", "请假"),
    "frequent_leave_weeks": Definition("或最近几周", Kind.COUNT, "2", "系统默认", "请假"),
    "frequent_leave_times": Definition("其间请假满几次", Kind.COUNT, "3", "系统默认", "请假"),
    "suspected_after": Definition(
        "连续无故未到达到即列入疑似辍学", Kind.THRESHOLD, "≥3到校日", "云南平台口径：3天以上无正当理由未到校", "认定"
    ),
    "identify_within": Definition("列入后校长认定期限", Kind.SPAN, "1工作日", "上报不过夜", "认定"),
    "dropout_after": Definition(
        "认定疑似后多久未复学，可认定辍学", Kind.SPAN, "30自然日", "常见口径：疑似超过1个月", "认定"
    ),
    "bureau_report_within": Definition(
        "认定疑似后书面报告期限", Kind.SPAN, "1工作日", "未成年人保护法28条「及时」", "报告"
    ),
    "visit_within": Definition("报告后完成走访期限", Kind.SPAN, "3到校日", "学校控辍制度", "走访"),
    "visits_met": Definition("转依法强制前，见到监护人的家访次数", Kind.COUNT, "1", "学校控辍制度", "走访"),
    "visits_nobody": Definition("或无人在家的家访次数", Kind.COUNT, "2", "学校控辍制度", "走访"),
    "relapse_visits": Definition("有反复的学生，家访次数", Kind.COUNT, "3", "对有反复的学生家访3次以上", "走访"),
    "enforce_within": Definition("进入依法强制后跟进期限", Kind.SPAN, "30自然日", "学校控辍制度", "依法强制"),
    "notice_return_days": Definition("劝学通知书限期(自然日)", Kind.COUNT, "7", "劝学通知书样本：接到7日内", "走访"),
    "return_days_to_close": Definition("复学满几个到校日可销号", Kind.COUNT, "5", "学校控辍制度", "销号"),
    "watch_days": Definition("销号后跟踪几个到校日", Kind.COUNT, "30", "建议跟踪30天", "销号"),
    "import_guard_percent": Definition(
        "导入名册改动超过在册学生百分之几时，要填改动人数才能确认", Kind.COUNT, "5", group="导入"
    ),
    "screening_within": Definition(
        "开学多久内摸清学困生、特困生", Kind.SPAN, "30自然日", "班级工作要求：开学一个月内摸清", "学籍"
    ),
    "school_age_from": Definition("适龄：学年开始前(8月31日)满几周岁起", Kind.COUNT, "6", "义务教育法11条", "摸底册"),
    "primary_age_until": Definition("小学适龄：到几周岁为止", Kind.COUNT, "11", "普九口径6—11周岁(或7—12)", "摸底册"),
    "junior_age_until": Definition("初中适龄：到几周岁为止", Kind.COUNT, "14", "普九口径12—14周岁(或13—15)", "摸底册"),
    "school_age_until": Definition("适龄：到几周岁为止", Kind.COUNT, "15", "普九口径，未满16周岁", "摸底册"),
    "deferral_notice_days": Definition("缓学期满前几天提醒(自然日)", Kind.COUNT, "30", "学校学籍制度", "摸底册"),
    "roll_audit_per_term": Definition(
        "每学期至少几次学籍清查(人籍核对)", Kind.COUNT, "1", "教基〔2025〕1号25条：学校至少每学期核准一次", "学籍"
    ),
    "rate_formula_dropout": Definition("辍学率主口径", Kind.CHOICE, "A", "学年辍学率", "三率", ("A", "B", "C", "D")),
    "rate_formula_retention": Definition("巩固率主口径", Kind.CHOICE, "A", "届巩固率", "三率", ("A", "B", "C")),
    "target_primary_dropout": Definition("小学辍学率控制目标", Kind.PERCENT, "0.6%", "小学0.6%", "三率"),
    "target_junior_dropout": Definition("初中辍学率控制目标", Kind.PERCENT, "1.8%", "初中1.8%", "三率"),
    "target_retention": Definition("巩固率目标", Kind.PERCENT, "99%", "巩固率99%以上", "三率"),
    "transfer_step_within": Definition("转学每个环节的期限", Kind.SPAN, "10工作日", "教基〔2025〕1号15条", "学籍异动"),
    "transfer_central_approval": Definition(
        "转学先经中心校审批备案", Kind.CHOICE, "不用", group="学籍异动", choices=("不用", "要")
    ),
    "death_report_within": Definition(
        "死亡报主管部门注销学籍的期限", Kind.SPAN, "10工作日", "教基一〔2013〕7号", "学籍异动"
    ),
    "suspension_remind_days": Definition("休学期满前几天提醒(自然日)", Kind.COUNT, "30", group="学籍异动"),
    "suspension_overdue_days": Definition(
        "休学期满后几天未复学、未续办即按辍学核查(自然日)", Kind.COUNT, "14", "常见口径：期满2周", "学籍异动"
    ),
    "cluster_of_leavers": Definition("同班几名学生集中离校或休学即预警", Kind.COUNT, "3", group="学籍异动"),
    "cluster_within": Definition("集中离校看最近几天(自然日)", Kind.COUNT, "30", group="学籍异动"),
    "register_until": Definition("开学报到截止：行课第几周的周五", Kind.COUNT, "1", "开学第一周周五", "开学"),
    "entry_notice_days": Definition(
        "入学通知书在报到前几天发出(自然日)", Kind.COUNT, "15", "学校制度样本：新学年开始前十五天", "开学"
    ),
}

PRESETS: dict[str, dict[str, tuple[str, str]]] = {
    "云南平台口径": {"suspected_after": ("≥3到校日", "云南平台口径：3天以上无正当理由未到校学生")},
    "广东口径": {"suspected_after": (">5天", "粤教基〔2009〕3号：未请假超过5天")},
    "超过一周口径": {
        "suspected_after": (">7自然日", "疑似辍学：无正当原因未到校超过1个星期"),
        "dropout_after": ("1月", "辍学：疑似超过1个月仍未复学"),
    },
    "连续四周视为辍学": {"dropout_after": ("28自然日", "无故旷课连续4周且多次联系无果，视为辍学")},
}
"""Regional variants, operator and unit as the source writes them: name to {key: (value, basis)}."""


@dataclass(frozen=True)
class Rules:
    """The rules in force in one school on one day."""

    texts: dict[str, str]
    bases: dict[str, str] = field(default_factory=dict)

    def value(self, key: str) -> Value:
        return DEFINITIONS[key].parse(self.texts[key])

    def threshold(self, key: str) -> Threshold:
        value = self.value(key)
        assert isinstance(value, Threshold)
        return value

    def span(self, key: str) -> Span:
        value = self.value(key)
        assert isinstance(value, Span)
        return value

    def time(self, key: str) -> datetime.time:
        value = self.value(key)
        assert isinstance(value, datetime.time)
        return value

    def count(self, key: str) -> int:
        value = self.value(key)
        assert isinstance(value, int)
        return value

    def percent(self, key: str) -> Decimal:
        value = self.value(key)
        assert isinstance(value, Decimal)
        return value

    def choice(self, key: str) -> str:
        value = self.value(key)
        assert isinstance(value, str)
        return value

    def basis(self, key: str) -> str:
        return self.bases[key]


_rows_up_to = Prepared(
    lambda school, day: (
        Policy.objects.filter(school=school, effective_from__lte=day)
        .order_by("effective_from", "pk")
        .values_list("key", "value", "basis")
    )
)


def rules_on(school: Unit | int, day: datetime.date) -> Rules:
    """The rules in force on a day: the newest row not later than it, else the default. One query."""
    texts = {key: definition.default for key, definition in DEFINITIONS.items()}
    bases = {key: definition.basis for key, definition in DEFINITIONS.items()}
    for key, value, basis in _rows_up_to(school.pk if isinstance(school, Unit) else school, day):
        if key in DEFINITIONS:
            texts[key], bases[key] = value, basis
    return Rules(texts, bases)


def written(key: str, text: str) -> str:
    """A rule's value in its one spelling: 1月 is 「1个月」, >= is 「≥」. PolicyRefusal in words."""
    value = DEFINITIONS[key].parse(text)
    if isinstance(value, Decimal):
        return f"{value}%"
    return f"{value:%H:%M}" if isinstance(value, datetime.time) else str(value)


def set_rule(*, actor: User, school: Unit, key: str, value: str, basis: str, from_day: datetime.date) -> Policy:
    """Let a rule hold from a day on. PolicyRefusal in words when the value can't be read or may not be set."""
    text = written(key, value)
    if not basis.strip():
        raise PolicyRefusal("请写明依据，例如文件名称和文号，或「学校控辍制度」。")
    with transaction.atomic():
        if not actor.has(*KEEPERS_OF_RULES, school=school):
            raise PolicyRefusal("您现在的岗位不能改动本校的参数。")
        before = rules_on(school, from_day).texts[key]
        row = Policy.objects.create(
            school=school, key=key, value=text, basis=basis, effective_from=from_day, set_by=actor
        )
        audit.record(
            Verb.POLICY,
            unit=school,
            actor=actor,
            about=row,
            reason=basis,
            key=key,
            before=before,
            after=text,
            effective_from=from_day,
        )
    return row


def apply_preset(*, actor: User, school: Unit, name: str, from_day: datetime.date) -> list[Policy]:
    """Take over the rules of a regional preset that differ, from a day on. KeyError for an unknown preset."""
    with transaction.atomic():
        return [
            set_rule(
                actor=actor, school=school, key=change.key, value=change.after, basis=change.basis, from_day=from_day
            )
            for change in preset_changes(rules_on(school, from_day), name)
        ]


@dataclass(frozen=True)
class Change:
    """What a preset would do to one rule."""

    key: str
    before: str
    after: str
    basis: str

    @property
    def label(self) -> str:
        return DEFINITIONS[self.key].label


def preset_changes(rules: Rules, name: str) -> list[Change]:
    """The rules that a preset would change; empty when it holds already."""
    return [
        Change(key, written(key, rules.texts[key]), written(key, value), basis)
        for key, (value, basis) in PRESETS[name].items()
        if rules.value(key) != DEFINITIONS[key].parse(value) or rules.basis(key) != basis
    ]


def groups() -> Iterable[tuple[str, list[str]]]:
    """Rule keys by the group they are shown in."""
    names = dict.fromkeys(definition.group for definition in DEFINITIONS.values())
    return [(name, [key for key, d in DEFINITIONS.items() if d.group == name]) for name in names]


def line(rules: Rules, key: str) -> dict[str, Any]:
    """A rule as a page shows it: what it is called, its value as written, and what it stands on."""
    definition = DEFINITIONS[key]
    return {
        "key": key,
        "label": definition.label,
        "value": written(key, rules.texts[key]),
        "basis": rules.basis(key),
    }


def labelled(row: Policy) -> dict[str, Any]:
    """A change of a rule as a page shows it. A rule that is no longer defined keeps its key for a name."""
    definition = DEFINITIONS.get(row.key)
    return {"label": definition.label if definition else row.key, "row": row}
