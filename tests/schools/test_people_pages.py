"""人员与岗位 in the browser."""

import re

import pytest
from django.test import Client

from schools.codes import Role
from schools.models import Duty, User
from tests.cast import WEDNESDAY, Cast


@pytest.fixture
def admin(cast: Cast, client: Client) -> Client:
    client.force_login(cast.admin)
    return client


def words(answer: object) -> str:
    return answer.content.decode()


def slip_on(answer: object) -> str:
    return re.search(r'<b class="code">(\S{12})</b>', words(answer))[1]


def test_the_list_shows_everybody_of_the_school_and_no_one_else(cast: Cast, admin: Client) -> None:
    shown = {person["user"] for person in admin.get("/people/").context["persons"]}
    assert shown == {
        cast.head, cast.other_head, cast.subject, cast.clerk, cast.principal, cast.admin, cast.auditor,
    }  # fmt: skip


def test_the_list_costs_the_same_for_many_people(cast: Cast, admin: Client, django_assert_max_num_queries) -> None:
    for number in range(20):
        user = User.objects.create_user(username=f"t{number}", name=f"老师{number}")
        Duty.objects.create(
            user=user,
            role=Role.SUBJECT_TEACHER,
            unit=cast.school,
            classroom=cast.seven,
            starts_on=WEDNESDAY,
        )
    with django_assert_max_num_queries(5):
        assert "老师19" in words(admin.get("/people/"))


def test_one_person_with_several_duties_stands_in_a_list_of_its_own(cast: Cast, admin: Client) -> None:
    assert "一人兼任" not in words(admin.get("/people/"))
    Duty.objects.create(user=cast.principal, role=Role.CLERK, unit=cast.school, starts_on=WEDNESDAY)
    Duty.objects.create(
        user=cast.clerk, role=Role.HEAD_TEACHER, unit=cast.school, classroom=cast.eight, starts_on=WEDNESDAY
    )
    answer = admin.get("/people/")
    assert [person["user"] for person in answer.context["several"]] == [cast.principal]
    assert "王校长：校长、教务员" in words(answer)


def test_a_person_is_added_and_the_slip_is_shown_once(cast: Cast, admin: Client) -> None:
    sent = {"name": "白玛", "role": "head_teacher", "classroom": cast.eight.pk, "starts_on": "2026-03-11"}
    answer = admin.post("/people/add/", sent, follow=True)
    user = User.objects.get(username="baima")
    assert answer.redirect_chain == [(f"/people/{user.pk}/slip/", 302)]
    assert user.check_password(slip_on(answer))
    assert "no-store" in answer["Cache-Control"]
    again = admin.get(f"/people/{user.pk}/slip/")
    assert "密码条已经显示过" in words(again)
    assert 'class="code"' not in words(again)
    assert user.has(Role.HEAD_TEACHER, school=cast.school)


def test_the_slip_does_not_lie_readable_in_the_session(cast: Cast, admin: Client) -> None:
    admin.post(f"/people/{cast.head.pk}/slip/new/")
    kept = str(dict(admin.session))
    slip = slip_on(admin.get(f"/people/{cast.head.pk}/slip/"))
    assert slip not in kept


def test_a_slip_shows_on_its_own_page_only(cast: Cast, admin: Client) -> None:
    admin.post(f"/people/{cast.head.pk}/slip/new/")
    assert "密码条已经显示过" in words(admin.get(f"/people/{cast.clerk.pk}/slip/"))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": ""}, "请填写这一项"),
        ({"classroom": ""}, "请选择班级"),
        ({"role": "clerk"}, "这个岗位不选班级"),
        ({"role": "county"}, "选项"),
        ({"username": "白 玛"}, "登录名用2至30个小写字母或数字"),
        ({"username": "zhang"}, "这个登录名已有人用"),
        ({"phone": "打给我"}, "电话只写数字"),
        ({"ends_on": "2026-03-01"}, "不能早于任职日期"),
    ],
)
def test_refusals_stand_in_the_form(cast: Cast, admin: Client, changes: dict, says: str) -> None:
    sent = {"name": "白玛", "role": "head_teacher", "classroom": cast.eight.pk, "starts_on": "2026-03-11"}
    assert says in words(admin.post("/people/add/", sent | changes))
    assert not User.objects.filter(name="白玛").exists()


def test_another_schools_class_is_no_choice(cast: Cast, admin: Client) -> None:
    sent = {"role": "head_teacher", "classroom": cast.far_seven.pk, "starts_on": "2026-03-11"}
    assert admin.post(f"/people/{cast.clerk.pk}/duty/", sent).status_code == 200
    assert not Duty.objects.filter(user=cast.clerk, classroom=cast.far_seven).exists()


def test_a_duty_is_given_withdrawn_and_ended(cast: Cast, admin: Client) -> None:
    url = f"/people/{cast.head.pk}/"
    said = words(admin.post(f"{url}duty/", {"role": "clerk", "starts_on": "2026-03-11"}, follow=True))
    assert "张老师：教务员，从2026年3月11日起。" in said
    given = Duty.objects.get(user=cast.head, role=Role.CLERK)
    assert "已撤销张老师的教务员" in words(admin.post(f"/people/duties/{given.pk}/withdraw/", follow=True))
    old = Duty.objects.get(user=cast.head)
    assert "请用「撤销」" in words(admin.post(f"/people/duties/{old.pk}/end/", {"last_day": "2020-01-01"}))
    refused = admin.post(f"/people/duties/{old.pk}/withdraw/", follow=True)
    assert "已经任过，不能撤销" in words(refused)
    said = words(admin.post(f"/people/duties/{old.pk}/end/", {"last_day": "2026-03-10"}, follow=True))
    assert "七(1)班班主任到2026年3月10日为止" in said
    assert "没有在任岗位" in words(admin.get(url))
    assert "以前的岗位 1 个" in words(admin.get(url))


def test_a_duty_to_come_is_shown_as_such(cast: Cast, admin: Client) -> None:
    admin.post(f"/people/{cast.head.pk}/duty/", {"role": "clerk", "starts_on": "2026-04-01"})
    person = admin.get(f"/people/{cast.head.pk}/").context["person"]
    assert [duty.role for duty in person["ahead"]] == [Role.CLERK]
    assert [duty.role for duty in person["in_force"]] == [Role.HEAD_TEACHER]


def test_name_and_phone_are_set_right(cast: Cast, admin: Client) -> None:
    said = admin.post(f"/people/{cast.head.pk}/edit/", {"name": "张敏", "phone": "0871-5550100"}, follow=True)
    assert "张敏" in words(said)
    assert User.objects.get(pk=cast.head.pk).phone == "0871-5550100"


def test_out_of_use_and_back(cast: Cast, admin: Client) -> None:
    url = f"/people/{cast.head.pk}/"
    assert "请填写这一项" in words(admin.post(f"{url}out/"))
    said = words(admin.post(f"{url}out/", {"reason": "调走"}, follow=True))
    assert "张老师已停用" in said
    assert "恢复使用并发一次性密码条" in said
    assert "已停用，请先恢复使用" in words(admin.post(f"{url}slip/new/", follow=True))
    answer = admin.post(f"{url}back/", follow=True)
    assert User.objects.get(pk=cast.head.pk).check_password(slip_on(answer))
    assert "没有停用" in words(admin.post(f"{url}back/", follow=True))
    own = words(admin.post(f"/people/{cast.admin.pk}/out/", {"reason": "误点"}))
    assert "不能停用自己" in own


def test_pages_of_people_show_no_pupil(cast: Cast, admin: Client) -> None:
    for page in ("/people/", f"/people/{cast.head.pk}/", "/people/add/", "/classrooms/", "/calendar/", "/policy/"):
        said = words(admin.get(page))
        assert not [pupil.name for pupil in (*cast.pupils, *cast.far_pupils) if pupil.name in said], page
