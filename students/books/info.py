"""《学生基本信息表》: the 72 items of the national form, one page a pupil; options stand by name (选项填名称)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from django.db.models import Prefetch

from kongchuo.sheets import A4_PORTRAIT, Align, Box, Form
from schools import books
from schools.books import Asked
from students.items import ITEMS, PHOTO, File, Item, details_of, member_items
from students.models import Enrollment, Student, Tag

TITLE = "学生基本信息表"
SIGNED = ("家长(签字)", "班主任(签字)", "校领导审核(签字)")
_LINE = 0.56  # cm
_UNITS = 24  # of the grid, beside the narrow column of the group's name
_WIDTHS = (2.6, *(1.5,) * _UNITS)
_PAIR = 8
_PHOTO_UNITS, _PHOTO_LINES = 4, 4
_LABEL = 3
_LONG_LABEL = 5
"""Units of a label; of one that is longer than six characters."""


def information(asked: Asked) -> Sequence[Form]:
    """The form of the pupil asked about; none when this person does not see the pupil."""
    places = Enrollment.objects.visible_to(asked.user).in_force(asked.on).select_related("classroom")
    tags = Tag.objects.visible_to(asked.user).in_force(asked.on)
    pupils = (
        Student.objects.visible_to(asked.user)
        .filter(pk__in=[asked.about or 0], school=asked.school)
        .select_related("details")
        .prefetch_related(
            "guardians", Prefetch("enrollments", places, to_attr="places"), Prefetch("tags", tags, to_attr="held")
        )
    )
    return [_form(_file(student, asked), asked) for student in pupils]


def _file(student: Student, asked: Asked) -> File:
    places: list[Enrollment] = student.places  # type: ignore[attr-defined]
    held: list[Tag] = student.held  # type: ignore[attr-defined]
    members = list(student.guardians.all())
    return File(student, details_of(student), members, held, next(iter(places), None), asked.on)


def _form(file: File, asked: Asked) -> Form:
    rows: list[tuple[Box, ...]] = []
    groups = dict.fromkeys(item.group for item in ITEMS)
    on_form = [item for item in ITEMS if item.number or item.label == "全国学籍号"]
    parts = [[item for item in on_form if item.group == group] for group in groups]
    for part in (*parts, member_items(0), member_items(1)):
        lines = list(_lines(part, file))
        section = Box(part[0].group, lines=len(lines), label=True, height=_LINE * len(lines))
        rows += [(section, *lines[0]), *lines[1:]]
    head = books.head(asked, "★为必填项。选项填名称，不填代码。", signatures=SIGNED, counted_in="", period="")
    return Form(
        title=TITLE, name=TITLE, caption=(head.unit_line + "　" + head.filled_line,), widths=_WIDTHS, rows=rows,
        head=replace(head, unit=""), paper=A4_PORTRAIT,
    )  # fmt: skip


def _lines(part: Sequence[Item], file: File) -> Iterator[tuple[Box, ...]]:
    """The items of a group in their order, as many to a line as fit; the last of a line takes what is left.

    The photo stands at the right of the group's first lines.
    """
    photo = any(item.number == PHOTO for item in part)
    line: list[Item] = []
    room = _UNITS - photo * _PHOTO_UNITS
    number = 0
    for item in part:
        if item.number == PHOTO:
            continue
        if sum(map(_units, line)) + _units(item) > room:
            yield _boxes(line, file, room, photo=photo and number == 0)
            line, number = [], number + 1
            room = _UNITS - (photo and number < _PHOTO_LINES) * _PHOTO_UNITS
        line.append(item)
    yield _boxes(line, file, room, photo=False)


def _units(item: Item) -> int:
    return _PAIR * (2 if item.wide else 1)


def _boxes(line: Sequence[Item], file: File, room: int, *, photo: bool) -> tuple[Box, ...]:
    found: list[Box] = []
    spare = room - sum(map(_units, line))
    for place, item in enumerate(line):
        text = ("★" if item.required else "") + item.label
        label = _LONG_LABEL if len(text) > 6 else _LABEL
        width = _units(item) - label + (spare if place == len(line) - 1 else 0)
        assert item.column.value
        found.append(Box(text, span=label, label=True, height=_LINE))
        found.append(Box(item.column.value(file), item.column.kind, width, height=_LINE))
    if photo:
        found.append(
            Box("照片", span=_PHOTO_UNITS, lines=_PHOTO_LINES, align=Align.CENTER, height=_LINE * _PHOTO_LINES)
        )
    return tuple(found)
