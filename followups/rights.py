"""Who may write about a pupil: his class teacher, the school's office, and whoever is responsible (包保) for him."""

from followups.refusals import CaseRefusal
from schools.codes import OFFICE, Role
from schools.models import Unit, User
from students.models import Student


def teaches(actor: User, student: Student) -> bool:
    """班主任 of the class in which the pupil is now."""
    seat = student.present_enrollment
    return any(
        duty.role == Role.HEAD_TEACHER and seat and duty.classroom_id == seat.classroom_id
        for duty in actor.duties_today
    )  # fmt: skip


def keeps(actor: User, student: Student) -> bool:
    """May record contacts, photos and facts of this pupil."""
    return teaches(actor, student) or office_of(actor, student.school_id) or _is_responsible(actor, student)


def office_of(actor: User, school: Unit | int) -> bool:
    """教务 or 校长 (or who stands in for him)."""
    return actor.has(*OFFICE, school=school)


def must_keep(actor: User, student: Student) -> None:
    if not keeps(actor, student):
        raise CaseRefusal("您现在的岗位不能登记这名学生的情况，请班主任、包保责任人或教务登记。")


def must_be_office(actor: User, school: Unit | int) -> None:
    if not office_of(actor, school):
        raise CaseRefusal("您现在的岗位不能登记文书，请教务或校长登记。")


def _is_responsible(actor: User, student: Student) -> bool:
    serves = any(duty.unit_id == student.school_id for duty in actor.duties_today)
    return serves and student.cases.open().filter(responsible=actor).exists()
