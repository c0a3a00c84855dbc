"""表册: the list of books, the page of one, its export, the ledger of exports, the principal's word on one."""

from collections.abc import Sequence
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from kongchuo import pdf
from kongchuo.paging import page_of
from kongchuo.sheets import Form, Sheet
from schools import books, exporting, shelf
from schools.access import DECIDER, SCHOOL_STAFF, UserRequest, access, own_school
from schools.books import Book, Order
from schools.codes import DECIDERS, ExportFormat
from schools.forms.books import AskForm, DecisionForm, OrderForm
from schools.models import Export
from schools.views.shared import form_page

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@access(*SCHOOL_STAFF)
@require_safe
def book_list(request: UserRequest) -> HttpResponse:
    """All books that this person may open; a book about one object is opened from that object's page."""
    groups: dict[str, list[Book]] = {}
    for book in books.open_to(request.user):
        if "about" not in book.asks:
            groups.setdefault(book.group, []).append(book)
    exports = Export.objects.visible_to(request.user)
    decides = request.user.has(*DECIDERS)
    context = {"groups": groups, "asked": exports.asked().select_related("made_by") if decides else []}
    return render(request, "schools/books.html", context)


@access(*SCHOOL_STAFF)
@require_safe
def book(request: UserRequest, key: str) -> HttpResponse:
    """A book on the page, masked; nothing here is more than the lists of pupils show, so it leaves no trace."""
    book = _book(request, key)
    form = _ask(request, book)
    context = {"book": book, "form": form, "query": _query(form)}
    if form.is_valid():
        asked = form.asked()
        parts = books.edition_of(book, asked, book.sheets(asked))
        if not parts:
            raise Http404
        context |= {
            "opened": shelf.opened(parts, request.GET.get("part"), request.GET.get("page")),
            "formats": _formats(book, parts),
            "lacks": pdf.missing(),
        }
    return render(request, "schools/book.html", context)


@access(*SCHOOL_STAFF)
@form_page
def book_export(request: UserRequest, key: str) -> HttpResponse:
    """Order a file of what the address asks."""
    book = _book(request, key)
    ask = _ask(request, book)
    back = f"{reverse('schools:book', args=(key,))}?{_query(ask)}"
    if not ask.is_valid():
        return redirect(back)
    sent = request.POST if request.method == "POST" else None
    form = OrderForm(sent, book=book, lacks=pdf.missing(), back=back)
    asked = ask.asked(full=form.is_valid() and form.full)
    if asked.about and not book.sheets(asked):
        raise Http404
    if form.is_valid():
        try:
            order = Order(book, asked, form.wanted)
            export = exporting.order_export(actor=request.user, order=order, reason=form.cleaned_data.get("reason", ""))
        except exporting.ExportRefusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            exporting.set_off(export)
            return redirect("schools:export", pk=export.pk)
    made = Export.objects.visible_to(request.user).filter(book=key, school=ask.school).select_related("made_by")[:10]
    context = {"book": book, "form": form, "asked": asked, "back": back, "made": made}
    return render(request, "schools/book_export.html", context, status=422 if form.errors else 200)


@access(*SCHOOL_STAFF)
@require_safe
def ledger(request: UserRequest) -> HttpResponse:
    """导出台账: every file that left the house, newest first; a teacher's own."""
    exports = Export.objects.visible_to(request.user).select_related("made_by", "decided_by")
    return render(request, "schools/exports.html", {"page": page_of(request, exports)})


@access(*SCHOOL_STAFF)
@require_safe
def export(request: UserRequest, pk: int) -> HttpResponse:
    """An export: how far it is, what is in it, and its file. The page can be left and come back to."""
    export = _export(request, pk)
    book = books.registry.get(export.book)
    decides = request.user.has(*DECIDERS, school=export.school) and export.made_by_id != request.user.pk
    context = {
        "export": export,
        "book": book if book and request.user.has(*book.roles) else None,
        "title": book.title if book else export.book,
        "unit": book.unit if book else "行",
        "query": _again(export),
        "stuck": exporting.is_stuck(export),
        "mine": exporting.may_fetch(export, request.user),
        "decision": DecisionForm() if decides else None,
    }
    return render(request, "schools/export.html", context)


@access(*SCHOOL_STAFF)
@require_safe
def export_file(request: UserRequest, pk: int) -> HttpResponse:
    export = _export(request, pk)
    if not exporting.may_fetch(export, request.user):
        raise PermissionDenied("全号文件只能由导出的人下载。")
    try:
        content = exporting.fetch(actor=request.user, export=export)
    except exporting.ExportRefusal as refusal:
        messages.error(request, str(refusal))
        return redirect("schools:export", pk=export.pk)
    response = HttpResponse(content, content_type=MEDIA_TYPES[export.file_name.rpartition(".")[2]])
    response["Content-Disposition"] = f"attachment; filename*=utf-8''{quote(export.file_name)}"
    return response


@access(*DECIDER)
@require_POST
def export_decide(request: UserRequest, pk: int) -> HttpResponse:
    """The principal's 批准 or 不批准 of an export that waits for it."""
    export = _export(request, pk)
    approved = request.POST.get("approved") == "yes"
    try:
        exporting.decide(actor=request.user, export=export, approved=approved, text=request.POST.get("text", "")[:120])
    except exporting.ExportRefusal as refusal:
        messages.error(request, str(refusal))
    else:
        exporting.set_off(export)
        messages.success(request, "已批准，文件由导出的人下载。" if approved else "没有批准，已记下原因。")
    return redirect("schools:export", pk=export.pk)


def _book(request: UserRequest, key: str) -> Book:
    """A book that this person may open; 404 for any other as for none."""
    book = books.registry.get(key)
    if book is None or not request.user.has(*book.roles):
        raise Http404
    return book


def _ask(request: UserRequest, book: Book) -> AskForm:
    return AskForm(request.GET, book=book, user=request.user, school=own_school(request.user, *sorted(book.roles)))


def _formats(book: Book, parts: Sequence[Sheet | Form]) -> list[ExportFormat]:
    """The files that there are of it: paper forms have no data edition unless the book makes one."""
    flat = book.data or not any(isinstance(part, Form) for part in parts)
    return [kind for kind in ExportFormat if flat or kind != ExportFormat.DATA]


def _query(form: AskForm) -> str:
    """What was asked, as it stands in an address."""
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in form.data.items() if value})
    return query.urlencode()


def _again(export: Export) -> str:
    """The address of the book as it was asked for this export."""
    query = QueryDict(mutable=True)
    query.update({"on": export.on.isoformat()} | {name: str(value) for name, value in export.filters.items()})
    return query.urlencode()


def _export(request: UserRequest, pk: int) -> Export:
    exports = Export.objects.visible_to(request.user).select_related("made_by", "decided_by", "school")
    return get_object_or_404(exports, pk=pk)
