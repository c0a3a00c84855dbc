"""The books about single pupils and about groups: 学生基本信息表, 留守儿童名册, 残疾学生名册, 困难学生名册."""

from schools import books
from schools.books import OFFICE_AND_TEACHERS, Book
from students.books import cards, group_rosters, info
from students.codes import TagGroup

GROUP = "学籍"
_ROSTERS = (
    ("left_behind", group_rosters.LEFT_BEHIND, TagGroup.LEFT_BEHIND),
    ("disabled", group_rosters.DISABLED, TagGroup.DISABLED),
    ("poor", group_rosters.POOR, TagGroup.POOR),
)


def register() -> None:
    books.register(
        Book(
            key="pupil_information", title=info.TITLE, group=GROUP, sheets=info.information, asks=("on", "about"),
            roles=OFFICE_AND_TEACHERS, unit="份", note="国网学籍系统的72项；家长核对、签字后存档。",
        ),
        *(
            Book(
                key=key, title=title, group=cards.GROUP, sheets=group_rosters.roster_of(group, title),
                asks=("on", "classroom?"), roles=OFFICE_AND_TEACHERS, whole_roll=True, unit="人",
                note="任一天的名单和占比；脱敏版不印类别和说明。",
            )
            for key, title, group in _ROSTERS
        ),
    )  # fmt: skip
