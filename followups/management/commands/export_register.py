"""《辍学生登记表》 from the command line."""

import argparse
import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from followups import exports
from followups.codes import ExportForm
from followups.models import Case
from kongchuo import dates, pdf
from kongchuo.sheets import Stamp
from schools import audit
from schools.books import Made
from schools.codes import Edition, ExportFormat, Verb
from schools.models import Unit

HELP = """\
把一所学校截至某日的《辍学生登记表》写成文件。

列入：截止日期前已由校长认定、当日未销号的个案，以及本学年内已销号的个案。尚未认定的预警不列入；
截止日期之后的认定、联系走访、文书和销号不显示。没有学生时写零报告。
默认脱敏：身份证号、学籍号只显示前六位，电话和住址部分隐藏。--full 写全号，必须用 --reason 写明用途。
每次导出都记入该校的留痕。文件只有本人可读(0600)；同名文件会被覆盖。
"""
EXAMPLES = """\
例：
  manage.py export_register --school 2153000001 --on 2026-11-21 --form roster --format xlsx --out 登记表.xlsx
  manage.py export_register --school 2153000001 --on 2026-11-21 --form single --format pdf --out 单人表.pdf
  manage.py export_register --school 2153000001 --on 2026-11-21 --form roster --format xlsx-data --out 平表.xlsx \\
      --full --reason "报县教育局基教股月报"
"""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        kwargs |= {"formatter_class": argparse.RawDescriptionHelpFormatter, "epilog": EXAMPLES}
        return super().create_parser(*args, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", required=True, metavar="CODE", help="学校标识码，10位")
        parser.add_argument(
            "--on",
            type=datetime.date.fromisoformat,
            default=None,
            metavar="DATE",
            help="截止日期，如 2026-11-21；默认今天",
        )
        parser.add_argument(
            "--form",
            choices=ExportForm.values,
            default=ExportForm.ROSTER,
            help="roster 花名册(默认)；single 单人表，一案一页(或一张工作表)",
        )
        parser.add_argument(
            "--format",
            choices=ExportFormat.values,
            default=ExportFormat.XLSX,
            help="xlsx 打印版(默认)；xlsx-data 数据版，第1行是表头；pdf",
        )
        parser.add_argument("--out", required=True, type=Path, metavar="FILE", help="写到哪个文件")
        parser.add_argument(
            "--paper", choices=sorted(exports.PAPERS), default="a3", help="花名册的纸张：a3 横(默认)或 a4 横"
        )
        parser.add_argument("--full", action="store_true", help="写全号(报教育局)，要同时写 --reason")
        parser.add_argument("--reason", default="", metavar="TEXT", help="全号的用途，记入留痕")

    def handle(self, **options: Any) -> None:
        school = Unit.objects.schools().filter(code=options["school"]).first()
        if school is None:
            raise CommandError(f"没有标识码为 {options['school']} 的学校。")
        full, reason = options["full"], options["reason"].strip()
        if full and not reason:
            raise CommandError("--full 会写出完整的身份证号，请用 --reason 写明用途。")
        order = exports.Order(
            school, options["on"] or dates.today(), ExportForm(options["form"]), ExportFormat(options["format"]),
            full=full, paper=options["paper"],
        )  # fmt: skip
        if order.on > dates.today():
            raise CommandError(f"截止日期 {order.on} 还没有到，最晚是今天 {dates.today()}。")
        self._record(order, reason)
        stamp = Stamp("系统管理员(命令行)", dates.now(), edition=Edition(order.edition).label)
        try:
            made = exports.make(order, Case.objects.all(), stamp, self._progress if options["verbosity"] else None)
        except pdf.PdfUnavailableError as error:
            raise CommandError("现在不能生成PDF：\n" + "\n".join(error.args)) from error
        except pdf.PdfFailedError as error:
            raise CommandError(str(error)) from error
        _write(options["out"], made.content)
        self._tell(order, made, options["out"])

    def _record(self, order: exports.Order, reason: str) -> None:
        """The trace comes before the file: what can't be recorded is not exported."""
        with transaction.atomic():
            audit.record(
                Verb.EXPORT, unit=order.school, actor=None, reason=reason, form=order.form, format=order.format,
                edition=order.edition, on=order.on, by="命令行",
            )  # fmt: skip

    def _progress(self, done: int, total: int) -> None:
        self.stderr.write(f"第{done}册（共{total}册）已排版")

    def _tell(self, order: exports.Order, made: Made, out: Path) -> None:
        if made.rows:
            self.stdout.write(f"已写出 {made.rows} 名学生：{out}")
        else:
            self.stdout.write(f"截至 {order.on} 没有应列入的学生，已写出零报告：{out}")
        for refusal in made.refused:
            self.stderr.write(f"未导出：{refusal.who} {refusal.reason}")


def _write(path: Path, content: bytes) -> None:
    """The file, readable by its owner only."""
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"写不了 {path}：{error.strerror}") from error
