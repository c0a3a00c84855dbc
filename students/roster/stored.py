"""A roster as text, between its preview and its confirmation."""

import datetime
import json
from dataclasses import asdict
from typing import Any

from students.roster.classlabels import ClassLabel
from students.roster.columns import Column
from students.roster.rows import Roster, RosterRow


def dump(roster: Roster) -> str:
    """The roster as JSON."""
    return json.dumps(asdict(roster), ensure_ascii=False, default=_dump_value, separators=(",", ":"))


def load(text: str) -> Roster:
    """The roster that `dump` has written."""
    stored = json.loads(text)
    return Roster(
        rows=[_load_row(row) for row in stored["rows"]],
        columns=[Column(**column) for column in stored["columns"]],
        notices=stored["notices"],
    )


def _dump_value(value: Any) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(f"not a value of a roster: {type(value)}")


def _load_row(stored: dict[str, Any]) -> RosterRow:
    row = RosterRow(**stored)
    if row.values:
        born, label = row.values["birth_date"], row.values["label"]
        row.values["birth_date"] = datetime.date.fromisoformat(born) if born else None
        row.values["label"] = ClassLabel(**label) if label else None
    return row
