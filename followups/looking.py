"""查看留痕: who opened a child's case. One entry a day for each person and case."""

from django.db import transaction

from followups.models import Case
from kongchuo import dates
from schools import audit
from schools.codes import Verb
from schools.models import AuditEntry, User


def record(*, actor: User, case: Case) -> None:
    """Record that this person opened the page of this case (未成年人网络保护条例36条); once a day is enough."""
    today = AuditEntry.objects.filter(
        object_type="followups.case", object_id=case.pk, verb=Verb.CARD, actor_id=actor.pk,
        at__gte=dates.at(dates.today(), 0),
    )  # fmt: skip
    if today.exists():
        return
    with transaction.atomic():
        audit.record(Verb.CARD, unit=case.school_id, actor=actor, about=case, student=case.student_id)
