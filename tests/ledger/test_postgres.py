"""A PostgreSQL database as a ledger: what is told when it can't be used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime

import pytest

from pixattest.errors import LedgerError
from pixattest.ledger import Draft, open_ledger
from pixattest.ledger.postgres import PostgresLedger

Drafts = Callable[..., Draft]


def test_a_missing_psycopg_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes with an extra."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LedgerError) as caught:
        open_ledger("postgresql://localhost/none")
    assert str(caught.value) == ("Psycopg is not installed. Run pip install 'pixattest[postgres]'.")


def test_a_database_that_does_not_answer_is_told(postgres: str) -> None:
    """Without the address, which may hold a password."""
    folder = postgres.partition("host=")[2]
    with pytest.raises(LedgerError, match=r"^PostgreSQL: can't be reached: ") as caught:
        PostgresLedger(f"postgresql://tester:s3cret@/none?host={folder}")
    assert "s3cret" not in str(caught.value)


def test_nothing_is_made_where_a_ledger_is_looked_into(database: str) -> None:
    """A wrong database is told."""
    for _ in range(2):
        with pytest.raises(LedgerError, match="has no ledger"):
            PostgresLedger(database, create=False)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("CREATE SCHEMA pixattest; CREATE TABLE pixattest.a (b text)", "that is not a ledger"),
        (None, "is a ledger of version 99, and this pixattest knows 1"),
    ],
)
def test_what_is_no_ledger_is_left_alone(
    database: str, statement: str | None, problem: str
) -> None:
    """Another program's schema of that name, and a later version's."""
    import psycopg

    if statement is None:
        PostgresLedger(database).close()
        statement = "UPDATE pixattest.version SET number = 99"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(statement.encode())
    with pytest.raises(LedgerError, match=problem):
        PostgresLedger(database)


def test_a_commit_waits_for_the_disk(database: str) -> None:
    """Also where the server's own setting would not."""
    import psycopg

    def setting(value: str) -> str:
        address = f"{database}&options=-csynchronous_commit%3D{value}"
        with PostgresLedger(address) as ledger:
            return str(ledger._one("SHOW synchronous_commit")[0])

    assert psycopg.__version__
    assert (setting("off"), setting("remote_apply")) == ("on", "remote_apply")


def test_a_busy_ledger_is_told_after_a_while(database: str, draft: Drafts, now: datetime) -> None:
    """And used again once it is free; readers need not wait."""
    with PostgresLedger(database) as first, PostgresLedger(database, patience=0.05) as second:
        edition = first.keep_edition(b"")
        with first._writing():
            with pytest.raises(LedgerError, match="others were writing"):
                second.issue([draft()], edition, now)
            assert list(second.histories()) == []
        assert second.issue([draft()], edition, now)[0].state == "new"


def test_a_lost_connection_is_told(database: str, draft: Drafts, now: datetime) -> None:
    """In words, with the database's place."""
    with PostgresLedger(database) as ledger, PostgresLedger(database) as other:
        edition = ledger.keep_edition(b"")
        process = ledger._one("SELECT pg_backend_pid()")[0]
        other._all("SELECT pg_terminate_backend(?)", process)
        with pytest.raises(LedgerError, match=r"/postgres: can't be used: ") as caught:
            ledger.issue([draft()], edition, now)
        assert "\n" not in str(caught.value)
        assert list(other.histories()) == []
