"""Text + TrueType or OpenType files → positioned glyphs, their widths, and the embedded subsets.

A text is shown in one of two ways (ISO 32000-1, 9.7):

- plain: one character is one glyph, as in Latin, Greek or Cyrillic text. The character code is the
  character's UTF-16 code unit, so the shown bytes depend on nothing else in the document; a
  CIDToGIDMap made at the end leads from there to the glyphs of the subset.
- shaped: marks, joined scripts, characters beyond the BMP, and all text in a font with PostScript
  outlines (CFF). The code is the glyph's number in the whole font, or its CID where it has one, and
  the marked content says the text (ActualText).

Letters from right to left are the exception to the last: readers turn what they take for such text
round, an ActualText as well, and so find it right where each glyph alone says its letter.
"""

from __future__ import annotations

import hashlib
import re
import struct
import sys
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import accumulate, pairwise
from operator import add
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import uharfbuzz as hb

from pixattest.pdf.cff import read_cids
from pixattest.pdf.objects import Stream, deflated, hex_text, number, numbers, utf16_string

_FEATURES = {"kern": True, "liga": False, "clig": False, "calt": False}
_UNUSED_TABLES = [
    int.from_bytes(tag.encode(), "big")
    for tag in ("GSUB", "GPOS", "GDEF", "BASE", "STAT", "name", "OS/2", "post", "cmap", "gasp")
]
_JOINERS = "\u200c\u200d"
"""Say whether the letters beside them are joined; HarfBuzz needs no glyph of them."""

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""Characters of scripts that are written from right to left."""

_WORDS = re.compile("[^ ]+| ")

_PLAIN = re.compile(
    "[ -~\xa0-\u02ff\u0370-\u0482\u048a-\u058f\u1e00-\u1fff\u2010-\u2027\u202f-\u206f\u20a0-\u20bf]"
)
"""Characters that may be one glyph each, in a row from left to right."""

_TABLES = ("head", "maxp", "hhea", "hmtx", "cmap", "OS/2")
"""Tables without which a font is of no use here."""
_OUTLINES = ("glyf", "loca"), ("CFF ",)
"""Tables of TrueType's outlines, and of PostScript's."""

_RESTRICTED = 0x0002 | 0x0100 | 0x0200
"""Of OS/2's fsType: no embedding, no subsetting, bitmaps only."""

_MOST_EMBEDDED = 8
"""Subsets of one face that are remembered: that of the labels is the same in every file."""

_MOST_SHAPED = 20_000
"""Texts whose shape a typeface remembers; then it starts afresh."""


_NONE: frozenset[tuple[int, str]] = frozenset()


class FontError(Exception):
    """A font file that can't be embedded; says why."""


class MissingGlyphError(Exception):
    """A character that no face of a typeface has."""

    def __init__(self, char: str) -> None:
        self.char = char
        name = unicodedata.name(char, "a character without a name")
        super().__init__(f"no font has the character {char!r} (U+{ord(char):04X}, {name})")


class Run(NamedTuple):
    """A piece of text in one face.

    Attributes:
        face: number of the face in the document.
        shown: rise in thousandths of the font size, and operand of TJ as Latin-1 text; mostly one.
        width: advance in thousandths of the font size.
        shaped: pairs of glyph and the text it stands for; none where a character is one glyph.
        text: the text.
        shift: thousandths of the font size from where the run before ended to where it begins.
        from_right: it is written from right to left. Readers turn such letters round themselves,
            be they a glyph's or an ActualText's.
    """

    face: int
    shown: tuple[tuple[float, str], ...]
    width: float
    shaped: frozenset[tuple[int, str]]
    text: str
    shift: float = 0
    from_right: bool = False

    @property
    def resource(self) -> str:
        """Name in the page's font resources."""
        return f"G{self.face}" if self.shaped else f"F{self.face}"

    @property
    def plain(self) -> str:
        """The characters that are shown by code."""
        return "" if self.shaped else self.text


class Face:
    """One TrueType or OpenType file.

    Args:
        path: the file.
        index: number of the face in the document.

    Raises:
        FontError: it can't be read or embedded.
    """

    def __init__(self, path: Path, index: int) -> None:
        self.path = path
        self.index = index
        try:
            blob = hb.Blob.from_file_path(str(path))
        except (OSError, hb.HarfBuzzError) as reason:
            raise FontError(f"can't be read: {reason}") from None
        _check_tables(path)
        self._face = hb.Face(blob)
        if not self._face.glyph_count:
            raise FontError("has no glyphs")
        if self._table("OS/2", "H54x", 8)[0] & _RESTRICTED:
            raise FontError("does not permit embedding of a part of it (OS/2 fsType)")
        self._font = hb.Font(self._face)
        self._cff = self._face.reference_table("CFF ").data
        self._cids = self._read_cids() if self._cff else None
        self._scale = 1000 / self._face.upem
        self._embedded: dict[object, list[bytes | Stream]] = {}
        self._nominal = cache(self._read_nominal)
        self._advance = cache(self._read_advance)
        self._inks: dict[str, tuple[float, float]] = {}
        self._words: dict[str, _Words] = {}

    def has(self, text: str) -> bool:
        """Whether the face has a glyph for each character, or for what it is composed of."""
        return all(
            self._has_parts(char) or self._has_parts(_spelt_out(char))
            for char in text
            if char not in _JOINERS
        )

    def _has_parts(self, text: str) -> bool:
        nominal = self._font.get_nominal_glyph
        return all(
            nominal(ord(char)) or all(nominal(ord(part)) for part in normalize("NFD", char))
            for char in text
        )

    def _drawn(self, text: str) -> str:
        """The text with those letters spelt out that the face has no glyph of: Ĳ as IJ."""
        if text.isascii():
            return text
        return "".join(char if self._has_parts(char) else _spelt_out(char) for char in text)

    def ink(self, text: str, language: str) -> tuple[float, float]:
        """How high and how deep a text reaches, in thousandths of the font size."""
        high = deep = 0.0
        # The letters of other scripts may be higher joined than they are alone.
        parts = set(_marked(text)) if all(map(_PLAIN.match, text)) else [text]
        for part in parts:
            found = self._inks.get(part) or self._ink(part, language)
            high, deep = max(high, found[0]), max(deep, found[1])
        return high, deep

    def _ink(self, part: str, language: str) -> tuple[float, float]:
        high = deep = 0
        for info, position in zip(*self._glyphs(part, language), strict=True):
            extents = self._font.get_glyph_extents(info.codepoint)
            if extents:
                top = extents.y_bearing + position.y_offset
                high, deep = max(high, top), max(deep, -top - extents.height)
        if len(self._inks) >= _MOST_SHAPED:
            self._inks.clear()
        self._inks[part] = found = high * self._scale, deep * self._scale
        return found

    def letters(
        self, text: str, language: str, *, from_right: bool
    ) -> Iterator[tuple[float, float, float, float]]:
        """Left, bottom, right, top of each glyph's ink, in thousandths of the font size.

        From where the text begins, y upwards; of a space, nothing wide or high.
        """
        pen, scale = 0, self._scale
        for info, position in zip(
            *self._glyphs(text, language, from_right=from_right), strict=True
        ):
            ink = self._font.get_glyph_extents(info.codepoint)
            left, top = pen + position.x_offset + ink.x_bearing, position.y_offset + ink.y_bearing
            right, bottom = left + ink.width, top + ink.height
            yield left * scale, bottom * scale, right * scale, top * scale
            pen += position.x_advance

    def line_up(self, text: str, language: str) -> Run | None:
        """The same as `shape`, many times faster, where each letter is one glyph.

        Then kerning depends on pairs of letters alone, and what each word adds after the letter
        before it is worked out once.

        Returns:
            None where that is not so.
        """
        if self._cff:
            return None
        words = self._words.get(language)
        if words is None:
            words = self._words[language] = _Words(self, language)
        shown, wide, before = "(", 0.0, ""
        for word in text.split(" "):
            found = words[before + word]
            if found is None:
                return None
            shown += found[0]
            wide += found[1]
            before = word[-1:] + " "
        return Run(self.index, ((0, shown + ")"),), wide, _NONE, text)

    def learn(self, letters: str, language: str) -> tuple[str, float] | None:
        """What the last letter adds to a string in TJ, and its advance with kerning."""
        if not all(_PLAIN.match(letter) and self.has(letter) for letter in letters):
            return None
        run = self.shape(letters, language)
        if run.shaped:
            return None
        units = utf16_string(letters[-1])[1:-1]
        if len(letters) == 1:
            return units, run.width
        before, last = (
            self._font.get_glyph_h_advance(self._font.get_nominal_glyph(ord(letter))) * self._scale
            for letter in letters
        )
        kerning = run.width - before - last
        move = f"){number(-kerning)}(" if number(kerning) != "0" else ""
        return move + units, last + kerning

    def _glyphs(
        self, text: str, language: str, *, from_right: bool = False
    ) -> tuple[Sequence[hb.GlyphInfo], Sequence[hb.GlyphPosition]]:
        buffer = hb.Buffer()
        buffer.add_str(self._drawn(text))
        buffer.guess_segment_properties()
        buffer.language = language
        if from_right:
            buffer.direction = "rtl"
        if "\u00ad" in text:  # a soft hyphen that is here is one to be seen
            buffer.flags = hb.BufferFlags.PRESERVE_DEFAULT_IGNORABLES
        hb.shape(self._font, buffer, {} if any(map(_script, text)) else _FEATURES)
        return buffer.glyph_infos, buffer.glyph_positions

    def shape(self, text: str, language: str, *, from_right: bool = False) -> Run:
        """The text as glyphs of this face, kerned, from left to right as they are seen.

        Args:
            text: characters of one script, which the face has.
            language: BCP 47; never taken from the process's locale.
            from_right: the text is written from right to left.
        """
        infos, positions = self._glyphs(text, language, from_right=from_right)
        drawn = self._drawn(text)
        for info in infos:
            if not info.codepoint:  # of what the font has no shape for
                raise MissingGlyphError(drawn[info.cluster])
        nominal = [self._font.get_nominal_glyph(ord(char)) for char in text]
        width = sum(position.x_advance for position in positions) * self._scale
        plain = [info.codepoint for info in infos] == nominal and not any(
            position.x_offset or position.y_offset for position in positions
        )
        if plain and not self._cff and all(char < "\U00010000" for char in text):
            units = list(text)
            shaped = _NONE
        else:
            units = [chr(self._code(info.codepoint)) for info in infos]
            shaped = frozenset(_clusters(drawn, infos))
        shown = tuple(self._shown(units, infos, positions))
        return Run(self.index, shown, width, shaped, text, 0, from_right)

    def _shown(
        self,
        units: Sequence[str],
        infos: Sequence[hb.GlyphInfo],
        positions: Sequence[hb.GlyphPosition],
    ) -> Iterator[tuple[float, str]]:
        """Operands of TJ with their rise: strings, and moves back between them."""
        rise = 0.0
        operand: list[str] = []
        waiting = ""

        def flush(move: float | None = None) -> None:
            nonlocal waiting
            if waiting:
                operand.append(utf16_string(waiting))
                waiting = ""
            if move:
                space = " " if operand and operand[-1][-1] != ")" else ""
                operand.append(space + number(move * self._scale))

        for unit, info, position in zip(units, infos, positions, strict=True):
            lifted = position.y_offset * self._scale
            if lifted != rise:
                flush()
                if operand:
                    yield rise, "".join(operand)
                rise, operand = lifted, []
            if position.x_offset:
                flush(-position.x_offset)
            waiting += unit
            natural = self._font.get_glyph_h_advance(info.codepoint)
            if back := natural - position.x_advance + position.x_offset:
                flush(back)
        flush()
        yield rise, "".join(operand)

    def embed(
        self,
        plain: Iterable[str],
        shaped: Iterable[tuple[int, str]],
        first: int,
        to_unicode: int,
    ) -> list[bytes | Stream]:
        """The objects of this face's subset, numbered from `first`.

        Args:
            plain: characters shown by code.
            shaped: glyphs shown by number, with their texts.
            first: number of the first object.
            to_unicode: number of the CMap of characters shown by code.

        Returns:
            The Type 0 font of the plain text, then that of the shaped text (None kept as `null`),
            then what they refer to.
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
        glyph_of = {code: self._nominal(code) for code in sorted(map(ord, plain))}
        text_of = dict(sorted(shaped))
        data, renumbered = self._subset({*glyph_of.values(), *text_of})
        name = f"{_subset_tag(data)}+{self._name}"
        descriptor, program = first + 2, first + 3
        objects: list[bytes | Stream] = [b"null", b"null"]
        objects.append(self._descriptor(name, program))
        if self._cff:
            objects.append(deflated({"Subtype": "/CIDFontType0C"}, data))
        else:
            objects.append(deflated({"Length1": len(data)}, data))
        for slot, glyphs in enumerate((glyph_of, {self._code(g): g for g in text_of})):
            if not glyphs:
                continue
            if slot:
                to_unicode = first + len(objects)
                objects.append(
                    deflated(
                        {},
                        _glyphs_to_unicode(
                            {self._code(glyph): text for glyph, text in text_of.items()}
                        ),
                    )
                )
            descendant = first + len(objects)
            objects[slot] = (
                f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
                f"/DescendantFonts[{descendant} 0 R]/ToUnicode {to_unicode} 0 R>>"
            ).encode()
            kind, glyph_map = "CIDFontType0", ""
            if not self._cff:
                kind, glyph_map = "CIDFontType2", f"/CIDToGIDMap {descendant + 1} 0 R"
            objects.append(
                (
                    f"<</Type/Font/Subtype/{kind}/BaseFont/{name}"
                    "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
                    f"/FontDescriptor {descriptor} 0 R/DW 0/W[{self._widths(glyphs)}]{glyph_map}>>"
                ).encode()
            )
            if glyph_map:
                codes = {code: renumbered[glyph] for code, glyph in glyphs.items()}
                objects.append(deflated({}, _cid_to_gid(codes)))
        return objects

    def _read_nominal(self, code: int) -> int:
        """The glyph of a character."""
        return self._font.get_nominal_glyph(code) or 0

    def _read_advance(self, glyph: int) -> str:
        """Advance of a glyph in thousandths of the font size, written."""
        return number(self._font.get_glyph_h_advance(glyph) * self._scale) + " "

    @cached_property
    def _name(self) -> str:
        found = self._face.get_name(hb.OTNameIdPredefined.POSTSCRIPT_NAME) or self.path.stem
        return "".join(c for c in found if c.isascii() and (c.isalnum() or c in "-_")) or "Font"

    def _table(self, tag: str, form: str, offset: int) -> tuple[int, ...]:
        data = self._face.reference_table(tag).data
        try:
            return struct.unpack_from(f">{form}", data, offset)
        except struct.error:
            raise FontError(f"has too short a table {tag}") from None

    def _read_cids(self) -> Sequence[int]:
        """The CIDs of all glyphs; of a font that has none, they are the glyphs (9.7.4.2)."""
        try:
            return read_cids(self._cff, self._face.glyph_count) or range(self._face.glyph_count)
        except (struct.error, IndexError):
            raise FontError("has a table CFF that can't be read") from None

    def _code(self, glyph: int) -> int:
        """What a shaped text shows a glyph by."""
        return self._cids[glyph] if self._cids else glyph

    def _subset(self, glyphs: set[int]) -> tuple[bytes, Mapping[int, int]]:
        """A TrueType file, or a CFF table, with some glyphs, and where each now is."""
        if self._cff:
            # Where there are no CIDs, a glyph is found by its number (9.7.4.2).
            bare = isinstance(self._cids, range)
            flags = hb.SubsetFlags.RETAIN_GIDS if bare else hb.SubsetFlags.DEFAULT
            plan = _plan_subset(self._face, glyphs, flags)
            table = plan.execute().reference_table("CFF ")
            return bytes(table.data), plan.old_to_new_glyph_mapping
        # What makes many subsets three times faster would not pay for the first one.
        face = self._without_unused if self._embedded else self._face
        plan = _plan_subset(face, glyphs)
        return bytes(plan.execute().blob.data), plan.old_to_new_glyph_mapping

    @cached_property
    def _without_unused(self) -> hb.Face:
        """The face with all its glyphs in their places, but nothing that no subset keeps."""
        plan = _plan_subset(self._face, range(self._face.glyph_count), hb.SubsetFlags.RETAIN_GIDS)
        return hb.Face(plan.execute().blob)

    def _descriptor(self, name: str, program: int) -> bytes:
        file = f"FontFile{3 if self._cff else 2}"
        return (
            f"<</Type/FontDescriptor/FontName/{name}{self._metrics}/{file} {program} 0 R>>"
        ).encode()

    @cached_property
    def _metrics(self) -> str:
        """Entries of the font descriptor that are the same for all subsets."""
        box = numbers(*(n * self._scale for n in self._table("head", "4h", 36)))
        extents = self._font.get_font_extents("ltr")
        ascent, descent = extents.ascender * self._scale, extents.descender * self._scale
        cap = self._font.get_metric_position_with_fallback(hb.OTMetricsTag.CAP_HEIGHT) * self._scale
        return (
            f"/Flags 4/FontBBox[{box}]/ItalicAngle 0/Ascent {number(ascent)}"
            f"/Descent {number(descent)}/CapHeight {number(cap)}/StemV 80"
        )

    def _widths(self, glyphs: dict[int, int]) -> str:
        """The W array: runs of consecutive codes with their widths (ISO 32000-1, 9.7.4.3)."""
        parts: list[str] = []
        following = -1
        for code, glyph in sorted(glyphs.items()):
            if code != following:
                parts.append(f"]{code}[" if parts else f"{code}[")
            parts.append(self._advance(glyph))
            following = code + 1
        return "".join(parts) + "]"


class _Words(dict[str, tuple[str, float] | None]):
    """What words add to a string in TJ, and their advance; None where letters are not glyphs.

    A word after another one is looked up with that one's last letter and the space.
    """

    def __init__(self, face: Face, language: str) -> None:
        self._face = face
        self._language = language
        self._pairs: dict[str, tuple[str, float] | None] = {}

    def __missing__(self, word: str) -> tuple[str, float] | None:
        first = word[: 0 if word[1:2] == " " else 1]
        added = [self._pair(pair) for pair in (first, *map(add, word, word[1:])) if pair]
        known = [pair for pair in added if pair is not None]
        found = None
        if len(known) == len(added):
            found = "".join(shown for shown, _ in known), sum(wide for _, wide in known)
        if len(self) >= _MOST_SHAPED:
            self.clear()
        self[word] = found
        return found

    def _pair(self, pair: str) -> tuple[str, float] | None:
        if pair not in self._pairs:
            self._pairs[pair] = self._face.learn(pair, self._language)
        return self._pairs[pair]


class Typeface:
    """Faces in order of preference: a character is set in the first one that has it."""

    def __init__(self, faces: Sequence[Face]) -> None:
        self.faces = tuple(faces)
        self._runs: dict[tuple[str, str], list[Run]] = {}

    def runs(self, text: str, language: str) -> list[Run]:
        """The text as runs, each in one face.

        Raises:
            MissingGlyphError: no face has one of its characters.
        """
        run = self.faces[0].line_up(text, language)
        if run:
            return [run]
        known = self._runs.get((text, language))
        if known is None:
            known = self._shape(text, language)
            if len(self._runs) > _MOST_SHAPED:
                self._runs.clear()
            self._runs[text, language] = known
        return known

    def ink(self, text: str, language: str) -> tuple[float, float]:
        """How high and how deep a text reaches, in thousandths of the font size."""
        pieces = [(self.faces[0], text)]
        if not self.faces[0].line_up(text, language):
            pieces = list(self._pieces(text))
        inks = [face.ink(piece, language) for face, piece in pieces]
        return max(high for high, _ in inks), max(deep for _, deep in inks)

    def letters(self, run: Run, language: str) -> Iterable[tuple[float, float, float, float]]:
        """Left, bottom, right, top of the ink of each glyph of a run, as a face has them."""
        if not run.text:
            return ()
        face = next(face for face in self.faces if face.index == run.face)
        return face.letters(run.text, language, from_right=run.from_right)

    def _shape(self, text: str, language: str) -> list[Run]:
        if not _RIGHT_TO_LEFT.search(text):
            return list(self._from_left(text, language))
        from pixattest.pdf.bidi import visual_pieces  # which few names need

        seen: list[tuple[int, Run]] = []
        for start, part, from_right in visual_pieces(text):
            if not from_right:
                place = text.count(" ", 0, start)
                seen.extend((place, run) for run in self._from_left(part, language))
                continue
            place = text.count(" ", 0, start + len(part))
            for face, piece in reversed(list(self._pieces(part))):
                for word in reversed(_WORDS.findall(piece)):
                    place -= word == " "
                    seen.append((place, face.shape(word, language, from_right=True)))
        return _in_reading_order(seen)

    def _from_left(self, text: str, language: str) -> Iterator[Run]:
        """The runs of a text that is written from left to right."""
        for face, piece in self._pieces(text):
            yield face.line_up(piece, language) or face.shape(piece, language)

    def _pieces(self, text: str) -> Iterator[tuple[Face, str]]:
        """Pieces of one face and script, each as long as can be; a letter keeps its marks."""
        face, script, piece = self.faces[0], None, ""
        for cluster in _marked(text):
            suited = next((face for face in self.faces if face.has(cluster)), None)
            if suited is None:
                raise MissingGlyphError(next(c for c in cluster if not self._has(c)))
            own = _script(cluster[0])
            if piece and (suited is not face or own != script):
                yield face, piece
                piece = ""
            face, script, piece = suited, own, piece + cluster
        if piece:
            yield face, piece

    def _has(self, char: str) -> bool:
        return any(face.has(char) for face in self.faces)


def _in_reading_order(seen: Sequence[tuple[int, Run]]) -> list[Run]:
    """Words as they are read, each moved to where it is seen; readers turn them round inside.

    Args:
        seen: from left to right: how many spaces are before a run in the text, and the run.
    """
    lefts = accumulate((run.width for _, run in seen), initial=0.0)
    pen, runs = 0.0, []
    for (_, run), left in sorted(
        zip(seen, lefts, strict=False), key=lambda found: (found[0][0], found[0][1].text == " ")
    ):
        runs.append(run._replace(shift=left - pen))
        pen = left + run.width
    back = sum(run.width for run in runs) - pen
    if back:
        runs.append(runs[-1]._replace(shown=(), width=0, text="", shift=back, from_right=True))
    return runs


def _marked(text: str) -> list[str]:
    """Characters, each with the marks and joiners after it."""
    found: list[str] = []
    for char in text:
        if char > "\u02ff" and (unicodedata.category(char)[0] == "M" or char in _JOINERS) and found:
            found[-1] += char
        else:
            found.append(char)
    return found


def _spelt_out(char: str) -> str:
    """The letters that a letter stands for (Unicode's `<compat>`): IJ for Ĳ; else itself."""
    stands_for = char.isalpha() and unicodedata.decomposition(char).startswith("<compat>")
    return normalize("NFKC", char) if stands_for else char


def _script(char: str) -> str:
    """The script of a letter that HarfBuzz has to shape, by its name; empty for all else."""
    if _PLAIN.match(char) or unicodedata.category(char)[0] != "L":
        return ""
    return unicodedata.name(char, "").partition(" ")[0]


def width(runs: Iterable[Run]) -> float:
    """Advance of runs, in thousandths of the font size."""
    return sum(run.width for run in runs)


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
    outlines = _OUTLINES[1] if "CFF" in end_of else _OUTLINES[0]
    for tag in (*outlines, *_TABLES):
        if tag.strip() not in end_of:
            raise FontError(f"is not a TrueType font (it has no {tag} table)")
    if max(end_of.values()) > path.stat().st_size:
        raise FontError("is cut short: a table reaches beyond the end of the file")


def _clusters(text: str, infos: Sequence[hb.GlyphInfo]) -> Iterator[tuple[int, str]]:
    """Each glyph with its share of the text: a character; the last of a cluster with the rest."""
    starts = [*sorted({info.cluster for info in infos}), len(text)]
    for start, end in pairwise(starts):
        glyphs = [info.codepoint for info in infos if info.cluster == start]
        whole = text[start:end]
        if unicodedata.bidirectional(whole[0]) in ("R", "AL"):
            glyphs.reverse()
            whole = _ligatures().get(whole, whole)
        forms = (whole, *(normalize(form, whole) for form in ("NFD", "NFC", "NFKD")))
        letters = next((form for form in forms if len(form) == len(glyphs)), whole)
        last = len(glyphs) - 1
        shares = [*letters[:last], letters[last:]] if last < len(letters) else [whole] * len(glyphs)
        yield from zip(glyphs, shares, strict=True)


@cache
def _ligatures() -> dict[str, str]:
    """Letters from right to left that are one character, too, by those that they consist of.

    Readers turn the text of a line round, and that of a glyph with it, letter by letter.
    """
    forms = map(chr, (*range(0xFB1D, 0xFDFC), *range(0xFE70, 0xFEFD)))
    whole = ((normalize("NFKC", form), form) for form in forms)
    return {
        letters: form
        for letters, form in reversed(list(whole))
        if letters.isalpha() and len(letters) > 1
    }


def _subset_tag(data: bytes) -> str:
    """Six capitals that name a subset (ISO 32000-1, 9.6.4), from its content."""
    value = int.from_bytes(hashlib.sha256(data).digest()[:8], "big")
    letters = []
    for _ in range(6):
        value, letter = divmod(value, 26)
        letters.append(chr(65 + letter))
    return "".join(letters)


def _plan_subset(
    face: hb.Face, glyphs: Iterable[int], flags: hb.SubsetFlags = hb.SubsetFlags.DEFAULT
) -> hb.SubsetPlan:
    wanted = hb.SubsetInput()
    wanted.glyph_set.update(glyphs)
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NO_LAYOUT_CLOSURE | flags
    wanted.drop_table_tag_set.update(_UNUSED_TABLES)
    if face.has_var_data:
        wanted.pin_all_axes_to_default(face)
    return hb.SubsetPlan(face, wanted)


def _cid_to_gid(glyphs: dict[int, int]) -> bytes:
    """CIDToGIDMap: two bytes a code, up to the highest one used."""
    table = array("H", bytes(2 * (max(glyphs) + 1)))
    for code, glyph in glyphs.items():
        table[code] = glyph
    if sys.byteorder == "little":
        table.byteswap()
    return table.tobytes()


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
    """A ToUnicode CMap, by entries of one kind (ISO 32000-1, 9.10.3)."""
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
