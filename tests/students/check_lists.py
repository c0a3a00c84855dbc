"""Lists that the roll of the cast is compared with, made at run time."""

from django.core.files.uploadedfile import SimpleUploadedFile

from students.codes import DifferenceKind, RollList, Settlement
from students.models import Difference, RollCheck, Student
from students.rollcheck import checks, settling
from students.rollcheck.settling import Proof
from tests.cast import WEDNESDAY, Cast, id_number
from tests.students.roster_files import workbook

K, W = DifferenceKind, Settlement
HEADER = ("学校标识码", "姓名", "性别", "出生日期", "身份证件号", "全国学籍号", "班级", "学籍状态")
SEEN = {"code": "hukou", "seen_by": "赵教务", "seen_on": WEDNESDAY}


def line(pupil: Student, room: str = "七(1)班", **other: str) -> list:
    number = Student.objects.get(pk=pupil.pk).id_no.reveal()
    told = {
        "code": "2153000001", "name": pupil.name, "sex": pupil.get_sex_display(), "born": "20130412", "id": number,
        "roll": "G" + number, "room": room, "status": "在读",
    } | other  # fmt: skip
    return list(told.values())


def school_list(cast: Cast) -> list[list]:
    """The national list that agrees with the roll."""
    return [line(p) for p in cast.pupils] + [line(p, "八(1)班") for p in cast.others]


def file_of(*rows: list, header: tuple = HEADER, name: str = "国网.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, workbook(("学生", [header, *rows])))


def upload(
    cast: Cast, *rows: list, source: str = RollList.NATIONAL, about: str = "", header: tuple = HEADER
) -> RollCheck:
    return checks.upload(
        actor=cast.clerk, school=cast.school, source=source, about=about, file=file_of(*rows, header=header)
    )


def namesakes_apart(cast: Cast) -> None:
    """The cast gives both classes the same names and one birthday, which a comparison rightly doubts."""
    for pupil in cast.others:
        pupil.name = f"{pupil.name}甲"
        pupil.save(update_fields=("name",))


def kinds(check: RollCheck) -> list[tuple[str, str]]:
    return [(row.kind, row.name) for row in check.differences.order_by("pk")]


def make_check(cast: Cast) -> RollCheck:
    """A check with one difference of three kinds: a strange child, a wrong class, a wrong sex; 陈大山 is not listed."""
    rows = school_list(cast)
    rows[0][6], rows[1][2] = "八(1)班", "男" if rows[1][2] == "女" else "女"
    del rows[4]
    number = id_number(99, "20140101")
    stranger = ["2153000001", "丹增", "男", "20140101", number, "G" + number, "七(1)班", "在读"]
    return upload(cast, *rows, stranger)


def the(check: RollCheck, kind: str) -> Difference:
    return check.differences.select_related("check_of", "student").get(kind=kind)


def settle(cast: Cast, row: Difference, way: str, reason: str = "查过户口簿", **proof) -> None:
    settling.settle(actor=cast.clerk, differences=[row], settlement=way, reason=reason, proof=Proof(**proof))
