"""摸底册: keeping households and members, in the browser and by the verbs."""

import datetime
from typing import Any

import pytest
from django.test import Client

from schools.codes import Verb
from schools.models import AuditEntry
from students import survey
from students.codes import Schooling
from students.models import Household, Paper, Resident
from students.roll import RollRefusal
from tests.cast import WEDNESDAY, Cast, id_number, login
from tests.students.surveybook import elsewhere, household, member

HOME = {"number": "12", "head": "赵大山", "village": "柳树村", "hamlet": "3组", "is_local": "on"}


@pytest.fixture
def clerk(cast: Cast) -> Client:
    return login(cast.clerk)


def text(client: Client, url: str, sent: dict[str, Any] | None = None) -> str:
    response = client.post(url, sent, follow=True) if sent is not None else client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_household_and_a_child_are_entered_in_the_browser(cast: Cast, clerk: Client) -> None:
    text(clerk, "/survey/households/new/", HOME)
    home = Household.objects.get()
    number = id_number(77, "20150506")
    child = {
        "name": "赵小溪",
        "relation": "子",
        "id_number": number,
        "schooling": "local_out",
        "school_name": "清江一小",
    }
    page = text(clerk, f"/survey/households/{home.pk}/members/new/", child)
    assert "赵小溪" in page
    assert "本在外" in page
    assert "没有就读证明" in page
    resident = Resident.objects.get()
    assert (resident.birth_date, resident.sex) == (datetime.date(2015, 5, 6), "1")
    assert number not in text(clerk, f"/survey/members/{resident.pk}/")
    assert resident.id_no.reveal() == number
    entries = AuditEntry.objects.filter(verb=Verb.SURVEY)
    assert entries.count() == 2
    assert not any(word in str(entry.detail) for entry in entries for word in ("赵", number))


def test_an_empty_number_leaves_the_stored_one(cast: Cast, clerk: Client) -> None:
    resident = member(cast, household(cast), id_no=id_number(77, "20140501"))
    text(clerk, f"/survey/members/{resident.pk}/edit/", {"name": "赵小西", "id_number": "", "birth_date": "2014-05-01"})
    resident.refresh_from_db()
    assert (resident.name, resident.id_no.reveal()) == ("赵小西", id_number(77, "20140501"))


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"name": ""}, "请填写这一项"),
        ({"id_number": "53000020140501001"}, "身份证号应为18位"),
        ({"id_number": id_number(1, "20140502")}, "与身份证号里的出生日期不同"),
        ({"schooling": "local_out"}, "本在外的请写就读学校"),
        ({"birth_date": "2027-01-01"}, "不能晚于今天"),
    ],
)
def test_what_is_refused_is_said_and_nothing_typed_is_lost(
    cast: Cast, clerk: Client, sent: dict[str, str], sentence: str
) -> None:
    home = household(cast)
    typed = {"name": "赵小溪", "birth_date": "2014-05-01", "whereabouts": "省外务工的父母处"} | sent
    page = text(clerk, f"/survey/households/{home.pk}/members/new/", typed)
    assert sentence in page
    assert "省外务工的父母处" in page
    assert not Resident.objects.exists()


def test_a_household_number_is_used_once(cast: Cast, clerk: Client) -> None:
    household(cast, "12")
    assert "这个户编号已经用过。" in text(clerk, "/survey/households/new/", HOME)
    assert Household.objects.count() == 1


def test_households_are_found_by_village_head_and_age(cast: Cast, clerk: Client) -> None:
    one, two = household(cast, "1", "赵大山"), household(cast, "2", "钱老四")
    three = household(cast, "3", "孙三", village="松林村")
    member(cast, one)
    member(cast, two, "钱小妹", birth_date=datetime.date(2022, 1, 1))
    member(cast, three, "孙少年", birth_date=datetime.date(2012, 1, 1))

    def found(**chosen: str) -> set[Household]:
        return set(clerk.get("/survey/households/", chosen).context["page"].object_list)

    assert found() == {one, two, three}
    assert found(village="柳树村") == {one, two}
    assert found(q="钱") == {two}
    assert found(q="少年") == {three}
    assert found(band="primary") == {one}
    assert found(band="below") == {two}
    assert found(band="school") == {one, three}
    assert found(band="junior", village="柳树村") == set()
    rows = {row: (row.members, row.children) for row in clerk.get("/survey/households/").context["page"].object_list}
    assert rows == {one: (1, 1), two: (1, 0), three: (1, 1)}


def test_leaving_is_dated_and_the_member_stays_in_the_book(cast: Cast, clerk: Client) -> None:
    resident = member(cast, household(cast))
    page = text(clerk, f"/survey/members/{resident.pk}/gone/", {"gone_as": "moved", "on": "2026-03-02"})
    assert "迁出" in page
    assert "不能晚于今天" in text(
        clerk, f"/survey/members/{resident.pk}/gone/", {"gone_as": "died", "on": "2026-03-12"}
    )
    assert "已经登记过" in text(clerk, f"/survey/members/{resident.pk}/gone/", {"gone_as": "died", "on": "2026-03-10"})
    resident.refresh_from_db()
    assert (resident.gone_as, resident.gone_on) == ("moved", datetime.date(2026, 3, 2))


def test_the_same_name_and_birth_date_are_only_proposed(cast: Cast, clerk: Client) -> None:
    pupil = cast.pupils[2]
    resident = member(cast, household(cast), pupil.name, birth_date=pupil.birth_date)
    assert resident.student is None
    assert "请核对是不是同一个人" in text(clerk, f"/survey/members/{resident.pk}/")
    page = text(clerk, f"/survey/members/{resident.pk}/link/", {"student": str(pupil.pk)})
    assert "（按学籍）" in page
    page = text(clerk, f"/survey/members/{resident.pk}/unlink/", {})
    assert "请核对是不是同一个人" in page


def test_a_pupil_of_another_name_or_school_is_not_linked(cast: Cast, clerk: Client) -> None:
    resident = member(cast, household(cast), cast.pupils[2].name, birth_date=cast.pupils[2].birth_date)
    assert "不完全相同" in text(clerk, f"/survey/members/{resident.pk}/link/", {"student": str(cast.pupils[1].pk)})
    far = str(cast.far_pupils[2].pk)
    assert "没有这名学生" in text(clerk, f"/survey/members/{resident.pk}/link/", {"student": far})
    resident.refresh_from_db()
    assert resident.student is None


def test_a_match_by_number_is_not_taken_back(cast: Cast, clerk: Client) -> None:
    resident = member(cast, household(cast), "赵海燕", id_number(1))
    assert "请先更正身份证号" in text(clerk, f"/survey/members/{resident.pk}/unlink/", {})


def test_a_proof_needs_the_paper_or_who_saw_it(cast: Cast, clerk: Client) -> None:
    child = elsewhere(cast, household(cast), "钱小河")
    sent = {"grade": "call", "title": "电话核实，清江一小王老师接听"}
    assert "请上传材料，或写明谁在哪一天核验过原件。" in text(clerk, f"/survey/members/{child.pk}/proof/", sent)
    page = text(clerk, f"/survey/members/{child.pk}/proof/", sent | {"seen_by": "赵教务", "seen_on": "2026-03-10"})
    assert "电话核实，清江一小王老师接听" in page
    assert "没有就读证明" not in page
    assert Paper.objects.get().grade == "call"


def test_a_wrong_proof_is_voided_with_its_reason(cast: Cast, clerk: Client) -> None:
    child = elsewhere(cast, household(cast), "钱小河", "receipt")
    paper = Paper.objects.get()
    assert "请写明作废原因" in text(clerk, f"/survey/papers/{paper.pk}/void/", {"reason": ""})
    assert "没有就读证明" in text(clerk, f"/survey/papers/{paper.pk}/void/", {"reason": "是另一个孩子的"})
    assert Paper.objects.get().void_reason == "是另一个孩子的"
    assert child.papers.standing().count() == 0


def test_deferral_is_registered_with_its_approval(cast: Cast, clerk: Client) -> None:
    child = member(cast, household(cast), schooling=Schooling.NEVER)
    sent = {"approved_by": "乡镇人民政府", "number": "青政〔2025〕7号", "approved_on": "2025-08-20",
            "until": "2025-08-01", "seen_by": "赵教务", "seen_on": "2026-03-10"}  # fmt: skip
    assert "期满日期要晚于批准日期" in text(clerk, f"/survey/members/{child.pk}/deferral/", sent)
    page = text(clerk, f"/survey/members/{child.pk}/deferral/", sent | {"until": "2026-08-31"})
    assert "缓学批准(乡镇人民政府)" in page
    child.refresh_from_db()
    assert (child.schooling, child.deferred_until) == (Schooling.DEFERRED, datetime.date(2026, 8, 31))


@pytest.mark.parametrize("who", ["head", "admin", "far_clerk"])
def test_the_verbs_ask_for_the_duty_again(cast: Cast, who: str) -> None:
    home = household(cast)
    resident, actor = member(cast, home), getattr(cast, who)
    deeds = [
        lambda: survey.keep_household(actor=actor, household=home),
        lambda: survey.keep_resident(actor=actor, resident=resident),
        lambda: survey.gone(actor=actor, resident=resident, on=WEDNESDAY, gone_as="moved"),
        lambda: survey.link(actor=actor, resident=resident, student=cast.pupils[0]),
        lambda: survey.unlink(actor=actor, resident=resident),
        lambda: survey.prove(actor=actor, resident=resident, grade="call", title="x", seen_by="x", seen_on=WEDNESDAY),
    ]
    for deed in deeds:
        with pytest.raises(RollRefusal, match="岗位"):
            deed()
