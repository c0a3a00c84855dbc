"""联系卡 of the groups, 随迁子女登记表, 新生摸底表: whom they name, what is filled in, what a masked one keeps back."""

import datetime
from io import BytesIO
from typing import Any

import pypdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kongchuo import dates
from kongchuo.sheets import Form, Sheet, Stamp
from schools import books
from schools.books import Asked, Order
from schools.codes import ExportFormat
from schools.models import Classroom
from students import roll, services
from students.books import cards, lists
from students.codes import Change, TagKind
from students.models import Guardian, Student, StudentDetails, Tag
from tests.cast import WEDNESDAY, Cast, id_number, login, make_pupil

PHONE = "1" + "39" + "00001234"
STAMP = Stamp("测试", dates.at(WEDNESDAY, 9))
AUTUMN = datetime.date(2025, 9, 1)
KEYS = tuple(card.key for card in cards.CARDS)


def asked(cast: Cast, who: str = "clerk", **more: Any) -> Asked:
    return Asked(user=getattr(cast, who), school=cast.school, on=WEDNESDAY, **more)


def mark(student: Student, kind: str, **more: Any) -> Tag:
    return Tag.objects.create(student=student, kind=kind, starts_on=AUTUMN, **more)


@pytest.fixture
def marked(cast: Cast) -> Cast:
    """Pupils 0 to 3 of 七(1)班 with a mark each; pupil 0 of 八(1)班 is 留守 too."""
    mark(cast.pupils[0], TagKind.LEFT_BEHIND_BOTH)
    mark(cast.pupils[0], TagKind.POVERTY)
    mark(cast.pupils[1], TagKind.STRUGGLING)
    mark(cast.pupils[2], TagKind.DISABLED, disability="4", disability_grade="2")
    mark(cast.pupils[3], TagKind.STRUGGLING, ends_on=datetime.date(2026, 1, 31))
    mark(cast.others[0], TagKind.LEFT_BEHIND_SINGLE)
    return cast


def who(cast: Cast, key: str, **more: Any) -> list[str]:
    """Of each card of a book the class and name that it is kept under."""
    return [part.name for part in books.registry[key].sheets(asked(cast, **more)) if isinstance(part, Form)]


def pages(cast: Cast, key: str, **more: Any) -> list[str]:
    made = books.make(Order(books.registry[key], asked(cast, **more), ExportFormat.PDF), STAMP)
    return [page.extract_text() for page in pypdf.PdfReader(BytesIO(made.content)).pages]


def test_each_group_has_its_card(marked: Cast) -> None:
    seven, eight = "七(1)班 ", "八(1)班 "
    assert who(marked, "card-left-behind") == [seven + marked.pupils[0].name, eight + marked.others[0].name]
    assert who(marked, "card-left-behind", classroom=marked.eight) == [eight + marked.others[0].name]
    assert who(marked, "card-hardship") == [seven + marked.pupils[0].name]
    assert who(marked, "card-struggling") == [seven + marked.pupils[1].name]
    assert who(marked, "card-disabled") == [seven + marked.pupils[2].name]


def test_a_mark_that_has_ended_is_of_its_time(marked: Cast) -> None:
    then = Asked(user=marked.clerk, school=marked.school, on=datetime.date(2026, 1, 15))
    assert len(books.registry["card-struggling"].sheets(then)) == 2


def test_who_is_taught_at_home_has_a_file_without_any_mark(marked: Cast) -> None:
    services.change_enrollment(
        actor=marked.clerk, student=marked.pupils[5], from_day=datetime.date(2026, 3, 2), change=Change.HOME_TEACHING,
        basis="送教方案",
    )  # fmt: skip
    assert who(marked, "card-disabled")[-1].endswith(marked.pupils[5].name)
    assert "2026.3.2" in pages(marked, "card-disabled")[-1]


def test_one_pupil_may_be_asked_about_marked_or_not(marked: Cast) -> None:
    assert who(marked, "card-hardship", about=marked.pupils[4].pk) == [f"七(1)班 {marked.pupils[4].name}"]
    assert books.registry["card-hardship"].sheets(asked(marked, about=marked.far_pupils[0].pk)) == []
    assert books.registry["card-hardship"].sheets(asked(marked, "other_head", about=marked.pupils[0].pk)) == []


def test_nobody_is_a_zero_report(cast: Cast) -> None:
    (nobody,) = books.registry["card-struggling"].sheets(asked(cast))
    assert isinstance(nobody, Sheet)
    assert "无（零报告）" in pages(cast, "card-struggling")[0]


def test_a_card_is_filled_in_with_what_is_known_and_fits_on_a_page(marked: Cast) -> None:
    child = marked.pupils[0]
    child.guardians.all().delete()
    for position, (name, relation, answers) in enumerate((("李大山", "51", True), ("周奶奶", "62", True)), 1):
        person = Guardian(
            student=child, position=position, name=name, relation=relation, phone=PHONE, is_guardian=answers,
            works_at="广东东莞" if position == 1 else "",
        )  # fmt: skip
        person.id_no = id_number(900 + position, birth="19800101")
        person.save()
    StudentDetails.objects.create(student=child, health="10")
    (page,) = pages(marked, "card-left-behind", classroom=marked.seven, full=True)
    for words in (
        child.name,
        "李大山",
        "周奶奶",
        "广东东莞",
        PHONE,
        "■健康",
        "■初中",
        id_number(901, birth="19800101"),
    ):
        assert words in page, words
    (masked,) = pages(marked, "card-left-behind", classroom=marked.seven)
    for words in (PHONE, "■健康", id_number(901, birth="19800101"), "1组"):
        assert words not in masked, words
    assert books.MASKED_NOTE[:12] in masked


@pytest.mark.parametrize("key", KEYS)
def test_a_card_of_a_long_name_fits_on_a_page(marked: Cast, key: str) -> None:
    child = marked.pupils[0]
    child.name, child.address = "阿卜杜拉·买买提·伊布拉音木·吐尔逊", "青石乡柳树村" + "三组老寨子" * 8
    child.save()
    assert len(pages(marked, key, about=child.pk, full=True)) == 1


def test_a_masked_card_keeps_back_the_kind_of_need(marked: Cast) -> None:
    assert "■脱贫户" in pages(marked, "card-hardship", full=True)[0]
    assert "脱贫户" not in pages(marked, "card-hardship")[0]
    assert "肢体" not in pages(marked, "card-disabled")[0]
    assert "肢体" in pages(marked, "card-disabled", full=True)[0]


@pytest.mark.parametrize("key", KEYS)
def test_cards_cost_the_same_with_more_pupils(cast: Cast, key: str) -> None:
    client = login(cast.clerk)
    kinds = dict(
        zip(KEYS, (TagKind.STRUGGLING, TagKind.HARDSHIP, TagKind.LEFT_BEHIND_BOTH, TagKind.DISABLED), strict=True)
    )
    mark(cast.pupils[0], kinds[key])
    mark(cast.pupils[1], kinds[key])

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("schools:book", args=(key,))).status_code == 200
        return len(queries)

    cost()
    before = cost()
    for seat in range(20, 38):
        mark(make_pupil(cast.school, cast.seven, seat, f"新生{seat}", 500 + seat), kinds[key])
    assert cost() == before


# --- Lists ------------------------------------------------------------------------------------------------------------
def lines(sheet: Any) -> list[dict[str, Any]]:
    headers = [column.header for column in sheet.columns]
    return [dict(zip(headers, values, strict=True)) for values in sheet.lines([])]


def test_children_of_migrants_with_where_they_came_from(cast: Cast) -> None:
    new = services.enrol(
        actor=cast.clerk, school=cast.school, classroom=cast.seven, name="随迁生", starts_on=datetime.date(2026, 3, 2),
        started_by=Change.GUEST_IN, id_no=id_number(970), basis="申请", change={"other_school": "白水乡中学"},
    )  # fmt: skip
    mark(new, TagKind.MIGRANT)
    mark(cast.pupils[0], TagKind.MIGRANT)
    first, second = lines(lists.migrant(asked(cast))[0])
    assert {first["来源校"], second["来源校"]} == {"", "白水乡中学"}
    told = first if first["姓名"] == "随迁生" else second
    assert (told["入学日期"], told["学籍是否转入"], told["居住证"]) == (datetime.date(2026, 3, 2), "否", "")


def test_newcomers_are_the_new_classes_and_who_came_this_year(cast: Cast) -> None:
    came = roll.record(
        actor=cast.clerk, student=make_pupil(cast.school, cast.eight, 30, "老生", 800), kind=Change.SUSPENSION,
        on=datetime.date(2025, 10, 1), basis="休学申请",
    ).student  # fmt: skip
    services.enrol(
        actor=cast.clerk, school=cast.school, classroom=cast.eight, name="转来生", starts_on=datetime.date(2025, 11, 3),
        started_by=Change.TRANSFER_IN, id_no=id_number(971), basis="转学联系函",
    )  # fmt: skip
    named = {line["姓名"] for line in lines(lists.newcomers(asked(cast))[0])}
    assert named == {pupil.name for pupil in cast.pupils} | {"转来生"}
    assert came.name not in named
    primary = Classroom.objects.create(school=cast.school, stage="primary", entry_year=2025, number=1)
    make_pupil(cast.school, primary, 1, "一年级生", 810)
    assert "一年级生" in {line["姓名"] for line in lines(lists.newcomers(asked(cast))[0])}
