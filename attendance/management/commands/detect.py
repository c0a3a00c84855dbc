"""`manage.py detect`: recompute the spells of absence of all schools, and show them."""

import datetime
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from attendance.detection import Spell, Standing, recompute_school, spells_of_school, standing
from kongchuo import dates
from schools.models import Classroom, Unit
from schools.policy import Threshold, rules_on


class Command(BaseCommand):
    help = (
        "Recompute the spells of absence (连缺) of all schools, open and withdraw warnings accordingly, and list every "
        "pupil's current spell: class, seat, consecutive absent and unexcused school days, unreported days within, "
        "where it stands with the school's threshold, and the days. Runs by itself once a day; running it again "
        "changes nothing. With --on a past day it only shows what stood on that day, by the rules of that day. "
        "No names and no numbers of pupils are printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--on", type=datetime.date.fromisoformat, help="YYYY-MM-DD (default: today)")
        parser.add_argument(
            "--json",
            action="store_true",
            help="a list of objects: school (code or name), class, seat, absent, unexcused, unreported, standing "
            "(suspected, unconfirmed, tomorrow or null), dates ({day: mark code, or 未报})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or dates.today()
        if on > dates.today():
            raise CommandError(f"{dates.chinese(on)}还没有到，不能计算。")
        rows = [row for school in Unit.objects.schools() for row in self._rows(school, on)]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
            return
        for row in rows:
            self.stdout.write("\t".join((row["school"], row["class"], str(row["seat"] or ""), *_in_words(row))))
        suspected = sum(row["standing"] == Standing.SUSPECTED for row in rows)
        self.stdout.write(f"{dates.chinese(on)}：连缺{len(rows)}人，达到疑似辍学线{suspected}人。")

    def _rows(self, school: Unit, on: datetime.date) -> list[dict[str, Any]]:
        threshold = rules_on(school, on).threshold("suspected_after")
        spells = recompute_school(school=school) if on == dates.today() else spells_of_school(school, on)
        classrooms = Classroom.objects.in_bulk({spell.classroom_id for spell in spells})
        return [
            {"school": school.code or school.name, "class": classrooms[spell.classroom_id].label_on(on)}
            | _figures(spell, threshold)
            for spell in spells
        ]


def _figures(spell: Spell, threshold: Threshold) -> dict[str, Any]:
    return {
        "seat": spell.seat_no,
        "absent": spell.absent,
        "unexcused": spell.unexcused,
        "unreported": spell.unreported,
        "standing": standing(spell, threshold),
        "dates": {day.isoformat(): said or "未报" for day, said in spell.days},
    }


def _in_words(row: dict[str, Any]) -> tuple[str, str, str, str, str]:
    days = list(row["dates"])
    return (
        f"缺勤{row['absent']}天",
        f"无故{row['unexcused']}天",
        f"未报{row['unreported']}天",
        f"{days[0]}至{days[-1]}",
        Standing(row["standing"]).label if row["standing"] else "",
    )
