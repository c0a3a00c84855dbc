"""记一次联系, and the photos that follow it."""

from typing import Any

from django import forms

from followups.codes import Met, Reason, Result, Way
from kongchuo import dates
from kongchuo.forms import DateInput, TimeInput


class ContactForm(forms.Form):
    """Six taps: how, whom, what came of it, why, who came along, save. The words and the time are free."""

    way = forms.ChoiceField(label="方式", choices=Way, widget=forms.RadioSelect, initial=Way.PHONE)
    met = forms.ChoiceField(label="见到谁", choices=Met, widget=forms.RadioSelect)
    result = forms.ChoiceField(label="结果", choices=Result, widget=forms.RadioSelect)
    promised_on = forms.DateField(label="答应到校日期", required=False, widget=DateInput)
    reasons = forms.MultipleChoiceField(
        label="原因",
        choices=Reason,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="可多选，不清楚可不选",
    )
    companions = forms.CharField(label="同行人", max_length=120, required=False, help_text="家访写校领导、村组干部等")
    met_name = forms.CharField(label="对方姓名和关系", max_length=60, required=False)
    text = forms.CharField(
        label="谈话内容与约定", max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    on = forms.DateField(label="日期", widget=DateInput)
    at = forms.TimeField(label="时间", required=False, widget=TimeInput)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = dates.today
        for name in ("way", "met", "result"):
            self.fields[name].error_messages["required"] = f"请选择「{self.fields[name].label}」。"

    @property
    def taps(self) -> list[forms.BoundField]:
        """Answered by one tap each, and required."""
        return [self["way"], self["met"], self["result"]]

    @property
    def lines(self) -> list[forms.BoundField]:
        """Free to fill in."""
        return [self[name] for name in ("companions", "met_name", "text", "on", "at")]


class PhotoForm(forms.Form):
    file = forms.FileField(
        label="照片或扫描件",
        help_text="JPG、PNG、WebP 照片或 PDF 扫描件，每个不超过15MB",
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        error_messages={"required": "请选择一张照片。", "empty": "这个文件是空的，请重新选择。"},
    )
    caption = forms.CharField(label="说明", max_length=80, required=False, help_text="例如「门口合影」「家访登记表」")
