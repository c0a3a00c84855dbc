"""《义务教育阶段辍学学生登记表》, 单人表: one page a case. Its fields are declared once, for the paper and for data."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from followups.codes import Addressee, LegalStep
from followups.models import Contact
from followups.register import Entry, contact_words
from kongchuo import dates
from kongchuo.sheets import A4_PORTRAIT, Align, Box, Column, Form, Head, Kind, Sheet
from students.codes import Relation
from students.models import Guardian

TITLE = "义务教育阶段辍学学生登记表"
SIGNED = ("填表人", "联系电话")
CONTACT_LINES = 5  # what the paper has for 劝返记录; of more, the latest
_LINE = 0.55  # cm
# The grid: a narrow column for the section's name, then thirty units of one and a half characters each.
_WIDTHS = (2.8, *(1.5,) * 30)
_LONGEST = 50  # characters of a contact's text; the whole of it stands in the record of the visit
_SIGN = "\n\n(签字、盖章)\n　　年　月　日"


def _of(relation: Relation, attribute: str) -> Callable[[Entry], Any]:
    """A field of the father or mother; empty when the pupil has none on file."""
    return lambda entry: getattr(entry.relative(relation), attribute, "")


def _of_guardian(value: Callable[[Guardian], Any]) -> Callable[[Entry], Any]:
    return lambda entry: value(entry.guardian) if entry.guardian else ""


def _dated(paper: Callable[[Entry], Any], attribute: str) -> Callable[[Entry], Any]:
    """The date of a paper; None when there is none."""
    return lambda entry: getattr(paper(entry), attribute, None)


def _told(addressee: Addressee) -> Callable[[Entry], Any]:
    return _dated(lambda entry: entry.reported_to(addressee), "dated_on")


def _step(step: LegalStep) -> Callable[[Entry], Any]:
    return _dated(lambda entry: entry.act(step), "served_on")


def _head_teacher(entry: Entry) -> str:
    person = entry.head_teacher
    return f"{person.name} {person.phone}".strip() if person else ""


def _contact_lines(entry: Entry) -> str:
    return "\n".join(f"{place}.{contact_words(contact)}" for place, contact in enumerate(entry.contacts, 1))


def _numbers(entry: Entry) -> str:
    return "、".join(notice.number for notice in entry.notices)


FIELDS: dict[str, Column] = {
    column.header: column
    for column in (
        Column("学校", lambda entry: entry.case.school.name, width=9),
        Column("学校标识码", lambda entry: entry.case.school.code, width=6),
        Column("编号", lambda entry: entry.case.label, width=5),
        Column("填表日期", lambda entry: dates.today(), Kind.DATE),
        Column("姓名", lambda entry: entry.student.name),
        Column("性别", lambda entry: entry.sex, width=3),
        Column("民族", lambda entry: entry.ethnicity),
        Column("出生年月", lambda entry: entry.student.birth_date, Kind.DATE),
        Column("身份证件号", lambda entry: entry.student.id_no, Kind.SEALED, 10),
        Column("全国学籍号", lambda entry: entry.student.roll_no, Kind.SEALED, 10),
        Column("年级班级", lambda entry: entry.classroom),
        Column("就读方式", lambda entry: entry.student.get_board_type_display()),
        Column("入学年月", lambda entry: entry.student.entry_month),
        Column("班主任及电话", _head_teacher, Kind.PHONE, 8),
        Column("户籍所在地", lambda entry: entry.student.hukou_address, Kind.ADDRESS, 10),
        Column("家庭现住址", lambda entry: entry.student.address, Kind.ADDRESS, 10),
        Column("特殊群体类别", lambda entry: "、".join(tag.label for tag in entry.tags), Kind.WITHHELD, 6),
        *(
            Column(f"{relation.label}{label}", _of(relation, attribute), kind, 8)
            for relation in (Relation.FATHER, Relation.MOTHER)
            for label, attribute, kind in (
                ("姓名", "name", Kind.TEXT),
                ("证件号", "id_no", Kind.SEALED),
                ("电话", "phone", Kind.PHONE),
                ("务工地/单位", "works_at", Kind.TEXT),
            )
        ),
        Column("实际监护人姓名", _of_guardian(lambda person: person.name)),
        Column("与学生关系", lambda entry: entry.relation),
        Column("实际监护人电话", _of_guardian(lambda person: person.phone), Kind.PHONE, 7),
        Column("最后到校日期", lambda entry: entry.case.last_attended_on, Kind.DATE),
        Column("辍学(离校)时间", lambda entry: entry.left_on, Kind.DATE),
        Column("认定日期", lambda entry: entry.finding.on, Kind.DATE),
        Column("认定类别", lambda entry: entry.kind),
        Column("有无正当理由", lambda entry: f"无（{entry.finding.unjustified}）", width=10),
        Column("辍学原因", lambda entry: entry.reasons, width=10),
        Column("现去向", lambda entry: entry.whereabouts, width=10),
        Column("已采取的帮扶措施", lambda entry: entry.case.support, width=12),
        Column("劝返记录", _contact_lines, width=20),
        Column("报学校日期", lambda entry: entry.case.opened_on, Kind.DATE),
        Column("报教育局日期", _told(Addressee.BUREAU), Kind.DATE),
        Column("报乡镇政府日期", _told(Addressee.TOWNSHIP), Kind.DATE),
        Column("文号", _numbers, width=8),
        Column("宣传教育", _step(LegalStep.EDUCATION), Kind.DATE),
        Column("责令限期改正", _step(LegalStep.ORDER), Kind.DATE),
        Column("行政处罚", _step(LegalStep.PENALTY), Kind.DATE),
        Column("申请强制执行或起诉", _step(LegalStep.COURT), Kind.DATE),
        Column("是否复学", lambda entry: "是" if entry.has_returned else "否", width=3),
        Column("复学时间", lambda entry: entry.returned_on, Kind.DATE),
        Column("复学后年级班级", lambda entry: entry.classroom if entry.has_returned else ""),
        Column("安置方式", lambda entry: entry.placement),
        Column("未复学原因", lambda entry: entry.why_not_back, width=10),
        Column("销号日期", lambda entry: entry.closed_on, Kind.DATE),
    )
}


def identify(entry: Entry) -> str:
    """Which case a message is about, without more than a clerk needs to find it."""
    return f"{entry.case.label} {entry.student.name}".strip()


def data_sheet(found: list[Entry], head: Head, *, full: bool) -> Sheet:
    """The single form as data: one row a case, one column a field."""
    columns = tuple(FIELDS.values())
    return Sheet(TITLE, columns, found, name="单人表数据", head=head, full=full, identify=identify)


def nobody(head: Head) -> Sheet:
    """零报告: the paper when the register is empty."""
    columns = (Column("编号", None, width=6), Column("姓名", None, width=8), Column("认定类别", None, width=8))
    return Sheet(TITLE, columns, (), name=TITLE, head=head, paper=A4_PORTRAIT)


def form(entry: Entry, head: Head, *, full: bool) -> Form:
    """One case on one page."""
    page = _Page(entry)
    school, code = entry.case.school.name, entry.case.school.code or ""
    return Form(
        title=TITLE,
        name=identify(entry),
        caption=(
            f"学校：{school}　学校标识码：{code}　编号：{entry.case.label}　填表日期：{dates.chinese(dates.today())}",
        ),
        widths=_WIDTHS,
        rows=tuple(
            line
            for section in (page.pupil, page.family, page.absence, page.contacts, page.papers, page.end, page.signed)
            for line in section()
        ),
        head=replace(head, period="", notes=head.notes[-1:] if not full else (), signatures=SIGNED),
        paper=A4_PORTRAIT,
        full=full,
    )


class _Page:
    """The boxes of one case, section by section; each line fills the grid."""

    def __init__(self, entry: Entry):
        self.entry = entry

    def value(self, header: str, span: int) -> Box:
        column = FIELDS[header]
        assert column.value
        return Box(column.value(self.entry), column.kind, span, height=_LINE)

    def ask(self, header: str, span: int, label: str = "", wide: int = 4) -> tuple[Box, Box]:
        """A label (`wide` units) and its field beside it."""
        return _label(label or header, wide), self.value(header, span)

    def three(self, *headers: str) -> tuple[Box, ...]:
        """Three labels with their fields over the whole width."""
        return tuple(box for header in headers for box in self.ask(header, 5, wide=5))

    def pupil(self) -> tuple[tuple[Box, ...], ...]:
        photo = Box("照片", span=6, lines=4, align=Align.CENTER, height=_LINE * 4)
        return (
            (_section("一学生基本情况", 7), *self.ask("姓名", 4), *self.ask("性别", 4), *self.ask("民族", 4), photo),
            (*self.ask("出生年月", 4), *self.ask("身份证件号", 12)),
            (*self.ask("全国学籍号", 12), *self.ask("就读方式", 4)),
            (*self.ask("年级班级", 4), *self.ask("入学年月", 4), *self.ask("班主任及电话", 4)),
            self.ask("户籍所在地", 26),
            self.ask("家庭现住址", 26),
            self.ask("特殊群体类别", 26),
        )

    def family(self) -> tuple[tuple[Box, ...], ...]:
        titles = (("成员", 4), ("姓名", 4), ("证件号", 8), ("电话", 4), ("务工地/单位", 10))
        guardian = (
            *self.ask("实际监护人姓名", 4, "实际监护人"), *self.ask("与学生关系", 4),
            *self.ask("实际监护人电话", 10, "电话"),
        )  # fmt: skip
        parents = (
            (
                _label(label),
                self.value(f"{label}姓名", 4),
                self.value(f"{label}证件号", 8),
                self.value(f"{label}电话", 4),
                self.value(f"{label}务工地/单位", 10),
            )
            for label in (Relation.FATHER.label, Relation.MOTHER.label)
        )
        return ((_section("二监护人", 4), *(_label(text, span) for text, span in titles)), *parents, guardian)

    def absence(self) -> tuple[tuple[Box, ...], ...]:
        return (
            (
                _section("三辍学情况", 4),
                *self.three("最后到校日期", "辍学(离校)时间", "认定日期"),
            ),
            (*self.ask("认定类别", 6), *self.ask("有无正当理由", 16)),
            self.ask("辍学原因", 26),
            self.ask("现去向", 26),
            (_label("四、已采取的帮扶(劝返)措施", 7), self.value("已采取的帮扶措施", 24)),
        )  # fmt: skip

    def contacts(self) -> tuple[tuple[Box, ...], ...]:
        """The latest contacts, with blank lines for what is still to be written by hand."""
        every = list(enumerate(self.entry.contacts, 1))
        shown = every[-CONTACT_LINES:]
        titles = (("次数", 2), ("时间", 3), ("劝返人员", 3), ("电话", 4), ("方式", 2), ("对象", 4), ("内容与结果", 12))
        section = "五劝返记录" + (f"(共{len(every)}次)" if len(every) > len(shown) else "")
        lines = [self.contact(place, contact) for place, contact in shown]
        blank = tuple(Box(span=span, height=_LINE) for _, span in titles)
        lines += [blank] * (CONTACT_LINES - len(lines))
        return ((_section(section, len(lines) + 1), *(_label(text, span) for text, span in titles)), *lines)

    def contact(self, place: int, contact: Contact) -> tuple[Box, ...]:
        promised = f"({dates.short(contact.promised_on)}到校)" if contact.promised_on else ""
        said = f"{contact.get_result_display()}{promised}" + (f"；{contact.text}" if contact.text else "")
        return (
            Box(place, Kind.INT, 2, align=Align.CENTER, height=_LINE),
            Box(contact.on, Kind.DATE, 3, height=_LINE),
            Box(contact.made_by.name, span=3, height=_LINE),
            Box(contact.made_by.phone, Kind.PHONE, 4, height=_LINE),
            Box(contact.get_way_display(), span=2, height=_LINE),
            Box(contact.met_name or contact.get_met_display(), span=4, height=_LINE),
            Box(said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…", span=12, height=_LINE),
        )

    def papers(self) -> tuple[tuple[Box, ...], ...]:
        steps = (("宣传教育", 8), ("责令限期改正", 8), ("行政处罚", 7), ("申请强制执行或起诉", 7))
        return (
            (
                _section("六报告与处理", 4),
                *self.three("报学校日期", "报教育局日期", "报乡镇政府日期"),
            ),
            self.ask("文号", 26),
            tuple(_label(f"四步法：{step}" if place == 0 else step, span) for place, (step, span) in enumerate(steps)),
            tuple(self.value(step, span) for step, span in steps),
        )  # fmt: skip

    def end(self) -> tuple[tuple[Box, ...], ...]:
        return (
            (
                _section("七结果", 2),
                *self.three("是否复学", "复学时间", "复学后年级班级"),
            ),
            (*self.ask("安置方式", 4), *self.ask("未复学原因", 10), *self.ask("销号日期", 4)),
        )  # fmt: skip

    def signed(self) -> tuple[tuple[Box, ...], ...]:
        """The opinions, each with room for a hand and a seal."""
        opinions = (
            ("班主任意见", 7),
            ("学校意见(校长)", 6),
            ("村(居)委意见", 6),
            ("乡镇政府意见", 6),
            ("县教育局意见", 6),
        )
        return (
            tuple(_label(label, span) for label, span in opinions),
            tuple(Box(_SIGN, span=span, align=Align.CENTER, height=1.9) for _, span in opinions),
        )


def _label(text: str, span: int = 4) -> Box:
    return Box(text, span=span, label=True, height=_LINE)


def _section(text: str, lines: int) -> Box:
    """The name of a section, at its left over all of its lines."""
    return Box(text, lines=lines, label=True, height=_LINE * lines)
