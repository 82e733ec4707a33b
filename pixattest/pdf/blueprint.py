"""Objects that many pages have alike → their text for one page, given its numbers and texts.

Every page of a kind has the same objects; only object numbers and a few texts differ. So what
never changes is cut into pieces once, and a page is one join.
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
        objects: pieces of each; no line feed in them.
        size: how many numbers a page has.
    """

    def __init__(self, objects: Sequence[Sequence[Piece]], size: int) -> None:
        self.slots = sorted(
            {piece.name for pieces in objects for piece in pieces if isinstance(piece, Slot)}
        )
        literals, lookups = [""], []
        for pieces in objects:
            for piece in [*pieces, "\n"]:
                if isinstance(piece, str):
                    literals[-1] += piece
                    continue
                literals.append("")
                if isinstance(piece, Own):
                    lookups.append(piece.place)
                else:
                    lookups.append(size + self.slots.index(piece.name))
        # Literals at even places; between them goes what is looked up: numbers, then texts.
        self._look_up = itemgetter(*lookups)
        self._pieces = [""] * (2 * len(lookups) + 1)
        self._pieces[::2] = literals

    def build(self, numbers: Sequence[str], texts: Sequence[str]) -> list[str]:
        """The objects of one page.

        Args:
            numbers: of the page's places.
            texts: in the order of `slots`; no line feed in them.
        """
        pieces = self._pieces[:]
        pieces[1::2] = self._look_up([*numbers, *texts])
        return "".join(pieces).split("\n")[:-1]
