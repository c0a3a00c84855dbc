"""The pages of the schools app, by page."""
