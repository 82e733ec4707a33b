"""A shape of a drawing → the PDF operators that draw it; ReportLab writes the paths."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from reportlab.pdfgen.pathobject import PDFPathObject
from reportlab.pdfgen.pdfgeom import bezierArc

from pixattest.pdf.objects import number, numbers
from pixattest.template.colour import RGB
from pixattest.template.geometry import (
    NUMBER,
    Box,
    Matrix,
    apply,
    around_points,
    read_numbers,
)
from pixattest.template.node import Node
from pixattest.template.style import Style

_KAPPA = 0.5522847498307936
"""The length of the Bezier handles that draw a quarter of a circle of radius 1."""

_COMMAND = re.compile("([MmLlHhVvCcSsQqTtAaZz])")
"""Matches a command of path data."""

_ARGUMENTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
"""How many numbers each command takes."""

_ARC = (NUMBER, NUMBER, NUMBER, "[01]", "[01]", NUMBER, NUMBER)
"""The numbers of an arc; nothing need stand between its flags and what follows them."""


class Shape(NamedTuple):
    """A shape that was drawn.

    Attributes:
        operators: draw it, with the graphics state saved and restored around them.
        opacity: the opacities of fill and stroke; where one is not 1, the operators use the
            graphics state that `opacity_name` names.
        box: the box around its points and handles, in points.
    """

    operators: str
    opacity: tuple[float, float]
    box: Box


def draw_shape(node: Node) -> Shape | None:
    """Draw one shape; return None where nothing is painted (SVG 2, 10.2, 13.5)."""
    style = node.style if node.style.stroke_width else replace(node.style, stroke=None)
    path = _Path(node.matrix)
    _TRACE[node.tag](node, path)
    if not path.points or (style.fill is None and style.stroke is None):
        return None
    corners = len(path.points) > 2
    operators = [*_state(style, node.matrix, corners), path.code(), _paint_operator(style)]
    opacity = (style.fill_opacity, style.stroke_opacity)
    if opacity != (1, 1):
        operators.insert(0, f"/{opacity_name(opacity)} gs")
    return Shape(f"q {' '.join(operators)} Q\n", opacity, around_points(path.points))


def opacity_name(opacity: tuple[float, float]) -> str:
    """Return the name of the graphics state with opacities of fill and stroke."""
    return "O" + "".join(f"{round(part * 1000):04d}" for part in opacity)


def fill_colour(colour: RGB) -> str:
    """Return the operator that sets the colour of fills and of text."""
    red, green, blue = (number(part, 3) for part in colour)
    return f"{red} g" if red == green == blue else f"{red} {green} {blue} rg"


def _state(style: Style, matrix: Matrix, corners: bool) -> Iterator[str]:
    """Yield the operators that set colours and strokes; `corners`: whether the path has any."""
    if style.fill is not None:
        yield fill_colour(style.fill)
    if style.stroke is not None:
        yield fill_colour(style.stroke).upper()
        scale = math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
        yield f"{number(style.stroke_width * scale)} w"
        if style.linecap:
            yield f"{style.linecap} J"
        if style.linejoin:
            yield f"{style.linejoin} j"
        elif corners:
            yield "4 M"  # SVG's miter limit; PDF's is 10
        if style.dashes:
            yield f"[{numbers(*(dash * scale for dash in style.dashes))}] 0 d"


def _paint_operator(style: Style) -> str:
    """Return the operator that fills, strokes or does both (ISO 32000-1, 8.5.3)."""
    star = "*" if style.even_odd and style.fill is not None else ""
    if style.stroke is None:
        return "f" + star
    return "S" if style.fill is None else "B" + star


class _Path:
    """A path that is traced in the drawing's coordinates, and kept in points."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix
        self._path = PDFPathObject()
        self.points: list[tuple[float, float]] = []

    def code(self) -> str:
        return " ".join(str(self._path.getCode()).split())

    def move(self, x: float, y: float) -> None:
        self._path.moveTo(*self._place(x, y))

    def line(self, x: float, y: float) -> None:
        self._path.lineTo(*self._place(x, y))

    def curve(self, *points: float) -> None:
        pairs = zip(points[::2], points[1::2], strict=True)
        self._path.curveTo(*(n for x, y in pairs for n in self._place(x, y)))

    def close(self) -> None:
        self._path.close()

    def _place(self, x: float, y: float) -> tuple[float, float]:
        x, y = apply(self._matrix, x, y)
        self.points.append((round(x, 2), round(y, 2)))
        return self.points[-1]


def _trace_rect(node: Node, path: _Path) -> None:
    x, y = node.length("x", 0), node.length("y", 0)
    width, height = (node.extent(name, 0, zero=True) for name in ("width", "height"))
    rx = node.extent("rx", node.extent("ry", 0, zero=True), zero=True)
    ry = min(node.extent("ry", rx, zero=True), height / 2)
    rx = min(rx, width / 2)
    if not width or not height:
        return
    right, bottom = x + width, y + height
    if not rx or not ry:
        path.move(x, y)
        path.line(right, y)
        path.line(right, bottom)
        path.line(x, bottom)
    else:
        h, v = rx * (1 - _KAPPA), ry * (1 - _KAPPA)
        path.move(x + rx, y)
        path.line(right - rx, y)
        path.curve(right - h, y, right, y + v, right, y + ry)
        path.line(right, bottom - ry)
        path.curve(right, bottom - v, right - h, bottom, right - rx, bottom)
        path.line(x + rx, bottom)
        path.curve(x + h, bottom, x, bottom - v, x, bottom - ry)
        path.line(x, y + ry)
        path.curve(x, y + v, x + h, y, x + rx, y)
    path.close()


def _trace_ellipse(node: Node, path: _Path) -> None:
    x, y = node.length("cx", 0), node.length("cy", 0)
    rx, ry = (
        node.extent("r" if node.tag == "circle" else name, 0, zero=True) for name in ("rx", "ry")
    )
    if not rx or not ry:
        return
    h, v = rx * _KAPPA, ry * _KAPPA
    path.move(x + rx, y)
    path.curve(x + rx, y + v, x + h, y + ry, x, y + ry)
    path.curve(x - h, y + ry, x - rx, y + v, x - rx, y)
    path.curve(x - rx, y - v, x - h, y - ry, x, y - ry)
    path.curve(x + h, y - ry, x + rx, y - v, x + rx, y)
    path.close()


def _trace_line(node: Node, path: _Path) -> None:
    path.move(node.length("x1", 0), node.length("y1", 0))
    path.line(node.length("x2", 0), node.length("y2", 0))


def _trace_poly(node: Node, path: _Path) -> None:
    text = node.attributes.get("points", "")
    try:
        values = read_numbers(text)
        pairs = list(zip(values[::2], values[1::2], strict=True))
    except ValueError:
        raise node.error(f"points of <{node.tag}> can't be {text!r}", "Give pairs.") from None
    for index, (x, y) in enumerate(pairs):
        (path.line if index else path.move)(x, y)
    if node.tag == "polygon" and pairs:
        path.close()


def _trace_path(node: Node, path: _Path) -> None:
    """Trace path data (SVG 2, 9.3)."""
    x = y = start_x = start_y = 0.0
    handle: tuple[str, float, float] = ("", 0, 0)
    for command, n in _path_commands(node):
        kind = command.upper()
        if command.islower() and kind != "A":
            n = [v + (y if kind == "V" or (i % 2 and kind != "H") else x) for i, v in enumerate(n)]
        elif command.islower():
            n = [*n[:5], n[5] + x, n[6] + y]
        near = (2 * x - handle[1], 2 * y - handle[2])
        if kind == "M":
            x, y = start_x, start_y = n
            path.move(x, y)
        elif kind in "LHV":
            x, y = (x if kind == "V" else n[0]), (y if kind == "H" else n[-1])
            path.line(x, y)
        elif kind in "CS":
            if kind == "S":
                n = [*(near if handle[0] == "C" else (x, y)), *n]
            path.curve(*n)
            handle, (x, y) = ("C", n[2], n[3]), n[4:]
        elif kind in "QT":
            if kind == "T":
                n = [*(near if handle[0] == "Q" else (x, y)), *n]
            qx, qy, end_x, end_y = n
            path.curve(
                *(x + (qx - x) * 2 / 3, y + (qy - y) * 2 / 3),
                *(end_x + (qx - end_x) * 2 / 3, end_y + (qy - end_y) * 2 / 3, end_x, end_y),
            )
            handle, (x, y) = ("Q", qx, qy), (end_x, end_y)
        elif kind == "A":
            for curve in _arc(x, y, n):
                path.curve(*curve)
            x, y = n[5:]
        else:
            path.close()
            x, y = start_x, start_y
        if kind not in "CSQT":
            handle = ("", x, y)


def _path_commands(node: Node) -> Iterator[tuple[str, list[float]]]:
    """Yield each command of path data with its numbers; repeated commands are written out."""
    begin, *data = _COMMAND.split(node.attributes.get("d", ""))
    if begin.strip() or data[:1] not in ([], ["M"], ["m"]):
        raise node.error("the path does not begin with M", 'Begin it with a point: "M 10 20 …".')
    for command, text in zip(data[::2], data[1::2], strict=True):
        size = _ARGUMENTS[command.upper()]
        try:
            found = read_numbers(text, _ARC if size == 7 else (NUMBER,))
        except ValueError:
            found = []
        if (not size and text.strip()) or (size and (not found or len(found) % size)):
            raise node.error(
                f"the path has a {command} with {text.strip()!r}",
                f"It takes {size or 'no'} numbers{' or a multiple' if size else ''}.",
            )
        yield command, found[:size]
        after = {"M": "L", "m": "l"}.get(command, command)
        for i in range(size, len(found), size or 1):
            yield after, found[i : i + size]


def _arc(x: float, y: float, n: list[float]) -> Iterator[tuple[float, ...]]:
    """Yield the Bezier curves of an elliptical arc (SVG 2, B.2.4)."""
    rx, ry, turn, large, sweep, end_x, end_y = n
    if not rx or not ry or (x, y) == (end_x, end_y):
        yield (x, y, end_x, end_y, end_x, end_y)
        return
    rx, ry, angle = abs(rx), abs(ry), math.radians(turn)
    cos, sin = math.cos(angle), math.sin(angle)
    px = cos * (x - end_x) / 2 + sin * (y - end_y) / 2
    py = -sin * (x - end_x) / 2 + cos * (y - end_y) / 2
    stretch = max(1.0, math.hypot(px / rx, py / ry))
    rx, ry = rx * stretch, ry * stretch
    inside = (rx * ry) ** 2 - (rx * py) ** 2 - (ry * px) ** 2
    root = math.sqrt(max(0.0, inside / ((rx * py) ** 2 + (ry * px) ** 2)))
    root = -root if bool(large) == bool(sweep) else root
    ux, uy = root * rx * py / ry, -root * ry * px / rx
    centre = (cos * ux - sin * uy + (x + end_x) / 2, sin * ux + cos * uy + (y + end_y) / 2)
    first = math.degrees(math.atan2((py - uy) / ry, (px - ux) / rx))
    last = math.degrees(math.atan2((-py - uy) / ry, (-px - ux) / rx))
    extent = (last - first) % 360 if sweep else -((first - last) % 360)
    unit: Matrix = (cos * rx, sin * rx, -sin * ry, cos * ry, *centre)
    for curve in bezierArc(-1, -1, 1, 1, first, extent):
        yield tuple(v for i in (2, 4, 6) for v in apply(unit, curve[i], curve[i + 1]))


_TRACE = {
    "rect": _trace_rect,
    "circle": _trace_ellipse,
    "ellipse": _trace_ellipse,
    "line": _trace_line,
    "polyline": _trace_poly,
    "polygon": _trace_poly,
    "path": _trace_path,
}
