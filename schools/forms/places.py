"""Classes and the calendar."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from kongchuo import dates
from kongchuo.forms import DateInput, form_helper, offer
from schools.almanac import grades_in_words
from schools.models import Unit
from schools.models.calendar import TERM_NUMBERS


def _grades(school: Unit) -> list[tuple[int, str]]:
    return [(grade, grades_in_words({grade})) for grade in school.grades]


class ClassesForm(forms.Form):
    """Several classes of one grade at once."""

    grade = forms.TypedChoiceField(label="年级", coerce=int)
    first = forms.IntegerField(label="从几班", min_value=1, max_value=99, initial=1)
    last = forms.IntegerField(
        label="到几班", min_value=1, max_value=99, initial=1, help_text="只加一个班，两格填一样的"
    )
    school_year = forms.TypedChoiceField(label="学年", coerce=int, help_text="那个学年读这个年级")

    def __init__(self, *args: Any, school: Unit, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        year = dates.school_year(dates.today())
        offer(self, "grade", _grades(school))
        offer(self, "school_year", [(y, f"{y}-{y + 1}学年") for y in (year, year + 1)])
        # From July on classes are opened for the new year.
        self.fields["school_year"].initial = year + 1 if dates.today().month in (7, 8) else year
        self.helper = form_helper("加班级", back=back)

    def clean(self) -> None:
        super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", "要不小于前一格。")


class OpenDayForm(forms.Form):
    note = forms.CharField(label="为什么上课", max_length=40, help_text="例如 补10月8日的课")
    grade = forms.TypedChoiceField(label="哪些年级", coerce=int)

    def __init__(self, *args: Any, school: Unit, on: datetime.date, **kwargs: Any):
        super().__init__(*args, **kwargs | {"auto_id": "day_open_%s"})
        offer(self, "grade", [(0, "全校"), *_grades(school)])
        self.helper = form_helper("改为上课")
        self.helper.form_action = reverse("schools:day_open", kwargs={"on": on})


class CloseDayForm(forms.Form):
    reason = forms.CharField(
        label="停课原因", max_length=60, help_text="例如 冰雪停课（县教通〔2026〕3号）、火把节放假"
    )
    grade = forms.TypedChoiceField(label="哪些年级", coerce=int)

    def __init__(self, *args: Any, school: Unit, on: datetime.date, **kwargs: Any):
        super().__init__(*args, **kwargs | {"auto_id": "day_close_%s"})
        offer(self, "grade", [(0, "全校"), *_grades(school)])
        self.helper = form_helper("改为停课")
        self.helper.form_action = reverse("schools:day_close", kwargs={"on": on})


class TermDatesForm(forms.Form):
    starts_on = forms.DateField(label="行课开始", widget=DateInput())
    ends_on = forms.DateField(label="行课结束", widget=DateInput())

    def __init__(self, *args: Any, year: int | None = None, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.year = year
        self.helper = form_helper("保存起止日期", back=back)

    def clean(self) -> None:
        super().clean()
        starts_on, ends_on = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if not starts_on or not ends_on:
            return
        if ends_on <= starts_on:
            raise ValidationError("行课结束要晚于行课开始。")
        year = self.cleaned_data.get("school_year", self.year)
        if year and (starts_on < datetime.date(year, 8, 1) or ends_on > datetime.date(year + 1, 8, 31)):
            raise ValidationError(f"日期不在{year}-{year + 1}学年之内，请核对年份。")


class AddTermForm(TermDatesForm):
    school_year = forms.TypedChoiceField(label="学年", coerce=int)
    number = forms.TypedChoiceField(label="学期", coerce=int, choices=TERM_NUMBERS)
    field_order = ("school_year", "number", "starts_on", "ends_on")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        year = dates.school_year(dates.today())
        offer(self, "school_year", [(y, f"{y}-{y + 1}学年") for y in range(year - 1, year + 3)])
        self.fields["school_year"].initial = year
        self.helper.inputs[0].value = "建立学期"


class HolidayForm(forms.Form):
    first = forms.DateField(label="从哪天", widget=DateInput())
    last = forms.DateField(label="到哪天", widget=DateInput(), required=False, help_text="只有一天就不填")
    name = forms.CharField(label="名称", max_length=20, help_text="例如 春节；调休上班的写 春节调休上班")
    off = forms.TypedChoiceField(
        label="这几天",
        widget=forms.RadioSelect,
        coerce=lambda value: value == "off",
        choices=(("off", "放假"), ("work", "调休上班（周末要上课）")),
        initial="off",
    )

    def __init__(self, *args: Any, year: int, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.year = year
        self.helper = form_helper("补录", back=back)

    def clean(self) -> None:
        super().clean()
        days = [day for day in (self.cleaned_data.get("first"), self.cleaned_data.get("last")) if day]
        if any(day.year != self.year for day in days):
            raise ValidationError(f"这里只录{self.year}年的日期；跨年的假期分两年录。")
        self.cleaned_data["last"] = self.cleaned_data.get("last") or self.cleaned_data.get("first")
