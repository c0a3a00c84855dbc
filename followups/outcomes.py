"""How a case may end, and what proves it. 「不明去向」 is not among the ends: a child nobody can find stays a case."""

import datetime
from dataclasses import dataclass
from typing import Any

from attendance.codes import UNEXCUSED
from followups.codes import Outcome, Placement
from followups.dossier import Dossier
from followups.refusals import Missing
from schools import calendar
from schools.policy import DayUnit, Span

CLOSE_PAGE = "followups:case_close"


@dataclass(frozen=True)
class Closing:
    """What a decider says when a case ends.

    `paper` names the document (title and number) or, where the outcome stands on none, gives the reasons;
    `seen_by` is 「who checked it, and when」 where there is no scan. `alone`: the same person asked and decided.
    """

    outcome: Outcome
    paper: str = ""
    seen_by: str = ""
    scanned: bool = False
    returned_on: datetime.date | None = None
    placement: str = ""
    alone: bool = False

    @property
    def proof(self) -> str:
        """「接收学校学籍接收回执 教籍字12号；核验：赵教务 3月10日在国网核对」"""
        parts = (self.paper.strip(), f"核验：{self.seen_by.strip()}" if self.seen_by.strip() else "")
        return "；".join(part for part in parts if part)


@dataclass(frozen=True)
class Proof:
    """What an outcome stands on. `paper` is asked for by name; `found` says whether a finding must precede it."""

    paper: str
    found: bool | None = None


PROOFS: dict[Outcome, Proof] = {
    Outcome.RETURNED: Proof("到校记录", found=True),
    Outcome.TRANSFERRED: Proof("接收学校的学籍接收回执或就读证明"),
    Outcome.SUSPENDED: Proof("乡镇人民政府或县级教育局批准休学的文件"),  # 义务教育法11条2款
    Outcome.HOME_TEACHING: Proof("残疾人教育专家委员会评估意见或送教上门安置文件"),  # 残疾人教育条例17条
    Outcome.SPECIAL: Proof("特殊教育学校或专门学校的接收证明"),
    Outcome.VOCATIONAL: Proof("职业学校的就读证明或普职融合名单"),
    Outcome.DEFERRED: Proof("乡镇人民政府或县级教育局批准延缓入学的文件"),  # 义务教育法11条2款
    Outcome.ABROAD: Proof("出国(境)证明"),
    Outcome.DECEASED: Proof("死亡证明或户口注销证明"),
    Outcome.OVERAGE: Proof("户口簿等年龄证明和离校审批材料"),
    Outcome.NOT_CONFIRMED: Proof("写明理由", found=False),
}
"""The outcomes that a person may choose; the machine's own two are not among them."""


def possible(dossier: Dossier) -> list[Outcome]:
    """The outcomes that the case could have as it stands: some come before a finding only, some only after one."""
    found = bool(dossier.findings)
    return [outcome for outcome, proof in PROOFS.items() if proof.found is None or proof.found == found]


def lacking(dossier: Dossier, closing: Closing) -> list[Missing]:
    """What the chosen outcome still lacks."""
    outcome = Outcome(closing.outcome)
    if outcome not in PROOFS:
        return [_missing(dossier, f"「{outcome.label}」由系统自动写入，不能人工选择。")]
    proof = PROOFS[outcome]
    sentences = _order(dossier, outcome, proof)
    if outcome == Outcome.RETURNED:
        sentences += returned_lacks(dossier, closing)
    elif outcome == Outcome.NOT_CONFIRMED:
        sentences += [] if len(closing.paper.strip()) >= 4 else ["请写明不予认定的理由(至少4个字)。"]
    else:
        sentences += [] if closing.paper.strip() else [f"请写明证明材料的名称和文号({proof.paper})。"]
        if not (closing.scanned or closing.seen_by.strip()):
            sentences.append("请上传证明材料的扫描件，或写明谁在哪一天核验过原件。")
    return [_missing(dossier, sentence) for sentence in sentences]


def _order(dossier: Dossier, outcome: Outcome, proof: Proof) -> list[str]:
    """Some outcomes come before a finding only, some only after one."""
    found = bool(dossier.findings)
    if proof.found is False and found:
        return [f"已经认定，不能再按「{outcome.label}」销号。"]
    if proof.found and not found:
        return [f"还没有认定，不能按「{outcome.label}」销号；学生到校后系统会撤回预警，或按「不予认定」销号。"]
    return []


def returned_lacks(dossier: Dossier, closing: Closing) -> list[str]:
    """复学 is proved by school days of explicit 「到了」 or the office's verified marks, not by a word."""
    needed, proven = dossier.rules.count("return_days_to_close"), dossier.days_back
    sentences = []
    if len(proven) < needed:
        sentences.append(
            f"复学要有{needed}个到校日的到校记录(班主任点「到了」或教务核实)，"
            f"现在有{len(proven)}个，还差{needed - len(proven)}个。"
        )
    if closing.returned_on is None:
        sentences.append("请填写复学时间。")
    elif proven and closing.returned_on > proven[0]:
        sentences.append(f"复学时间不能晚于第一个到校记录({proven[0].month}月{proven[0].day}日)。")
    elif missed := [day for day, said in dossier.days if said in UNEXCUSED and day >= closing.returned_on]:
        sentences.append(f"{missed[-1].month}月{missed[-1].day}日还无故未到，复学时间应在这一天以后。")
    elif closing.returned_on < dossier.since:
        sentences.append("复学时间不能早于本次缺勤的第一天。")
    if closing.placement not in Placement.values:
        sentences.append("请选择安置方式。")
    return sentences


def written(dossier: Dossier, closing: Closing) -> dict[str, Any]:
    """Columns of the case that a closing sets, besides who closed it and when."""
    fields: dict[str, Any] = {"outcome": closing.outcome, "outcome_proof": closing.proof[:300]}
    if closing.outcome == Outcome.RETURNED:
        watch = Span(dossier.rules.count("watch_days"), DayUnit.SCHOOL_DAY)
        fields |= {
            "returned_on": closing.returned_on,
            "placement": closing.placement,
            "watch_until": calendar.due_on(dossier.case.school_id, dossier.as_of, watch),
            "outcome_proof": closing.proof[:300] or f"到校记录{len(dossier.days_back)}个到校日",
        }
    return fields


def _missing(dossier: Dossier, sentence: str) -> Missing:
    return Missing(sentence, CLOSE_PAGE, dossier.case.pk)
