"""到校日报: reports with their marks and receipts, the review of the day, leave."""

from attendance.models.leave import Leave
from attendance.models.reports import DailyReport, DayReview, Mark, Submission

__all__ = ["DailyReport", "DayReview", "Leave", "Mark", "Submission"]
