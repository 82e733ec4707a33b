"""Numbered objects and blocks → the bytes of a PDF 1.7 file, as they come (ISO 32000-1, 7.5).

Streams are written at once; other objects are gathered in a compressed object stream, and where
everything stands is told at the end by a cross-reference stream.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from itertools import islice

from isal import isal_zlib

from pixattest.errors import OutputError
from pixattest.output import Sink, write_all
from pixattest.pdf.block import Block
from pixattest.pdf.objects import DEFLATE_LEVEL, Stream, deflated

_MOST_OBJECTS = 8_388_607
"""In a PDF/A file: about 80,000 attestations."""

_FIRST_HUNDRED = 10
"""Numbers below 1,000 are for what pages share; higher ones would look odd in a small file."""

_PACK = 200
"""Objects in an object stream, about."""


class Writer:
    """Writes one file.

    Args:
        sink: takes the bytes.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._offset = 0
        self._digest = hashlib.sha256()
        # Of each object but those of blocks: its row, and how many go on with it in a pack.
        self._entries: dict[int, tuple[int, int, int, int]] = {0: (0, 0, 65535, 1)}
        self._packed: list[tuple[int, bytes]] = []
        self._next, self._end, self._hundred = 1, 100 * _FIRST_HUNDRED, _FIRST_HUNDRED
        # Of each block: first number, how many kinds of pages and how many pages it has, and what
        # a Block says of where they stand.
        self._blocks = array("Q")
        # Four bytes above 127 tell that the file is binary (7.5.2).
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    @property
    def filled(self) -> float:
        """Of the objects that a file can have, the part that is reserved; from 0 to 1."""
        return 100 * self._hundred / _MOST_OBJECTS

    def reserve(self, count: int = 1) -> int:
        """The first of some object numbers, to be written later."""
        if self._next + count > self._end:
            hundreds = count // 100 + 1
            self._next = self.reserve_hundreds(hundreds)
            self._end = self._next + 100 * hundreds
        first = self._next
        self._next += count
        return first

    def reserve_hundreds(self, count: int) -> int:
        """The first of so many times 100 object numbers, all of them of as many digits."""
        first = self._hundred
        if len(str(first)) < len(str(first + count - 1)):
            first = 10 ** len(str(first))
        self._hundred = first + count
        if 100 * self._hundred > _MOST_OBJECTS:
            raise OutputError(
                f"one file can't hold more than {_MOST_OBJECTS:,} objects (ISO 19005-2, 6.1.13)",
                hint="Print several files, such as one a class.",
            )
        return 100 * first

    def add(self, number: int, content: bytes | Stream) -> None:
        """Write an object under a reserved number."""
        if isinstance(content, Stream):
            self._add_stream(number, content)
            return
        self._packed.append((number, content))
        if len(self._packed) >= _PACK:
            self._flush()

    def append(self, content: bytes | Stream) -> int:
        """Write an object under the next number, and return that."""
        number = self.reserve()
        self.add(number, content)
        return number

    def add_pack(self, first: int, count: int, pack: Stream) -> None:
        """Write an object stream of objects with numbers in a row, the first of which is given."""
        self._entries[first] = (2, self.append(pack), 0, count)

    def add_block(self, first: int, block: Block) -> None:
        """Write a block under reserved numbers, the first of which is given."""
        self._blocks.extend((first, len(block.packs), len(block.pages)))
        self._blocks.append(self._offset + block.varying)
        for place, *counts in block.packs:
            self._blocks.extend((place and self._offset + place, *counts))
        for place, kind in block.pages:
            self._blocks.extend((self._offset + place, kind))
        self._write(block.data)

    def finish(self, root: int, info: int) -> None:
        """Write what is still held back, and where everything stands."""
        self._flush()
        number = self.reserve()
        start = self._offset
        self._entries[number] = (1, start, 0, 1)
        wide = max(3, (start.bit_length() + 7) // 8)
        name = self._digest.hexdigest()[:32]
        sections, table = self._cross_references(wide)
        self._write_stream(
            number,
            {
                "Type": "/XRef",
                "Size": sum(sections[-2:]),
                "Index": f"[{' '.join(map(str, sections))}]",
                "W": f"[1 {wide} 2]",
                "Root": f"{root} 0 R",
                "Info": f"{info} 0 R",
                "ID": f"[<{name}><{name}>]",
                "Filter": "/FlateDecode",
                "DecodeParms": f"<</Predictor 12/Columns {3 + wide}>>",
            },
            table,
        )
        self._write(f"startxref\n{start}\n%%EOF\n".encode())

    def _cross_references(self, wide: int) -> tuple[list[int], bytes]:
        """First number and length of each stretch of objects, and their rows (7.5.8)."""
        rows = _Rows(wide)
        packer = isal_zlib.compressobj(DEFLATE_LEVEL)
        parts = []
        sections: list[int] = []
        places = iter(self._blocks)
        block = next(places, None)
        alone = sorted(self._entries, reverse=True)
        while alone or block is not None:
            if block is None or (alone and alone[-1] < block):
                first = alone.pop()
                kind, where, index, many = self._entries[first]
                if many == 1:
                    rows.add(kind, where, index)
                else:
                    rows.add_packed(where, index, many)
            else:
                first, many = block, rows.add_block(block, places)
                block = next(places, None)
                parts.append(packer.compress(rows.take()))
            if sections and first == sections[-2] + sections[-1]:
                sections[-1] += many
            else:
                sections += (first, many)
        parts += (packer.compress(rows.take()), packer.flush())
        return sections, b"".join(parts)

    def _add_stream(self, number: int, stream: Stream) -> None:
        self._entries[number] = (1, self._offset, 0, 1)
        if stream.encoded:
            self._write_stream(number, stream.entries, stream.data)
        else:
            self._add_stream(number, deflated(stream.entries, stream.data))

    def _write_stream(self, number: int, entries: dict[str, object], data: bytes) -> None:
        head = "".join(f"/{name} {value}" for name, value in entries.items())
        self._write(
            b"%d 0 obj\n<<%b/Length %d>>stream\n%b\nendstream\nendobj\n"
            % (number, head.encode(), len(data), data)
        )

    def _flush(self) -> None:
        """Write the gathered objects as one object stream (7.5.7)."""
        if not self._packed:
            return
        number = self.reserve()
        places, offset = [], 0
        for index, (packed, content) in enumerate(self._packed):
            self._entries[packed] = (2, number, index, 1)
            places.append(f"{packed} {offset}")
            offset += len(content) + 1
        head = " ".join(places).encode() + b"\n"
        body = b"\n".join(content for _, content in self._packed)
        entries: dict[str, object] = {"Type": "/ObjStm", "N": len(self._packed), "First": len(head)}
        self._packed.clear()
        self._add_stream(number, Stream(entries, head + body))

    def _write(self, data: bytes) -> None:
        write_all(self._sink, data)
        self._digest.update(data)
        self._offset += len(data)


class _Rows:
    """Rows of a cross-reference stream, as their differences from the row above.

    That is PNG's filter "up" (ISO 32000-1, 7.4.4.4): rows of objects that stand one after the
    other in an object stream all become the same.

    Args:
        wide: bytes of the second field.
    """

    def __init__(self, wide: int) -> None:
        self._wide = wide
        self._above = 0
        self._high = int.from_bytes(b"\x80" * (3 + wide), "big")
        self._rows: list[bytes] = []

    def add(self, kind: int, where: int, index: int) -> None:
        """One row."""
        row = (kind << 8 * self._wide | where) << 16 | index
        # Each byte minus the one above, modulo 256: its high bit is kept out, and put right after.
        high, above = self._high, self._above
        difference = ((row | high) - (above & ~high)) ^ (~(row ^ above) & high)
        self._rows.append(b"\2" + difference.to_bytes(3 + self._wide, "big"))
        self._above = row

    def add_packed(self, pack: int, index: int, count: int) -> None:
        """Rows of objects in a row in one object stream."""
        self.add(2, pack, index)
        following = bytes((2, *bytes(2 + self._wide), 1))
        carry = bytes((2, *bytes(1 + self._wide), 1, 1))
        last = index + count - 1
        while index < last:
            until = min(last, index | 255)
            self._rows.append(following * (until - index))
            if until < last:
                self._rows.append(carry)
                until += 1
            index = until
        self._above = (2 << 8 * self._wide | pack) << 16 | last

    def add_free(self, count: int) -> None:
        """Rows of numbers that are never used: free, and of the last generation (7.5.4)."""
        if count:
            self.add(0, 0, 65535)
            self._rows.append(bytes((2, *bytes(3 + self._wide))) * (count - 1))

    def add_block(self, first: int, places: Iterator[int]) -> int:
        """Rows of a block and of its pages, which have their numbers in a row; how many."""
        kinds, pages = next(places), next(places)
        varying_pack, varying_used = first + 2, 2
        self.add_packed(varying_pack, 0, varying_used)
        self.add(1, next(places), 0)
        packs = []
        last = varying_pack
        for _ in range(kinds):
            place, *counts = islice(places, 4)
            if place:
                last += 1
                self.add(1, place, 0)
            packs.append([last, 0, *counts])
        self.add_free(97 - (last - varying_pack))
        rows = 100
        for _ in range(pages):
            self.add(1, next(places), 0)
            pack = packs[next(places)]
            number, used, constant, varying, numbers = pack
            self.add_packed(varying_pack, varying_used, varying)
            if constant:
                self.add_packed(number, used, constant)
            self.add_free(numbers - 1 - varying - constant)
            varying_used += varying
            pack[1] += constant
            rows += numbers
        return rows

    def take(self) -> bytes:
        """What was added since it was last taken."""
        taken = b"".join(self._rows)
        self._rows.clear()
        return taken
