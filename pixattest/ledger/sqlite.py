"""SQLite file → a ledger that is read and written by several processes at once."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pixattest.ledger.sql import PATIENCE, TABLES, VERSION, Row, SqlLedger

_APPLICATION = 0x70697841
"""Number in a SQLite file's header by which it is known as a ledger: "pixA" in ASCII."""

_CHECKPOINT = 8000
"""Pages of 4 KiB that the log has before it is copied into the file: fewer, larger copies."""

_CACHE = 32 << 10
"""KiB of memory: enough for the indexes of some hundred thousand codes and keys."""

_UNKNOWN = "Check the disk; `sqlite3 FILE 'PRAGMA integrity_check'` checks the file."
_WORDS = {
    sqlite3.SQLITE_READONLY: (
        "can't be written",
        "Let its owner run this, or make file and folder writable.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "can't be opened",
        "Check its path; file and folder must be readable and writable.",
    ),
    sqlite3.SQLITE_NOTADB: ("is not a ledger", "Correct its path."),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "Restore it from a copy."),
}


class SqliteLedger(SqlLedger):
    """A ledger in a SQLite file, on a disk of this machine: a network's would lose the log.

    Args:
        path: of the file; beside it stand a log (-wal) and an index of it (-shm) while it is open.
        create: make it when there is none, for its owner alone, as it holds personal data.
        patience: seconds to wait for others that write.

    Raises:
        LedgerError: it can't be opened, or it is no ledger.
    """

    def __init__(
        self, path: str | Path, *, create: bool = True, patience: float = PATIENCE
    ) -> None:
        self.source = str(path)
        path = Path(path).resolve()  # where a link leads, and nothing that is special to SQLite
        if create:
            self._touch(path)
        elif not path.exists():
            raise self._error("there is no such file", "Correct its path.")
        if path.is_dir():
            raise self._error("is a folder", "Give a file's name.")
        with self._errors():
            self._connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
        try:
            self._open(create=create, patience=patience)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file; the last to do so folds the log into it."""
        with self._errors():
            self._connection.close()

    def _touch(self, path: Path) -> None:
        """Make the file, if there is none, before anybody can read what will be in it."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            pass
        except OSError as reason:
            raise self._error(f"can't be made: {reason.strerror}", "Choose another file.") from None

    def _open(self, *, create: bool, patience: float) -> None:
        """Refuse what is no ledger, make the tables of a new one, and set what is safe."""
        with self._errors():
            with self._reading():  # all of it before or after somebody else makes the tables
                known = self._is_ledger()
            if not known:
                if not create:
                    raise self._error("is empty, not a ledger", "Correct its path.")
                self._become_logged(patience)
                with self._writing():
                    if not self._is_ledger():  # nobody else was faster
                        for table in TABLES:
                            self._connection.execute(
                                table.format(
                                    id="INTEGER", bytes="BLOB", time="TEXT", keyed=" WITHOUT ROWID"
                                )
                            )
                        self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                        self._connection.execute(f"PRAGMA user_version = {VERSION}")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
            self._connection.execute(f"PRAGMA cache_size = -{_CACHE}")

    def _is_ledger(self) -> bool:
        """Tell whether the file is a ledger of this version; False when it is empty.

        Raises:
            LedgerError: it is something else, or of another version.
        """
        (application,) = self._one("PRAGMA application_id")
        (version,) = self._one("PRAGMA user_version")
        if application == _APPLICATION:
            if version > VERSION:
                raise self._too_new(version)
            return True
        if application or self._one("SELECT 1 FROM sqlite_master"):
            raise self._error("is a database, but not a ledger", "Correct its path.")
        return False

    def _become_logged(self, patience: float) -> None:
        """Write ahead to a log, so that readers and one who writes don't wait for each other."""
        deadline = time.monotonic() + patience
        while True:
            try:
                (mode,) = self._one("PRAGMA journal_mode = WAL")
                break
            except sqlite3.OperationalError as busy:
                # For this change alone SQLite does not wait by itself.
                if busy.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.01)
        if mode != "wal":
            raise self._error(
                "its file system can't keep a ledger's log", "Put it on a disk of this machine."
            )

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._transaction("BEGIN"):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._transaction("BEGIN IMMEDIATE"):
            yield

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        with self._errors():
            self._connection.execute(begin)
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # On a full disk SQLite has rolled back by itself.
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise

    def _all(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()

    def _among(self, sql: str, texts: Iterable[str], *values: object) -> list[Row]:
        among = sql.replace("{among}", "json_each(?) j")
        return self._all(among, json.dumps(list(texts)), *values)

    def _add(self, sql: str, rows: Sequence[Row]) -> None:
        self._connection.executemany(sql, rows)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn SQLite's errors into a LedgerError that names the file."""
        try:
            yield
        except sqlite3.Error as reason:
            # The lower byte is the kind; the upper ones tell some of the same kind apart.
            kind = getattr(reason, "sqlite_errorcode", 0) & 0xFF
            if kind == sqlite3.SQLITE_BUSY:
                raise self._busy() from reason
            if kind == sqlite3.SQLITE_FULL:
                raise self._full() from reason
            raise self._error(*_WORDS.get(kind, (f"can't be used: {reason}", _UNKNOWN))) from reason
