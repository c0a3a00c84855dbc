"""What an import has changed, kept sealed for a day so that it can be undone: old and new values, and what was made."""

import datetime
import hashlib
import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any

from django.db import models

from kongchuo.sealed import Secret
from students.models import Enrollment, Guardian, Student, StudentDetails, Tag

Row = Student | StudentDetails | Guardian | Tag | Enrollment
MODELS: dict[str, type[Row]] = {model.__name__: model for model in (Student, StudentDetails, Guardian, Tag, Enrollment)}


@dataclass
class Journal:
    """`changed`: [model, key, key of the pupil, {field: [old, new]}]; `made`: [model, key, key of the pupil,
    fingerprint] of rows added to pupils who were here; `pupils`: [key, fingerprint] of new pupils with all that
    hangs on them; `classrooms`: keys of new classes.
    """

    changed: list[tuple[str, int, int, dict[str, list[Any]]]] = field(default_factory=list)
    made: list[tuple[str, int, int, str]] = field(default_factory=list)
    pupils: list[tuple[int, str]] = field(default_factory=list)
    classrooms: list[int] = field(default_factory=list)

    def put(self, row: Row, student_id: int, values: dict[str, Any]) -> None:
        """Give a row new values, and keep what it said before."""
        told = {}
        for name, new in values.items():
            told[name] = [plain(getattr(row, name)), plain(new)]
            setattr(row, name, new)
        self.changed.append((type(row).__name__, row.pk, student_id, told))

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def plain(value: Any) -> Any:
    """A value of a column as JSON can hold it; equal values are equal in this form, however they were read."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value


@lru_cache
def _values(model: type[models.Model]) -> attrgetter:
    return attrgetter(*(column.attname for column in model._meta.concrete_fields))


def fingerprint(*rows: models.Model) -> str:
    """A mark of all that these rows say. Rows with equal columns have equal marks, as made or as read back."""
    told = [_values(type(row))(row) for row in rows]
    return hashlib.sha256(json.dumps(told, default=plain).encode()).hexdigest()[:16]
