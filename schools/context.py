"""What every page shows around its content: school, day, way around, banners."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from kongchuo import dates
from schools.banners import banners
from schools.codes import OFFICE, OVERSEERS, Role

OFFICE_AND_TEACHERS = OFFICE | {Role.HEAD_TEACHER}
NAVIGATION: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("followups:desk", "首页", frozenset(Role)),
    ("followups:principal", "校长一页", frozenset({Role.PRINCIPAL, Role.DELEGATE})),
    ("attendance:school_day", "到校日报", OFFICE),
    ("students:list", "学生", OFFICE_AND_TEACHERS),
    ("attendance:leaves", "请假", OFFICE_AND_TEACHERS),
    ("students:roll_office", "学籍", OFFICE),
    ("followups:case_list", "个案", OFFICE_AND_TEACHERS),
    ("followups:register", "辍学登记册", OFFICE),
    ("schools:books", "表册", OFFICE_AND_TEACHERS),
    ("followups:overview", "所辖学校", OVERSEERS),
    ("schools:classrooms", "班级", OFFICE | {Role.ADMIN}),
    ("schools:people", "人员与岗位", frozenset({Role.ADMIN, Role.PRINCIPAL})),
    ("schools:calendar", "校历", OFFICE | {Role.ADMIN}),
    ("schools:policy", "参数", OFFICE | {Role.ADMIN}),
    ("schools:audit", "留痕", frozenset({Role.PRINCIPAL, Role.DELEGATE, Role.AUDITOR})),
    ("schools:help", "使用说明", frozenset(Role)),
)
"""URL name, label, roles that see the entry."""


def site(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    duties = getattr(user, "duties_today", [])
    school = duties[0].unit if duties else None
    return {
        "site": {
            "school": school,
            "duties": duties,
            "duty": "、".join(dict.fromkeys(duty.title for duty in duties)),
            "today": dates.today(),
            "nav": _navigation(request, {duty.role for duty in duties}),
            "demo": settings.DEMO,
            "banners": banners(request, school),
        }
    }


def _navigation(request: HttpRequest, roles: set[str]) -> list[dict[str, Any]]:
    entries = []
    for name, label, allowed in NAVIGATION:
        if roles & allowed:
            entries.append({"url": reverse(name), "label": label})
    here = max((entry["url"] for entry in entries if _leads_to(entry["url"], request.path)), key=len, default="")
    return [entry | {"current": entry["url"] == here} for entry in entries]


def _leads_to(url: str, path: str) -> bool:
    """Whether a page lies at or below an entry; of /students/ and /students/import/ the longer one is where one is."""
    return path == url or (url != "/" and path.startswith(url))
