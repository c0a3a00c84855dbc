"""`manage.py detect`, and the job that does the same once a day."""

import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from attendance import detection
from schools import jobs
from tests.attendance.saying import day, report, report_days
from tests.cast import Cast


def detect(**options: object) -> str:
    out = StringIO()
    call_command("detect", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def heard(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[detection.Recount]:
    """Three days' absence and one silent; recomputations that the upper apps are told of."""
    report_days(cast.seven, cast.head, cast.pupils[1], "3-5", "UW U")
    report(cast.seven, "3-10", cast.head, {cast.pupils[1]: "U", cast.pupils[3]: "S"})
    told: list[detection.Recount] = []
    monkeypatch.setattr(detection, "listeners", [told.append])
    return told


def test_each_pupils_spell_as_json(heard: list) -> None:
    rows = json.loads(detect(json=True))
    assert rows == [
        {
            "school": "2153000001", "class": "七(1)班", "seat": 2, "absent": 3, "unexcused": 3, "unreported": 1,
            "standing": "suspected",
            "dates": {"2026-03-05": "U", "2026-03-06": "W", "2026-03-09": "未报", "2026-03-10": "U"},
        },
        {
            "school": "2153000001", "class": "七(1)班", "seat": 4, "absent": 1, "unexcused": 0, "unreported": 0,
            "standing": None, "dates": {"2026-03-10": "S"},
        },
    ]  # fmt: skip


def test_it_recomputes_every_school(cast: Cast, heard: list) -> None:
    lines = detect().splitlines()
    assert lines[0].split("\t") == [
        "2153000001", "七(1)班", "2", "缺勤3天", "无故3天", "未报1天", "2026-03-05至2026-03-10", "疑似辍学",
    ]  # fmt: skip
    assert lines[-1] == "2026年3月11日：连缺2人，达到疑似辍学线1人。"
    assert {recount.school_id for recount in heard} == {cast.school.pk, cast.far_school.pk}


def test_nobodys_name_or_number_is_printed(cast: Cast, heard: list) -> None:
    printed = detect() + detect(json=True)
    for child in cast.pupils:
        assert child.name not in printed
        child.refresh_from_db()
        assert child.id_no.reveal() not in printed


def test_looking_back_changes_nothing(cast: Cast, heard: list) -> None:
    rows = json.loads(detect(json=True, on=day("3-6")))
    assert [(row["absent"], row["standing"]) for row in rows] == [(2, "tomorrow")]
    assert heard == []


def test_the_future_is_refused(cast: Cast) -> None:
    with pytest.raises(CommandError, match="还没有到"):
        detect(on=day("3-12"))


def test_the_server_does_it_once_a_day(cast: Cast, heard: list, at_day: Callable[..., None]) -> None:
    task = jobs.registry[jobs.DETECTION]
    assert task.run() == 2
    assert {recount.school_id for recount in heard} == {cast.school.pk, cast.far_school.pk}
