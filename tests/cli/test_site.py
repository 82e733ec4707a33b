"""pixattest site and revocations, as an issuer types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support import EXAMPLES, ROOT

from pixattest import read_record
from pixattest.ledger import Draft, certification_key, open_ledger
from pixattest.trust.keys import read_public_keys
from pixattest.trust.revocations import RevocationList, read_revocations

from .conftest import Command

PASSPHRASE = "five words that nobody guesses"
SEAL = """
[seal]
site = "https://attestations.example/verify/"
key = "key.pem"
"""


@pytest.fixture
def issuer(folder: Path, pixattest: Command, example: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An issuer with a key, and a ledger in which the example is revoked."""
    monkeypatch.setenv("PIXATTEST_PASSPHRASE", PASSPHRASE)
    assert pixattest("keygen", "key.pem").returncode == 0
    text = (ROOT / "pixattest/model/issuer.toml").read_text(encoding="utf-8")
    (folder / "ours.toml").write_text(text + SEAL, encoding="utf-8")
    record = read_record(dict(example))
    with open_ledger(folder / "issued.db") as ledger:
        now = datetime(2026, 3, 1, tzinfo=UTC)
        ledger.issue([Draft(certification_key(record), record)], ledger.keep_edition(b"p"), now)
        ledger.revoke(record.verification_code, "wrong person", now)
    return folder / "ours.toml"


def published(folder: Path) -> RevocationList:
    """The list in a site's folder, checked with the keys beside it."""
    keys = read_public_keys(folder / "keys.json")
    return read_revocations((folder / "revoked.jws").read_bytes(), keys)


def test_site_is_made_with_its_list(folder: Path, pixattest: Command, issuer: Path) -> None:
    done = pixattest("site", "web/verify", "--issuer", issuer.name, "--ledger", "issued.db")
    assert (done.returncode, done.stderr) == (0, "")
    site = folder / "web/verify"
    assert (site / "index.html").exists()
    assert (site / "qr/decode.js").exists()
    assert (site / "keys.json").read_bytes() == (folder / "keys.json").read_bytes()
    assert "P-GVVP6HBM" in published(site)
    assert "1 revoked, speaks until " in done.stdout


def test_site_has_no_secret(folder: Path, pixattest: Command, issuer: Path) -> None:
    pixattest("site", "web", "--issuer", issuer.name, "--ledger", "issued.db")
    for path in (folder / "web").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"PRIVATE" not in content
            assert PASSPHRASE.encode() not in content


def test_site_without_a_ledger_leaves_the_list(
    folder: Path, pixattest: Command, issuer: Path
) -> None:
    done = pixattest("site", "web", "--issuer", issuer.name)
    assert done.returncode == 0
    assert not (folder / "web/revoked.jws").exists()


def test_existing_files_are_kept_unless_forced(
    folder: Path, pixattest: Command, issuer: Path
) -> None:
    """Before anything is written."""
    (folder / "web").mkdir()
    (folder / "web/words.js").write_text("mine")
    done = pixattest("site", "web", "--issuer", issuer.name)
    assert done.returncode == 2
    assert "exists already and was kept" in done.stderr
    assert [path.name for path in (folder / "web").iterdir()] == ["words.js"]
    assert pixattest("site", "web", "--issuer", issuer.name, "--force").returncode == 0


def test_list_is_renewed_by_itself(folder: Path, pixattest: Command, issuer: Path) -> None:
    """The page is left as it is."""
    pixattest("site", "web", "--issuer", issuer.name)
    before = {p: p.stat().st_mtime_ns for p in (folder / "web").rglob("*") if p.is_file()}
    list_of = ("revocations", "web", "--issuer", issuer.name, "--ledger", "issued.db")
    done = pixattest(*list_of, "--days", "7")
    assert (done.returncode, done.stderr) == (0, "")
    found = published(folder / "web")
    assert (found.expires - found.issued).days == 7
    assert {p: p.stat().st_mtime_ns for p in before} == before
    assert pixattest(*list_of).returncode == 0


def test_list_of_another_ledger_is_refused(folder: Path, pixattest: Command, issuer: Path) -> None:
    """It would un-revoke what the published one revokes."""
    pixattest("site", "web", "--issuer", issuer.name, "--ledger", "issued.db")
    open_ledger(folder / "other.db").close()
    done = pixattest("revocations", "web", "--issuer", issuer.name, "--ledger", "other.db")
    assert done.returncode == 2
    assert "Is it the right ledger" in done.stderr
    assert "P-GVVP6HBM" in published(folder / "web")


def test_issuer_without_seal_is_told_what_to_add(folder: Path, pixattest: Command) -> None:
    done = pixattest("site", "web", "--issuer", str(EXAMPLES / "issuer.toml"))
    assert done.returncode == 2
    assert "Add [seal], or give --keys." in done.stderr
    assert not (folder / "web").exists()


def test_wrong_passphrase_is_told_and_not_repeated(
    pixattest: Command, issuer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXATTEST_PASSPHRASE", "not the passphrase")
    done = pixattest("site", "web", "--issuer", issuer.name, "--ledger", "issued.db")
    assert done.returncode == 2
    assert "the passphrase is wrong" in done.stderr
    assert "not the passphrase" not in done.stderr + done.stdout


def test_verify_believes_the_list(folder: Path, pixattest: Command, issuer: Path) -> None:
    """A page that is genuine without the list is revoked with it."""
    pixattest("site", "web", "--issuer", issuer.name, "--ledger", "issued.db")
    printed = pixattest(str(EXAMPLES / "record.json"), "-o", "a.pdf", "--issuer", issuer.name)
    assert (printed.returncode, printed.stderr) == (0, "")
    ask = ("verify", "a.pdf", "--keys", "web/keys.json", "--on", "2026-04-01", "--json")
    alone = pixattest(*ask, "--no-revocations")
    assert (alone.returncode, json.loads(alone.stdout)[0]["answer"]) == (0, "genuine")
    done = pixattest(*ask, "--revocations", "web/revoked.jws")
    assert (done.returncode, json.loads(done.stdout)[0]["answer"]) == (1, "revoked")
    (folder / "web/revoked.jws").write_bytes(b"e30.e30.e30")
    done = pixattest(*ask, "--revocations", "web/revoked.jws")
    assert done.returncode == 2
    assert "not a list of revocations" in done.stderr
