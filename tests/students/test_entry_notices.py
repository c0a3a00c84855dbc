"""入学通知书: one a child and year, its service, and the child's arrival on the roll."""

import datetime

import pytest

from schools.codes import Stage
from schools.models import AuditEntry, Classroom
from students import entry_notices, new_year, roll, todos
from students.codes import Change, Schooling
from students.entry_notices import Child, Service, Where
from students.models import Enrollment, EntryNotice, Household, Resident, Student
from students.roll import RollRefusal
from tests.cast import Cast, id_number, login, make_pupil

JULY = datetime.date(2026, 7, 20)
REPORT = datetime.date(2026, 9, 1)


@pytest.fixture
def summer(cast: Cast, at_day) -> Cast:
    at_day(JULY)
    return cast


def resident(cast: Cast, name: str, birth: str, **fields: object) -> Resident:
    home, _ = Household.objects.get_or_create(
        school=cast.school, number="01", head="王大山", village="柳树村", hamlet="2组"
    )
    row = Resident(household=home, name=name, birth_date=datetime.date.fromisoformat(birth), sex="1", **fields)
    row.save()
    return row


def issue(cast: Cast, *children: Child) -> entry_notices.Issued:
    return entry_notices.issue(
        actor=cast.clerk, school=cast.school, children=children, issued_on=JULY, report_on=REPORT
    )


# --- For whom ---------------------------------------------------------------------------------------------------
def test_the_survey_gives_who_turns_six_by_the_end_of_august_and_is_at_no_school(summer: Cast) -> None:
    resident(summer, "刚满六岁", "2020-08-31", schooling=Schooling.NOT_YET)
    resident(summer, "差一天的", "2020-09-01", schooling=Schooling.NOT_YET)
    resident(summer, "十岁没上过", "2016-01-01", schooling=Schooling.NEVER)
    resident(summer, "十六岁的", "2009-08-31", schooling=Schooling.NEVER)
    resident(summer, "在外读的", "2019-01-01", schooling=Schooling.LOCAL_OUT)
    resident(summer, "已是本校的", "2019-01-01", student=summer.pupils[0])
    resident(summer, "迁走的", "2019-01-01", gone_on=datetime.date(2026, 3, 1))
    found = entry_notices.of_survey(summer.school, 2026)
    assert {child.name for child in found} == {"刚满六岁", "十岁没上过"}
    issue(summer, found[0])
    assert len(entry_notices.of_survey(summer.school, 2026)) == 1
    assert entry_notices.of_survey(summer.far_school, 2026) == []


def test_a_deferred_child_is_listed_and_not_ticked(summer: Cast) -> None:
    resident(summer, "缓学的", "2020-05-01", schooling=Schooling.DEFERRED, deferred_until=datetime.date(2027, 8, 31))
    resident(summer, "要上学的", "2020-05-01", schooling=Schooling.NOT_YET)
    form = login(summer.clerk).get("/entry-notices/new/").context["form"]
    known = {child.name: key for key, child in form.known.items()}
    assert form.fields["children"].initial == [known["要上学的"]]


def test_our_own_graduates_of_the_primary_school(summer: Cast) -> None:
    six = Classroom.objects.create(school=summer.school, stage=Stage.PRIMARY, entry_year=2020, number=1)
    pupil = make_pupil(summer.school, six, 1, "小学毕业的", 201)
    assert entry_notices.of_graduates(summer.school, 2026) == []
    seen = new_year.plan(summer.school, JULY).digest
    new_year.turn(actor=summer.clerk, school=summer.school, day=JULY, seen=seen, classes={})
    assert [child.student for child in entry_notices.of_graduates(summer.school, 2026)] == [pupil]
    assert entry_notices.of_graduates(summer.far_school, 2026) == []


def test_lines_are_read_as_typed_or_pasted() -> None:
    text = "王小明,2020-05-01,王大山,柳树村2组\n\n李小花\t2020年5月2日\t李四\n扎西，20200503\n"
    children = entry_notices.read_lines(text)
    assert [(c.name, c.birth_date, c.guardian, c.address) for c in children] == [
        ("王小明", datetime.date(2020, 5, 1), "王大山", "柳树村2组"),
        ("李小花", datetime.date(2020, 5, 2), "李四", ""),
        ("扎西", datetime.date(2020, 5, 3), "", ""),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2020-05-01,王小明", "第1行看不出姓名"),
        ("王小明\n李四,五月", "第2行的出生日期「五月」看不懂"),
        (",2020-05-01", "第1行看不出姓名"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text: str, sentence: str) -> None:
    with pytest.raises(RollRefusal, match=sentence):
        entry_notices.read_lines(text)


# --- Numbers ------------------------------------------------------------------------------------------------------
def test_numbers_run_through_the_year_and_a_child_has_one(summer: Cast) -> None:
    first = issue(summer, Child("王小明"), Child("李小花"), Child("王小明"))
    assert [(row.serial, row.school_year) for row in first.made] == [(1, 2026), (2, 2026)]
    assert first.had == ("王小明",)
    second = issue(summer, Child("扎西"), Child("李小花"))
    assert [row.serial for row in second.made] == [3]
    assert second.had == ("李小花",)


def test_the_page_issues_what_was_ticked_and_typed_and_keeps_it_when_refused(summer: Cast) -> None:
    row = resident(summer, "要上学的", "2020-05-01")
    client = login(summer.clerk)
    sent = {"children": [f"r{row.pk}"], "typed": "扎西,2020-05-03,卓玛,柳树村", "issued_on": "2026-09-01",
            "report_on": "2026-09-01"}  # fmt: skip
    text = client.post("/entry-notices/new/", sent).content.decode()
    assert "报到日期要晚于发出日期" in text
    assert "扎西,2020-05-03,卓玛,柳树村" in text
    text = client.post("/entry-notices/new/", sent | {"issued_on": "2026-08-20"}, follow=True).content.decode()
    assert "生成了2份入学通知书" in text
    assert "发出日期离报到不到15天" in text
    assert set(EntryNotice.objects.values_list("name", "guardian")) == {("要上学的", "王大山"), ("扎西", "卓玛")}


def test_nobody_chosen_is_refused(summer: Cast) -> None:
    with pytest.raises(RollRefusal, match="还没有选孩子"):
        issue(summer)


@pytest.mark.parametrize("who", ["head", "admin", "far_clerk"])
def test_only_the_schools_office_may(summer: Cast, who: str) -> None:
    with pytest.raises(RollRefusal, match="不能办入学通知书"):
        entry_notices.issue(
            actor=getattr(summer, who), school=summer.school, children=[Child("扎西")], issued_on=JULY, report_on=REPORT
        )


def test_what_was_typed_wrong_is_set_right_until_the_child_has_come(summer: Cast, at_day) -> None:
    (notice,) = issue(summer, Child("扎四", None, "卓玛")).made
    sent = {"name": "扎西", "birth_date": "2020-05-01", "guardian": "卓玛", "report_on": "2026-09-01"}
    client = login(summer.clerk)
    assert client.post(f"/entry-notices/{notice.pk}/correct/", sent).url == f"/entry-notices/{notice.pk}/"
    notice.refresh_from_db()
    assert (notice.serial, notice.name, notice.birth_date) == (1, "扎西", datetime.date(2020, 5, 1))
    assert AuditEntry.objects.latest("pk").detail["changed"] == ["name", "birth_date"]
    for wrong in ("2026-07-20", "2027-09-01"):
        text = client.post(f"/entry-notices/{notice.pk}/correct/", sent | {"report_on": wrong}).content.decode()
        assert "报到日期要晚于发出日期，并且在同一学年" in text
    EntryNotice.objects.update(arrived_on=JULY)
    text = client.post(f"/entry-notices/{notice.pk}/correct/", sent | {"name": "扎三"}).content.decode()
    assert "要更正请到学生卡上改" in text


# --- Service ---------------------------------------------------------------------------------------------------------
def test_service_is_recorded_once_and_may_be_taken_back(summer: Cast) -> None:
    (notice,) = issue(summer, Child("扎西")).made
    client = login(summer.clerk)
    sent = {"on": "2026-07-20", "how": Service.DIRECT, "received_by": "卓玛", "witness": ""}
    assert client.post(f"/entry-notices/{notice.pk}/serve/", sent).url == f"/entry-notices/{notice.pk}/"
    assert "签收人卓玛" in client.get(f"/entry-notices/{notice.pk}/").content.decode()
    assert "已经登记过送达" in client.post(f"/entry-notices/{notice.pk}/serve/", sent).content.decode()
    client.post(f"/entry-notices/{notice.pk}/unserve/", {"reason": "登错了孩子"})
    notice.refresh_from_db()
    assert notice.served_on is None


@pytest.mark.parametrize(
    ("how", "on", "sentence"),
    [
        (Service.DIRECT, JULY, "直接送达要写签收人"),
        (Service.LEFT, JULY, "留置送达要写见证人"),
        (Service.POST, JULY - datetime.timedelta(days=1), "不能早于发出日期"),
        (Service.POST, JULY + datetime.timedelta(days=1), "不能晚于今天|也不能晚于今天"),
    ],
)
def test_a_service_without_its_evidence_is_refused(summer: Cast, how: str, on: datetime.date, sentence: str) -> None:
    (notice,) = issue(summer, Child("扎西")).made
    with pytest.raises(RollRefusal, match=sentence):
        entry_notices.serve(actor=summer.clerk, notice=notice, on=on, how=how)


# --- Arrival ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def september(summer: Cast, at_day) -> Classroom:
    at_day(REPORT)
    return Classroom.objects.create(school=summer.school, stage=Stage.PRIMARY, entry_year=2026, number=1)


def test_a_child_of_the_survey_enters_the_roll_with_what_the_survey_knows(summer: Cast, september: Classroom) -> None:
    row = resident(summer, "要上学的", "2020-05-01", ethnicity="04")
    row.set_id_number(id_number(701, "20200501"))
    row.save()
    (notice,) = issue(summer, Child("要上学的", row.birth_date, "王大山", "柳树村2组", resident=row)).made
    client = login(summer.clerk)
    url = f"/entry-notices/{notice.pk}/arrive/"
    assert "请选择孩子进哪个班" in client.post(url, {"on": "2026-09-01"}).content.decode()
    assert not Student.objects.filter(name="要上学的").exists()
    client.post(url, {"on": "2026-09-01", "classroom": september.pk})
    student = Student.objects.get(name="要上学的")
    assert student.id_no.reveal() == id_number(701, "20200501")
    assert (student.ethnicity, student.village, student.guardians.get().name) == ("04", "柳树村", "王大山")
    assert student.changes.get().kind == Change.ENTRY
    row.refresh_from_db()
    notice.refresh_from_db()
    assert row.student == notice.student == student
    with pytest.raises(RollRefusal, match="已经登记过到校"):
        entry_notices.arrive(actor=summer.clerk, notice=notice, classroom=september, on=REPORT)


def test_who_is_known_by_number_is_not_entered_twice(summer: Cast, september: Classroom) -> None:
    row = resident(summer, "另写的名", "2013-04-12")
    row.set_id_number(id_number(1))
    row.save()
    (notice,) = issue(summer, Child("另写的名", resident=row)).made
    student = entry_notices.arrive(actor=summer.clerk, notice=notice, classroom=None, on=REPORT)
    assert student == summer.pupils[0]
    assert student.enrollments.open().get().classroom == summer.seven


def test_our_own_graduate_enters_again_on_the_same_card(summer: Cast, september: Classroom) -> None:
    pupil = summer.pupils[0]
    namesakes = Student.objects.filter(name=pupil.name, school=summer.school).count()
    roll.record(actor=summer.clerk, student=pupil, kind=Change.GRADUATION, on=JULY, settled_on=JULY)
    (notice,) = issue(summer, Child(pupil.name, student=pupil)).made
    entry_notices.arrive(actor=summer.clerk, notice=notice, classroom=september, on=REPORT)
    assert Enrollment.objects.open().get(student=pupil).classroom == september
    assert Student.objects.filter(name=pupil.name, school=summer.school).count() == namesakes


def test_served_and_not_come_is_a_list_of_its_own(summer: Cast, september: Classroom) -> None:
    served, arrived, _ = issue(summer, Child("送达没来"), Child("来了的"), Child("没送达")).made
    for notice in (served, arrived):
        entry_notices.serve(actor=summer.clerk, notice=notice, on=REPORT, how=Service.POST)
    entry_notices.arrive(actor=summer.clerk, notice=arrived, classroom=september, on=REPORT)
    client = login(summer.clerk)
    for kind, name in ((Where.AWAY, "送达没来"), (Where.ARRIVED, "来了的"), (Where.UNSERVED, "没送达")):
        page = client.get("/entry-notices/", {"where": kind}).context["page"]
        assert [row.name for row in page.object_list] == [name]
    assert login(summer.far_clerk).get("/entry-notices/").context["total"] == 0


def test_who_has_not_come_awaits_the_office_once_the_day_has_passed(summer: Cast, at_day) -> None:
    issue(summer, Child("扎西"), Child("卓玛"))

    def waiting(day: datetime.date) -> list[tuple[str, bool]]:
        found = todos.of_office(summer.clerk, summer.school, day)
        return [(todo.text, todo.overdue) for todo in found if "入学通知书" in todo.text]

    assert waiting(REPORT) == []
    day = REPORT + datetime.timedelta(days=1)
    at_day(day)
    assert waiting(day) == [("2名发了入学通知书的孩子没有来报到", True)]
    page = login(summer.clerk).get("/entry-notices/", {"where": Where.LATE}).context["page"]
    assert [row.name for row in page.object_list] == ["扎西", "卓玛"]
