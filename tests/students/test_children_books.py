"""学生基本信息表 and the rosters of groups: what they say, to whom, and what the masked edition keeps back."""

import datetime
import re
from typing import Any

import pytest
from django.urls import reverse

from kongchuo.sheets import Form, Sheet
from schools import books
from schools.books import Asked
from students.codes import TagKind
from students.models import Guardian, Student, StudentDetails, Tag
from tests.cast import WEDNESDAY, Cast, id_number, login, make_pupil

NUMBER = re.compile(r"\d{17}[\dX]|1\d{10}")


def asked(cast: Cast, who: str = "clerk", **more: Any) -> Asked:
    user = getattr(cast, who)
    return Asked(user=user, school=user.duties_today[0].unit, on=more.pop("on", WEDNESDAY), **more)


def parts(key: str, question: Asked) -> list[Any]:
    book = books.registry[key]
    return books.edition_of(book, question, book.sheets(question))


def cells(sheet: Sheet, header: str) -> list[Any]:
    place = [column.header for column in sheet.columns].index(header)
    return [line[place] for line in sheet.lines([])]


def tag(student: Student, kind: str, **more: Any) -> None:
    Tag.objects.create(student=student, kind=kind, **{"starts_on": datetime.date(2026, 2, 23)} | more)


# --- 学生基本信息表 ---------------------------------------------------------------------------------------------
@pytest.fixture
def filled(cast: Cast) -> Student:
    pupil = cast.pupils[0]
    StudentDetails.objects.create(
        student=pupil, health="10", hmt="否", commute="2", only_child=False, distance_km="3.50"
    )
    Guardian.objects.filter(student=pupil).update(phone="1" + "0012345678", works_at="外省务工")
    tag(pupil, TagKind.LEFT_BEHIND_SINGLE)
    tag(pupil, TagKind.DISABLED, disability="4", disability_grade="2")
    return pupil


def boxes(form: Form) -> list[str]:
    return [str(part.value) for part in form.placed()]


def answer(form: Form, label: str, nth: int = 0) -> str:
    found = boxes(form)
    places = [at for at, text in enumerate(found) if text.lstrip("★") == label]
    return found[places[nth] + 1]


def test_the_form_fills_its_grid_with_the_72_items(cast: Cast, filled: Student) -> None:
    (form,) = parts("pupil_information", asked(cast, about=filled.pk))
    placed = form.placed()
    covered = sum(part.box.span * part.box.lines for part in placed)
    assert covered == len(form.widths) * len(form.rows)
    assert sum(part.box.label for part in placed) == 8 + 71 + 1  # groups, items but the photo, 全国学籍号


def test_options_stand_by_their_names(cast: Cast, filled: Student) -> None:
    (form,) = parts("pupil_information", asked(cast, about=filled.pk, full=True))
    expected = {
        "姓名": "赵海燕",
        "健康状况": "健康或良好",
        "上下学交通方式": "自行车(含摩托车、电动自行车)",
        "是否独生子女": "否",
        "上下学距离(公里)": "3.5",
        "是否留守儿童": "单亲留守",
        "残疾类型": "肢体二级",
        "年级": "七年级",
        "班级": "七(1)班",
    }
    assert {label: answer(form, label) for label in expected} == expected
    assert answer(form, "身份证件号") == id_number(1)
    assert (answer(form, "姓名", 1), answer(form, "工作单位")) == ("赵海燕家长", "外省务工")


def test_the_masked_form_keeps_numbers_and_groups_back(cast: Cast, filled: Student) -> None:
    (form,) = parts("pupil_information", asked(cast, "head", about=filled.pk))
    assert not NUMBER.search(" ".join(boxes(form)))
    assert {answer(form, label) for label in ("是否留守儿童", "残疾类型", "是否孤儿", "健康状况")} == {"—"}
    assert answer(form, "现住址") == "青石乡柳树村***"


def test_the_form_is_opened_from_the_card_by_who_sees_the_pupil(cast: Cast, filled: Student) -> None:
    url = reverse("schools:book", args=("pupil_information",))
    assert f"{url}?about={filled.pk}" in login(cast.head).get(f"/students/{filled.pk}/").content.decode()
    assert "健康状况" in login(cast.head).get(url, {"about": filled.pk}).content.decode()
    for who in (cast.other_head, cast.far_clerk):
        assert login(who).get(url, {"about": filled.pk}).status_code == 404


def test_an_empty_pupil_prints_an_empty_form(cast: Cast) -> None:
    pupil = cast.pupils[0]
    pupil.guardians.all().delete()
    (form,) = parts("pupil_information", asked(cast, about=pupil.pk))
    assert answer(form, "国籍/地区") == ""
    assert answer(form, "姓名", 2) == ""


# --- Rosters ----------------------------------------------------------------------------------------------------
def test_a_group_is_listed_as_it_was_on_the_day(cast: Cast) -> None:
    tag(cast.pupils[0], TagKind.LEFT_BEHIND_SINGLE, detail="奶奶照看")
    tag(cast.others[1], TagKind.LEFT_BEHIND_BOTH)
    tag(cast.pupils[2], TagKind.LEFT_BEHIND_BOTH, ends_on=datetime.date(2026, 3, 10))
    tag(cast.far_pupils[0], TagKind.LEFT_BEHIND_BOTH)
    (sheet,) = parts("left_behind", asked(cast, full=True))
    assert cells(sheet, "姓名") == ["赵海燕", "李建军"]
    assert cells(sheet, "留守类型") == ["单亲留守", "双亲留守"]
    assert cells(sheet, "照看情况") == ["奶奶照看", ""]
    assert "共2人，占在册12人的16.67%。" in sheet.head.notes
    (earlier,) = parts("left_behind", asked(cast, on=datetime.date(2026, 3, 10), full=True))
    assert cells(earlier, "姓名") == ["赵海燕", "王小梅", "李建军"]


def test_the_particulars_of_a_disability_and_of_poverty(cast: Cast) -> None:
    tag(cast.pupils[0], TagKind.DISABLED, disability="2", disability_grade="1")
    StudentDetails.objects.create(student=cast.pupils[0], inclusive="2", needs_aid=True)
    for kind in (TagKind.POVERTY, TagKind.HARDSHIP):
        tag(cast.pupils[0], kind)
    (sheet,) = parts("disabled", asked(cast, full=True))
    assert [cells(sheet, name) for name in ("残疾类别", "等级", "随班就读")] == [
        ["听力"],
        ["一级"],
        ["听力残疾随班就读"],
    ]
    (sheet,) = parts("poor", asked(cast, full=True))
    assert [cells(sheet, name) for name in ("困难类别", "需要资助")] == [["脱贫户、特困生"], ["是"]]


@pytest.mark.parametrize(("key", "kind"), [
    ("left_behind", TagKind.LEFT_BEHIND_BOTH), ("disabled", TagKind.DISABLED), ("poor", TagKind.MINIMUM_LIVING),
])  # fmt: skip
def test_the_masked_roster_keeps_kind_and_numbers_back(cast: Cast, key: str, kind: TagKind) -> None:
    tag(cast.pupils[0], kind, detail="说明文字")
    (sheet,) = parts(key, asked(cast))
    text = str(list(sheet.lines([])))
    assert kind.label not in text
    assert "说明文字" not in text
    assert not NUMBER.search(text)


def test_a_head_teacher_has_the_own_class_and_an_empty_list_says_so(cast: Cast) -> None:
    tag(cast.others[0], TagKind.DISABLED, disability="2", disability_grade="1")
    (sheet,) = parts("disabled", asked(cast, "head"))
    assert cells(sheet, "姓名") == []
    assert "无（零报告）" in login(cast.head).get(reverse("schools:book", args=("disabled",))).content.decode()


def test_a_roster_costs_the_same_with_more_pupils(cast: Cast, django_assert_max_num_queries) -> None:
    tag(cast.pupils[0], TagKind.MIGRANT)

    def cost() -> int:
        with django_assert_max_num_queries(20) as counted:
            (sheet,) = parts("left_behind", asked(cast))
            list(sheet.lines([]))
        return len(counted)

    tag(cast.pupils[1], TagKind.LEFT_BEHIND_BOTH)
    cost()
    few = cost()
    for seat in range(20, 40):
        tag(make_pupil(cast.school, cast.seven, seat, f"学生{seat}", 100 + seat), TagKind.LEFT_BEHIND_BOTH)
    assert cost() == few
