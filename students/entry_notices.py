"""入学通知书: one a child and year, served with its 送达回证, checked off when the child has come.

义务教育法 5条 (guardians send the child in time), 11条 (满六周岁).
"""

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max
from django.urls import reverse

from kongchuo import dates
from schools import audit
from schools.codes import Stage, Verb
from schools.models import Classroom, Unit, User
from schools.policy import rules_on
from students import roll, services, todos
from students.codes import Change, Schooling
from students.models import Enrollment, EntryNotice, Guardian, Resident, Student
from students.roll import RollRefusal, covers
from students.todos import Todo

AUGUST = 8
NO_SCHOOL = ("", Schooling.NOT_YET, Schooling.NEVER, Schooling.DEFERRED, Schooling.UNKNOWN)
"""就学状况 of a child who has never been at a school; who dropped out of one is not entering."""


class Service(models.TextChoices):
    """送达方式, as the 送达回证 has them."""

    DIRECT = "直接送达"
    LEFT = "留置送达"
    POST = "邮寄送达"
    PUBLIC = "公告送达"


class Where(models.TextChoices):
    """How far a notice has come."""

    UNSERVED = "unserved", "没有送达"
    AWAY = "away", "已送达、没有来"
    LATE = "late", "过了报到日期没有来"
    ARRIVED = "arrived", "已到校"


@dataclass(frozen=True)
class Child:
    """Whom a notice is for: from the survey, from our own graduates, or typed in."""

    name: str
    birth_date: datetime.date | None = None
    guardian: str = ""
    address: str = ""
    resident: Resident | None = None
    student: Student | None = None
    note: str = ""


def year_of(report_on: datetime.date) -> int:
    """The school year that a day of reporting opens: schools report from August on."""
    return report_on.year if report_on.month >= AUGUST else report_on.year - 1


def where(notices: models.QuerySet[EntryNotice], kind: str) -> models.QuerySet[EntryNotice]:
    """Those that have come so far; all for an empty word."""
    unarrived = notices.filter(arrived_on__isnull=True)
    found = {
        Where.UNSERVED: unarrived.filter(served_on__isnull=True),
        Where.AWAY: unarrived.filter(served_on__isnull=False),
        Where.LATE: unarrived.filter(report_on__lt=dates.today()),
        Where.ARRIVED: notices.filter(arrived_on__isnull=False),
    }
    return found.get(kind, notices)  # type: ignore[call-overload]


# --- For whom -----------------------------------------------------------------------------------------------------
def of_survey(school: Unit, year: int) -> list[Child]:
    """Children of the 摸底册 who are of school age by 31 August (满六周岁, 11条), at no school, without a notice."""
    rules = rules_on(school, datetime.date(year, 9, 1))
    born_by = datetime.date(year - rules.count("school_age_from"), 8, 31)
    born_after = datetime.date(year - rules.count("school_age_until") - 1, 8, 31)
    rows = (
        Resident.objects.living_here(dates.today())
        .filter(household__school=school, student__isnull=True, schooling__in=NO_SCHOOL)
        .filter(birth_date__gt=born_after, birth_date__lte=born_by)
        .exclude(entry_notices__school_year=year)
        .select_related("household")
        .order_by("household__village", "household__hamlet", "birth_date", "pk")
    )
    return [_child_of(row, year) for row in rows]


def _child_of(row: Resident, year: int) -> Child:
    home = row.household
    address = home.address or f"{home.village}{home.hamlet}"
    deferred = row.deferred_until and row.deferred_until >= datetime.date(year, 9, 1)
    note = f"缓学至{dates.chinese(row.deferred_until)}" if deferred and row.deferred_until else ""
    return Child(row.name, row.birth_date, home.head, address, resident=row, note=note)


def of_graduates(school: Unit, year: int) -> list[Child]:
    """Our own graduates of 小学 of this summer, where the school has grade 7, without a notice and in no class."""
    if 7 not in school.grades:
        return []
    ended = Enrollment.objects.standing().filter(
        classroom__school=school, classroom__stage=Stage.PRIMARY, ended_by=Change.GRADUATION,
        ends_on__range=(datetime.date(year, 5, 1), datetime.date(year, 9, 30)),
    )  # fmt: skip
    pupils = (
        Student.objects.filter(pk__in=ended.values("student"))
        .exclude(entry_notices__school_year=year)
        .exclude(pk__in=Enrollment.objects.open().values("student"))
        .prefetch_related("guardians")
        .order_by("village", "pk")
    )
    return [
        Child(p.name, p.birth_date, next((g.name for g in p.guardians.all()), ""), p.address or p.village, student=p)
        for p in pupils
    ]


_DAY = re.compile(r"^(\d{4})[-./年]?(\d{1,2})[-./月]?(\d{1,2})日?$")


def read_lines(text: str) -> list[Child]:
    """Children typed or pasted, one a line: 姓名、出生日期、监护人、住址, parted by tabs or commas.

    RollRefusal names the line that can't be read.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"[\t,，]", line)]
        if not any(cells):
            continue
        name, birth, guardian, address = (*cells, "", "", "", "")[:4]
        if not name or len(name) > 60 or any(char.isdigit() for char in name):
            raise RollRefusal(f"第{number}行看不出姓名：每行写「姓名,出生日期,监护人,住址」。")
        found.append(Child(name, _day(birth, number), guardian[:60], address[:120]))
    return found


def _day(text: str, number: int) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date(*map(int, _DAY.match(text).groups()))  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        raise RollRefusal(f"第{number}行的出生日期「{text}」看不懂，请写成 2020-05-01。") from None


# --- Verbs ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Issued:
    """What was made, and who has a notice of this year already."""

    made: tuple[EntryNotice, ...]
    had: tuple[str, ...]


def issue(
    *, actor: User, school: Unit, children: Sequence[Child], issued_on: datetime.date, report_on: datetime.date
) -> Issued:
    """Number and keep the notices of a year, one a child. Raises RollRefusal."""
    _require(actor, school)
    if not children:
        raise RollRefusal("还没有选孩子：请勾选，或在下面逐行填写。")
    if issued_on >= report_on:
        raise RollRefusal("报到日期要晚于发出日期。")
    year = year_of(report_on)
    with transaction.atomic():
        audit.queue(school.pk)
        of_year = EntryNotice.objects.filter(school=school, school_year=year)
        known = set(of_year.values_list("name", "birth_date", "guardian"))
        taken = set(of_year.values_list("resident", flat=True))
        pupils = set(of_year.values_list("student", flat=True))
        serial = of_year.aggregate(last=Max("serial"))["last"] or 0
        rows, had = [], []
        for child in children:
            key = (child.name, child.birth_date, child.guardian)
            double = child.resident.pk in taken if child.resident else key in known
            if double or (child.student and child.student.pk in pupils):
                had.append(child.name)
                continue
            known.add(key)
            serial += 1
            rows.append(
                EntryNotice(
                    school=school, school_year=year, serial=serial, name=child.name, birth_date=child.birth_date,
                    guardian=child.guardian, address=child.address, resident=child.resident, student=child.student,
                    issued_on=issued_on, report_on=report_on, recorded_by=actor,
                )
            )  # fmt: skip
        made = EntryNotice.objects.bulk_create(rows)
        if made:
            audit.record(
                Verb.REGISTRATION, unit=school, actor=actor, about=school, entry_notices=len(made),
                first_number=made[0].serial, on=issued_on, report_on=report_on,
            )  # fmt: skip
    return Issued(tuple(made), tuple(had))


def correct(*, actor: User, notice: EntryNotice, **facts: Any) -> None:
    """Set right what was typed wrong, before the child has come. The number stays."""
    _require(actor, notice.school)
    changed = [name for name, value in facts.items() if getattr(notice, name) != value]
    if not changed:
        return
    report_on = facts.get("report_on", notice.report_on)
    if report_on <= notice.issued_on or year_of(report_on) != notice.school_year:
        raise RollRefusal("报到日期要晚于发出日期，并且在同一学年；换学年请另发一份。")
    with transaction.atomic():
        if not EntryNotice.objects.filter(pk=notice.pk, arrived_on__isnull=True).update(**facts):
            raise RollRefusal("孩子已经登记到校，要更正请到学生卡上改。")
        audit.record(Verb.REGISTRATION, unit=notice.school_id, actor=actor, about=notice, changed=changed)


def serve(
    *, actor: User, notice: EntryNotice, on: datetime.date, how: str, received_by: str = "", witness: str = ""
) -> None:
    """送达: the day, the way, who signed, who was by. Raises RollRefusal; a served notice is not served again."""
    _require(actor, notice.school)
    if not notice.issued_on <= on <= dates.today():
        raise RollRefusal("送达日期不能早于发出日期，也不能晚于今天。")
    if how == Service.DIRECT and not received_by.strip():
        raise RollRefusal("直接送达要写签收人。")
    if how == Service.LEFT and not witness.strip():
        raise RollRefusal("留置送达要写见证人。")
    facts = {"served_on": on, "served_how": how, "received_by": received_by.strip(), "witness": witness.strip()}
    with transaction.atomic():
        if not EntryNotice.objects.filter(pk=notice.pk, served_on__isnull=True).update(**facts):
            raise RollRefusal("这份通知书已经登记过送达，请刷新后再看。")
        audit.record(Verb.REGISTRATION, unit=notice.school_id, actor=actor, about=notice, served_on=on, served_how=how)


def unserve(*, actor: User, notice: EntryNotice, reason: str) -> None:
    """Take back a service that was recorded by mistake; the trail keeps it."""
    _require(actor, notice.school)
    facts = {"served_on": None, "served_how": "", "received_by": "", "witness": ""}
    with transaction.atomic():
        standing = EntryNotice.objects.filter(pk=notice.pk, served_on__isnull=False, arrived_on__isnull=True)
        if not standing.update(**facts):
            raise RollRefusal("没有送达记录，或孩子已经到校，不能撤回。")
        audit.record(Verb.REGISTRATION, unit=notice.school_id, actor=actor, about=notice, reason=reason, served_on=None)


def arrive(*, actor: User, notice: EntryNotice, classroom: Classroom | None, on: datetime.date) -> Student:
    """到校核销: the child has come. Puts the child on the roll of a class as 入学 where no roll has it yet.

    Who is known here by number (or was our own graduate) keeps the card; anybody else gets one from what the survey
    knows. Raises RollRefusal.
    """
    _require(actor, notice.school)
    if on > dates.today():
        raise RollRefusal("到校日期不能晚于今天。")
    with transaction.atomic():
        audit.queue(notice.school_id)
        if not EntryNotice.objects.filter(pk=notice.pk, arrived_on__isnull=True).update(arrived_on=on):
            raise RollRefusal("这个孩子已经登记过到校，请刷新后再看。")
        student = _known(notice)
        if student is None:
            student = _enrolled(actor, notice, _placed(classroom), on)
        elif not student.enrollments.open().exists():
            roll.record(
                actor=actor, student=student, kind=Change.ENTRY, on=on, settled_on=on, classroom=_placed(classroom),
                basis=str(notice),
            )  # fmt: skip
        EntryNotice.objects.filter(pk=notice.pk).update(student=student)
        if notice.resident_id:
            Resident.objects.filter(pk=notice.resident_id).update(student=student)
        audit.record(Verb.REGISTRATION, unit=notice.school_id, actor=actor, about=notice, arrived=[student.pk], on=on)
    return student


def _placed(classroom: Classroom | None) -> Classroom:
    if classroom is None:
        raise RollRefusal("请选择孩子进哪个班。")
    return classroom


def _known(notice: EntryNotice) -> Student | None:
    """The child among our own: already tied to the notice or the survey, or by the same ID number."""
    resident = notice.resident
    if found := notice.student or (resident.student if resident else None):
        return found
    if resident is None or not resident.id_hash:
        return None
    return Student.objects.filter(school=notice.school_id, id_hash=resident.id_hash).first()


def _enrolled(actor: User, notice: EntryNotice, classroom: Classroom, on: datetime.date) -> Student:
    resident = notice.resident
    known: dict[str, Any] = {}
    if resident:
        known = {
            "sex": resident.sex,
            "ethnicity": resident.ethnicity,
            "id_no": resident.id_no.reveal() if resident.id_no else "",
            "village": resident.household.village,
        }
    try:
        student = services.enrol(
            actor=actor, school=notice.school, classroom=classroom, name=notice.name, starts_on=on,
            birth_date=notice.birth_date, address=notice.address, entry_month=f"{on:%Y-%m}", basis=str(notice), **known,
        )  # fmt: skip
    except ValidationError as error:
        raise RollRefusal("".join(error.messages)) from None
    if notice.guardian:
        phone = resident.household.phone if resident else ""
        Guardian.objects.create(student=student, name=notice.guardian, phone=phone)
    return student


def late(notices: Iterable[EntryNotice], school: Unit) -> int:
    """How many were issued later than the rule asks (`entry_notice_days` before the day of reporting)."""
    rows = list(notices)
    if not rows:
        return 0
    days = rules_on(school, rows[0].issued_on).count("entry_notice_days")
    return sum((row.report_on - row.issued_on).days < days for row in rows)


def _require(actor: User, school: Unit) -> None:
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能办入学通知书。")


def of_school(user: User, school: Unit, day: datetime.date) -> Iterator[Todo]:
    """Children with a notice who have not come though the day of reporting has passed. One query."""
    away = EntryNotice.objects.filter(school=school, school_year=dates.school_year(day), arrived_on__isnull=True)
    url = f"{reverse('students:entry_notices')}?where={Where.LATE}"
    count = away.filter(report_on__lt=day).count()
    yield Todo(f"{count}名发了入学通知书的孩子没有来报到", url, count, overdue=True)


def connect() -> None:
    todos.for_office.append(of_school)
