"""Shapes of a template, as drawn in the PDF, beside the same SVG drawn by MuPDF."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from PIL import Image, ImageChops

from pixattest.errors import TemplateError
from pixattest.pdf.objects import Stream
from pixattest.pdf.writer import Writer
from pixattest.template.drawing import draw_shape, fill_colour, opacity_name
from pixattest.template.lines import number_lines
from pixattest.template.node import Node
from pixattest.template.svg import parse_svg

Renderer = Callable[[bytes, int], Image.Image]

DPI = 144
SIZE = 200
"""Points of a side of the drawings."""
THICK = 'fill="none" stroke="#444" stroke-width="8"'


def svg(body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}pt" height="{SIZE}pt"'
        f' viewBox="0 0 {SIZE} {SIZE}">\n{body}\n</svg>'
    )


def shapes(node: Node) -> list[Node]:
    return [node] if node.tag not in ("g", "svg") else [s for c in node.children for s in shapes(c)]


def pdf_of(body: str) -> bytes:
    """A page with the shapes of a body, with nothing else of a document around them."""
    drawn = [draw_shape(node) for node in shapes(parse_svg(number_lines(svg(body))).root)]
    content = "".join(shape.operators for shape in drawn if shape)
    states = "".join(
        f"/{opacity_name(shape.opacity)}<</ca {shape.opacity[0]}/CA {shape.opacity[1]}>>"
        for shape in drawn
        if shape and shape.opacity != (1, 1)
    )
    file = io.BytesIO()
    writer = Writer(file)
    page, contents = writer.reserve(2), 2
    writer.add(contents, Stream({}, content.encode()))
    pages = writer.reserve()
    writer.add(
        page,
        f"<</Type/Page/Parent {pages} 0 R/MediaBox[0 0 {SIZE} {SIZE}]/Contents {contents} 0 R"
        f"/Resources<</ExtGState<<{states}>>>>>>".encode(),
    )
    writer.add(pages, f"<</Type/Pages/Count 1/Kids[{page} 0 R]>>".encode())
    writer.finish(writer.append(f"<</Type/Catalog/Pages {pages} 0 R>>".encode()), pages)
    return file.getvalue()


def by_mupdf(body: str) -> Image.Image:
    """The same SVG, rendered with no help of ours."""
    import pymupdf

    with pymupdf.open(stream=svg(body).encode(), filetype="svg") as document:
        page = document[0]
        zoom = SIZE * DPI / 72 / page.rect.width
        pixels = page.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom))
        return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)


def count(picture: Image.Image, least: int) -> int:
    """Pixels with a channel of at least a value."""
    red, green, blue = picture.split()
    brightest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return sum(brightest.histogram()[least:])


def assert_same(one: Image.Image, other: Image.Image) -> None:
    """Equal but for a few pixels of anti-aliased edges; and not empty."""
    assert one.size == other.size
    assert count(ImageChops.invert(other), 64) > 500
    assert count(ImageChops.difference(one, other), 96) < 25


@pytest.fixture(scope="module")
def pdfium(renderers: Mapping[str, Renderer]) -> Callable[[str], Image.Image]:
    """Render a body through our operators."""
    return lambda body: renderers["pdfium"](pdf_of(body), DPI)


@pytest.mark.parametrize(
    "body",
    [
        '<rect x="20" y="30" width="100" height="60" fill="#c00"/>',
        f'<rect x="20" y="30" width="100" height="60" {THICK}/>',
        '<circle cx="100" cy="90" r="50" fill="#36f" stroke="#a00" stroke-width="6"/>',
        '<ellipse cx="100" cy="90" rx="50" ry="20"/>',
        f'<line x1="10" y1="20" x2="150" y2="180" {THICK} stroke-linecap="round"/>',
        f'<line x1="50" y1="20" x2="150" y2="20" {THICK} stroke-linecap="square"/>',
        f'<polyline points="10,20 100 50,50-5" {THICK} stroke-linejoin="round"/>',
        f'<polyline points="20,150 100,20 180,150" {THICK} stroke-linejoin="bevel"/>',
        '<polygon points="10,20 100,50 50,150"/>',
        '<rect x="20" y="30" width="100" height="60" fill="red" opacity="0.5"/>'
        '<rect x="80" y="30" width="100" height="120" fill="blue" fill-opacity="0.3"/>',
        f'<circle cx="100" cy="90" r="50" {THICK} stroke-opacity="0.4"/>',
    ],
)
def test_shapes_look_as_in_an_svg_renderer(pdfium: Callable[[str], Image.Image], body: str) -> None:
    """Each shape, with its stroke and opacity, lands where another renderer puts it."""
    assert_same(pdfium(body), by_mupdf(body))


@pytest.mark.parametrize(
    "data",
    [
        "M20 20 L150 50 L60 180",
        "M20 20 150 50 60 180",
        "m20 20 130 30 -90 130",
        "M20 20 l130 30 l-90 130",
        "M20 20 H150 V160 H60",
        "M20 20 h130 v140 h-90",
        "M20 20 h60 50 20 v30 40",
        "M10 100 C10 20 60 20 60 100",
        "m10 100 c0 -80 50 -80 50 0 10 50 40 50 90 -40",
        "M10 100 C10 20 60 20 60 100 S110 180 110 100 S170 10 190 100",
        "m10 100 c0 -80 50 -80 50 0 s50 80 50 0 s60 -90 80 0",
        "M10 100 S60 20 90 100",
        "M10 100 Q60 0 100 100",
        "m10 100 q50 -100 90 0",
        "M10 100 Q60 0 100 100 T190 100",
        "m10 100 q50 -100 90 0 t90 0",
        "M10 100 T90 20",
        "M60 100 A40 40 0 0 1 140 100",
        "M60 100 A60 40 0 1 1 140 100",
        "M60 100 A60 40 30 1 0 140 100",
        "M60 100 A60 40 30 0 0 140 100",
        "M60 100 a60 40 -50 0 1 60 30",
        "M60 100 a5 5 0 0 1 80 20",
        "M60 100 A0 40 0 0 1 140 100",
        "M60 100 A-60 -40 0 0 1 140 100",
        "M60 60 h80 v80 h-80 Z",
        "m20 20 30 10 20 60 z m80 80 40 0 0 40z",
        "M20 20 h50 v50 z l30 90",
        "M20 20h50v50zL30 90",
        "M 2e1,20L.9e2.5 1E2-1",
    ],
)
def test_path_commands_look_as_in_an_svg_renderer(
    pdfium: Callable[[str], Image.Image], data: str
) -> None:
    """Every command of path data, absolute and relative, draws what it does elsewhere."""
    body = f'<path d="{data}" {THICK} stroke-linejoin="round"/>'
    assert_same(pdfium(body), by_mupdf(body))


@pytest.mark.parametrize("rule", ["evenodd", "nonzero"])
def test_fill_rules_look_as_in_an_svg_renderer(
    pdfium: Callable[[str], Image.Image], rule: str
) -> None:
    """A hole drawn in the same direction is a hole for evenodd only."""
    body = f'<path fill-rule="{rule}" d="M20 20H180V180H20ZM60 60H140V140H60Z"/>'
    picture = pdfium(body)
    assert_same(picture, by_mupdf(body))
    assert picture.getpixel((SIZE, SIZE)) == ((255,) * 3 if rule == "evenodd" else (0,) * 3)


@pytest.mark.parametrize(
    "transform",
    [
        "translate(30 40)",
        "scale(2 1.5)",
        "rotate(30)",
        "rotate(45 50 50)",
        "skewX(20)",
        "skewY(20)",
        "matrix(1 .2 -.3 1 30 20)",
        "translate(100 100) rotate(30) scale(2 1) skewX(10) translate(-40 -40)",
        "translate(150 0) scale(-1 1)",
    ],
)
def test_transformed_shapes_look_as_in_an_svg_renderer(
    pdfium: Callable[[str], Image.Image], transform: str
) -> None:
    """A transformed shape lands where another renderer puts it."""
    body = f'<g transform="{transform}"><path d="M30 30h50v30h-20v20z"/></g>'
    assert_same(pdfium(body), by_mupdf(body))


def test_strokes_and_dashes_scale_with_the_drawing(pdfium: Callable[[str], Image.Image]) -> None:
    """Width of strokes grows with the transform."""
    body = f'<g transform="translate(10 10) rotate(20) scale(2)"><path d="M5 20H60" {THICK}/></g>'
    assert_same(pdfium(body), by_mupdf(body))
    dashed = '<g transform="scale(2)"><path d="M10 50H90" stroke="#000" stroke-width="9" {}/></g>'
    gaps = "".join(
        f'<path d="M{x} 100H{end}" stroke="#000" stroke-width="18"/>'
        for x, end in ((20, 40), (70, 90), (120, 140), (170, 180))
    )
    assert_same(pdfium(dashed.format('stroke-dasharray="10 15"')), pdfium(gaps))


@pytest.mark.parametrize(
    ("radii", "rx", "ry"),
    [
        ('rx="20"', 20, 20),
        ('ry="15"', 15, 15),
        ('rx="20" ry="10"', 20, 10),
        ('rx="20" ry="90"', 20, 30),
        ('rx="500" ry="10"', 50, 10),
        ('rx="500"', 50, 30),
    ],
)
def test_round_corners_are_arcs_of_the_radii(
    pdfium: Callable[[str], Image.Image], radii: str, rx: float, ry: float
) -> None:
    """A missing radius is the other one, and none is more than half a side (SVG 2, 10.2)."""
    arc = f"a{rx} {ry} 0 0 1 "
    path = (
        f"M{20 + rx} 30 H{120 - rx} {arc}{rx} {ry} V{90 - ry} {arc}{-rx} {ry} H{20 + rx}"
        f" {arc}{-rx} {-ry} V{30 + ry} {arc}{rx} {-ry}z"
    )
    body = f'<rect x="20" y="30" width="100" height="60" {radii}/>'
    assert_same(pdfium(body), by_mupdf(f'<path d="{path}"/>'))


def test_sharp_corners_are_cut_as_in_svg(pdfium: Callable[[str], Image.Image]) -> None:
    """A corner sharper than SVG's miter limit of 4 is bevelled."""
    path = '<path d="M60 150 L100 40 L110 150" fill="none" stroke="#444" stroke-width="12" {}/>'
    assert_same(pdfium(path.format("")), pdfium(path.format('stroke-linejoin="bevel"')))


@pytest.mark.parametrize(
    "body",
    [
        '<rect width="50" height="50" fill="none"/>',
        '<path d="" fill="red"/>',
        '<polyline points=""/>',
    ],
)
def test_shape_without_paint_or_points_draws_nothing(body: str) -> None:
    """What can't be seen leaves nothing in the page."""
    (node,) = parse_svg(number_lines(svg(body))).root.children
    assert draw_shape(node) is None


@pytest.mark.parametrize(
    "body",
    [
        '<rect x="20" y="30" width="80" height="80" fill="none" stroke="red" stroke-width="0"/>',
        '<rect x="20" y="30" width="0" height="60" stroke="red" stroke-width="5"/>',
        '<rect x="20" y="30" width="60" height="0" stroke="red" stroke-width="5"/>',
        '<ellipse cx="60" cy="60" rx="0" ry="40" stroke="red" stroke-width="5"/>',
    ],
)
def test_shape_without_extent_draws_nothing(
    pdfium: Callable[[str], Image.Image], body: str
) -> None:
    """A stroke of no width, a box of no width or height, are not painted (SVG 2, 10.2, 13.5)."""
    assert count(ImageChops.invert(pdfium(body)), 32) == 0


@pytest.mark.parametrize("data", ["M1", "M1 2 3", "M0 0 C1 2 3 4", "M0 0 A1 2 3 4 5", "M0 0 Z 1"])
def test_path_with_a_wrong_count_of_numbers_is_refused(data: str) -> None:
    """A command that lacks numbers, or has too many, is refused with its line."""
    (node,) = parse_svg(number_lines(svg(f'<path d="{data}"/>'))).root.children
    with pytest.raises(TemplateError, match=r"path has a . with") as caught:
        draw_shape(node)
    assert caught.value.line == 2


@pytest.mark.parametrize("data", ["L5 5", "5 5", "Z", "M0 0 X 5 5", "M0 0 foo 5 5", "M0 0 L 5;5"])
def test_path_that_is_not_path_data_is_refused(data: str) -> None:
    """A path that does not begin with M, or has other characters in it, is refused."""
    (node,) = parse_svg(number_lines(svg(f'<path d="{data}"/>'))).root.children
    with pytest.raises(TemplateError):
        draw_shape(node)


@pytest.mark.parametrize("points", ["1 2 3", "a b", "1 2 3 nan"])
def test_points_that_are_no_pairs_are_refused(points: str) -> None:
    """Points are pairs of numbers and nothing else."""
    (node,) = parse_svg(number_lines(svg(f'<polygon points="{points}"/>'))).root.children
    with pytest.raises(TemplateError, match="points of <polygon> can't be"):
        draw_shape(node)


@pytest.mark.parametrize("shape", ['rect width="-1"', 'circle r="-1"', 'rect rx="-1"'])
def test_negative_extent_is_refused(shape: str) -> None:
    """A width or radius below zero is an error, as in SVG."""
    (node,) = parse_svg(number_lines(svg(f"<{shape}/>"))).root.children
    with pytest.raises(TemplateError, match="is -1"):
        draw_shape(node)


@pytest.mark.parametrize("dashes", ["0 0", "-1 2", "nan"])
def test_dashes_that_pdf_cannot_draw_are_refused(dashes: str) -> None:
    """Dashes are not negative, and not all zero (ISO 32000-1, 8.4.3.6)."""
    body = f'<path d="M0 9H90" stroke="red" stroke-dasharray="{dashes}"/>'
    with pytest.raises(TemplateError):
        draw_shape(parse_svg(number_lines(svg(body))).root.children[0])


def test_arc_flags_may_stand_together(pdfium: Callable[[str], Image.Image]) -> None:
    """Flags need no separators, and optimised drawings have none (SVG 2, 9.3.9)."""
    close, apart = "M60 100a40 40 0 0180 0", "M60 100a40 40 0 0 1 80 0"
    assert_same(pdfium(f'<path d="{close}"/>'), pdfium(f'<path d="{apart}"/>'))


def test_box_is_around_the_shape_in_points() -> None:
    """The box is in points, y upwards from the lower left, and turns with the shape."""
    body = '<g transform="rotate(90 50 50)"><rect x="20" y="30" width="40" height="10"/></g>'
    group = parse_svg(number_lines(svg(body))).root.children[0]
    shape = draw_shape(group.children[0])
    assert shape is not None
    assert shape.box == pytest.approx((60, 140, 70, 180))


def test_state_is_kept_within_the_shape() -> None:
    """What a shape sets is restored after it."""
    body = f'<path d="M0 0H9" {THICK} stroke-linecap="round"/>'
    shape = draw_shape(parse_svg(number_lines(svg(body))).root.children[0])
    assert shape is not None
    assert shape.operators.startswith("q ")
    assert shape.operators.endswith(" Q\n")


@pytest.mark.parametrize(
    ("colour", "operator"),
    [((0, 0, 0), "0 g"), ((0.5, 0.5, 0.5), "0.5 g"), ((1, 0.5, 0), "1 0.5 0 rg")],
)
def test_greys_are_written_short(colour: Any, operator: str) -> None:
    """A grey needs one number, any other colour three."""
    assert fill_colour(colour) == operator
