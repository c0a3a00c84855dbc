"""适龄儿童少年: who is where, by the roll for our own and by the survey for all others; each number opens its list."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from schools import policy
from students import dropouts, roll, schoolage, survey, survey_todos
from students.codes import Change, Schooling
from students.dropouts import Dropout
from students.models import Resident
from students.schoolage import Ages, Child
from tests.cast import WEDNESDAY, Cast, id_number, login
from tests.students.surveybook import elsewhere, household, member

YEAR = datetime.date(2025, 9, 1)


def of(cast: Cast, resident: Resident, day: datetime.date = WEDNESDAY) -> Child:
    child = schoolage.one(cast.clerk, resident, day)
    assert child
    return child


@pytest.mark.parametrize(
    ("born", "age", "stage"),
    [
        ("2019-08-31", 6, "primary"),
        ("2013-09-01", 11, "primary"),
        ("2013-08-31", 12, "junior"),
        ("2010-09-01", 14, "junior"),
        ("2010-08-31", 15, ""),
        ("2009-09-01", 15, ""),
    ],
)
def test_school_age_is_counted_on_31_august(cast: Cast, born: str, age: int, stage: str) -> None:
    child = of(cast, member(cast, household(cast), birth_date=datetime.date.fromisoformat(born)))
    assert (child.age, child.stage) == (age, stage)


@pytest.mark.parametrize("born", ["2019-09-01", "2009-08-31"])
def test_too_young_and_too_old_are_nobody_s_figure(cast: Cast, born: str) -> None:
    member(cast, household(cast), birth_date=datetime.date.fromisoformat(born))
    assert schoolage.children(cast.clerk, cast.school, WEDNESDAY) == []


def test_the_bands_are_settings(cast: Cast) -> None:
    facts = {"actor": cast.principal, "school": cast.school, "basis": "县教通〔2026〕3号", "from_day": WEDNESDAY}
    policy.set_rule(**facts, key="school_age_from", value="7")
    policy.set_rule(**facts, key="primary_age_until", value="12")
    ages = Ages.on(policy.rules_on(cast.school, WEDNESDAY), WEDNESDAY)
    assert [ages.stage(age) for age in (6, 7, 12, 13)] == ["", "primary", "primary", "junior"]
    assert ages.in_words == "适龄：截至2025年8月31日满7周岁、不满16周岁"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("", Schooling.LOCAL_LOCAL),
        (Change.SUSPENSION, Schooling.SUSPENDED),
        (Change.HOME_TEACHING, Schooling.HOME_TEACHING),
        (Change.BOARD_OUT, Schooling.LOCAL_OUT),
        (Change.MISSING, Schooling.UNKNOWN),
        (Change.TRANSFER_OUT, Schooling.LOCAL_OUT),
    ],
)
def test_of_our_own_pupil_the_roll_says_it_whatever_was_written(cast: Cast, change: str, expected: str) -> None:
    resident = member(cast, household(cast), "赵海燕", id_number(1), birth_date=datetime.date(2013, 4, 12),
                      schooling=Schooling.NEVER)  # fmt: skip
    if change:
        roll.record(actor=cast.clerk, student=cast.pupils[0], kind=change, on=datetime.date(2026, 3, 2))
    assert resident.student == cast.pupils[0]
    assert of(cast, resident).schooling == expected
    assert of(cast, resident, datetime.date(2026, 3, 1)).schooling == Schooling.LOCAL_LOCAL


def test_a_pupil_of_a_household_from_elsewhere_is_外在本(cast: Cast) -> None:
    home = household(cast, is_local=False)
    assert of(cast, member(cast, home, "赵海燕", id_number(1))).schooling == Schooling.OUT_LOCAL


def test_a_transfer_with_its_receipt_is_proved_and_one_under_way_is_not(cast: Cast) -> None:
    resident = member(cast, household(cast), "赵海燕", id_number(1))
    change = roll.record(actor=cast.clerk, student=cast.pupils[0], kind=Change.TRANSFER_OUT, on=WEDNESDAY)
    assert of(cast, resident).lacks == "没有就读证明"
    roll.settle(actor=cast.clerk, change=change, on=WEDNESDAY)
    child = of(cast, resident)
    assert (child.schooling, child.grade_of_proof, child.lacks) == (Schooling.LOCAL_OUT, "receipt", "")


def test_the_survey_may_be_older_than_the_roll(cast: Cast) -> None:
    """A pupil who entered after the survey is recognised without anybody touching the book."""
    resident = member(cast, household(cast), "陈大山", id_number(5))
    Resident.objects.update(student=None)
    assert of(cast, resident).pupil == cast.pupils[4]


def test_a_claim_to_learn_here_that_no_roll_bears_out_is_unknown(cast: Cast) -> None:
    home = household(cast)
    claims = {name: member(cast, home, f"孩子{name}", schooling=Schooling.LOCAL_LOCAL, school_name=name)
              for name in ("", "本校", cast.school.name, "青石乡第二小学")}  # fmt: skip
    assert {name: of(cast, claim).schooling for name, claim in claims.items()} == {
        "": Schooling.UNKNOWN, "本校": Schooling.UNKNOWN, cast.school.name: Schooling.UNKNOWN,
        "青石乡第二小学": Schooling.LOCAL_LOCAL,
    }  # fmt: skip


def test_a_child_found_辍学_is_辍学_until_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = member(cast, household(cast), "赵海燕", id_number(1))
    found = Dropout(cast.pupils[0].pk, datetime.date(2026, 3, 2), back_on=datetime.date(2026, 3, 10))
    monkeypatch.setattr(dropouts, "sources", [lambda school, day: [found]])
    by_day = [of(cast, resident, datetime.date(2026, 3, day)).schooling for day in (1, 2, 9, 10)]
    assert by_day == [Schooling.LOCAL_LOCAL, Schooling.DROPPED, Schooling.DROPPED, Schooling.LOCAL_LOCAL]


def test_proof_is_the_best_of_its_three_grades(cast: Cast) -> None:
    child = elsewhere(cast, household(cast), "钱小河", "call")
    facts = {"actor": cast.clerk, "resident": child, "title": "截图", "seen_by": "赵教务", "seen_on": WEDNESDAY}
    assert of(cast, child).proof_label == "电话核实"
    survey.prove(**facts, grade="screenshot")
    assert of(cast, child).proof_label == "学籍系统截图"


def test_deferral_holds_with_a_paper_and_until_its_end(cast: Cast) -> None:
    child = member(cast, household(cast), schooling=Schooling.DEFERRED)
    assert of(cast, child).without_procedure
    survey.defer(
        actor=cast.clerk, resident=child, until=datetime.date(2026, 8, 31), approved_by="乡镇人民政府",
        number="青政〔2025〕7号", approved_on=datetime.date(2025, 8, 20), seen_by="赵教务", seen_on=WEDNESDAY,
    )  # fmt: skip
    child.refresh_from_db()
    assert not of(cast, child).without_procedure
    assert of(cast, child, datetime.date(2026, 8, 31)).approved
    assert of(cast, child, datetime.date(2026, 9, 1)).lacks == "缓学没有批准文件或已期满"


def world(cast: Cast) -> dict[str, Resident]:
    """One household of everything, another in the next village."""
    home, next_home = household(cast), household(cast, "2", "钱老四", village="松林村")
    return {
        "here": member(cast, home, "赵海燕", id_number(1)),
        "proven": elsewhere(cast, home, "钱小河", "receipt"),
        "unproven": elsewhere(cast, next_home, "钱小江"),
        "never": member(cast, next_home, "孙小石", schooling=Schooling.NEVER),
        "disabled": member(cast, next_home, "孙小雨", schooling=Schooling.NEVER, disability="5"),
        "unknown": member(cast, home, "周小云"),
        "deferred": member(cast, home, "周小雪", schooling=Schooling.DEFERRED),
    }


def test_each_number_of_the_summary_opens_exactly_its_list(cast: Cast) -> None:
    world(cast)
    client = login(cast.clerk)
    page = client.get("/survey/")
    assert page.status_code == 200
    counted = {tile["key"]: tile["n"] for tile in page.context["tiles"]}
    assert counted == {"all": 7, "at_school": 3, "local_out": 2, "unproven": 1, "without": 3, "unknown": 1,
                       "disabled_out": 1}  # fmt: skip
    for line in page.context["lines"]:
        for key, n in [("all", line.total), *((key, n) for key, _, n in line.counts)]:
            listed = client.get("/survey/children/", {"what": key, "village": line.village}).context["page"]
            assert listed.paginator.count == n, (line.village, key)
    assert page.context["proven"] == (1, 2)
    assert [line.village for line in page.context["lines"]] == ["松林村", "柳树村", ""]


def test_those_without_procedure_are_named_with_what_may_be_done(cast: Cast) -> None:
    people = world(cast)
    listed = login(cast.clerk).get("/survey/children/", {"what": "without"})
    children = {child.resident: child for child in listed.context["page"].object_list}
    assert set(children) == {people["never"], people["disabled"], people["deferred"]}
    assert "随班就读或特教学校" in children[people["disabled"]].hint
    assert "缓学" in children[people["never"]].hint


def test_who_moved_away_or_died_is_counted_no_more_from_that_day(cast: Cast) -> None:
    people = world(cast)
    survey.gone(actor=cast.clerk, resident=people["never"], on=WEDNESDAY, gone_as="moved")
    days = (WEDNESDAY - datetime.timedelta(days=1), WEDNESDAY)
    assert [len(schoolage.children(cast.clerk, cast.school, day)) for day in days] == [7, 6]


def test_nobody_sees_the_children_of_another_school(cast: Cast) -> None:
    world(cast)
    assert schoolage.children(cast.far_clerk, cast.school, WEDNESDAY) == []
    assert login(cast.far_clerk).get("/survey/").context["lines"][-1].total == 0


@pytest.mark.parametrize("url", ["/survey/", "/survey/children/", "/survey/households/"])
def test_a_large_book_costs_as_many_queries_as_a_small_one(cast: Cast, url: str) -> None:
    client = login(cast.clerk)
    costs = []
    home: Any = None
    for number in range(20):
        home = household(cast, f"户{number}", village=f"村{number}")
        elsewhere(cast, home, f"甲{number}", "receipt")
        if number in (1, 19):
            if number == 1:
                client.get(url)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(url)
            costs.append(len(queries))
    assert costs[0] == costs[1]


def waiting(cast: Cast, day: datetime.date = WEDNESDAY) -> list[tuple[str, bool]]:
    listed = survey_todos.for_office(cast.clerk, cast.school, day)
    return [(todo.text, todo.overdue) for todo in listed if todo.count]


def test_what_awaits_the_office(cast: Cast) -> None:
    people = world(cast)
    assert waiting(cast) == [
        ("3名适龄儿童少年没有就学，也没有缓学手续", True),
        ("1名在外就读的孩子没有就读证明", False),
    ]
    survey.defer(
        actor=cast.clerk, resident=people["deferred"], until=datetime.date(2026, 4, 10), approved_by="乡镇人民政府",
        number="青政〔2025〕7号", approved_on=datetime.date(2025, 8, 20), seen_by="赵教务", seen_on=WEDNESDAY,
    )  # fmt: skip
    assert waiting(cast)[-1] == ("1名孩子的缓学快要期满，最早2026年4月10日", False)
    assert waiting(cast)[0][0].startswith("2名")
    day_before = datetime.date(2026, 3, 10)
    assert not any("缓学快要期满" in text for text, _ in waiting(cast, day_before))
    assert waiting(cast, datetime.date(2026, 4, 11))[0][0].startswith("3名")
    assert "没有缓学手续" in login(cast.clerk).get("/registry/").content.decode()
