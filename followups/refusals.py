"""Why something can't be done with a case, in words for the person who tried."""

from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True)
class Missing:
    """One thing that a step still lacks, as a sentence, and the page (URL name, key) on which it is mended."""

    sentence: str
    place: str
    key: int

    @property
    def url(self) -> str:
        return reverse(self.place, args=(self.key,))


class CaseRefusal(Exception):
    """A case can't be worked on like this. `field` names the form field that the sentence belongs to."""

    def __init__(self, sentence: str, field: str = ""):
        super().__init__(sentence)
        self.field = field


class CaseMovedOn(CaseRefusal):
    """Somebody else was quicker: the case is no longer where it was seen. Says who and when."""


class StepLacks(CaseRefusal):
    """The evidence for a step is not complete; `missing` lists what, and where it is mended."""

    def __init__(self, missing: list[Missing]):
        super().__init__("".join(item.sentence for item in missing))
        self.missing = missing
