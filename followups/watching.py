"""What the cases want to know of the daily report, and what they tell it."""


def connect() -> None:
    """Register with the lower apps; called once at start-up."""
