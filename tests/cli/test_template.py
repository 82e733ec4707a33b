"""`pixattest template`: a copy to start from, checked and looked at."""

from __future__ import annotations

import io
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
import zxingcpp
from PIL import Image
from support import EXAMPLES

pytestmark = pytest.mark.slow

_PATIENCE = 30
"""Seconds for a page to be drawn anew."""


def pixattest(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pixattest", "template", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of the shipped template."""
    folder = tmp_path / "mine"
    done = pixattest("new", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_new_template_stands_alone(mine: Path) -> None:
    """Drawings, words, fonts with their licences; nothing in them leads out of the folder."""
    files = {path.relative_to(mine).as_posix() for path in mine.rglob("*") if path.is_file()}
    assert {"template.svg", "landscape.svg", "labels/fr.toml"} <= files
    assert {f"fonts/{name}/OFL.txt" for name in ("source-sans-3", "source-serif-4")} <= files
    assert "../" not in (mine / "template.svg").read_text(encoding="utf-8")
    done = pixattest("check", mine, "--language", "fr")
    assert (done.returncode, done.stderr) == (0, "")


def test_an_existing_folder_is_kept(mine: Path) -> None:
    """A second copy does not go over the first."""
    (mine / "template.svg").write_text("precious", encoding="utf-8")
    done = pixattest("new", mine)
    assert done.returncode == 2
    assert "exists already and was kept" in done.stderr
    assert (mine / "template.svg").read_text(encoding="utf-8") == "precious"


def test_check_tells_each_fault_and_fails(mine: Path) -> None:
    """One line a fault, and an exit status that a build can use."""
    spoil(mine, 'data-field="centre"', 'data-field="center"')
    done = pixattest("check", mine, "--language", "fr")
    assert done.returncode == 1
    assert "there is no field 'center'. Did you mean \"centre\"?" in done.stderr
    assert done.stderr.endswith("1 to mend. Tried in fr.\n")


def test_check_tries_what_template_framework_and_issuer_speak(mine: Path, tmp_path: Path) -> None:
    """It says which languages those are, and why others are left out; without any, it ends."""
    framework = (EXAMPLES / "framework.toml").read_text(encoding="utf-8")
    name = re.search('^name = (".*")$', framework, re.MULTILINE)
    assert name
    two = framework.replace(name[0], f"name = {{ nl = {name[1]}, en = {name[1]} }}", 1)
    (tmp_path / "two.toml").write_text(two, encoding="utf-8")
    done = pixattest("check", mine, "--framework", tmp_path / "two.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{mine}: nothing is wrong. Tried in en, nl; left out: de, es, fr, it (the framework has"
        " no names in them).\n"
    )
    issuer = (EXAMPLES / "issuer.toml").read_text(encoding="utf-8")
    title = re.search(r"^title = .*$", issuer, re.MULTILINE)
    assert title
    issuer = issuer.replace(title[0], 'title = { fr = "Le directeur", nl = "De directeur" }', 1)
    (tmp_path / "issuer.toml").write_text(issuer, encoding="utf-8")
    (tmp_path / "signature.png").write_bytes((EXAMPLES / "signature.png").read_bytes())
    attests = "--issuer", tmp_path / "issuer.toml"
    done = pixattest("check", mine, "--framework", tmp_path / "two.toml", *attests)
    assert "Tried in nl; left out: " in done.stdout, done.stderr
    assert "en (the issuer has no texts in it)" in done.stdout
    (tmp_path / "two.toml").write_text(two.replace("{ nl =", "{ pt ="), encoding="utf-8")
    done = pixattest("check", mine, "--framework", tmp_path / "two.toml", *attests)
    assert done.returncode != 0
    assert "have no language in common. The template has de, en," in done.stderr


def test_check_of_a_folder_tells_of_each_drawing(mine: Path) -> None:
    """Of the list of a class, too."""
    spoil(mine, 'data-field="centre"', 'data-field="center"')
    spoil(mine, 'data-field="centre"', 'data-field="center"', "cover.svg")
    done = pixattest("check", mine, "--language", "fr")
    assert done.returncode == 1
    assert re.findall(r"^(\w+)\.svg, line \d+: ", done.stderr, re.MULTILINE) == [
        "cover",
        "template",
    ]


def test_preview_draws_every_sample(tmp_path: Path) -> None:
    """A picture a page, of the shape of the page."""
    done = pixattest("preview", "landscape", "-o", tmp_path / "out", "--dpi", "40")
    assert done.returncode == 0, done.stderr
    pictures = sorted((tmp_path / "out").iterdir())
    names = [picture.name for picture in pictures]
    assert names == ["empty-1.png", "full-1.png", "long-1.png", "short-1.png"]
    with Image.open(pictures[0]) as picture:
        assert picture.width > picture.height > 300


def test_preview_of_a_cover_draws_the_list_of_the_samples(mine: Path, tmp_path: Path) -> None:
    """It is drawn alone, as it stands before the pages of the template beside it."""
    done = pixattest("preview", mine / "cover.svg", "-o", tmp_path / "out", "--dpi", "40")
    assert done.returncode == 0, done.stderr
    (picture,) = (tmp_path / "out").iterdir()
    assert picture.name == "cover-1.png"
    with Image.open(picture) as drawn:
        assert drawn.getextrema() != ((255, 255),) * 3
        assert drawn.height > drawn.width


def test_preview_of_an_issuer_that_seals_needs_no_key(tmp_path: Path) -> None:
    """Its QR code is as large as those of sealed pages."""
    issuer = (EXAMPLES / "issuer.toml").read_text(encoding="utf-8")
    seal = '\n[seal]\nsite = "https://attestations.example/verify/"\nkey = "key.pem"\n'
    (tmp_path / "issuer.toml").write_text(issuer + seal, encoding="utf-8")
    (tmp_path / "signature.png").write_bytes((EXAMPLES / "signature.png").read_bytes())
    done = pixattest(
        "preview", "landscape", "--issuer", tmp_path / "issuer.toml", "-o", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out" / "short-1.png") as picture:
        (code,) = zxingcpp.read_barcodes(picture)
    assert code.text.startswith("https://attestations.example/verify/#")


def test_watch_draws_again_at_each_save_and_shows_what_is_wrong(mine: Path) -> None:
    """The page on this machine follows the drawing; a fault is told in it, the pictures stay."""
    command = [sys.executable, "-m", "pixattest", "template", "preview", str(mine), "--watch"]
    command += ["--dpi", "30"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert process.stdout
        address = process.stdout.readline().split()[2].rstrip(";")
        assert "Nothing is wrong" in page(address)
        first = picture(address)
        spoil(mine, 'fill="#F4F6F9"', 'fill="#FFE0E0"')
        assert version(address, 2) == 2
        assert picture(address) != first
        spoil(mine, 'data-field="centre"', 'data-field="center"')
        assert version(address, 3) == 3
        assert "Did you mean &quot;centre&quot;?" in page(address)
        assert picture(address) != first
        process.send_signal(signal.SIGINT)
        assert process.wait(_PATIENCE) == 0
    finally:
        process.kill()
        process.communicate()


def page(address: str) -> str:
    with urlopen(address) as answer:
        return str(answer.read().decode())


def picture(address: str) -> bytes:
    with urlopen(f"{address}short-1.png") as answer:
        data: bytes = answer.read()
    with Image.open(io.BytesIO(data)) as found:
        return found.convert("RGB").tobytes()


def version(address: str, wanted: int) -> int:
    end = time.monotonic() + _PATIENCE
    while True:
        with urlopen(f"{address}version") as answer:
            found: int = json.load(answer)
        if found >= wanted or time.monotonic() > end:
            return found
        time.sleep(0.05)


def spoil(folder: Path, before: str, after: str, drawing: str = "template.svg") -> None:
    path = folder / drawing
    text = path.read_text(encoding="utf-8")
    assert before in text
    part = folder.parent / "saved"
    part.write_text(text.replace(before, after, 1), encoding="utf-8")
    part.replace(path)
