"""After a case has ended the roll must say so too: the case leads to the right form, begun with what it knows."""

import pytest
from django.urls import reverse

from followups.casepage import CHANGE_AFTER, LEAVES_CLASS, CasePage
from followups.closing import close_case
from followups.codes import Outcome
from followups.models import Case
from followups.outcomes import Closing
from students.changes import KINDS
from tests.cast import WEDNESDAY, Cast, login
from tests.followups.casework import open_case
from tests.students.changework import record

PROOF = "白水乡中学学籍接收回执 教籍字12号"


def closed(cast: Cast, outcome: str) -> Case:
    """A case of the first pupil that ends today."""
    case = open_case(cast.pupils[0])
    return close_case(actor=cast.principal, case=case, closing=Closing(Outcome(outcome), PROOF, "赵教务 3月10日"))


@pytest.mark.parametrize("outcome", sorted(CHANGE_AFTER))
def test_each_outcome_leads_to_its_form(cast: Cast, outcome: str) -> None:
    pupil = cast.pupils[0]
    case = closed(cast, outcome)
    kind = CHANGE_AFTER[outcome]
    clerk = login(cast.clerk)
    address = reverse("students:change_new", args=(pupil.pk, kind.value))
    assert address in clerk.get(reverse("followups:case", args=(case.pk,))).content.decode()
    form = clerk.get(address).context["form"]
    assert form["on"].value() == WEDNESDAY
    assert PROOF in form["note"].value()


def test_every_outcome_that_takes_a_child_out_of_class_has_a_form_or_the_card(cast: Cast) -> None:
    assert set(CHANGE_AFTER.values()) <= set(KINDS)
    assert LEAVES_CLASS - set(CHANGE_AFTER) == {Outcome.DEFERRED, Outcome.OVERAGE}
    case = closed(cast, Outcome.OVERAGE)
    assert CasePage(case, cast.clerk).roll_url == reverse("students:card", args=(cast.pupils[0].pk,))


def test_the_class_teacher_is_led_to_the_card(cast: Cast) -> None:
    case = closed(cast, Outcome.SUSPENDED)
    assert CasePage(case, cast.head).roll_url == reverse("students:card", args=(cast.pupils[0].pk,))


def test_an_old_case_does_not_fill_in_a_new_change(cast: Cast) -> None:
    pupil = cast.pupils[0]
    closed(cast, Outcome.SUSPENDED)
    record(cast, pupil, "suspension", WEDNESDAY)
    record(cast, pupil, "resumption", WEDNESDAY)
    form = login(cast.clerk).get(reverse("students:change_new", args=(pupil.pk, "suspension"))).context["form"]
    assert not form["note"].value()
