"""校发文书, 外来文书 and what came of them."""

from typing import Any

from django import forms

from followups import legal
from followups.codes import Addressee, NoticeKind
from kongchuo import dates
from kongchuo.forms import DateInput


class NoticeForm(forms.Form):
    """书面报告、劝学通知书、移送函."""

    kind = forms.ChoiceField(label="文书", choices=NoticeKind, widget=forms.RadioSelect)
    number = forms.CharField(label="文号", max_length=40, required=False, help_text="例如「青校〔2026〕3号」")
    dated_on = forms.DateField(label="成文日期", widget=DateInput)
    signer = forms.CharField(label="签发人", max_length=30, required=False)
    addressees = forms.MultipleChoiceField(
        label="送达单位", choices=Addressee, required=False, widget=forms.CheckboxSelectMultiple
    )
    delivery = forms.CharField(label="送达方式", max_length=60, required=False, help_text="直接送达、邮寄、网上报送等")
    scan = forms.FileField(label="扫描件", required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["dated_on"].initial = dates.today


class ReceiptForm(forms.Form):
    """签收."""

    received_by = forms.CharField(label="签收单位和签收人", max_length=60, required=False)
    received_on = forms.DateField(label="签收日期", widget=DateInput)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = dates.today


class LegalActForm(forms.Form):
    """A paper of the township, the bureau or a court, as it reads."""

    paper = forms.ChoiceField(
        label="文书", choices=[(key, paper.title) for key, paper in legal.PAPERS.items()], widget=forms.RadioSelect
    )
    title = forms.CharField(
        label="文书上的名称", max_length=60, required=False, help_text="与上面的名称不同时填，例如「敦促复学通知书」"
    )
    issuer = forms.CharField(label="发文机关", max_length=60, required=False, help_text="例如「青石乡人民政府」")
    number = forms.CharField(label="文号", max_length=40, required=False)
    served_on = forms.DateField(label="送达日期", widget=DateInput)
    served_how = forms.CharField(
        label="送达回证",
        max_length=120,
        required=False,
        help_text="方式、受送达人、见证人，例如「直接送达，监护人签收」",
    )
    due_on = forms.DateField(
        label="期限截止日", required=False, widget=DateInput, help_text="文书上写明的；没有写明的按法定期限自动计算"
    )
    result = forms.CharField(label="结果", max_length=200, required=False, help_text="还没有结果的以后补")
    scan = forms.FileField(label="扫描件", required=False)


class ResultForm(forms.Form):
    result = forms.CharField(label="结果", max_length=200, required=False)
