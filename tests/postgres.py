"""PostgreSQL's programs → a server of the tests' own, which only this machine reaches."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import lacking


@contextmanager
def serve() -> Iterator[str]:
    """A server that lives as long as the context; its address."""
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
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [*other, pg_ctl, "-D", f"{folder}/data", *arguments],
                cwd=folder,
                stdout=output,
                stderr=output,
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, output.read().decode()

    run("init", "-o", "-A trust -U tester -E UTF8 --locale=C.UTF-8 --no-sync")
    run("start", "-w", "-o", f"-k {folder} -c listen_addresses= -c fsync=off")
    address = f"postgresql://tester@/postgres?host={folder}"
    try:
        psycopg.connect(address).close()
        yield address
    finally:
        run("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)
