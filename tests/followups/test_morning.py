"""The principal's morning: every number is the length of the list it opens, and costs the same in any school."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance.codes import MarkCode
from attendance.detection import recompute
from attendance.models import DailyReport, Mark
from followups.codes import FindingKind, Met, Outcome, Result, Stage, Way
from followups.contacts import record_contact
from followups.findings import decide_finding
from followups.models import Case
from followups.morning import TILES, Morning
from kongchuo import dates
from schools.models import Classroom, SchoolDay
from students.models import Enrollment, Student
from tests.cast import WEDNESDAY, Cast, login, make_pupil

DAYS = [datetime.date(2026, 3, day) for day in (9, 10, 11)]


def report(cast: Cast, classroom: Classroom, on: datetime.date, away: dict[Student, str]) -> None:
    made = DailyReport.objects.create(
        classroom=classroom, on=on, expected=6, absent=len(away), submitted_by=cast.head, submitted_at=dates.at(on, 8),
        roll_version="",
    )  # fmt: skip
    for student, code in away.items():
        Mark.objects.create(report=made, student=student, on=on, teacher_code=code)


@pytest.fixture
def morning(cast: Cast) -> Morning:
    """Three days in 七(1)班: one child away all three, one the last two; 八(1)班 has not reported."""
    for on in DAYS:
        away = {cast.pupils[0]: MarkCode.UNEXCUSED}
        if on > DAYS[0]:
            away[cast.pupils[1]] = MarkCode.WAITING
        if on == DAYS[2]:
            away[cast.pupils[2]] = MarkCode.SICK
        report(cast, cast.seven, on, away)
    recompute(classroom=cast.seven, actor=cast.head)
    return Morning(cast.school, WEDNESDAY)


def names(morning: Morning, key: str) -> list[str]:
    return [entry.student.name for entry in morning.tile(key).entries]


def test_each_line_names_its_children(cast: Cast, morning: Morning) -> None:
    assert names(morning, "absent") == ["赵海燕", "李建军", "王小梅"]
    assert morning.tile("absent").coverage == "1/2 班已报"
    assert morning.tile("absent").parts == [("未请假", 1), ("原因待核", 1), ("请假", 1)]
    assert names(morning, "unreached") == ["赵海燕"]
    assert names(morning, "tomorrow") == ["李建军"]
    assert names(morning, "sign") == ["赵海燕"]
    assert "缺勤3天（3/9、3/10、3/11）" in morning.tile("unreached").entries[0].text


def test_any_contact_today_takes_a_child_off_the_list_but_not_off_the_case(cast: Cast, morning: Morning) -> None:
    record_contact(
        actor=cast.head, student=cast.pupils[0], way=Way.PHONE, on=WEDNESDAY, met=Met.NOBODY, result=Result.UNREACHABLE
    )
    later = Morning(cast.school, WEDNESDAY)
    assert names(later, "unreached") == []
    assert names(later, "sign") == ["赵海燕"]


def test_a_silent_day_stands_under_need_of_report_not_under_suspected(cast: Cast) -> None:
    for on in (DAYS[0], DAYS[2]):
        report(cast, cast.seven, on, {cast.pupils[0]: MarkCode.UNEXCUSED})
    recompute(classroom=cast.seven, actor=cast.head)
    morning = Morning(cast.school, WEDNESDAY)
    assert names(morning, "unconfirmed") == ["赵海燕"]
    assert names(morning, "sign") == names(morning, "unreached") == []
    assert "缺勤2天＋未报1天（3/9、3/10未报、3/11）" in morning.tile("unconfirmed").entries[0].text


def test_a_finding_moves_the_child_from_signing_to_open_and_into_the_figures(cast: Cast, morning: Morning) -> None:
    case = Case.objects.get()
    decide_finding(
        actor=cast.principal, case=case, kind=FindingKind.SUSPECTED, basis="连续3个到校日无故未到",
        unjustified="监护人没有请假",
    )  # fmt: skip
    later = Morning(cast.school, WEDNESDAY)
    assert names(later, "sign") == []
    assert names(later, "open") == ["赵海燕"]
    assert [(row.stage, row.suspected, row.dropout, row.returned) for row in later.month] == [
        ("小学", 0, 0, 0), ("初中", 1, 0, 0),
    ]  # fmt: skip


def test_one_day_missed_in_the_watch_is_an_alert(cast: Cast, morning: Morning) -> None:
    Case.objects.update(
        stage=Stage.CLOSED, outcome=Outcome.RETURNED, closed_on=DAYS[0], returned_on=DAYS[0],
        watch_until=datetime.date(2026, 4, 30),
    )  # fmt: skip
    tile = Morning(cast.school, WEDNESDAY).tile("watch")
    assert (tile.n, tile.tone, tile.coverage) == (1, "alarm", "其中1人又缺勤")
    assert tile.entries[0].text == "复学3/9，跟踪至4/30，又缺勤2天（3/10、3/11）"


def test_classes_stand_in_the_order_of_silence_not_of_absence(cast: Cast, morning: Morning) -> None:
    rows = morning.class_table
    assert [row.classroom for row in rows] == [cast.eight, cast.seven]
    assert [(row.reported, row.due) for row in rows] == [(0, 10), (3, 10)]
    assert (rows[1].absent, rows[1].expected) == (6, 18)


def test_a_class_owes_no_report_of_the_days_before_it_had_pupils(cast: Cast, morning: Morning) -> None:
    Enrollment.objects.filter(classroom=cast.eight).update(starts_on=DAYS[1])
    assert [(row.classroom, row.reported, row.due) for row in morning.class_table] == [
        (cast.seven, 3, 10),
        (cast.eight, 0, 2),
    ]


@pytest.mark.parametrize("key", sorted(TILES))
def test_the_number_on_the_page_is_the_length_of_its_list(cast: Cast, morning: Morning, key: str) -> None:
    client = login(cast.principal)
    on_page = {tile.key: tile.n for tile in client.get("/principal/").context["tiles"]}
    listed = client.get(f"/principal/{key}/").context["tile"].entries
    assert on_page[key] == len(listed)


def test_no_day_no_report_no_case_is_said_in_words(cast: Cast) -> None:
    SchoolDay.objects.filter(on=WEDNESDAY).delete()
    assert "今天不上课" in login(cast.principal).get("/principal/").content.decode()


def test_the_page_costs_the_same_with_more_classes_and_more_children(cast: Cast, morning: Morning) -> None:
    client = login(cast.principal)
    before = queries(client)
    for number in range(2, 8):
        room = Classroom.objects.create(school=cast.school, stage="junior", entry_year=2025, number=number)
        pupil = make_pupil(cast.school, room, 1, f"学生{number}", 700 + number)
        for on in DAYS:
            report(cast, room, on, {pupil: MarkCode.UNEXCUSED})
        recompute(classroom=room, actor=cast.head)
    assert queries(client) == before <= 20


def queries(client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get("/principal/")
    return len(captured.captured_queries)
