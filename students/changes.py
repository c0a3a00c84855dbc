"""学籍异动 for people: what the page of each kind asks, which papers its checklist has, whose turn it is when.

What a kind does to the roll stands in `students.roll.RULES`. There is no 退学 and no 开除 (义务教育法 27条,
未成年人保护法 28条); 其他离校 stands in older records only, no page offers it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from schools.models import User
from schools.policy import Rules
from students.codes import Change, ChangeReason, EnrollmentStatus, Party
from students.models import Student
from students.roll import OUT, RULES, in_order

R = ChangeReason
_MOVES = (R.MOVED, R.PARENTS_WORK, R.HOUSE, R.SPECIAL_NEEDS, R.OTHER)
ILLNESSES = frozenset({R.ILLNESS, R.MENTAL_ILLNESS, R.INFECTION, R.ACCIDENT})
WILLING = "本人自愿申请，与学习成绩无关"
"""What a family declares when a child leaves or suspends: 坚决制止以转学、休学等方式让学习差的学生离开学校."""


@dataclass(frozen=True)
class PaperAsked:
    """One paper of a checklist. The procedure can't be finished while a needed one is missing.

    `graded`: any of the three grades of proof will do (回执、截图、电话核实), the last only by the principal.
    `at_once`: without it the change can't even be recorded. `reasons`: asked for these 异动原因 only.
    """

    code: str
    title: str
    needed: bool = True
    graded: bool = False
    at_once: bool = False
    reasons: frozenset[str] = frozenset()
    signed_by: str = ""


@dataclass(frozen=True)
class Kind:
    """What the office is asked when it records a kind of 异动.

    `asks` are columns of RollChange in the order of the page, `must` those that can't stay empty, `labels` what
    they are called here instead of their own names. `at_once`: finished when recorded. `parties`: whose turn it
    is, one after the other, each within `step_rule` (a key of schools.policy); `steps_bind`: without all of them it
    can't be finished.
    """

    change: Change
    asks: tuple[str, ...]
    must: frozenset[str] = frozenset()
    labels: dict[str, str] = field(default_factory=dict)
    reasons: tuple[ChangeReason, ...] = ()
    papers: tuple[PaperAsked, ...] = ()
    parties: tuple[Party, ...] = ()
    note: str = ""
    willing: bool = False
    at_once: bool = False
    newcomer: bool = False
    steps_bind: bool = False
    step_rule: str = "transfer_step_within"

    @property
    def label(self) -> str:
        return self.change.label

    def paper(self, code: str) -> PaperAsked | None:
        return next((paper for paper in self.papers if paper.code == code), None)

    def papers_for(self, reason: str = "") -> list[PaperAsked]:
        """The checklist, as far as it depends on the reason."""
        return [paper for paper in self.papers if not paper.reasons or reason in paper.reasons]


TRANSFER_PARTIES = (Party.RECEIVING_SCHOOL, Party.RECEIVING_BUREAU, Party.SENDING_SCHOOL, Party.SENDING_BUREAU)
"""教基〔2025〕1号 15条: begun by the receiving school; each school and bureau has 10 working days."""
_ELSEWHERE = ("other_school", "other_school_code", "other_place")
_TRANSFER_NOTE = "转学由转入学校在学籍系统里发起，双方学校和学籍主管部门各在10个工作日内核办（教基〔2025〕1号15条）。"
_NO_RETAIN = "原则上不能留级；因特殊情况确实需要的，报教育局有关领导审签，未经审签视为无效。"


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    return {kind.change.value: kind for kind in kinds}


KINDS: dict[str, Kind] = _kinds(
    Kind(
        Change.TRANSFER_IN,
        asks=("on", "classroom", "seat_no", "applied_on", "reason", *_ELSEWHERE, "note"),
        must=frozenset({"classroom", "reason", "other_school"}),
        labels={"on": "到校就读日期", "other_school": "转出学校", "other_place": "转出地(省市县)"},
        reasons=_MOVES,
        papers=(
            PaperAsked("application", "转学申请表", signed_by="监护人"),
            PaperAsked("residence", "户籍或居住证明"),
            PaperAsked("roll_proof", "原校学籍证明"),
        ),
        parties=TRANSFER_PARTIES,
        note=_TRANSFER_NOTE + "孩子到校当天就进班上课，手续随后补；材料不齐不能办结。",
        steps_bind=True,
        newcomer=True,
    ),
    Kind(
        Change.TRANSFER_OUT,
        asks=("on", "applied_on", "reason", *_ELSEWHERE, "note"),
        must=frozenset({"applied_on", "reason", "other_school"}),
        labels={"on": "离校日期", "other_school": "转入学校", "other_place": "转入地(省市县)"},
        reasons=_MOVES,
        papers=(
            PaperAsked("application", "转学申请(自愿且与成绩无关)", signed_by="监护人"),
            PaperAsked("receipt", "接收学校回执或就读证明", graded=True),
        ),
        parties=TRANSFER_PARTIES,
        note=_TRANSFER_NOTE + "没有接收回执，学生仍是本校的「转出待接续」，到期没有接续按疑似辍学核查。",
        willing=True,
    ),
    Kind(
        Change.SUSPENSION,
        asks=("on", "until", "applied_on", "reason", "document_no", "note"),
        must=frozenset({"until", "applied_on", "reason"}),
        labels={"on": "休学开始日期", "until": "休学期满日期", "document_no": "主管部门核办文号"},
        reasons=(R.ILLNESS, R.MENTAL_ILLNESS, R.INFECTION, R.ACCIDENT, R.LEFT_COUNTRY, R.DETENTION, R.OTHER),
        papers=(
            PaperAsked("application", "休学书面申请(写明自愿、与成绩无关)", signed_by="监护人"),
            PaperAsked("diagnosis", "县级以上医院诊断证明(建议休学)", reasons=ILLNESSES),
            PaperAsked("ground", "休学事由证明", reasons=frozenset({R.LEFT_COUNTRY, R.DETENTION, R.OTHER})),
            PaperAsked("approval", "学籍主管部门核办结果"),
        ),
        note="休学因身体状况等需要，由监护人申请、学校审核、主管部门核办，学校保留学籍。"
        "现行义务教育法第11条只规定延缓入学、休学，没有「免学」。",
        willing=True,
    ),
    Kind(
        Change.RESUMPTION,
        asks=("on", "classroom", "seat_no", "note"),
        labels={"on": "到校复学日期", "classroom": "复学班级(不填仍在原班)"},
        papers=(PaperAsked("recovery", "康复证明(因病休学)", needed=False),),
        note="从到校这一天起，点名又算应到。休学期满不来的，不能办复学，按辍学核查。",
        at_once=True,
    ),
    Kind(
        Change.CLASS,
        asks=("on", "classroom", "seat_no", "reason", "note"),
        must=frozenset({"classroom"}),
        labels={"classroom": "调入班级(同年级)"},
        reasons=(R.CLASS_PLAN, R.SPECIAL_NEEDS, R.OTHER),
        note="只调同年级的班。不分重点班，不按成绩编班（义务教育法22条）。",
        at_once=True,
    ),
    Kind(
        Change.BOARD_OUT,
        asks=("on", "until", "applied_on", "reason", *_ELSEWHERE, "note"),
        must=frozenset({"reason", "other_school"}),
        labels={
            "on": "离校日期",
            "until": "预计返校日期",
            "other_school": "就读学校",
            "other_place": "就读地(省市县)",
        },
        reasons=_MOVES,
        papers=(
            PaperAsked("application", "寄读申请", signed_by="监护人"),
            PaperAsked("proof", "在外就读证明", graded=True),
        ),
        note="学籍在本校，人在外校上课（籍在人不在）。没有就读证明不能办结。",
        willing=True,
    ),
    Kind(
        Change.GUEST_IN,
        asks=("on", "classroom", "seat_no", "until", "applied_on", *_ELSEWHERE, "note"),
        must=frozenset({"classroom", "other_school"}),
        labels={
            "on": "到校就读日期",
            "until": "预计结束日期",
            "other_school": "学籍所在学校",
            "other_place": "学籍所在地(省市县)",
        },
        papers=(
            PaperAsked("application", "借读申请", signed_by="监护人"),
            PaperAsked("roll_proof", "学籍所在学校的学籍证明"),
        ),
        note="人在本校上课，学籍在外校（人在籍不在）：每天点名，不计入本校学籍人数。",
        newcomer=True,
    ),
    Kind(
        Change.GUEST_OUT,
        asks=("on", "other_school", "note"),
        labels={"on": "离校日期", "other_school": "去向学校"},
        at_once=True,
    ),
    Kind(
        Change.SKIP,
        asks=("on", "classroom", "seat_no", "applied_on", "reason", "document_no", "note"),
        must=frozenset({"classroom"}),
        labels={"classroom": "跳入班级", "document_no": "主管部门核办文号"},
        reasons=(R.EXCELLENT, R.OTHER),
        papers=(
            PaperAsked("application", "跳级申请", signed_by="监护人"),
            PaperAsked("approval", "学籍主管部门核办结果"),
        ),
    ),
    Kind(
        Change.RETAIN,
        asks=("on", "classroom", "seat_no", "applied_on", "reason", "document_no", "note"),
        must=frozenset({"classroom", "reason", "document_no"}),
        labels={"classroom": "留入班级", "document_no": "教育局审签文号"},
        reasons=(R.ILLNESS, R.SPECIAL_NEEDS, R.OTHER),
        papers=(
            PaperAsked("approval", "教育局审签件", at_once=True),
            PaperAsked("application", "留级申请", signed_by="监护人"),
        ),
        note=_NO_RETAIN,
    ),
    Kind(
        Change.HOME_TEACHING,
        asks=("on", "applied_on", "reason", "document_no", "note"),
        labels={"on": "送教开始日期", "document_no": "安置文号"},
        reasons=(R.SPECIAL_NEEDS, R.ILLNESS, R.ACCIDENT, R.OTHER),
        papers=(PaperAsked("assessment", "残疾人教育专家委员会评估意见或送教上门安置文件"),),
        note="重度残疾不能到校的，纳入学籍，送教上门，算在学（残疾人教育条例17条）。",
    ),
    Kind(
        Change.SPECIAL_SCHOOL,
        asks=("on", "until", "other_school", "other_place", "document_no", "note"),
        must=frozenset({"other_school"}),
        labels={
            "on": "入校日期",
            "until": "预计返校日期",
            "other_school": "专门学校",
            "document_no": "决定或证明文号",
        },
        papers=(PaperAsked("acceptance", "专门学校的接收证明"),),
        note="到专门学校就读的，学籍保留在原学校（预防未成年人犯罪法）。",
    ),
    Kind(
        Change.ABROAD,
        asks=("on", "applied_on", "other_place", "other_school", "document_no", "note"),
        must=frozenset({"other_place"}),
        labels={"on": "离校日期", "other_place": "前往国家或地区", "other_school": "就读学校"},
        papers=(
            PaperAsked("application", "出国(境)申请", signed_by="监护人"),
            PaperAsked("exit_proof", "出国(境)证明"),
        ),
    ),
    Kind(
        Change.BACK_FROM_ABROAD,
        asks=("on", "classroom", "seat_no", "applied_on", "other_place", "note"),
        must=frozenset({"classroom"}),
        labels={"on": "到校就读日期", "other_place": "回自国家或地区"},
        papers=(PaperAsked("application", "回国复学申请", signed_by="监护人"),),
    ),
    Kind(
        Change.MISSING,
        asks=("on", "note"),
        must=frozenset({"note"}),
        labels={"on": "失去联系日期", "note": "经过(何时何地、何时报案)"},
        papers=(PaperAsked("police", "公安机关证明(报案回执)"),),
        note="失踪的学生仍是本校的学生，学籍保留，个案不因此销号。先报警，再登记。",
    ),
    Kind(
        Change.DEATH,
        asks=("on", "reason", "document_no", "note"),
        must=frozenset({"reason"}),
        labels={"on": "死亡日期", "document_no": "证明文号"},
        reasons=(R.DIED_OF_ILLNESS, R.DIED_OTHERWISE),
        papers=(PaperAsked("death", "死亡证明"),),
        parties=(Party.BUREAU,),
        note="凭死亡证明报学籍主管部门注销学籍。",
        steps_bind=True,
        step_rule="death_report_within",
    ),
    Kind(
        Change.GRADUATION,
        asks=("on", "document_no", "note"),
        labels={"on": "离校日期", "document_no": "证书编号"},
        note="一名学生单独办毕业才用这里；整个毕业班在「新学年升级」里一次办。",
        at_once=True,
    ),
)  # fmt: skip
"""The kinds that have a page, in the order of the chooser."""

# Filled by upper apps at start-up: what they know of a pupil that the form of a kind may begin with.
prefills: list[Callable[[Student, User, Kind], dict[str, Any]]] = []

NEWCOMER_KINDS = tuple(kind for kind in KINDS.values() if kind.newcomer)
"""Kinds that may bring a child whom the school does not know yet."""


def wants_central(rules: Rules) -> bool:
    """Whether a transfer goes to the 中心校 first in this school (转学必须经中心学校审批备案, a local rule)."""
    return rules.choice("transfer_central_approval") == "要"


def name_of(kind: Kind, standing: str = "") -> str:
    """The kind as its page calls it: 休学 of a suspended pupil is 续休."""
    again = kind.change == Change.SUSPENSION and standing == EnrollmentStatus.SUSPENDED
    return "续休" if again else kind.label


def offered(standing: str, led_by: str = "") -> list[Kind]:
    """The kinds that the rules allow a pupil who stands so on the roll (OUT: not on it), led there by `led_by`."""
    return [kind for kind in KINDS.values() if _allows(kind, standing, led_by)]


def _allows(kind: Kind, standing: str, led_by: str) -> bool:
    rule = RULES[kind.change]
    return standing in rule.before and (not rule.only_after or led_by in rule.only_after)


def standing_of(student: Student) -> tuple[str, str]:
    """How a pupil stands on the roll at last (OUT: not on it), and the kind of 异动 that led there. Two queries."""
    standing = in_order(student.changes.all())
    stretch = student.enrollments.open().first()
    return (stretch.status if stretch else OUT, standing[-1].kind if standing else "")
