"""关注群体: the tags of one pupil, and the page of each group."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods

from kongchuo.forms import form_helper
from schools.access import SCHOOL_STAFF, UserRequest, access
from students import groups
from students.card_forms import EndForm, ReasonForm, TagForm
from students.models import Student, Tag
from students.views.shared import done, pupil_of, sent, shown, to_card


def _tag(request: UserRequest, student: Student, tag: int) -> Tag:
    return get_object_or_404(Tag.objects.visible_to(request.user).select_related("student"), pk=tag, student=student)


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
def tag_new(request: UserRequest, pk: int) -> HttpResponse:
    student = pupil_of(request, pk)
    form = TagForm(**sent(request), kinds=groups.kinds_for(request.user))

    def deed() -> None:
        tag = groups.open_tag(actor=request.user, student=student, **form.cleaned_data)
        messages.success(request, f"已标「{tag}」。")

    if done(request, form, deed):
        return to_card(student, "groups")
    note = "群体只给班主任和教务、校长看，表册默认不印。单亲留守和双亲留守只能标一种。"
    return shown(
        request, "students/facts.html", student=student, form=form, title="标关注群体", note=note,
        helper=form_helper("标上", back=f"/students/{pk}/#groups"),
    )  # fmt: skip


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
def tag_end(request: UserRequest, pk: int, tag: int) -> HttpResponse:
    student = pupil_of(request, pk)
    held = _tag(request, student, tag)
    form = EndForm(**sent(request))

    def deed() -> None:
        groups.end_tag(actor=request.user, tag=held, ends_on=form.cleaned_data["ends_on"])
        messages.success(request, f"「{held}」已结束。")

    if done(request, form, deed):
        return to_card(student, "groups")
    return shown(
        request, "students/facts.html", student=student, form=form, title=f"结束「{held}」",
        note="情况变了才结束；以前的名册仍然算他。标错了的请点「标错了」。",
        helper=form_helper("结束", back=f"/students/{pk}/#groups"),
    )  # fmt: skip


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "POST"])
def tag_withdraw(request: UserRequest, pk: int, tag: int) -> HttpResponse:
    student = pupil_of(request, pk)
    held = _tag(request, student, tag)
    form = ReasonForm(**sent(request))

    def deed() -> None:
        groups.withdraw_tag(actor=request.user, tag=held, reason=form.cleaned_data["reason"])
        messages.success(request, "已撤销，原因记在留痕里。")

    if done(request, form, deed):
        return to_card(student, "groups")
    return shown(
        request, "students/facts.html", student=student, form=form, title=f"撤销「{held}」",
        note="只用于标错了的；情况变了的请点「结束」。", helper=form_helper("撤销", back=f"/students/{pk}/#groups"),
    )  # fmt: skip
