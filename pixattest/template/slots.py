"""Record, or page of a class's cover → the words that a page shows of it: fields and formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from string import Formatter
from typing import Generic, TypeVar

import msgspec

from pixattest.model.framework import Framework
from pixattest.model.issuer import last_day
from pixattest.model.pagination import CoverPage, DetailPage
from pixattest.model.record import Record
from pixattest.pdf import qr

Shown = TypeVar("Shown")
"""What a page is of: a Record, a DetailPage or a CoverPage."""

Words = Callable[[Shown], str]
"""What a page shows of it; empty where there is nothing to show."""


class Calendar(msgspec.Struct, frozen=True):
    """How a language writes dates and numbers: `{day} janvier {year}`, a pattern for each month.

    Attributes:
        days: January to December.
        first_days: the same for the first of the month (French: 1er).
        thousands: what parts groups of three figures in a number of five or more.
    """

    days: tuple[str, ...]
    first_days: tuple[str, ...]
    thousands: str

    def write(self, day: date) -> str:
        """A date in words."""
        patterns = self.first_days if day.day == 1 else self.days
        return patterns[day.month - 1].format(day=day.day, year=day.year)

    def number(self, number: int) -> str:
        """A number in figures; one of four is not parted (SI brochure, 5.4.4)."""
        return str(number) if number < 10_000 else f"{number:,}".replace(",", self.thousands)


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

_EXTRA = "extra."
"""What one of the framework's own fields begins with."""

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
    "qr_code": ("verification_code", "seal"),
    "max_score": ("max_level",),
}
"""What a field shows of a record, where it is not a level, nor an attribute of the same name."""


class Vocabulary(Generic[Shown]):
    """Reads the fields of what a page is of.

    Args:
        readers: what shows each field.
        places: where the values stand, as `values` gives them, that each field shows.

    Attributes:
        numbers: fields that are numbers, of which so much may be asked for.
        remembered: how many values of a part of the page are worth remembering.
    """

    numbers: Sequence[str] = ()
    remembered = 256

    def __init__(
        self, readers: Mapping[str, Words[Shown]], places: Mapping[str, tuple[int, ...]]
    ) -> None:
        self._readers = readers
        self._places = places

    def __contains__(self, field: str) -> bool:
        return field in self._readers

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def reader(self, field: str) -> Words[Shown]:
        """What shows one field."""
        return self._readers[field]

    def test(self, field: str, least: int | None) -> Callable[[Shown], bool]:
        """What tells whether a field is there; of `numbers`, at least so much of it.

        Args:
            field: its name.
            least: None where any will do, as for all that are not `numbers`.
        """
        assert least is None
        shown = self._readers[field]
        return lambda page: bool(shown(page))

    def values(self, shown: Shown, seal: str) -> tuple[object, ...]:
        """What is shown with a seal, as values that can be looked up."""
        raise NotImplementedError

    def places(self, fields: Iterable[str]) -> tuple[int, ...]:
        """Where the values stand that some fields show."""
        return tuple(dict.fromkeys(place for field in fields for place in self._places[field]))

    def origin(self, field: str, shown: Shown) -> tuple[Record, str, int | None]:
        """Whose a field is: the record, its name there, and the record's row, if that is known."""
        raise NotImplementedError

    def writer(self, format_: Format) -> Words[Shown]:
        """What shows a whole format."""
        if len(format_.parts) == 1 and not format_.parts[0][0]:
            return self._readers[format_.parts[0][1]]
        pattern = "".join(
            literal.replace("%", "%%") + ("%s" if name else "") for literal, name in format_.parts
        )
        readers = [self._readers[name] for name in format_.fields]
        return lambda shown: pattern % tuple([read(shown) for read in readers])


class RecordVocabulary(Vocabulary[Record]):
    """Reads records as one language, framework and validity policy word them.

    Args:
        language: in which levels are named.
        calendar: how dates are written.
        years: years of validity.
        qr_pattern: the address in the QR code, with `{code}`, or that before a seal.
    """

    def __init__(
        self,
        framework: Framework,
        language: str,
        calendar: Calendar,
        years: int,
        qr_pattern: str,
    ) -> None:
        names = ("", *framework.names_of_levels(language))
        number = calendar.number
        write = lru_cache(maxsize=4096)(calendar.write)
        until = cache(lambda day: write(last_day(day, years)))
        readers: dict[str, Words[Record]] = {
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
            "score": lambda r: "" if r.score is None else number(r.score),
            "max_level": lambda r: names[r.max_level],
            "max_score": lambda r: number(framework.max_score(r.max_level)),
            "group": lambda r: r.group or "",
        }
        readers |= {f"{_LEVEL}{n}": _level_of(n, names) for n in framework.competences}
        readers |= {f"{_EXTRA}{key}": _extra_of(key) for key in framework.fields}
        self.numbers = ("score", "max_level", *(f"{_LEVEL}{n}" for n in framework.competences))
        self._competences = tuple(framework.competences)
        self._extra = tuple(framework.fields)
        levels = (f"{_LEVEL}{n}" for n in self._competences)
        values = (*_ATTRIBUTES, "seal", *levels, *(f"{_EXTRA}{key}" for key in self._extra))
        place = {name: place for place, name in enumerate(values)}
        shown = {field: _SHOWN.get(field, (field,)) for field in (*readers, "qr_code")}
        places = {field: tuple(place[name] for name in names) for field, names in shown.items()}
        super().__init__(readers, places)

    @property
    def lasting(self) -> Iterator[str]:
        """Fields that do not depend on the policy."""
        return (field for field in self if field != "valid_until")

    def test(self, field: str, least: int | None) -> Callable[[Record], bool]:
        """What tells whether a record has a field; of `numbers`, at least so much of it."""
        if least is None:
            return super().test(field, None)
        if field.startswith(_LEVEL):
            competence = field.removeprefix(_LEVEL)
            return lambda record: record.levels.get(competence, 0) >= least
        read = attrgetter(field)
        return lambda record: (read(record) or 0) >= least

    def values(self, record: Record, seal: str) -> tuple[object, ...]:
        """What a page shows: a record's attributes, its seal, its levels, and what is extra."""
        return (
            *_attributes(record),
            seal,
            *map(record.levels.get, self._competences),
            *map(record.extra.get, self._extra),
        )

    def origin(self, field: str, record: Record) -> tuple[Record, str, None]:
        """The record itself."""
        return record, field, None


class CoverVocabulary(Vocabulary[CoverPage]):
    """Reads pages of covers: facts about the class, and `person:3.full_name` and the like.

    Args:
        calendar: how dates are written.
        rows: people on the page.
        people: reads each of them.
    """

    remembered = 1  # nobody stands twice in the same row

    def __init__(self, calendar: Calendar, rows: int, people: RecordVocabulary) -> None:
        write = calendar.write
        readers: dict[str, Words[CoverPage]] = {
            "group": lambda r: r.group or "",
            "centre": lambda r: "" if len(r.centres) > 1 else r.centres[0],
            "centres": lambda r: str(len(r.centres)) if len(r.centres) > 1 else "",
            "delivered_on": lambda r: "" if r.earliest < r.delivered_on else write(r.earliest),
            "delivered_from": lambda r: write(r.earliest) if r.earliest < r.delivered_on else "",
            "delivered_until": lambda r: (
                write(r.delivered_on) if r.earliest < r.delivered_on else ""
            ),
            "count": lambda r: str(r.count),
            "page": lambda r: str(r.page),
            "pages": lambda r: str(r.pages),
        }
        places = dict.fromkeys(readers, (0,))
        for row in range(rows):
            own = {name: _of_person(row, people.reader(name)) for name in people.lasting}
            own["number"] = _number_of(row)
            readers |= {f"person:{row + 1}.{name}": read for name, read in own.items()}
            places |= {f"person:{row + 1}.{name}": (row + 1,) for name in own}
        self._people = people
        super().__init__(readers, places)

    def values(self, roll: CoverPage, seal: str) -> tuple[object, ...]:
        """What is known of the class, and then each person."""
        people = (self._people.values(person, seal) for person in roll.people)
        return (
            (roll.group, roll.centres, roll.earliest, roll.delivered_on, roll.count, roll.page),
            *zip(range(roll.first, roll.first + len(roll.people)), people, strict=True),
        )

    def origin(self, field: str, roll: CoverPage) -> tuple[Record, str, int]:
        """A person; what is said of the class, its first one on the page has said."""
        if not field.startswith("person:"):
            return roll.people[0], field, roll.row
        number, _, name = field.removeprefix("person:").partition(".")
        index = int(number) - 1
        return roll.people[index], name, roll.row + index


class DetailVocabulary(Vocabulary[DetailPage]):
    """Reads further pages of attestations: fields of the record, `page` and `pages`.

    Args:
        people: reads the record.
    """

    def __init__(self, people: RecordVocabulary) -> None:
        readers = {name: _of_record(people.reader(name)) for name in people.lasting}
        readers |= {"page": lambda d: str(d.page), "pages": lambda d: str(d.pages)}
        places = {name: tuple(3 + n for n in people.places([name])) for name in people.lasting}
        super().__init__(readers, places | {"flow": (0,), "page": (1,), "pages": (2,)})
        self._people = people

    def values(self, detail: DetailPage, seal: str) -> tuple[object, ...]:
        """What stands on the page, its number, that of all, and what the record shows."""
        own = detail.blocks, detail.page, detail.pages
        return (*own, *self._people.values(detail.record, seal))

    def origin(self, field: str, detail: DetailPage) -> tuple[Record, str, None]:
        """The record."""
        return detail.record, field, None


_attributes = attrgetter(*_ATTRIBUTES)


def _level_of(number: str, names: Sequence[str]) -> Words[Record]:
    def read(record: Record) -> str:
        return names[record.levels.get(number, 0)]

    return read


def _extra_of(key: str) -> Words[Record]:
    return lambda record: record.extra.get(key, "")


def _of_record(words: Words[Record]) -> Words[DetailPage]:
    return lambda detail: words(detail.record)


def _of_person(index: int, words: Words[Record]) -> Words[CoverPage]:
    return lambda roll: words(roll.people[index])


def _number_of(index: int) -> Words[CoverPage]:
    return lambda roll: str(roll.first + index)
