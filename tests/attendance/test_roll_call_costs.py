"""到校日报, what the page costs: queries, and bytes on the wire."""

import datetime
import gzip
import random
import re

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followups.demo.people import Crowd
from students.services import initials
from tests.attendance.conftest import Page, send
from tests.attendance.test_protocol import away, said
from tests.cast import WEDNESDAY, Cast, make_cast

BOOKKEEPING = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def queries(run) -> int:
    with CaptureQueriesContext(connection) as captured:
        run()
    return sum(not query["sql"].startswith(BOOKKEEPING) for query in captured)


@pytest.mark.parametrize("situation", ["first", "correction", "older", "long_case", "alert"])
def test_the_number_of_queries_is_the_same_for_20_and_60_pupils(db, at_day, client, open_cases, situation):
    at_day(WEDNESDAY)
    costs = []
    for size in (20, 60):
        cast = make_cast(size) if not costs else _another(size)
        client.force_login(cast.head)
        url = f"/roll/{cast.seven.pk}/"
        days = [datetime.date(2026, 3, day) for day in (2, 3, 4, 5, 6, 9, 10)]
        away(cast, at_day, 1, 2, days={"long_case": days, "alert": days[-2:]}.get(situation, days[-3:]))
        open_cases[cast.pupils[1].pk] = "有未销号个案"
        page = Page(client, url)
        if situation in ("correction", "older"):
            send(cast.head, cast.seven, marks={cast.pupils[3].pk: "W"})
            page = Page(client, url) if situation == "correction" else page
        get = queries(lambda url=url: client.get(url))
        page.tap(cast.pupils[5].pk, "S")
        if situation == "alert":
            page.tap(cast.pupils[2].pk)
        answers = []
        post = queries(lambda page=page, answers=answers: answers.append(page.send(confirmed="1")))
        assert answers[0].status_code == 302
        assert said(cast)[cast.pupils[5].name] == "S"
        costs.append((get, post))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 12
    # Opening a warning is nine more, for each child, once a spell.
    assert costs[0][1] <= (22 if situation != "alert" else 22 + 2 * 9)


def _another(size: int) -> Cast:
    """A second cast in the same database, of another size."""
    from schools.models import Unit, User

    Unit.objects.update(code=None)
    for user in User.objects.all():
        User.objects.filter(pk=user.pk).update(username=f"{user.username}{size}")
    return make_cast(size)


def wire(content: bytes) -> int:
    """Bytes of a body as the server compresses it."""
    return len(gzip.compress(content, 6))


def give_names(cast: Cast) -> None:
    """53 names that differ, as in a class: repeated names would weigh nothing."""
    crowd = Crowd(random.Random(1))
    for pupil in cast.pupils:
        pupil.name = crowd.name()
        pupil.initials = initials(pupil.name)
        pupil.save()


def test_bytes_on_the_wire(db, at_day, client):
    """53 pupils, two of them away: ≤ 25 KB in all on a first visit, ≤ 5 KB after, no other file than these."""
    at_day(WEDNESDAY)
    cast = make_cast(53)
    give_names(cast)
    away(cast, at_day, 11, 36)
    client.force_login(cast.head)
    response = client.get(f"/roll/{cast.seven.pk}/", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    head = sum(len(f"{name}: {value}\r\n") for name, value in response.items())
    head += sum(len(f"Set-Cookie: {cookie.OutputString()}\r\n") for cookie in response.cookies.values())
    head += 120  # status line, server, date and connection, as the server adds them
    page = len(response.content) + head
    html = gzip.decompress(response.content).decode()
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', html)
    assert files == ["img/icon.svg", "js/rollcall.js"]
    assert "<style>" in html
    sizes = {}
    for name in files:
        with open(finders.find(name), "rb") as file:
            sizes[name] = wire(file.read()) + 500  # a static answer's own head
    assert sizes["js/rollcall.js"] <= 4096
    assert page <= 5 * 1024
    assert page + sum(sizes.values()) <= 25 * 1024


def test_the_answer_to_a_sending_is_small(db, at_day, client):
    at_day(WEDNESDAY)
    cast = make_cast(53)
    client.force_login(cast.head)
    page = Page(client, f"/roll/{cast.seven.pk}/")
    page.tap(cast.pupils[0].pk).tap(cast.pupils[1].pk)
    receipt = client.get(page.send()["Location"], headers={"accept-encoding": "gzip"})
    assert len(receipt.content) <= 3 * 1024
