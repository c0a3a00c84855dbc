"""Opening a case by hand, and several at once."""

import contextlib
import threading
from collections.abc import Callable

import pytest
from django.db import connections, transaction

from attendance.detection import recompute, recompute_school
from followups.codes import Source, Stage
from followups.models import Case
from followups.opening import open_case
from followups.refusals import CaseRefusal
from schools import audit
from schools.codes import Verb
from schools.models import AuditEntry
from students.codes import Change
from students.services import end_enrollment
from tests.attendance.saying import day, report_days
from tests.cast import Cast, make_cast

NOTE = "邻居说已随父母外出务工"


def by_hand(cast: Cast, person: str = "head", source: str = Source.LEAD, note: str = NOTE, pupil: int = 0) -> Case:
    return open_case(actor=getattr(cast, person), student=cast.pupils[pupil], source=source, note=note)  # type: ignore[arg-type]


def test_a_case_is_opened_by_hand_with_its_source(cast: Cast) -> None:
    case = by_hand(cast)
    assert (case.source, case.source_note, case.opened_by, case.opened_on) == (
        Source.LEAD, NOTE, cast.head, day("3-11"),
    )  # fmt: skip
    assert (case.stage, case.spell_from, case.classroom) == (Stage.IDENTIFY, None, cast.seven)
    assert case.steps.get().due_on == day("3-12")
    assert AuditEntry.objects.get(verb=Verb.CASE).detail["opened"] == Source.LEAD


def test_it_begins_with_the_spell_in_which_the_child_stands(cast: Cast) -> None:
    report_days(cast.seven, cast.head, cast.pupils[0], "3-6", ".UU")
    case = by_hand(cast)
    assert (case.spell_from, case.last_attended_on) == (day("3-9"), day("3-6"))


def test_a_child_who_never_arrived_at_his_new_school_has_his_last_class(cast: Cast) -> None:
    end_enrollment(
        actor=cast.clerk, student=cast.pupils[0], last_day=day("3-6"), ended_by=Change.TRANSFER_OUT, basis="转学证明"
    )
    case = by_hand(cast, "clerk", Source.NOT_ARRIVED)
    assert (case.classroom, case.spell_from) == (cast.seven, None)


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({"source": Source.SPELL}, "自动立案"),
        ({"source": "?"}, "来源"),
        ({"note": " 跑 "}, "4个字"),
        ({"person": "other_head"}, "岗位"),
        ({"person": "far_clerk"}, "岗位"),
        ({"person": "admin"}, "岗位"),
    ],
)
def test_what_cannot_be_is_refused(cast: Cast, how: dict[str, str], word: str) -> None:
    with pytest.raises(CaseRefusal, match=word):
        by_hand(cast, **how)
    assert not Case.objects.exists()


def test_one_open_case_a_pupil(cast: Cast) -> None:
    by_hand(cast)
    with pytest.raises(CaseRefusal, match="已有一个未销号的个案"):
        by_hand(cast, "clerk", Source.UNREGISTERED)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_open_one_case(at_day: Callable[..., None]) -> None:
    """Nightly detection, a report and a teacher by hand at the same moment: one case, and an unbroken trail."""
    at_day("2026-03-11")
    cast = make_cast(pupils=2)
    report_days(cast.seven, cast.head, cast.pupils[0], "3-9", "UUU")
    start = threading.Barrier(6)
    errors: list[Exception] = []

    def nightly() -> None:
        recompute_school(school=cast.school)

    def a_report() -> None:
        with transaction.atomic():
            audit.record(Verb.REPORT, unit=cast.school, actor=cast.head)
            recompute(classroom=cast.seven, actor=cast.head)

    def hand() -> None:
        with contextlib.suppress(CaseRefusal):
            by_hand(cast)

    def run(deed: Callable[[], None]) -> None:
        start.wait()
        try:
            deed()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in (nightly, a_report, hand) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert Case.objects.count() == 1
    assert Case.objects.get().steps.count() == 1
    assert audit.first_broken(cast.school) is None
