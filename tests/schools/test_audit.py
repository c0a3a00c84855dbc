import pytest
from django.db import transaction

from schools import audit
from schools.codes import Verb
from schools.models import AuditEntry
from tests.cast import Cast


def test_entries_chain_and_an_edit_behind_the_back_shows(cast: Cast) -> None:
    with transaction.atomic():
        for reason in ("一", "二", "三"):
            audit.record(Verb.CASE, unit=cast.school, actor=cast.clerk, about=cast.pupils[0], reason=reason)
    assert audit.first_broken(cast.school) is None
    AuditEntry.objects.filter(unit=cast.school, reason="二").update(reason="改过")
    assert audit.first_broken(cast.school) == AuditEntry.objects.get(reason="改过").seq


def test_a_cut_tail_shows(cast: Cast) -> None:
    with transaction.atomic():
        audit.record(Verb.CASE, unit=cast.school, actor=cast.clerk)
    AuditEntry.objects.filter(unit=cast.school).order_by("-seq").first().delete()
    assert audit.first_broken(cast.school) is not None


@pytest.mark.django_db(transaction=True)
def test_no_trace_outside_the_transaction_it_records(at_day) -> None:
    from tests.cast import make_cast

    cast = make_cast(pupils=1)
    with pytest.raises(transaction.TransactionManagementError):
        audit.record(Verb.CASE, unit=cast.school, actor=cast.clerk)
