"""Kinds of pages, in order → what a reader calls them: the page labels (ISO 32000-1, 12.4.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from itertools import islice

from pixattest.pdf.objects import text_string

_IN_NODE = 200
"""Entries in a leaf of the number tree."""


class Label(IntEnum):
    """How a page is called."""

    NUMBERED = 0
    """By its number among such pages of the file: 12."""
    LEADING = 1
    """By its section, and its number among such pages there: TCAP1-1."""
    VERSO = 2
    """As the page that it is the back of: 12 verso."""
    FURTHER = 3
    """As the numbered page that it continues, and its place after that: 12-2."""


_ANEW = 4
"""A leading page from which they are counted anew."""


class PageLabels:
    """The labels of a file, a byte a page."""

    def __init__(self) -> None:
        self._kinds = bytearray()
        self._sections: list[str] = []

    def __len__(self) -> int:
        return len(self._kinds)

    def extend(self, labels: Sequence[Label], section: str) -> None:
        """Take the next pages, of one section."""
        begin = len(self._kinds)
        self._kinds += bytes(labels)
        if Label.LEADING in labels and self._sections[-1:] != [section]:
            self._sections.append(section)
            self._kinds[begin + labels.index(Label.LEADING)] = _ANEW

    def write(self, append: Callable[[bytes], int]) -> int:
        """Write the tree by what takes an object and returns its number; the tree's number."""
        ranges = self._ranges()
        nodes = []
        while some := list(islice(ranges, _IN_NODE)):
            entries = " ".join(f"{page}<<{label}>>" for page, label in some)
            nodes.append((some[0][0], some[-1][0], f"/Nums[{entries}]"))
        if len(nodes) == 1:
            return append(f"<<{nodes[0][2]}>>".encode("latin-1"))
        kids = [
            append(f"<</Limits[{first} {last}]{entries}>>".encode("latin-1"))
            for first, last, entries in nodes
        ]
        return append(f"<</Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>".encode())

    def _ranges(self) -> Iterator[tuple[int, str]]:
        """The pages from which labels are counted anew, and the entries that say how."""
        numbered = leading = further = 0
        prefix = name = ""
        before = None
        sections = iter(self._sections)
        for page, kind in enumerate(self._kinds):
            if kind == Label.NUMBERED:
                numbered, further = numbered + 1, 1
                name = str(numbered)
                if before != kind:
                    yield page, "/S/D" + (f"/St {numbered}" if numbered > 1 else "")
            elif kind == Label.FURTHER:
                further += 1
                name = f"{numbered}-{further}"
                if further == 2:
                    yield page, f"/S/D/P{text_string(f'{numbered}-')}/St 2"
            elif kind == Label.VERSO:
                yield page, f"/P{text_string(f'{name} verso')}"
            else:
                if kind == _ANEW:
                    leading, prefix = 0, f"{next(sections)}-"
                leading += 1
                name = f"{prefix}{leading}"
                if kind == _ANEW or before == Label.VERSO:
                    yield page, f"/S/D/P{text_string(prefix)}"
            before = kind
