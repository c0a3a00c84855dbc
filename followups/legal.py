"""外来文书 of the 四步法: which paper belongs to which step, what must go before it, which clock it starts.

All of them come from the township government, the bureau or a court (义务教育法58条、未成年人保护法83条). The clocks
are the law's own; what the paper itself says about a time limit goes before them.
"""

import datetime
from dataclasses import dataclass

from followups.codes import LegalStep
from schools import calendar
from schools.models import Unit
from schools.policy import DayUnit, Span


@dataclass(frozen=True)
class Clock:
    """A time limit that starts with the service of a paper."""

    words: str
    span: Span
    basis: str


@dataclass(frozen=True)
class Paper:
    """A kind of outside paper. Steps in `after` must stand recorded first; with `states_due` it names a day itself."""

    title: str
    step: LegalStep
    after: tuple[LegalStep, ...] = ()
    states_due: bool = False
    clocks: tuple[Clock, ...] = ()


_WORK, _DAYS, _MONTH = DayUnit.WORKDAY, DayUnit.NATURAL_DAY, DayUnit.MONTH

PAPERS: dict[str, Paper] = {
    "education": Paper("宣传教育(批评教育)记录", LegalStep.EDUCATION),
    "order": Paper("责令限期改正通知书", LegalStep.ORDER, (LegalStep.EDUCATION,), states_due=True),
    "notice": Paper(
        "行政处罚事先告知书", LegalStep.PENALTY, (LegalStep.ORDER,),
        clocks=(Clock("可要求听证", Span(5, _WORK), "行政处罚法64条、85条"),),
    ),
    "penalty": Paper(
        "行政处罚决定书", LegalStep.PENALTY, (LegalStep.ORDER,),
        clocks=(
            Clock("缴纳罚款", Span(15, _DAYS), "行政处罚法67条"),
            Clock("可申请行政复议", Span(60, _DAYS), "行政复议法20条"),
            Clock("可提起行政诉讼", Span(6, _MONTH), "行政诉讼法46条"),
        ),
    ),
    "reminder": Paper(
        "履行行政决定催告书", LegalStep.COURT, (LegalStep.PENALTY,),
        clocks=(Clock("催告期满，机关可申请强制执行", Span(10, _WORK), "行政强制法54条、69条"),),
    ),
    "execution": Paper("强制执行申请书", LegalStep.COURT, (LegalStep.PENALTY,)),
    # 官告民: the township may sue the guardian without having fined him.
    "suit": Paper("民事起诉状", LegalStep.COURT, (LegalStep.ORDER,)),
    "court": Paper("法院裁定书、调解书或判决书", LegalStep.COURT, (LegalStep.COURT,)),
}  # fmt: skip


def clocks_of(school: Unit | int, title: str, served_on: datetime.date) -> list[tuple[str, datetime.date]]:
    """The law's time limits that a served paper started: (「缴纳罚款(行政处罚法67条，15个自然日)」, last day)."""
    paper = next((paper for paper in PAPERS.values() if paper.title == title), None)
    return [
        (f"{clock.words}({clock.basis}，{clock.span})", calendar.due_on(school, served_on, clock.span))
        for clock in (paper.clocks if paper else ())
    ]
