"""班级名单: classes to be opened, and their head teachers where the person who imports may set them."""

from dataclasses import dataclass, field

from django.db import transaction

from kongchuo import dates
from schools import classrooms, people
from schools.codes import Role
from schools.models import Classroom, Duty, Unit, User
from schools.people import MANAGERS
from students.roster import classlabels, fields
from students.roster.classlabels import ClassLabel
from students.roster.columns import Words
from students.roster.tables import Table, TableRow

WORDS = Words(
    {
        "serial": "序号 编号",
        "grade": "年级 所在年级 年级名称",
        "classroom": "班级 班别 班级名称 班号 班",
        "head": "班主任 班主任姓名",
    },
    needs="classroom",
)


@dataclass
class Line:
    """One row and what becomes of it: refused when it has reasons."""

    number: int
    name: str = ""
    label: ClassLabel | None = None
    is_new: bool = False
    head: User | None = None
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def what(self) -> str:
        parts = ("新开班" if self.is_new else "", f"班主任{self.head.name}" if self.head else "")
        return "、".join(part for part in parts if part) or "不变"

    @property
    def changes(self) -> bool:
        return not self.reasons and bool(self.is_new or self.head)


def plan(school: Unit, table: Table, actor: User) -> list[Line]:
    """What importing the list would do; nothing is written."""
    return _Planner(school, actor).lines(table)


class _Planner:
    def __init__(self, school: Unit, actor: User):
        self.school, self.today = school, dates.today()
        self.may_set_heads = actor.has(*MANAGERS, school=school)
        rooms = Classroom.objects.filter(school=school).open_on(self.today)
        self.rooms = {(room.grade, room.number): room for room in rooms}
        duties = list(Duty.objects.in_force(self.today).filter(unit=school).select_related("user"))
        self.heads = {duty.classroom_id: duty.user for duty in duties if duty.role == Role.HEAD_TEACHER}
        self.people: dict[str, set[User]] = {}
        for duty in duties:
            self.people.setdefault(duty.user.name, set()).add(duty.user)
        self.seen: set[tuple[int, int]] = set()

    def lines(self, table: Table) -> list[Line]:
        lines = []
        for row in table.rows():
            line = Line(row.number)
            try:
                self._read(line, row)
            except ValueError as refusal:
                line.reasons.append(str(refusal))
            lines.append(line)
        return lines

    def _read(self, line: Line, row: TableRow) -> None:
        texts = [fields.text_of(row.cells[name]) for name in ("grade", "classroom")]
        line.name = "".join(texts)
        label = classlabels.combine(*texts)
        if label is None:
            raise ValueError("没有写班级")
        label = label.resolve(self.school.grades, dates.school_year(self.today))
        if not label.number:
            raise ValueError(f"{label}要写明是几班")
        if label.grade not in self.school.grades:
            raise ValueError(f"本校没有{ClassLabel(label.grade, None)}")
        line.name, line.label, key = str(label), label, (label.grade, label.number)
        if key in self.seen:
            raise ValueError(f"{label}在名单里写了两次")
        self.seen.add(key)
        line.is_new = key not in self.rooms
        self._set_head(line, fields.name(row.cells["head"], line.warnings.append))

    def _set_head(self, line: Line, name: str) -> None:
        """The head teacher, where there is none yet; a change of head teachers is a handing over of its own."""
        assert line.label is not None
        room = self.rooms.get((line.label.grade, line.label.number or 0))
        present = self.heads.get(room.pk) if room else None
        found = self.people.get(name, set())
        if not name or (present and present.name == name):
            return
        sentence = next(
            (
                text
                for holds, text in (
                    (present, f"现在的班主任是{present.name if present else ''}，没有改；换人请在班级页交接"),
                    (not self.may_set_heads, "班主任要由校长或系统管理员设置，没有设"),
                    (not found, f"本校还没有{name}这个人，没有设班主任；请先导入人员名单"),
                    (len(found) > 1, f"本校有{len(found)}个{name}，没有设班主任；请在人员页给岗位"),
                )
                if holds
            ),
            "",
        )
        if sentence:
            line.warnings.append(sentence)
        else:
            line.head = next(iter(found))


def carry_out(*, actor: User, school: Unit, lines: list[Line]) -> None:
    """Open the classes and set the head teachers, all or nothing."""
    today = dates.today()
    with transaction.atomic():
        for line in (line for line in lines if line.changes and line.label):
            assert line.label is not None
            assert line.label.number is not None
            opened, stood = classrooms.add_classes(
                actor=actor, school=school, grade=line.label.grade, school_year=dates.school_year(today),
                first=line.label.number, last=line.label.number,
            )  # fmt: skip
            if line.head:
                people.give_duty(
                    actor=actor, school=school, user=line.head,
                    duty={"role": Role.HEAD_TEACHER, "classroom": (*opened, *stood)[0], "starts_on": today,
                          "ends_on": None},
                )  # fmt: skip
