"""What a server process remembers about the site must not reach from one test into the next."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from schools import setup


@pytest.fixture(autouse=True)
def forgetful_process() -> Iterator[None]:
    setup.forget()
    cache.clear()
    yield
    setup.forget()
    cache.clear()
