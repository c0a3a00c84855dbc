"""人籍核对: each difference settled by a person, the check closed, and its papers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followups.codes import Source
from followups.models import Case
from kongchuo.sheets import Sheet
from schools import books
from schools.books import Asked
from students import roll
from students.codes import Change, RollList
from students.models import Paper, RollCheck, Student
from students.roll import RollRefusal
from students.rollcheck import checks, earlier, settling
from students.rollcheck.checks import CheckMovedOn
from tests.cast import WEDNESDAY, Cast, login, make_pupil
from tests.students.check_lists import (
    SEEN,
    K,
    W,
    file_of,
    line,
    make_check,
    namesakes_apart,
    school_list,
    settle,
    the,
    upload,
)


@pytest.fixture(autouse=True)
def apart(cast: Cast) -> None:
    namesakes_apart(cast)


@pytest.fixture
def check(cast: Cast) -> RollCheck:
    return make_check(cast)


# --- settling -----------------------------------------------------------------------------------------------
def test_a_difference_is_settled_with_a_reason_and_its_paper(cast: Cast, check: RollCheck) -> None:
    row = the(check, K.FACTS)
    client = login(cast.clerk)
    url = reverse("students:difference", args=(row.pk,))
    answer = client.post(url, {"settlement": W.LIST_WRONG, "reason": "名单性别填错，已报学籍员更正"})
    assert "这样处理要有佐证" in answer.content.decode()
    assert "名单性别填错，已报学籍员更正" in answer.content.decode()
    told = {"settlement": W.LIST_WRONG, "reason": "名单性别填错，已报学籍员更正", "code": "hukou", "seen_by": "赵教务"}
    assert client.post(url, told | {"seen_on": str(WEDNESDAY)}).status_code == 302
    row.refresh_from_db()
    assert (row.settlement, row.settled_by) == (W.LIST_WRONG, cast.clerk)
    assert Paper.objects.get().title == "户口簿"
    assert "赵教务 2026-03-11 核验过原件" in client.get(url).content.decode()


def test_a_child_on_paper_only_is_settled_by_an_open_case(cast: Cast, check: RollCheck) -> None:
    row = the(check, K.CHILD_WITHOUT_ROLL)
    Case.objects.create(
        student=row.student, school=cast.school, classroom=cast.seven, source=Source.LEAD, opened_on=WEDNESDAY
    )
    settle(cast, row, W.CASE)
    assert check.differences.get(pk=row.pk).settlement == W.CASE


def test_a_scan_is_kept_with_its_difference(cast: Cast, check: RollCheck) -> None:
    row = the(check, K.ROLL_WITHOUT_CHILD)
    told = {"settlement": W.ELSEWHERE, "reason": "在白水乡中学就读", "code": "enrolled", "number": "白中证〔2026〕3号"}
    scan = SimpleUploadedFile("x.pdf", b"%PDF-1.4 receipt", "application/pdf")
    url = reverse("students:difference", args=(row.pk,))
    assert login(cast.clerk).post(url, told | {"upload": scan}).status_code == 302
    paper = Paper.objects.get()
    assert (paper.difference, paper.code, paper.number, paper.media_type) == (
        row, "enrolled", "白中证〔2026〕3号", "application/pdf",
    )  # fmt: skip
    page = login(cast.clerk).get(url).content.decode()
    assert reverse("students:paper_file", args=(paper.pk,)) in page


def test_a_file_that_is_no_paper_settles_nothing(cast: Cast, check: RollCheck) -> None:
    row = the(check, K.ROLL_WITHOUT_CHILD)
    told = {"settlement": W.ELSEWHERE, "reason": "在白水乡中学就读", "code": "enrolled"}
    url = reverse("students:difference", args=(row.pk,))
    answer = login(cast.clerk).post(url, told | {"upload": SimpleUploadedFile("x.exe", b"MZ nothing")})
    assert "这个文件不是照片" in answer.content.decode()
    row.refresh_from_db()
    assert row.settled_at is None
    assert not Paper.objects.exists()


@pytest.mark.parametrize(
    ("kind", "way", "sentence"),
    [
        (K.FACTS, W.ROLL_WRONG, "学生卡上还没有改过来"),
        (K.CLASS, W.CHANGE_DONE, "系统里还没有这名学生的异动"),
        (K.ROLL_WITHOUT_CHILD, W.CHANGE_DONE, "还不在本校名册里"),
        (K.ROLL_WITHOUT_CHILD, W.CASE, "不在本校名册里，不能列入"),
        (K.CHILD_WITHOUT_ROLL, W.CASE, "还没有这名学生未销号的个案"),
        (K.ROLL_WITHOUT_CHILD, W.NOT_OURS, "请选一种适用于这类差异的处理"),
        (K.ROLL_WITHOUT_CHILD, W.SAME, "要有佐证"),
    ],
)
def test_a_settlement_has_to_be_true(cast: Cast, check: RollCheck, kind: str, way: str, sentence: str) -> None:
    proof = {} if way == W.SAME else SEEN
    with pytest.raises(RollRefusal, match=sentence):
        settle(cast, the(check, kind), way, **proof)
    assert not check.differences.filter(settled_at__isnull=False).exists()
    assert not Paper.objects.exists()


def test_what_was_mended_can_be_settled_as_mended(cast: Cast, check: RollCheck) -> None:
    row = the(check, K.FACTS)
    Student.objects.filter(pk=row.student_id).update(sex="1" if row.student.sex == "2" else "2")
    settle(cast, the(check, K.FACTS), W.ROLL_WRONG, **SEEN)
    moved = the(check, K.CLASS)
    roll.record(
        actor=cast.clerk, student=moved.student, kind=Change.CLASS, on=WEDNESDAY, settled_on=WEDNESDAY,
        classroom=cast.eight, basis="编班",
    )  # fmt: skip
    settle(cast, moved, W.CHANGE_DONE)
    assert check.differences.unsettled().count() == 2


def test_a_reason_is_asked_for_and_a_settled_row_is_not_settled_again(cast: Cast, check: RollCheck) -> None:
    row = the(check, K.CLASS)
    with pytest.raises(RollRefusal, match="至少4个字"):
        settle(cast, row, W.LIST_WRONG, "无")
    settle(cast, row, W.LIST_WRONG)
    with pytest.raises(CheckMovedOn):
        settle(cast, row, W.LIST_WRONG)  # a stale page: this copy knows nothing of the settlement


def test_several_rows_get_one_reason_or_none_is_settled(cast: Cast) -> None:
    check = upload(cast, *school_list(cast)[3:])
    rows = list(check.differences.select_related("check_of", "student"))
    client, url = login(cast.clerk), reverse("students:roll_check_settle", args=(check.pk,))
    told = {"settlement": W.LIST_WRONG, "reason": "新导出的名单漏了第一页"}
    page = client.post(url + "?kind=child_only", told).content.decode()
    assert "请先勾选要处理的行" in page
    settle(cast, rows[0], W.LIST_WRONG)
    page = client.post(url + "?kind=child_only", told | {"chosen": [row.pk for row in rows]}).content.decode()
    assert f"{rows[0].name}：已经处理过了" in page
    assert page.count(" checked>") == 2
    assert "新导出的名单漏了第一页" in page
    assert check.differences.unsettled().count() == 2
    assert client.post(url, told | {"chosen": [row.pk for row in rows[1:]]}).status_code == 302
    assert check.differences.unsettled().count() == 0
    assert set(check.differences.values_list("reason", flat=True)) == {"查过户口簿", "新导出的名单漏了第一页"}


def test_rows_of_another_check_or_school_are_not_taken(cast: Cast, check: RollCheck) -> None:
    far = checks.upload(
        actor=cast.far_clerk,
        school=cast.far_school,
        source=RollList.NATIONAL,
        file=file_of(line(cast.pupils[0], code="")),
    )
    told = {"settlement": W.LIST_WRONG, "reason": "不该成功的处理", "chosen": [row.pk for row in far.differences.all()]}
    login(cast.clerk).post(reverse("students:roll_check_settle", args=(check.pk,)), told)
    assert far.differences.unsettled().count() == far.differences.count() > 0
    row = far.differences.select_related("check_of", "student").first()
    with pytest.raises(RollRefusal, match="现在的岗位"):
        settle(cast, row, W.LIST_WRONG, **SEEN)


def test_a_settlement_can_be_taken_back_with_a_reason(cast: Cast, check: RollCheck) -> None:
    row = the(check, K.CLASS)
    settle(cast, row, W.LIST_WRONG)
    url = reverse("students:difference_reopen", args=(row.pk,))
    assert "至少4个字" in login(cast.clerk).post(url, {"reason": "错"}).content.decode()
    assert login(cast.clerk).post(url, {"reason": "看错了班级"}).status_code == 302
    row.refresh_from_db()
    assert (row.settlement, row.settled_at) == ("", None)


# --- again, and the end -------------------------------------------------------------------------------------
def test_a_newer_list_replaces_the_open_check_and_proposes_what_was_found_right(cast: Cast) -> None:
    twins = make_pupil(cast.school, cast.seven, 9, cast.pupils[0].name, 77)
    rows = [*school_list(cast), line(twins)]
    first = upload(cast, *rows)
    settle(cast, the(first, K.DOUBLE), W.SAME, "同名不同人，户口簿看过")
    second = upload(cast, ["2153000001", *[None] * 7], *rows)
    first.refresh_from_db()
    assert first.replaced_by == second
    row = the(second, K.DOUBLE)
    assert earlier.proposals(second, [row]) == {row.pk: the(first, K.DOUBLE)}
    page = login(cast.clerk).get(second.get_absolute_url()).content.decode()
    assert "有 1 条和以前核实无误的完全相同" in page
    assert row.settled_at is None, "shown, not settled by itself"
    login(cast.clerk).post(reverse("students:roll_check_repeat", args=(second.pk,)))
    row.refresh_from_db()
    assert (row.settlement, row.reason) == (W.SAME, "与2026年3月11日赵教务核实的完全相同：同名不同人，户口簿看过")
    with pytest.raises(CheckMovedOn, match="新名单代替"):
        settling.reopen(actor=cast.clerk, difference=the(first, K.DOUBLE), reason="再看一看")


def test_a_value_that_has_changed_is_not_proposed(cast: Cast) -> None:
    twin = make_pupil(cast.school, cast.seven, 9, cast.pupils[0].name, 77)
    rows = [*school_list(cast), line(twin)]
    first = upload(cast, *rows)
    settle(cast, the(first, K.DOUBLE), W.SAME)
    rows[-1][2] = "男" if rows[-1][2] == "女" else "女"
    second = upload(cast, *rows)
    assert earlier.proposals(second, [the(second, K.DOUBLE)]) == {}
    with pytest.raises(RollRefusal, match="没有和以前"):
        earlier.repeat(actor=cast.clerk, check=second)


def test_a_check_is_closed_once_everything_is_settled(cast: Cast, check: RollCheck) -> None:
    with pytest.raises(RollRefusal, match="还有4条"):
        checks.close(actor=cast.clerk, check=check)
    rows = list(check.differences.select_related("check_of", "student"))
    for row in rows:
        settle(cast, row, W.LIST_WRONG, **SEEN)
    response = login(cast.clerk).post(reverse("students:roll_check_close", args=(check.pk,)), follow=True)
    assert "已办结" in response.content.decode()
    check.refresh_from_db()
    assert (check.closed_on, check.closed_by) == (WEDNESDAY, cast.clerk)
    with pytest.raises(CheckMovedOn):
        checks.close(actor=cast.clerk, check=check)
    rows[0].refresh_from_db()
    with pytest.raises(CheckMovedOn, match="已经办结"):
        settling.reopen(actor=cast.clerk, difference=the(check, K.CLASS), reason="再看一看")


# --- on paper -------------------------------------------------------------------------------------------------
def sheets_of(cast: Cast, key: str, **asked) -> list[Sheet]:
    wanted = Asked(user=cast.clerk, school=cast.school, on=WEDNESDAY, **asked)
    return books.edition_of(books.registry[key], wanted, books.registry[key].sheets(wanted))


def lines(sheet: Sheet) -> list[dict]:
    refused: list = []
    found = [dict(zip((c.header for c in sheet.columns), values, strict=True)) for values in sheet.lines(refused)]
    assert not refused
    return found


def test_the_paper_of_a_check_tells_every_difference_and_who_settled_it(cast: Cast, check: RollCheck) -> None:
    settle(cast, the(check, K.FACTS), W.LIST_WRONG, "名单性别填错", **SEEN)
    table, summary = sheets_of(cast, "roll-check", about=check.pk)
    assert table.title == "学籍清查表"
    assert "名单12人＝一致9＋有籍无人1＋班级不符1＋信息不一致1。" in table.head.note_lines
    assert [(row["差异类别"], row["姓名"], row["处理情况"]) for row in lines(table)] == [
        ("有籍无人", "丹增", "未处理"),
        ("有人无籍", cast.pupils[4].name, "未处理"),
        ("班级不符", cast.pupils[0].name, "未处理"),
        ("信息不一致", cast.pupils[1].name, "名单有误，已请对方更正：名单性别填错"),
    ]
    assert lines(table)[3]["佐证"] == "户口簿（赵教务2026.3.11核验）"
    assert (lines(table)[3]["处理人"], lines(table)[3]["日期"]) == ("赵教务", WEDNESDAY)
    by_class = {row["班级"]: row for row in lines(summary)}
    assert (by_class["七(1)班"]["本校在册"], by_class["七(1)班"]["一致"], by_class["七(1)班"]["有籍无人"]) == (6, 3, 1)
    assert (by_class["合计"]["本校在册"], by_class["合计"]["差异合计"], by_class["合计"]["已处理"]) == (12, 4, 1)


def test_a_group_is_told_in_the_full_edition_only(cast: Cast) -> None:
    number = Student.objects.get(pk=cast.pupils[0].pk).id_no.reveal()
    row = [cast.pupils[0].name, number]
    check = upload(cast, row, source=RollList.CIVIL_AFFAIRS, about="orphan", header=("姓名", "身份证号"))
    masked, full = (sheets_of(cast, "roll-check", about=check.pk, full=way)[0] for way in (False, True))
    assert "孤儿" not in str([lines(masked), masked.title, masked.head])
    assert lines(full)[0]["差异说明"] == "名单列为孤儿，本校没有标"
    assert "民政（孤儿）名单" in str(full.head.notes)


def test_a_check_without_differences_prints_nothing_to_report(cast: Cast) -> None:
    check = upload(cast, *school_list(cast))
    page = login(cast.clerk).get(reverse("schools:book", args=("roll-check",)), {"about": check.pk}).content.decode()
    assert "无（零报告）" in page


def test_the_record_of_a_term_counts_each_check(cast: Cast, check: RollCheck) -> None:
    upload(cast, *school_list(cast))
    (record,) = sheets_of(cast, "roll-checks", term=cast.school.terms.get())
    assert [(row["名单人数"], row["一致"], row["有籍无人"], row["办理情况"]) for row in lines(record)] == [
        (12, 9, 1, "由新名单代替"),
        (12, 12, 0, "处理中"),
    ]


def test_the_paper_of_a_foreign_check_is_no_paper(cast: Cast, check: RollCheck) -> None:
    url = reverse("schools:book", args=("roll-check",))
    assert login(cast.far_clerk).get(url, {"about": check.pk}).status_code == 404
    assert login(cast.clerk).get(url, {"about": check.pk}).status_code == 200


def test_the_paper_costs_the_same_for_two_rows_and_for_twenty(cast: Cast) -> None:
    few = upload(cast, *school_list(cast)[2:])
    strangers = [["", f"甲{chr(0x4E00 + n)}", "男", "20140101", *[None] * 4] for n in range(20)]
    many = upload(cast, *school_list(cast), *strangers)
    assert many.differences.count() >= 20
    costs = []
    for check in (few, many):
        with CaptureQueriesContext(connection) as caught:
            for sheet in sheets_of(cast, "roll-check", about=check.pk):
                lines(sheet)
        costs.append(len(caught))
    assert costs[0] == costs[1]


def test_the_federation_s_mark_needs_kind_and_grade(cast: Cast) -> None:
    numbers = [Student.objects.get(pk=pupil.pk).id_no.reveal() for pupil in cast.pupils[:2]]
    header = ("残疾人姓名", "身份证号", "残疾类别", "残疾等级")
    rows = [[cast.pupils[0].name, numbers[0], "肢体", "二级"], [cast.pupils[1].name, numbers[1], None, None]]
    check = upload(cast, *rows, source=RollList.DISABLED, about="disabled", header=header)
    told, silent = check.differences.select_related("check_of", "student").order_by("pk")
    tag = settling.mark(actor=cast.clerk, difference=told)
    assert (tag.get_disability_display(), tag.get_disability_grade_display()) == ("肢体", "二级")
    with pytest.raises(RollRefusal, match="残疾要选类别和等级"):
        settling.mark(actor=cast.clerk, difference=silent)
