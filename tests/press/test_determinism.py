"""The same record gives the same bytes, wherever and whenever it is printed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import FrameType
from typing import Any

import pytest

from pixattest import Press

pytestmark = pytest.mark.slow

ISSUER = Path(__file__).parents[2] / "examples" / "issuer.toml"

_CHANGES: list[dict[str, Any]] = [
    {},
    {"score": None},
    {"birth_place": None, "first_name": "Nguyễn Thị", "last_name": "Ánh"},
    {"max_level": 8, "levels": {"5.2": 8, "1.1": 1}},
    {"first_name": "Владислав", "last_name": "Παπαδόπουλος"},
    {"first_name": "M\u0302aria", "last_name": "Q\u0323uy"},
    {"delivered_on": "2020-02-29"},
]

_PRINT = """
import hashlib, json, sys
from pixattest import Press
press = Press(issuer=sys.argv[1])
for record in json.load(sys.stdin):
    print(hashlib.sha256(press.render(record)).hexdigest())
"""


@pytest.fixture
def records(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A record of each kind."""
    return [record | changes for changes in _CHANGES]


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"PYTHONHASHSEED": "3", "LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"},
        {"TZ": "Pacific/Kiritimati", "LANGUAGE": "de", "LC_ALL": "de_DE.UTF-8"},
        {"TZ": "America/Los_Angeles", "PYTHONOPTIMIZE": "1"},
    ],
    ids=lambda environment: ",".join(environment),
)
def test_another_process_prints_the_same_bytes(
    press: Press, records: list[dict[str, Any]], environment: dict[str, str], tmp_path: Path
) -> None:
    """Neither the process, the locale, the time zone nor the hash seed shows in the bytes."""
    done = subprocess.run(
        [sys.executable, "-c", _PRINT, str(ISSUER)],
        input=json.dumps(records[::-1]),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | environment,
    )
    expected = [hashlib.sha256(press.render(record)).hexdigest() for record in records[::-1]]
    assert done.stdout.split() == expected


@pytest.mark.slow
def test_threads_that_share_a_press_print_the_same_bytes(records: list[dict[str, Any]]) -> None:
    """A new press in several threads at once prints what it does in one."""
    alone = Press(issuer=ISSUER)
    expected = [alone.render(record) for record in records]
    shared = Press(issuer=ISSUER)
    threads = 8
    barrier = Barrier(threads)

    def print_all(turn: int) -> list[bytes]:
        barrier.wait()
        order = [(turn + index) % len(records) for index in range(len(records))]
        pages = {index: shared.render(records[index]) for index in order}
        return [pages[index] for index in range(len(records))]

    with ThreadPoolExecutor(threads) as pool:
        for pages in pool.map(print_all, range(threads)):
            assert pages == expected


@pytest.mark.slow
def test_what_was_printed_before_does_not_show(records: list[dict[str, Any]]) -> None:
    """A press gives a record the same bytes as its first page and as its last."""
    used = Press(issuer=ISSUER)
    last = [used.render(record) for record in records][-1]
    assert last == Press(issuer=ISSUER).render(records[-1])


@pytest.mark.slow
def test_no_clock_and_no_chance_is_asked(record: dict[str, Any]) -> None:
    """Compiling and printing call nothing that another day would answer differently."""
    calls: set[str] = set()
    from pixattest.template import compile as _compile  # imports may look at the clock

    assert _compile
    Press().render(record)

    def watch(_: FrameType, event: str, called: Any) -> None:
        if event == "c_call":
            calls.add(called.__qualname__)

    sys.setprofile(watch)
    try:
        Press(issuer=ISSUER, specimen=True).render(record)
    finally:
        sys.setprofile(None)
    clocks = {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"}
    clocks |= {"date.today", "datetime.now", "datetime.utcnow", "datetime.today"}
    chance = {"urandom", "Random.random", "Random.getrandbits", "getrandom"}
    assert "len" in calls
    assert not calls & (clocks | chance)


def test_the_day_in_the_file_is_that_of_delivery(
    press: Press, record: dict[str, Any], run: Callable[..., str], tmp_path: Path
) -> None:
    """The dates of creation and change are the record's day of delivery."""
    file = tmp_path / "page.pdf"
    file.write_bytes(press.render(record))
    told = run("pdfinfo", "-isodates", file)
    days = [line.split()[1] for line in told.splitlines() if "Date:" in line]
    assert days == ["2024-02-09T00:00:00Z"] * 2


@pytest.mark.slow
def test_the_command_writes_the_bytes_of_the_library(
    press: Press, record: dict[str, Any], tmp_path: Path
) -> None:
    """`python -m pixattest` and `Press.render` give one and the same file."""
    source = tmp_path / "record.json"
    source.write_text(json.dumps(record), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pixattest", str(source), "-o", "-", "--issuer", str(ISSUER)],
        capture_output=True,
        check=True,
    )
    assert done.stdout == press.render(record)
