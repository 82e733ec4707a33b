"""Killed, without room, or two at once, with a ledger: what is printed is in it, and only once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from support import lacking

from pixattest.ledger import History, open_ledger

from .conftest import codes, files, names, records, write_lines
from .test_stopped import processes_in, wait_for

pytestmark = pytest.mark.harsh

CLASSES = [f"T{number}" for number in range(1, 7)]
SIZE = 50
"""People in each of them."""
KILLS = 3
"""In a round; PIXATTEST_REPEAT asks for more rounds."""


def rows(numbers: Iterable[int]) -> list[dict[str, Any]]:
    """Records without code, of people who are told apart by number; a class has SIZE of them."""
    people = [f"{CLASSES[n // SIZE % len(CLASSES)]} Martin{n % 7} Hugo{n}" for n in numbers]
    return [row | {"verification_code": None} for row in records(*people)]


def start(folder: Path, where: str, *arguments: str) -> subprocess.Popen[str]:
    """The command, running."""
    ledger = ["--ledger", where]
    return subprocess.Popen(
        [sys.executable, "-m", "pixattest", "class.jsonl", "-o", "out", *arguments, *ledger],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(command: subprocess.Popen[str]) -> str:
    """What a command told, once it has done all."""
    said, told = command.communicate(timeout=120)
    assert command.returncode == 0, told
    return said


def printed(folder: Path) -> dict[str, str]:
    """Who is on each page of the finished files, by the code there; a QR code says the same."""
    found: dict[str, str] = {}
    for path in (folder / "out").glob("*.pdf"):
        of_file = dict(zip(codes(path), names(path), strict=True))
        with pypdfium2.PdfDocument(path) as document:
            page = random.randrange(len(document))
            picture = document[page].render(scale=2).to_pil()
        (code,) = zxingcpp.read_barcodes(picture)
        assert code.text.endswith(list(of_file)[page])
        assert not found.keys() & of_file.keys()
        found |= of_file
    return found


def pdfs(folder: Path) -> int:
    """How many files are finished."""
    return len([*(folder / "out").glob("*.pdf")])


def has_more(folder: Path, done: int, command: subprocess.Popen[str]) -> bool:
    """Whether another file is finished, or nothing will be."""
    return pdfs(folder) > done or command.poll() is not None


def issued(where: str) -> dict[str, History]:
    """What is in a ledger, by code."""
    with open_ledger(where) as ledger:
        return {history.code: history for history in ledger.histories()}


def name_of(history: History) -> str:
    return history.revisions[-1].record.full_name


def test_a_printed_code_is_in_the_ledger_whatever_is_killed_when(
    tmp_path: Path, where: str
) -> None:
    """Under the name that is on the page; in the end everybody is issued and printed once."""
    if not Path("/proc/self/cwd").exists():
        lacking("/proc")
    write_lines(tmp_path / "class.jsonl", rows(range(len(CLASSES) * SIZE)))
    before: dict[str, str] = {}
    for _ in range(KILLS):
        command = start(tmp_path, where, "--resume")
        if random.random() < 0.5:  # amid the files
            done = pdfs(tmp_path)
            wait_for(partial(has_more, tmp_path, done, command), "a file")
        moment = random.uniform(0, 1)
        time.sleep(moment)
        command.kill()
        command.communicate()
        wait_for(lambda: not processes_in(tmp_path), "the end of all processes")
        kept = {code: name_of(history) for code, history in issued(where).items()}
        now = printed(tmp_path)
        assert now.items() <= kept.items(), f"killed after {moment} s"
        assert before.items() <= kept.items(), f"killed after {moment} s"
        before = kept
    finish(start(tmp_path, where, "--resume"))
    found = issued(where)
    assert len(found) == len(CLASSES) * SIZE
    assert printed(tmp_path) == {code: name_of(history) for code, history in found.items()}
    for history in found.values():
        (revision,) = history.revisions
        assert len(revision.printings) == 1


def test_batches_at_once_neither_collide_nor_lose(tmp_path: Path, where: str) -> None:
    """Two that share half of their people: these have the same codes in both."""
    half = len(CLASSES) * SIZE // 2
    commands = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        people = rows(range(number * half, number * half + 2 * half))
        random.shuffle(people)
        write_lines(folder / "class.jsonl", people)
        commands.append(start(folder, where))
    told = [finish(command) for command in commands]
    one, other = printed(tmp_path / "0"), printed(tmp_path / "1")
    found = {code: name_of(history) for code, history in issued(where).items()}
    assert len(one) == len(other) == 2 * half
    assert len(one.keys() & other.keys()) == half
    assert one | other == found
    assert len(set(found.values())) == 3 * half
    assert sum(int(said.split("In the ledger: ")[1].split(" new")[0]) for said in told) == 3 * half


def test_a_full_disk_prints_nothing_that_is_not_kept(tmp_path: Path, small_disk: Path) -> None:
    """The ledger's disk is full: it is told, no page is made; with room one goes on."""
    write_lines(tmp_path / "class.jsonl", rows(range(SIZE)))
    where = str(small_disk / "issued.db")
    command = start(tmp_path, where)
    _, told = command.communicate(timeout=120)
    assert command.returncode == 2
    assert f"{where}: its disk is full. Make room, and run it again" in told
    assert "nothing was printed" in told
    assert files(tmp_path / "out") == []
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    finish(start(tmp_path, where))
    assert len(printed(tmp_path)) == SIZE
    assert printed(tmp_path).keys() == issued(where).keys()
