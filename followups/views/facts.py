"""What is known of a case, and who is responsible for it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from followups import facts
from followups.forms.cases import FactsForm, ResponsibleForm
from followups.models import Case
from followups.refusals import CaseMovedOn, CaseRefusal
from followups.rights import office_of
from followups.views.filing import KEEPERS_OF_CASES, case_of, filed, sent, shown, to_case
from kongchuo.forms import form_helper
from schools.access import OFFICE_ROLES, UserRequest, access


@access(*KEEPERS_OF_CASES)
@require_http_methods(["GET", "POST"])
def case_facts(request: UserRequest, pk: int) -> HttpResponse:
    """Who saved meanwhile does not lose: the form comes back with what was typed and what stands now, side by side."""
    case = case_of(request, pk)
    now = {name: getattr(case, name) for name in facts.FACTS} | {"seen": facts.fingerprint(case)}
    form = FactsForm(**sent(request), initial=now)
    changed_by_others = False
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in facts.FACTS}
        try:
            facts.edit_facts(actor=request.user, case=case, seen=form.cleaned_data["seen"], **said)
        except CaseMovedOn as moved:
            changed_by_others = True
            form = _with_what_stands(form, case)
            form.add_error(None, str(moved))
        except CaseRefusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, "个案信息已保存。")
            return to_case(case)
    helper = form_helper("保存", back=f"/cases/{pk}/")
    return shown(
        request, "followups/facts.html", case=case, form=form, helper=helper, title="个案信息", stands=changed_by_others
    )


def _with_what_stands(form: FactsForm, case: Case) -> FactsForm:
    """The typed values once more, now carrying the fingerprint of what stands."""
    case.refresh_from_db()
    typed: Any = form.data  # a QueryDict
    data = typed.copy()
    data["seen"] = facts.fingerprint(case)
    again = FactsForm(data)
    again.is_valid()
    return again


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "POST"])
def case_responsible(request: UserRequest, pk: int) -> HttpResponse:
    """包保责任人: who of the school answers for this child."""
    case = case_of(request, pk)
    form = ResponsibleForm(
        **sent(request), user=request.user, school_id=case.school_id, initial={"responsible": case.responsible_id}
    )
    helper = form_helper("确定责任人", back=f"/cases/{pk}/")

    def deed() -> None:
        facts.assign_responsible(actor=request.user, case=case, person=form.cleaned_data["responsible"])
        messages.success(request, f"包保责任人：{case.responsible or '未定'}。")

    if office_of(request.user, case.school_id) and filed(request, form, deed):
        return to_case(case)
    return shown(request, "followups/form.html", case=case, form=form, helper=helper, title="包保责任人")
