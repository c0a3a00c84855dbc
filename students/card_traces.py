"""What the audit trail's details of the pupil's card are called."""

from schools import trail
from students import editing, family
from students.codes import DoubtKind, TagKind


def explain() -> None:
    trail.explain(
        {
            "member": "家庭成员编号",
            "doubt": "信息疑点",
            "tag": "群体",
            "count": "人数",
            "struggling": "学困生人数",
            "hardship": "特困生人数",
        },
        {
            "changed": [*editing.labels(), *family.labels(), ("checked_on", "核对家庭信息")],
            "doubt": DoubtKind.choices,
            "tag": TagKind.choices,
        },
    )
