"""--ledger and reprint, as one types them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from support import EXAMPLES

from .conftest import RESULTS, Command, codes, files


def lines(command: Command) -> list[list[str]]:
    """The ledger's list."""
    done = command("ledger", "list", "--ledger", "issued.db")
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_a_class_is_issued_once_and_reprinted_by_code(folder: Path, pixattest: Command) -> None:
    """No code is asked for, none is told line by line; a page comes again from the ledger alone."""
    done = pixattest(RESULTS, "--ledger", "issued.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert "In the ledger: 11 new." in done.stdout
    assert "new code" not in done.stdout
    printed = codes(folder / "20240209_resultats_TCAP1.pdf")
    assert {line[0] for line in lines(pixattest)} == {*printed}
    assert {line[-1] for line in lines(pixattest)} == {"issued"}
    assert (folder / "issued.db").stat().st_mode & 0o077 == 0
    done = pixattest(RESULTS, "--ledger", "issued.db", "--force")
    assert "In the ledger: 11 again." in done.stdout
    done = pixattest("reprint", printed[0].lower(), printed[3], "--ledger", "issued.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{printed[0]} (Noël Büyükşahin): revision 1 written to ")
    assert codes(folder / f"{printed[3]}.pdf") == [printed[3]]


def test_one_record_is_issued_too(
    folder: Path, pixattest: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger may stand in the environment; its reprint is the same file."""
    monkeypatch.setenv("PIXATTEST_LEDGER", "issued.db")
    shutil.copy(EXAMPLES / "record.json", folder)
    first = pixattest("record.json").stdout
    assert first == "record.json: P-GVVP6HBM (new) written to record.pdf\n"
    again = pixattest("record.json", "--force").stdout
    assert again == "record.json: P-GVVP6HBM (again) written to record.pdf\n"
    assert pixattest("reprint", "P-GVVP6HBM", "-o", "again.pdf").returncode == 0
    assert (folder / "again.pdf").read_bytes() == (folder / "record.pdf").read_bytes()
    assert pixattest("ledger", "revoke", "P-GVVP6HBM", "--reason", "Fraude").returncode == 0
    for command in (["record.json", "--force"], ["reprint", "P-GVVP6HBM"]):
        done = pixattest(*command)
        assert done.returncode in (1, 2)
        assert "P-GVVP6HBM was revoked on" in done.stderr
    assert pixattest("reprint", "P-GVVP6HBM", "--revoked").returncode == 0


def test_a_reprint_tells_which_of_several_editions_it_is(folder: Path, pixattest: Command) -> None:
    """The last one unless another is asked for; where there is one, nothing is told."""
    shutil.copy(EXAMPLES / "record.json", folder)
    kept = ["--ledger", "issued.db", "--force"]
    for language in ("fr", "en"):
        assert pixattest("record.json", "--language", language, *kept).returncode == 0
        done = pixattest("reprint", "P-GVVP6HBM", *kept)
        assert done.returncode == 0
        assert (folder / "P-GVVP6HBM.pdf").read_bytes() == (folder / "record.pdf").read_bytes()
        if language == "fr":
            assert done.stderr == ""
    told = re.fullmatch(
        r"P-GVVP6HBM: as printed on \S+ \S+ UTC from edition ([0-9a-f]{12}), with template\.svg in"
        r" 'en'\. --edition gives the others: ([0-9a-f]{12}) \(\S+ \S+ UTC\)\.\n",
        done.stderr,
    )
    assert told
    done = pixattest("reprint", "P-GVVP6HBM", "--edition", told[2], *kept)
    assert f"from edition {told[2]}, with template.svg in 'fr'" in done.stderr
    assert (folder / "P-GVVP6HBM.pdf").read_bytes() != (folder / "record.pdf").read_bytes()
    done = pixattest("reprint", "P-GVVP6HBM", "--edition", "x", *kept)
    assert (done.returncode, told[1] in done.stderr, told[2] in done.stderr) == (2, True, True)


def test_a_record_without_room_is_not_issued(folder: Path, pixattest: Command) -> None:
    """Its page is tried before a code is spent on it."""
    raw = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
    (folder / "record.json").write_text(json.dumps(raw | {"last_name": "漢字"}))
    done = pixattest("record.json", "--ledger", "issued.db")
    assert done.returncode == 1
    assert "last_name" in done.stderr
    assert lines(pixattest) == []
    assert [name for name in files(folder) if name.endswith(".pdf")] == []


def test_what_is_never_printed_is_told(folder: Path, pixattest: Command) -> None:
    """A code whose page was refused; several files need a folder."""
    raw = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
    (folder / "class.json").write_text(json.dumps([raw | {"last_name": "漢字"}]))
    assert pixattest("class.json", "--ledger", "issued.db").returncode == 1
    assert [line[-1] for line in lines(pixattest)] == ["issued, never printed"]
    shown = pixattest("ledger", "show", "P-GVVP6HBM", "--ledger", "issued.db").stdout
    assert shown.endswith("  never printed\n")
    two = ["P-GVVP6HBM", "P-GVVP6HBM", "-o", "two.pdf"]
    assert "is no folder" in pixattest("reprint", *two, "--ledger", "issued.db").stderr
