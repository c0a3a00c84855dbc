"""What to see of the register, and what to take away from it."""

import datetime
from typing import Any

from django import forms

from followups.codes import ExportForm, FindingKind, Reason
from followups.exports import PAPERS, STATES, Order
from followups.register import Choice
from kongchuo import dates
from kongchuo.forms import DateInput, form_helper, offer
from schools.codes import Edition, ExportFormat, Stage
from schools.models import Unit

ALL = ("", "全部")


class RegisterFilter(forms.Form):
    """The register's conditions. All are free; an address with nonsense in it shows everything."""

    year = forms.TypedChoiceField(label="学年", required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(label="状态", required=False, choices=[ALL, *STATES.items()])
    stage = forms.ChoiceField(label="学段", required=False, choices=[ALL, *Stage.choices])
    classroom = forms.TypedChoiceField(label="班级", required=False, coerce=int, empty_value=None)
    village = forms.ChoiceField(label="村屯", required=False)
    kind = forms.ChoiceField(label="认定类别", required=False, choices=[ALL, *FindingKind.choices])
    reason = forms.ChoiceField(label="辍学原因", required=False, choices=[ALL, *Reason.choices])

    def __init__(self, *args: Any, years: list[int], classrooms: list[tuple[int, str]], villages: list[str]):
        super().__init__(*args)
        offer(self, "year", [("", "本学年"), *((year, f"{year}-{year + 1}学年") for year in years)])
        offer(self, "classroom", [ALL, *classrooms])
        offer(self, "village", [ALL, *((village, village) for village in villages)])

    @property
    def choice(self) -> Choice:
        return Choice.of(self.cleaned_data if self.is_valid() else {})

    @property
    def day(self) -> datetime.date:
        """The day as of which the register is shown: today, or the last day of the school year that is asked for."""
        year = self.cleaned_data.get("year") if self.is_valid() else None
        return min(dates.today(), datetime.date(year + 1, 8, 31)) if year else dates.today()


class RegisterExportForm(forms.Form):
    """Which form, as which file, with or without full numbers."""

    form = forms.ChoiceField(
        label="表", choices=ExportForm, widget=forms.RadioSelect, initial=ExportForm.ROSTER,
        error_messages={"required": "请选择要导出哪一种表。"},
    )  # fmt: skip
    format = forms.ChoiceField(
        label="文件", choices=ExportFormat, widget=forms.RadioSelect, initial=ExportFormat.XLSX,
        error_messages={"required": "请选择要什么文件。"},
    )  # fmt: skip
    paper = forms.ChoiceField(
        label="花名册的纸张",
        choices=[(key, paper.name) for key, paper in PAPERS.items()],
        initial="a3",
        required=False,
        help_text="花名册有28列，A4横的字很小",
    )
    on = forms.DateField(label="截止日期", widget=DateInput, help_text="按这一天的情况填写，之后的不列")
    edition = forms.ChoiceField(
        label="证件号", choices=Edition, widget=forms.RadioSelect, initial=Edition.MASKED,
        error_messages={"required": "请选择脱敏还是全号。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="用途", max_length=200, required=False, help_text="选全号必填，例如「报县教育局基教股月报」；记入留痕"
    )

    def __init__(self, *args: Any, day: datetime.date, lacks: list[str], back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = day
        if lacks:
            self.fields["format"].help_text = "现在不能生成PDF：" + "；".join(lacks)
        self.helper = form_helper("导出", back=back)

    def order(self, school: Unit, choice: Choice) -> Order:
        """The order that a valid form stands for."""
        said = self.cleaned_data
        return Order(
            school=school,
            on=said["on"],
            form=ExportForm(said["form"]),
            format=ExportFormat(said["format"]),
            full=said["edition"] == Edition.FULL,
            paper=said["paper"] or "a3",
            choice=choice,
        )
