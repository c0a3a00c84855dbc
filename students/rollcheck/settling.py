"""Settling differences: by a person, with a reason, and with a paper where the settlement calls for one."""

import datetime
import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import User
from students import papers
from students.codes import Change, DifferenceKind, RollList, Settlement
from students.groups import open_tag
from students.models import Difference, Paper, RollCheck, Tag
from students.roll import RollRefusal, covers
from students.rollcheck import words
from students.rollcheck.checks import CheckMovedOn, group_of
from students.rollcheck.listing import Listed
from students.rollcheck.rollbook import pupil_of

K, W = DifferenceKind, Settlement
OFFERED: dict[str, tuple[Settlement, ...]] = {
    K.ROLL_WITHOUT_CHILD: (W.CHANGE_DONE, W.ELSEWHERE, W.CASE, W.LIST_WRONG, W.NOT_OURS, W.SAME, W.OTHER),
    K.CHILD_WITHOUT_ROLL: (W.CHANGE_DONE, W.LIST_WRONG, W.CASE, W.SAME, W.OTHER),
    K.CLASS: (W.CHANGE_DONE, W.LIST_WRONG, W.SAME, W.OTHER),
    K.FACTS: (W.ROLL_WRONG, W.LIST_WRONG, W.CHANGE_DONE, W.SAME, W.OTHER),
    K.DOUBLE: (W.SAME, W.LIST_WRONG, W.ROLL_WRONG, W.CHANGE_DONE, W.OTHER),
    K.NOT_MARKED: (W.ROLL_WRONG, W.LIST_WRONG, W.SAME, W.OTHER),
    K.MARKED_ONLY: (W.ROLL_WRONG, W.LIST_WRONG, W.SAME, W.OTHER),
}
"""How each kind may be settled, the usual ways first."""
NEEDS_PAPER: dict[str, frozenset[str]] = {
    K.ROLL_WITHOUT_CHILD: frozenset({W.ELSEWHERE, W.LIST_WRONG, W.SAME, W.OTHER}),
    K.CHILD_WITHOUT_ROLL: frozenset({W.SAME, W.OTHER}),
    K.FACTS: frozenset({W.ROLL_WRONG, W.LIST_WRONG}),
    K.DOUBLE: frozenset({W.ROLL_WRONG, W.LIST_WRONG}),
}
"""Where a word is not enough: a child who is not seen here, and a number that one side has wrong."""
PAPERS = (
    ("hukou", "户口簿"),
    ("enrolled", "接收回执或就读证明"),
    ("screenshot", "学籍系统截图"),
    ("village", "村（社区）证明"),
    ("police", "派出所证明"),
    ("other", "其他材料"),
)
"""What proves it (就读证明、学籍系统截图, and what community and police certify)."""


@dataclass(frozen=True)
class Proof:
    """A paper as it is handed in: a scan, or who saw the original and when."""

    code: str = ""
    upload: UploadedFile | None = None
    seen_by: str = ""
    seen_on: datetime.date | None = None
    number: str = ""

    @property
    def given(self) -> bool:
        return bool(self.code and (self.upload or (self.seen_by.strip() and self.seen_on)))


NO_PROOF = Proof()


def offered(difference: Difference) -> tuple[Settlement, ...]:
    """How a difference may be settled; 「不在本校施教区」 only where the list names children of the area."""
    national = difference.check_of.source == RollList.NATIONAL
    return tuple(way for way in OFFERED[difference.kind] if not (national and way == W.NOT_OURS))


def settle(
    *, actor: User, differences: Sequence[Difference], settlement: str, reason: str, proof: Proof = NO_PROOF
) -> None:
    """Settle differences of one check, all of them or none, each with the reason and its paper.

    Raises RollRefusal with one sentence, CheckMovedOn where somebody was faster.
    """
    if not differences:
        raise RollRefusal("请先勾选要处理的行。")
    check = _open_check(actor, differences)
    if len(reason.strip()) < 4:
        raise RollRefusal("请写明处理说明，至少4个字。")
    if proof.upload and len(differences) > 1:
        raise RollRefusal("扫描件要一条一条传；几条一起处理，请写明谁在哪一天核验过原件。")
    for difference in differences:
        if problem := _problem(difference, settlement, proof):
            raise RollRefusal(f"{difference.name}：{problem}" if len(differences) > 1 else problem)
    with ExitStack() as undo, transaction.atomic():
        audit.queue(check.school_id)
        for difference in differences:
            if proof.given:
                paper = _keep(actor, difference, proof)
                if paper.file:
                    undo.callback(paper.file.delete, save=False)
            _write(actor, difference, settlement, reason)
        undo.pop_all()  # the rows stand: so do their files


def _write(actor: User, difference: Difference, settlement: str, reason: str) -> None:
    open_rows = Difference.objects.unsettled().filter(
        pk=difference.pk, check_of__closed_on__isnull=True, check_of__replaced_by__isnull=True
    )
    done = open_rows.update(
        settlement=settlement, reason=reason.strip()[:200], settled_by=actor, settled_at=dates.now()
    )
    if done != 1:
        raise CheckMovedOn(f"{difference.name}这一条已有人处理，请刷新后再看。")
    audit.record(
        Verb.ROLL_CHECK, unit=difference.check_of.school_id, actor=actor, about=difference, reason=reason.strip(),
        settlement=settlement, student=difference.student_id,
    )  # fmt: skip


def carry_over(*, actor: User, difference: Difference, earlier: Difference) -> None:
    """Settle as an earlier check did that said exactly the same; its reason and its papers are the ground."""
    _open_check(actor, [difference])
    when = dates.chinese(timezone.localdate(earlier.settled_at))
    who = earlier.settled_by.name if earlier.settled_by else ""
    with transaction.atomic():
        _write(actor, difference, earlier.settlement, f"与{when}{who}核实的完全相同：{earlier.reason}")


def _keep(actor: User, difference: Difference, proof: Proof) -> Paper:
    return papers.keep(
        actor=actor, to=difference, code=proof.code, title=dict(PAPERS)[proof.code], upload=proof.upload,
        seen_by=proof.seen_by, seen_on=proof.seen_on, number=proof.number,
    )  # fmt: skip


def _open_check(actor: User, differences: Sequence[Difference]) -> RollCheck:
    check = differences[0].check_of
    if not covers(actor, check.school_id):
        raise RollRefusal("您现在的岗位不能处理核对差异。")
    if any(difference.check_of_id != check.pk for difference in differences):
        raise RollRefusal("只能一次处理同一次核对里的差异。")
    if check.closed_on:
        raise CheckMovedOn("这次核对已经办结，不能再改。")
    if check.replaced_by_id:
        raise CheckMovedOn("这次核对已由新名单代替，请在新的核对里处理。")
    return check


# --- what has to be true before a settlement can be written ----------------------------------------------------------
def _problem(difference: Difference, settlement: str, proof: Proof) -> str:
    """Why this can't be settled like this; empty when it can."""
    if difference.settled_at:
        return "已经处理过了，请刷新后再看。"
    if settlement not in offered(difference):
        return "请选一种适用于这类差异的处理。"
    if needs_paper(difference, settlement) and not proof.given:
        return "这样处理要有佐证：请上传材料，或写明哪种材料、谁在哪一天核验过原件。"
    test = _TRUE_IF.get(settlement)
    return test(difference) if test else ""


def needs_paper(difference: Difference, settlement: str) -> bool:
    return settlement in NEEDS_PAPER.get(difference.kind, frozenset())


def _change_is_done(difference: Difference) -> str:
    """An 异动 recorded since the check, or an earlier one that is more than the entry."""
    if difference.student is None:
        return "这个孩子还不在本校名册里，请先办转入或入学，再传一次名单。"
    entries = Q(kind__in=(Change.IMPORT, Change.ENTRY), recorded_at__lte=difference.check_of.made_at)
    done = difference.student.changes.standing().exclude(entries).exists()
    return "" if done else "系统里还没有这名学生的异动，请先办理，再回来处理。"


def _case_is_open(difference: Difference) -> str:
    if difference.student is None:
        return "这个孩子不在本校名册里，不能列入本校的核查；请先办入学，或选别的处理。"
    # A case stands above the roll: it is asked for by the relation that points here.
    return "" if difference.student.cases.open().exists() else "还没有这名学生未销号的个案，请先在学生卡上建个案。"


def _roll_is_right_now(difference: Difference) -> str:
    """「本校有误，已更正」 must be true: what the list said is what stands on the card now."""
    if difference.student is None:
        return ""
    row, pupil = listed(difference), pupil_of(difference.student, dates.today())
    if difference.kind == K.FACTS and row and (left := words.facts(row, pupil)):
        return f"学生卡上还没有改过来（{left[0]}），请先更正。"
    group = group_of(difference.check_of)
    if difference.kind == K.NOT_MARKED and group and not group.kinds & pupil.tags:
        return "学生卡上还没有这个标签，请先标上。"
    if difference.kind == K.MARKED_ONLY and group and group.kinds & pupil.tags:
        return "学生卡上还有这个标签，请先停用。"
    return ""


_TRUE_IF: dict[str, Callable[[Difference], str]] = {
    W.CHANGE_DONE: _change_is_done,
    W.CASE: _case_is_open,
    W.ROLL_WRONG: _roll_is_right_now,
}


def listed(difference: Difference) -> Listed | None:
    """The row of the list again; None for a pupil who was not in it."""
    stored: dict[str, Any] | None = json.loads(difference.listed.reveal() or "{}").get("row")
    if stored is None:
        return None
    born, key = stored["birth_date"], stored["class_key"]
    return Listed(
        **stored
        | {
            "birth_date": datetime.date.fromisoformat(born) if born else None,
            "class_key": tuple(key) if key else None,
            "problems": tuple(stored["problems"]),
        }
    )


# --- one tap, and taking back --------------------------------------------------------------------------------------
def mark(*, actor: User, difference: Difference) -> Tag:
    """Set the dated tag that the list asks for, and settle the row with it."""
    check = _open_check(actor, [difference])
    group, row = group_of(check), listed(difference)
    if difference.kind != K.NOT_MARKED or not group or not row or not difference.student:
        raise RollRefusal("这一条不是标签的差异。")
    kind = group.kind_of(row.tags)
    with transaction.atomic():
        audit.queue(check.school_id)
        tag = open_tag(
            actor=actor, student=difference.student, kind=kind, starts_on=dates.today(),
            detail=row.tags.get(kind, "")[:60], disability=row.disability, disability_grade=row.disability_grade,
        )  # fmt: skip
        _write(actor, difference, W.ROLL_WRONG, f"按{check.get_source_display()}名单标为{kind.label}")
    return tag


def reopen(*, actor: User, difference: Difference, reason: str) -> None:
    """Take a settlement back while the check is open. Its papers stay."""
    check = _open_check(actor, [difference])
    if len(reason.strip()) < 4:
        raise RollRefusal("请写明为什么重新处理，至少4个字。")
    with transaction.atomic():
        audit.queue(check.school_id)
        settled = Difference.objects.filter(pk=difference.pk, settled_at__isnull=False)
        if settled.update(settlement="", reason="", settled_by=None, settled_at=None) != 1:
            raise CheckMovedOn("这一条没有处理过，请刷新后再看。")
        audit.record(
            Verb.ROLL_CHECK, unit=check.school_id, actor=actor, about=difference, reason=reason.strip(),
            reopened=difference.settlement,
        )  # fmt: skip
