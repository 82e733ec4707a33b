"""What the tests share: the example, presses, tools, readers, ledgers, goldens, repetition."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import msgspec
import pymupdf
import pypdfium2
import pytest
from authority import PASSPHRASE, Authority, serve
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import settings
from PIL import Image

from pixattest import Press, read_issuer
from pixattest.model.issuer import Seal, default_issuer
from pixattest.trust.keys import SealKey
from pixattest.trust.signing import Signer

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
FONTS = Path(__file__).parent / "fonts"
"""A few letters of scripts that the template's fonts lack."""
GOLDEN = Path(__file__).parent / "golden"

SEAL_KEY = SealKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
"""That of docs/seal-vectors.json."""

SEAL_SITE = "https://attestations.example/verify/"

_INCHES = 72
"""Points in one."""


# Work wants an answer soon, and the same one each time; CI looks further, and elsewhere each time.
settings.register_profile("quick", max_examples=20, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None, print_blob=True)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "thorough" if os.environ.get("CI") else "quick")
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-goldens",
        action="store_true",
        help="write what the tests see into tests/golden, to be reviewed as a diff",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the harsh tests (kills, full disks, races) PIXATTEST_REPEAT times, as chance differs."""
    rounds = int(os.environ.get("PIXATTEST_REPEAT", "1"))
    if rounds > 1 and metafunc.definition.get_closest_marker("harsh"):
        metafunc.fixturenames.append("round_of_it")
        metafunc.parametrize("round_of_it", range(1, rounds + 1), scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark harsh tests as slow, and end those of Hypothesis that hang for good.

    Hypothesis would run again what a signal has stopped, and hang again: its worker is ended.
    """
    for item in items:
        if item.get_closest_marker("harsh"):
            item.add_marker(pytest.mark.slow)
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.timeout(method="thread"))


@pytest.fixture(scope="session", autouse=True)
def plates_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The commands that tests run keep their plates away from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIXATTEST_CACHE", str(tmp_path_factory.mktemp("plates")))
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
        if sealed:
            issuer = msgspec.structs.replace(issuer, seal=Seal(site=SEAL_SITE, key="key.pem"))
        return Press(
            template,
            issuer,
            language=language,
            framework=framework,
            specimen=specimen,
            key=SEAL_KEY if sealed else None,
        )

    return build


@pytest.fixture(scope="session")
def press(press_for: Callable[..., Press]) -> Press:
    """The press of the example."""
    return press_for()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """A certificate authority, whose keys sign documents."""
    with serve(tmp_path_factory.mktemp("authority")) as authority:
        yield authority


@pytest.fixture(scope="session")
def signer(authority: Authority) -> Signer:
    """Who signs documents: the made-up director."""
    return Signer(authority.key("director"), PASSPHRASE)


# External tools.


def lacking(what: str) -> NoReturn:
    """Skip for want of a tool; where all tests must run, fail."""
    if os.environ.get("PIXATTEST_TEST_ALL") == "1":
        pytest.fail(f"{what} is missing, and PIXATTEST_TEST_ALL is set")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """The path of an external tool; the test is skipped without it."""

    def find(tool: str) -> str:
        path = shutil.which(tool)
        if path is None:
            lacking(tool)
        return str(path)

    return find


@pytest.fixture(scope="session")
def run(needs: Callable[[str], str]) -> Callable[..., str]:
    """Run an external tool; its standard output, as UTF-8."""

    def call(tool: str, *arguments: str | Path, stdin: bytes | None = None) -> str:
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [needs(tool), *map(str, arguments)],
            input=stdin,
            capture_output=True,
            env=environment,
            check=False,
        )
        said = done.stdout.decode(errors="replace")
        assert done.returncode == 0, said + done.stderr.decode(errors="replace")
        return said

    return call


# Readers.


Reader = Callable[[bytes], str]
Renderer = Callable[[bytes, int], Image.Image]


@pytest.fixture(scope="session")
def readers(run: Callable[..., str]) -> Mapping[str, Reader]:
    """Text of a page, in the order of its content, by the name of who reads it."""

    def pdfium(pdf: bytes) -> str:
        with pypdfium2.PdfDocument(pdf) as document:
            page = document[0]
            text: str = page.get_textpage().get_text_range()
        # A hyphen that ends a line is a guess at a broken word to pdfium.
        return text.replace("\ufffe", "-").replace("\x02", "-")

    def poppler(pdf: bytes) -> str:
        return run("pdftotext", "-raw", "-enc", "UTF-8", "-", "-", stdin=pdf)

    def mupdf(pdf: bytes) -> str:
        with pymupdf.open(stream=pdf, filetype="pdf") as document:
            return str(document[0].get_text("text", sort=False))

    return {"pdfium": pdfium, "poppler": poppler, "mupdf": mupdf}


@pytest.fixture(scope="session")
def renderers(
    needs: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Renderer]:
    """Picture of a page at a resolution in dots per inch, by the name of who renders it."""

    def pdfium(pdf: bytes, dpi: int) -> Image.Image:
        with pypdfium2.PdfDocument(pdf) as document:
            document.init_forms()  # fields are drawn as browsers draw them
            picture: Image.Image = document[0].render(scale=dpi / _INCHES).to_pil()
        return picture.convert("RGB")

    def poppler(pdf: bytes, dpi: int) -> Image.Image:
        target = tmp_path_factory.mktemp("poppler") / "page"
        subprocess.run(
            [needs("pdftoppm"), "-r", str(dpi), "-png", "-singlefile", "-", str(target)],
            input=pdf,
            check=True,
        )
        with Image.open(target.with_suffix(".png")) as picture:
            return picture.convert("RGB")

    def mupdf(pdf: bytes, dpi: int) -> Image.Image:
        with pymupdf.open(stream=pdf, filetype="pdf") as document:
            pixels = document[0].get_pixmap(dpi=dpi)
            return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)

    return {"pdfium": pdfium, "poppler": poppler, "mupdf": mupdf}


# Ledgers.


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    try:
        import psycopg
    except ImportError:
        lacking("psycopg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    pg_ctl = str(found[-1]) if found else shutil.which("pg_ctl")
    if pg_ctl is None:
        lacking("PostgreSQL's pg_ctl")
    # Not below pytest's own folder, which only its user may enter; the socket's path is short.
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    other: list[str] = []
    if os.geteuid() == 0:
        # The server refuses to run as root.
        shutil.chown(folder, "postgres", "postgres")
        other = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def run(*arguments: str) -> None:
        # To a file: a pipe would stay open as long as the server that is started.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [*other, pg_ctl, "-D", f"{folder}/data", *arguments],
                cwd=folder,
                stdout=said,
                stderr=said,
                check=False,
            )
            said.seek(0)
            assert done.returncode == 0, said.read().decode()

    run("init", "-o", "-A trust -U tester -E UTF8 --locale=C.UTF-8 --no-sync")
    run("start", "-w", "-o", f"-k {folder} -c listen_addresses= -c fsync=off")
    address = f"postgresql://tester@/postgres?host={folder}"
    try:
        psycopg.connect(address).close()
        yield address
    finally:
        run("stop", "-m", "immediate")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres: str) -> str:
    """The address of a PostgreSQL database without a ledger."""
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS pixattest CASCADE")
    return postgres


@pytest.fixture(params=["sqlite", "postgres"])
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
