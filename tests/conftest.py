"""What the tests share: the example, presses, tools, readers, ledgers, goldens, repetition."""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
import support
from hypothesis import settings
from support import EXAMPLES, FONTS, GOLDEN, lacking

if TYPE_CHECKING:
    from authority import Authority
    from readers import Reader, Renderer

    from pixattest import Press
    from pixattest.trust.signing import Signer

# Tests that pytest has made ready, Hypothesis among them, are kept even where Python's own modules
# are not to be (PYTHONDONTWRITEBYTECODE): making them ready takes longer than most rooms' tests.
sys.dont_write_bytecode = False

# PyMuPDF would load a neural network for the layout of pages, which nothing here asks for.
sys.modules["pymupdf.layout"] = None  # type: ignore[assignment]

# Work wants an answer soon, and the same one each time; CI looks further, and elsewhere each time.
settings.register_profile("quick", max_examples=20, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None, print_blob=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "thorough" if os.environ.get("CI") else "quick")
)


# A browser, a database server, a process for each command, veraPDF: tests that use them are slow.
SLOW_FIXTURES = frozenset({"browser", "pixattest", "postgres", "verdicts"})

_SLOW_FILE = re.compile(r"^pytestmark = pytest\.mark\.(slow|harsh)$", re.MULTILINE)
"""Matches the mark of a file whose tests are all slow."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what the tests see into tests/golden, to be reviewed as a diff",
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pass over files that are slow as a whole, whose imports take time, where none is wanted."""
    if config.getoption("markexpr") != "not slow" or collection_path.suffix != ".py":
        return None
    return bool(_SLOW_FILE.search(collection_path.read_text(encoding="utf-8"))) or None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the harsh tests (kills, full disks, races) PIXATTEST_REPEAT times, as chance differs."""
    rounds = int(os.environ.get("PIXATTEST_REPEAT", "1"))
    if rounds > 1 and metafunc.definition.get_closest_marker("harsh"):
        metafunc.fixturenames.append("round_of_it")
        metafunc.parametrize("round_of_it", range(1, rounds + 1), scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests as slow that are harsh or need a tool, and end those of Hypothesis that hang.

    Hypothesis would run again what a signal has stopped, and hang again: its worker is ended.
    """
    for item in items:
        fixtures: list[str] = getattr(item, "fixturenames", [])
        if item.get_closest_marker("harsh") or not SLOW_FIXTURES.isdisjoint(fixtures):
            item.add_marker(pytest.mark.slow)
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.timeout(method="thread"))


@pytest.fixture(scope="session", autouse=True)
def plates_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The commands that tests run keep their plates away from the user's own, for each other."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # which all workers have in common
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIXATTEST_CACHE", str(folder / "plates"))
        yield


@pytest.fixture(scope="session")
def example() -> Mapping[str, Any]:
    """The example's record as JSON has it."""
    found: dict[str, Any] = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))
    return MappingProxyType(found)


@pytest.fixture
def record(example: Mapping[str, Any]) -> dict[str, Any]:
    """The example's record, a copy that a test may change."""
    return deepcopy(dict(example))


@pytest.fixture(scope="session")
def press_for() -> Callable[..., Press]:
    """Presses by language and the like, each built once; with the example's issuer by default."""
    import msgspec

    from pixattest import Press, read_issuer
    from pixattest.model.issuer import Seal, default_issuer

    @cache
    def build(
        language: str = "fr",
        *,
        specimen: bool = False,
        signed: bool = True,
        template: str = "attestation",
        framework: str | None = None,
        fonts: bool = False,
        sealed: bool = False,
    ) -> Press:
        issuer = read_issuer(EXAMPLES / "issuer.toml") if signed else default_issuer()
        if fonts:
            files = sorted(str(path) for path in FONTS.glob("*-subset.*"))
            issuer = msgspec.structs.replace(issuer, fonts=tuple(files))
        key = None
        if sealed:
            from keys import SEAL_KEY, SEAL_SITE

            key = SEAL_KEY
            issuer = msgspec.structs.replace(issuer, seal=Seal(site=SEAL_SITE, key="key.pem"))
        return Press(
            template,
            issuer,
            language=language,
            framework=framework,
            specimen=specimen,
            key=key,
        )

    return build


@pytest.fixture(scope="session")
def press(press_for: Callable[..., Press]) -> Press:
    """The press of the example."""
    return press_for()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """A certificate authority, whose keys sign documents."""
    from authority import serve

    with serve(tmp_path_factory.mktemp("authority")) as authority:
        yield authority


@pytest.fixture(scope="session")
def signer(authority: Authority) -> Signer:
    """The made-up director, who signs documents."""
    from authority import PASSPHRASE

    from pixattest.trust.signing import Signer

    return Signer(authority.key("director"), PASSPHRASE)


# External tools.


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """The path of an external tool; the test is skipped without it."""
    return support.tool


@pytest.fixture(scope="session")
def run() -> Callable[..., str]:
    """Run an external tool, which must succeed; its standard output, as UTF-8."""
    return lambda *command, **how: support.run(*command, **how).decode(errors="replace")


@pytest.fixture(scope="session")
def readers() -> Mapping[str, Reader]:
    """The text of a PDF's first page, by the name of the program that reads it."""
    from readers import TEXTS

    return TEXTS


@pytest.fixture(scope="session")
def renderers() -> Mapping[str, Renderer]:
    """The picture of a PDF's first page, by the name of the program that renders it."""
    from readers import PICTURES

    return PICTURES


# Ledgers.


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    from postgres import serve

    with serve() as address:
        yield address


@pytest.fixture
def database(postgres: str) -> str:
    """The address of a PostgreSQL database without a ledger."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS pixattest CASCADE")
    return postgres


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger can be opened, of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "issued.db")
    return str(request.getfixturevalue("database"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 1 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        lacking("the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


# Goldens.


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of tests/golden, or write it there (--update-goldens)."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-goldens"):
            path.write_text(text, encoding="utf-8")
            return
        kept = path.read_text(encoding="utf-8")
        difference = difflib.unified_diff(
            kept.splitlines(), text.splitlines(), "golden", "now", lineterm=""
        )
        assert kept == text, "\n".join(["see --update-goldens", *difference])

    return compare
