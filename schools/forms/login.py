"""Login and password."""

from typing import Any

from django import forms
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.core.exceptions import ValidationError

from kongchuo.forms import form_helper
from schools import login

PASSWORD_HELP = "至少10个字符，不能全是数字，不能太常见，不能与姓名、登录名相近。一句只有自己知道的话最好记。"  # noqa: S105
MISMATCH = "两次输入的新密码不一样，请重新输入。"


class LoginForm(AuthenticationForm):
    """One sentence for an unknown name and for a wrong password: nobody learns which names exist."""

    refusal = "没有登录："
    error_messages = {"invalid_login": "登录名或密码不对，请再试一次。忘了密码请管理员发一次性密码条。", "inactive": ""}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "登录名"
        self.fields["username"].widget.attrs |= {"autofocus": True, "spellcheck": "false"}
        self.fields["username"].error_messages["required"] = "请填写登录名。"
        self.fields["password"].label = "密码"
        self.fields["password"].error_messages["required"] = "请填写密码。"
        self.helper = form_helper("登录")

    def clean_username(self) -> str:
        return self.cleaned_data["username"].strip().lower()

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        if login.slip_has_expired(user):
            raise ValidationError("这张一次性密码条已经过期，请管理员重新发一张。", code="slip_expired")


class NewPasswordForm(SetPasswordForm):
    """A first password in place of a one-time slip. The slip itself was typed a moment ago, at the login."""

    error_messages = {"password_mismatch": MISMATCH}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password1"].help_text = PASSWORD_HELP
        self.fields["new_password2"].label = "再输一遍新密码"
        self.fields["new_password2"].help_text = ""
        for name in ("new_password1", "new_password2"):
            self.fields[name].error_messages["required"] = "请填写新密码。"
        self.helper = form_helper("保存新密码")

    def clean_new_password1(self) -> str:
        new = self.cleaned_data["new_password1"]
        if self.user.check_password(new):
            raise ValidationError("新密码不能和现在的一样。")
        return new


class ChangePasswordForm(NewPasswordForm):
    """A new password, given by whoever knows the present one."""

    old_password = forms.CharField(
        label="现在的密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("old_password", "new_password1", "new_password2")

    def clean_old_password(self) -> str:
        old = self.cleaned_data["old_password"]
        if not self.user.check_password(old):
            raise ValidationError("现在的密码不对，请重新输入。")
        return old
