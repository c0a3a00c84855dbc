"""The roll call (到校日报) of one class on one day: who is expected, who stands pre-marked 未到, what has been said.

Everything here only reads. The verbs stand in `attendance.services`.
"""

import datetime
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from django.db.models import Q

from attendance import codes, detection
from attendance.codes import MarkCode, Session
from attendance.daybook import DayBook, look_back_from, silence_counts_to
from attendance.models import DailyReport, Leave
from kongchuo import dates
from kongchuo.prepared import Prepared
from schools import calendar, scoping
from schools.codes import DECIDERS, OFFICE, Role
from schools.models import Classroom, User
from schools.policy import Rules, Threshold, rules_on

PremarkSource = Callable[[Classroom, datetime.date], Mapping[int, str]]

# Filled by upper apps at start-up: pupils who stand pre-marked 未到 beside those with a long spell, with the reason.
premark_sources: list[PremarkSource] = []

REPORTERS = OFFICE | {Role.HEAD_TEACHER}
Said = tuple[str, str]
"""What a report says of one pupil: mark code and note. ``("", "")`` is silence, which means present."""

SILENT: Said = ("", "")
ABSENT_UNTIL_SAID: Said = (MarkCode.WAITING, "")
LEAVE_REMEMBERED = datetime.timedelta(days=60)
"""How long after its last day a leave still explains why a pupil stands 未到: a summer, at most."""
GLANCE = datetime.timedelta(days=120)
"""How far the page looks back: about 80 school days. Longer spells are told as 「以上」; the verbs read them whole."""


@dataclass
class Row:
    """One pupil on the roll of the day."""

    student_id: int
    name: str
    initials: str
    seat: int | None
    premarked: str = ""  # why he stands 未到 until 「到了」 is said; empty for everybody else
    until_said: Said = SILENT  # what stands of him until somebody says otherwise
    leave: int | None = None  # key of the slip of leave that bears on this day
    away: str = ""  # 「周一起未到，连缺2天」, up to the day before
    spell: detection.Spell | None = None  # as of the day before
    said: Said = SILENT  # the teacher's value
    office: str = ""  # the office's verified value
    arrived_at: datetime.time | None = None

    @property
    def code(self) -> str:
        """The value in force: the office's where there is one."""
        return self.office or self.said[0]

    @property
    def is_absent(self) -> bool:
        return self.code in codes.ABSENT


class Reported(NamedTuple):
    """A report as it stands: its head, and who sent it."""

    pk: int
    revision: int
    expected: int
    absent: int
    late: bool
    roll_version: str
    submitted_at: datetime.datetime
    sender_id: int
    sender: str
    by_head: bool  # sent by the class's head teacher, not for him (代报)


@dataclass
class Roll:
    """A class's day: the calendar's word on it, the rows, and the report as it stands."""

    classroom: Classroom
    on: datetime.date
    session: str
    today: datetime.date
    rules: Rules
    is_school_day: bool = False
    days_behind: int = 0  # school days after the day up to today
    rows: list[Row] = field(default_factory=list)
    report: Reported | None = None
    book: DayBook | None = None

    @property
    def version(self) -> str:
        """Digest of who is on the roll; the page carries it, so that a report never passes over a pupil unseen."""
        keys = ",".join(str(pk) for pk in sorted(row.student_id for row in self.rows))
        return hashlib.sha256(keys.encode()).hexdigest()[:16]

    @property
    def revision(self) -> int:
        return self.report.revision if self.report else 0

    @cached_property
    def threshold(self) -> Threshold:
        return self.rules.threshold("suspected_after")

    @property
    def is_correction_of_the_past(self) -> bool:
        return self.report is not None and self.on < self.today

    def is_late(self, moment: datetime.datetime) -> bool:
        """Whether a first report at this moment is 迟报."""
        return self.on < self.today or moment.time() > self.rules.time("daily_report_deadline")


def may_report(user: User, classroom: Classroom) -> bool:
    """Whether this person takes the roll call of the class: its head teacher, or the school's office (代报)."""
    scope = scoping.scope_of(user, REPORTERS)
    return classroom.pk in scope.classrooms or classroom.school_id in scope.schools


def roll_of(
    classroom: Classroom, on: datetime.date, session: str = Session.MORNING, *, at_a_glance: bool = False
) -> Roll:
    """The roll of a class on a day, those to look at first on top. 6 queries, 7 if it has been reported, 2 more if
    somebody changed class.

    The page looks `at_a_glance`; a verb reads as far back as detection does, and detection then uses its book.
    """
    today = dates.today()
    roll = Roll(classroom, on, session, today, rules_on(classroom.school_id, today))
    if on > today:
        return roll
    since = min(on, today) - GLANCE if at_a_glance else min(look_back_from(today), on)
    book = DayBook(classroom.school_id, today, silent_to=silence_counts_to(today, roll.rules), since=since)
    seats = book.read_class(classroom, on)
    school_days = book.days_of(classroom.pk)
    roll.book, roll.is_school_day = book, on in school_days
    roll.days_behind = sum(on < day <= today for day in school_days)
    if not roll.is_school_day:
        return roll
    rows = {
        stretch.student_id: Row(stretch.student_id, *names, stretch.seat_no)
        for stretch, names in seats.items()
        if stretch.holds(on)
    }
    _add_spells(roll, book, rows)
    _add_report(roll, book, rows)
    roll.rows = sorted(rows.values(), key=_on_top_then_by_seat)
    return roll


def _on_top_then_by_seat(row: Row) -> tuple[bool, int, int]:
    return not (row.premarked or row.away), row.seat or 999, row.student_id


def _add_spells(roll: Roll, book: DayBook, rows: dict[int, Row]) -> None:
    """Say who has been away up to the day before, and who stands pre-marked for it or for an open case."""
    before = roll.on - datetime.timedelta(days=1)
    for row in rows.values():
        days, last_present_on = detection.latest_spell(book.newest_first(row.student_id, before))
        if days:
            row.spell = detection.Spell(row.student_id, roll.classroom.pk, row.seat, days, last_present_on, roll.on)
            row.away = away_in_words(row.spell, roll.on, whole=days[0][0] - book.since > datetime.timedelta(days=14))
            if stands_at(row.spell, roll.threshold):
                row.premarked = row.away
    for source in premark_sources:
        for student_id, reason in source(roll.classroom, roll.on).items():
            if called := rows.get(student_id):
                called.premarked = _joined(called.away, reason)
    for row in rows.values():
        if row.premarked:
            row.until_said = ABSENT_UNTIL_SAID
    _add_leaves(roll, rows)


def _joined(*parts: str) -> str:
    return "，".join(part for part in parts if part)


_leaves_about = Prepared(
    lambda school, since, on: (
        Leave.objects.granted()
        .filter(Q(returned_on__isnull=True) | Q(returned_on__gte=on), school=school, starts_on__lte=on)
        .filter(ends_on__gte=since)
        .order_by("ends_on")
        .values_list("student_id", "pk", "kind", "ends_on", "returned_on")
    )
)


def _add_leaves(roll: Roll, rows: dict[int, Row]) -> None:
    """Who is on leave stands as on leave until 「到了」 is said; whose leave is over and who is not back, as 无故."""
    since = roll.on - LEAVE_REMEMBERED
    for student_id, pk, kind, ends_on, returned_on in _leaves_about(roll.classroom.school_id, since, roll.on):
        if not (row := rows.get(student_id)):
            continue
        if ends_on >= roll.on:
            row.leave = pk
            if returned_on is None or returned_on > roll.on:
                row.until_said = (kind, f"请假至{dates.short(ends_on)}")
                row.premarked = _joined(row.away, f"{MarkCode(kind).label}至{dates.short(ends_on)}")
        elif row.spell and row.spell.first_on <= ends_on and returned_on is None:
            row.until_said = (MarkCode.UNEXCUSED.value, "假期已满未到")
            row.premarked = _joined(row.away, f"假期{dates.short(ends_on)}已满")


_report_with_marks = Prepared(
    lambda classroom, on, session: (
        DailyReport.objects.filter(classroom=classroom, on=on, session=session)
        .with_reporter()
        .values_list(
            *("pk", "revision", "expected", "absent", "late", "roll_version", "submitted_at"),
            *("submitted_by", "submitted_by__name", "by_head"),
            *("marks__student", "marks__teacher_code", "marks__note", "marks__office_code", "marks__arrived_at"),
        )
    )
)


def _add_report(roll: Roll, book: DayBook, rows: dict[int, Row]) -> None:
    """The report as it stands, with its marks: each line is the report once more with one mark."""
    if roll.session == Session.MORNING and not book.has_report(roll.classroom.pk, roll.on):
        return
    for line in _report_with_marks(roll.classroom.pk, roll.on, roll.session):
        roll.report = Reported(*line[:10])
        student_id, teacher_code, note, office_code, arrived_at = line[10:]
        if row := rows.get(student_id):
            row.said = (teacher_code, note if teacher_code else "")
            row.office, row.arrived_at = office_code, arrived_at


def stands_at(spell: detection.Spell, threshold: Threshold) -> bool:
    """Whether a spell is at the threshold of 疑似辍学.

    Its unreported days count here: a class that stopped reporting must not lose a child by one careless 全到.
    """
    return detection.standing(spell, threshold) in (detection.Standing.SUSPECTED, detection.Standing.UNCONFIRMED)


def away_in_words(spell: detection.Spell, on: datetime.date, *, whole: bool = True) -> str:
    """「上个到校日未到」, 「周一起未到，连缺2天」, 「3/2起请假，共4天」; with 「以上」 if not read whole."""
    is_leave = not spell.run
    if len(spell.days) == 1:
        return f"上个到校日{'请假' if is_leave else '未到'}"
    first = spell.first_on
    since = dates.weekday(first) if first.isocalendar()[:2] == on.isocalendar()[:2] else dates.short(first)
    counted = f"{spell.absent}天" if whole else f"{spell.absent}天以上"
    silent = f"＋未报{spell.unreported}天" if spell.unreported else ""
    return f"{since + '起' if whole else ''}{'请假，共' if is_leave else '未到，连缺'}{counted}{silent}"


def consequence(row: Row, roll: Roll) -> str:
    """What one more unexcused day means: 「连缺第3天，提交后列入疑似辍学」. Empty for a plain first day."""
    before = row.spell.unexcused if row.spell else 0
    nth = f"连缺第{before + 1}天" if before else ""
    if row.premarked:
        return nth
    return "，".join(part for part in (nth, "提交后列入疑似辍学" if _fills(row, roll) else "") if part)


def _fills(row: Row, roll: Roll) -> bool:
    """Whether one more unexcused day brings this pupil to the threshold by reported days alone."""
    spell = row.spell
    if spell is None or not spell.run:
        return roll.threshold.reached(1)
    grown = replace(spell, days=(*spell.days, (roll.on, MarkCode.WAITING)))
    return detection.standing(grown, roll.threshold) == detection.Standing.SUSPECTED


def why_not(roll: Roll, actor: User) -> str:
    """Why this person can't report this day, in one sentence that says who can mend it. Empty when nothing stands
    in the way."""
    day = dates.chinese(roll.on)
    if roll.on > roll.today:
        return f"{day}还没有到，不能先报。"
    if not roll.is_school_day:
        school, grade = roll.classroom.school, roll.classroom.grade_on(roll.on)
        reason = calendar.why_closed(school, roll.on, grade)
        return f"{day}不是到校日（{reason}）。若这天上课，请教务员在「校历」里开这一天。"
    if not roll.rows:
        return f"{roll.classroom.label_on(roll.on)}{day}名单上没有学生。请教务员导入花名册，或把学生排进这个班。"
    allowed = roll.rules.count("correct_with_reason_days")
    if roll.days_behind > allowed and not actor.has(*DECIDERS, school=roll.classroom.school_id):
        return f"{day}已过去{roll.days_behind}个到校日（期限{allowed}个），已锁定；只有校长可以补报或更正。"
    return ""


def odd_questions(roll: Roll, meant: Mapping[int, Said], actor: User) -> list[str]:
    """What is asked once more before a report is taken; empty for a plain report."""
    missing = [row for row in roll.rows if meant.get(row.student_id, SILENT)[0] in codes.ABSENT]
    share = len(missing) * 100 / len(roll.rows)
    changed = [row for row in roll.rows if row.said[0] and row.said[0] != meant.get(row.student_id, SILENT)[0]]
    questions = []
    if share > roll.rules.count("odd_absence_percent"):
        questions.append(f"全班{len(roll.rows)}人，未到{len(missing)}人（{share:.0f}%），对吗？")
    if long_away(roll) and not missing:
        questions.append(f"{names(long_away(roll))}连日没有到校，今天全班都到了吗？")
    if roll.on != roll.today:
        questions.append(f"报的是{dates.chinese(roll.on)}（{dates.weekday(roll.on)}），不是今天，对吗？")
    if changed and roll.report and roll.report.sender_id != actor.pk:
        questions.append(f"{names(changed)}由{roll.report.sender}报过，要改成您这一份吗？")
    return questions


def long_away(roll: Roll) -> list[Row]:
    """Who has been away, for whatever reason, for as many days as make a 疑似辍学."""
    return [row for row in roll.rows if row.spell and row.spell.absent >= roll.threshold.least]


def names(rows: list[Row]) -> str:
    return "、".join(row.name for row in rows)


def label(code: str) -> str:
    """「病假」; 「到」 for silence."""
    return MarkCode(code).label if code else "到"
