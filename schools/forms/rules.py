"""Rules (参数) and the audit trail."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from kongchuo import dates
from kongchuo.forms import DateInput, form_helper, offer
from schools.codes import Verb
from schools.models import AuditEntry
from schools.policy import DEFINITIONS, PolicyRefusal, written


class FromDayForm(forms.Form):
    """From which day a rule holds."""

    from_day = forms.DateField(label="从哪一天起", widget=DateInput(), help_text="今天或以后")

    def __init__(self, *args: Any, submit: str, back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["from_day"].initial = dates.today()
        self.helper = form_helper(submit, back=back)

    def clean_from_day(self) -> datetime.date:
        from_day: datetime.date = self.cleaned_data["from_day"]
        if from_day < dates.today():
            # What was judged by the old rule was judged rightly on its day.
            raise ValidationError("生效日期不能早于今天；以前的认定按当时的规定。")
        return from_day


class RuleForm(FromDayForm):
    value = forms.CharField(label="改为", max_length=20)
    basis = forms.CharField(label="依据", max_length=100, help_text="文件名称和文号，或「学校控辍制度」")
    field_order = ("value", "basis", "from_day")

    def __init__(self, *args: Any, key: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.key = key
        self.fields["value"].help_text = DEFINITIONS[key].hint

    def clean_value(self) -> str:
        try:
            return written(self.key, self.cleaned_data["value"])
        except PolicyRefusal as unread:
            raise ValidationError(str(unread)) from None


class TrailFilterForm(forms.Form):
    verb = forms.ChoiceField(label="事项", required=False, choices=[("", "全部"), *Verb.choices])
    actor = forms.ChoiceField(label="经办人", required=False)
    on = forms.DateField(label="日期", required=False, widget=DateInput())

    def __init__(self, *args: Any, entries: QuerySet[AuditEntry], **kwargs: Any):
        super().__init__(*args, **kwargs)
        actors = entries.order_by("actor_name").values_list("actor_id", "actor_name").distinct()
        offer(self, "actor", [("", "全部"), *((str(pk or 0), name) for pk, name in actors)])

    def narrow(self, entries: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """The entries that fit what was chosen."""
        chosen = self.cleaned_data if self.is_valid() else {}
        if verb := chosen.get("verb"):
            entries = entries.filter(verb=verb)
        if actor := chosen.get("actor"):
            entries = entries.filter(actor_id=None if actor == "0" else int(actor))
        if on := chosen.get("on"):
            entries = entries.filter(at__range=(dates.at(on, 0), dates.at(on, 23, 59).replace(second=59)))
        return entries
