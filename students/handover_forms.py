"""Forms of 毕业班整班移交."""

from typing import Any, cast

from django import forms

from kongchuo import dates
from kongchuo.forms import DateInput, form_helper
from schools.models import Classroom
from students.codes import AbsentReason
from students.handovers import Word
from students.models import HandedOver


class HandoverForm(forms.Form):
    """Which class goes to which school."""

    classroom = forms.ModelChoiceField(Classroom.objects.none(), label="毕业班", empty_label="请选择")
    to_school = forms.CharField(label="接收学校", max_length=80)
    on = forms.DateField(label="移交日期", widget=DateInput())
    handed_by = forms.CharField(label="移交人", max_length=30, required=False, help_text="没有定可以不填，名册上手写")
    taken_by = forms.CharField(label="接收人", max_length=30, required=False)

    def __init__(self, *args: Any, classrooms: Any, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["classroom"]).queryset = classrooms
        self.fields["on"].initial = dates.today()
        self.helper = form_helper("建移交名册", back=back)


class ArrivalsForm(forms.Form):
    """One row a pupil: arrived or not, why not. The rows' fields are named by the keys of the rows."""

    seen = forms.CharField(widget=forms.HiddenInput)
    on = forms.DateField(label="到校日期（这次新登记到校的）", widget=DateInput({"class": "form-control"}))

    def __init__(self, *args: Any, rows: list[HandedOver], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.rows = rows
        self.fields["on"].initial = dates.today()
        for row in rows:
            self.fields[f"a{row.pk}"] = forms.BooleanField(
                label=f"{row.student.name}到校", required=False, initial=bool(row.arrived_on)
            )
            self.fields[f"r{row.pk}"] = forms.ChoiceField(
                label=f"{row.student.name}未报到原因",
                required=False,
                choices=AbsentReason.choices,
                initial=row.reason,
                widget=forms.Select(attrs={"class": "form-select"}),
            )
            self.fields[f"n{row.pk}"] = forms.CharField(
                label=f"{row.student.name}说明", required=False, max_length=120, initial=row.note,
                widget=forms.TextInput(attrs={"placeholder": "说明", "class": "form-control"}),
            )  # fmt: skip

    @property
    def words(self) -> dict[int, Word]:
        data = self.cleaned_data
        return {row.pk: Word(data[f"a{row.pk}"], data[f"r{row.pk}"], data[f"n{row.pk}"]) for row in self.rows}

    def fields_of(self, row: HandedOver) -> dict[str, forms.BoundField]:
        names = {"arrived": "a", "reason": "r", "note": "n"}
        return {name: self[f"{letter}{row.pk}"] for name, letter in names.items()}
