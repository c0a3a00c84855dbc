"""Adding people, giving and ending duties, one-time slips: what works, and every refusal."""

import datetime

import pytest

from kongchuo import dates
from schools import people
from schools.codes import Role, Verb
from schools.models import AuditEntry, Classroom, Duty, User
from schools.people import DutyFacts, PeopleRefusal
from students.models import Student
from tests.cast import WEDNESDAY, Cast

YESTERDAY, TOMORROW = WEDNESDAY - datetime.timedelta(days=1), WEDNESDAY + datetime.timedelta(days=1)


def duty(
    role: str,
    classroom: Classroom | None = None,
    starts_on: datetime.date = WEDNESDAY,
    ends_on: datetime.date | None = None,
) -> DutyFacts:
    return {"role": role, "classroom": classroom, "starts_on": starts_on, "ends_on": ends_on}


def fresh(user: User) -> User:
    """The same person as the next request sees him."""
    return User.objects.get(pk=user.pk)


def add(cast: Cast, **changes: object) -> tuple[User, str]:
    facts = {"name": "白老师", "username": "bai", "phone": "", "duty": duty(Role.HEAD_TEACHER, cast.eight)}
    return people.add_person(actor=cast.principal, school=cast.school, **facts | changes)


def test_username_is_pinyin_and_free(cast: Cast) -> None:
    assert people.suggest_username("扎西卓玛") == "zhaxizhuoma"
    assert people.suggest_username("王 芳") == "wangfang"
    User.objects.create_user(username="wangfang", name="王芳")
    assert people.suggest_username("王芳") == "wangfang2"
    assert people.suggest_username("①") == "ren"
    for name in ("欧", "阿依古丽·买买提", "Anna"):
        assert people.USERNAME.match(people.suggest_username(name)), name


def test_a_new_person_gets_a_duty_and_a_slip(cast: Cast) -> None:
    user, slip = add(cast)
    assert len(slip) == 12
    assert not set(slip) & set("0oO1lI")
    user = fresh(user)
    assert user.check_password(slip)
    assert user.must_change_password
    assert user.has(Role.HEAD_TEACHER, school=cast.school)
    assert set(Student.objects.visible_to(user)) == set(cast.others)
    verbs = list(AuditEntry.objects.filter(object_id=user.pk).values_list("verb", flat=True))
    assert verbs == [Verb.PERSON, Verb.DUTY, Verb.SLIP]
    assert slip not in str(list(AuditEntry.objects.values()))


def test_a_refused_duty_leaves_no_person(cast: Cast) -> None:
    with pytest.raises(PeopleRefusal):
        add(cast, duty=duty(Role.HEAD_TEACHER))
    with pytest.raises(PeopleRefusal, match="已有人用"):
        add(cast, username="zhang")
    assert not User.objects.filter(name="白老师").exists()


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (Role.COUNTY, "不由学校设置"),
        (Role.HEAD_TEACHER, "要选班级"),
        (Role.DELEGATE, "到哪一天为止"),
        (Role.PRINCIPAL, "已经任这个岗位"),
    ],
)
def test_refusals_of_a_duty(cast: Cast, role: str, says: str) -> None:
    with pytest.raises(PeopleRefusal, match=says):
        people.give_duty(actor=cast.principal, school=cast.school, user=cast.principal, duty=duty(role))


def test_a_duty_stays_inside_the_school(cast: Cast) -> None:
    with pytest.raises(PeopleRefusal, match="不是本校的班"):
        people.give_duty(
            actor=cast.admin, school=cast.school, user=cast.head, duty=duty(Role.HEAD_TEACHER, cast.far_seven)
        )
    for outsider in (cast.far_principal, cast.clerk, cast.head, cast.county_officer):
        with pytest.raises(PeopleRefusal, match="只有校长和系统管理员"):
            people.give_duty(actor=outsider, school=cast.school, user=cast.head, duty=duty(Role.CLERK))


def test_an_administrator_does_not_give_himself_pupils(cast: Cast) -> None:
    with pytest.raises(PeopleRefusal, match="不能给自己加岗位"):
        people.give_duty(actor=cast.admin, school=cast.school, user=cast.admin, duty=duty(Role.CLERK))
    with pytest.raises(PeopleRefusal, match="只有校长本人"):
        people.give_duty(
            actor=cast.admin, school=cast.school, user=cast.clerk, duty=duty(Role.DELEGATE, ends_on=TOMORROW)
        )
    people.give_duty(actor=cast.principal, school=cast.school, user=cast.principal, duty=duty(Role.CLERK))


def test_overlapping_stretches_of_one_duty_are_refused_others_are_not(cast: Cast) -> None:
    until_friday = duty(Role.CLERK, ends_on=WEDNESDAY + datetime.timedelta(days=2))
    people.give_duty(actor=cast.principal, school=cast.school, user=cast.head, duty=until_friday)
    with pytest.raises(PeopleRefusal, match="已经任这个岗位"):
        people.give_duty(
            actor=cast.principal, school=cast.school, user=cast.head, duty=duty(Role.CLERK, None, TOMORROW)
        )
    people.give_duty(
        actor=cast.principal,
        school=cast.school,
        user=cast.head,
        duty=duty(Role.CLERK, None, WEDNESDAY + datetime.timedelta(days=3)),
    )


def test_a_duty_that_ended_yesterday_gives_nothing_today(cast: Cast) -> None:
    head = Duty.objects.get(user=cast.head)
    people.end_duty(actor=cast.admin, duty=head, last_day=WEDNESDAY)
    assert Student.objects.visible_to(fresh(cast.head)).exists()  # the last day itself still counts
    head.refresh_from_db()
    people.end_duty(actor=cast.admin, duty=head, last_day=YESTERDAY)
    assert not Student.objects.visible_to(fresh(cast.head)).exists()
    head.refresh_from_db()
    with pytest.raises(PeopleRefusal, match="已经结束"):
        people.end_duty(actor=cast.admin, duty=head, last_day=WEDNESDAY)


def test_of_two_who_end_a_duty_one_is_told(cast: Cast) -> None:
    seen = Duty.objects.get(user=cast.head)
    people.end_duty(actor=cast.admin, duty=Duty.objects.get(pk=seen.pk), last_day=TOMORROW)
    with pytest.raises(PeopleRefusal, match="刚刚被别人改动"):
        people.end_duty(actor=cast.principal, duty=seen, last_day=WEDNESDAY)


def test_only_what_has_not_counted_can_be_withdrawn(cast: Cast) -> None:
    with pytest.raises(PeopleRefusal, match="已经任过"):
        people.withdraw_duty(actor=cast.admin, duty=Duty.objects.get(user=cast.head))
    given = people.give_duty(actor=cast.admin, school=cast.school, user=cast.head, duty=duty(Role.CLERK))
    with pytest.raises(PeopleRefusal, match="请用「撤销」"):
        people.end_duty(actor=cast.admin, duty=given, last_day=YESTERDAY)
    people.withdraw_duty(actor=cast.admin, duty=given)
    assert not fresh(cast.head).has(Role.CLERK)


def test_the_last_manager_stays(cast: Cast) -> None:
    principal, admin = Duty.objects.get(user=cast.principal), Duty.objects.get(user=cast.admin)
    people.end_duty(actor=cast.principal, duty=admin, last_day=YESTERDAY)
    for last_day in (YESTERDAY, TOMORROW):
        with pytest.raises(PeopleRefusal, match="没有在任的校长或系统管理员"):
            people.end_duty(actor=cast.principal, duty=principal, last_day=last_day)
    principal.refresh_from_db()
    assert principal.ends_on is None
    assert not AuditEntry.objects.filter(object_id=cast.principal.pk, verb=Verb.DUTY).exists()


def test_a_new_slip_ends_the_password_and_the_sessions(cast: Cast) -> None:
    before = fresh(cast.head).get_session_auth_hash()
    slip = people.issue_slip(actor=cast.admin, school=cast.school, user=cast.head)
    after = fresh(cast.head)
    assert after.check_password(slip)
    assert after.session_epoch == 1
    assert after.get_session_auth_hash() != before
    assert after.slip_expires_at == dates.at(datetime.date(2026, 3, 14), 8)  # 72 hours


def test_who_serves_elsewhere_too_is_not_locked_out_from_here(cast: Cast) -> None:
    Duty.objects.create(user=cast.far_clerk, role=Role.CLERK, unit=cast.school, starts_on=WEDNESDAY)
    for verb in (people.issue_slip, people.put_back):
        with pytest.raises(PeopleRefusal, match="别的单位"):
            verb(actor=cast.admin, school=cast.school, user=cast.far_clerk)
    with pytest.raises(PeopleRefusal, match="别的单位"):
        people.put_out_of_use(actor=cast.admin, school=cast.school, user=cast.far_clerk, reason="离职")
    with pytest.raises(PeopleRefusal, match="别的单位"):
        people.change_person(actor=cast.admin, school=cast.school, user=cast.far_clerk, name="甲", phone="")


def test_out_of_use_ends_duties_and_back_in_use_needs_a_slip(cast: Cast) -> None:
    people.give_duty(actor=cast.admin, school=cast.school, user=cast.head, duty=duty(Role.CLERK, None, TOMORROW))
    people.put_out_of_use(actor=cast.admin, school=cast.school, user=cast.head, reason="调走")
    gone = fresh(cast.head)
    assert not gone.is_active
    assert [d.ends_on for d in gone.duties.all()] == [WEDNESDAY]
    with pytest.raises(PeopleRefusal, match="已经停用"):
        people.put_out_of_use(actor=cast.admin, school=cast.school, user=cast.head, reason="再来")
    with pytest.raises(PeopleRefusal, match="已停用"):
        people.issue_slip(actor=cast.admin, school=cast.school, user=gone)
    with pytest.raises(PeopleRefusal, match="已停用"):
        people.give_duty(actor=cast.admin, school=cast.school, user=gone, duty=duty(Role.CLERK))
    slip = people.put_back(actor=cast.admin, school=cast.school, user=gone)
    assert fresh(cast.head).is_active
    assert fresh(cast.head).check_password(slip)
    with pytest.raises(PeopleRefusal, match="没有停用"):
        people.put_back(actor=cast.admin, school=cast.school, user=fresh(cast.head))
    with pytest.raises(PeopleRefusal, match="不能停用自己"):
        people.put_out_of_use(actor=cast.admin, school=cast.school, user=cast.admin, reason="误点")


def test_changes_of_a_person_name_the_fields_only(cast: Cast) -> None:
    people.change_person(actor=cast.admin, school=cast.school, user=cast.head, name="张敏", phone="")
    assert fresh(cast.head).name == "张敏"
    entry = AuditEntry.objects.get(verb=Verb.PERSON)
    assert entry.detail == {"changed": ["name"]}
