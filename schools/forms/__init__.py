"""The forms of the schools app, by page. Choices come from rows that the person may see."""
