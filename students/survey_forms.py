"""Forms of the 摸底册."""

import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.urls import reverse

from kongchuo import dates, idnumber
from kongchuo.forms import DateInput, form_helper, offer
from students.codes import Gone, ProofGrade, Schooling
from students.models import Household, Resident
from students.roster import container
from students.schoolage import SELECTIONS, Ages

APPROVERS = ("乡镇人民政府", "县级教育行政部门")
"""Who may approve 缓学 (义务教育法11条2款)."""
_BANDS = (
    ("", "全部"),
    ("school", "有适龄儿童少年"),
    ("below", "有未到入学年龄的"),
    ("primary", "有小学适龄"),
    ("junior", "有初中适龄"),
)


class HouseholdForm(forms.ModelForm):
    class Meta:
        model = Household
        fields = ("number", "head", "village", "hamlet", "address", "is_local", "phone", "note")
        help_texts = {"is_local": "外来户(户籍不在本地)不勾。"}

    def __init__(self, *args: Any, submit: str, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper = form_helper(submit, back=back)


class ResidentForm(forms.ModelForm):
    """A member of a household. Of our own pupils the roll says where they learn: those fields aren't asked."""

    id_number = forms.CharField(label="身份证号", required=False, max_length=18)

    class Meta:
        model = Resident
        fields = (
            "name", "relation", "sex", "ethnicity", "birth_date", "education", "schooling", "school_name", "grade",
            "disability", "whereabouts", "surveyed_by", "surveyed_on", "note",
        )  # fmt: skip
        widgets = {"birth_date": DateInput(), "surveyed_on": DateInput()}
        help_texts = {
            "schooling": "本校在籍学生按学籍自动定，不用填。",
            "school_name": "在外就读的写学校全称。",
            "whereabouts": "外出务工、随父母外出的写到省市县。",
        }

    field_order = ("name", "relation", "id_number")

    def __init__(self, *args: Any, submit: str, back: str, by_roll: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if by_roll:
            for name in ("schooling", "school_name", "grade"):
                del self.fields[name]
        if self.instance.id_no:
            self.fields["id_number"].help_text = f"已存{self.instance.id_no}，留空不变。"
        self.helper = form_helper(submit, back=back)

    def clean_id_number(self) -> str:
        number: str = self.cleaned_data["id_number"].strip().upper()
        if number and (problem := idnumber.problem(number)):
            raise forms.ValidationError(f"{problem}。")
        return number

    def clean_surveyed_on(self) -> datetime.date | None:
        return _not_ahead(self.cleaned_data["surveyed_on"])

    def clean_birth_date(self) -> datetime.date | None:
        return _not_ahead(self.cleaned_data["birth_date"])

    def clean(self) -> dict[str, Any]:
        """What the number says is taken where nothing else was written; two different birth dates are asked about."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if number := cleaned.get("id_number"):
            born = idnumber.birth_date(number)
            if cleaned.get("birth_date") and cleaned["birth_date"] != born:
                self.add_error("birth_date", "与身份证号里的出生日期不同，请对照户口簿改正其中一个。")
            cleaned["birth_date"] = cleaned.get("birth_date") or born
            cleaned["sex"] = cleaned.get("sex") or idnumber.sex(number)
        if cleaned.get("schooling") == Schooling.LOCAL_OUT and not cleaned.get("school_name"):
            self.add_error("school_name", "本在外的请写就读学校；不知道的选「未核实」。")
        return cleaned


class SurveyUploadForm(forms.Form):
    file = forms.FileField(
        label="摸底册文件",
        help_text="xlsx、xls或csv，不超过5兆。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={"required": "请选择摸底册文件。", "empty": "文件是空的。"},
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper = form_helper("读取并预览", back=reverse("students:survey"))

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > container.MAX_FILE:
            raise forms.ValidationError("文件超过5兆。请只留摸底册那张工作表，删去图片后再导入。")
        return file


class GoneForm(forms.Form):
    gone_as = forms.ChoiceField(label="情况", choices=Gone.choices, widget=forms.RadioSelect)
    on = forms.DateField(label="日期", widget=DateInput())

    def __init__(self, *args: Any, submit: str, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper = form_helper(submit, back=back)


class _PaperForm(forms.Form):
    """The paper itself or, instead, who has seen it and when."""

    upload = forms.FileField(label="照片或扫描件", required=False, help_text="jpg、png或pdf。没有的写下面两项。")
    seen_by = forms.CharField(label="谁核验的", required=False, max_length=30)
    seen_on = forms.DateField(label="核验日期", required=False, widget=DateInput())

    def __init__(self, *args: Any, submit: str, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper = form_helper(submit, back=back)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("upload"):
            cleaned["seen_by"], cleaned["seen_on"] = "", None
        return cleaned


class ProofForm(_PaperForm):
    """就读证明 of a child who learns elsewhere."""

    grade = forms.ChoiceField(label="佐证等级", choices=ProofGrade.choices, widget=forms.RadioSelect)
    title = forms.CharField(
        label="证明名称", max_length=80, help_text="例如：某某小学就读证明；电话核实写对方学校和接听人。"
    )
    number = forms.CharField(label="文号", required=False, max_length=60)
    field_order = ("grade", "title", "number")


class DeferralForm(_PaperForm):
    """缓学批准."""

    approved_by = forms.ChoiceField(label="批准机关", choices=[(name, name) for name in APPROVERS])
    number = forms.CharField(label="批准文号", max_length=60)
    approved_on = forms.DateField(label="批准日期", widget=DateInput())
    until = forms.DateField(label="缓学至", widget=DateInput())
    field_order = ("approved_by", "number", "approved_on", "until")


class HouseholdFilter(forms.Form):
    village = forms.ChoiceField(label="村(社区)", required=False)
    hamlet = forms.CharField(label="组", required=False, max_length=40)
    q = forms.CharField(label="户主或成员姓名", required=False, max_length=20)
    band = forms.ChoiceField(label="年龄段", required=False, choices=_BANDS)

    def __init__(self, *args: Any, villages: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "village", [("", "全部"), *((name, name) for name in villages)])

    def narrow(self, households: QuerySet[Household], ages: Ages) -> QuerySet[Household]:
        """The households that fit what was chosen."""
        chosen = self.cleaned_data if self.is_valid() else {}
        if village := chosen.get("village"):
            households = households.filter(village=village)
        if hamlet := chosen.get("hamlet"):
            households = households.filter(hamlet__contains=hamlet)
        if text := chosen.get("q"):
            households = households.filter(residents__name__contains=text) | households.filter(head__contains=text)
        if band := chosen.get("band"):
            bounds = {
                "school": (ages.first, ages.until),
                "below": (0, ages.first - 1),
                "primary": (ages.first, ages.primary_until),
                "junior": (ages.primary_until + 1, ages.junior_until),
            }
            born = ages.born(*bounds[band])
            households = households.filter(residents__birth_date__range=born, residents__gone_on__isnull=True)
        return households.distinct()


class ChildFilter(forms.Form):
    what = forms.ChoiceField(label="哪些孩子", required=False)
    village = forms.ChoiceField(label="村(社区)", required=False)

    def __init__(self, *args: Any, villages: list[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "what", [(key, label) for key, (label, _) in SELECTIONS.items()])
        offer(self, "village", [("", "全部"), *((name, name) for name in villages)])


class CutoffForm(forms.Form):
    """截止日期 of the rates."""

    on = forms.DateField(label="截止日期", required=False, widget=DateInput())

    def clean_on(self) -> datetime.date | None:
        return _not_ahead(self.cleaned_data["on"])


def _not_ahead(day: datetime.date | None) -> datetime.date | None:
    if day and day > dates.today():
        raise forms.ValidationError("不能晚于今天。")
    return day
