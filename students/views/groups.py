"""关注群体: the tags of one pupil, and the page of each group."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from kongchuo import dates
from kongchuo.forms import form_helper
from kongchuo.paging import page_of
from schools.access import SCHOOL_STAFF, UserRequest, access
from students import groups
from students.card_forms import EndForm, ReasonForm, TagForm
from students.codes import TAG_GROUPS, TagGroup
from students.forms import GroupFilter
from students.models import Student, Tag
from students.views.completeness import classes_of
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


@access(*SCHOOL_STAFF)
@require_safe
def group_page(request: UserRequest) -> HttpResponse:
    """One group: 数量、比例、构成、分布, and the pupils behind each number."""
    offered = groups.groups_for(request.user)
    asked = request.GET.copy()
    asked.setdefault("group", offered[0].value if offered else "")
    form = GroupFilter(asked, groups=offered, classrooms=classes_of(request))
    if not form.is_valid():
        return render(request, "students/group.html", {"form": form})
    group, today = TagGroup(form.cleaned_data["group"]), dates.today()
    everybody = groups.places_on(request.user, today).filter(classroom__in=classes_of(request))
    if form.cleaned_data["classroom"]:
        everybody = everybody.filter(classroom=form.cleaned_data["classroom"])
    share = {name: request.GET.get(name, "") for name in ("kind", "grade", "village")}
    kinds = [share["kind"]] if share["kind"] in TAG_GROUPS[group] else list(TAG_GROUPS[group])
    rows = groups.in_group(everybody, kinds, today)
    rows = groups.narrowed(rows, grade=share["grade"], village=share["village"])
    context = {
        "form": form,
        "group": group,
        "makeup": groups.makeup(everybody, group, today),
        "narrowed": any(share.values()),
        "page": page_of(request, groups.with_tags(rows, TAG_GROUPS[group], today)),
    }
    return render(request, "students/group.html", context)
