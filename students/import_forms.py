"""The form that takes a roster."""

import datetime
from typing import Any

from django import forms

from kongchuo import dates
from kongchuo.forms import DateInput
from schools.codes import OFFICE
from schools.models import Unit, User
from schools.scoping import scope_of
from students.imports import usual_start
from students.roster import classlabels, container
from students.roster.columns import Column
from students.roster.words import GROUPS, ROSTER

# A start further away than this is a slip of the pen.
_FURTHEST = datetime.timedelta(days=120)


class RosterFileField(forms.FileField):
    """A workbook or text file with a list, at most as large as the reader takes."""

    default_error_messages = {"required": "请选择花名册文件。", "empty": "文件是空的。"}

    def __init__(self, *, label: str, help_text: str = "xlsx、xls或csv，不超过5兆。"):
        accept = forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"})
        super().__init__(label=label, help_text=help_text, widget=accept)

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        if file and (file.size or 0) > container.MAX_FILE:
            raise forms.ValidationError("文件超过5兆。请只留名单那张工作表，删去图片后再导入。")
        return file


class UploadForm(forms.Form):
    """A roster and how to read it. The school is only asked for where one has the office of several."""

    school = forms.ModelChoiceField(label="学校", queryset=Unit.objects.none())
    file = RosterFileField(
        label="花名册文件",
        help_text="xlsx、xls或csv，不超过5兆。表头在哪一行、列怎么排都可以，只要有「姓名」列。",
    )
    default_class = forms.CharField(
        label="名册没有班级列时，归到哪个班",
        required=False,
        max_length=20,
        help_text="例如三(2)班；表格标题里写着班级的可以不填。",
    )
    all_sheets = forms.BooleanField(
        label="读全部工作表", required=False, help_text="一个班一张工作表时勾上；不勾只读第一张有名单的。"
    )
    on = forms.DateField(
        label="新学生从哪天起在册",
        widget=DateInput,
        help_text="班级也按这一天所在的学年认。",
        error_messages={"required": "请填新学生从哪天起在册。", "invalid": "请写成2026-09-01这样的日期。"},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        schools = Unit.objects.visible_to(user).filter(pk__in=scope_of(user, OFFICE).schools)
        self.only_school = schools.first() if len(schools[:2]) == 1 else None
        if self.only_school:
            del self.fields["school"]
        else:
            self.fields["school"].queryset = schools  # type: ignore[attr-defined]
        self.fields["on"].initial = usual_start(dates.today())

    def clean_default_class(self) -> classlabels.ClassLabel | None:
        text: str = self.cleaned_data["default_class"].strip()
        try:
            return classlabels.parse(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(f"{error}。") from error

    def clean_on(self) -> datetime.date:
        on: datetime.date = self.cleaned_data["on"]
        if abs(on - dates.today()) > _FURTHEST:
            raise forms.ValidationError("离今天太远了，请核对日期。")
        return on

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.only_school:
            cleaned["school"] = self.only_school
        return cleaned


NOT_READ = "不导入"
_MEANINGS: list[tuple[str, Any]] = [
    ("", NOT_READ),
    *((group, [(name, ROSTER.label(name)) for name in names]) for group, names in GROUPS.items()),
]


class ColumnsForm(forms.Form):
    """What each column of a roster means: one of our fields, or 「不导入」."""

    def __init__(self, *args: Any, headings: list[Column], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.headings = {f"column{number}": column for number, column in enumerate(headings)}
        for name, column in self.headings.items():
            self.fields[name] = forms.ChoiceField(
                label=f"{column.letter}列「{column.header}」",
                choices=_MEANINGS,
                required=False,
                initial=column.field,
                help_text="按上次的对应" if column.told else "",
            )

    @property
    def meanings(self) -> dict[str, str]:
        """Key of the heading → field, or empty."""
        return {column.key: self.cleaned_data[name] for name, column in self.headings.items()}
