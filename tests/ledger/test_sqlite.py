"""A SQLite file as a ledger: who may read it, and what is told when it can't be used."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

import pytest

from pixattest.errors import LedgerError
from pixattest.ledger import Draft, Issued
from pixattest.ledger.sqlite import SqliteLedger

Drafts = Callable[..., Draft]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "issued.db"


def test_only_its_owner_may_read_a_new_ledger(
    path: Path, draft: Drafts, now: datetime, tmp_path: Path
) -> None:
    """It holds personal data, and so does its log, whatever the umask."""
    before = os.umask(0)
    try:
        with SqliteLedger(path) as ledger:
            ledger.issue([draft()], ledger.keep_edition(b""), now)
            modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("issued.db", "issued.db-wal", "issued.db-shm"), 0o600)
    assert [p.name for p in tmp_path.iterdir()] == ["issued.db"]


def test_a_link_leads_to_the_ledger(path: Path, tmp_path: Path) -> None:
    """Also where it led to nothing before: what is made is its owner's alone."""
    link = tmp_path / "link.db"
    link.symlink_to(path)
    SqliteLedger(link).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    SqliteLedger(path, create=False).close()


def test_sqlite_is_set_to_lose_nothing(path: Path) -> None:
    """A commit is on the disk, and references hold."""
    with SqliteLedger(path) as ledger:
        found = {
            name: ledger._one(f"PRAGMA {name}")[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_name_special_to_sqlite_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """:memory: would forget every code."""
    monkeypatch.chdir(tmp_path)
    SqliteLedger(":memory:").close()
    SqliteLedger(tmp_path / ":memory:", create=False).close()


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE pupils (name TEXT)")


def newer_ledger(path: Path) -> None:
    SqliteLedger(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path.write_text("Nom;Prénom\n" * 100), "is not a ledger"),
        (other_database, "is a database, but not a ledger"),
        (newer_ledger, "is a ledger of version 99, and this pixattest knows 1"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.parent.rmdir(), "can't be made: No such file or directory"),
    ],
)
def test_what_is_no_ledger_is_left_alone(
    tmp_path: Path, make: Callable[[Path], object], problem: str
) -> None:
    """With a message that names it; not a byte of it changes."""
    path = tmp_path / "folder" / "issued.db"
    path.parent.mkdir()
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(LedgerError) as caught:
        SqliteLedger(path)
    assert str(caught.value).startswith(f"{path}: {problem}. ")
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize("empty", [False, True])
def test_nothing_is_made_where_a_ledger_is_looked_into(path: Path, empty: bool) -> None:
    """A wrong path is told; it does not become a ledger."""
    if empty:
        path.touch()
    with pytest.raises(LedgerError, match=r"is empty, not a ledger" if empty else "no such file"):
        SqliteLedger(path, create=False)
    assert not path.exists() or path.stat().st_size == 0


def test_an_empty_file_becomes_a_ledger(path: Path) -> None:
    """It is what is left of one whose making was interrupted."""
    path.touch()
    SqliteLedger(path).close()
    SqliteLedger(path, create=False).close()


def test_a_busy_ledger_is_told_after_a_while(path: Path, draft: Drafts, now: datetime) -> None:
    """And used again once it is free; readers need not wait."""
    with SqliteLedger(path) as first, SqliteLedger(path, patience=0.05) as second:
        edition = first.keep_edition(b"")
        with first._writing():
            with pytest.raises(LedgerError, match="others were writing"):
                second.issue([draft()], edition, now)
            assert list(second.histories()) == []
        assert second.issue([draft()], edition, now)[0].state == "new"


def test_what_fails_half_way_is_not_kept(
    path: Path, draft: Drafts, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its codes nor a transaction that stays open."""
    with SqliteLedger(path) as ledger:
        edition = ledger.keep_edition(b"")
        add = ledger._add

        def fail(sql: str, rows: list[tuple[object, ...]]) -> None:
            if "INTO revision" in sql:
                raise KeyboardInterrupt
            add(sql, rows)

        with monkeypatch.context() as patch:
            patch.setattr(ledger, "_add", fail)
            with pytest.raises(KeyboardInterrupt):
                ledger.issue([draft()], edition, now)
        assert list(ledger.histories()) == []
        assert ledger.issue([draft()], edition, now)[0].state == "new"


@pytest.mark.harsh
def test_a_full_disk_is_told(small_disk: Path, draft: Drafts, now: datetime) -> None:
    """What was issued before is whole, and it goes on once there is room."""
    filler = small_disk / "filler"
    filler.write_bytes(bytes(400_000))
    issued: list[Issued] = []
    with SqliteLedger(small_disk / "issued.db") as ledger:
        edition = ledger.keep_edition(b"")

        def issue(batch: int) -> list[Issued]:
            drafts = [draft(number=f"{batch}/{n}") for n in range(50)]
            return ledger.issue(drafts, edition, now)

        with pytest.raises(LedgerError, match="its disk is full"):
            issued.extend(one for batch in range(1000) for one in issue(batch))
        assert issued
        assert [h.revisions[0].record for h in ledger.histories()] == [i.record for i in issued]
        filler.unlink()
        assert issue(1000)[0].state == "new"
    with closing(sqlite3.connect(small_disk / "issued.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.harsh
def test_a_ledger_is_not_made_on_a_full_disk(small_disk: Path) -> None:
    """What is left of it becomes one when there is room."""
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    with pytest.raises(LedgerError):
        SqliteLedger(small_disk / "issued.db")
    filler.unlink()
    SqliteLedger(small_disk / "issued.db").close()


def test_a_disk_that_is_only_read_is_told(small_disk: Path, draft: Drafts, now: datetime) -> None:
    """Nothing is issued there, and nothing made."""
    path = small_disk / "issued.db"
    with SqliteLedger(path) as ledger:
        edition = ledger.keep_edition(b"")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(LedgerError, match="can't be"):
        SqliteLedger(path).issue([draft()], edition, now)
    with pytest.raises(LedgerError, match="can't be made: Read-only file system"):
        SqliteLedger(small_disk / "other.db")


def test_a_file_that_only_its_owner_may_write_is_told(
    path: Path, draft: Drafts, now: datetime
) -> None:
    """SQLite says so only when it is written."""
    with SqliteLedger(path) as ledger:
        edition = ledger.keep_edition(b"")
        ledger._connection.execute("PRAGMA query_only = ON")
        with pytest.raises(LedgerError, match=r"can't be written\. Let its owner"):
            ledger.issue([draft()], edition, now)


def test_a_damaged_ledger_is_told(path: Path, draft: Drafts, now: datetime) -> None:
    """Not a traceback, and not an empty answer."""
    with SqliteLedger(path) as ledger:
        edition = ledger.keep_edition(b"")
        ledger.issue([draft(number=str(n)) for n in range(500)], edition, now)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(LedgerError, match="is damaged"), SqliteLedger(path) as ledger:
        list(ledger.histories())
