"""The form of the roll call. Its rows are plain HTML of the page's own loop; here they are only read."""

import uuid
from typing import Any

from django import forms
from django.http import QueryDict

from attendance.codes import LeaveKind, MarkCode
from attendance.protocol import SAID_PRESENT, State
from attendance.rollcall import Said
from kongchuo import dates
from kongchuo.forms import DateInput, form_helper

OTHER = "X"
"""「其他」 on the page: 原因待核 with a text, until the office classes it."""
REASONS: tuple[tuple[str, str], ...] = (
    (MarkCode.WAITING, "原因待核"),
    (MarkCode.SICK, "病假"),
    (MarkCode.LEAVE, "事假"),
    (MarkCode.LATE, "迟到"),
    (MarkCode.UNEXCUSED, "无故"),
    (OTHER, "其他"),
)


class ReportForm(forms.Form):
    """One sending. Exceptions only: `absent` and `here` are lists of pupils, `c12` and `n12` reason and note.

    A pupil stands as the distance of his key from `base`.
    """

    data: QueryDict

    request_id = forms.UUIDField()
    revision = forms.IntegerField(min_value=0, max_value=32767)
    roll = forms.CharField(max_length=16)
    base = forms.IntegerField(min_value=0)
    reason = forms.CharField(max_length=120, required=False)
    confirmed = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        try:
            base = cleaned.get("base", 0)
            cleaned["marks"] = {base + key: said for key, said in self._marks().items()}
        except ValueError as error:
            raise forms.ValidationError("读不懂") from error
        return cleaned

    def _marks(self) -> dict[int, Said]:
        marks = {int(key): self._said(int(key)) for key in self.data.getlist("absent")}
        for key in self.data.getlist("here"):
            # Somebody pre-marked who came late stays late; 「到了」 alone is presence.
            if marks.get(int(key), ("", ""))[0] != MarkCode.LATE:
                marks[int(key)] = SAID_PRESENT
        return marks

    def _said(self, key: int) -> Said:
        code = self.data.get(f"c{key}", MarkCode.WAITING)
        return MarkCode(MarkCode.WAITING if code == OTHER else code).value, self.data.get(f"n{key}", "").strip()[:120]


def as_fields(
    *, request_id: uuid.UUID, revision: int, roll: str, marks: State, reason: str = ""
) -> list[tuple[str, str]]:
    """A sending as the hidden fields that `ReportForm` reads back."""
    fields = [("request_id", str(request_id)), ("revision", str(revision)), ("roll", roll), ("base", "0")]
    fields.append(("reason", reason))
    for pk, (code, note) in marks.items():
        if code == MarkCode.PRESENT:
            fields.append(("here", str(pk)))
        else:
            fields += [("absent", str(pk)), (f"c{pk}", code), (f"n{pk}", note)]
    return fields


class LeaveForm(forms.Form):
    """One slip of leave."""

    kind = forms.ChoiceField(label="请假类别", choices=LeaveKind, widget=forms.RadioSelect)
    starts_on = forms.DateField(label="从", widget=DateInput)
    ends_on = forms.DateField(label="到", widget=DateInput, help_text="请假的最后一天，第二天应返校")
    reason = forms.CharField(
        label="事由", max_length=120, help_text="病假写症状和就诊情况，例如「发烧，在乡卫生院就诊」"
    )
    asked_by = forms.CharField(label="谁来请的假", max_length=40, help_text="例如「母亲李某，来电话」「交来请假条」")

    def __init__(self, *args: Any, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "ends_on"):
            self.fields[name].initial = dates.today
        self.helper = form_helper("存请假条", back=back)
