"""班级: several opened at once, the list with teachers and pupils, 撤并."""

import pytest
from django.test import Client

from kongchuo import dates
from schools import classrooms
from schools.classrooms import ClassroomRefusal
from schools.codes import Role, Stage, Verb
from schools.models import AuditEntry, Classroom, Duty
from students.codes import Change
from students.models import RollChange
from students.services import end_enrollment
from tests.cast import WEDNESDAY, Cast


def add(cast: Cast, first: int, last: int, grade: int = 7, year: int = 2025) -> tuple[list, list]:
    return classrooms.add_classes(
        actor=cast.clerk, school=cast.school, grade=grade, school_year=year, first=first, last=last
    )


def test_several_at_once_and_those_that_stood(cast: Cast) -> None:
    opened, stood = add(cast, 1, 3)
    assert [row.label for row in opened] == ["七(2)班", "七(3)班"]
    assert stood == [cast.seven]
    entry = AuditEntry.objects.get(verb=Verb.CLASSROOM)
    assert entry.detail == {"grade": 7, "opened": [2, 3]}
    assert add(cast, 1, 3) == ([], [cast.seven, *opened])
    assert AuditEntry.objects.filter(verb=Verb.CLASSROOM).count() == 1


def test_grade_and_entry_year_follow_from_the_school_year(cast: Cast) -> None:
    (three,), _ = add(cast, 1, 1, grade=3)
    assert (three.stage, three.entry_year, three.label) == (Stage.PRIMARY, 2023, "三(1)班")
    (next_seven,), _ = add(cast, 1, 1, year=2026)
    assert (next_seven.stage, next_seven.entry_year) == (Stage.JUNIOR, 2026)


def test_refusals(cast: Cast) -> None:
    with pytest.raises(ClassroomRefusal, match="没有这个年级"):
        classrooms.add_classes(actor=cast.far_clerk, school=cast.far_school, grade=3, school_year=2025, first=1, last=1)
    for first, last in ((0, 1), (2, 1), (1, 31)):
        with pytest.raises(ClassroomRefusal, match="从小到大填"):
            add(cast, first, last)
    for outsider in (cast.head, cast.far_clerk, cast.auditor):
        with pytest.raises(ClassroomRefusal, match="不能改动本校的班级"):
            classrooms.add_classes(actor=outsider, school=cast.school, grade=7, school_year=2025, first=5, last=5)
        with pytest.raises(ClassroomRefusal, match="不能改动本校的班级"):
            classrooms.dissolve(actor=outsider, classroom=cast.seven, reason="并入二班")


def test_a_class_with_pupils_is_not_dissolved(cast: Cast) -> None:
    with pytest.raises(ClassroomRefusal, match="还有6名学生"):
        classrooms.dissolve(actor=cast.clerk, classroom=cast.seven, reason="并入二班")
    cast.seven.refresh_from_db()
    assert cast.seven.closed_on is None


def test_an_empty_class_goes_with_its_teachers_duties_and_comes_back_by_its_number(cast: Cast) -> None:
    yesterday = WEDNESDAY.replace(day=10)
    for pupil in cast.pupils:
        end_enrollment(actor=cast.clerk, student=pupil, last_day=yesterday, ended_by=Change.TRANSFER_OUT, basis="转学")
    classrooms.dissolve(actor=cast.clerk, classroom=cast.seven, reason="并入二班")
    assert {duty.ends_on for duty in Duty.objects.filter(classroom=cast.seven)} == {WEDNESDAY}
    assert cast.seven not in Classroom.objects.open_on(dates.today())
    with pytest.raises(ClassroomRefusal, match="已经撤并"):
        classrooms.dissolve(actor=cast.clerk, classroom=cast.seven, reason="再来")
    opened, stood = add(cast, 1, 1)
    assert (opened, stood) == ([cast.seven], [])
    assert cast.seven in Classroom.objects.open_on(dates.today())


def test_the_list_shows_teachers_and_pupils(cast: Cast, client: Client, django_assert_max_num_queries) -> None:
    add(cast, 1, 1, year=2026)
    client.force_login(cast.admin)
    with django_assert_max_num_queries(6):
        answer = client.get("/classrooms/")
    assert [(row.label, row.pupils, [d.user.name for d in row.heads]) for row in answer.context["now"]] == [
        ("七(1)班", 6, ["张老师"]),
        ("八(1)班", 6, ["李老师"]),
    ]
    assert [row.entry_year for row in answer.context["ahead"]] == [2026]
    page = answer.content.decode()
    assert "2个班，在册12人" in page
    assert not any(pupil.name in page for pupil in cast.pupils)  # an administrator sees how many, never who


def test_in_the_browser(cast: Cast, client: Client) -> None:
    client.force_login(cast.clerk)
    sent = {"grade": "9", "first": "1", "last": "2", "school_year": "2025"}
    assert "已加2个班：九(1)班、九(2)班。" in client.post("/classrooms/add/", sent, follow=True).content.decode()
    assert "原来就有" in client.post("/classrooms/add/", sent, follow=True).content.decode()
    assert "要不小于前一格" in client.post("/classrooms/add/", sent | {"first": "3"}).content.decode()
    nine = Classroom.objects.get(entry_year=2023, number=2)
    url = f"/classrooms/{nine.pk}/dissolve/"
    assert "请填写这一项" in client.post(url).content.decode()
    assert "九(2)班已撤并" in client.post(url, {"reason": "并入一班"}, follow=True).content.decode()
    refused = client.post(f"/classrooms/{cast.seven.pk}/dissolve/", {"reason": "并"}).content.decode()
    assert "还有6名学生" in refused
    assert Role.HEAD_TEACHER in {duty.role for duty in cast.seven.duties.filter(ends_on__isnull=True)}


def test_a_new_school_is_told_what_to_do(cast: Cast, client: Client) -> None:
    RollChange.objects.filter(school=cast.school).delete()
    for row in (cast.seven, cast.eight):
        row.enrollments.all().delete()
        row.duties.all().delete()
        row.delete()
    client.force_login(cast.clerk)
    assert "还没有班级" in client.get("/classrooms/").content.decode()
