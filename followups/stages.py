"""认定 → 报告 → 走访 → 依法强制 → 结案: one table of steps, and the one place that writes a case's stage.

A step is taken by the roles that the table names, on the evidence that it asks for, from the stage at which the
case was seen. A finding of 辍学 stands beside the stages and moves none (`findings`).
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from followups import outcomes
from followups.codes import MACHINE_OUTCOMES, Addressee, Outcome, Stage
from followups.dossier import Dossier
from followups.models import Case, CaseStep, Contact
from followups.outcomes import Closing
from followups.refusals import CaseMovedOn, CaseRefusal, Missing, StepLacks
from kongchuo import dates
from schools import audit, calendar
from schools.codes import DECIDERS, OFFICE, Role, Verb
from schools.models import Unit, User
from schools.policy import DEFINITIONS, rules_on

Check = Callable[[Dossier], list[Missing]]

DEADLINES: dict[Stage, str] = {
    Stage.IDENTIFY: "identify_within",
    Stage.REPORT: "bureau_report_within",
    Stage.VISIT: "visit_within",
    Stage.ENFORCE: "enforce_within",
}
"""The rule that says how long a stage may take."""


@dataclass(frozen=True)
class Transition:
    """One lawful step: who may take it, what it asks for, and what its button says.

    `place` is the page on which it is taken; a step without one is a button on the case's page.
    """

    source: Stage
    target: Stage
    roles: frozenset[str]
    label: str
    meaning: str
    check: Check
    stands_on: Callable[[Dossier], str]
    place: str = ""

    def lacks(self, dossier: Dossier, closing: Closing | None = None) -> list[Missing]:
        """What is missing for this step; a closing is also asked for what its outcome needs."""
        return self.check(dossier) + (outcomes.lacking(dossier, closing) if closing else [])


def _found(dossier: Dossier) -> list[Missing]:
    if dossier.suspected:
        return []
    return [Missing("还没有校长(或代行校长)的疑似辍学认定。", "followups:finding_new", dossier.case.pk)]


def _reported(dossier: Dossier) -> list[Missing]:
    if dossier.bureau_report:
        return []
    sentence = "还没有书面报告：要有文号、成文日期、签发人，送达单位要有县(市、区)教育局。"
    if dossier.reports:
        numbers = "、".join(report.number for report in dossier.reports)
        sentence = f"书面报告({numbers})没有送{Addressee.BUREAU.label}，请登记送教育局的一份。"
    return [Missing(sentence, "followups:notice_new", dossier.case.pk)]


def _visited(dossier: Dossier) -> list[Missing]:
    """见到监护人的家访 or so many in vain; for a relapse more; each of those that count with its photo or scan."""
    rules, student = dossier.rules, dossier.case.student_id
    met, nobody = len(dossier.visits_met), len(dossier.visits_nobody)
    need_met, need_nobody = rules.count("visits_met"), rules.count("visits_nobody")
    lacks = []
    if met < need_met and nobody < need_nobody:
        lacks.append(
            f"需先有{need_met}次见到监护人的家访，或{need_nobody}次没见到监护人的家访；现在见到{met}次、没见到{nobody}次。"
        )
    relapse = rules.count("relapse_visits")
    if dossier.case.previous_id and met + nobody < relapse:
        lacks.append(f"这是复学后又缺的学生，家访要满{relapse}次，现在{met + nobody}次。")
    if lacks:
        return [Missing(sentence, "followups:contact_new", student) for sentence in lacks]
    return _photographed(dossier, need_met, need_nobody)


def _photographed(dossier: Dossier, need_met: int, need_nobody: int) -> list[Missing]:
    """A visit is valid without its photo; the step to the authorities stands only on visits that show one."""
    kinds = ((dossier.visits_met, need_met), (dossier.visits_nobody, need_nobody))
    if any(sum(_is_shown(visit) for visit in visits) >= need for visits, need in kinds if len(visits) >= need):
        return []
    bare = [visit for visits, need in kinds if len(visits) >= need for visit in visits if not _is_shown(visit)]
    return [_photo_of(visit) for visit in bare]


def _is_shown(visit: Contact) -> bool:
    return bool(visit.attachments.all())  # read with the dossier


def _photo_of(visit: Contact) -> Missing:
    sentence = f"{visit.on.month}月{visit.on.day}日的家访还没有照片(或家访登记表扫描件)。"
    return Missing(sentence, "followups:contact_photos", visit.pk)


def _nothing(dossier: Dossier) -> list[Missing]:
    return []


def _on_finding(dossier: Dossier) -> str:
    return f"疑似辍学认定 {dossier.suspected.on:%Y-%m-%d}" if dossier.suspected else ""


def _on_report(dossier: Dossier) -> str:
    report = dossier.bureau_report
    return f"书面报告 {report.number}({report.dated_on:%Y-%m-%d})" if report else ""


def _on_visits(dossier: Dossier) -> str:
    return f"家访{len(dossier.visits)}次，见到监护人{len(dossier.visits_met)}次"


def _on_outcome(dossier: Dossier) -> str:
    return ""


TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        Stage.IDENTIFY, Stage.REPORT, DECIDERS, "认定疑似辍学",
        "由校长认定无正当理由未到校，个案编号，进入报告阶段。", _found, _on_finding, "followups:finding_new",
    ),
    Transition(
        Stage.REPORT, Stage.VISIT, OFFICE, "书面报告已送出，转入走访",
        "书面报告已送教育行政部门(未成年人保护法28条)，进入走访劝返阶段。", _reported, _on_report,
    ),
    Transition(
        Stage.VISIT, Stage.ENFORCE, DECIDERS, "劝返无效，转入依法强制",
        "提请乡镇人民政府、县级教育局依法处理；学校没有执法权，只登记他们送达的文书。", _visited, _on_visits,
    ),
    *(
        Transition(
            stage, Stage.CLOSED, DECIDERS, "销号",
            "凭结果的证明销号；销号后不再重开，再缺勤另立新案。", _nothing, _on_outcome, outcomes.CLOSE_PAGE,
        )
        for stage in (Stage.IDENTIFY, Stage.REPORT, Stage.VISIT, Stage.ENFORCE)
    ),
)  # fmt: skip


def transition(source: str, target: str) -> Transition | None:
    """The step between two stages, or None where there is none."""
    return next((step for step in TRANSITIONS if (step.source, step.target) == (source, target)), None)


def next_steps(case: Case, actor: User) -> list[Transition]:
    """The table filtered: what this person may do with the case as it stands."""
    return [step for step in TRANSITIONS if step.source == case.stage and actor.has(*step.roles, school=case.school_id)]


def missing(case: Case, step: Transition, on: datetime.date | None = None) -> list[Missing]:
    """What a step lacks as of a day (today unless given)."""
    return step.lacks(Dossier(case, on or dates.today()))


def deadline(school: Unit | int, stage: Stage, start: datetime.date) -> tuple[datetime.date | None, str]:
    """The last day of a stage entered on `start` and the rule in words: 「走访期限3个到校日(学校控辍制度)」."""
    key = DEADLINES.get(stage)
    if key is None:
        return None, ""
    rules = rules_on(school, start)
    words = f"{DEFINITIONS[key].label}{rules.span(key)}({rules.basis(key)})"
    return calendar.due_on(school, start, rules.span(key)), words[:120]


def enter(*, case: Case, stage: Stage, on: datetime.date, actor: User | None, evidence: str = "") -> CaseStep:
    """Begin a stretch at a stage, with its deadline stamped: a rule changed later moves no deadline."""
    due_on, due_rule = deadline(case.school_id, stage, on)
    return CaseStep.objects.create(
        case=case, stage=stage, entered_on=on, entered_at=dates.now(), entered_by=actor, due_on=due_on,
        due_rule=due_rule, evidence=evidence[:300],
    )  # fmt: skip


def advance(
    *,
    actor: User,
    case: Case,
    to: Stage,
    seen: str = "",
    on: datetime.date | None = None,
    closing: Closing | None = None,
    **fields: Any,
) -> CaseStep:
    """Take one step of the table, dated `on` (today unless given). Returns the stretch that begins.

    `seen` is the stage that the person saw on the page; where the case has moved on since, nothing happens and
    CaseMovedOn says who was quicker. `fields` are columns of the case that change with the step. CaseRefusal or
    StepLacks say what stands in the way.
    """
    on, seen = on or dates.today(), seen or case.stage
    with transaction.atomic():
        now = held(case, seen)
        step = transition(seen, to)
        if step is None:
            raise CaseRefusal(f"个案在「{Stage(seen).label}」阶段，不能直接转到「{Stage(to).label}」。")
        if not actor.has(*step.roles, school=now.school_id):
            raise CaseRefusal(f"您现在的岗位不能办理「{step.label}」，这一步由{in_words(step.roles)}办理。")
        dossier = Dossier(now, on)
        check_date(dossier, on)
        if (step.target == Stage.CLOSED) != (closing is not None):
            raise CaseRefusal("请先选择销号的结果。")
        if lacks := step.lacks(dossier, closing):
            raise StepLacks(lacks)
        evidence = step.stands_on(dossier)
        if closing:
            fields |= outcomes.written(dossier, closing)
            fields |= {"closed_on": on, "closed_by": actor, "closed_alone": closing.alone}
            evidence = f"{Outcome(closing.outcome).label}：{fields['outcome_proof']}"
        row = _move(case=now, seen=seen, to=to, on=on, actor=actor, evidence=evidence, **fields)
        audit.record(
            Verb.CLOSE if closing else Verb.STEP, unit=now.school_id, actor=actor, about=case,
            source=seen, target=to, on=on, evidence=evidence, alone=bool(closing and closing.alone),
        )  # fmt: skip
    case.refresh_from_db()
    return row


def withdraw_alert(*, case: Case, outcome: Outcome, on: datetime.date) -> bool:
    """End a warning that nobody has decided: the marks were corrected, or the child came back before a finding.

    The machine's own and only way to end a case. False, and nothing changed, when a person has decided meanwhile.
    """
    if outcome not in MACHINE_OUTCOMES:
        raise ValueError(f"{outcome} is not the machine's to write")
    with transaction.atomic():
        audit.queue(case.school_id)
        try:
            _move(
                case=case, seen=Stage.IDENTIFY, to=Stage.CLOSED, on=on, actor=None, evidence=outcome.label,
                outcome=outcome, closed_on=on, outcome_proof=f"系统按到校日报撤回：{outcome.label}",
            )  # fmt: skip
        except CaseMovedOn:
            return False
        audit.record(Verb.ALERT, unit=case.school_id, actor=None, about=case, withdrawn=outcome, on=on)
    case.refresh_from_db()
    return True


def _move(
    *, case: Case, seen: str, to: Stage, on: datetime.date, actor: User | None, evidence: str, **fields: Any
) -> CaseStep:
    """Compare and set: exactly one row leaves the stage that was seen, or somebody was quicker."""
    if Case.objects.filter(pk=case.pk, stage=seen).update(stage=to, **fields) != 1:
        raise moved_on(case)
    CaseStep.objects.filter(case=case, left_at=None).update(left_at=dates.now(), left_by=actor)
    return enter(case=case, stage=to, on=on, actor=actor, evidence=evidence)


def moved_on(case: Case) -> CaseMovedOn:
    """「王校长 9:12 已完成此步，个案现在是「报告」阶段。」"""
    last = case.steps.select_related("entered_by").order_by("-pk")[0]
    stage = Stage(last.stage).label
    return CaseMovedOn(f"{who(last.entered_by)} {when(last.entered_at)} 已完成此步，个案现在是「{stage}」阶段。")


def check_date(dossier: Dossier, on: datetime.date) -> None:
    """A step is not dated in the future, nor before the step that it follows."""
    if on > dates.today():
        raise CaseRefusal(f"日期不能晚于今天({dates.chinese(dates.today())})。", "on")
    before = dossier.present_step
    if on < before.entered_on:
        stage = Stage(before.stage).label
        raise CaseRefusal(f"日期不能早于上一步：个案{dates.chinese(before.entered_on)}进入「{stage}」阶段。", "on")


def held(case: Case, seen: str = "") -> Case:
    """The case as it is now, unchanged to the end of the transaction. CaseMovedOn where it left the stage seen."""
    audit.queue(case.school_id)
    now = Case.objects.get(pk=case.pk)
    if seen and now.stage != seen:
        raise moved_on(now)
    return now


def who(person: User | None) -> str:
    return person.name if person else "系统"


def when(moment: datetime.datetime) -> str:
    """「9:12」 today, 「3月9日 9:12」 on another day, by the school's clock."""
    local = moment.astimezone(dates.now().tzinfo)
    time = f"{local.hour}:{local.minute:02d}"
    return time if local.date() == dates.today() else f"{local.month}月{local.day}日 {time}"


def in_words(roles: frozenset[str]) -> str:
    """「校长、受托代行校长」"""
    return "、".join(role.label for role in Role if role in roles)
