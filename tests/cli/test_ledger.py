"""pixattest ledger: what was issued, in lines of text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from click.testing import Result
from support import EXAMPLES
from typer.testing import CliRunner

from pixattest import read_record
from pixattest.cli import ledger as commands
from pixattest.errors import LedgerError
from pixattest.ledger import Draft, Page, certification_key, open_ledger

RECORD: dict[str, Any] = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)

Call = Callable[..., Result]


def draft(**changes: object) -> Draft:
    record = read_record(RECORD | changes)
    return Draft(certification_key(record), record)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger with a record that was corrected, and another one."""
    found = tmp_path / "issued.db"
    with open_ledger(found) as ledger:
        edition = ledger.keep_edition(b"plates")
        ledger.issue([draft(last_name="Martn", score=None)], edition, NOW)
        other = draft(last_name="Zola", group=None, verification_code="P-22222222")
        ledger.issue([draft(), other], edition, NOW + timedelta(days=1))
        ledger.printed([Page("P-GVVP6HBM", 2, "ab12")], edition, NOW + timedelta(days=2))
    return found


@pytest.fixture
def call(path: Path) -> Call:
    """Call a subcommand on that ledger."""
    app = typer.Typer()
    app.add_typer(commands.app, name="ledger")

    def run(*arguments: str, ledger: str | None = None) -> Result:
        where = ["--ledger", ledger or str(path)]
        return CliRunner().invoke(app, ["ledger", *arguments, *where])

    return run


def test_show_tells_every_revision(call: Call) -> None:
    """The first one whole, of the next what it changed; editions and pages, too."""
    done = call("show", "P-GVVP6HBM")
    assert done.exit_code == 0
    text = re.sub("[0-9a-f]{64}", "EDITION", done.output)
    first, second = text.split("\n\n")[1:]
    assert text.startswith("P-GVVP6HBM  Camille Martin  issued\n")
    assert first.startswith(
        "revision 1, issued 2026-11-24 12:30:00 UTC, superseded by revision 2\n"
        "  first_name: Camille\n  last_name: Martn\n  birth_date: 2003-01-12\n"
    )
    assert "  levels.1.1: 2\n" in first
    assert "score" not in first
    assert second == (
        "revision 2, issued 2026-11-25 12:30:00 UTC\n"
        "  last_name: Martn → Martin\n"
        f"  score: – → {RECORD['score']}\n"
        "  from edition EDITION\n"
        "  printed 2026-11-26 12:30:00 UTC: page ab12\n"
    )


def test_list_has_a_line_for_each_code(call: Call) -> None:
    """In the order of issue; columns by tabs, with the record that holds."""
    call("revoke", "P-22222222", "--reason", "Fraude")
    lines = call("list").output.splitlines()
    assert [re.sub("revoked .*:", "revoked:", line).split("\t") for line in lines] == [
        [
            "P-GVVP6HBM",
            "Martin",
            "Camille",
            "2003-01-12",
            RECORD["group"],
            "2026-11-25 12:30:00 UTC",
            "revision 2",
            "issued",
        ],
        [
            "P-22222222",
            "Zola",
            "Camille",
            "2003-01-12",
            "",
            "2026-11-25 12:30:00 UTC",
            "revision 1",
            "revoked: Fraude",
        ],
    ]


def test_revoke_is_for_ever(call: Call, path: Path) -> None:
    """It says whom it was, and who is to be told; the second time names the first."""
    done = call("revoke", "p-gvvp6hbm", "--reason", "Fraude")
    assert done.stdout == "P-GVVP6HBM (Camille Martin): revoked: Fraude\n"
    assert done.stderr == (
        "Run `pixattest revocations DIR`, so that verification pages know of it.\n"
    )
    assert re.search(
        r"^P-GVVP6HBM .* revoked 20.* UTC: Fraude\n", call("show", "P-GVVP6HBM").output
    )
    again = call("revoke", "P-GVVP6HBM", "--reason", "Erreur")
    assert isinstance(again.exception, LedgerError)
    assert re.fullmatch(
        rf"{re.escape(str(path))}: P-GVVP6HBM was revoked already, on 20\d\d-\d\d-\d\d: Fraude\. "
        r"It stays revoked for that reason; nothing was changed\.",
        str(again.exception),
    )
    assert again.stderr == ""
    with open_ledger(path) as ledger:
        assert [revocation.code for revocation in ledger.revocations()] == ["P-GVVP6HBM"]


def test_a_reason_is_asked_for(call: Call) -> None:
    """No reason, no revocation."""
    assert call("revoke", "P-GVVP6HBM").exit_code == 2


@pytest.mark.parametrize("command", [["show"], ["revoke", "--reason", "Fraude"]])
def test_an_unknown_code_is_told(call: Call, path: Path, command: list[str]) -> None:
    """With the ledger that was looked into."""
    done = call(*command, "P-33333333")
    assert str(done.exception) == (
        f"{path}: nothing was issued under the code 'P-33333333'. Correct the code."
    )


@pytest.mark.parametrize("command", [["list"], ["show", "P-GVVP6HBM"]])
def test_a_wrong_path_makes_no_ledger(call: Call, tmp_path: Path, command: list[str]) -> None:
    """It is told, and stays free."""
    wrong = tmp_path / "wrong.db"
    done = call(*command, ledger=str(wrong))
    assert str(done.exception) == f"{wrong}: there is no such file. Correct its path."
    assert not wrong.exists()


def test_the_ledger_may_stand_in_the_environment(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PIXATTEST_LEDGER names it for every command."""
    monkeypatch.setenv("PIXATTEST_LEDGER", str(path))
    done = CliRunner().invoke(commands.app, ["list"])
    assert len(done.output.splitlines()) == 2
