"""docs/reference is what the programme is now: run docs/make_reference.py when it is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import make_reference
import msgspec
import pytest
from generators import drawings, toml_files
from generators.docstrings import described
from PIL import Image, ImageChops
from readers import Renderer
from support import ROOT

import pixattest
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.template.labels import Labels
from pixattest.template.style import PROPERTIES
from pixattest.template.svg import ELEMENTS

DRAWINGS: Mapping[str, str] = drawings.DRAWINGS


@pytest.fixture(scope="module")
def pages() -> Mapping[str, str]:
    """The pages as they are made now, by their names."""
    return {path.stem: text for path, text in make_reference.pages().items()}


@pytest.mark.parametrize("name", make_reference.MAKERS)
def test_page_is_what_the_programme_says(pages: Mapping[str, str], name: str) -> None:
    kept = (ROOT / f"docs/reference/{name}.md").read_text(encoding="utf-8")
    assert kept == pages[name], "run python docs/make_reference.py"


def test_every_public_name_and_option_is_there_once(pages: Mapping[str, str]) -> None:
    headings = re.findall(r"^###? (\w+)$", pages["python"], re.MULTILINE)
    public = [name for name in pixattest.__all__ if name != "__version__"]
    assert [name for name in public if headings.count(name) != 1] == []
    assert "`-o PATH`, `--output PATH`" in pages["cli"]
    assert "## pixattest template check" in pages["cli"]


def test_the_python_page_begins_with_what_most_applications_use(pages: Mapping[str, str]) -> None:
    headings = re.findall(r"^## (\w+)$", pages["python"], re.MULTILINE)
    assert headings[:4] == ["Press", "Record", "RecordError", "verify"]


def test_no_word_of_the_help_is_taken_for_markup(pages: Mapping[str, str]) -> None:
    """What stands in square brackets would not be shown in a terminal."""
    assert "[" not in pages["cli"]


@pytest.mark.parametrize("kind", [Issuer, Framework, Labels])
def test_every_key_of_a_file_is_explained(kind: type[msgspec.Struct]) -> None:
    """In the section Attributes of its struct's docstring, or in its first sentence."""
    for _, table in toml_files._structs_of(kind):
        about, _ = described(table)
        for key, _, _, meaning in toml_files._keys(table):
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
    import pymupdf

    pdf = drawings.printed(DRAWINGS[name], tmp_path)
    picture = renderers["pdfium"](pdf, 144)
    with Image.open(ROOT / f"docs/reference/svg/{name}.png") as kept:
        assert _differing(picture, kept.convert("RGB")) < 25
    if name in WORDS:
        with pymupdf.open(stream=pdf, filetype="pdf") as document:
            assert "".join(document[0].get_text().split()) == WORDS[name].replace(" ", "")
    elif name not in ("image", "stroke-dasharray"):  # which MuPDF can't draw
        svg = drawings.whole(DRAWINGS[name]).encode()
        with pymupdf.open(stream=svg, filetype="svg") as document:
            zoom = picture.width / document[0].rect.width
            pixels = document[0].get_pixmap(matrix=pymupdf.Matrix(zoom, zoom))
        other = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
        assert _differing(picture, other) < 25


def test_dashes_are_as_long_as_they_are_said_to_be(
    tmp_path: Path, renderers: Mapping[str, Renderer]
) -> None:
    """12 points and gaps of 6, from 12 to 108 points."""
    pdf = drawings.printed(DRAWINGS["stroke-dasharray"], tmp_path)
    row = renderers["pdfium"](pdf, 72).convert("L").crop((0, 30, 120, 31)).tobytes()
    dark = [place for place, grey in enumerate(row) if grey < 128]
    assert dark == [x for x in range(12, 108) if (x - 12) % 18 < 12]


def _differing(one: Image.Image, other: Image.Image) -> int:
    """Pixels that differ by more than smooth edges do."""
    assert one.size == other.size
    assert one.convert("L").getextrema()[0] < 250
    return sum(ImageChops.difference(one, other).convert("L").histogram()[96:])
