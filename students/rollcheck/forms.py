"""Forms of the 学籍清查: the list that is held against the roll, and how a difference is settled."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from kongchuo import dates
from kongchuo.forms import DateInput, offer
from schools.codes import OFFICE
from schools.models import Unit, User
from schools.scoping import scope_of
from students.codes import RollList
from students.models import Difference
from students.rollcheck import groups, settling
from students.rollcheck.settling import Proof
from students.roster import container


class UploadForm(forms.Form):
    """A list, whose it is, and which children it names. The school is only asked for where one keeps several."""

    school = forms.ModelChoiceField(label="学校", queryset=Unit.objects.none())
    source = forms.ChoiceField(label="谁给的名单", choices=RollList.choices)
    about = forms.ChoiceField(
        label="名单上是哪些孩子",
        choices=groups.CHOICES,
        required=False,
        help_text="学籍系统的名单不用选；选了留守、残疾等，会同时核对学生卡上的标签。",
    )
    file = forms.FileField(
        label="名单文件",
        help_text="xlsx、xls或csv，不超过5兆。要有「姓名」列，还要有身份证号、学籍号、出生日期中的一列。文件不保存。",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        error_messages={"required": "请选择名单文件。", "empty": "文件是空的。"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        schools = Unit.objects.visible_to(user).filter(pk__in=scope_of(user, OFFICE).schools)
        self.only_school = schools.first() if len(schools[:2]) == 1 else None
        if self.only_school:
            del self.fields["school"]
        else:
            self.fields["school"].queryset = schools  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > container.MAX_FILE:
            raise forms.ValidationError("文件超过5兆。请只留名单那张工作表，删去图片后再传。")
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.only_school:
            cleaned["school"] = self.only_school
        cleaned["about"] = cleaned.get("about") or groups.USUAL.get(cleaned.get("source", ""), "")
        return cleaned


class SettleForm(forms.Form):
    """How a difference, or several of one kind, are settled; with a paper where the settlement calls for one."""

    settlement = forms.ChoiceField(label="怎样处理")
    reason = forms.CharField(
        label="处理说明", max_length=200, min_length=4, widget=forms.TextInput,
        error_messages={"min_length": "请写明处理说明，至少4个字。"},
    )  # fmt: skip
    code = forms.ChoiceField(label="佐证材料", required=False, choices=[("", "没有"), *settling.PAPERS])
    number = forms.CharField(label="文号或编号", max_length=60, required=False)
    upload = forms.FileField(label="扫描件或照片", required=False, help_text="照片或PDF；没有就写核验人和日期。")
    seen_by = forms.CharField(label="核验人", max_length=30, required=False, help_text="谁看过原件。")
    seen_on = forms.DateField(label="核验日期", widget=DateInput, required=False)

    def __init__(self, *args: Any, difference: Difference, many: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.difference = difference
        offer(self, "settlement", [("", "请选择"), *((way.value, way.label) for way in settling.offered(difference))])
        if many:
            del self.fields["upload"], self.fields["number"]

    def clean_seen_on(self) -> Any:
        day = self.cleaned_data["seen_on"]
        if day and day > dates.today():
            raise forms.ValidationError("核验日期不能晚于今天。")
        return day

    @property
    def proof(self) -> Proof:
        told = self.cleaned_data
        names = ("code", "upload", "seen_by", "seen_on", "number")
        return Proof(**{name: told[name] for name in names if told.get(name)})


class ReopenForm(forms.Form):
    """Why a settled difference is taken up again."""

    reason = forms.CharField(
        label="为什么重新处理", max_length=100, min_length=4,
        error_messages={"min_length": "请写明为什么重新处理，至少4个字。"},
    )  # fmt: skip
