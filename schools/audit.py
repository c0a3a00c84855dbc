"""The audit trail (留痕): one writer, one chain a school, in the transaction of the thing done."""

import hashlib
import json
import re
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from schools.models import AuditEntry, AuditHead, Unit, User

GENESIS = "0" * 64
# A telephone or ID number that somebody typed into a reason. It stays where it was typed, and not in the trail.
_NUMBER = re.compile(r"G?\d{11,}[Xx]?")


def record(
    verb: str,
    *,
    unit: Unit | int,
    actor: User | None,
    about: models.Model | None = None,
    reason: str = "",
    **detail: Any,
) -> AuditEntry:
    """Append one entry to the unit's chain.

    `actor` None is the system itself (系统). Details are field names, codes and keys of pupils, never a name or a
    full number of a pupil; a number typed into `reason` is left out. Must run inside the transaction of what it
    records: no change without its trace.
    """
    unit_id = unit.pk if isinstance(unit, Unit) else unit
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("audit.record() belongs inside the transaction it records")
    head = queue(unit_id)
    entry = AuditEntry(
        unit_id=unit_id,
        seq=head.seq + 1,
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        actor_name=actor.name if actor else "系统",
        actor_roles=",".join(sorted({d.role for d in actor.duties_today})) if actor else "",
        verb=verb,
        object_type=about._meta.label_lower if about else "",
        object_id=about.pk if about else None,
        reason=_NUMBER.sub("***", reason)[:200],
        detail=json.loads(json.dumps(detail, default=str, ensure_ascii=False)),
        previous=head.hash or GENESIS,
    )
    entry.hash = digest(entry)
    entry.save(force_insert=True)
    AuditHead.objects.filter(unit_id=unit_id).update(seq=entry.seq, hash=entry.hash)
    return entry


def queue(unit_id: int) -> AuditHead:
    """Wait until no other writer of the unit is at work, until the end of the transaction.

    Who compares, decides and writes in several tables calls this first: then nothing that he read has changed, and
    no two writers wait for each other.
    """
    locked = AuditHead.objects.select_for_update()
    head = locked.filter(unit_id=unit_id).first()
    if head is None:  # the unit's very first entry
        AuditHead.objects.get_or_create(unit_id=unit_id)
        head = locked.get(unit_id=unit_id)
    return head


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the previous hash and the canonical JSON of the row."""
    fields = {
        name: getattr(entry, name)
        for name in (
            "unit_id",
            "seq",
            "actor_id",
            "actor_name",
            "actor_roles",
            "verb",
            "object_type",
            "object_id",
            "reason",
            "detail",
        )
    }
    fields["at"] = entry.at.astimezone(timezone.get_fixed_timezone(0)).isoformat()
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((entry.previous + text).encode()).hexdigest()


def first_broken(unit: Unit) -> int | None:
    """Sequence number of the first entry that does not fit its chain, or None when the chain holds."""
    previous, expected = GENESIS, 1
    for entry in AuditEntry.objects.filter(unit=unit).order_by("seq").iterator():
        if entry.seq != expected or entry.previous != previous or entry.hash != digest(entry):
            return expected
        previous, expected = entry.hash, expected + 1
    head = AuditHead.objects.filter(unit=unit).first()
    return expected if head and head.seq != expected - 1 else None
