"""PostgreSQL database → a ledger in a schema of its own, through psycopg."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pixattest.errors import LedgerError
from pixattest.ledger.sql import PATIENCE, TABLES, VERSION, Row, SqlLedger

if TYPE_CHECKING:
    from psycopg import Connection

_SCHEMA = "pixattest"
"""Name of the schema that the tables are in."""

_CREATION = 0x70697841
"""Number of the lock that is held while the tables are made, the same for all processes."""


class PostgresLedger(SqlLedger):
    """A ledger in the schema `pixattest` of a PostgreSQL database.

    Args:
        conninfo: connection string of libpq, such as `postgresql://user@host/database`.
        create: make its tables when there are none.
        patience: seconds to wait for others that write.

    Raises:
        LedgerError: psycopg is not installed, the database does not answer, or its schema of that
            name is no ledger.
    """

    def __init__(self, conninfo: str, *, create: bool = True, patience: float = PATIENCE) -> None:
        self.source = "PostgreSQL"
        self._connection = self._connect(conninfo)
        info = self._connection.info
        self.source = f"{info.host}:{info.port}/{info.dbname}"
        try:
            with self._errors():
                self._open(create=create, patience=patience)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _connect(self, conninfo: str) -> Connection[Row]:
        try:
            import psycopg
        except ImportError:
            raise LedgerError(
                "psycopg is not installed", hint="Run pip install 'pixattest[postgres]'."
            ) from None
        try:
            return psycopg.connect(conninfo, autocommit=True)
        except psycopg.Error as reason:
            raise self._error(
                f"can't be reached: {_line(reason)}", "Check the address, and that it runs."
            ) from None

    def _open(self, *, create: bool, patience: float) -> None:
        """Make the tables of a new ledger, refuse another one's, and set what is safe."""
        execute = self._connection.execute
        execute(f"SET search_path TO {_SCHEMA}")
        execute(f"SET lock_timeout TO {round(patience * 1000)}")
        # A commit waits for the server's disk; a setting that waits for replicas, too, is kept.
        execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        if not self._is_ledger():
            if not create:
                raise self._error("has no ledger", "Check the database's name.")
            with self._connection.transaction():
                execute(f"SELECT pg_advisory_xact_lock({_CREATION})")
                if not self._is_ledger():  # nobody else was faster
                    execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
                    for table in TABLES:
                        execute(
                            table.format(id="BIGINT", bytes="BYTEA", time="TIMESTAMPTZ", keyed="")
                        )
                    execute("CREATE TABLE version (number INTEGER NOT NULL)")
                    execute(f"INSERT INTO version VALUES ({VERSION})")

    def _is_ledger(self) -> bool:
        """Tell whether the schema is a ledger of this version; False when it is empty.

        Raises:
            LedgerError: it is something else, or of another version.
        """
        tables = {
            name
            for (name,) in self._all(
                "SELECT tablename FROM pg_tables WHERE schemaname = ?", _SCHEMA
            )
        }
        if not tables:
            return False
        if not {"version", "attestation"} <= tables:
            raise self._error(
                f"has a schema {_SCHEMA!r} that is not a ledger", "Use another database."
            )
        (version,) = self._one("SELECT number FROM version")
        if version > VERSION:
            raise self._too_new(version)
        return True

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._errors(), self._connection.transaction():
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._errors(), self._connection.transaction():
            # Readers go on; whoever else writes waits here, before anything is looked up.
            self._connection.execute("LOCK TABLE attestation IN SHARE ROW EXCLUSIVE MODE")
            yield

    def _all(self, sql: str, *values: object) -> list[Row]:
        rows: list[Row] = self._connection.execute(sql.replace("?", "%s"), values).fetchall()
        return rows

    def _among(self, sql: str, texts: Iterable[str], *values: object) -> list[Row]:
        among = sql.replace("{among}", "unnest(?::text[]) j(value)")
        return self._all(among, list(texts), *values)

    def _add(self, sql: str, rows: Sequence[Row]) -> None:
        if rows:
            with self._connection.cursor() as cursor:
                cursor.executemany(sql.replace("?", "%s"), rows)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn the database's errors into a LedgerError that names it."""
        import psycopg

        try:
            yield
        except psycopg.errors.LockNotAvailable as reason:
            raise self._busy() from reason
        except psycopg.errors.DiskFull as reason:
            raise self._full() from reason
        except psycopg.Error as reason:
            raise self._error(
                f"can't be used: {_line(reason)}",
                "Mend that, and run it again; what was not told as done may not be kept.",
            ) from reason


def _line(reason: Exception) -> str:
    """Return the first line of an error of PostgreSQL, as a part of a sentence."""
    lines = str(reason).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(reason).__name__
