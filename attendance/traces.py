"""What the audit trail's details of this app are called."""

from attendance.codes import LeaveLevel, MarkCode, Session
from attendance.models import DayReview
from schools import trail

LEAVE_DEEDS = (("asked", "请假"), ("granted", "准假"), ("refused", "不准假"), ("voided", "作废"))


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
            "did": "操作",
            "student": "学生编号",
            "kind": "类别",
        },
        {
            "after": MarkCode.choices,
            "before": MarkCode.choices,
            "changed": MarkCode.choices,
            "days": MarkCode.choices,
            "level": [*levels, *LeaveLevel.choices],
            "did": LEAVE_DEEDS,
            "session": Session.choices,
            "teacher": MarkCode.choices,
        },
    )
