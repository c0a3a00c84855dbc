"""Forms of the 异动: one form class, its fields chosen by the kind; papers, steps, finishing, voiding, lists."""

from collections.abc import Callable
from typing import Any

from django import forms

from kongchuo import dates, idnumber
from kongchuo.forms import DateInput
from schools.models import Classroom, User
from students.changes import Kind, PaperAsked
from students.codes import Change, ProofGrade, Relation, Sex
from students.procedures import label_of
from students.services import AT_ONCE

Made = Callable[[Kind, str, bool], forms.Field]


def _day(kind: Kind, label: str, required: bool) -> forms.Field:
    return forms.DateField(label=label, required=required, widget=DateInput)


def _text(width: int, help_text: str = "") -> Made:
    return lambda kind, label, required: forms.CharField(
        label=label, required=required, max_length=width, help_text=help_text
    )


def _note(kind: Kind, label: str, required: bool) -> forms.Field:
    return forms.CharField(
        label=label, required=required, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )  # fmt: skip


def _classroom(kind: Kind, label: str, required: bool) -> forms.Field:
    return forms.ModelChoiceField(label=label, required=required, queryset=Classroom.objects.none())


def _seat(kind: Kind, label: str, required: bool) -> forms.Field:
    return forms.IntegerField(label=label, required=required, min_value=1, max_value=200)


def _reason(kind: Kind, label: str, required: bool) -> forms.Field:
    choices = [("", "—"), *((reason.value, reason.label) for reason in kind.reasons)]
    return forms.ChoiceField(label=label, required=required, choices=choices)


FIELDS: dict[str, Made] = {
    "on": _day,
    "until": _day,
    "applied_on": _day,
    "classroom": _classroom,
    "seat_no": _seat,
    "reason": _reason,
    "other_school": _text(80, "写全称，例如「云岭县白水乡中学」"),
    "other_school_code": _text(10, "10位学校标识码，不知道可以不填"),
    "other_place": _text(80),
    "document_no": _text(60),
    "note": _note,
}
"""How each column of RollChange is asked for."""
_EMPTY = {"reason": "", "note": "", "other_school": "", "other_school_code": "", "other_place": "", "document_no": ""}


class ChangeForm(forms.Form):
    """What the page of one kind asks. `said` are the columns; `paper` the paper without which it is void."""

    def __init__(self, *args: Any, kind: Kind, user: User, correcting: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.kind = kind
        for name in kind.asks:
            self.fields[name] = FIELDS[name](kind, label_of(kind, name), name == "on" or name in kind.must)
        if "classroom" in self.fields:
            rooms = Classroom.objects.visible_to(user).open_on(dates.today())
            self.fields["classroom"].queryset = rooms  # type: ignore[attr-defined]
            self.fields["classroom"].empty_label = "—"  # type: ignore[attr-defined]
        if kind.willing:
            self.fields["willing"] = forms.BooleanField(
                label="监护人已在申请上签字：自愿申请，与学习成绩无关",
                error_messages={"required": "没有监护人签字的自愿申请，不能办理。请先请监护人写申请。"},
            )
        self.at_once = None if correcting else next((paper for paper in kind.papers if paper.at_once), None)
        if self.at_once:
            self.fields |= _paper_fields(self.at_once, number=False)

    @property
    def said(self) -> dict[str, Any]:
        """The columns of RollChange. Call after is_valid()."""
        return {name: self.cleaned_data[name] for name in self.kind.asks}

    @property
    def paper(self) -> dict[str, Any] | None:
        """Arguments of `papers.keep` for the paper that comes with the change."""
        if not self.at_once:
            return None
        given = {name: self.cleaned_data[name] for name in ("upload", "seen_by", "seen_on")}
        return given | {"number": self.cleaned_data.get("document_no", "")}


class NewcomerForm(ChangeForm):
    """转入 or 借读 of a child whom the school does not know: who the child is comes first."""

    CHILD = ("name", "sex", "birth_date", "id_no", "roll_no", "hukou_address", "address")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields = _child_fields() | self.fields

    def clean_id_no(self) -> str:
        return self._number("id_no", idnumber.problem)

    def clean_roll_no(self) -> str:
        return self._number("roll_no", idnumber.roll_problem)

    def _number(self, name: str, problem_of: Callable[[str], str | None]) -> str:
        number: str = self.cleaned_data[name].strip().upper()
        if number and (problem := problem_of(number)):
            raise forms.ValidationError(problem)
        return number

    @property
    def child(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.CHILD}

    @property
    def guardian(self) -> dict[str, Any]:
        return {name: self.cleaned_data[f"guardian_{name}"] for name in ("name", "relation", "phone")}


def _child_fields() -> dict[str, forms.Field]:
    return {
        "name": forms.CharField(label="姓名", max_length=60),
        "sex": forms.ChoiceField(label="性别", choices=[("", "—"), *Sex.choices]),
        "birth_date": forms.DateField(label="出生日期", required=False, widget=DateInput),
        "id_no": forms.CharField(
            label="身份证号", required=False, max_length=18, help_text="暂时没有的先空着，孩子照常入学"
        ),
        "roll_no": forms.CharField(label="学籍号", required=False, max_length=24),
        "hukou_address": forms.CharField(label="户籍所在地", required=False, max_length=120),
        "address": forms.CharField(label="现住址", required=False, max_length=120),
        "guardian_name": forms.CharField(label="监护人", max_length=60),
        "guardian_relation": forms.ChoiceField(
            label="与学生关系", required=False, choices=[("", "—"), *Relation.choices]
        ),
        "guardian_phone": forms.CharField(label="监护人电话", required=False, max_length=20, help_text="没有填「无」"),
    }  # fmt: skip


def _paper_fields(asked: PaperAsked | None, *, number: bool = True) -> dict[str, forms.Field]:
    title = asked.title if asked else "材料"
    fields: dict[str, forms.Field] = {
        "upload": forms.FileField(label=f"{title}：照片或扫描件", required=False, help_text="JPG、PNG、WebP 或 PDF"),
        "seen_by": forms.CharField(label="没有扫描件的：谁核验过原件", required=False, max_length=30),
        "seen_on": forms.DateField(label="哪一天核验的", required=False, widget=DateInput),
    }
    if number:
        fields["number"] = forms.CharField(label="文号", required=False, max_length=60)
        fields["dated_on"] = forms.DateField(label="材料日期", required=False, widget=DateInput)
    return fields


class PaperForm(forms.Form):
    """One paper of the checklist: its scan, or who saw the original and when; the grade where grades count."""

    def __init__(self, *args: Any, asked: PaperAsked, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if asked.graded:
            self.fields["grade"] = forms.ChoiceField(
                label="佐证等级", choices=ProofGrade.choices, widget=forms.RadioSelect,
                help_text="电话核实的要由校长办结；有了回执或截图再补上。",
                error_messages={"required": "请选择是哪一种佐证。"},
            )  # fmt: skip
        self.fields |= _paper_fields(asked)


class StepForm(forms.Form):
    """One party is done."""

    on = forms.DateField(label="办理日期", widget=DateInput)
    note = forms.CharField(label="办理情况", required=False, max_length=120, help_text="例如「系统已提交」「已同意」")


class SettleForm(forms.Form):
    on = forms.DateField(label="办结日期", widget=DateInput)


class VoidForm(forms.Form):
    reason = forms.CharField(label="作废原因", max_length=120, help_text="例如「家长不转了」「登记错了人」")


STATES = (("open", "办理中"), ("lacking", "缺件"), ("late", "环节超期"), ("settled", "已办结"), ("voided", "已作废"))


class ChangeFilter(forms.Form):
    """Conditions of the 异动登记册."""

    kind = forms.ChoiceField(label="类别", required=False)
    month = forms.DateField(
        label="月份", required=False, input_formats=("%Y-%m",), help_text="如 2026-03",
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        error_messages={"invalid": "月份写成 2026-03 这样。"},
    )  # fmt: skip
    classroom = forms.ModelChoiceField(label="班级", queryset=Classroom.objects.none(), required=False)
    state = forms.ChoiceField(label="办理情况", required=False, choices=[("", "全部"), *STATES])

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kinds = [("", "全部"), *((value, Change(value).label) for value in Change.values if value not in AT_ONCE)]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        rooms = Classroom.objects.visible_to(user).in_order()
        self.fields["classroom"].queryset = rooms  # type: ignore[attr-defined]
        self.fields["classroom"].empty_label = "全部班级"  # type: ignore[attr-defined]
