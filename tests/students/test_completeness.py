"""信息完整度: figures and their lists agree, 核对 in one tap; doubts by class; the filters of the list of pupils."""

import datetime

import pytest
from django.urls import reverse

from schools.codes import Verb
from schools.models import AuditEntry
from students import completeness, roll, todos
from students.codes import Change, TagKind
from students.models import Guardian, Student, Tag
from tests.cast import WEDNESDAY, Cast, login, make_pupil

MOBILE = "1" + "0012345678"


def lacks(cast: Cast) -> dict[str, int]:
    (line,) = completeness.of_classes(cast.head, [cast.seven], WEDNESDAY)
    return line.lacking


def listed(cast: Cast, fact: str) -> set[str]:
    response = login(cast.head).get("/completeness/list/", {"lacks": fact, "classroom": cast.seven.pk})
    return {place.student.name for place in response.context["page"].object_list}


def test_each_figure_counts_exactly_its_list(cast: Cast) -> None:
    one, two, three, *_ = cast.pupils
    Guardian.objects.update(phone=MOBILE)
    Student.objects.update(checked_on=WEDNESDAY)
    Student.objects.filter(pk=one.pk).update(id_hash="", village="")
    Guardian.objects.filter(student=two).update(phone="", is_guardian=False)
    Guardian.objects.filter(student=three).update(phone_state="dead")
    Student.objects.filter(pk=three.pk).update(checked_on=datetime.date(2026, 2, 22))
    assert lacks(cast) == {"id": 1, "phone": 2, "address": 1, "guardian": 1, "checked": 1}
    assert {fact: listed(cast, fact) for fact in completeness.FACTS} == {
        "id": {"赵海燕"}, "phone": {"李建军", "王小梅"}, "address": {"赵海燕"}, "guardian": {"李建军"},
        "checked": {"王小梅"},
    }  # fmt: skip


def test_the_table_shows_number_and_share(cast: Cast) -> None:
    Student.objects.filter(pk=cast.pupils[0].pk).update(id_hash="")
    text = login(cast.head).get("/completeness/").content.decode()
    assert f"/completeness/list/?classroom={cast.seven.pk}&amp;lacks=id" in text
    assert "16.67%" in text
    assert "八(1)班" not in text


def test_the_office_sees_every_class_and_their_sum(cast: Cast) -> None:
    response = login(cast.clerk).get("/completeness/")
    assert [line.classroom for line in response.context["lines"]] == [cast.seven, cast.eight]
    assert response.context["total"].pupils == 12


def test_a_family_is_checked_in_one_tap_and_one_stays_in_the_list(cast: Cast) -> None:
    client = login(cast.head)
    data = {"classroom": cast.seven.pk, "lacks": "checked", "page": "1"}
    response = client.post(f"/students/{cast.pupils[0].pk}/checked/", data)
    assert response.url == f"/completeness/list/?classroom={cast.seven.pk}&lacks=checked&page=1"
    assert Student.objects.get(pk=cast.pupils[0].pk).checked_on == WEDNESDAY
    assert "赵海燕" not in listed(cast, "checked")
    assert AuditEntry.objects.get(verb=Verb.STUDENT).detail == {"changed": ["checked_on"]}


def test_a_whole_class_is_checked_and_no_other(cast: Cast) -> None:
    assert login(cast.head).post(f"/completeness/classes/{cast.seven.pk}/checked/").status_code == 302
    assert set(Student.objects.filter(checked_on=WEDNESDAY)) == set(cast.pupils)
    assert login(cast.head).post(f"/completeness/classes/{cast.eight.pk}/checked/").status_code == 404


@pytest.mark.parametrize("url", ["/completeness/", "/completeness/list/", "/doubts/", "/visits/", "/students/"])
def test_the_pages_cost_the_same_with_more_pupils(cast: Cast, django_assert_max_num_queries, url: str) -> None:
    client = login(cast.clerk)
    Student.objects.filter(pk=cast.pupils[1].pk).update(sex="1")
    with django_assert_max_num_queries(16) as few:
        client.get(url)
    for seat in range(20, 60):
        pupil = make_pupil(cast.school, cast.seven, seat, f"学生{seat}", 100 + seat)
        Student.objects.filter(pk=pupil.pk).update(sex="1", id_hash="")
    with django_assert_max_num_queries(len(few)):
        client.get(url)


def test_a_subject_teacher_sees_no_class_here(cast: Cast) -> None:
    assert login(cast.subject).get("/completeness/").status_code == 403


# --- Doubts and to-dos ------------------------------------------------------------------------------------------
def test_the_doubts_of_ones_own_class_are_listed(cast: Cast) -> None:
    Student.objects.filter(pk__in=[cast.pupils[1].pk, cast.others[1].pk]).update(sex="1")
    found = login(cast.head).get("/doubts/").context["found"]
    assert [(place.student, doubt.kind) for place, doubt in found] == [(cast.pupils[1], "sex")]
    found = login(cast.clerk).get("/doubts/").context["found"]
    assert {place.student for place, _ in found} == {cast.pupils[1], cast.others[1]}


def test_what_awaits_the_head_teacher_leads_to_its_list(cast: Cast) -> None:
    Student.objects.filter(pk=cast.pupils[1].pk).update(sex="1")
    found = {todo.text: todo.url for todo in todos.of_teacher(cast.head, cast.seven, WEDNESDAY)}
    of_this = f"?classroom={cast.seven.pk}"
    assert found["1名学生的信息有疑点，请核对"] == reverse("students:doubts") + of_this
    assert found["6名学生家里打不通电话，请上门家访"] == reverse("students:to_visit") + of_this
    assert any("摸底" in text for text in found)


# --- The list of pupils -----------------------------------------------------------------------------------------
def names(cast: Cast, **asked: str) -> set[str]:
    response = login(cast.head).get("/students/", asked)
    return {row.student.name for row in response.context["page"].object_list}


def test_the_list_is_narrowed_by_village_standing_and_group(cast: Cast) -> None:
    Student.objects.filter(pk=cast.pupils[0].pk).update(village="松林村")
    roll.record(
        actor=cast.clerk,
        student=cast.pupils[1],
        kind=Change.SUSPENSION,
        on=WEDNESDAY,
        settled_on=WEDNESDAY,
        basis="证明",
    )
    Tag.objects.create(student=cast.pupils[2], kind=TagKind.POVERTY, starts_on=WEDNESDAY)
    Tag.objects.create(student=cast.pupils[3], kind=TagKind.POVERTY, starts_on=datetime.date(2026, 1, 1),
                       ends_on=datetime.date(2026, 3, 10))  # fmt: skip
    assert names(cast, village="松林") == {"赵海燕"}
    assert names(cast, standing="suspended") == {"李建军"}
    assert names(cast, tag=TagKind.POVERTY) == {"王小梅"}


def test_a_tap_on_the_card_leads_back_to_the_card(cast: Cast) -> None:
    url = f"/students/{cast.pupils[0].pk}/"
    assert login(cast.head).post(f"{url}checked/").url == url
    assert "家庭信息2026年3月11日核对过" in login(cast.head).get(url).content.decode()
