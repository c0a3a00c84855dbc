"""What the audit trail's details of this app are called."""

from schools import trail
from students.codes import Change, Party
from students.import_changes import TRAIL_LABELS


def explain() -> None:
    trail.explain(
        {
            "change": "异动",
            "enrollment": "在籍记录",
            "last_day": "最后一天",
            "roll_change": "异动编号",
            "settled_on": "办结日期",
            "voided": "作废",
            "replaces": "更正的异动",
            "party": "办理环节",
            "done_on": "办完日期",
            "to": "归属",
            "paper": "材料",
        },
        {"change": Change.choices, "voided": Change.choices, "party": Party.choices},
    )
    trail.explain(TRAIL_LABELS)
