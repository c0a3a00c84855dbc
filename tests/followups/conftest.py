"""Fixtures of this folder."""

import pytest

from tests.cast import Cast
from tests.followups.registerbook import Book, make_book


@pytest.fixture
def book(cast: Cast) -> Book:
    """A small register: one case of each fate, and those that must not stand in it."""
    return make_book(cast)
