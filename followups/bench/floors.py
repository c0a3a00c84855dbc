"""What each thing costs at the least: the same work with nothing around it. Imports models only."""

import copy
import datetime
import json
import subprocess
import sys
import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template, loader

from attendance.models import DailyReport, Mark
from kongchuo import datadir, dates
from kongchuo.sealed import Secret
from schools.access import UserRequest, access
from schools.models import Classroom, Unit
from students.models import Enrollment, Guardian, RollChange, Student, StudentDetails, Tag

# name -> (template, context fetched beforehand); filled by the bench before it asks for the page
prepared: dict[str, tuple[str, dict[str, Any]]] = {}


@access(any_role=True)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """The same template with its context fetched beforehand, through the same middleware."""
    template, context = prepared[name]
    return HttpResponse(loader.get_template(template).render(context, request))


@access(any_role=True)
def pupils(request: HttpRequest, school: int) -> HttpResponse:
    """Fifty pupils of a school in a bare table: one query, one loop, nothing around it."""
    rows = Enrollment.objects.filter(classroom__school=school, voided_at=None, ends_on=None)
    rows = rows.select_related("student", "classroom").order_by("classroom", "seat_no", "pk")[:50]
    return HttpResponse(_bare_list().render(Context({"rows": rows})))


@cache
def _bare_list() -> Template:
    return Template(
        "<table>{% for row in rows %}<tr><td>{{ row.classroom.entry_year }}<td>{{ row.classroom.number }}"
        "<td>{{ row.seat_no }}<td>{{ row.student.name }}<td>{{ row.student.sex }}<td>{{ row.status }}"
        "<td>{{ row.student.village }}</tr>{% endfor %}</table>"
    )


@access(any_role=True)
def insert(request: UserRequest) -> HttpResponse:
    """One atomic insert of one report and two absences for a signed-in user."""
    day = datetime.date.fromisoformat(request.POST["on"])
    with transaction.atomic():
        report = DailyReport.objects.create(
            classroom_id=int(request.POST["classroom"]),
            on=day,
            expected=53,
            absent=2,
            submitted_by=request.user,
            submitted_at=dates.now(),
            roll_version=uuid.uuid4().hex[:16],
        )
        Mark.objects.bulk_create(
            Mark(report=report, student_id=int(pk), on=day, teacher_code="W") for pk in request.POST.getlist("away")
        )
    return HttpResponse("ok")


def bare(statements: list[str]) -> None:
    """Run recorded queries bare and fetch their rows."""
    with connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql)
            cursor.fetchall()


def workbook(headers: list[str], rows: Iterable[Iterable[Any]], target: Any) -> None:
    """The same values in a write-only workbook with shared styles."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Border, Font, Side

    thin = Side(style="thin")
    border, font, wrap = Border(thin, thin, thin, thin), Font(name="宋体", size=9), Alignment(wrap_text=True)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("表")

    def cell(value: Any) -> WriteOnlyCell:
        made = WriteOnlyCell(sheet, value=value)
        made.border, made.font, made.alignment = border, font, wrap
        return made

    sheet.append([cell(header) for header in headers])
    for row in rows:
        sheet.append([cell(value) for value in row])
    book.save(target)


_BARE = """
import io, json, sys
from students.roster import child
child.limit()
import python_calamine
book = python_calamine.load_workbook(io.BytesIO(sys.stdin.buffer.read()))
rows = [book.get_sheet_by_index(place).to_python() for place in range(len(book.sheet_names))]
sys.stdout.buffer.write(json.dumps(rows, ensure_ascii=False, default=str).encode())
"""


def cells(data: bytes) -> list[list[list[Any]]]:
    """The cells of a workbook, read bare in a process with the same limits and handed over."""
    command = [sys.executable, "-E", "-s", "-c", _BARE]
    read = subprocess.run(  # noqa: S603
        command, input=data, capture_output=True, check=True, cwd=datadir.ROOT, env={"PYTHONUTF8": "1"}
    )
    sheets: list[list[list[Any]]] = json.loads(read.stdout)
    return sheets


Kept = dict[type[models.Model], list[Any]]


def rows_of(school: Unit) -> Kept:
    """All that an import has written of a school's pupils, numbers in the clear."""
    own = {"student__school": school}
    kept: Kept = {Classroom: list(Classroom.objects.filter(school=school))}
    kept[Student] = list(Student.objects.filter(school=school))
    kept |= {model: list(model._base_manager.filter(**own)) for model in (RollChange, Enrollment, Guardian, Tag)}
    kept[StudentDetails] = list(StudentDetails.objects.filter(**own))
    for row in (row for rows in kept.values() for row in rows):
        for name, value in vars(row).items():
            if isinstance(value, Secret):
                setattr(row, name, value.reveal())
    return kept


def rows(kept: Kept) -> None:
    """The same rows, bare in bulk: same tables, same columns."""
    new: dict[tuple[type, int], Any] = {}
    for model, found in kept.items():
        made = []
        for row in found:
            again = copy.copy(row)
            again._state = models.base.ModelState()
            again.pk = None
            new[model, row.pk] = again
            for name, other in (("student", Student), ("classroom", Classroom)):
                if other is not model and getattr(row, f"{name}_id", None):
                    setattr(again, name, new[other, getattr(row, f"{name}_id")])
            made.append(again)
        model._base_manager.bulk_create(made, batch_size=500)


SPELLS = """
WITH day AS (
  SELECT school_id, "on", ROW_NUMBER() OVER (PARTITION BY school_id ORDER BY "on" DESC) AS m
  FROM schools_schoolday WHERE "on" <= %s AND grade = 0
), rep AS (
  SELECT id, classroom_id, "on", ROW_NUMBER() OVER (PARTITION BY classroom_id ORDER BY "on" DESC) AS n
  FROM attendance_dailyreport WHERE "on" <= %s AND session = 'am'
), away AS (
  SELECT mark.student_id, rep.classroom_id, rep."on", rep.n,
         ROW_NUMBER() OVER back AS k, SUM(mark.code IN ('S', 'A')) OVER back AS excused
  FROM attendance_mark mark JOIN rep ON rep.id = mark.report_id
  WHERE mark.code IN ('S', 'A', 'W', 'U', 'N', 'C')
  WINDOW back AS (PARTITION BY mark.student_id ORDER BY rep."on" DESC)
)
SELECT away.student_id, COUNT(*), SUM(away.excused = 0), MAX(day.m) - COUNT(*)
FROM away
JOIN schools_classroom room ON room.id = away.classroom_id
JOIN day ON day.school_id = room.school_id AND day."on" = away."on"
WHERE away.k = away.n
GROUP BY away.student_id
"""
"""Current spells as islands: an absence belongs to the spell when it is the k-th latest absence of the pupil on the
k-th latest reported day of the class. Holds where nobody changed class, as in the bench's county."""


def spells(on: datetime.date) -> dict[int, tuple[int, int, int]]:
    """Pupil to (absent, unexcused, unreported) by one window query."""
    with connection.cursor() as cursor:
        cursor.execute(SPELLS, [on, on])
        return {pupil: (absent, unexcused, silent) for pupil, absent, unexcused, silent in cursor.fetchall()}
