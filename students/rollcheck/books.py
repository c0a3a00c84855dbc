"""《学籍清查表》 with its summary by class, and the record of a term's checks (学籍清查记录)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Prefetch, Q

from kongchuo import dates
from kongchuo.sheets import Align, Column, Form, Kind, Sheet
from schools import books
from schools.books import Asked, Book
from students.codes import DifferenceKind, RollList
from students.models import Difference, Paper, RollCheck
from students.rollcheck import account
from students.rollcheck.shown import Shown

BASIS = "依据：《中小学生学籍管理办法》（教基〔2025〕1号）第二十五条，学校至少每学期核准一次学籍。"


def register() -> None:
    books.register(
        Book(
            key="roll-check", title="学籍清查表", group="核对", sheets=_check_sheets, asks=("about",), unit="条",
            note="一次核对的全部差异和处理情况，附分班汇总。",
        ),
        Book(
            key="roll-checks", title="学籍清查记录", group="核对", sheets=_record_sheets, asks=("term",),
            personal=False, unit="次", note="一个学期里每次人籍核对：名单、人数、各类差异、办结日期。",
        ),
    )  # fmt: skip


# --- one check ------------------------------------------------------------------------------------------------------
def _check_sheets(asked: Asked) -> Sequence[Sheet | Form]:
    checks = RollCheck.objects.visible_to(asked.user).filter(school=asked.school, pk=asked.about or 0)
    check = checks.select_related("term", "made_by").first()
    if check is None:
        return []
    rows = _rows(asked, check)
    head = books.head(
        asked, *_notes(asked, check, rows), period=str(check.term or ""), cutoff=check.on, counted_in="单位：条"
    )
    title = "学籍清查表" if check.source == RollList.NATIONAL else "名单比对差异表"
    return [
        Sheet(title, _columns(check), rows, name=title, head=head, identify=lambda row: row.difference.name),
        Sheet(f"{title}（分班汇总）", _class_columns(check), _by_class(check, rows), name="分班汇总", head=head),
    ]  # fmt: skip


def _rows(asked: Asked, check: RollCheck) -> list[Shown]:
    """All differences, kind by kind and class by class. Two queries."""
    papers = Prefetch("papers", Paper.objects.visible_to(asked.user).standing(), to_attr="kept")
    differences = (
        Difference.objects.visible_to(asked.user).filter(check_of=check).select_related("settled_by").order_by("pk")
    )
    shown = [Shown(row, papers=row.kept) for row in differences.prefetch_related(papers)]
    order = list(DifferenceKind)
    return sorted(
        shown, key=lambda row: (order.index(DifferenceKind(row.difference.kind)), row.class_order, row.difference.pk)
    )


def _notes(asked: Asked, check: RollCheck, rows: list[Shown]) -> list[str]:
    """What was compared with what, how it adds up, on what it stands. Which group a list is of is told in full only."""
    about = f"（{check.get_about_display()}）" if check.about and asked.full else ""
    left = sum(1 for row in rows if not row.difference.settled_at)
    state = f"{dates.chinese(check.closed_on)}办结" if check.closed_on else f"未办结，还有{left}条没有处理"
    day = dates.chinese(check.on)
    return [
        f"{check.get_source_display()}{about}名单与本校{day}名册核对，核对人{check.made_by.name}，{state}。",
        *(f"{part.label}{part.total}人＝{_adds_up(part)}。" for part in account.sums(check)),
        *([BASIS] if check.source == RollList.NATIONAL else []),
    ]


def _adds_up(part: account.Sum) -> str:
    return "＋".join(f"{label}{count}" for label, count in part.parts)


def _columns(check: RollCheck) -> Sequence[Column]:
    told = Kind.WITHHELD if check.about else Kind.TEXT
    return (
        Column("序号", None, Kind.INT, 3, Align.CENTER),
        Column("姓名", lambda row: row.difference.name, width=5),
        Column("班级", lambda row: row.class_label, width=5),
        Column("差异类别", lambda row: account.place_label(check, row.difference.kind), width=6),
        Column("差异说明", lambda row: row.difference.text, told, width=18),
        Column("处理情况", lambda row: _settled(row.difference), told, width=16),
        Column("佐证", lambda row: row.evidence, width=10),
        Column("处理人", lambda row: row.difference.settled_by.name if row.difference.settled_by else "", width=5),
        Column("日期", lambda row: row.settled_on, Kind.DATE, 6, Align.CENTER),
    )


def _settled(difference: Difference) -> str:
    if not difference.settled_at:
        return "未处理"
    return f"{difference.get_settlement_display()}：{difference.reason}"


# --- by class -------------------------------------------------------------------------------------------------------
@dataclass
class _OfClass:
    """One line of the summary; a label that no class of the roll has is that of children who are only listed."""

    label: str
    on_roll: int = 0
    matched: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    settled: int = 0

    @property
    def found(self) -> int:
        return sum(self.kinds.values())


def _by_class(check: RollCheck, rows: list[Shown]) -> list[_OfClass]:
    lines = {label: _OfClass(label, on_roll, matched) for label, on_roll, matched in check.account.get("by_class", [])}
    for row in rows:
        label = row.class_label or "没有写班级"
        line = lines.setdefault(label, _OfClass(label))
        line.kinds[row.difference.kind] += 1
        line.settled += bool(row.difference.settled_at)
    total = _OfClass("合计", sum(line.on_roll for line in lines.values()), sum(line.matched for line in lines.values()))
    for line in lines.values():
        total.kinds += line.kinds
        total.settled += line.settled
    return [*lines.values(), total] if lines else []


def _class_columns(check: RollCheck) -> Sequence[Column]:
    known = {*check.account.get("listed", {}), *check.account.get("roll", {})}
    kinds = [kind for kind in DifferenceKind if kind in known] or list(DifferenceKind)[:5]
    return (
        Column("班级", lambda line: line.label, width=6),
        _count("本校在册", lambda line: line.on_roll),
        _count("一致", lambda line: line.matched),
        *(_count(account.place_label(check, kind), lambda line, kind=kind: line.kinds[kind]) for kind in kinds),
        _count("差异合计", lambda line: line.found),
        _count("已处理", lambda line: line.settled),
    )


def _count(header: str, value: Any) -> Column:
    return Column(header, value, Kind.INT, 4.5, Align.CENTER)


# --- the record of a term -------------------------------------------------------------------------------------------
def _record_sheets(asked: Asked) -> Sequence[Sheet | Form]:
    checks = RollCheck.objects.visible_to(asked.user).filter(school=asked.school, term=asked.term)
    kinds = {f"n_{kind.value}": Count("differences", filter=Q(differences__kind=kind)) for kind in DifferenceKind}
    settled = Count("differences", filter=Q(differences__settled_at__isnull=False))
    rows = checks.select_related("made_by", "closed_by").annotate(**kinds, n_settled=settled).order_by("on", "pk")
    head = books.head(asked, BASIS, "重新上传名单后，没有办结的一次由新的代替。", counted_in="单位：人、条")
    return [Sheet("学籍清查记录", _RECORD, rows, head=head)]


def _state(check: RollCheck) -> str:
    if check.closed_on:
        return f"{check.closed_by.name if check.closed_by else ''}{dates.short(check.closed_on)}办结"
    return "由新名单代替" if check.replaced_by_id else "处理中"


_RECORD = (
    Column("序号", None, Kind.INT, 3, Align.CENTER),
    Column("核对日期", lambda check: check.on, Kind.DATE, 6, Align.CENTER),
    Column("名单来源", lambda check: check.get_source_display(), width=6),
    Column("核对人", lambda check: check.made_by.name, width=5),
    _count("名单人数", lambda check: check.listed),
    _count("一致", lambda check: check.matched),
    *(_count(kind.label, lambda check, kind=kind: getattr(check, f"n_{kind.value}")) for kind in DifferenceKind),
    _count("已处理", lambda check: check.n_settled),
    Column("办理情况", _state, width=8),
)
