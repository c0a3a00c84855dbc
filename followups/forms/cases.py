"""认定、销号、提请, and what is known of a case."""

from typing import Any

from django import forms

from followups.codes import FindingKind, Outcome, Placement, ProposalKind, Reason, Source, Whereabouts
from followups.outcomes import PROOFS, Closing
from kongchuo import dates
from kongchuo.forms import DateInput
from schools.codes import KEEPERS, OVERSEERS
from schools.models import Classroom, Duty, User


def sentences(width: int, *, label: str, help_text: str = "", required: bool = True, rows: int = 3) -> forms.CharField:
    """A box for sentences."""
    return forms.CharField(
        label=label, max_length=width, required=required, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


class OpeningForm(forms.Form):
    """立案 by hand: a child who never came, did not arrive elsewhere, did not return, or of whom somebody told."""

    source = forms.ChoiceField(
        label="来源", choices=[c for c in Source.choices if c[0] != Source.SPELL], widget=forms.RadioSelect,
        error_messages={"required": "请选择立案来源。"},
    )  # fmt: skip
    note = sentences(200, label="情况", required=False, help_text="例如「开学一周未报到，邻居说已随父母外出务工」")


class FindingForm(forms.Form):
    """认定. What the basis is, and how it was established that there is no 正当理由.

    The form carries which finding it is: a stale page must not turn the second 疑似 into an 辍学.
    """

    kind = forms.ChoiceField(choices=FindingKind, widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    on = forms.DateField(label="认定日期", widget=DateInput)
    basis = sentences(200, label="认定依据", required=False)
    unjustified = sentences(
        300,
        label="无正当理由的依据",
        required=False,
        help_text="怎样查明没有请假、没有转学、没有休学，例如「3月10日家访，监护人确认没有请假、没有转学」",
    )
    early_reason = forms.CharField(label="提前认定的理由", max_length=80, required=False)

    def __init__(self, *args: Any, early_until: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = dates.today
        if not early_until:
            del self.fields["early_reason"]
        else:
            self.fields["early_reason"].help_text = f"按参数要到{early_until}；提前认定会在登记册上注明"


class ClosingForm(forms.Form):
    """销号: the outcome, and what proves it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    outcome = forms.ChoiceField(label="结果", widget=forms.RadioSelect)
    on = forms.DateField(label="销号日期", widget=DateInput)
    returned_on = forms.DateField(label="复学时间", required=False, widget=DateInput, help_text="只有复学要填")
    placement = forms.ChoiceField(
        label="安置方式", required=False, choices=[("", "—"), *Placement.choices], help_text="只有复学要填"
    )
    paper = forms.CharField(
        label="证明材料或理由", max_length=200, required=False, help_text="名称和文号；不予认定的写理由；复学可不填"
    )
    seen_by = forms.CharField(
        label="核验情况", max_length=80, required=False, help_text="没有扫描件的，写谁在哪一天核验过原件"
    )
    scan = forms.FileField(label="扫描件或照片", required=False)

    def __init__(self, *args: Any, outcomes: list[Outcome], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = dates.today
        self.fields["outcome"].choices = [  # type: ignore[attr-defined]
            (outcome.value, f"{outcome.label}：{PROOFS[outcome].paper}") for outcome in outcomes
        ]
        self.fields["outcome"].error_messages["required"] = "请选择结果。"
        if Outcome.RETURNED not in outcomes:
            del self.fields["returned_on"], self.fields["placement"]

    def closing(self) -> Closing:
        """What the decider said. Call after is_valid()."""
        said = self.cleaned_data
        return Closing(
            outcome=Outcome(said["outcome"]), paper=said["paper"], seen_by=said["seen_by"], scanned=bool(said["scan"]),
            returned_on=said.get("returned_on"), placement=said.get("placement", ""),
        )  # fmt: skip


class ProposalForm(forms.Form):
    """提请校长."""

    kind = forms.ChoiceField(label="提请事项", widget=forms.RadioSelect)
    text = sentences(300, label="理由和证据", help_text="例如「3月5日起没来，电话、家访都没见到人」", required=False)

    def __init__(self, *args: Any, kinds: list[ProposalKind], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]  # type: ignore[attr-defined]
        if len(kinds) == 1:
            self.fields["kind"].initial = kinds[0].value


class FactsForm(forms.Form):
    """What is known: 最后到校、离校、原因、去向、帮扶."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    last_attended_on = forms.DateField(label="最后到校日期", required=False, widget=DateInput)
    left_on = forms.DateField(label="离校(辍学)时间", required=False, widget=DateInput)
    reasons = forms.MultipleChoiceField(
        label="辍学原因", choices=Reason, required=False, widget=forms.CheckboxSelectMultiple, help_text="可多选"
    )
    reason_text = sentences(300, label="原因详述", required=False, rows=2)
    whereabouts = forms.ChoiceField(label="现去向", required=False, choices=[("", "还不清楚"), *Whereabouts.choices])
    whereabouts_text = forms.CharField(
        label="去向详情", max_length=200, required=False, help_text="地址、单位、同谁在一起"
    )
    support = sentences(400, label="已采取的帮扶措施", required=False, help_text="资助、学业帮扶、心理疏导、结对等")


class ResponsibleForm(forms.Form):
    responsible = forms.ModelChoiceField(
        label="包保责任人", queryset=User.objects.none(), required=False, empty_label="未定"
    )

    def __init__(self, *args: Any, user: User, school_id: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        serving = User.objects.visible_to(user).filter(duties__in=_duties(user, school_id)).distinct().order_by("name")
        self.fields["responsible"].queryset = serving  # type: ignore[attr-defined]


def _duties(user: User, school_id: int) -> Any:
    in_force = Duty.objects.visible_to(user).in_force(dates.today()).filter(unit=school_id)
    return in_force.exclude(role__in=KEEPERS | OVERSEERS)


class CaseFilter(forms.Form):
    """What the list of cases shows."""

    classroom = forms.ModelChoiceField(
        label="班级", queryset=Classroom.objects.none(), required=False, empty_label="全部"
    )
    q = forms.CharField(label="姓名、拼音首字母或编号", max_length=30, required=False)

    def __init__(self, *args: Any, classrooms: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["classroom"].queryset = classrooms  # type: ignore[attr-defined]
