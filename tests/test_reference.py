"""docs/reference is what the programme is now: run docs/make_reference.py when it is not."""

from __future__ import annotations

import importlib.util
import pydoc
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import msgspec
import pymupdf
import pytest
from conftest import ROOT, Renderer
from PIL import Image, ImageChops

import pixattest
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.template.labels import Labels
from pixattest.template.style import PROPERTIES
from pixattest.template.svg import ELEMENTS


def load() -> ModuleType:
    path = ROOT / "docs/make_reference.py"
    spec = importlib.util.spec_from_file_location("make_reference", path)
    assert spec
    assert spec.loader
    module = sys.modules["make_reference"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = load()
DRAWINGS: Mapping[str, str] = reference.DRAWINGS


@pytest.mark.parametrize(("path", "text"), reference.pages().items(), ids=lambda v: Path(v).stem)
def test_page_is_what_the_programme_says(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run docs/make_reference.py"


def test_every_public_name_and_option_is_there() -> None:
    pages = {path.stem: text for path, text in reference.pages().items()}
    public = [name for name in pixattest.__all__ if name != "__version__"]
    assert [name for name in public if f"::: pixattest.{name}\n" not in pages["python"]] == []
    assert "`-o PATH`, `--output PATH`" in pages["cli"]
    assert "## pixattest template check" in pages["cli"]


def test_every_name_that_a_page_imports_is_there() -> None:
    """And each that the reference has exists."""
    page = reference.pages()[ROOT / "docs/reference/python.md"]
    told = set(re.findall(r"^::: (\S+)$", page, re.MULTILINE))
    imports = re.compile(r"^ *from (pixattest[\w.]*) import (?:\(([^)]*)\)|(.+))$", re.MULTILINE)
    asked = {
        f"{module}.{name}"
        for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        for module, many, few in imports.findall(path.read_text(encoding="utf-8"))
        for name in re.findall(r"\w+", many or few)
    }
    assert sorted(asked - told) == []
    for name in told - {"pixattest.trust.keys.PublicKeys"}:  # which type checkers alone see
        assert pydoc.locate(name) is not None, name


def test_no_word_of_the_help_is_taken_for_markup() -> None:
    """What stands in square brackets would not be shown in a terminal."""
    assert "[" not in reference.pages()[ROOT / "docs/reference/cli.md"]


@pytest.mark.parametrize("kind", [Issuer, Framework, Labels])
def test_every_key_of_a_file_is_explained(kind: type[msgspec.Struct]) -> None:
    """In the section Attributes of its struct's docstring, or in its first sentence."""
    for _, table in reference._structs_of(kind):
        about, _ = reference.described(table)
        for key, _, _, meaning in reference._keys(table):
            assert meaning or key.strip("`") in about.lower(), f"{table.__name__}: {key}"


def test_every_element_and_property_is_drawn() -> None:
    assert DRAWINGS.keys() == ELEMENTS.keys() | PROPERTIES.keys()
    for name in DRAWINGS:
        assert (ROOT / f"docs/reference/svg/{name}.png").is_file()


WORDS = {"a": "example.org", "text": "Camille Martin", "tspan": "level 6", "font-style": "upright"}
WORDS |= {"font-family": "Attestation", "font-size": "Pix Pix", "font-weight": "plain bold"}
WORDS |= {"letter-spacing": "spaced", "text-anchor": "start middle end"}


@pytest.mark.parametrize("name", DRAWINGS)
def test_drawing_is_printed_as_it_looks(
    name: str, tmp_path: Path, renderers: Mapping[str, Renderer]
) -> None:
    """As another renderer of SVG draws it, and as the picture shows; texts say what they say."""
    pdf = reference.printed(DRAWINGS[name], tmp_path)
    picture = renderers["pdfium"](pdf, 144)
    with Image.open(ROOT / f"docs/reference/svg/{name}.png") as kept:
        assert _differing(picture, kept.convert("RGB")) < 25
    if name in WORDS:
        with pymupdf.open(stream=pdf, filetype="pdf") as document:
            assert "".join(document[0].get_text().split()) == WORDS[name].replace(" ", "")
    elif name not in ("image", "stroke-dasharray"):  # which MuPDF can't draw
        svg = reference.whole(DRAWINGS[name]).encode()
        with pymupdf.open(stream=svg, filetype="svg") as document:
            zoom = picture.width / document[0].rect.width
            pixels = document[0].get_pixmap(matrix=pymupdf.Matrix(zoom, zoom))
        other = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
        assert _differing(picture, other) < 25


def test_dashes_are_as_long_as_they_are_said_to_be(
    tmp_path: Path, renderers: Mapping[str, Renderer]
) -> None:
    """12 points and gaps of 6, from 12 to 108 points."""
    pdf = reference.printed(DRAWINGS["stroke-dasharray"], tmp_path)
    row = renderers["pdfium"](pdf, 72).convert("L").crop((0, 30, 120, 31)).tobytes()
    dark = [place for place, grey in enumerate(row) if grey < 128]
    assert dark == [x for x in range(12, 108) if (x - 12) % 18 < 12]


def _differing(one: Image.Image, other: Image.Image) -> int:
    """Pixels that differ by more than smooth edges do."""
    assert one.size == other.size
    assert one.convert("L").getextrema()[0] < 250
    return sum(ImageChops.difference(one, other).convert("L").histogram()[96:])
