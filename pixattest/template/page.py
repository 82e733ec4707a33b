"""Drawings, tag by tag → operations in the order of reading, each within its marked content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pixattest.model.issuer import Issuer
from pixattest.pdf.fonts import Run
from pixattest.pdf.images import Picture
from pixattest.pdf.tags import SignatureField
from pixattest.template.faces import FontLibrary
from pixattest.template.fields import Condition, Fields
from pixattest.template.findings import Findings
from pixattest.template.geometry import Box
from pixattest.template.node import Node
from pixattest.template.plate import AnyVariant, Mark, Op, Paint, Variant, When
from pixattest.template.slots import Format
from pixattest.template.structure import OpenTag

ARTIFACT = "Artifact"
"""The marked content of decoration, which belongs to no tag."""


class Content:
    """Gathers what is drawn on a page, or in a block that flows over pages.

    Args:
        root: the element that holds all of it.
        is_block: whether it is that of a block.

    Attributes:
        ops: the operations so far.
        ground: operators of decoration that is drawn before everything else.
        covered: the boxes of what is drawn in the order of reading, in points.
        sunk: how far down, in points, texts of several lines have moved what follows in a block.
        is_block: whether it is that of a block.
        is_conditional: whether what is drawn now depends on a condition.
    """

    def __init__(self, root: Node, *, is_block: bool = False) -> None:
        self._root = root
        self.is_block = is_block
        self.is_conditional = False
        self.ops: list[Op] = []
        self.ground: list[str] = []
        self.covered: list[Box] = []
        self.sunk = 0.0
        self._open: OpenTag | str | None = None
        self._marked = 0

    def switch(self, to: OpenTag | str | None) -> None:
        """Close the marked content that is open, and open that of a tag or of decoration.

        Raises:
            TemplateError: that is not possible within a condition.
        """
        if self._open is to:
            return
        if self.is_conditional:
            node = to.node if isinstance(to, OpenTag) else self._root
            raise node.error("data-when stands around content and decoration at once")
        if self._open is not None:
            self.add(Mark("EMC\n"))
        if isinstance(to, OpenTag):
            self.add(Mark(f"/{to.type}<</MCID {self._marked}>>BDC\n"))
            to.kids.append(self._marked)
            to.begin = len(self.ops)
            self._marked += 1
        elif to:
            self.add(Mark(f"/{to} BMC\n"))
        self._open = to

    def add(self, op: Mark | Paint) -> None:
        """Add static operators, in one operation with those of the same kind before them."""
        last = self.ops[-1] if self.ops else None
        if isinstance(last, Mark | Paint) and type(last) is type(op):
            self.ops[-1] = type(op)(last.content + op.content)
        else:
            self.ops.append(op)

    @contextmanager
    def when(self, condition: Condition, tag: OpenTag | None) -> Iterator[None]:
        """Gather what is drawn within into one operation that depends on a condition.

        Args:
            condition: what a record must have.
            tag: the tag that holds it; None for decoration.
        """
        self.switch(tag if tag and tag.bears else ARTIFACT)
        outer, was_conditional = self.ops, self.is_conditional
        self.ops, self.is_conditional = [], True
        try:
            yield
        finally:
            field, present, least = condition
            outer.append(When(field, present, tuple(self.ops), least))
            self.ops, self.is_conditional = outer, was_conditional

    def cover(self, box: Box, tag: OpenTag | None) -> None:
        """Take note that something of a tag (or decoration) is drawn in a box, in points."""
        self.covered.append(box)
        if tag:
            tag.boxes.append(box)

    def covers(self, box: Box) -> bool:
        """Say whether a box meets anything that is drawn in the order of reading."""
        left, bottom, right, top = box
        return any(
            left < other[2] and other[0] < right and bottom < other[3] and other[1] < top
            for other in self.covered
        )


@dataclass(slots=True)
class Page:
    """A page that is being compiled: what it is made from, and what it shows so far.

    Attributes:
        root: the `<svg>` element.
        variant: the kind of page.
        issuer: who attests.
        fields: the fields that the page may show.
        language: the language of the labels, as BCP 47 writes it.
        library: the faces.
        folder: the folder of the template.
        findings: takes the errors of elements.
        content: what is drawn.
        texts: the texts that tags refer to by their numbers.
        plain: the characters that static texts show, by face.
        shaped: the glyphs that they show, with the texts these stand for, by face.
        opacities: pairs of opacities, of fill and stroke, that are not both 1.
        pictures: the pictures, by the names that the content gives them.
        signature: the field of the document's signature, once it was drawn.
    """

    root: Node
    variant: AnyVariant
    issuer: Issuer
    fields: Fields
    language: str
    library: FontLibrary
    folder: Path
    findings: Findings
    content: Content
    texts: list[Format] = field(default_factory=list)
    plain: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    shaped: dict[int, set[tuple[int, str]]] = field(default_factory=lambda: defaultdict(set))
    opacities: set[tuple[float, float]] = field(default_factory=set)
    pictures: dict[str, Picture] = field(default_factory=dict)
    signature: SignatureField | None = None

    @property
    def is_signed(self) -> bool:
        """Say whether the page has the field of the document's signature."""
        return isinstance(self.variant, Variant) and self.variant.signed

    def use(self, runs: Sequence[Run]) -> None:
        """Take note of the glyphs that static texts show."""
        for run in runs:
            self.plain[run.face].update(run.plain)
            self.shaped[run.face] |= run.shaped

    def number_text(self, format_: Format) -> int:
        """Give a text its number among those that tags refer to."""
        self.texts.append(format_)
        return len(self.texts) - 1
