"""Banners on every page, and what they cost."""

import datetime
from collections.abc import Callable, Iterator

import pytest
from django.test import Client, override_settings

from kongchuo import dates
from schools import calendar, jobs
from schools.models import Job
from tests.cast import WEDNESDAY, Cast

OLD = "今天的连缺预警还没有计算"
PLAIN = "本站没有加密"


@pytest.fixture(autouse=True)
def detection() -> Iterator[None]:
    """A server that runs detection, whether or not an app above has registered it."""
    kept = dict(jobs.registry)
    jobs.register(jobs.DETECTION, lambda: None, jobs.daily(9))
    yield
    jobs.registry.clear()
    jobs.registry.update(kept)


def page(client: Client, **extra: str) -> str:
    return client.get("/password/", **extra).content.decode()


def test_detection_is_old_from_half_past_nine_on_a_school_day(cast: Cast, client: Client, at_day: Callable) -> None:
    client.force_login(cast.head)
    at_day(WEDNESDAY, 9, 29)
    assert OLD not in page(client)
    at_day(WEDNESDAY, 9, 30)
    assert OLD in page(client)
    Job.objects.create(name=jobs.DETECTION, ran_on=WEDNESDAY, finished_at=dates.now())
    assert OLD in page(client)  # remembered for a minute
    at_day(WEDNESDAY, 9, 32)
    assert OLD not in page(client)
    at_day("2026-03-12", 9, 31)
    client.force_login(cast.head)
    assert OLD in page(client)


def test_no_detection_is_missed_on_a_day_off(cast: Cast, client: Client, at_day: Callable) -> None:
    client.force_login(cast.head)
    at_day("2026-03-14", 10)
    assert OLD not in page(client)
    at_day("2026-03-12", 10)
    calendar.close_day(actor=cast.clerk, school=cast.school, on=datetime.date(2026, 3, 12), reason="停")
    assert OLD not in page(client)


def test_the_answer_costs_one_query_a_minute(
    cast: Cast, client: Client, at_day: Callable, django_assert_num_queries
) -> None:
    client.force_login(cast.head)
    with django_assert_num_queries(3):  # session, person, duties
        page(client)
    at_day(WEDNESDAY, 9, 42)
    with django_assert_num_queries(4):
        page(client)
    with django_assert_num_queries(3):
        page(client)


def test_plain_http_is_said_on_a_network_only(cast: Cast, client: Client) -> None:
    with override_settings(ALLOWED_HOSTS=["*"]):
        assert PLAIN in client.get("/login/", headers={"host": "192.0.2.7:8000"}).content.decode()
        assert PLAIN not in client.get("/login/", headers={"host": "127.0.0.1:8000"}).content.decode()
        assert PLAIN not in client.get("/login/", headers={"host": "[::1]:8000"}).content.decode()
        assert PLAIN not in client.get("/login/", headers={"host": "192.0.2.7"}, secure=True).content.decode()


def test_a_demo_says_that_it_is_one(cast: Cast, client: Client) -> None:
    with override_settings(DEMO=True, DEMO_TODAY=WEDNESDAY):
        assert "今天固定为2026年3月11日" in client.get("/login/").content.decode()
