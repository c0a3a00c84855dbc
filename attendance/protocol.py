"""The rules by which one sending meets what was reported before: idempotency, merging, conflict. Nothing here queries.

A sending states every pupil: the exceptions in words, the others by silence. What it *touches* are the pupils for whom
it departs from what its sender saw. Two sendings that touch different pupils both hold.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from attendance.codes import MarkCode
from attendance.rollcall import Row, Said

SAID_PRESENT: Said = (MarkCode.PRESENT, "")
State = Mapping[int, Said]
Changes = Mapping[str, list[list[str]]]
"""What a sending changed, as stored: pupil's key to [old, new], each [code, note]."""


@dataclass(frozen=True)
class Difference:
    """One pupil of whom two people said different things."""

    row: Row
    mine: Said
    theirs: Said


def content_hash(
    *, actor_id: int, classroom_id: int, on: str, session: str, revision: int, roll: str, marks: State, reason: str
) -> str:
    """Digest of everything that one sending says. A sending belongs to its sender: his key is a part of it."""
    said = sorted((pk, *mark) for pk, mark in marks.items())
    text = json.dumps([actor_id, classroom_id, on, session, revision, roll, said, reason], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def seen_by_sender(rows: Iterable[Row], later: Iterable[Changes], seen_revision: int) -> dict[int, Said]:
    """What the sender saw: the teachers' values as they stood at that revision.

    Before the first report, pupils who stand pre-marked are 未到 and the others unsaid. Later states are what stands
    now with the changes since then taken back, newest first.
    """
    if seen_revision == 0:
        return {row.student_id: row.until_said for row in rows}
    state = {row.student_id: row.said for row in rows}
    for changes in later:
        for pk, (old, _new) in changes.items():
            state[int(pk)] = (old[0], old[1])
    return state


def stated(rows: Iterable[Row], marks: State, seen: State) -> dict[int, Said]:
    """What a sending says of each pupil: its marks, and by silence that nothing changed or that he has come."""
    return {row.student_id: marks.get(row.student_id) or _by_silence(row, seen[row.student_id]) for row in rows}


def _by_silence(row: Row, seen: Said) -> Said:
    """A pre-marked pupil of whom nothing is said stays as he was: only an explicit 「到了」 makes him present."""
    if row.premarked or seen[0] in (MarkCode.PRESENT, ""):
        return seen
    return SAID_PRESENT


def touched(mine: State, seen: State) -> dict[int, Said]:
    return {pk: said for pk, said in mine.items() if said != seen[pk]}


def differences(rows: Iterable[Row], mine: State, seen: State) -> list[Difference]:
    """Pupils whom both this sending and one since touched, and not with the same word."""
    return [
        Difference(row, mine[row.student_id], row.said)
        for row in rows
        if row.student_id in mine and row.said not in (seen[row.student_id], mine[row.student_id])
    ]


def changes_of(rows: Iterable[Row], mine: State) -> dict[str, list[list[str]]]:
    """What a sending changes, as it is stored."""
    return {
        str(row.student_id): [list(row.said), list(mine[row.student_id])]
        for row in rows
        if row.student_id in mine and mine[row.student_id] != row.said
    }
