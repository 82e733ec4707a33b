"""A template file + what is known before any record → SVG text, each tag with its place.

Jinja2 runs in a sandbox: it reaches no file outside the template's folder, no inside of Python, and
makes nothing huge.
"""

from __future__ import annotations

import html
import re
import traceback
from collections.abc import Callable, Iterator, Sized
from pathlib import Path
from typing import Any, NoReturn

import jinja2
import msgspec
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pixattest.errors import IssuerError, TemplateError, did_you_mean
from pixattest.model.framework import Framework, name_in
from pixattest.model.issuer import Issuer, text_of
from pixattest.pdf.images import ImageError, proportion
from pixattest.template import colour
from pixattest.template.findings import Findings, standing
from pixattest.template.folder import inside
from pixattest.template.labels import Labels, known_words, labels_file, missing_word
from pixattest.template.lines import number_lines
from pixattest.template.plate import AnyVariant

_LARGEST = 10_000
"""The most bits of a number, or items of a sequence, that a template may make by * or **."""

_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
"""Matches an expression of Jinja2, in which editors write `&gt;` for `>` as it stands in XML."""


class _Sandbox(ImmutableSandboxedEnvironment):
    """The environment of Jinja2; it makes nothing huge by * or **."""

    intercepted_binops = frozenset({"*", "**"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if _result_size(operator, left, right) > _LARGEST:
            raise SecurityError(f"{operator} would make too large a value")
        return super().call_binop(context, operator, left, right)


class _Words(dict[str, str]):
    """The words of a language, which know the file that they are from."""

    def __init__(self, labels: Labels, language: str) -> None:
        super().__init__(labels.words)
        self._file = labels_file(language)


class _Unknown(jinja2.Undefined):
    """A name that is not known; the error for a word says which file lacks it."""

    @property
    def _undefined_message(self) -> str:
        if isinstance(self._undefined_obj, _Words):
            return f"{self._undefined_obj._file} has no word {self._undefined_name!r}"
        return super()._undefined_message


class _Refused(_Unknown, jinja2.StrictUndefined):
    """An unknown name that ends the reading."""


class _Passed(_Unknown, jinja2.ChainableUndefined):
    """An unknown name that is noted where it is used, and passed over."""

    note: Callable[[jinja2.UndefinedError], None]

    def _pass(self) -> str:
        self.note(jinja2.UndefinedError(self._undefined_message))
        return ""

    def __str__(self) -> str:
        return self._pass()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pass())

    def __bool__(self) -> bool:
        return bool(self._pass())


def _result_size(operator: str, left: object, right: object) -> int:
    """Return how large the result of * or ** would be: bits of a number, or items."""
    match operator, left, right:
        case "**", int(), int():
            return left.bit_length() * right
        case "*", int(), int():
            return left.bit_length() + right.bit_length()
        case ("*", Sized() as items, int(times)) | ("*", int(times), Sized() as items):
            return len(items) * times
    return 0


def fill(path: Path, known: dict[str, Any], findings: Findings) -> str:
    """Fill in a template's Jinja2.

    Args:
        path: the template, its links resolved.
        known: what its expressions may name.
        findings: where errors are gathered, unknown names are noted and passed over.

    Raises:
        TemplateError: the template can't be read or filled in; `source` is set where the fault is
            in another file.
    """
    read: set[str] = set()

    def load(name: str) -> tuple[str, str, None] | None:
        file = inside(path.parent, name)
        if not file.is_file():
            return None
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as reason:
            raise TemplateError(f"can't be read: {reason}", source=name) from None
        read.add(name)  # Jinja2 puts the name into tracebacks
        text = _EXPRESSION.sub(lambda found: html.unescape(found[0]), text)
        return number_lines(text, "" if name == path.name else name), name, None

    environment = _environment(load)

    def refuse_at(source: str | None, line: int, reason: Exception) -> NoReturn:
        with standing(None if source == path.name else source, line):
            raise _refusal(reason, known, path.parent) from None

    def note(reason: jinja2.UndefinedError) -> None:
        try:
            refuse_at(*_place_now(), reason)
        except TemplateError as error:
            findings.errors.append(error)

    if findings.gather:
        environment.undefined = type("_Noted", (_Passed,), {"note": staticmethod(note)})
    try:
        return environment.get_template(path.name).render(known)
    except Exception as reason:  # expressions may raise anything
        refuse_at(*_place(reason, read), reason)


def _environment(load: Callable[[str], tuple[str, str, None] | None]) -> _Sandbox:
    """Return an environment in which statements stand in comments: a template is SVG as it is."""
    environment = _Sandbox(
        block_start_string="<!--{%",
        block_end_string="%}-->",
        comment_start_string="<!--{#",
        comment_end_string="#}-->",
        loader=jinja2.FunctionLoader(load),
        autoescape=True,
        undefined=_Refused,
        keep_trailing_newline=True,
    )
    environment.filters |= {"columns": _columns, "readable": colour.readable, "tint": colour.tint}
    environment.globals["refuse"] = _refuse
    return environment


def _columns(domains: list[dict[str, Any]], most: int) -> list[list[dict[str, Any]]]:
    """Put domains, in their order, into columns that are as low as they can be.

    Args:
        domains: none of them is parted.
        most: how many columns there may be.
    """
    heights = [domain["rows"] + 1 for domain in domains]  # a heading is as high as a row
    for tallest in range(max(heights), sum(heights) + 1):
        columns: list[list[dict[str, Any]]] = []
        room = 0
        for domain, high in zip(domains, heights, strict=True):
            if room < high:
                columns.append([])
                room = tallest
            columns[-1].append(domain)
            room -= high
        if len(columns) <= most:
            return columns
    return [domains]


def _refuse(problem: str, hint: str) -> None:
    """Refuse to draw a page; templates call it.

    Raises:
        TemplateError: always.
    """
    raise TemplateError(problem, hint=hint)


def _place(reason: Exception, read: set[str]) -> tuple[str | None, int]:
    """Return the file, of those that were read, and the line that an error comes from."""
    if isinstance(reason, jinja2.TemplateSyntaxError):
        return reason.name, reason.lineno
    places = [
        (frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(reason.__traceback__)
    ]
    return next((place for place in reversed(places) if place[0] in read), (None, 0))


def _place_now() -> tuple[str | None, int]:
    """Return the file and line that are being filled in now."""
    for frame, line in traceback.walk_stack(None):
        template = frame.f_globals.get("__jinja_template__")
        if template:
            return template.name, template.get_corresponding_lineno(line)
    return None, 0


def _refusal(reason: Exception, known: dict[str, Any], folder: Path) -> TemplateError:
    """Make the error for whatever Jinja2 raised."""
    if isinstance(reason, TemplateError):
        return reason
    said, hint = str(reason).rstrip(".") or type(reason).__name__, None
    if isinstance(reason, jinja2.UndefinedError):
        name = re.search(r"'(\w+)'(?: is undefined)?$", said)
        if name and " has no word " in said:
            words = known_words(folder)
            if name[1] in words:  # the drawing is right then, and the labels lack it
                return missing_word(folder, known["language"], name[1])
            hint = did_you_mean(name[1], words) or "Add it to [words] there."
        elif name:
            hint = did_you_mean(name[1], _names(known))
    elif isinstance(reason, jinja2.TemplateNotFound):
        said, hint = f"there is no file {said!r}", "Name one of the template's folder."
    elif isinstance(reason, RecursionError):
        hint = "No file may include itself."
    return TemplateError(f"Jinja2: {said}", hint=hint)


def _names(known: object) -> Iterator[str]:
    """Yield every name that an expression may hold."""
    if isinstance(known, msgspec.Struct):
        yield from known.__struct_fields__
    elif isinstance(known, dict):
        yield from known
        for value in known.values():
            yield from _names(value)
    elif isinstance(known, list):
        for value in known[:1]:
            yield from _names(value)


def known_before(
    labels: Labels,
    variant: AnyVariant,
    issuer: Issuer,
    framework: Framework,
    language: str,
) -> dict[str, Any]:
    """Return what a template may name: all that is known before any record.

    Raises:
        IssuerError: the issuer's logo can't be used.
    """
    return {
        "language": language,
        "label": _Words(labels, language),
        "variant": variant,
        "framework": _known_of_framework(framework, language),
        "issuer": _known_of_issuer(issuer, language),
    }


def _known_of_framework(framework: Framework, language: str) -> dict[str, Any]:
    """Return what a template may name of the framework."""
    numbers = [domain.number for domain in framework.domains]
    return {
        "name": name_in(framework.name, language),
        "levels": framework.levels,
        "named": framework.level_names is not None,
        "level_length": max(map(len, framework.names_of_levels(language))),
        "number_length": max(map(len, (*framework.competences, *numbers))),
        "described": framework.describes(language),
        "credit": name_in(framework.credit, language) if framework.credit else "",
        "rows": len(framework.competences),
        "fields": {key: name_in(own.name, language) for key, own in framework.fields.items()},
        "domains": [
            {
                "number": domain.number,
                "name": name_in(domain.name, language),
                "colour": domain.colour,
                "rows": len(domain.competences),
                "competences": [
                    {
                        "number": competence.number,
                        "name": name_in(competence.name, language),
                        "levels": _described(framework, competence.number, language),
                    }
                    for competence in domain.competences
                ],
            }
            for domain in framework.domains
        ],
    }


def _known_of_issuer(issuer: Issuer, language: str) -> dict[str, Any]:
    """Return what a template may name of the issuer."""
    recognition, title = issuer.recognition, issuer.signature.title
    return {
        "name": issuer.name,
        "wordmark": issuer.wordmark.text,
        "logo": _logo(issuer),
        "signature_title": text_of(issuer, "signature.title", title, language),
        "signature_image": issuer.signature.image is not None,
        "verification_shown": issuer.verification.shown,
        "verification_url": issuer.verification.url,
        "recognition": text_of(issuer, "recognition.text", recognition.text, language)
        if recognition
        else "",
        "notice": text_of(issuer, "notice", issuer.notice, language) if issuer.notice else "",
    }


def _logo(issuer: Issuer) -> float:
    """Return the width of the issuer's logo over its height; 0 where there is none."""
    if issuer.wordmark.logo is None:
        return 0
    path = Path(issuer.wordmark.logo)
    try:
        return proportion(path)
    except ImageError as reason:
        raise IssuerError(
            f"the image {path.name} {reason}", source=issuer.source, hint=reason.hint
        ) from None


def _described(framework: Framework, number: str, language: str) -> list[dict[str, Any]]:
    """Return how each level of a competence is called and described; none where it is not."""
    if not framework.describes(language):
        return []
    found = []
    for level, name in enumerate(framework.names_of_levels(language), 1):
        band, text = framework.description(number, level, language)
        found.append({"level": level, "name": name, "band": band, "text": text})
    return found
