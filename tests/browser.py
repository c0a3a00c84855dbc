"""Debian's Chromium for the tests marked `browser`: a phone and a desk, on a clock that starts on the usual Wednesday.

Set KC_SHOTS to a folder to keep a picture of every page that a test shows.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from kongchuo import dates
from schools.models import User
from tests.cast import WEDNESDAY

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, in which Django would refuse the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def wednesday() -> Iterator[None]:
    """The usual Wednesday at eight, running on: a browser waits for its clock."""
    with time_machine.travel(dates.at(WEDNESDAY, 8), tick=True):
        yield


@pytest.fixture
def visit(chromium: Browser, live_server: Any, wednesday: None) -> Iterator[Callable[..., Page]]:
    """``visit(user, "/roll/1/")`` opens a page as somebody; `size` PHONE or DESK, `script` False switches it off.

    A test fails if a page says anything in the console or asks another host.
    """
    open_contexts, said = [], []

    def opened(user: User, path: str, *, size: dict[str, int] = PHONE, script: bool = True, **more: Any) -> Page:
        client = Client()
        client.force_login(user)
        context = chromium.new_context(viewport=size, java_script_enabled=script, has_touch=size is PHONE, **more)
        open_contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        page = context.new_page()
        listen(page, live_server.url, said)
        page.goto(live_server.url + path)
        return page

    yield opened
    for context in open_contexts:
        context.close()
    assert not said


def listen(page: Page, server: str, said: list[str]) -> None:
    """Note in `said` a page's errors and warnings in the console, and any host but the server that it asks."""
    # That two people quarrel (409) and that a form is refused (422) are answers, which Chromium notes as well.
    refusal = re.compile(r"status of 4(09|22) ")

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not refusal.search(message.text):
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url.startswith((server, "data:", "blob:")) or said.append(request.url))


def shoot(page: Page, name: str) -> None:
    """A picture of the page as the window shows it, if KC_SHOTS names a folder for it."""
    if folder := os.environ.get("KC_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")
