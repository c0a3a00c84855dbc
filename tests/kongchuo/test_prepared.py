"""Prepared queries ask what the query they were built from asks."""

import datetime

import pytest
from django.db import connection
from django.db.models import Min, Q
from django.test.utils import CaptureQueriesContext

from kongchuo.prepared import Prepared
from schools.models import SchoolDay, Term
from students.models import Enrollment
from tests.cast import WEDNESDAY, Cast

MONDAY = datetime.date(2026, 3, 9)


def days(school, first, last):
    return SchoolDay.objects.filter(school=school, on__range=(first, last)).order_by("on").values_list("on", "note")


def seated(classroom, on):
    inside = Enrollment.objects.in_force(on).filter(classroom=classroom).values("student")
    return Enrollment.objects.filter(student__in=inside).order_by("pk").values_list("pk", "ends_on", "student__name")


def test_it_answers_like_the_query_for_whatever_it_is_filled_with(cast: Cast) -> None:
    ask = Prepared(days)
    for school in (cast.school, cast.far_school):
        for last in (MONDAY, WEDNESDAY):
            assert ask(school.pk, MONDAY, last) == list(days(school.pk, MONDAY, last))
    assert ask(cast.school.pk, MONDAY, WEDNESDAY)[0] == (MONDAY, "")
    assert ask(-1, MONDAY, WEDNESDAY) == []


def test_slots_reach_into_subqueries_and_joins_and_nulls_come_back(cast: Cast) -> None:
    Enrollment.objects.filter(student=cast.pupils[0]).update(ends_on=MONDAY)
    ask = Prepared(seated)
    assert ask(cast.seven.pk, MONDAY) == list(seated(cast.seven.pk, MONDAY))
    assert len(ask(cast.seven.pk, MONDAY)) == 6
    assert [name for _, _, name in ask(cast.seven.pk, WEDNESDAY)] == [pupil.name for pupil in cast.pupils[1:]]


def test_moments_come_back_as_the_schools_moments(cast: Cast) -> None:
    from schools.models import Policy
    from schools.policy import set_rule

    row = set_rule(
        actor=cast.principal, school=cast.school, key="watch_days", value="20", basis="校长办公会", from_day=MONDAY
    )
    ask = Prepared(lambda school: Policy.objects.filter(school=school).values_list("set_at", "effective_from"))
    assert ask(cast.school.pk) == [(row.set_at, MONDAY)]


def test_a_computed_day_comes_back_as_a_day(cast: Cast) -> None:
    ask = Prepared(
        lambda school: (
            SchoolDay.objects.filter(school=school).values("school").annotate(first=Min("on")).values_list("first")
        )
    )
    first = SchoolDay.objects.filter(school=cast.school).earliest("on").on
    assert ask(cast.school.pk) == [(first,)]


def test_it_is_one_query_and_is_phrased_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    built = []

    def terms(school):
        built.append(school)
        return Term.objects.filter(Q(school=school)).values_list("pk", "number")

    ask = Prepared(terms)
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            assert ask(cast.school.pk)
        assert len(captured) == 1
    assert len(built) == 1
