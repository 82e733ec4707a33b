"""Queries → rows of a job's temporary database; what goes wrong there as an OutputError."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pixattest.errors import OutputError


class Database:
    """A SQLite file that lives as long as a job.

    Args:
        path: the path of the file.
        tables: the SQL that makes the tables of a new file; None: the file is finished, and only
            read.
    """

    def __init__(self, path: Path, tables: str | None) -> None:
        self.path = path
        with self._errors():
            if tables:
                self._base = sqlite3.connect(path, isolation_level=None)
                self._base.executescript(tables)
            else:
                # Immutable: no process locks it, and nothing is written while others read.
                address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
                self._base = sqlite3.connect(address, uri=True)

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def run(self, sql: str, values: Sequence[object] = ()) -> None:
        """Run one statement.

        Raises:
            OutputError: the file can't be written, for want of room.
        """
        with self._errors():
            self._base.execute(sql, values)

    def run_with_each(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement with the values of each row.

        Raises:
            OutputError: the file can't be written, for want of room.
        """
        with self._errors():
            self._base.executemany(sql, rows)

    def read(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a query finds, as they are asked for.

        Raises:
            OutputError: the file can't be read.
        """
        with self._errors():
            for row in self._base.execute(query, values):  # noqa: UP028 - a cursor has a close
                yield row

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make many changes at once, which are quicker together."""
        self.run("BEGIN")
        yield
        self.run("COMMIT")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn an error of SQLite into one that names the folder that is full.

        Raises:
            OutputError: the file can't be written or read.
        """
        try:
            yield
        except sqlite3.OperationalError as reason:
            raise OutputError(
                f"can't keep the rows: {reason}",
                source=str(self.path.parent),
                hint="Make room there, or set TMPDIR to a folder with more.",
            ) from None
