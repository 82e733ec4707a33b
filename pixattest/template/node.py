"""Element of a drawing, read and checked → its lengths, and errors that say where it stands."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from pixattest.errors import TemplateError
from pixattest.template.geometry import Matrix, read_number
from pixattest.template.style import Style


@dataclass(slots=True)
class Node:
    """One element of a drawing.

    Attributes:
        tag: its name without a namespace, such as `g`.
        attributes: as they are written; bound ones have replaced sample ones.
        style: what it sets itself and what it inherits.
        matrix: leads from its coordinates to points, y upwards from the page's lower left corner.
        text: the characters before its first child, white space folded; only texts have some.
        line: the line on which it stands in its file.
        source: that file; None for the template itself.
        children: the elements in it.
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
        """Return an attribute as a number, in the drawing's units."""
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
        """Return a length that is more than 0, or may be 0 where `zero` says so."""
        value = self.length(name, default)
        if value < 0 or (value == 0 and not zero):
            least = "0 or more" if zero else "more than 0"
            raise self.error(f"{name} of <{self.tag}> is {value:g}", f"Give it {least}.")
        return value

    def error(self, problem: str, hint: str | None = None) -> TemplateError:
        """Make an error that stands where this element does."""
        return TemplateError(problem, hint=hint, source=self.source, line=self.line)


def scale_of(node: Node) -> float:
    """Return how many points a unit of an element's coordinates is.

    Raises:
        TemplateError: it is none, as the transform makes everything vanish.
    """
    a, b, c, d, _, _ = node.matrix
    scale = math.sqrt(abs(a * d - b * c))
    if scale == 0:
        raise node.error(f"the transform leaves no room for a <{node.tag}>")
    return scale


@dataclass(slots=True)
class Drawing:
    """A drawing that was read: its page in points, its tree, and the formats of its titles."""

    width: float
    height: float
    root: Node
    title: str
    title_of_many: str
