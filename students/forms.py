"""Forms of the registry."""

from typing import Any

from django import forms

from kongchuo import idnumber
from kongchuo.forms import form_helper
from schools.models import Classroom, User


class PupilFilter(forms.Form):
    """Search among the pupils one may see: by class, name, 拼音首字母 or seat number."""

    classroom = forms.ModelChoiceField(label="班级", queryset=Classroom.objects.none(), required=False)
    q = forms.CharField(
        label="找学生", required=False, max_length=20, help_text="姓名、拼音首字母（扎西卓玛 zxzm）或座号"
    )

    def __init__(self, *args: Any, classrooms: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["classroom"].queryset = classrooms  # type: ignore[attr-defined]
        self.fields["classroom"].empty_label = "全部班级"  # type: ignore[attr-defined]


class NumberSearch(forms.Form):
    """Search by a whole ID number or 学籍号. Sent by POST: the number must not stand in an address."""

    number = forms.CharField(label="完整身份证号或学籍号", max_length=24)

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip().upper()
        problem = idnumber.roll_problem(number) if number[:1].isalpha() else idnumber.problem(number)
        if problem:
            raise forms.ValidationError(problem)
        return number


class RevealForm(forms.Form):
    """Why a full number is asked for, and the asker's own password once more."""

    reason = forms.CharField(label="查看原因", min_length=4, max_length=100, help_text="例如：核对国网学籍")
    password = forms.CharField(
        label="您的登录密码", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user
        self.helper = form_helper("查看完整身份证号")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError("密码不对，请再输一次。")
        return password
