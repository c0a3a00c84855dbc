"""Lists of people and of classes: upload, preview, confirmation."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from schools.codes import Role
from schools.models import Classroom, Duty, User
from tests.cast import Cast, login
from tests.students.roster_files import bare_workbook

STAFF = ("姓名", "登录名", "电话", "岗位", "任教班级")


def upload(client: Client, kind: str, *rows: tuple) -> str:
    file = SimpleUploadedFile("名单.xlsx", bare_workbook(rows))
    return client.post(f"/import/{kind}/", {"file": file}).content.decode()


def confirm(client: Client, kind: str, page: str) -> str:
    token = re.search(r'name="list" value="([^"]+)"', page)
    assert token
    return client.post(f"/import/{kind}/confirm/", {"list": token[1]}, follow=True).content.decode()


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_people_get_accounts_slips_and_duties(cast: Cast) -> None:
    client = login(cast.principal)
    page = upload(
        client, "staff", STAFF,
        ("卓玛", None, "1" + "0" * 10, "任课教师、教务员", "七(1)班、初2024级1班"),
        ("孙老师", None, None, "教务", None),
        ("张老师", None, None, "班主任", "七(1)班"),
    )  # fmt: skip
    assert "新增、任课教师七(1)班、任课教师八(1)班、教务员" in words(page)
    assert not User.objects.filter(name="卓玛").exists()
    page = confirm(client, "staff", page)
    new = User.objects.get(name="卓玛")
    assert (new.username, new.phone[-1], new.must_change_password) == ("zhuoma", "0", True)
    assert {(duty.role, duty.classroom) for duty in new.duties.all()} == {
        (Role.SUBJECT_TEACHER, cast.seven), (Role.SUBJECT_TEACHER, cast.eight), (Role.CLERK, None),
    }  # fmt: skip
    (slip,) = re.findall(r'<b class="code">(\w{12})</b>', page)
    assert new.check_password(slip)
    assert cast.subject.duties.filter(role=Role.CLERK).exists()
    assert cast.head.duties.count() == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((None, None, None, "教务员", None), "没有姓名"),
        (("卓玛", None, None, None, None), "没有写岗位"),
        (("卓玛", None, None, "花匠", None), "岗位「花匠」认不出"),
        (("卓玛", None, None, "班主任", None), "班主任要写一个班"),
        (("卓玛", None, None, "班主任", "七(1)班、八(1)班"), "班主任要写一个班"),
        (("卓玛", None, None, "任课教师", "九(3)班"), "本校没有九(3)班"),
        (("卓玛", None, "123", "教务员", None), "不是电话号码"),
        (("卓玛", "卓", None, "教务员", None), "只能用小写字母和数字"),
        (("甲", None, None, "教务员", None), "与第2行是同一个人"),
    ],
)
def test_rows_that_can_not_be_taken(cast: Cast, row: tuple, reason: str) -> None:
    page = upload(login(cast.principal), "staff", STAFF, ("甲", None, None, "教务员", None), row)
    assert reason in page


def test_all_of_it_or_nothing(cast: Cast) -> None:
    client = login(cast.principal)
    page = upload(client, "staff", STAFF, ("甲", None, None, "教务员", None), ("乙", "zhang", None, "教务员", None))
    assert "这个登录名已有人用" in confirm(client, "staff", page)
    assert not User.objects.filter(name="甲").exists()


def test_a_list_that_somebody_else_has_sent_is_not_taken(cast: Cast) -> None:
    page = upload(login(cast.principal), "staff", STAFF, ("甲", None, None, "教务员", None))
    assert "什么也没有导入" in confirm(login(cast.admin), "staff", page)
    assert not User.objects.filter(name="甲").exists()


@pytest.mark.parametrize("who", ["clerk", "head"])
def test_who_does_not_keep_the_people_has_no_such_page(cast: Cast, who: str) -> None:
    assert login(getattr(cast, who)).get("/import/staff/").status_code == 403


CLASSES = ("年级", "班级", "班主任")


def test_classes_are_opened_with_their_head_teachers(cast: Cast) -> None:
    client = login(cast.principal)
    rows = [
        ("三年级", "2班", "孙老师"), (None, "七(1)班", "张老师"), (None, "八(1)班", "孙老师"),
        (None, "九(1)班", "甲"), (None, "三(2)班", None), (None, "火箭班", None),
    ]  # fmt: skip
    page = upload(client, "classes", CLASSES, *rows)
    text = words(page)
    for sentence in (
        "新开班、班主任孙老师", "现在的班主任是李老师，没有改", "本校还没有甲这个人", "三(2)班在名单里写了两次",
        "「火箭班」认不出",
    ):  # fmt: skip
        assert sentence in text
    assert "新开2个班" in confirm(client, "classes", page)
    room = Classroom.objects.get(school=cast.school, number=2)
    assert Duty.objects.get(classroom=room).user == cast.subject
    assert Classroom.objects.filter(school=cast.school).count() == 4


def test_a_clerk_opens_classes_and_leaves_head_teachers_to_others(cast: Cast) -> None:
    page = upload(login(cast.clerk), "classes", CLASSES, (None, "三(2)班", "孙老师"))
    assert "班主任要由校长或系统管理员设置" in page
    confirm(login(cast.clerk), "classes", page)
    assert not Duty.objects.filter(classroom__number=2).exists()


def test_what_is_no_list_is_said_beside_the_field(cast: Cast) -> None:
    assert "其中要有「姓名」" in upload(login(cast.principal), "staff", ("名单",), ("甲",))
