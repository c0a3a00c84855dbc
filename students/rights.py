"""Who may change what is known of a pupil."""

from kongchuo import dates
from schools.codes import OFFICE, Role
from schools.models import Classroom, Unit, User
from schools.scoping import scope_of
from students.models import Student
from students.roll import RollRefusal, covers


class ChangedMeanwhile(RollRefusal):
    """Somebody else changed the same facts after the form was opened."""


def keeps_class(actor: User, classroom: Classroom) -> bool:
    """The office of the school, and the class's own head teacher."""
    return covers(actor, classroom.school_id) or classroom.pk in scope_of(actor, (Role.HEAD_TEACHER,)).classrooms


def keeps(actor: User, student: Student) -> bool:
    """The office of the school, and the head teacher of the class where the pupil is now."""
    if covers(actor, student.school_id):
        return True
    own = scope_of(actor, (Role.HEAD_TEACHER,)).classrooms
    return bool(own) and student.enrollments.lasting(dates.today()).filter(classroom__in=own).exists()


def must_keep(actor: User, student: Student) -> None:
    if not keeps(actor, student):
        raise RollRefusal("您现在的岗位不能改动这名学生的信息。")


def must_keep_class(actor: User, classroom: Classroom) -> None:
    if not keeps_class(actor, classroom):
        raise RollRefusal("您现在的岗位不能改动这个班的学生信息。")


def must_be_office(actor: User, school: Unit | int) -> None:
    if not actor.has(*OFFICE, school=school):
        raise RollRefusal("这几项由教务员或校长改，请把户口簿等依据交教务处。")
