"""SVG text → a tree of nodes with their style, matrix and line: what a template may draw.

What is read is documented by `SHAPES`, `CONTAINERS` and `PROPERTIES`; everything else is refused,
with the line it stands on. Sample attributes give way to bound ones:

- `data-sample`: the element is there for whoever looks at the drawing, and is left out;
- `data-set-x="…"`: replaces attribute x;
- `data-text="…"`: replaces the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree

from pixattest.errors import TemplateError, did_you_mean
from pixattest.template.colour import RGB, parse_colour
from pixattest.template.geometry import IDENTITY, Matrix, multiply

SHAPES = {
    "rect": ("x", "y", "width", "height", "rx", "ry"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
    "line": ("x1", "y1", "x2", "y2"),
    "polyline": ("points",),
    "polygon": ("points",),
    "path": ("d",),
}
"""Shapes and their attributes."""

CONTAINERS = {
    "svg": ("width", "height", "viewBox", "version", "preserveAspectRatio"),
    "g": (),
    "a": ("href", "target"),
    "text": ("x", "y"),
    "tspan": ("x", "y", "dx", "dy"),
    "image": ("x", "y", "width", "height", "href", "preserveAspectRatio"),
}
"""Other elements and their attributes."""

IGNORED = ("title", "desc", "metadata", "defs", "style", "namedview")
"""Elements that draw nothing; of `style`, the rules of classes are read."""

PROPERTIES = (
    "fill",
    "fill-opacity",
    "fill-rule",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "letter-spacing",
    "opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
)
"""Presentation attributes, also in `style` and in the rules of classes."""

_COMMON = ("id", "class", "style", "transform", "role", "lang")
_PREFIXES = ("data-", "aria-")
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_LINE = "data-line"
_ROUNDING = 1e-4
_UNITS = {"": 0.75, "px": 0.75, "pt": 1.0, "mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0}


@dataclass(frozen=True, slots=True)
class Style:
    """How an element is drawn; lengths in the template's units."""

    fill: RGB | None = (0.0, 0.0, 0.0)
    stroke: RGB | None = None
    stroke_width: float = 1
    linecap: int = 0
    linejoin: int = 0
    dashes: tuple[float, ...] = ()
    even_odd: bool = False
    fill_opacity: float = 1
    stroke_opacity: float = 1
    family: str = ""
    size: float = 16
    weight: int = 400
    italic: bool = False
    spacing: float = 0
    anchor: str = "start"


@dataclass(slots=True)
class Node:
    """One element.

    Attributes:
        tag: local name, such as `g`.
        attributes: what is neither style nor transform.
        style: its own and inherited.
        matrix: from its coordinates to points, y upwards from the page's lower left.
        text: characters before the first child, white space folded.
        children: elements.
        line: where it stands in the template's file.
    """

    tag: str
    attributes: dict[str, str]
    style: Style
    matrix: Matrix
    text: str
    line: int
    children: list[Node] = field(default_factory=list)

    def length(self, name: str, default: float | None = None) -> float:
        """An attribute as a number in the template's units."""
        text = self.attributes.get(name)
        if text is None and default is not None:
            return default
        try:
            return float((text or "").removesuffix("px"))
        except ValueError:
            raise self.error(
                f"{name} of <{self.tag}> is {text!r}, not a number",
                "Give lengths as plain numbers in the drawing's units.",
            ) from None

    def error(self, problem: str, hint: str | None = None) -> TemplateError:
        """An error that stands on this element's line."""
        return TemplateError(problem, hint=hint, line=self.line)


@dataclass(slots=True)
class Drawing:
    """A whole template: its page in points, its tree, the formats of its titles."""

    width: float
    height: float
    root: Node
    title: str
    title_of_many: str


def number_lines(source: str) -> str:
    """The source with each element's line kept in an attribute, before loops repeat it."""
    lines = source.split("\n")
    return "\n".join(
        re.sub(r"<([A-Za-z][\w:.-]*)(?=[\s/>])", rf'<\1 {_LINE}="{row}"', line)
        for row, line in enumerate(lines, 1)
    )


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
        raise TemplateError(f"is not well-formed XML: {reason}") from None
    if root.tag != f"{_SVG}svg":
        raise TemplateError(
            "is not an SVG drawing", hint='It starts with <svg xmlns="http://www.w3.org/2000/svg">.'
        )
    rules = dict(_class_rules(root))
    width, height = (_page_length(root, name) for name in ("width", "height"))
    box = [float(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if part]
    left, top, across, down = box if len(box) == 4 else (0.0, 0.0, width / 0.75, height / 0.75)
    x, y = width / across, height / down
    if abs(x - 1) < _ROUNDING and abs(y - 1) < _ROUNDING:
        x = y = 1.0  # a drawing in points
    matrix = (x, 0.0, 0.0, -y, -left * x, height + top * y)
    node = _node(root, Style(), matrix, rules)
    if node is None:
        raise TemplateError("the drawing is a sample as a whole", hint="Remove data-sample.")
    title = root.find(f"{_SVG}title")
    one, many = "", ""
    if title is not None:
        one = title.get("data-format") or _fold(title.text)
        many = title.get("data-format-many") or ""
    return Drawing(width, height, node, one, many)


def _node(
    element: ElementTree.Element, inherited: Style, matrix: Matrix, rules: dict[str, dict[str, str]]
) -> Node | None:
    """The node of an element and all below it; None for what draws nothing."""
    tag = element.tag.split("}")[-1]
    raw = {("href" if k == _XLINK_HREF else k): v for k, v in element.attrib.items()}
    line = int(raw.pop(_LINE, 0))
    if "data-sample" in raw or tag in IGNORED or not element.tag.startswith(_SVG):
        return None
    known = SHAPES.get(tag) or CONTAINERS.get(tag)
    if known is None and tag not in CONTAINERS:
        names = [*SHAPES, *CONTAINERS]
        raise TemplateError(
            f"<{tag}> is not supported",
            hint=did_you_mean(tag, names) or f"What is: {', '.join(names)}.",
            line=line,
        )
    for name in [name for name in raw if name.startswith("data-set-")]:
        raw[name.removeprefix("data-set-")] = raw.pop(name)
    text = raw.pop("data-text", None)
    node = Node(tag, {}, inherited, matrix, _fold(text if text is not None else element.text), line)
    style: dict[str, str] = {}
    for name in raw.get("class", "").split():
        style |= rules.get(name, {})
    style |= {name: value for name, value in raw.items() if name in PROPERTIES}
    style |= _declarations(raw.get("style", ""))
    if "opacity" in style and tag not in SHAPES and tag not in ("text", "tspan"):
        raise node.error("opacity of a group is not supported", "Set it on each shape.")
    node.style = _styled(inherited, style, node)
    if "transform" in raw:
        node.matrix = multiply(_transform(raw["transform"], node), matrix)
    for name, value in raw.items():
        if name in PROPERTIES or name in _COMMON[1:4]:
            continue
        if name.startswith("{"):
            continue  # an editor's own
        if name not in (*(known or ()), *_COMMON) and not name.startswith(_PREFIXES):
            near = did_you_mean(name, [*(known or ()), *_COMMON, *PROPERTIES])
            raise node.error(f"attribute {name} of <{tag}> is not supported", near)
        node.attributes[name] = value
    if text is None:
        for child in element:
            below = _node(child, node.style, node.matrix, rules)
            if below:
                node.children.append(below)
            if tag in ("text", "tspan") and child.tail and child.tail.strip():
                raise node.error("text after a <tspan> is not supported", "Put it into a <tspan>.")
    return node


def _fold(text: str | None) -> str:
    return " ".join(re.split("[ \t\r\n]+", text or "")).strip(" ")


def _page_length(root: ElementTree.Element, name: str) -> float:
    found = re.fullmatch(r"\s*([\d.]+)\s*([a-z]*)\s*", root.get(name, ""))
    if not found or found[2] not in _UNITS or not float(found[1]):
        raise TemplateError(
            f"{name} of <svg> is {root.get(name)!r}",
            hint='Give the paper\'s size, such as "210mm".',
        )
    return float(found[1]) * _UNITS[found[2]]


def _class_rules(root: ElementTree.Element) -> Iterator[tuple[str, dict[str, str]]]:
    """Class and declarations of every rule in the drawing's style elements."""
    for sheet in root.iter(f"{_SVG}style"):
        css = re.sub(r"/\*.*?\*/|@font-face\s*\{[^}]*\}", "", sheet.text or "", flags=re.DOTALL)
        for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
            for selector in selectors.split(","):
                if not re.fullmatch(r"\s*\.[\w-]+\s*", selector):
                    raise TemplateError(
                        f"the selector {selector.strip()!r} is not supported",
                        hint="Use classes, such as .label { font-size: 9 }.",
                        line=int(sheet.get(_LINE, 0)),
                    )
                yield selector.strip()[1:], _declarations(body)


def _declarations(css: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in css.split(";") if ":" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def _styled(style: Style, css: dict[str, str], node: Node) -> Style:
    """A style with declarations on top of what was inherited."""
    changes: dict[str, object] = {}
    for name, value in css.items():
        if name not in PROPERTIES:
            near = did_you_mean(name, PROPERTIES)
            raise node.error(f"the property {name!r} is not supported", near)
        try:
            changes |= _READ[name](value)
        except (ValueError, KeyError, IndexError):
            raise node.error(f"{name} can't be {value!r}") from None
    return replace(style, **changes)  # type: ignore[arg-type]


def _paint(value: str) -> RGB | None:
    return None if value in ("none", "transparent") else parse_colour(value)


def _size(value: str) -> float:
    return float(value.removesuffix("px"))


def _opacity(value: str) -> float:
    part = float(value.removesuffix("%")) / (100 if value.endswith("%") else 1)
    return min(1.0, max(0.0, part))


_WEIGHTS = {"normal": 400, "bold": 700}
_READ: dict[str, Callable[[str], dict[str, object]]] = {
    "fill": lambda v: {"fill": _paint(v)},
    "stroke": lambda v: {"stroke": _paint(v)},
    "stroke-width": lambda v: {"stroke_width": _size(v)},
    "stroke-linecap": lambda v: {"linecap": ("butt", "round", "square").index(v)},
    "stroke-linejoin": lambda v: {"linejoin": ("miter", "round", "bevel").index(v)},
    "stroke-dasharray": lambda v: {
        "dashes": () if v == "none" else tuple(map(float, re.split(r"[\s,]+", v.strip())))
    },
    "fill-rule": lambda v: {"even_odd": {"evenodd": True, "nonzero": False}[v]},
    "fill-opacity": lambda v: {"fill_opacity": _opacity(v)},
    "stroke-opacity": lambda v: {"stroke_opacity": _opacity(v)},
    "opacity": lambda v: {"fill_opacity": _opacity(v), "stroke_opacity": _opacity(v)},
    "font-family": lambda v: {"family": v.split(",")[0].strip().strip("'\"")},
    "font-size": lambda v: {"size": _size(v)},
    "font-weight": lambda v: {"weight": _WEIGHTS.get(v) or int(v)},
    "font-style": lambda v: {"italic": {"italic": True, "oblique": True, "normal": False}[v]},
    "letter-spacing": lambda v: {"spacing": 0.0 if v == "normal" else _size(v)},
    "text-anchor": lambda v: {"anchor": {a: a for a in ("start", "middle", "end")}[v]},
}


def _transform(text: str, node: Node) -> Matrix:
    """The matrix of a transform attribute (SVG 2, 8.5)."""
    matrix = IDENTITY
    if re.sub(r"[a-zA-Z]+\s*\([^()]*\)[\s,]*", "", text).strip():
        raise node.error(f"transform can't be {text!r}")
    for name, arguments in re.findall(r"([a-zA-Z]+)\s*\(([^()]*)\)", text):
        try:
            n = [float(part) for part in re.split(r"[\s,]+", arguments.strip())]
            step = _transform_step(name, n)
        except (ValueError, IndexError, KeyError):
            raise node.error(f"transform can't be {text!r}") from None
        matrix = multiply(step, matrix)
    return matrix


def _transform_step(name: str, n: list[float]) -> Matrix:
    if name == "translate":
        return (1, 0, 0, 1, n[0], n[1] if len(n) > 1 else 0)
    if name == "scale":
        return (n[0], 0, 0, n[1] if len(n) > 1 else n[0], 0, 0)
    if name == "rotate":
        cos, sin = math.cos(math.radians(n[0])), math.sin(math.radians(n[0]))
        x, y = (n[1], n[2]) if len(n) > 1 else (0.0, 0.0)
        return (cos, sin, -sin, cos, x - cos * x + sin * y, y - sin * x - cos * y)
    if name == "skewX":
        return (1, 0, math.tan(math.radians(n[0])), 1, 0, 0)
    if name == "skewY":
        return (1, math.tan(math.radians(n[0])), 0, 1, 0, 0)
    if name == "matrix":
        a, b, c, d, e, f = n
        return (a, b, c, d, e, f)
    raise KeyError(name)
