"""What an import would do: each row of a roster created, updated, unchanged, refused or blank; nothing is written here.

Nothing is ever deleted: an empty cell clears nothing, a pupil missing from the file stays, a move to another class
is refused and goes through 调班, which leaves its paper.
"""

import datetime
import hashlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from kongchuo import dates
from schools.models import Classroom, Unit
from students.codes import HELD_ELSEWHERE, ImportOutcome
from students.import_changes import (
    Change,
    FamilyStep,
    TagStep,
    contradictions,
    detail_changes,
    family_steps,
    field_changes,
    tag_steps,
)
from students.import_match import Ambiguous, Pupils, folded, may_be_the_same
from students.models import Enrollment, Student, StudentDetails
from students.roster.classlabels import ClassLabel
from students.roster.columns import Column
from students.roster.rows import Roster, RosterRow

ClassKey = tuple[int, int]


@dataclass(slots=True)
class Line:
    """One row of the file and what becomes of it."""

    row: RosterRow
    outcome: ImportOutcome = ImportOutcome.CREATED
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    student: Student | None = None
    # Grade and number on the plan's day, and the class itself: one that has no key yet is to be created.
    class_key: ClassKey | None = None
    classroom: Classroom | None = None
    enrollment: Enrollment | None = None
    seat_no: int | None = None
    details: StudentDetails | None = None
    family: list[FamilyStep] = field(default_factory=list)
    tags: list[TagStep] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.row.name

    @property
    def where(self) -> str:
        """「第5行」, with the sheet where several were read."""
        return f"「{self.row.sheet}」第{self.row.number}行" if self.row.sheet else f"第{self.row.number}行"

    @property
    def class_label(self) -> str:
        """「七年级(1)班」, also of a row that is refused or of a class that is to be created."""
        label = self.row.values.get("label")
        return str(ClassLabel(*self.class_key)) if self.class_key else str(label or "")

    def refuse(self, reason: str) -> None:
        self.outcome = ImportOutcome.REFUSED
        self.reasons.append(reason)


@dataclass
class Plan:
    """The whole of what an import would do, on the roll as it is now."""

    school: Unit
    on: datetime.date
    lines: list[Line]
    new_classrooms: list[Classroom]
    notices: list[str]
    roster: Roster
    # On the roll of the classes that the file names, and not in the file: told, and nothing is done.
    missing: list[Enrollment]

    @property
    def columns(self) -> list[Column]:
        """The columns that were recognised."""
        return self.roster.columns

    def of(self, outcome: str) -> list[Line]:
        """The rows with this outcome."""
        return [line for line in self.lines if line.outcome == outcome]

    @cached_property
    def account(self) -> dict[str, int]:
        """Rows below the header, and how many of them are what. The parts always add up to the rows."""
        counts = Counter(line.outcome for line in self.lines)
        return {"rows": len(self.lines)} | {outcome.value: counts[outcome] for outcome in ImportOutcome}

    @cached_property
    def digest(self) -> str:
        """What a confirmation refers to: equal plans have equal digests, and any other plan has another."""
        told = [
            (line.row.sheet, line.row.number, line.outcome, line.student and line.student.pk, line.reasons,
             [(change.field, change.old, change.new) for change in line.changes])
            for line in self.lines
        ]  # fmt: skip
        classes = [room.label_on(self.on) for room in self.new_classrooms]
        return hashlib.sha256(json.dumps([told, classes, str(self.on)]).encode()).hexdigest()


def plan_import(*, school: Unit, roster: Roster, on: datetime.date) -> Plan:
    """What importing this roster into the school would do.

    `on` is the day from which new pupils are on the roll; class labels are read as of that day.
    """
    return _Planner(school, roster, on).plan()


class _Planner:
    def __init__(self, school: Unit, roster: Roster, on: datetime.date):
        self.school, self.roster, self.on = school, roster, on
        self.grades, self.year = school.grades, dates.school_year(on)
        self.lines = [Line(row, warnings=list(row.warnings)) for row in roster.rows]
        self.classrooms: dict[ClassKey, Classroom] = {
            (room.grade_on(on), room.number): room for room in Classroom.objects.filter(school=school).open_on(on)
        }
        dissolved = Classroom.objects.filter(school=school, closed_on__isnull=False)
        self.dissolved = {(room.grade_on(on), room.number) for room in dissolved}
        self.taken: dict[int, Line] = {}
        self.new_by_name: dict[tuple[ClassKey | None, str], list[Line]] = defaultdict(list)
        self.seats: dict[ClassKey | None, set[int]] = defaultdict(set)
        self.without_seat = False

    def plan(self) -> Plan:
        for line in self.lines:
            if line.row.blank:
                line.outcome = ImportOutcome.BLANK
            for reason in line.row.refusals:
                line.refuse(reason)
        self._refuse_other_schools()
        self._refuse_doubles("id_no", "身份证号")
        self._refuse_doubles("roll_no", "学籍号")
        for line in self._standing():
            self._place(line)
        rows = [line.row.values for line in self._standing()]
        self.pupils = Pupils(self.school, rows, self._named_classrooms().values())
        self._note_seats()
        for line in self._standing():
            self._settle(line)
        self._number_seats()
        rooms = self._classrooms_to_create()
        notices = self._notices(rooms)
        return Plan(self.school, self.on, self.lines, rooms, notices, self.roster, self._missing())

    def _standing(self) -> list[Line]:
        return [line for line in self.lines if line.outcome == ImportOutcome.CREATED]

    # --- the file against itself -----------------------------------------------------------------------------
    def _refuse_other_schools(self) -> None:
        for line in self._standing():
            code = line.row.values["school_code"]
            if code and self.school.code and code != self.school.code:
                line.refuse(f"学校标识码是{code}，不是本校")

    def _refuse_doubles(self, name: str, label: str) -> None:
        """Of several rows with one number the first holds; if the names differ, nobody knows which is right."""
        by_number: dict[str, list[Line]] = defaultdict(list)
        for line in self._standing():
            if number := line.row.values[name]:
                by_number[number].append(line)
        for first, *others in by_number.values():
            for other in others:
                other.refuse(f"与{first.where}的{label}相同")
            if any(folded(other.name) != folded(first.name) for other in others):
                first.refuse(f"与{others[0].where}的{label}相同，姓名不同，请核对是谁的")

    # --- classes ------------------------------------------------------------------------------------------------
    def _place(self, line: Line) -> None:
        """Find the class of the row; one that the school does not have yet is proposed as new."""
        written: ClassLabel | None = line.row.values["label"]
        if written is None:
            return
        try:
            label = written.resolve(self.grades, self.year)
        except ValueError as refusal:
            line.refuse(str(refusal))
            return
        if label.grade not in self.grades:
            line.refuse(f"本校没有{ClassLabel(label.grade, None)}")
            return
        number = label.number or self._only_number(line, label)
        if number is None:
            return
        line.class_key = (label.grade, number)
        if line.class_key in self.dissolved:
            line.refuse(f"{ClassLabel(*line.class_key)}已经撤并，请核对班级")
        elif line.class_key not in self.classrooms:
            stage, entry_year = Classroom.entry_for(label.grade, self.year)
            self.classrooms[line.class_key] = Classroom(
                school=self.school, stage=stage, entry_year=entry_year, number=number
            )
        line.classroom = self.classrooms.get(line.class_key)

    def _only_number(self, line: Line, label: ClassLabel) -> int | None:
        """A grade without a number means its only class, and class 1 of a grade that has none yet."""
        known = sorted(number for (grade, number), room in self.classrooms.items() if grade == label.grade and room.pk)
        if len(known) > 1:
            line.refuse(f"{label}有{len(known)}个班，请写明是几班")
            return None
        return known[0] if known else 1

    def _named_classrooms(self) -> dict[ClassKey, Classroom]:
        """The classes of the school that the file names."""
        named = {line.class_key for line in self._standing()}
        return {key: room for key, room in self.classrooms.items() if key in named and room.pk}

    def _classrooms_to_create(self) -> list[Classroom]:
        wanted = {line.class_key for line in self._standing()}
        return [room for key, room in sorted(self.classrooms.items()) if key in wanted and room.pk is None]

    # --- pupils ----------------------------------------------------------------------------------------------------
    def _settle(self, line: Line) -> None:
        values = line.row.values
        try:
            student = self.pupils.match(values, line.classroom)
        except Ambiguous as doubt:
            line.refuse(str(doubt))
            return
        if student is None:
            self._settle_new(line)
        elif student.pk in self.taken:
            line.refuse(f"与{self.taken[student.pk].where}是同一名学生（{student.name}）")
        else:
            self.taken[student.pk] = line
            self._settle_known(line, student)

    def _settle_new(self, line: Line) -> None:
        values = line.row.values
        if line.classroom is None:
            line.refuse("新学生没有写班级")
        elif values["id_no"] and self.pupils.hash_of(values["id_no"]) in self.pupils.elsewhere:
            line.refuse("这个身份证号在别的学校在籍，请先办转学")
        elif twin := self._twin(line):
            line.refuse(f"与{twin.where}同班同名，分不清是不是一个人，请填身份证号")
        elif namesake := self.pupils.namesake(values):
            line.refuse(f"本校已有同名同生日的{namesake.name}，同一人请用「调班」办理，不是同一人请填身份证号")
        else:
            line.seat_no = values["seat_no"]
            line.tags = [TagStep(None, kind, facts) for kind, facts in values["tags"].items()]
            line.family = [FamilyStep(None, dict(member)) for member in values["guardians"]]

    def _twin(self, line: Line) -> Line | None:
        """An earlier row of the same class and name that no number or birth date tells from this one."""
        values = line.row.values
        if values["id_no"] or values["roll_no"]:
            return None
        earlier = self.new_by_name[line.class_key, folded(line.name)]
        born = values["birth_date"]
        twin = next((other for other in earlier if may_be_the_same(other.row.values["birth_date"], born)), None)
        earlier.append(line)
        return twin

    def _settle_known(self, line: Line, student: Student) -> None:
        line.student = student
        line.enrollment = self.pupils.enrollments.get(student.pk)
        if line.enrollment is None:
            line.refuse("这名学生已不在册，再入学请办「转入」或「复学」")
        elif line.classroom and line.enrollment.classroom_id != line.classroom.pk:
            now = line.enrollment.classroom.label_on(self.on)
            line.refuse(f"现在在{now}，名册写{line.classroom.label_on(self.on)}：请用「调班」办理")
        else:
            line.classroom = line.enrollment.classroom
            line.class_key = (line.classroom.grade_on(self.on), line.classroom.number)
            self._compare(line, student)
            line.outcome = ImportOutcome.UPDATED if line.changes else ImportOutcome.UNCHANGED

    # --- changes, field by field -----------------------------------------------------------------------------------
    def _compare(self, line: Line, student: Student) -> None:
        values = line.row.values
        line.changes = field_changes(student, values)
        if any(change.field == "name" for change in line.changes):
            line.warnings.append(f"姓名由「{student.name}」改为「{values['name']}」，请核对")
        line.warnings += contradictions(student, values)
        line.details = self.pupils.details.get(student.pk)
        line.changes += detail_changes(line.details, values["details"])
        self._compare_seat(line)
        line.family = family_steps(self.pupils.guardians.get(student.pk, []), values["guardians"])
        line.changes += [change for step in line.family for change in step.changes]
        line.tags = tag_steps(self.pupils.tags.get(student.pk, []), values["tags"], line.warnings)
        line.changes += [change for step in line.tags for change in step.changes]

    def _compare_seat(self, line: Line) -> None:
        assert line.enrollment is not None
        old, new = line.enrollment.seat_no, line.row.values["seat_no"]
        if new and new != old:
            line.seat_no = new
            line.changes.append(Change("seat_no", "座号", str(old or ""), str(new)))

    # --- seats -----------------------------------------------------------------------------------------------------
    def _note_seats(self) -> None:
        keys = {room.pk: key for key, room in self._named_classrooms().items()}
        rows = Enrollment.objects.open().filter(classroom__in=keys)
        for room, seat in rows.values_list("classroom", "seat_no"):
            if seat:
                self.seats[keys[room]].add(seat)

    def _number_seats(self) -> None:
        """New pupils without a seat are numbered on, in the order of the file."""
        unseated = []
        for line in self._standing():
            seat, taken = line.seat_no, self.seats[line.class_key]
            if seat is None:
                unseated.append(line)
                continue
            if seat in taken:
                line.warnings.append(f"座号{seat}已有人用")
            taken.add(seat)
        for line in unseated:
            taken = self.seats[line.class_key]
            line.seat_no = max(taken, default=0) + 1
            taken.add(line.seat_no)
        self.without_seat = bool(unseated)

    # --- who is not in the file ------------------------------------------------------------------------------------
    def _missing(self) -> list[Enrollment]:
        """A pupil whose row was refused is in the file all the same."""
        refused = {folded(line.name) for line in self.lines if line.outcome == ImportOutcome.REFUSED}
        missing = [
            row
            for row in self.pupils.seated
            if row.student_id not in self.taken
            and row.status not in HELD_ELSEWHERE
            and folded(row.student.name) not in refused
        ]
        rooms = {room.pk: room for room in self.classrooms.values()}
        for row in missing:
            row.classroom = rooms[row.classroom_id]
        return sorted(missing, key=lambda row: (-row.classroom.entry_year, row.classroom.number, row.seat_no or 0))

    # --- notices ---------------------------------------------------------------------------------------------------
    def _notices(self, rooms: list[Classroom]) -> list[str]:
        notices = list(self.roster.notices)
        if rooms:
            notices.append(f"将新建{len(rooms)}个班：{'、'.join(room.label_on(self.on) for room in rooms)}。")
        if self.without_seat:
            notices.append("没有座号的新学生，按名册顺序接着往后排座号。")
        if self._standing():
            notices.append(f"新学生从{dates.chinese(self.on)}起在册。")
        if any(line.outcome in (ImportOutcome.UPDATED, ImportOutcome.UNCHANGED) for line in self.lines):
            notices.append("名册里的空格子不会清掉已有内容；名册里没有的学生只列出来，不作改动。")
        return notices
