"""The pupil's card: what is known of one child, what is shown only when asked for, and its sections to be changed."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kongchuo import dates
from kongchuo.forms import form_helper
from schools.access import OFFICE_ROLES, SCHOOL_STAFF, UserRequest, access
from schools.codes import Verb
from schools.models import AuditEntry
from students import doubts, editing, items, services
from students.card_forms import DoubtForm, PhoneStateForm, SectionForm
from students.cards import panels_of
from students.forms import RevealForm
from students.models import Enrollment, Student, Tag
from students.rights import keeps
from students.views.shared import done, pupil_of, sent, shown, to_card


@access(*SCHOOL_STAFF)
@require_safe
def card(request: UserRequest, pk: int) -> HttpResponse:
    student = _pupil(request, pk)
    services.record_card_opened(actor=request.user, student=student)
    return _card(request, student)


def _pupil(request: UserRequest, pk: int) -> Student:
    """A pupil with all that the card shows."""
    history = Enrollment.objects.visible_to(request.user).standing().select_related("classroom")
    whole = Student.objects.visible_to(request.user).select_related("school", "details")
    return get_object_or_404(
        whole.prefetch_related(
            "guardians",
            Prefetch("enrollments", history.order_by("-starts_on", "-pk"), to_attr="history"),  # type: ignore[no-redef]
        ),
        pk=pk,
    )


def _file(student: Student, tags: Sequence[Tag]) -> items.File:
    today = dates.today()
    return items.File(
        student=student,
        details=items.details_of(student),
        members=list(student.guardians.all()),
        tags=[tag for tag in tags if tag.ends_on is None or tag.ends_on >= today],
        place=_place(student),
        on=today,
    )


def _place(student: Student) -> Enrollment | None:
    """The stretch of today that this person sees, else the next to come; none of who has left."""
    today = dates.today()
    lasting = [row for row in student.history if row.ends_on is None or row.ends_on >= today]
    return min(lasting, key=lambda row: row.starts_on, default=None)


def _card(request: UserRequest, student: Student, **shown_once: object) -> HttpResponse:
    tags = list(Tag.objects.visible_to(request.user).filter(student=student).order_by("starts_on", "pk"))
    file = _file(student, tags)
    basic, *groups = items.groups_of(file)
    context = {
        "student": student,
        "now": file.place,
        "tags": tags,
        "basic": basic[1],
        "groups": [(name, told, _SECTION_OF.get(name), sum(one.is_missing for one in told)) for name, told in groups],
        "members": [(member, items.told(file, items.member_items(at))) for at, member in enumerate(file.members)],
        "doubts": doubts.open_doubts([student], file.on),
        "roll_note": doubts.roll_number_note(student),
        "why": _why_visible(request, student),
        "may_edit": keeps(request.user, student),
        "is_office": request.user.has(*OFFICE_ROLES, school=student.school_id),
        "phone_states": PhoneStateForm.base_fields["state"].choices,  # type: ignore[attr-defined]
        "phone_ground": services.phone_ground(student),
        "panels": panels_of(student, request.user),
        "looked": AuditEntry.objects.visible_to(request.user)
        .filter(object_type="students.student", object_id=student.pk, verb__in=(Verb.CARD, Verb.REVEAL, Verb.PHONE))
        .order_by("-seq")[:20],
        **shown_once,
    }
    return render(request, "students/card.html", context)


_SECTION_OF = {
    items.AUXILIARY: "personal",
    items.ROLL: "roll",
    items.CONTACT: "contact",
    items.EXTENDED: "extended",
    items.TRAFFIC: "extended",
}
"""Under which section a group of the card is changed."""


def _why_visible(request: UserRequest, student: Student) -> str:
    """「因为您是七(3)班班主任（2026年2月20日起）」"""
    row = _place(student)
    for duty in request.user.duties_today:
        if (row and duty.classroom_id == row.classroom_id) or (
            duty.classroom_id is None and duty.unit_id == student.school_id
        ):
            return f"您能看到这张卡，因为您是{duty}（{dates.chinese(duty.starts_on)}起）。"
    return ""


@access(*SCHOOL_STAFF)
@require_POST
def phones(request: UserRequest, pk: int) -> HttpResponse:
    student = _pupil(request, pk)
    try:
        guardians = services.reveal_phones(
            actor=request.user, student=student, reason=request.POST.get("reason", "")[:100]
        )
    except services.RollRefusal as refusal:
        messages.error(request, str(refusal))
        return redirect("students:card", pk)
    return _card(request, student, phones=guardians)


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password")
def reveal(request: UserRequest, pk: int) -> HttpResponse:
    student = _pupil(request, pk)
    form = RevealForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        number = services.reveal_id_number(actor=request.user, student=student, reason=form.cleaned_data["reason"])
        return _card(request, student, number=number)
    return render(request, "students/reveal.html", {"student": student, "form": form})


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("id_no", "roll_no", "phone")
def edit(request: UserRequest, pk: int, section: str) -> HttpResponse:
    """One section of the card. Who saved meanwhile does not lose: both values are shown, nothing typed is lost."""
    student = pupil_of(request, pk)
    if (part := editing.SECTIONS.get(section)) is None:
        raise Http404
    form = SectionForm(**sent(request), student=student, section=part)
    stands: list[tuple[str, str]] = []

    def deed() -> None:
        said = form.cleaned_data
        try:
            changed = editing.edit(
                actor=request.user, student=student, section=part, seen=said["seen"],
                values=form.facts(part.names), basis=said.get("basis", ""),
            )  # fmt: skip
        except editing.ChangedMeanwhile:
            _show_both(form, stands, pupil_of(request, pk), part)
            raise
        messages.success(request, f"{part.title}已保存。" if changed else "没有改动，什么也没有存。")

    if done(request, form, deed):
        return to_card(student)
    helper = form_helper("保存", back=f"/students/{pk}/")
    return shown(request, "students/facts.html", student=student, form=form, helper=helper, title=part.title,
                 stands=stands)  # fmt: skip


def _show_both(form: SectionForm, stands: list[Any], now: Student, part: editing.Section) -> None:
    """What stands now beside what was typed; sent once more, the form has seen it."""
    stands += form.differences(part.names, lambda name: editing.value_of(now, name))
    form.again(editing.fingerprint_of(now, part))


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
def doubt_settle(request: UserRequest, pk: int, kind: str) -> HttpResponse:
    """核对过了: a doubtful fact stands as it is, and why."""
    student = pupil_of(request, pk)
    doubt = next((doubt for doubt in doubts.doubts_of(student, dates.today()) if doubt.kind == kind), None)
    if doubt is None:
        messages.info(request, "这一项现在没有疑点。")
        return to_card(student)
    form = DoubtForm(**sent(request), initial={"seen": doubt.digest})

    def deed() -> None:
        doubts.settle(actor=request.user, student=student, kind=kind, **form.cleaned_data)
        messages.success(request, "已记下核对结果；以后这几项改动了会再提醒。")

    if done(request, form, deed):
        return to_card(student)
    return shown(
        request, "students/facts.html", student=student, form=form, title="核对疑点", note=f"{doubt.text}。",
        helper=form_helper("已核对，没有错", back=f"/students/{pk}/"),
    )  # fmt: skip
