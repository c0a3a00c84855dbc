"""家庭成员: added, changed, called first, what became of a call, and taken away when put down by mistake."""

import datetime
import re

import pytest
from django.test import Client

from followups.codes import Met, Result, Way
from followups.models import Contact
from schools.codes import Verb
from schools.models import AuditEntry
from students import family
from students.codes import PhoneState
from students.models import Guardian, Student
from tests.cast import TERM_START, WEDNESDAY, Cast, id_number, login

MOBILE = "1" + "0012345678"


def boxes(client: Client, url: str) -> dict[str, str]:
    form = client.get(url).context["form"]
    return {name: form[name].value() or "" for name in form.fields if name != "is_guardian"} | {"is_guardian": "on"}


def last_trace() -> AuditEntry:
    return AuditEntry.objects.filter(verb=Verb.STUDENT).latest("seq")


def test_a_member_is_added_behind_the_others(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    url = f"/students/{pupil.pk}/members/new/"
    data = boxes(client, url) | {"name": "赵大娘", "relation": "62", "phone": MOBILE, "id_no": id_number(9, "19600101")}
    assert client.post(url, data).status_code == 302
    first, second = pupil.guardians.all()
    assert (second.name, second.phone, second.id_no.reveal()) == ("赵大娘", MOBILE, id_number(9, "19600101"))
    assert first.position < second.position
    assert "guardian.phone" in last_trace().detail["changed"]
    assert "赵大娘" not in str(last_trace().detail)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "请填写这一项"),
        ({"phone": "123"}, "不是电话号码"),
        ({"id_no": "123456789012345678"}, "身份证号"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(cast: Cast, typed: dict, said: str) -> None:
    client, url = login(cast.head), f"/students/{cast.pupils[0].pk}/members/new/"
    response = client.post(url, boxes(client, url) | {"name": "赵大娘", "works_at": "云岭县城"} | typed)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert "云岭县城" in response.content.decode()
    assert cast.pupils[0].guardians.count() == 1


def test_a_number_stands_masked_beside_its_box_and_an_empty_box_keeps_it(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    pupil.guardians.update(phone=MOBILE, phone_state=PhoneState.ANSWERS)
    url = f"/students/{pupil.pk}/members/{pupil.guardians.get().pk}/"
    text = client.get(url).content.decode()
    assert "100****5678" in text
    assert not re.search(r"\d{11}", text)
    client.post(url, boxes(client, url) | {"works_at": "云岭县城"})
    member = pupil.guardians.get()
    assert (member.phone, member.phone_state, member.works_at) == (MOBILE, PhoneState.ANSWERS, "云岭县城")


def test_a_new_number_is_unchecked_again(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    pupil.guardians.update(phone=MOBILE, phone_state=PhoneState.DEAD)
    url = f"/students/{pupil.pk}/members/{pupil.guardians.get().pk}/"
    client.post(url, boxes(client, url) | {"phone": MOBILE[:-1] + "9"})
    assert pupil.guardians.get().phone_state == PhoneState.UNCHECKED


def test_who_comes_second_sees_both_values(cast: Cast) -> None:
    pupil, teacher, clerk = cast.pupils[0], login(cast.head), login(cast.clerk)
    url = f"/students/{pupil.pk}/members/{pupil.guardians.get().pk}/"
    opened = boxes(teacher, url)
    clerk.post(url, boxes(clerk, url) | {"works_at": "云岭县城"})
    response = teacher.post(url, opened | {"works_at": "白水乡"})
    assert response.status_code == 422
    assert "云岭县城" in response.content.decode()
    assert 'value="白水乡"' in response.content.decode()
    assert pupil.guardians.get().works_at == "云岭县城"


def test_the_one_to_call_stands_first(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    other = Guardian.objects.create(student=pupil, name="赵大娘", position=2)
    assert client.post(f"/students/{pupil.pk}/members/{other.pk}/first/").status_code == 302
    assert [(member.name, member.position) for member in pupil.guardians.all()] == [("赵大娘", 1), ("赵海燕家长", 2)]


def test_a_member_is_removed_only_with_a_reason_and_leaves_a_trace(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    url = f"/students/{pupil.pk}/members/{pupil.guardians.get().pk}/remove/"
    assert client.post(url, {"reason": "错"}).status_code == 422
    assert client.post(url, {"reason": "录错了人"}).status_code == 302
    assert not pupil.guardians.exists()
    assert (last_trace().reason, last_trace().detail["changed"]) == ("录错了人", ["guardian.removed"])
    assert client.get(url).status_code == 404


def test_a_member_of_another_child_is_404(cast: Cast) -> None:
    other = cast.pupils[1].guardians.get()
    assert login(cast.head).get(f"/students/{cast.pupils[0].pk}/members/{other.pk}/").status_code == 404


# --- Calls and visits -------------------------------------------------------------------------------------------
def call(client: Client, pupil: Student, state: str) -> None:
    client.post(f"/students/{pupil.pk}/members/{pupil.guardians.get().pk}/phone/", {"state": state})


def waiting(cast: Cast) -> set[str]:
    places = family.places_to_visit(cast.head, [cast.seven], WEDNESDAY, TERM_START)
    return {place.student.name for place in places}


def test_the_result_of_a_call_is_kept_with_its_day(cast: Cast) -> None:
    pupil, client = cast.pupils[0], login(cast.head)
    pupil.guardians.update(phone=MOBILE)
    call(client, pupil, "silent")
    member = pupil.guardians.get()
    assert (member.phone_state, str(member.phone_checked_on)) == (PhoneState.SILENT, "2026-03-11")
    call(client, pupil, "")
    call(client, pupil, "often")
    assert pupil.guardians.get().phone_state == PhoneState.SILENT


def test_a_family_that_cannot_be_called_is_to_be_visited_until_a_number_works(cast: Cast) -> None:
    Guardian.objects.update(phone=MOBILE)
    pupil, client = cast.pupils[0], login(cast.head)
    assert waiting(cast) == set()
    call(client, pupil, "dead")
    call(client, cast.pupils[1], "none")
    assert waiting(cast) == {"赵海燕", "李建军"}
    assert cast.pupils[1].guardians.get().phone == "无"
    Guardian.objects.create(student=pupil, name="赵大娘", phone=MOBILE, position=2)
    assert waiting(cast) == {"李建军"}


def test_a_number_not_yet_known_is_no_visit(cast: Cast) -> None:
    Guardian.objects.update(phone="")
    assert waiting(cast) == set()


def test_a_visit_where_somebody_was_met_is_enough_for_the_term(cast: Cast) -> None:
    assert len(waiting(cast)) == len(cast.pupils)
    said = {"way": Way.VISIT, "result": Result.OTHER, "made_by": cast.head}
    Contact.objects.create(student=cast.pupils[0], on=WEDNESDAY, met=Met.NOBODY, **said)
    Contact.objects.create(student=cast.pupils[1], on=TERM_START, met=Met.GUARDIAN, **said)
    Contact.objects.create(student=cast.pupils[2], on=datetime.date(2026, 2, 22), met=Met.GUARDIAN, **said)
    assert {pupil.name for pupil in cast.pupils} - waiting(cast) == {"李建军"}


def test_the_page_of_homes_to_visit_is_of_ones_own_class(cast: Cast) -> None:
    found = login(cast.head).get("/visits/").context["found"]
    assert {place.student for place in found} == set(cast.pupils)
    found = login(cast.clerk).get("/visits/", {"classroom": cast.eight.pk}).context["found"]
    assert {place.student for place in found} == set(cast.others)
