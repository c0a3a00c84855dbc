"""The pages of 异动: chooser, forms, one change with its papers and steps, the book, and who sees which."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from students import changepage, procedures
from students.changes import KINDS
from students.codes import Change, EnrollmentStatus
from students.models import Paper, RollChange, Student
from tests.cast import WEDNESDAY, Cast, id_number, login, make_pupil
from tests.students.changework import DAY, admit, keep_all, march, pdf, record

FULL_NUMBER = re.compile(r"\d{17}[\dX]")


@pytest.fixture
def clerk(cast: Cast) -> Client:
    return login(cast.clerk)


def url(name: str, *args: object) -> str:
    return reverse(f"students:{name}", args=args)


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


OUT = {"on": "2026-03-09", "applied_on": "2026-03-06", "reason": "m2", "other_school": "白水乡中学", "willing": "on"}


# --- Recording ------------------------------


def test_the_card_offers_only_what_the_pupil_s_standing_allows(cast: Cast, clerk: Client) -> None:
    card = url("card", cast.pupils[0].pk)
    offered = set(re.findall(r"/change/(\w+)/", text(clerk.get(card))))
    assert {"transfer_out", "suspension", "class"} <= offered
    assert not {"resumption", "guest_out", "transfer_in", "other"} & offered
    record(cast, cast.pupils[0], Change.SUSPENSION)
    html = text(clerk.get(card))
    assert "续休" in html
    assert "/change/resumption/" in html


def test_the_class_teacher_s_card_has_no_chooser(cast: Cast) -> None:
    assert "/change/" not in text(login(cast.head).get(url("card", cast.pupils[0].pk)))


def test_a_transfer_out_is_recorded_and_shows_its_page(cast: Cast, clerk: Client) -> None:
    pupil = cast.pupils[0]
    response = clerk.post(url("change_new", pupil.pk, "transfer_out"), OUT, follow=True)
    html = text(response)
    change = RollChange.objects.get(kind=Change.TRANSFER_OUT)
    assert response.redirect_chain == [(url("change", change.pk), 302)]
    assert "七(1)班 在读" in html
    assert "七(1)班 转出待接续" in html
    assert "本人自愿申请，与学习成绩无关" in html
    assert "材料不齐，不能办结，还缺" in html
    assert "转入校学籍主管部门" in html


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_page_with_its_own_fields(cast: Cast, clerk: Client, kind: str) -> None:
    student = cast.pupils[0]
    before = {
        Change.RESUMPTION: (Change.SUSPENSION,), Change.BACK_FROM_ABROAD: (Change.ABROAD,),
        Change.TRANSFER_IN: (Change.GRADUATION,), Change.GUEST_IN: (Change.GRADUATION,),
    }.get(Change(kind), ())  # fmt: skip
    for earlier in before:
        record(cast, student, earlier)
    if kind == Change.GUEST_OUT:
        student = admit(cast, Change.GUEST_IN)
    page = clerk.get(url("change_new", student.pk, kind))
    assert page.status_code == 200
    form = page.context["form"]
    assert [name for name in form.fields if name in KINDS[kind].asks] == list(KINDS[kind].asks)
    assert form["on"].value() == WEDNESDAY


def test_what_was_typed_stays_when_something_is_missing(cast: Cast, clerk: Client) -> None:
    response = clerk.post(url("change_new", cast.pupils[0].pk, "transfer_out"), OUT | {"willing": "", "reason": ""})
    assert response.status_code == 422
    assert "没有监护人签字的自愿申请，不能办理" in text(response)
    assert 'value="白水乡中学"' in text(response)
    assert not RollChange.objects.filter(kind=Change.TRANSFER_OUT).exists()


def test_a_refusal_of_the_roll_stands_above_what_was_typed(cast: Cast, clerk: Client) -> None:
    response = clerk.post(url("change_new", cast.pupils[0].pk, "transfer_out"), OUT | {"on": "2025-01-01"})
    assert response.status_code == 422
    assert "日期不能早于" in text(response) or "不在册" in text(response)
    assert 'value="白水乡中学"' in text(response)


def test_a_kind_that_does_not_fit_leads_back_to_the_card(cast: Cast, clerk: Client) -> None:
    response = clerk.get(url("change_new", cast.pupils[0].pk, "resumption"), follow=True)
    assert "现在的学籍状态不能办「复学」" in text(response)
    assert clerk.get(url("change_new", cast.pupils[0].pk, "expulsion")).status_code == 404
    assert clerk.get(url("change_new", cast.pupils[0].pk, "other")).status_code == 404


def test_staying_down_takes_the_bureau_s_paper_along(cast: Cast, clerk: Client) -> None:
    address = url("change_new", cast.others[0].pk, "retain")
    said = {"on": "2026-03-09", "classroom": cast.seven.pk, "reason": "10", "document_no": "云教审〔2026〕3号"}
    assert "未经审签视为无效" in text(clerk.get(address))
    assert "请上传材料，或写明谁在哪一天核验过原件" in text(clerk.post(address, said))
    clerk.post(address, said | {"upload": pdf()})
    paper = Paper.objects.get()
    assert (paper.code, paper.number, paper.change.kind) == ("approval", "云教审〔2026〕3号", Change.RETAIN)


NEW = {
    "name": "新来的", "sex": "1", "guardian_name": "新家长", "guardian_phone": "无", "on": "2026-03-09", "reason": "m1",
    "other_school": "白水乡中学",
}  # fmt: skip


def test_a_newcomer_is_in_class_at_once(cast: Cast, clerk: Client) -> None:
    said = NEW | {"classroom": cast.seven.pk, "id_no": id_number(900), "seat_no": 30}
    response = clerk.post(url("newcomer", "transfer_in"), said, follow=True)
    student = Student.objects.get(name="新来的")
    assert student.present_enrollment.status == EnrollmentStatus.IN_CLASS  # type: ignore[union-attr]
    assert student.present_enrollment.seat_no == 30  # type: ignore[union-attr]
    assert "转学手续不全，不能办结接收" in text(response)
    assert not FULL_NUMBER.search(text(response))


def test_a_newcomer_who_was_here_before_is_shown_the_old_card(cast: Cast, clerk: Client) -> None:
    said = NEW | {"classroom": cast.seven.pk, "id_no": id_number(1)}
    html = text(clerk.post(url("newcomer", "transfer_in"), said))
    assert "本校已有这名学生：赵海燕" in html
    assert url("change_new", cast.pupils[0].pk, "transfer_in") in html
    assert 'value="新家长"' in html


def test_a_wrong_number_of_a_newcomer_is_said_at_once(cast: Cast, clerk: Client) -> None:
    html = text(clerk.post(url("newcomer", "transfer_in"), NEW | {"classroom": cast.seven.pk, "id_no": "1234"}))
    assert "身份证号应为18位" in html
    assert not Student.objects.filter(name="新来的").exists()
    assert clerk.get(url("newcomer", "suspension")).status_code == 404


# --- One change -----------------------------


@pytest.fixture
def leaving(cast: Cast) -> RollChange:
    return record(cast, cast.pupils[0], Change.TRANSFER_OUT)


def test_papers_come_in_one_by_one_and_the_scan_is_served(cast: Cast, clerk: Client, leaving: RollChange) -> None:
    address = url("paper_new", leaving.pk, "receipt")
    assert "请选择是哪一种佐证" in text(clerk.post(address, {"seen_by": "赵教务", "seen_on": "2026-03-10"}))
    html = text(clerk.post(address, {"grade": "receipt", "upload": pdf(), "number": "白中收12号"}, follow=True))
    assert "接收回执或就读证明" in html
    assert "白中收12号" in html
    paper = Paper.objects.get()
    response = clerk.get(url("paper_file", paper.pk))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert b"".join(response.streaming_content) == b"%PDF-1.4 paper"  # type: ignore[attr-defined]


def test_a_paper_of_no_checklist_is_not_asked_for(clerk: Client, leaving: RollChange) -> None:
    assert clerk.get(url("paper_new", leaving.pk, "diagnosis")).status_code == 404


def test_a_paper_that_was_the_wrong_one_is_voided_with_a_reason(cast: Cast, clerk: Client, leaving: RollChange) -> None:
    keep_all(cast, leaving)
    paper = leaving.papers.first()
    assert "请写明作废原因" in text(clerk.post(url("paper_void", paper.pk), {"reason": "错"}, follow=True))
    clerk.post(url("paper_void", paper.pk), {"reason": "交错了一份"})
    assert leaving.papers.standing().count() == 1


def test_steps_settling_and_voiding_from_the_page(cast: Cast, clerk: Client, leaving: RollChange) -> None:
    step = leaving.steps.first()
    html = text(clerk.post(url("step_finish", step.pk), {"on": "2026-03-10", "note": "系统已发起"}, follow=True))
    assert "3/10 办完：系统已发起" in html
    assert "还缺" in text(clerk.post(url("change_settle", leaving.pk), {"on": "2026-03-11"}, follow=True))
    keep_all(cast, leaving)
    assert "已办结" in text(clerk.post(url("change_settle", leaving.pk), {"on": "2026-03-11"}, follow=True))
    assert cast.pupils[0].enrollments.open().count() == 0
    clerk.post(url("change_void", leaving.pk), {"reason": "家长不转了"})
    assert cast.pupils[0].enrollments.open().get().status == EnrollmentStatus.IN_CLASS
    assert "家长不转了" in text(clerk.get(url("change", leaving.pk)))


def test_the_printed_forms_are_one_click_away(clerk: Client, leaving: RollChange, monkeypatch) -> None:
    monkeypatch.setattr(
        changepage, "printed", [lambda change: [("中小学生转学申请表", f"/books/x/?about={change.pk}")]]
    )
    html = text(clerk.get(url("change", leaving.pk)))
    assert f'href="/books/x/?about={leaving.pk}">中小学生转学申请表</a>' in html


def test_the_entry_of_a_pupil_is_no_change_to_be_voided(cast: Cast, clerk: Client) -> None:
    entry = cast.pupils[0].changes.get()
    html = text(clerk.post(url("change_void", entry.pk), {"reason": "登记错了人"}, follow=True))
    assert "不在这里作废" in html
    assert "作废这笔异动" not in html
    assert cast.pupils[0].enrollments.open().exists()


def test_a_correction_shows_what_was_said_and_replaces_it(cast: Cast, clerk: Client, leaving: RollChange) -> None:
    address = url("change_correct", leaving.pk)
    assert 'value="白水乡中学"' in text(clerk.get(address))
    html = text(clerk.post(address, OUT | {"other_school": "黑山乡中学"}, follow=True))
    assert "黑山乡中学" in html
    assert "看原来的一笔" in html
    assert "看更正后的一笔" in text(clerk.get(url("change", leaving.pk)))
    assert "已经作废" in text(clerk.get(address, follow=True))


def test_a_change_of_another_school_is_no_page(cast: Cast, leaving: RollChange) -> None:
    far = login(cast.far_clerk)
    keep_all(cast, leaving)
    for name, args in (
        ("change", (leaving.pk,)), ("change_correct", (leaving.pk,)), ("paper_new", (leaving.pk, "receipt")),
        ("change_new", (cast.pupils[0].pk, "class")), ("change", (99_999,)),
    ):  # fmt: skip
        assert far.get(url(name, *args)).status_code == 404
    assert far.post(url("paper_void", leaving.papers.first().pk), {"reason": "交错了"}).status_code == 404
    assert login(cast.head).get(url("change", leaving.pk)).status_code == 403


# --- The book -------------------------------


def listed(client: Client, query: str = "") -> list[tuple[str, str]]:
    lines = client.get(url("change_list") + query).context["lines"]
    return [(line.change.student.name, line.change.kind) for line, _ in lines]


def test_the_book_is_filtered_by_kind_month_class_and_state(cast: Cast, clerk: Client, leaving: RollChange) -> None:
    record(cast, cast.others[1], Change.SUSPENSION)
    done = record(cast, cast.pupils[2], Change.BOARD_OUT, march(10))
    keep_all(cast, done)
    procedures.settle(actor=cast.clerk, change=done, on=WEDNESDAY)
    one, two, three = ("赵海燕", Change.TRANSFER_OUT), ("李建军", Change.SUSPENSION), ("王小梅", Change.BOARD_OUT)
    assert listed(clerk) == [three, two, one]
    assert listed(clerk, "?kind=suspension") == [two]
    assert listed(clerk, f"?classroom={cast.seven.pk}") == [three, one]
    assert listed(clerk, "?month=2026-03") == [three, two, one]
    assert listed(clerk, "?month=2026-02") == []
    assert listed(clerk, "?state=settled") == [three]
    assert listed(clerk, "?state=open") == listed(clerk, "?state=lacking") == [two, one]
    keep_all(cast, leaving)
    assert listed(clerk, "?state=lacking") == [two]
    clerk.post(url("change_void", leaving.pk), {"reason": "家长不转了"})
    assert listed(clerk, "?state=voided") == [one]
    assert listed(login(cast.far_clerk)) == []


def test_a_late_step_is_found(cast: Cast, leaving: RollChange, at_day: Callable[..., None]) -> None:
    at_day(march(20))
    assert listed(login(cast.clerk), "?state=late") == []
    at_day(march(21))
    assert [name for name, _ in listed(login(cast.clerk), "?state=late")] == ["赵海燕"]


def test_the_lists_cost_the_same_with_more_changes(cast: Cast, clerk: Client, django_assert_max_num_queries) -> None:
    pages = [url(name) for name in ("change_list", "missing_papers", "not_arrived", "suspensions", "roll_office")]
    pages.append("/")

    def costs() -> list[int]:
        counted = []
        for page in pages:
            with django_assert_max_num_queries(60) as seen:
                assert clerk.get(page).status_code == 200
            counted.append(len(seen))
        return counted

    for number in range(2):
        record(cast, cast.pupils[number], (Change.TRANSFER_OUT, Change.SUSPENSION)[number])
    few = costs()
    for number in range(20):
        pupil = make_pupil(cast.school, cast.eight, 20 + number, f"学生{number}", 400 + number)
        record(cast, pupil, (Change.TRANSFER_OUT, Change.SUSPENSION)[number % 2], DAY)
    assert costs() == few
