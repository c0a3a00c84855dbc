"""What is known of a case (原因、去向、帮扶…) and who is responsible for it (包保)."""

import datetime
import hashlib
from typing import Any

from django.db import transaction

from followups import stages
from followups.codes import Reason, Whereabouts
from followups.models import Case
from followups.refusals import CaseMovedOn, CaseRefusal
from followups.rights import must_be_office, must_keep
from kongchuo import dates
from schools import audit
from schools.codes import KEEPERS, OVERSEERS, Verb
from schools.models import User

FACTS = (
    "last_attended_on", "left_on", "reasons", "reason_text", "whereabouts", "whereabouts_text", "support",
)  # fmt: skip


def fingerprint(case: Case) -> str:
    """A short digest of the facts as they stand, carried by the form, so that nobody overwrites what he never saw."""
    text = "\x1f".join(str(getattr(case, name)) for name in FACTS)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def edit_facts(*, actor: User, case: Case, seen: str, **facts: Any) -> list[str]:
    """Write facts of a case (keys of FACTS); `seen` is the fingerprint of what the form showed.

    Returns the names of what changed. After the closing only the office may still complete them.
    """
    with transaction.atomic():
        now = stages.held(case)
        must_keep(actor, now.student)
        if not now.is_open:
            must_be_office(actor, now.school_id)
        if fingerprint(now) != seen:
            raise CaseMovedOn("您打开这页以后有人改过这些内容。下面是现在的内容，请核对后再填。")
        _check(now, facts)
        changed = [name for name in FACTS if name in facts and getattr(now, name) != facts[name]]
        if changed:
            Case.objects.filter(pk=now.pk).update(**{name: facts[name] for name in changed})
            audit.record(Verb.CASE, unit=now.school_id, actor=actor, about=case, changed=changed)
    case.refresh_from_db()
    return changed


def assign_responsible(*, actor: User, case: Case, person: User | None) -> None:
    """Make somebody of the school responsible (包保责任人), or nobody. The audit trail keeps who was before."""
    with transaction.atomic():
        now = stages.held(case)
        must_be_office(actor, now.school_id)
        if person and not _serves(person, now.school_id):
            raise CaseRefusal(f"{person.name}现在没有本校岗位，不能作包保责任人。", "responsible")
        before = now.responsible_id
        if before == (person.pk if person else None):
            return
        Case.objects.filter(pk=now.pk).update(responsible=person)
        audit.record(
            Verb.CASE, unit=now.school_id, actor=actor, about=case, field="responsible", before=before,
            after=person.pk if person else None,
        )  # fmt: skip
    case.refresh_from_db()


def _serves(person: User, school_id: int) -> bool:
    return any(d.unit_id == school_id and d.role not in KEEPERS | OVERSEERS for d in person.duties_today)


def _check(case: Case, facts: dict[str, Any]) -> None:
    if unknown := set(facts) - set(FACTS):
        raise TypeError(f"not facts of a case: {sorted(unknown)}")
    if set(facts.get("reasons", ())) - set(Reason.values):
        raise CaseRefusal("原因请从列出的各项里选。", "reasons")
    if facts.get("whereabouts") and facts["whereabouts"] not in Whereabouts.values:
        raise CaseRefusal("去向请从列出的各项里选。", "whereabouts")
    last: datetime.date | None = facts.get("last_attended_on", case.last_attended_on)
    left: datetime.date | None = facts.get("left_on", case.left_on)
    for day, name in ((last, "last_attended_on"), (left, "left_on")):
        if day and day > dates.today():
            raise CaseRefusal("日期不能晚于今天。", name)
    if last and left and left < last:
        raise CaseRefusal("离校时间不能早于最后到校日期。", "left_on")
