"""The pupil's card: the 72 items, its sections changed by hand, doubtful facts, the groups of one child."""

import datetime
import re

import pytest
from django.test import Client

from schools import trail
from schools.codes import Verb
from schools.models import AuditEntry
from students import doubts, editing, groups, items
from students.codes import DoubtKind, TagKind
from students.models import FactDoubt, Student, StudentDetails, Tag
from students.roll import RollRefusal
from tests.cast import WEDNESDAY, Cast, id_number, login

NUMBER = re.compile(r"\d{17}[\dX]|\d{11}")


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def form_of(client: Client, url: str) -> dict[str, str]:
    """What a browser would send back from a form as it stands."""
    form = client.get(url).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def changes() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(verb=Verb.STUDENT).order_by("seq"))


# --- The items --------------------------------------------------------------------------------------------------
def test_the_national_form_has_72_items_each_once() -> None:
    assert sorted(item.number for item in items.ON_FORM) == list(range(1, 73))
    required = {item.number for item in items.ON_FORM if item.required}
    assert {1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 17, 18, 22, 23, 24, 25, 26, 28, 29, 30, 31, 32} <= required
    assert not required & {5, 11, 13, 14, 15, 16, 19, 20, 21, 27, 33, 34, 41, 42, 43, 46, 47, 48}


def test_the_card_shows_every_group_and_masks_every_number(cast: Cast) -> None:
    pupil = cast.pupils[0]
    StudentDetails.objects.create(student=pupil, phone="1" + "0012345678", political="14", commute="1")
    guardian = pupil.guardians.get()
    guardian.id_no = id_number(77, "19850102")
    guardian.save()
    text = page(login(cast.head), f"/students/{pupil.pk}/")
    for words in (*items.GROUPS, "少先队员", "步行", "100****5678", "530000************"):
        assert words in text
    assert not NUMBER.search(text)


@pytest.mark.parametrize("more", [0, 8])
def test_the_card_costs_the_same_with_a_large_family(cast: Cast, django_assert_max_num_queries, more: int) -> None:
    for serial in range(more):
        cast.pupils[0].guardians.create(name=f"亲属{serial}", relation="97", position=serial + 2)
    client = login(cast.head)
    with django_assert_max_num_queries(26):
        client.get(f"/students/{cast.pupils[0].pk}/")


# --- Sections ---------------------------------------------------------------------------------------------------
def test_the_class_teacher_changes_an_address_and_the_trail_keeps_no_value(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    url = f"/students/{pupil.pk}/edit/contact/"
    data = form_of(client, url) | {
        "address": "青石乡松林村5组",
        "village": "松林村",
        "hamlet": "5组",
        "postcode": "650000",
    }
    assert client.post(url, data).status_code == 302
    pupil.refresh_from_db()
    assert (pupil.address, pupil.village, pupil.hamlet) == ("青石乡松林村5组", "松林村", "5组")
    assert pupil.details.postcode == "650000"
    entry = changes()[0]
    assert set(entry.detail["changed"]) == {"address", "village", "hamlet", "postcode"}
    assert "松林村" not in str(entry.detail)
    assert "现住址" in trail.lines([entry])[0].detail


def test_saving_without_a_change_leaves_no_trace_and_no_row(cast: Cast) -> None:
    client, url = login(cast.head), f"/students/{cast.pupils[0].pk}/edit/extended/"
    assert client.post(url, form_of(client, url)).status_code == 302
    assert changes() == []
    assert not StudentDetails.objects.exists()


def test_a_phone_is_never_filled_in_and_an_empty_box_leaves_it(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    StudentDetails.objects.create(student=pupil, phone="1" + "0012345678")
    url = f"/students/{pupil.pk}/edit/contact/"
    text = page(client, url)
    assert "100****5678" in text
    assert not NUMBER.search(text)
    client.post(url, form_of(client, url) | {"village": "松林村"})
    assert StudentDetails.objects.get().phone == "1" + "0012345678"
    client.post(url, form_of(client, url) | {"phone": "无"})
    assert StudentDetails.objects.get().phone == "无"


@pytest.mark.parametrize(
    ("section", "box", "typed", "said"),
    [
        ("contact", "phone", "12345", "不是电话号码"),
        ("contact", "postcode", "12", "6位"),
        ("roll", "entry_month", "去年", "2025-09"),
        ("extended", "distance_km", "-1", "负数"),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_the_box(
    cast: Cast, section: str, box: str, typed: str, said: str
) -> None:
    client, url = login(cast.clerk), f"/students/{cast.pupils[0].pk}/edit/{section}/"
    response = client.post(url, form_of(client, url) | {box: typed})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert f'value="{typed}"' in response.content.decode()


def test_name_and_numbers_are_the_offices_and_stand_on_a_paper(cast: Cast) -> None:
    pupil, url = cast.pupils[0], f"/students/{cast.pupils[0].pk}/edit/identity/"
    teacher = login(cast.head)
    refused = teacher.post(url, form_of(teacher, url) | {"name": "赵海雁", "basis": "户口簿"})
    assert "教务员或校长" in refused.content.decode()
    clerk = login(cast.clerk)
    assert "请填写这一项" in clerk.post(url, form_of(clerk, url) | {"name": "赵海雁"}).content.decode()
    number = id_number(91, "20130413")
    data = form_of(clerk, url) | {"name": "赵海雁", "id_no": number, "basis": "户口簿"}
    assert clerk.post(url, data).status_code == 302
    pupil.refresh_from_db()
    assert (pupil.name, pupil.initials, pupil.id_no.reveal()) == ("赵海雁", "zhy", number)
    assert Student.objects.with_id_number(number).get() == pupil
    entry = changes()[0]
    assert (entry.reason, set(entry.detail["changed"])) == ("户口簿", {"name", "id_no"})
    assert "赵海雁" not in str(entry.detail)


@pytest.mark.parametrize(
    ("box", "typed", "said"),
    [
        ("id_no", id_number(1)[:17], "18位"),
        ("id_no", id_number(2), "本校已有学生"),
        ("roll_no", "X123", "字母G、J或L"),
        ("birth_date", "2027-01-01", "不能晚于今天"),
        ("basis", "证号" + id_number(5), "不要写身份证号"),
    ],
)
def test_an_identity_that_cannot_be_is_refused_in_words(cast: Cast, box: str, typed: str, said: str) -> None:
    client, url = login(cast.clerk), f"/students/{cast.pupils[0].pk}/edit/identity/"
    response = client.post(url, form_of(client, url) | {"basis": "户口簿"} | {box: typed})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert changes() == []


def test_who_comes_second_sees_both_values_and_loses_nothing(cast: Cast) -> None:
    pupil, url = cast.pupils[0], f"/students/{cast.pupils[0].pk}/edit/contact/"
    teacher, clerk = login(cast.head), login(cast.clerk)
    opened = form_of(teacher, url)
    clerk.post(url, form_of(clerk, url) | {"village": "云顶村"})
    response = teacher.post(url, opened | {"village": "松林村"})
    text = response.content.decode()
    assert response.status_code == 422
    assert "云顶村" in text
    assert 'value="松林村"' in text
    again = {name: response.context["form"][name].value() or "" for name in response.context["form"].fields}
    assert teacher.post(url, again).status_code == 302
    pupil.refresh_from_db()
    assert pupil.village == "松林村"


def test_a_section_that_does_not_exist_is_no_page(cast: Cast) -> None:
    assert login(cast.clerk).get(f"/students/{cast.pupils[0].pk}/edit/marks/").status_code == 404


def test_a_head_teacher_keeps_only_who_is_in_the_class_now(cast: Cast) -> None:
    section = editing.SECTIONS["contact"]
    pupil = cast.others[0]
    with pytest.raises(RollRefusal):
        editing.edit(
            actor=cast.head, student=pupil, section=section, seen=editing.fingerprint_of(pupil, section),
            values={"village": "松林村"},
        )  # fmt: skip


# --- Doubtful facts ---------------------------------------------------------------------------------------------
def kinds(student: Student) -> set[DoubtKind]:
    student.refresh_from_db()
    return {doubt.kind for doubt in doubts.open_doubts([student], WEDNESDAY)}


def settle(client: Client, student: Student, kind: str, reason: str) -> int:
    url = f"/students/{student.pk}/doubts/{kind}/"
    return client.post(url, form_of(client, url) | {"reason": reason}).status_code


def test_a_fact_against_the_id_number_is_shown_until_settled_and_again_when_it_changes(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    assert kinds(pupil) == set()
    Student.objects.filter(pk=pupil.pk).update(sex="2", birth_date=datetime.date(2013, 4, 21))
    assert kinds(pupil) == {DoubtKind.SEX, DoubtKind.BIRTH}
    text = page(client, f"/students/{pupil.pk}/")
    assert "出生日期填的是2013年4月21日，身份证号表示2013年4月12日" in text
    assert settle(client, pupil, "birth", "对") == 422
    assert settle(client, pupil, "birth", "已对户口簿，确有错户籍") == 302
    assert kinds(pupil) == {DoubtKind.SEX}
    row = FactDoubt.objects.get()
    assert (row.settled_by, row.reason) == (cast.head, "已对户口簿，确有错户籍")
    assert [entry.detail for entry in changes()] == [{"doubt": "birth"}]
    Student.objects.filter(pk=pupil.pk).update(birth_date=datetime.date(2013, 4, 22))
    assert kinds(pupil) == {DoubtKind.SEX, DoubtKind.BIRTH}


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({"birth_date": datetime.date(2006, 3, 1), "id_type": "其他"}, DoubtKind.AGE),
        ({"birth_date": datetime.date(2021, 3, 12), "id_type": "其他"}, DoubtKind.AGE),
        ({"id_no": "", "id_hash": ""}, DoubtKind.NO_ID),
    ],
)
def test_an_odd_age_and_a_missing_number_are_doubts(cast: Cast, facts: dict, kind: DoubtKind) -> None:
    Student.objects.filter(pk=cast.pupils[0].pk).update(**facts)
    assert kinds(cast.pupils[0]) == {kind}


@pytest.mark.parametrize("birth", [datetime.date(2021, 3, 11), datetime.date(2007, 3, 12)])
def test_five_and_eighteen_are_no_odd_ages(cast: Cast, birth: datetime.date) -> None:
    Student.objects.filter(pk=cast.pupils[0].pk).update(birth_date=birth, id_type="其他")
    assert kinds(cast.pupils[0]) == set()


def test_a_roll_number_of_an_earlier_id_number_is_only_a_notice(cast: Cast) -> None:
    pupil = cast.pupils[0]
    pupil.set_numbers(roll_no="G" + id_number(501))
    pupil.save()
    assert kinds(pupil) == set()
    assert "改过身份证号的学生会这样" in page(login(cast.head), f"/students/{pupil.pk}/")


def test_a_doubt_that_changed_meanwhile_is_not_settled_unseen(cast: Cast) -> None:
    pupil = cast.pupils[0]
    Student.objects.filter(pk=pupil.pk).update(sex="2")
    with pytest.raises(RollRefusal, match="刚刚改过"):
        doubts.settle(actor=cast.head, student=pupil, kind="sex", seen="0" * 64, reason="已对户口簿")


# --- Groups -----------------------------------------------------------------------------------------------------
def mark(client: Client, student: Student, kind: str, **more: str):
    return client.post(f"/students/{student.pk}/tags/new/", {"kind": kind, "starts_on": "2026-03-01"} | more)


def test_a_tag_begins_and_ends_with_its_days(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    assert mark(client, pupil, TagKind.LEFT_BEHIND_SINGLE, detail="父亲在外务工").status_code == 302
    tag = Tag.objects.get()
    assert (tag.starts_on, tag.detail) == (datetime.date(2026, 3, 1), "父亲在外务工")
    assert "单亲留守" in page(client, f"/students/{pupil.pk}/")
    end = f"/students/{pupil.pk}/tags/{tag.pk}/end/"
    assert client.post(end, {"ends_on": "2026-02-01"}).status_code == 422
    assert client.post(end, {"ends_on": "2026-03-10"}).status_code == 302
    tag.refresh_from_db()
    assert tag.ends_on == datetime.date(2026, 3, 10)
    assert [entry.detail["tag"] for entry in changes()] == [TagKind.LEFT_BEHIND_SINGLE] * 2


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        (TagKind.LEFT_BEHIND_BOTH, {}, "只能标一种"),
        (TagKind.LEFT_BEHIND_SINGLE, {}, "已经标了"),
        (TagKind.DISABLED, {}, "类别和等级"),
        (TagKind.MIGRANT, {"starts_on": "2026-03-12"}, "不能晚于今天"),
        ("", {}, "请选择类别"),
    ],
)
def test_a_tag_that_cannot_be_is_refused(cast: Cast, kind: str, more: dict, said: str) -> None:
    client = login(cast.head)
    mark(client, cast.pupils[0], TagKind.LEFT_BEHIND_SINGLE)
    response = mark(client, cast.pupils[0], kind, **more)
    assert response.status_code == 422
    assert said in response.content.decode()


def test_a_tag_put_by_mistake_is_taken_back_with_its_reason(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    mark(client, pupil, TagKind.DISABLED, disability="4", disability_grade="2")
    url = f"/students/{pupil.pk}/tags/{Tag.objects.get().pk}/withdraw/"
    assert client.post(url, {"reason": "错"}).status_code == 422
    assert client.post(url, {"reason": "标错了人"}).status_code == 302
    assert not Tag.objects.exists()
    assert changes()[-1].reason == "标错了人"


def test_who_may_know_of_which_group(cast: Cast) -> None:
    for kind in TagKind:
        Tag.objects.create(student=cast.pupils[0], kind=kind, starts_on=WEDNESDAY)
    near = {TagKind.BEHAVIOUR, TagKind.POVERTY, TagKind.MONITORED, TagKind.MINIMUM_LIVING, TagKind.DESTITUTE,
            TagKind.HARDSHIP, TagKind.STRUGGLING}  # fmt: skip
    seen = {
        name: {TagKind(tag.kind) for tag in Tag.objects.visible_to(getattr(cast, name))}
        for name in ("head", "clerk", "principal", "other_head", "subject", "far_clerk", "admin", "county_officer")
    }
    assert seen == {
        "head": set(TagKind), "clerk": set(TagKind), "principal": set(TagKind), "other_head": set(), "subject": set(),
        "far_clerk": set(), "admin": set(), "county_officer": set(TagKind) - near,
    }  # fmt: skip
    assert {kind for group in groups.TAG_GROUPS.values() for kind in group} == set(TagKind)
