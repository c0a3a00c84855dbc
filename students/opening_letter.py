"""The letter to the township that goes with 《开学未报到学生名单》."""

import datetime

from kongchuo import dates
from kongchuo.letters import Letter, unnumbered
from schools.models import Term
from students import opening
from students.models.roll import EnrollmentQuerySet

LIST_TITLE = "开学未报到学生名单"


def letter(term: Term, seats: EnrollmentQuerySet, on: datetime.date) -> Letter:
    """What the registrations of a term amount to on a day. 义务教育法 13条: the township urges children to school."""
    said = sum(opening.tallies(seats).values(), opening.Tally())
    lines = opening.lines(term, opening.only(seats, opening.Said.ABSENT), hints=False)
    given = "、".join(f"{label}{n}人" for label, n in opening.reasons([line.row for line in lines if line.row]))
    silent = f"另有{said.silent}人是否到校尚未核实，核实后另行报告。" if said.silent else ""
    parts = (
        (
            "",
            (
                f"我校{term}于{dates.chinese(term.starts_on)}行课，应报到{said.due}人。截至{dates.chinese(on)}，"
                f"已报到{said.arrived}人，未报到{said.absent}人{f'（{given}）' if given else ''}。{silent}",
                "依照《中华人民共和国义务教育法》第十三条，乡镇人民政府组织和督促适龄儿童、少年入学，采取措施防止辍学；"
                "居民委员会和村民委员会协助政府做好工作。现将未报到学生名单报上，请督促监护人送孩子到校，并把核实的情况"
                "告知学校。学校同时联系家长、上门走访。",
            ),
        ),
    )
    title = f"{term.school.name}关于报送{LIST_TITLE}的函"
    to = f"{term.school.township_name or '乡镇'}人民政府"
    return Letter(title, unnumbered(on), to, parts, term.school.name, on, f"《{LIST_TITLE}》")
