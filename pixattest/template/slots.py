"""Record → the words that a page shows of it: fields, and formats such as `{birth_date} à …`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from string import Formatter

import msgspec

from pixattest import qr
from pixattest.framework import Framework
from pixattest.issuer import last_day
from pixattest.record import Record

Words = Callable[[Record], str]
"""What a page shows of a record; empty where there is nothing to show."""


class Calendar(msgspec.Struct, frozen=True):
    """How a language writes dates: `{day} janvier {year}`, a pattern for each month.

    Attributes:
        days: January to December.
        first_days: the same for the first of the month (French: 1er).
    """

    days: tuple[str, ...]
    first_days: tuple[str, ...]

    def write(self, day: date) -> str:
        """A date in words."""
        patterns = self.first_days if day.day == 1 else self.days
        return patterns[day.month - 1].format(day=day.day, year=day.year)


class Format(msgspec.Struct, frozen=True):
    """A text with fields in braces, cut into its parts: literal texts and names of fields."""

    parts: tuple[tuple[str, str], ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields in it."""
        return tuple(name for _, name in self.parts if name)


def parse_format(text: str) -> Format:
    """Cut a format such as `{birth_date} à {birth_place}`; `{{` stands for a brace.

    Raises:
        ValueError: braces that do not match, or hold nothing.
    """
    parts = []
    for literal, name, spec, conversion in Formatter().parse(text):
        if conversion:
            raise ValueError(f"!{conversion} in {{{name}}}")
        if name == "":
            raise ValueError("nothing in {}")
        parts.append((literal, f"{name}:{spec}" if spec else (name or "")))
    return Format(tuple(parts))


_LEVEL = "level:"
"""What the field of a competence begins with."""

_ATTRIBUTES = (
    "first_name",
    "last_name",
    "birth_date",
    "birth_place",
    "centre",
    "delivered_on",
    "verification_code",
    "score",
    "max_level",
    "group",
)
_SHOWN = {
    "full_name": ("first_name", "last_name"),
    "valid_until": ("delivered_on",),
    "qr_address": ("verification_code",),
    "max_score": ("max_level",),
}
"""What a field shows of a record, where it is not a level, nor an attribute of the same name."""


class Vocabulary:
    """Reads the fields of records as one language, framework and validity policy word them.

    Args:
        calendar: how dates are written.
        years: years of validity.
        qr_pattern: the address in the QR code, with `{code}`.

    Attributes:
        numbers: fields that have a number.
    """

    def __init__(
        self, framework: Framework, calendar: Calendar, years: int, qr_pattern: str
    ) -> None:
        write = lru_cache(maxsize=4096)(calendar.write)
        until = cache(lambda day: write(last_day(day, years)))
        self._readers: dict[str, Words] = {
            "first_name": lambda r: r.first_name,
            "last_name": lambda r: r.last_name,
            "full_name": lambda r: r.full_name,
            "birth_date": lambda r: write(r.birth_date),
            "birth_place": lambda r: r.birth_place or "",
            "centre": lambda r: r.centre,
            "delivered_on": lambda r: write(r.delivered_on),
            "valid_until": lambda r: until(r.delivered_on),
            "verification_code": lambda r: r.verification_code,
            "qr_address": lambda r: qr.address_of(qr_pattern, r.verification_code),
            "score": lambda r: "" if r.score is None else str(r.score),
            "max_level": lambda r: str(r.max_level),
            "max_score": lambda r: str(framework.max_score(r.max_level)),
            "group": lambda r: r.group or "",
        }
        self._readers |= {f"{_LEVEL}{n}": _level_of(n) for n in framework.competences}
        self.numbers = ("score", "max_level", *(f"{_LEVEL}{n}" for n in framework.competences))
        self._competences = tuple(framework.competences)
        values = (*_ATTRIBUTES, *(f"{_LEVEL}{n}" for n in self._competences))
        self._places = {name: place for place, name in enumerate(values)}

    def __contains__(self, field: str) -> bool:
        return field in self._readers

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def reader(self, field: str) -> Words:
        """What shows one field of a record."""
        return self._readers[field]

    def test(self, field: str, least: int | None) -> Callable[[Record], bool]:
        """What tells whether a record has a field; of `numbers`, at least so much of it."""
        if least is None:
            shown = self._readers[field]
            return lambda record: bool(shown(record))
        if field.startswith(_LEVEL):
            competence = field.removeprefix(_LEVEL)
            return lambda record: record.levels.get(competence, 0) >= least
        read = attrgetter(field)
        return lambda record: (read(record) or 0) >= least

    def values(self, record: Record) -> tuple[object, ...]:
        """What a record holds: its attributes, and its levels."""
        return (*_attributes(record), *map(record.levels.get, self._competences))

    def places(self, fields: Iterable[str]) -> tuple[int, ...]:
        """Where the values stand that some fields show."""
        shown = (name for field in fields for name in _SHOWN.get(field, (field,)))
        return tuple(dict.fromkeys(self._places[name] for name in shown))

    def writer(self, format_: Format) -> Words:
        """What shows a whole format of a record."""
        if len(format_.parts) == 1 and not format_.parts[0][0]:
            return self._readers[format_.parts[0][1]]
        pattern = "".join(
            literal.replace("%", "%%") + ("%s" if name else "") for literal, name in format_.parts
        )
        readers = [self._readers[name] for name in format_.fields]
        return lambda record: pattern % tuple([read(record) for read in readers])


_attributes = attrgetter(*_ATTRIBUTES)


def _level_of(number: str) -> Words:
    def read(record: Record) -> str:
        return str(record.levels.get(number, ""))

    return read
