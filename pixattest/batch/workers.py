"""Tasks + spool → files, printed by several processes.

Each process prints whole tasks: it reads the spool and writes its files by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from multiprocessing.synchronize import Event

from pixattest.batch.interrupts import deferred
from pixattest.batch.outputs import Task
from pixattest.batch.printing import Printed, Printer, Setting
from pixattest.errors import PixattestError
from pixattest.press.blocks import process_ended

# Seconds between two looks whether somebody asked to stop.
_LOOK = 0.1


class StoppedError(Exception):
    """The first process asked this one to stop."""


def print_with_processes(
    setting: Setting, tasks: Sequence[Task], jobs: int, on_progress: Callable[[int], object]
) -> Iterator[Printed]:
    """Print tasks by several processes, the largest first, and yield each when it is done.

    When the caller stops early, the processes stop too, and leave nothing half-written.

    Raises:
        OutputError: see `Printer.print`.
        PixattestError: a process ended.
    """
    stop = _SPAWN.Event()
    workers = ProcessPoolExecutor(jobs, _SPAWN, initializer=_begin, initargs=(setting, stop))
    yielded: set[Future[Printed]] = set()
    futures: list[Future[Printed]] = []
    # Ctrl-C is heard between two files only: what is done would be lost on its way to the caller.
    with deferred() as raise_if_stopped:
        try:
            largest_first = sorted(tasks, key=lambda task: -task.size)
            futures = [workers.submit(_print_here, task) for task in largest_first]
            pending = set(futures)
            while pending:
                raise_if_stopped()
                done, pending = wait(pending, timeout=_LOOK, return_when=FIRST_COMPLETED)
                for future in done:
                    printed = future.result()
                    yielded.add(future)
                    on_progress(printed.task.size)
                    yield printed
        except (KeyboardInterrupt, PixattestError):
            stop.set()
            workers.shutdown(cancel_futures=True)
            for future in futures:  # what was done meanwhile is done
                if future not in yielded and not future.cancelled() and not future.exception():
                    yield future.result()
            raise
        except BrokenExecutor as reason:
            raise process_ended(reason) from None
        finally:
            stop.set()
            workers.shutdown(cancel_futures=True)


def processes(jobs: int) -> Executor:
    """Return processes that print the pages of one file, as `Press.write` shares them out."""
    return ProcessPoolExecutor(jobs, _SPAWN, initializer=_attend)


# Processes are started anew, not forked: neither memory nor threads of this one are theirs.
_SPAWN = multiprocessing.get_context("spawn")

# The printer of a worker process.
_printer: Printer | None = None


def _begin(setting: Setting, stop: Event) -> None:
    """Make a worker process ready."""
    global _printer
    _attend()

    def raise_if_stopped(_: int) -> None:
        if stop.is_set():
            raise StoppedError

    _printer = Printer(setting, raise_if_stopped)


def _attend() -> None:
    """Leave Ctrl-C to the first process, and end when that process is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait until the parent ends; without it, this process would wait for tasks for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _print_here(task: Task) -> Printed:
    """Print a task in a worker process."""
    assert _printer is not None
    return _printer.print(task)
