"""What the audit trail's details of a 学籍清查 are called."""

from schools import trail
from students.codes import DifferenceKind, RollList, Settlement, TagKind


def explain() -> None:
    trail.explain(
        {
            "list_of": "名单来源",
            "listed": "名单人数",
            "matched": "一致人数",
            "differences": "差异",
            **{f"diff.{kind.value}": kind.label for kind in DifferenceKind},
            "replaced_check": "代替的核对",
            "settlement": "处理",
            "reopened": "撤回的处理",
            "finished": "办结",
            "student": "学生编号",
            "tag": "标签",
        },
        {
            "list_of": RollList.choices,
            "settlement": Settlement.choices,
            "reopened": Settlement.choices,
            "tag": TagKind.choices,
        },
    )
