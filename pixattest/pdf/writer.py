"""Numbered objects → the bytes of a PDF 1.7 file, written as they come (ISO 32000-1, 7.5).

Streams are written at once; other objects are gathered in compressed object streams, and where
everything stands is told at the end by a cross-reference stream.
"""

from __future__ import annotations

import hashlib
from typing import BinaryIO

from isal import isal_zlib

from pixattest.pdf.objects import Stream

_LEVEL = 2
"""Of ISA-L's 0 to 3: four times faster than zlib's 6, for a fifth more bytes."""

_PACK = 200
"""Objects in an object stream, about."""


class Writer:
    """Writes one file.

    Args:
        file: open for writing; need not be seekable.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offset = 0
        self._digest = hashlib.sha256()
        self._entries: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
        self._packed: list[tuple[int, bytes]] = []
        self._next = 1
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

    def finish(self, root: int, info: int) -> None:
        """Write what is still held back, and where everything stands."""
        self._flush()
        number = self.reserve()
        self._entries[number] = (1, self._offset, 0)
        wide = max(2, (self._offset.bit_length() + 7) // 8)
        table = b"".join(
            kind.to_bytes(1, "big") + where.to_bytes(wide, "big") + index.to_bytes(2, "big")
            for kind, where, index in map(self._entries.__getitem__, range(self._next))
        )
        name = self._digest.hexdigest()[:32]
        self._add_stream(
            number,
            Stream(
                {
                    "Type": "/XRef",
                    "Size": self._next,
                    "W": f"[1 {wide} 2]",
                    "Root": f"{root} 0 R",
                    "Info": f"{info} 0 R",
                    "ID": f"[<{name}><{name}>]",
                },
                table,
            ),
        )
        start = self._entries[number][1]
        self._write(f"startxref\n{start}\n%%EOF\n".encode())

    def _add_stream(self, number: int, stream: Stream) -> None:
        data = stream.data
        entries = dict(stream.entries)
        if not stream.encoded:
            data = isal_zlib.compress(data, _LEVEL)
            entries["Filter"] = "/FlateDecode"
        entries["Length"] = len(data)
        self._entries[number] = (1, self._offset, 0)
        head = "".join(f"/{name} {value}" for name, value in entries.items())
        self._write(b"%d 0 obj\n<<%b>>stream\n" % (number, head.encode()))
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
        self._file.write(data)
        self._digest.update(data)
        self._offset += len(data)
