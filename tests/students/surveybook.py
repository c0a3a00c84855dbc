"""Households and members of the 摸底册, for the tests of this folder."""

import datetime
from typing import Any

from students import survey
from students.codes import ProofGrade, Schooling
from students.models import Household, Resident
from tests.cast import WEDNESDAY, Cast


def household(cast: Cast, number: str = "1", head: str = "赵大山", **facts: Any) -> Household:
    home = Household(school=cast.school, number=number, head=head, **({"village": "柳树村", "hamlet": "3组"} | facts))
    return survey.keep_household(actor=cast.clerk, household=home)


def member(cast: Cast, home: Household, name: str = "赵小溪", id_no: str = "", **facts: Any) -> Resident:
    """A child of eleven in the school year of the tests, unless told otherwise."""
    resident = Resident(household=home, name=name, **({"birth_date": datetime.date(2014, 5, 1)} | facts))
    return survey.keep_resident(actor=cast.clerk, resident=resident, id_no=id_no)


def elsewhere(cast: Cast, home: Household, name: str, grade: str = "", **facts: Any) -> Resident:
    """A child who learns elsewhere, with a proof of this grade, or with none."""
    child = member(cast, home, name, schooling=Schooling.LOCAL_OUT, school_name="清江市第一小学", **facts)
    if grade:
        survey.prove(
            actor=cast.clerk, resident=child, grade=ProofGrade(grade), title="就读证明", seen_by="赵教务",
            seen_on=WEDNESDAY,
        )  # fmt: skip
    return child
