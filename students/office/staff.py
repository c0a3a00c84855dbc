"""人员名单: who works here with which duties. New people get an account and a one-time slip, others their duties."""

import re
from dataclasses import dataclass, field

from django.db import transaction

from kongchuo import dates
from schools import people
from schools.codes import CLASS_ROLES, Role
from schools.models import Classroom, Duty, Unit, User
from schools.people import SCHOOL_ROLES, USERNAME, DutyFacts
from students.roster import classlabels, fields
from students.roster.columns import Words
from students.roster.tables import Table, TableRow

WORDS = Words(
    {
        "serial": "序号 编号",
        "name": "姓名 教师姓名 教职工姓名 老师",
        "username": "登录名 用户名 账号",
        "phone": "电话 手机 手机号 联系电话 手机号码 联系方式",
        "role": "岗位 职务 担任岗位 职责",
        "classroom": "任教班级 班级 所带班级 所教班级 任课班级",
    }
)
MOST = 80
"""People in one file: each new password takes the server a third of a second."""
_ROLES = {Role(role).label: role for role in SCHOOL_ROLES} | {
    "教务": Role.CLERK, "任课老师": Role.SUBJECT_TEACHER, "管理员": Role.ADMIN,
}  # fmt: skip
_PARTS = re.compile(r"[、,，;；/\s]+")


@dataclass
class Line:
    """One row and what becomes of it: refused when it has reasons; `user` None is a new person."""

    number: int
    name: str = ""
    username: str = ""
    phone: str = ""
    user: User | None = None
    duties: list[DutyFacts] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def what(self) -> str:
        """「新增，班主任七(1)班」"""
        told = "、".join(
            f"{Role(duty['role']).label}{duty['classroom'].label if duty['classroom'] else ''}" for duty in self.duties
        )
        return "、".join(part for part in ("" if self.user else "新增", told) if part) or "不变"

    @property
    def changes(self) -> bool:
        return not self.reasons and (self.user is None or bool(self.duties))


def plan(school: Unit, table: Table) -> list[Line]:
    """What importing the list would do; nothing is written."""
    return _Planner(school).lines(table)


class _Planner:
    def __init__(self, school: Unit):
        self.school, self.today = school, dates.today()
        rooms = Classroom.objects.filter(school=school).open_on(self.today)
        self.rooms = {(room.grade, room.number): room for room in rooms}
        duties = Duty.objects.in_force(self.today).filter(unit=school).select_related("user")
        self.held = {(duty.user_id, duty.role, duty.classroom_id) for duty in duties}
        self.people: dict[str, list[User]] = {}
        for user in {duty.user for duty in duties}:
            self.people.setdefault(user.name, []).append(user)
        self.seen: dict[str, int] = {}

    def lines(self, table: Table) -> list[Line]:
        lines = []
        for row in table.rows():
            line = Line(row.number)
            try:
                self._read(line, row)
            except ValueError as refusal:
                line.reasons.append(str(refusal))
            lines.append(line)
        for line in lines[MOST:]:
            line.reasons.append(f"一次最多导入{MOST}人，请把后面的另存一份再导")
        return lines

    def _read(self, line: Line, row: TableRow) -> None:
        line.name = fields.name(row.cells["name"], line.warnings.append)[:30]
        if not line.name:
            raise ValueError("没有姓名")
        line.phone = fields.phone(row.cells["phone"], line.warnings.append).replace(fields.NO_PHONE, "")
        line.username = fields.text_of(row.cells["username"]).lower()
        if line.username and not USERNAME.match(line.username):
            raise ValueError(f"登录名「{line.username}」只能用小写字母和数字，至少两位")
        key = line.username or line.name
        if key in self.seen:
            raise ValueError(f"与第{self.seen[key]}行是同一个人，岗位请写在一行里，用「、」隔开")
        self.seen[key] = row.number
        line.user = self._known(line)
        line.duties = [
            duty
            for duty in self._duties(row)
            if not line.user
            or (line.user.pk, duty["role"], duty["classroom"].pk if duty["classroom"] else None) not in self.held
        ]
        if line.user and line.phone and line.phone != line.user.phone:
            line.warnings.append("电话与系统里的不同，没有改；请在此人的页面上改")

    def _known(self, line: Line) -> User | None:
        same = self.people.get(line.name, [])
        if line.username:
            return next((user for user in same if user.username == line.username), None)
        if len(same) > 1:
            raise ValueError(f"本校有{len(same)}个{line.name}，请填登录名")
        return same[0] if same else None

    def _duties(self, row: TableRow) -> list[DutyFacts]:
        roles = [part for part in _PARTS.split(fields.text_of(row.cells["role"])) if part]
        if not roles:
            raise ValueError("没有写岗位")
        if unknown := [role for role in roles if role not in _ROLES]:
            raise ValueError(
                f"岗位「{unknown[0]}」认不出，可写：{'、'.join(Role(role).label for role in SCHOOL_ROLES)}"
            )
        rooms = [self._room(part) for part in _PARTS.split(fields.text_of(row.cells["classroom"])) if part]
        duties: list[DutyFacts] = []
        for role in dict.fromkeys(_ROLES[role] for role in roles):
            of_class = role in CLASS_ROLES
            if of_class and (not rooms or (role == Role.HEAD_TEACHER and len(rooms) > 1)):
                raise ValueError("班主任要写一个班" if role == Role.HEAD_TEACHER else "任课教师要写任教班级")
            duties += [
                {"role": role, "classroom": room, "starts_on": self.today, "ends_on": None}
                for room in (rooms if of_class else [None])
            ]
        return duties

    def _room(self, text: str) -> Classroom:
        label = classlabels.parse(text).resolve(self.school.grades, dates.school_year(self.today))
        room = self.rooms.get((label.grade, label.number or 0))
        if room is None:
            raise ValueError(f"本校没有{label}，请先加班级")
        return room


def carry_out(*, actor: User, school: Unit, lines: list[Line]) -> list[tuple[User, str]]:
    """Add the people and give the duties, all or nothing. Returns the new people with their slips, once."""
    slips = []
    with transaction.atomic():
        for line in lines:
            duties = list(line.duties) if line.changes else []
            user = line.user
            if line.changes and user is None:
                username = line.username or people.suggest_username(line.name)
                user, slip = people.add_person(
                    actor=actor, school=school, name=line.name, username=username, phone=line.phone, duty=duties.pop(0)
                )
                slips.append((user, slip))
            for duty in duties:
                people.give_duty(actor=actor, school=school, user=user, duty=duty)  # type: ignore[arg-type]
    return slips
