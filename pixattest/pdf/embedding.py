"""A font file + what is shown of it → the objects of its subset (ISO 32000-1, 9.7 and 9.9).

Plain text and shaped text (`fonts.py` says which is which) have a Type 0 font each: they share the
subset, and differ in what a character code means.
"""

from __future__ import annotations

import hashlib
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property

import uharfbuzz as hb

from pixattest.pdf.font_file import FontFile
from pixattest.pdf.objects import Stream, deflated, hex_text, number, numbers

_UNUSED_TABLES = [
    int.from_bytes(tag.encode(), "big")
    for tag in ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "name", "OS/2", "post", "cmap", "gasp")
]
"""Tables that a font in a PDF file does without, by their tags as HarfBuzz takes them."""

_MOST_EMBEDDED = 8
"""Subsets of one font that are remembered: that of the labels is the same in every file."""


class FontEmbedder:
    """Makes the objects of subsets of one font.

    Args:
        file: the whole font.
    """

    def __init__(self, file: FontFile) -> None:
        self._file = file
        self._embedded: dict[object, list[bytes | Stream]] = {}
        self._glyph = cache(file.glyph_of)
        self._advance = cache(lambda glyph: f"{number(file.advance_of(glyph))} ")

    def embed(
        self,
        plain: Iterable[str],
        shaped: Iterable[tuple[int, str]],
        first: int,
        to_unicode: int,
    ) -> list[bytes | Stream]:
        """The objects of a subset, in the order of their numbers.

        Args:
            plain: characters shown by code.
            shaped: glyphs shown by number, with their texts.
            first: number of the first object.
            to_unicode: number of the CMap of characters shown by code.

        Returns:
            The Type 0 font of the plain text, then that of the shaped text (`null` where there is
            no such text), then the objects that they refer to.
        """
        key = frozenset(plain), frozenset(shaped), first, to_unicode
        embedded = self._embedded.get(key)
        if embedded is None:
            if len(self._embedded) >= _MOST_EMBEDDED:
                self._embedded.clear()
            embedded = self._embedded[key] = self._embed(*key)
        return embedded

    def _embed(
        self,
        plain: frozenset[str],
        shaped: frozenset[tuple[int, str]],
        first: int,
        to_unicode: int,
    ) -> list[bytes | Stream]:
        code_of = self._file.code_of
        plain_glyphs = {ord(char): self._glyph(char) for char in sorted(plain)}
        texts = {code_of(glyph): text for glyph, text in sorted(shaped)}
        shaped_glyphs = {code_of(glyph): glyph for glyph, _ in sorted(shaped)}
        data, renumbered = self._subset({*plain_glyphs.values(), *shaped_glyphs.values()})
        name = f"{_subset_tag(data)}+{self._file.name}"
        objects: list[bytes | Stream] = [b"null", b"null", *self._program(name, data, first + 2)]
        if plain_glyphs:
            objects[0] = _type_0(name, first + len(objects), to_unicode)
            objects += self._descendant(name, plain_glyphs, renumbered, first, len(objects))
        if shaped_glyphs:
            to_unicode = first + len(objects)
            objects.append(deflated({}, _glyphs_to_unicode(texts)))
            objects[1] = _type_0(name, first + len(objects), to_unicode)
            objects += self._descendant(name, shaped_glyphs, renumbered, first, len(objects))
        return objects

    def _subset(self, glyphs: set[int]) -> tuple[bytes, Mapping[int, int]]:
        """A TrueType file, or a CFF table, with some glyphs; and the new number of each glyph."""
        file = self._file
        if file.cff:
            # Where there are no CIDs, a glyph is found by its number (9.7.4.2).
            flags = hb.SubsetFlags.DEFAULT if file.has_cids else hb.SubsetFlags.RETAIN_GIDS
            plan = _plan_subset(file.face, glyphs, flags)
            table = plan.execute().reference_table("CFF ")
            return bytes(table.data), plan.old_to_new_glyph_mapping
        # What makes many subsets three times faster would not pay for the first one.
        face = self._without_unused if self._embedded else file.face
        plan = _plan_subset(face, glyphs)
        return bytes(plan.execute().blob.data), plan.old_to_new_glyph_mapping

    @cached_property
    def _without_unused(self) -> hb.Face:
        """The font with all its glyphs under their numbers, without the tables no subset keeps."""
        face = self._file.face
        plan = _plan_subset(face, range(face.glyph_count), hb.SubsetFlags.RETAIN_GIDS)
        return hb.Face(plan.execute().blob)

    def _program(self, name: str, data: bytes, descriptor: int) -> list[bytes | Stream]:
        """The font descriptor and the font program, numbered in this order."""
        kind = "FontFile3" if self._file.cff else "FontFile2"
        described = (
            f"<</Type/FontDescriptor/FontName/{name}{self._metrics}/{kind} {descriptor + 1} 0 R>>"
        )
        if self._file.cff:
            return [described.encode(), deflated({"Subtype": "/CIDFontType0C"}, data)]
        return [described.encode(), deflated({"Length1": len(data)}, data)]

    @cached_property
    def _metrics(self) -> str:
        """Entries of the font descriptor that are the same for all subsets."""
        file, scale = self._file, self._file.scale
        box = numbers(*(n * scale for n in file.read_table("head", "4h", 36)))
        extents = file.font.get_font_extents("ltr")
        ascent, descent = extents.ascender * scale, extents.descender * scale
        cap = file.font.get_metric_position_with_fallback(hb.OTMetricsTag.CAP_HEIGHT) * scale
        return (
            f"/Flags 4/FontBBox[{box}]/ItalicAngle 0/Ascent {number(ascent)}"
            f"/Descent {number(descent)}/CapHeight {number(cap)}/StemV 80"
        )

    def _descendant(
        self,
        name: str,
        glyphs: Mapping[int, int],
        renumbered: Mapping[int, int],
        first: int,
        place: int,
    ) -> list[bytes | Stream]:
        """The CIDFont of some codes, and its CIDToGIDMap where outlines are TrueType's.

        Args:
            name: of the subset.
            glyphs: number of each code's glyph in the whole font.
            renumbered: number of each of these glyphs in the subset.
            first: number of the first object of the subset.
            place: of the CIDFont among these objects.
        """
        kind, glyph_map = "CIDFontType2", f"/CIDToGIDMap {first + place + 1} 0 R"
        if self._file.cff:
            kind, glyph_map = "CIDFontType0", ""
        font = (
            f"<</Type/Font/Subtype/{kind}/BaseFont/{name}"
            "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
            f"/FontDescriptor {first + 2} 0 R/DW 0/W[{self._widths(glyphs)}]{glyph_map}>>"
        ).encode()
        if self._file.cff:
            return [font]
        codes = {code: renumbered[glyph] for code, glyph in glyphs.items()}
        return [font, deflated({}, _cid_to_gid(codes))]

    def _widths(self, glyphs: Mapping[int, int]) -> str:
        """The W array: runs of consecutive codes with their widths (9.7.4.3)."""
        parts: list[str] = []
        following = -1
        for code, glyph in sorted(glyphs.items()):
            if code != following:
                parts.append(f"]{code}[" if parts else f"{code}[")
            parts.append(self._advance(glyph))
            following = code + 1
        return "".join(parts) + "]"


def chars_to_unicode(chars: Iterable[str]) -> bytes:
    """The ToUnicode CMap of characters shown by code: each code is the character's own.

    In a range only the last byte counts up, so each 256 characters need one of their own.
    """
    highs = sorted({ord(char) >> 8 for char in chars})
    return _cmap("range", [f"<{high:02x}00><{high:02x}ff><{high:02x}00>" for high in highs])


def _glyphs_to_unicode(texts: Mapping[int, str]) -> bytes:
    """The ToUnicode CMap of glyphs shown by number."""
    return _cmap("char", [f"<{glyph:04x}><{hex_text(texts[glyph])}>" for glyph in sorted(texts)])


def _cmap(kind: str, entries: Sequence[str]) -> bytes:
    """A ToUnicode CMap, by entries of one kind (9.10.3)."""
    blocks = [entries[i : i + 100] for i in range(0, len(entries), 100)]
    mapped = "\n".join(
        f"{len(block)} beginbf{kind}\n" + "\n".join(block) + f"\nendbf{kind}" for block in blocks
    )
    return (
        "/CIDInit/ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n"
        "/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n"
        "1 begincodespacerange\n<0000><ffff>\nendcodespacerange\n"
        f"{mapped}\nendcmap CMapName currentdict/CMap defineresource pop end end"
    ).encode()


def _type_0(name: str, descendant: int, to_unicode: int) -> bytes:
    """A Type 0 font, by the numbers of its CIDFont and of its ToUnicode CMap."""
    return (
        f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
        f"/DescendantFonts[{descendant} 0 R]/ToUnicode {to_unicode} 0 R>>"
    ).encode()


def _subset_tag(data: bytes) -> str:
    """Six capitals that name a subset (9.6.4), made from its content."""
    value = int.from_bytes(hashlib.sha256(data).digest()[:8], "big")
    letters = []
    for _ in range(6):
        value, letter = divmod(value, 26)
        letters.append(chr(65 + letter))
    return "".join(letters)


def _plan_subset(
    face: hb.Face, glyphs: Iterable[int], flags: hb.SubsetFlags = hb.SubsetFlags.DEFAULT
) -> hb.SubsetPlan:
    """How HarfBuzz is to make a subset; a variable font gets its default form."""
    wanted = hb.SubsetInput()
    wanted.glyph_set.update(glyphs)
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NO_LAYOUT_CLOSURE | flags
    wanted.drop_table_tag_set.update(_UNUSED_TABLES)
    if face.has_var_data:
        wanted.pin_all_axes_to_default(face)
    return hb.SubsetPlan(face, wanted)


def _cid_to_gid(glyphs: Mapping[int, int]) -> bytes:
    """The CIDToGIDMap: the number of each code's glyph in two bytes, up to the highest code."""
    table = array("H", bytes(2 * (max(glyphs) + 1)))
    for code, glyph in glyphs.items():
        table[code] = glyph
    if sys.byteorder == "little":
        table.byteswap()
    return table.tobytes()
