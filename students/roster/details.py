"""The extended fields of the national form of 72 items: what their cells mean.

A cell that is no value of its field's code list raises `Refusal`; for these fields the row is kept, the field stays
empty and the clerk is told. Nothing is guessed. Before a cell is looked up in a code list it is made half width,
loses its spaces and what stands in brackets, and 「无」, 「/」, 「未知」 and the like are empty.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import TextChoices

from students import codes
from students.roster.cells import Cell
from students.roster.fields import Refusal, Warn, code_of, limited_text, text_of

Reader = Callable[[Cell, Warn], Any]
_BRACKETS = re.compile(r"\([^()]*\)")


def coded(choices: type[TextChoices], *, by_code: bool = True, **also: str) -> Reader:
    """A reader of a code list: by name, by code where the national form has codes, or by another name (`also`).

    `also`: member of the list → further names, parted by spaces.
    """
    table = {_bare(member.label.upper()): member.value for member in choices}
    if by_code:
        table |= {member.value: member.value for member in choices}
    for member, words in also.items():
        table |= dict.fromkeys(words.split(), choices[member].value)

    def read(cell: Cell, warn: Warn) -> str:
        code = _bare(code_of(cell))
        if code and code not in table:
            raise Refusal(f"「{code[:20]}」不在可选的内容里")
        return table.get(code, "")

    return read


def _bare(code: str) -> str:
    return _BRACKETS.sub("", code)


_ANSWERS = dict.fromkeys(("是", "有", "1", "√", "✓", "Y", "YES", "T", "TRUE"), True) | dict.fromkeys(
    ("否", "0", "×", "N", "NO", "F", "FALSE"), False
)


def answer(cell: Cell, warn: Warn) -> bool | None:
    """是 or 否 (1 or 0); None for an empty cell."""
    code = code_of(cell)
    if code and code not in _ANSWERS:
        raise Refusal(f"「{code[:20]}」不是「是」或「否」")
    return _ANSWERS.get(code)


def nationality(cell: Cell, warn: Warn) -> str:
    """国籍/地区: 156 and CHN are 中国, other names stay as written."""
    text = limited_text(40)(cell, warn)
    return "中国" if code_of(cell) in ("156", "CHN", "中国", "中华人民共和国") else text


_DAY = r"((?:19|20)\d{2})[.\-/年]?(\d{2})[.\-/月]?(\d{2})日?"
_VALID = re.compile(rf"{_DAY}[-—~至]+(?:长期|{_DAY})")


def id_valid(cell: Cell, warn: Warn) -> str:
    """身份证件有效期 as 2020.06.01-2030.06.01 or 2020.06.01-长期; other marks between the digits become points."""
    code = code_of(cell)
    if not code:
        return ""
    match = _VALID.fullmatch(code)
    if not match:
        raise Refusal(f"「{code[:30]}」认不出，请写成2020.06.01-2030.06.01")
    first, until = ".".join(match.groups()[:3]), match.groups()[3:]
    return f"{first}-{'.'.join(until) if all(until) else '长期'}"


def postcode(cell: Cell, warn: Warn) -> str:
    """邮政编码: six digits."""
    code = code_of(cell)
    if code and not re.fullmatch(r"[0-9]{6}", code):
        raise Refusal(f"「{code[:20]}」不是六位数字")
    return code


def email(cell: Cell, warn: Warn) -> str:
    code = re.sub(r"\s", "", text_of(cell))
    if code in ("/", "-", "—", "无"):
        return ""
    if code and not re.fullmatch(r"[^@]{1,60}@[^@]+\.[^@]+", code):
        raise Refusal(f"「{code[:20]}」不是电子信箱")
    return code


def distance(cell: Cell, warn: Warn) -> Decimal | None:
    """上下学距离 in km with one decimal at the most; 「公里」 and 「km」 may stand behind the number."""
    code = re.sub(r"(公里|千米|KM)$", "", code_of(cell))
    if not code:
        return None
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9])?", code):
        raise Refusal(f"「{code[:20]}」不是公里数（最多一位小数）")
    return Decimal(code)


DETAILS: dict[str, Reader] = {
    "former_name": limited_text(60),
    "birth_place": limited_text(80),
    "native_place": limited_text(80),
    "nationality": nationality,
    "hmt": coded(codes.HmtCode, by_code=False, NO="0 00 非港澳台侨外"),
    "political": coded(codes.Political, LEAGUE="团员", PIONEER="队员"),
    "health": coded(codes.Health, GOOD="1 健康 良好", WEAK="2", CHRONIC="3", DISABLED="6"),
    "blood_type": coded(codes.BloodType, A="A血型", B="B血型", AB="AB血型", O="O血型"),
    "id_valid": id_valid,
    "hukou_type": coded(
        codes.HukouType, RURAL="乡村 农业户口 农业家庭户口 农村", URBAN="城镇 非农业户口 非农业家庭户口 城市"
    ),
    "specialty": limited_text(80),
    "roll_aux_no": limited_text(30),
    "entry_mode": coded(codes.EntryMode),
    "source": coded(codes.PupilSource),
    "mail_address": limited_text(120),
    "home_address": limited_text(120),
    "postcode": postcode,
    "email": email,
    "homepage": limited_text(120),
    "only_child": answer,
    "preschool": answer,
    "martyr_child": answer,
    "inclusive": coded(codes.Inclusive, by_code=False, NO="否"),
    "paid_seat": answer,
    "needs_aid": answer,
    "has_subsidy": answer,
    "distance_km": distance,
    "commute": coded(codes.Commute, by_code=False),
    "school_bus": answer,
}
"""Field of StudentDetails → reader of its cell. Its 联系电话 is settled together with the family's telephones."""

_KINDS = {kind.label: kind.value for kind in codes.DisabilityKind}
_GRADES = {word: grade.value for grade in codes.DisabilityGrade for word in (grade.label, f"{grade.value}级")}


def disability(text: str) -> dict[str, str]:
    """残疾类别 and 残疾等级 (GB/T 26341) that the words of a cell name: 「肢体残疾三级」; only what is named once."""
    found = {}
    for name, words in (("disability", _KINDS), ("disability_grade", _GRADES)):
        named = {value for word, value in words.items() if word in text}
        if len(named) == 1:
            found[name] = named.pop()
    return found
