"""Forms of the registry."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import forms

from kongchuo import idnumber
from kongchuo.forms import form_helper, offer
from schools.models import Classroom, User
from students import screening
from students.codes import EnrollmentStatus, TagGroup, TagKind
from students.completeness import FACTS


class OfClass(forms.Form):
    """Of which class; all that one keeps when nothing is chosen."""

    classroom = forms.ModelChoiceField(label="班级", queryset=Classroom.objects.none(), required=False)

    def __init__(self, *args: Any, classrooms: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["classroom"].queryset = classrooms  # type: ignore[attr-defined]
        self.fields["classroom"].empty_label = "全部班级"  # type: ignore[attr-defined]


class PupilFilter(OfClass):
    """Search among the pupils one may see: by class, name, 拼音首字母 or seat number, village, standing, group."""

    q = forms.CharField(
        label="找学生", required=False, max_length=20, help_text="姓名、拼音首字母（扎西卓玛 zxzm）或座号"
    )
    village = forms.CharField(label="村屯", required=False, max_length=40)
    standing = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *EnrollmentStatus.choices])
    tag = forms.ChoiceField(label="关注群体", required=False)

    def __init__(self, *args: Any, kinds: Iterable[TagKind], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "tag", [("", "全部"), *((kind.value, kind.label) for kind in kinds)])


class LackingFilter(OfClass):
    """The pupils of a class who lack one thing that should be known of them."""

    lacks = forms.ChoiceField(
        label="缺什么",
        required=False,
        choices=[("", "全部学生"), *((fact.key, fact.lacking) for fact in FACTS.values())],
    )


class GroupFilter(OfClass):
    """Which group; a share of it (kind, grade, village) comes with the link that was followed."""

    group = forms.ChoiceField(label="群体")

    def __init__(self, *args: Any, groups: Iterable[TagGroup], **kwargs: Any):
        super().__init__(*args, **kwargs)
        offer(self, "group", [(group.value, group.label) for group in groups])


class ScreeningForm(forms.Form):
    """A class's list with two boxes a pupil. It carries what it showed (`seen`)."""

    seen = forms.CharField(widget=forms.HiddenInput)
    none = forms.BooleanField(label="经过摸底，本班没有学困生，也没有特困生", required=False)

    def __init__(self, *args: Any, pupils: list[screening.Pupil], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.pupils = pupils
        self.fields["seen"].initial = screening.fingerprint(pupils)
        keys = [(one.place.student_id, one.place.student.name) for one in pupils]
        for name, kind in screening.ASKED.items():
            box = forms.TypedMultipleChoiceField(label=kind.label, choices=keys, coerce=int, required=False)
            box.error_messages["invalid_choice"] = "名单变了，有学生已不在本班，请核对后再交。"
            self.fields[name] = box

    def clean_struggling(self) -> set[int]:
        return set(self.cleaned_data["struggling"])

    def clean_hardship(self) -> set[int]:
        return set(self.cleaned_data["hardship"])

    def lines(self) -> Iterator[tuple[screening.Pupil, list[tuple[str, str, bool]]]]:
        """Each pupil with the two boxes: name, label, and whether it is ticked (as typed, else as the tags stand)."""
        typed: Any = self.data  # a QueryDict
        for one in self.pupils:
            key = str(one.place.student_id)
            yield (
                one,
                [
                    (name, kind.label, key in typed.getlist(name) if self.is_bound else kind in one.marked)
                    for name, kind in screening.ASKED.items()
                ],
            )

    def see_again(self, pupils: list[screening.Pupil]) -> None:
        """Show the class as it stands now, with what was ticked, to be sent once more."""
        typed: Any = self.data
        data = typed.copy()
        data["seen"] = screening.fingerprint(pupils)
        self.data, self.pupils = data, pupils


class NumberSearch(forms.Form):
    """Search by a whole ID number or 学籍号. Sent by POST: the number must not stand in an address."""

    number = forms.CharField(label="完整身份证号或学籍号", max_length=24)

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip().upper()
        problem = idnumber.roll_problem(number) if number[:1].isalpha() else idnumber.problem(number)
        if problem:
            raise forms.ValidationError(problem)
        return number


class RevealForm(forms.Form):
    """Why a full number is asked for, and the asker's own password once more."""

    reason = forms.CharField(label="查看原因", min_length=4, max_length=100, help_text="例如：核对国网学籍")
    password = forms.CharField(
        label="您的登录密码", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}), strip=False
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user
        self.helper = form_helper("查看完整身份证号")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError("密码不对，请再输一次。")
        return password
