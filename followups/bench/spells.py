"""Detection for a whole county against one fixed window query that gives the same result."""

import json
import subprocess
import sys
from collections.abc import Iterator

from attendance.detection import spells_of_all
from followups.bench import floors
from followups.bench.measure import Figure, in_turns, peak_memory
from followups.bench.setting import TODAY, Setting
from kongchuo import datadir
from students.models import Student


def measure(setting: Setting) -> Iterator[Figure]:
    assert ours() == floors.spells(TODAY), "detection and the window query must agree"
    mine, floor = in_turns(ours, lambda: floors.spells(TODAY), 3)
    pupils = Student.objects.count()
    note = f"墙钟 {mine.wall / 1000:.2f} / {floor.wall / 1000:.2f} s，{pupils}人 × 100天"
    yield Figure("全县预警计算", mine.cpu, "CPU ms", floor.cpu, 3, note)
    yield Figure("全县预警计算 内存", _memory(), "MB", limit=300)


def ours() -> dict[int, tuple[int, int, int]]:
    """Pupil to (absent, unexcused, unreported) of the current spell."""
    return {
        spell.student_id: (spell.absent, spell.unexcused, spell.unreported)
        for _, spells in spells_of_all(TODAY)
        for spell in spells
    }


def probe() -> float:
    """Largest memory of a process that does nothing else."""
    for _, spells in spells_of_all(TODAY):
        del spells
    return peak_memory()


def _memory() -> float:
    command = [sys.executable, "manage.py", "bench", "--probe"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=datadir.ROOT)  # noqa: S603
    return float(json.loads(answer.stdout))
