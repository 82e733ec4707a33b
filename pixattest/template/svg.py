"""SVG text → a tree of nodes with their style, matrix and place: what a template may draw.

What is read is documented by `ELEMENTS`, `CHILDREN` and `style.PROPERTIES`; everything else is
refused, with the line it stands on, but for what changes nothing (`IGNORED`, `style.HARMLESS`, and
what belongs to an editor alone). Sample attributes give way to bound ones:

- `data-sample`: the element is there for whoever looks at the drawing, and is left out;
- `data-set-x="…"`: replaces attribute x;
- `data-text="…"`: replaces the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers.expat import ErrorString, errors
from xml.sax.saxutils import quoteattr

from pixattest.errors import TemplateError, did_you_mean
from pixattest.template.geometry import (
    IDENTITY,
    Box,
    Matrix,
    multiply,
    read_number,
    read_numbers,
)
from pixattest.template.plate import QrSlot
from pixattest.template.slots import Format
from pixattest.template.style import HARMLESS, PROPERTIES, Rule, Style, cascade, read_sheet
from pixattest.template.text import TextSetter

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
"""Elements and their attributes; beside these, all have those of `_COMMON` and `PROPERTIES`."""

_DRAWN = tuple(tag for tag in ELEMENTS if tag not in ("svg", "tspan", "title"))
CHILDREN = {"svg": _DRAWN, "g": _DRAWN, "a": _DRAWN, "text": ("tspan",)}
"""Elements that hold others, and which."""

IGNORED = ("title", "desc", "metadata", "defs", "style", "namedview")
"""Elements that draw nothing; of `style`, the rules of classes are read."""

_COMMON = ("id", "class", "style")
_ALLOWED = {tag: (*names, *_COMMON, *PROPERTIES, *HARMLESS) for tag, names in ELEMENTS.items()}
_BOUND = ("data-field", "data-format", "data-text", "data-image")
"""Attributes of which an element has one at most."""

_HINTS = {
    "lang": "Remove it: a page is in one language, that of its labels.",
    "flowRoot": "Turn it into plain text (in Inkscape, Text > Convert to Text).",
    "use": "Unlink the clone (in Inkscape, Edit > Clone > Unlink Clone).",
}
_SVG = "{http://www.w3.org/2000/svg}"
_SODIPODI = "{http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd}"
_EDITED = f"{_SVG}tspan[@{_SODIPODI}role='line']"
"""What Inkscape puts around a text that was edited, with its place and style."""
_NAMESPACED = {
    "{http://www.w3.org/1999/xlink}href": "href",
    "{http://www.w3.org/XML/1998/namespace}lang": "lang",
}
_TAG = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(/?[A-Za-z][\w:.-]*)(?=[\s/>])", re.DOTALL)
_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none\s*(?:;|$)")
_PLACE = "data-line"
_NUMBERED = re.compile(
    rf"""<\?at\ {_PLACE}="([^"]*)"\?></([\w:.-]+)"""
    rf"""|<([\w:.-]+)\ {_PLACE}="([^"]*)"(?:[^<>"']|"[^"]*"|'[^']*')*""",
    re.VERBOSE,
)
"""What ends an element, or begins one, with its place."""
_ROUNDING = 1e-4
_UNITS = {"": 0.75, "px": 0.75, "pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0}
_LARGEST = 14_400
"""Points of a page's side, at most (ISO 32000-1, annex C)."""
_FARTHEST = 1e9
"""Numbers in a matrix, at most."""
_DISTORTION = 1e-3
"""By which width and height of a viewBox may be scaled differently, for the paper's rounding."""


@dataclass(slots=True)
class Node:
    """One element.

    Attributes:
        tag: local name, such as `g`.
        attributes: as they are written, bound ones in place of sample ones.
        style: its own and inherited.
        matrix: from its coordinates to points, y upwards from the page's lower left.
        text: characters before the first child, white space folded; of texts only.
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

    def extent(self, name: str, default: float | None = None, *, zero: bool = False) -> float:
        """A length above zero, or zero too where that has a meaning."""
        value = self.length(name, default)
        if value < 0 or (value == 0 and not zero):
            least = "0 or more" if zero else "more than 0"
            raise self.error(f"{name} of <{self.tag}> is {value:g}", f"Give it {least}.")
        return value

    def error(self, problem: str, hint: str | None = None) -> TemplateError:
        """An error that stands where this element does."""
        return TemplateError(problem, hint=hint, source=self.source, line=self.line)


def scale_of(node: Node) -> float:
    """Points of a unit."""
    a, b, c, d, _, _ = node.matrix
    scale = math.sqrt(abs(a * d - b * c))
    if scale == 0:
        raise node.error(f"the transform leaves no room for a <{node.tag}>")
    return scale


@dataclass(slots=True)
class Drawing:
    """A whole template: its page in points, its tree, the formats of its titles."""

    width: float
    height: float
    root: Node
    title: str
    title_of_many: str


def most_rows(path: Path) -> int:
    """How many people a page of a cover has room for: `data-rows` of its `<svg>`.

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


def number_lines(text: str, source: str = "") -> str:
    """The text with each tag's place kept, before loops repeat it.

    A start tag has it in an attribute, an end tag in an instruction before it.

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
        place = f"{_PLACE}={quoteattr(f'{source}:{line}' if source else str(line))}"
        return f"<?at {place}?>{found[0]}" if found[1].startswith("/") else f"{found[0]} {place}"

    return _TAG.sub(number, text)


@contextmanager
def standing(source: str | None, line: int) -> Iterator[None]:
    """Give errors of a template that stand nowhere yet this place."""
    try:
        yield
    except TemplateError as error:
        if error.line is None and error.source is None:
            error.line, error.source = line, source
        raise


class Findings:
    """Where errors in a template's elements go: the first ends the reading, or all are gathered.

    Args:
        gather: pass over what is faulty, to find all that is.

    Attributes:
        errors: that were gathered.
    """

    def __init__(self, *, gather: bool = False) -> None:
        self.gather = gather
        self.errors: list[TemplateError] = []

    @contextmanager
    def at(self, source: str | None, line: int) -> Iterator[None]:
        """Errors of what stands at a place; the rest of it is passed over."""
        try:
            with standing(source, line):
                yield
        except TemplateError as error:
            if not self.gather:
                raise
            self.errors.append(error)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """What is drawn meanwhile stands elsewhere than what is drawn after it."""
        yield

    def see_page(self, box: Box) -> None:
        """A page begins, as large as a box in points."""

    def see_shape(self, node: Node, box: Box) -> None:
        """A shape is painted, its points in a box in points."""

    @contextmanager
    def when(self, field: str, present: bool, least: int | None) -> Iterator[None]:  # noqa: ARG002
        """What is drawn meanwhile is there only where a field is, or is not."""
        yield

    def see_text(
        self, node: Node, box: Box, text: str | Format, setter: TextSetter, *, says: bool
    ) -> None:
        """A text is set, in a box in points.

        Args:
            node: whose style it has.
            box: around it, or around the room of a bound text.
            text: what it always is, or the format of a bound one.
            setter: what sets it.
            says: whether it says something, and is no decoration.

        Raises:
            TemplateError: something is wrong with it.
        """

    def see_image(self, node: Node, box: Box, *, says: bool) -> None:
        """An image is drawn, in a box in points, that says something or is decoration."""

    def see_picture(self, node: Node, box: Box, *, opaque: bool) -> None:
        """Such an image is a picture, which fills a box in points, opaque or transparent."""

    def see_qr(self, node: Node, slot: QrSlot) -> None:
        """Such an image is the QR code."""


def parse_svg(text: str, findings: Findings | None = None) -> Drawing:
    """Read an SVG whose lines were numbered by `number_lines`.

    Args:
        text: the whole of it.
        findings: takes the errors of its elements; None: the first one is raised.

    Raises:
        TemplateError: it is not well-formed, or holds something that is not supported.
    """
    findings = findings or Findings()
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise TemplateError("has a document type", hint="Remove the <!DOCTYPE …> line.")
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as reason:
        raise _malformed(text, reason) from None
    if root.tag != f"{_SVG}svg":
        raise TemplateError(
            "is not an SVG drawing",
            hint='It starts with <svg xmlns="http://www.w3.org/2000/svg">.',
            line=_place(root)[1],
        )
    with standing(*_place(root)):
        width, height = _page_length(root, "width"), _page_length(root, "height")
        matrix = _page_matrix(root, width, height)
    node = _node(root, None, Style(), matrix, list(_rules(root)), findings)
    if node is None:
        raise TemplateError("the drawing is a sample as a whole", hint="Remove data-sample.")
    title = root.find(f"{_SVG}title")
    if title is None:
        return Drawing(width, height, node, "", "")
    formats = {}
    with findings.at(*_place(title)):
        formats = _attributes(title, "title", findings)
    one = formats.get("data-format") or _fold(title.text).strip(" ")
    return Drawing(width, height, node, one, formats.get("data-format-many", ""))


def _malformed(text: str, reason: ElementTree.ParseError) -> TemplateError:
    """The error of text that is not XML, at its line in the file and not in what loops wrote."""
    row, column = reason.position
    lines = text.split("\n")[:row]
    rest = lines[-1][column:]
    lines[-1] = lines[-1][:column]
    before = "\n".join(lines)
    source, line, after = None, 1, 0
    for last in re.finditer(rf'{_PLACE}="([^"]*)"', before):
        (source, line), after = _split_place(last[1]), last.end()
    line += before.count("\n", after)
    problem, hint = f"is not well-formed XML: {ErrorString(reason.code)}", None
    if reason.code in _UNPAIRED:
        problem, hint = _unpaired(text) or (problem, hint)
    elif lines[-1].endswith("&") or rest.startswith("&"):
        hint = "Write & as &amp;, and characters as themselves."
    elif rest[:1] and rest[0] in _CURLY:
        hint = f"Write straight quotes around what an attribute is, not {rest[0]}."
    return TemplateError(problem, hint=hint, source=source, line=line)


_UNPAIRED = (
    errors.codes[errors.XML_ERROR_TAG_MISMATCH],
    errors.codes[errors.XML_ERROR_NO_ELEMENTS],
)
"""What expat says where tags do not pair."""
_CURLY = "“”„‟‘’‚«»"
"""Quotes that word processors put in place of straight ones."""


def _unpaired(text: str) -> tuple[str, str] | None:
    """What is wrong with the first tag of a text that ends no element, and how to mend it."""
    open_: list[tuple[str, str, int]] = []
    suspect = ""
    for found in _NUMBERED.finditer(text):
        closing, closed, name, place = found.groups()
        indent = found.start() - text.rfind("\n", 0, found.start())
        if name:
            if not found[0].endswith("/"):
                open_.append((name, _spoken(place), indent))
            continue
        if not open_:
            return None
        name, place, beginning = open_[-1]
        if name == closed:
            open_.pop()
            alone = not text[found.start() - indent + 1 : found.start()].strip()
            if alone and indent != beginning and not suspect:
                suspect = f"<{name}> of {place}"
            continue
        if all(closed != other for other, _, _ in open_):
            return (
                f"</{closed}> closes nothing: what is open is the <{name}> of {place}",
                f"Write </{name}>, or remove it.",
            )
        break
    else:
        if not open_:
            return None
        name, place, _ = open_[-1]
        return f"the <{name}> of {place} is not closed", f"Add </{name}>."
    problem = f"the <{name}> of {place} is not closed before </{closed}> of {_spoken(closing)}"
    if suspect:
        return problem, f"Add </{name}>: by how the lines are indented, the {suspect} lacks it."
    return problem, f"Add </{name}>."


def _spoken(place: str) -> str:
    """A place as messages tell it."""
    source, line = _split_place(place)
    return f"{source}, line {line}" if source else f"line {line}"


def _place(element: ElementTree.Element) -> tuple[str | None, int]:
    """File and line of an element, as `number_lines` noted them."""
    return _split_place(element.get(_PLACE, "0"))


def _split_place(text: str) -> tuple[str | None, int]:
    source, _, line = text.rpartition(":")
    return source or None, int(line)


def _rules(root: ElementTree.Element) -> Iterator[Rule]:
    for sheet in root.iter(f"{_SVG}style"):
        source, line = _place(sheet)
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
    """The node of an element and all below it; None for what draws nothing, or is faulty."""
    tag = element.tag.split("}")[-1]
    if tag in IGNORED or not element.tag.startswith(_SVG) or _is_unseen(element):
        return None
    source, line = _place(element)
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
            matrix = multiply(_transform(attributes["transform"]), matrix)
            if not all(abs(n) < _FARTHEST for n in matrix):
                raise TemplateError("the transform leads off any page")
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


def _take_over(part: Node, node: Node, element: ElementTree.Element) -> None:
    """Give a text the place and style of its edited part, except where its own are bound."""
    bound = {name.removeprefix("data-set-") for name in element.attrib if "data-set-" in name}
    for name in {"x", "y"} & part.attributes.keys() - bound:
        node.attributes[name] = part.attributes[name]
    own = {name: value for name, value in node.attributes.items() if name in bound}
    node.style = part.style.changed(cascade(own, ()))


def _is_unseen(element: ElementTree.Element) -> bool:
    """Whether an element is a sample, or hidden as editors hide layers."""
    style = f"display:{element.get('display', '')};{element.get('style', '')}"
    return "data-sample" in element.attrib or bool(_HIDDEN.search(style))


def _read_children(
    element: ElementTree.Element, node: Node, rules: Sequence[Rule], findings: Findings
) -> None:
    in_text = node.tag == "text"
    for child in element:
        below = _node(child, node.tag, node.style, node.matrix, rules, findings)
        if below:
            node.children.append(below)
        after = _fold(child.tail)
        if after.strip(" "):
            source, line = _place(child)
            raise TemplateError(
                "text after a <tspan> is not supported" if in_text else f"{after!r} is in no text",
                hint=f"Put it into a <{'tspan' if in_text else 'text'}>.",
                source=source,
                line=line,
            )
        if in_text:
            [node, *node.children][-1].text += after


def _check_place(tag: str, parent: str) -> None:
    if tag not in ELEMENTS:
        hint = _HINTS.get(tag) or did_you_mean(tag, ELEMENTS)
        hint = hint or f"What is: {', '.join(ELEMENTS)}."
        raise TemplateError(f"<{tag}> is not supported", hint=hint)
    held = CHILDREN.get(parent, ())
    if tag not in held:
        hint = f"There may be {', '.join(f'<{name}>' for name in held) or 'nothing'} in it."
        raise TemplateError(f"<{tag}> can't stand in <{parent}>", hint=hint)


def _attributes(element: ElementTree.Element, tag: str, findings: Findings) -> dict[str, str]:
    """The attributes of an element, bound ones in place of sample ones."""
    sample: dict[str, str] = {}
    bound: dict[str, str] = {}
    for written, value in element.attrib.items():
        name = _NAMESPACED.get(written, written).removeprefix("data-set-")
        if name == _PLACE or name.startswith("{"):  # an editor's own
            continue
        with findings.at(*_place(element)):
            if name not in _ALLOWED[tag]:
                raise TemplateError(
                    f"attribute {name} of <{tag}> is not supported",
                    hint=_HINTS.get(name) or did_you_mean(name, _ALLOWED[tag]),
                )
            (bound if written.startswith("data-set-") else sample)[name] = value
    sample |= bound
    # What is bound has the last word, also where an editor has written the sample into the style.
    last = [f"{name}:{value}" for name, value in bound.items() if name in PROPERTIES]
    if last and "style" in sample:
        sample["style"] = ";".join([sample["style"], *last])
    bindings = [name for name in _BOUND if name in sample]
    if len(bindings) > 1:
        raise TemplateError(f"has {' and '.join(bindings)} at once", hint="Keep one of them.")
    return sample


def _fold(text: str | None) -> str:
    """White space as one space; hard spaces stay."""
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
    found = re.fullmatch(r"\s*([0-9.]+)\s*([a-z]*)\s*", root.get(name, ""))
    try:
        length = read_number(found[1]) * _UNITS[found[2]] if found else 0
    except (KeyError, ValueError):
        length = 0
    if not 0 < length <= _LARGEST:
        raise TemplateError(
            f"{name} of <svg> is {root.get(name)!r}",
            hint='Give the paper\'s size, such as "210mm".',
        )
    return length


def _page_matrix(root: ElementTree.Element, width: float, height: float) -> Matrix:
    """From the drawing's coordinates to points."""
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
        x = y = 1.0  # a drawing in points
    return (x, 0.0, 0.0, -y, -left * x, height + top * y)


def _transform(text: str) -> Matrix:
    """The matrix of a transform attribute (SVG 2, 8.5)."""
    matrix = IDENTITY
    try:
        if re.sub(r"[a-zA-Z]+\s*\([^()]*\)[\s,]*", "", text).strip():
            raise ValueError(text)
        for name, arguments in re.findall(r"([a-zA-Z]+)\s*\(([^()]*)\)", text):
            matrix = multiply(_transform_step(name, read_numbers(arguments)), matrix)
    except ValueError:
        raise TemplateError(f"transform can't be {text!r}") from None
    return matrix


def _transform_step(name: str, numbers: list[float]) -> Matrix:
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
