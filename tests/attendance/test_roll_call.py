"""到校日报, the page: what it shows, what a browser without script sends, what it costs."""

import datetime
import re
import uuid

import pytest

from attendance import rollcall, services
from attendance.models import DailyReport, Mark, Submission
from schools import calendar
from schools.codes import Role
from schools.models import AuditEntry, Classroom, Duty
from students.models import Enrollment
from tests.attendance.conftest import Page, send
from tests.attendance.saying import report_days
from tests.attendance.test_protocol import TUESDAY, away, said
from tests.cast import WEDNESDAY, Cast, make_person, make_pupil


@pytest.fixture
def page(cast: Cast, open_page) -> Page:
    return open_page(cast.head, f"/roll/{cast.seven.pk}/")


TOKEN = r'name="csrfmiddlewaretoken" value="[^"]+"'


def text(response) -> str:
    return response.content.decode()


def is_ticked(html: str, page: Page, pk: int) -> bool:
    key, name = page.control(pk)
    return f'name="{name}" value="{key}" checked' in html


# --- Taps -----------------------------------------------------------------------------------------
def test_two_absentees_are_two_taps_and_the_button(cast, client, page):
    response = page.tap(cast.pupils[0].pk).send()
    assert response.status_code == 302
    receipt = client.get(response["Location"])
    submission = Submission.objects.get()
    assert f"已送达 8:00:00 回执 {submission.receipt}" in text(receipt)
    assert "应到6 · 实到5 · 缺勤1：赵海燕" in text(receipt)
    assert said(cast) == {"赵海燕": "W"}


def test_full_attendance_is_the_button_alone(cast, page):
    assert page.send().status_code == 302
    assert DailyReport.objects.get().absent == 0


def test_reasons_travel_with_their_pupil(cast, page):
    page.tap(cast.pupils[0].pk, "S", "发烧").tap(cast.pupils[1].pk, "X", "看病去了").send(confirmed="1")
    marks = {m.student_id: (m.teacher_code, m.note) for m in Mark.objects.all()}
    assert marks == {cast.pupils[0].pk: ("S", "发烧"), cast.pupils[1].pk: ("W", "看病去了")}


def test_opening_the_page_writes_nothing(cast, page):
    assert page.response.status_code == 200
    assert not DailyReport.objects.exists()
    assert not AuditEntry.objects.filter(verb="report").exists()


def test_reopened_it_shows_what_was_saved(cast, client, page, open_page):
    page.tap(cast.pupils[0].pk, "S", "发烧").send()
    again = open_page(cast.head, page.url)
    assert is_ticked(again.html, page, cast.pupils[0].pk)
    assert "<option value=S selected>" in again.html
    assert 'value="发烧"' in again.html
    assert "已送达（张老师 8:00）" in again.html
    assert again.send().status_code == 302
    assert said(cast) == {"赵海燕": "S"}
    assert "已更正（张老师 8:00）" in text(client.get(page.url))


def test_a_second_tap_on_the_button_gets_the_same_receipt(cast, page):
    assert page.send()["Location"] == page.send()["Location"]
    assert Submission.objects.count() == 1


def test_a_page_sent_a_second_time_with_other_marks_is_shown_again_with_them(cast, page):
    page.send()
    response = page.tap(cast.pupils[0].pk, "S").send()
    assert response.status_code == 409
    assert "已经报过别的内容" in text(response)
    assert is_ticked(text(response), page, cast.pupils[0].pk)
    assert said(cast) == {}


# --- Presence -------------------------------------------------------------------------------------
def test_a_pre_marked_child_stands_on_top_and_needs_his_tap(cast, at_day, open_page):
    away(cast, at_day, 4)
    page = open_page(cast.head, f"/roll/{cast.seven.pk}/")
    assert page.html.index("陈大山") < page.html.index("赵海燕")
    assert "3/6起未到，连缺3天" in page.html
    assert page.send().status_code == 302
    assert said(cast) == {"陈大山": "W"}
    again = open_page(cast.head, page.url)
    # Everybody here, though one was away for three days: asked once.
    assert "陈大山连日没有到校，今天全班都到了吗" in text(again.tap(cast.pupils[4].pk).send())
    assert again.send(confirmed="1").status_code == 302
    assert said(cast) == {"陈大山": "P"}
    # Shown again it is 到了; untapped it is 未到.
    open_page(cast.head, page.url).untap(cast.pupils[4].pk).send(confirmed="1")
    assert said(cast) == {"陈大山": "W"}


def test_a_shorter_spell_is_a_hint_and_no_mark(cast, at_day, open_page):
    away(cast, at_day, 4, days=(TUESDAY,))
    page = open_page(cast.head, f"/roll/{cast.seven.pk}/")
    assert page.html.index("陈大山") < page.html.index("赵海燕")
    assert "上个到校日未到" in page.html
    page.send()
    assert said(cast) == {}


def test_the_consequence_is_said_before_the_third_day(cast, at_day, open_page):
    away(cast, at_day, 4, days=(datetime.date(2026, 3, 9), TUESDAY))
    page = open_page(cast.head, f"/roll/{cast.seven.pk}/")
    assert "周一起未到，连缺2天" in page.html
    assert "连缺第3天，提交后列入疑似辍学" in page.html


def test_a_late_arrival_of_a_pre_marked_child_stays_late_when_the_page_is_sent_again(cast, at_day, open_page):
    away(cast, at_day, 4)
    send(cast.head, cast.seven)
    services.record_arrival(
        actor=cast.head, classroom=cast.seven, on=WEDNESDAY, request_id=uuid.uuid4(), student_id=cast.pupils[4].pk
    )
    open_page(cast.head, f"/roll/{cast.seven.pk}/").send(confirmed="1")
    mark = Mark.objects.get(on=WEDNESDAY)
    assert (mark.teacher_code, mark.arrived_at) == ("L", datetime.time(8, 0))


def test_the_offices_word_stands_beside_the_teachers(cast, open_page):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    services.verify_mark(actor=cast.clerk, student=cast.pupils[0], on=WEDNESDAY, code="L")
    page = open_page(cast.head, f"/roll/{cast.seven.pk}/")
    assert "班主任：原因待核，核实：迟到" in page.html
    page.send()
    assert Mark.objects.get().code == "L"


# --- Asked once -----------------------------------------------------------------------------------
def test_many_absentees_are_asked_about_once(cast, client, page):
    response = page.tap(cast.pupils[0].pk).tap(cast.pupils[1].pk, "S", "发烧").send()
    assert response.status_code == 200
    assert "全班6人，未到2人（33%），对吗？" in text(response)
    assert not DailyReport.objects.exists()
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text(response))
    fields: dict[str, list[str]] = {}
    for name, value in hidden:
        fields.setdefault(name, []).append(value)
    assert client.post(page.action, fields).status_code == 302
    assert said(cast) == {"赵海燕": "W", "李建军": "S"}
    assert str(Submission.objects.get().request_id) == dict(page.fields)["request_id"]


def test_another_day_and_somebody_elses_marks_are_asked_about(cast, at_day, open_page):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    page = open_page(cast.clerk, f"/roll/{cast.seven.pk}/")
    assert "他人已报（张老师 8:00）" in page.html
    assert "赵海燕由张老师报过，要改成您这一份吗" in text(page.untap(cast.pupils[0].pk).send())
    at_day("2026-03-12")
    yesterday = open_page(cast.clerk, f"/roll/{cast.seven.pk}/2026-03-11/")
    assert "不是今天" in text(yesterday.send(reason="核对"))


def test_what_the_script_needs_to_ask_stands_in_the_form(cast, at_day, client, open_page):
    away(cast, at_day, 4)
    page = open_page(cast.head, f"/roll/{cast.seven.pk}/")
    assert 'data-percent="20" data-away="陈大山"' in page.html
    assert "data-past" not in page.html
    assert "data-by" not in page.html


# --- Two people -----------------------------------------------------------------------------------
def test_a_conflict_shows_both_versions_with_names_and_one_button_settles_it(cast, client, open_page):
    page = open_page(cast.clerk, f"/roll/{cast.seven.pk}/")
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W", cast.pupils[2].pk: "W"})
    response = page.tap(cast.pupils[0].pk, "S", "发烧").send()
    assert response.status_code == 409
    html = text(response)
    assert "张老师在您之前报过赵海燕" in html
    assert "<td>原因待核</td><td>病假（发烧）</td>" in html
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html):
        fields.setdefault(name, []).append(value)
    assert client.post(page.action, fields).status_code == 302
    assert said(cast) == {"赵海燕": "S", "王小梅": "W"}


def test_a_changed_roll_is_shown_again_with_what_was_tapped(cast, client, page):
    make_pupil(cast.school, cast.seven, 7, "新来的", 900, starts_on=WEDNESDAY)
    response = page.tap(cast.pupils[0].pk, "S").send()
    assert response.status_code == 409
    assert "名单有变动" in text(response)
    assert "新来的" in text(response)
    assert is_ticked(text(response), page, cast.pupils[0].pk)


def test_a_transfer_in_after_the_report_shows_as_a_changed_roll(cast, client):
    send(cast.head, cast.seven)
    make_pupil(cast.school, cast.seven, 7, "新来的", 900, starts_on=WEDNESDAY)
    client.force_login(cast.head)
    assert "名单已变（+1人）" in text(client.get(f"/roll/{cast.seven.pk}/"))


# --- Days and states ------------------------------------------------------------------------------
def test_the_form_goes_to_its_day_whatever_midnight_does(cast, at_day, open_page):
    at_day(WEDNESDAY, 23, 58)
    page = open_page(cast.head, f"/roll/{cast.seven.pk}/")
    at_day("2026-03-12", 0, 3)
    assert page.send(confirmed="1").status_code == 302
    report = DailyReport.objects.get()
    assert (report.on, report.late) == (WEDNESDAY, True)


@pytest.mark.parametrize("server", ["UTC", "Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize(
    ("hour", "minute", "day"),
    [(23, 59, "2026-03-10"), (0, 1, "2026-03-11"), (7, 30, "2026-03-11"), (7, 59, "2026-03-11"), (8, 0, "2026-03-11")],
)
def test_today_is_the_schools_today(cast, at_day, open_page, monkeypatch, server, hour, minute, day):
    import time

    monkeypatch.setenv("TZ", server)
    time.tzset()
    try:
        at_day(day, hour, minute)
        page = open_page(cast.head, f"/roll/{cast.seven.pk}/")
        assert page.action.endswith(f"/{day}/")
        assert page.send().status_code == 302
        assert str(DailyReport.objects.get().on) == day
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("day", "word", "why"),
    [
        ("2026-03-07", "非上课日", "周六"),
        ("2026-03-12", "未开始", "还没有到"),
        ("2026-03-03", "已锁定", "只有校长可以补报或更正"),
    ],
)
def test_a_day_that_can_not_be_reported_says_which_and_who_can_mend_it(cast, client, day, word, why):
    client.force_login(cast.head)
    html = text(client.get(f"/roll/{cast.seven.pk}/{day}/"))
    assert word in html
    assert why in html
    assert '<form id="roll"' not in html


def test_a_closed_day_names_its_reason(cast, client):
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="冰雪停课")
    client.force_login(cast.head)
    html = text(client.get(f"/roll/{cast.seven.pk}/"))
    assert "冰雪停课" in html
    assert "请教务员在「校历」里开这一天" in html


def test_a_class_without_pupils_says_so(cast, client):
    Enrollment.objects.filter(classroom=cast.seven).update(ends_on=TUESDAY)
    client.force_login(cast.head)
    html = text(client.get(f"/roll/{cast.seven.pk}/"))
    assert "未排学生" in html
    assert "请教务员导入花名册" in html


def test_a_past_day_asks_for_the_reason_and_the_refusal_keeps_the_taps(cast, at_day, open_page):
    send(cast.head, cast.seven)
    at_day("2026-03-12")
    page = open_page(cast.head, f"/roll/{cast.seven.pk}/2026-03-11/")
    assert 'name="reason"' in page.html
    response = page.tap(cast.pupils[0].pk, "A").send(confirmed="1")
    assert response.status_code == 400
    assert "要写明原因" in text(response)
    assert is_ticked(text(response), page, cast.pupils[0].pk)
    page.fields.remove(("reason", ""))
    assert page.send(confirmed="1", reason="补请假条").status_code == 302


@pytest.mark.parametrize(
    "broken",
    [{"request_id": "x"}, {"revision": "-1"}, {"revision": ""}, {"roll": ""}, {"absent": "x"}, {"absent": "9" * 5000}],
)
def test_a_sending_that_can_not_be_read_is_refused_whole(cast, page, broken):
    page.fields = [field for field in page.fields if field[0] not in broken]
    assert page.send(**broken).status_code == 400
    assert not DailyReport.objects.exists()


def test_a_foreign_pupil_in_the_sending_refuses_it_whole(cast, page):
    page.fields.append(("absent", str(cast.far_pupils[0].pk)))
    response = page.send()
    assert response.status_code == 400
    assert "不在七(1)班" in text(response)
    assert not DailyReport.objects.exists()


# --- Whose page -----------------------------------------------------------------------------------
def test_the_roll_call_is_for_the_head_teacher_and_the_office(cast, client):
    url = f"/roll/{cast.seven.pk}/"
    seen = {}
    for name in vars(cast):
        if hasattr(person := getattr(cast, name), "username"):
            client.force_login(person)
            seen[name] = client.get(url).status_code
    assert {name for name, status in seen.items() if status == 200} == {"head", "clerk", "principal"}
    assert {name for name, status in seen.items() if status == 404} == {
        "other_head", "far_head", "far_clerk", "far_principal",
    }  # fmt: skip
    assert {seen[name] for name in ("subject", "admin", "auditor", "central", "county_officer")} == {403}


def test_teaching_a_subject_in_a_class_is_no_key_to_its_roll_call(cast, client):
    Duty.objects.create(
        user=cast.other_head, role=Role.SUBJECT_TEACHER, unit=cast.school, classroom=cast.seven, starts_on=TUESDAY
    )
    client.force_login(cast.other_head)
    assert client.get(f"/roll/{cast.seven.pk}/").status_code == 404
    assert client.post(f"/roll/{cast.seven.pk}/2026-03-11/").status_code == 404


def test_a_foreign_class_and_an_unknown_one_are_the_same_404(cast, client):
    client.force_login(cast.head)
    foreign = client.get(f"/roll/{cast.far_seven.pk}/")
    unknown = client.get("/roll/999999/")
    assert foreign.status_code == unknown.status_code == 404
    assert re.sub(TOKEN, "", text(foreign)) == re.sub(TOKEN, "", text(unknown))
    assert client.get(f"/roll/{cast.seven.pk}/2026-02-30/").status_code == 404


def test_without_a_login_nothing_is_shown_or_taken(cast, client):
    assert client.get(f"/roll/{cast.seven.pk}/").status_code == 302
    assert client.post(f"/roll/{cast.seven.pk}/2026-03-11/").status_code == 302
    assert not DailyReport.objects.exists()


def test_a_receipt_belongs_to_its_class(cast, client):
    receipt = send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    for person, status in ((cast.head, 200), (cast.clerk, 200), (cast.other_head, 404), (cast.far_clerk, 404)):
        client.force_login(person)
        assert client.get(f"/roll/receipt/{receipt.pk}/").status_code == status


def test_my_roll_leads_to_ones_class(cast, client):
    client.force_login(cast.head)
    assert client.get("/roll/")["Location"] == f"/roll/{cast.seven.pk}/"
    Duty.objects.create(
        user=cast.head, role=Role.HEAD_TEACHER, unit=cast.school, classroom=cast.eight, starts_on=TUESDAY
    )
    assert "八(1)班" in text(client.get("/roll/"))
    client.force_login(cast.clerk)
    assert client.get("/roll/")["Location"] == "/day/"
    old = Classroom.objects.create(school=cast.school, stage="junior", entry_year=2019, number=1)
    client.force_login(make_person("old", "旧老师", Role.HEAD_TEACHER, cast.school, old))
    assert "无班级" in text(client.get("/roll/"))


# --- From the receipt -----------------------------------------------------------------------------
def test_the_receipt_offers_arrival_until_noon_phone_correction_and_a_text(cast, client, at_day):
    pupil = cast.pupils[0]
    receipt = f"/roll/receipt/{send(cast.head, cast.seven, marks={pupil.pk: ('S', '发烧')}).pk}/"
    client.force_login(cast.head)
    at_day(WEDNESDAY, 9, 40)
    html = text(client.get(receipt))
    assert "到了 9:40" in html
    assert "【到校日报】七(1)班 3月11日 周三\n应到6人，实到5人，缺勤1人：赵海燕（病假）\n" in html
    at_day(WEDNESDAY, 12, 1)
    assert "到了 12:01" not in text(client.get(receipt))
    at_day("2026-03-12")
    client.force_login(cast.head)
    html = text(client.get(receipt))
    assert "打家长电话" not in html
    assert f"/roll/{cast.seven.pk}/2026-03-11/" in html


def test_arrival_by_the_receipts_button(cast, client):
    pupil = cast.pupils[0]
    receipt = send(cast.head, cast.seven, marks={pupil.pk: "W"})
    client.force_login(cast.head)
    html = text(client.get(f"/roll/receipt/{receipt.pk}/"))
    request_id = re.search(r'name="request_id" value="([^"]+)"', html)[1]
    url = f"/roll/{cast.seven.pk}/2026-03-11/arrived/{pupil.pk}/"
    first = client.post(url, {"request_id": request_id})
    assert client.post(url, {"request_id": request_id})["Location"] == first["Location"]
    assert "这是更正（第2次）" in text(client.get(first["Location"]))
    assert "之后又有更正" in text(client.get(f"/roll/receipt/{receipt.pk}/"))
    assert client.post(url, {"request_id": "x"})["Location"] == f"/roll/{cast.seven.pk}/2026-03-11/"


def test_a_number_is_shown_by_post_only_and_leaves_a_trace(cast, client):
    pupil = cast.pupils[0]
    number = "138" + "0000" + "1234"
    pupil.guardians.update(phone=number)
    send(cast.head, cast.seven, marks={pupil.pk: "W"})
    client.force_login(cast.head)
    assert client.get(f"/roll/phone/{pupil.pk}/").status_code == 405
    assert f'href="tel:{number}"' in text(client.post(f"/roll/phone/{pupil.pk}/"))
    assert AuditEntry.objects.filter(verb="phone", object_id=pupil.pk).count() == 1
    present = client.post(f"/roll/phone/{cast.pupils[1].pk}/")
    assert present.status_code == 403
    assert "没有报缺勤" in text(present)
    assert client.post(f"/roll/phone/{cast.far_pupils[0].pk}/").status_code == 404


def test_a_family_without_a_phone_is_named_with_the_way_round_it(cast, client):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    client.force_login(cast.head)
    assert "没有电话，请上门或托人联系" in text(client.post(f"/roll/phone/{cast.pupils[0].pk}/"))


def test_every_row_is_a_native_control_with_its_label(cast, page):
    rows = re.findall(
        r'<label><input type="checkbox" name="\w+" value="\d+"><b>\d+</b><span>(\w+)</span></label>', page.html
    )
    assert rows == [pupil.name for pupil in cast.pupils]
    assert "<script>" not in page.html
    assert " onclick" not in page.html


def test_the_glance_of_the_page_and_the_whole_reading_of_a_verb_agree(cast, at_day):
    """What the page pre-marks is what a sending takes for pre-marked; only very long counts are told as 「以上」."""
    report_days(cast.seven, cast.head, cast.pupils[0], "2-24", "U" * 12)
    report_days(cast.seven, cast.head, cast.pupils[1], "3-9", "UU")
    report_days(cast.seven, cast.head, cast.pupils[2], "3-3", "SSSSSS")
    report_days(cast.seven, cast.head, cast.pupils[3], "3-3", "UU.  U")
    glance = rollcall.roll_of(cast.seven, WEDNESDAY, at_a_glance=True)
    assert glance.rows == rollcall.roll_of(cast.seven, WEDNESDAY).rows
    assert [row.name for row in glance.rows if row.premarked] == ["赵海燕"]
    at_day("2026-06-30")
    report_days(cast.seven, cast.head, cast.pupils[0], "2-24", "U" * 90)
    glance, whole = (
        rollcall.roll_of(cast.seven, datetime.date(2026, 6, 30), at_a_glance=short) for short in (True, False)
    )
    assert [row.premarked for row in glance.rows if row.premarked] == ["未到，连缺82天以上"]
    assert [row.premarked for row in whole.rows if row.premarked] == ["2/24起未到，连缺87天"]
    assert glance.version == whole.version
