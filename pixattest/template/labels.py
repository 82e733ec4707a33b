"""labels/<language>.toml of a template + Babel → the words of a language and its calendar."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec

from pixattest.errors import TemplateError
from pixattest.settings import read_toml
from pixattest.template.slots import Calendar


class Labels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language.

    Attributes:
        date: how a date is written, as a Unicode CLDR date pattern.
        first_of_month: the same for the first of a month; None: as any other day.
        words: by the names that the template gives them.
        years: a number of years in words, by the number.
    """

    date: str
    words: dict[str, str]
    years: dict[str, str]
    first_of_month: str | None = None

    def calendar(self, language: str) -> Calendar:
        """How the language writes dates."""
        return Calendar(
            tuple(_pattern(self.date, month, language) for month in range(1, 13)),
            tuple(
                _pattern(self.first_of_month or self.date, month, language)
                for month in range(1, 13)
            ),
        )

    def years_in_words(self, years: int) -> str:
        """A number of years in words."""
        if str(years) not in self.years:
            raise TemplateError(
                f"the labels do not say {years} years in words", hint=f'Add "{years}" to [years].'
            )
        return self.years[str(years)]


def read_labels(folder: Path, language: str) -> Labels:
    """The labels of a language, from `labels/` beside a template.

    Raises:
        TemplateError: there are none, or they can't be read.
    """
    languages = sorted(path.stem for path in (folder / "labels").glob("*.toml"))
    if language not in languages:
        raise TemplateError(
            f"the template has no labels in the language {language!r}",
            hint=f"It has {', '.join(languages) or 'none'}; add labels/{language}.toml beside it.",
        )
    return read_toml(folder / "labels" / f"{language}.toml", Labels, TemplateError)


def _pattern(cldr: str, month: int, language: str) -> str:
    """A month's dates with `{day}` and `{year}` in place of the figures."""
    from babel.core import UnknownLocaleError
    from babel.dates import format_date

    try:
        written = format_date(date(3333, month, 22), format=cldr, locale=language.replace("-", "_"))
    except (ValueError, UnknownLocaleError) as reason:
        raise TemplateError(f"no dates can be written in {language!r}: {reason}") from None
    return re.sub("22", "{day}", re.sub("3333", "{year}", written), count=1)
