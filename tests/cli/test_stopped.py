"""Stopped, killed, without room, without rights: what is there is whole, and one can go on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2
import pytest
from support import lacking

from .conftest import Command, files, records, write_lines

pytestmark = pytest.mark.slow

CLASSES = [f"T{number}" for number in range(1, 9)]
SIZE = 150
"""People in each of them: a class takes longer than a look at the folder."""

KILLS = 2
"""In a round; PIXATTEST_REPEAT asks for more rounds."""

JOBS = pytest.mark.parametrize("jobs", ["1", "2"])


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What an undisturbed run makes."""
    folder = tmp_path_factory.mktemp("reference")
    write_batch(folder)
    assert finish(start(folder))[0] == 0
    return made(folder)


def write_batch(folder: Path) -> None:
    """class.jsonl of several classes, large enough to be stopped in."""
    people = [
        f"{group} Martin{number % 7} Hugo{number}" for group in CLASSES for number in range(SIZE)
    ]
    random.Random(3).shuffle(people)
    write_lines(folder / "class.jsonl", records(*people))


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The command, running."""
    return subprocess.Popen(
        [sys.executable, "-m", "pixattest", "class.jsonl", "-o", "out", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(command: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit status, and what it told on standard error."""
    _, told = command.communicate(timeout=60)
    return command.returncode, told


def made(folder: Path) -> dict[str, bytes]:
    """The finished files."""
    return {path.name: path.read_bytes() for path in (folder / "out").glob("*.pdf")}


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait for something that will be so, a minute at most."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.002)


def parts(folder: Path) -> list[str]:
    """Files that are there by half."""
    return [path for path in files(folder) if path.endswith(".part")]


def processes_in(folder: Path) -> list[str]:
    """Processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found.append(process.name)
        except OSError:
            continue
    return found


@pytest.mark.harsh
@JOBS
def test_ctrl_c_leaves_whole_files_and_resume_goes_on(
    tmp_path: Path, reference: dict[str, bytes], jobs: str
) -> None:
    """What is done is told, nothing is half there; `--resume` makes the rest, and only that."""
    write_batch(tmp_path)
    command = start(tmp_path, "--jobs", jobs)
    wait_for(lambda: (tmp_path / "out").is_dir() and made(tmp_path), "the first file")
    command.send_signal(signal.SIGINT)
    status, told = finish(command)
    done = made(tmp_path)
    assert status == 130, told
    assert 0 < len(done) < len(reference)
    assert done.items() <= reference.items()
    assert f"Interrupted: {len(done)} of 8 files are whole" in told
    assert "Traceback" not in told
    assert parts(tmp_path) == []
    before = {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in done}
    assert finish(start(tmp_path, "--jobs", jobs, "--resume"))[0] == 0
    assert made(tmp_path) == reference
    assert before == {name: (tmp_path / "out" / name).stat().st_mtime_ns for name in done}


@pytest.mark.harsh
@JOBS
def test_killed_at_any_moment_no_file_is_half_there(
    tmp_path: Path, reference: dict[str, bytes], jobs: str
) -> None:
    """What has a final name is whole, no process stays, and the same command goes on."""
    if not Path("/proc/self/cwd").exists():
        lacking("/proc")
    write_batch(tmp_path)
    resumed = ("--jobs", jobs, "--resume")
    for _ in range(KILLS):
        command = start(tmp_path, *resumed)
        moment = random.uniform(0.1, 1.5)
        time.sleep(moment)
        command.kill()
        command.communicate()
        wait_for(lambda: not processes_in(tmp_path), "the end of all processes")
        if (tmp_path / "out").is_dir():
            assert made(tmp_path).items() <= reference.items(), f"killed after {moment} s"
    assert finish(start(tmp_path, *resumed))[0] == 0
    assert made(tmp_path) == reference


def test_resume_makes_anew_what_is_changed(tmp_path: Path, reference: dict[str, bytes]) -> None:
    """A changed record's class; a damaged file of ours only with `--force`."""
    write_batch(tmp_path)
    assert finish(start(tmp_path))[0] == 0
    text = (tmp_path / "class.jsonl").read_text()
    (tmp_path / "class.jsonl").write_text(text.replace('"Hugo149"', '"Zoé"', 1))
    assert finish(start(tmp_path, "--resume"))[0] == 0
    changed = [name for name, data in made(tmp_path).items() if data != reference[name]]
    assert len(changed) == 1
    (tmp_path / "class.jsonl").write_text(text)
    (tmp_path / "out/T3.pdf").write_bytes(b"not ours")
    status, told = finish(start(tmp_path, "--resume"))
    assert status == 2
    assert "T3.pdf: exists already and was kept" in told
    assert finish(start(tmp_path, "--resume", "--force"))[0] == 0
    assert made(tmp_path) == reference


def test_resume_knows_whole_files_without_a_manifest(
    tmp_path: Path, reference: dict[str, bytes]
) -> None:
    """What would be printed is compared with what is there."""
    write_batch(tmp_path)
    assert finish(start(tmp_path))[0] == 0
    (tmp_path / "out/.pixattest.jsonl").unlink()
    before = (tmp_path / "out/T1.pdf").stat().st_mtime_ns
    assert finish(start(tmp_path, "--resume"))[0] == 0
    assert (tmp_path / "out/T1.pdf").stat().st_mtime_ns == before
    assert made(tmp_path) == reference


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A mounted file system with room for a few files of the batch."""
    if os.geteuid() != 0:
        lacking("the right to mount")
    folder = tmp_path / "out"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        lacking("tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.harsh
@JOBS
def test_a_full_disk_leaves_whole_files_only(
    tmp_path: Path, small: Path, reference: dict[str, bytes], jobs: str
) -> None:
    """A clear message that names a file, no part of one; with more room one goes on."""
    write_batch(tmp_path)
    status, told = finish(start(tmp_path, "--jobs", jobs))
    assert status == 2
    assert "No space left" in told
    assert "out/T" in told
    assert "--resume" in told
    assert "Traceback" not in told
    assert parts(small) == []
    done = made(tmp_path)
    assert 0 < len(done) < len(reference)
    assert done.items() <= reference.items()
    subprocess.run(["mount", "-o", "remount,size=50m", str(small)], check=True)
    assert finish(start(tmp_path, "--jobs", jobs, "--resume"))[0] == 0
    assert made(tmp_path) == reference


def test_a_read_only_folder_is_told(tmp_path: Path, small: Path) -> None:
    """Nothing is made; the message names the file."""
    write_batch(tmp_path)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    status, told = finish(start(tmp_path))
    assert status == 2
    assert "out/T" in told
    assert "can't be written: Read-only file system" in told
    assert files(small) == []


def test_rejects_that_cannot_be_written_stop_no_page(tmp_path: Path, small: Path) -> None:
    """The input lies in a folder that is read only: the PDF goes elsewhere, the fault is told."""
    people = records("T1 Martin Hugo", "T1 Martin Zoé")
    people[0]["levels"] = {}
    write_lines(small / "class.jsonl", people)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    done = subprocess.run(
        [sys.executable, "-m", "pixattest", "out/class.jsonl", "-o", "class.pdf"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "class.jsonl.rejected.jsonl: can't be written" in done.stderr
    with pypdfium2.PdfDocument(tmp_path / "class.pdf") as document:
        assert len(document) == 1


def test_the_temporary_rows_are_gone_in_the_end(
    tmp_path: Path, pixattest: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are personal data: printed or refused, nothing of them stays behind."""
    write_lines(tmp_path / "class.jsonl", records("T1 Martin Hugo", "T2 Martin Zoé"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    assert pixattest("class.jsonl", "--jobs", "2").returncode == 0
    assert pixattest("class.jsonl").returncode == 2
    assert [*(tmp_path / "tmp").iterdir()] == []


def test_the_next_run_removes_what_a_killed_one_has_left(
    tmp_path: Path, pixattest: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not what belongs to a job that is still running."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    write_batch(tmp_path)
    command = start(tmp_path)
    wait_for(lambda: [*temporary.glob("pixattest-*/lock")], "the rows of the first run")
    command.send_signal(signal.SIGSTOP)
    (used,) = temporary.iterdir()
    assert pixattest("class.jsonl", "-o", "one.pdf", "--pages", "1").returncode == 0
    assert [*temporary.iterdir()] == [used]
    command.kill()
    finish(command)
    assert [*temporary.iterdir()] == [used]
    assert pixattest("class.jsonl", "-o", "two.pdf", "--pages", "1").returncode == 0
    assert [*temporary.iterdir()] == []
