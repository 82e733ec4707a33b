"""Objects that many pages have alike → their bytes for one page, given its numbers and texts.

Every page of a kind has the same objects in the same order; only object numbers and a few texts
differ. So what never changes is cut into pieces once, and a page is one join.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple


class Own(NamedTuple):
    """The number of one of the page's own objects, by its place among them."""

    place: int


class Slot(NamedTuple):
    """A text given for each page, by its name."""

    name: str


Piece = str | Own | Slot


class Blueprint:
    """The objects of a page.

    Args:
        objects: for each, its place among the page's numbers, and its pieces.
        size: numbers of a page; some may be for objects written elsewhere.
    """

    def __init__(self, objects: Sequence[tuple[int, Sequence[Piece]]], size: int) -> None:
        self.size = size
        self.places = [place for place, _ in objects]
        self.slots = sorted(
            {piece.name for _, pieces in objects for piece in pieces if isinstance(piece, Slot)}
        )
        literals = [""]
        self._literal_lengths: list[int] = []
        self._lookups: list[list[int]] = []
        for _, pieces in objects:
            length, lookups = 0, []
            for piece in [*pieces, "\n"]:
                if isinstance(piece, str):
                    literals[-1] += piece
                    length += len(piece)
                else:
                    literals.append("")
                    lookups.append(
                        piece.place
                        if isinstance(piece, Own)
                        else size + self.slots.index(piece.name)
                    )
            self._literal_lengths.append(length)
            self._lookups.append(lookups)
        # Literals at even places; between them goes what is looked up: numbers, then texts.
        flat = [index for lookups in self._lookups for index in lookups]
        self._look_up = itemgetter(*flat)
        self._pieces = [""] * (2 * len(flat) + 1)
        self._pieces[::2] = literals
        self._slotted = [
            (index, where - size)
            for index, lookups in enumerate(self._lookups)
            for where in lookups
            if where >= size
        ]
        self._lengths: dict[int, list[int]] = {}

    def build(self, first: int, texts: Sequence[str]) -> tuple[str, list[int]]:
        """The objects of one page, one after the other.

        Args:
            first: the first of the page's numbers.
            texts: in the order of `slots`.

        Returns:
            body: ASCII, each object ends with a line feed.
            lengths: of each object in it.
        """
        known = [*map(str, range(first, first + self.size)), *texts]
        pieces = self._pieces[:]
        pieces[1::2] = self._look_up(known)
        digits = len(known[0])
        if digits == len(known[self.size - 1]):
            lengths = (self._lengths.get(digits) or self._measure(digits))[:]
            for index, slot in self._slotted:
                lengths[index] += len(texts[slot])
        else:
            lengths = [
                literal + sum(len(known[index]) for index in lookups)
                for literal, lookups in zip(self._literal_lengths, self._lookups, strict=True)
            ]
        return "".join(pieces), lengths

    def _measure(self, digits: int) -> list[int]:
        """Length of each object without its texts, when all numbers have as many digits."""
        lengths = [
            literal + digits * sum(index < self.size for index in lookups)
            for literal, lookups in zip(self._literal_lengths, self._lookups, strict=True)
        ]
        self._lengths[digits] = lengths
        return lengths
