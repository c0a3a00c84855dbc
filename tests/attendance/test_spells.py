"""The core of detection without a database: runs of codes, thresholds, words."""

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance.codes import ABSENT, EXCUSED, MarkCode
from attendance.daybook import PLAIN, SILENT
from attendance.detection import Spell, Standing, latest_spell, standing
from schools.policy import Kind

MONDAY = datetime.date(2026, 3, 2)


def school_days(count: int) -> list[datetime.date]:
    """Plain weeks, Monday to Friday."""
    every = (MONDAY + datetime.timedelta(days=n) for n in itertools.count())
    return list(itertools.islice((on for on in every if on.weekday() < 5), count))


def spell_of(codes: str) -> Spell | None:
    """The spell after one school day a code: "." there, " " no report."""
    said = [{".": PLAIN, " ": SILENT}.get(code, code) for code in codes]
    days = school_days(len(codes) + 1)
    found, last_present_on = latest_spell(reversed(list(zip(days, said, strict=False))))
    return Spell(1, 1, 1, found, last_present_on, days[-1]) if found else None


def naive(codes: str) -> tuple[int, int, int, int]:
    """Absent, unexcused, unreported and unreported in the run, counted forward day by day."""
    absent = unexcused = silent = silent_in_run = 0
    for code in codes:
        if code == " ":
            silent += absent > 0
            silent_in_run += unexcused > 0
        elif code in ABSENT:
            absent += 1
            if code in EXCUSED:
                unexcused = silent_in_run = 0
            else:
                unexcused += 1
        else:
            absent = unexcused = silent = silent_in_run = 0
    return absent, unexcused, silent, silent_in_run


def figures(codes: str) -> tuple[int, int, int, int]:
    spell = spell_of(codes)
    return (spell.absent, spell.unexcused, spell.unreported, spell.unreported_in_run) if spell else (0, 0, 0, 0)


@pytest.mark.parametrize("length", range(8))
def test_every_short_history_counts_as_the_naive_way(length: int) -> None:
    for codes in map("".join, itertools.product(". SU", repeat=length)):
        assert figures(codes) == naive(codes), codes


@given(st.text(alphabet=[".", " ", *MarkCode.values], max_size=120))
def test_any_history_counts_as_the_naive_way(codes: str) -> None:
    assert figures(codes) == naive(codes)


@given(st.text(alphabet=[".", " ", *MarkCode.values], max_size=40))
def test_what_was_before_the_last_day_present_changes_nothing(codes: str) -> None:
    assert figures("UUU" + codes + "." + codes) == figures(codes)


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ("UU U", "缺勤3天＋未报1天"),
        (".UUU", "缺勤3天"),
        ("SSSUU", "缺勤5天（无故2天）"),
        ("SS", "缺勤2天（无故0天）"),
        ("U  ", "缺勤1天＋未报2天"),
    ],
)
def test_a_spell_is_told_in_words(codes: str, words: str) -> None:
    spell = spell_of(codes)
    assert spell is not None
    assert spell.in_words == words


@pytest.mark.parametrize(
    ("rule", "codes", "stands"),
    [
        ("≥3到校日", "UU", Standing.TOMORROW),
        ("≥3到校日", "UUU", Standing.SUSPECTED),
        ("≥3到校日", "UUUUU", Standing.SUSPECTED),  # never by equality: a jump from 2 to 5 must not slip through
        ("≥3到校日", "U U", Standing.UNCONFIRMED),
        ("≥3到校日", "U  ", Standing.UNCONFIRMED),
        ("≥3到校日", "U ", Standing.TOMORROW),
        ("≥3到校日", "UU U", Standing.SUSPECTED),
        ("≥3到校日", "WWW", Standing.SUSPECTED),  # 原因待核 counts until somebody explains it
        ("≥3到校日", "NNN", Standing.SUSPECTED),
        ("≥3到校日", "UUS", None),
        ("≥3到校日", "UUSUU", Standing.TOMORROW),
        ("≥3到校日", "UUSU", None),
        ("≥3到校日", "SSSSSS", None),
        ("≥3到校日", "SSSS  ", None),  # no unexcused day: silence alone accuses nobody
        ("≥3到校日", "UUU.", None),
        (">5天", "UUUUU", Standing.TOMORROW),
        (">5天", "UUUUUU", Standing.SUSPECTED),
        (">5天", "UUUU  ", Standing.UNCONFIRMED),
        # Monday 3-2 is the first day: on the next Monday a week is over (8 > 7)
        (">7自然日", "UUUU", None),
        (">7自然日", "UUUUU", Standing.TOMORROW),
        (">7自然日", "UUUUUU", Standing.SUSPECTED),
        (">7自然日", "UUUUU ", Standing.UNCONFIRMED),
        (">7自然日", "U    U", Standing.UNCONFIRMED),
        (">7自然日", "SSSSSU", None),
        ("≥1到校日", "U", Standing.SUSPECTED),
    ],
)
def test_where_a_spell_stands_with_the_rule(rule: str, codes: str, stands: Standing | None) -> None:
    spell = spell_of(codes)
    threshold = Kind.THRESHOLD.parse(rule)
    assert (standing(spell, threshold) if spell else None) == stands


def test_a_holiday_makes_no_dropout_of_a_child_who_missed_the_day_before() -> None:
    """自然日: missing on 30 September is one day, however long the holiday; missing again after it is ten."""
    rule = Kind.THRESHOLD.parse(">7自然日")
    eve, back = datetime.date(2026, 9, 30), datetime.date(2026, 10, 8)
    missed_once = Spell(1, 1, 1, ((eve, "U"),), None, back)
    assert missed_once.confirmed(rule) == 1
    assert standing(missed_once, rule) == Standing.TOMORROW
    assert standing(Spell(1, 1, 1, ((eve, "U"), (back, "U")), None, None), rule) == Standing.SUSPECTED


@given(st.text(alphabet=" SAUWCN", min_size=1, max_size=30), st.sampled_from(["≥3到校日", ">5天", ">7自然日"]))
def test_confirmed_is_never_more_than_possible(codes: str, rule: str) -> None:
    spell, threshold = spell_of(codes), Kind.THRESHOLD.parse(rule)
    if spell and spell.run:
        assert 0 < spell.confirmed(threshold) <= spell.possible(threshold) < spell.possible_tomorrow(threshold)
        assert spell.unexcused_from == spell.run[0][0] >= spell.first_on
