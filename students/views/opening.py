"""开学报到: the school at a glance, one class on a phone, the lists behind the numbers, the letter to the township."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kongchuo import dates
from kongchuo.paging import page_of
from schools.access import OFFICE_ROLES, SCHOOL_STAFF, UserRequest, access, own_school
from schools.codes import OFFICE, Role
from schools.models import Classroom, Duty, Term
from students import opening, opening_letter
from students.models import Enrollment, Registration, Student
from students.opening import Said
from students.opening_forms import ListFilter, RegistrationForm
from students.roll import RollRefusal


@access(*SCHOOL_STAFF)
@require_safe
def overview(request: UserRequest) -> HttpResponse:
    """应报到、已报到、未报到、未登记 of every class that this person sees; a head teacher goes on to the own class."""
    school, today = own_school(request.user, *SCHOOL_STAFF), dates.today()
    mine = [duty.classroom for duty in request.user.duties_today if duty.role == Role.HEAD_TEACHER]
    if len(mine) == 1 and mine[0] and not request.user.has(*OFFICE):
        return redirect("students:opening_class", mine[0].pk)
    term = opening.term_for(school, today)
    context: dict[str, Any] = {"school": school, "term": term, "may_report": request.user.has(*OFFICE)}
    if term:
        context |= _overview(request, term)
    return render(request, "students/opening.html", context)


def _overview(request: UserRequest, term: Term) -> dict[str, Any]:
    today = dates.today()
    counted = opening.tallies(_seats(request, term))
    heads: dict[int, list[str]] = {}
    duties = Duty.objects.visible_to(request.user).in_force(today).filter(role=Role.HEAD_TEACHER)
    for classroom, name in duties.values_list("classroom", "user__name"):
        heads.setdefault(classroom, []).append(name)
    named_on = opening.label_day(term)
    rows = [
        {"classroom": room, "label": room.label_on(named_on), "heads": "、".join(heads.get(room.pk, ())), "n": n}
        for room in Classroom.objects.visible_to(request.user).filter(pk__in=counted).in_order()
        if (n := counted[room.pk])
    ]
    closing = opening.closing_day(term)
    return {
        "rows": rows,
        "total": sum(counted.values(), opening.Tally()),
        "closing": closing,
        "closed": today > closing,
    }


@access(*SCHOOL_STAFF)
@require_safe
def due_list(request: UserRequest) -> HttpResponse:
    """The pupils behind a number: due, come, not come, or nothing said."""
    term = _term_or_404(request)
    classes = Classroom.objects.visible_to(request.user).open_on(opening.label_day(term))
    form = ListFilter(request.GET, classrooms=classes.filter(school=term.school_id))
    seats = _seats(request, term)
    if form.is_valid():
        seats = opening.only(seats, form.cleaned_data["said"])
        if form.cleaned_data["classroom"]:
            seats = seats.filter(classroom=form.cleaned_data["classroom"])
    page = page_of(request, seats.order_by("-classroom__stage", "-classroom__entry_year", "classroom__number", "pk"))
    keys = [seat.pk for seat in page.object_list]
    lines = opening.lines(term, _seats(request, term).filter(pk__in=keys))
    context = {"term": term, "form": form, "page": page, "lines": lines}
    return render(request, "students/opening_list.html", context)


@access(*SCHOOL_STAFF)
@require_safe
def of_class(request: UserRequest, pk: int) -> HttpResponse:
    """One class: a tap for each pupil who has come."""
    classroom = _classroom_or_404(request, pk)
    term = opening.term_for(classroom.school_id, dates.today())
    named = classroom.label_on(opening.label_day(term) if term else dates.today())
    context: dict[str, Any] = {"classroom": classroom, "term": term, "named": named}
    if term:
        seats = _seats(request, term).filter(classroom=classroom)
        said = _filtered(request.GET)
        total = opening.tallies(seats).get(classroom.pk, opening.Tally())
        lines = opening.lines(term, opening.only(seats, said))
        context |= {"lines": lines, "n": total, "said": said, "closing": opening.closing_day(term)}
    return render(request, "students/opening_class.html", context)


def _filtered(sent: QueryDict) -> str:
    said = sent.get("said", "")
    return said if said in Said.values else ""


@access(*SCHOOL_STAFF)
@require_POST
def class_arrived(request: UserRequest, pk: int) -> HttpResponse:
    """「其余都已报到」: whoever stands as 未报到 stays so, and that is said."""
    classroom = _classroom_or_404(request, pk)
    term = opening.term_for(classroom.school_id, dates.today())
    with _refusal_said(request):
        if term is None:
            raise RollRefusal("校历里还没有这个学期，请教务先在「校历」里建学期。")
        done, left = opening.all_arrived(actor=request.user, term=term, classroom=classroom)
        rest = f"原来登记为未报到的{left}人没有改动，来了请逐个点「已报到」。" if left else ""
        messages.success(request, f"登记了{done}人已报到。{rest}")
    return redirect("students:opening_class", pk)


@access(*SCHOOL_STAFF)
@require_POST
def arrived(request: UserRequest, pk: int) -> HttpResponse:
    """The tap: 已报到, today. Leads back to the pupil's row in the list as it was filtered."""
    student = get_object_or_404(Student.objects.visible_to(request.user).select_related("school"), pk=pk)
    term = opening.term_for(student.school_id, dates.today())
    seat = _seats(request, term).filter(student=student).first() if term else None
    if term is None or seat is None:
        messages.info(request, "这名学生本学期不在应报到名单上。")
        return redirect("students:card", pk)
    with _refusal_said(request):
        opening.arrive(actor=request.user, term=term, student=student, seen=request.POST.get(f"seen{pk}"))
    said = _filtered(request.POST)
    query = f"?said={said}" if said else ""
    return redirect(f"{reverse('students:opening_class', args=(seat.classroom_id,))}{query}#s{pk}")


@contextmanager
def _refusal_said(request: UserRequest) -> Iterator[None]:
    try:
        yield
    except RollRefusal as refusal:
        messages.error(request, str(refusal))


@access(*SCHOOL_STAFF)
@require_http_methods(["GET", "HEAD", "POST"])
def of_pupil(request: UserRequest, pk: int) -> HttpResponse:
    """One pupil: come on another day, not come and why, or a word taken back."""
    student = get_object_or_404(Student.objects.visible_to(request.user).select_related("school"), pk=pk)
    term = opening.term_for(student.school_id, dates.today())
    seat = _seats(request, term).filter(student=student).select_related("classroom").first() if term else None
    if term is None or seat is None:
        messages.info(request, "这名学生本学期不在应报到名单上。")
        return redirect("students:card", pk)
    row = Registration.objects.visible_to(request.user).filter(term=term, student=student).first()
    back = reverse("students:opening_class", args=(seat.classroom_id,))
    form = RegistrationForm(request.POST if request.method == "POST" else None, initial=_said(row), back=back)
    if form.is_valid() and _saved(request, form, term, student):
        return redirect(f"{back}#s{pk}")
    hint = opening.hints_of(term, [pk]).get(pk, "")
    named = seat.classroom.label_on(opening.label_day(term))
    context = {"student": student, "named": named, "term": term, "row": row, "form": form, "hint": hint}
    return render(request, "students/registration.html", context | {"said": opening.said_by(row)})


def _said(row: Registration | None) -> dict[str, Any]:
    said = opening.said_by(row)
    if row is None:  # whoever opens this page mostly has a child to note who did not come
        return {"seen": said, "said": Said.ABSENT}
    days = {"arrived_on": row.arrived_on} if row.arrived_on else {}
    return {"seen": said, "said": said, "reason": row.reason, "note": row.note} | days


def _saved(request: UserRequest, form: RegistrationForm, term: Term, student: Student) -> bool:
    data = form.cleaned_data
    who: dict[str, Any] = {"actor": request.user, "term": term, "student": student}
    seen = data["seen"] or Said.SILENT
    try:
        if data["said"] == Said.ARRIVED:
            opening.arrive(**who, on=data["arrived_on"], seen=seen)
        elif data["said"] == Said.ABSENT:
            opening.miss(**who, reason=data["reason"], note=data["note"], seen=seen)
        else:
            opening.take_back(**who, seen=seen)
    except RollRefusal as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


@access(*OFFICE_ROLES)
@require_safe
def letter(request: UserRequest) -> HttpResponse:
    """The letter to the township that goes with 《开学未报到学生名单》."""
    term = _term_or_404(request)
    written = opening_letter.letter(term, _seats(request, term), dates.today())
    return render(request, "students/opening_letter.html", {"letter": written, "term": term})


def _seats(request: UserRequest, term: Term):
    """Those due whom this person sees."""
    return opening.due(term, dates.today()).filter(pk__in=Enrollment.objects.visible_to(request.user).values("pk"))


def _term_or_404(request: UserRequest) -> Term:
    term = opening.term_for(own_school(request.user, *SCHOOL_STAFF), dates.today())
    if term is None:
        raise Http404
    return term


def _classroom_or_404(request: UserRequest, pk: int) -> Classroom:
    """A class whose roll this person may tell: as its head teacher, or in its school's office."""
    user = request.user
    kept = {duty.unit_id for duty in user.duties_today if duty.role in OFFICE}
    own = {duty.classroom_id for duty in user.duties_today if duty.role == Role.HEAD_TEACHER}
    classroom = get_object_or_404(Classroom.objects.visible_to(user).select_related("school"), pk=pk)
    if classroom.school_id not in kept and classroom.pk not in own:
        raise Http404
    return classroom
