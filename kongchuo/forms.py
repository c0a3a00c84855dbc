"""What every form shares: the crispy helper, and date inputs that a browser understands."""

from collections.abc import Iterable
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms

# In the words of the page, not of a database.
forms.Field.default_error_messages["required"] = "请填写这一项。"


def form_helper(submit: str = "保存", *, back: str = "", method: str = "post", tag: bool = True) -> FormHelper:
    """The helper of a form. The button names what it will do (「登记这次家访」); `back` is where 「返回」 leads.

    `tag=False` leaves out the form element and the button, for a form that is a part of a larger one.
    """
    helper = FormHelper()
    helper.form_method = method
    helper.form_tag = tag
    helper.form_class = "form"
    # Our own sentences, beside the field and in the summary on top, in Chinese whatever language the browser speaks.
    helper.attrs = {"novalidate": ""}
    if tag:
        helper.add_input(Submit("", submit))
    helper.back_url = back
    return helper


def offer(form: forms.BaseForm, field: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Set the choices of a field that depend on the day or on what the person may see."""
    cast(forms.ChoiceField, form.fields[field]).choices = list(choices)


class DateInput(forms.DateInput):
    """A day picker. It wants and gives 2026-09-07, whatever the page's own date format."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """A time picker, 24 hours."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__(attrs, format="%H:%M")


class DateTimeInput(forms.DateTimeInput):
    """A picker for a day and a time on the school's clock."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None):
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")
