"""Jobs that the server runs by itself: no cron, no second service, and never the same job twice at once.

Every server process has one thread that looks once a minute what is due. The row `Job` holds the lease: whoever sets
it (compare and set) runs the job, the others pass by. A job is due when it has not finished since its latest slot, so
a machine that was off at night catches up once after it starts, however many slots it missed.
"""

import datetime
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connections
from django.db.models import Q
from django.utils import timezone

from kongchuo import dates, logs
from schools.models import Job

logger = logging.getLogger(__name__)

DETECTION = "detect"
"""Name of the job that recomputes spells of absence; every page warns when it has not run on a school day."""

LEASE = datetime.timedelta(minutes=15)  # after a crash in the middle of a job nobody runs it for this long
RETRY_AFTER = datetime.timedelta(minutes=10)
FIRST_LOOK, LOOK_EVERY = 5, 60  # seconds

Slot = Callable[[datetime.datetime], datetime.datetime]


@dataclass(frozen=True)
class Task:
    """A job by name: what it does, and the latest moment up to now at which it ought to have run."""

    name: str
    run: Callable[[], object]
    slot: Slot


# Filled by the apps at start-up (AppConfig.ready), through `register`.
registry: dict[str, Task] = {}


def register(name: str, run: Callable[[], object], slot: Slot) -> None:
    """Let the server run `run()` once after each slot: ``register("detect", detect_all, daily(9, 5))``.

    `run` opens its own transactions. What it raises is logged and kept in the row; it runs again ten minutes later.
    """
    registry[name] = Task(name, run, slot)


def daily(hour: int, minute: int = 0) -> Slot:
    """Every day at this time of the school. Heavy work belongs after 16:00, when nobody reports."""

    def latest(now: datetime.datetime) -> datetime.datetime:
        today = dates.at(timezone.localdate(now), hour, minute)
        return today if today <= now else today - datetime.timedelta(days=1)

    return latest


def is_due(task: Task, row: Job) -> bool:
    return row.finished_at is None or row.finished_at < task.slot(dates.now())


def run_due() -> list[str]:
    """Run every job that is due and that nobody else is running. Returns the names of those that ran well."""
    rows = {row.name: row for row in Job.objects.filter(name__in=registry)}
    done = []
    for task in registry.values():
        row = rows.get(task.name) or Job.objects.get_or_create(name=task.name)[0]
        if is_due(task, row) and run(task, row):
            done.append(task.name)
    return done


def run(task: Task, row: Job) -> bool:
    """Run a job under its lease. False if another process holds the lease or has just run it, or if it failed."""
    holder = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
    if not _lease(row, holder):
        return False
    started_on = dates.today()
    mine = Job.objects.filter(pk=row.pk, leased_by=holder)
    try:
        task.run()
    except Exception as error:  # whatever it is, the server's thread goes on, and the row says what happened
        logger.exception("Job %s failed", task.name)
        said = logs.masked(f"{type(error).__name__}: {error}")[:200]
        mine.update(leased_by="", leased_until=timezone.now() + RETRY_AFTER, error=said)
        return False
    mine.update(leased_by="", leased_until=None, ran_on=started_on, finished_at=dates.now(), error="")
    return True


def _lease(row: Job, holder: str) -> bool:
    """Take the lease if nobody has it and nobody finished the job since `row` was read."""
    now = timezone.now()  # the real clock: a demo's day stands still
    free = Job.objects.filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now), pk=row.pk)
    return free.filter(finished_at=row.finished_at).update(leased_by=holder, leased_until=now + LEASE) == 1


def look() -> list[str]:
    """One look of the thread: run what is due; survive everything; keep no connection open until the next look."""
    try:
        return run_due()
    except Exception:
        logger.exception("The job thread could not look for due jobs")
        return []
    finally:
        connections.close_all()


def start(stop: threading.Event | None = None, *, first_look: float = FIRST_LOOK) -> threading.Thread:
    """Start this process's job thread. It dies with the process; a job cut off is caught up after its lease."""
    thread = threading.Thread(
        target=_look_until, args=(stop or threading.Event(), first_look), name="jobs", daemon=True
    )
    thread.start()
    return thread


def _look_until(stop: threading.Event, wait: float) -> None:
    while not stop.wait(wait):
        look()
        wait = LOOK_EVERY
