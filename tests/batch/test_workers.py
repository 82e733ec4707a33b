"""Processes that print: which tasks come first, and what is left when they stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from types import SimpleNamespace
from typing import Any

import pytest

from pixattest import OutputError, PixattestError
from pixattest.batch import workers
from pixattest.batch.outputs import Task
from pixattest.batch.printing import Printed, Setting

SMALL, LARGE = Task("small", (0,), 1), Task("large", (1,), 9)


class Here:
    """Stands for the pool of processes: does what it is given at once, and in this process."""

    def __init__(self, *_: object, **__: object) -> None:
        self.asked: list[str] = []
        self.shut = False

    def submit(self, print_: Callable[[Task], Printed], task: Task) -> Future[Printed]:
        self.asked.append(task.name)
        future: Future[Printed] = Future()
        try:
            future.set_result(print_(task))
        except Exception as error:
            future.set_exception(error)
        return future

    def shutdown(self, *, cancel_futures: bool) -> None:
        self.shut = cancel_futures


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Here:
    """The pool that the next call uses."""
    made = Here()
    monkeypatch.setattr(workers, "ProcessPoolExecutor", lambda *_, **__: made)
    return made


def print_with(
    monkeypatch: pytest.MonkeyPatch, print_: Callable[[Task], Printed]
) -> tuple[Iterator[Printed], list[int]]:
    """Both tasks, printed in a given way, and the progress that is reported."""
    monkeypatch.setattr(workers, "_printer", SimpleNamespace(print=print_))
    told: list[int] = []
    setting: Any = object.__new__(Setting)
    return workers.print_with_processes(setting, [SMALL, LARGE], 2, told.append), told


def done(task: Task) -> Printed:
    return Printed(task, 1, task.size, 0, {})


def test_the_largest_task_is_begun_first_and_each_is_counted(
    pool: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed, told = print_with(monkeypatch, done)
    assert {found.task for found in printed} == {SMALL, LARGE}
    assert pool.asked == ["large", "small"]
    assert sorted(told) == [1, 9]
    assert pool.shut


def test_what_was_done_when_a_task_failed_is_yielded_before_the_error(
    pool: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(task: Task) -> Printed:
        if task is LARGE:
            raise OutputError("is full")
        return done(task)

    printed, _ = print_with(monkeypatch, fail)
    found = next(printed)
    with pytest.raises(OutputError, match="Is full"):
        next(printed)
    assert found.task is SMALL
    assert pool.shut


def test_a_process_that_ended_is_told_in_plain_words(
    pool: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: Task) -> Printed:
        raise BrokenExecutor("it was killed")

    printed, _ = print_with(monkeypatch, die)
    with pytest.raises(PixattestError, match="A process that was printing ended") as ended:
        next(printed)
    assert "fewer processes" in (ended.value.hint or "")
    assert pool.shut


def test_who_stops_asking_stops_the_processes(pool: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    printed, _ = print_with(monkeypatch, done)
    next(printed)
    printed.close()  # type: ignore[attr-defined]
    assert pool.shut
