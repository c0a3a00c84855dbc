"""到校日报 under several hands at once: real threads, each with a connection of its own, on either database."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from attendance import rollcall, services
from attendance.models import DailyReport, Mark, Submission
from schools import audit
from schools.models import User
from tests.attendance.conftest import Page
from tests.cast import WEDNESDAY, Cast, make_cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(at_day) -> Cast:
    at_day(WEDNESDAY)
    return make_cast()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment, each in a thread; what each returned or raised, in their order."""
    start = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[index] = call()
        except Exception as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def sending(cast: Cast, actor: User, marks: dict[int, str], **other: Any) -> Callable[[], Submission]:
    """A sending of the class's first report, ready to go."""
    fields = {
        "request_id": uuid.uuid4(),
        "seen_revision": 0,
        "roll_version": rollcall.roll_of(cast.seven, WEDNESDAY).version,
    } | other
    said = {pk: (code, "") for pk, code in marks.items()}
    person = User.objects.get(pk=actor.pk)
    return lambda: services.submit_report(actor=person, classroom=cast.seven, on=WEDNESDAY, marks=said, **fields)


def test_ten_sends_of_one_page_are_one_report_and_one_receipt(cast, client):
    client.force_login(cast.head)
    page = Page(client, f"/roll/{cast.seven.pk}/").tap(cast.pupils[0].pk)

    def again() -> str:
        own = Client()
        own.cookies = client.cookies
        response = Page.send(_copy(page, own))
        assert response.status_code == 302, response.content.decode()
        return response["Location"]

    answers = at_once(*[again] * 10)
    assert len(set(answers)) == 1, answers
    assert DailyReport.objects.count() == Submission.objects.count() == Mark.objects.count() == 1
    assert DailyReport.objects.get().revision == 1
    assert audit.first_broken(cast.school) is None


def _copy(page: Page, client: Client) -> Page:
    copied = object.__new__(Page)
    copied.__dict__ |= page.__dict__ | {"client": client, "fields": list(page.fields)}
    return copied


def test_two_first_reports_of_different_pupils_both_hold(cast):
    a, b = cast.pupils[:2]
    results = at_once(sending(cast, cast.head, {a.pk: "W"}), sending(cast, cast.clerk, {b.pk: "S"}))
    assert sorted(result.revision for result in results) == [1, 2]
    report = DailyReport.objects.get()
    assert (report.revision, report.absent) == (2, 2)
    assert dict(report.marks.values_list("student_id", "teacher_code")) == {a.pk: "W", b.pk: "S"}


def test_two_first_reports_that_quarrel_have_one_winner_and_nothing_of_the_loser(cast):
    a, b, c = cast.pupils[:3]
    results = at_once(
        sending(cast, cast.head, {a.pk: "W", b.pk: "W"}), sending(cast, cast.clerk, {a.pk: "S", c.pk: "S"})
    )
    winner, loser = sorted(results, key=lambda result: isinstance(result, Exception))
    assert isinstance(loser, services.Conflict), loser
    codes = {submitted.submitted_by_id: submitted.changes for submitted in Submission.objects.all()}
    assert set(codes) == {winner.submitted_by_id}
    assert len(set(Mark.objects.values_list("teacher_code", flat=True))) == 1
    assert str(loser).startswith(f"{winner.submitted_by.name}在您之前报过{a.name}")


def test_ten_corrections_at_once_are_ten_revisions_or_conflicts_and_no_lost_one(cast):
    results = at_once(*[sending(cast, cast.head, {pupil.pk: code}) for pupil in cast.pupils for code in "SA"])
    taken = [result for result in results if isinstance(result, Submission)]
    assert {type(result) for result in results} == {Submission, services.Conflict}
    assert sorted(submission.revision for submission in taken) == list(range(1, 7))
    assert DailyReport.objects.get().absent == Mark.objects.absent().count() == 6
    assert audit.first_broken(cast.school) is None


def test_the_office_and_the_teacher_at_once_keep_both_values(cast):
    pupil = cast.pupils[0]
    sending(cast, cast.head, {pupil.pk: "W"})()
    clerk = User.objects.get(pk=cast.clerk.pk)
    results = at_once(
        sending(cast, cast.head, {pupil.pk: "U"}, seen_revision=1),
        lambda: services.verify_mark(actor=clerk, student=pupil, on=WEDNESDAY, code="P"),
    )
    assert not [result for result in results if isinstance(result, Exception)], results
    mark = Mark.objects.get()
    assert (mark.teacher_code, mark.office_code, mark.code) == ("U", "P", "P")
    assert DailyReport.objects.get().absent == 0


def test_a_day_is_passed_once(cast):
    sending(cast, cast.head, {})()
    people = [User.objects.get(pk=person.pk) for person in (cast.clerk, cast.principal)]
    results = at_once(
        *[
            lambda person=person: services.review_day(
                actor=person, school=cast.school, on=WEDNESDAY, level="office"
            )
            for person in people
        ]
    )  # fmt: skip
    refused = [result for result in results if isinstance(result, services.Refusal)]
    assert len(refused) == 1, results
    assert "已经审过" in str(refused[0])
