"""The demo school's registry: families and groups, 异动 at every step, a survey, a check of the roll, leave.

Told in school days before today, like the cases; the pupils of the stories of cases are left alone.
"""

import datetime
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from openpyxl import Workbook

from attendance import leaves
from followups.demo.people import SURNAMES, VILLAGES, Crowd
from kongchuo import dates
from schools.codes import Stage
from schools.models import Classroom
from students import opening, papers, procedures, survey
from students.changes import KINDS
from students.codes import (
    Change,
    ChangeReason,
    DisabilityGrade,
    DisabilityKind,
    PhoneState,
    ProofGrade,
    Relation,
    RollList,
    Schooling,
    Sex,
    TagKind,
)
from students.models import Enrollment, Guardian, Household, Resident, RollChange, Student, StudentDetails, Tag
from students.rollcheck import checks

if TYPE_CHECKING:
    from followups.demo.school import School

Deed = Callable[["School", datetime.date], None]
GROUPS: tuple[tuple[TagKind, float, str], ...] = (
    (TagKind.LEFT_BEHIND_BOTH, 0.10, "父母在外省务工，随祖父母生活"),
    (TagKind.LEFT_BEHIND_SINGLE, 0.08, "父亲在外务工"),
    (TagKind.POVERTY, 0.06, ""),
    (TagKind.MINIMUM_LIVING, 0.04, ""),
    (TagKind.STRUGGLING, 0.05, ""),
    (TagKind.HARDSHIP, 0.04, ""),
    (TagKind.MIGRANT, 0.02, ""),
)
"""Group, share of the pupils, and what is said of it. Invented shares."""
ELSEWHERE = "云岭县白水乡中学"


@dataclass(frozen=True)
class Event:
    """Something that the office did so many school days before today."""

    ago: int
    deed: Deed


def fill(crowd: Crowd, school: "School", since: datetime.date) -> None:
    """What is known of every pupil beyond the roll: second family members, details, groups; a few gaps on purpose."""
    chance = crowd.random
    pupils = [pupil for kept in school.pupils.values() for pupil in kept]
    second = []
    for pupil in pupils:
        if chance.random() < 0.6:
            member = crowd.guardian_of(pupil)
            member.position, member.relation = 2, chance.choice((Relation.MOTHER, Relation.GRANDFATHER))
            second.append(member)
        if chance.random() < 0.8:
            pupil.checked_on = since + datetime.timedelta(days=chance.randrange(30))
    Guardian.objects.bulk_create(second)
    Student.objects.bulk_update(pupils, ("checked_on",), batch_size=200)
    StudentDetails.objects.bulk_create(_details(chance, pupil) for pupil in pupils if chance.random() < 0.9)
    Tag.objects.bulk_create(tag for pupil in pupils for tag in _tags(chance, pupil, since))
    dead = Guardian.objects.filter(student__in=pupils, position=1).exclude(phone="无").order_by("pk")[::60]
    for member in dead:
        member.phone_state, member.phone_checked_on = PhoneState.DEAD, since + datetime.timedelta(days=40)
    Guardian.objects.bulk_update(dead, ("phone_state", "phone_checked_on"))


def _details(chance: random.Random, pupil: Student) -> StudentDetails:
    return StudentDetails(
        student=pupil, birth_place="云岭县", native_place="云岭县", hmt="否", health="10", hukou_type="1",
        entry_mode="11", source="1", mail_address=pupil.address, home_address=pupil.address, postcode="650000",
        only_child=chance.random() < 0.3, preschool=chance.random() < 0.8, martyr_child=False, inclusive="0",
        paid_seat=False, needs_aid=chance.random() < 0.2, has_subsidy=pupil.board_type == "2",
        distance_km=round(chance.uniform(0.2, 12), 1), commute=chance.choice("1224"), school_bus=False,
    )  # fmt: skip


def _tags(chance: random.Random, pupil: Student, since: datetime.date) -> list[Tag]:
    found: dict[str, Tag] = {}
    for kind, share, detail in GROUPS:
        taken = kind == TagKind.LEFT_BEHIND_SINGLE and TagKind.LEFT_BEHIND_BOTH in found
        if chance.random() < share and not taken:
            found[kind] = Tag(student=pupil, kind=kind, detail=detail, starts_on=since)
    if chance.random() < 0.01:
        found[TagKind.DISABLED] = Tag(
            student=pupil, kind=TagKind.DISABLED, starts_on=since, disability=DisabilityKind.LIMBS,
            disability_grade=DisabilityGrade.THREE,
        )  # fmt: skip
    return list(found.values())


# --- 异动 -----------------------------------------------------------------------------------------------------------


def change(grade: int, seat: int, kind: Change, **said: Any) -> Deed:
    """The office records a kind of 异动 of a pupil; dates among `said` may be functions of the day."""

    def record(school: "School", on: datetime.date) -> None:
        facts = {name: value(on) if callable(value) else value for name, value in said.items()}
        facts = {"on": on, "applied_on": on - datetime.timedelta(days=3)} | facts
        procedures.record(actor=school.clerk, student=school.pupil(grade, seat), kind=KINDS[kind], said=facts)

    return record


def in_days(days: int) -> Callable[[datetime.date], datetime.date]:
    return lambda on: on + datetime.timedelta(days=days)


def paper(grade: int, seat: int, kind: Change, *codes: str, grade_of_proof: str = "") -> Deed:
    """Papers of a pupil's 异动 come in; the clerk has seen the originals."""

    def keep(school: "School", on: datetime.date) -> None:
        one = _change_of(school, grade, seat, kind)
        for code in codes:
            asked = KINDS[kind].paper(code)
            assert asked is not None
            papers.keep(
                actor=school.clerk, to=one, code=code, title=asked.title, seen_by=school.clerk.name, seen_on=on,
                grade=grade_of_proof if asked.graded else "",
            )  # fmt: skip

    return keep


def settled(grade: int, seat: int, kind: Change) -> Deed:
    def settle(school: "School", on: datetime.date) -> None:
        procedures.settle(actor=school.clerk, change=_change_of(school, grade, seat, kind), on=on)

    return settle


def _change_of(school: "School", grade: int, seat: int, kind: Change) -> RollChange:
    return RollChange.objects.standing().get(student=school.pupil(grade, seat), kind=kind)


def newcomer(grade: int, kind: Change, name: str, born: str, *codes: str) -> Deed:
    """A child comes from another school: in class at once, the papers follow."""

    def admit(school: "School", on: datetime.date) -> None:
        crowd = Crowd(random.Random(name))  # noqa: S311 - an invented child
        birth = datetime.date.fromisoformat(born)
        asked = KINDS[kind]
        facts = {
            "on": on, "classroom": school.classes[grade], "applied_on": on, "other_school": ELSEWHERE,
            "other_place": "本省云岭县", "reason": asked.reasons[0] if asked.reasons else "",
        }  # fmt: skip
        student = procedures.admit(
            actor=school.clerk, school=school.unit, kind=asked,
            said={name: facts[name] for name in ("on", *asked.asks) if name in facts},
            child={
                "name": name, "sex": Sex.FEMALE, "birth_date": birth, "id_no": crowd.id_number(birth, "2"),
                "hukou_address": "云岭县白水乡", "address": "青石乡柳树村3组", "village": VILLAGES[0],
            },
            guardian={"name": f"{name[0]}大山", "relation": Relation.FATHER, "phone": crowd.phone()},
        )  # fmt: skip
        school.pupils[grade].append(student)
        for code in codes:
            if wanted := asked.paper(code):
                papers.keep(
                    actor=school.clerk, to=student.changes.get(), code=code, title=wanted.title, seen_on=on,
                    seen_by=school.clerk.name,
                )  # fmt: skip

    return admit


# --- 摸底册, 清查, 报到, 请假 --------------------------------------------------------------------------------------


def households(school: "School", on: datetime.date) -> None:
    """Thirty households of the catchment area, some with a child who learns elsewhere or nowhere."""
    crowd = Crowd(random.Random(7))  # noqa: S311 - invented people
    pupils = [pupil for grade in (1, 2, 3) for pupil in school.pupils[grade][:10]]
    for number, pupil in enumerate(pupils, 1):
        home = survey.keep_household(
            actor=school.clerk,
            household=Household(
                school=school.unit, number=f"{number:03d}", head=f"{pupil.name[0]}永福", village=pupil.village,
                hamlet=f"{number % 6 + 1}组", address=pupil.address,
            ),
        )  # fmt: skip
        child = _resident(home, pupil.name, pupil.birth_date or on, pupil.sex, Schooling.UNKNOWN, on)
        survey.keep_resident(actor=school.clerk, resident=child)
        survey.link(actor=school.clerk, resident=child, student=pupil)
        if number % 5 == 0:
            _sibling(crowd, school, home, number, on)


def _sibling(crowd: Crowd, school: "School", home: Household, number: int, on: datetime.date) -> None:
    """A child of school age who is not at our school."""
    where = (Schooling.LOCAL_OUT, Schooling.LOCAL_OUT, Schooling.NEVER, Schooling.DEFERRED, Schooling.UNKNOWN)
    born = datetime.date(dates.school_year(on) - 8, 3, 1) + datetime.timedelta(days=number * 17)
    schooling = where[number // 5 % len(where)]
    child = _resident(home, crowd.random.choice(SURNAMES) + "小石", born, Sex.MALE, schooling, on)
    if schooling == Schooling.LOCAL_OUT:
        child.school_name, child.whereabouts = "外省某市第三小学", "随父母在外省务工"
    survey.keep_resident(actor=school.clerk, resident=child, id_no=crowd.id_number(born, "1"))
    if schooling == Schooling.LOCAL_OUT and number % 10:
        survey.prove(
            actor=school.clerk, resident=child, grade=ProofGrade.SCREENSHOT, title="学籍系统截图",
            seen_by=school.clerk.name, seen_on=on,
        )  # fmt: skip


def _resident(
    home: Household, name: str, born: datetime.date, sex: str, schooling: Schooling, on: datetime.date
) -> Resident:
    return Resident(
        household=home, name=name, relation="子女", sex=sex, ethnicity="01", birth_date=born, schooling=schooling,
        surveyed_by="赵教务", surveyed_on=on,
    )  # fmt: skip


def everybody_registers(school: "School", on: datetime.date) -> None:
    """The first days of the term: all have come but two; one class has not been told of yet."""
    term = opening.term_for(school.unit, on)
    if term is None:
        return
    for grade, classroom in school.classes.items():
        head = school.heads[grade]
        if grade in (4, 8):
            missing = school.pupil(grade, 52)
            opening.miss(actor=head, term=term, student=missing, reason="parents", note="家长说过几天送来")
        if grade != _UNTOLD:
            opening.all_arrived(actor=head, term=term, classroom=classroom)


_UNTOLD = 5


def national_list(school: "School", on: datetime.date) -> None:
    """The national system's list of grade 7 and 8 against our roll: one name wrong, one too many, one missing."""
    book = Workbook()
    page = book.active
    page.append(["学校标识码", "姓名", "性别", "出生日期", "身份证件号", "全国学籍号", "年级", "班级"])
    rows = Enrollment.objects.in_force(on).held_here().filter(classroom__school=school.unit)
    for row in rows.select_related("student", "classroom").order_by("classroom", "seat_no"):
        page.append(_listed(school, row.student, row.classroom, on))
    page["B10"] = page["B10"].value + "儿"
    page.delete_rows(30)
    file = io.BytesIO()
    book.save(file)
    checks.upload(
        actor=school.clerk, school=school.unit, source=RollList.NATIONAL,
        file=ContentFile(file.getvalue(), name="学籍系统导出.xlsx"),
    )  # fmt: skip


def _listed(school: "School", pupil: Student, classroom: Classroom, on: datetime.date) -> Sequence[Any]:
    grade = classroom.grade_label_on(on)
    assert Stage(classroom.stage)
    return (
        school.unit.code, pupil.name, pupil.get_sex_display(), f"{pupil.birth_date:%Y%m%d}", pupil.id_no.reveal(),
        pupil.roll_no.reveal(), grade, f"{classroom.number}班",
    )  # fmt: skip


def leave(grade: int, seat: int, days: int, kind: str, reason: str) -> Deed:
    """A slip of so many calendar days from that day on; longer ones wait for who grants them."""

    def ask(school: "School", on: datetime.date) -> None:
        leaves.ask(
            actor=school.heads[grade], student=school.pupil(grade, seat), kind=kind, starts_on=on,
            ends_on=on + datetime.timedelta(days=days - 1), reason=reason, asked_by="母亲，来电话",
        )  # fmt: skip

    return ask


CHAINS: tuple[tuple[Event, ...], ...] = (
    (Event(60, households),),
    (
        Event(45, change(8, 20, Change.TRANSFER_OUT, reason=ChangeReason.MOVED, other_school=ELSEWHERE)),
        Event(44, paper(8, 20, Change.TRANSFER_OUT, "application")),
        Event(30, paper(8, 20, Change.TRANSFER_OUT, "receipt", grade_of_proof=ProofGrade.RECEIPT)),
        Event(29, settled(8, 20, Change.TRANSFER_OUT)),
    ),
    # Left seven weeks ago, and no receipt has come.
    (
        Event(35, change(8, 21, Change.TRANSFER_OUT, reason=ChangeReason.PARENTS_WORK, other_school="外省某市三中")),
        Event(34, paper(8, 21, Change.TRANSFER_OUT, "application")),
    ),
    # More of one class within weeks: the principal is told.
    (Event(20, change(8, 22, Change.TRANSFER_OUT, reason=ChangeReason.HOUSE, other_school=ELSEWHERE)),),
    (Event(18, change(8, 23, Change.SUSPENSION, reason=ChangeReason.ILLNESS, until=in_days(200))),),
    (Event(16, change(8, 24, Change.SUSPENSION, reason=ChangeReason.ILLNESS, until=in_days(150))),),
    # A leave that is about to end.
    (
        Event(50, change(6, 30, Change.SUSPENSION, reason=ChangeReason.ILLNESS, until=in_days(80))),
        Event(49, paper(6, 30, Change.SUSPENSION, "application")),
    ),
    (Event(25, newcomer(4, Change.TRANSFER_IN, "罗小凤", "2015-05-20", "application")),),
    (Event(15, newcomer(2, Change.GUEST_IN, "马秀兰", "2017-10-02")),),
    (Event(12, national_list),),
    (Event(1, leave(3, 10, 2, "A", "回老家办户口")),),
    (Event(0, leave(7, 21, 1, "S", "发烧，在乡卫生院看病")),),
    (Event(0, leave(7, 22, 8, "A", "随父母外出")),),
)
"""What happened at the office, each chain in its order; one whose beginning lies before the year is left out whole."""


def plan(days: list[datetime.date], terms: Sequence[datetime.date]) -> dict[datetime.date, list[Deed]]:
    """The chains by their days, and registration on each term's third day."""
    newest_first = list(reversed(days))
    laid: dict[datetime.date, list[Deed]] = {}
    for first in terms:
        if third := [on for on in days if on >= first][2:3]:
            laid.setdefault(third[0], []).append(everybody_registers)
    for chain in CHAINS:
        if chain[0].ago < len(newest_first):
            for event in chain:
                laid.setdefault(newest_first[event.ago], []).append(event.deed)
    return laid
