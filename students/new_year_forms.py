"""Forms of 新学年升级."""

from typing import Any

from django import forms

from kongchuo.forms import form_helper
from students.new_year import Plan

MOST = 30


class TurnForm(forms.Form):
    """How many classes each entry grade opens, and how many pupils graduate, typed by hand."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.plan = plan
        self.fields["seen"].initial = plan.digest
        for entry in plan.entries:
            self.fields[f"grade_{entry.grade}"] = forms.IntegerField(
                label=f"{plan.years}{entry.label}开几个班",
                min_value=0,
                max_value=MOST,
                initial=entry.proposed,
                help_text=f"已开{entry.opened}个；不会减少" if entry.opened else "不开就填0",
            )
        self.fields["typed"] = forms.IntegerField(
            label=f"请输入毕业人数（{len(plan.graduates)}）确认",
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )
        self.helper = form_helper("确认新学年升级")

    @property
    def classes(self) -> dict[int, int]:
        return {entry.grade: self.cleaned_data[f"grade_{entry.grade}"] for entry in self.plan.entries}

    def clean_typed(self) -> int:
        typed: int = self.cleaned_data["typed"]
        if typed != len(self.plan.graduates):
            raise forms.ValidationError(f"与上面的毕业人数{len(self.plan.graduates)}不一致，请核对后再输。")
        return typed
