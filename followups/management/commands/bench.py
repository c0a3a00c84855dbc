"""`manage.py bench`: every speed the house promises, as a ratio to a floor measured in the same run."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.test.utils import override_settings

from kongchuo import datadir


class Command(BaseCommand):
    help = (
        "Measure the pages, detection and files on an invented county in a database of its own (a temporary SQLite "
        "file; the installation's data are not touched), each against a floor in the same process. Prints a table, or "
        "with --json a list of name, value, unit, floor, ratio, limit, ok. Ends with 1 when a figure misses its limit. "
        "Takes some minutes; --pupils makes the county smaller."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--pupils", type=int, default=100_000, help="size of the county (default 100000)")
        parser.add_argument("--inside", action="store_true", help="used by the command itself: measure this database")
        parser.add_argument(
            "--probe", nargs="?", const="spells", help="used by the command itself: memory of one thing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["probe"]:
            from followups.bench import imports, spells

            file = options["probe"]
            self.stdout.write(json.dumps(spells.probe() if file == "spells" else imports.probe(file)))
        elif options["inside"]:
            self._inside(options["pupils"])
        else:
            self._outside(**options)

    def _outside(self, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="kongchuo-bench-") as folder:
            kept = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "KC_PUBLIC_URL")}
            own = {"KC_DATA_DIR": str(Path(folder) / "data"), "KC_KEYS_DIR": str(Path(folder) / "keys")}
            command = [sys.executable, "manage.py", "bench", "--inside", "--pupils", str(options["pupils"])]
            answer = subprocess.run(  # noqa: S603
                command, env=kept | own, cwd=datadir.ROOT, stdout=subprocess.PIPE, text=True, check=False
            )
        if answer.returncode:
            sys.exit(answer.returncode)
        rows = json.loads(answer.stdout)
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            for row in rows:
                self.stdout.write(_line(row))
        if not all(row["ok"] for row in rows):
            sys.exit(1)

    def _inside(self, pupils: int) -> None:
        from followups.bench import files, imports, pages, rolls, setting, spells

        with override_settings(
            ROOT_URLCONF="followups.bench.urls", DEMO_TODAY=setting.TODAY, ALLOWED_HOSTS=["testserver"],
            SESSION_ENGINE="django.contrib.sessions.backends.db",
        ):  # fmt: skip
            made = setting.build(pupils=pupils)
            parts = (pages, rolls, files, imports, spells)
            rows = [figure.as_row() for part in parts for figure in _each(part.measure(made))]
        self.stdout.write(json.dumps(rows, ensure_ascii=False))


def _each(figures: Iterator[Any]) -> Iterator[Any]:
    for figure in figures:
        print(_line(figure.as_row()), file=sys.stderr, flush=True)
        yield figure


def _line(row: dict[str, Any]) -> str:
    held = f"{row['ratio']:.2f} 倍" if row["ratio"] is not None else f"{row['value']:g} {row['unit']}"
    limit = f"≤ {row['limit']:g}" if row["limit"] is not None else ""
    base = f"{row['value']:g} / {row['floor']:g} {row['unit']}" if row["floor"] else ""
    return f"{'✓' if row['ok'] else '✗'} {row['name']}：{held} {limit}　{base}　{row['note']}"
