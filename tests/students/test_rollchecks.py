"""人籍核对: a list uploaded and compared with the roll, the account, who sees it, what it costs."""

import datetime
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from schools.codes import Verb
from schools.models import AuditEntry, Policy
from students import roll, todos
from students.codes import Change, RollList, TagKind
from students.models import Difference, Enrollment, RollCheck, Student, Tag
from students.roll import RollRefusal
from students.rollcheck import checks, listing, rollbook
from students.rollcheck.pairing import compare
from students.roster.cells import Sheet as FileSheet
from tests.cast import TERM_END, TERM_START, WEDNESDAY, Cast, id_number, login, make_pupil
from tests.students.check_lists import (
    HEADER,
    K,
    W,
    file_of,
    kinds,
    make_check,
    namesakes_apart,
    school_list,
    settle,
    the,
    upload,
)
from tests.students.roster_files import workbook


@pytest.fixture(autouse=True)
def apart(cast: Cast) -> None:
    namesakes_apart(cast)


@pytest.fixture
def check(cast: Cast) -> RollCheck:
    return make_check(cast)


# --- the comparison -----------------------------------------------------------------------------------------
def test_a_list_that_agrees_has_no_difference(cast: Cast) -> None:
    check = upload(cast, *school_list(cast))
    assert (check.listed, check.matched, kinds(check)) == (12, 12, [])
    assert check.term == cast.school.terms.get()


def test_the_differences_and_the_account_add_up(cast: Cast, check: RollCheck) -> None:
    assert kinds(check) == [
        (K.CLASS, cast.pupils[0].name),
        (K.FACTS, cast.pupils[1].name),
        (K.ROLL_WITHOUT_CHILD, "丹增"),
        (K.CHILD_WITHOUT_ROLL, cast.pupils[4].name),
    ]
    page = login(cast.clerk).get(check.get_absolute_url()).content.decode()
    sums = re.sub(r"<[^>]+>", "", page)
    assert "名单 12 人 = 一致 9 + 有籍无人 1 + 班级不符 1 + 信息不一致 1" in sums
    assert "本校在册（含借读） 12 人 = 一致 9 + 有人无籍 1 + 班级不符 1 + 信息不一致 1" in sums


def test_who_left_is_borrowed_suspended_or_leaving_is_told_apart(cast: Cast) -> None:
    rows = school_list(cast)
    left, guest, suspended, leaving = cast.pupils[:4]
    day = WEDNESDAY - datetime.timedelta(days=7)
    for pupil, kind, settled in (
        (left, Change.TRANSFER_OUT, day), (suspended, Change.SUSPENSION, day), (leaving, Change.TRANSFER_OUT, None),
    ):  # fmt: skip
        roll.record(actor=cast.clerk, student=pupil, kind=kind, on=day, settled_on=settled, basis="回执")
    borrowed = Student.objects.create(school=cast.school, name="借读生", birth_date=datetime.date(2013, 1, 1))
    roll.record(actor=cast.clerk, student=borrowed, kind=Change.GUEST_IN, on=day, classroom=cast.seven, basis="协议")
    rows[2][7] = "休学"
    check = upload(cast, *rows)
    assert kinds(check) == [(K.ROLL_WITHOUT_CHILD, left.name)]
    assert check.differences.get().text.startswith("本校2026年3月4日已办转出，不在册")
    page = login(cast.clerk).get(check.get_absolute_url()).content.decode()
    assert "休学1人、转出待接续1人" in page
    assert "不应在名单里的：借读(人在籍不在)1人" in page.replace("（", "(").replace("）", ")")
    assert guest.name not in [name for _, name in kinds(check)]


def test_a_list_of_another_school_is_refused_and_rows_of_others_are_counted(cast: Cast) -> None:
    rows = school_list(cast)
    for row in rows:
        row[0] = "3153000002"
    with pytest.raises(RollRefusal, match="这是别的学校的名单"):
        upload(cast, *rows)
    for row in rows[1:]:
        row[0] = "2153000001"
    check = upload(cast, *rows)
    assert check.listed == 11
    assert check.account["other_school"] == 1
    assert kinds(check) == [(K.CHILD_WITHOUT_ROLL, cast.pupils[0].name)]


def test_blank_rows_totals_and_bad_numbers_lose_nobody(cast: Cast) -> None:
    rows = school_list(cast)
    rows[0][4] = rows[0][4][:-1] + ("0" if rows[0][4][-1] != "0" else "1")
    rows[1][1] = "学生名"  # a heading's word, but with a number beside it a child
    nameless = [None, None, None, None, "53000020130412", None, "七(1)班", None]
    check = upload(cast, *rows, [None] * 8, nameless, ["合计", "12人", *[None] * 6])
    assert (check.listed, check.account["blank"], check.account["no_pupils"], check.account["rows"]) == (13, 1, 1, 15)
    assert kinds(check) == [
        (K.FACTS, cast.pupils[0].name), (K.FACTS, "学生名"), (K.ROLL_WITHOUT_CHILD, "（没有姓名）"),
    ]  # fmt: skip
    assert check.differences.first().text == "名单里身份证号有误"
    assert "名单里身份证号有误：第2、15行。" in check.account["notices"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("甲", "乙"), (1, 2)], "没有找到名单"),
        ([("姓名", "班级"), ("丹增", "七(1)班")], "名单里只有姓名"),
        ([("姓名", "身份证号"), ("合计", None)], "一个学生也没有"),
    ],
)
def test_a_wrong_file_gets_one_sentence_and_leaves_nothing(cast: Cast, rows: list, sentence: str) -> None:
    client = login(cast.clerk)
    data = {"source": "national", "file": SimpleUploadedFile("x.xlsx", workbook(("表", rows)))}
    page = client.post(reverse("students:roll_check_new"), data).content.decode()
    assert sentence in page
    assert not RollCheck.objects.exists()


def test_a_list_as_text_is_read_too(cast: Cast) -> None:
    text = "\n".join(",".join(map(str, row)) for row in [HEADER, *school_list(cast)])
    data = {"source": "national", "file": SimpleUploadedFile("名单.csv", text.encode("gb18030"))}
    assert login(cast.clerk).post(reverse("students:roll_check_new"), data).status_code == 302
    check = RollCheck.objects.get()
    assert (check.listed, check.matched) == (12, 12)


def test_what_is_no_table_at_all_gets_one_sentence(cast: Cast) -> None:
    data = {"source": "national", "file": SimpleUploadedFile("x.xlsx", b"%PDF-1.4 not a list")}
    page = login(cast.clerk).post(reverse("students:roll_check_new"), data).content.decode()
    assert "alert-danger" in page
    assert not RollCheck.objects.exists()


def test_the_upload_page_leads_to_the_check_and_the_trail_names_no_child(cast: Cast) -> None:
    rows = school_list(cast)[1:]
    response = login(cast.clerk).post(
        reverse("students:roll_check_new"), {"source": "national", "file": file_of(*rows)}
    )
    check = RollCheck.objects.get()
    assert response.url == check.get_absolute_url()
    entry = AuditEntry.objects.get(verb=Verb.ROLL_CHECK)
    assert entry.detail["differences"] == {"diff.child_only": 1}
    assert not [p.name for p in cast.pupils if p.name in str(entry.detail)]


def test_numbers_are_sealed_in_the_table_and_masked_on_the_pages(cast: Cast, check: RollCheck) -> None:
    number = id_number(99, "20140101")
    with connection.cursor() as cursor:
        cursor.execute("select listed, text from students_difference")
        assert not [row for row in cursor.fetchall() if number in str(row)]
    client, row = login(cast.clerk), the(check, K.ROLL_WITHOUT_CHILD)
    for url in (check.get_absolute_url() + "?kind=roll_only", reverse("students:difference", args=(row.pk,))):
        page = client.get(url).content.decode()
        assert "丹增" in page
        assert number not in page


# --- lists of villages and offices --------------------------------------------------------------------------
VILLAGE = ("儿童姓名", "身份证号", "村", "监护人", "留守类型")


def test_a_list_of_a_group_is_compared_with_the_tags(cast: Cast) -> None:
    marked, plain, unlisted = cast.pupils[:3]
    for pupil in (marked, unlisted):
        Tag.objects.create(student=pupil, kind=TagKind.LEFT_BEHIND_BOTH, starts_on=WEDNESDAY)
    numbers = {p: Student.objects.get(pk=p.pk).id_no.reveal() for p in (marked, plain)}
    check = upload(
        cast,
        [marked.name, numbers[marked], "柳树村", "赵大", "双亲留守"],
        [plain.name, numbers[plain], "柳树村", "李大", "单亲留守"],
        ["丹增", id_number(99, "20140101"), "枫树村", "丹大", "双亲留守"],
        source=RollList.VILLAGE, about="left_behind", header=VILLAGE,
    )  # fmt: skip
    assert kinds(check) == [(K.NOT_MARKED, plain.name), (K.ROLL_WITHOUT_CHILD, "丹增"), (K.MARKED_ONLY, unlisted.name)]
    page = login(cast.clerk).get(check.get_absolute_url()).content.decode()
    assert "名单有、本校没有" in page
    assert "有籍无人" not in page
    row = the(check, K.NOT_MARKED)
    with pytest.raises(RollRefusal, match="还没有这个标签"):
        settle(cast, row, W.ROLL_WRONG)
    login(cast.clerk).post(reverse("students:difference_mark", args=(row.pk,)))
    tag = Tag.objects.get(student=plain)
    assert (tag.kind, tag.starts_on, tag.ends_on) == (TagKind.LEFT_BEHIND_SINGLE, WEDNESDAY, None)
    row.refresh_from_db()
    assert (row.settlement, row.reason) == (W.ROLL_WRONG, "按村(社区)名单标为单亲留守")
    settle(cast, the(check, K.ROLL_WITHOUT_CHILD), W.NOT_OURS, "属枫树小学施教区")
    settle(cast, the(check, K.MARKED_ONLY), W.LIST_WRONG, "村里漏报，已补")
    checks.close(actor=cast.clerk, check=check)


def test_the_federation_s_list_is_about_disabled_children(cast: Cast) -> None:
    number = Student.objects.get(pk=cast.pupils[0].pk).id_no.reveal()
    data = {"source": "disabled", "file": file_of([cast.pupils[0].name, number], header=("残疾人姓名", "身份证号"))}
    login(cast.clerk).post(reverse("students:roll_check_new"), data)
    assert kinds(RollCheck.objects.get()) == [(K.NOT_MARKED, cast.pupils[0].name)]


# --- once a term --------------------------------------------------------------------------------------------
def waiting(cast: Cast, day: datetime.date = WEDNESDAY) -> list[tuple[str, bool]]:
    vars(cast.clerk).pop("duties_today", None)
    texts = todos.of_office(cast.clerk, cast.school, day)
    return [(todo.text, todo.overdue) for todo in texts if "人籍核对" in todo.text]


def test_the_office_is_asked_for_a_check_a_term_and_sees_what_is_left(cast: Cast) -> None:
    missing = "本学期的人籍核对（学籍清查）还差1次"
    assert waiting(cast) == [(missing, False)]
    assert waiting(cast, TERM_END + datetime.timedelta(days=1)) == [(missing, True)]
    check = upload(cast, *school_list(cast)[1:])
    assert waiting(cast) == [(missing, False), ("人籍核对有1条差异没有处理", False)]
    settle(cast, the(check, K.CHILD_WITHOUT_ROLL), W.LIST_WRONG)
    checks.close(actor=cast.clerk, check=check)
    assert waiting(cast) == []
    Policy.objects.create(
        school=cast.school, key="roll_audit_per_term", value="2", basis="县里要求", effective_from=WEDNESDAY
    )
    assert waiting(cast) == [(missing, False)]


def test_a_check_against_another_list_is_not_the_term_s(cast: Cast) -> None:
    number = Student.objects.get(pk=cast.pupils[0].pk).id_no.reveal()
    check = upload(cast, [cast.pupils[0].name, number], source=RollList.POLICE, header=("姓名", "身份证号"))
    checks.close(actor=cast.clerk, check=check)
    assert waiting(cast) == [("本学期的人籍核对（学籍清查）还差1次", False)]


# --- who sees it, and what it costs -------------------------------------------------------------------------
def test_only_the_office_of_the_school_sees_a_check(cast: Cast, check: RollCheck) -> None:
    people = {
        name: getattr(cast, name) for name in ("head", "clerk", "principal", "admin", "far_clerk", "county_officer")
    }
    assert {n for n, user in people.items() if RollCheck.objects.visible_to(user).exists()} == {"clerk", "principal"}
    assert {n for n, user in people.items() if Difference.objects.visible_to(user).exists()} == {"clerk", "principal"}


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_the_pages_cost_the_same_for_two_differences_and_for_twenty(cast: Cast) -> None:
    few = upload(cast, *school_list(cast)[2:])
    client = login(cast.clerk)
    client.get(few.get_absolute_url())
    before = [queries(client, url) for url in (few.get_absolute_url(), reverse("students:roll_checks"))]
    for number in range(20):
        make_pupil(cast.school, cast.seven, 20 + number, f"新生{chr(0x4E00 + number)}", 400 + number)
    many = upload(cast, *school_list(cast)[2:])
    assert many.differences.count() == 22
    assert [queries(client, url) for url in (many.get_absolute_url(), reverse("students:roll_checks"))] == before


def test_three_thousand_against_three_thousand(cast: Cast) -> None:
    """Measured in the machine's own work (CPU), without the process that opens the file: about a second."""
    serials = range(1, 3001)
    days = [datetime.date(2010, 1, 1) + datetime.timedelta(days=number % 1500) for number in serials]
    students = []
    for number, born in zip(serials, days, strict=True):
        student = Student(school=cast.school, name=f"学生{chr(0x4E00 + number)}", sex="1", birth_date=born)
        id_no = id_number(number % 999, f"{born:%Y%m%d}")
        student.set_numbers(id_no=id_no, roll_no="G" + id_no)
        students.append(student)
    Student.objects.bulk_create(students)
    roll.enter([Enrollment(student=s, classroom=cast.seven, starts_on=TERM_START) for s in students], actor=None)
    sheet = FileSheet("学生", rows=[list(HEADER), *([
        "2153000001", s.name, "男", f"{s.birth_date:%Y%m%d}", s.id_no, s.roll_no,
        "七(2)班" if number % 10 == 0 else "七(1)班", "在读",
    ] for number, s in enumerate(students) if number % 10 != 1)])  # fmt: skip
    began = time.process_time()
    read = listing.read([sheet], today=WEDNESDAY)
    with CaptureQueriesContext(connection) as caught:
        pupils = rollbook.pupils_of(cast.school, WEDNESDAY)
    result = compare(read.rows, pupils)
    assert len(caught) == 4
    assert time.process_time() - began < 5
    assert result.count_rows() == {"matched": 2400, K.CLASS: 300}
    assert result.count_pupils() == {"matched": 2400, K.CLASS: 300, K.CHILD_WITHOUT_ROLL: 312}
