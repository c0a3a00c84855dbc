"""The worked examples of the rates, lived on a roll: each figure from its 异动, its survey, its cases."""

import datetime
from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.codes import MarkCode
from followups.codes import FindingKind, Outcome, Source
from followups.codes import Stage as CaseStage
from followups.models import Case, Finding
from kongchuo import dates
from schools.codes import Stage
from schools.models import Classroom
from students import roll
from students.codes import Change, Education, ProofGrade, Schooling
from students.models import Enrollment, Household, Paper, Resident, Student
from students.rates import FORMULAS
from students.schoolage import DEFERRAL, PROOF
from students.tally import Tally, half_year
from tests.cast import WEDNESDAY, Cast, login
from tests.followups.casework import mark

BEGIN = datetime.date(2025, 9, 1)
SUMMER = datetime.date(2026, 7, 10)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def classroom(cast: Cast, entry_year: int) -> Classroom:
    return Classroom.objects.create(school=cast.school, stage=Stage.PRIMARY, entry_year=entry_year, number=1)


def pupils(cast: Cast, room: Classroom | None, count: int, since: datetime.date = BEGIN) -> list[Student]:
    """So many invented pupils, on the roll of a class since a day, or on none yet."""
    made = Student.objects.bulk_create(Student(school=cast.school, name=f"学生{number}") for number in range(count))
    if room:
        roll.enter([Enrollment(student=pupil, classroom=room, starts_on=since) for pupil in made], actor=None)
    return made


def change(cast: Cast, group: Sequence[Student], kind: str, on: str, room: Classroom | None = None) -> None:
    for pupil in group:
        roll.record(actor=cast.clerk, student=pupil, kind=kind, on=day(on), settled_on=day(on), classroom=room)


def drop_out(cast: Cast, pupil: Student, on: str, back: str = "") -> Case:
    case = Case.objects.create(
        student=pupil, school=cast.school, classroom=pupil.enrollments.open().get().classroom, source=Source.SPELL,
        opened_on=day(on), returned_on=day(back) if back else None,
    )  # fmt: skip
    Finding.objects.create(
        case=case,
        kind=FindingKind.DROPOUT,
        on=day(on),
        by=cast.principal,
        at=dates.now(),
        basis="家访",
        unjustified="无",
    )
    return case


def rate(cast: Cast, key: str, on: datetime.date = WEDNESDAY, stage: str = Stage.PRIMARY) -> tuple[int, int, str]:
    found = Tally(cast.clerk, cast.school, on).rate(FORMULAS[key], stage)
    return found.numerator, found.denominator, str(found)


def test_a_school_year_of_612_pupils(cast: Cast) -> None:
    room = classroom(cast, 2022)
    group = pupils(cast, room, 612)
    newcomers = pupils(cast, None, 6)
    change(cast, group[:2], Change.SUSPENSION, "2025-10-09")
    change(cast, group[2:10], Change.TRANSFER_OUT, "2025-11-03")
    change(cast, group[10:11], Change.ABROAD, "2026-01-05")
    change(cast, newcomers, Change.TRANSFER_IN, "2026-02-23", room)
    drop_out(cast, group[20], "2025-12-01")
    drop_out(cast, group[21], "2026-03-02")
    drop_out(cast, group[22], "2025-10-20", back="2026-02-23")
    assert rate(cast, "dropout_a") == (3, 612, "0.49%")
    assert rate(cast, "dropout_b") == (5, 612, "0.82%")
    assert rate(cast, "dropout_c") == (2, 612, "0.33%")
    assert rate(cast, "dropout_d") == (2, 612, "0.33%")
    assert rate(cast, "dropout_d", day("2025-12-31")) == (2, 612, "0.33%")  # one gone, one not yet back
    assert rate(cast, "dropout_a", day("2025-10-19")) == (0, 612, "0.00%")


def test_a_cohort_from_its_intake_to_its_end(cast: Cast, at_day) -> None:
    at_day(SUMMER)
    room = classroom(cast, 2020)
    group = pupils(cast, room, 120, day("2020-09-01"))
    newcomers = pupils(cast, None, 6)
    change(cast, newcomers, Change.TRANSFER_IN, "2022-09-01", room)
    change(cast, group[:5], Change.TRANSFER_OUT, "2023-03-01")
    change(cast, group[5:6], Change.DEATH, "2024-05-06")
    assert rate(cast, "retention_a", SUMMER) == (0, 0, "—")  # nobody has graduated yet
    change(cast, [*group[8:], *newcomers], Change.GRADUATION, "2026-07-05")
    assert rate(cast, "retention_a", SUMMER) == (118, 121, "97.52%")
    assert rate(cast, "retention_a_deaths", SUMMER) == (118, 120, "98.33%")
    assert rate(cast, "graduation", SUMMER) == (118, 120, "98.33%")
    assert rate(cast, "retention_a", day("2026-07-04")) == (0, 0, "—")


def test_a_year_of_486_pupils_adjusted_for_moves(cast: Cast) -> None:
    room = classroom(cast, 2022)
    group = pupils(cast, room, 486)
    newcomers = pupils(cast, None, 3)
    change(cast, group[:6], Change.TRANSFER_OUT, "2025-11-03")
    change(cast, newcomers, Change.TRANSFER_IN, "2026-02-23", room)
    drop_out(cast, group[7], "2026-03-02")
    tally = Tally(cast.clerk, cast.school, WEDNESDAY)
    counts = {term: len(tally.names(term, Stage.PRIMARY)) for term in ("begin", "left", "added", "end")}
    assert counts == {"begin": 486, "left": 6, "added": 3, "end": 482}
    assert rate(cast, "retention_b") == (479, 480, "99.79%")


def resident(home: Household, **facts) -> Resident:
    return Resident(household=home, **({"name": "孩子", "birth_date": day("2015-05-01")} | facts))


def test_the_school_age_children_of_the_area(cast: Cast) -> None:
    room = classroom(cast, 2020)
    here = pupils(cast, room, 263)
    change(cast, here[260:262], Change.HOME_TEACHING, "2025-10-09")
    change(cast, here[262:], Change.SUSPENSION, "2025-10-09")
    home = Household.objects.create(school=cast.school, number="1", head="村", village="柳树村")
    away = [resident(home, schooling=Schooling.LOCAL_OUT, school_name="清江一小") for _ in range(52)]
    deferred = [resident(home, schooling=Schooling.DEFERRED, deferred_until=day("2026-08-31")) for _ in range(2)]
    never = [resident(home, schooling=Schooling.NEVER)]
    Resident.objects.bulk_create([resident(home, student=pupil) for pupil in here] + away + deferred + never)
    kept = {
        "school": cast.school,
        "title": "证明",
        "seen_by": "赵教务",
        "seen_on": WEDNESDAY,
        "recorded_by": cast.clerk,
    }
    Paper.objects.bulk_create(
        [Paper(**kept, resident=one, code=PROOF, grade=ProofGrade.RECEIPT) for one in away[:50]]
        + [Paper(**kept, resident=one, code=DEFERRAL) for one in deferred]
    )
    assert rate(cast, "enrolment") == (314, 318, "98.74%")
    assert rate(cast, "enrolment_less_deferred") == (314, 316, "99.37%")
    assert rate(cast, "proof_elsewhere") == (50, 52, "96.15%")


def test_those_of_seventeen_who_finished_junior_school(cast: Cast) -> None:
    home = Household.objects.create(school=cast.school, number="1", head="村", village="柳树村")
    born = {"birth_date": day("2008-05-01")}
    Resident.objects.bulk_create(
        [resident(home, **born, education=Education.JUNIOR) for _ in range(96)]
        + [resident(home, **born, schooling=Schooling.COMPLETED), resident(home, **born, education=Education.PRIMARY)]
    )
    assert rate(cast, "completion_junior", stage="") == (97, 98, "98.98%")


@pytest.mark.parametrize(
    ("on", "point", "first"),
    [
        ("2026-03-11", "2026-03-10", "2025-09-11"),
        ("2026-03-10", "2026-03-10", "2025-09-11"),
        ("2026-03-09", "2025-09-10", "2025-03-11"),
        ("2026-09-10", "2026-09-10", "2026-03-11"),
    ],
)
def test_the_half_year_before_a_point(on: str, point: str, first: str) -> None:
    assert half_year(day(on)) == (day(point), day(first))


def test_back_before_the_point_and_missed_again_is_not_back(cast: Cast) -> None:
    one, two = cast.pupils[:2]
    for pupil in (one, two):
        drop_out(cast, pupil, "2025-12-01", back="2026-03-04")
    mark(cast.seven, one, day("2026-03-06"), MarkCode.UNEXCUSED, cast.head)
    names = Tally(cast.clerk, cast.school, WEDNESDAY).names("point_dropped")
    assert [name.student_id for name in names] == [one.pk]


def test_a_case_that_ended_otherwise_is_no_open_dropout(cast: Cast) -> None:
    case = drop_out(cast, cast.pupils[0], "2026-03-02")
    assert [name.name for name in Tally(cast.clerk, cast.school, WEDNESDAY).names("open")] == [cast.pupils[0].name]
    case.closed_on, case.outcome, case.stage = day("2026-03-10"), Outcome.TRANSFERRED, CaseStage.CLOSED
    case.save()
    assert Tally(cast.clerk, cast.school, WEDNESDAY).names("open") == []
    assert len(Tally(cast.clerk, cast.school, day("2026-03-09")).names("open")) == 1


def test_each_figure_of_the_page_opens_exactly_its_names(cast: Cast) -> None:
    room = classroom(cast, 2020)
    group = pupils(cast, room, 5)
    change(cast, group[:1], Change.SUSPENSION, "2025-10-09")
    drop_out(cast, group[1], "2026-03-02")
    client = login(cast.clerk)
    page = client.get("/rates/")
    assert page.status_code == 200
    seen = 0
    for _, lines in page.context["groups"]:
        for _, parts in lines:
            for part in parts:
                for stage, _, n in part["cells"]:
                    if n:
                        asked = {"term": part["term"], "stage": stage, "on": "2026-03-11"}
                        assert client.get("/rates/names/", asked).context["page"].paginator.count == n
                        seen += 1
    assert seen > 10
    text = page.content.decode()
    assert "学年内认定辍学的学生数 ÷ 学年初在册学生数" in text
    assert "2025—2026学年，2025年9月1日至2026年3月11日" in text
    assert "超过目标0.6%" in text


def test_unknown_terms_and_days_to_come_are_answered_in_kind(cast: Cast) -> None:
    client = login(cast.clerk)
    assert client.get("/rates/names/", {"term": "x"}).status_code == 404
    assert "不能晚于今天" in client.get("/rates/", {"on": "2026-03-12"}).content.decode()


def test_more_pupils_cost_no_more_queries(cast: Cast) -> None:
    client = login(cast.clerk)
    client.get("/rates/")
    costs = []
    for count in (2, 18):
        group = pupils(cast, classroom(cast, 2020 + count % 3), count)
        for pupil in group:
            drop_out(cast, pupil, "2025-12-01", back="2026-03-04")
        with CaptureQueriesContext(connection) as queries:
            client.get("/rates/")
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_nobody_counts_the_pupils_of_another_school(cast: Cast) -> None:
    assert Tally(cast.far_clerk, cast.school, WEDNESDAY).names("start") == []
    assert len(Tally(cast.clerk, cast.school, WEDNESDAY).names("start")) == len(cast.pupils) + len(cast.others)
