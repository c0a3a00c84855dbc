"""Pages of the lists of people and of classes: upload → preview → confirm.

Between preview and confirmation the file's bytes travel with the page, sealed for this person and this list.
"""

import base64
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kongchuo.forms import form_helper
from kongchuo.sealed import seal, unseal
from schools.access import UserRequest, access, own_school
from schools.classrooms import KEEPERS_OF_CLASSES, ClassroomRefusal
from schools.people import MANAGERS, SLIP_HOURS, PeopleRefusal
from students.import_forms import RosterFileField
from students.office import classes, staff
from students.roster.cells import UnreadableRoster
from students.roster.columns import Words
from students.roster.tables import Table, read_tables

STAFF = {"title": "导入人员名单", "who": "姓名", "confirm": "students:staff_import_confirm", "back": "schools:people",
         "columns": "姓名、登录名（可不填）、电话、岗位、任教班级"}  # fmt: skip
CLASSES = {"title": "导入班级名单", "who": "班级", "confirm": "students:class_import_confirm",
           "back": "schools:classrooms", "columns": "年级、班级、班主任"}  # fmt: skip


class ListForm(forms.Form):
    file = RosterFileField(label="名单文件")


@access(*MANAGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def staff_list(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *MANAGERS)
    return _upload(request, STAFF, staff.WORDS, lambda table: staff.plan(school, table))


@access(*MANAGERS)
@require_POST
@never_cache
def staff_confirm(request: UserRequest) -> HttpResponse:
    """Carries the list out; the page shows the one-time slips of the new people, this once."""
    school = own_school(request.user, *MANAGERS)
    try:
        lines = staff.plan(school, _table_again(request, STAFF, staff.WORDS))
        slips = staff.carry_out(actor=request.user, school=school, lines=lines)
    except (PeopleRefusal, UnreadableRoster) as refusal:
        messages.error(request, f"{refusal}什么也没有导入，请重新上传。")
        return redirect("students:staff_import")
    context = {"slips": slips, "lines": lines, "school": school, "address": request.build_absolute_uri("/"),
               "hours": SLIP_HOURS}  # fmt: skip
    return render(request, "students/office_slips.html", context)


@access(*KEEPERS_OF_CLASSES)
@require_http_methods(["GET", "HEAD", "POST"])
def class_list(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *KEEPERS_OF_CLASSES)
    return _upload(request, CLASSES, classes.WORDS, lambda table: classes.plan(school, table, request.user))


@access(*KEEPERS_OF_CLASSES)
@require_POST
def class_confirm(request: UserRequest) -> HttpResponse:
    school = own_school(request.user, *KEEPERS_OF_CLASSES)
    try:
        lines = classes.plan(school, _table_again(request, CLASSES, classes.WORDS), request.user)
        classes.carry_out(actor=request.user, school=school, lines=lines)
    except (ClassroomRefusal, PeopleRefusal, UnreadableRoster) as refusal:
        messages.error(request, f"{refusal}什么也没有导入，请重新上传。")
        return redirect("students:class_import")
    messages.success(request, f"已导入：新开{sum(line.is_new for line in lines if line.changes)}个班。")
    return redirect("schools:classrooms")


def _upload(request: UserRequest, kind: dict[str, str], words: Words, plan: Any) -> HttpResponse:
    form = ListForm(request.POST or None, request.FILES or None)
    form.helper = form_helper("读取并预览")  # type: ignore[attr-defined]
    context: dict[str, Any] = {"form": form, "kind": kind}
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["file"].read()
        try:
            context["lines"] = plan(read_tables(data, words)[0])
            context["token"] = seal(base64.b64encode(data).decode(), _purpose(request, kind))
            context["ready"] = any(line.changes for line in context["lines"])
        except UnreadableRoster as refusal:
            form.add_error("file", str(refusal))
    return render(request, "students/office_list.html", context)


def _table_again(request: UserRequest, kind: dict[str, str], words: Words) -> Table:
    try:
        data = base64.b64decode(unseal(request.POST.get("list", ""), _purpose(request, kind)))
    except ValueError as error:
        raise UnreadableRoster("这份名单的预览已经失效。") from error
    return read_tables(data, words)[0]


def _purpose(request: UserRequest, kind: dict[str, str]) -> str:
    return f"{kind['confirm']}:{request.user.pk}"
