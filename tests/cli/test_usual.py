"""What the issuer's file says it always prints with, as each command follows it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from support import EXAMPLES, ROOT

from pixattest import Press
from pixattest.template.copying import copy_template

from .conftest import Command

ISSUER = (ROOT / "pixattest/model/issuer.toml").read_text(encoding="utf-8")
KITCHEN = {"framework": "kitchen.toml", "language": "en", "template": "page/landscape.svg"}


@pytest.fixture
def home(folder: Path) -> Path:
    """A folder below with an issuer that prints with its own framework and template, in English.

    A record of that framework lies above it, where the commands are run.
    """
    home = folder / "home"
    copy_template(home / "page")
    shutil.copy(EXAMPLES / "framework.toml", home / "kitchen.toml")
    say(home, **KITCHEN)
    record: dict[str, Any] = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
    record |= {"levels": {"1.1": "Advanced", "3.2": 1}, "score": None, "max_level": None}
    (folder / "cook.json").write_text(json.dumps(record), encoding="utf-8")
    return home


def say(home: Path, more: str = "", **usual: str) -> None:
    """Write the issuer's file."""
    keys = "".join(f'{key} = "{value}"\n' for key, value in usual.items())
    (home / "issuer.toml").write_text(keys + ISSUER + more, encoding="utf-8")


def text_of(pdf: Path) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        text: str = document[0].get_textpage().get_text_range()
    return text


ISSUED_BY = ("--issuer", "home/issuer.toml")


@pytest.mark.usefixtures("home")
def test_a_record_is_printed_with_what_the_issuer_says(folder: Path, pixattest: Command) -> None:
    """Paths are relative to the file; the page is the one that options would have given."""
    done = pixattest("cook.json", *ISSUED_BY)
    assert (done.returncode, done.stderr) == (0, "")
    options = ("--framework", "home/kitchen.toml", "--language", "en")
    options += ("--template", "home/page/landscape.svg")
    done = pixattest("cook.json", *options, "-o", "named.pdf")
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "cook.pdf").read_bytes() == (folder / "named.pdf").read_bytes()
    assert "Choose a knife" in text_of(folder / "cook.pdf")


def test_an_option_wins(home: Path, folder: Path, pixattest: Command) -> None:
    """Each by itself; what the file names in its place need not even be there."""
    say(home, framework="gone.toml", language="tlh", template="gone")
    options = {"framework": "home/kitchen.toml", "language": "nl", "template": "landscape"}
    given = [word for key, value in options.items() for word in (f"--{key}", value)]
    done = pixattest("cook.json", *ISSUED_BY, *given)
    assert (done.returncode, done.stderr) == (0, "")
    expected = Press("landscape", language="nl", framework=home / "kitchen.toml").render(
        json.loads((folder / "cook.json").read_text(encoding="utf-8"))
    )
    assert (folder / "cook.pdf").read_bytes() == expected


@pytest.mark.parametrize(
    ("usual", "told"),
    [
        (
            {"framework": "cuisine.toml"},
            r"framework is '\S*/home/cuisine\.toml', and there is no ",
        ),
        ({"framework": "digcmp"}, r'Did you mean "digcomp"\?'),
        ({"template": "mine"}, r"template is '\S*/home/mine', and there is no template there\. N"),
        ({"template": "landscap"}, r'Did you mean "landscape"\?'),
        ({"language": "tlh"}, r"language is 'tlh', and the template in \S* has no labels in it\. "),
    ],
    ids=str,
)
def test_what_the_file_says_and_is_not_there_is_told_of_the_file(
    home: Path, folder: Path, pixattest: Command, usual: dict[str, str], told: str
) -> None:
    """With the file's name, and what can be named; nothing is printed."""
    say(home, **usual)
    done = pixattest(str(EXAMPLES / "record.json"), "-o", "out.pdf", *ISSUED_BY)
    assert done.returncode == 2
    assert done.stderr.startswith("issuer.toml: ")
    assert re.search(told, done.stderr)
    assert not (folder / "out.pdf").exists()


def test_a_reprint_is_what_was_printed_whatever_the_file_says_now(
    home: Path, folder: Path, pixattest: Command
) -> None:
    """Framework, language and template are kept with what was issued."""
    done = pixattest("cook.json", *ISSUED_BY, "--ledger", "issued.db")
    assert (done.returncode, done.stderr) == (0, "")
    say(home, framework="digcomp", language="fr", template="attestation")
    done = pixattest("reprint", "P-GVVP6HBM", "--ledger", "issued.db", "-o", "again.pdf")
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "again.pdf").read_bytes() == (folder / "cook.pdf").read_bytes()
    shutil.rmtree(home)
    done = pixattest("reprint", "P-GVVP6HBM", "--ledger", "issued.db", "-o", "later.pdf")
    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "later.pdf").read_bytes() == (folder / "cook.pdf").read_bytes()


@pytest.mark.usefixtures("home")
def test_a_class_is_printed_by_processes_that_know_what_the_file_says(
    folder: Path, pixattest: Command
) -> None:
    """The same bytes, and columns of the issuer's competences."""
    rows = ["first_name,last_name,birth_date,delivered_on,centre,verification_code"]
    rows += [f"Ada,L{n},2003-01-12,2024-02-09,Here,P-BCDF{n}" for n in range(2222, 2422)]
    rows = [rows[0] + ",1.1,1.2,1.3,2.1,2.2,3.1,3.2", *(row + ",Basic,,,,,,3" for row in rows[1:])]
    (folder / "class.csv").write_text("\n".join(rows), encoding="utf-8")
    for jobs in "12":
        done = pixattest("class.csv", *ISSUED_BY, "--jobs", jobs, "-o", f"{jobs}.pdf")
        assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "1.pdf").read_bytes() == (folder / "2.pdf").read_bytes()
    assert "Choose a knife" in text_of(folder / "2.pdf")


@pytest.mark.usefixtures("home")
def test_schema_is_that_of_the_issuer_s_framework(pixattest: Command) -> None:
    done = pixattest("schema", *ISSUED_BY)
    assert len(json.loads(done.stdout)["properties"]["levels"]["properties"]) == 7
    done = pixattest("schema", *ISSUED_BY, "--framework", "crcn")
    assert len(json.loads(done.stdout)["properties"]["levels"]["properties"]) == 16


def test_check_tries_the_issuer_s_template_in_its_language(home: Path, pixattest: Command) -> None:
    """One drawing, its own framework; another language is tried where it is asked for."""
    done = pixattest("template", "check", *ISSUED_BY)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{home.resolve()}/page/landscape.svg: nothing is wrong. Tried in en; left out: de, es, fr,"
        " it, nl (the issuer's file names another).\n"
    )
    shutil.rmtree(home / "page/labels")
    done = pixattest("template", "check", *ISSUED_BY)
    assert done.returncode == 2
    assert done.stderr.startswith("issuer.toml: language is 'en', and the template in ")
    done = pixattest("template", "check", "attestation", *ISSUED_BY, "--language", "nl")
    assert (done.returncode, done.stdout) == (0, "attestation: nothing is wrong. Tried in nl.\n")


@pytest.mark.usefixtures("home")
def test_preview_draws_the_issuer_s_page(folder: Path, pixattest: Command) -> None:
    """The same pictures as of what options name; others where they name something else."""
    assert pixattest("template", "preview", *ISSUED_BY, "-o", "own", "--dpi", "30").returncode == 0
    named = ("home/page/landscape.svg", "--framework", "home/kitchen.toml", "--language", "en")
    assert pixattest("template", "preview", *named, "-o", "named", "--dpi", "30").returncode == 0
    dutch = (*ISSUED_BY, "--language", "nl", "-o", "dutch", "--dpi", "30")
    assert pixattest("template", "preview", *dutch).returncode == 0
    own, same, other = (
        [path.read_bytes() for path in sorted((folder / name).iterdir())]
        for name in ("own", "named", "dutch")
    )
    assert own == same
    assert own != other


def test_site_and_verify_know_the_issuer_s_framework(
    home: Path, folder: Path, pixattest: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page has its competences, and levels are compared with what the paper says."""
    monkeypatch.setenv("PIXATTEST_PASSPHRASE", "five words that nobody guesses")
    assert pixattest("keygen", "home/key.pem").returncode == 0
    seal = '\n[seal]\nsite = "https://attestations.example/verify/"\nkey = "key.pem"\n'
    say(home, seal, **KITCHEN)
    done = pixattest("site", "web", *ISSUED_BY)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Choose a knife" in (folder / "web/words.js").read_text(encoding="utf-8")
    assert pixattest("cook.json", *ISSUED_BY).returncode == 0
    ask = ("verify", "cook.pdf", "--no-revocations", "--on", "2024-03-01")
    done = pixattest(*ask, *ISSUED_BY)
    assert (done.returncode, "1.1: Advanced" in done.stdout) == (0, True)
    done = pixattest(*ask, "--keys", "home/keys.json", "--json")
    assert "the framework 'kitchen' is not known here" in done.stdout
    say(home, seal, **KITCHEN | {"framework": "gone.toml"})
    done = pixattest(*ask, *ISSUED_BY, "--framework", "home/kitchen.toml")
    assert done.returncode == 0
    assert pixattest(*ask, *ISSUED_BY).stderr.startswith("issuer.toml: framework is ")


def test_the_shipped_comments_can_be_used(home: Path, folder: Path, pixattest: Command) -> None:
    """Who takes the # away from the keys gets the page of before."""
    text = ISSUER
    for key in KITCHEN:
        text, found = re.subn(rf"^# {key} =", f"{key} =", text, flags=re.MULTILINE)
        assert found == 1
    (home / "issuer.toml").write_text(text, encoding="utf-8")
    example = str(EXAMPLES / "record.json")
    assert pixattest(example, *ISSUED_BY, "-o", "usual.pdf").returncode == 0
    assert pixattest(example, "-o", "plain.pdf").returncode == 0
    assert (folder / "usual.pdf").read_bytes() == (folder / "plain.pdf").read_bytes()
