"""Import a roster from the command line: a dry run unless --commit is given."""

import datetime
import hashlib
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from kongchuo import dates
from schools.models import Unit
from students.codes import ImportOutcome
from students.import_commit import ImportMovedOn, commit_import
from students.import_plan import Line, Plan, plan_import
from students.imports import open_roster, usual_start
from students.roster import classlabels
from students.roster.cells import UnreadableRoster


class Command(BaseCommand):
    help = (
        "Import a class or school roster (花名册: xlsx, xls or csv). Without --commit nothing is written and the "
        "account of the rows is shown: created + updated + unchanged + refused + blank = rows. Exit code 0 for a "
        "roster that can be read, whatever its rows are worth; 1 with a sentence for a file that can't."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the roster")
        parser.add_argument("--school", required=True, metavar="CODE", help="学校标识码 of the school")
        parser.add_argument("--commit", action="store_true", help="write it; otherwise this is a dry run")
        parser.add_argument("--json", action="store_true", help="the account as JSON, refusals with row and reason")
        parser.add_argument(
            "--all-sheets", action="store_true", help="read every sheet that has a header, not the first"
        )
        parser.add_argument("--class", dest="label", default="", metavar="LABEL",
                            help="class of a list without a class column, such as 三(2)班")  # fmt: skip
        parser.add_argument("--from", dest="on", type=datetime.date.fromisoformat, metavar="DATE",
                            help="first day of new pupils on the roll (today; in the summer 1 September)")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            plan = self._plan(options)
        except (UnreadableRoster, ImportMovedOn, CommandError) as refusal:
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(refusal)}, ensure_ascii=False))
            raise CommandError(str(refusal)) from refusal
        report = self._json if options["json"] else self._text
        report(plan, committed=options["commit"])

    def _plan(self, options: dict[str, Any]) -> Plan:
        """The plan, carried out if so asked: planned and written in one transaction, on one state of the roll."""
        school = Unit.objects.filter(code=options["school"]).first()
        if school is None:
            raise CommandError(f"没有学校标识码为{options['school']}的学校。")
        data = _read(options["file"])
        label = _label(options["label"])
        roster = open_roster(
            data, file_name=options["file"].name, all_sheets=options["all_sheets"], default_class=label
        )
        on = options["on"] or usual_start(dates.today())
        with transaction.atomic():
            plan = plan_import(school=school, roster=roster, on=on)
            if options["commit"]:
                commit_import(plan=plan, actor=None, sha256=hashlib.sha256(data).hexdigest())
        return plan

    def _json(self, plan: Plan, *, committed: bool) -> None:
        account = plan.account | {
            "refusals": [_told(line, "reason", line.reasons) for line in plan.of(ImportOutcome.REFUSED)],
            "warnings": [
                _told(line, "warning", line.warnings) for line in plan.lines if line.warnings and not line.reasons
            ],
            "new_classes": [room.label_on(plan.on) for room in plan.new_classrooms],
            "notices": plan.notices,
            "committed": committed,
        }
        self.stdout.write(json.dumps(account, ensure_ascii=False))

    def _text(self, plan: Plan, *, committed: bool) -> None:
        for notice in plan.notices:
            self.stdout.write(notice)
        for line in plan.of(ImportOutcome.REFUSED):
            self.stdout.write(f"{line.where}：{'；'.join(line.reasons)}")
        parts = " + ".join(f"{outcome.label}{plan.account[outcome]}" for outcome in ImportOutcome)
        self.stdout.write(f"共{plan.account['rows']}行 = {parts}")
        self.stdout.write("已导入。" if committed else "这是试算，没有写入；加上 --commit 才导入。")


def _told(line: Line, key: str, sentences: list[str]) -> dict[str, Any]:
    """Row number and sentences; the sheet as well where several were read."""
    sheet = {"sheet": line.row.sheet} if line.row.sheet else {}
    return {"row": line.row.number, key: "；".join(sentences)} | sheet


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableRoster(f"打不开文件「{path.name}」。") from error


def _label(text: str) -> classlabels.ClassLabel | None:
    try:
        return classlabels.parse(text) if text else None
    except ValueError as error:
        raise CommandError(str(error)) from error
