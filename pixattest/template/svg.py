"""SVG text → a tree of nodes with their style, matrix and place: all that a template may draw.

`ELEMENTS`, `CHILDREN` and `style.PROPERTIES` say what is read. Everything else is refused, with the
line it stands on, except for what changes nothing (`IGNORED`, `style.HARMLESS`, and what belongs to
an editor alone). An element is first checked, then its sample attributes give way to bound ones:

- `data-sample` marks an element for whoever looks at the drawing; it is left out of the page;
- `data-set-x="…"` replaces the attribute x;
- `data-text="…"` replaces the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from pixattest.errors import TemplateError, did_you_mean
from pixattest.template.findings import Findings, standing
from pixattest.template.geometry import (
    Matrix,
    multiply,
    read_number,
    read_numbers,
    read_transform,
)
from pixattest.template.lines import PLACE, malformed, place_of
from pixattest.template.node import Drawing, Node
from pixattest.template.style import HARMLESS, PROPERTIES, Rule, Style, cascade, read_sheet

SHAPES = {
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
    "polyline": ("points",),
    "polygon": ("points",),
    "path": ("d",),
}
"""The elements that are shapes, and the attributes of their geometry."""

_PLACED = (
    *("transform", "role", "aria-hidden", "aria-label", "aria-level"),
    *("data-when", "data-empty", "data-sample"),
)
"""Attributes of whatever is drawn."""

_FITTED = ("width", "height", "min-size", "lines", "leading", "grow")
"""Names, without `data-`, of the attributes that say how a text is fitted into its room."""

ELEMENTS: dict[str, tuple[str, ...]] = {
    **{tag: (*geometry, *_PLACED) for tag, geometry in SHAPES.items()},
    "rect": (*SHAPES["rect"], "data-column", *_PLACED),
    "svg": (
        *("width", "height", "viewBox", "version", "preserveAspectRatio"),
        *("aria-label", "data-rows", "data-first-page"),
    ),
    "g": ("data-flow", "data-block", "data-gap", *_PLACED),
    "a": ("href", "target", *(name for name in _PLACED if name != "role")),
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
"""Elements and their attributes; all have those of `_COMMON` and `style.PROPERTIES` as well."""

_DRAWN = tuple(tag for tag in ELEMENTS if tag not in ("svg", "tspan", "title"))
CHILDREN = {"svg": _DRAWN, "g": _DRAWN, "a": _DRAWN, "text": ("tspan",)}
"""Elements that hold others, and which ones they hold."""

IGNORED = ("title", "desc", "metadata", "defs", "style", "namedview")
"""Elements that draw nothing; only the rules of classes are read from a `style`."""

_COMMON = ("id", "class", "style")
_ALLOWED = {tag: (*names, *_COMMON, *PROPERTIES, *HARMLESS) for tag, names in ELEMENTS.items()}
_BOUND = ("data-field", "data-format", "data-text", "data-image")
"""Attributes that bind what an element shows; an element has one of them at most."""

_HINTS = {
    "lang": "Remove it: a page is in one language, that of its labels.",
    "flowRoot": "Turn it into plain text (in Inkscape, Text > Convert to Text).",
    "use": "Unlink the clone (in Inkscape, Edit > Clone > Unlink Clone).",
}
"""How to mend what drawing programmes write and is not supported."""

_SVG = "{http://www.w3.org/2000/svg}"
_SODIPODI = "{http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd}"
_EDITED = f"{_SVG}tspan[@{_SODIPODI}role='line']"
"""The element that Inkscape puts around a text that was edited, with its place and style."""

_NAMESPACED = {
    "{http://www.w3.org/1999/xlink}href": "href",
    "{http://www.w3.org/XML/1998/namespace}lang": "lang",
}
"""Attributes that are read though they are in another namespace, and their plain names."""

_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none\s*(?:;|$)")

_UNITS = {"": 0.75, "px": 0.75, "pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0}
"""How many points each unit of a page's size is."""

_LARGEST_SIDE = 14_400
"""The largest side that a page may have, in points (ISO 32000-1, annex C)."""

_FARTHEST = 1e9
"""The largest number that a matrix may hold; nothing on a page is near it."""

_ROUNDING = 1e-4
"""A scale of a viewBox that is so near to 1 is 1: the drawing has points as units."""

_DISTORTION = 1e-3
"""Width and height of a viewBox may be scaled so differently, as paper sizes are rounded."""


def most_rows(path: Path) -> int:
    """Read from `data-rows` of its `<svg>` how many people a page of a cover has room for.

    Raises:
        TemplateError: the drawing can't be read, or does not say it.
    """
    try:
        _, root = next(ElementTree.iterparse(path, ["start"]))
    except OSError as reason:
        raise TemplateError(f"can't be read: {reason.strerror}", source=path.name) from None
    except (ElementTree.ParseError, StopIteration):
        raise TemplateError("is not an SVG drawing", source=path.name) from None
    rows = root.get("data-rows", "")
    if not re.fullmatch("[1-9][0-9]{0,2}", rows):
        raise TemplateError(
            f"data-rows of <svg> is {rows!r}",
            hint="Say in it how many people a page has room for, such as 25.",
            source=path.name,
            line=1,
        )
    return int(rows)


def parse_svg(text: str, findings: Findings | None = None) -> Drawing:
    """Read an SVG whose lines were numbered by `number_lines`.

    Args:
        text: the whole drawing.
        findings: takes the errors of its elements; where it is None, the first one is raised.

    Raises:
        TemplateError: the text is not well-formed, or holds something that is not supported.
    """
    findings = findings or Findings()
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise TemplateError("has a document type", hint="Remove the <!DOCTYPE …> line.")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as reason:
        raise malformed(text, reason) from None
    if root.tag != f"{_SVG}svg":
        raise TemplateError(
            "is not an SVG drawing",
            hint='It starts with <svg xmlns="http://www.w3.org/2000/svg">.',
            line=place_of(root)[1],
        )
    with standing(*place_of(root)):
        width, height = _page_length(root, "width"), _page_length(root, "height")
        matrix = _page_matrix(root, width, height)
    node = _node(root, None, Style(), matrix, list(_rules(root)), findings)
    if node is None:
        raise TemplateError("the drawing is a sample as a whole", hint="Remove data-sample.")
    title = root.find(f"{_SVG}title")
    if title is None:
        return Drawing(width, height, node, "", "")
    formats = {}
    with findings.at(*place_of(title)):
        formats = _attributes(title, "title", findings)
    one = formats.get("data-format") or _fold(title.text).strip(" ")
    return Drawing(width, height, node, one, formats.get("data-format-many", ""))


def _rules(root: ElementTree.Element) -> Iterator[Rule]:
    """Yield the rules of all style sheets in a drawing."""
    for sheet in root.iter(f"{_SVG}style"):
        source, line = place_of(sheet)
        try:
            yield from read_sheet(sheet.text or "", line)
        except TemplateError as error:
            error.source = source
            raise


def _node(
    element: ElementTree.Element,
    parent: str | None,
    inherited: Style,
    matrix: Matrix,
    rules: Sequence[Rule],
    findings: Findings,
) -> Node | None:
    """Read an element and all below it; return None for one that draws nothing or is faulty."""
    tag = element.tag.split("}")[-1]
    if tag in IGNORED or not element.tag.startswith(_SVG) or _is_unseen(element):
        return None
    source, line = place_of(element)
    known = len(findings.errors)
    with findings.at(source, line):
        if parent is not None:
            _check_place(tag, parent)
        attributes = _attributes(element, tag, findings)
        if tag in SHAPES and len(findings.errors) > known:
            return None  # what is half understood would be drawn wrong
        changes = cascade(attributes, rules)
        if changes.get("opacity", 1) != 1 and tag not in (*SHAPES, "text"):
            problem = f"opacity of a {'group' if tag == 'g' else f'<{tag}>'} is not supported"
            raise TemplateError(problem, hint="Set it on each shape or text.")
        if "transform" in attributes:
            matrix = _transformed(matrix, attributes["transform"])
        text = _fold(attributes.get("data-text", element.text))
        node = Node(tag, attributes, inherited.changed(changes), matrix, text, line, source)
        if not any(name in attributes for name in _BOUND):
            _read_children(element, node, rules, findings)
        elif (edited := element.find(_EDITED)) is not None:
            part = _node(edited, tag, node.style, matrix, rules, findings)
            if part:
                _take_over(part, node, element)
        if tag == "text":
            _settle_spaces([node, *node.children])
        elif tag != "tspan" and text.strip(" "):
            raise TemplateError(f"{text!r} is in no text", hint="Put it into a <text>.")
        return node
    return None


def _transformed(matrix: Matrix, text: str) -> Matrix:
    """Return the matrix of what stands within a transform."""
    try:
        found = multiply(read_transform(text), matrix)
    except ValueError:
        raise TemplateError(f"transform can't be {text!r}") from None
    if not all(abs(number) < _FARTHEST for number in found):
        raise TemplateError("the transform leads off any page")
    return found


def _take_over(part: Node, node: Node, element: ElementTree.Element) -> None:
    """Give a text the place and style of its edited part, except where its own are bound."""
    bound = {name.removeprefix("data-set-") for name in element.attrib if "data-set-" in name}
    for name in {"x", "y"} & part.attributes.keys() - bound:
        node.attributes[name] = part.attributes[name]
    own = {name: value for name, value in node.attributes.items() if name in bound}
    node.style = part.style.changed(cascade(own, ()))


def _is_unseen(element: ElementTree.Element) -> bool:
    """Say whether an element is a sample, or hidden as editors hide layers."""
    style = f"display:{element.get('display', '')};{element.get('style', '')}"
    return "data-sample" in element.attrib or bool(_HIDDEN.search(style))


def _read_children(
    element: ElementTree.Element, node: Node, rules: Sequence[Rule], findings: Findings
) -> None:
    """Read the elements in an element, and the text between them."""
    in_text = node.tag == "text"
    for child in element:
        below = _node(child, node.tag, node.style, node.matrix, rules, findings)
        if below:
            node.children.append(below)
        after = _fold(child.tail)
        if after.strip(" "):
            source, line = place_of(child)
            raise TemplateError(
                "text after a <tspan> is not supported" if in_text else f"{after!r} is in no text",
                hint=f"Put it into a <{'tspan' if in_text else 'text'}>.",
                source=source,
                line=line,
            )
        if in_text:
            [node, *node.children][-1].text += after


def _check_place(tag: str, parent: str) -> None:
    """Refuse an element that is unknown, or stands where it can't."""
    if tag not in ELEMENTS:
        hint = _HINTS.get(tag) or did_you_mean(tag, ELEMENTS)
        hint = hint or f"What is: {', '.join(ELEMENTS)}."
        raise TemplateError(f"<{tag}> is not supported", hint=hint)
    held = CHILDREN.get(parent, ())
    if tag not in held:
        hint = f"There may be {', '.join(f'<{name}>' for name in held) or 'nothing'} in it."
        raise TemplateError(f"<{tag}> can't stand in <{parent}>", hint=hint)


def _attributes(element: ElementTree.Element, tag: str, findings: Findings) -> dict[str, str]:
    """Return the attributes of an element; bound ones replace sample ones."""
    sample: dict[str, str] = {}
    bound: dict[str, str] = {}
    for written, value in element.attrib.items():
        name = _NAMESPACED.get(written, written).removeprefix("data-set-")
        if name == PLACE or name.startswith("{"):  # an editor's own
            continue
        with findings.at(*place_of(element)):
            if name not in _ALLOWED[tag]:
                raise TemplateError(
                    f"attribute {name} of <{tag}> is not supported",
                    hint=_HINTS.get(name) or did_you_mean(name, _ALLOWED[tag]),
                )
            (bound if written.startswith("data-set-") else sample)[name] = value
    sample |= bound
    # A bound attribute wins also where an editor has written the sample into the style.
    last = [f"{name}:{value}" for name, value in bound.items() if name in PROPERTIES]
    if last and "style" in sample:
        sample["style"] = ";".join([sample["style"], *last])
    bindings = [name for name in _BOUND if name in sample]
    if len(bindings) > 1:
        raise TemplateError(f"has {' and '.join(bindings)} at once", hint="Keep one of them.")
    return sample


def _fold(text: str | None) -> str:
    """Make one space of each white space; no-break spaces stay."""
    return re.sub("[ \t\r\n]+", " ", text or "")


def _settle_spaces(parts: Sequence[Node]) -> None:
    """Leave one space at most between the parts of a text, and none at its ends."""
    spaced = True
    for part in parts:
        part.text = _fold(part.text)
        if spaced:
            part.text = part.text.lstrip(" ")
        if part.text:
            spaced = part.text.endswith(" ")
    for part in reversed(parts):
        part.text = part.text.rstrip(" ")
        if part.text:
            return


def _page_length(root: ElementTree.Element, name: str) -> float:
    """Return the width or height of the page, in points."""
    found = re.fullmatch(r"\s*([0-9.]+)\s*([a-z]*)\s*", root.get(name, ""))
    try:
        length = read_number(found[1]) * _UNITS[found[2]] if found else 0
    except (KeyError, ValueError):
        length = 0
    if not 0 < length <= _LARGEST_SIDE:
        raise TemplateError(
            f"{name} of <svg> is {root.get(name)!r}",
            hint='Give the paper\'s size, such as "210mm".',
        )
    return length


def _page_matrix(root: ElementTree.Element, width: float, height: float) -> Matrix:
    """Return the matrix from the drawing's coordinates to points."""
    text = root.get("viewBox", f"0 0 {width / 0.75} {height / 0.75}")
    try:
        left, top, across, down = read_numbers(text)
        x, y = width / across, height / down
        if across < 0 or down < 0:
            raise ValueError(text)
    except (ValueError, ZeroDivisionError):
        raise TemplateError(
            f"viewBox of <svg> is {text!r}",
            hint='Give left, top, width and height, such as "0 0 595.276 841.89".',
        ) from None
    if abs(x / y - 1) > _DISTORTION:
        raise TemplateError(
            f"viewBox of <svg> is {text!r}, of other proportions than the page",
            hint="Give it the page's, or the drawing would be distorted.",
        )
    if abs(x - 1) < _ROUNDING and abs(y - 1) < _ROUNDING:
        x = y = 1.0
    return (x, 0.0, 0.0, -y, -left * x, height + top * y)
