"""How a figure is taken: ours and the floor in turn, the median of many, CPU and wall clock beside each other.

Machines are noisy by a factor of two; a ratio of two things measured in turns is not.
"""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

_TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass
class Figure:
    """One line of the bench. `ratio` is value / floor; where there is no floor, `value` itself is held to `limit`."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    limit: float | None = None
    note: str = ""
    ratio: float | None = field(init=False)
    ok: bool = field(init=False)

    def __post_init__(self) -> None:
        self.ratio = round(self.value / self.floor, 2) if self.floor else None
        held = self.ratio if self.ratio is not None else self.value
        self.ok = self.limit is None or held <= self.limit
        self.value = round(self.value, 3)
        self.floor = round(self.floor, 3) if self.floor else None

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds."""

    cpu: float
    wall: float


def in_turns(ours: Callable[[], Any], floor: Callable[[], Any], times: int = 30) -> tuple[Timing, Timing]:
    """Run both alternately and give the medians of each."""
    ours(), floor()  # both warm
    taken: tuple[list[Timing], list[Timing]] = ([], [])
    gc.collect()
    gc.disable()
    try:
        for _ in range(times):
            for kept, run in zip(taken, (ours, floor), strict=True):
                kept.append(once(run))
    finally:
        gc.enable()
    mine, its = (_median(kept) for kept in taken)
    return mine, its


def once(run: Callable[[], Any]) -> Timing:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Timing((time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000)


def _median(kept: list[Timing]) -> Timing:
    return Timing(statistics.median(t.cpu for t in kept), statistics.median(t.wall for t in kept))


def queries(run: Callable[[], Any]) -> int:
    """Number of queries; statements that open and close transactions are not counted."""
    with CaptureQueriesContext(connection) as captured:
        run()
    return sum(not q["sql"].lstrip().upper().startswith(_TRANSACTION) for q in captured.captured_queries)


def peak_memory() -> float:
    """Largest resident size of this process so far, MB. (getrusage would remember the parent's across exec.)"""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
