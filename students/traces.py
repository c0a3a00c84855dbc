"""What the audit trail's details of this app are called."""

from schools import trail
from students import card_traces
from students.codes import AbsentReason, Change, Party
from students.import_changes import TRAIL_LABELS
from students.opening import Said
from students.rollcheck import traces as rollcheck


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
    trail.explain(
        {
            "absent_reason": "未报到原因",
            "arrived": "到校的学生编号",
            "entry_notices": "入学通知书份数",
            "first_number": "起始编号",
            "handed_over": "移交人数",
            "not_arrived": "没有到校的学生编号",
            "pupils": "学生编号",
            "registered": "报到登记",
            "report_on": "报到日期",
            "served_how": "送达方式",
            "served_on": "送达日期",
            "term": "学期编号",
        },
        {"absent_reason": AbsentReason.choices, "registered": Said.choices},
    )
    rollcheck.explain()
    card_traces.explain()
