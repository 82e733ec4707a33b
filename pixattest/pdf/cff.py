"""CFF table → the CIDs of its glyphs (Adobe Technical Note 5176, "The Compact Font Format").

HarfBuzz makes subsets of such fonts; what a page has to say for a glyph is in the table alone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise

_CHARSET, _ROS = (15,), (12, 30)
"""Operators of the Top DICT: where the charset is, and what only a CID-keyed font has (table 9)."""

_PREDEFINED = 2
"""The highest offset of a charset that stands for one that is not in the file (table 22)."""


def read_cids(table: bytes, glyphs: int) -> Sequence[int] | None:
    """The CID of each glyph; None where the font is not CID-keyed.

    Raises:
        struct.error, IndexError: the table is cut short.
    """
    _, after_names = _read_index(table, table[2])
    (top, *_), _ = _read_index(table, after_names)
    entries = dict(_read_dict(top))
    if _ROS not in entries:
        return None
    (offset,) = entries.get(_CHARSET, [0])
    if offset <= _PREDEFINED:
        return range(glyphs)
    return _read_charset(table, offset, glyphs)


def _read_charset(table: bytes, offset: int, glyphs: int) -> list[int]:
    """A charset of any format (section 13); the first glyph is .notdef and not in it."""
    form, offset = table[offset], offset + 1
    if form == 0:
        return [0, *struct.unpack_from(f">{glyphs - 1}H", table, offset)]
    cids = [0]
    entry = struct.Struct(">HB" if form == 1 else ">HH")
    while len(cids) < glyphs:
        first, more = entry.unpack_from(table, offset)
        cids.extend(range(first, first + more + 1))
        offset += entry.size
    return cids


def _read_index(table: bytes, offset: int) -> tuple[list[bytes], int]:
    """The objects of an INDEX (section 5), and where it ends."""
    (count,) = struct.unpack_from(">H", table, offset)
    if not count:
        return [], offset + 2
    size, start = table[offset + 2], offset + 3
    places = [
        int.from_bytes(table[place : place + size], "big")
        for place in range(start, start + size * (count + 1), size)
    ]
    base = start + size * (count + 1) - 1
    objects = [table[base + begin : base + end] for begin, end in pairwise(places)]
    return objects, base + places[-1]


def _read_dict(data: bytes) -> Iterator[tuple[tuple[int, ...], list[int]]]:
    """Operators of a DICT with their operands (section 4); a real number counts as 0."""
    place = 0
    operands: list[int] = []
    while place < len(data):
        byte, place = data[place], place + 1
        if byte <= 21:
            operator = (byte, data[place]) if byte == 12 else (byte,)
            place += len(operator) - 1
            yield operator, operands
            operands = []
        elif byte == 30:
            while data[place] & 0xF != 0xF:
                place += 1
            place += 1
            operands.append(0)
        elif byte in (28, 29):
            value = struct.Struct(">h" if byte == 28 else ">i")
            operands.append(value.unpack_from(data, place)[0])
            place += value.size
        elif byte <= 246:
            operands.append(byte - 139)
        else:
            high = byte - 247 if byte < 251 else 251 - byte
            operands.append(high * 256 + (data[place] + 108) * (1 if byte < 251 else -1))
            place += 1
