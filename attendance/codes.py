"""Code lists of the daily report. The meaning of a code is fixed here; a school may only change its label."""

from django.db import models


class Session(models.TextChoices):
    """Half of the day. The morning is required."""

    MORNING = "am", "上午"
    AFTERNOON = "pm", "下午"


class MarkCode(models.TextChoices):
    """到校状态码. Plain presence has no row at all; P is presence that somebody saw and said (「到了」)."""

    PRESENT = "P", "到了"
    LATE = "L", "迟到"
    EARLY = "E", "早退"
    OFFICIAL = "O", "公假"
    SICK = "S", "病假"
    LEAVE = "A", "事假"
    WAITING = "W", "原因待核"
    UNEXCUSED = "U", "无故未到"
    UNREGISTERED = "N", "未报到"
    UNREACHABLE = "C", "失去联系"


ABSENT = frozenset(
    {MarkCode.SICK, MarkCode.LEAVE, MarkCode.WAITING, MarkCode.UNEXCUSED, MarkCode.UNREGISTERED, MarkCode.UNREACHABLE}
)
EXCUSED = frozenset({MarkCode.SICK, MarkCode.LEAVE})
# 原因待核 counts as unexcused until somebody explains it: a missing child must not be hidden by a missing reason.
UNEXCUSED = ABSENT - EXCUSED
PRESENT = frozenset(MarkCode) - ABSENT
SYMBOLS = {"P": "√", "L": "◁", "E": "▷", "S": "○", "A": "△", "W": "?", "U": "×", "N": "◇", "C": "⊗", "O": "☆"}
TEACHER_CHOICES = (MarkCode.WAITING, MarkCode.SICK, MarkCode.LEAVE, MarkCode.UNEXCUSED, MarkCode.LATE, MarkCode.PRESENT)


class LeaveKind(models.TextChoices):
    """Kinds of leave: the mark that each means at roll call."""

    SICK = MarkCode.SICK.value, "病假"
    PRIVATE = MarkCode.LEAVE.value, "事假"


class LeaveLevel(models.TextChoices):
    """Who grants a leave, by its length."""

    HEAD = "head", "班主任"
    OFFICE = "office", "教务"
    PRINCIPAL = "principal", "校长"


class LeaveStatus(models.TextChoices):
    WAITING = "waiting", "待批"
    GRANTED = "granted", "已准假"
    REFUSED = "refused", "未准假"
    VOIDED = "voided", "已作废"
