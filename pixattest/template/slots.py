"""A record, or a page of a class's cover → the words that a page shows of it.

A field is a name for such words (`full_name`, `level:1.1`); a format is a text with fields in it. A
vocabulary knows the fields of one kind of page, and reads them.
"""

# Annotations are not postponed here: as text, each would be compiled at every start.

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from string import Formatter
from typing import Generic, TypeVar

import msgspec

from pixattest.model.fields import Kind
from pixattest.model.framework import Framework
from pixattest.model.issuer import last_day
from pixattest.model.pagination import CoverPage, DetailPage
from pixattest.model.record import FIELDS, Record
from pixattest.pdf import qr

Shown = TypeVar("Shown")
"""What a page shows: a Record, a DetailPage or a CoverPage."""

Words = Callable[[Shown], str]
"""Returns the words of a field; empty where there is nothing to show."""


class Calendar(msgspec.Struct, frozen=True):
    """How a language writes dates and numbers: `{day} janvier {year}`, a pattern for each month.

    Attributes:
        days: the patterns of January to December.
        first_days: the patterns for the first of each month (French: 1er).
        thousands: the character between groups of three figures in a number of five or more.
    """

    days: tuple[str, ...]
    first_days: tuple[str, ...]
    thousands: str

    def write(self, day: date) -> str:
        """Write a date in words."""
        patterns = self.first_days if day.day == 1 else self.days
        return patterns[day.month - 1].format(day=day.day, year=day.year)

    def number(self, number: int) -> str:
        """Write a number in figures; one of four figures has no groups (SI brochure, 5.4.4)."""
        return str(number) if number < 10_000 else f"{number:,}".replace(",", self.thousands)


class Format(msgspec.Struct, frozen=True):
    """A text with fields in braces, cut into its parts: literal texts and names of fields."""

    parts: tuple[tuple[str, str], ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields in it."""
        return tuple(name for _, name in self.parts if name)


def parse_format(text: str) -> Format:
    """Cut a format such as `{birth_date} à {birth_place}`; `{{` stands for a brace.

    Raises:
        ValueError: its braces do not match, or hold nothing.
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
"""The field of a competence begins with this."""

_EXTRA = "extra."
"""A field that the framework adds begins with this."""

# The fields of a record that a page shows under their own names.
_ATTRIBUTES = [
    name for name, field in FIELDS.items() if field.kind not in (Kind.LEVELS, Kind.EXTRA)
]
_SHOWN = {
    "full_name": ("first_name", "last_name"),
    "valid_until": ("delivered_on",),
    "qr_address": ("verification_code",),
    "qr_code": ("verification_code", "seal"),
    "max_score": ("max_level",),
}
"""The attributes of a record that a field shows, where that is not the one of the same name."""


class Vocabulary(Generic[Shown]):
    """Reads the fields of one kind of page.

    Args:
        readers: the reader of each field.
        places: where, in the tuple that `values` returns, the values stand that each field shows.

    Attributes:
        numbers: the fields that are numbers; a condition may ask for a least number of them.
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
        """Return the reader of one field."""
        return self._readers[field]

    def test(self, field: str, least: int | None) -> Callable[[Shown], bool]:
        """Return what says whether a field is there.

        Args:
            field: the name of the field.
            least: the least number that counts; None where any value does, which it must be for
                fields that are not `numbers`.
        """
        assert least is None
        shown = self._readers[field]
        return lambda page: bool(shown(page))

    def values(self, shown: Shown, seal: str) -> tuple[object, ...]:
        """Return everything that a page may show, with a seal, as values that can be looked up."""
        raise NotImplementedError

    def places(self, fields: Iterable[str]) -> tuple[int, ...]:
        """Return where the values stand that some fields show."""
        return tuple(dict.fromkeys(place for field in fields for place in self._places[field]))

    def origin(self, field: str, shown: Shown) -> tuple[Record, str, int | None]:
        """Return the record that a field is from, its name there, and the record's row if known."""
        raise NotImplementedError

    def writer(self, format_: Format) -> Words[Shown]:
        """Return the reader of a whole format."""
        if len(format_.parts) == 1 and not format_.parts[0][0]:
            return self._readers[format_.parts[0][1]]
        pattern = "".join(
            literal.replace("%", "%%") + ("%s" if name else "") for literal, name in format_.parts
        )
        readers = [self._readers[name] for name in format_.fields]
        return lambda shown: pattern % tuple([read(shown) for read in readers])


class RecordVocabulary(Vocabulary[Record]):
    """Reads the fields of records, in one language and with one term of validity.

    Args:
        framework: the competences that are attested.
        language: the language of the names of levels.
        calendar: how dates and numbers are written.
        years: the years of validity.
        qr_pattern: the address in the QR code, with `{code}`; or the one that a seal follows.
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
            "full_name": lambda r: r.full_name,
            "valid_until": lambda r: until(r.delivered_on),
            "qr_address": lambda r: qr.address_of(qr_pattern, r.verification_code),
            "score": lambda r: "" if r.score is None else number(r.score),
            "max_level": lambda r: names[r.max_level],
            "max_score": lambda r: number(framework.max_score(r.max_level)),
        }
        for name in _ATTRIBUTES:
            if FIELDS[name].kind in (Kind.TEXT, Kind.CODE):
                readers[name] = _text_of(name)
            elif FIELDS[name].kind is Kind.DATE:
                readers[name] = _date_of(name, write)
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
        """The fields that do not depend on the term of validity."""
        return (field for field in self if field != "valid_until")

    def test(self, field: str, least: int | None) -> Callable[[Record], bool]:
        """Return what says whether a record has a field, or at least so much of it."""
        if least is None:
            return super().test(field, None)
        if field.startswith(_LEVEL):
            competence = field.removeprefix(_LEVEL)
            return lambda record: record.levels.get(competence, 0) >= least
        read = attrgetter(field)
        return lambda record: (read(record) or 0) >= least

    def values(self, record: Record, seal: str) -> tuple[object, ...]:
        """Return a record's attributes, its seal, its levels, and the framework's own fields."""
        return (
            *_attributes(record),
            seal,
            *map(record.levels.get, self._competences),
            *map(record.extra.get, self._extra),
        )

    def origin(self, field: str, record: Record) -> tuple[Record, str, None]:
        """Return the record itself."""
        return record, field, None


class CoverVocabulary(Vocabulary[CoverPage]):
    """Reads the fields of covers: facts about the class, and `person:3.full_name` and the like.

    Args:
        calendar: how dates and numbers are written.
        rows: how many people are on the page.
        people: reads the fields of each of them.
    """

    remembered = 1  # nobody stands twice in the same row

    def __init__(self, calendar: Calendar, rows: int, people: RecordVocabulary) -> None:
        write = calendar.write
        readers: dict[str, Words[CoverPage]] = {
            "group": lambda page: page.group or "",
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

    def values(self, page: CoverPage, seal: str) -> tuple[object, ...]:
        """Return the facts about the class, and then the values of each person."""
        people = (self._people.values(person, seal) for person in page.people)
        return (
            (page.group, page.centres, page.earliest, page.delivered_on, page.count, page.page),
            *zip(range(page.first, page.first + len(page.people)), people, strict=True),
        )

    def origin(self, field: str, page: CoverPage) -> tuple[Record, str, int]:
        """Return a person; a fact about the class is taken to be from the first one on the page."""
        if not field.startswith("person:"):
            return page.people[0], field, page.row
        number, _, name = field.removeprefix("person:").partition(".")
        index = int(number) - 1
        return page.people[index], name, page.row + index


class DetailVocabulary(Vocabulary[DetailPage]):
    """Reads the fields of further pages: those of the record, `page` and `pages`.

    Args:
        people: reads the fields of the record.
    """

    def __init__(self, people: RecordVocabulary) -> None:
        readers = {name: _of_record(people.reader(name)) for name in people.lasting}
        readers |= {"page": lambda page: str(page.page), "pages": lambda page: str(page.pages)}
        places = {name: tuple(3 + n for n in people.places([name])) for name in people.lasting}
        super().__init__(readers, places | {"flow": (0,), "page": (1,), "pages": (2,)})
        self._people = people

    def values(self, page: DetailPage, seal: str) -> tuple[object, ...]:
        """Return the blocks of the page, its number, the number of pages, and the values."""
        own = page.blocks, page.page, page.pages
        return (*own, *self._people.values(page.record, seal))

    def origin(self, field: str, page: DetailPage) -> tuple[Record, str, None]:
        """Return the record."""
        return page.record, field, None


_attributes = attrgetter(*_ATTRIBUTES)


def _text_of(name: str) -> Words[Record]:
    read: Words[Record] = attrgetter(name)
    return (lambda record: read(record) or "") if FIELDS[name].optional else read


def _date_of(name: str, write: Callable[[date], str]) -> Words[Record]:
    read = attrgetter(name)

    def words(record: Record) -> str:
        day = read(record)
        return write(day) if day else ""

    return words


def _level_of(number: str, names: Sequence[str]) -> Words[Record]:
    def read(record: Record) -> str:
        return names[record.levels.get(number, 0)]

    return read


def _extra_of(key: str) -> Words[Record]:
    return lambda record: record.extra.get(key, "")


def _of_record(words: Words[Record]) -> Words[DetailPage]:
    return lambda page: words(page.record)


def _of_person(index: int, words: Words[Record]) -> Words[CoverPage]:
    return lambda page: words(page.people[index])


def _number_of(index: int) -> Words[CoverPage]:
    return lambda page: str(page.first + index)
