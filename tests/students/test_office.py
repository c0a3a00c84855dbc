"""The page 「学籍」: what awaits the office, overdue first, and the way to every section."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from students import hub, todos
from students.todos import Todo
from tests.cast import Cast, login

LATE = Todo("2名转出学生还没有接收回执", "/registry/", 2, overdue=True)
SOON = Todo("1名学生缺材料", "/registry/", 1)
NONE = Todo("没有的事", "/registry/", 0)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(todos, "for_office", [lambda *_: [SOON, NONE, LATE]])
    monkeypatch.setattr(todos, "for_teachers", [lambda *_: [SOON, NONE, LATE]])
    return


def test_the_office_finds_every_section(cast: Cast) -> None:
    html = login(cast.clerk).get(reverse("students:roll_office")).content.decode()
    for section in hub.sections:
        assert f'href="{reverse(section.url_name)}"' in html


def test_what_is_overdue_comes_first_and_nothing_to_do_is_no_line(cast: Cast, waiting: None) -> None:
    page = login(cast.clerk).get(reverse("students:roll_office"))
    assert page.context["todos"] == [LATE, SOON]
    assert page.content.decode().count("急办") == 1


def test_the_desks_show_what_awaits_their_people(cast: Cast, waiting: None) -> None:
    for person in (cast.clerk, cast.head):
        html = login(person).get("/").content.decode()
        assert "学籍待办" in html
        assert html.index(LATE.text) < html.index(SOON.text)
        assert NONE.text not in html


def test_a_class_teacher_has_no_office(cast: Cast) -> None:
    assert login(cast.head).get(reverse("students:roll_office")).status_code == 403
