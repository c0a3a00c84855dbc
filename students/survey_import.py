"""The import of the 摸底册: upload, preview as a difference by person, confirmation. Nothing is ever deleted.

An empty cell leaves what is stored as it is. People of the book who are missing from the file stay.
"""

import datetime
import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import File
from django.db import transaction

from kongchuo import dates
from kongchuo.sealed import keyed_hash
from schools import audit
from schools.codes import Verb
from schools.models import Unit, User
from students import survey_rows
from students.codes import ImportOutcome, ImportStatus, ProofGrade
from students.import_commit import ImportMovedOn
from students.models import Household, Paper, Resident, Student, SurveyBatch
from students.roll import RollRefusal, covers
from students.roster.tables import read_tables
from students.schoolage import PROOF
from students.survey_rows import HOUSEHOLD, LABELS, SurveyRow

KEPT_FOR = datetime.timedelta(hours=24)
_UNTOUCHED = ("number", "proof", "id_no")
"""What is compared apart from the plain fields."""


@dataclass(frozen=True)
class Difference:
    """One field of one person that the file changes, in words."""

    label: str
    old: str
    new: str


@dataclass
class Line:
    """What becomes of one row."""

    row: SurveyRow
    outcome: str
    changes: list[Difference] = field(default_factory=list)
    household: Household | None = None
    resident: Resident | None = None

    @property
    def where(self) -> str:
        return f"{self.row.sheet}第{self.row.number}行" if self.row.sheet else f"第{self.row.number}行"


@dataclass
class Plan:
    """Every row with exactly one outcome, and the households that the file adds."""

    lines: list[Line]
    new_households: int

    def of(self, outcome: str) -> list[Line]:
        return [line for line in self.lines if line.outcome == outcome]

    @property
    def account(self) -> dict[str, int]:
        """Rows by outcome; they add up to `rows`."""
        counted = Counter(line.outcome for line in self.lines)
        outcomes = [o.value for o in ImportOutcome if o != ImportOutcome.BLANK]
        return {"rows": len(self.lines), "households": self.new_households} | {key: counted[key] for key in outcomes}

    @property
    def digest(self) -> str:
        """Changes when what the preview showed is no longer what would be done."""
        told = [(line.where, line.outcome, [vars(change) for change in line.changes]) for line in self.lines]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def upload(*, actor: User, school: Unit, file: File) -> SurveyBatch:
    """Read a list and keep it, sealed, until it is confirmed or given up. Raises UnreadableRoster with a sentence."""
    if not covers(actor, school):
        raise RollRefusal("您现在的岗位不能导入摸底册。")
    data, name = file.read(), str(file.name)
    rows = survey_rows.read_rows(read_tables(data, survey_rows.WORDS))
    forget_old_previews()
    return SurveyBatch.objects.create(
        school=school, file_name=name[-120:], sha256=hashlib.sha256(data).hexdigest(), uploaded_by=actor,
        rows=survey_rows.dump(rows),
    )  # fmt: skip


def preview(batch: SurveyBatch) -> Plan:
    """What a waiting upload would do now. Four queries. Raises ImportMovedOn when its rows are gone."""
    text = batch.rows.reveal()
    if batch.status != ImportStatus.WAITING or not text or batch.uploaded_at < dates.now() - KEPT_FOR:
        raise ImportMovedOn("这份摸底册的预览已经结束，请重新上传。")
    return plan(batch.school, survey_rows.load(text))


def plan(school: Unit, rows: Iterable[SurveyRow]) -> Plan:
    """Hold the rows against the book of a school."""
    return _Planning(school).plan(rows)


class _Planning:
    """One comparison: the book as it stands, and what the rows so far have claimed."""

    def __init__(self, school: Unit):
        self.school = school
        self.homes = {home.number: home for home in Household.objects.filter(school=school)}
        self.facts: dict[str, tuple[int, dict[str, Any]]] = {}  # household number → row and what it said first
        self.by_hash: dict[str, Resident] = {}
        self.by_name: dict[tuple, Resident] = {}
        for person in Resident.objects.filter(household__school=school, gone_on__isnull=True).order_by("-pk"):
            if person.id_hash:
                self.by_hash[person.id_hash] = person
            self.by_name[person.household_id, person.name, person.birth_date] = person
            self.by_name.setdefault((person.household_id, person.name), person)
        self.proofs = set(
            Paper.objects.standing()
            .filter(school=school, code=PROOF, resident__isnull=False)
            .values_list("resident_id", "grade")
        )
        self.seen: dict[Any, int] = {}
        self.told: set[str] = set()  # households whose own changes stand at an earlier row

    def plan(self, rows: Iterable[SurveyRow]) -> Plan:
        known = set(self.homes)
        lines = [self._line(row) for row in rows]
        added = {line.household.number for line in lines if line.household and line.household.number not in known}
        return Plan(lines, len(added))

    def _line(self, row: SurveyRow) -> Line:
        refusals = list(row.refusals)
        if not refusals:
            refusals = self._contradictions(row) or self._doubles(row)
        if refusals:
            row.refusals = refusals
            return Line(row, ImportOutcome.REFUSED)
        home = self.homes.get(row.values["number"])
        if home is None:
            home = Household(school=self.school, number=row.values["number"])
            self.homes[home.number] = home
        changes = [] if home.number in self.told else self._changes(home, _of_household(row))
        self.told.add(home.number)
        person = self._person(home, row)
        if person is None:
            return Line(row, ImportOutcome.CREATED, [], home, Resident(household=home))
        changes += self._changes(person, {key: v for key, v in row.values.items() if key not in HOUSEHOLD})
        number = row.values.get("id_no")
        if number and person.id_hash != keyed_hash(number):
            changes.append(Difference(LABELS["id_no"], "***" if person.id_hash else "", number[:6] + "***"))
        proof = row.values.get("proof")
        if proof and (person.pk, proof) not in self.proofs:
            changes.append(Difference(LABELS["proof"], "", ProofGrade(proof).label))
        outcome = ImportOutcome.UPDATED if changes else ImportOutcome.UNCHANGED
        return Line(row, outcome, changes, home, person)

    def _doubles(self, row: SurveyRow) -> list[str]:
        """The same person twice in the file, or a number that another household of the book has."""
        values = row.values
        keys: list[Any] = [(values["number"], values["name"], values.get("birth_date"))]
        number_hash = keyed_hash(values.get("id_no", ""))
        if number_hash:
            keys.append(number_hash)
        for key in keys:
            if key in self.seen:
                return [f"与第{self.seen[key]}行是同一个人，只收前面一行"]
        self.seen |= dict.fromkeys(keys, row.number)
        there = self.by_hash.get(number_hash) if number_hash else None
        home = self.homes.get(values["number"])
        if there and (home is None or there.household_id != home.pk):
            return ["这个身份证号已登记在另一户；搬了家的，请先在原来那户登记迁出"]
        return []

    def _contradictions(self, row: SurveyRow) -> list[str]:
        """Rows of one household must agree on whose it is and where."""
        said: dict[str, Any] = {key: row.values[key] for key in ("head", "village") if key in row.values}
        first, before = self.facts.setdefault(row.values["number"], (row.number, said))
        different = [LABELS[key] for key in said if before.get(key, said[key]) != said[key]]
        return [f"户编号与第{first}行相同，{'、'.join(different)}却不同"] if different else []

    def _person(self, home: Household, row: SurveyRow) -> Resident | None:
        """Whom of the household a row means: by number, else by name and birth date, else by name alone if the book
        knows no birth date or no number that speaks against it."""
        if not home.pk:
            return None
        values = row.values
        if (by_number := self.by_hash.get(keyed_hash(values.get("id_no", "")))) is not None:
            return by_number
        exact = self.by_name.get((home.pk, values["name"], values.get("birth_date")))
        loose = self.by_name.get((home.pk, values["name"]))
        if loose and values.get("birth_date") and loose.birth_date not in (None, values["birth_date"]):
            loose = None
        person = exact or loose
        return None if person and person.id_hash and values.get("id_no") else person

    @staticmethod
    def _changes(row: Household | Resident, said: dict[str, Any]) -> list[Difference]:
        """What the file says otherwise than a stored row. A new row has no changes: all of it is new."""
        if not row.pk:
            return []
        return [
            Difference(LABELS[name], _words(row, name, getattr(row, name)), _words(row, name, value))
            for name, value in said.items()
            if name not in _UNTOUCHED and getattr(row, name) != value
        ]


def _of_household(row: SurveyRow) -> dict[str, Any]:
    return {key: row.values[key] for key in HOUSEHOLD if key in row.values}


def _words(row: Household | Resident, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    choices = dict(row._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    return "" if value in ("", None) else str(choices.get(value, value))


def confirm(*, actor: User, batch: SurveyBatch, seen: str) -> None:
    """Carry out what the preview showed; `seen` is the digest of the plan on the page."""
    if not covers(actor, batch.school_id):
        raise RollRefusal("您现在的岗位不能导入摸底册。")
    with transaction.atomic():
        Unit.objects.select_for_update().get(pk=batch.school_id)  # two confirmations of one school follow each other
        batch.refresh_from_db()
        if batch.status == ImportStatus.DONE:
            raise ImportMovedOn(f"{batch.account['confirmed_by']}已确认过这份摸底册，不会重复导入。")
        now = preview(batch)
        if now.digest != seen:
            raise ImportMovedOn("预览之后摸底册有了变动，下面是新的预览，请再看一遍后确认。")
        _carry_out(now, batch.school, actor)
        batch.status, batch.rows, batch.confirmed_at = ImportStatus.DONE, "", dates.now()
        batch.account = now.account | {"confirmed_by": actor.name}
        batch.save(update_fields=("status", "rows", "confirmed_at", "account"))
        audit.record(Verb.SURVEY, unit=batch.school, actor=actor, about=batch, sha256=batch.sha256, account=now.account)


def _carry_out(now: Plan, school: Unit, actor: User) -> None:
    lines = [line for line in now.lines if line.outcome in (ImportOutcome.CREATED, ImportOutcome.UPDATED)]
    pupils = {s.id_hash: s for s in Student.objects.filter(school=school).exclude(id_hash="").only("pk", "id_hash")}
    papers, saved = [], set()
    for line in lines:
        home, person, values = line.household, line.resident, line.row.values
        assert home
        assert person
        if home.number not in saved:
            _set(home, _of_household(line.row))
            home.save()
            saved.add(home.number)
        _set(person, {key: v for key, v in values.items() if key not in (*HOUSEHOLD, "id_no", "proof")})
        if number := values.get("id_no"):
            person.set_id_number(number)
        person.household, person.student = home, pupils.get(person.id_hash) or person.student
        person.recorded_by, person.recorded_at = actor, dates.now()
        person.save()
        if proof := values.get("proof"):
            papers.append(
                Paper(
                    school=school, resident=person, code=PROOF, title=f"摸底册登记：{ProofGrade(proof).label}",
                    grade=proof, seen_by=values["surveyed_by"], seen_on=values["surveyed_on"], recorded_by=actor,
                )
            )  # fmt: skip
    held = set(Paper.objects.standing().filter(school=school, code=PROOF).values_list("resident_id", "grade"))
    Paper.objects.bulk_create(paper for paper in papers if (paper.resident_id, paper.grade) not in held)


def _set(row: Household | Resident, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def drop(*, actor: User, batch: SurveyBatch) -> None:
    """Give an upload up; its rows are gone."""
    if not covers(actor, batch.school_id):
        raise RollRefusal("您现在的岗位不能导入摸底册。")
    waiting = SurveyBatch.objects.filter(pk=batch.pk, status=ImportStatus.WAITING)
    if waiting.update(status=ImportStatus.DROPPED, rows="") != 1:
        raise ImportMovedOn("这份摸底册已有人确认或放弃。")


def forget_old_previews() -> None:
    """Forget the rows of uploads that nobody confirmed within a day."""
    waiting = SurveyBatch.objects.filter(status=ImportStatus.WAITING, uploaded_at__lt=dates.now() - KEPT_FOR)
    waiting.update(status=ImportStatus.DROPPED, rows="")
