"""Template + issuer + framework → everything that is wrong with it, each with its line.

Beside what keeps a template from being compiled: text that is hard to read on its ground, and
text that has no room for a long record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from pixattest.errors import TemplateError
from pixattest.framework import Framework
from pixattest.issuer import Issuer
from pixattest.pagination import Detail, Page, Pagination
from pixattest.pdf.fonts import MissingGlyphError
from pixattest.record import Record
from pixattest.template.colour import READABLE, RGB, WHITE, contrast
from pixattest.template.compile import compile_template
from pixattest.template.faces import library_for
from pixattest.template.folder import COVER, first_page
from pixattest.template.geometry import Box
from pixattest.template.labels import languages_of, read_labels
from pixattest.template.plate import AnyVariant, DetailVariant, RollVariant, Variant
from pixattest.template.slots import Format, Vocabulary
from pixattest.template.svg import Findings, Node, most_rows, scale_of
from pixattest.template.text import NoRoomError, TextSetter

_LARGE, _LARGE_BOLD, _READABLE_LARGE = 18.0, 14.0, 3.0
"""Points from which a text is large, and its contrast at least then (WCAG 2.2, 1.4.3)."""

_BOLD = 600
_SMALLEST = 5.0
"""Points of a text that can be read, at least."""


def check_template(
    template: Path,
    *,
    issuer: Issuer,
    framework: Framework,
    languages: Iterable[str],
    samples: Mapping[str, Record],
) -> list[TemplateError]:
    """Everything wrong with a template, in the order of its lines; nothing when it can be used.

    Args:
        template: path of the SVG.
        issuer: who attests.
        framework: whose competences are attested.
        languages: in which it is to be printed.
        samples: records that must have room.

    Raises:
        TemplateError: a language has no labels, a font can't be used, or a cover does not say how
            many people it has room for.
        IssuerError: a font or image of the issuer can't be used.
    """
    library = library_for(template, issuer)
    found: dict[tuple[str, int | None, str], TemplateError] = {}
    drawings = _drawings(template, framework)
    for language, (drawing, variant) in product(languages, drawings):
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
        for error in inspector.errors:
            error.source = error.source or drawing.name
            found.setdefault((error.source, error.line, error.problem), error)
    return sorted(found.values(), key=lambda error: (error.source or "", error.line or 0))


def languages_for(template: Path, framework: Framework) -> list[str]:
    """The languages that a template has; of one that tells what levels mean, those it can be in."""
    languages = languages_of(template.parent)
    told = [language for language in languages if framework.describes(language)]
    return told if told and first_page(template) != template else languages


def _drawings(template: Path, framework: Framework) -> list[tuple[Path, AnyVariant]]:
    """The drawings of a template, with every kind of page that they are for."""
    first, cover = first_page(template), template.parent / COVER
    found: list[tuple[Path, AnyVariant]] = [(first, variant) for variant in _variants(framework)]
    if cover.is_file():
        found.append((cover, RollVariant(most_rows(cover), specimen=False)))
    if first != template:
        for max_level in {1, framework.usual_max_level, framework.levels}:
            found.append((template, DetailVariant(max_level, specimen=max_level == 1)))
    return found


def _variants(framework: Framework) -> Iterator[Variant]:
    """Every kind of page that may differ in what it draws."""
    for whole, max_level in product((True, False), {1, framework.levels}):
        yield Variant(
            max_level=max_level,
            score=whole and framework.score is not None,
            birth_place=whole,
            years=3,
            recognition=whole,
            specimen=not whole,
            sealed=whole,
        )


def _page_of(variant: AnyVariant, record: Record) -> Page:
    """A page of the kind that tells of a record; a cover is full of it."""
    match variant:
        case RollVariant(rows=rows):
            [(roll,)] = Pagination(rows=rows, attestations=False).leaves([record] * rows)
            return roll
        case DetailVariant():
            return Detail(record, (), 2, 2)
        case Variant():
            return record


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
        self._samples = [_page_of(variant, record) for record in samples.values()]
        self._grounds: list[tuple[Box, RGB]] = []

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
        if format_ is not None:
            self._try(node, format_, setter)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Blocks are drawn in one place, and stand in others."""
        grounds = self._grounds[:]
        yield
        self._grounds = grounds

    def _ground(self, box: Box) -> RGB:
        """The colour that was painted last below the middle of a box."""
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for (left, bottom, right, top), colour in reversed(self._grounds):
            if left <= x <= right and bottom <= y <= top:
                return colour
        return WHITE

    def _try(self, node: Node, format_: Format, setter: TextSetter) -> None:
        write = self._vocabulary.writer(format_)
        for sample in self._samples:
            with self.at(node.source, node.line):
                text = write(sample)
                if not text:
                    continue
                try:
                    setter.set(text)
                except NoRoomError:
                    raise node.error(
                        f"{text!r} would have no room",
                        "Widen data-width, allow more data-lines and data-height, or a smaller "
                        "data-min-size.",
                    ) from None
                except MissingGlyphError as missing:
                    raise node.error(f"in {text!r}, {missing}", "Add a font that has it.") from None
