"""What the ledger's tests share: a PostgreSQL server of their own, ledgers, and drafts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES, lacking

from pixattest import Record, read_record
from pixattest.ledger import Draft, certification_key, open_ledger
from pixattest.ledger.sql import SqlLedger

EXAMPLE: Mapping[str, Any] = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """The time of issue, where a test needs but one."""
    return NOW


@pytest.fixture
def draft() -> Callable[..., Draft]:
    """A draft of the example, with changes to its record; drawn, unless a code is given."""

    def build(code: str | None = None, *, number: str | None = None, **changes: object) -> Draft:
        raw = {**EXAMPLE, **changes, "verification_code": code}
        record: Record = read_record(raw, new_codes=True)
        return Draft(certification_key(record, number=number), record, drawn=code is None)

    return build


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    try:
        import psycopg
    except ImportError:
        lacking("psycopg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    pg_ctl = str(found[-1]) if found else shutil.which("pg_ctl")
    if pg_ctl is None:
        lacking("PostgreSQL's pg_ctl")
    # Not below pytest's own folder, which only its user may enter; the socket's path is short.
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    other: list[str] = []
    if os.geteuid() == 0:
        # The server refuses to run as root.
        shutil.chown(folder, "postgres", "postgres")
        other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def run(*arguments: str) -> None:
        # To a file: a pipe would stay open as long as the server that is started.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [*other, pg_ctl, "-D", f"{folder}/data", *arguments],
                cwd=folder,
                stdout=said,
                stderr=said,
                check=False,
            )
            said.seek(0)
            assert done.returncode == 0, said.read().decode()

    run("init", "-o", "-A trust -U tester -E UTF8 --locale=C.UTF-8 --no-sync")
    run("start", "-w", "-o", f"-k {folder} -c listen_addresses= -c fsync=off")
    address = f"postgresql://tester@/postgres?host={folder}"
    try:
        psycopg.connect(address).close()
        yield address
    finally:
        run("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres: str) -> str:
    """The address of a PostgreSQL database without a ledger."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS pixattest CASCADE")
    return postgres


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger can be opened, of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "issued.db")
    return str(request.getfixturevalue("database"))


@pytest.fixture
def ledger(where: str) -> Iterator[SqlLedger]:
    """A new ledger, of each kind."""
    with open_ledger(where) as opened:
        yield opened


@pytest.fixture
def edition(ledger: SqlLedger) -> str:
    """The name of an edition that the ledger has."""
    return ledger.keep_edition(b"plates")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 1 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        lacking("the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
