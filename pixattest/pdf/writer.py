"""Numbered objects and blocks → the bytes of a PDF 1.7 file, as they come (ISO 32000-1, 7.5).

Streams are written at once; other objects are gathered in a compressed object stream, and where
everything stands is told at the end by a cross-reference stream.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator
from typing import Protocol

from isal import isal_zlib

from pixattest.pdf.block import LEVEL, Block
from pixattest.pdf.objects import Stream

_PACK = 200
"""Objects in an object stream, about."""


class Sink(Protocol):
    """What a file is written to; it need not be seekable."""

    def write(self, data: bytes, /) -> object:
        """Take the next bytes."""


class Writer:
    """Writes one file.

    Args:
        sink: takes the bytes.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._offset = 0
        self._digest = hashlib.sha256()
        self._entries: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
        self._packed: list[tuple[int, bytes]] = []
        self._next = 1
        # Of each block: first number, where its object stream is, how many pages it has; then
        # of each of its pages: where its content stream is, how many numbers it uses.
        self._blocks = array("Q")
        # Four bytes above 127 tell that the file is binary (7.5.2).
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    def reserve(self, count: int = 1) -> int:
        """The first of some object numbers, to be written later."""
        first = self._next
        self._next += count
        return first

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

    def add_block(self, first: int, block: Block) -> None:
        """Write a block under reserved numbers, the first of which is given."""
        self._blocks.extend((first, self._offset + block.pack, len(block.sizes)))
        for where, size in zip(block.contents, block.sizes, strict=True):
            self._blocks.extend((self._offset + where, size))
        self._write(block.data)

    def finish(self, root: int, info: int) -> None:
        """Write what is still held back, and where everything stands."""
        self._flush()
        number = self.reserve()
        start = self._offset
        self._entries[number] = (1, start, 0)
        wide = max(3, (start.bit_length() + 7) // 8)
        name = self._digest.hexdigest()[:32]
        table = self._cross_references(wide)
        self._write_stream(
            number,
            {
                "Type": "/XRef",
                "Size": self._next,
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

    def _cross_references(self, wide: int) -> bytes:
        """The compressed rows of all objects, in the order of their numbers (7.5.8).

        A row is written as its difference from the one above (PNG's filter "up"), so that rows
        of objects that stand together are all alike.
        """
        packer = isal_zlib.compressobj(LEVEL)
        parts = []
        above = bytes(3 + wide)
        for rows in self._rows(wide):
            parts.append(packer.compress(_up(rows, above)))
            above = rows[-len(above) :]
        return b"".join((*parts, packer.flush()))

    def _rows(self, wide: int) -> Iterator[bytes]:
        """Rows of all objects, some at a time: kind, place (in `wide` bytes), index."""
        places = iter(self._blocks)
        following = next(places, None)
        number = 0
        while number < self._next:
            if number == following:
                rows = b"".join(_block_rows(number, places, wide))
                following = next(places, None)
            else:
                rows = _row(*self._entries[number], wide)
            number += len(rows) // (3 + wide)
            yield rows

    def _add_stream(self, number: int, stream: Stream) -> None:
        self._entries[number] = (1, self._offset, 0)
        if stream.encoded:
            self._write_stream(number, stream.entries, stream.data)
        else:
            packed = isal_zlib.compress(stream.data, LEVEL)
            self._write_stream(number, stream.entries | {"Filter": "/FlateDecode"}, packed)

    def _write_stream(self, number: int, entries: dict[str, object], data: bytes) -> None:
        head = "".join(f"/{name} {value}" for name, value in entries.items())
        self._write(b"%d 0 obj\n<<%b/Length %d>>stream\n" % (number, head.encode(), len(data)))
        self._write(data)
        self._write(b"\nendstream\nendobj\n")

    def _flush(self) -> None:
        """Write the gathered objects as one object stream (7.5.7)."""
        if not self._packed:
            return
        number = self.reserve()
        places, offset = [], 0
        for index, (packed, content) in enumerate(self._packed):
            self._entries[packed] = (2, number, index)
            places.append(f"{packed} {offset}")
            offset += len(content) + 1
        head = " ".join(places).encode() + b"\n"
        body = b"\n".join(content for _, content in self._packed)
        entries = {"Type": "/ObjStm", "N": len(self._packed), "First": len(head)}
        self._packed.clear()
        self._add_stream(number, Stream(dict(entries), head + body))

    def _write(self, data: bytes) -> None:
        self._sink.write(data)
        self._digest.update(data)
        self._offset += len(data)


def _row(kind: int, where: int, index: int, wide: int) -> bytes:
    return kind.to_bytes(1, "big") + where.to_bytes(wide, "big") + index.to_bytes(2, "big")


def _up(rows: bytes, above: bytes) -> bytes:
    """Rows filtered by PNG's "up": each byte less the one above it, behind a 2."""
    width = len(above)
    shifted = above + rows[:-width]
    plain = bytes([(byte - over) & 255 for byte, over in zip(rows, shifted, strict=True)])
    return b"".join([b"\2" + plain[i : i + width] for i in range(0, len(plain), width)])


def _block_rows(first: int, places: Iterator[int], wide: int) -> Iterator[bytes]:
    """Rows of a block: its own objects, the content streams, then what is packed, by place."""
    pack, offset, count = first + 2, next(places), next(places)
    pages = [(next(places), next(places)) for _ in range(count)]
    yield _row(2, pack, 0, wide)
    yield _row(2, pack, 1, wide)
    yield _row(1, offset, 0, wide)
    for where, _ in pages:
        yield _row(1, where, 0, wide)
    index = 2
    for place in range(1, max(size for _, size in pages)):
        for _, size in pages:
            # A page with fewer objects than others leaves numbers free.
            used = place < size
            yield _row(2, pack, index, wide) if used else _row(0, 0, 65535, wide)
            index += used
