"""The register as of a day: who stands in it, and what each line says."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followups.codes import FindingKind, Met, Reason
from followups.models import Case
from followups.register import Choice, Entry, cases_on, entries, tallies
from schools.calendar import term_of
from schools.codes import Stage
from schools.models import Term
from tests.cast import WEDNESDAY
from tests.followups.casework import MONDAY, open_case
from tests.followups.registerbook import TUESDAY, Book, found


def names(book: Book, day: datetime.date, **choice: object) -> set[str]:
    cases = Case.objects.filter(school=book.cast.school)
    return {case.student.name for case in cases_on(cases, day, Choice.of(choice))}


def entry(case: Case, day: datetime.date = WEDNESDAY) -> Entry:
    (only,) = entries(Case.objects.filter(pk=case.pk), day)
    return only


def test_it_holds_the_found_open_or_closed_in_the_year_and_no_warning(book: Book) -> None:
    assert names(book, WEDNESDAY) == {"李建军", "王小梅", "扎西卓玛", "赵海燕"}


def test_what_was_found_later_is_not_in_it(book: Book) -> None:
    assert names(book, TUESDAY) == {"李建军", "王小梅", "扎西卓玛"}
    assert names(book, datetime.date(2026, 2, 27)) == {"王小梅", "扎西卓玛"}
    assert names(book, datetime.date(2026, 2, 26)) == set()


def test_a_closed_case_stands_in_the_year_of_its_end_and_open_before_it(book: Book) -> None:
    assert names(book, datetime.date(2025, 6, 9)) == {book.last_year.student.name}
    assert names(book, datetime.date(2025, 8, 31)) == {book.last_year.student.name}
    assert names(book, datetime.date(2025, 9, 1)) == set()
    before = entry(book.last_year, datetime.date(2025, 6, 9))
    assert (before.is_closed, before.closed_on, before.outcome) == (False, None, "")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"state": "open"}, {"李建军", "王小梅", "赵海燕"}),
        ({"state": "closed"}, {"扎西卓玛"}),
        ({"state": ""}, {"李建军", "王小梅", "扎西卓玛", "赵海燕"}),
        ({"kind": FindingKind.DROPOUT}, {"王小梅"}),
        ({"kind": FindingKind.SUSPECTED}, {"李建军", "扎西卓玛", "赵海燕"}),
        ({"reason": Reason.WORK}, {"李建军"}),
        ({"reason": Reason.GAMES}, set()),
        ({"village": "柳树村"}, {"李建军", "王小梅", "扎西卓玛", "赵海燕"}),
        ({"village": "杨树村"}, set()),
        ({"stage": Stage.JUNIOR}, {"李建军", "王小梅", "扎西卓玛", "赵海燕"}),
        ({"stage": Stage.PRIMARY}, set()),
        ({"unknown": "x"}, {"李建军", "王小梅", "扎西卓玛", "赵海燕"}),
    ],
)
def test_filters(book: Book, choice: dict[str, str], expected: set[str]) -> None:
    assert names(book, WEDNESDAY, **choice) == expected


def test_filter_by_class(book: Book) -> None:
    assert names(book, WEDNESDAY, classroom=book.cast.eight.pk) == {"赵海燕"}


def test_the_kind_of_a_past_day_is_the_one_found_by_then(book: Book) -> None:
    assert names(book, MONDAY, kind=FindingKind.DROPOUT) == set()
    assert entry(book.dropout, MONDAY).finding.kind == FindingKind.SUSPECTED
    assert entry(book.dropout, WEDNESDAY).is_dropout


def test_contacts_papers_and_ends_after_the_day_do_not_show(book: Book) -> None:
    monday, today = entry(book.suspected, MONDAY), entry(book.suspected)
    assert (len(monday.contacts), monday.visits, monday.notices, monday.acts) == (1, 0, [], [])
    assert (len(today.contacts), today.visits, len(today.notices), len(today.acts)) == (3, 2, 1, 1)
    assert monday.efforts == "电话等联系1次、家访0次；最近3/6电话其他亲属：答应到校(3/9)"
    assert "书面报告" in today.efforts
    assert "批评教育通知书" in today.efforts
    still = entry(book.returned, MONDAY)
    assert (still.has_returned, still.returned_on, still.placement) == (False, None, "")
    back = entry(book.returned)
    assert (back.has_returned, back.returned_on, back.placement) == (True, datetime.date(2026, 3, 3), "原班就读")
    assert back.remarks == "2025-003；3/10销号：复学"


def test_contacts_of_before_the_absence_belong_to_another_story(book: Book) -> None:
    contact = book.suspected.student.contacts.earliest("on")
    contact.on = datetime.date(2026, 2, 24)
    contact.save()
    assert len(entry(book.suspected).contacts) == 2


def test_who_answers_for_the_child(book: Book) -> None:
    line = entry(book.suspected)
    assert line.guardian
    assert line.guardian.name == "周奶奶"
    assert [tag.label for tag in line.tags] == ["双亲留守", "脱贫户"]
    assert line.is_poor
    assert line.head_teacher == book.cast.head
    assert line.responsible.startswith("张老师 1")
    assert (line.grade, line.classroom) == ("七年级", "七(1)班")
    assert line.reasons == "厌学、外出务工：跟表哥去了县城工地"
    assert line.whereabouts == "县内务工：县城某工地"


def test_a_line_with_nothing_known_is_blank_and_not_an_error(book: Book) -> None:
    line = entry(book.late)
    book.late.student.guardians.all().delete()
    line = entry(book.late)
    assert line.guardian is None
    assert (line.reasons, line.whereabouts, line.responsible, line.efforts) == ("", "", "", "尚无联系记录")
    assert line.why_not_back == ""


def test_a_relapse_names_the_case_before(book: Book) -> None:
    again = found(
        open_case(book.returned.student, WEDNESDAY, previous=book.returned), book.cast.principal, WEDNESDAY, 5
    )
    assert entry(again).remarks == "2025-005；复学后又缺，上次2025-003"


def test_why_a_child_is_not_back(book: Book) -> None:
    assert entry(book.suspected).why_not_back == f"3/11家访{Met.NOBODY.label}：拒绝"
    assert entry(book.last_year).why_not_back == "转学就读"
    assert entry(book.returned).why_not_back == ""


def test_tallies_by_village_and_class_add_up(book: Book) -> None:
    cases = Case.objects.filter(school=book.cast.school)
    lines = entries(cases_on(cases, WEDNESDAY), WEDNESDAY)
    by_class = {row.label: row for row in tallies(lines, "classroom")}
    assert set(by_class) == {"七(1)班", "八(1)班", "合计"}
    seven, total = by_class["七(1)班"], by_class["合计"]
    assert (seven.suspected, seven.dropout, seven.total, seven.returned, seven.away) == (2, 1, 3, 1, 2)
    assert (total.total, total.returned, total.closed, total.away) == (4, 1, 0, 3)
    assert [row.label for row in tallies(lines, "village")] == ["柳树村", "合计"]
    assert tallies([], "village") == []


def test_the_term_is_the_schools_own_or_the_half_of_the_year(book: Book) -> None:
    school = book.cast.school.pk
    assert term_of(school, WEDNESDAY) == "2025-2026学年度第二学期"
    assert term_of(school, datetime.date(2025, 11, 21)) == "2025-2026学年度第一学期"
    Term.objects.all().delete()
    assert term_of(school, WEDNESDAY) == "2025-2026学年度第二学期"
    assert term_of(school, datetime.date(2026, 1, 10)) == "2025-2026学年度第一学期"


def test_a_longer_register_costs_no_more_queries(book: Book) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            for line in entries(cases_on(Case.objects.filter(school=book.cast.school), WEDNESDAY), WEDNESDAY):
                str((line.efforts, line.guardian, line.tags, line.head_teacher, line.responsible, line.remarks))
        return len(queries)

    few = cost()
    for place, pupil in enumerate(book.cast.others[1:], 10):
        found(
            open_case(pupil, MONDAY, responsible=book.cast.head, previous=book.returned),
            book.cast.principal,
            MONDAY,
            place,
        )
    assert cost() == few
