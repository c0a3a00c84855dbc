"""What proves a return, what undoes it, and the watch after it."""

import pytest

from attendance.models import Mark
from attendance.presence import missed_days, proof_of_return, proofs_of_return
from students.codes import Change
from students.services import change_enrollment
from tests.attendance.saying import day, report, report_days
from tests.cast import Cast


def proof(cast: Cast, on: str = "3-20", needed: int = 5):
    return proof_of_return(student=cast.pupils[0], since=day("3-2"), on=day(on), needed=needed)


@pytest.mark.parametrize(
    ("codes", "proved"),
    [
        ("UUU.....", 0),  # the class reported nothing of him: that proves nothing
        ("UUUPPPPP", 5),
        ("UUUPLEOP", 5),  # 迟到、早退、公假 are presence that somebody saw
        ("UUUPPSPPP", 5),  # a day ill in between neither proves nor undoes
        ("UUUPP PPP", 5),  # nor does a day without a report
        ("UUUPP.PPP", 5),
        ("UUUPPPPUP", 1),
        ("UUUPPPPWP", 1),
        ("PPPPPUUU", 0),
        ("", 0),
    ],
)
def test_only_what_was_said_on_purpose_counts(cast: Cast, codes: str, proved: int) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-2", codes)
    found = proof(cast)
    assert len(found.days) == proved
    assert found.remaining == 5 - proved
    assert found.is_proved == (proved == 5)


def test_the_offices_value_proves_and_undoes(cast: Cast) -> None:
    days = report_days(cast.seven, cast.head, cast.pupils[0], "3-9", "UUP")
    Mark.objects.filter(student=cast.pupils[0], on=days[1]).update(office_code="L")
    assert proof(cast).days == (days[1], days[2])
    Mark.objects.filter(student=cast.pupils[0], on=days[2]).update(office_code="U")
    assert proof(cast).days == ()


def test_it_says_what_remains_and_what_undid_it(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-2", "UUPPUPP")
    found = proof(cast, needed=3)
    assert found.broken_on == day("3-6")
    assert found.in_words == "已有2个到校日的到校记录（3/9、3/10），还差1个；3/6又无故未到，之前的不算"
    assert proof(cast, on="3-3", needed=3).in_words == "已有0个到校日的到校记录，还差3个"


def test_days_before_the_first_do_not_count(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-2", "PPUPP")
    found = proof_of_return(student=cast.pupils[0], since=day("3-4"), on=day("3-6"), needed=5)
    assert found.days == (day("3-5"), day("3-6"))
    assert found.broken_on is None


def test_proof_goes_with_the_child_into_another_class(cast: Cast) -> None:
    child = cast.pupils[0]
    report_days(cast.seven, cast.head, child, "3-9", "UP")
    change_enrollment(
        actor=cast.clerk, student=child, from_day=day("3-11"), change=Change.CLASS, basis="编班", classroom=cast.eight
    )
    report(cast.eight, "3-11", cast.other_head, {child: "P"})
    assert proof(cast).days == (day("3-10"), day("3-11"))


def test_many_pupils_cost_as_many_queries_as_one(cast: Cast, django_assert_num_queries) -> None:
    report(cast.seven, "3-9", cast.head, dict.fromkeys(cast.pupils, "P"))
    since = {child.pk: day("3-2") for child in cast.pupils}
    for some in (dict(list(since.items())[:1]), since):
        with django_assert_num_queries(5):
            proofs = proofs_of_return(school_id=cast.school.pk, since=some, on=day("3-11"), needed=5)
        assert {pk: len(found.days) for pk, found in proofs.items()} == dict.fromkeys(some, 1)
    with django_assert_num_queries(0):
        assert proofs_of_return(school_id=cast.school.pk, since={}, on=day("3-11"), needed=5) == {}


def test_a_watch_begins_after_the_closing_and_ends_with_its_last_day(cast: Cast) -> None:
    child, other, good = (student.pk for student in cast.pupils[:3])
    for on, said in (("3-4", "UUP"), ("3-5", "WPP"), ("3-6", "SP."), ("3-9", "UUP"), ("3-10", "UPP")):
        report(cast.seven, on, cast.head, {s: c for s, c in zip(cast.pupils, said, strict=False) if c != "."})
    watches = {
        child: (day("3-4"), day("3-9")),
        other: (day("3-4"), day("3-6")),
        good: (day("3-4"), day("3-20")),
    }
    missed = missed_days(school_id=cast.school.pk, watches=watches, on=day("3-11"))
    assert missed == {child: (day("3-5"), day("3-9"))}
    assert missed_days(school_id=cast.school.pk, watches={}, on=day("3-11")) == {}
