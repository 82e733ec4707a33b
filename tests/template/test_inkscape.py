"""Drawings that Inkscape has saved: what changes nothing is passed over, the rest is refused.

`inkscape/saved.svg` is what Inkscape 1.2.2 made of `inkscape/drawn.svg`, by
`inkscape --export-type=svg --export-filename=saved.svg drawn.svg`.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pixattest import Press, TemplateError
from pixattest.model.framework import crcn
from pixattest.model.issuer import default_issuer
from pixattest.model.record import Rules
from pixattest.template.check import check_template
from pixattest.template.lines import number_lines
from pixattest.template.node import Node
from pixattest.template.samples import sample_records
from pixattest.template.style import HARMLESS, read_property
from pixattest.template.svg import parse_svg

DRAWINGS = Path(__file__).parent / "inkscape"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the drawings, with their words."""
    return shutil.copytree(DRAWINGS, tmp_path / "inkscape")


def only(body: str) -> Node:
    """The one element of a drawing."""
    page = 'width="100pt" height="100pt" viewBox="0 0 100 100"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {page}>{body}</svg>'
    (node,) = parse_svg(number_lines(svg)).root.children
    return node


def test_nothing_is_wrong_with_a_saved_drawing(folder: Path) -> None:
    """Layers, a hidden one among them, guides, whole lists of properties, escaped expressions."""
    framework, issuer = crcn(), default_issuer()
    found = check_template(
        folder / "saved.svg",
        issuer=issuer,
        framework=framework,
        languages=["fr"],
        samples=sample_records(framework, Rules.of(framework, issuer)),
    )
    assert [*map(str, found)] == []


def test_saving_changes_nothing_of_the_page(folder: Path, example: Mapping[str, Any]) -> None:
    drawn, saved = (
        Press(folder / name).render(dict(example)) for name in ("drawn.svg", "saved.svg")
    )
    assert drawn == saved


def test_page_is_as_inkscape_shows_it(folder: Path, example: Mapping[str, Any]) -> None:
    """What was edited in a text has its new place and size; what is bound has the last word."""
    import pymupdf

    pdf = Press(folder / "saved.svg").render(dict(example))
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        page = document[0]
        spans = {
            span["text"].strip(): span
            for block in page.get_text("dict")["blocks"]
            for line in block["lines"]
            for span in line["spans"]
        }
        fills = [drawing["fill"] for drawing in page.get_drawings()]
    millimetre = 72 / 25.4
    name = spans["Camille Martin"]
    assert name["size"] == pytest.approx(9 * millimetre, abs=0.01)
    assert name["origin"] == pytest.approx((20 * millimetre, 77 * millimetre), abs=0.1)
    assert "SemiBold" in name["font"]
    assert not any("logo" in text for text in spans)
    for domain in crcn().domains:
        red, green, blue = bytes.fromhex(domain.colour[1:])
        colour = pytest.approx((red / 255, green / 255, blue / 255), abs=0.01)
        assert any(fill == colour for fill in fills if fill)


def test_what_is_bound_wins_over_what_was_edited() -> None:
    """The place and colour that Inkscape has written into a text's part are samples too."""
    sodipodi = 'xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"'
    node = only(
        '<text x="1" y="2" data-text="a" data-set-y="7" data-set-fill="lime" style="fill:blue">'
        f'<tspan {sodipodi} sodipodi:role="line" x="3" y="4" style="fill:red;font-size:9px">b'
        "</tspan></text>"
    )
    assert (node.attributes["x"], node.attributes["y"]) == ("3", "7")
    assert (node.style.fill, node.style.size, node.text) == ((0, 1, 0), 9, "a")


@pytest.mark.parametrize("name", HARMLESS)
def test_property_is_passed_over_where_it_changes_nothing_only(name: str) -> None:
    values = HARMLESS[name]
    assert all(read_property(name, value) == {} for value in values or ("anything",))
    if values:
        with pytest.raises(TemplateError) as caught:
            read_property(name, "other")
        assert caught.value.problem == f"{name} can't be 'other'"
        assert values[0] in str(caught.value.hint)


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ('<use href="#a"/>', "Unlink the clone"),
        ("<flowRoot/>", "Turn it into plain text"),
        ('<rect style="fill:url(#gradient)"/>', "Choose a plain colour"),
        ('<rect style="filter:url(#blur)"/>', "none"),
        ('<rect style="stroke-dashoffset:3"/>', "0"),
        ('<rect style="visibility:hidden"/>', "visible"),
        ('<text style="inline-size:40">a</text>', "auto"),
    ],
)
def test_what_would_look_otherwise_is_refused_with_a_mend(body: str, hint: str) -> None:
    with pytest.raises(TemplateError) as caught:
        only(body)
    assert hint in str(caught.value.hint)


def test_embedded_image_is_refused_with_a_mend(folder: Path, example: Mapping[str, Any]) -> None:
    path = folder / "saved.svg"
    image = '<image aria-hidden="true" width="9" height="9" href="data:image/png;base64,AA"/>'
    text = path.read_text(encoding="utf-8").replace("</svg>", f"{image}</svg>")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TemplateError, match="embedded") as caught:
        Press(path).render(dict(example))
    assert "beside the template" in str(caught.value.hint)


@pytest.mark.parametrize(("height", "is_taken"), [(10, True), (20, False)])
def test_image_that_fills_its_room_may_say_so(
    folder: Path, example: Mapping[str, Any], height: int, is_taken: bool
) -> None:
    """Inkscape writes preserveAspectRatio="none", which stretches only what has other sides."""
    from PIL import Image

    Image.new("RGB", (40, 20), "red").save(folder / "red.png")
    path = folder / "saved.svg"
    image = f'<image aria-hidden="true" width="20" height="{height}" href="red.png"'
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("</svg>", f'{image} preserveAspectRatio="none"/></svg>'), encoding="utf-8"
    )
    if is_taken:
        assert Press(path).render(dict(example))
    else:
        with pytest.raises(TemplateError, match="reserveAspectRatio is 'none'"):
            Press(path).render(dict(example))
