"""Writing an import plan: bulk, in one transaction, with its trace."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Max

from kongchuo.sealed import keyed_hash
from schools import audit
from schools.codes import Verb
from schools.models import Classroom, Unit, User
from students import roll
from students.codes import Change, ImportOutcome
from students.import_changes import MEMBER_FIELDS, PLAIN_FIELDS, name_of
from students.import_plan import Line, Plan
from students.models import Enrollment, Guardian, ImportBatch, Student, Tag
from students.roster.rows import spans
from students.services import RollRefusal, covers, initials

_BATCH = 500
_BASIS = "花名册导入"


class ImportMovedOn(Exception):
    """The roll has changed since the preview, or the preview was settled by somebody else."""


def commit_import(*, plan: Plan, actor: User | None, sha256: str, batch: ImportBatch | None = None) -> None:
    """Write the plan: all of it or nothing. `actor` None is the command line (系统); `sha256` is that of the file."""
    if actor and not covers(actor, plan.school):
        raise RollRefusal("您现在的岗位不能导入花名册。")
    try:
        with transaction.atomic():
            Classroom.objects.bulk_create(plan.new_classrooms)
            _create_pupils(plan, actor, batch)
            _change_pupils(plan)
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


def _created(plan: Plan) -> str:
    """Keys of the new pupils; the trail names no pupil."""
    return _keys(line.student.pk for line in plan.of(ImportOutcome.CREATED) if line.student)


def _changed(plan: Plan) -> dict[str, str]:
    """Keys of the changed pupils by the field that changed; the trail keeps no value."""
    changed: dict[str, set[int]] = defaultdict(set)
    for line in plan.of(ImportOutcome.UPDATED):
        for change in line.changes:
            changed[change.field].add(line.student.pk if line.student else 0)
    return {field: _keys(pupils) for field, pupils in sorted(changed.items())}


def _keys(pupils: Iterable[int]) -> str:
    return spans(sorted(pupils), most=_BATCH * _BATCH)


def _create_pupils(plan: Plan, actor: User | None, batch: ImportBatch | None) -> None:
    lines = plan.of(ImportOutcome.CREATED)
    students = [_new_student(plan.school, line) for line in lines]
    Student.objects.bulk_create(students, batch_size=_BATCH)
    roll.enter([_new_enrollment(plan, line) for line in lines], actor=actor, batch=batch)
    _write_family(lines, last={})
    _write_tags(plan, lines)


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


def _change_pupils(plan: Plan) -> None:
    lines = plan.of(ImportOutcome.UPDATED)
    columns: set[str] = set()
    for line in lines:
        columns |= _put_values(line)
    if columns:
        students = [line.student for line in lines if line.student]
        Student.objects.bulk_update(students, sorted(columns), batch_size=_BATCH)
    reseated = []
    for line in lines:
        if line.enrollment and line.seat_no:
            line.enrollment.seat_no = line.seat_no
            reseated.append(line.enrollment)
    Enrollment.objects.bulk_update(reseated, ("seat_no",), batch_size=_BATCH)
    _write_family(lines, last=_last_positions(plan))
    _write_tags(plan, lines)


def _put_values(line: Line) -> set[str]:
    """Put the changed values on the pupil; the columns that this touches."""
    student, values = line.student, line.row.values
    assert student is not None
    columns: set[str] = set()
    for change in line.changes:
        if change.field == "id_no":
            student.set_numbers(id_no=values["id_no"])
            columns |= {"id_no", "id_hash"}
        elif change.field == "roll_no":
            student.set_numbers(roll_no=values["roll_no"])
            columns |= {"roll_no", "roll_hash"}
        elif change.field in PLAIN_FIELDS:
            setattr(student, change.field, values[change.field])
            columns.add(change.field)
    if "name" in columns:
        student.initials = initials(student.name)
        columns.add("initials")
    return columns


def _last_positions(plan: Plan) -> dict[int, int]:
    rows = Guardian.objects.filter(student__school=plan.school).values_list("student")
    return dict(rows.annotate(last=Max("position")))


def _write_family(lines: list[Line], last: dict[int, int]) -> None:
    """New family members stand behind those on file (`last` positions by pupil); known ones get their new values."""
    new, changed = [], []
    for line in lines:
        assert line.student is not None
        for step in line.family:
            if step.guardian:
                guardian = step.guardian
                changed.append(guardian)
            else:
                last[line.student.pk] = last.get(line.student.pk, 0) + 1
                position = last[line.student.pk]
                guardian = Guardian(student=line.student, name=name_of(step.values), position=position)
                new.append(guardian)
            for name, value in step.values.items():
                if value:
                    setattr(guardian, name, value)
            if step.values.get("id_no"):
                guardian.id_hash = keyed_hash(step.values["id_no"])
    Guardian.objects.bulk_create(new, batch_size=_BATCH)
    Guardian.objects.bulk_update(changed, (*MEMBER_FIELDS, "id_hash"), batch_size=_BATCH)


def _write_tags(plan: Plan, lines: list[Line]) -> None:
    tags = [
        Tag(student=line.student, kind=kind, detail=detail, starts_on=plan.on)
        for line in lines
        for kind, detail in line.tags.items()
    ]
    Tag.objects.bulk_create(tags, batch_size=_BATCH)
