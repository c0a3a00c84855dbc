"""Undoing an import: everything as it was, or nothing at all."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from schools.codes import Verb
from schools.models import AuditEntry, Classroom, Duty
from students import imports, roll
from students.codes import Change, ImportStatus, TagKind
from students.import_commit import ImportMovedOn
from students.import_undo import ChangedSince
from students.models import Enrollment, Guardian, ImportBatch, RollChange, Student, StudentDetails, Tag
from students.services import RollRefusal
from tests.cast import WEDNESDAY, Cast, id_number
from tests.students.roster_files import bare_workbook

HEADER = (
    "姓名", "身份证号", "学籍号", "班级", "座号", "现住址", "成员1姓名", "成员1关系", "成员1联系电话", "成员1工作单位",
    "是否留守儿童", "残疾类型", "健康状况", "上下学距离（公里）", "是否独生子女",
)  # fmt: skip


def imported(cast: Cast, *rows: tuple, header: tuple = HEADER) -> ImportBatch:
    """An import that went through the page's own steps."""
    data = bare_workbook([header, *(row + (None,) * (len(header) - len(row)) for row in rows)])
    file = ContentFile(data, "名册.xlsx")
    key = imports.upload(actor=cast.clerk, school=cast.school, file=file, on=WEDNESDAY).pk
    batch = ImportBatch.objects.get(pk=key)
    plan = imports.preview(batch)
    imports.confirm(actor=cast.clerk, batch=batch, seen=plan.digest, typed=str(imports.count_to_type(plan)))
    return batch


def told() -> dict[str, list]:
    """All that the registry says, numbers in the clear (each sealing is another text)."""
    models: tuple[Any, ...] = (Student, StudentDetails, Guardian, Tag, Enrollment, RollChange, Classroom)
    return {
        model.__name__: [
            {name: getattr(value, "reveal", lambda value=value: value)() for name, value in row.items()}
            for row in model.objects.order_by("pk").values()
        ]
        for model in models
    }


def number_of(pupil: Student) -> str:
    return Student.objects.get(pk=pupil.pk).id_no.reveal()


def rows_of(cast: Cast) -> list[tuple]:
    """A new pupil in a new class, a pupil with changes in every table, a pupil who gets all that was missing."""
    one, two = cast.pupils[:2]
    StudentDetails.objects.create(student=one, health="20", distance_km=Decimal("2.5"))
    Tag.objects.create(student=one, kind=TagKind.DISABLED, starts_on=WEDNESDAY)
    phone = "1" + "0" * 10
    return [
        ("丹增", id_number(41), "G" + id_number(41), "三(2)班", 1, "柳树村", "次仁", "父亲", phone, "务农", "双亲",
         "肢体残疾", "健康或良好", 1.5, "是"),
        ("赵海艳", number_of(one), None, None, 30, "枫树村", f"{one.name}家长", "父亲", phone, "务农", "单亲",
         "听力残疾", "健康或良好", 3, "否"),
        (two.name, number_of(two), None, "七(1)班", None, None, "卓玛", "母亲", phone, None, None, None, "有慢性病", 2),
    ]  # fmt: skip


def test_everything_is_as_it_was(cast: Cast) -> None:
    rows = rows_of(cast)
    before = told()
    batch = imported(cast, *rows)
    assert batch.account["created"] == 1
    assert batch.account["updated"] == 2
    changed = told()
    assert all(changed[table] != before[table] for table in before)
    imports.undo(actor=cast.clerk, batch=batch)
    assert told() == before
    batch.refresh_from_db()
    assert (batch.status, bool(batch.kept), batch.account["taken_back"]) == (ImportStatus.UNDONE, False, 1)


def test_the_corrected_list_can_be_imported_afterwards(cast: Cast) -> None:
    imports.undo(actor=cast.clerk, batch=imported(cast, ("丹增", id_number(41), None, "八(1)班")))
    imported(cast, ("丹增", id_number(41), None, "七(1)班"))
    assert Student.objects.get(name="丹增").enrollments.open().get().classroom == cast.seven


def test_the_trail_keeps_who_and_which_and_no_name(cast: Cast) -> None:
    batch = imported(cast, *rows_of(cast))
    new = Student.objects.get(name="丹增").pk
    imports.undo(actor=cast.principal, batch=batch)
    entry = AuditEntry.objects.filter(verb=Verb.IMPORT).latest("pk")
    assert (entry.actor_name, entry.detail["undone"]) == (cast.principal.name, True)
    assert entry.detail["taken_back_pupils"] == str(new)
    assert "丹增" not in str(entry.detail)
    assert "530000" not in str(entry.detail)


def refused(cast: Cast, batch: ImportBatch) -> list[str]:
    """What stands against undoing; nothing has been touched."""
    before = told()
    with pytest.raises(ChangedSince) as caught:
        imports.undo(actor=cast.clerk, batch=batch)
    assert told() == before
    batch.refresh_from_db()
    assert batch.status == ImportStatus.DONE
    return caught.value.found


def test_a_value_that_was_changed_since_stands_against_it(cast: Cast) -> None:
    batch = imported(cast, *rows_of(cast))
    Student.objects.filter(pk=cast.pupils[0].pk).update(address="榆树村")
    Guardian.objects.filter(student=cast.pupils[1], name="卓玛").update(phone="无")
    assert refused(cast, batch) == ["赵海艳：现住址后来改过", "李建军：监护人后来改过"]


def test_a_new_pupil_who_was_changed_since_stands_against_it(cast: Cast) -> None:
    batch = imported(cast, *rows_of(cast))
    Tag.objects.create(student=Student.objects.get(name="丹增"), kind=TagKind.ORPHAN, starts_on=WEDNESDAY)
    assert refused(cast, batch) == ["丹增：资料后来改过"]


def test_a_new_pupil_who_has_moved_since_stands_against_it(cast: Cast) -> None:
    batch = imported(cast, *rows_of(cast))
    pupil = Student.objects.get(name="丹增")
    roll.record(actor=cast.clerk, student=pupil, kind=Change.SUSPENSION, on=WEDNESDAY, settled_on=WEDNESDAY)
    assert refused(cast, batch) == ["丹增：后来办过休学"]


def test_what_else_refers_to_a_new_pupil_stands_against_it(cast: Cast) -> None:
    batch = imported(cast, *rows_of(cast))
    pupil = Student.objects.get(name="丹增")
    report = cast.seven.reports.create(  # type: ignore[attr-defined]
        on=WEDNESDAY, expected=7, absent=1, submitted_by=cast.head, submitted_at=batch.confirmed_at, roll_version=""
    )  # fmt: skip
    report.marks.create(student=pupil, on=WEDNESDAY, teacher_code="W")
    (sentence,) = refused(cast, batch)
    assert sentence.startswith("丹增：已有")


def test_a_seat_of_a_pupil_who_has_moved_since_stands_against_it(cast: Cast) -> None:
    batch = imported(cast, *rows_of(cast))
    roll.record(
        actor=cast.clerk, student=cast.pupils[0], kind=Change.SUSPENSION, on=WEDNESDAY, settled_on=WEDNESDAY
    )  # fmt: skip
    assert refused(cast, batch) == ["赵海艳：后来办过异动"]


def test_a_new_class_that_is_in_use_stays(cast: Cast) -> None:
    batch = imported(cast, *rows_of(cast))
    room = Classroom.objects.get(number=2)
    Duty.objects.create(user=cast.subject, role="head_teacher", unit=cast.school, classroom=room, starts_on=WEDNESDAY)
    imports.undo(actor=cast.clerk, batch=batch)
    batch.refresh_from_db()
    assert batch.account["classrooms_left"] == 1
    assert not Student.objects.filter(name="丹增").exists()
    assert Classroom.objects.filter(pk=room.pk).exists()


def test_an_import_is_undone_once_and_within_a_day(cast: Cast, at_day: Callable[..., None]) -> None:
    batch, other = imported(cast, *rows_of(cast)[:1]), imported(cast, ("达瓦", id_number(42), None, "七(1)班"))
    imports.undo(actor=cast.clerk, batch=batch)
    with pytest.raises(ImportMovedOn, match="已经撤销"):
        imports.undo(actor=cast.clerk, batch=batch)
    at_day(WEDNESDAY + datetime.timedelta(days=1), 8, 1)
    vars(cast.clerk).pop("duties_today", None)
    with pytest.raises(ImportMovedOn, match="过了24小时"):
        imports.undo(actor=cast.clerk, batch=other)
    imports.forget_old()
    other.refresh_from_db()
    assert not other.kept


def test_only_the_school_s_office_undoes(cast: Cast) -> None:
    batch = imported(cast, *rows_of(cast)[:1])
    for person in (cast.head, cast.far_clerk, cast.admin):
        with pytest.raises(RollRefusal):
            imports.undo(actor=person, batch=batch)


# --- whatever is imported -------------------------------------------------------------------------------------
names = st.sampled_from(["赵海燕", "李建军", "丹增", "达瓦", "尼玛"])
phones = st.sampled_from([None, "无", "1" + "0" * 10, "1" + "0" * 9 + "1"])
rosters = st.lists(
    st.tuples(
        names,
        st.one_of(st.none(), st.integers(1, 12).map(id_number)),
        st.one_of(st.none(), st.integers(1, 12).map(lambda n: "G" + id_number(n))),
        st.sampled_from(["七(1)班", "八(1)班", "三(2)班", None]),
        st.sampled_from([None, 3, 20]),
        st.sampled_from([None, "枫树村", "柳树村"]),
        st.sampled_from([None, "次仁", "赵海燕家长"]),
        st.sampled_from([None, "父亲", "母亲"]),
        phones,
        st.sampled_from([None, "务农"]),
        st.sampled_from([None, "单亲", "双亲", "否"]),
        st.sampled_from([None, "肢体残疾", "听力", "无残疾"]),
        st.sampled_from([None, "健康或良好", "有慢性病", "好"]),
        st.sampled_from([None, 1.5, 2, "远"]),
        st.sampled_from([None, "是", "否"]),
    ),
    min_size=1,
    max_size=6,
)


class _TakeBack(Exception):
    pass


def import_and_undo(cast: Cast, first: list[tuple], second: list[tuple]) -> None:
    """Two imports, undone in the reverse order: after each undoing the registry stands as before its import."""
    try:
        with transaction.atomic():
            before = told()
            one = imported(cast, *first)
            between = told()
            two = imported(cast, *second)
            imports.undo(actor=cast.clerk, batch=two)
            assert told() == between
            imports.undo(actor=cast.clerk, batch=one)
            assert told() == before
            raise _TakeBack
    except _TakeBack:
        pass


def many(examples: int) -> Any:
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, database=None, deadline=None, suppress_health_check=quiet)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a process of its own for each of many small files; what they hold is our own."""
    from students.roster import process, readers

    monkeypatch.setattr(process, "read_sheets", readers.read_sheets)


@pytest.mark.heavy
@seed(20260312)
@many(25)
@given(first=rosters, second=rosters)
def test_whatever_is_imported_undoing_leaves_things_as_they_were(
    cast: Cast, in_process: None, first: list[tuple], second: list[tuple]
) -> None:
    import_and_undo(cast, first, second)


@pytest.mark.fuzz
@seed(20260902)
@many(500)
@given(first=rosters, second=rosters)
def test_500_pairs_of_imports_undone(cast: Cast, in_process: None, first: list[tuple], second: list[tuple]) -> None:
    import_and_undo(cast, first, second)
