"""Errors in the elements of a template → the first one raised, or all of them gathered.

Whoever reads or compiles a drawing does so under `Findings.at`, and reports what is drawn to the
`see_…` methods. These do nothing here; `template check` overrides them to look at the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pixattest.errors import TemplateError
from pixattest.template.geometry import Box
from pixattest.template.node import Node
from pixattest.template.plate import QrSlot
from pixattest.template.slots import Format
from pixattest.template.text import TextSetter


@contextmanager
def standing(source: str | None, line: int) -> Iterator[None]:
    """Give a place to those errors raised within that have none yet."""
    try:
        yield
    except TemplateError as error:
        if error.line is None and error.source is None:
            error.line, error.source = line, source
        raise


class Findings:
    """Decides where errors in a template's elements go.

    Args:
        gather: whether an element that is faulty is passed over, to find all that are; otherwise
            the first error ends the reading.

    Attributes:
        errors: the errors that were gathered.
    """

    def __init__(self, *, gather: bool = False) -> None:
        self.gather = gather
        self.errors: list[TemplateError] = []

    @contextmanager
    def at(self, source: str | None, line: int) -> Iterator[None]:
        """Take the errors of what stands at a place; the rest of the block is passed over."""
        try:
            with standing(source, line):
                yield
        except TemplateError as error:
            if not self.gather:
                raise
            self.errors.append(error)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Say that what is drawn within stands elsewhere than what is drawn after it."""
        yield

    @contextmanager
    def when(self, field: str, present: bool, least: int | None) -> Iterator[None]:  # noqa: ARG002
        """Say that what is drawn within is there only where a field is (or is not) there."""
        yield

    def see_page(self, box: Box) -> None:
        """Take note that a page begins; `box` is its size, in points."""

    def see_shape(self, node: Node, box: Box) -> None:
        """Take note that a shape is painted; `box` is around its points, in points."""

    def see_text(
        self, node: Node, box: Box, text: str | Format, setter: TextSetter, *, says: bool
    ) -> None:
        """Take note that a text is set.

        Args:
            node: the element whose style the text has.
            box: the box around the text, or around the room of a bound one, in points.
            text: the text where it is always the same, or the format of a bound one.
            setter: sets the text.
            says: whether the text says something; otherwise it is decoration.

        Raises:
            TemplateError: something is wrong with it.
        """

    def see_image(self, node: Node, box: Box, *, says: bool) -> None:
        """Take note that an image is drawn in a box, in points; it says something or decorates."""

    def see_picture(self, node: Node, box: Box, *, opaque: bool) -> None:
        """Take note that such an image is a picture, and which box it fills, in points."""

    def see_qr(self, node: Node, slot: QrSlot) -> None:
        """Take note that such an image is the QR code."""
