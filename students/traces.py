"""What the audit trail's details of this app are called."""

from schools import trail
from students.codes import Change
from students.import_changes import TRAIL_LABELS


def explain() -> None:
    trail.explain(
        {"change": "异动", "enrollment": "在籍记录", "last_day": "最后一天"},
        {"change": Change.choices},
    )
    trail.explain(TRAIL_LABELS)
