"""Who, where, when: units and classes, people and their duties, the calendar, the rules, the audit trail."""

from schools.models.calendar import Closure, Holiday, SchoolDay, Term
from schools.models.ledger import Export
from schools.models.people import Duty, User
from schools.models.places import Classroom, Unit
from schools.models.records import AuditEntry, AuditHead, Job, Policy

__all__ = [
    "AuditEntry",
    "AuditHead",
    "Classroom",
    "Closure",
    "Duty",
    "Export",
    "Holiday",
    "Job",
    "Policy",
    "SchoolDay",
    "Term",
    "Unit",
    "User",
]
