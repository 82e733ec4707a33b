"""Objects → an object stream (ISO 32000-1, 7.5.7), of one page or of many alike.

Pages of a kind have objects that differ in their numbers alone. For many pages, these are deflated
from a template (`deflate.py`), which is made once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from pixattest.pdf.object_template import number_of, opened

_ROUND = 10_000
"""A page has a multiple of so many bytes, so that offsets differ in their first digits."""

_EVEN = 10
"""An object has a multiple of so many bytes, so that offsets end with the same digit."""


class ConstantPack:
    """The constant objects of a kind of page, to be written for many pages (ISO 32000-1, 7.5.7).

    Args:
        objects: their texts by place; hundreds are open numbers.
        hundreds: how many open numbers there are.
        width: digits of each of them.
        most: pages that may be written together.
    """

    def __init__(self, objects: Mapping[int, str], hundreds: int, width: int, most: int) -> None:
        from pixattest.pdf.deflate import DeflateTemplate  # a file of one page does without it

        self._objects = len(objects)
        bodies = []
        for text in objects.values():
            size = len(text) + (width - 1) * sum(text.count(opened(n)) for n in range(hundreds))
            bodies.append(
                (text + " " * (-(size + 1) % _EVEN) + "\n", size + 1 + -(size + 1) % _EVEN)
            )
        *offsets, end = accumulate((size for _, size in bodies), initial=0)
        self._rounds = end // _ROUND + 1
        # The rounds that an object begins in.
        self._used = offsets[-1] // _ROUND + 1
        self._digits = len(str(self._rounds * most - 1))
        head = "".join(
            f"{number_of(place)} {opened(hundreds + offset // _ROUND)}{offset % _ROUND:04} "
            for place, offset in zip(objects, offsets, strict=True)
        )
        body = "".join(text for text, _ in bodies) + " " * (self._rounds * _ROUND - end)
        self._head = len(head) + self._objects * (width - 1 + self._digits - 1)
        self._template = DeflateTemplate(
            head, body, [width] * hundreds + [self._digits] * self._rounds
        )

    def filled(self, pages: Sequence[str]) -> tuple[str, bytes]:
        """Entries and compressed data of the stream for some pages, given their hundreds."""
        copies = [
            (hundreds + self._offsets(index), hundreds) for index, hundreds in enumerate(pages)
        ]
        many = len(pages)
        entries = f"/Type/ObjStm/N {many * self._objects}/First {many * self._head}"
        return entries, self._template.deflated(copies)

    def _offsets(self, index: int) -> str:
        """First digits of the offsets in the index-th copy."""
        first = index * self._rounds
        return "".join(f"{first + n:0{self._digits}}" for n in range(self._used))


def lay_out(numbers: Sequence[int], objects: Sequence[str]) -> tuple[int, bytes]:
    """Where the first object stands in the data of an object stream, and the data."""
    offsets = accumulate([len(content) + 1 for content in objects[:-1]], initial=0)
    head = " ".join(f"{n} {offset}" for n, offset in zip(numbers, offsets, strict=True))
    return len(head) + 1, "\n".join((head, *objects)).encode("latin-1")
