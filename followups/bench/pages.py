"""The pages against the same template with its context fetched beforehand, through the same middleware."""

import gzip
import re
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment
from django.urls import reverse

from attendance.models import DailyReport, Mark, Submission
from followups.bench import floors
from followups.bench.measure import Figure, in_turns, queries
from followups.bench.setting import TODAY, Setting
from schools.models import Classroom, User

_LINKED = re.compile(r'(?:src|href)="/static/([^"]+)"')


def measure(setting: Setting) -> Iterator[Figure]:
    yield from roll_call(setting)
    yield from principal_page(setting)


def browser(user: User) -> Client:
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(user)
    return client


def roll_call(setting: Setting) -> Iterator[Figure]:
    client = browser(setting.teacher)
    room = setting.classes[53]
    url = reverse("attendance:roll_call_on", args=(room.pk, TODAY))
    prepare("roll-call", client, url)
    ours, floor = in_turns(lambda: client.get(url), lambda: client.get("/floor/roll-call/"), 60)
    yield Figure("点名页 53人 GET", ours.cpu, "CPU ms", floor.cpu, 1.5, f"墙钟 {ours.wall:.1f} / {floor.wall:.1f} ms")
    yield from _post(setting, client)
    for size, classroom in setting.classes.items():
        address = reverse("attendance:roll_call_on", args=(classroom.pk, TODAY))
        yield Figure(f"点名页 {size}人 GET 查询", queries(partial(client.get, address)), "次", limit=12)
        send(client, setting, classroom)
        unsay(classroom)
        asked = queries(partial(send, client, setting, classroom))
        yield Figure(f"点名页 {size}人 POST 查询", asked, "次", limit=22)
        unsay(classroom)
    first, later = wire_size(client, url)
    yield Figure("点名页 首次 传输", first / 1024, "KB gzip", limit=25)
    yield Figure("点名页 再次 传输", later / 1024, "KB gzip", limit=5)


def _post(setting: Setting, client: Client) -> Iterator[Figure]:
    room = setting.classes[53]
    away = [str(pupil.pk) for pupil in setting.pupils[53][5:7]]
    data = {"on": TODAY.isoformat(), "classroom": room.pk, "away": away}

    def ours() -> None:
        send(client, setting, room)

    def floor() -> None:
        assert client.post("/floor/insert/", data).status_code == 200

    mine, its = in_turns(_undone(ours, room), _undone(floor, room), 60)
    note = f"墙钟 {mine.wall:.1f} / {its.wall:.1f} ms"
    yield Figure("点名提交 53人 缺2人 含预警与留痕", mine.cpu, "CPU ms", its.cpu, 3, note)


def _undone(run: Callable[[], None], room: Classroom) -> Callable[[], None]:
    """A run that finds the class unreported again; taking back is part of neither figure's difference."""

    def again() -> None:
        run()
        unsay(room)

    return again


def send(client: Client, setting: Setting, room: Classroom) -> None:
    """A class's report with two absentees, as the page sends it."""
    pupils = next(kept for size, kept in setting.pupils.items() if setting.classes[size].pk == room.pk)
    if room.pk not in carried:
        carried[room.pk] = _carried(client, room)
    base = int(carried[room.pk]["base"])
    data = carried[room.pk] | {
        "request_id": str(uuid.uuid4()),
        "absent": [str(pupil.pk - base) for pupil in pupils[5:7]],
    }
    response = client.post(reverse("attendance:roll_call_on", args=(room.pk, TODAY)), data)
    assert response.status_code == 302, response.status_code


carried: dict[int, dict[str, str]] = {}


def _carried(client: Client, room: Classroom) -> dict[str, str]:
    """The hidden fields that the page of a class carries."""
    page = client.get(reverse("attendance:roll_call_on", args=(room.pk, TODAY)), headers={"accept-encoding": ""})
    found = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    return {name: found[name] for name in ("revision", "roll", "base")}


def unsay(room: Classroom) -> None:
    """Take a class's report of the day back, as no page can."""
    with transaction.atomic():
        Mark.objects.filter(report__classroom=room, on=TODAY).delete()
        Submission.objects.filter(report__classroom=room, report__on=TODAY).delete()
        DailyReport.objects.filter(classroom=room, on=TODAY).delete()


def principal_page(setting: Setting) -> Iterator[Figure]:
    url = reverse("followups:principal")
    for classes, principal in setting.principals.items():
        client = browser(principal)
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        statements = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")]
        prepare(f"principal-{classes}", client, url)

        def floor(client: Client = client, classes: int = classes, statements: list[str] = statements) -> None:
            client.get(f"/floor/principal-{classes}/")
            floors.bare(statements)

        ours, its = in_turns(partial(client.get, url), floor)
        note = f"墙钟 {ours.wall:.1f} / {its.wall:.1f} ms"
        yield Figure(f"校长一页 {classes}班", ours.cpu, "CPU ms", its.cpu, 2, note)
        yield Figure(f"校长一页 {classes}班 查询", queries(partial(client.get, url)), "次", limit=20)


def prepare(name: str, client: Client, url: str) -> None:
    """Fetch a page's context once and keep it for the floor."""
    setup_test_environment(debug=False)
    try:
        response = client.get(url)
    finally:
        teardown_test_environment()
    assert response.status_code == 200, response.status_code
    context: dict[str, Any] = {}
    for layer in response.context or ():
        context = layer.flatten() | context  # type: ignore[union-attr]
    floors.prepared[name] = (str(response.templates[0].name), context)


def wire_size(client: Client, url: str) -> tuple[int, int]:
    """Bytes of a first visit (page, and every static file it names, gzip) and of a later one (the page)."""
    response = client.get(url)
    page = len(response.content)
    text = gzip.decompress(response.content).decode() if response.headers.get("Content-Encoding") else ""
    files = {re.sub(r"\.[0-9a-f]{12}(?=\.)", "", name) for name in _LINKED.findall(text)}
    static = 0
    for name in files:
        path = finders.find(name)
        assert path, name
        with open(path, "rb") as file:
            static += len(gzip.compress(file.read()))
    headers = sum(len(key) + len(value) + 4 for key, value in response.headers.items())
    return page + headers + static, page + headers
