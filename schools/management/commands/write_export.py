"""Write the file of an export that waits in the ledger; the server starts this for long PDFs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schools import exporting
from schools.models import Export


class Command(BaseCommand):
    help = "生成导出台账里一份排队的文件。网站在导出长PDF时自动运行本命令，一般不需要手工运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("export", type=int, metavar="NUMBER", help="导出编号(台账里的数字)")

    def handle(self, **options: Any) -> None:
        export = Export.objects.filter(pk=options["export"]).first()
        if export is None:
            raise CommandError(f"台账里没有编号为 {options['export']} 的导出。")
        if not exporting.write(export):
            raise CommandError("这份导出已经在生成，或已经生成过。")
