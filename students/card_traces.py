"""What the audit trail's details of the pupil's card are called."""

from schools import trail
from students import editing, family
from students.codes import DoubtKind, TagKind


def explain() -> None:
    trail.explain(
        {"member": "家庭成员编号", "doubt": "信息疑点", "tag": "群体"},
        {"changed": editing.labels() + family.labels(), "doubt": DoubtKind.choices, "tag": TagKind.choices},
    )
