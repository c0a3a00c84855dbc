"""时间线: what happened in a case as one list, newest first."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import reverse

from followups import legal
from followups.codes import FindingKind, Reason, Result, Stage
from followups.dossier import Dossier
from followups.models import Attachment, CaseStep, Contact, Finding, LegalAct, Notice, Proposal
from kongchuo import dates


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `at` is a day, or a moment where the moment is known."""

    at: datetime.date
    title: str
    order: tuple[datetime.date, datetime.datetime]  # the day it is dated on, then when it was written down
    who: str = ""
    text: str = ""
    url: str = ""
    state: str = ""
    files: list[dict[str, str]] = field(default_factory=list)


def entries_of(dossier: Dossier, proposals: list[Proposal]) -> list[Entry]:
    """Contacts with the number of the attempt, findings, steps, papers, requests; newest first."""
    made = [
        *_contacts(dossier.contacts),
        *(_finding(dossier, finding) for finding in dossier.findings),
        *(_step(step) for step in dossier.steps),
        *(_notice(notice) for notice in dossier.notices),
        *(_act(dossier, act) for act in dossier.acts),
        *(entry for proposal in proposals for entry in _proposal(proposal)),
    ]
    return sorted(made, key=lambda entry: entry.order, reverse=True)


def _contacts(contacts: list[Contact]) -> Iterator[Entry]:
    """「第3次联系 · 第1次家访」: an attempt at which nobody answered has its number too."""
    visits = 0
    for number, contact in enumerate(contacts, 1):
        visits += contact.is_visit
        title = f"第{number}次联系：{contact.get_way_display()}"
        files = _files(list(contact.attachments.all()))
        waits = contact.is_visit and not files
        yield Entry(
            at=_moment(contact),
            title=f"{title}（第{visits}次家访）" if contact.is_visit else title,
            who=contact.made_by.name,
            text=_said(contact) + _late(contact.on, contact.recorded_at),
            url=reverse("followups:contact_photos", args=(contact.pk,)) if waits else "",
            state="照片待传" if waits else "",
            files=files,
            order=(contact.on, contact.recorded_at),
        )


def _said(contact: Contact) -> str:
    met = contact.get_met_display() + (f" {contact.met_name}" if contact.met_name else "")
    result = contact.get_result_display()
    if contact.result == Result.PROMISED and contact.promised_on:
        result += f"（{contact.promised_on.month}月{contact.promised_on.day}日）"
    reasons = "、".join(Reason(code).label for code in contact.reasons)
    parts = (
        f"{met}：{result}", f"原因：{reasons}" if reasons else "",
        f"同行：{contact.companions}" if contact.companions else "", contact.text,
    )  # fmt: skip
    return "\n".join(part for part in parts if part)


def _moment(contact: Contact) -> datetime.date:
    return dates.at(contact.on, contact.at.hour, contact.at.minute) if contact.at else contact.on


def _late(on: datetime.date, recorded_at: datetime.datetime) -> str:
    """A thing dated on one day and recorded on another says so."""
    recorded = recorded_at.astimezone(dates.now().tzinfo).date()
    return f"\n（{recorded.month}月{recorded.day}日补记）" if recorded != on else ""


def _finding(dossier: Dossier, finding: Finding) -> Entry:
    marks = "".join((
        "（一人兼任）" if finding.alone else "",
        "（提前认定）" if finding.kind == FindingKind.DROPOUT and dossier.found_early else "",
    ))  # fmt: skip
    text = f"依据：{finding.basis}\n无正当理由：{finding.unjustified}" + _late(finding.on, finding.at)
    return Entry(
        at=finding.on, title=f"认定{finding.get_kind_display()}{marks}", who=finding.by.name, text=text,
        order=(finding.on, finding.at),
    )  # fmt: skip


def _step(step: CaseStep) -> Entry:
    """Entering a stage; the first one is the opening of the case."""
    names = {Stage.IDENTIFY: "立案，待认定", Stage.CLOSED: "销号"}
    due = f"时限 {step.due_on.month}月{step.due_on.day}日：{step.due_rule}" if step.due_on else ""
    return Entry(
        at=step.entered_on,
        title=names.get(Stage(step.stage), f"进入「{step.get_stage_display()}」"),
        who=step.entered_by.name if step.entered_by else "系统",
        # What took the case to 报告 is the finding, which has an entry of its own.
        text="\n".join(part for part in ("" if step.stage == Stage.REPORT else step.evidence, due) if part)
        + _late(step.entered_on, step.entered_at),
        order=(step.entered_on, step.entered_at),
    )


def _notice(notice: Notice) -> Entry:
    receipt = f"签收：{notice.received_by} {notice.received_on:%Y-%m-%d}" if notice.received_on else "回执待补"
    sent = f"送：{notice.addressee_labels}{f'（{notice.delivery}）' if notice.delivery else ''}"
    return Entry(
        at=notice.dated_on,
        title=f"{notice.get_kind_display()} {notice.number}",
        who=notice.signer,
        text=f"{sent}\n{receipt}" + _late(notice.dated_on, notice.recorded_at),
        url=reverse("followups:notice", args=(notice.pk,)),
        files=_files(list(notice.attachments.all())),
        order=(notice.dated_on, notice.recorded_at),
    )


def _act(dossier: Dossier, act: LegalAct) -> Entry:
    due = f"期限到 {act.due_on:%Y-%m-%d}" if act.due_on else ""
    clocks = [
        f"{words} 到 {day:%Y-%m-%d}" for words, day in legal.clocks_of(dossier.case.school_id, act.title, act.served_on)
    ]
    parts = (
        f"{act.get_step_display()}：{act.served_how}",
        due,
        *clocks,
        f"结果：{act.result}" if act.result else "结果待补",
    )
    return Entry(
        at=act.served_on,
        title=f"{act.title} {act.number}",
        who=act.issuer,
        text="\n".join(part for part in parts if part) + _late(act.served_on, act.recorded_at),
        url=reverse("followups:legal_act", args=(act.pk,)),
        files=_files(list(act.attachments.all())),
        order=(act.served_on, act.recorded_at),
    )


def _proposal(proposal: Proposal) -> Iterator[Entry]:
    tz = dates.now().tzinfo
    yield Entry(
        at=proposal.at, title=str(proposal), who=proposal.by.name, text=proposal.text,
        state="" if proposal.answered_at else "待签", order=(proposal.at.astimezone(tz).date(), proposal.at),
    )  # fmt: skip
    if proposal.answered_at and proposal.answered_by and not proposal.agreed:
        yield Entry(
            at=proposal.answered_at, title=f"退回{proposal}", who=proposal.answered_by.name, text=proposal.answer,
            order=(proposal.answered_at.astimezone(tz).date(), proposal.answered_at),
        )  # fmt: skip


def _files(attachments: list[Attachment]) -> list[dict[str, str]]:
    """「照片1」「扫描件2」 with where each is served."""
    return [
        {"url": reverse("followups:attachment", args=(file.pk,)), "label": file.caption or f"{_kind(file)}{number}"}
        for number, file in enumerate(attachments, 1)
    ]


def _kind(file: Attachment) -> str:
    return "照片" if file.media_type == "image/jpeg" else "扫描件"
