"""Forms of 入学通知书."""

from typing import Any, cast

from django import forms

from kongchuo import dates
from kongchuo.forms import DateInput, form_helper, offer
from schools.models import Classroom
from students.entry_notices import Child, Service, Where, read_lines
from students.roll import RollRefusal


class YearFilter(forms.Form):
    """Which notices: of which year, and how far they have come."""

    year = forms.TypedChoiceField(label="学年", coerce=int, required=False, empty_value=None)
    where = forms.ChoiceField(label="情况", required=False, choices=[("", "全部"), *Where.choices])

    def __init__(self, *args: Any, years: list[int], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "year", [(year, f"{year}-{year + 1}学年") for year in years])


class IssueForm(forms.Form):
    """For whom, from when, to report when. Children of the survey and graduates are ticked, others typed in."""

    children = forms.MultipleChoiceField(label="选孩子", required=False, widget=forms.CheckboxSelectMultiple)
    typed = forms.CharField(
        label="名单上没有的，逐行填写或从表格粘贴",
        required=False,
        max_length=20000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="每行一个孩子：姓名,出生日期,监护人,住址。例如：王小明,2020-05-01,王大山,柳树村2组",
    )
    issued_on = forms.DateField(label="发出日期", widget=DateInput())
    report_on = forms.DateField(label="报到日期", widget=DateInput())

    def __init__(self, *args: Any, known: list[Child], days: int, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.known = {self._key(child): child for child in known}
        offer(self, "children", [(key, self._label(child)) for key, child in self.known.items()])
        self.fields["children"].initial = [key for key, child in self.known.items() if not child.note]
        if not known:
            del self.fields["children"]
        self.fields["issued_on"].initial = dates.today()
        self.fields["report_on"].help_text = f"按规定，通知书要在报到{days}天以前发出"
        self.helper = form_helper("编号并生成通知书", back=back)
        self.found: list[Child] = []

    @staticmethod
    def _key(child: Child) -> str:
        return f"r{child.resident.pk}" if child.resident else f"s{child.student.pk}" if child.student else ""

    @staticmethod
    def _label(child: Child) -> str:
        birth = f"{child.birth_date:%Y-%m-%d}" if child.birth_date else "出生日期不详"
        source = "摸底册" if child.resident else "本校小学毕业"
        parts = (child.name, birth, child.guardian, child.address, source, child.note)
        return "　".join(part for part in parts if part)

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        try:
            self.found = read_lines(typed)
        except RollRefusal as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return typed

    @property
    def chosen(self) -> list[Child]:
        return [self.known[key] for key in self.cleaned_data.get("children", ())] + self.found


class CorrectForm(forms.Form):
    """What stands on a notice, set right."""

    name = forms.CharField(label="姓名", max_length=60)
    birth_date = forms.DateField(label="出生日期", required=False, widget=DateInput())
    guardian = forms.CharField(label="监护人", max_length=60, required=False)
    address = forms.CharField(label="住址", max_length=120, required=False)
    report_on = forms.DateField(label="报到日期", widget=DateInput())

    def __init__(self, *args: Any, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper = form_helper("保存更正", back=back)


class ServeForm(forms.Form):
    """送达回证, as it came back."""

    on = forms.DateField(label="送达日期", widget=DateInput())
    how = forms.ChoiceField(label="送达方式", choices=Service.choices)
    received_by = forms.CharField(label="签收人", max_length=60, required=False, help_text="直接送达必填")
    witness = forms.CharField(label="送达人、见证人", max_length=60, required=False, help_text="留置送达必填见证人")

    def __init__(self, *args: Any, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = dates.today()
        self.helper = form_helper("登记送达", back=back)


class ArriveForm(forms.Form):
    """The child has come, into this class."""

    on = forms.DateField(label="到校日期", widget=DateInput())
    classroom = forms.ModelChoiceField(
        Classroom.objects.none(), label="进哪个班", required=False, empty_label="请选择",
        help_text="已经在本校学籍里的孩子不用选",
    )  # fmt: skip

    def __init__(self, *args: Any, classrooms: Any, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["classroom"]).queryset = classrooms
        self.fields["on"].initial = dates.today()
        self.helper = form_helper("登记到校", back=back)
