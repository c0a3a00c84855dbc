"""Writing an import plan: bulk, in one transaction, with its trace."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Model

from kongchuo.sealed import keyed_hash
from schools import audit
from schools.codes import Verb
from schools.models import Classroom, Unit, User
from students import roll
from students.codes import Change, ImportOutcome
from students.import_changes import DETAIL_FIELDS, PLAIN_FIELDS, TagStep, name_of
from students.import_journal import Journal, Row, fingerprint
from students.import_plan import Line, Plan
from students.models import Enrollment, Guardian, ImportBatch, Student, StudentDetails, Tag
from students.roster.rows import spans
from students.services import RollRefusal, covers, initials

_BATCH = 500
_BASIS = "花名册导入"
Made = Guardian | Tag | StudentDetails
_HASHES = {"id_no": "id_hash", "roll_no": "roll_hash"}


class ImportMovedOn(Exception):
    """The roll has changed since the preview, or the preview was settled by somebody else."""


def commit_import(*, plan: Plan, actor: User | None, sha256: str, batch: ImportBatch | None = None) -> Journal:
    """Write the plan: all of it or nothing. `actor` None is the command line (系统); `sha256` is that of the file.

    Returns what was changed, for an undoing.
    """
    if actor and not covers(actor, plan.school):
        raise RollRefusal("您现在的岗位不能导入花名册。")
    journal = Journal()
    try:
        with transaction.atomic():
            Classroom.objects.bulk_create(plan.new_classrooms)
            journal.classrooms = [room.pk for room in plan.new_classrooms]
            _create_pupils(plan, actor, batch, journal)
            _change_pupils(plan, journal)
            audit.record(
                Verb.IMPORT,
                unit=plan.school,
                actor=actor,
                about=batch,
                sha256=sha256,
                on=plan.on,
                account=plan.account,
                new_classrooms=[room.label_on(plan.on) for room in plan.new_classrooms],
                created_pupils=_created(plan),
                changed_pupils=_changed(plan),
            )
    except IntegrityError as error:
        # Somebody entered the same pupil or class a moment ago; the constraint stopped us, and nothing is written.
        raise ImportMovedOn("预览之后学籍有了变动，请重新预览。") from error
    return journal


def _created(plan: Plan) -> str:
    """Keys of the new pupils; the trail names no pupil."""
    return keys_of(line.student.pk for line in plan.of(ImportOutcome.CREATED) if line.student)


def _changed(plan: Plan) -> dict[str, str]:
    """Keys of the changed pupils by the field that changed; the trail keeps no value."""
    changed: dict[str, set[int]] = defaultdict(set)
    for line in plan.of(ImportOutcome.UPDATED):
        for change in line.changes:
            changed[change.field].add(line.student.pk if line.student else 0)
    return {field: keys_of(pupils) for field, pupils in sorted(changed.items())}


def keys_of(pupils: Iterable[int]) -> str:
    """Keys of pupils for the trail: 「3—7、12」."""
    return spans(sorted(pupils), most=_BATCH * _BATCH)


# --- new pupils -----------------------------------------------------------------------------------------------
def _create_pupils(plan: Plan, actor: User | None, batch: ImportBatch | None, journal: Journal) -> None:
    lines = plan.of(ImportOutcome.CREATED)
    students = [_new_student(plan.school, line) for line in lines]
    Student.objects.bulk_create(students, batch_size=_BATCH)
    roll.enter([_new_enrollment(plan, line) for line in lines], actor=actor, batch=batch)
    made: dict[int, list[Model]] = {student.pk: [] for student in students}
    for row in _bulk_create(
        [guardian for line in lines for guardian in _new_members(line, last=0)],
        [_new_tag(plan, line, step) for line in lines for step in line.tags],
        [row for line in lines for row in _new_details(line)],
    ):
        made[row.student_id].append(row)
    journal.pupils = [(student.pk, fingerprint(student, *made[student.pk])) for student in students]


def _bulk_create(guardians: list[Guardian], tags: list[Tag], details: list[StudentDetails]) -> Iterator[Made]:
    Guardian.objects.bulk_create(guardians, batch_size=_BATCH)
    Tag.objects.bulk_create(tags, batch_size=_BATCH)
    StudentDetails.objects.bulk_create(details, batch_size=_BATCH)
    yield from guardians
    yield from tags
    yield from details


def _new_student(school: Unit, line: Line) -> Student:
    values = line.row.values
    # What is empty in the file keeps the model's own default (证件类型, say).
    written = {name: values[name] for name in PLAIN_FIELDS if values[name]}
    line.student = Student(school=school, initials=initials(values["name"]), **written)
    line.student.set_numbers(id_no=values["id_no"], roll_no=values["roll_no"])
    return line.student


def _new_enrollment(plan: Plan, line: Line) -> Enrollment:
    return Enrollment(
        student=line.student,
        classroom=line.classroom,
        seat_no=line.seat_no,
        started_by=Change.IMPORT,
        basis=_BASIS,
        starts_on=plan.on,
    )


def _new_members(line: Line, last: int) -> list[Guardian]:
    """New family members stand behind those on file, whose last position is `last`."""
    steps = [step for step in line.family if step.guardian is None]
    return [
        Guardian(
            student=line.student,
            position=last + number,
            id_hash=keyed_hash(step.values.get("id_no", "")),
            **(step.values | {"name": name_of(step.values)}),
        )
        for number, step in enumerate(steps, 1)
    ]


def _new_tag(plan: Plan, line: Line, step: TagStep) -> Tag:
    return Tag(student=line.student, kind=step.kind, starts_on=plan.on, **step.values)


def _new_details(line: Line) -> list[StudentDetails]:
    written = line.row.values["details"]
    return [StudentDetails(student=line.student, **written)] if written and line.details is None else []


# --- pupils who are here --------------------------------------------------------------------------------------
def _change_pupils(plan: Plan, journal: Journal) -> None:
    lines = plan.of(ImportOutcome.UPDATED)
    last = _last_positions(plan) if lines else {}
    changed: dict[type[Model], list[tuple[Model, Iterable[str]]]] = defaultdict(list)
    for line in lines:
        for row, values in _new_values(line):
            journal.put(row, line.student.pk if line.student else 0, values)
            changed[type(row)].append((row, values))
    for model, rows in changed.items():
        columns = sorted({name for _, values in rows for name in values})
        model._default_manager.bulk_update([row for row, _ in rows], columns, batch_size=_BATCH)
    for made in _bulk_create(
        [row for line in lines if line.student for row in _new_members(line, last.get(line.student.pk, 0))],
        [_new_tag(plan, line, step) for line in lines for step in line.tags if step.tag is None],
        [row for line in lines for row in _new_details(line)],
    ):
        journal.made.append((type(made).__name__, made.pk, made.student_id, fingerprint(made)))


def _new_values(line: Line) -> Iterator[tuple[Row, dict[str, Any]]]:
    """The rows of one pupil that change, each with its new values."""
    assert line.student is not None
    written = line.row.values
    named = {change.field for change in line.changes}
    own = {name: written[name] for name in (*PLAIN_FIELDS, "id_no", "roll_no") if name in named}
    if own:
        yield line.student, own | _derived(own)
    details = {name: written["details"][name] for name in DETAIL_FIELDS if f"detail.{name}" in named}
    if details and line.details:
        yield line.details, details
    if line.enrollment and line.seat_no:
        yield line.enrollment, {"seat_no": line.seat_no}
    for step in line.family:
        if step.guardian:
            yield step.guardian, step.values | _derived(step.values, name=False)
    for tag_step in line.tags:
        if tag_step.tag:
            yield tag_step.tag, tag_step.values


def _derived(values: dict[str, Any], *, name: bool = True) -> dict[str, str]:
    """The columns that follow from others: look-up hashes of numbers, the initials of a name."""
    derived = {hashed: keyed_hash(values[number]) for number, hashed in _HASHES.items() if number in values}
    return derived | ({"initials": initials(values["name"])} if name and "name" in values else {})


def _last_positions(plan: Plan) -> dict[int, int]:
    rows = Guardian.objects.filter(student__school=plan.school).values_list("student")
    return dict(rows.annotate(last=Max("position")))
