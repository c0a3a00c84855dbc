"""Import of the 摸底册: every row has one outcome, refusals are said in words, nothing is deleted."""

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from schools.codes import Verb
from schools.models import AuditEntry
from students import survey_import
from students.models import Household, Paper, Resident, SurveyBatch
from students.roll import RollRefusal
from tests.cast import Cast, id_number, login
from tests.students.roster_files import workbook
from tests.students.surveybook import household, member

HEADER = ("户编号", "户主", "村组", "成员姓名", "与户主关系", "性别", "民族", "出生年月", "身份证", "文化程度",
          "就学状况", "就读学校", "年级", "残疾", "外出去向", "证明", "调查人", "日期")  # fmt: skip


def row(**said: Any) -> list[Any]:
    return [said.get(header, "") for header in HEADER]


def child(name: str = "赵小溪", **said: Any) -> list[Any]:
    return row(
        **{"户编号": "12", "户主": "赵大山", "村组": "柳树村3组", "成员姓名": name, "出生年月": "20140501"} | said
    )


def upload(cast: Cast, *rows: list[Any]) -> SurveyBatch:
    data = workbook(("摸底", [["云岭县青石乡文化户口册"], HEADER, *rows]))
    batch = survey_import.upload(actor=cast.clerk, school=cast.school, file=ContentFile(data, name="摸底册.xlsx"))
    return SurveyBatch.objects.get(pk=batch.pk)


def bring_in(cast: Cast, *rows: list[Any]) -> dict[str, int]:
    """Upload and confirm; the account, which adds up."""
    batch = upload(cast, *rows)
    plan = survey_import.preview(batch)
    survey_import.confirm(actor=cast.clerk, batch=batch, seen=plan.digest)
    account = batch.account
    assert account["rows"] == sum(account[key] for key in ("created", "updated", "unchanged", "refused")) == len(rows)
    return account


def reasons(cast: Cast, *rows: list[Any]) -> list[str]:
    return ["；".join(line.row.refusals) for line in survey_import.preview(upload(cast, *rows)).lines]


def test_a_list_is_read_as_villages_write_it(cast: Cast) -> None:
    number = id_number(9, "20140501")
    account = bring_in(
        cast,
        row(户编号="12", 户主="赵大山", 村组="柳树村3组", 成员姓名="赵大山", 与户主关系="户主", 文化程度="初中"),
        row(成员姓名="赵小溪", 与户主关系="女", 性别="女", 民族="汉", 身份证=number, 就学状况="本在外",
            就读学校="清江一小", 年级="五年级", 残疾="听力", 证明="学籍系统截图", 调查人="赵教务", 日期="2026-03-02"),
        row(户编号="13", 户主="钱老四", 村组="松林村", 成员姓名="钱小妹", 出生年月="2020.5", 就学状况="学龄前"),
    )  # fmt: skip
    assert (account["created"], account["households"]) == (3, 2)
    girl = Resident.objects.get(name="赵小溪")
    assert (girl.household.number, girl.household.village, girl.household.hamlet) == ("12", "柳树村", "3组")
    assert (girl.sex, girl.ethnicity, str(girl.birth_date), girl.grade) == ("2", "01", "2014-05-01", "五年级")
    assert (girl.schooling, girl.disability, girl.id_no.reveal()) == ("local_out", "2", number)
    paper = Paper.objects.get()
    assert (paper.resident, paper.grade, paper.seen_by) == (girl, "screenshot", "赵教务")
    assert str(Resident.objects.get(name="钱小妹").birth_date) == "2020-05-01"


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    rows = [child(身份证=id_number(9, "20140501"), 证明="回执", 调查人="赵教务", 日期="2026-03-02"), child("赵小河")]
    bring_in(cast, *rows)
    before = list(Resident.objects.order_by("pk").values_list("pk", "name", "id_hash", "birth_date"))
    assert bring_in(cast, *rows)["unchanged"] == 2
    assert list(Resident.objects.order_by("pk").values_list("pk", "name", "id_hash", "birth_date")) == before
    assert Paper.objects.count() == 1


def test_a_difference_is_shown_by_field_and_an_empty_cell_leaves_the_value(cast: Cast) -> None:
    bring_in(cast, child(就学状况="失学", 外出去向="省外"), child("赵小河"))
    batch = upload(cast, child(就学状况="本在外", 就读学校="清江一小"), child("赵小河"))
    plan = survey_import.preview(batch)
    assert [(line.outcome, [(c.label, c.old, c.new) for c in line.changes]) for line in plan.lines] == [
        ("updated", [("就学状况", "失学(未入学)", "本在外"), ("就读学校", "", "清江一小")]),
        ("unchanged", []),
    ]
    survey_import.confirm(actor=cast.clerk, batch=batch, seen=plan.digest)
    assert Resident.objects.get(name="赵小溪").whereabouts == "省外"


def test_people_who_are_not_in_the_file_stay(cast: Cast) -> None:
    member(cast, household(cast, "99"), "孙小石")
    bring_in(cast, child())
    assert set(Resident.objects.values_list("name", flat=True)) == {"孙小石", "赵小溪"}


def test_a_pupil_of_ours_is_linked_by_number(cast: Cast) -> None:
    bring_in(cast, child("赵海燕", 身份证=id_number(1), 出生年月=""))
    assert Resident.objects.get().student == cast.pupils[0]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"成员姓名": ""}, "没有姓名"),
        ({"户编号": ""}, "没有户编号"),
        ({"身份证": "53000020140501001"}, "身份证号应为18位"),
        ({"身份证": 530000201405010010}, "被Excel改成了数字"),
        ({"身份证": id_number(9, "20130501")}, "出生日期与身份证号不同"),
        ({"出生年月": "20270101"}, "出生日期晚于今天"),
        ({"出生年月": "2014年13月"}, "认不出"),
        ({"性别": "不知"}, "性别「不知」认不出"),
        ({"日期": "2026-03-12"}, "调查日期晚于今天"),
    ],
)
def test_what_can_t_be_taken_is_refused_in_words(cast: Cast, said: dict[str, Any], reason: str) -> None:
    (told,) = reasons(cast, child(**said))
    assert reason.removeprefix("身份证号") in told


def test_doubles_and_contradictions_are_told_apart(cast: Cast) -> None:
    home = household(cast, "77", "孙三")
    member(cast, home, "孙小石", id_number(9, "20140501"))
    assert reasons(
        cast,
        child("赵小溪"),
        child("赵小溪"),
        child("赵小河", 户主="赵二"),
        child("孙小石", 身份证=id_number(9, "20140501")),
    ) == [
        "",
        "与第3行是同一个人，只收前面一行",
        "户编号与第3行相同，户主却不同",
        "这个身份证号已登记在另一户；搬了家的，请先在原来那户登记迁出",
    ]


def test_words_that_are_not_known_are_left_out_and_said(cast: Cast) -> None:
    plan = survey_import.preview(upload(cast, child(就学状况="在读", 证明="有", 残疾="是", 文化程度="很高")))
    assert plan.lines[0].row.warnings == [
        "文化程度「很高」认不出，没有存", "就学状况「在读」认不出，没有存", "残疾「是」没写是哪一类，没有存",
        "证明「有」没写是回执、截图还是电话核实，没有存",
    ]  # fmt: skip


def test_a_proof_without_a_witness_is_not_kept(cast: Cast) -> None:
    bring_in(cast, child(就学状况="本在外", 就读学校="清江一小", 证明="回执"))
    assert not Paper.objects.exists()


def test_a_book_that_changed_meanwhile_is_previewed_again(cast: Cast) -> None:
    bring_in(cast, child())
    batch = upload(cast, child(年级="五年级"))
    seen = survey_import.preview(batch).digest
    Resident.objects.update(grade="五年级")
    with pytest.raises(survey_import.ImportMovedOn, match="预览之后摸底册有了变动"):
        survey_import.confirm(actor=cast.clerk, batch=batch, seen=seen)


def test_only_the_office_of_the_school_imports(cast: Cast) -> None:
    data = ContentFile(workbook(("摸底", [HEADER, child()])), name="x.xlsx")
    with pytest.raises(RollRefusal):
        survey_import.upload(actor=cast.far_clerk, school=cast.school, file=data)


def test_the_whole_way_in_the_browser(cast: Cast) -> None:
    client = login(cast.clerk)
    data = workbook(("摸底", [HEADER, child(身份证=id_number(9, "20140501")), child("赵小河", 性别="？")]))
    page = client.post("/survey/import/", {"file": _named(data)}, follow=True)
    assert "还没有写入" in page.content.decode()
    assert "性别「?」认不出" in page.content.decode()
    batch = SurveyBatch.objects.get()
    assert id_number(9, "20140501") not in page.content.decode()
    result = client.post(f"/survey/import/{batch.pk}/confirm/", {"seen": page.context["digest"]}, follow=True)
    assert "已导入：新增1人，更新0人" in result.content.decode()
    batch.refresh_from_db()
    assert not batch.rows
    assert Household.objects.get().head == "赵大山"
    assert AuditEntry.objects.filter(verb=Verb.SURVEY).count() == 1
    again = client.post(f"/survey/import/{batch.pk}/confirm/", {"seen": "x"}, follow=True).content.decode()
    assert "已确认过这份摸底册" in again


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"PK\x03\x04 broken", "姓名\n甲".encode()])
def test_a_file_that_is_no_list_ends_in_a_sentence(cast: Cast, data: bytes) -> None:
    page = login(cast.clerk).post("/survey/import/", {"file": _named(data)})
    assert page.status_code in (200, 302)
    if page.status_code == 200:
        assert page.context["form"].errors["file"]
    assert not Resident.objects.exists()


def test_giving_up_leaves_nothing(cast: Cast) -> None:
    batch = upload(cast, child())
    client: Client = login(cast.clerk)
    client.post(f"/survey/import/{batch.pk}/drop/")
    batch.refresh_from_db()
    assert (batch.status, bool(batch.rows)) == ("dropped", False)
    assert not Resident.objects.exists()


def _named(data: bytes) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = "摸底册.xlsx"
    return file
