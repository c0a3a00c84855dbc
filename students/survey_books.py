"""Books of the 摸底册 and of the rates: 文化户口册, the lists of children of school age, 《三率统计表》."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kongchuo.sheets import A3_LANDSCAPE, Align, Column, Form, Kind, Sheet
from schools import books
from schools.books import Asked, Book
from schools.policy import rules_on
from students import rates, schoolage
from students.codes import ProofGrade, Schooling
from students.models import Resident
from students.rates import Cell
from students.rates import Line as RateLine
from students.schoolage import COLUMNS, Ages, Child, VillageLine
from students.tally import Tally

GROUP = "摸底"
CENTER = Align.CENTER
_MONTH_ONLY = "出生年月按户口簿；就学状况：本校在籍学生按学籍，其他按摸底登记。"


@dataclass(frozen=True)
class Member:
    """A line of 文化户口册; `child` for those of school age."""

    person: Resident
    child: Child | None

    @property
    def schooling(self) -> str:
        return self.child.label if self.child else self.person.get_schooling_display()

    @property
    def proof(self) -> str:
        return self.child.proof_label if self.child else ""

    @property
    def gone(self) -> str:
        return f"{self.person.get_gone_as_display()}" if self.person.gone_on else ""


def _place(person: Resident) -> str:
    return f"{person.household.village}{person.household.hamlet}"


HOUSEHOLDS: tuple[Column, ...] = (
    Column("户编号", lambda row: row.person.household.number, width=4, align=CENTER),
    Column("户主", lambda row: row.person.household.head, width=4.4),
    Column("村组", lambda row: _place(row.person), width=7),
    Column("成员姓名", lambda row: row.person.name, width=4.4),
    Column("与户主关系", lambda row: row.person.relation, width=3.4, align=CENTER),
    Column("性别", lambda row: row.person.get_sex_display(), width=2, align=CENTER),
    Column("民族", lambda row: row.person.get_ethnicity_display(), width=3, align=CENTER),
    Column("出生年月", lambda row: row.person.birth_date, Kind.DATE, 5, CENTER),
    Column("身份证", lambda row: row.person.id_no, Kind.SEALED, 9.6),
    Column("文化程度", lambda row: row.person.get_education_display(), width=4.4, align=CENTER),
    Column("就学状况", lambda row: row.schooling, width=4.6, align=CENTER),
    Column("就读学校", lambda row: row.child.school if row.child else row.person.school_name, width=8),
    Column("年级", lambda row: row.child.grade if row.child else row.person.grade, width=3.6, align=CENTER),
    Column("残疾", lambda row: row.person.get_disability_display(), Kind.WITHHELD, 3, CENTER),
    Column("外出去向", lambda row: row.person.whereabouts, width=6),
    Column("证明", lambda row: row.proof, width=5),
    Column("调查人", lambda row: row.person.surveyed_by, width=4),
    Column("日期", lambda row: row.person.surveyed_on, Kind.DATE, 5, CENTER),
)

_CHILD: tuple[Column, ...] = (
    Column("序号", None, Kind.INT, 2, CENTER),
    Column("姓名", lambda child: child.resident.name, width=4.4),
    Column("性别", lambda child: child.resident.get_sex_display(), width=2, align=CENTER),
    Column("民族", lambda child: child.resident.get_ethnicity_display(), width=3, align=CENTER),
    Column("出生年月", lambda child: child.resident.birth_date, Kind.DATE, 5, CENTER),
    Column("身份证", lambda child: child.resident.id_no, Kind.SEALED, 9.6),
    Column("户主", lambda child: child.resident.household.head, width=4.4),
    Column("村组", lambda child: _place(child.resident), width=7),
)
_WHERE: tuple[Column, ...] = (
    Column("就读学校", lambda child: child.school, width=8),
    Column("年级", lambda child: child.grade, width=3.6, align=CENTER),
)
_AGE = Column("周岁", lambda child: child.age, Kind.INT, 2, CENTER)
_STATE = Column("就学状况", lambda child: child.label, width=4.6, align=CENTER)
_DISABILITY = Column("残疾", lambda child: child.resident.get_disability_display(), Kind.WITHHELD, 3, CENTER)
_AWAY = Column("外出去向", lambda child: child.resident.whereabouts, width=7)
_PHONE = Column("电话", lambda child: child.resident.household.phone, Kind.PHONE, 6)
_PROOF = Column("佐证等级", lambda child: child.proof_label, width=6, align=CENTER)

SCHOOL_AGE = (*_CHILD, _AGE, _STATE, *_WHERE, _DISABILITY, _AWAY, Column("手续", lambda child: child.lacks, width=8))
ELSEWHERE = (
    *_CHILD, *_WHERE, _AWAY, _PHONE, _PROOF,
    Column("证明材料", lambda child: "、".join(paper.title for paper in child.papers), width=9),
)  # fmt: skip
WITHOUT = (
    *_CHILD, _AGE, _STATE, _DISABILITY, _AWAY, _PHONE,
    Column("缺什么", lambda child: child.lacks, width=7), Column("怎么办", lambda child: child.hint, Kind.WITHHELD, 13),
)  # fmt: skip
TO_PROVE = (
    *_CHILD, *_WHERE, _AWAY, _PHONE, _PROOF,
    Column("还要取", lambda child: _still_wanted(child), width=9),
    Column("取证人", lambda child: "", width=4), Column("取到日期", lambda child: "", width=4.6),
)  # fmt: skip


def _nth(place: int) -> Callable[[VillageLine], int]:
    return lambda line: line.counts[place][2]


VILLAGES: tuple[Column, ...] = (
    Column("村(社区)", lambda line: line.village or "合计", width=7),
    Column("适龄人数", lambda line: line.total, Kind.INT, 3.4, CENTER),
    *(Column(code.label, _nth(place), Kind.INT, 3.4, CENTER) for place, code in enumerate(COLUMNS)),
)

RATES: tuple[Column, ...] = (
    Column("指标", lambda row: row[0].formula.title, width=9),
    Column("学段", lambda row: row[1].stage_label, width=4.4, align=CENTER),
    Column("分子", lambda row: row[1].rate.numerator, Kind.INT, 3.4, CENTER),
    Column("分母", lambda row: row[1].rate.denominator, Kind.INT, 3.4, CENTER),
    Column("比率", lambda row: str(row[1].rate), width=4.4, align=CENTER),
    Column("与目标比", lambda row: row[1].verdict, width=6, align=CENTER),
    Column("口径", lambda row: row[0].formula.definition, width=22),
)


def _still_wanted(child: Child) -> str:
    return "电话已核实，补回执或截图" if child.grade_of_proof else "回执、截图或电话核实，任一种"


def _households(asked: Asked) -> Sequence[Sheet | Form]:
    children = {child.resident.pk: child for child in schoolage.children(asked.user, asked.school, asked.on)}
    people = (
        Resident.objects.visible_to(asked.user)
        .filter(household__school=asked.school)
        .living_here(asked.on)
        .select_related("household")
        .order_by("household__village", "household__hamlet", "household__number", "pk")
    )
    rows = [Member(person, children.get(person.pk)) for person in people]
    head = books.head(asked, _MONTH_ONLY)
    return [Sheet("文化户口册", HOUSEHOLDS, rows, head=head, paper=A3_LANDSCAPE, identify=lambda row: row.person.name)]


def _children(title: str, columns: Sequence[Column], belongs: Callable[[Child], bool], note: str) -> books.Source:
    """The source of a list of children of school age."""

    def sheets(asked: Asked) -> Sequence[Sheet | Form]:
        rows = [child for child in schoolage.children(asked.user, asked.school, asked.on) if belongs(child)]
        return [_list(asked, title, columns, rows, note)]

    return sheets


def _list(asked: Asked, title: str, columns: Sequence[Column], rows: Sequence[Child], note: str) -> Sheet:
    ages = Ages.on(rules_on(asked.school, asked.on), asked.on)
    head = books.head(asked, f"{ages.in_words}。", *([note] if note else []))
    return Sheet(title, columns, rows, head=head, paper=A3_LANDSCAPE, identify=lambda child: child.resident.name)


def _school_age(asked: Asked) -> Sequence[Sheet | Form]:
    everybody = schoolage.children(asked.user, asked.school, asked.on)
    proven, elsewhere = schoolage.proven_share(everybody)
    note = f"{_MONTH_ONLY}本在外证明齐全率：{rates.Rate(proven, elsewhere)}({proven}/{elsewhere})。"
    lines: list[VillageLine] = schoolage.by_village(everybody)
    summary = Sheet("适龄儿童少年就学情况汇总表", VILLAGES, lines, name="汇总", head=books.head(asked, note))
    return [_list(asked, "适龄儿童少年就学情况表", SCHOOL_AGE, everybody, note), summary]


def _rates(asked: Asked) -> Sequence[Sheet | Form]:
    tally = Tally(asked.user, asked.school, asked.on)
    lines = rates.lines(tally.rate, tally.rules, rates.stages_of(asked.school.grades))
    rows: list[tuple[RateLine, Cell]] = [(line, cell) for line in lines for cell in line.cells]
    chosen = "、".join(line.formula.title for line in lines if line.is_headline)
    head = books.head(
        asked, f"本校主口径：{chosen}。分母为0的记「{rates.NOTHING}」。", period=tally.period, counted_in=""
    )
    return [Sheet("三率统计表", RATES, rows, head=head)]


_LAWFUL = "缓学须由监护人申请，乡镇人民政府或县级教育行政部门批准(义务教育法第11条)；「免学」是过去的说法，现已没有。"


def register() -> None:
    out: Callable[[Child], bool] = lambda child: child.schooling == Schooling.LOCAL_OUT  # noqa: E731
    books.register(
        Book(
            "survey-households", "文化户口册", GROUP, _households, unit="人", note="按村、按户，每人一行。",
            whole_roll=True,
        ),
        Book(
            "survey-school-age", "适龄儿童少年就学情况表", GROUP, _school_age, unit="人",
            note="每个适龄孩子在哪里，附各村汇总。", whole_roll=True,
        ),
        Book(
            "survey-elsewhere", "本在外学生名册", GROUP, _children("本在外学生名册", ELSEWHERE, out, ""), unit="人",
            note="本地户籍在外地就读的，带佐证等级。",
        ),
        Book(
            "survey-without", "未入学(无手续)名单", GROUP,
            _children("未入学(无手续)名单", WITHOUT, lambda child: child.without_procedure, _LAWFUL), unit="人",
            note="适龄、没有就学、也没有缓学批准的；残疾孩子提示办缓学或送教。",
        ),
        Book(
            "survey-to-prove", "取证清单", GROUP,
            _children(
                "取证清单", TO_PROVE,
                lambda child: out(child) and child.grade_of_proof in ("", ProofGrade.CALL),
                "佐证分三等：接收回执或就读证明、学籍系统截图、电话核实。",
            ),
            unit="人", note="在外就读还没有证明、或只有电话核实的。",
        ),
        Book("rates", "三率统计表", "学籍", _rates, personal=False, note="辍学率、巩固率、入学率、完成率，各种口径。"),
    )  # fmt: skip
