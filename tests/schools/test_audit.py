import pytest
from django.db import transaction

from schools import audit
from schools.codes import Verb
from schools.models import AuditEntry
from tests.cast import Cast, id_number


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


@pytest.mark.parametrize("number", ["138" + "0" * 8, id_number(1), id_number(2)[:17] + "x", "G" + id_number(3)])
def test_a_number_typed_into_a_reason_stays_out_of_the_trail(cast: Cast, number: str) -> None:
    with transaction.atomic():
        entry = audit.record(Verb.ROLL, unit=cast.school, actor=cast.clerk, reason=f"家长{number}来电，文号〔2026〕3号")
    assert entry.reason == "家长***来电，文号〔2026〕3号"
    assert audit.first_broken(cast.school) is None
