"""辍学登记册 in the browser: the list with its filters, the export form, the ledger, the file."""

import datetime
import hashlib
import re
import subprocess
import sys
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from followups import books
from followups.models import Case
from kongchuo import pdf
from kongchuo.datadir import ROOT
from schools import exporting
from schools.books import is_long
from schools.codes import ExportStatus, Role, Verb
from schools.models import AuditEntry, Export
from students.models import Student
from tests.cast import WEDNESDAY, make_person
from tests.followups.casework import MONDAY, open_case
from tests.followups.registerbook import Book, found

REGISTER, EXPORT = reverse("followups:register"), reverse("followups:register_export")
ROLES = {
    "head": 403, "other_head": 403, "subject": 403, "clerk": 200, "principal": 200, "admin": 403, "auditor": 403,
    "far_head": 403, "central": 403, "township_officer": 403, "county_officer": 403,
}  # fmt: skip


@pytest.fixture
def clerk(book: Book, client: Client) -> Client:
    client.force_login(book.cast.clerk)
    return client


def send(client: Client, query: str = "", **changes: Any) -> Any:
    given = {
        "form": "roster", "format": "xlsx", "paper": "a3", "on": "2026-03-11", "edition": "masked", "reason": "",
    } | changes  # fmt: skip
    return client.post(EXPORT + query, given)


def made(client: Client, query: str = "", **changes: Any) -> Export:
    answer = send(client, query, **changes)
    assert answer.status_code == 302, answer.content.decode()
    return Export.objects.latest("pk")


def file_of(client: Client, export: Export) -> bytes:
    answer = client.get(reverse("schools:export_file", args=(export.pk,)))
    assert answer.status_code == 200
    return answer.content


def listed(client: Client, query: str = "") -> set[str]:
    return {entry.student.name for entry, _ in client.get(REGISTER + query).context["lines"]}


def test_who_may_open_the_pages(book: Book, client: Client) -> None:
    export = exporting.order_export(actor=book.cast.clerk, order=an_order(book))
    detail = reverse("schools:export", args=(export.pk,))
    # The ledger is open to class teachers too, for their own orders.
    teachers = dict.fromkeys(("head", "other_head", "far_head"), 404)
    for address, roles in ((REGISTER, ROLES), (EXPORT, ROLES), (detail, ROLES | teachers)):
        client.logout()
        assert client.get(address).status_code == 302
        for who, status in roles.items():
            client.force_login(getattr(book.cast, who))
            assert client.get(address).status_code == status, (address, who)


def an_order(book: Book, **changes: Any) -> Any:
    from followups.codes import ExportForm
    from followups.exports import Order
    from schools.codes import ExportFormat

    given = {"school": book.cast.school, "on": WEDNESDAY, "form": ExportForm.ROSTER, "format": ExportFormat.XLSX}
    return books.order(Order(**(given | changes)), book.cast.clerk)


def test_the_register_lists_the_found_and_counts_what_it_lists(clerk: Client) -> None:
    answer = clerk.get(REGISTER)
    assert listed(clerk) == {"李建军", "王小梅", "扎西卓玛", "赵海燕"}
    counts = answer.context["counts"]
    assert counts == {"total": 4, "suspected": 3, "dropout": 1, "returned": 1, "open": 3}
    for query, count in (("?kind=suspected", 3), ("?kind=dropout", 1), ("?state=open", 3), ("?state=returned", 1)):
        assert len(listed(clerk, query)) == count
    page = answer.content.decode()
    assert "七(1)班" in page
    assert "2026.3.5" in page
    assert "张老师 139****1234" in page


def test_filters_of_the_register(book: Book, clerk: Client) -> None:
    assert listed(clerk, f"?classroom={book.cast.eight.pk}") == {"赵海燕"}
    assert listed(clerk, "?village=柳树村&reason=01") == {"李建军"}
    assert listed(clerk, "?stage=primary") == set()
    assert listed(clerk, "?year=2024") == {book.last_year.student.name}
    assert listed(clerk, "?kind=nonsense&classroom=9999") == {"李建军", "王小梅", "扎西卓玛", "赵海燕"}
    empty = clerk.get(REGISTER + "?stage=primary").content.decode()
    assert "没有符合条件的" in empty


def test_an_empty_register_offers_a_zero_report(book: Book, client: Client) -> None:
    Case.objects.filter(school=book.cast.far_school).update(school=book.cast.school, number=99)
    client.force_login(book.cast.far_principal)
    page = client.get(REGISTER).content.decode()
    assert "导出零报告" in page


def test_foreign_cases_are_neither_listed_nor_exported(book: Book, client: Client) -> None:
    client.force_login(book.cast.far_clerk)
    assert listed(client) == {book.far.student.name}
    export = made(client)
    assert export.rows == 1
    page = load_workbook(BytesIO(file_of(client, export))).worksheets[0]
    assert page["F4"].value == book.far.student.name


@pytest.mark.parametrize("name", ["export", "export_file"])
def test_a_foreign_export_is_as_unknown_as_none(book: Book, clerk: Client, client: Client, name: str) -> None:
    export = made(clerk)
    client.force_login(book.cast.far_clerk)
    foreign = client.get(reverse(f"schools:{name}", args=(export.pk,)))
    unknown = client.get(reverse(f"schools:{name}", args=(999999,)))
    assert foreign.status_code == unknown.status_code == 404
    token = re.compile(rb'csrfmiddlewaretoken" value="[^"]*"')
    assert token.sub(b"", foreign.content) == token.sub(b"", unknown.content)


def test_a_masked_workbook_from_form_to_file(book: Book, clerk: Client) -> None:
    assert clerk.get(EXPORT).status_code == 200
    export = made(clerk)
    assert (export.status, export.rows, export.edition, export.made_by) == (
        ExportStatus.DONE, 4, "masked", book.cast.clerk,
    )  # fmt: skip
    detail = clerk.get(reverse("schools:export", args=(export.pk,))).content.decode()
    assert "已生成，4人" in detail
    answer = clerk.get(reverse("schools:export_file", args=(export.pk,)))
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert unquote(answer["Content-Disposition"]).endswith("学年第二学期辍学学生登记表(截至20260311)(脱敏).xlsx")
    assert answer["Cache-Control"] == "private, no-store"
    assert hashlib.sha256(answer.content).hexdigest() == export.sha256
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    assert sheet.oddHeader.right.text == f"赵教务 2026-03-11 08:00 第E-{export.pk:04d}号 脱敏 仅供控辍保学"
    told = [
        (entry.detail["did"], entry.actor_name, entry.detail.get("sha256", ""))
        for entry in AuditEntry.objects.filter(verb=Verb.EXPORT, object_id=export.pk).order_by("seq")
    ]
    assert told == [
        ("ordered", "赵教务", ""), ("written", "赵教务", export.sha256), ("fetched", "赵教务", export.sha256),
    ]  # fmt: skip


def test_the_file_has_no_address_of_its_own(clerk: Client) -> None:
    export = made(clerk)
    name = export.file.name
    assert export.file_name not in name
    assert clerk.get(f"/media/{name}").status_code == 404
    with pytest.raises(ValueError, match="no URL"):
        export.file.url  # noqa: B018 - the access is the point


def test_full_numbers_ask_for_a_reason(clerk: Client) -> None:
    answer = send(clerk, edition="full", reason=" ")
    assert answer.status_code == 422
    assert "导出全号要写明用途" in answer.content.decode()
    assert not Export.objects.exists()


def test_full_numbers_with_a_reason_are_for_the_one_who_gave_it(book: Book, clerk: Client, client: Client) -> None:
    export = made(clerk, edition="full", reason="报县教育局基教股", format="xlsx-data")
    number = Student.objects.get(pk=book.suspected.student_id).id_no.reveal()
    assert number in str(list(load_workbook(BytesIO(file_of(clerk, export))).active.values))
    assert AuditEntry.objects.filter(verb=Verb.EXPORT, object_id=export.pk).first().reason == "报县教育局基教股"
    client.force_login(book.cast.principal)
    assert "只能由导出的人" in client.get(reverse("schools:export", args=(export.pk,))).content.decode()
    assert client.get(reverse("schools:export_file", args=(export.pk,))).status_code == 403
    with pytest.raises(exporting.ExportRefusal):
        exporting.fetch(actor=book.cast.principal, export=export)


def test_the_principal_may_take_what_the_clerk_exported_masked(book: Book, clerk: Client, client: Client) -> None:
    export = made(clerk)
    client.force_login(book.cast.principal)
    assert file_of(client, export)


def test_an_export_that_cannot_be_recorded_is_neither_made_nor_fetched(
    book: Book, clerk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = made(clerk)

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr("schools.audit.record", broken)
    with pytest.raises(RuntimeError):
        send(clerk)
    assert Export.objects.count() == 1
    with pytest.raises(RuntimeError):
        clerk.get(reverse("schools:export_file", args=(export.pk,)))


def test_the_filters_of_the_register_narrow_the_file(clerk: Client) -> None:
    page = clerk.get(EXPORT + "?kind=dropout&state=open").content.decode()
    assert "只导出筛选出的学生：未销号、辍学" in page
    export = made(clerk, "?kind=dropout&state=open", paper="a4")
    assert export.filters == {"kind": "dropout", "state": "open", "paper": "a4"}
    assert export.rows == 1
    sheet = load_workbook(BytesIO(file_of(clerk, export))).worksheets[0]
    assert sheet["F4"].value == "王小梅"
    assert sheet.page_setup.paperSize == 9
    assert "本表只列筛选出的学生：未销号、辍学。" in str(list(sheet.values))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"on": "2026-03-12"}, "截止日期还没有到"),
        ({"on": ""}, "必填"),
        ({"form": "x"}, "x"),
        ({"format": ""}, "请选择要什么文件"),
        ({"edition": ""}, "请选择脱敏还是全号"),
    ],
)
def test_refusals_stand_on_the_form(clerk: Client, changes: dict[str, str], sentence: str) -> None:
    answer = send(clerk, **changes)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Export.objects.exists()


def test_without_pdf_libraries_the_form_says_so_and_refuses(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ["没有找到中文字体：请运行 apt-get install fonts-noto-cjk"])
    assert "apt-get install fonts-noto-cjk" in clerk.get(EXPORT).content.decode()
    answer = send(clerk, format="pdf")
    assert answer.status_code == 422
    assert "可以先导出Excel" in answer.content.decode()
    assert made(clerk).status == ExportStatus.DONE


@pytest.mark.parametrize("form", ["roster", "single"])
def test_a_short_pdf_is_made_at_once(clerk: Client, form: str) -> None:
    export = made(clerk, form=form, format="pdf")
    assert (export.status, export.rows) == (ExportStatus.DONE, 4)
    assert file_of(clerk, export).startswith(b"%PDF")


def test_a_long_pdf_is_left_to_a_process_of_its_own(
    clerk: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    settings.PDF_ROWS_PER_CHUNK = 3
    later: list[Export] = []
    monkeypatch.setattr(exporting, "write_later", later.append)
    with django_capture_on_commit_callbacks(execute=True):
        export = made(clerk, format="pdf")
    assert later == [export]
    detail = reverse("schools:export", args=(export.pk,))
    assert "正在生成" in clerk.get(detail).content.decode()
    assert clerk.get(reverse("schools:export_file", args=(export.pk,))).status_code == 302
    call_command("write_export", export.pk)  # what the process does
    export.refresh_from_db()
    assert (export.status, export.progress, export.rows) == (ExportStatus.DONE, 100, 4)
    assert b"%PDF" in file_of(clerk, export)[:8]
    with pytest.raises(CommandError, match="已经"):
        call_command("write_export", export.pk)
    with pytest.raises(CommandError, match="没有编号"):
        call_command("write_export", 999999)


def test_forms_weigh_more_than_rows(book: Book, settings: Any) -> None:
    from followups.codes import ExportForm
    from schools.codes import ExportFormat

    settings.PDF_ROWS_PER_CHUNK = 15
    assert not is_long(an_order(book, format=ExportFormat.PDF))
    assert is_long(an_order(book, format=ExportFormat.PDF, form=ExportForm.SINGLE))
    assert not is_long(an_order(book, form=ExportForm.SINGLE))


def test_the_command_of_the_process_exists() -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "write_export", "--help"]
    assert "长PDF" in subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_what_fails_is_said_in_the_ledger(book: Book, clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*args: Any) -> None:
        raise pdf.PdfFailedError("排版进程中断，多半是服务器内存不足。")

    with monkeypatch.context() as context:
        context.setattr(pdf, "render_sheets", dies)
        export = made(clerk, format="pdf")
    assert (export.status, export.error) == (ExportStatus.FAILED, "排版进程中断，多半是服务器内存不足。")
    assert "没有生成：排版进程中断" in clerk.get(reverse("schools:export", args=(export.pk,))).content.decode()

    def breaks(*args: Any) -> None:
        raise KeyError("x")

    with monkeypatch.context() as context:
        context.setattr(pdf, "render_sheets", breaks)
        with pytest.raises(KeyError):
            send(clerk, format="pdf")
    assert Export.objects.latest("pk").status == ExportStatus.FAILED


def test_an_export_whose_process_died_says_so(book: Book, clerk: Client, at_day: Any) -> None:
    export = exporting.order_export(actor=book.cast.clerk, order=an_order(book))
    at_day(WEDNESDAY, 8, 14)
    assert not exporting.is_stuck(export)
    at_day(WEDNESDAY, 8, 16)
    assert exporting.is_stuck(export)
    assert "生成中断了" in clerk.get(reverse("schools:export", args=(export.pk,))).content.decode()


def test_files_are_swept_after_a_day_and_the_ledger_stays(book: Book, clerk: Client, at_day: Any) -> None:
    export = made(clerk)
    path = export.file.path
    at_day(WEDNESDAY + datetime.timedelta(days=1), 7)
    assert exporting.sweep() == 0
    at_day(WEDNESDAY + datetime.timedelta(days=1), 9)
    assert exporting.sweep() == 1
    export.refresh_from_db()
    assert (export.file.name, export.rows) == ("", 4)
    assert not (ROOT / path).exists()
    clerk.force_login(book.cast.clerk)
    assert "已按规定清除" in clerk.get(reverse("schools:export", args=(export.pk,))).content.decode()
    assert clerk.get(reverse("schools:export_file", args=(export.pk,))).status_code == 302


def test_only_the_office_may_order(book: Book) -> None:
    for who in (book.cast.head, book.cast.admin, book.cast.county_officer, book.cast.far_clerk):
        with pytest.raises(exporting.ExportRefusal, match="教务员和校长"):
            exporting.order_export(actor=who, order=an_order(book))


def test_a_duty_lost_before_the_file_is_written_shows_no_row(book: Book) -> None:
    leaver = make_person("likai", "离开者", Role.CLERK, book.cast.school)
    export = exporting.order_export(actor=leaver, order=an_order(book))
    leaver.duties.update(ends_on=MONDAY)
    assert exporting.write(Export.objects.get(pk=export.pk))
    assert Export.objects.get(pk=export.pk).rows == 0


def test_pages_cost_the_same_with_more_cases(book: Book, clerk: Client) -> None:
    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert clerk.get(address).status_code == 200
        return len(queries)

    made(clerk)
    before = {address: cost(address) for address in (REGISTER, EXPORT)}
    for number, pupil in enumerate(book.cast.others[1:], 10):
        found(open_case(pupil, MONDAY, responsible=book.cast.head), book.cast.principal, MONDAY, number)
        made(clerk)
    assert {address: cost(address) for address in (REGISTER, EXPORT)} == before
    assert before[REGISTER] <= 25
