"""The server's own jobs: when they are due, that one process alone runs them, and that no failure stops the thread."""

import datetime
import threading
from collections.abc import Callable, Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from kongchuo import dates
from schools import jobs
from schools.models import Job


@pytest.fixture(autouse=True)
def empty_registry() -> Iterator[None]:
    kept = dict(jobs.registry)
    jobs.registry.clear()
    yield
    jobs.registry.clear()
    jobs.registry.update(kept)


@pytest.fixture
def runs() -> list[datetime.datetime]:
    """When the job 试 ran; it is due daily at 16:00."""
    kept: list[datetime.datetime] = []
    jobs.register("试", lambda: kept.append(dates.now()), jobs.daily(16))
    return kept


def test_daily_slot_is_the_latest_one_up_to_now(at_day: Callable) -> None:
    slot = jobs.daily(9, 5)
    assert slot(dates.at(datetime.date(2026, 3, 11), 9, 4)) == dates.at(datetime.date(2026, 3, 10), 9, 5)
    assert slot(dates.at(datetime.date(2026, 3, 11), 9, 5)) == dates.at(datetime.date(2026, 3, 11), 9, 5)
    # 00:30 in China is still yesterday by the machine's own clock (UTC).
    assert slot(dates.at(datetime.date(2026, 3, 11), 0, 30)) == dates.at(datetime.date(2026, 3, 10), 9, 5)


@pytest.mark.django_db
def test_a_job_runs_at_start_up_then_once_after_each_slot(at_day: Callable, runs: list) -> None:
    at_day("2026-03-11", 8)
    assert jobs.run_due() == ["试"]  # never run: due at once
    assert jobs.run_due() == []
    at_day("2026-03-11", 15, 59)
    assert jobs.run_due() == []
    at_day("2026-03-11", 16, 1)
    assert jobs.run_due() == ["试"]
    at_day("2026-03-16", 7)  # the machine was off for days: one run catches up
    assert jobs.run_due() == ["试"]
    assert jobs.run_due() == []
    assert len(runs) == 3
    assert Job.objects.get().ran_on == datetime.date(2026, 3, 16)


@pytest.mark.django_db
def test_a_failure_is_kept_masked_and_tried_again_later(at_day: Callable) -> None:
    number = "530000" + "20130412" + "0015"
    wrong = [True]

    def fails_first() -> None:
        if wrong:
            raise ValueError(f"坏数据 {number}")

    jobs.register("试", fails_first, jobs.daily(16))
    at_day("2026-03-11", 16)
    assert jobs.run_due() == []
    row = Job.objects.get()
    assert row.error == "ValueError: 坏数据 530000***"
    assert row.finished_at is None
    wrong.clear()
    assert jobs.run_due() == []  # not at every look: the log would fill
    at_day("2026-03-11", 16, 11)
    assert jobs.run_due() == ["试"]
    assert Job.objects.get().error == ""


@pytest.mark.django_db
def test_a_lease_keeps_others_away_until_it_ends(at_day: Callable, runs: list) -> None:
    at_day("2026-03-11", 16)
    Job.objects.create(name="试", leased_by="别的进程", leased_until=timezone.now() + jobs.LEASE)
    assert jobs.run_due() == []
    at_day("2026-03-11", 16, 16)  # its holder died
    assert jobs.run_due() == ["试"]
    assert len(runs) == 1


@pytest.mark.django_db
def test_who_read_the_row_before_another_finished_passes_by(at_day: Callable, runs: list) -> None:
    at_day("2026-03-11", 16)
    seen_before, _ = Job.objects.get_or_create(name="试")
    assert jobs.run_due() == ["试"]
    assert not jobs.run(jobs.registry["试"], seen_before)
    assert len(runs) == 1


@pytest.mark.django_db(transaction=True)
def test_of_threads_that_look_at_once_exactly_one_runs_the_job() -> None:
    rounds, threads = 10, 6
    ran: list[int] = []
    outcomes: list[list[str]] = []

    def contest(number: int) -> None:
        gate = threading.Barrier(threads)
        jobs.registry.clear()
        jobs.register(f"试{number}", lambda: ran.append(number), jobs.daily(16))

        def one() -> None:
            gate.wait()
            outcomes.append(jobs.look())

        workers = [threading.Thread(target=one) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    for number in range(rounds):
        contest(number)
    assert ran == list(range(rounds))
    assert sorted(filter(None, outcomes)) == sorted([f"试{number}"] for number in range(rounds))


@pytest.mark.django_db(transaction=True)
def test_a_look_survives_whatever_goes_wrong_and_closes_its_connection() -> None:
    jobs.register("试", lambda: None, lambda now: now / 0)
    Job.objects.create(name="试", finished_at=dates.now())
    assert jobs.look() == []
    assert connections["default"].connection is None


@pytest.mark.django_db(transaction=True)
def test_the_thread_looks_by_itself() -> None:
    ran, stop = threading.Event(), threading.Event()
    jobs.register("试", ran.set, jobs.daily(16))
    thread = jobs.start(stop, first_look=0)
    assert ran.wait(20)
    stop.set()
    thread.join(20)
    assert thread.daemon
    assert not thread.is_alive()


@pytest.mark.django_db
def test_the_command_lists_and_runs(at_day: Callable, runs: list, capsys: pytest.CaptureFixture) -> None:
    at_day("2026-03-11", 8)
    call_command("run_jobs", "--list")
    call_command("run_jobs")
    call_command("run_jobs")
    call_command("run_jobs", "试")
    call_command("run_jobs", "--list")
    said = capsys.readouterr().out.splitlines()
    assert said == ["试\t还没有运行过\t", "已运行：试", "没有到期的任务。", "试 已完成。", "试\t2026-03-11 08:00\t"]
    assert len(runs) == 2


@pytest.mark.django_db
def test_the_command_refuses_an_unknown_job_and_tells_of_a_failure(runs: list) -> None:
    with pytest.raises(CommandError, match="没有这个任务：无此。现有：试"):
        call_command("run_jobs", "无此")
    Job.objects.create(name="试", leased_by="别的进程", leased_until=timezone.now() + jobs.LEASE)
    with pytest.raises(CommandError, match="服务器正在运行它"):
        call_command("run_jobs", "试")
    assert not runs
