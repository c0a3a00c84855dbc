"""`manage.py demo`: an invented school or county, for looking, teaching and measuring."""

import datetime
import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from followups.demo import county, school
from followups.demo.base import term_dates
from kongchuo import datadir, dates
from schools.calendar import is_working, published
from schools.models import Unit


class Command(BaseCommand):
    help = (
        "Fill an empty installation with an invented school (--size school: code 2153000001, 九年一贯制, one class a "
        "grade, 9 x 53 pupils, one school year up to --today, spells and cases at every step, one account for each "
        "role) or with a county in bulk (--size county: 100 000 pupils, 100 school days). The installation then stands "
        "still on --today under a banner. Refuses a database that already holds a school; with --if-empty it changes "
        "nothing and ends well."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=("school", "county"), default="school")
        parser.add_argument("--seed", type=int, default=1, help="same seed, same data (default 1)")
        parser.add_argument("--password", help="password of all accounts (default: made and printed)")
        parser.add_argument("--today", type=datetime.date.fromisoformat, help="YYYY-MM-DD (default: last school day)")
        parser.add_argument("--pupils", type=int, default=100_000, help="county only: about how many pupils")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is a school already")

    def handle(self, *args: Any, **options: Any) -> None:
        if Unit.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("数据库里已经有学校。演示数据只能装进空的系统；请另设数据文件夹(KC_DATA_DIR)。")
        today = options["today"] or _last_school_day()
        password = options["password"] or secrets.token_urlsafe(9)
        say = self.stdout.write
        if options["size"] == "school":
            accounts = school.build(seed=options["seed"], password=password, today=today)
        else:
            accounts = ["jiaowu1", "xiaozhang1", "xianju"]
            county.build(pupils=options["pupils"], seed=options["seed"], password=password, today=today, say=say)
        datadir.demo_today_file().write_text(today.isoformat())
        say(f"演示数据已装好，系统停在 {dates.chinese(today)}。")
        say(f"登录名：{'、'.join(accounts)}")
        say(f"密码（全部账号）：{password}")


def _last_school_day() -> datetime.date:
    """The latest working day that lies in a term of the demo's calendar."""
    day = dates.today()
    while not (
        is_working(day, published(day.year)) and any(a <= day <= b for a, b in term_dates(dates.school_year(day)))
    ):
        day -= datetime.timedelta(days=1)
    return day
