"""Invented schools to look at, to teach with and to measure on. Nobody in them exists."""
