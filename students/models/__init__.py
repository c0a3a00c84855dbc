"""学籍: pupils, their families, the roll and its changes, and the lists that come in and are compared."""

from students.models.care import FactDoubt, Screening
from students.models.changes import ChangeStep, Paper, RollChange
from students.models.family import Guardian, StudentDetails, Tag
from students.models.intake import Difference, HeadingMeaning, ImportBatch, RollCheck
from students.models.opening import EntryNotice, HandedOver, Handover, Registration
from students.models.roll import UNLISTED, Enrollment, Student
from students.models.survey import Household, Resident, SurveyBatch

__all__ = [
    "UNLISTED",
    "ChangeStep",
    "Difference",
    "Enrollment",
    "EntryNotice",
    "FactDoubt",
    "Guardian",
    "HandedOver",
    "Handover",
    "HeadingMeaning",
    "Household",
    "ImportBatch",
    "Paper",
    "Registration",
    "Resident",
    "RollChange",
    "RollCheck",
    "Screening",
    "Student",
    "StudentDetails",
    "SurveyBatch",
    "Tag",
]
