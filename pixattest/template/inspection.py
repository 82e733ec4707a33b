"""What is drawn while a template is compiled → what is wrong with how it looks, page by page.

The inspector is told of each shape, text and image (`Findings.see_…`), tries every text with sample
records, and holds what it sees against the page, the colour below it, and all drawn before it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from pixattest.errors import shown
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer
from pixattest.model.pagination import DetailPage, Page, Pagination
from pixattest.model.record import Record
from pixattest.pdf.fonts import MissingGlyphError
from pixattest.template.colour import READABLE, RGB, WHITE, contrast
from pixattest.template.findings import Findings
from pixattest.template.fitting import NoRoomError
from pixattest.template.geometry import (
    IDENTITY,
    Box,
    Outline,
    around,
    around_points,
    corners,
    ellipse,
    placed,
)
from pixattest.template.labels import read_labels
from pixattest.template.node import Node, scale_of
from pixattest.template.overlaps import Ink, Overlaps, Thing, find_overlaps
from pixattest.template.plate import AnyVariant, CoverVariant, DetailVariant, QrSlot, Variant
from pixattest.template.slots import Format, Vocabulary
from pixattest.template.text import TextSetter

_LARGE, _LARGE_BOLD = 18.0, 14.0
"""Sizes from which a text, or a bold text, is large, in points (WCAG 2.2, 1.4.3)."""

_READABLE_LARGE = 3.0
"""The contrast that a large text must have to its ground (WCAG 2.2, 1.4.3)."""

_BOLD = 600
"""The font weight from which a text is bold."""

_SMALLEST = 5.0
"""The smallest size in which a text can be read, in points."""

_PLAIN = ("rect", "circle", "ellipse", "line")
"""Shapes that fill the whole box around them, or a known part of it."""

_MOVES = ("x", "y")
"""Attributes of a part of a text that does not go on where the one before ends."""


class Inspector(Findings):
    """Looks at everything that is drawn while a template is compiled.

    Args:
        template: the drawing.
        language: the language of the labels, as BCP 47 writes it.
        variant: the kind of page.
        issuer: who attests.
        framework: the competences that are attested.
        samples: the records that must have room, by their names.
        overlaps: takes what stands on something else, for all kinds of page of a drawing.
    """

    def __init__(
        self,
        template: Path,
        language: str,
        variant: AnyVariant,
        issuer: Issuer,
        framework: Framework,
        samples: Mapping[str, Record],
        overlaps: Overlaps,
    ) -> None:
        super().__init__(gather=True)
        self._overlaps = overlaps
        calendar = read_labels(template.parent, language).calendar(language)
        self._vocabulary: Vocabulary[Any] = variant.vocabulary(
            framework, language, calendar, issuer
        )
        self._pages = _pages(variant, [*samples.values()])
        is_cover = isinstance(variant, CoverVariant)
        self._names = [None] * len(self._pages) if is_cover else list(samples)
        self._grounds: list[tuple[Box, RGB]] = []
        self._page: Box | None = None
        self._is_sealed = isinstance(variant, Variant) and variant.sealed
        self._things: list[Thing] = []
        self._texts = 0
        self._there = [True] * len(self._pages)

    def see_page(self, box: Box) -> None:
        """Remember the page, on which everything must stand."""
        self._page = box

    def see_shape(self, node: Node, box: Box) -> None:
        """Remember an opaque shape, on which texts may stand and which may hide texts."""
        style = node.style
        is_flat = min(box[2] - box[0], box[3] - box[1]) == 0  # and has nothing to be filled
        colour = style.stroke if is_flat else style.fill
        if colour is None or (style.stroke_opacity if is_flat else style.fill_opacity) != 1:
            return
        stroke = style.stroke_width * scale_of(node) / 2 if style.stroke is not None else 0
        whole = _widened(box, stroke)
        self._grounds.append((whole, colour))
        if node.tag in _PLAIN:
            is_round = node.tag in ("circle", "ellipse")
            outline = ellipse(whole) if is_round else corners(IDENTITY, whole)
            self._see_cover(node, f"a <{node.tag}>", whole, outline)

    @contextmanager
    def when(self, field: str, present: bool, least: int | None) -> Iterator[None]:
        """Remember on which pages there is what is drawn within."""
        before, test = self._there, self._vocabulary.test(field, least)
        self._there = [
            there and test(page) == present for there, page in zip(before, self._pages, strict=True)
        ]
        yield
        self._there = before

    def see_text(
        self, node: Node, box: Box, text: str | Format, setter: TextSetter, *, says: bool
    ) -> None:
        """Tell a text that can't be read, or has no room for one of the samples."""
        size = node.style.size * scale_of(node)
        self._check_legible(node, box, size)
        inks: Sequence[Ink | None]
        if isinstance(text, str):
            self._check_place(node, box, "a text")
            always = Ink(shown(text), _widened(box, size / 2), setter.letters(text))
            inks = [always] * len(self._pages)
        else:
            inks = self._try_samples(node, text, setter)
        if node.tag == "text" or not node.attributes.keys().isdisjoint(_MOVES):
            self._texts += 1
        if node.style.fill_opacity == 1:
            self._see_thing(node, "text" if says else "other", size, inks)

    def see_image(self, node: Node, box: Box, *, says: bool) -> None:
        """Tell an image that says something and stands off the page."""
        if says:
            self._check_place(node, box, "an image")

    def see_picture(self, node: Node, box: Box, *, opaque: bool) -> None:
        """Remember a picture, which may hide texts; a signature is often drawn over words."""
        may_cover = not opaque and node.attributes.get("data-image") == "signature"
        kind = "other" if may_cover else "cover"
        self._see_cover(node, "an image", box, corners(IDENTITY, box), kind)

    def see_qr(self, node: Node, slot: QrSlot) -> None:
        """Tell a QR code that would be too small for a sample; a seal only makes it larger."""
        code = corners(slot.matrix, (0, 0, 1, 1))
        always = Ink("the QR code", around_points(code), [code])
        self._see_thing(node, "qr", math.inf, [always] * len(self._pages))
        read = self._vocabulary.reader("qr_address")
        for length in {len(read(page).encode()) for page in self._pages if not self._is_sealed}:
            with self.at(node.source, node.line):
                slot.refuse_small(slot.tables.version_for(length), length)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Look at a block by itself: it is drawn in one place, and stands in others."""
        before = self._grounds[:], self._page, self._things
        self._page, self._things = None, []
        yield
        self._grounds, self._page, self._things = before

    def _see_cover(
        self, node: Node, name: str, box: Box, outline: Outline, kind: str = "cover"
    ) -> None:
        """Take note of what hides things drawn before it, and nothing that is drawn after it."""
        always = Ink(name, box, [outline])
        self._see_thing(node, kind, _SMALLEST, [always] * len(self._pages))

    def _see_thing(
        self, node: Node, kind: str, size: float, everywhere: Sequence[Ink | None]
    ) -> None:
        """Hold something against all that is on the page already."""
        there = zip(everywhere, self._there, strict=True)
        inks = [ink if is_there else None for ink, is_there in there]
        boxes = [ink.box for ink in inks if ink]
        if not boxes:
            return
        own = Thing(node, kind, self._texts, size, inks, around(boxes))
        find_overlaps(own, self._things, self._names, self._overlaps)
        if kind != "cover":
            self._things.append(own)

    def _check_legible(self, node: Node, box: Box, size: float) -> None:
        """Tell a text that is too small, or too like its ground in colour; a watermark may be."""
        style = node.style
        with self.at(node.source, node.line):
            if size < _SMALLEST:
                raise node.error(
                    f"a text of {size:.3g} points is too small to be read",
                    f"Give it {_SMALLEST:g} points at least.",
                )
        if style.fill is None or style.fill_opacity != 1:
            return
        is_large = size >= (_LARGE_BOLD if style.weight >= _BOLD else _LARGE)
        least = _READABLE_LARGE if is_large else READABLE
        ratio = contrast(style.fill, self._ground(box))
        with self.at(node.source, node.line):
            if ratio < least:
                raise node.error(
                    f"the contrast of a text to its ground is {ratio:.2f}:1",
                    f"Make it {least:g}:1 at least (WCAG 2.2, 1.4.3); the filter readable "
                    "darkens a colour just as far.",
                )

    def _check_place(self, node: Node, box: Box, what: str) -> None:
        """Tell what stands off the page, or over its edge."""
        if self._page is None:
            return
        left, bottom, right, top = box
        _, _, wide, high = self._page
        with self.at(node.source, node.line):
            if left < 0 or bottom < 0 or right > wide or top > high:
                where = "over the edge of"
                if right <= 0 or top <= 0 or left >= wide or bottom >= high:
                    where = "outside of"
                raise node.error(
                    f"{what} stands {where} the page",
                    f"The page is {wide:.0f} x {high:.0f} points: change where it stands, in x, y "
                    "or a transform, or its size.",
                )

    def _ground(self, box: Box) -> RGB:
        """Return the colour that was painted last below the middle of a box."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for (left, bottom, right, top), colour in reversed(self._grounds):
            if left <= x <= right and bottom <= y <= top:
                return colour
        return WHITE

    def _try_samples(self, node: Node, format_: Format, setter: TextSetter) -> list[Ink | None]:
        """Set a bound text for each page; return how it stands there, None where it is empty."""
        write = self._vocabulary.writer(format_)
        inks: list[Ink | None] = []
        for page in self._pages:
            inks.append(None)
            with self.at(node.source, node.line):
                text = write(page)
                if not text:
                    continue
                try:
                    found = setter.set(text)
                except NoRoomError:
                    raise node.error(
                        f"{text!r} would have no room",
                        "Widen data-width, allow more data-lines and data-height, or a smaller "
                        "data-min-size.",
                    ) from None
                except MissingGlyphError as missing:
                    raise node.error(f"in {text!r}, {missing}", "Add a font that has it.") from None
                box = placed(node.matrix, found.box)
                size = node.style.size * scale_of(node)
                inks[-1] = Ink(shown(text), _widened(box, size / 2), setter.letters(text))
                self._check_place(node, box, "a text")
        return inks


def _pages(variant: AnyVariant, samples: Sequence[Record]) -> Sequence[Page]:
    """Return the pages of one kind that must have room for the samples."""
    if isinstance(variant, DetailVariant):
        return [DetailPage(record, (), 2, 2) for record in samples]
    if isinstance(variant, Variant):
        return samples
    # A full page of each sample is tried, and one of several centres and days.
    mixed = [*islice(cycle(samples), variant.rows)]
    classes = (mixed, *([record] * variant.rows for record in samples))
    pagination = Pagination(rows=variant.rows, attestations=False)
    return [page for people in classes for leaf in pagination.leaves(people) for page in leaf]


def _widened(box: Box, by: float) -> Box:
    """Return a box that is larger on each side; half a font size more holds the ink of letters."""
    left, bottom, right, top = box
    return left - by, bottom - by, right + by, top + by
