"""Matrices and boxes, as SVG and PDF have them."""

from __future__ import annotations

from collections.abc import Iterable

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: x' = a x + c y + e, y' = b x + d y + f."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points; or left, top, right, bottom in a template's units."""

IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def multiply(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that applies `inner`, then `outer`."""
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
    """A point through a matrix."""
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def placed(matrix: Matrix, box: Box) -> Box:
    """A box of a template's units in points."""
    left, top, right, bottom = box
    return around_points(apply(matrix, x, y) for x in (left, right) for y in (top, bottom))


def around(boxes: Iterable[Box]) -> Box:
    """The box around boxes, in points."""
    return around_points(point for box in boxes for point in (box[:2], box[2:]))


def around_points(points: Iterable[tuple[float, float]]) -> Box:
    """The box around points."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
