"""Lists in pages."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

PAGE_SIZE = 50


def page_of(request: HttpRequest, items: Any, size: int = PAGE_SIZE) -> Page:
    """The page of `items` (ordered) that the address asks for; for an unknown page the nearest one."""
    return Paginator(items, size).get_page(request.GET.get("page"))
