"""What the audit trail's details of this app are called."""

from attendance.codes import MarkCode, Session
from attendance.models import DayReview
from schools import trail


def explain() -> None:
    levels = DayReview._meta.get_field("level").choices or ()
    trail.explain(
        {
            "absent": "缺勤人数",
            "classes": "应报班数",
            "expected": "应到人数",
            "late": "迟报",
            "level": "环节",
            "on": "日期",
            "reported": "已报班数",
            "revision": "第几次",
            "session": "时段",
            "teacher": "班主任所报",
        },
        {
            "after": MarkCode.choices,
            "before": MarkCode.choices,
            "changed": MarkCode.choices,
            "days": MarkCode.choices,
            "level": levels,
            "session": Session.choices,
            "teacher": MarkCode.choices,
        },
    )
