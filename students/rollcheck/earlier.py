"""What an earlier check of the same list found 无误: proposed again where nothing has changed, never silently."""

import json
from collections.abc import Sequence

from schools.models import User
from students.codes import Settlement
from students.models import Difference, RollCheck
from students.roll import RollRefusal
from students.rollcheck import settling


def proposals(check: RollCheck, differences: Sequence[Difference]) -> dict[int, Difference]:
    """For each unsettled difference the settled one of an earlier check that says exactly the same. One query."""
    waiting = [difference for difference in differences if not difference.settled_at]
    if not waiting:
        return {}
    before = Difference.objects.filter(
        name__in={difference.name for difference in waiting}, settlement=Settlement.SAME, check_of__lt=check.pk,
        check_of__school=check.school_id, check_of__source=check.source, check_of__about=check.about,
    )  # fmt: skip
    known = {_values(difference): difference for difference in before.select_related("settled_by").order_by("pk")}
    named = {difference.name for difference in known.values()}  # only these are worth unsealing
    return {d.pk: known[values] for d in waiting if d.name in named and (values := _values(d)) in known}


def _values(difference: Difference) -> tuple[str, int | None, str]:
    """All that both sides say, but for the place in the list."""
    stored = json.loads(difference.listed.reveal() or "{}")
    row = stored.get("row")
    if row:
        row.update(number=0, sheet="")
    return difference.kind, difference.student_id, json.dumps(stored, sort_keys=True)


def count(check: RollCheck) -> int:
    """How many unsettled differences of a check say the same as one that was found 无误 before."""
    return len(proposals(check, list(check.differences.unsettled())))


def repeat(*, actor: User, check: RollCheck) -> int:
    """Settle what was found 无误 before as it was settled then, each with its own reason. How many."""
    waiting = list(check.differences.unsettled().select_related("check_of", "student"))
    found = proposals(check, waiting)
    if not found:
        raise RollRefusal("没有和以前核实无误的完全一样的行。")
    chosen = [difference for difference in waiting if difference.pk in found]
    for difference in chosen:
        settling.carry_over(actor=actor, difference=difference, earlier=found[difference.pk])
    return len(chosen)
