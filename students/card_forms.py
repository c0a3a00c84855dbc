"""Forms of the pupil's card: its sections, the family, the groups. Each carries what it showed (`seen`)."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.db import models

from kongchuo import dates, idnumber
from kongchuo.forms import DateInput
from students import editing, family
from students.codes import DisabilityGrade, DisabilityKind, IdType, PhoneState, TagKind
from students.editing import GUARDED, Section
from students.models import Guardian, Student
from students.roster import fields as roster


class Reader(forms.CharField):
    """A text box read like a cell of a roster, so that a number typed here and one imported are stored alike."""

    def __init__(self, read: Callable[[str, roster.Warn], str], **kwargs: Any):
        super().__init__(**kwargs)
        self.read = read
        self.widget.attrs.setdefault("autocomplete", "off")

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if text.strip() == editing.NOTHING:
            return editing.NOTHING
        try:
            return self.read(text, lambda warning: None)
        except roster.Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from None


_YES_NO = (("", "—"), ("1", "是"), ("0", "否"))


def _box(name: str, column: models.Field) -> forms.Field:
    """The box of one fact, as its column is."""
    label = str(column.verbose_name)
    if name == "phone":
        return Reader(roster.phone, label=label, max_length=40, required=False)
    if name == "roll_no":
        return Reader(roster.roll_number, label=label, max_length=40, required=False)
    if name == "id_no":
        return Reader(_any_number, label=label, max_length=40, required=False)
    if isinstance(column, models.BooleanField) and column.null:
        return forms.TypedChoiceField(
            label=label, choices=_YES_NO, required=False, coerce=lambda answer: answer == "1", empty_value=None
        )
    if isinstance(column, models.DateField):
        return forms.DateField(label=label, widget=DateInput, required=not column.blank)
    box = column.formfield()
    assert box is not None
    if isinstance(box, forms.ChoiceField):
        box.choices = [("", "—"), *column.flatchoices]
    return box


def _any_number(text: str, warn: roster.Warn) -> str:
    """A number as it is typed; whether it can be one depends on the paper, and is asked when both are known."""
    return roster.code_of(text)


class FactsForm(forms.Form):
    """Facts of one record, a box for each. Guarded numbers are never filled in; an empty box leaves them be."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def _lay_out(self, names: Iterable[str], column_of: Callable[[str], models.Field], value_of: Callable) -> None:
        for name in names:
            box = self.fields[name] = _box(name, column_of(name))
            value = value_of(name)
            if name in GUARDED:
                box.help_text = _as_it_stands(name, value)
            else:
                box.initial = {True: "1", False: "0"}.get(value, value) if _is_tristate(box) else value

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        number = said.get("id_no")
        if number and number != editing.NOTHING:
            try:
                said["id_no"] = roster.id_number(number, lambda warning: None, said.get("id_type") or IdType.RESIDENT)
            except roster.Refusal as refusal:
                text = str(refusal)
                self.add_error("id_no", text if text.startswith("身份证号") else f"身份证号{text}")
        return said

    def facts(self, names: Iterable[str]) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in names}

    def differences(self, names: Iterable[str], stands: Callable[[str], Any]) -> list[tuple[str, str]]:
        """Label and stored value of every box in which something else was typed than what stands now."""
        found = []
        for name in names:
            typed = self.cleaned_data.get(name)
            if (name in GUARDED and not typed) or typed == stands(name):
                continue
            found.append((str(self.fields[name].label), _in_words(self.fields[name], name, stands(name))))
        return found

    def again(self, seen: str) -> None:
        """Let the same typing be sent once more, now in sight of what stands."""
        typed: Any = self.data  # a QueryDict
        data = typed.copy()
        data["seen"] = seen
        self.data = data


def _is_tristate(box: forms.Field) -> bool:
    return isinstance(box, forms.TypedChoiceField) and box.choices == list(_YES_NO)


def _as_it_stands(name: str, value: Any) -> str:
    shown = _masked(name, value)
    return f"现为{shown}。不改就留空；要去掉请填「无」。" if shown else "现在没有。没有就留空。"


def _masked(name: str, value: Any) -> str:
    if name == "phone":
        return idnumber.mask_phone(value) if value[:1].isdigit() else value
    return str(value)


def _in_words(box: forms.Field, name: str, value: Any) -> str:
    if name in GUARDED:
        return _masked(name, value) or "没有"
    if _is_tristate(box):
        value = {True: "1", False: "0", None: ""}[value]
    if isinstance(box, forms.ChoiceField):
        return str(dict(box.choices).get(value, value) or "没有填")  # type: ignore[arg-type]
    return dates.chinese(value) if hasattr(value, "year") else str(value or "没有填")


class SectionForm(FactsForm):
    """One section of a pupil's card."""

    def __init__(self, *args: Any, student: Student, section: Section, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self._lay_out(section.names, editing.field_of, lambda name: editing.value_of(student, name))
        self.fields["seen"].initial = editing.fingerprint_of(student, section)
        if section.by_office:
            self.fields["basis"] = forms.CharField(
                label="依据",
                max_length=80,
                help_text="材料名称和文号，例如「户口簿」「派出所变更证明 云岭公户〔2026〕12号」",
            )

    def clean_entry_month(self) -> str:
        month = roster.entry_month(self.cleaned_data["entry_month"], lambda warning: None)
        if self.cleaned_data["entry_month"] and not month:
            raise forms.ValidationError("请写成2025-09这样的年月。")
        return month

    def clean_postcode(self) -> str:
        code: str = self.cleaned_data["postcode"]
        if code and not (code.isdecimal() and len(code) == 6):
            raise forms.ValidationError("邮政编码是6位数字。")
        return code

    def clean_birth_date(self) -> Any:
        day = self.cleaned_data["birth_date"]
        if day and day > dates.today():
            raise forms.ValidationError("出生日期不能晚于今天。")
        return day

    def clean_distance_km(self) -> Any:
        distance = self.cleaned_data["distance_km"]
        if distance is not None and distance < 0:
            raise forms.ValidationError("距离不能是负数。")
        return distance


class MemberForm(FactsForm):
    """家庭成员或监护人: the twelve items of the national form."""

    def __init__(self, *args: Any, member: Guardian | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        shown = member or Guardian()
        self._lay_out(family.MEMBER_FACTS, lambda name: _COLUMNS[name], lambda name: getattr(shown, name))
        self.fields["seen"].initial = family.fingerprint_of(member)
        self.fields["phone"].required = False
        if not member:
            self.fields["phone"].help_text = "手机11位，座机带区号；这个人没有电话就填「无」。"
            self.fields["id_no"].help_text = "可以不填；学生没有身份证件的，家长证件号一定要填。"


_COLUMNS: dict[str, models.Field] = {field.name: field for field in Guardian._meta.fields}


class PhoneStateForm(forms.Form):
    """What became of a call."""

    state = forms.ChoiceField(
        label="这次打的结果", choices=[choice for choice in PhoneState.choices if choice[0]], widget=forms.RadioSelect
    )


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label="原因", max_length=100, help_text="至少4个字，例如「录错了人」")


class DoubtForm(forms.Form):
    """How a doubtful fact was looked into and found right."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="已核对", max_length=100, help_text="怎样核对的，例如「已对户口簿，户口簿上就是这样」；填错了的请先改信息"
    )


class TagForm(forms.Form):
    """A group that a pupil belongs to, from a day on."""

    kind = forms.ChoiceField(label="类别", error_messages={"required": "请选择类别。"})
    starts_on = forms.DateField(label="从哪一天起", widget=DateInput)
    detail = forms.CharField(
        label="说明", max_length=60, required=False, help_text="例如「母亲在外务工，奶奶照看」；不写病名和证号"
    )
    disability = forms.ChoiceField(
        label="残疾类别", choices=[("", "—"), *DisabilityKind.choices], required=False, help_text="只有残疾要填"
    )
    disability_grade = forms.ChoiceField(
        label="残疾等级", choices=[("", "—"), *DisabilityGrade.choices], required=False, help_text="只有残疾要填"
    )

    def __init__(self, *args: Any, kinds: Iterable[TagKind], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "请选择"), *((kind.value, kind.label) for kind in kinds)]  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = dates.today


class EndForm(forms.Form):
    """The last day on which a tag held."""

    ends_on = forms.DateField(label="到哪一天止", widget=DateInput, help_text="最后一天")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].initial = dates.today
