"""The books of the roll itself: 花名册, 学额统计表, 通讯录."""

from schools import books
from schools.books import OFFICE_AND_TEACHERS, Book
from students import hub
from students.books import cards, lists, quota, roster

GROUP = "学籍"


def register() -> None:
    hub.register("表册", "schools:books", "花名册、通讯录、学额统计表等，按日期、按班看和导出。")
    books.register(
        Book(
            key="roster", title=roster.ROSTER, group=GROUP, sheets=roster.roster, asks=("on", "classroom?"),
            roles=OFFICE_AND_TEACHERS, whole_roll=True, unit="人",
            note="任一天在册的学生；改日期就还原到那一天。",
        ),
        Book(
            key="directory", title=roster.DIRECTORY, group=GROUP, sheets=roster.directory, asks=("on", "classroom?"),
            roles=OFFICE_AND_TEACHERS, whole_roll=True, unit="人",
            note="每家打谁的电话；没有电话的注明，及时上门。",
        ),
        Book(
            key="quota", title=quota.TITLE, group=GROUP, sheets=quota.quota, asks=("month",), personal=False,
            note="各班每月月初、增加、减少、月末人数，与学籍异动对得上。",
        ),
        Book(
            key="newcomers", title=lists.NEWCOMERS, group="开学", sheets=lists.newcomers, asks=("on", "classroom?"),
            roles=OFFICE_AND_TEACHERS, whole_roll=True, unit="人",
            note="本学年起始年级和转来的学生：家庭情况和原来的表现，访谈后手填。",
        ),
    )  # fmt: skip
    cards.register()
    books.register(
        Book(
            key="migrant", title=lists.MIGRANT, group=cards.GROUP, sheets=lists.migrant, asks=("on", "classroom?"),
            roles=OFFICE_AND_TEACHERS, whole_roll=True, unit="人",
            note="标为随迁子女的学生：户籍地、来源校，证明材料看过后手填打勾。",
        )
    )  # fmt: skip
