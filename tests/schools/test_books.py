"""表册: the pages of every book, who may open which, how one leaves the house, the principal's word on a whole roll."""

import datetime
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from kongchuo import pdf
from kongchuo.sheets import Box, Column, Form, Kind, Sheet
from schools import books, exporting, trail
from schools.books import Asked, Book, Order
from schools.codes import ExportFormat, ExportStatus, Role, Verb
from schools.models import AuditEntry, Classroom, Export
from tests.access_world import ABOUT, World, make_world
from tests.cast import WEDNESDAY, Cast, login

SEALED = "53000020130412" + "0014"
LONG = 450


def _rows(asked: Asked) -> list[Sheet | Form]:
    """A book that tells what it was asked, with a number that only a full edition may show."""
    columns = (
        Column("序号", None, Kind.INT),
        Column("班级", lambda row: asked.place),
        Column("行", lambda row: row),
        Column("身份证号", lambda row: SEALED, Kind.SEALED),
    )
    rows = range(LONG if asked.choice == "long" else 2)
    return [Sheet("试表", columns, rows, name=f"表{place}", head=books.head(asked)) for place in (1, 2)]


def _paper(asked: Asked) -> list[Sheet | Form]:
    if asked.about != 7:
        return []
    return [Form("试卡", (4, 8), ((Box("证件号", label=True), Box(SEALED, Kind.SEALED)),), head=books.head(asked))]


TESTED = (
    Book(
        "t-list", "试册", "测试", _rows, asks=("on", "classroom?", "choice"), whole_roll=True,
        choices=(("short", "短"), ("long", "长")), roles=books.OFFICE_AND_TEACHERS, note="试一试。",
    ),
    Book("t-class", "班册", "测试", _rows, asks=("classroom", "month"), roles=books.OFFICE_AND_TEACHERS),
    Book("t-office", "校册", "测试", _rows, asks=("term",), personal=False),
    Book("t-paper", "试卡", "测试", _paper, asks=("about",), roles=books.OFFICE_AND_TEACHERS),
)  # fmt: skip


@pytest.fixture(autouse=True)
def shelf() -> Iterator[None]:
    """Four books for the test, beside those of the house."""
    kept = dict(books.registry)
    books.register(*TESTED)
    yield
    books.registry.clear()
    books.registry.update(kept)


def page(client: Client, key: str, query: str = "") -> Any:
    return client.get(reverse("schools:book", args=(key,)) + query)


def order(client: Client, key: str, query: str = "", **given: str) -> Any:
    sent = {"format": "xlsx", "edition": "masked", "reason": ""} | given
    return client.post(reverse("schools:book_export", args=(key,)) + query, sent)


def ordered(client: Client, key: str, query: str = "", **given: str) -> Export:
    answer = order(client, key, query, **given)
    assert answer.status_code == 302, answer.content.decode()
    return Export.objects.latest("pk")


def content(client: Client, export: Export) -> bytes:
    answer = client.get(reverse("schools:export_file", args=(export.pk,)))
    assert answer.status_code == 200, answer.status_code
    return answer.content


# --- Who opens what -----------------------------------------------------------------------------------------------
def titles(client: Client) -> set[str]:
    groups = client.get(reverse("schools:books")).context["groups"]
    return {book.title for book in groups.get("测试", [])}


def test_the_list_has_the_books_that_one_may_open(cast: Cast) -> None:
    assert titles(login(cast.clerk)) == {"试册", "班册", "校册"}
    assert titles(login(cast.head)) == {"试册", "班册"}
    said = login(cast.clerk).get(reverse("schools:books")).content.decode()
    assert "试一试。" in said
    assert login(cast.admin).get(reverse("schools:books")).status_code == 403


def test_a_book_that_is_not_ones_own_is_as_unknown_as_none(cast: Cast) -> None:
    head = login(cast.head)
    for key in ("t-office", "t-nothing"):
        assert page(head, key).status_code == order(head, key).status_code == 404
    assert page(login(cast.clerk), "t-office").status_code == 200


def test_a_head_teacher_gets_the_own_class_and_no_other(cast: Cast) -> None:
    head = login(cast.head)
    shown = page(head, "t-list")
    assert shown.context["form"].asked().classroom == cast.seven
    assert [value for value, _ in shown.context["form"].fields["classroom"].choices] == [cast.seven.pk]
    foreign = page(head, "t-list", f"?classroom={cast.eight.pk}")
    assert "opened" not in foreign.context
    assert order(head, "t-list", f"?classroom={cast.eight.pk}").status_code == 302
    assert not Export.objects.exists()
    whole = Order(TESTED[0], Asked(cast.head, cast.school, WEDNESDAY), ExportFormat.XLSX)
    with pytest.raises(exporting.ExportRefusal, match="您任班主任的班"):
        exporting.order_export(actor=cast.head, order=whole)


def test_the_office_chooses_a_class_or_the_whole_school(cast: Cast) -> None:
    clerk = login(cast.clerk)
    form = page(clerk, "t-list").context["form"]
    assert [label for _, label in form.fields["classroom"].choices] == ["全校", "七(1)班", "八(1)班"]
    assert form.asked().classroom is None
    waiting = page(clerk, "t-class")
    assert "请先选班级" in waiting.content.decode()
    assert page(clerk, "t-class", f"?classroom={cast.eight.pk}&month=2025-10").context["form"].asked().on == (
        datetime.date(2025, 10, 31)
    )
    assert "opened" not in page(clerk, "t-class", f"?classroom={cast.far_seven.pk}").context


def test_the_classes_are_those_of_the_day(cast: Cast) -> None:
    Classroom.objects.create(school=cast.school, stage="junior", entry_year=2021, number=1)
    clerk = login(cast.clerk)

    def offered(day: str) -> list[str]:
        choices = page(clerk, "t-list", f"?on={day}").context["form"].fields["classroom"].choices
        return [label for _, label in choices][1:]

    assert offered("2026-03-11") == ["七(1)班", "八(1)班"]
    assert offered("2024-03-11") == ["九(1)班"]


@pytest.mark.parametrize("query", ["?on=2026-03-12", "?on=nonsense", "?choice=x", "?classroom=x"])
def test_a_wrong_question_is_answered_by_a_sentence(cast: Cast, query: str) -> None:
    answer = page(login(cast.clerk), "t-list", query)
    assert answer.status_code == 200
    assert "opened" not in answer.context
    assert "invalid-feedback" in answer.content.decode()


# --- The page -------------------------------------------------------------------------------------------------------
def test_the_page_shows_the_parts_in_pages_and_masked(cast: Cast) -> None:
    clerk = login(cast.clerk)
    second = page(clerk, "t-list", "?choice=long&page=2&part=2").context["opened"]
    assert [name for _, name in second.names] == ["表1", "表2"]
    assert second.parts.number == 2
    assert len(second.leaf.lines) == 200
    assert [text for _, text, _ in second.leaf.lines[0]] == ["201", cast.school.name, "200", "530000************"]
    last = page(clerk, "t-list", "?choice=long&page=9").context["opened"].leaf
    assert [line[0][1] for line in (last.lines[0], last.lines[-1])] == ["401", "450"]
    assert SEALED not in page(clerk, "t-list").content.decode()


def test_looking_leaves_no_trace(cast: Cast) -> None:
    before = AuditEntry.objects.count()
    page(login(cast.clerk), "t-list")
    assert AuditEntry.objects.count() == before


def test_a_form_about_something_one_may_not_see_is_unknown(cast: Cast) -> None:
    clerk = login(cast.clerk)
    for query in ("", "?about=8", "?about=x"):
        assert page(clerk, "t-paper", query).status_code in (404, 200)
        assert "opened" not in (page(clerk, "t-paper", query).context or {})
    assert page(clerk, "t-paper", "?about=8").status_code == order(clerk, "t-paper", "?about=8").status_code == 404
    shown = page(clerk, "t-paper", "?about=7")
    assert SEALED not in shown.content.decode()
    assert ExportFormat.DATA not in shown.context["formats"]
    refused = order(clerk, "t-paper", "?about=7", format="xlsx-data")
    assert refused.status_code == 422
    assert "没有数据版" in refused.content.decode()
    assert ordered(clerk, "t-paper", "?about=7", format="pdf").rows == 1


# --- Out of the house -----------------------------------------------------------------------------------------------
def test_a_masked_file_in_one_click(cast: Cast) -> None:
    clerk = login(cast.clerk)
    export = ordered(clerk, "t-list", f"?classroom={cast.seven.pk}&choice=short&on=2026-03-10")
    assert (export.status, export.rows, export.book, export.edition) == (ExportStatus.DONE, 2, "t-list", "masked")
    assert export.filters == {"classroom": cast.seven.pk, "choice": "short"}
    assert export.file_name == ("云岭县青石乡九年一贯制学校七(1)班2025-2026学年第二学期试册(截至20260310)(脱敏).xlsx")
    text = str([list(sheet.values) for sheet in load_workbook(BytesIO(content(clerk, export))).worksheets])
    assert SEALED not in text
    assert books.MASKED_NOTE in text
    assert f"{cast.school.name}七(1)班" in text
    told = [entry.detail["did"] for entry in AuditEntry.objects.filter(verb=Verb.EXPORT).order_by("seq")]
    assert told == ["ordered", "written", "fetched"]
    line = trail.lines(AuditEntry.objects.filter(verb=Verb.EXPORT).order_by("seq")[:1])[0]
    assert "表：试册" in line.detail


def test_full_numbers_of_a_class_need_a_reason_and_no_approval(cast: Cast) -> None:
    head = login(cast.head)
    assert "导出全号要写明用途" in order(head, "t-list", edition="full").content.decode()
    export = ordered(head, "t-list", edition="full", reason="核对国网学籍")
    assert export.status == ExportStatus.DONE
    assert SEALED in str(list(load_workbook(BytesIO(content(head, export))).worksheets[0].values))
    assert login(cast.principal).get(reverse("schools:export_file", args=(export.pk,))).status_code == 403
    assert login(cast.other_head).get(reverse("schools:export", args=(export.pk,))).status_code == 404


def test_a_book_that_names_nobody_has_one_edition(cast: Cast) -> None:
    clerk = login(cast.clerk)
    assert "edition" not in clerk.get(reverse("schools:book_export", args=("t-office",))).context["form"].fields
    assert "脱敏" not in ordered(clerk, "t-office", edition="full").file_name


def test_a_teacher_who_lost_the_class_cannot_fetch_it_any_more(cast: Cast) -> None:
    head = login(cast.head)
    export = ordered(head, "t-list")
    duty = cast.head.duties.get()
    duty.classroom = cast.eight
    duty.save()
    answer = head.get(reverse("schools:export_file", args=(export.pk,)), follow=True)
    assert "看不到这个班" in answer.content.decode()
    Export.objects.filter(pk=export.pk).update(status=ExportStatus.WAITING)
    assert exporting.write(Export.objects.get(pk=export.pk))
    export.refresh_from_db()
    assert (export.status, export.error) == (ExportStatus.FAILED, "导出的人现在看不到这个班，不能生成。")


def test_the_ledger_is_whole_for_the_office_and_ones_own_for_a_teacher(cast: Cast) -> None:
    by_clerk, by_head = ordered(login(cast.clerk), "t-list"), ordered(login(cast.head), "t-list")

    def listed(who: str) -> set[Export]:
        return set(login(getattr(cast, who)).get(reverse("schools:exports")).context["page"].object_list)

    assert listed("principal") == {by_clerk, by_head}
    assert listed("head") == {by_head}
    assert listed("other_head") == listed("far_clerk") == set()


def test_the_ledger_costs_the_same_with_more_exports(cast: Cast) -> None:
    clerk = login(cast.clerk)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert clerk.get(reverse("schools:exports")).status_code == 200
        return len(queries)

    row = Export(school=cast.school, book="t-list", format="pdf", on=WEDNESDAY, made_by=cast.clerk)
    Export.objects.bulk_create(replace_key(row) for _ in range(2))
    before = cost()
    Export.objects.bulk_create(replace_key(row) for _ in range(20))
    assert cost() == before


def replace_key(row: Export) -> Export:
    return Export(school=row.school, book=row.book, format=row.format, on=row.on, made_by=row.made_by)


def test_without_pdf_libraries_the_page_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ["没有找到中文字体"])
    clerk = login(cast.clerk)
    assert "没有找到中文字体" in page(clerk, "t-list").content.decode()
    assert "可以先导出Excel" in order(clerk, "t-list", format="pdf").content.decode()


def test_a_long_pdf_is_left_to_a_process_of_its_own(cast: Cast, settings: Any) -> None:
    asked = Asked(cast.clerk, cast.school, WEDNESDAY, choice="short")
    settings.PDF_ROWS_PER_CHUNK = 3
    assert books.is_long(Order(TESTED[0], asked, ExportFormat.PDF))
    assert not books.is_long(Order(TESTED[0], asked, ExportFormat.XLSX))
    settings.PDF_ROWS_PER_CHUNK = 4
    assert not books.is_long(Order(TESTED[0], asked, ExportFormat.PDF))
    assert books.is_long(Order(TESTED[3], replace(asked, about=7), ExportFormat.PDF))


# --- The principal's word -------------------------------------------------------------------------------------------
def waiting(cast: Cast) -> Export:
    export = ordered(login(cast.clerk), "t-list", edition="full", reason="报县教育局学籍室")
    assert (export.status, export.file.name) == (ExportStatus.ASKED, "")
    return export


def decide(who: Any, export: Export, approved: str, text: str = "") -> Any:
    address = reverse("schools:export_decide", args=(export.pk,))
    return login(who).post(address, {"approved": approved, "text": text}, follow=True)


def test_a_whole_roll_in_full_waits_for_the_principal(cast: Cast) -> None:
    export = waiting(cast)
    detail = reverse("schools:export", args=(export.pk,))
    assert "校长批准" in login(cast.clerk).get(detail).content.decode()
    assert login(cast.clerk).get(reverse("schools:export_file", args=(export.pk,))).status_code == 302
    assert not exporting.write(export)
    principal = login(cast.principal)
    assert "等您批准" in principal.get(reverse("schools:books")).content.decode()
    assert "等您批准" not in login(cast.clerk).get(reverse("schools:books")).content.decode()
    assert "批准导出" in principal.get(detail).content.decode()
    assert "已批准" in decide(cast.principal, export, "yes", "同意").content.decode()
    export.refresh_from_db()
    assert (export.status, export.decided_by, export.decision) == (ExportStatus.DONE, cast.principal, "同意")
    assert SEALED in str(list(load_workbook(BytesIO(content(login(cast.clerk), export))).worksheets[0].values))
    told = AuditEntry.objects.filter(verb=Verb.EXPORT, object_id=export.pk).order_by("seq")
    assert [(entry.detail["did"], entry.actor_name) for entry in told] == [
        ("asked", "赵教务"), ("approved", "王校长"), ("written", "赵教务"), ("fetched", "赵教务"),
    ]  # fmt: skip


def test_refusing_needs_a_reason_and_makes_no_file(cast: Cast) -> None:
    export = waiting(cast)
    assert "写明原因" in decide(cast.principal, export, "no", "否").content.decode()
    assert Export.objects.get().status == ExportStatus.ASKED
    decide(cast.principal, export, "no", "报表只要分班的")
    assert Export.objects.get().status == ExportStatus.REFUSED
    said = login(cast.clerk).get(reverse("schools:export", args=(export.pk,))).content.decode()
    assert "校长没有批准：报表只要分班的" in said
    assert "已经有人批过" in decide(cast.principal, export, "yes").content.decode()
    assert Export.objects.get().file.name == ""


def test_only_the_principal_of_the_school_decides(cast: Cast) -> None:
    export = waiting(cast)
    address = reverse("schools:export_decide", args=(export.pk,))
    assert login(cast.clerk).post(address, {"approved": "yes"}).status_code == 403
    assert login(cast.far_principal).post(address, {"approved": "yes"}).status_code == 404
    with pytest.raises(exporting.ExportRefusal, match="只有校长"):
        exporting.decide(actor=cast.far_principal, export=export, approved=True)
    assert Export.objects.get().status == ExportStatus.ASKED


def test_the_principals_own_order_and_a_masked_one_do_not_wait(cast: Cast) -> None:
    assert ordered(login(cast.principal), "t-list", edition="full", reason="报县教育局").status == ExportStatus.DONE
    assert ordered(login(cast.clerk), "t-list").status == ExportStatus.DONE
    one = ordered(login(cast.clerk), "t-list", f"?classroom={cast.seven.pk}", edition="full", reason="核对国网")
    assert one.status == ExportStatus.DONE


def test_an_approved_file_is_kept_a_day_from_then(cast: Cast, at_day: Any) -> None:
    export = waiting(cast)
    at_day(WEDNESDAY + datetime.timedelta(days=2))
    decide(cast.principal, export, "yes")
    assert not exporting.is_stuck(export)
    assert exporting.sweep() == 0
    at_day(WEDNESDAY + datetime.timedelta(days=3), 9)
    assert exporting.sweep() == 1


# --- Every book of the house ------------------------------------------------------------------------------------------
@pytest.fixture
def world(db: None, at_day: Any) -> World:
    at_day(WEDNESDAY)
    return make_world()


def queries_of(world: World, book: Book) -> Iterator[str]:
    """Addresses that ask a book for what is the world's own, and for what is another school's."""
    for kept in (world.own, world.foreign):
        parts = [f"classroom={kept['classroom'].pk}"] if book.wants("classroom") else []
        parts += [f"about={kept[ABOUT.get(book.key, 'change')].pk}"] if book.wants("about") else []
        yield "?" + "&".join(parts)


@pytest.mark.heavy
def test_no_book_tells_anybody_a_name_that_is_not_theirs(world: World) -> None:
    house = [book for book in books.registry.values() if book not in TESTED]
    assert set(ABOUT) <= {book.key for book in house}
    for identity in ("head", "other_head", "clerk", "principal", "far_head", "far_clerk"):
        client = login(world.user(identity))  # type: ignore[arg-type]
        for book in house:
            for query in queries_of(world, book):
                answer = page(client, book.key, query)
                assert answer.status_code in (200, 404), (book.key, identity, query)
                leaked = [word for word in world.forbidden(identity) if word in answer.content.decode()]
                assert not leaked, f"{book.key}{query} tells {identity} {leaked}"


def test_every_book_has_a_note_a_group_and_roles_of_the_school() -> None:
    house = [book for book in books.registry.values() if book not in TESTED]
    assert [book.key for book in house if not (book.note or "about" in book.asks) or not book.group] == []
    staff = books.OFFICE_AND_TEACHERS
    assert [book.key for book in house if not book.roles <= staff or not book.roles - {Role.HEAD_TEACHER}] == []
