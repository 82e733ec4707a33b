"""Processes that are killed, and several at once: a code that was told is in the ledger."""

from __future__ import annotations

import json
import random
import select
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import Any

import pytest

from pixattest.ledger import open_ledger

pytestmark = pytest.mark.harsh


_LONGEST = 0.6
"""Seconds after which the last ones are killed: about when they would have ended."""
_BATCHES = 40
_WORKER = """
import json, sys
from datetime import UTC, datetime
from pixattest import read_record
from pixattest.ledger import Draft, Page, open_ledger

where, record, batches, size = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], int(sys.argv[4])
print("ready", flush=True)
sys.stdin.readline()
with open_ledger(where) as ledger:
    edition = ledger.keep_edition(b"plates")
    for batch in json.loads(batches):
        drafts = []
        for n in range(size):
            drawn = read_record(record, new_codes=True)
            drafts.append(Draft(f"#{batch}/{n}", drawn, drawn=True))
        issued = ledger.issue(drafts, edition, datetime.now(UTC))
        told = {d.key: i.record.verification_code for d, i in zip(drafts, issued)}
        print(json.dumps(told) + "\\n", end="", flush=True)
        ledger.printed([Page(code, 1, "ab") for code in told.values()], edition, datetime.now(UTC))
print("done", flush=True)
"""


class Worker:
    """A process that issues batches of drafts, and tells the code of each key; it waits to go."""

    def __init__(self, where: str, record: dict[str, Any], batches: list[int], size: int) -> None:
        arguments = [where, json.dumps(record), json.dumps(batches), str(size)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _WORKER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"ready\n"

    def go(self) -> None:
        """Let it begin."""
        assert self.process.stdin
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def end(self) -> dict[str, str]:
        """Codes by key, as it told them in whole lines, once it has ended."""
        told: dict[str, str] = {}
        for line in self.process.communicate()[0].splitlines(keepends=True):
            if line.startswith(b"{") and line.endswith(b"\n"):
                told |= json.loads(line)
        return told


def codes_in(where: str) -> list[str]:
    with open_ledger(where) as ledger:
        return [history.code for history in ledger.histories()]


@pytest.fixture
def undrawn(record: dict[str, Any]) -> dict[str, Any]:
    """A record without code."""
    return {name: value for name, value in record.items() if name != "verification_code"}


def test_a_killed_process_has_told_no_code_in_vain(where: str, undrawn: dict[str, Any]) -> None:
    """At any moment: the ledger is whole, each code that was told is in it, and stays its key's."""
    worker = Worker(where, undrawn, list(range(_BATCHES)), 100)
    worker.go()
    time.sleep(random.uniform(0, _LONGEST))
    worker.process.kill()
    told = worker.end()
    found = codes_in(where)
    assert set(told.values()) <= set(found)
    # A batch that was kept and not told yet is all that may be there beside it.
    assert len(found) - len(told) in (0, 100)

    second = Worker(where, undrawn, list(range(_BATCHES)), 100)
    second.go()
    again = second.end()
    assert second.process.returncode == 0
    assert len(again) == _BATCHES * 100
    assert told.items() <= again.items()
    assert sorted(codes_in(where)) == sorted(again.values())
    if not where.startswith("postgresql:"):
        with closing(sqlite3.connect(where)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_batches_at_once_neither_collide_nor_lose(where: str, undrawn: dict[str, Any]) -> None:
    """Four processes that make one ledger and issue overlapping batches agree on every code."""
    orders = [random.Random(seed).sample(range(12), 9) for seed in range(4)]
    workers = [Worker(where, undrawn, order, 50) for order in orders]
    for worker in workers:
        worker.go()
    code_by_key: dict[str, str] = {}
    for worker in workers:
        for key, code in worker.end().items():
            assert code_by_key.setdefault(key, code) == code
    assert [worker.process.returncode for worker in workers] == [0] * 4
    assert len(code_by_key) == len({batch for order in orders for batch in order}) * 50
    assert sorted(codes_in(where)) == sorted(code_by_key.values())


def test_a_killed_process_leaves_the_others_alone(where: str, undrawn: dict[str, Any]) -> None:
    """One of two dies while it writes; the other one ends its work."""
    victim = Worker(where, undrawn, list(range(_BATCHES)), 100)
    other = Worker(where, undrawn, list(reversed(range(_BATCHES))), 100)
    victim.go()
    other.go()
    select.select([victim.process.stdout], [], [], 30)
    victim.process.kill()
    told = victim.end()
    again = other.end()
    assert other.process.returncode == 0
    assert told
    assert told.items() <= again.items()
    assert sorted(codes_in(where)) == sorted(again.values())
