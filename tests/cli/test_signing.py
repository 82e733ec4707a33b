"""Files that the command signs, and secrets that it keeps to itself."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from authority import PASSPHRASE, Authority
from support import EXAMPLES

from pixattest.trust.signing import read_signature

from .conftest import Command, records, write_lines

pytestmark = pytest.mark.slow

PEOPLE = ("T10 Écalle Zoé", "T2 Martin Hugo", "T2 Écalle Anaïs")


@pytest.fixture
def key(folder: Path, authority: Authority) -> tuple[str, ...]:
    """The options that sign, with the passphrase in a file; class.jsonl of two classes."""
    write_lines(folder / "class.jsonl", records(*PEOPLE))
    (folder / "passphrase").write_text(PASSPHRASE + "\n")
    return "--sign", str(authority.key("director")), "--sign-passphrase-file", "passphrase"


@pytest.fixture
def genuine(authority: Authority) -> Any:
    """Whether documents are signed by the director."""

    def check(*documents: bytes) -> bool:
        found = [read_signature(document, [authority.roots]) for document in documents]
        assert {status.signer for status in found} == {"Made-up director"}
        return all(status.genuine for status in found)

    return check


def test_a_record_is_signed(
    folder: Path, pixattest: Command, key: tuple[str, ...], genuine: Any
) -> None:
    """One file, whose passphrase came from a file."""
    done = pixattest(str(EXAMPLES / "record.json"), "-o", "one.pdf", *key)
    assert (done.returncode, done.stderr) == (0, "")
    assert genuine((folder / "one.pdf").read_bytes())


def test_the_passphrase_comes_from_the_environment(
    folder: Path,
    pixattest: Command,
    key: tuple[str, ...],
    genuine: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no file is named."""
    monkeypatch.setenv("PIXATTEST_SIGN_PASSPHRASE", PASSPHRASE)
    done = pixattest(str(EXAMPLES / "record.json"), "-o", "one.pdf", *key[:2])
    assert done.returncode == 0
    assert genuine((folder / "one.pdf").read_bytes())


def test_a_folder_a_zip_and_standard_output_are_signed(
    folder: Path, pixattest: Command, key: tuple[str, ...], genuine: Any
) -> None:
    """Each file by itself, of a class or of a person."""
    (folder / "classes").mkdir()
    assert pixattest("class.jsonl", "-o", "classes", *key).returncode == 0
    found = sorted((folder / "classes").rglob("*.pdf"))
    assert len(found) == 2
    assert genuine(*(path.read_bytes() for path in found))
    done = pixattest("class.jsonl", "-o", "people.zip", "--split", "person", *key)
    assert done.returncode == 0
    with zipfile.ZipFile(folder / "people.zip") as packed:
        assert len(packed.namelist()) == 3
        assert genuine(*map(packed.read, packed.namelist()))
    command = [sys.executable, "-m", "pixattest", "class.jsonl", "-o", "-", *key]
    piped = subprocess.run(command, cwd=folder, capture_output=True, check=True)
    assert genuine(piped.stdout)


def test_resume_leaves_what_the_same_key_signed(
    folder: Path, pixattest: Command, key: tuple[str, ...], genuine: Any, authority: Authority
) -> None:
    """A file is unchanged by its records and its signer; unsigned or changed ones are made anew."""
    (folder / "out").mkdir()
    assert pixattest("class.jsonl", "-o", "out", *key).returncode == 0
    before = {path: path.read_bytes() for path in (folder / "out").rglob("*.pdf")}
    assert pixattest("class.jsonl", "-o", "out", "--resume", *key).returncode == 0
    assert before == {path: path.read_bytes() for path in before}
    first, second = before
    first.write_bytes(before[first][: before[first].index(b"%%EOF") + 6])
    assert pixattest("class.jsonl", "-o", "out", "--resume", "--force", *key).returncode == 0
    assert genuine(first.read_bytes())
    assert second.read_bytes() == before[second]
    other = ("--sign", str(authority.key("revoked")), *key[2:])
    assert pixattest("class.jsonl", "-o", "out", "--resume", *other).returncode == 0
    for path in before:
        assert read_signature(path.read_bytes()).signer == "Made-up revoked"


@pytest.mark.parametrize("given", [str(EXAMPLES / "record.json"), "class.jsonl"])
def test_what_the_ledger_issues_is_signed(
    folder: Path, pixattest: Command, key: tuple[str, ...], genuine: Any, given: str
) -> None:
    """With its record in it; printed again without a signature, it is no other page."""
    (folder / "out").mkdir()
    options = ("--ledger", "issued.db", "--split", "person", "-o", "out")
    done = pixattest(given, *options, "--attach", *key)
    assert (done.returncode, done.stderr) == (0, "")
    found = [path.read_bytes() for path in sorted((folder / "out").rglob("*.pdf"))]
    assert genuine(*found)
    for data in found:
        with pikepdf.open(BytesIO(data)) as document:
            assert list(document.attachments) == ["attestation.json"]
    done = pixattest(given, *options, "--force")
    assert (done.returncode, done.stderr) == (0, "")
    assert "is not the one" not in done.stdout


@pytest.mark.parametrize("arguments", [(), ("--debug",)])
def test_a_wrong_passphrase_is_refused_without_being_told(
    folder: Path, pixattest: Command, key: tuple[str, ...], arguments: tuple[str, ...]
) -> None:
    """Neither in the message nor in the traceback; and nothing is written."""
    (folder / "passphrase").write_text("open sesame 417")
    before = sorted(folder.iterdir())
    done = pixattest("class.jsonl", *key, *arguments)
    assert done.returncode == 2
    assert "this passphrase opens" in done.stderr
    assert "sesame" not in done.stderr + done.stdout
    assert sorted(folder.iterdir()) == before


def test_processes_sign_and_keep_the_secret(
    folder: Path,
    key: tuple[str, ...],
    genuine: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The passphrase stands in no argument of theirs and in no file, while they print or after."""
    people = records(*(f"T{n % 2} Martin Zoé" for n in range(1000)))
    write_lines(folder / "class.jsonl", people)
    temporary = folder / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    (folder / "out").mkdir()
    command = [sys.executable, "-m", "pixattest", "class.jsonl", "-o", "out", "--jobs", "2", *key]
    given = folder / "passphrase"
    workers = set()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL) as running:
        while running.poll() is None:
            time.sleep(0.1)
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    line = (process / "cmdline").read_bytes()
                except OSError:
                    continue  # it has ended
                assert PASSPHRASE.encode() not in line
                if b"multiprocessing" in line:
                    workers.add(process.name)
            with suppress(OSError):  # what is temporary goes meanwhile
                for path in folder.rglob("*"):
                    if path != given and path.is_file():
                        assert PASSPHRASE.encode() not in path.read_bytes()
    assert running.returncode == 0
    assert len(workers) >= 2
    found = sorted((folder / "out").rglob("*.pdf"))
    assert len(found) == 2
    assert genuine(*(path.read_bytes() for path in found))


def test_records_travel_in_files_of_one_person_only(
    folder: Path, pixattest: Command, key: tuple[str, ...], genuine: Any
) -> None:
    """With --attach; a class file is refused with what to do instead."""
    done = pixattest("class.jsonl", "-o", "class.pdf", "--attach")
    assert done.returncode == 2
    assert "--split person" in done.stderr
    assert not (folder / "class.pdf").exists()
    (folder / "out").mkdir()
    done = pixattest("class.jsonl", "-o", "out", "--split", "person", "--attach", *key)
    assert (done.returncode, done.stderr) == (0, "")
    found = sorted((folder / "out").rglob("*.pdf"))
    assert genuine(*(path.read_bytes() for path in found))
    attached = set()
    for path in found:
        with pikepdf.open(path) as document:
            data = document.attachments["attestation.json"].get_file().read_bytes()
            attached.add(json.loads(data)["record"]["first_name"])
    assert attached == {"Zoé", "Hugo", "Anaïs"}
    done = pixattest(str(EXAMPLES / "record.json"), "-o", "one.pdf", "--attach")
    assert done.returncode == 0
    assert b"pdfaid:part>3<" in (folder / "one.pdf").read_bytes()
