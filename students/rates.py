"""三率: what each rate counts, as sums of named terms. Pure arithmetic; who stands in a term is `students.tally`'s.

Every formula keeps the words of its definition, because two figures without their definitions (口径) can't be
compared. Per cent with two decimals, half up; without a denominator there is no figure but 「—」.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from schools.codes import Stage
from schools.policy import Rules

NOTHING = "—"
_CENT = Decimal("0.01")

TERMS: dict[str, str] = {
    "start": "学年初在册",
    "dropped": "学年内认定辍学",
    "open": "截止日仍未复学、未销号的辍学",
    "suspended": "休学",
    "withdrawn": "退学",
    "died": "死亡",
    "out": "转出",
    "less": "其他减少(出国、失踪、其他离校)",
    "came": "转入",
    "more": "其他增加(复学、回国、插班入学)",
    "point_start": "统计期初在册",
    "point_dropped": "统计期内辍学，统计点前未回校",
    "graduates": "本届毕业",
    "intake": "入学时招生",
    "cohort_in": "期间转入",
    "cohort_out": "期间转出",
    "cohort_died": "期间死亡",
    "final": "毕业班学生",
    "begin": "学年初实有",
    "end": "截止日实有",
    "added": "期内转入、复学新增",
    "left": "期内正常转出、毕业、死亡",
    "nine_end": "九年级实有(含已毕业)",
    "nine_intake": "该年级入小学一年级时",
    "age": "适龄人口",
    "age_at_school": "适龄人口中在校",
    "age_deferred": "已批准缓学",
    "disabled": "适龄残疾儿童少年",
    "disabled_at_school": "其中在校(含特校、随班就读、送教)",
    "fifteen": "15周岁人口",
    "fifteen_done": "其中小学毕业",
    "seventeen": "17周岁人口",
    "seventeen_done": "其中初中毕业",
    "elsewhere": "本在外",
    "elsewhere_proven": "其中有证明",
    "out_proven": "转出有证明",
}
"""Key of a term: what it is called. 退学 does not exist in compulsory education and is always 0."""

Sum = Sequence[tuple[int, str]]
"""Terms with their signs, +1 or -1."""


@dataclass(frozen=True)
class Rate:
    """A numerator over a denominator."""

    numerator: int
    denominator: int
    capped: bool = False

    @property
    def percent(self) -> Decimal | None:
        """Per cent with two decimals, half up; None without a denominator. A capped one is 100 at most."""
        if self.denominator <= 0:
            return None
        exact = Decimal(self.numerator * 100) / Decimal(self.denominator)
        return min(exact, Decimal(100)).quantize(_CENT, ROUND_HALF_UP) if self.capped else _rounded(exact)

    def __str__(self) -> str:
        return NOTHING if self.percent is None else f"{self.percent}%"


def _rounded(exact: Decimal) -> Decimal:
    return exact.quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Formula:
    """One rate in one definition. `needs` names a term without which there is no figure yet, and why.

    `stages`: whether it is counted for 小学 and 初中 apart; `only` the one stage that it knows.
    """

    title: str
    definition: str
    over: Sum
    under: Sum
    group: str
    capped: bool = False
    needs: tuple[str, str] = ("", "")
    stages: bool = True
    only: str = ""

    def rate(self, counts: Mapping[str, int]) -> Rate:
        """The rate of counted terms. A term that nobody counted is a KeyError, not 0."""
        if self.needs[0] and not counts[self.needs[0]]:
            return Rate(0, 0)
        return Rate(_sum(self.over, counts), _sum(self.under, counts), self.capped)

    @property
    def columns(self) -> tuple[str, ...]:
        """学段 for which the rate is counted; empty stands for the whole school."""
        if self.only:
            return (self.only,)
        return (Stage.PRIMARY, Stage.JUNIOR, "") if self.stages else ("",)


def _sum(terms: Sum, counts: Mapping[str, int]) -> int:
    return sum(sign * counts[term] for sign, term in terms)


_NO_GRADUATES = ("graduates", "本届还没有登记毕业")
_DROPOUT, _RETENTION, _ENROL, _DONE, _PAPERS = "辍学率", "巩固率", "入学率", "完成率和毕业率", "证明齐全率"
FORMULAS: dict[str, Formula] = {
    "dropout_a": Formula(
        "辍学率A(学年辍学率)", "学年内认定辍学的学生数 ÷ 学年初在册学生数。学年：9月1日至次年8月31日。",
        [(1, "dropped")], [(1, "start")], _DROPOUT,
    ),
    "dropout_b": Formula(
        "辍学率B(收支差额)",
        "[(休学＋退学＋死亡＋转出＋其他减少)－(转入＋其他增加)] ÷ 学年初在册学生数。"
        "「两基」旧口径，流动大时失真，只供填旧表。",
        [(1, "suspended"), (1, "withdrawn"), (1, "died"), (1, "out"), (1, "less"), (-1, "came"), (-1, "more")],
        [(1, "start")], _DROPOUT,
    ),
    "dropout_c": Formula(
        "辍学率C(半年统计点)",
        "统计点3月10日、9月10日。统计期内辍学、统计点前10天内已回校的不计；"
        "复学后统计点前10天又无故未到的仍计。÷ 统计期初在册学生数。",
        [(1, "point_dropped")], [(1, "point_start")], _DROPOUT,
    ),
    "dropout_d": Formula(
        "辍学率D(时点未复学率)", "截止日仍未复学、未销号的辍学学生数 ÷ 学年初在册学生数。",
        [(1, "open")], [(1, "start")], _DROPOUT,
    ),
    "retention_a": Formula(
        "巩固率A(届巩固率)",
        "当年毕业生数 ÷ (小学6年、初中3年前招生数＋转入－转出)，不超过100%。"
        "转出含出国(境)、留级跳级到别届的。",
        [(1, "graduates")], [(1, "intake"), (1, "cohort_in"), (-1, "cohort_out")], _RETENTION, True, _NO_GRADUATES,
    ),
    "retention_a_deaths": Formula(
        "巩固率A(届巩固率，减死亡)", "同上，分母再减死亡。",
        [(1, "graduates")], [(1, "intake"), (1, "cohort_in"), (-1, "cohort_out"), (-1, "cohort_died")],
        _RETENTION, True, _NO_GRADUATES,
    ),
    "retention_b": Formula(
        "巩固率B(学年巩固率，调整后)",
        "(截止日实有－期内转入、复学新增) ÷ (学年初实有－期内正常转出、毕业、死亡)。实有：在册减去辍学未复学的。",
        [(1, "end"), (-1, "added")], [(1, "begin"), (-1, "left")], _RETENTION,
    ),
    "retention_c": Formula(
        "巩固率C(九年巩固率)", "初中毕业班学生数 ÷ 该年级入小学一年级时学生数。只有本校办小学时就有的年级才能算。",
        [(1, "nine_end")], [(1, "nine_intake")], _RETENTION, only=Stage.JUNIOR,
    ),
    "enrolment": Formula(
        "适龄人口入学率",
        "适龄人口中在校的 ÷ 适龄人口(户籍口径，按摸底册)。休学不计在校；"
        "在外就读、送教、已完成义务教育的计入。",
        [(1, "age_at_school")], [(1, "age")], _ENROL,
    ),
    "enrolment_less_deferred": Formula(
        "适龄人口入学率(剔除缓学)", "同上，分母减去已批准、未期满的缓学。",
        [(1, "age_at_school")], [(1, "age"), (-1, "age_deferred")], _ENROL,
    ),
    "enrolment_disabled": Formula(
        "残疾儿童少年入学率", "适龄残疾儿童少年中在校的(含特校、随班就读、送教) ÷ 适龄残疾儿童少年数。",
        [(1, "disabled_at_school")], [(1, "disabled")], _ENROL,
    ),
    "completion_primary": Formula(
        "初等教育完成率", "15周岁人口中小学毕业的 ÷ 15周岁人口(户籍口径，按摸底册)。",
        [(1, "fifteen_done")], [(1, "fifteen")], _DONE, stages=False,
    ),
    "completion_junior": Formula(
        "初级中等教育完成率", "17周岁人口中初中毕业的 ÷ 17周岁人口(户籍口径，按摸底册)。",
        [(1, "seventeen_done")], [(1, "seventeen")], _DONE, stages=False,
    ),
    "graduation": Formula(
        "毕业率", "毕业生数 ÷ 毕业班学生数(学籍口径)。",
        [(1, "graduates")], [(1, "final")], _DONE, needs=_NO_GRADUATES,
    ),
    "proof_elsewhere": Formula(
        "本在外证明齐全率", "有证明(回执、截图或电话核实)的本在外 ÷ 本在外(适龄，按摸底册)。",
        [(1, "elsewhere_proven")], [(1, "elsewhere")], _PAPERS,
    ),
    "proof_out": Formula(
        "转出证明齐全率", "学年内转出、留有证明材料的 ÷ 学年内转出。",
        [(1, "out_proven")], [(1, "out")], _PAPERS,
    ),
}  # fmt: skip

HEADLINES = {"rate_formula_dropout": "dropout", "rate_formula_retention": "retention"}
"""Rule that chooses the definition: the rate it chooses for."""


def headline(rules: Rules, key: str) -> str:
    """The key of the formula that a school's rules have chosen: `rate_formula_dropout` 「D」 is `dropout_d`."""
    return f"{HEADLINES[key]}_{rules.choice(key).lower()}"


def against_target(formula: str, stage: str, rate: Rate, rules: Rules) -> str:
    """「超过目标0.6%」, 「没有达到目标99%」, 「在目标1.8%以内」; empty where there is no figure or no target."""
    if rate.percent is None:
        return ""
    if formula.startswith("dropout_"):
        key = {Stage.PRIMARY: "target_primary_dropout", Stage.JUNIOR: "target_junior_dropout"}.get(stage)  # type: ignore[call-overload]
        if not key:
            return ""
        target = rules.percent(key)
        return f"超过目标{target}%" if rate.percent > target else f"在目标{target}%以内"
    if formula.startswith("retention_"):
        target = rules.percent("target_retention")
        return f"没有达到目标{target}%" if rate.percent < target else f"达到目标{target}%"
    return ""


@dataclass(frozen=True)
class Cell:
    """A rate of one 学段 as a page or a book shows it."""

    stage: str
    rate: Rate
    verdict: str = ""

    @property
    def stage_label(self) -> str:
        return Stage(self.stage).label if self.stage else "全校"


@dataclass(frozen=True)
class Line:
    """One formula with its rates."""

    key: str
    formula: Formula
    cells: Sequence[Cell]
    is_headline: bool = False

    @property
    def why_none(self) -> str:
        """Why there is no figure yet, where a formula knows it."""
        return self.formula.needs[1] if all(cell.rate.percent is None for cell in self.cells) else ""


def lines(rate: Callable[[Formula, str], Rate], rules: Rules, stages: Collection[str] = (*Stage, "")) -> list[Line]:
    """Every formula, in order, with its rates for the 学段 that a school has."""
    chosen = {headline(rules, key) for key in HEADLINES}
    found = []
    for key, formula in FORMULAS.items():
        cells = []
        for stage in formula.columns:
            if stage in stages:
                worth = rate(formula, stage)
                cells.append(Cell(stage, worth, against_target(key, stage, worth, rules)))
        if cells:
            found.append(Line(key, formula, cells, key in chosen))
    return found


def stages_of(grades: range) -> tuple[str, ...]:
    """The columns of a school: its 学段, and the whole school."""
    primary, junior = grades[0] <= 6, grades[-1] >= 7
    return (*[Stage.PRIMARY] * primary, *[Stage.JUNIOR] * junior, "")
