"""Path or address → the ledger that is kept there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixattest.ledger.sql import SqlLedger


def open_ledger(where: str | Path, *, create: bool = True) -> SqlLedger:
    """Open a ledger.

    Args:
        where: the path of a SQLite file, or the address of a PostgreSQL database
            (`postgresql://…`).
        create: make a new ledger where there is none.

    Raises:
        LedgerError: it can't be opened, or it is no ledger.
    """
    if str(where).startswith(("postgresql://", "postgres://")):
        from pixattest.ledger.postgres import PostgresLedger

        return PostgresLedger(str(where), create=create)
    from pixattest.ledger.sqlite import SqliteLedger

    return SqliteLedger(where, create=create)
