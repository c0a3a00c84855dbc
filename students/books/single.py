"""A form about one 异动: found within what this person sees, of the kinds that the form is for, or blank."""

from collections.abc import Callable, Collection, Sequence

from kongchuo.sheets import Form
from schools.books import Asked
from students.books.moves import Move, moves
from students.models import RollChange


def of_change(asked: Asked, kinds: Collection[str], draw: Callable[[Asked, Move | None], Form]) -> Sequence[Form]:
    """The form of the change asked about; blank when none is named, none when it is not to be had.

    A voided change has no papers any more.
    """
    if asked.about is None:
        return [draw(asked, None)]
    seen = RollChange.objects.visible_to(asked.user).filter(school=asked.school)
    found = seen.standing().filter(pk=asked.about, kind__in=sorted(kinds))
    return [draw(asked, move) for move in moves(found, asked.on)]
