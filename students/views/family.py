"""家庭成员 of one pupil: add, change, who is called first, the result of a call, take away what was a mistake."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kongchuo import dates
from kongchuo.forms import form_helper
from schools.access import SCHOOL_STAFF, UserRequest, access, own_school
from students import completeness, family
from students.card_forms import MemberForm, PhoneStateForm, ReasonForm
from students.forms import OfClass
from students.models import Guardian, Student
from students.rights import ChangedMeanwhile
from students.roll import RollRefusal
from students.views.completeness import classes_of
from students.views.shared import done, pupil_of, sent, shown, to_card


def _member(student: Student, member: int) -> Guardian:
    return get_object_or_404(student.guardians.all(), pk=member)


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("id_no", "phone")
def member_new(request: UserRequest, pk: int) -> HttpResponse:
    return _member_page(request, pupil_of(request, pk), None)


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("id_no", "phone")
def member_edit(request: UserRequest, pk: int, member: int) -> HttpResponse:
    student = pupil_of(request, pk)
    return _member_page(request, student, _member(student, member))


def _member_page(request: UserRequest, student: Student, member: Guardian | None) -> HttpResponse:
    form = MemberForm(**sent(request), member=member)
    stands: list[tuple[str, str]] = []

    def deed() -> None:
        facts = form.facts(family.MEMBER_FACTS)
        try:
            family.save_member(
                actor=request.user, student=student, member=member, seen=form.cleaned_data["seen"], **facts
            )
        except ChangedMeanwhile:
            now = _member(student, member.pk if member else 0)
            stands.extend(form.differences(family.MEMBER_FACTS, lambda name: getattr(now, name)))
            form.again(family.fingerprint_of(now))
            raise
        messages.success(request, "家庭成员已保存。")

    if done(request, form, deed):
        return to_card(student, "family")
    helper = form_helper("保存", back=f"/students/{student.pk}/#family")
    title = "家庭成员" if member else "添加家庭成员"
    return shown(request, "students/facts.html", student=student, form=form, helper=helper, title=title, stands=stands)


@access(*SCHOOL_STAFF)
@require_POST
def member_first(request: UserRequest, pk: int, member: int) -> HttpResponse:
    student = pupil_of(request, pk)
    try:
        family.call_first(actor=request.user, student=student, member=_member(student, member))
    except RollRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已排到最前，有事先打这个电话。")
    return to_card(student, "family")


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
def member_remove(request: UserRequest, pk: int, member: int) -> HttpResponse:
    student = pupil_of(request, pk)
    person = _member(student, member)
    form = ReasonForm(**sent(request))

    def deed() -> None:
        family.remove_member(actor=request.user, student=student, member=person, reason=form.cleaned_data["reason"])
        messages.success(request, "已移除，原因记在留痕里。")

    if done(request, form, deed):
        return to_card(student, "family")
    note = f"把{person.name}从家庭成员里移除，只用于录错了的。家里有了变化（例如去外地务工），请改他的信息，不要移除。"
    return shown(
        request, "students/facts.html", student=student, form=form, title="移除家庭成员", note=note,
        helper=form_helper("移除", back=f"/students/{pk}/#family"),
    )  # fmt: skip


@access(*SCHOOL_STAFF)
@require_POST
def member_phone(request: UserRequest, pk: int, member: int) -> HttpResponse:
    """The result of a call: 打得通, 无人接, 空号或停机, 无电话."""
    student = pupil_of(request, pk)
    form = PhoneStateForm(request.POST)

    def deed() -> None:
        family.note_phone(
            actor=request.user, student=student, member=_member(student, member), state=form.cleaned_data["state"]
        )
        messages.success(request, "已记下这次打电话的结果。")

    if not done(request, form, deed):
        messages.error(request, "；".join(str(text) for errors in form.errors.values() for text in errors))
    return to_card(student, "family")


@access(*SCHOOL_STAFF)
@require_safe
def to_visit(request: UserRequest) -> HttpResponse:
    """上门家访: whose family can't be called and whom nobody has visited this term."""
    form = OfClass(request.GET, classrooms=classes_of(request))
    chosen = form.cleaned_data["classroom"] if form.is_valid() else None
    school = own_school(request.user, *SCHOOL_STAFF)
    found = family.places_to_visit(
        request.user, [chosen] if chosen else classes_of(request), dates.today(),
        completeness.checks_count_from(school.pk, dates.today()),
    )  # fmt: skip
    return render(request, "students/to_visit.html", {"form": form, "found": found})
