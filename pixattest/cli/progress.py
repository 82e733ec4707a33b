"""How far a job is → a bar on a terminal, plain lines in a log, or nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_QUICK = 1.0
"""Seconds that a job lasts before a bar is shown."""
_LINES = 10.0
"""Seconds between two plain lines."""
_LOOK = 256
"""Number of rows or pages between two looks at the clock."""


class Meter:
    """Shows on standard error how far a job is, once it takes long.

    Args:
        quiet: show nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._what = ""
        self._total: int | None = None
        self._done = self._unseen = 0
        self._due = float("inf")
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._tell: Callable[[], None] | None = None
        self._pause = _LINES
        if not quiet:
            self._tell, self._pause = self._tell_line, _LINES
            if sys.stderr.isatty():
                self._tell, self._pause = self._tell_bar, _QUICK / 10
                self._due = time.monotonic() + _QUICK
            else:
                self._due = time.monotonic() + _LINES

    def begin(self, what: str, total: int | None) -> None:
        """Begin a stage, of `total` rows or pages; None where the number is not known."""
        self._what, self._total = what, total
        self._done = self._unseen = 0
        if self._bar:
            self._bar.stop()
            self._bar = None

    def advance(self, count: int) -> None:
        """Count so many more as done."""
        self._unseen += count
        if self._unseen >= _LOOK:
            self._look()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar:
            self._bar.stop()
            self._bar = None

    def _look(self) -> None:
        self._done += self._unseen
        self._unseen = 0
        if self._tell and time.monotonic() >= self._due:
            self._tell()
            self._due = time.monotonic() + self._pause

    def _tell_line(self) -> None:
        of = f" of {self._total:,}" if self._total else ""
        print(f"{self._done:,}{of} {self._what}", file=sys.stderr, flush=True)

    def _tell_bar(self) -> None:
        if self._bar is None:
            self._show_bar()
        assert self._bar is not None
        assert self._task is not None
        self._bar.update(self._task, completed=self._done, rate=self._rate())

    def _show_bar(self) -> None:
        # Here, because it is slow to import and short jobs do without.
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task(self._what, total=self._total, rate="")
        self._began = time.monotonic(), self._done
        self._bar.start()

    def _rate(self) -> str:
        seconds = time.monotonic() - self._began[0]
        return f"{(self._done - self._began[1]) / seconds:,.0f}/s" if seconds > 0.5 else ""
