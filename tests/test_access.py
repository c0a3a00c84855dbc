"""The access matrix: every route of the URLconf × every identity × every method × own, foreign and unknown objects.

The routes come from the URLconf itself. A route with an object that `OBJECTS` does not name fails here, so a new
page can't be forgotten; who may see which kind of object is written down in `SEES`, apart from the code under test.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from schools.models import User
from tests.access_world import FAR, IDENTITIES, OBJECTS, World, make_world, sees
from tests.cast import WEDNESDAY, login

METHODS = ("get", "head", "post", "put", "delete")
UNKNOWN = 99_999_999
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
SETTLED = {200, 204, 302, 400, 405, 409, 422}
KEPT_BY_THEMSELVES = {"AuditEntry", "AuditHead", "Job", "Session"}


@dataclass(frozen=True)
class Route:
    name: str
    view: Any
    converters: frozenset[str]


def routes(patterns: list | None = None, namespace: str = "") -> Iterator[Route]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inside)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{namespace}{pattern.name}", pattern.callback, frozenset(pattern.pattern.converters))


ROUTES = {route.name: route for route in routes()}


@pytest.fixture
def world(db: None, at_day: Any) -> World:
    at_day(WEDNESDAY)
    return make_world()


def kwargs_for(route: Route, world: World, whose: str) -> dict[str, Any]:
    if not route.converters:
        return {}
    target = OBJECTS[route.name]
    kwargs = target.kwargs(world, "own" if whose == "unknown" else whose)
    return kwargs | {target.argument: UNKNOWN} if whose == "unknown" else kwargs


def has_object(route: Route) -> bool:
    return bool(route.converters and OBJECTS[route.name].kind)


def ask(client: Client, method: str, url: str) -> HttpResponse:
    """One request whose changes are taken back, in the database and in the browser."""
    cookies = dict(client.cookies)
    try:
        with transaction.atomic():
            response = getattr(client, method)(url)
            if response.streaming:
                b"".join(response.streaming_content)
            raise _TakeBack
    except _TakeBack:
        return response
    finally:
        client.cookies.clear()
        client.cookies.update(cookies)


class _TakeBack(Exception):
    pass


def told(response: HttpResponse) -> str:
    """What a page says; the form token differs with every answer."""
    return "" if response.streaming else _TOKEN.sub("", response.content.decode(errors="replace"))


def digest() -> dict[str, int]:
    kept = {}
    for model in apps.get_models():
        if model.__name__ not in KEPT_BY_THEMSELVES:
            kept[model._meta.label] = hash(tuple(map(str, model._default_manager.order_by("pk").values_list())))
    return kept


def test_every_route_declares_its_policy_and_its_object() -> None:
    assert [name for name, route in ROUTES.items() if not hasattr(route.view, "access")] == []
    assert [name for name, route in ROUTES.items() if route.converters and name not in OBJECTS] == []
    assert set(OBJECTS) <= set(ROUTES)


def opens_to(route: Route, user: User | None) -> bool:
    """Whether the policy of a route lets this person in: the part of it that is decided before any object is."""
    access = route.view.access
    return access.public or (user is not None and (access.any_role or user.has(*access.roles)))


# Walked in .ci/run only: each has its like among the others (the office far away, a class next door, an overseer).
HEAVY = {"other_head", "far_clerk", "far_principal", "far_head", "township_officer", "county_officer"}


@pytest.mark.parametrize(
    "identity", [pytest.param(one, marks=[pytest.mark.heavy] if one in HEAVY else []) for one in IDENTITIES]
)
def test_matrix(world: World, identity: str) -> None:
    """One identity walks every route, to what is its own, what is another's, and what does not exist."""
    user = world.user(identity)
    client = login(user) if user else Client()
    before = digest()
    for name, route in sorted(ROUTES.items()):
        told_by = {}
        # Who may not come in at all hears the same at every door, whatever stands behind it.
        enters = opens_to(route, user)
        for whose in ("own", "foreign", "unknown") if has_object(route) and enters else ("own",):
            url = reverse(name, kwargs=kwargs_for(route, world, whose))
            for method in METHODS if whose == "own" and enters else ("get", "post"):
                response = ask(client, method, url)
                _check(world, route, identity, user, enters, whose, method, response)
                told_by[whose, method] = (response.status_code, told(response))
        if has_object(route) and enters and identity not in FAR:
            for method in ("get", "post"):
                assert told_by["foreign", method] == told_by["unknown", method], (name, identity, method)
    assert digest() == before


def _check(
    world: World, route: Route, identity: str, user: User | None, enters: bool, whose: str, method: str,
    response: HttpResponse,
) -> None:  # fmt: skip
    case = f"{route.name} {identity} {method} {whose}: {response.status_code}"
    if route.view.access.public:
        assert response.status_code in SETTLED | {404}, case
        return
    if user is None:
        assert response.status_code == 302, case
        assert response.url.startswith("/login/"), case
        return
    if not enters:
        assert response.status_code == 403, case
        return
    if not has_object(route):
        # An address without its parameters may name nothing.
        assert response.status_code in (SETTLED | {404} if method == "post" else SETTLED), case
    elif sees(identity, OBJECTS[route.name].kind, whose):
        assert response.status_code in SETTLED, case
    else:
        assert response.status_code in (404, 405), case
    if method == "get" and not response.streaming:
        leaked = [word for word in world.forbidden(identity) if word in response.content.decode()]
        assert not leaked, f"{case} leaks {leaked}"


def test_a_duty_that_ended_has_no_effect_at_the_next_request(world: World) -> None:
    client = login(world.cast.head)
    url = reverse("students:card", args=(world.cast.pupils[0].pk,))
    assert client.get(url).status_code == 200
    duty = world.cast.head.duties.get()
    duty.ends_on = WEDNESDAY.replace(day=10)
    duty.save()
    assert client.get(url).status_code == 403


def test_ended_sessions_end(world: World) -> None:
    client = login(world.cast.head)
    type(world.cast.head).objects.filter(pk=world.cast.head.pk).update(session_epoch=1)
    response = client.get("/students/")
    assert response.status_code == 302
    assert response.url.startswith("/login/")
