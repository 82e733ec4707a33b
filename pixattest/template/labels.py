"""The file labels/<language>.toml of a template → the words of a language, and its calendar."""

# Annotations are not postponed here: as text, each would be compiled at every start.

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import msgspec

from pixattest.errors import IssuerError, TemplateError, did_you_mean
from pixattest.model import assets
from pixattest.model.issuer import Issuer, usual
from pixattest.model.settings import read_toml
from pixattest.template.folder import inside
from pixattest.template.slots import Calendar

_TOKEN = re.compile(r"'((?:[^']|'')+)'|('')|(d{1,2}|M{1,4}|y)(?![a-zA-Z])|([^a-zA-Z'])", re.DOTALL)
"""Matches a part of a date pattern (UTS 35, Date Format Patterns): quoted text, an apostrophe, a
field, or another character. Only those fields are matched that a pattern for a month can hold."""

_NAMED = re.compile(r"""\blabel(?:\.|\[["'])(\w+)""")
"""Matches how a drawing names a word."""

_COMPUTED = re.compile(r"""\blabel\s*(?:\[\s*[^"'\s]|\|)""")
"""Matches how a drawing names a word that is only known when the drawing is filled in."""

_MONTHS = range(1, 13)


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language.

    Attributes:
        date: how a date is written, as a Unicode CLDR date pattern.
        first_of_month: how the first of a month is written; None where it is as any other day.
        words: the words, by the names that the template gives them.
        years: numbers of years in words, by the numbers.
        no_class: what is written for the class of those who are in none.
    """

    date: str
    words: dict[str, str]
    years: dict[str, str]
    first_of_month: str | None = None
    no_class: str = "–"

    def calendar(self, language: str) -> Calendar:
        """Work out how the language writes dates and numbers.

        Raises:
            TemplateError: a date pattern lacks a part of the date, or has another part.
        """
        try:
            days = _months(self.date, "dMy", language)
            first_days = _months(self.first_of_month or self.date, "My", language)
            return Calendar(days, first_days, _thousands(language))
        except TemplateError as error:
            error.source = labels_file(language)
            raise

    def years_in_words(self, years: int) -> str:
        """Return a number of years in words.

        Raises:
            TemplateError: the labels do not have it.
        """
        if str(years) not in self.years:
            raise TemplateError(
                f"the labels do not say {years} years in words", hint=f'Add "{years}" to [years].'
            )
        return self.years[str(years)]


def languages_of(folder: Path) -> list[str]:
    """List the languages in which a template's folder has labels, sorted."""
    return sorted(path.stem for path in (folder / "labels").glob("*.toml"))


def language_for(issuer: Issuer, folder: Path, given: str | None = None) -> str:
    """Choose the language: the one that is given, else the issuer's, else French.

    Raises:
        IssuerError: the template's folder has no labels in the issuer's language.
    """
    if given is not None:
        return given
    language, languages = usual(issuer, "language"), languages_of(folder)
    if issuer.language and language not in languages:
        raise IssuerError(
            f"language is {language!r}, and the template in {folder} has no labels in it",
            source=issuer.source,
            hint=f"It has {', '.join(languages) or 'none'}; choose one of them, or add"
            f" labels/{language}.toml there.",
        )
    return language


def read_labels(folder: Path, language: str) -> Labels:
    """Read the labels of a language, from `labels/` beside a template.

    Raises:
        TemplateError: there are none, or they can't be read.
    """
    languages = languages_of(folder)
    if language not in languages:
        raise TemplateError(
            f"the template has no labels in the language {language!r}",
            hint=f"It has {', '.join(languages) or 'none'}; add labels/{language}.toml beside it.",
        )
    return read_toml(inside(folder, labels_file(language)), Labels, TemplateError)


def labels_file(language: str) -> str:
    """Return the path of a language's labels within the folder, as errors name it."""
    return f"labels/{language}.toml"


def known_words(folder: Path) -> set[str]:
    """Return the words that labels of a folder or of the shipped template have, in any language."""
    return {
        word
        for home in (folder, assets.TEMPLATES / "attestation")
        for language in languages_of(home)
        for word in read_labels(home, language).words
    }


def stray_words(folder: Path, language: str) -> Iterator[TemplateError]:
    """Yield an error for each word that no drawing names and the shipped template does not have.

    A misspelt word is left out here: the error of the word that a drawing misses tells it
    (`missing_word`).

    Raises:
        TemplateError: labels can't be read.
    """
    strays, missing = _strays(folder, language)
    for word in strays:
        if not did_you_mean(word, missing):
            shipped = known_words(assets.TEMPLATES / "attestation")
            yield TemplateError(
                f'the word "{word}" is named by no drawing',
                hint=did_you_mean(word, shipped) or "Remove it.",
                source=labels_file(language),
                line=line_of(folder, language, word),
            )


def missing_word(folder: Path, language: str, word: str) -> TemplateError:
    """Make the error for a word that a drawing names and only other labels have."""
    strays, _ = _strays(folder, language)
    slip = next((stray for stray in strays if did_you_mean(stray, [word])), None)
    problem, hint, line = f'the word "{word}" is missing', "Add it to [words].", None
    if slip:
        problem, hint = f'{problem}; "{slip}" is named by no drawing', f'Did you mean "{word}"?'
        line = line_of(folder, language, slip)
    return TemplateError(problem, hint=hint, source=labels_file(language), line=line)


def _strays(folder: Path, language: str) -> tuple[list[str], set[str]]:
    """Return the words of a language that no drawing names, and those that it lacks."""
    drawings = [path.read_text("utf-8", errors="replace") for path in folder.rglob("*.svg")]
    words = read_labels(folder, language).words
    named = {word for text in drawings for word in _NAMED.findall(text)}
    if any(map(_COMPUTED.search, drawings)):
        named |= words.keys()  # any may be meant
    shipped = known_words(assets.TEMPLATES / "attestation")
    return [word for word in words if word not in named | shipped], named - words.keys()


def line_of(folder: Path, language: str, word: str) -> int | None:
    """Find the line of a language's labels on which a word stands; None where there are several."""
    text = inside(folder, labels_file(language)).read_text(encoding="utf-8-sig")
    lines = [line.partition("=")[0].strip().strip("\"'") for line in text.splitlines()]
    return lines.index(word) + 1 if lines.count(word) == 1 else None


@lru_cache(maxsize=64)
def _months(pattern: str, needed: str, language: str) -> tuple[str, ...]:
    """Write a CLDR pattern for each month, with `{day}` and `{year}` in place of the figures."""
    found = list(_TOKEN.finditer(pattern))
    fields = [token[3][0] for token in found if token[3]]
    if "".join(token[0] for token in found) != pattern or not set(needed) <= set(fields):
        raise TemplateError(
            f"the date pattern {pattern!r} can't be used",
            hint="Write the day as d or dd, the month as M to MMMM, the year as y, and words in"
            " 'single quotes'.",
        )
    return tuple("".join(_written(token, month, language) for token in found) for month in _MONTHS)


def _thousands(language: str) -> str:
    """Return the character between groups of figures in a language."""
    from babel.numbers import get_group_symbol

    return get_group_symbol(language.replace("-", "_"))


def _written(token: re.Match[str], month: int, language: str) -> str:
    """Write a part of a pattern as it is in a month, braces doubled."""
    from babel.core import UnknownLocaleError
    from babel.dates import format_date

    quoted, apostrophe, name, char = token.groups()
    if name is None:
        text = quoted.replace("''", "'") if quoted else "'" if apostrophe else char
        return text.replace("{", "{{").replace("}", "}}")
    if name[0] != "M":
        return {"d": "{day}", "dd": "{day:02}", "y": "{year}"}[name]
    try:
        return format_date(date(2000, month, 1), format=name, locale=language.replace("-", "_"))
    except (ValueError, UnknownLocaleError) as reason:
        raise TemplateError(f"no dates can be written in {language!r}: {reason}") from None
