"""CSS of a drawing → how each element is drawn: by rules of classes, attributes and inheritance.

`PROPERTIES` and `HARMLESS` say what is read; everything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from pixattest.errors import TemplateError, did_you_mean
from pixattest.template.colour import RGB, parse_colour
from pixattest.template.geometry import read_number, read_numbers

Changes = Mapping[str, object]
"""The attributes of a `Style` that are set anew, with their values."""


@dataclass(frozen=True, slots=True)
class Style:
    """How an element is drawn; lengths are in the template's units."""

    fill: RGB | None = (0.0, 0.0, 0.0)
    stroke: RGB | None = None
    stroke_width: float = 1.0
    linecap: int = 0
    linejoin: int = 0
    dashes: tuple[float, ...] = ()
    even_odd: bool = False
    fill_opacity: float = 1.0
    stroke_opacity: float = 1.0
    family: str = ""
    size: float = 16.0
    weight: int = 400
    italic: bool = False
    spacing: float = 0.0
    anchor: str = "start"

    def changed(self, changes: Changes) -> Style:
        """Return this style as an element inherits it that sets some of it anew."""
        if not changes:
            return self
        own = {name: value for name, value in changes.items() if name != "opacity"}
        style = replace(self, **own)  # type: ignore[arg-type]
        share = changes.get("opacity", 1)
        assert isinstance(share, float | int)
        fill, stroke = style.fill_opacity * share, style.stroke_opacity * share
        return style if share == 1 else replace(style, fill_opacity=fill, stroke_opacity=stroke)


class Rule(NamedTuple):
    """What the rule of a class sets."""

    name: str
    changes: Changes


def read_sheet(css: str, line: int) -> Iterator[Rule]:
    """Read the rules of a style sheet, in its order; `@font-face` is for the browser only.

    Args:
        css: the text of the sheet.
        line: the line on which it begins.

    Raises:
        TemplateError: the sheet has anything but rules of classes.
    """
    css = _FOR_OTHERS.sub(lambda found: "\n" * found[0].count("\n"), css)
    hint = "Use rules of classes, such as .label { font-size: 9 }."
    pieces = iter(_RULE.split(css))
    for between, selectors, body in zip_longest(pieces, pieces, pieces, fillvalue=""):
        stray = between.strip()
        line += (between.partition(stray)[0] if stray else between).count("\n")
        if stray:
            raise TemplateError(f"the style sheet has {stray!r}", hint=hint, line=line)
        if not selectors:
            return
        names = [selector.strip() for selector in selectors.split(",")]
        for name in names:
            if not re.fullmatch(r"\.[\w-]+", name):
                problem = f"the selector {name!r} is not supported"
                raise TemplateError(problem, hint=hint, line=line)
        try:
            changes = read_declarations(body)
        except TemplateError as error:
            error.line = line
            raise
        yield from (Rule(name[1:], changes) for name in names)
        line += selectors.count("\n") + body.count("\n")


def cascade(attributes: Mapping[str, str], rules: Sequence[Rule]) -> Changes:
    """Work out what an element sets: its style wins over its classes, these over its attributes.

    Raises:
        TemplateError: a property or a value is not supported.
    """
    changes: dict[str, object] = {}
    for name, value in attributes.items():
        if name in PROPERTIES or name in HARMLESS:
            changes |= read_property(name, value)
    if "class" in attributes:
        names = attributes["class"].split()
        for rule in rules:
            if rule.name in names:
                changes |= rule.changes
    if "style" in attributes:
        changes |= read_declarations(attributes["style"])
    return changes


@lru_cache(maxsize=1024)
def read_declarations(css: str) -> Changes:
    """Read what declarations such as `fill: red; stroke-width: 2` set."""
    changes: dict[str, object] = {}
    for declaration in filter(None, map(str.strip, css.split(";"))):
        name, colon, value = declaration.partition(":")
        if not colon:
            raise TemplateError(
                f"the style {declaration!r} can't be read", hint="Write it as name: value."
            )
        changes |= read_property(name.strip(), value.strip())
    return changes


@lru_cache(maxsize=1024)
def read_property(name: str, value: str) -> Changes:
    """Read what one property sets."""
    if name.startswith("-"):  # an editor's own
        return {}
    if name in HARMLESS:
        values = HARMLESS[name]
        if values and value not in values:
            problem = f"{name} can't be {value!r}"
            raise TemplateError(problem, hint=f"It can be {' or '.join(values)}, or left out.")
        return {}
    if name not in PROPERTIES:
        raise TemplateError(
            f"the property {name!r} is not supported", hint=did_you_mean(name, PROPERTIES)
        )
    key, read = PROPERTIES[name]
    try:
        return {key: read(value)}
    except (ValueError, KeyError):
        hint = "Choose a plain colour." if value.startswith("url(") else _hint(name)
        raise TemplateError(f"{name} can't be {value!r}", hint=hint) from None


def _hint(name: str) -> str | None:
    """Return how to mend a value of a property."""
    if name in ("fill", "stroke"):
        return "Write it as #RRGGBB, or none."
    if name in ("font-size", "letter-spacing", "stroke-width"):
        return "Write a number without a unit: it is in units of the drawing."
    return None


def _paint(value: str) -> RGB | None:
    return None if value in ("none", "transparent") else parse_colour(value)


def _length(value: str) -> float:
    return read_number(value.removesuffix("px"))


def _positive(value: str) -> float:
    if (length := _length(value)) <= 0:
        raise ValueError(value)
    return length


def _width(value: str) -> float:
    if (length := _length(value)) < 0:
        raise ValueError(value)
    return length


def _opacity(value: str) -> float:
    part = read_number(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    return min(1.0, max(0.0, part))


def _dashes(value: str) -> tuple[float, ...]:
    """Read lengths; PDF takes no negative one, nor zeros only (ISO 32000-1, 8.4.3.6)."""
    if value == "none":
        return ()
    dashes = tuple(read_numbers(value))
    if min(dashes, default=-1) < 0 or not any(dashes):
        raise ValueError(value)
    return dashes


def _weight(value: str) -> int:
    weight = {"normal": 400, "bold": 700}.get(value) or int(value)
    if not 1 <= weight <= 1000:
        raise ValueError(value)
    return weight


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda value: words[words.index(value)]


_FOR_OTHERS = re.compile(r"/\*.*?\*/|@font-face\s*\{[^{}]*\}", re.DOTALL)
"""Matches comments, and what is for the browser only."""

_RULE = re.compile(r"([^\s{}][^{}]*)\{([^{}]*)\}")
"""Matches the selectors and declarations of a rule."""

PROPERTIES: dict[str, tuple[str, Callable[[str], object]]] = {
    "fill": ("fill", _paint),
    "fill-opacity": ("fill_opacity", _opacity),
    "fill-rule": ("even_odd", {"evenodd": True, "nonzero": False}.__getitem__),
    "font-family": ("family", lambda value: value.split(",")[0].strip().strip("'\"")),
    "font-size": ("size", lambda value: 16.0 if value == "medium" else _positive(value)),
    "font-style": (
        "italic",
        {"italic": True, "oblique": True, "normal": False}.__getitem__,
    ),
    "font-weight": ("weight", _weight),
    "letter-spacing": ("spacing", lambda value: 0.0 if value == "normal" else _length(value)),
    "opacity": ("opacity", _opacity),
    "stroke": ("stroke", _paint),
    "stroke-dasharray": ("dashes", _dashes),
    "stroke-linecap": ("linecap", ("butt", "round", "square").index),
    "stroke-linejoin": ("linejoin", ("miter", "round", "bevel").index),
    "stroke-opacity": ("stroke_opacity", _opacity),
    "stroke-width": ("stroke_width", _width),
    "text-anchor": ("anchor", _one_of("start", "middle", "end")),
}
"""Properties (in attributes, `style` and rules): what of a Style they set, and how it is read."""

_ANY: tuple[str, ...] = ()

HARMLESS: dict[str, tuple[str, ...]] = {
    "baseline-shift": ("baseline", "0"),
    "clip-path": ("none",),
    "clip-rule": _ANY,
    "color": _ANY,
    "color-interpolation": ("sRGB", "auto"),
    "color-interpolation-filters": _ANY,
    "color-rendering": _ANY,
    "direction": ("ltr",),
    "display": ("inline", "block"),
    "dominant-baseline": ("auto", "alphabetic"),
    "enable-background": _ANY,
    "filter": ("none",),
    "flood-color": _ANY,
    "flood-opacity": _ANY,
    "font-feature-settings": ("normal",),
    "font-kerning": ("auto", "normal"),
    "font-size-adjust": ("none",),
    "font-stretch": ("normal", "100%"),
    "font-variant": ("normal",),
    "font-variant-alternates": ("normal",),
    "font-variant-caps": ("normal",),
    "font-variant-east-asian": ("normal",),
    "font-variant-ligatures": ("normal",),
    "font-variant-numeric": ("normal",),
    "font-variant-position": ("normal",),
    "font-variation-settings": ("normal",),
    "image-rendering": ("auto", "optimizeQuality"),
    "inline-size": ("auto", "0"),
    "isolation": ("auto",),
    "lighting-color": _ANY,
    "line-height": _ANY,
    "marker": ("none",),
    "marker-end": ("none",),
    "marker-mid": ("none",),
    "marker-start": ("none",),
    "mask": ("none",),
    "mix-blend-mode": ("normal",),
    "overflow": _ANY,
    "paint-order": (
        *("normal", "fill", "fill stroke markers", "fill markers stroke"),
        "markers fill stroke",
    ),
    "pointer-events": _ANY,
    "shape-margin": _ANY,
    "shape-padding": _ANY,
    "shape-rendering": _ANY,
    "solid-color": _ANY,
    "solid-opacity": _ANY,
    "stop-color": _ANY,
    "stop-opacity": _ANY,
    "stroke-dashoffset": ("0", "0px"),
    "stroke-miterlimit": ("4",),
    "text-align": _ANY,
    "text-decoration": ("none",),
    "text-decoration-color": _ANY,
    "text-decoration-line": ("none",),
    "text-decoration-style": _ANY,
    "text-indent": ("0", "0px"),
    "text-orientation": ("mixed",),
    "text-rendering": _ANY,
    "text-transform": ("none",),
    "unicode-bidi": ("normal",),
    "vector-effect": ("none",),
    "visibility": ("visible",),
    "white-space": ("normal", "pre"),
    "word-spacing": ("0", "0px", "normal"),
    "writing-mode": ("horizontal-tb", "lr", "lr-tb"),
}
"""Properties that drawing programmes write though they change nothing, and the values with which
they do not. An empty list means that nothing that is drawn depends on the value."""
