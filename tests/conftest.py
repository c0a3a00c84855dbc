"""Fixtures that every test may use. The cast of people and classes stands in tests/cast.py."""

import datetime
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.core.cache import cache

from kongchuo import dates
from schools import setup


@pytest.fixture
def at_day() -> Iterator[Callable[..., None]]:
    """Freeze the school's clock: ``at_day("2026-03-11")`` is 08:00 there, ``at_day("2026-03-11", 9, 42)`` is later.

    Called again it moves the clock; the real time is back after the test.
    """
    running: list[time_machine.travel] = []

    def freeze(day: str | datetime.date, hour: int = 8, minute: int = 0) -> None:
        thaw()
        on = datetime.date.fromisoformat(day) if isinstance(day, str) else day
        travel = time_machine.travel(dates.at(on, hour, minute), tick=False)
        travel.start()
        running.append(travel)

    def thaw() -> None:
        while running:
            running.pop().stop()

    yield freeze
    thaw()


@pytest.fixture(autouse=True)
def forgetful_process() -> Iterator[None]:
    """What a server process remembers about the site does not reach from one test into the next."""
    setup.forget()
    cache.clear()
    yield
    setup.forget()
    cache.clear()


pytest_plugins = ["tests.cast", "tests.browser", "tests.journeys.browser"]
