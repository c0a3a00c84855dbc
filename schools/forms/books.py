"""What somebody asks of a book, and how it is to leave the house."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms

from kongchuo import dates
from kongchuo.forms import DateInput, form_helper, offer
from schools.books import Asked, Book, keeps_to_class
from schools.calendar import ONE_DAY, add_months
from schools.codes import Edition, ExportFormat
from schools.models import Classroom, Term, Unit, User


class AskForm(forms.Form):
    """What a book asks, from the address of its page; what the address leaves out has its usual answer."""

    on = forms.DateField(label="截止日期", widget=DateInput)
    classroom = forms.TypedChoiceField(label="班级", coerce=int, empty_value=None)
    term = forms.TypedChoiceField(label="学期", coerce=int, empty_value=None)
    month = forms.ChoiceField(label="月份")
    choice = forms.ChoiceField(label="范围")
    about = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, given: Any, *, book: Book, user: User, school: Unit):
        self.book, self.user, self.school = book, user, school
        self.day = _day(given.get("on", ""))
        self.rooms: dict[int, Classroom] = {}
        self.terms: dict[int, Term] = {}
        super().__init__()
        for name in list(self.fields):
            if not book.wants(name):
                del self.fields[name]
                continue
            self.fields[name].required = name in book.asks
            self._offer(name)
        self.is_bound = True
        self.data = {name: given.get(name, "") or self._usual(name) for name in self.fields}

    def _offer(self, name: str) -> None:
        if name == "classroom":
            self._offer_classes()
        elif name == "term":
            self.terms = {term.pk: term for term in self._terms()}
            offer(self, name, [(pk, str(term)) for pk, term in self.terms.items()])
        elif name == "month":
            whole = [] if self.fields[name].required else [("", "整个学期")]
            offer(self, name, [*whole, *_months(self._terms())])
        elif name == "choice":
            self.fields[name].label = self.book.choice_label
            offer(self, name, self.book.choices)

    def _terms(self) -> list[Term]:
        return list(Term.objects.visible_to(self.user).filter(school=self.school).order_by("-starts_on"))

    def _offer_classes(self) -> None:
        """The classes of the day that this person may have the book for."""
        rooms = Classroom.objects.visible_to(self.user).filter(school=self.school).in_order()
        own = {duty.classroom_id for duty in self.user.duties_today}
        bound = keeps_to_class(self.user, self.book, self.school)
        self.rooms = {
            room.pk: room
            for room in rooms
            if (room.pk in own or not bound)
            and room.is_taught_on(self.day)
            and (room.closed_on is None or room.closed_on > self.day)
        }
        whole = "classroom?" in self.book.asks and not bound
        self.fields["classroom"].required = not whole
        first = [("", "全校" if whole else "请选择班级")] if whole or len(self.rooms) > 1 else []
        offer(self, "classroom", [*first, *((pk, room.label_on(self.day)) for pk, room in self.rooms.items())])

    def _usual(self, name: str) -> Any:
        """Today; the only class, or a teacher's first; this term; this month; the first choice."""
        if name == "on":
            return dates.today().isoformat()
        if name == "classroom":
            alone = keeps_to_class(self.user, self.book, self.school) or len(self.rooms) == 1
            return next(iter(self.rooms), "") if alone and self.fields[name].required else ""
        if name == "term":
            begun = [term.pk for term in self.terms.values() if term.starts_on <= self.day]
            return next(iter(begun or self.terms), "")
        choices = getattr(self.fields[name], "choices", [])
        return next((value for value, _ in choices), "")

    def clean_on(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["on"]
        if day > dates.today():
            raise forms.ValidationError("日期还没有到，最晚是今天。")
        return day

    @property
    def waits_for_class(self) -> bool:
        """Nothing is wrong yet: the class has still to be chosen."""
        return set(self.errors) == {"classroom"} and not self.data.get("classroom")

    def asked(self, *, full: bool = False) -> Asked:
        """What a valid form asks."""
        said = self.cleaned_data
        return Asked(
            user=self.user, school=self.school, on=said.get("on") or self._cutoff(), full=full,
            classroom=self.rooms.get(said.get("classroom") or 0), term=self.terms.get(said.get("term") or 0),
            month=said.get("month", ""), about=said.get("about"), choice=said.get("choice", ""),
        )  # fmt: skip

    def _cutoff(self) -> datetime.date:
        """The last day of the month or term that was asked for, as far as it has come."""
        today = dates.today()
        if month := self.cleaned_data.get("month"):
            return min(today, add_months(datetime.date.fromisoformat(f"{month}-01"), 1) - ONE_DAY)
        term = self.terms.get(self.cleaned_data.get("term") or 0)
        return min(today, term.ends_on) if term and term.starts_on <= today else today


def _day(text: str) -> datetime.date:
    """The day that the address names; today where it names none. Which classes there are depends on it."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return dates.today()


def _months(terms: Sequence[Term]) -> list[tuple[str, str]]:
    """The months of which the school has records, latest first: from its first term, or a year back, to today's."""
    today = dates.today()
    year_ago = today.replace(year=today.year - 1, day=1)
    begin = min([year_ago, *(term.starts_on for term in terms)])
    count = (today.year - begin.year) * 12 + today.month - begin.month
    places = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(count + 1)]
    return [(f"{year}-{month + 1:02d}", f"{year}年{month + 1}月") for year, month in places]


class OrderForm(forms.Form):
    """As which file, with or without full numbers."""

    format = forms.ChoiceField(
        label="文件", choices=ExportFormat, widget=forms.RadioSelect, initial=ExportFormat.XLSX,
        error_messages={"required": "请选择要什么文件。"},
    )  # fmt: skip
    edition = forms.ChoiceField(
        label="证件号", choices=Edition, widget=forms.RadioSelect, initial=Edition.MASKED,
        error_messages={"required": "请选择脱敏还是全号。"},
    )  # fmt: skip
    reason = forms.CharField(
        label="用途", max_length=200, required=False, help_text="选全号必填，例如「报县教育局基教股月报」；记入留痕"
    )

    def __init__(self, *args: Any, book: Book, lacks: list[str], back: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if lacks:
            self.fields["format"].help_text = "现在不能生成PDF：" + "；".join(lacks)
        if not book.personal:
            del self.fields["edition"], self.fields["reason"]
        self.helper = form_helper("导出", back=back)

    @property
    def full(self) -> bool:
        return self.cleaned_data.get("edition") == Edition.FULL

    @property
    def wanted(self) -> ExportFormat:
        return ExportFormat(self.cleaned_data["format"])


class DecisionForm(forms.Form):
    """批准 or 不批准, each a button of its own."""

    text = forms.CharField(label="意见", max_length=120, required=False, help_text="不批准要写明原因")
