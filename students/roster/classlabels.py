"""Class labels as schools write them: 三年级(2)班, 三(2)班, 3.2班, 302, 七年级1班, 初一(1)班, 2021级3班."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

MAX_GRADE = 9
_DIGITS = "零一二三四五六七八九"
_NUMBER = r"(?:[1-9]\d?|0[1-9]|[一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])"
# stage words and what they add to the grade: 初一 is grade 7
_STAGE = r"(?P<stage>小学|初中|小|初)?"
_GRADE = r"(?P<grade>[一二三四五六七八九1-9])"
_CLASS = rf"(?P<number>{_NUMBER})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # 三年级(2)班, 3年级二班, 三年二班
        rf"{_STAGE}{_GRADE}年级?\(?{_CLASS}\)?班?",
        # 三(2)班, 初一(二)班
        rf"{_STAGE}{_GRADE}\({_CLASS}\)班?",
        # 三2班. Without brackets the number must not be Chinese: 二十一班 is no class of grade 2.
        r"(?P<stage>小|初)?(?P<grade>[一二三四五六七八九])(?P<number>[1-9]\d?|0[1-9])班?",
        # 初一二班
        r"(?P<stage>小|初)(?P<grade>[一二三四五六])(?P<number>[一二三四五六七八九十]+)班",
        # 3.2班, 3-2
        rf"{_STAGE}{_GRADE}[.\-·]{_CLASS}班?",
        # 302, 301班
        r"(?P<stage>)(?P<grade>[1-9])(?P<number>0[1-9]|[1-9]\d)班?",
        # 三年级, 初二
        rf"{_STAGE}{_GRADE}年级(?P<number>)班?",
        r"(?P<stage>初|初中)(?P<grade>[一二三1-3])(?P<number>)",
    )
)
_NUMBER_ONLY = re.compile(rf"^\(?{_CLASS}\)?班?$")
_CHINESE_NUMBER = re.compile(_NUMBER)
_IN_A_TITLE = re.compile(
    rf"[一二三四五六七八九]年级\(?{_NUMBER}\)?班|(?:初[一二三]|小?[一二三四五六七八九])\({_NUMBER}\)班"
    r"|初[一二三][1-9]\d?班"
)
_SENIOR = re.compile(r"高中|高[一二三123]")
_PRESCHOOL = re.compile(r"学前|幼儿|[大中小]班|托班")
# 2021级3班, 初2023级(2)班, 21级: named after the year of entry
_COHORT = re.compile(
    rf"(?P<stage>小学|初中|小|初)?(?P<year>(?:19|20)?\d{{2}})级(?P<later>小学|初中)?(?:\(?{_CLASS}\)?班?)?"
)
_YEAR = re.compile(r"\d{2}级")
_TAUGHT = {"小": range(1, 7), "初": range(7, 10)}


@dataclass(frozen=True)
class ClassLabel:
    """Grade 1 to 9 and the number of the class in it; no number when only the grade is written.

    A class named after its year of entry has that and, if written, its stage (小 or 初); its grade is 0 until
    `resolve` has told it from the day and from what the school teaches.
    """

    grade: int
    number: int | None
    entry_year: int = 0
    stage: str = ""

    def __str__(self) -> str:
        """「七(1)班」, or 「七年级」 without a number; 「2021级(3)班」."""
        grade = f"{self.stage}{self.entry_year}级" if self.entry_year else _DIGITS[self.grade]
        if self.number:
            return f"{grade}({self.number})班"
        return grade if self.entry_year else f"{grade}年级"

    def resolve(self, grades: range, school_year: int) -> "ClassLabel":
        """The label with its grade in a school year, of a school that teaches `grades`. Raises ValueError in words."""
        if not self.entry_year:
            return self
        entered = {"小": school_year - self.entry_year + 1, "初": school_year - self.entry_year + 7}
        found = [
            grade
            for stage, grade in entered.items()
            if self.stage in ("", stage) and self.grade in (0, grade) and grade in grades and grade in _TAUGHT[stage]
        ]
        if len(found) > 1:
            raise ValueError(
                f"班级「{self}」可能是{_DIGITS[found[0]]}年级，也可能是{_DIGITS[found[1]]}年级，请写成年级"
            )
        if not found and self.grade:
            raise ValueError(f"年级「{_DIGITS[self.grade]}年级」与班级「{self}」不一致")
        if not found:
            raise ValueError(f"班级「{self}」今年不在本校的年级里，请写成年级，如「三年级(2)班」")
        return ClassLabel(found[0], self.number)


def parse(text: str) -> ClassLabel:
    """The class that a label means. Raises ValueError with the reason, as a sentence for the clerk."""
    label = _normal(text)
    for form in _FORMS:
        if (match := form.fullmatch(label)) and _CHINESE_NUMBER.fullmatch(match["number"] or "1"):
            return _build(text, match)
    if (match := _COHORT.fullmatch(label)) and _CHINESE_NUMBER.fullmatch(match["number"] or "1"):
        return _build_cohort(match)
    for pattern, reason in (
        (_PRESCHOOL, "不在义务教育的九个年级内"),
        (_SENIOR, "不在义务教育的九个年级内"),
        (_YEAR, "认不出，请写成「2021级3班」或「三年级(2)班」"),
        (_NUMBER_ONLY, "没有写年级，请写成「三年级(2)班」"),
    ):
        if pattern.search(label):
            raise ValueError(f"班级「{text}」{reason}")
    raise ValueError(f"班级「{text}」认不出，请写成「三年级(2)班」")


@lru_cache(maxsize=1024)
def combine(grade_text: str, class_text: str) -> ClassLabel | None:
    """One class from a 年级 and a 班级 column; either may be empty, and both together must not contradict."""
    if not class_text:
        return parse(_as_grade(grade_text)) if grade_text else None
    if not grade_text:
        return parse(class_text)
    grade = parse(_as_grade(grade_text))
    if match := _NUMBER_ONLY.match(_normal(class_text)):
        return replace(grade, number=_chinese_number(match["number"]))
    label = parse(class_text)
    if label.entry_year and grade.grade:
        return replace(label, grade=grade.grade)
    if grade.entry_year and label.grade:
        return replace(grade, grade=label.grade, number=label.number)
    if (label.grade, label.entry_year) != (grade.grade, grade.entry_year):
        raise ValueError(f"年级「{grade_text}」与班级「{class_text}」不一致")
    return label


def find(text: str) -> ClassLabel | None:
    """The one class that a title or a sheet name speaks of (「三年级(2)班学生花名册」); None when none or several."""
    found = {parse(match[0]) for match in _IN_A_TITLE.finditer(_normal(text))}
    return found.pop() if len(found) == 1 else None


def _normal(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(str.maketrans("〔〕—", "()-"))


def _as_grade(text: str) -> str:
    label = _normal(text)
    return label if "级" in label or label[:1] in "初高小学幼" else f"{label}年级"


def _build(text: str, match: re.Match[str]) -> ClassLabel:
    grade = _DIGITS.find(match["grade"]) if match["grade"] in _DIGITS else int(match["grade"])
    stage = (match["stage"] or "")[:1]
    if stage == "初" and grade <= 3:
        grade += 6
    elif (stage == "初" and grade <= 6) or (stage == "小" and grade > 6):
        # 初四 is grade 9 only in the 五四 schools, and grade 10 nowhere.
        raise ValueError(f"班级「{text}」认不出，请写成「九年级(1)班」")
    return ClassLabel(grade, _chinese_number(match["number"]) if match["number"] else None)


def _build_cohort(match: re.Match[str]) -> ClassLabel:
    year = int(match["year"]) if len(match["year"]) == 4 else 2000 + int(match["year"])
    number = _chinese_number(match["number"]) if match["number"] else None
    return ClassLabel(0, number, year, (match["stage"] or match["later"] or "")[:1])


def _chinese_number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    value = _DIGITS.find(ones) if ones else 0
    return value + (10 * (_DIGITS.find(tens) if tens else 1) if ten else 0)
