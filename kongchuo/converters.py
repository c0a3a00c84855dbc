"""Parts of addresses."""

import datetime


class DateConverter:
    """A day as 2026-03-11; anything else is no such page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> datetime.date:
        return datetime.date.fromisoformat(value)  # its ValueError is a 404

    def to_url(self, value: datetime.date) -> str:
        return value.isoformat()
