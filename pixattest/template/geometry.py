"""Numbers and transforms as SVG writes them → finite floats, matrices, boxes and outlines."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from itertools import cycle, pairwise

NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
"""A number of SVG, as a regular expression."""

_MOST = 1e6
"""The largest number that a template may hold; nothing on a page is near it."""

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: x' = a x + c y + e, y' = b x + d y + f."""

Box = tuple[float, float, float, float]
"""Left, bottom, right and top in points; or left, top, right and bottom in a drawing's units."""

Outline = Sequence[tuple[float, float]]
"""The corners of a convex figure, in their order; two corners are a line."""

IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_number(text: str) -> float:
    """Read a number as SVG writes it (SVG 2, 4.2).

    Raises:
        ValueError: the text is no number, or beyond anything that a page can hold.
    """
    if not re.fullmatch(NUMBER, text.strip()) or not abs(value := float(text)) <= _MOST:
        raise ValueError(f"{text!r} is not a number up to {_MOST:.0f}")
    return value


def read_numbers(text: str, pattern: Sequence[str] = (NUMBER,)) -> list[float]:
    """Read numbers with spaces, commas or nothing between them.

    Args:
        text: the numbers.
        pattern: the regular expressions that the numbers match, in turn.

    Raises:
        ValueError: the text holds something else.
    """
    found: list[float] = []
    at = 0
    for number in cycle(pattern):
        match = re.compile(rf"\s*{',?' if found else ''}\s*({number})").match(text, at)
        if not match:
            break
        found.append(read_number(match[1]))
        at = match.end()
    if text[at:].strip():
        raise ValueError(f"{text[at:].strip()!r} is not a number")
    return found


def multiply(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the matrix that applies `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    p, q, r, s, t, u = outer
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    """Move a point by a matrix."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def placed(matrix: Matrix, box: Box) -> Box:
    """Return the box, in points, around a box in a drawing's units."""
    return around_points(corners(matrix, box))


def corners(matrix: Matrix, box: Box) -> Outline:
    """Return the corners, in points, of a box in a drawing's units."""
    left, top, right, bottom = box
    return [
        apply(matrix, x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
    ]


def around(boxes: Iterable[Box]) -> Box:
    """Return the box around boxes, in points."""
    return around_points(point for box in boxes for point in (box[:2], box[2:]))


def around_points(points: Iterable[tuple[float, float]]) -> Box:
    """Return the box around points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one: Outline, other: Outline) -> float:
    """Return how far one figure would have to move to be apart from another.

    The result is below 0 where they are apart. Two convex figures are apart where they are so
    across one of their sides.
    """
    least = math.inf
    for outline in (one, other):
        for (x, y), (to_x, to_y) in pairwise([*outline, outline[0]]):
            long = math.hypot(to_x - x, to_y - y)
            if not long:
                continue
            across, down = (y - to_y) / long, (to_x - x) / long
            ours = [x * across + y * down for x, y in one]
            theirs = [x * across + y * down for x, y in other]
            least = min(least, max(ours) - min(theirs), max(theirs) - min(ours))
    return least


def read_transform(text: str) -> Matrix:
    """Read a transform attribute, a list of steps such as `translate(10 20) rotate(90)`.

    SVG 2, 8.5.

    Raises:
        ValueError: it is none.
    """
    if re.sub(r"[a-zA-Z]+\s*\([^()]*\)[\s,]*", "", text).strip():
        raise ValueError(text)
    matrix = IDENTITY
    for name, arguments in re.findall(r"([a-zA-Z]+)\s*\(([^()]*)\)", text):
        matrix = multiply(_step(name, read_numbers(arguments)), matrix)
    return matrix


def _step(name: str, numbers: list[float]) -> Matrix:
    """Return the matrix of one step of a transform."""
    match name, numbers:
        case "translate", [x]:
            return (1, 0, 0, 1, x, 0)
        case "translate", [x, y]:
            return (1, 0, 0, 1, x, y)
        case "scale", [both]:
            return (both, 0, 0, both, 0, 0)
        case "scale", [x, y]:
            return (x, 0, 0, y, 0, 0)
        case "rotate", [_] | [_, _, _]:
            angle, x, y = (*numbers, 0.0, 0.0)[:3]
            cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            return (cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)
        case "skewX", [angle]:
            return (1, 0, math.tan(math.radians(angle)), 1, 0, 0)
        case "skewY", [angle]:
            return (1, math.tan(math.radians(angle)), 0, 1, 0, 0)
        case "matrix", [a, b, c, d, e, f]:
            return (a, b, c, d, e, f)
    raise ValueError(name)


def ellipse(box: Box) -> Outline:
    """Return an outline of 24 corners for the ellipse that fills a box."""
    left, bottom, right, top = box
    x, y = (left + right) / 2, (bottom + top) / 2
    across, up = (right - left) / 2, (top - bottom) / 2
    turns = [turn * math.tau / 24 for turn in range(24)]
    return [(x + across * math.cos(turn), y + up * math.sin(turn)) for turn in turns]
