"""People at their screens: each in a browser of his own, logging in as everybody does, on a clock that a test moves."""

import datetime
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Locator, Page, expect

from kongchuo import dates
from tests.browser import DESK, PHONE, listen

LOGIN = "/login/"
FAULTS = """() => {
  const shown = (one) => one.getClientRects().length > 0;
  const text = (one) => (one.textContent || one.value || one.getAttribute("aria-label") || one.title || "").trim();
  const all = (what) => [...document.querySelectorAll(what)].filter(shown);
  const said = [];
  if (document.documentElement.lang !== "zh-Hans") said.push("no language");
  if (!document.title.trim()) said.push("no title");
  if (document.querySelectorAll("h1").length !== 1) said.push("not one h1");
  let level = 1;
  for (const head of all("h1, h2, h3, h4")) {
    if (+head.tagName[1] > level + 1) said.push(`heading jumps: ${head.textContent}`);
    level = +head.tagName[1];
  }
  for (const field of all("input:not([type=hidden]), select, textarea")) {
    const named = field.labels?.length || field.getAttribute("aria-label") || field.type === "submit";
    if (!named) said.push(`no label: ${field.name || field.id}`);
  }
  for (const one of all("button, a[href], input[type=submit]")) if (!text(one)) said.push(`no name: ${one.outerHTML}`);
  if (document.querySelectorAll("#nav [aria-current]").length > 1) said.push("two entries of the menu are current");
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids)) if (ids.filter((one) => one === id).length > 1) said.push(`id twice: ${id}`);
  return said;
}"""
"""What a screen reader would stumble over, as far as a page shows it by itself."""


@pytest.fixture
def morning() -> Iterator[Callable[..., None]]:
    """``morning("2026-04-29")``: it is eight o'clock at the school on that day, and the clock runs on."""
    running: list[time_machine.travel] = []

    def rise(day: str, hour: int = 8) -> None:
        travel = time_machine.travel(dates.at(datetime.date.fromisoformat(day), hour), tick=True)
        while running:
            running.pop().stop()
        travel.start()
        running.append(travel)

    yield rise
    while running:
        running.pop().stop()


class Person:
    """Somebody at a screen. Whatever page he comes to is looked at: nothing over the edge, nothing without a name.

    Set KC_PICTURES to a folder to keep a full picture of every page, and every file that he downloads.
    """

    taken = 0

    def __init__(self, page: Page, server: str, username: str, password: str, size: dict[str, int]):
        self.page, self.server, self.size = page, server, size
        self.username, self.password = username, password
        page.on("dialog", lambda dialog: dialog.accept())

    def open(self, path: str) -> Page:
        """Go to a page; who is not logged in (any more) logs in on the way."""
        self.page.goto(self.server + path)
        if self.page.url.startswith(self.server + LOGIN):
            self.log_in(self.password)
        else:
            self.look()
        return self.page

    def log_in(self, password: str) -> None:
        self.look()
        self.page.get_by_label("登录名").fill(self.username)
        self.page.get_by_label("密码").fill(password)
        self.press("登录")

    def start_with(self, slip: str) -> None:
        """The first login: a one-time slip, which opens nothing but the choice of a password."""
        self.page.goto(f"{self.server}{LOGIN}?next=/students/")
        self.log_in(slip)
        expect(self.page.get_by_role("heading", name="换成自己的密码")).to_be_visible()
        self.fill(新密码=self.password, 再输一遍新密码=self.password)
        self.press("保存新密码")

    def menu(self, entry: str) -> None:
        """Go by the main menu."""
        if self.size is PHONE:
            self.page.get_by_role("button", name="菜单").click()
        self.follow(entry, self.page.get_by_role("navigation", name="主菜单"))

    def follow(self, link: str, where: Locator | None = None) -> None:
        self._leave((where or self.page).get_by_role("link", name=link, exact=True).first)

    def press(self, button: str | re.Pattern[str], where: Locator | None = None) -> None:
        exact = isinstance(button, str)
        self._leave((where or self.page).get_by_role("button", name=button, exact=exact).first)

    def fill(self, **said: str) -> None:
        """Fill in fields by their labels."""
        for label, text in said.items():
            self.field(label).fill(text)

    def choose(self, **said: str) -> None:
        for label, option in said.items():
            self.field(label).select_option(label=option)

    def tick(self, *labels: str) -> None:
        """Tap radio buttons and boxes by what stands beside them."""
        for label in labels:
            self.page.locator("label", has_text=re.compile(f"^\\s*{re.escape(label)}")).first.click()

    def field(self, label: str) -> Locator:
        """A field by its label, which may carry the asterisk of what must be filled in."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$"))

    def see(self, *sentences: str) -> None:
        for sentence in sentences:
            expect(self.page.locator("body")).to_contain_text(sentence)

    def download(self) -> bytes:
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name="下载").click()
        if folder := os.environ.get("KC_PICTURES"):
            waiting.value.save_as(Path(folder) / waiting.value.suggested_filename)
        return Path(waiting.value.path()).read_bytes()

    def look(self, name: str = "") -> None:
        assert not self.page.evaluate(FAULTS), self.page.url
        for size in {id(one): one for one in (PHONE, self.size)}.values():
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, f"{self.page.url} runs {over} px over the edge at {size['width']}"
            self._shoot(name or self.page.title().split(" · ")[0], size)

    def _leave(self, way: Locator) -> None:
        with self.page.expect_navigation():
            way.click()
        self.look()

    def _shoot(self, name: str, size: dict[str, int]) -> None:
        if folder := os.environ.get("KC_PICTURES"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            Person.taken += 1
            words = re.sub(r"[^\w()（）]+", "-", name)
            file = Path(folder) / f"{Person.taken:03d}-{self.username}-{size['width']}-{words}.png"
            self.page.screenshot(path=file, full_page=True)


@pytest.fixture
def person(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Person]]:
    """``person("zhang", password, size=PHONE, script=False)``: somebody at a screen.

    A test fails if any page says anything in the console or asks another host.
    """
    contexts, said = [], []

    def seated(username: str, password: str, *, size: dict[str, int] = DESK, script: bool = True) -> Person:
        context = chromium.new_context(
            viewport=size, java_script_enabled=script, has_touch=size is PHONE, locale="zh-CN"
        )
        contexts.append(context)
        page = context.new_page()
        listen(page, live_server.url, said)
        return Person(page, live_server.url, username, password, size)

    yield seated
    for context in contexts:
        context.close()
    assert not said
