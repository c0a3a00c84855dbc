"""One cell of one field: what it means, or why it can't be taken.

A value is stored as it is written, after the normalisation named with each function, or the row is refused. A reader
raises `Refusal` with a sentence for the clerk; what it only wonders about it passes to `warn`.
"""

import datetime
import re
import unicodedata
from collections.abc import Callable

from kongchuo import idnumber
from students.codes import ETHNICITIES, BoardType, Relation, Sex, TagKind
from students.roster.cells import BadCell, Cell

Warn = Callable[[str], None]

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF, 0x00AD])
_NOTHING = frozenset({"/", "\\", "-", "--", "—", "——", "无", "没有", "暂无", "未知", "不详", "空", "null", "none"})
# A text in which there is nothing to clean; most are.
_CLEAN = re.compile(r"[\u4e00-\u9fff0-9A-Za-z(（][\u4e00-\u9fff0-9A-Za-z()（）.,、，·/-]*")
_PLAIN_CODE = re.compile(r"[0-9]{2,}[A-Z]?|[GJL][0-9]{17}[0-9X]")
_HAN = re.compile(r"[\u4e00-\u9fff]{1,60}")
# Control characters, halves of characters, and the mark of a character that got lost.
_UNREADABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+")
_AS_TEXT = "请把该列设为文本后重填"
NO_PHONE = "无"
RESIDENT_ID = "居民身份证"


class Refusal(ValueError):
    """The cell can't be taken; the text says why and what to do."""


def text_of(cell: Cell) -> str:
    """A cell as text: ends trimmed, zero-width characters and Excel's leading ' gone, line breaks made spaces."""
    if cell is None:
        return ""
    if cell.__class__ is str and _CLEAN.fullmatch(cell):
        return cell
    if isinstance(cell, BadCell):
        raise Refusal(f"单元格显示「{cell.shown}」，请改成文字或数字")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime.date):
        raise Refusal(f"被Excel改成了日期（{cell:%Y-%m-%d}），{_AS_TEXT}")
    if isinstance(cell, (int, float)):
        return _number_text(cell)
    text = re.sub(r"\s*[\r\n\t]\s*", " ", cell.translate(_INVISIBLE).strip()).removeprefix("'").strip()
    if _UNREADABLE.search(text):
        raise Refusal("里有乱码或控制字符，请重新输入")
    return text


def _number_text(number: int | float) -> str:
    if abs(number) >= 1e15:
        raise Refusal(f"是超过15位的数字，Excel已把末几位改掉，{_AS_TEXT}")
    return str(int(number)) if number == int(number) else repr(number)


def code_of(cell: Cell) -> str:
    """A cell as a code: full width made half, no spaces, upper case; 「无」, 「/」 and the like are empty."""
    if cell.__class__ is str and _PLAIN_CODE.fullmatch(cell):
        return cell
    code = re.sub(r"\s", "", unicodedata.normalize("NFKC", text_of(cell))).upper()
    return "" if code.lower() in _NOTHING else code


def name(cell: Cell, warn: Warn) -> str:
    """A name, verbatim: nothing inside it is changed."""
    value = text_of(cell)
    if not value:
        return ""
    if _HAN.fullmatch(value):
        return value
    if len(value) > 60:
        raise Refusal("超过60个字")
    # Rare characters of names may be newer than the tables at hand ("Cn") or of a private font ("Co").
    categories = {unicodedata.category(letter) for letter in value}
    if not any(category[0] == "L" or category in ("Cn", "Co") for category in categories):
        raise Refusal(f"「{value}」不是姓名")
    if any(unicodedata.category(letter)[0] not in "LM" and letter not in "·•・‧．.'’- \u3000" for letter in value):
        warn(f"姓名「{value}」里有少见的字符，请核对")
    elif " " in value or "\u3000" in value:
        warn(f"姓名「{value}」中间有空格，照原样存")
    return value


def id_number(cell: Cell, warn: Warn, id_type: str = RESIDENT_ID) -> str:
    """公民身份号码 with a right checksum (GB 11643), or the number of another paper as it is written."""
    number = _long_code(cell, "身份证号")
    if not number or id_type != RESIDENT_ID:
        if number and not re.fullmatch(r"[A-Z0-9()\-]{5,20}", number):
            raise Refusal("不像证件号")
        return number
    if problem := idnumber.problem(number):
        raise Refusal(problem.removeprefix("身份证号"))
    if number.endswith("000"):
        warn("身份证号末三位是000，可能被Excel改过，请对照户口簿核对")
    return number


def roll_number(cell: Cell, warn: Warn) -> str:
    """全国学籍号: G, J or L and eighteen characters."""
    number = _long_code(cell, "学籍号")
    if number and (problem := idnumber.roll_problem(number)):
        raise Refusal(problem.removeprefix("学籍号"))
    return number


def _long_code(cell: Cell, label: str) -> str:
    if cell.__class__ is str and _PLAIN_CODE.fullmatch(cell):
        return cell
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        raise Refusal(f"被Excel改成了数字，末几位已丢失。{_AS_TEXT}")
    code = code_of(cell)
    if _SCIENTIFIC.fullmatch(code):
        raise Refusal(f"被Excel改成了数字（{code}），末几位已丢失。{_AS_TEXT}")
    return code


_ID_TYPES = {
    word: words[-1]
    for words in (
        ("1", "01", "身份证", RESIDENT_ID),
        ("2", "军官证"),
        ("3", "士兵证"),
        ("4", "文职干部证"),
        ("5", "部队离退休证"),
        ("6", "香港特区护照/身份证明"),
        ("7", "澳门特区护照/身份证明"),
        ("8", "台湾居民来往大陆通行证"),
        ("9", "境外永久居住证"),
        ("A", "护照"),
        ("B", "户口本", "户口簿"),
        ("C", "港澳台居民居住证"),
        ("Z", "其他"),
    )
    for word in words
}


def id_type(cell: Cell, warn: Warn) -> str:
    """身份证件类型, by its code in the 学籍 system or its name; empty stays empty."""
    return _look_up(_ID_TYPES, cell)


def _look_up(table: dict[str, str], cell: Cell) -> str:
    code = code_of(cell)
    if code and code not in table:
        raise Refusal(f"「{code}」认不出")
    return table.get(code, "")


_SEXES = dict.fromkeys(["男", "男性", "男生", "1", "01", "M"], Sex.MALE.value) | dict.fromkeys(
    ["女", "女性", "女生", "2", "02", "F"], Sex.FEMALE.value
)


def sex(cell: Cell, warn: Warn) -> str:
    """GB/T 2261.1: 男/女 or 1/2."""
    return _look_up(_SEXES, cell)


_ETHNICITY_CODES = (
    {name: code for code, name in ETHNICITIES.items()}
    | {name.removesuffix("族"): code for code, name in ETHNICITIES.items()}
    | {code: code for code in ETHNICITIES}
    | {str(int(code)): code for code in ETHNICITIES}
    | {"其他民族": "97", "未识别民族": "97", "穿青人": "97", "外国血统": "98"}
)


def ethnicity(cell: Cell, warn: Warn) -> str:
    """GB/T 3304: 汉, 汉族, 01 or 1."""
    return _look_up(_ETHNICITY_CODES, cell)


_FULL_DATE = re.compile(r"((?:19|20)\d{2})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?:0?0:00(?::00)?)?")
_MONTH = re.compile(r"((?:19|20)\d{2})(?:[-/.年](\d{1,2})月?|(\d{2}))")


def birth_date(cell: Cell, warn: Warn) -> datetime.date | tuple[int, int] | None:
    """A date as people write it: 20110101, 2011-1-1, 2011年1月1日, a date cell. Year and month when no day stands."""
    if isinstance(cell, datetime.date):
        return cell
    if isinstance(cell, float) and cell != int(cell):
        raise Refusal(f"写成了小数{cell}，{_AS_TEXT}，如20110105")
    code = code_of(cell)
    if not code:
        return None
    if match := _FULL_DATE.fullmatch(code):
        year, *rest = (int(part) for part in match.groups() if part)
        try:
            return datetime.date(year, *rest)
        except ValueError as error:
            raise Refusal(f"「{code}」没有这一天") from error
    if (match := _MONTH.fullmatch(code)) and 1 <= int(match[2] or match[3]) <= 12:
        return int(match[1]), int(match[2] or match[3])
    raise Refusal(f"「{code}」认不出，请写成20110105这样的八位数字")


def entry_month(cell: Cell, warn: Warn) -> str:
    """入学年月 as 2026-09."""
    if isinstance(cell, datetime.date):
        return f"{cell:%Y-%m}"
    code = code_of(cell)
    match = _FULL_DATE.fullmatch(code) or _MONTH.fullmatch(code)
    month = int(match[2] or (match[4] if match.re is _FULL_DATE else match[3])) if match else 0
    # 2014.10 typed into a number cell has become 2014.1
    if code and (not 1 <= month <= 12 or (isinstance(cell, float) and code.endswith(".1"))):
        warn(f"入学年月「{code}」认不出，没有存")
        return ""
    return f"{match[1]}-{month:02d}" if match else ""


_MOBILE = re.compile(r"1[0-9]{10}")
_LANDLINE = re.compile(r"(0\d{2,3})?\d{7,8}")


def phone(cell: Cell, warn: Warn) -> str:
    """One mobile or landline number, digits only; 「无」 for a family without a telephone."""
    if cell.__class__ is str and _MOBILE.fullmatch(cell):
        return cell
    written = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if written in ("无", "没有", "无电话"):
        return NO_PHONE
    if written.lower() in _NOTHING or not written:
        return ""
    numbers = [part for part in re.split(r"[/、,;，；|]|(?<=\d{7})\s+(?=\d{7})|和|或", written) if part.strip()]
    digits = [re.sub(r"[\s\-()]", "", part).removeprefix("+86") for part in numbers]
    digits = [number[2:] if re.fullmatch(r"861\d{10}", number) else number for number in digits]
    if any(not (_MOBILE.fullmatch(number) or _LANDLINE.fullmatch(number)) for number in digits):
        raise Refusal(f"「{written}」不是电话号码（手机11位，座机带区号；没有电话填「无」）")
    if len(digits) > 1:
        warn("有几个电话，只存第一个")
    return digits[0]


def seat_number(cell: Cell, warn: Warn) -> int | None:
    """座号, 1 to 199."""
    code = code_of(cell).removesuffix("号")
    if not code:
        return None
    if not code.isdecimal() or not 1 <= int(code) <= 199:
        raise Refusal(f"「{code}」不是座号")
    return int(code)


_BOARD_TYPES = {
    word: kind.value
    for kind, words in {
        BoardType.DAY: "走读 走读生 否 1 0",
        BoardType.BOARDER: "住校 住校生 寄宿 寄宿生 住宿 住读 是 2",
        BoardType.OTHER: "借宿 其他 3 9",
    }.items()
    for word in words.split()
}


def board_type(cell: Cell, warn: Warn) -> str:
    """就读方式 of the national roll system; a yes or no answers 是否住校."""
    code = code_of(cell)
    if code and code not in _BOARD_TYPES:
        warn(f"就读方式「{code}」认不出，没有存")
    return _BOARD_TYPES.get(code, "")


_RELATIONS = {
    word: relation.value
    for relation, words in {
        Relation.FATHER: "父亲 父 爸爸 爸 父子 父女 51",
        Relation.MOTHER: "母亲 母 妈妈 妈 母子 母女 52",
        Relation.STEPFATHER: "继父 养父 继父或养父 57",
        Relation.STEPMOTHER: "继母 养母 继母或养母 58",
        Relation.GRANDFATHER: "祖父 爷爷 61",
        Relation.GRANDMOTHER: "祖母 奶奶 62",
        Relation.MATERNAL_GRANDFATHER: "外祖父 外公 姥爷 63",
        Relation.MATERNAL_GRANDMOTHER: "外祖母 外婆 姥姥 64",
        Relation.BROTHER: "兄 哥哥 哥 71",
        Relation.SISTER: "姐 姐姐 75",
        Relation.RELATIVE: "其他亲属 亲属 亲戚 叔叔 伯父 伯伯 姑姑 姑妈 舅舅 姨妈 姨 婶婶 弟弟 妹妹 兄弟姐妹 "
        "祖父母或外祖父母 祖父母 97",
        Relation.OTHER: "非亲属 其他 99",
    }.items()
    for word in words.split()
}


def relation(cell: Cell, warn: Warn) -> str:
    """家庭关系, GB/T 4761 or the words of the 学籍 system."""
    code = code_of(cell)
    if code and code not in _RELATIONS:
        warn(f"家长关系「{code}」认不出，没有存")
    return _RELATIONS.get(code, "")


def limited_text(limit: int) -> Callable[[Cell, Warn], str]:
    """A reader of free text, kept as it is written, that refuses what would not fit."""

    def read(cell: Cell, warn: Warn) -> str:
        value = text_of(cell)
        if len(value) > limit:
            raise Refusal(f"超过{limit}个字")
        return "" if value in ("/", "-", "—") else value

    return read


_NO = frozenset(["否", "0", "×", "X", "N", "NO", "F", "FALSE", "正常", "一般家庭"])
_YES = frozenset(["是", "有", "1", "√", "✓", "Y", "YES", "T", "TRUE", "○", "●"])
_LEFT_BEHIND = {"单亲": TagKind.LEFT_BEHIND_SINGLE, "双亲": TagKind.LEFT_BEHIND_BOTH, "留守": TagKind.LEFT_BEHIND_BOTH}
_DISABLED = dict.fromkeys(
    ["残疾", "视力", "听力", "智力", "言语", "肢体", "精神", "多重", "一级", "二级", "三级", "四级"], TagKind.DISABLED
)
_POVERTY = {"监测": TagKind.MONITORED, "低保": TagKind.MINIMUM_LIVING} | dict.fromkeys(
    ("脱贫", "建档立卡", "贫困"), TagKind.POVERTY
)
_ORPHAN = {"事实无人抚养": TagKind.UNATTENDED, "孤儿": TagKind.ORPHAN}

# What a column of a group means when it only says yes, and the words that say it more exactly. A bare 「是」 for
# 留守 follows the State Council's notion: both parents away (国发〔2016〕13号).
TAG_COLUMNS: dict[str, tuple[TagKind, dict[str, TagKind]]] = {
    "left_behind": (TagKind.LEFT_BEHIND_BOTH, _LEFT_BEHIND),
    "migrant": (TagKind.MIGRANT, {"随迁": TagKind.MIGRANT}),
    "disability": (TagKind.DISABLED, _DISABLED),
    "poverty": (TagKind.POVERTY, _POVERTY),
    "monitored": (TagKind.MONITORED, {"监测": TagKind.MONITORED}),
    "minimum_living": (TagKind.MINIMUM_LIVING, {"低保": TagKind.MINIMUM_LIVING}),
    "orphan": (TagKind.ORPHAN, _ORPHAN),
    "unattended": (TagKind.UNATTENDED, {"无人抚养": TagKind.UNATTENDED}),
}


def tag(column: str, cell: Cell, warn: Warn) -> tuple[TagKind, str] | None:
    """The group that a column such as 是否留守儿童 puts the pupil in, with the words that stand there."""
    code = code_of(cell)
    if not code or code in _NO or code.startswith(("非", "不", "无残疾")):
        return None
    plainly, words = TAG_COLUMNS[column]
    # 留守 in the 学籍 system: 0 not, 1 one parent away, 2 both.
    if column == "left_behind" and code in ("1", "2"):
        return (TagKind.LEFT_BEHIND_SINGLE if code == "1" else TagKind.LEFT_BEHIND_BOTH), ""
    if code in _YES:
        return plainly, ""
    for word, kind in words.items():
        if word in code:
            return kind, text_of(cell)[:60]
    warn(f"「{code[:20]}」认不出，没有存")
    return None
