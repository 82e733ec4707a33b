"""Keys, records and files → what `pixattest verify` tells, as a user meets it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from authority import PASSPHRASE as SIGN_PASSPHRASE
from authority import Authority
from keys import SEAL_KEY, SEAL_SITE
from support import EXAMPLES

from pixattest import Press, open_ledger

pytestmark = pytest.mark.slow

KITCHEN = str(EXAMPLES / "framework.toml")
PASSPHRASE = "five words without any sense"


@pytest.fixture(scope="module")
def sealing(press_for: Callable[..., Press]) -> Press:
    return press_for(sealed=True)


@pytest.fixture(scope="module")
def page(sealing: Press, example: Mapping[str, Any]) -> bytes:
    return sealing.render(example)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder with an issuer that seals, a passphrase in a file, and a record."""
    issuer = (EXAMPLES / "issuer.toml").read_text(encoding="utf-8")
    said = f'\n[seal]\nsite = "{SEAL_SITE}"\nkey = "key.pem"\n'
    (tmp_path / "issuer.toml").write_text(issuer + said, encoding="utf-8")
    for name in ("signature.png", "record.json"):
        (tmp_path / name).write_bytes((EXAMPLES / name).read_bytes())
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    return tmp_path


def command(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pixattest", *arguments],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), "PIXATTEST_CACHE": str(folder / "cache"), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_key_to_verdict(office: Path) -> None:
    """keygen, render, verify, as a user does it; and no file holds passphrase or key."""
    done = command(office, "keygen", "key.pem", "--passphrase-file", "word")
    assert done.returncode == 0, done.stderr
    render = ("record.json", "--issuer", "issuer.toml")
    done = command(office, *render, "--passphrase-file", "word")
    assert done.returncode == 0, done.stderr
    first = (office / "record.pdf").read_bytes()
    done = command(office, *render, "--force", PIXATTEST_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stderr
    assert (office / "record.pdf").read_bytes() == first
    check = ("verify", "record.pdf", "--keys", "keys.json", "--on")
    done = command(office, *check, "2026-01-01", "--json", "--no-revocations")
    assert (done.returncode, json.loads(done.stdout)[0]["answer"]) == (0, "genuine")
    done = command(office, *check, "2030-01-01")
    assert done.returncode == 1
    assert "expired" in done.stdout
    for path in office.rglob("*"):
        if path.is_file() and path.name != "word":
            assert PASSPHRASE.encode() not in path.read_bytes(), path
            assert b"BEGIN PRIVATE KEY" not in path.read_bytes(), path


def test_issuer_names_keys_and_roots(office: Path, authority: Authority) -> None:
    """In the place of --keys and --roots; and the list lies beside the keys."""
    said = (office / "issuer.toml").read_text(encoding="utf-8")
    said += f'\n[signing]\ntimestamp = "{authority.timestamp}"\nlevel = "B-LT"\n'
    said += f'roots = ["{authority.roots}"]\n'
    (office / "issuer.toml").write_text(said, encoding="utf-8")
    (office / "pin").write_text(SIGN_PASSPHRASE)
    assert command(office, "keygen", "key.pem", "--passphrase-file", "word").returncode == 0
    sealing = ("--issuer", "issuer.toml", "--passphrase-file", "word")
    signing = ("--sign", str(authority.key("director")), "--sign-passphrase-file", "pin")
    done = command(office, "record.json", *sealing, *signing, "--attach")
    assert done.returncode == 0, done.stderr
    check = ("verify", "record.pdf", "--json", "--on", "2026-01-01", "--no-revocations")
    done = command(office, *check, "--issuer", "issuer.toml", "--expect", "signature")
    assert done.returncode == 0, done.stdout
    assert [one["part"] for one in json.loads(done.stdout)] == ["seal", "signature", "attachment"]
    done = command(office, *check, "--keys", "keys.json")
    assert (done.returncode, "no roots are given" in done.stdout) == (1, True)
    done = command(office, *check)
    assert (done.returncode, "--issuer" in done.stderr) == (2, True)


def test_class_files_are_sealed_by_several_processes(office: Path) -> None:
    """The key is asked for once; each page of each file is genuine."""
    assert command(office, "keygen", "key.pem", "--passphrase-file", "word").returncode == 0
    one = json.loads((office / "record.json").read_text())
    people = [
        one
        | {
            "verification_code": f"P-{n:08}",
            "group": f"T{n % 2}",
            "birth_date": f"2003-01-{n % 28 + 1:02}",
        }
        for n in range(80)
    ]
    (office / "all.json").write_text(json.dumps(people))
    arguments = ("all.json", "--issuer", "issuer.toml", "--passphrase-file", "word", "-o")
    for out, jobs in (("one", "1"), ("two", "2")):
        done = command(office, *arguments, out, "--jobs", jobs)
        assert done.returncode == 0, done.stderr
    files = sorted(path.name for path in (office / "one").glob("*.pdf"))
    assert len(files) == 2
    for name in files:
        assert (office / "one" / name).read_bytes() == (office / "two" / name).read_bytes()
    check = ("verify", f"two/{files[0]}", "--keys", "keys.json", "--on", "2026-01-01")
    done = command(office, *check, "--no-revocations")
    assert done.returncode == 0, done.stdout


def test_damaged_file_does_not_hide_the_others(office: Path, page: bytes) -> None:
    """Each file has its table below its answer, or its error; the exit status tells the worst."""
    (office / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    (office / "first.pdf").write_bytes(page[:5000])
    (office / "second.pdf").write_bytes(page)
    check = ("--keys", "keys.json", "--on", "2026-01-01", "--no-revocations")
    done = command(office, "verify", "first.pdf", "second.pdf", *check)
    assert done.returncode == 2
    assert done.stderr.startswith("first.pdf: is damaged")
    assert done.stdout.startswith("second.pdf: genuine, but see the remarks")
    assert all(said in done.stdout for said in ("Camille Martin", "1.1: 2, 1.2: 1", "no other"))
    done = command(office, "verify", "first.pdf", "second.pdf", *check, "--json")
    assert (done.returncode, len(json.loads(done.stdout))) == (2, 3)


def test_levels_are_told_by_the_names_that_a_page_has(
    office: Path, press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """In each language that the framework has names in, for paper may be in any; by domain."""
    said = Path(KITCHEN).read_text(encoding="utf-8").replace('"2.1"', '"D1"')
    names = 'level_names = { en = ["Basic", "Good", "Top"], fr = ["De base", "Bon", "Top"] }'
    said = re.sub("^level_names.*$", names, said, flags=re.MULTILINE)
    (office / "own.toml").write_text(said, encoding="utf-8")
    press = press_for(sealed=True, framework=str(office / "own.toml"))
    levels = {"1.1": 1, "1.2": 2, "D1": 3}
    page = press.render(record | {"levels": levels, "score": None, "max_level": None})
    (office / "own.pdf").write_bytes(page)
    (office / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    check = ("--keys", "keys.json", "--on", "2026-01-01", "--no-revocations", "--framework")
    done = command(office, "verify", "own.pdf", *check, "own.toml", COLUMNS="200")
    assert done.returncode == 0, done.stdout
    told = [line.split("│")[3].strip() for line in done.stdout.splitlines() if "│" in line]
    assert told[4:7] == ["1.1: Basic / De base, 1.2: Good / Bon", "D1: Top", "no other level"]


def test_class_file_with_its_cover_is_clear_at_a_glance(
    office: Path, sealing: Press, record: dict[str, Any]
) -> None:
    """Its cover is not passed over, until who printed it says so; levels have their numbers."""
    (office / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    people = [record | {"verification_code": f"P-0000000{n}"} for n in range(3)]
    sealing.write(people, office / "class.pdf", cover=True, blank_versos=True)
    check = ("verify", "class.pdf", "--keys", "keys.json", "--on", "2026-01-01")
    check += ("--no-revocations", "--seconds", "50")
    done = command(office, *check, COLUMNS="200")
    assert done.returncode == 1
    first, *_, last = done.stdout.splitlines()
    told = "3 of 3 attestations genuine; page 1 bears no seal"
    assert first.strip() == f"class.pdf: missing – {told}"
    assert last.endswith("leave it out: --pages 2-8")
    rows = [line.split("│")[1:4] for line in done.stdout.splitlines() if "│" in line]
    told = {place.strip(): (answer.strip(), said.strip()) for place, answer, said in rows}
    del told[""]  # a second line of remarks
    assert list(told) == ["page 1", "page 3", "page 5", "page 7", "all", "pages 2,4,6,8"]
    assert told["page 5"] == ("genuine", "Camille Martin")
    assert "1.1: 2" not in done.stdout
    assert "Compare the facts (--details) with the page" in done.stdout
    assert "1.1: 2" in command(office, *check, "--details", COLUMNS="200").stdout
    done = command(office, *check, "--pages", "2-8", COLUMNS="200")
    assert done.returncode == 0, done.stdout
    told = "3 of 3 attestations genuine; page 1: not looked at"
    assert done.stdout.splitlines()[0].strip().endswith(told)
    assert "pages 2,4,6,8" in done.stdout
    done = command(office, *check, "--pages", "2-8", "--json")
    skipped, blank, seal, *_ = json.loads(done.stdout)
    assert [one["answer"] for one in (skipped, blank, seal)] == ["skipped", "blank", "genuine"]
    assert seal["facts"]["levels"] == record["levels"]


@pytest.mark.parametrize(
    ("arguments", "more", "told"),
    [
        (("--passphrase-file", "missing"), {}, "missing: can't be read"),
        ((), {"PIXATTEST_PASSPHRASE": "not the right one"}, "passphrase is wrong"),
        ((), {}, "--passphrase-file"),
    ],
)
def test_without_the_passphrase_nothing_is_printed(
    office: Path, arguments: tuple[str, ...], more: dict[str, str], told: str
) -> None:
    """An issuer that seals never makes a page without a seal, nor is a passphrase repeated."""
    assert command(office, "keygen", "key.pem", "--passphrase-file", "word").returncode == 0
    done = command(office, "record.json", "--issuer", "issuer.toml", "--debug", *arguments, **more)
    assert done.returncode != 0
    assert told in done.stderr
    assert "not the right one" not in done.stderr
    assert not (office / "record.pdf").exists()


@pytest.mark.parametrize("asked", ["record.json", "revocations", "reprint"])
def test_a_missing_key_is_told_before_its_passphrase_is_asked_for(office: Path, asked: str) -> None:
    """Whichever command wants it; with how to make one."""
    (office / "keys.json").write_text(json.dumps({"keys": [SEAL_KEY.public]}))
    with open_ledger(str(office / "issued.db")):
        pass
    arguments = {
        "record.json": ("--issuer", "issuer.toml"),
        "revocations": (".", "--issuer", "issuer.toml", "--ledger", "issued.db"),
        "reprint": ("P-GVVP6HBM", "--key", "key.pem", "--ledger", "issued.db"),
    }
    done = command(office, asked, *arguments[asked])
    assert done.returncode == 2
    assert "key.pem: can't be read: No such file" in done.stderr
    assert "pixattest keygen" in done.stderr
    assert "passphrase" not in done.stderr
