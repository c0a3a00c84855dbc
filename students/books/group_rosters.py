"""留守儿童名册, 残疾学生名册, 困难学生名册. In the masked edition the group's particulars are withheld."""

from collections.abc import Callable, Sequence
from typing import Any

from kongchuo.sheets import A4_LANDSCAPE, Align, Column, Kind, Sheet
from schools import books
from schools.books import Asked, Source
from students import groups
from students.books import pupils
from students.books.pupils import BOARDING, RELATIONS, SEXES, STANDINGS, caller, class_labels
from students.codes import ETHNICITIES, TAG_GROUPS, Inclusive, TagGroup
from students.items import details_of
from students.models import Enrollment, Guardian, Tag

LEFT_BEHIND, DISABLED, POOR = "留守儿童名册", "残疾学生名册", "家庭经济困难学生名册"
_YES_NO = {True: "是", False: "否", None: ""}


def _held(row: Enrollment) -> list[Tag]:
    tags: list[Tag] = row.student.held  # type: ignore[attr-defined]
    return tags


def _kinds(row: Enrollment) -> str:
    return "、".join(str(tag) for tag in _held(row))


def _details(row: Enrollment) -> str:
    return "；".join(tag.detail for tag in _held(row) if tag.detail)


def _since(row: Enrollment) -> Any:
    return min(tag.starts_on for tag in _held(row))


def _of_caller(value: Callable[[Guardian], Any]) -> Callable[[Enrollment], Any]:
    return lambda row: value(person) if (person := caller(row)) else ""


def _detail(name: str) -> Callable[[Enrollment], Any]:
    return lambda row: getattr(details_of(row.student), name)


_PARTICULARS: dict[TagGroup, tuple[Column, ...]] = {
    TagGroup.LEFT_BEHIND: (
        Column("留守类型", _kinds, Kind.WITHHELD, 4.6, Align.CENTER),
        Column("照看情况", _details, Kind.WITHHELD, 8),
    ),
    TagGroup.DISABLED: (
        Column("残疾类别", lambda row: _held(row)[0].get_disability_display(), Kind.WITHHELD, 3.6, Align.CENTER),
        Column("等级", lambda row: _held(row)[0].get_disability_grade_display(), Kind.WITHHELD, 3, Align.CENTER),
        Column("就学方式", lambda row: STANDINGS[row.status], Kind.WITHHELD, 4.6, Align.CENTER),
        Column("随班就读", lambda row: dict(Inclusive.choices).get(_detail("inclusive")(row), ""), Kind.WITHHELD, 6),
    ),
    TagGroup.POOR: (
        Column("困难类别", _kinds, Kind.WITHHELD, 7),
        Column("说明", _details, Kind.WITHHELD, 6),
        Column("需要资助", lambda row: _YES_NO[_detail("needs_aid")(row)], Kind.WITHHELD, 3, Align.CENTER),
        Column("享受一补", lambda row: _YES_NO[_detail("has_subsidy")(row)], Kind.WITHHELD, 3, Align.CENTER),
    ),
}


def roster_of(group: TagGroup, title: str) -> Source:
    """The book's sheet: who of the roll of the day is counted in the group on that day."""

    def sheets(asked: Asked) -> Sequence[Sheet]:
        known = groups.kinds_for(asked.user)
        kinds = [kind for kind in TAG_GROUPS[group] if kind in known]
        everybody = pupils.of_day(asked).held_here()
        rows = groups.with_tags(groups.in_group(everybody, kinds, asked.on), kinds, asked.on)
        rows = rows.select_related("student__details", "classroom")
        part, whole = rows.count(), everybody.count()
        share = f"，占在册{whole}人的{part / whole:.2%}" if whole else ""
        notes = (f"共{part}人{share}。", "按截止日期当日的标记统计；一人有几类的只列一次。")
        return [
            Sheet(
                title=f"{asked.place}{title}", name=title, columns=(*_before(asked), *_PARTICULARS[group], *_AFTER),
                rows=rows, head=books.head(asked, *notes), paper=A4_LANDSCAPE, identify=pupils.identify,
            )
        ]  # fmt: skip

    return sheets


def _before(asked: Asked) -> tuple[Column, ...]:
    return (
        Column("序号", None, Kind.INT, 2.4, Align.CENTER),
        Column("班级", class_labels(asked.on), width=4.2, align=Align.CENTER),
        Column("姓名", lambda row: row.student.name, width=5),
        Column("性别", lambda row: SEXES[row.student.sex], width=2.4, align=Align.CENTER),
        Column("民族", lambda row: ETHNICITIES.get(row.student.ethnicity, ""), width=3.4, align=Align.CENTER),
        Column("出生日期", lambda row: row.student.birth_date, Kind.DATE, 5, Align.CENTER),
        Column("身份证号", lambda row: row.student.id_no, Kind.SEALED, 11.4),
        Column("就读方式", lambda row: BOARDING[row.student.board_type], width=3, align=Align.CENTER),
        Column("现住址", lambda row: row.student.address, Kind.ADDRESS, 8.4),
    )


_AFTER = (
    Column("监护人", _of_caller(lambda person: person.name), width=4.6),
    Column("关系", _of_caller(lambda person: RELATIONS.get(person.relation, "")), width=3.6),
    Column("电话", _of_caller(lambda person: person.phone), Kind.PHONE, 7.2),
    Column("起始日期", _since, Kind.DATE, 4.8, Align.CENTER),
)
