"""公民身份号码 (GB 11643-1999) and 学籍号: what they say and whether they can be right."""

import datetime
import re

_CHECKS = "10X98765432"
_SHAPE = re.compile(r"^[1-9]\d{16}[\dX]$")
_ROLL_SHAPE = re.compile(r"^[GJL]\d{17}[\dX]$")


def check_digit(first17: str) -> str:
    """The eighteenth character that belongs to the first seventeen digits (GB 11643: weighted sum modulo 11).

    The weights of the standard, 7 9 10 5 … 4 2, are the powers of 2 modulo 11 from the seventeenth down to the first;
    so is 13 modulo 11 a 2, and the sum is twice the digits read to the base 13.
    """
    return _CHECKS[2 * int(first17, 13) % 11]


def problem(number: str) -> str:
    """Why this can't be an ID number, in a sentence for the person who typed it; empty when it can."""
    if len(number) == 15 and number.isdigit():
        return "是15位旧号，请换成18位身份证号"
    if len(number) != 18:
        return f"身份证号应为18位，现在是{len(number)}位"
    if not _SHAPE.match(number):
        return "身份证号只能是17位数字加1位数字或X"
    if birth_date(number) is None:
        return "身份证号中的出生日期不存在"
    if check_digit(number[:17]) != number[17]:
        return "身份证号校验不通过，请对照户口簿核对"
    return ""


def birth_date(number: str) -> datetime.date | None:
    try:
        return datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str:
    """ "1" for male, "2" for female (GB/T 2261.1), by the parity of the seventeenth digit."""
    return "1" if int(number[16]) % 2 else "2"


def roll_problem(number: str) -> str:
    """Why this can't be a 学籍号 (a letter G, J or L and 18 characters); empty when it can.

    A G number that differs from the present ID number is lawful: the ID number may have been changed since.
    """
    return "" if _ROLL_SHAPE.match(number) else "学籍号应为字母G、J或L加18位"


def mask(number: str) -> str:
    """The first six characters. With county, birth date and sex on screen the last four would leave one candidate."""
    keep = 7 if number[:1].isalpha() else 6
    return number[:keep] + "*" * max(len(number) - keep, 0)


def mask_phone(number: str) -> str:
    """138****5678"""
    return number[:3] + "****" + number[-4:] if len(number) >= 11 else ("*" * len(number))
