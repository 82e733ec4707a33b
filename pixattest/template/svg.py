"""SVG text → a tree of nodes with their style, matrix and place: what a template may draw.

What is read is documented by `ELEMENTS`, `CHILDREN` and `style.PROPERTIES`; everything else is
refused, with the line it stands on. Sample attributes give way to bound ones:

- `data-sample`: the element is there for whoever looks at the drawing, and is left out;
- `data-set-x="…"`: replaces attribute x;
- `data-text="…"`: replaces the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.parsers.expat import ErrorString
from xml.sax.saxutils import quoteattr

from pixattest.errors import TemplateError, did_you_mean
from pixattest.template.geometry import IDENTITY, Matrix, multiply, read_number, read_numbers
from pixattest.template.style import PROPERTIES, Rule, Style, cascade, read_sheet

SHAPES = {
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
    "polyline": ("points",),
    "polygon": ("points",),
    "path": ("d",),
}
"""Shapes and the attributes of their geometry."""

_PLACED = (
    *("transform", "role", "aria-hidden", "aria-label", "aria-level"),
    *("data-when", "data-empty", "data-sample"),
)
_FITTED = ("width", "height", "min-size", "lines", "leading", "grow")

ELEMENTS: dict[str, tuple[str, ...]] = {
    **{tag: (*geometry, *_PLACED) for tag, geometry in SHAPES.items()},
    "svg": ("width", "height", "viewBox", "version", "preserveAspectRatio", "aria-label"),
    "g": _PLACED,
    "a": ("href", "target", *_PLACED),
    "text": (
        *("x", "y", "data-field", "data-format", "data-text"),
        *(f"data-{name}" for name in _FITTED),
        *_PLACED,
    ),
    "tspan": ("x", "y", "dx", "dy", "data-text", "data-sample"),
    "image": (
        *("x", "y", "width", "height", "href", "preserveAspectRatio", "data-field", "data-image"),
        *_PLACED,
    ),
    "title": ("data-format", "data-format-many"),
}
"""Elements and their attributes; beside these, all have those of `_COMMON` and `PROPERTIES`."""

_DRAWN = tuple(tag for tag in ELEMENTS if tag not in ("svg", "tspan", "title"))
CHILDREN = {"svg": _DRAWN, "g": _DRAWN, "a": _DRAWN, "text": ("tspan",)}
"""Elements that hold others, and which."""

IGNORED = ("title", "desc", "metadata", "defs", "style", "namedview")
"""Elements that draw nothing; of `style`, the rules of classes are read."""

_COMMON = ("id", "class", "style")
_BOUND = ("data-field", "data-format", "data-text", "data-image")
"""Attributes of which an element has one at most."""

_HINTS = {
    "lang": "A page is in one language, that of its labels.",
    "clip-path": "Draw what is to be seen only.",
}
_SVG = "{http://www.w3.org/2000/svg}"
_NAMESPACED = {
    "{http://www.w3.org/1999/xlink}href": "href",
    "{http://www.w3.org/XML/1998/namespace}lang": "lang",
}
_PLACE = "data-line"
_ROUNDING = 1e-4
_UNITS = {"": 0.75, "px": 0.75, "pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0}
_LARGEST = 14_400
"""Points of a page's side, at most (ISO 32000-1, annex C)."""
_DISTORTION = 1e-3
"""By which width and height of a viewBox may be scaled differently, for the paper's rounding."""


@dataclass(slots=True)
class Node:
    """One element.

    Attributes:
        tag: local name, such as `g`.
        attributes: what is neither style nor transform.
        style: its own and inherited.
        matrix: from its coordinates to points, y upwards from the page's lower left.
        text: characters before the first child, white space folded.
        line: where it stands in its file.
        source: that file; None: the template itself.
        children: elements.
    """

    tag: str
    attributes: dict[str, str]
    style: Style
    matrix: Matrix
    text: str
    line: int
    source: str | None
    children: list[Node] = field(default_factory=list)

    def length(self, name: str, default: float | None = None) -> float:
        """An attribute as a number in the template's units."""
        text = self.attributes.get(name)
        if text is None and default is not None:
            return default
        try:
            return read_number((text or "").removesuffix("px"))
        except ValueError:
            raise self.error(
                f"{name} of <{self.tag}> is {text!r}, not a number",
                "Give lengths as plain numbers in the drawing's units.",
            ) from None

    def extent(self, name: str, default: float | None = None, *, least: float = 1e-3) -> float:
        """A length that is `least` at least."""
        value = self.length(name, default)
        if value < least:
            raise self.error(
                f"{name} of <{self.tag}> is {value:g}",
                "It can't be negative." if least == 0 else "Give it more than 0.",
            )
        return value

    def error(self, problem: str, hint: str | None = None) -> TemplateError:
        """An error that stands where this element does."""
        return TemplateError(problem, hint=hint, source=self.source, line=self.line)


@dataclass(slots=True)
class Drawing:
    """A whole template: its page in points, its tree, the formats of its titles."""

    width: float
    height: float
    root: Node
    title: str
    title_of_many: str


def number_lines(text: str, source: str = "") -> str:
    """The text with each element's place kept in an attribute, before loops repeat it.

    Args:
        text: SVG, or a part of one.
        source: the file that it is from; empty: the template itself.
    """
    line, counted = 1, 0

    def number(found: re.Match[str]) -> str:
        nonlocal line, counted
        if found[1] is None:
            return found[0]
        line += text.count("\n", counted, found.start())
        counted = found.start()
        return f"{found[0]} {_PLACE}={quoteattr(f'{source}:{line}' if source else str(line))}"

    return _TAG.sub(number, text)


_TAG = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<([A-Za-z][\w:.-]*)(?=[\s/>])", re.DOTALL)


def place_of(text: str) -> tuple[str | None, int]:
    """File and line of what `number_lines` noted."""
    source, _, line = text.rpartition(":")
    return source or None, int(line)


def parse_svg(text: str) -> Drawing:
    """Read an SVG whose lines were numbered by `number_lines`.

    Raises:
        TemplateError: it is not well-formed, or holds something that is not supported.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise TemplateError("has a document type", hint="Remove the <!DOCTYPE …> line.")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as reason:
        raise _malformed(text, reason) from None
    if root.tag != f"{_SVG}svg":
        raise TemplateError(
            "is not an SVG drawing", hint='It starts with <svg xmlns="http://www.w3.org/2000/svg">.'
        )
    width, height = (_page_length(root, name) for name in ("width", "height"))
    rules = [
        rule
        for sheet in root.iter(f"{_SVG}style")
        for rule in read_sheet(sheet.text or "", place_of(sheet.get(_PLACE, "0"))[1])
    ]
    node = _node(root, Style(), _page_matrix(root, width, height), rules)
    if node is None:
        raise TemplateError("the drawing is a sample as a whole", hint="Remove data-sample.")
    title = root.find(f"{_SVG}title")
    if title is None:
        return Drawing(width, height, node, "", "")
    _attributes(title, "title")
    one, many = title.get("data-format") or title.text or "", title.get("data-format-many", "")
    return Drawing(width, height, node, _fold(one).strip(" "), many)


def _malformed(text: str, reason: ElementTree.ParseError) -> TemplateError:
    """The error of text that is not XML, placed after the last element that was read."""
    row, column = reason.position
    lines = text.split("\n")
    before = "\n".join([*lines[: row - 1], lines[row - 1][:column] if row <= len(lines) else ""])
    last = None
    for last in re.finditer(rf' {_PLACE}="([^"]*)"', before):
        pass
    source, line = place_of(last[1]) if last else (None, 1)
    return TemplateError(
        f"is not well-formed XML: {ErrorString(reason.code)}",
        source=source,
        line=line + before.count("\n", last.end() if last else 0),
    )


def _node(
    element: ElementTree.Element, inherited: Style, matrix: Matrix, rules: Sequence[Rule]
) -> Node | None:
    """The node of an element and all below it; None for what draws nothing."""
    tag = element.tag.split("}")[-1]
    if tag in IGNORED or not element.tag.startswith(_SVG) or "data-sample" in element.attrib:
        return None
    source, line = place_of(element.get(_PLACE, "0"))
    node = Node(tag, {}, inherited, matrix, "", line, source)
    try:
        node.attributes = attributes = _attributes(element, tag)
        changes = cascade(attributes, rules)
        if changes.get("opacity", 1) != 1 and tag not in SHAPES and tag != "text":
            raise node.error(f"opacity of <{tag}> is not supported", "Set it on each shape.")
        node.style = inherited.changed(changes)
        if "transform" in attributes:
            node.matrix = multiply(_transform(attributes["transform"]), matrix)
            if not max(map(abs, node.matrix)) < math.inf:
                raise node.error("the transform is beyond all numbers")
        node.text = _fold(attributes.get("data-text", element.text))
        if tag != "text":
            node.text = "" if tag != "tspan" else node.text
    except TemplateError as error:
        error.line = error.line or line
        error.source = error.source or source
        raise
    return node
