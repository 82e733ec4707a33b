"""Objects that all pages of a kind have → their texts for one page, given its numbers and texts.

Object numbers of a page are its first number plus a place. The first one is a multiple of 100, so
a number is written as the page's hundred and two digits that are the same for all pages of a kind:
only the hundreds differ, and a page's objects are one replacement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

FIRST_OPEN = 0xE000
"""Characters from here on, of private use, stand for open numbers."""


class ObjectNumber(NamedTuple):
    """The number of one of the page's own objects, by its place among them."""

    place: int


class Slot(NamedTuple):
    """A text given for each page, by its name."""

    name: str


Piece = str | ObjectNumber | Slot


class ObjectTemplate:
    """The objects of a page.

    Args:
        objects: place and pieces of each; no line feed in them.
        apart: those without slots are written apart, for many pages at once.

    Attributes:
        constant: texts of the objects without slots, by their places; hundreds are open numbers.
        places: of the objects with slots, or of all.
        slots: names of the texts in them.
    """

    def __init__(
        self, objects: Iterable[tuple[int, Sequence[Piece]]], *, apart: bool = True
    ) -> None:
        self.constant: dict[int, str] = {}
        self.places: list[int] = []
        self.slots: list[str] = []
        literals = [""]
        for place, pieces in sorted(objects):
            if apart and not any(isinstance(piece, Slot) for piece in pieces):
                self.constant[place] = "".join(_open(piece) for piece in pieces)
                continue
            self.places.append(place)
            for piece in [*pieces, "\n"]:
                if isinstance(piece, Slot):
                    self.slots.append(piece.name)
                    literals.append("")
                else:
                    literals[-1] += _open(piece)
        self._constant = "\n".join(self.constant.values())
        self._pieces = [""] * (2 * len(self.slots) + 1)
        self._pieces[::2] = literals

    def filled_constant(self, hundreds: Sequence[str]) -> list[str]:
        """The objects without slots, for one page."""
        return _written(self._constant, hundreds).split("\n")

    def filled(self, hundreds: Sequence[str], texts: Mapping[str, str]) -> list[str]:
        """The objects with slots, for one page.

        Args:
            hundreds: the page's first numbers over 100, one for each hundred of its places.
            texts: by the names of the slots; no line feed in them.
        """
        pieces = self._pieces[:]
        pieces[1::2] = [texts[name] for name in self.slots]
        return _written("".join(pieces), hundreds).split("\n")[:-1]


def opened(number: int) -> str:
    """The character that stands for an open number, from 0, in a text."""
    return chr(FIRST_OPEN + number)


def number_of(place: int) -> str:
    """The number of a page's object, its hundreds open."""
    return f"{opened(place // 100)}{place % 100:02}"


def _written(text: str, hundreds: Sequence[str]) -> str:
    """A text with its hundreds."""
    for number, hundred in enumerate(hundreds):
        text = text.replace(opened(number), hundred)
    return text


def _open(piece: str | ObjectNumber | Slot) -> str:
    assert not isinstance(piece, Slot)
    return number_of(piece.place) if isinstance(piece, ObjectNumber) else piece
