"""个案: a child's case, its steps and findings, every contact, paper and photo, and what left the house as a file."""

from followups.models.cases import Case, CaseStep, Finding, Proposal
from followups.models.evidence import Attachment, Contact, LegalAct, Notice

__all__ = ["Attachment", "Case", "CaseStep", "Contact", "Finding", "LegalAct", "Notice", "Proposal"]
