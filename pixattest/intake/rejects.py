"""Rows with their faults → a file beside the input, to be corrected and fed back."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from pixattest.errors import Fault
from pixattest.intake.source import Source, correction
from pixattest.output import Sink, new_file


class Rejects:
    """The rejects file of a source: a context that writes it whole when it ends without error.

    Without any row there is no file. That of an earlier run is replaced.

    Args:
        source: whose rows.
        taken: files that are not to be replaced: what is read, and other rejects of this run.

    Attributes:
        path: where it will stand.
        count: rows in it.
    """

    def __init__(self, source: Source, taken: Iterable[Path] = ()) -> None:
        self.path = source.rejects_path(taken)
        self.count = 0
        self._source = source
        self._open = ExitStack()
        self._sink: Sink | None = None

    def add(self, origin: Any, faults: Iterable[Fault]) -> None:
        """Write a row, as it came, and what is wrong with it.

        Raises:
            OutputError: the file can't be written.
        """
        if self._sink is None:
            self._sink = self._open.enter_context(new_file(self.path, force=True))
            self._write("\ufeff" * (self.path.suffix == ".csv") + self._source.rejects_head())
        self._write(self._source.rejects_line(origin, correction(faults)))
        self.count += 1

    def _write(self, text: str) -> None:
        assert self._sink is not None
        # Half of a character, as JSON may have it, becomes JSON's own escape.
        self._sink.write(text.encode("utf-8", "backslashreplace"))

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)
