"""Whom of the school a row of a roster means: by ID number, then 学籍号, then name, birth date and class."""

import datetime
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Any

from kongchuo.sealed import keyed_hash
from schools.models import Classroom, Unit
from students.models import Enrollment, Guardian, Student, StudentDetails, Tag

# One query takes at most this many values, well below what any database allows.
_CHUNK = 5000
# A name in which there is nothing to fold; most are.
_HAN = re.compile(r"[\u4e00-\u9fff]+")


class Ambiguous(Exception):
    """The row can't be told to mean one pupil; the text says why, as a refusal for the clerk."""


def folded(name: str) -> str:
    """A name as people compare it: without blanks, and with one kind of middle dot."""
    if _HAN.fullmatch(name):
        return name
    return re.sub(r"[\s]", "", re.sub("[•・‧．·]", "·", unicodedata.normalize("NFKC", name)))


def resembles(one: str, other: str) -> bool:
    """Whether one name may be a correction of the other: they share a character."""
    return bool(set(folded(one)) & set(folded(other)))


class Pupils:
    """The pupils that the rows may mean, with their families, tags and places, read in a fixed number of queries."""

    def __init__(self, school: Unit, rows: Iterable[dict[str, Any]], classrooms: Collection[Classroom]):
        rows = list(rows)
        self.school = school
        self.hash_of = cache(keyed_hash)  # a number is asked for several times, and a hash is costly
        id_hashes = {self.hash_of(row["id_no"]) for row in rows if row["id_no"]}
        roll_hashes = {self.hash_of(row["roll_no"]) for row in rows if row["roll_no"]}
        own = Student.objects.filter(school=school)
        self.by_id = {pupil.id_hash: pupil for pupil in _among(own, "id_hash", id_hashes)}
        self.by_roll = {pupil.roll_hash: pupil for pupil in _among(own, "roll_hash", roll_hashes)}
        self.seated = list(Enrollment.objects.open().filter(classroom__in=classrooms).select_related("student"))
        self.by_name = self._by_name()
        self.by_birth = self._by_birth({row["birth_date"] for row in rows if row["birth_date"]})
        self.known = self._known()
        self.enrollments = {
            row.student_id: row
            for row in _among(Enrollment.objects.open().select_related("classroom"), "student_id", self.known)
        }
        self.guardians = _grouped(_among(Guardian.objects.order_by("position", "pk"), "student_id", self.known))
        self.tags = _grouped(_among(Tag.objects.filter(ends_on__isnull=True), "student_id", self.known))
        self.details = {row.student_id: row for row in _among(StudentDetails.objects.all(), "student_id", self.known)}
        self.elsewhere = self._elsewhere(id_hashes)

    def _by_name(self) -> dict[tuple[int, str], list[Student]]:
        found: dict[tuple[int, str], list[Student]] = defaultdict(list)
        for row in self.seated:
            found[row.classroom_id, folded(row.student.name)].append(row.student)
        return found

    def _by_birth(self, days: set[datetime.date]) -> dict[tuple[datetime.date, str], list[Student]]:
        found: dict[tuple[datetime.date, str], list[Student]] = defaultdict(list)
        open_rows = Enrollment.objects.open().filter(classroom__school=self.school).select_related("student")
        for row in _among(open_rows, "student__birth_date", days):
            found[row.student.birth_date, folded(row.student.name)].append(row.student)
        return found

    def _known(self) -> dict[int, Student]:
        everybody = [*self.by_id.values(), *self.by_roll.values(), *(p for some in self.by_name.values() for p in some)]
        return {pupil.pk: pupil for pupil in everybody}

    def _elsewhere(self, id_hashes: set[str]) -> set[str]:
        """Hashes of ID numbers that are on the roll of another school today."""
        others = Enrollment.objects.open().exclude(classroom__school=self.school)
        rows = _among(others.select_related("student"), "student__id_hash", id_hashes)
        return {row.student.id_hash for row in rows}

    def match(self, values: dict[str, Any], classroom: Classroom | None) -> Student | None:
        """The pupil whom a row means, or None for a new one. Raises Ambiguous."""
        by_id = self.by_id.get(self.hash_of(values["id_no"])) if values["id_no"] else None
        by_roll = self.by_roll.get(self.hash_of(values["roll_no"])) if values["roll_no"] else None
        if by_id and by_roll and by_id.pk != by_roll.pk:
            raise Ambiguous(f"身份证号是{by_id.name}的，学籍号是{by_roll.name}的，请核对")
        found = by_id or by_roll
        if found is None:
            return self._by_name_and_class(values, classroom)
        if values["id_no"] and found.id_hash and found.id_hash != self.hash_of(values["id_no"]):
            raise Ambiguous("学籍号对得上，身份证号和系统里的不同；改证件号请在学生卡上办理")
        if _replaces_a_lasting_number(found, values["roll_no"]):
            raise Ambiguous("身份证号对得上，学籍号和系统里的不同；改学籍号请在学生卡上办理")
        if not (by_id and by_roll) and not resembles(found.name, values["name"]):
            raise Ambiguous(f"{'身份证号' if by_id else '学籍号'}是本校{found.name}的，姓名却不同，请核对")
        return self.known[found.pk]

    def namesake(self, values: dict[str, Any]) -> Student | None:
        """A pupil of any class with this name and birth date whose numbers do not say that it is somebody else."""
        if not values["birth_date"]:
            return None
        for pupil in self.by_birth.get((values["birth_date"], folded(values["name"])), []):
            if may_be_the_same(pupil.id_hash, self.hash_of(values["id_no"])) and may_be_the_same(
                pupil.roll_hash, self.hash_of(values["roll_no"])
            ):
                return pupil
        return None

    def _by_name_and_class(self, values: dict[str, Any], classroom: Classroom | None) -> Student | None:
        """The one pupil of the class with this name whose birth date and numbers do not say otherwise."""
        if classroom is None or classroom.pk is None:
            return None
        found = [
            pupil
            for pupil in self.by_name.get((classroom.pk, folded(values["name"])), [])
            if may_be_the_same(pupil.birth_date, values["birth_date"])
            and may_be_the_same(pupil.id_hash, self.hash_of(values["id_no"]))
            and may_be_the_same(pupil.roll_hash, self.hash_of(values["roll_no"]))
        ]
        if len(found) > 1:
            raise Ambiguous(f"班里有{len(found)}个{found[0].name}，分不清是哪一个，请填身份证号")
        return self.known[found[0].pk] if found else None


def _replaces_a_lasting_number(pupil: Student, roll_no: str) -> bool:
    """A temporary 学籍号 (J or L) gives way to the lasting one (G); a lasting one is no matter for a roster."""
    return (
        bool(roll_no and pupil.roll_hash)
        and pupil.roll_hash != keyed_hash(roll_no)
        and (pupil.roll_no.reveal().startswith("G") or not roll_no.startswith("G"))
    )


def may_be_the_same(known: Any, written: Any) -> bool:
    """Whether two values do not contradict each other: equal, or one of them unknown."""
    return not known or not written or known == written


def _among(rows: Any, field: str, values: Collection[Any]) -> Iterator[Any]:
    for chunk in _chunks(sorted(values)):
        yield from rows.filter(**{f"{field}__in": chunk})


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]


def _grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.student_id].append(row)
    return found
