"""The page of a group: number, share, make-up, distribution, and the list behind each number."""

import datetime
from urllib.parse import parse_qs

from students.codes import TagGroup, TagKind
from students.models import Student, Tag
from tests.cast import Cast, login, make_pupil


def tag(student: Student, kind: str, **more: object) -> Tag:
    return Tag.objects.create(student=student, kind=kind, starts_on=datetime.date(2026, 2, 23), **more)


def people(response) -> set[Student]:
    return {place.student for place in response.context["page"].object_list}


def test_number_share_and_make_up_of_the_left_behind(cast: Cast) -> None:
    tag(cast.pupils[0], TagKind.LEFT_BEHIND_SINGLE)
    tag(cast.pupils[1], TagKind.LEFT_BEHIND_BOTH)
    tag(cast.others[0], TagKind.LEFT_BEHIND_BOTH)
    tag(cast.pupils[2], TagKind.LEFT_BEHIND_BOTH, ends_on=datetime.date(2026, 3, 10))
    tag(cast.far_pupils[0], TagKind.LEFT_BEHIND_BOTH)
    Student.objects.filter(pk=cast.pupils[1].pk).update(village="松林村")
    response = login(cast.clerk).get("/groups/", {"group": TagGroup.LEFT_BEHIND})
    makeup = response.context["makeup"]
    assert (makeup.total.count, makeup.total.whole) == (3, 12)
    assert [(one.label, one.count) for one in makeup.kinds] == [("单亲留守", 1), ("双亲留守", 2)]
    assert [(one.label, one.count, one.whole) for one in makeup.grades] == [("七年级", 2, 6), ("八年级", 1, 6)]
    assert [(one.label, one.count, one.whole) for one in makeup.villages] == [("柳树村", 2, 11), ("松林村", 1, 1)]
    assert people(response) == {cast.pupils[0], cast.pupils[1], cast.others[0]}


def test_every_number_opens_exactly_its_list(cast: Cast) -> None:
    for student, kind in ((cast.pupils[0], TagKind.ORPHAN), (cast.pupils[1], TagKind.UNATTENDED),
                          (cast.others[2], TagKind.ORPHAN)):  # fmt: skip
        tag(student, kind)
    Student.objects.filter(pk=cast.others[2].pk).update(village="")
    client = login(cast.clerk)
    makeup = client.get("/groups/", {"group": TagGroup.ORPHAN}).context["makeup"]
    for share in (*makeup.kinds, *makeup.grades, *makeup.villages):
        asked = {name: values[0] for name, values in parse_qs(share.query).items()}
        assert len(people(client.get("/groups/", {"group": TagGroup.ORPHAN} | asked))) == share.count, share


def test_a_head_teacher_sees_the_own_class_only(cast: Cast) -> None:
    tag(cast.pupils[0], TagKind.POVERTY)
    tag(cast.others[0], TagKind.POVERTY)
    response = login(cast.head).get("/groups/", {"group": TagGroup.POOR})
    assert people(response) == {cast.pupils[0]}
    assert response.context["makeup"].total.whole == 6


def test_an_unknown_group_is_said_to_be_none(cast: Cast) -> None:
    response = login(cast.head).get("/groups/", {"group": "rich"})
    assert response.status_code == 200
    assert "makeup" not in response.context


def test_odd_shares_find_nobody(cast: Cast) -> None:
    tag(cast.pupils[0], TagKind.ORPHAN)
    for asked in ({"grade": "x"}, {"grade": "junior-abc"}, {"village": "无此村"}):
        assert people(login(cast.head).get("/groups/", {"group": TagGroup.ORPHAN} | asked)) == set()


def test_the_page_costs_the_same_with_more_pupils(cast: Cast, django_assert_max_num_queries) -> None:
    client = login(cast.clerk)
    tag(cast.pupils[0], TagKind.MIGRANT)
    with django_assert_max_num_queries(20) as few:
        client.get("/groups/", {"group": TagGroup.MIGRANT})
    for seat in range(20, 40):
        tag(make_pupil(cast.school, cast.seven, seat, f"学生{seat}", 100 + seat), TagKind.MIGRANT)
    with django_assert_max_num_queries(len(few)):
        client.get("/groups/", {"group": TagGroup.MIGRANT})
