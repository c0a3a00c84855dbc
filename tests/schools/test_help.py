"""使用说明: each role lands on its own page, and the pages name buttons that exist."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from schools.views.guide import PAGES
from tests.cast import Cast, login


@pytest.mark.parametrize(
    ("who", "page"),
    [("head", "teacher"), ("principal", "principal"), ("clerk", "clerk"), ("admin", "admin"), ("auditor", "teacher")],
)
def test_each_role_lands_on_its_own_page(cast: Cast, who: str, page: str) -> None:
    response = login(getattr(cast, who)).get("/help/", follow=True)
    assert response.redirect_chain == [(f"/help/{page}/", 302)]
    assert f"使用说明 <small>{PAGES[page]}</small>" in response.content.decode()


def test_an_unknown_role_is_no_page(cast: Cast) -> None:
    assert login(cast.head).get("/help/nobody/").status_code == 404


def test_what_the_help_calls_by_name_stands_on_some_page() -> None:
    texts = {path: path.read_text() for path in Path(settings.BASE_DIR).glob("templates/**/*.html")}
    code = "".join(path.read_text() for app in ("schools", "students", "attendance", "followups")
                   for path in (Path(settings.BASE_DIR) / app).rglob("*.py"))  # fmt: skip
    helps = {path for path in texts if path.name.startswith("help_")}
    elsewhere = code + "".join(text for path, text in texts.items() if path not in helps)
    elsewhere = elsewhere.replace("(", "（").replace(")", "）")
    called = {word for path in helps for word in re.findall("「([^」]+)」", texts[path])}
    said = {"文本", "无（零报告）", "到", "连缺满几天且今天无人联系", "已报几班", "依法强制", "疑似"}
    assert sorted(word for word in called - said if word not in elsewhere) == []
