"""花名册 as of any day, and 学生家长通讯录."""

from collections.abc import Callable, Sequence
from typing import Any

from kongchuo.sheets import A3_LANDSCAPE, A4_LANDSCAPE, Align, Column, Kind, Sheet
from schools import books
from schools.books import Asked
from students.books import pupils
from students.books.pupils import BOARDING, RELATIONS, SEXES, STANDINGS, caller, came, class_labels, relative
from students.codes import ETHNICITIES, Relation
from students.models import Enrollment, Guardian

ROSTER, DIRECTORY = "花名册", "学生家长通讯录"
FATHERS = frozenset({Relation.FATHER, Relation.STEPFATHER})
MOTHERS = frozenset({Relation.MOTHER, Relation.STEPMOTHER})
AS_OF = "本表按学籍异动还原到截止日期当日：当日不在册的不列，休学、校外就读的列出并注明。"
NO_PHONE = frozenset({"", "无"})


def roster(asked: Asked) -> Sequence[Sheet]:
    """《花名册》: everybody on the roll on that day, 休学 and 校外就读 as well, with the standing of each."""
    label, day = class_labels(asked.on), asked.on
    columns = (
        Column("序号", None, Kind.INT, 2.4, Align.CENTER),
        Column("班级", label, width=4.2, align=Align.CENTER),
        Column("座号", lambda row: row.seat_no, Kind.INT, 2.4, Align.CENTER),
        Column("姓名", lambda row: row.student.name, width=5),
        Column("性别", lambda row: SEXES[row.student.sex], width=2.4, align=Align.CENTER),
        Column("民族", lambda row: ETHNICITIES.get(row.student.ethnicity, ""), width=3.4, align=Align.CENTER),
        Column("出生日期", lambda row: row.student.birth_date, Kind.DATE, 5, Align.CENTER),
        Column("身份证号", lambda row: row.student.id_no, Kind.SEALED, 9.8),
        Column("学籍号", lambda row: row.student.roll_no, Kind.SEALED, 10.4),
        Column("就读方式", lambda row: BOARDING[row.student.board_type], width=3, align=Align.CENTER),
        Column("户籍", lambda row: row.student.hukou_address, Kind.ADDRESS, 11),
        Column("现住址", lambda row: row.student.address, Kind.ADDRESS, 9),
        Column("监护人", _of(caller, lambda person: person.name), width=4.6),
        Column("关系", _of(caller, lambda person: RELATIONS.get(person.relation, "")), width=3.6),
        Column("电话", _of(caller, lambda person: person.phone), Kind.PHONE, 6),
        Column("状态", lambda row: STANDINGS[row.status], width=4.6, align=Align.CENTER),
        Column("备注", lambda row: came(row, day), width=6),
    )
    notes = (pupils.count_words(asked), AS_OF)
    return [
        Sheet(
            title=_title(asked, ROSTER), name=ROSTER, columns=columns, rows=pupils.of_day(asked),
            head=books.head(asked, *notes), paper=A3_LANDSCAPE, identify=pupils.identify,
        )
    ]  # fmt: skip


def directory(asked: Asked) -> Sequence[Sheet]:
    """《学生家长通讯录》: whom to call, and which families have no telephone (没有电话的上门)."""
    label = class_labels(asked.on)
    columns = (
        Column("序号", None, Kind.INT, 2.4, Align.CENTER),
        Column("班级", label, width=4.2, align=Align.CENTER),
        Column("学生", lambda row: row.student.name, width=5),
        Column("住址", lambda row: row.student.address, Kind.ADDRESS, 10),
        *(
            column
            for header, found in (("父亲", _father), ("母亲", _mother), ("其他监护人", _other))
            for column in (
                Column(header, _of(found, lambda person: person.name), width=4.6),
                Column(f"{header}电话", _of(found, lambda person: person.phone), Kind.PHONE, 6),
            )
        ),
        Column("备用联系人", _spare, Kind.PHONE, 8),
        Column("有无电话", lambda row: "有" if _has_phone(row) else "无（上门）", width=5.4, align=Align.CENTER),
    )
    notes = ("没有电话的家庭要及时上门。", "电话不对、换号的，请班主任随时改，并记下核对日期。")
    return [
        Sheet(
            title=_title(asked, DIRECTORY), name=DIRECTORY, columns=columns, rows=pupils.of_day(asked),
            head=books.head(asked, *notes, counted_in=""), paper=A4_LANDSCAPE, identify=pupils.identify,
        )
    ]  # fmt: skip


def _title(asked: Asked, name: str) -> str:
    return f"{asked.place}{asked.period}{name}"


Found = Callable[[Enrollment], Guardian | None]


def _of(found: Found, value: Callable[[Guardian], Any]) -> Callable[[Enrollment], Any]:
    """A fact of somebody of the family; empty when there is nobody."""

    def cell(row: Enrollment) -> Any:
        person = found(row)
        return value(person) if person else ""

    return cell


def _father(row: Enrollment) -> Guardian | None:
    return relative(row, FATHERS)


def _mother(row: Enrollment) -> Guardian | None:
    return relative(row, MOTHERS)


def _beside_parents(row: Enrollment) -> list[Guardian]:
    """The family but for the two who stand as father and mother; who answers for the child comes first."""
    parents = (_father(row), _mother(row))
    rest = [person for person in row.student.family if person not in parents]  # type: ignore[attr-defined]
    return sorted(rest, key=lambda person: not person.is_guardian)


def _other(row: Enrollment) -> Guardian | None:
    return next((person for person in _beside_parents(row) if person.is_guardian), None)


def _spare(row: Enrollment) -> str:
    """备用联系人: the next of the family with their number."""
    other = _other(row)
    person = next((person for person in _beside_parents(row) if person is not other), None)
    return f"{person.name} {person.phone}".strip() if person else ""


def _has_phone(row: Enrollment) -> bool:
    return any(person.phone not in NO_PHONE for person in row.student.family)  # type: ignore[attr-defined]
