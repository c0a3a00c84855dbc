"""Pages of the 异动: recording one, looking at it, its papers and steps, finishing, correcting, voiding."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kongchuo import dates
from kongchuo.forms import form_helper
from schools.access import OFFICE_ROLES, UserRequest, access, own_school
from students import papers, procedures, roll
from students.change_forms import ChangeForm, NewcomerForm, PaperForm, SettleForm, StepForm, VoidForm
from students.changepage import ChangePage
from students.changes import KINDS, WILLING, Kind, name_of, offered, prefills, standing_of
from students.models import ChangeStep, RollChange, Student
from students.roll import RollRefusal


def sent(request: UserRequest) -> dict[str, Any]:
    """Data and files for a form: an empty POST is one all the same."""
    return {"data": request.POST, "files": request.FILES} if request.method == "POST" else {"data": None}


def filed(request: UserRequest, form: forms.Form, deed: Callable[[], Any]) -> bool:
    """Do what a valid form asks for. False when it is to be shown (again): not sent, not valid, or refused in words."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        deed()
    except RollRefusal as refusal:
        form.add_error(None, str(refusal))
    except ValidationError as refusal:
        form.add_error(None, refusal.messages)
    return not form.errors


def change_of(request: UserRequest, pk: int) -> RollChange:
    rows = RollChange.objects.visible_to(request.user).select_related("student__school", "classroom", "recorded_by")
    return get_object_or_404(rows, pk=pk)


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


# --- Recording ------------------------------


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "POST"])
def change_new(request: UserRequest, pk: int, kind: str) -> HttpResponse:
    """The page of one kind for one pupil."""
    chosen = _kind(kind)
    student = get_object_or_404(Student.objects.visible_to(request.user).select_related("school"), pk=pk)
    standing, led_by = standing_of(student)
    if chosen not in offered(standing, led_by):
        messages.warning(request, f"{student.name}现在的学籍状态不能办「{chosen.label}」，可以办的列在下面。")
        return redirect(reverse("students:card", args=(pk,)) + "#changes")
    form = ChangeForm(**sent(request), kind=chosen, user=request.user, initial=_initial(request, student, chosen))
    made: list[RollChange] = []

    def deed() -> None:
        said, paper = form.said, form.paper
        made.append(procedures.record(actor=request.user, student=student, kind=chosen, said=said, paper=paper))

    if filed(request, form, deed):
        messages.success(request, f"已登记：{student.name} {made[0]}。")
        return redirect("students:change", made[0].pk)
    context = {"student": student, "seat": student.present_enrollment, "title": name_of(chosen, standing)}
    return _form_page(request, form, chosen, back=reverse("students:card", args=(pk,)), **context)


def _initial(request: UserRequest, student: Student, kind: Kind) -> dict[str, Any]:
    """What the form begins with: today, the family's address, and what other parts of the school know."""
    initial: dict[str, Any] = {"on": dates.today()}
    for know in prefills:
        initial |= know(student, request.user, kind)
    return initial


def _form_page(request: UserRequest, form: ChangeForm, kind: Kind, *, back: str, **context: Any) -> HttpResponse:
    helper = form_helper(f"登记{context['title']}", back=back)
    context |= {"form": form, "helper": helper, "kind": kind, "willing": WILLING}
    return render(request, "students/change_new.html", context, status=422 if form.errors else 200)


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("id_no", "roll_no", "guardian_phone")
def newcomer(request: UserRequest, kind: str) -> HttpResponse:
    """转入 or 借读 of a child whom the school does not know yet."""
    chosen = _kind(kind)
    if not chosen.newcomer:
        raise Http404
    school = own_school(request.user, *OFFICE_ROLES)
    form = NewcomerForm(**sent(request), kind=chosen, user=request.user, initial={"on": dates.today()})
    made: list[Student] = []

    def deed() -> None:
        child = {"child": form.child, "guardian": form.guardian, "said": form.said}
        made.append(procedures.admit(actor=request.user, school=school, kind=chosen, **child))

    if form.is_bound and form.is_valid() and (known := _known(request, form)):
        url = reverse("students:change_new", args=(known.pk, kind))
        form.add_error(
            None, format_html('本校已有这名学生：{}。请<a href="{}">从原来的学生卡办{}</a>。', known, url, chosen.label)
        )
    elif filed(request, form, deed):
        messages.success(request, f"已登记：{made[0].name}{chosen.label}，从当天起在班上点名。")
        return redirect("students:change", made[0].changes.get().pk)
    return _form_page(request, form, chosen, back=reverse("students:roll_office"), title=f"{chosen.label}(新来的学生)")


def _known(request: UserRequest, form: NewcomerForm) -> Student | None:
    """The pupil of this school who has one of the numbers already."""
    pupils = Student.objects.visible_to(request.user)
    found = pupils.with_id_number(form.cleaned_data["id_no"]) | pupils.with_roll_number(form.cleaned_data["roll_no"])
    return found.first()


# --- One change -----------------------------


@access(*OFFICE_ROLES)
@require_safe
def change(request: UserRequest, pk: int) -> HttpResponse:
    page = ChangePage(change_of(request, pk), request.user)
    today = {"on": dates.today()}
    context = {
        "change": page.change,
        "page": page,
        "step_form": StepForm(initial=today, auto_id="step_%s"),  # its day and the settling day stand on one page
        "step_helper": form_helper("登记办完"),
        "settle_form": SettleForm(initial=today),
        "settle_helper": form_helper("办结"),
        "void_form": VoidForm(),
        "void_helper": form_helper("作废这笔异动"),
    }
    for name, route in (("settle", "change_settle"), ("void", "change_void")):
        context[f"{name}_helper"].form_action = reverse(f"students:{route}", args=(pk,))
    if page.turn:
        context["step_helper"].form_action = reverse("students:step_finish", args=(page.turn.pk,))
    return render(request, "students/change.html", context)


def _done(request: UserRequest, form: forms.Form, deed: Callable[[], Any], said: str, pk: int) -> HttpResponse:
    """A small form of the change's page: done, or refused in words above the page."""
    if filed(request, form, deed):
        messages.success(request, said)
    else:
        messages.error(request, "".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("students:change", pk)


@access(*OFFICE_ROLES)
@require_POST
def change_settle(request: UserRequest, pk: int) -> HttpResponse:
    one, form = change_of(request, pk), SettleForm(request.POST)
    deed = lambda: procedures.settle(actor=request.user, change=one, on=form.cleaned_data["on"])  # noqa: E731
    return _done(request, form, deed, "已办结。", pk)


@access(*OFFICE_ROLES)
@require_POST
def change_void(request: UserRequest, pk: int) -> HttpResponse:
    one, form = change_of(request, pk), VoidForm(request.POST)
    if one.kind not in KINDS:
        messages.error(request, "入学和导入的记录不在这里作废：学生离校请办转出等异动。")
        return redirect("students:change", pk)
    deed = lambda: roll.void(actor=request.user, change=one, reason=form.cleaned_data["reason"])  # noqa: E731
    return _done(request, form, deed, "已作废，学籍回到这笔异动以前的样子。", pk)


@access(*OFFICE_ROLES)
@require_POST
def step_finish(request: UserRequest, pk: int) -> HttpResponse:
    rows = ChangeStep.objects.visible_to(request.user).select_related("change__student")
    step, form = get_object_or_404(rows, pk=pk), StepForm(request.POST)
    deed = lambda: procedures.finish_step(actor=request.user, step=step, **form.cleaned_data)  # noqa: E731
    return _done(request, form, deed, f"{step}：已登记办完。", step.change_id)


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "POST"])
def change_correct(request: UserRequest, pk: int) -> HttpResponse:
    """更正: the form again with what was said; the old change is voided, the new one takes its place."""
    one = change_of(request, pk)
    if one.kind not in KINDS or one.voided_at:
        messages.warning(request, "这笔异动不能更正。" if not one.voided_at else "这笔异动已经作废。")
        return redirect("students:change", pk)
    kind, made = KINDS[one.kind], []
    initial = {name: getattr(one, name) for name in kind.asks} | {"willing": True}
    form = ChangeForm(**sent(request), kind=kind, user=request.user, initial=initial, correcting=True)

    def deed() -> None:
        made.append(procedures.correct(actor=request.user, change=one, said=form.said))

    if filed(request, form, deed):
        messages.success(request, "已更正：原来的一笔作废，材料和环节转到这一笔。")
        return redirect("students:change", made[0].pk)
    context = {"student": one.student, "seat": one.student.present_enrollment, "title": f"更正：{kind.label}"}
    return _form_page(request, form, kind, back=reverse("students:change", args=(pk,)), **context)


# --- Papers ---------------------------------


@access(*OFFICE_ROLES)
@require_http_methods(["GET", "POST"])
def paper_new(request: UserRequest, pk: int, code: str) -> HttpResponse:
    """Hand in one paper of the checklist."""
    one = change_of(request, pk)
    item = next((item for item in procedures.checklist(one) if item.asked.code == code), None)
    if item is None or one.voided_at:
        raise Http404
    form = PaperForm(**sent(request), asked=item.asked)
    title = item.asked.title

    def deed() -> None:
        papers.keep(actor=request.user, to=one, code=code, title=title, **form.cleaned_data)

    if filed(request, form, deed):
        messages.success(request, f"已登记材料：{title}。")
        return redirect("students:change", pk)
    helper = form_helper("登记这份材料", back=reverse("students:change", args=(pk,)))
    context = {"form": form, "helper": helper, "change": one, "item": item, "title": title}
    return render(request, "students/paper_new.html", context, status=422 if form.errors else 200)
