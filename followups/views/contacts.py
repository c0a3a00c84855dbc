"""联系走访 and its photos; serving what was uploaded."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from followups import attachments
from followups.contacts import record_contact
from followups.forms.contacts import ContactForm, PhotoForm
from followups.models import Attachment, Case, Contact
from followups.rights import keeps
from followups.views.filing import KEEPERS_OF_CASES, filed, sent, shown
from kongchuo.forms import form_helper
from schools.access import UserRequest, access
from students.models import Student


@access(*KEEPERS_OF_CASES)
@require_http_methods(["GET", "POST"])
def contact_new(request: UserRequest, pk: int) -> HttpResponse:
    """记一次联系. It needs no case; after a visit the photos follow."""
    student = _pupil(request, pk)
    case = Case.objects.visible_to(request.user).open().filter(student=student).first()
    form = ContactForm(**sent(request))
    made: list[Contact] = []
    if filed(
        request, form, lambda: made.append(record_contact(actor=request.user, student=student, **form.cleaned_data))
    ):
        messages.success(request, f"已记下：{made[0]}。")
        if made[0].is_visit:
            return redirect(reverse("followups:contact_photos", args=(made[0].pk,)) + f"#saved-{student.pk}")
        return redirect(_home(student, case) + f"#saved-{student.pk}")
    return shown(
        request, "followups/contact_new.html", student=student, case=case, form=form, home=_home(student, case)
    )


@access(*KEEPERS_OF_CASES)
@require_http_methods(["GET", "POST"])
def contact_photos(request: UserRequest, pk: int) -> HttpResponse:
    """Photos of one contact, one by one: the words went first."""
    rows = Contact.objects.visible_to(request.user).select_related("student", "made_by")
    contact = get_object_or_404(rows, pk=pk)
    case = Case.objects.visible_to(request.user).filter(student=contact.student_id).order_by("-opened_on").first()
    form = PhotoForm(**sent(request))
    home = _home(contact.student, case)
    helper = form_helper("上传", back=home)

    def deed() -> None:
        said = form.cleaned_data
        attachments.attach(actor=request.user, to=contact, upload=said["file"], caption=said["caption"])

    if filed(request, form, deed):
        messages.success(request, "照片已存。")
        return redirect("followups:contact_photos", pk)
    files = contact.attachments.order_by("pk")
    return shown(
        request, "followups/contact_photos.html", contact=contact, files=files, form=form, helper=helper, home=home
    )


@access(*KEEPERS_OF_CASES)
@require_safe
def attachment(request: UserRequest, pk: int) -> FileResponse:
    """A photo in the browser, a scan as a download; never as part of our own pages."""
    kept = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
    try:
        file = kept.file.open()
    except FileNotFoundError:
        raise Http404 from None
    photo = kept.media_type == "image/jpeg"
    response = FileResponse(
        file,
        as_attachment=not photo,
        filename=f"{'photo' if photo else 'scan'}-{kept.pk}{'.jpg' if photo else '.pdf'}",
        content_type=kept.media_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _pupil(request: UserRequest, pk: int) -> Student:
    """A pupil of one's own class or school, or of a case for which one is responsible."""
    assigned = Case.objects.visible_to(request.user).open().filter(responsible=request.user.pk, student=pk)
    if case := assigned.select_related("student").first():
        return case.student
    student = get_object_or_404(Student.objects.visible_to(request.user), pk=pk)
    if not keeps(request.user, student):  # a subject teacher's roll call shows the name, no more
        raise Http404
    return student


def _home(student: Student, case: Case | None) -> str:
    if case:
        return reverse("followups:case", args=(case.pk,))
    return reverse("students:card", args=(student.pk,))
