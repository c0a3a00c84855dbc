"""The steps of the first run."""

import datetime
import itertools
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from kongchuo import dates
from kongchuo.forms import DateInput, form_helper, offer
from schools import setup
from schools.codes import Program
from schools.forms.login import MISMATCH, PASSWORD_HELP
from schools.forms.people import PersonForm, check_username
from schools.models import User


class StepForm(forms.Form):
    submit = "下一步"

    def __init__(self, *args: Any, back: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.helper = form_helper(self.submit, back=back)


class CodeForm(StepForm):
    code = forms.CharField(
        label="一次性代码",
        max_length=40,
        help_text="显示在服务器的屏幕上（启动时，或运行 manage.py setup_code 时），12个字符",
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if not setup.code_fits(code):
            raise ValidationError("代码不对或已经失效，请看服务器屏幕上最新的代码。")
        return code


class SchoolForm(StepForm):
    name = forms.CharField(label="学校名称", max_length=60, help_text="写全称，表册的抬头用它")
    school_code = forms.RegexField(
        r"^\d{10}$",
        label="学校标识码",
        strip=True,
        help_text="10位数字，在学籍系统或学校的登记证上",
        error_messages={"invalid": "学校标识码是10位数字，请核对。"},
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    program = forms.ChoiceField(label="办学类型", choices=[("", "请选择"), *Program.choices])
    county = forms.CharField(label="所在县（市、区）", max_length=40, help_text="例如 云岭县")
    township = forms.CharField(label="所在乡镇", max_length=40, help_text="例如 青石乡；在城区的写街道")


class TermsForm(StepForm):
    school_year = forms.TypedChoiceField(label="学年", coerce=int)
    first_starts = forms.DateField(label="第一学期行课开始", widget=DateInput())
    first_ends = forms.DateField(label="第一学期行课结束", widget=DateInput())
    second_starts = forms.DateField(label="第二学期行课开始", widget=DateInput())
    second_ends = forms.DateField(label="第二学期行课结束", widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        year = dates.school_year(dates.today())
        # From July on a school prepares the next year.
        wanted = year + 1 if dates.today().month in (7, 8) else year
        offer(self, "school_year", [(y, f"{y}-{y + 1}学年") for y in (year, year + 1)])
        self.initial = {
            "school_year": wanted,
            "first_starts": datetime.date(wanted, 9, 1),
            "first_ends": datetime.date(wanted + 1, 1, 15),
            "second_starts": datetime.date(wanted + 1, 2, 22),
            "second_ends": datetime.date(wanted + 1, 7, 5),
        } | dict(self.initial or {})

    def clean(self) -> None:
        super().clean()
        keys = ("first_starts", "first_ends", "second_starts", "second_ends")
        days = [self.cleaned_data[key] for key in keys if key in self.cleaned_data]
        if len(days) < len(keys) or "school_year" not in self.cleaned_data:
            return
        if any(later <= earlier for earlier, later in itertools.pairwise(days)):
            raise ValidationError("四个日期要从早到晚：第一学期开始、结束，第二学期开始、结束。")
        year = self.cleaned_data["school_year"]
        if days[0] < datetime.date(year, 8, 1) or days[-1] > datetime.date(year + 1, 8, 31):
            raise ValidationError(f"日期不在{year}-{year + 1}学年之内，请核对年份。")

    @property
    def terms(self) -> tuple[setup.TermDates, setup.TermDates]:
        data = self.cleaned_data
        return (
            setup.TermDates(data["first_starts"], data["first_ends"]),
            setup.TermDates(data["second_starts"], data["second_ends"]),
        )


class AccountForm(PersonForm, StepForm):
    submit = "建立学校并登录"

    who = forms.ChoiceField(
        label="你是",
        widget=forms.RadioSelect,
        choices=(
            ("principal", "校长，并兼系统管理员：能看学生、作认定，也能加人和设置。小学校一人兼任选这个"),
            ("admin", "只是系统管理员：能加人和设置，看不到任何学生。接着请给校长加一个账号"),
        ),
        initial="principal",
    )
    username = forms.CharField(
        label="登录名",
        max_length=30,
        help_text="小写字母或数字，例如姓名的拼音",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}),
    )
    password1 = forms.CharField(
        label="密码",
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="再输一遍密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    field_order = ("who", "name", "username", "phone", "password1", "password2")

    def __init__(self, *args: Any, back: str = "", **kwargs: Any):
        super().__init__(*args, back=back, **kwargs)
        self.helper = form_helper(self.submit, back=back)

    def clean_username(self) -> str:
        return check_username(self.cleaned_data["username"])

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if not data.get("password1") or not data.get("password2"):
            return
        if data["password1"] != data["password2"]:
            self.add_error("password2", MISMATCH)
        person = User(username=data.get("username", ""), name=data.get("name", ""), phone=data.get("phone", ""))
        try:
            validate_password(data["password1"], person)
        except ValidationError as weak:
            self.add_error("password1", weak)
