"""The temporary database keeps rows; for want of room it names the folder that is full."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixattest import OutputError
from pixattest.batch.database import Database


def test_what_is_written_is_read_by_who_opens_the_finished_file(tmp_path: Path) -> None:
    path = tmp_path / "a #1?.db"  # characters that an address must escape
    first = Database(path, "CREATE TABLE t (a, b)")
    with first.transaction():
        first.run("INSERT INTO t VALUES (?, ?)", (1, "x"))
        first.run_with_each("INSERT INTO t VALUES (?, ?)", [(2, "y"), (3, "z")])
    first.close()
    finished = Database(path, None)
    assert [*finished.read("SELECT a, b FROM t WHERE a > ? ORDER BY a", (1,))] == [
        (2, "y"),
        (3, "z"),
    ]
    finished.close()


def test_a_finished_file_can_only_be_read(tmp_path: Path) -> None:
    path = tmp_path / "rows"
    Database(path, "CREATE TABLE t (a)").close()
    finished = Database(path, None)
    with pytest.raises(OutputError, match="readonly"):
        finished.run("INSERT INTO t VALUES (1)")
    with pytest.raises(OutputError, match="readonly"):
        finished.run_with_each("INSERT INTO t VALUES (?)", [(1,)])
    finished.close()


def test_an_error_names_the_folder_and_how_to_have_another(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as opened:
        Database(tmp_path / "missing" / "rows", "CREATE TABLE t (a)")
    assert opened.value.source == str(tmp_path / "missing")
    assert "TMPDIR" in (opened.value.hint or "")
    base = Database(tmp_path / "rows", "CREATE TABLE t (a)")
    with pytest.raises(OutputError, match="can't keep the rows: no such table"):
        next(base.read("SELECT a FROM absent"))
    base.close()


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    base = Database(tmp_path / "rows", "CREATE TABLE t (a)")
    base.run_with_each("INSERT INTO t VALUES (?)", ((n,) for n in range(3)))
    found = base.read("SELECT a FROM t ORDER BY a")
    assert next(found) == (0,)
    assert [*found] == [(1,), (2,)]
    base.close()
