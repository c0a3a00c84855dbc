"""三率 as arithmetic: the worked examples of each definition, rounding, and what there is without a denominator."""

from decimal import Decimal

import pytest

from schools.policy import DEFINITIONS, Rules
from students import rates
from students.rates import FORMULAS, TERMS, Rate

YEAR = {"start": 612, "dropped": 3, "open": 2, "suspended": 2, "withdrawn": 0, "died": 0, "out": 8, "less": 1,
        "came": 6, "more": 0}  # fmt: skip
COHORT = {"graduates": 118, "intake": 120, "cohort_in": 6, "cohort_out": 5, "cohort_died": 1}
WHOLE_YEAR = {"begin": 486, "left": 6, "added": 3, "end": 482}
AREA = {"age": 318, "age_at_school": 260 + 52 + 2, "age_deferred": 2}


@pytest.mark.parametrize(
    ("formula", "counts", "numerator", "denominator", "percent"),
    [
        ("dropout_a", YEAR, 3, 612, "0.49%"),
        ("dropout_b", YEAR, 5, 612, "0.82%"),
        ("dropout_c", {"point_dropped": 3, "point_start": 612}, 3, 612, "0.49%"),
        ("dropout_d", YEAR, 2, 612, "0.33%"),
        ("retention_a", COHORT, 118, 121, "97.52%"),
        ("retention_a_deaths", COHORT, 118, 120, "98.33%"),
        ("retention_b", WHOLE_YEAR, 479, 480, "99.79%"),
        ("enrolment", AREA, 314, 318, "98.74%"),
        ("enrolment_less_deferred", AREA, 314, 316, "99.37%"),
        ("completion_junior", {"seventeen": 98, "seventeen_done": 97}, 97, 98, "98.98%"),
        ("proof_elsewhere", {"elsewhere": 52, "elsewhere_proven": 50}, 50, 52, "96.15%"),
    ],
)
def test_the_worked_examples(
    formula: str, counts: dict[str, int], numerator: int, denominator: int, percent: str
) -> None:
    rate = FORMULAS[formula].rate(counts)
    assert (rate.numerator, rate.denominator, str(rate)) == (numerator, denominator, percent)


@pytest.mark.parametrize(
    ("numerator", "denominator", "percent"),
    [(1, 800, "0.13"), (1, 2000, "0.05"), (1, 8, "12.50"), (0, 7, "0.00"), (605, 612, "98.86"), (-1, 100, "-1.00")],
)
def test_two_decimals_half_up(numerator: int, denominator: int, percent: str) -> None:
    assert Rate(numerator, denominator).percent == Decimal(percent)


def test_without_a_denominator_there_is_no_figure() -> None:
    assert str(Rate(3, 0)) == "—"
    assert Rate(3, 0).percent is None


def test_a_cohort_that_more_pupils_finish_than_began_is_100() -> None:
    counts = {"graduates": 12, "intake": 10, "cohort_in": 0, "cohort_out": 0, "cohort_died": 0}
    assert str(FORMULAS["retention_a"].rate(counts)) == "100.00%"
    assert str(FORMULAS["retention_c"].rate({"nine_end": 12, "nine_intake": 10})) == "120.00%"  # moves count there


def test_before_anybody_has_graduated_there_is_no_rate_of_graduates() -> None:
    assert str(FORMULAS["retention_a"].rate(COHORT | {"graduates": 0})) == "—"
    assert str(FORMULAS["graduation"].rate({"graduates": 0, "final": 53})) == "—"


def test_each_term_has_a_name_and_is_used() -> None:
    used = {term for formula in FORMULAS.values() for _, term in (*formula.over, *formula.under)}
    assert used == set(TERMS)


def test_a_term_that_nobody_counted_is_no_zero() -> None:
    with pytest.raises(KeyError):
        FORMULAS["dropout_a"].rate({"start": 612})


def rules(**changed: str) -> Rules:
    return Rules({key: definition.default for key, definition in DEFINITIONS.items()} | changed)


@pytest.mark.parametrize(("chosen", "formula"), [("A", "dropout_a"), ("D", "dropout_d")])
def test_the_rules_choose_the_headline(chosen: str, formula: str) -> None:
    assert rates.headline(rules(rate_formula_dropout=chosen), "rate_formula_dropout") == formula
    assert formula in FORMULAS


@pytest.mark.parametrize(
    ("formula", "stage", "rate", "words"),
    [
        ("dropout_a", "primary", Rate(6, 1000), "在目标0.6%以内"),
        ("dropout_a", "primary", Rate(61, 10000), "超过目标0.6%"),
        ("dropout_d", "junior", Rate(19, 1000), "超过目标1.8%"),
        ("dropout_a", "", Rate(9, 10), ""),
        ("retention_b", "junior", Rate(9899, 10000), "没有达到目标99%"),
        ("retention_b", "", Rate(99, 100), "达到目标99%"),
        ("retention_a", "junior", Rate(0, 0), ""),
        ("graduation", "junior", Rate(1, 2), ""),
    ],
)
def test_crossing_a_target_is_said_in_words(formula: str, stage: str, rate: Rate, words: str) -> None:
    assert rates.against_target(formula, stage, rate, rules()) == words
