"""Who must not graduate in a batch: a child whose case is open has not finished school."""

from collections.abc import Collection

from followups.models import Case
from students import new_year


def with_open_case(keys: Collection[int]) -> dict[int, str]:
    """Pupils with an open case, and why that keeps them. One query."""
    cases = Case.objects.open().filter(student__in=keys).values_list("student", flat=True)
    return dict.fromkeys(cases, "有未销号的个案，先办完个案，再核实是否完成学业")


def connect() -> None:
    new_year.holds.append(with_open_case)
