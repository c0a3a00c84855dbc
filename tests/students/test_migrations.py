"""An older database is told its 异动: the roll that stood there is what they amount to."""

import datetime
from importlib import import_module

from django.apps import apps

from students import roll
from students.models import Enrollment, RollChange
from tests.cast import Cast

told = import_module("students.migrations.0003_changes_of_the_roll")


def test_the_roll_of_an_older_database_is_told_by_changes(cast: Cast) -> None:
    """As the first version left it: stretches alone; a leave and a return, a departure, a gap, a voided mistake."""
    RollChange.objects.all().delete()
    one, two, three = cast.pupils[:3]
    _restart(one, ("2025-09-01", "2025-10-09", "entry", "suspension", "in_class"))
    _add(one, ("2025-10-10", "2025-12-31", "suspension", "resumption", "suspended"))
    _add(one, ("2026-01-01", None, "resumption", "", "in_class"))
    _restart(two, ("2025-09-01", "2025-11-30", "import", "transfer_out", "in_class"))
    _add(two, ("2026-02-23", None, "transfer_in", "", "in_class"))
    _add(three, ("2025-09-03", None, "entry", "", "in_class"), voided_at=datetime.datetime.now(datetime.UTC))
    before = _stretches()

    told.tell_the_changes(apps, None)

    assert [c.kind for c in one.changes.all()] == ["entry", "suspension", "resumption"]
    assert [c.kind for c in two.changes.all()] == ["import", "transfer_out", "transfer_in"]
    for pupil in (*cast.pupils, *cast.others, *cast.far_pupils):
        assert roll.lay_down(pupil) == frozenset()  # nothing is left to change
    assert _stretches() == before
    roll.record(actor=cast.clerk, student=one, kind="suspension", on=datetime.date(2026, 3, 2))


def _restart(pupil, stretch) -> None:
    pupil.enrollments.all().delete()
    _add(pupil, stretch)


def _add(pupil, stretch, **more) -> None:
    starts_on, ends_on, started_by, ended_by, status = stretch
    Enrollment.objects.create(
        student=pupil, classroom=pupil_room(pupil), starts_on=starts_on, ends_on=ends_on, started_by=started_by,
        ended_by=ended_by, status=status, basis=f"{started_by}的依据", **more,
    )  # fmt: skip


def pupil_room(pupil):
    return pupil.school.classrooms.get(entry_year=2025)


def _stretches() -> list[tuple]:
    rows = Enrollment.objects.order_by("student", "starts_on", "pk")
    return list(rows.values_list("student", "classroom", "starts_on", "ends_on", "status", "started_by", "ended_by"))
