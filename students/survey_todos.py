"""What the 摸底册 adds to the page 「学籍」: the way there, and what awaits the office."""

import datetime
from collections.abc import Iterator

from django.urls import reverse

from kongchuo import dates
from schools import jobs, trail
from schools.models import Unit, User
from schools.policy import rules_on
from students import hub, schoolage, survey_books, survey_import, todos
from students.codes import Gone
from students.todos import Todo


def connect() -> None:
    hub.register("摸底册", "students:survey", "各村适龄儿童少年在哪里，缺什么手续；文化户口册。")
    hub.register("三率统计", "students:rates", "辍学率、巩固率、入学率、完成率，每种口径写明算法，点数字看名单。")
    todos.for_office.append(for_office)
    survey_books.register()
    jobs.register("survey imports", survey_import.forget_old_previews, jobs.daily(16, 35))
    trail.explain(
        {"gone_as": "迁出或去世", "until": "缓学至", "households": "新增户", "student": "学生编号"},
        {"gone_as": Gone.choices},
    )


def for_office(user: User, school: Unit, day: datetime.date) -> Iterator[Todo]:
    """Children without procedure or proof, and deferrals that end soon."""
    everybody = schoolage.children(user, school, day)
    listed = reverse("students:survey_children")
    without = len(schoolage.selected(everybody, "without"))
    yield Todo(f"{without}名适龄儿童少年没有就学，也没有缓学手续", f"{listed}?what=without", without, overdue=True)
    unproven = len(schoolage.selected(everybody, "unproven"))
    yield Todo(f"{unproven}名在外就读的孩子没有就读证明", f"{listed}?what=unproven", unproven)
    soon = day + datetime.timedelta(days=rules_on(school, day).count("deferral_notice_days"))
    ends = [child.resident.deferred_until for child in everybody if child.approved]
    ending = [end for end in ends if end and end <= soon]
    if ending:
        text = f"{len(ending)}名孩子的缓学快要期满，最早{dates.chinese(min(ending))}"
        yield Todo(text, f"{listed}?what=deferred", len(ending))
