"""Verbs of the daily report: taking a report or an arrival, verifying a mark, passing the day, opening a number."""

import datetime
import hashlib
import secrets
import uuid
from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import Q

from attendance import codes, detection, protocol, rollcall, schoolday
from attendance.codes import MarkCode, Session
from attendance.models import DailyReport, DayReview, Leave, Mark, Submission
from attendance.protocol import Difference
from attendance.rollcall import Reported, Roll, Row, Said
from kongchuo import dates
from schools import audit
from schools.codes import DECIDERS, OFFICE, Verb
from schools.models import Classroom, Unit, User
from students.models import Enrollment, Guardian, Student

RECEIPT_CHARACTERS = "23456789ABCDEFGHJKMNPQRTUVWXY"  # none that is taken for another when read out

REVIEWERS = {"office": OFFICE, "principal": DECIDERS}


class Refusal(Exception):
    """This can't be taken; the text is one sentence that says why. Nothing was written."""


class SameIdOtherContent(Refusal):
    """A request id that was used before, with other content."""


class RollChanged(Refusal):
    """The sender did not see the roll of the day as it now is."""


class Odd(Refusal):
    """A sending that is asked about once before it is taken."""

    def __init__(self, questions: list[str]):
        super().__init__("".join(questions))
        self.questions = questions


class Conflict(Refusal):
    """Two people said different things of the same pupils. `mended` is what stands now with the sender's word in it."""

    def __init__(self, report: Reported, differences: list[Difference], mended: dict[int, Said]):
        names = rollcall.names([difference.row for difference in differences])
        super().__init__(f"{report.sender}在您之前报过{names}，说法不同；请看过再定。")
        self.report, self.differences, self.mended = report, differences, mended


def submit_report(
    *,
    actor: User,
    classroom: Classroom,
    on: datetime.date,
    session: str = Session.MORNING,
    request_id: uuid.UUID,
    seen_revision: int,
    roll_version: str,
    marks: Mapping[int, Said],
    reason: str = "",
    ask: bool = False,
) -> Submission:
    """Take one sending of a class's report whole, or refuse it whole.

    `marks` are the exceptions, {student key: (code, note)}; silence is presence, or for a pre-marked pupil the absence
    he stands in. The same request id with the same content gets the stored receipt, whatever has happened since.
    With `ask`, a sending that looks odd raises `Odd` instead. Raises `Conflict`, `RollChanged`, `SameIdOtherContent`
    or plain `Refusal`. When it returns and the transaction is over, the report is on the disk.
    """
    content = protocol.content_hash(
        actor_id=actor.pk,
        classroom_id=classroom.pk,
        on=str(on),
        session=session,
        revision=seen_revision,
        roll=roll_version,
        marks=marks,
        reason=reason,
    )
    with transaction.atomic():
        take_turns(classroom)
        if stored := _stored(request_id, content):
            return stored
        roll = rollcall.roll_of(classroom, on, session)
        _check(roll, actor, marks, reason)
        if roll_version != roll.version:
            raise RollChanged("打开页面以后，班级名单有变动；请看过名单再提交。")
        seen, stated = _stated(roll, marks, seen_revision)
        mine = _merge(roll, stated, seen, seen_revision)
        if ask and (questions := rollcall.odd_questions(roll, stated, actor)):
            raise Odd(questions)
        return _write(roll, actor, request_id, content, mine, reason)


def record_arrival(
    *,
    actor: User,
    classroom: Classroom,
    on: datetime.date,
    session: str = Session.MORNING,
    request_id: uuid.UUID,
    student_id: int,
) -> Submission:
    """「到了 9:40」: a pupil reported absent today has come. 迟到 is present; the hour is now."""
    content = protocol.content_hash(
        actor_id=actor.pk,
        classroom_id=classroom.pk,
        on=str(on),
        session=session,
        revision=0,
        roll="arrival",
        marks={student_id: (MarkCode.LATE, "")},
        reason="",
    )
    with transaction.atomic():
        take_turns(classroom)
        if stored := _stored(request_id, content):
            return stored
        roll = rollcall.roll_of(classroom, on, session)
        late: dict[int, Said] = {student_id: (MarkCode.LATE, "")}
        _check(roll, actor, late, "")
        if on != roll.today or not roll.report:
            raise Refusal("「到了」只用于今天已经上报的班；过去的日子请用「更正」。")
        row = next(row for row in roll.rows if row.student_id == student_id)
        if not row.is_absent and row.said[0] not in codes.ABSENT:
            raise Refusal(f"{row.name}今天没有报缺勤，不用再点「到了」。")
        return _write(roll, actor, request_id, content, late, "", arrived_at=dates.now().time())


def take_turns(classroom: Classroom) -> None:
    """Let one sending a class through at a time. SQLite's IMMEDIATE transaction has locked everything already."""
    if not connection.features.has_select_for_update:
        return
    Classroom.objects.select_for_update(no_key=True).values_list("pk").get(pk=classroom.pk)


def _stored(request_id: uuid.UUID, content: str) -> Submission | None:
    """The submission that this request id has led to, if its content was the same."""
    stored = Submission.objects.filter(request_id=request_id).first()
    if stored and stored.content_hash != content:
        raise SameIdOtherContent("这一份用的编号已经报过别的内容，没有收下；请重新打开页面再报。")
    return stored


def _check(roll: Roll, actor: User, marks: Mapping[int, Said], reason: str) -> None:
    """Refuse what this person may not report, whole and in one sentence."""
    label = roll.classroom.label_on(roll.on)
    if not rollcall.may_report(actor, roll.classroom):
        raise Refusal(f"{label}不由您点名。")
    if sentence := rollcall.why_not(roll, actor):
        raise Refusal(sentence)
    strangers = len(set(marks) - {row.student_id for row in roll.rows})
    if strangers:
        raise Refusal(f"有{strangers}名学生不在{label}{dates.chinese(roll.on)}的名单上，整份没有收下；请重新打开页面。")
    if any(code not in MarkCode.values for code, _note in marks.values()):
        raise Refusal("有看不懂的到校状态，整份没有收下；请重新打开页面。")
    if roll.is_correction_of_the_past and not reason.strip():
        raise Refusal("更正过去的日报要写明原因。")


def _stated(roll: Roll, marks: Mapping[int, Said], seen_revision: int) -> tuple[dict[int, Said], dict[int, Said]]:
    """What the sender saw of each pupil, and what he says of each."""
    if seen_revision > roll.revision:
        raise Refusal("这一页比学校收到的日报还新，没有收下；请重新打开页面再报。")
    later = []
    if roll.report and 0 < seen_revision < roll.revision:
        since = Submission.objects.filter(report=roll.report.pk, revision__gt=seen_revision)
        later = list(since.order_by("-revision").values_list("changes", flat=True))
    seen = protocol.seen_by_sender(roll.rows, later, seen_revision)
    return seen, protocol.stated(roll.rows, marks, seen)


def _merge(roll: Roll, stated: dict[int, Said], seen: dict[int, Said], seen_revision: int) -> dict[int, Said]:
    """What a sending changes, after it has met what others sent since its sender looked."""
    if roll.report is None:
        return {pk: said for pk, said in stated.items() if said[0]}
    mine = protocol.touched(stated, seen)
    if seen_revision < roll.revision and (clash := protocol.differences(roll.rows, mine, seen)):
        raise Conflict(roll.report, clash, {row.student_id: row.said for row in roll.rows if row.said[0]} | mine)
    return mine


def _write(
    roll: Roll,
    actor: User,
    request_id: uuid.UUID,
    content: str,
    mine: dict[int, Said],
    reason: str,
    arrived_at: datetime.time | None = None,
) -> Submission:
    """Store a report's next revision: its head, its marks, the receipt, the trace, and what follows for the spells."""
    changes = protocol.changes_of(roll.rows, mine)
    for row in roll.rows:
        row.said = mine.get(row.student_id, row.said)
    now = dates.now()
    report = _write_head(roll, actor, now)
    _end_leaves(roll, changes)
    _write_marks(report, [row for row in roll.rows if str(row.student_id) in changes], arrived_at)
    submission = Submission.objects.create(
        report=report,
        request_id=request_id,
        content_hash=content,
        receipt="".join(secrets.choice(RECEIPT_CHARACTERS) for _ in range(4)),
        revision=report.revision,
        submitted_by=actor,
        submitted_at=now,
        reason=reason.strip()[:120],
        changes=changes,
    )
    audit.record(
        Verb.REPORT,
        unit=roll.classroom.school_id,
        actor=actor,
        about=report,
        reason=reason.strip(),
        classroom=roll.classroom.pk,
        on=roll.on,
        session=roll.session,
        revision=report.revision,
        expected=report.expected,
        absent=report.absent,
        late=report.late,
        changed={pk: [old[0], new[0]] for pk, (old, new) in changes.items()},
    )
    _detect(roll, report.pk, actor)
    return submission


def restate(
    *, actor: User, classroom: Classroom, on: datetime.date, session: str, student_id: int, said: Said, reason: str
) -> None:
    """Change the teacher's value of one pupil on a day already reported, because a paper says otherwise (补假).

    The next revision of the report, with its own receipt and trace. Call in a transaction that has taken its turn;
    whether the actor may decide about the paper is the caller's to have seen. Raises Refusal on a day that is locked.
    """
    roll = rollcall.roll_of(classroom, on, session)
    if roll.report and any(row.student_id == student_id for row in roll.rows):
        if sentence := rollcall.why_not(roll, actor):
            raise Refusal(sentence)
        content = f"{on}:{student_id}:{said[0]}"
        _write(roll, actor, uuid.uuid4(), hashlib.sha256(content.encode()).hexdigest(), {student_id: said}, reason)


def _end_leaves(roll: Roll, changes: protocol.Changes) -> None:
    """Whoever has come is back from leave (销假); whose coming is taken back is on leave again."""
    for row in roll.rows:
        if row.leave and str(row.student_id) in changes:
            back = row.said[0] in codes.PRESENT
            of_today = Leave.objects.filter(pk=row.leave).filter(Q(returned_on__isnull=True) | Q(returned_on=roll.on))
            of_today.update(returned_on=roll.on if back else None)


def _detect(roll: Roll, report: int, actor: User) -> None:
    """Recompute the class's spells from the book that the roll was read from, with the marks as they now are."""
    if roll.book and roll.session == Session.MORNING:
        codes_now = {row.student_id: row.code for row in roll.rows if row.code}
        roll.book.put(roll.classroom.pk, roll.on, report, codes_now)
    detection.recompute(classroom=roll.classroom, actor=actor, rules=roll.rules, book=roll.book)


def _write_head(roll: Roll, actor: User, now: datetime.datetime) -> DailyReport:
    """Insert the report, or turn it to its next revision if it is still the one that was read."""
    before = roll.report
    report = DailyReport(
        classroom=roll.classroom,
        on=roll.on,
        session=roll.session,
        expected=len(roll.rows),
        absent=sum(row.is_absent for row in roll.rows),
        submitted_by=actor,
        submitted_at=now,
        revision=roll.revision + 1,
        late=before.late if before else roll.is_late(now),
        roll_version=roll.version,
    )
    if before is None:
        report.save(force_insert=True)
        return report
    report.pk = before.pk
    changing = ("expected", "absent", "submitted_by", "submitted_at", "revision", "roll_version")
    same = DailyReport.objects.filter(pk=before.pk, revision=before.revision)
    if same.update(**{name: getattr(report, name) for name in changing}) != 1:
        raise Refusal("同一时刻有人也在报这个班；请重新打开页面再看。")
    return report


def _write_marks(report: DailyReport, rows: list[Row], arrived_at: datetime.time | None) -> None:
    """Put the teacher's values; an office's verified value in the same row stays untouched."""
    Mark.objects.bulk_create(
        [
            Mark(
                report=report,
                student_id=row.student_id,
                on=report.on,
                teacher_code=row.said[0],
                note=row.said[1][:120],
                arrived_at=arrived_at if row.said[0] == MarkCode.LATE else None,
            )
            for row in rows
        ],
        update_conflicts=True,
        unique_fields=("report", "student"),
        update_fields=("teacher_code", "note", "arrived_at"),
    )


def verify_mark(*, actor: User, student: Student, on: datetime.date, code: str, note: str = "") -> Mark:
    """The office's verified word on a pupil's morning. It holds over the teacher's value, and both are kept."""
    if code not in MarkCode.values:
        raise Refusal("请选核实的结果。")
    stretch = Enrollment.objects.filter(student=student).in_force(on).select_related("classroom__school").first()
    if stretch is None:
        raise Refusal(f"{student.name}在{dates.chinese(on)}不在册。")
    classroom = stretch.classroom
    if not actor.has(*OFFICE, school=classroom.school_id):
        raise Refusal("核实到校情况由本校教务或校长来做。")
    with transaction.atomic():
        take_turns(classroom)
        roll = rollcall.roll_of(classroom, on)
        row = next((row for row in roll.rows if row.student_id == student.pk), None)
        if sentence := rollcall.why_not(roll, actor):
            raise Refusal(sentence)
        if row is None or roll.report is None:
            raise Refusal(f"{classroom.label_on(on)}{dates.chinese(on)}还没有上报，先请班主任报，或由教务代报。")
        before, row.office = row.office, code
        verified = {"office_code": code, "verified_by": actor, "verified_at": dates.now()}
        mark, _ = Mark.objects.update_or_create(
            report_id=roll.report.pk,
            student=student,
            defaults=verified,
            create_defaults=verified | {"on": on, "note": note.strip()[:120]},
        )
        DailyReport.objects.filter(pk=roll.report.pk).update(absent=sum(row.is_absent for row in roll.rows))
        audit.record(
            Verb.VERIFY,
            unit=classroom.school_id,
            actor=actor,
            about=student,
            reason=note.strip(),
            on=on,
            teacher=row.said[0],
            before=before,
            after=code,
        )
        _detect(roll, roll.report.pk, actor)
    return mark


def review_day(*, actor: User, school: Unit, on: datetime.date, level: str) -> DayReview:
    """Pass the school's day (审核日汇总): first the office, then the principal. What was seen is frozen with it.

    It holds no report back: what comes later changes the day's figures, and the page shows the difference.
    """
    if not actor.has(*REVIEWERS[level], school=school):
        raise Refusal(f"这一环节由{'校长' if level == 'principal' else '教务'}来审。")
    if on > dates.today():
        raise Refusal(f"{dates.chinese(on)}还没有到。")
    with transaction.atomic():
        day = schoolday.day_of(school, on)
        if day.closed:
            raise Refusal(f"{dates.chinese(on)}不是到校日（{day.closed}），不用审。")
        if not day.sums.reported:
            raise Refusal("还没有班级上报，没有可审的内容。")
        if level == "principal" and "office" not in day.reviews:
            raise Refusal("先由教务审过，再由校长审。")
        summary = day.summary()
        review, created = DayReview.objects.get_or_create(
            school=school,
            on=on,
            level=level,
            defaults={"reviewed_by": actor, "reviewed_at": dates.now(), "summary": summary},
        )
        if not created:
            raise Refusal(f"{review.reviewed_by.name}{dates.clock(review.reviewed_at)}已经审过。")
        audit.record(
            Verb.REVIEW,
            unit=school,
            actor=actor,
            about=review,
            on=on,
            level=level,
            reported=summary["reported"],
            classes=summary["classes"],
            absent=summary["absent"],
        )
    return review


def open_phone(*, actor: User, student: Student) -> list[Guardian]:
    """The guardians of a pupil who is absent today, with their numbers, the first to call first.

    The trace is committed before a number is shown. Raises `Refusal` for a pupil who is not absent today.
    """
    today = dates.today()
    stretch = Enrollment.objects.filter(student=student).in_force(today).select_related("classroom").first()
    if stretch is None or not rollcall.may_report(actor, stretch.classroom):
        raise Refusal(f"{student.name}不在您点名的班里。")
    if not Mark.objects.filter(student=student, on=today).absent().exists():
        raise Refusal(f"{student.name}今天没有报缺勤，不能从这里查看电话。")
    with transaction.atomic():
        audit.record(Verb.PHONE, unit=student.school_id, actor=actor, about=student, on=today)
    return list(student.guardians.all())


def has_reports(school: Unit, on: datetime.date, grade: int) -> bool:
    """Whether a class of this grade (0: any) has reported on a day; such a day can't be closed any more."""
    reports = DailyReport.objects.filter(classroom__school=school, on=on).select_related("classroom")
    return any(grade in (0, report.classroom.grade_on(on)) for report in reports)
