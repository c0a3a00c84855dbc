"""Undoing an import: every value as it was, new pupils taken back. All of it or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import models

from students.import_changes import label_of
from students.import_journal import MODELS, Journal, Row, fingerprint, plain
from students.models import Enrollment, Guardian, ImportBatch, RollChange, Student, StudentDetails, Tag

_BATCH = 500
# What an import itself hangs on a new pupil.
_OWN = (Guardian, Tag, StudentDetails, Enrollment, RollChange)


class ChangedSince(Exception):
    """Something that the import wrote has been changed or used since; `found` says whom and what, in words."""

    def __init__(self, found: list[str]):
        super().__init__("导入之后有人改过或用到了这些内容，没有撤销，什么也没有改动。")
        self.found = found


def take_back(journal: Journal, batch: ImportBatch) -> set[int]:
    """Undo what the journal tells, inside the caller's transaction. Returns the keys of the new classes that went.

    A new class that somebody has put something into meanwhile stays. Raises ChangedSince, before anything is written,
    when a value is no longer the one that was written, or when something else refers to a new pupil.
    """
    undoing = _Undoing(journal, batch)
    if found := list(undoing.obstacles()):
        raise ChangedSince(found)
    return undoing.carry_out()


class _Undoing:
    def __init__(self, journal: Journal, batch: ImportBatch):
        self.journal, self.batch = journal, batch
        self.new = [pk for pk, _ in journal.pupils]
        self.rows: dict[str, dict[int, Row]] = {
            name: _by_key(model, [pk for kind, pk, *_ in (*journal.changed, *journal.made) if kind == name])
            for name, model in MODELS.items()
        }
        touched = {student for *_, student, _ in (*journal.changed, *journal.made)}
        self.pupils: dict[int, Student] = _by_key(Student, [*self.new, *touched])

    # --- may it be undone? --------------------------------------------------------------------------------------
    def obstacles(self) -> Iterator[str]:
        """What stands against it, one sentence a pupil and field."""
        for kind, pk, student, values in self.journal.changed:
            row = self.rows[kind].get(pk)
            if row is None:
                yield f"{self._name(student)}：{MODELS[kind]._meta.verbose_name}已不在"
                continue
            if isinstance(row, Enrollment) and (row.voided_at or row.ends_on):
                yield f"{self._name(student)}：后来办过异动"
            for name, (_, new) in values.items():
                if plain(getattr(row, name)) != new and name not in ("initials", "id_hash", "roll_hash"):
                    yield f"{self._name(student)}：{label_of(type(row), name)}后来改过"
        for kind, pk, student, mark in self.journal.made:
            row = self.rows[kind].get(pk)
            if row is None or fingerprint(row) != mark:
                yield f"{self._name(student)}：{MODELS[kind]._meta.verbose_name}后来改过"
        yield from self._about_new_pupils()

    def _about_new_pupils(self) -> Iterator[str]:
        hanging = {model: _grouped(model, self.new) for model in (Guardian, Tag, StudentDetails)}
        for pk, mark in self.journal.pupils:
            student = self.pupils.get(pk)
            if student is None:
                continue
            own = [row for model in hanging for row in hanging[model][pk]]
            if fingerprint(student, *own) != mark:
                yield f"{student.name}：资料后来改过"
        changes = [row for rows in _grouped(RollChange, self.new).values() for row in rows]
        for change in changes:
            if change.batch_id != self.batch.pk or change.voided_at:
                yield f"{self._name(change.student_id)}：后来办过{change.get_kind_display()}"
        yield from self._referring(Student, self.new, lambda key: self._name(key), besides=_OWN)
        owners = {change.pk: change.student_id for change in changes}
        yield from self._referring(RollChange, list(owners), lambda key: self._name(owners[key]), besides=(RollChange,))

    def _referring(
        self, model: type[models.Model], keys: list[int], name: Any, besides: tuple[type[models.Model], ...]
    ) -> Iterator[str]:
        """Rows of any other kind that refer to these."""
        for relation in model._meta.related_objects:
            other = relation.related_model
            if other in besides or not isinstance(relation.field, models.ForeignKey):
                continue
            column = relation.field.attname
            for part in _parts(keys):
                rows = other._base_manager.filter(**{f"{column}__in": part}).values_list(column, flat=True)
                for key in rows.distinct():
                    yield f"{name(key)}：已有{other._meta.verbose_name}"

    def _name(self, student: int) -> str:
        return self.pupils[student].name if student in self.pupils else "已删除的学生"

    # --- undoing ------------------------------------------------------------------------------------------------
    def carry_out(self) -> set[int]:
        for part in _parts(self.new):
            for model in _OWN:
                model._base_manager.filter(student__in=part).delete()
            Student.objects.filter(pk__in=part).delete()
        for kind, pk, *_ in self.journal.made:
            self.rows[kind][pk].delete()
        self._restore()
        return self._take_back_classes()

    def _restore(self) -> None:
        restored: dict[str, list[Row]] = defaultdict(list)
        columns: dict[str, set[str]] = defaultdict(set)
        for kind, pk, _, values in self.journal.changed:
            row = self.rows[kind][pk]
            for name, (old, _) in values.items():
                field: Any = row._meta.get_field(name)
                setattr(row, name, field.to_python(old))
            restored[kind].append(row)
            columns[kind] |= values.keys()
        for kind, rows in restored.items():
            manager: Any = MODELS[kind]._base_manager
            manager.bulk_update(rows, sorted(columns[kind]), batch_size=_BATCH)

    def _take_back_classes(self) -> set[int]:
        gone = set()
        for room in self.batch.school.classrooms.filter(pk__in=self.journal.classrooms):
            if not any(_is_used(relation, room) for relation in room._meta.related_objects):
                gone.add(room.pk)
                room.delete()
        return gone


def _is_used(relation: Any, row: models.Model) -> bool:
    return bool(relation.related_model._base_manager.filter(**{relation.field.name: row}).exists())


def _by_key(model: type, keys: Iterable[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for part in _parts(sorted(set(keys))):
        found |= model.objects.in_bulk(part)  # type: ignore[attr-defined]
    return found


def _grouped(model: type[models.Model], pupils: list[int]) -> dict[int, list[Any]]:
    """Rows of each pupil, in the order in which they were made."""
    found: dict[int, list[Any]] = defaultdict(list)
    for part in _parts(pupils):
        for row in model._base_manager.filter(student__in=part).order_by("pk"):
            found[row.student_id].append(row)  # type: ignore[attr-defined]
    return found


def _parts(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]
