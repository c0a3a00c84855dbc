"""关注群体: the dated tags of pupils, who may know of them, and how a group is made up."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch
from django.utils.http import urlencode

from kongchuo import dates
from schools import audit
from schools.codes import Stage, Verb
from schools.models import Classroom, User
from students.codes import LEFT_BEHIND, TAG_GROUPS, TagGroup, TagKind, tag_kinds_for
from students.models import Enrollment, Student, Tag
from students.models.roll import EnrollmentQuerySet
from students.rights import must_keep
from students.roll import RollRefusal


def kinds_for(user: User) -> list[TagKind]:
    """The kinds of groups that this person may know of, in the order of the code list."""
    seen = tag_kinds_for({duty.role for duty in user.duties_today})
    return [kind for kind in TagKind if kind in seen]


def groups_for(user: User) -> list[TagGroup]:
    seen = set(kinds_for(user))
    return [group for group, kinds in TAG_GROUPS.items() if seen.issuperset(kinds)]


def open_tag(
    *,
    actor: User,
    student: Student,
    kind: str,
    starts_on: datetime.date,
    detail: str = "",
    disability: str = "",
    disability_grade: str = "",
) -> Tag:
    """Count a pupil in a group from a day on. RollRefusal in words."""
    if kind not in kinds_for(actor):
        raise RollRefusal("您现在的岗位不能标这一类。")
    if starts_on > dates.today():
        raise RollRefusal("起始日期不能晚于今天。")
    if kind == TagKind.DISABLED and not (disability and disability_grade):
        raise RollRefusal("残疾要选类别和等级，按残疾人证填写。")
    with transaction.atomic():
        must_keep(actor, student)
        _refuse_both_left_behind(student, kind)
        tag = Tag(student=student, kind=kind, detail=detail.strip(), starts_on=starts_on)
        if kind == TagKind.DISABLED:
            tag.disability, tag.disability_grade = disability, disability_grade
        try:
            with transaction.atomic():
                tag.save()
        except IntegrityError:
            raise RollRefusal(f"这名学生已经标了「{TagKind(kind).label}」。") from None
        audit.record(Verb.STUDENT, unit=student.school_id, actor=actor, about=student, tag=kind, starts_on=starts_on)
    return tag


def _refuse_both_left_behind(student: Student, kind: str) -> None:
    """单亲留守 and 双亲留守 exclude each other."""
    if kind not in LEFT_BEHIND:
        return
    other = student.tags.filter(kind__in=LEFT_BEHIND - {kind}, ends_on=None).first()
    if other:
        raise RollRefusal(f"这名学生已标「{other}」，两种留守只能标一种：请先结束原来的。")


def end_tag(*, actor: User, tag: Tag, ends_on: datetime.date) -> None:
    """Let a tag end with a last day. Nothing is forgotten: earlier lists still count the pupil."""
    if not tag.starts_on <= ends_on <= dates.today():
        raise RollRefusal("结束日期要在起始日期和今天之间。")
    with transaction.atomic():
        must_keep(actor, tag.student)
        if Tag.objects.filter(pk=tag.pk, ends_on=None).update(ends_on=ends_on) != 1:
            raise RollRefusal("这个标记已经结束，请刷新后再看。")
        audit.record(
            Verb.STUDENT, unit=tag.student.school_id, actor=actor, about=tag.student, tag=tag.kind, ends_on=ends_on
        )


def withdraw_tag(*, actor: User, tag: Tag, reason: str) -> None:
    """Take back a tag that was never right. The trail keeps who did it and why."""
    if len(reason.strip()) < 4:
        raise RollRefusal("请写明为什么撤销，至少4个字，例如「标错了人」。")
    with transaction.atomic():
        must_keep(actor, tag.student)
        audit.record(
            Verb.STUDENT, unit=tag.student.school_id, actor=actor, about=tag.student, reason=reason.strip(),
            tag=tag.kind, withdrawn=True,
        )  # fmt: skip
        tag.delete()


# --- Questions ------------------------------------------------------------------------------------------------
def places_on(user: User, day: datetime.date) -> EnrollmentQuerySet:
    """The pupils whom this person sees, each in the class of the day: what every figure of a group is counted in."""
    return Enrollment.objects.visible_to(user).in_force(day).held_here()


def in_group(places: EnrollmentQuerySet, kinds: Sequence[str], day: datetime.date) -> EnrollmentQuerySet:
    """Those of them who are counted in one of these kinds on the day."""
    held = Tag.objects.in_force(day).filter(student=OuterRef("student"), kind__in=list(kinds))
    return places.filter(Exists(held))


def with_tags(places: EnrollmentQuerySet, kinds: Sequence[str], day: datetime.date) -> EnrollmentQuerySet:
    """With the tags of these kinds that hold on the day, as `student.held`; in the order of classes and seats."""
    held = Tag.objects.in_force(day).filter(kind__in=list(kinds)).order_by("starts_on", "pk")
    return (
        places.select_related("student", "classroom")
        .prefetch_related(Prefetch("student__tags", held, to_attr="held"))
        .order_by("-classroom__stage", "-classroom__entry_year", "classroom__number", "seat_no", "pk")
    )


@dataclass(frozen=True)
class Share:
    """How many of a group, out of how many pupils, fall under one heading. `query` opens exactly this list."""

    label: str
    count: int
    whole: int
    query: str = ""


@dataclass(frozen=True)
class Makeup:
    """A group's 数量、比例、构成、分布."""

    total: Share
    kinds: list[Share]
    grades: list[Share]
    villages: list[Share]


def makeup(places: EnrollmentQuerySet, group: TagGroup, day: datetime.date) -> Makeup:
    """How a group is made up, by kind, grade and village, each against all pupils there. Five queries."""
    kinds = TAG_GROUPS[group]
    members = in_group(places, kinds, day)
    held = Tag.objects.in_force(day).filter(kind__in=kinds, student__in=places.values("student"))
    of_kind = Counter(held.values_list("kind", flat=True))
    grades, members_by_grade = (
        _counts(rows, "classroom__stage", "classroom__entry_year") for rows in (places, members)
    )
    villages, members_by_village = (_counts(rows, "student__village") for rows in (places, members))
    whole = grades.total()
    return Makeup(
        total=Share("全部", members_by_grade.total(), whole),
        kinds=[Share(kind.label, of_kind[kind.value], whole, f"kind={kind.value}") for kind in kinds],
        grades=[
            Share(
                _grade_label(stage, year, day),
                members_by_grade[stage, year],
                grades[stage, year],
                f"grade={stage}-{year}",
            )
            for stage, year in sorted(members_by_grade, key=lambda key: (key[0] != Stage.PRIMARY, -key[1]))
        ],
        villages=[
            Share(village or "未填村屯", count, villages[village,], urlencode({"village": village or NO_VILLAGE}))
            for (village,), count in members_by_village.most_common()
        ],
    )


def _counts(places: EnrollmentQuerySet, *fields: str) -> Counter[tuple]:
    return Counter({tuple(key): count for *key, count in places.order_by().values_list(*fields).annotate(Count("pk"))})


def _grade_label(stage: str, entry_year: int, day: datetime.date) -> str:
    return Classroom(stage=stage, entry_year=entry_year).grade_label_on(day)


NO_VILLAGE = "-"


def narrowed(places: EnrollmentQuerySet, *, grade: str = "", village: str = "") -> EnrollmentQuerySet:
    """Only one grade (「junior-2025」: stage and entry year) or one village, as the shares of a makeup ask for."""
    stage, _, year = grade.partition("-")
    if grade:
        places = places.filter(classroom__stage=stage, classroom__entry_year=int(year) if year.isdigit() else 0)
    if village:
        places = places.filter(student__village="" if village == NO_VILLAGE else village)
    return places
