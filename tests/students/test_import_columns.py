"""What the import page shows beyond the rows: columns that can be corrected, who is missing, how much would change."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from schools import policy
from schools.codes import Verb
from schools.models import AuditEntry
from students import imports
from students.models import Enrollment, HeadingMeaning, ImportBatch, Student
from tests.cast import WEDNESDAY, Cast, id_number, login
from tests.students.roster_files import bare_workbook


@pytest.fixture
def clerk(cast: Cast) -> Client:
    return login(cast.clerk)


def upload(client: Client, *rows: tuple) -> ImportBatch:
    file = SimpleUploadedFile("名册.xlsx", bare_workbook(rows))
    client.post("/import/", {"file": file, "on": str(WEDNESDAY)})
    return ImportBatch.objects.latest("pk")


def page(client: Client, batch: ImportBatch, part: str = "") -> str:
    return client.get(f"/import/{batch.pk}/", {"part": part}).content.decode()


def digest(text: str) -> str:
    found = re.search(r'name="seen" value="(\w{64})"', text)
    assert found
    return found[1]


LIST = (("姓名", "班级", "爱称", "电话", "电话"), ("丹增", "七(1)班", "枫树村", "1" + "0" * 10, "1" + "0" * 9 + "1"))


# --- columns --------------------------------------------------------------------------------------------------
def choose(client: Client, batch: ImportBatch, **chosen: str):
    """Send the form of the columns: as it stands, with these changed (C="address")."""
    form = client.get(f"/import/{batch.pk}/columns/").context["form"]
    sent = {name: chosen.get(column.letter, column.field) for name, column in form.headings.items()}
    return client.post(f"/import/{batch.pk}/columns/", sent)


def test_each_column_is_shown_with_what_it_is_taken_for(clerk: Client) -> None:
    text = page(clerk, upload(clerk, *LIST))
    assert "认出的列 3 个" in text
    assert "D列「电话」：联系电话" in text
    assert re.search("C列「爱称」：<span[^>]*>不导入", text)


def test_a_correction_is_planned_anew_without_another_upload(clerk: Client) -> None:
    batch = upload(clerk, *LIST)
    assert choose(clerk, batch, C="address", D="", E="mother_phone").url == f"/import/{batch.pk}/"
    (line,) = imports.preview(ImportBatch.objects.get(pk=batch.pk)).lines
    assert line.row.values["address"] == "枫树村"
    assert [(member["relation"], member["phone"][-1]) for member in line.row.values["guardians"]] == [("52", "1")]


def test_it_is_remembered_for_the_school_and_said_the_next_time(cast: Cast, clerk: Client) -> None:
    choose(clerk, upload(clerk, *LIST), C="address", E="mother_phone")
    assert dict(HeadingMeaning.objects.values_list("heading", "field")) == {"爱称": "address", "电话#2": "mother_phone"}
    text = page(clerk, upload(clerk, *LIST))
    assert "其中2列按上次的对应" in text
    assert "C列「爱称」：现住址" in text
    far = upload(login(cast.far_clerk), *LIST)
    assert "其中" not in page(login(cast.far_clerk), far)


def test_what_is_said_back_is_no_longer_remembered(clerk: Client) -> None:
    choose(clerk, upload(clerk, *LIST), C="address")
    choose(clerk, upload(clerk, *LIST), C="")
    assert not HeadingMeaning.objects.exists()


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [({"C": "name"}, "有两列都选了「姓名」"), ({"A": ""}, "一定要有一列是「姓名」"), ({"C": "rows"}, "不是有效选项")],
)
def test_columns_that_can_not_be_read_so(clerk: Client, chosen: dict, sentence: str) -> None:
    response = choose(clerk, upload(clerk, *LIST), **chosen)
    assert response.status_code == 200
    text = response.content.decode()
    assert sentence in text or "选择一个有效的选项" in text
    assert not HeadingMeaning.objects.exists()


# --- who is missing -------------------------------------------------------------------------------------------
def test_who_is_on_the_roll_of_the_classes_and_not_in_the_file_is_listed(cast: Cast, clerk: Client) -> None:
    here = cast.pupils[:3]
    rows = [(pupil.name, Student.objects.get(pk=pupil.pk).id_no.reveal(), "七(1)班") for pupil in here]
    # One row that is refused: that pupil is in the file all the same.
    batch = upload(clerk, ("姓名", "身份证号", "班级"), *rows, (cast.pupils[3].name, 5.3e17, "七(1)班"))
    before = Student.objects.count()
    response = clerk.get(f"/import/{batch.pk}/", {"part": "missing"})
    assert [row.student.name for row in response.context["page"].object_list] == [p.name for p in cast.pupils[4:]]
    assert "不会动他们" in response.content.decode()
    assert Student.objects.count() == before


# --- much at once ---------------------------------------------------------------------------------------------
def test_a_large_change_asks_for_its_number(cast: Cast, clerk: Client) -> None:
    batch = upload(clerk, ("姓名", "班级"), ("丹增", "七(1)班"))
    text = page(clerk, batch)
    assert "请照填改动人数（1）" in text
    for typed in ("", "2"):
        response = clerk.post(f"/import/{batch.pk}/confirm/", {"seen": digest(text), "count": typed})
        said = response.content.decode()
        assert "这次要改动1名学生" in said
        assert f'value="{typed}"' in said
    assert not Student.objects.filter(name="丹增").exists()
    clerk.post(f"/import/{batch.pk}/confirm/", {"seen": digest(text), "count": " 1 "})
    assert Student.objects.filter(name="丹增").exists()


def test_a_small_change_and_the_first_import_ask_for_nothing(cast: Cast, clerk: Client) -> None:
    policy.set_rule(
        actor=cast.principal, school=cast.school, key="import_guard_percent", value="10", basis="校务会",
        from_day=WEDNESDAY,
    )  # fmt: skip
    assert "请照填改动人数" not in page(clerk, upload(clerk, ("姓名", "班级"), ("丹增", "七(1)班")))
    empty = imports.preview(upload(login(cast.far_clerk), ("姓名", "班级"), ("丹增", "七(1)班")))
    assert imports.count_to_type(empty) == 1
    Enrollment.objects.filter(classroom=cast.far_seven).update(voided_at="2026-03-01T00:00Z")
    assert imports.count_to_type(empty) == 0


# --- refused rows ---------------------------------------------------------------------------------------------
def test_refused_rows_come_back_with_their_columns_and_the_reason(cast: Cast, clerk: Client) -> None:
    number = id_number(41)
    rows = (("甲", 5.3e17, "三(2)班", 1.5), ("乙", number, "三(2)班", None), ("丙", number[:15], "火箭班", "=1+1"))
    batch = upload(clerk, ("姓名", "身份证号", "班级", "爱好"), *rows)

    def sent_back() -> list[list]:
        response = clerk.post(f"/import/{batch.pk}/refused/")
        assert response["Content-Disposition"].startswith("attachment")
        (sheet,) = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets
        assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
        return [[cell.value for cell in row] for row in sheet.iter_rows()]

    shown = sent_back()
    assert shown[0] == ["原因", "姓名", "身份证号", "班级", "爱好"]
    assert [row[1:] for row in shown[1:]] == [
        ["甲", "5.3E+17", "三(2)班", "1.5"], ["丙", number[:15], "火箭班", "=1+1"],
    ]  # fmt: skip
    assert "被Excel改成了数字" in shown[1][0]
    text = page(clerk, batch)
    clerk.post(f"/import/{batch.pk}/confirm/", {"seen": digest(text), "count": "1"})
    assert sent_back() == shown
    entry = AuditEntry.objects.filter(verb=Verb.EXPORT).latest("pk")
    assert entry.detail == {"refused_rows": 2}


def test_nobody_else_takes_the_refused_rows(cast: Cast, clerk: Client) -> None:
    batch = upload(clerk, ("姓名", "身份证号"), ("甲", 5.3e17))
    response = login(cast.principal).post(f"/import/{batch.pk}/refused/", follow=True)
    assert "只能由上传的人取回" in response.content.decode()
    assert not AuditEntry.objects.filter(verb=Verb.EXPORT).exists()


# --- undoing from the page ------------------------------------------------------------------------------------
def test_the_result_offers_to_undo_and_says_what_stands_against_it(cast: Cast, clerk: Client) -> None:
    batch = upload(clerk, ("姓名", "班级"), ("丹增", "七(1)班"))
    clerk.post(f"/import/{batch.pk}/confirm/", {"seen": digest(page(clerk, batch)), "count": "1"})
    assert "撤销这次导入" in page(clerk, batch)
    Student.objects.filter(name="丹增").update(address="榆树村")
    text = clerk.post(f"/import/{batch.pk}/undo/").content.decode()
    assert "丹增：资料后来改过" in text
    assert "什么也没有改动" in text
    Student.objects.filter(name="丹增").update(address="")
    text = clerk.post(f"/import/{batch.pk}/undo/", follow=True).content.decode()
    assert "已撤销：收回新增1人，改回0人" in text
    assert "撤销这次导入" not in text
    assert not Student.objects.filter(name="丹增").exists()
