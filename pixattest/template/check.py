"""Template + issuer + framework → everything that is wrong with it, each with its line.

Beside what keeps a template from being compiled: text that is hard to read on its ground, that has
no room for a long record, or stands off the page; and a QR code that would be refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

from pixattest.errors import TemplateError
from pixattest.framework import Framework
from pixattest.issuer import Issuer
from pixattest.pagination import Detail, Page, Pagination
from pixattest.pdf.fonts import MissingGlyphError
from pixattest.qr import QrEncoder
from pixattest.record import Record
from pixattest.template.colour import READABLE, RGB, WHITE, contrast
from pixattest.template.compile import compile_template
from pixattest.template.faces import library_for
from pixattest.template.folder import COVER, drawings, first_page
from pixattest.template.geometry import Box, placed
from pixattest.template.labels import languages_of, read_labels
from pixattest.template.plate import AnyVariant, DetailVariant, QrSlot, RollVariant, Variant
from pixattest.template.slots import Format, Vocabulary
from pixattest.template.svg import Findings, Node, most_rows, scale_of
from pixattest.template.text import NoRoomError, TextSetter

_LARGE, _LARGE_BOLD, _READABLE_LARGE = 18.0, 14.0, 3.0
"""Points from which a text is large, and its contrast at least then (WCAG 2.2, 1.4.3)."""

_BOLD = 600
_SMALLEST = 5.0
"""Points of a text that can be read, at least."""

_IMAGES = re.compile(r"""data-image\s*=\s*["'](\w+)["']""")


def check_template(
    template: Path,
    *,
    issuer: Issuer,
    framework: Framework,
    languages: Iterable[str] | None,
    samples: Mapping[str, Record],
) -> list[TemplateError]:
    """Everything wrong with a template, in the order of its lines; nothing when it can be used.

    Args:
        template: path of the SVG, which is tried with its cover and, where it draws further pages,
            the first one; or of a folder: all drawings in it.
        issuer: who attests.
        framework: whose competences are attested.
        languages: in which it is to be printed; None: in all it can be.
        samples: records that must have room.

    Raises:
        TemplateError: a language has no labels, a font can't be used, or a cover does not say how
            many people it has room for.
        IssuerError: a font or image of the issuer can't be used.
    """
    folder = template if template.is_dir() else template.parent
    library = library_for(folder / COVER, issuer)
    found: dict[tuple[str, int | None, str], TemplateError] = {}

    def take(errors: Iterable[TemplateError], drawing: Path) -> None:
        for error in errors:
            error.source = error.source or drawing.name
            found.setdefault((error.source, error.line, error.problem), error)

    for drawing in drawings(folder) if template.is_dir() else _drawings(template):
        try:
            kinds = list(_kinds(drawing, framework))
            spoken = languages or languages_for(drawing, framework)
        except TemplateError as error:
            take([error], drawing)
            continue
        if template.is_dir() and isinstance(kinds[0], DetailVariant):
            # Where levels are not told of, the other drawings can be used without this one.
            spoken = [language for language in spoken if framework.describes(language)]
        for language, variant in product(spoken, kinds):
            inspector = _Inspector(drawing, language, variant, issuer, framework, samples)
            try:
                compile_template(
                    drawing,
                    variant,
                    issuer=issuer,
                    framework=framework,
                    language=language,
                    library=library,
                    findings=inspector,
                )
            except TemplateError as last:
                inspector.errors.append(last)
            take(inspector.errors, drawing)
    return sorted(found.values(), key=lambda error: (error.source or "", error.line or 0))


def languages_for(template: Path, framework: Framework) -> list[str]:
    """The languages that a template has; of one that tells what levels mean, those it can be in."""
    languages = languages_of(template.parent)
    told = [language for language in languages if framework.describes(language)]
    return told if told and first_page(template) != template else languages


def _drawings(template: Path) -> list[Path]:
    """The drawings that a template uses."""
    cover = template.parent / COVER
    used = (first_page(template), template, *([cover] if cover.is_file() else []))
    return list(dict.fromkeys(used))


def _kinds(drawing: Path, framework: Framework) -> Iterator[AnyVariant]:
    """Every kind of page of a drawing that may differ in what it draws."""
    if drawing.name == COVER:
        for rows in {1, most_rows(drawing)}:
            yield RollVariant(rows, specimen=rows == 1)
    elif first_page(drawing) != drawing:
        for max_level in {1, framework.usual_max_level, framework.levels}:
            yield DetailVariant(max_level, specimen=max_level == 1)
    else:
        is_signed = _has_signature(drawing)
        # Each two of four things are there together, apart, and not at all.
        for missing in range(5):
            whole, sealed, signed, high = (missing not in (number, 4) for number in range(4))
            yield Variant(
                max_level=framework.levels if high else 1,
                score=whole and framework.score is not None,
                birth_place=whole,
                years=3,
                recognition=whole,
                specimen=not whole,
                sealed=sealed,
                signed=signed and is_signed,
            )


def _has_signature(drawing: Path) -> bool:
    """Whether a drawing has a place for a signature; one without is not there to be signed."""
    return "signature" in _IMAGES.findall(drawing.read_text(encoding="utf-8", errors="replace"))


def _pages(variant: AnyVariant, samples: Sequence[Record]) -> Sequence[Page]:
    """Pages of one kind that must have room."""
    if isinstance(variant, DetailVariant):
        return [Detail(record, (), 2, 2) for record in samples]
    if isinstance(variant, Variant):
        return samples
    # Of each sample a class, and one of several centres and days, as far as a page has room.
    mixed = [*islice(cycle(samples), variant.rows)]
    classes = (mixed, *([record] * variant.rows for record in samples))
    pagination = Pagination(rows=variant.rows, attestations=False)
    return [roll for people in classes for leaf in pagination.leaves(people) for roll in leaf]


class _Inspector(Findings):
    """Looks at every text while a template is compiled."""

    def __init__(
        self,
        template: Path,
        language: str,
        variant: AnyVariant,
        issuer: Issuer,
        framework: Framework,
        samples: Mapping[str, Record],
    ) -> None:
        super().__init__(gather=True)
        calendar = read_labels(template.parent, language).calendar(language)
        self._vocabulary: Vocabulary[Any] = variant.vocabulary(
            framework, language, calendar, issuer
        )
        self._pages = _pages(variant, [*samples.values()])
        self._grounds: list[tuple[Box, RGB]] = []
        self._page: Box | None = None
        self._sealed = isinstance(variant, Variant) and variant.sealed

    def see_page(self, box: Box) -> None:
        """Remember what all must stand on."""
        self._page = box

    def see_shape(self, node: Node, box: Box) -> None:
        """Remember what texts may stand on."""
        style = node.style
        out = style.stroke_width * scale_of(node) / 2 if style.stroke is not None else 0
        left, bottom, right, top = box
        wide = (left - out, bottom - out, right + out, top + out)
        if style.fill is not None and style.fill_opacity == 1:
            self._grounds.append((wide, style.fill))
        elif (
            style.stroke is not None
            and style.stroke_opacity == 1
            and min(right - left, top - bottom) == 0
        ):
            self._grounds.append((wide, style.stroke))

    def see_text(self, node: Node, box: Box, format_: Format | None, setter: TextSetter) -> None:
        """Whether a text can be read, and has room for every sample."""
        style, size = node.style, node.style.size * scale_of(node)
        with self.at(node.source, node.line):
            if size < _SMALLEST:
                raise node.error(
                    f"a text of {size:.3g} points is too small to be read",
                    f"Give it {_SMALLEST:g} points at least.",
                )
        large = size >= (_LARGE_BOLD if style.weight >= _BOLD else _LARGE)
        least = _READABLE_LARGE if large else READABLE
        if style.fill is not None and style.fill_opacity == 1:  # else it is a watermark
            ratio = contrast(style.fill, self._ground(box))
            with self.at(node.source, node.line):
                if ratio < least:
                    raise node.error(
                        f"the contrast of a text to its ground is {ratio:.2f}:1",
                        f"Make it {least:g}:1 at least (WCAG 2.2, 1.4.3); the filter readable "
                        "darkens a colour just as far.",
                    )
        if format_ is None:
            self._place(node, box, "a text")
        else:
            self._try(node, format_, setter)

    def see_image(self, node: Node, box: Box) -> None:
        """Whether an image is there to be seen."""
        self._place(node, box, "an image")

    def see_qr(self, node: Node, slot: QrSlot) -> None:
        """Whether the QR code of every sample can be printed; a seal makes it larger only."""
        read = self._vocabulary.reader("qr_address")
        for length in {len(read(page).encode()) for page in self._pages if not self._sealed}:
            with self.at(node.source, node.line):
                slot.refuse_small(QrEncoder(bytes(length)).size, length)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Blocks are drawn in one place, and stand in others."""
        before = self._grounds[:], self._page
        self._page = None
        yield
        self._grounds, self._page = before

    def _place(self, node: Node, box: Box, what: str) -> None:
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
        """The colour that was painted last below the middle of a box."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for (left, bottom, right, top), colour in reversed(self._grounds):
            if left <= x <= right and bottom <= y <= top:
                return colour
        return WHITE

    def _try(self, node: Node, format_: Format, setter: TextSetter) -> None:
        write = self._vocabulary.writer(format_)
        for page in self._pages:
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
                self._place(node, placed(node.matrix, found.box), "a text")
