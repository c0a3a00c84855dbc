"""销号: the end of a case, by a decider, with an outcome and what proves it (`outcomes`)."""

import dataclasses
import datetime

from django.db import transaction

from followups import proposals, stages
from followups.codes import ProposalKind, Stage
from followups.dossier import Dossier
from followups.findings import decides_alone
from followups.models import Case
from followups.outcomes import Closing
from kongchuo import dates
from schools.models import User


def close_case(*, actor: User, case: Case, closing: Closing, on: datetime.date | None = None, seen: str = "") -> Case:
    """End a case, dated `on` (today unless given). Marks 一人兼任 where the decider also gathered the evidence.

    复学 begins the watch. Nothing is reopened: a relapse is a new case. StepLacks says what the outcome still needs.
    """
    with transaction.atomic():
        now = stages.held(case, seen or case.stage)
        alone = decides_alone(actor, Dossier(now, dates.today()), ProposalKind.CLOSE)
        closing = dataclasses.replace(closing, alone=alone)
        stages.advance(actor=actor, case=now, to=Stage.CLOSED, seen=seen or case.stage, on=on, closing=closing)
        proposals.settle(actor=actor, case=now, kind=ProposalKind.CLOSE)
    case.refresh_from_db()
    return case
