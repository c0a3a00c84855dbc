"""换班主任: one duty ends the day before the other begins, and the newcomer hears what is unfinished."""

import datetime

import pytest

from schools import people
from schools.codes import Role
from schools.models import AuditEntry, Duty, User
from schools.people import PeopleRefusal
from tests.cast import WEDNESDAY, Cast, login, make_person

MONDAY = datetime.date(2026, 3, 16)


@pytest.fixture
def newcomer(cast: Cast) -> User:
    return make_person("xin", "新老师", Role.SUBJECT_TEACHER, cast.school, cast.eight)


def heads_on(cast: Cast, day: datetime.date) -> set[str]:
    duties = Duty.objects.in_force(day).filter(role=Role.HEAD_TEACHER, classroom=cast.seven)
    return set(duties.values_list("user__name", flat=True))


def test_one_action_ends_one_duty_and_begins_the_other(cast: Cast, newcomer: User) -> None:
    client = login(cast.principal)
    assert "换班主任" in client.get("/classrooms/").content.decode()
    url = f"/classrooms/{cast.seven.pk}/head/"
    assert "现在：张老师" in client.get(url).content.decode()
    assert client.post(url, {"to": newcomer.pk, "on": MONDAY}).url == "/classrooms/"
    assert heads_on(cast, MONDAY - datetime.timedelta(days=1)) == {"张老师"}
    assert heads_on(cast, MONDAY) == {"新老师"}
    entries = AuditEntry.objects.filter(verb="duty").order_by("-pk")[:2]
    assert [(e.object_id, e.detail["classroom"]) for e in entries] == [
        (newcomer.pk, cast.seven.pk), (cast.head.pk, cast.seven.pk)
    ]  # fmt: skip


def test_a_class_without_a_head_gets_one(cast: Cast, newcomer: User) -> None:
    cast.head.duties.all().delete()
    people.hand_class_over(actor=cast.admin, classroom=cast.seven, to=newcomer, on=WEDNESDAY)
    assert heads_on(cast, WEDNESDAY) == {"新老师"}


def test_the_page_tells_what_is_unfinished_in_numbers_only(cast: Cast) -> None:
    people.class_matters.append(lambda user, classroom, day: ["3件事没有办完"])
    try:
        text = login(cast.admin).get(f"/classrooms/{cast.seven.pk}/head/").content.decode()
    finally:
        people.class_matters.pop()
    assert "3件事没有办完" in text
    assert not [pupil.name for pupil in cast.pupils if pupil.name in text]


def test_who_begins_later_has_to_be_taken_back_first(cast: Cast, newcomer: User) -> None:
    people.hand_class_over(actor=cast.principal, classroom=cast.seven, to=newcomer, on=MONDAY)
    with pytest.raises(PeopleRefusal, match="新老师从2026年3月16日起任七\\(1\\)班班主任"):
        people.hand_class_over(actor=cast.principal, classroom=cast.seven, to=cast.other_head, on=WEDNESDAY)
    assert heads_on(cast, WEDNESDAY) == {"张老师"}


def test_a_refusal_keeps_what_was_chosen(cast: Cast, newcomer: User) -> None:
    text = login(cast.principal).post(f"/classrooms/{cast.seven.pk}/head/", {"to": newcomer.pk, "on": ""}).content
    assert f'<option value="{newcomer.pk}" selected>' in text.decode()


@pytest.mark.parametrize("who", ["head", "clerk", "far_principal", "central"])
def test_only_principal_and_administrator_may(cast: Cast, newcomer: User, who: str) -> None:
    with pytest.raises(PeopleRefusal, match="只有校长和系统管理员"):
        people.hand_class_over(actor=getattr(cast, who), classroom=cast.seven, to=newcomer, on=MONDAY)
    assert login(getattr(cast, who)).get(f"/classrooms/{cast.seven.pk}/head/").status_code in (403, 404)
    assert heads_on(cast, MONDAY) == {"张老师"}


def test_people_of_another_school_are_no_choice(cast: Cast) -> None:
    choices = login(cast.principal).get(f"/classrooms/{cast.seven.pk}/head/").context["form"].fields["to"].queryset
    assert {user.name for user in choices} == {"李老师", "孙老师", "赵教务", "王校长", "管理员", "审计员"}
