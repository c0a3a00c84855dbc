"""Forms of 开学报到."""

from typing import Any

from django import forms

from kongchuo import dates
from kongchuo.forms import DateInput, form_helper
from schools.models import Classroom
from students.codes import AbsentReason
from students.opening import Said


class ListFilter(forms.Form):
    """Which pupils of those who are due: by class, and by what was said of them."""

    classroom = forms.ModelChoiceField(Classroom.objects.none(), label="班级", required=False, empty_label="全部班级")
    said = forms.ChoiceField(label="报到情况", required=False, choices=[("", "全部应报到"), *Said.choices])

    def __init__(self, *args: Any, classrooms: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["classroom"].queryset = classrooms  # type: ignore[attr-defined]


class RegistrationForm(forms.Form):
    """What is said of one pupil: come on a day, or not come for a reason, or taken back."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    said = forms.ChoiceField(
        label="报到情况",
        widget=forms.RadioSelect,
        choices=(
            (Said.ARRIVED, "已报到"),
            (Said.ABSENT, "未报到"),
            (Said.SILENT, "撤回登记（点错了）"),
        ),
    )
    arrived_on = forms.DateField(label="报到日期", required=False, widget=DateInput(), help_text="已报到的填；默认今天")
    reason = forms.ChoiceField(label="未报到原因", required=False, choices=AbsentReason.choices)
    note = forms.CharField(
        label="说明", required=False, max_length=120, help_text="例如：9月2日与外婆通电话，说本周内送到。可以不填"
    )

    def __init__(self, *args: Any, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["arrived_on"].initial = dates.today()
        self.helper = form_helper("保存", back=back)
