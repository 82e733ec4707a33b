"""A colour as a template writes it → red, green and blue; and contrasts of colours (WCAG 2.2)."""

from __future__ import annotations

import re
from functools import cache

from PIL import ImageColor

RGB = tuple[float, float, float]
"""Red, green and blue from 0 to 1, in sRGB."""

_WRITTEN = re.compile(
    r"#[0-9a-f]{3}|#[0-9a-f]{6}"
    r"|rgb\(\s*[0-9]{1,3}(%?)\s*,\s*[0-9]{1,3}\1\s*,\s*[0-9]{1,3}\1\s*\)"
)

WHITE: RGB = (1.0, 1.0, 1.0)

READABLE = 4.5
"""The contrast that text must have to its ground (WCAG 2.2, 1.4.3)."""


@cache
def parse_colour(text: str) -> RGB:
    """Read a colour as SVG writes it: `#3D68FF`, `#36f`, `white`, `rgb(61,104,255)`.

    Raises:
        ValueError: the text is not an opaque colour.
    """
    name = text.strip().lower()
    # Pillow has the names of CSS; ReportLab lacks two of them and mistakes one.
    if _WRITTEN.fullmatch(name) or name in ImageColor.colormap:
        red, green, blue = (part / 255 for part in ImageColor.getrgb(name)[:3])
        if max(red, green, blue) <= 1:
            return red, green, blue
    raise ValueError(f"{text!r} is not an opaque RGB colour")


def contrast(one: RGB, other: RGB) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def readable(text: str) -> str:
    """Darken a colour until white text on it, or text of it on white, can be read."""
    colour = parse_colour(text)
    while contrast(colour, WHITE) < READABLE:
        colour = tuple(part * 0.99 for part in colour)  # type: ignore[assignment]
    return _written(colour)


def tint(text: str, strength: float) -> str:
    """Mix a colour with white; a strength of 1 is the colour itself, 0 is white.

    Raises:
        ValueError: the strength is not from 0 to 1.
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"{strength!r} is not a strength from 0 to 1")
    red, green, blue = (1 - strength * (1 - part) for part in parse_colour(text))
    return _written((red, green, blue))


def _written(colour: RGB) -> str:
    """Write a colour as `#RRGGBB`."""
    return "#" + "".join(f"{int(part * 255 + 1e-9):02X}" for part in colour)


def _luminance(colour: RGB) -> float:
    """Return the relative luminance of a colour, from 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
