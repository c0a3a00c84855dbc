from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from schools import jobs
from schools.models import Job


class Command(BaseCommand):
    help = (
        "运行到期的后台任务（平时由服务器自己运行，不需要本命令）。"
        "写任务名则不论是否到期立即运行；--list 只列出任务和上次运行的情况。正在由服务器运行的任务不会重复运行。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="任务名")
        parser.add_argument("--list", action="store_true", help="列出任务，不运行")

    def handle(self, *args: Any, **options: Any) -> None:
        if unknown := [name for name in options["names"] if name not in jobs.registry]:
            raise CommandError(f"没有这个任务：{'、'.join(unknown)}。现有：{'、'.join(jobs.registry) or '无'}")
        if options["list"]:
            return self._list()
        if not options["names"]:
            done = jobs.run_due()
            self.stdout.write(f"已运行：{'、'.join(done)}" if done else "没有到期的任务。")
            return None
        for name in options["names"]:
            row, _ = Job.objects.get_or_create(name=name)
            if not jobs.run(jobs.registry[name], row):
                row.refresh_from_db()
                raise CommandError(f"{name} 没有完成：{row.error or '服务器正在运行它'}")
            self.stdout.write(f"{name} 已完成。")
        return None

    def _list(self) -> None:
        rows = {row.name: row for row in Job.objects.all()}
        for name in jobs.registry:
            row = rows.get(name) or Job(name=name)
            last = f"{timezone.localtime(row.finished_at):%Y-%m-%d %H:%M}" if row.finished_at else "还没有运行过"
            self.stdout.write(f"{name}\t{last}\t{row.error}")
