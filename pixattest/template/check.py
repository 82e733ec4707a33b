"""Template + issuer + framework → everything that is wrong with it, each with its line.

Beside what keeps a template from being compiled: text that is hard to read on its ground, that has
no room for a long record, stands on another text or off the page; a QR code that would be refused,
or is covered; and a page without the person's name, or anything to verify it by.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any, NamedTuple

from pixattest.errors import TemplateError, shown
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer, speaks
from pixattest.model.pagination import DetailPage, Page, Pagination
from pixattest.model.record import Record
from pixattest.pdf.fonts import MissingGlyphError
from pixattest.pdf.qr import QrEncoder
from pixattest.template.colour import READABLE, RGB, WHITE, contrast
from pixattest.template.compile import compile_template
from pixattest.template.faces import library_for
from pixattest.template.folder import COVER, drawings, first_page
from pixattest.template.geometry import (
    Box,
    Outline,
    around,
    around_points,
    corners,
    overlap,
    placed,
)
from pixattest.template.labels import languages_of, read_labels, stray_words
from pixattest.template.plate import (
    AnyVariant,
    CoverVariant,
    DetailVariant,
    Plate,
    QrSlot,
    Variant,
)
from pixattest.template.sealed import QR_CODE, fields_shown
from pixattest.template.slots import Format, Vocabulary
from pixattest.template.svg import Findings, Node, most_rows, scale_of
from pixattest.template.text import NoRoomError, TextSetter

_LARGE, _LARGE_BOLD, _READABLE_LARGE = 18.0, 14.0, 3.0
"""Points from which a text is large, and its contrast at least then (WCAG 2.2, 1.4.3)."""

_BOLD = 600
_SMALLEST = 5.0
"""Points of a text that can be read, at least."""

_TOUCH = 0.08
"""Of the smaller font size: by so much, letters of two texts may reach into each other."""

_PLAIN = ("rect", "circle", "ellipse", "line")
"""Shapes that are where their box is."""

_MOVES = ("x", "y")
"""Attributes of a part of a text that does not go on where the one before ends."""

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
        languages: in which it is to be printed; None: in all it can be (`languages_for`).
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
            spoken = languages or languages_for(drawing, issuer, framework)[0]
        except TemplateError as error:
            take([error], drawing)
            continue
        if template.is_dir() and isinstance(kinds[0], DetailVariant):
            # Where levels are not told of, the other drawings can be used without this one.
            spoken = [language for language in spoken if framework.describes(language)]
        covered: _Covered = {}
        take(library.shown_otherwise(drawing), drawing)
        for language in spoken:
            take(stray_words(folder, language), drawing)
        for language, variant in product(spoken, kinds):
            inspector = _Inspector(drawing, language, variant, issuer, framework, samples, covered)
            try:
                plate = compile_template(
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
            else:
                if isinstance(variant, Variant) and not inspector.errors:
                    inspector.errors.extend(_find_unsaid(plate))
            take(inspector.errors, drawing)
        take((error for _, error in covered.values()), drawing)
    return sorted(found.values(), key=lambda error: (error.source or "", error.line or 0))


def languages_for(
    template: Path, issuer: Issuer, framework: Framework
) -> tuple[list[str], dict[str, list[str]]]:
    """The languages that a template can be printed in, and others that it has words in, by why not.

    Args:
        template: path of the SVG, or of a folder.
        issuer: who attests.
        framework: whose competences are attested.

    Raises:
        TemplateError: there is none.
    """
    folder = template if template.is_dir() else template.parent
    languages, left_out = languages_of(folder), {}
    for speaker, does in (
        ("the framework has no names", framework.speaks),
        ("the issuer has no texts", partial(speaks, issuer)),
    ):
        if silent := [language for language in languages if not does(language)]:
            left_out[f"{speaker} in {'them' if len(silent) > 1 else 'it'}"] = silent
        languages = [language for language in languages if language not in silent]
    if not languages:
        raise TemplateError(
            "the template, the framework and the issuer have no language in common",
            hint=f"The template has {', '.join(languages_of(folder)) or 'none'}: add labels for"
            " another, or names and texts in one of these.",
            source=folder.name,
        )
    if template.is_dir() or first_page(template) == template:
        return languages, left_out
    told = [language for language in languages if framework.describes(language)]
    if told and told != languages:
        silent = [language for language in languages if language not in told]
        left_out["the framework does not say there what levels mean"] = silent
    return told or languages, left_out


def _drawings(template: Path) -> list[Path]:
    """The drawings that a template uses."""
    cover = template.parent / COVER
    used = (first_page(template), template, *([cover] if cover.is_file() else []))
    return list(dict.fromkeys(used))


def _kinds(drawing: Path, framework: Framework) -> Iterator[AnyVariant]:
    """Every kind of page of a drawing that may differ in what it draws."""
    if drawing.name == COVER:
        for rows in {1, most_rows(drawing)}:
            yield CoverVariant(rows, specimen=rows == 1)
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


def _find_unsaid(plate: Plate) -> Iterator[TemplateError]:
    """What a first page must tell, whoever issues it, and does not; a seal asks for more."""
    shown = fields_shown(plate.ops)
    if shown.isdisjoint(("full_name", "first_name", "last_name")):
        yield TemplateError(
            "the page does not show whose it is",
            hint='Show the name: <text data-field="full_name" …>.',
        )
    if shown.isdisjoint(("verification_code", QR_CODE)):
        yield TemplateError(
            "the page shows neither the verification code nor the QR code: nobody could verify it",
            hint='Show <text data-field="verification_code" …> or '
            '<image data-field="qr_address" …>.',
        )


def _has_signature(drawing: Path) -> bool:
    """Whether a drawing has a place for a signature; one without is not there to be signed."""
    return "signature" in _IMAGES.findall(drawing.read_text(encoding="utf-8", errors="replace"))


def _pages(variant: AnyVariant, samples: Sequence[Record]) -> Sequence[Page]:
    """Pages of one kind that must have room."""
    if isinstance(variant, DetailVariant):
        return [DetailPage(record, (), 2, 2) for record in samples]
    if isinstance(variant, Variant):
        return samples
    # Of each sample a class, and one of several centres and days, as far as a page has room.
    mixed = [*islice(cycle(samples), variant.rows)]
    classes = (mixed, *([record] * variant.rows for record in samples))
    pagination = Pagination(rows=variant.rows, attestations=False)
    return [roll for people in classes for leaf in pagination.leaves(people) for roll in leaf]


_Covered = dict[tuple[object, ...], tuple[float, TemplateError]]
"""By the places of two things of which one stands on the other: by how much, at most; its error."""


class _Seen:
    """A text, or something else, as it stands on a page: what it is, and the outlines of its ink.

    Args:
        name: what it is called.
        box: around all its ink, and perhaps a bit more.
        letters: what gives the outlines.
    """

    def __init__(self, name: str, box: Box, letters: Iterable[Outline]) -> None:
        self.name = name
        self.box = box
        self._letters = letters

    @cached_property
    def letters(self) -> list[tuple[Outline, Box]]:
        """Each outline with the box around it."""
        return [(outline, around_points(outline)) for outline in self._letters]

    def shared(self, other: _Seen, least: float) -> Box | None:
        """The box around all in which letters of both reach that far into each other."""
        if not _meet(self.box, other.box):
            return None
        found = [
            (max(box[0], its[0]), max(box[1], its[1]), min(box[2], its[2]), min(box[3], its[3]))
            for outline, box in self.letters
            if _meet(box, other.box)
            for another, its in other.letters
            if _meet(box, its) and overlap(outline, another) > least
        ]
        return around(found) if found else None


class _Thing(NamedTuple):
    """What may stand on something else.

    Attributes:
        node: the element.
        kind: text, qr, cover or other.
        text: number of the text that it is a part of.
        box: around it on all pages.
        size: of its font, in points.
        seen: how it stands on each page; None where it does not.
    """

    node: Node
    kind: str
    text: int
    box: Box
    size: float
    seen: Sequence[_Seen | None]


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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
        covered: _Covered,
    ) -> None:
        super().__init__(gather=True)
        self._covered = covered
        self._names = () if isinstance(variant, CoverVariant) else tuple(samples)
        calendar = read_labels(template.parent, language).calendar(language)
        self._vocabulary: Vocabulary[Any] = variant.vocabulary(
            framework, language, calendar, issuer
        )
        self._pages = _pages(variant, [*samples.values()])
        self._grounds: list[tuple[Box, RGB]] = []
        self._page: Box | None = None
        self._sealed = isinstance(variant, Variant) and variant.sealed
        self._things: list[_Thing] = []
        self._texts = 0
        self._there = [True] * len(self._pages)

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
        if self._grounds and self._grounds[-1][0] is wide and node.tag in _PLAIN:
            round_ = node.tag in ("circle", "ellipse")
            outline = _ellipse(wide) if round_ else _corners(wide)
            self._see_cover(node, f"a <{node.tag}>", wide, outline)

    @contextmanager
    def when(self, field: str, present: bool, least: int | None) -> Iterator[None]:
        """Remember on which pages it is there."""
        before, test = self._there, self._vocabulary.test(field, least)
        self._there = [
            there and test(page) == present for there, page in zip(before, self._pages, strict=True)
        ]
        yield
        self._there = before

    def see_text(
        self, node: Node, box: Box, text: str | Format, setter: TextSetter, *, says: bool
    ) -> None:
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
        seen: list[_Seen | None]
        if isinstance(text, str):
            self._place(node, box, "a text")
            always = _Seen(shown(text), _widened(box, size), setter.letters(text))
            seen = [always] * len(self._pages)
        else:
            seen = self._try(node, text, setter)
        if node.tag == "text" or not node.attributes.keys().isdisjoint(_MOVES):
            self._texts += 1
        if style.fill_opacity == 1:
            self._see_thing(node, "text" if says else "other", size, seen)

    def see_image(self, node: Node, box: Box, *, says: bool) -> None:
        """Whether an image is there to be seen."""
        if says:
            self._place(node, box, "an image")

    def see_picture(self, node: Node, box: Box, *, opaque: bool) -> None:
        """Whether it hides anything; a signature is often drawn over words."""
        over_words = not opaque and node.attributes.get("data-image") == "signature"
        kind = "other" if over_words else "cover"
        self._see_cover(node, "an image", box, _corners(box), kind)

    def see_qr(self, node: Node, slot: QrSlot) -> None:
        """Whether the QR code of every sample can be printed; a seal makes it larger only."""
        code = corners(slot.matrix, (0, 0, 1, 1))
        always = _Seen("the QR code", around_points(code), [code])
        self._see_thing(node, "qr", math.inf, [always] * len(self._pages))
        read = self._vocabulary.reader("qr_address")
        for length in {len(read(page).encode()) for page in self._pages if not self._sealed}:
            with self.at(node.source, node.line):
                slot.refuse_small(QrEncoder(bytes(length)).size, length)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Blocks are drawn in one place, and stand in others."""
        before = self._grounds[:], self._page, self._things
        self._page, self._things = None, []
        yield
        self._grounds, self._page, self._things = before

    def _see_cover(
        self, node: Node, name: str, box: Box, outline: Outline, kind: str = "cover"
    ) -> None:
        """Something that hides what was drawn before it, and nothing that is drawn after."""
        always = _Seen(name, box, [outline])
        self._see_thing(node, kind, _SMALLEST, [always] * len(self._pages))

    def _see_thing(
        self, node: Node, kind: str, size: float, everywhere: Sequence[_Seen | None]
    ) -> None:
        """Hold something against all that is on the page already."""
        there = zip(everywhere, self._there, strict=True)
        seen = [one if is_there else None for one, is_there in there]
        boxes = [one.box for one in seen if one]
        if not boxes:
            return
        own = _Thing(node, kind, self._texts, around(boxes), size, seen)
        for thing in self._things:
            kinds = {kind, thing.kind}
            if kinds == {"text"} and thing.text == own.text:
                continue
            is_told = kinds in ({"text"}, {"text", "cover"}) or (len(kinds) == 2 and "qr" in kinds)
            if is_told and _meet(own.box, thing.box):
                self._compare(own, thing)
        if kind != "cover":
            self._things.append(own)

    def _compare(self, own: _Thing, other: _Thing) -> None:
        """Note where one thing stands on another, on the page on which it does so most."""
        least = _TOUCH * min(own.size, other.size)
        pages = [*zip(own.seen, other.seen, self._names or self._pages, strict=True)]
        both = [(one, another, page) for one, another, page in pages if one and another]
        known: dict[tuple[_Seen, _Seen], Box | None] = {}
        for one, another, _ in both:
            if (one, another) not in known:
                known[one, another] = one.shared(another, least)
        met = [(box, *pair) for pair in both if (box := known[pair[:2]])]
        if not met:
            return

        def extent(found: tuple[Box, _Seen, _Seen, object]) -> float:
            left, bottom, right, top = found[0]
            return (right - left) * (top - bottom)

        worst = max(met, key=extent)
        (left, bottom, right, top), one, another, page = worst
        key = own.node.source, own.node.line, other.node.source, other.node.line
        if key in self._covered and self._covered[key][0] >= extent(worst):
            return
        when = f", when the record is {page}" if self._names and len(met) < len(both) else ""
        if own.kind == "qr":  # what stands on it is to be told of
            own, other, one, another = other, own, another, one
        where = f"line {other.node.line}"
        if other.node.source != own.node.source:
            where = f"{other.node.source or 'the drawing'}, {where}"
        over = f"over {right - left:.1f} x {top - bottom:.1f} points{when}"
        if other.kind == "qr":
            error = own.node.error(
                f"{one.name} stands on the QR code of {where}, {over}: it can't be scanned",
                "Move one of them: the code and the margin in its picture need to stay free.",
            )
        else:
            error = own.node.error(
                f"{one.name} stands on {another.name} of {where}, {over}",
                "Move one of them, or draw it before the text."
                if own.kind == "cover"
                else "Move one of them, or give it less room (data-width).",
            )
        self._covered[key] = extent(worst), error

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

    def _try(self, node: Node, format_: Format, setter: TextSetter) -> list[_Seen | None]:
        """Whether a bound text has room, and how it stands on each page."""
        write = self._vocabulary.writer(format_)
        seen: list[_Seen | None] = []
        for page in self._pages:
            seen.append(None)
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
                seen[-1] = _Seen(shown(text), _widened(box, size), setter.letters(text))
                self._place(node, box, "a text")
        return seen


def _corners(box: Box) -> Outline:
    left, bottom, right, top = box
    return (left, bottom), (right, bottom), (right, top), (left, top)


def _ellipse(box: Box) -> Outline:
    """Of an ellipse in a box, as much as a figure of 24 corners holds."""
    left, bottom, right, top = box
    x, y, wide, high = (
        (left + right) / 2,
        (bottom + top) / 2,
        (right - left) / 2,
        (top - bottom) / 2,
    )
    turns = [n * math.tau / 24 for n in range(24)]
    return [(x + wide * math.cos(turn), y + high * math.sin(turn)) for turn in turns]


def _widened(box: Box, size: float) -> Box:
    """A box by usual ascent and descent, widened to hold the ink of any letter."""
    left, bottom, right, top = box
    return left - size / 2, bottom - size / 2, right + size / 2, top + size / 2
