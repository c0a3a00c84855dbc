import datetime
import io
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from attendance.models import DailyReport
from followups.codes import FindingKind, Outcome, Stage
from followups.models import Case
from kongchuo import datadir
from schools import audit
from schools.codes import Role
from schools.models import Duty, Unit, User
from students.models import Student

TODAY = datetime.date(2025, 11, 13)


@pytest.mark.django_db
def test_the_demo_school_holds_one_of_everything() -> None:
    out = io.StringIO()
    call_command("demo", password="Demo-ceshi-2026", today=TODAY, stdout=out)
    try:
        _look(out.getvalue())
        before = Student.objects.count()
        with pytest.raises(CommandError):
            call_command("demo", stdout=io.StringIO())
        call_command("demo", if_empty=True, stdout=io.StringIO())
        assert Student.objects.count() == before
    finally:
        datadir.demo_today_file().unlink(missing_ok=True)


def _look(said: str) -> None:
    school = Unit.objects.get(code="2153000001")
    assert "2025年11月13日" in said
    came, left, guests = 1, 1, 1  # 转入; 转出 with its receipt; 借读, on another school's roll
    assert Student.objects.on_roll(TODAY).filter(school=school).count() == 9 * 53 + came - left
    assert Student.objects.filter(school=school).count() == 9 * 53 + came + guests
    assert set(Duty.objects.values_list("role", flat=True)) == set(Role) - {Role.DELEGATE}
    assert User.objects.get(username="xiaozhang").check_password("Demo-ceshi-2026")
    assert not DailyReport.objects.filter(on__gt=TODAY).exists()
    cases = list(Case.objects.with_finding())
    assert {case.stage for case in cases} == set(Stage)
    assert {case.found_kind for case in cases} == {None, *FindingKind}
    assert {case.outcome for case in cases} == {"", Outcome.RETURNED, Outcome.SUSPENDED}
    assert Counter(case.previous_id is not None for case in cases)[True] == 1
    assert audit.first_broken(school) is None
