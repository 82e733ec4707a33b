"""Which pages a file has, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from pixattest import Press, Record
from pixattest.model.pagination import CoverPage, Page, Pagination, Verso


@pytest.fixture
def people(press: Press, example: Mapping[str, Any]) -> list[Record]:
    """Three of T2, one of T10, two of none."""
    groups = ["T2", "T2", "T2", "T10", None, None]
    return [press.read({**example, "group": group}) for group in groups]


def told(pages: Sequence[tuple[Page, ...]]) -> Iterator[str]:
    """Each page in short."""
    for leaf in pages:
        for page in leaf:
            if isinstance(page, Verso):
                yield "blank"
            elif isinstance(page, CoverPage):
                yield f"{page.group} {page.page}/{page.pages} {page.first}+{len(page.people)}"
            else:
                yield "person"


@pytest.mark.parametrize(
    ("pagination", "pages"),
    [
        (Pagination(), ["person"] * 6),
        (Pagination(blank_versos=True), ["person", "blank"] * 6),
        (
            Pagination(rows=2),
            [
                *("T2 1/2 1+2", "T2 2/2 3+1", "person", "person", "person"),
                *("T10 1/1 1+1", "person", "None 1/1 1+2", "person", "person"),
            ],
        ),
        (
            Pagination(rows=2, blank_versos=True),
            [
                *("T2 1/2 1+2", "T2 2/2 3+1", *["person", "blank"] * 3),
                *("T10 1/1 1+1", "blank", "person", "blank"),
                *("None 1/1 1+2", "blank", *["person", "blank"] * 2),
            ],
        ),
        (
            Pagination(rows=3, attestations=False),
            ["T2 1/1 1+3", "T10 1/1 1+1", "None 1/1 1+2"],
        ),
    ],
)
def test_pages_come_in_the_order_of_printing(
    people: list[Record], pagination: Pagination, pages: list[str]
) -> None:
    """A class's cover, its people; a blank back where an odd number of pages has ended."""
    assert list(told(list(pagination.leaves(people)))) == pages


@pytest.mark.parametrize("rows", [None, 1, 2, 25])
@pytest.mark.parametrize("blank_versos", [False, True])
def test_places_are_those_of_the_pages(
    people: list[Record], rows: int | None, blank_versos: bool
) -> None:
    """Each person's place is where the page stands; with blank versos, on a front."""
    pagination = Pagination(rows=rows, blank_versos=blank_versos)
    pages = [page for leaf in pagination.leaves(people) for page in leaf]
    places = list(pagination.places(people))
    assert [pages[place - 1] for place in places] == people
    if blank_versos:
        assert all(place % 2 for place in places)


def test_a_cover_knows_its_class_and_its_rows(press: Press, example: Mapping[str, Any]) -> None:
    """Centres in their order, first and last day, and where its people stand in the input."""
    changes = [
        {"group": "T1"},
        {"group": "T2", "centre": "B", "delivered_on": "2024-03-01"},
        {"group": "T2", "centre": "A"},
        {"group": "T2", "centre": "B", "delivered_on": "2024-02-01"},
    ]
    people = [press.read({**example, **change}) for change in changes]
    pages = [page for leaf in Pagination(rows=2).leaves(people) for page in leaf]
    _, one, other = (page for page in pages if isinstance(page, CoverPage))
    assert one.centres == other.centres == ("B", "A")
    assert (str(one.earliest), str(one.delivered_on)) == ("2024-02-01", "2024-03-01")
    assert [(roll.row, roll.first, roll.count) for roll in (one, other)] == [(2, 1, 3), (4, 3, 3)]


def test_records_without_covers_are_read_as_they_are_printed(
    press: Press, example: Mapping[str, Any]
) -> None:
    """The first page is there before the second record is read."""
    read = []

    def records() -> Iterator[Record]:
        for number in range(2):
            read.append(number)
            yield press.read(example)

    next(iter(Pagination(blank_versos=True).leaves(records())))
    assert read == [0]
