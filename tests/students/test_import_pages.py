"""The pages of the import: upload, preview, confirmation, result; who may use them, and what they keep."""

import datetime
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from schools.codes import Role, Verb
from schools.models import AuditEntry, Duty
from students import imports
from students.codes import ImportStatus
from students.models import Enrollment, ImportBatch, Student
from tests.cast import TERM_START, WEDNESDAY, Cast, id_number, login
from tests.students.roster_files import workbook

UPLOAD = "/import/"
HEADER = ("姓名", "身份证号", "班级", "现住址")


def upload(client: Client, *rows: tuple, data: bytes | None = None, name: str = "名册.xlsx", **fields: str):
    content = workbook(("名册", rows)) if data is None else data
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content), "on": str(WEDNESDAY)} | fields)


def text_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def clerk(cast: Cast) -> Client:
    return login(cast.clerk)


@pytest.fixture
def waiting(cast: Cast, clerk: Client) -> ImportBatch:
    """An upload with a new pupil, a changed one, a refused row and a blank one."""
    pupil = cast.pupils[0]
    number = Student.objects.get(pk=pupil.pk).id_no.reveal()
    rows = [
        ("丹增", id_number(41), "三(2)班", None),
        (pupil.name, number, "七(1)班", "枫树村"),
        ("达瓦", 5.3e17, "三(2)班", None),
    ]
    response = upload(clerk, HEADER, *rows, (None, None, None, None), (pupil.name, number, None, None))
    batch = ImportBatch.objects.get()
    assert response.url == reverse("students:import_preview", args=(batch.pk,))
    return batch


def without_token(response: HttpResponse) -> str:
    """The page without the form token, which is another one each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def digest_on(page: str) -> str:
    return re.search(r'name="seen" value="(\w{64})"', page)[1]


def test_the_upload_page_asks_for_a_file_and_a_day(clerk: Client) -> None:
    page = text_of(clerk, UPLOAD)
    assert 'type="file"' in page
    assert 'value="2026-03-11"' in page
    assert 'name="school"' not in page


def test_the_preview_adds_up_and_writes_nothing(cast: Cast, clerk: Client, waiting: ImportBatch) -> None:
    page = text_of(clerk, f"/import/{waiting.pk}/")
    account = re.sub(r"<[^>]+>", "", page)
    assert "共 5 行 = 新增 1 + 改动 1 + 不变 0 + 拒绝 2 + 空白 1" in account
    assert "将新建1个班：三(2)班。" in page
    assert "身份证号被Excel改成了数字" in page
    assert "与第3行的身份证号相同" in page
    assert not Student.objects.filter(name="丹增").exists()


def test_each_part_of_the_preview_has_its_rows(cast: Cast, clerk: Client, waiting: ImportBatch) -> None:
    def names(part: str) -> list[str]:
        response = clerk.get(f"/import/{waiting.pk}/", {"part": part})
        return [line.name for line in response.context["page"].object_list]

    pupil = cast.pupils[0].name
    assert names("refused") == ["达瓦", pupil]
    assert names("created") == ["丹增"]
    assert names("updated") == [pupil]
    assert names("unchanged") == []
    assert names("nonsense") == names("refused")
    page = text_of(clerk, f"/import/{waiting.pk}/?part=updated")
    assert "<del>青石乡柳树村1组</del> → <ins>枫树村</ins>" in page


def test_no_page_shows_a_whole_number(clerk: Client, waiting: ImportBatch) -> None:
    for part in ("refused", "created", "updated", "warned", "unchanged"):
        page = text_of(clerk, f"/import/{waiting.pk}/?part={part}")
        assert not re.search(r"\b\d{17}[\dX]\b", page)


def test_the_waiting_rows_are_sealed(waiting: ImportBatch) -> None:
    table, column = ImportBatch._meta.db_table, connection.ops.quote_name("rows")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        (raw,) = cursor.fetchone()
    assert raw
    assert "丹增" not in raw


def test_confirming_imports_once_and_forgets_the_rows(cast: Cast, clerk: Client, waiting: ImportBatch) -> None:
    seen = digest_on(text_of(clerk, f"/import/{waiting.pk}/"))
    url = f"/import/{waiting.pk}/confirm/"
    assert clerk.post(url, {"seen": seen, "count": "2"}).url == f"/import/{waiting.pk}/"
    pupil = Student.objects.get(name="丹增")
    assert pupil.enrollments.get().starts_on == WEDNESDAY
    assert pupil.id_no.reveal() == id_number(41)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.rows.reveal()) == (ImportStatus.DONE, "")
    page = text_of(clerk, f"/import/{waiting.pk}/")
    assert "已导入：新增1人，改动1人" in page
    before = Student.objects.count()
    text_of(clerk, clerk.post(url, {"seen": seen, "count": "2"}).url)
    assert Student.objects.count() == before
    assert AuditEntry.objects.filter(verb=Verb.IMPORT).count() == 1


def test_a_second_confirmation_is_told_who_was_first(cast: Cast, clerk: Client, waiting: ImportBatch) -> None:
    seen = digest_on(text_of(clerk, f"/import/{waiting.pk}/"))
    login(cast.principal).post(f"/import/{waiting.pk}/confirm/", {"seen": seen, "count": "2"})
    response = clerk.post(f"/import/{waiting.pk}/confirm/", {"seen": seen, "count": "2"}, follow=True)
    assert "王校长已确认过这份名册，不会重复导入。" in response.content.decode()


def test_a_preview_that_no_longer_holds_is_shown_again(cast: Cast, clerk: Client, waiting: ImportBatch) -> None:
    seen = digest_on(text_of(clerk, f"/import/{waiting.pk}/"))
    Student.objects.filter(pk=cast.pupils[0].pk).update(address="枫树村")
    response = clerk.post(f"/import/{waiting.pk}/confirm/", {"seen": seen, "count": "2"}, follow=True)
    page = response.content.decode()
    assert "预览之后学籍有了变动" in page
    assert not Student.objects.filter(name="丹增").exists()
    assert digest_on(page) != seen


def test_giving_up_forgets_the_rows(clerk: Client, waiting: ImportBatch) -> None:
    assert clerk.post(f"/import/{waiting.pk}/drop/").url == UPLOAD
    waiting.refresh_from_db()
    assert (waiting.status, waiting.rows.reveal()) == (ImportStatus.DROPPED, "")
    assert clerk.get(f"/import/{waiting.pk}/").url == UPLOAD
    assert "已有人确认或放弃" in clerk.post(f"/import/{waiting.pk}/drop/", follow=True).content.decode()


def test_after_a_day_the_rows_are_gone(cast: Cast, at_day: Callable[..., None], waiting: ImportBatch) -> None:
    at_day(WEDNESDAY + datetime.timedelta(days=1), 8, 1)
    assert login(cast.clerk).get(f"/import/{waiting.pk}/").url == UPLOAD
    imports.forget_old()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.rows.reveal()) == (ImportStatus.DROPPED, "")


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n", "名册.xlsx", "不是花名册能用的文件"),
        ("姓名\n".encode(), "名册.csv", "一个学生也没有"),
        (b"", "名册.csv", "文件是空的"),
        (b"x" * (5 * 1024 * 1024 + 1), "名册.csv", "超过5兆"),
    ],
)
def test_what_is_no_roster_is_refused_beside_the_field(clerk: Client, data: bytes, name: str, sentence: str) -> None:
    response = upload(clerk, data=data, name=name)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("on", "2027-03-11", "离今天太远"),
        ("on", "", "请填新学生从哪天起在册"),
        ("on", "去年", "2026-09-01这样"),
        ("default_class", "火箭班", "认不出"),
    ],
)
def test_fields_that_can_not_be_right(clerk: Client, field: str, value: str, sentence: str) -> None:
    response = upload(clerk, ("姓名",), ("甲",), **{field: value})
    assert sentence in response.content.decode()


def test_a_class_list_goes_to_the_class_that_the_clerk_names(clerk: Client) -> None:
    upload(clerk, ("姓名",), ("丹增",), default_class="三(2)班")
    plan = imports.preview(ImportBatch.objects.get())
    assert plan.lines[0].class_label == "三(2)班"


def test_a_workbook_with_a_sheet_for_each_class(clerk: Client) -> None:
    data = workbook(("三(1)班", [("姓名",), ("甲",)]), ("三(2)班", [("姓名",), ("乙",)]))
    upload(clerk, data=data, all_sheets="on")
    page = text_of(clerk, f"/import/{ImportBatch.objects.get().pk}/")
    assert "「三(2)班」第2行" in page


def test_who_keeps_two_schools_says_which(cast: Cast) -> None:
    Duty.objects.create(user=cast.clerk, role=Role.CLERK, unit=cast.far_school, starts_on=TERM_START)
    client = login(cast.clerk)
    upload(client, ("姓名", "班级"), ("甲", "七(1)班"))
    assert not ImportBatch.objects.exists()
    upload(client, ("姓名", "班级"), ("甲", "七(1)班"), school=str(cast.far_school.pk))
    assert ImportBatch.objects.get().school == cast.far_school


def test_a_clerk_can_not_import_into_a_school_that_is_not_hers(cast: Cast, clerk: Client) -> None:
    upload(clerk, ("姓名", "班级"), ("甲", "七(1)班"), school=str(cast.far_school.pk))
    assert ImportBatch.objects.get().school == cast.school


OTHERS = ("head", "subject", "admin", "auditor", "central", "township_officer", "county_officer")


@pytest.mark.parametrize("who", OTHERS)
def test_other_duties_have_no_import(cast: Cast, who: str, waiting: ImportBatch) -> None:
    client = login(getattr(cast, who))
    assert client.get(UPLOAD).status_code == 403
    assert client.get(f"/import/{waiting.pk}/").status_code == 403
    assert client.post(f"/import/{waiting.pk}/confirm/").status_code == 403


@pytest.mark.parametrize("who", ["far_clerk", "far_principal"])
def test_another_schools_upload_is_unknown(cast: Cast, who: str, waiting: ImportBatch) -> None:
    client = login(getattr(cast, who))
    for path, method in (("", client.get), ("confirm/", client.post), ("drop/", client.post)):
        foreign = method(f"/import/{waiting.pk}/{path}")
        unknown = method(f"/import/999999/{path}")
        assert foreign.status_code == unknown.status_code == 404
        assert without_token(foreign) == without_token(unknown)
    assert Enrollment.objects.count() == 18


def test_the_number_of_queries_of_the_preview_does_not_grow(clerk: Client) -> None:
    def queries(count: int) -> int:
        upload(clerk, ("姓名", "班级"), *[(f"生{n}号", "七(1)班") for n in range(count)])
        url = f"/import/{ImportBatch.objects.latest('pk').pk}/"
        clerk.get(url)
        with CaptureQueriesContext(connection) as captured:
            clerk.get(url)
        return len(captured)

    assert queries(60) == queries(2)
