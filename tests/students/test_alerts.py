"""What goes wrong on the roll while nobody looks: both ends of every timer, and whom it is shown to."""

import datetime
from collections.abc import Callable

import pytest
from django.urls import reverse

from schools import policy
from schools.policy import rules_on
from students import alarms, alerts, procedures, roll, todos
from students.alerts import Level
from students.codes import Change
from students.models import RollChange
from tests.cast import WEDNESDAY, Cast, login
from tests.students.changework import keep_all, march, record

AtDay = Callable[..., None]


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


# --- Suspensions ----------------------------


@pytest.mark.parametrize(
    ("on", "level"),
    [
        ("2026-05-01", None),  # 31 days before
        ("2026-05-02", Level.SOON),  # 30 days before
        ("2026-05-31", Level.SOON),
        ("2026-06-01", Level.OVER),  # the day itself
        ("2026-06-14", Level.OVER),  # 13 days after
        ("2026-06-15", Level.DROPOUT),  # 14 days after
        ("2026-08-01", Level.DROPOUT),
    ],
)
def test_a_suspension_speaks_up_three_times(cast: Cast, at_day: AtDay, on: str, level: Level | None) -> None:
    record(cast, cast.pupils[0], Change.SUSPENSION, until=day("2026-06-01"))
    at_day(on)
    found = alerts.suspended(RollChange.objects.visible_to(cast.clerk), day(on), rules_on(cast.school, day(on)))
    assert [one.level for one in found] == ([level] if level else [])
    awaiting = todos.of_office(cast.clerk, cast.school, day(on))
    assert any(todo.overdue for todo in awaiting if "休学" in todo.text) == (level not in (None, Level.SOON))


@pytest.mark.parametrize("way", ["back", "more", "voided"])
def test_who_came_back_or_was_granted_more_is_off_the_list(cast: Cast, at_day: AtDay, way: str) -> None:
    change = record(cast, cast.pupils[0], Change.SUSPENSION, until=march(20))
    at_day("2026-04-30")
    if way == "more":
        record(cast, cast.pupils[0], Change.SUSPENSION, march(21), until=day("2026-09-30"))
    elif way == "voided":
        roll.void(actor=cast.clerk, change=change, reason="登记错了人")
    else:
        record(cast, cast.pupils[0], Change.RESUMPTION, march(21))
    now = day("2026-04-30")
    assert alerts.suspended(RollChange.objects.visible_to(cast.clerk), now, rules_on(cast.school, now)) == []


def test_the_page_leads_to_the_case_only_after_the_last_day(cast: Cast, at_day: AtDay) -> None:
    record(cast, cast.pupils[0], Change.SUSPENSION, until=march(20))
    page, case = reverse("students:suspensions"), reverse("followups:case_new", args=(cast.pupils[0].pk,))
    at_day("2026-04-02")
    assert case not in login(cast.clerk).get(page).content.decode()
    at_day("2026-04-03")
    clerk = login(cast.clerk)
    assert f"{case}?source=suspension_over" in clerk.get(page).content.decode()
    form = clerk.get(case, {"source": "suspension_over"}).context["form"]
    assert form["source"].value() == "suspension_over"


# --- Left, and not arrived ------------------


def test_who_left_is_ours_until_the_receipt_and_late_after_the_last_day(cast: Cast, at_day: AtDay) -> None:
    change = record(cast, cast.pupils[0], Change.TRANSFER_OUT)  # applied on the 6th: due on the 20th

    def lines() -> list[tuple[str, bool]]:
        found = login(cast.clerk).get(reverse("students:not_arrived")).context["lines"]
        return [(line.change.student.name, late) for line, late in found]

    at_day(march(20))
    assert lines() == [("赵海燕", False)]
    at_day(march(21))
    assert lines() == [("赵海燕", True)]
    assert "1名学生转出未接续，其中1名已超期" in [
        todo.text for todo in todos.of_office(cast.clerk, cast.school, march(21))
    ]
    keep_all(cast, change)
    procedures.settle(actor=cast.clerk, change=change, on=march(21))
    assert lines() == []


def test_what_is_missing_is_listed_with_its_class(cast: Cast) -> None:
    change = record(cast, cast.pupils[0], Change.SUSPENSION)
    record(cast, cast.others[0], Change.TRANSFER_OUT)
    for person, names in ((cast.clerk, {"赵海燕"}), (cast.head, {"赵海燕"}), (cast.far_clerk, set())):
        lines = login(person).get(reverse("students:missing_papers")).context["lines"]
        assert {line.change.student.name for line in lines} == names
    (line, *_) = login(cast.head).get(reverse("students:missing_papers")).context["lines"]
    assert line.missing[0].startswith("休学书面申请")
    assert line.classroom == cast.seven
    keep_all(cast, change)
    assert login(cast.head).get(reverse("students:missing_papers")).context["lines"] == []


def test_the_class_teacher_hears_of_her_class_only(cast: Cast) -> None:
    def words() -> list[str]:
        return [todo.text for todo in alerts.for_teachers(cast.head, cast.seven, WEDNESDAY) if todo.count]

    record(cast, cast.others[0], Change.TRANSFER_OUT)
    assert words() == []
    record(cast, cast.pupils[0], Change.TRANSFER_OUT)
    assert words() == ["1名学生转出未接续", "1笔异动缺材料"]


# --- Several of one class -------------------


def leave(cast: Cast, *days: int) -> None:
    for pupil, on in zip(cast.pupils, days, strict=False):
        kind = Change.SUSPENSION if on % 2 else Change.TRANSFER_OUT
        until = {"until": day("2026-09-01")} if kind == Change.SUSPENSION else {}
        record(cast, pupil, kind, march(on), **until)


@pytest.mark.parametrize(
    ("on", "warned"),
    [("2026-03-10", False), ("2026-03-11", True), ("2026-04-01", True), ("2026-04-02", False)],
)
def test_three_of_one_class_within_thirty_days_are_a_warning(cast: Cast, at_day: AtDay, on: str, warned: bool) -> None:
    leave(cast, 3, 4, 11)  # the third on the 11th; the first falls out of thirty days on 2 April
    record(cast, cast.others[0], Change.TRANSFER_OUT)
    at_day(on)
    found = alarms.clusters(cast.school, day(on), rules_on(cast.school, day(on)))
    assert [(one.classroom, len(one.leavers)) for one in found] == ([(cast.seven, 3)] if warned else [])


def test_the_warning_names_the_children_and_reaches_the_principal(cast: Cast) -> None:
    leave(cast, 3, 4, 5)
    principal = login(cast.principal)
    names = {"赵海燕", "李建军", "王小梅"}
    (found,) = principal.get(reverse("students:clusters")).context["clusters"]
    assert {leaver.student.name for leaver in found.leavers} == names
    assert found.text == "七(1)班最近30天有3名学生离校或休学"
    for page in ("roll_office", "change_list"):
        assert found.text in principal.get(reverse(f"students:{page}")).content.decode()
    tile = principal.get("/principal/roll/").context["tile"]
    assert names == {entry.student.name for entry in tile.entries}
    assert login(cast.far_principal).get(reverse("students:clusters")).context["clusters"] == []


def test_the_principal_hears_of_each_child_once_and_only_in_time(cast: Cast, at_day: AtDay) -> None:
    record(cast, cast.pupils[0], Change.TRANSFER_OUT)  # due on the 20th
    record(cast, cast.others[1], Change.SUSPENSION, until=march(20))

    def said(on: datetime.date) -> dict[str, str]:
        at_day(on)
        found = alarms.alarms(cast.school, on, rules_on(cast.school, on))
        return {alarm.student.name: alarm.text for alarm in found}

    assert said(march(19)) == {}
    assert list(said(march(20)).values()) == ["休学3/20期满，未复学"]
    at_day(march(21))
    tile = login(cast.principal).get("/principal/roll/").context["tile"]
    assert [entry.text for entry in tile.entries] == ["转出未接续，超期1天", "休学3/20期满，未复学"]
    assert login(cast.principal).get("/principal/").status_code == 200
    assert "，按辍学核查" in said(day("2026-04-03"))["李建军"]
    assert alarms.alarms(cast.far_school, day("2026-04-03"), rules_on(cast.far_school, day("2026-04-03"))) == []


def test_longer_suspended_and_a_late_receipt_are_no_new_leaving(cast: Cast, at_day: AtDay) -> None:
    leave(cast, 3, 4, 5)
    at_day("2026-04-20")
    record(cast, cast.pupils[0], Change.SUSPENSION, day("2026-04-20"), until=day("2026-12-01"))
    gone = cast.pupils[1].changes.get(kind=Change.TRANSFER_OUT)
    keep_all(cast, gone)
    procedures.settle(actor=cast.clerk, change=gone, on=day("2026-04-20"))
    now = day("2026-04-20")
    assert alarms.clusters(cast.school, now, rules_on(cast.school, now)) == []


def test_the_numbers_of_the_warning_are_the_school_s_own(cast: Cast) -> None:
    leave(cast, 3, 4)
    policy.set_rule(
        actor=cast.principal, school=cast.school, key="cluster_of_leavers", value="2", basis="学校控辍制度",
        from_day=march(1),
    )  # fmt: skip
    assert len(alarms.clusters(cast.school, WEDNESDAY, rules_on(cast.school, WEDNESDAY))) == 1
