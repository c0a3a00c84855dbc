"""Class labels as schools write them."""

import pytest

from students.roster import classlabels
from students.roster.classlabels import ClassLabel


@pytest.mark.parametrize(
    ("label", "grade", "number"),
    [
        ("三年级(2)班", 3, 2),
        ("三年级（2）班", 3, 2),
        ("三年级 2 班", 3, 2),
        ("三年级二班", 3, 2),
        ("三年级十二班", 3, 12),
        ("三年级二十一班", 3, 21),
        ("三年级〔2〕班", 3, 2),
        ("三年二班", 3, 2),
        ("三(2)班", 3, 2),
        ("三(十)班", 3, 10),
        ("三2班", 3, 2),
        ("3年级2班", 3, 2),
        ("３年级２班", 3, 2),
        ("3(2)班", 3, 2),
        ("3.2班", 3, 2),
        ("3.2", 3, 2),
        ("3-2", 3, 2),
        ("3—12班", 3, 12),
        ("302", 3, 2),
        ("310班", 3, 10),
        ("小学三年级2班", 3, 2),
        ("小六(2)班", 6, 2),
        ("七年级1班", 7, 1),
        ("初一(1)班", 7, 1),
        ("初一1班", 7, 1),
        ("初二十二班", 8, 12),
        ("初中一年级(3)班", 7, 3),
        ("初三年级2班", 9, 2),
        ("九年级12班", 9, 12),
        ("三年级", 3, None),
        ("初二", 8, None),
    ],
)
def test_a_label_is_understood(label: str, grade: int, number: int | None) -> None:
    assert classlabels.parse(label) == ClassLabel(grade, number)


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("高一(2)班", "不在义务教育"),
        ("学前班", "不在义务教育"),
        ("高2023级1班", "不在义务教育"),
        ("2021级火箭班", "认不出"),
        ("1班", "没有写年级"),
        ("12", "没有写年级"),
        ("32班", "没有写年级"),
        # Class 21 of a grade that nobody named: by no means class 11 of grade 2.
        ("二十一班", "没有写年级"),
        ("一一班", "认不出"),
        ("三年级火箭班", "认不出"),
        ("十年级1班", "认不出"),
        ("小七2班", "认不出"),
        # 初四 is grade 9 in some schools and does not exist in the others.
        ("初四1班", "认不出"),
        ("", "认不出"),
    ],
)
def test_a_label_that_could_mean_two_classes_is_refused(label: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        classlabels.parse(label)


@pytest.mark.parametrize(
    ("grade", "label", "found"),
    [
        ("三年级", "2", ClassLabel(3, 2)),
        ("三", "(2)班", ClassLabel(3, 2)),
        ("3", "2班", ClassLabel(3, 2)),
        ("三年级", "三(2)班", ClassLabel(3, 2)),
        ("7", "初一(2)班", ClassLabel(7, 2)),
        ("初一", "一班", ClassLabel(7, 1)),
        ("七年级", "", ClassLabel(7, None)),
        ("", "三(2)班", ClassLabel(3, 2)),
        ("", "", None),
    ],
)
def test_grade_and_class_may_stand_apart(grade: str, label: str, found: ClassLabel | None) -> None:
    assert classlabels.combine(grade, label) == found


def test_grade_and_class_must_agree() -> None:
    with pytest.raises(ValueError, match="不一致"):
        classlabels.combine("四年级", "三(2)班")


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("青石小学三年级（2）班学生花名册", ClassLabel(3, 2)),
        ("2025—2026学年度七年级1班", ClassLabel(7, 1)),
        ("初一(3)班名单", ClassLabel(7, 3)),
        ("三(2)班", ClassLabel(3, 2)),
        ("全校花名册", None),
        ("三年级(1)班、三年级(2)班", None),
        ("第二十一班", None),
    ],
)
def test_a_title_may_name_the_class(title: str, found: ClassLabel | None) -> None:
    assert classlabels.find(title) == found


def test_a_label_is_shown_as_schools_write_it() -> None:
    assert str(ClassLabel(7, 3)) == "七(3)班"
    assert str(ClassLabel(7, None)) == "七年级"


YEAR = 2025  # the school year 2025/26
NINE, PRIMARY, JUNIOR = range(1, 10), range(1, 7), range(7, 10)


@pytest.mark.parametrize(
    ("label", "grades", "grade", "number"),
    [
        ("2021级3班", PRIMARY, 5, 3),
        ("2021级(3)班", NINE, 5, 3),
        ("2021级三班", PRIMARY, 5, 3),
        ("２０２１级３班", PRIMARY, 5, 3),
        ("21级3班", PRIMARY, 5, 3),
        ("2023级2班", JUNIOR, 9, 2),
        ("初2023级(2)班", NINE, 9, 2),
        ("初中2023级2班", JUNIOR, 9, 2),
        ("2023级初中(2)班", NINE, 9, 2),
        ("小2023级(2)班", NINE, 3, 2),
        ("2025级", JUNIOR, 7, None),
    ],
)
def test_the_grade_follows_from_the_year_of_entry(label: str, grades: range, grade: int, number: int | None) -> None:
    assert classlabels.parse(label).resolve(grades, YEAR) == ClassLabel(grade, number)


@pytest.mark.parametrize(
    ("label", "grades", "reason"),
    [
        ("2023级2班", NINE, "可能是三年级，也可能是九年级"),
        ("2019级2班", PRIMARY, "今年不在本校的年级里"),
        ("2026级1班", PRIMARY, "今年不在本校的年级里"),
        ("初2022级1班", NINE, "今年不在本校的年级里"),
    ],
)
def test_a_year_of_entry_that_tells_no_one_grade_is_refused(label: str, grades: range, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        classlabels.parse(label).resolve(grades, YEAR)


def test_a_year_of_entry_beside_a_grade() -> None:
    assert classlabels.combine("2021级", "3班") == ClassLabel(0, 3, 2021)
    assert classlabels.combine("九年级", "2023级2班").resolve(NINE, YEAR) == ClassLabel(9, 2)
    assert classlabels.combine("2023级", "九(2)班").resolve(NINE, YEAR) == ClassLabel(9, 2)
    with pytest.raises(ValueError, match="不一致"):
        classlabels.combine("四年级", "2021级3班").resolve(NINE, YEAR)
    assert str(ClassLabel(0, 3, 2021)) == "2021级(3)班"
    assert str(ClassLabel(0, None, 2023, "初")) == "初2023级"
