"""A paper of the school as it stands on the page: what the site knows is written, number and seal are put by hand."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Letter:
    """A paper of the school: title, whom it is to, paragraphs under their headings, what goes with it."""

    title: str
    number: str
    to: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    school: str
    on: datetime.date
    enclosures: str = ""


def unnumbered(on: datetime.date) -> str:
    """「　　　〔2026〕　　号」: room for the number that the office gives."""
    return f"　　　〔{on.year}〕　　号"
