"""Template + issuer + framework → everything that is wrong with it, each with its line.

Beside what keeps a template from being compiled, that is text that is hard to read on its ground,
has no room for a long record, or stands on another text or off the page; a QR code that would be
refused, or is covered; and a page without the person's name, or anything to verify it by. Each
drawing is compiled as every kind of page, in every language, and inspected meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import product
from pathlib import Path

from pixattest.errors import TemplateError
from pixattest.model.framework import Framework
from pixattest.model.issuer import Issuer, speaks
from pixattest.model.record import Record
from pixattest.template.compile import compile_template
from pixattest.template.faces import FontLibrary, library_for
from pixattest.template.folder import COVER, drawings, first_page
from pixattest.template.inspection import Inspector
from pixattest.template.labels import languages_of, stray_words
from pixattest.template.overlaps import Overlaps
from pixattest.template.plate import AnyVariant, CoverVariant, DetailVariant, Plate, Variant
from pixattest.template.sealed import QR_CODE, fields_shown
from pixattest.template.svg import most_rows

_IMAGES = re.compile(r"""data-image\s*=\s*["'](\w+)["']""")
"""Matches how a drawing names an image of the issuer."""


def check_template(
    template: Path,
    *,
    issuer: Issuer,
    framework: Framework,
    languages: Iterable[str] | None,
    samples: Mapping[str, Record],
) -> list[TemplateError]:
    """Find everything wrong with a template; nothing is found where it can be used.

    Args:
        template: an SVG, which is tried with its cover and, where it draws further pages, with the
            first one; or a folder, of which all drawings are tried.
        issuer: who attests.
        framework: the competences that are attested.
        languages: the languages in which it is to be printed; None for all in which it can be
            (`languages_for`).
        samples: the records that must have room, by their names.

    Returns:
        The errors, in the order of their files and lines.

    Raises:
        TemplateError: a language has no labels, a font can't be used, or a cover does not say how
            many people it has room for.
        IssuerError: a font or image of the issuer can't be used.
    """
    is_folder = template.is_dir()
    folder = template if is_folder else template.parent
    library = library_for(folder / COVER, issuer)
    found: dict[tuple[str, int | None, str], TemplateError] = {}
    for drawing in drawings(folder) if is_folder else _used_by(template):
        try:
            kinds = list(_kinds(drawing, framework))
            spoken = list(languages or languages_for(drawing, issuer, framework)[0])
            if is_folder and isinstance(kinds[0], DetailVariant):
                # Where levels are not described, the other drawings can be used without this one.
                spoken = [language for language in spoken if framework.describes(language)]
        except TemplateError as fault:
            errors = [fault]
        else:
            errors = _check_drawing(drawing, kinds, spoken, issuer, framework, library, samples)
        for error in errors:
            error.source = error.source or drawing.name
            found.setdefault((error.source, error.line, error.problem), error)
    return sorted(found.values(), key=lambda error: (error.source or "", error.line or 0))


def _check_drawing(
    drawing: Path,
    kinds: Iterable[AnyVariant],
    languages: Iterable[str],
    issuer: Issuer,
    framework: Framework,
    library: FontLibrary,
    samples: Mapping[str, Record],
) -> list[TemplateError]:
    """Find everything wrong with a drawing, as each kind of page and in each language."""
    errors = list(library.shown_otherwise(drawing))
    for language in languages:
        errors.extend(stray_words(drawing.parent, language))
    overlaps: Overlaps = {}
    for language, variant in product(languages, kinds):
        inspector = Inspector(drawing, language, variant, issuer, framework, samples, overlaps)
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
        errors.extend(inspector.errors)
    return [*errors, *(error for _, error in overlaps.values())]


def languages_for(
    template: Path, issuer: Issuer, framework: Framework
) -> tuple[list[str], dict[str, list[str]]]:
    """Find the languages that a template can be printed in, and say why not in others it has.

    Args:
        template: an SVG, or a folder.
        issuer: who attests.
        framework: the competences that are attested.

    Returns:
        The languages; and those that are left out though there are labels, by the reason.

    Raises:
        TemplateError: there is no such language.
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


def _used_by(template: Path) -> list[Path]:
    """Return the drawings that a template uses."""
    cover = template.parent / COVER
    used = (first_page(template), template, *([cover] if cover.is_file() else []))
    return list(dict.fromkeys(used))


def _kinds(drawing: Path, framework: Framework) -> Iterator[AnyVariant]:
    """Yield every kind of page that may differ in what a drawing draws for it."""
    if drawing.name == COVER:
        for rows in {1, most_rows(drawing)}:
            yield CoverVariant(rows, specimen=rows == 1)
    elif first_page(drawing) != drawing:
        for max_level in {1, framework.usual_max_level, framework.levels}:
            yield DetailVariant(max_level, specimen=max_level == 1)
    else:
        is_signed = _has_signature(drawing)
        # Any two of four things are there together, one of them alone, and neither.
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
    """Yield an error for what every first page must show and this one does not."""
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
    """Say whether a drawing has a place for a signature; others are not tried signed."""
    return "signature" in _IMAGES.findall(drawing.read_text(encoding="utf-8", errors="replace"))
