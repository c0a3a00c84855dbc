"""What the daily report tells of one child: for the pupil's card, and for who may call the family."""

from attendance.models import Mark
from kongchuo import dates
from schools.models import User
from students import services
from students.cards import Panel, panels
from students.models import Student

SHOWN = 40


def marks_panel(student: Student, user: User) -> Panel:
    """The latest days on which something was said of this child."""
    marks = Mark.objects.visible_to(user).filter(student=student).select_related("report").order_by("-on")[:SHOWN]
    return Panel("attendance/card_panel.html", {"marks": marks, "student": student})


def absent_today(student: Student) -> str:
    """The ground for calling the family of a pupil who is reported absent today."""
    return "今天缺勤" if Mark.objects.absent().filter(student=student, on=dates.today()).exists() else ""


def connect() -> None:
    panels.append(marks_panel)
    services.phone_grounds.append(absent_today)
