"""案卷: everything that is on file about a case as of a day. Each part is read once, when it is first asked for."""

import datetime
from functools import cached_property

from attendance.daybook import Day, DayBook, silence_counts_to
from attendance.presence import Return, proof_in
from followups.codes import Addressee, FindingKind, Met, NoticeKind
from followups.models import Attachment, Case, CaseStep, Contact, Finding, LegalAct, Notice
from schools import calendar
from schools.policy import Rules, rules_on


class Dossier:
    """The file of one case. What is dated later than `as_of` is not in it: no step stands on a later paper."""

    def __init__(self, case: Case, as_of: datetime.date):
        self.case, self.as_of = case, as_of

    @cached_property
    def rules(self) -> Rules:
        """The school's rules in force on the day."""
        return rules_on(self.case.school_id, self.as_of)

    @cached_property
    def steps(self) -> list[CaseStep]:
        """Stretches at the stages, oldest first; the last one is open."""
        return list(self.case.steps.select_related("entered_by", "left_by"))

    @property
    def present_step(self) -> CaseStep:
        return self.steps[-1]

    @cached_property
    def findings(self) -> list[Finding]:
        return list(self.case.findings.filter(on__lte=self.as_of).select_related("by"))

    def finding(self, kind: FindingKind) -> Finding | None:
        return next((finding for finding in self.findings if finding.kind == kind), None)

    @property
    def suspected(self) -> Finding | None:
        return self.finding(FindingKind.SUSPECTED)

    @property
    def dropout(self) -> Finding | None:
        return self.finding(FindingKind.DROPOUT)

    @cached_property
    def dropout_from(self) -> datetime.date | None:
        """The day from which 辍学 may be found by the rule; a finding before it is an early one. None before 疑似."""
        if not self.suspected:
            return None
        return calendar.due_on(self.case.school_id, self.suspected.on, self.rules.span("dropout_after"))

    @property
    def found_early(self) -> bool:
        """Whether 辍学 was found before the rule's time had run."""
        return bool(self.dropout and self.dropout_from and self.dropout.on < self.dropout_from)

    @cached_property
    def since(self) -> datetime.date:
        """First day of what this case is about: the spell's, or the day on which the case was opened."""
        return self.case.spell_from or self.case.opened_on

    @cached_property
    def days(self) -> list[Day]:
        """What was said of the child on each school day of this case, oldest first."""
        until = min(self.case.closed_on or self.as_of, self.as_of)
        silent_to = silence_counts_to(until, self.rules)
        book = DayBook(self.case.school_id, until, silent_to=silent_to, since=min(self.since, until))
        book.read_pupils([self.case.student_id])
        return list(reversed(list(book.newest_first(self.case.student_id))))

    @cached_property
    def proof(self) -> Return:
        """How far the return is proved since the first day of the case."""
        return proof_in(self.days, self.rules.count("return_days_to_close"))

    @property
    def days_back(self) -> list[datetime.date]:
        """School days since the last unexcused absence on which somebody said on purpose that the child was there."""
        return list(self.proof.days)

    @cached_property
    def contacts(self) -> list[Contact]:
        """Contacts since the spell's first day (the first call is made before any case), oldest first, with files."""
        rows = Contact.objects.filter(student=self.case.student_id, on__gte=self.since, on__lte=self.as_of)
        last = self.case.watch_until or self.case.closed_on
        if last:
            rows = rows.filter(on__lte=last)
        return list(rows.order_by("on", "pk").select_related("made_by").prefetch_related("attachments"))

    @property
    def visits(self) -> list[Contact]:
        """入户 only: a call is no visit."""
        return [contact for contact in self.contacts if contact.is_visit]

    @property
    def visits_met(self) -> list[Contact]:
        """Visits at which the guardian was met."""
        return [visit for visit in self.visits if visit.met == Met.GUARDIAN]

    @property
    def visits_nobody(self) -> list[Contact]:
        """Visits at which the guardian was not met."""
        return [visit for visit in self.visits if visit.met != Met.GUARDIAN]

    @cached_property
    def notices(self) -> list[Notice]:
        rows = self.case.notices.filter(dated_on__lte=self.as_of)
        return list(rows.select_related("recorded_by").prefetch_related("attachments"))

    @property
    def reports(self) -> list[Notice]:
        """书面报告, sent to the bureau or not."""
        return [notice for notice in self.notices if notice.kind == NoticeKind.REPORT]

    @property
    def bureau_report(self) -> Notice | None:
        """The first written report that went to the bureau."""
        return next((report for report in self.reports if Addressee.BUREAU in report.addressees), None)

    @cached_property
    def acts(self) -> list[LegalAct]:
        """Outside papers served by the day, oldest first."""
        rows = self.case.legal_acts.filter(served_on__lte=self.as_of)
        return list(rows.select_related("recorded_by").prefetch_related("attachments"))

    @cached_property
    def scans(self) -> list[Attachment]:
        """Scans of the case itself: what its outcome stands on."""
        return list(self.case.attachments.filter(notice=None, legal_act=None))
