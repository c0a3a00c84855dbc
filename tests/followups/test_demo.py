import datetime
import io

import pytest
from django.core.management import CommandError, call_command

from attendance.models import DailyReport
from kongchuo import datadir
from schools.models import Duty, Unit, User
from students.models import Student


@pytest.fixture
def demo(db: None, settings) -> str:
    out = io.StringIO()
    call_command("demo", password="Demo-ceshi-2026", today=datetime.date(2026, 3, 11), stdout=out)
    yield out.getvalue()
    datadir.demo_today_file().unlink()


@pytest.mark.django_db
def test_a_school_of_nine_classes_with_one_account_for_each_role(demo: str) -> None:
    school = Unit.objects.get(code="2153000001")
    assert Student.objects.on_roll(datetime.date(2026, 3, 11)).filter(school=school).count() == 9 * 53
    assert set(Duty.objects.values_list("role", flat=True)) == set(
        Duty._meta.get_field("role").choices and dict(Duty._meta.get_field("role").choices)
    ) - {"delegate"}
    assert User.objects.get(username="xiaozhang").check_password("Demo-ceshi-2026")
    assert "2026年3月11日" in demo
    assert not DailyReport.objects.filter(on__gt=datetime.date(2026, 3, 11)).exists()


@pytest.mark.django_db
def test_it_never_mixes_with_a_school_that_is_there(demo: str) -> None:
    with pytest.raises(CommandError):
        call_command("demo", stdout=io.StringIO())
    before = Student.objects.count()
    call_command("demo", if_empty=True, stdout=io.StringIO())
    assert Student.objects.count() == before
