"""What the tests of the daily report share: sending one, and reading the page as a browser would."""

import datetime
import re
import uuid
from collections.abc import Callable, Iterator, Mapping

import pytest
from django.test import Client

from attendance import rollcall, services
from attendance.models import Submission
from schools.models import Classroom, User
from tests.cast import WEDNESDAY


def send(
    actor: User, classroom: Classroom, on: datetime.date = WEDNESDAY, marks: Mapping[int, str] | None = None, **other
) -> Submission:
    """One sending as the page makes it: of the roll and the revision that now stand, unless told otherwise."""
    roll = rollcall.roll_of(classroom, on, other.get("session", "am"))
    said = {pk: code if isinstance(code, tuple) else (code, "") for pk, code in (marks or {}).items()}
    fields = {"request_id": uuid.uuid4(), "seen_revision": roll.revision, "roll_version": roll.version} | other
    return services.submit_report(actor=actor, classroom=classroom, on=on, marks=said, **fields)


def fields_of(html: str) -> list[tuple[str, str]]:
    """What a browser without script would send from the roll call as it stands: names and values, in order."""
    form = html[html.index('<form id="roll"') : html.index("</form>")]
    sent = []
    for tag in re.finditer(r"<(input|select)\b([^>]*)>(.*?)(?=<(?:input|select|/form)|$)", form, re.DOTALL):
        kind, attributes, after = tag.groups()
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        if "name" not in found or (found.get("type") == "checkbox" and " checked" not in attributes):
            continue
        value = found.get("value", "")
        if kind == "select":
            value = re.search(r"<option value=(\w) selected", after)[1]
        sent.append((found["name"], value))
    return sent


class Page:
    """The roll call in a browser without script: open it, tap rows, send."""

    def __init__(self, client: Client, url: str):
        self.client, self.url = client, url
        self.response = client.get(url)
        self.html = self.response.content.decode()
        self.fields = fields_of(self.html)
        self.action = re.search(r'<form id="roll" method="post" action="([^"]+)"', self.html)[1]

    def tap(self, pk: int, code: str = "", note: str = "") -> "Page":
        """Tap a row; then perhaps a reason and a note."""
        key, name = self.control(pk)
        self.fields.append((name, key))
        if code:
            self.fields = [field for field in self.fields if field[0] != f"c{key}"]
            self.fields += [(f"c{key}", code), (f"n{key}", note)]
        return self

    def control(self, pk: int) -> tuple[str, str]:
        """Value and name of the checkbox in a pupil's row."""
        key = str(pk - int(dict(self.fields)["base"]))
        return key, re.search(rf'type="checkbox" name="(here|absent)" value="{key}"[ >]', self.html)[1]

    def untap(self, pk: int) -> "Page":
        key, name = self.control(pk)
        self.fields.remove((name, key))
        return self

    def send(self, **more: str):
        data: dict[str, list[str]] = {}
        for name, value in [*self.fields, *more.items()]:
            data.setdefault(name, []).append(value)
        return self.client.post(self.action, data)


@pytest.fixture
def open_page(client: Client) -> Callable[[User, str], Page]:
    def opened(user: User, url: str) -> Page:
        client.force_login(user)
        return Page(client, url)

    return opened


@pytest.fixture
def open_cases() -> Iterator[dict[int, str]]:
    """Pupils with an open case, as the upper app says through the registry; taken out of it after the test."""
    cases: dict[int, str] = {}

    def source(_classroom: Classroom, _on: datetime.date) -> dict[int, str]:
        return cases

    rollcall.premark_sources.append(source)
    yield cases
    rollcall.premark_sources.remove(source)
