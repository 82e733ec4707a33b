"""Records in their order → the pages of a file in theirs: covers, attestations, blank versos."""

# Annotations are not postponed here: as text, each would be compiled at every start.

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import msgspec

from pixattest.model.record import Record


class CoverPage(msgspec.Struct, frozen=True):
    """A page of a class's cover: some of the class, and facts about all of it.

    Attributes:
        group: the class; None when it has no name.
        people: on this page, in order.
        first: number of the first of them in the class, from 1.
        row: of that one among all records, from 1.
        count: people in the class.
        page: number of this page of the cover, from 1.
        pages: of the cover.
        centres: in the class, in the order of their first mention.
        earliest: delivery in the class.
        delivered_on: the latest one.
    """

    group: str | None
    people: tuple[Record, ...]
    first: int
    row: int
    count: int
    page: int
    pages: int
    centres: tuple[str, ...]
    earliest: date
    delivered_on: date


# The key of a block in a plate's flow, and by how much it is moved: `x y`, in points.
Placed = tuple[str, str]


class DetailPage(NamedTuple):
    """A further page of an attestation: what the levels of some of its competences mean.

    Attributes:
        record: whose page.
        blocks: that stand on it, in order.
        page: its number among the pages of the attestation, from 2.
        pages: of the attestation.
    """

    record: Record
    blocks: tuple[Placed, ...]
    page: int
    pages: int

    @property
    def group(self) -> str | None:
        """The class of the person."""
        return self.record.group


class Verso(NamedTuple):
    """The blank back of a page, so that what comes next begins on a front."""

    front: Record | DetailPage | CoverPage

    @property
    def group(self) -> str | None:
        """The class of the page."""
        return self.front.group


# Anything that is printed on one page.
Page = Record | DetailPage | CoverPage | Verso


class Pagination(msgspec.Struct, frozen=True, kw_only=True):
    """Which pages a file has.

    Attributes:
        rows: people on a page of a cover, at most; None where there are no covers.
        attestations: there are those, not covers alone.
        blank_versos: covers and attestations have an even number of pages each.
        details: gives the further pages of an attestation; None where there are none.
    """

    rows: int | None = None
    attestations: bool = True
    blank_versos: bool = False
    details: Callable[[Record], tuple[DetailPage, ...]] | None = None

    def leaves(self, records: Iterable[Record]) -> Iterator[tuple[Page, ...]]:
        """The pages in order; those that are made together are given together.

        A class that has a cover is held in memory, as its number of pages is told on the first.
        """
        if self.rows is None:
            return map(self._person, records)
        return self._classes(records, self.rows)

    def places(self, records: Iterable[Record]) -> Iterator[int]:
        """The number of each record's page, from 1."""
        number = 0
        for leaf in self.leaves(records):
            for page in leaf:
                number += 1
                if isinstance(page, Record):
                    yield number

    def _classes(self, records: Iterable[Record], rows: int) -> Iterator[tuple[Page, ...]]:
        row = 1
        for _, found in groupby(records, attrgetter("group")):
            people = tuple(found)
            *rolls, last = _cover(people, row, rows)
            yield from ((roll,) for roll in rolls)
            yield (last, Verso(last)) if self.blank_versos and last.pages % 2 else (last,)
            if self.attestations:
                yield from map(self._person, people)
            row += len(people)

    def _person(self, record: Record) -> tuple[Page, ...]:
        """The pages of an attestation."""
        pages: tuple[Record | DetailPage, ...] = (record,)
        if self.details:
            pages += self.details(record)
        return (*pages, Verso(pages[-1])) if self.blank_versos and len(pages) % 2 else pages


def _cover(people: tuple[Record, ...], row: int, rows: int) -> Iterator[CoverPage]:
    """The pages of a class's cover.

    Args:
        people: of the class.
        row: of the first of them among all records.
        rows: people on a page, at most.
    """
    centres = tuple(dict.fromkeys(record.centre for record in people))
    days = {record.delivered_on for record in people}
    begins = range(0, len(people), rows)
    for page, begin in enumerate(begins, 1):
        yield CoverPage(
            people[0].group,
            people[begin : begin + rows],
            begin + 1,
            row + begin,
            len(people),
            page,
            len(begins),
            centres,
            min(days),
            max(days),
        )
