"""People and duties."""

import re
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from kongchuo import dates
from kongchuo.forms import DateInput, form_helper
from schools.codes import Role
from schools.models import Classroom, Duty, Unit, User
from schools.people import SCHOOL_ROLES, USERNAME, DutyFacts

PHONE = re.compile(r"^[0-9+][0-9 -]{5,18}[0-9]$")


def check_username(username: str) -> str:
    """The login name in small letters; ValidationError when it can't be one."""
    username = username.strip().lower()
    if not USERNAME.match(username):
        raise ValidationError("登录名用2至30个小写字母或数字，不用汉字和空格，例如 zhangmin。")
    return username


class PersonForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=30)
    phone = forms.CharField(
        label="电话",
        max_length=20,
        required=False,
        help_text="可以不填",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, back: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper = form_helper("保存", back=back)

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"].strip()
        if phone and not PHONE.match(phone):
            raise ValidationError("电话只写数字，例如手机号，或区号-号码。")
        return phone


class DutyForm(forms.Form):
    role = forms.ChoiceField(label="岗位", choices=[("", "请选择")] + [(role, role.label) for role in SCHOOL_ROLES])
    classroom = forms.ModelChoiceField(
        Classroom.objects.none(),
        label="班级",
        required=False,
        empty_label="不适用",
        help_text="班主任、任课教师要选；其他岗位不选",
    )
    starts_on = forms.DateField(label="从哪一天起", widget=DateInput())
    ends_on = forms.DateField(
        label="到哪一天为止", widget=DateInput(), required=False, help_text="最后一天；没有定就不填。委托代行校长必填"
    )

    def __init__(self, *args: Any, user: User, school: Unit, back: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        classes = Classroom.objects.visible_to(user).filter(school=school).open_on(dates.today())
        cast(forms.ModelChoiceField, self.fields["classroom"]).queryset = classes
        self.fields["starts_on"].initial = dates.today()
        self.helper = form_helper("加上这个岗位", back=back)

    @property
    def duty(self) -> DutyFacts:
        """What was filled in, for the service."""
        data = self.cleaned_data
        return {key: data[key] for key in ("role", "classroom", "starts_on", "ends_on")}  # type: ignore[return-value]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("role") in (Role.HEAD_TEACHER, Role.SUBJECT_TEACHER):
            if not self.cleaned_data.get("classroom") and "classroom" not in self.errors:
                self.add_error("classroom", "请选择班级。")
        elif self.cleaned_data.get("classroom"):
            self.add_error("classroom", "这个岗位不选班级，请选「不适用」。")


class AddPersonForm(DutyForm, PersonForm):
    username = forms.CharField(
        label="登录名",
        max_length=30,
        required=False,
        help_text="不填就用姓名的拼音，例如 张敏 → zhangmin",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("name", "username", "phone", "role", "classroom", "starts_on", "ends_on")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper.inputs[0].value = "添加并发一次性密码条"

    def clean_username(self) -> str:
        username = self.cleaned_data["username"]
        return check_username(username) if username else ""


class EndDutyForm(forms.Form):
    last_day = forms.DateField(
        label="最后一天",
        widget=DateInput(),
        help_text="这一天还算在任。要马上收回，填昨天：此人下一次点击就打不开了。",
    )

    def __init__(self, *args: Any, duty: Duty, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["last_day"].initial = max(dates.today(), duty.starts_on)
        self.helper = form_helper("结束这个岗位", back=back)


class ReasonForm(forms.Form):
    """A reason, and nothing else."""

    reason = forms.CharField(label="原因", max_length=100)

    def __init__(self, *args: Any, submit: str, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper = form_helper(submit, back=back)


class HandOverForm(forms.Form):
    """Who heads a class from which day."""

    to = forms.ModelChoiceField(User.objects.none(), label="新班主任", empty_label="请选择")
    on = forms.DateField(
        label="从哪一天起", widget=DateInput(), help_text="原班主任到前一天为止；可以提前办，到那一天自动换"
    )

    def __init__(self, *args: Any, people: Any, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["to"]).queryset = people
        self.fields["on"].initial = dates.today()
        self.helper = form_helper("换班主任", back=back)
