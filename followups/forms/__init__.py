"""Forms of the cases, by noun."""
