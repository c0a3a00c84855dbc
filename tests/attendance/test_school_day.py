"""学校日汇总: who has reported, who is missing, the office's word, and the two passes of the day."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance import services
from attendance.models import DayReview, Mark
from schools import calendar
from schools.codes import Role
from schools.models import AuditEntry, Classroom, Duty
from tests.attendance.conftest import send
from tests.cast import WEDNESDAY, make_person, make_pupil


def page(client, person, url: str = "/day/") -> str:
    client.force_login(person)
    response = client.get(url)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def rows(html: str) -> list[str]:
    """Table rows as text, cells apart by a bar."""
    plain = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr[ >].*?</tr>", html)]
    return [re.sub(r"[|\s]*\|[|\s]*", "|", row).strip("|") for row in plain]


def test_an_unreported_class_counts_neither_as_here_nor_as_away(cast, client):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W", cast.pupils[1].pk: "S", cast.pupils[2].pk: "L"})
    html = page(client, cast.clerk)
    assert '缺勤 <span class="num">2</span></strong>（1/2 班已报，8:00） · 应到 12 · 实到 4' in html
    seven, eight = (row for row in rows(html) if re.match(r"[七八]\(1\)班\|[张李]", row))
    assert seven.startswith("七(1)班|张老师|6|4|1|0|0|1|1")
    assert "8:00 张老师" in seven
    assert eight.startswith("八(1)班|李老师|6|—|—|—|—|—|—")
    assert "未报" in eight


def test_a_late_report_and_one_by_the_office_say_so(cast, client, at_day):
    at_day(WEDNESDAY, 9, 30)
    send(cast.clerk, cast.seven)
    html = page(client, cast.principal)
    assert "迟报" in html
    assert "赵教务（代报）" in html


def test_two_words_on_one_pupil_stand_side_by_side(cast, client):
    pupil = cast.pupils[0]
    send(cast.head, cast.seven, marks={pupil.pk: ("W", "电话没人接")})
    client.force_login(cast.clerk)
    answer = client.post(f"/day/2026-03-11/verify/{pupil.pk}/", {"code": "L"}, follow=True)
    html = re.sub(r"\s+", " ", answer.content.decode())
    assert "赵海燕已核实：迟到" in html
    (row,) = [row for row in rows(html) if "赵海燕" in row]
    assert "原因待核" in row
    assert "电话没人接" in row
    assert "赵教务 8:00" in row
    assert Mark.objects.get().code == "L"
    assert '缺勤 <span class="num">0</span>' in html


@pytest.mark.parametrize("code", ["", "?", "P' OR 1"])
def test_a_code_that_is_none_is_refused_in_words(cast, client, code):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    client.force_login(cast.clerk)
    answer = client.post(f"/day/2026-03-11/verify/{cast.pupils[0].pk}/", {"code": code}, follow=True)
    assert "请选核实的结果" in answer.content.decode()
    assert Mark.objects.get().office_code == ""


def test_the_office_passes_the_day_and_then_the_principal_and_the_figures_are_frozen(cast, client):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    client.force_login(cast.principal)
    url = "/day/2026-03-11/review/"
    assert "先由教务审过" in client.post(url, {"level": "principal"}, follow=True).content.decode()
    client.force_login(cast.clerk)
    client.post(url, {"level": "office"})
    client.post(url, {"level": "principal"})
    assert [review.level for review in DayReview.objects.all()] == ["office"]
    client.force_login(cast.principal)
    client.post(url, {"level": "principal"})
    office, principal = DayReview.objects.order_by("pk")
    assert (office.reviewed_by, principal.reviewed_by) == (cast.clerk, cast.principal)
    assert office.summary["reported"] == 1
    assert office.summary["missing"] == ["八(1)班"]
    assert office.summary["marks"] == {str(cast.pupils[0].pk): "W"}
    assert "赵海燕" not in str(office.summary)
    assert AuditEntry.objects.filter(verb="review").count() == 2
    # A later report changes the day, not what was passed; the page says that they differ.
    assert "审后有变动" not in page(client, cast.clerk)
    send(cast.other_head, cast.eight)
    assert "审后有变动" in page(client, cast.clerk)
    office.refresh_from_db()
    assert office.summary["reported"] == 1


def test_one_person_for_both_passes_is_said_on_the_page(cast, client):
    send(cast.head, cast.seven)
    for level in ("office", "principal"):
        services.review_day(actor=cast.principal, school=cast.school, on=WEDNESDAY, level=level)
    assert "一人兼任" in page(client, cast.principal)


@pytest.mark.parametrize(
    ("who", "level", "why"),
    [
        ("head", "office", "由教务来审"),
        ("clerk", "principal", "由校长来审"),
        ("far_clerk", "office", "由教务来审"),
        ("admin", "office", "由教务来审"),
    ],
)
def test_passing_a_day_is_for_the_schools_office(cast, who, level, why):
    send(cast.head, cast.seven)
    with pytest.raises(services.Refusal, match=why):
        services.review_day(actor=getattr(cast, who), school=cast.school, on=WEDNESDAY, level=level)
    assert not DayReview.objects.exists()


def test_a_day_without_a_report_or_without_school_is_not_passed(cast):
    with pytest.raises(services.Refusal, match="还没有班级上报"):
        services.review_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, level="office")
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="冰雪停课")
    with pytest.raises(services.Refusal, match="冰雪停课"):
        services.review_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, level="office")


def test_a_reported_day_can_not_be_closed_afterwards(cast):
    send(cast.head, cast.seven)
    with pytest.raises(calendar.CalendarRefusal, match="已有班级上报"):
        calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="冰雪停课", grade=7)
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="八年级体检", grade=8)


def test_a_closed_day_says_why(cast, client):
    html = page(client, cast.clerk, "/day/2026-03-14/")
    assert "非上课日" in html
    assert "周六" in html


def test_a_grade_that_stays_home_owes_no_report(cast, client):
    calendar.close_day(actor=cast.clerk, school=cast.school, on=WEDNESDAY, reason="八年级体检", grade=8)
    send(cast.head, cast.seven)
    html = page(client, cast.clerk)
    assert "1/1 班已报" in html
    assert "八(1)班" not in html


def test_the_day_is_for_the_office_and_shows_nothing_of_another_school(cast, client):
    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    seen = {}
    for name in vars(cast):
        if hasattr(person := getattr(cast, name), "username"):
            client.force_login(person)
            seen[name] = client.get("/day/").status_code
    assert {name for name, status in seen.items() if status == 200} == {
        "clerk", "principal", "far_clerk", "far_principal",
    }  # fmt: skip
    assert "赵海燕" not in page(client, cast.far_clerk)
    assert client.get(f"/day/?school={cast.school.pk}").status_code == 404
    assert client.post("/day/2026-03-11/review/", {"level": "office", "school": cast.school.pk}).status_code == 404
    assert client.post(f"/day/2026-03-11/verify/{cast.pupils[0].pk}/", {"code": "P"}).status_code == 404
    assert client.post("/day/2026-03-11/review/", {"level": "x"}).status_code == 404


def test_who_holds_the_office_of_two_schools_chooses(cast, client):
    Duty.objects.create(user=cast.clerk, role=Role.CLERK, unit=cast.far_school, starts_on=WEDNESDAY)
    html = page(client, cast.clerk)
    assert "白水乡中学" in html
    assert "0/1 班已报" in page(client, cast.clerk, f"/day/2026-03-11/?school={cast.far_school.pk}")


def test_the_number_of_queries_is_the_same_for_2_and_12_classes(cast, client):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/day/").status_code == 200
        return len(captured)

    send(cast.head, cast.seven, marks={cast.pupils[0].pk: "W"})
    client.force_login(cast.clerk)
    few = cost()
    for number in range(2, 12):
        room = Classroom.objects.create(school=cast.school, stage="junior", entry_year=2025, number=number)
        pupil = make_pupil(cast.school, room, 1, f"学生{number}", 900 + number)
        head = make_person(f"h{number}", f"班主任{number}", Role.HEAD_TEACHER, cast.school, room)
        send(head, room, marks={pupil.pk: "W"})
    assert cost() == few
    assert few <= 18
