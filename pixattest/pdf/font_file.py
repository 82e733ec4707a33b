"""A TrueType or OpenType file → the font in it, checked, with what HarfBuzz reads of it."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import uharfbuzz as hb

from pixattest.pdf.cff import read_cids

_TABLES = ("head", "maxp", "hhea", "hmtx", "cmap", "OS/2")
"""Tables without which a font is of no use here."""

_TRUETYPE_OUTLINES, _POSTSCRIPT_OUTLINES = ("glyf", "loca"), ("CFF ",)
"""Tables that hold the outlines of glyphs."""

_RESTRICTED = 0x0002 | 0x0100 | 0x0200
"""Bits of OS/2's fsType that forbid embedding, forbid subsetting, or allow bitmaps only."""


class FontError(Exception):
    """A font file can't be embedded; the message says why."""


class FontFile:
    """A font file that can be embedded.

    Args:
        path: the file.

    Attributes:
        face: HarfBuzz's face, which has the tables.
        font: HarfBuzz's font, which has the glyphs, in the file's own units.
        scale: thousandths of the font size in one of these units.
        cff: the table of PostScript outlines; empty in a TrueType font.

    Raises:
        FontError: it can't be read or embedded.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            blob = hb.Blob.from_file_path(str(path))
        except (OSError, hb.HarfBuzzError) as reason:
            raise FontError(f"can't be read: {reason}") from None
        _check_tables(path)
        self.face = hb.Face(blob)
        if not self.face.glyph_count:
            raise FontError("has no glyphs")
        if self.read_table("OS/2", "H54x", 8)[0] & _RESTRICTED:
            raise FontError("does not permit embedding of a part of it (OS/2 fsType)")
        self.font = hb.Font(self.face)
        self.scale = 1000 / self.face.upem
        self.cff: bytes = self.face.reference_table("CFF ").data
        self._cids = self._read_cids() if self.cff else None

    def glyph_of(self, char: str) -> int:
        """The number of a character's glyph; 0 where the font has none."""
        return self.font.get_nominal_glyph(ord(char)) or 0

    def advance_of(self, glyph: int) -> float:
        """The advance of a glyph without kerning, in thousandths of the font size."""
        advance: float = self.font.get_glyph_h_advance(glyph) * self.scale
        return advance

    def code_of(self, glyph: int) -> int:
        """The code by which shaped text shows a glyph: its CID where it has one, or its number."""
        return self._cids[glyph] if self._cids else glyph

    @property
    def has_cids(self) -> bool:
        """Whether glyphs have CIDs that may differ from their numbers."""
        return self._cids is not None and not isinstance(self._cids, range)

    @cached_property
    def name(self) -> str:
        """The PostScript name, or else the file's, in characters that need no escape in a PDF."""
        found = self.face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or self.path.stem
        return "".join(c for c in found if c.isascii() and (c.isalnum() or c in "-_")) or "Font"

    def read_table(self, tag: str, form: str, offset: int) -> tuple[int, ...]:
        """Values of a table.

        Args:
            tag: name of the table.
            form: format of the values, as `struct` has it, without byte order.
            offset: bytes before the first value.

        Raises:
            FontError: the table is too short.
        """
        data = self.face.reference_table(tag).data
        try:
            return struct.unpack_from(f">{form}", data, offset)
        except struct.error:
            raise FontError(f"has too short a table {tag}") from None

    def _read_cids(self) -> Sequence[int]:
        """The CID of each glyph; in a font without CIDs it is the glyph's number (9.7.4.2)."""
        try:
            return read_cids(self.cff, self.face.glyph_count) or range(self.face.glyph_count)
        except (struct.error, IndexError):
            raise FontError("has a table CFF that can't be read") from None


def _check_tables(path: Path) -> None:
    """Refuse a file that lacks a table, or a part of one (OpenType, "Font tables")."""
    with path.open("rb") as file:
        head = file.read(12)
        count = int.from_bytes(head[4:6], "big")
        directory = file.read(16 * count)
    records = list(struct.iter_unpack(">4s4x2L", directory[: len(directory) // 16 * 16]))
    end_of = {tag.decode("latin-1").strip(): start + size for tag, start, size in records}
    if head[:4] == b"ttcf":
        raise FontError("is a collection of fonts: take one out of it")
    outlines = _POSTSCRIPT_OUTLINES if "CFF" in end_of else _TRUETYPE_OUTLINES
    for tag in (*outlines, *_TABLES):
        if tag.strip() not in end_of:
            raise FontError(f"is not a TrueType font (it has no {tag} table)")
    if max(end_of.values()) > path.stat().st_size:
        raise FontError("is cut short: a table reaches beyond the end of the file")
