"""A piece of text + a font file → positioned glyphs, and later the subset that shows them.

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

# Annotations are not postponed here: as text, each would be compiled at every start.

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from operator import add
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import uharfbuzz as hb

from pixattest.pdf.embedding import FontEmbedder
from pixattest.pdf.font_file import FontFile
from pixattest.pdf.objects import number, utf16_string

_FEATURES = {"kern": True, "liga": False, "clig": False, "calt": False}
"""OpenType features of scripts that need no shaping: each letter stays one glyph, to be found."""

_JOINERS = "\u200c\u200d"
"""Characters that say whether the letters beside them are joined; they need no glyph."""

_SOFT_HYPHEN = "\u00ad"

_PLAIN = frozenset(
    chr(code)
    for first, last in (
        (" ", "~"),
        ("\xa0", "\u02ff"),
        ("\u0370", "\u0482"),
        ("\u048a", "\u058f"),
        ("\u1e00", "\u1fff"),
        ("\u2010", "\u2027"),
        ("\u202f", "\u206f"),
        ("\u20a0", "\u20bf"),
    )
    for code in range(ord(first), ord(last) + 1)
)
"""Characters that may be one glyph each, in a row from left to right."""

_MOST_KNOWN = 20_000
"""Words, or characters, whose shape a face remembers; then it starts afresh."""

_NONE: frozenset[tuple[int, str]] = frozenset()


class MissingGlyphError(Exception):
    """A character that no face of a typeface has."""

    def __init__(self, char: str) -> None:
        self.char = char
        name = unicodedata.name(char, "a character without a name")
        super().__init__(f"no font has the character {char!r} (U+{ord(char):04X}, {name})")

    def __reduce__(self) -> tuple[object, ...]:
        return MissingGlyphError, (self.char,)


class Run(NamedTuple):
    """A piece of text in one face.

    Attributes:
        face: number of the face in the document.
        shown: pairs of rise, in thousandths of the font size, and operand of TJ as Latin-1 text;
            mostly one pair.
        width: advance in thousandths of the font size.
        shaped: pairs of glyph and the text it stands for; none where a character is one glyph.
        text: the text.
        shift: distance from the end of the run before to the beginning of this one, in thousandths
            of the font size.
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
    """A font file that shapes text.

    Args:
        path: the file.
        index: number of the face in the document.
        embedder: makes the objects of its subsets.

    Raises:
        FontError: it can't be read or embedded.
    """

    def __init__(self, path: Path, index: int) -> None:
        self.path = path
        self.index = index
        self._file = FontFile(path)
        self.embedder = FontEmbedder(self._file)
        self._inks: dict[str, tuple[float, float]] = {}
        self._words: dict[str, _KernedWords] = {}

    def has(self, text: str) -> bool:
        """Whether the face has a glyph for each character, or for what it is composed of."""
        return all(
            self._has_parts(char) or self._has_parts(_spelt_out(char))
            for char in text
            if char not in _JOINERS
        )

    def kern(self, text: str, language: str) -> Run | None:
        """The same run as `shape` makes, many times faster, where each letter is one glyph.

        Then kerning depends on pairs of letters alone, and what each word adds after the letter
        before it is worked out once.

        Returns:
            None where the text has to be shaped.
        """
        if self._file.cff:
            return None
        words = self._words.get(language)
        if words is None:
            words = self._words[language] = _KernedWords(self, language)
        shown, wide, before = "(", 0.0, ""
        for word in text.split(" "):
            found = words[before + word]
            if found is None:
                return None
            shown += found[0]
            wide += found[1]
            before = word[-1:] + " "
        return Run(self.index, ((0, shown + ")"),), wide, _NONE, text)

    def kern_pair(self, letters: str, language: str) -> tuple[str, float] | None:
        """What the last one of two letters, or a first letter, adds to a text that is kerned.

        Returns:
            What it adds to a string in TJ, and its advance with kerning; None where the letters
            have to be shaped.
        """
        if not all(letter in _PLAIN and self.has(letter) for letter in letters):
            return None
        run = self.shape(letters, language)
        if run.shaped:
            return None
        units = utf16_string(letters[-1])[1:-1]
        if len(letters) == 1:
            return units, run.width
        file = self._file
        before, last = (file.advance_of(file.glyph_of(letter)) for letter in letters)
        kerning = run.width - before - last
        move = f"){number(-kerning)}(" if number(kerning) != "0" else ""
        return move + units, last + kerning

    def shape(self, text: str, language: str, *, from_right: bool = False) -> Run:
        """The text as glyphs of this face, kerned, from left to right as they are seen.

        Args:
            text: characters of one script, which the face has.
            language: BCP 47; never taken from the process's locale.
            from_right: the text is written from right to left.

        Raises:
            MissingGlyphError: the face has no glyph for a character in this place.
        """
        file = self._file
        infos, positions = self._glyphs(text, language, from_right=from_right)
        drawn = self._drawn(text)
        for info in infos:
            if not info.codepoint:
                raise MissingGlyphError(drawn[info.cluster])
        width = sum(position.x_advance for position in positions) * file.scale
        plain = [info.codepoint for info in infos] == [*map(file.glyph_of, text)] and not any(
            position.x_offset or position.y_offset for position in positions
        )
        if plain and not file.cff and all(char < "\U00010000" for char in text):
            units = list(text)
            shaped = _NONE
        else:
            units = [chr(file.code_of(info.codepoint)) for info in infos]
            shaped = frozenset(_clusters(drawn, infos))
        shown = tuple(self._shown(units, infos, positions))
        return Run(self.index, shown, width, shaped, text, 0, from_right)

    def ink(self, text: str, language: str) -> tuple[float, float]:
        """How high and how deep a text reaches, in thousandths of the font size."""
        high = deep = 0.0
        # The letters of other scripts may be higher joined than they are alone.
        parts = set(marked(text)) if _PLAIN.issuperset(text) else [text]
        for part in parts:
            found = self._inks.get(part) or self._ink(part, language)
            high, deep = max(high, found[0]), max(deep, found[1])
        return high, deep

    def letters(
        self, text: str, language: str, *, from_right: bool
    ) -> Iterator[tuple[float, float, float, float]]:
        """Left, bottom, right and top of the ink of each glyph, in thousandths of the font size.

        They are measured from where the text begins, y upwards; the ink of a space has no width
        and no height.
        """
        file = self._file
        pen, scale = 0, file.scale
        for info, position in zip(
            *self._glyphs(text, language, from_right=from_right), strict=True
        ):
            ink = file.font.get_glyph_extents(info.codepoint)
            left, top = pen + position.x_offset + ink.x_bearing, position.y_offset + ink.y_bearing
            right, bottom = left + ink.width, top + ink.height
            yield left * scale, bottom * scale, right * scale, top * scale
            pen += position.x_advance

    def _has_parts(self, text: str) -> bool:
        glyph_of = self._file.glyph_of
        return all(glyph_of(char) or all(map(glyph_of, normalize("NFD", char))) for char in text)

    def _drawn(self, text: str) -> str:
        """The text with those letters spelt out that the face has no glyph of: Ĳ as IJ."""
        if text.isascii():
            return text
        return "".join(char if self._has_parts(char) else _spelt_out(char) for char in text)

    def _glyphs(
        self, text: str, language: str, *, from_right: bool = False
    ) -> tuple[Sequence[hb.GlyphInfo], Sequence[hb.GlyphPosition]]:
        """The glyphs of a text and their positions, as HarfBuzz has them."""
        buffer = hb.Buffer()
        buffer.add_str(self._drawn(text))
        buffer.guess_segment_properties()
        buffer.language = language
        if from_right:
            buffer.direction = "rtl"
        if _SOFT_HYPHEN in text:  # it ends a line, and is to be seen
            buffer.flags = hb.BufferFlags.PRESERVE_DEFAULT_IGNORABLES
        hb.shape(self._file.font, buffer, {} if any(map(script_of, text)) else _FEATURES)
        return buffer.glyph_infos, buffer.glyph_positions

    def _shown(
        self,
        units: Sequence[str],
        infos: Sequence[hb.GlyphInfo],
        positions: Sequence[hb.GlyphPosition],
    ) -> Iterator[tuple[float, str]]:
        """Operands of TJ with their rise: strings, and moves back between them."""
        scale = self._file.scale
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
                operand.append(space + number(move * scale))

        for unit, info, position in zip(units, infos, positions, strict=True):
            lifted = position.y_offset * scale
            if lifted != rise:
                flush()
                if operand:
                    yield rise, "".join(operand)
                rise, operand = lifted, []
            if position.x_offset:
                flush(-position.x_offset)
            waiting += unit
            natural = self._file.font.get_glyph_h_advance(info.codepoint)
            if back := natural - position.x_advance + position.x_offset:
                flush(back)
        flush()
        yield rise, "".join(operand)

    def _ink(self, part: str, language: str) -> tuple[float, float]:
        """How high and how deep a part of a text reaches; it is remembered."""
        high = deep = 0
        for info, position in zip(*self._glyphs(part, language), strict=True):
            extents = self._file.font.get_glyph_extents(info.codepoint)
            if extents:
                top = extents.y_bearing + position.y_offset
                high, deep = max(high, top), max(deep, -top - extents.height)
        if len(self._inks) >= _MOST_KNOWN:
            self._inks.clear()
        self._inks[part] = found = high * self._file.scale, deep * self._file.scale
        return found


class _KernedWords(dict[str, tuple[str, float] | None]):
    """What words add to a string in TJ, and their advance; None for words that have to be shaped.

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
        if len(self) >= _MOST_KNOWN:
            self.clear()
        self[word] = found
        return found

    def _pair(self, pair: str) -> tuple[str, float] | None:
        if pair not in self._pairs:
            self._pairs[pair] = self._face.kern_pair(pair, self._language)
        return self._pairs[pair]


def marked(text: str) -> list[str]:
    """Characters, each with the marks and joiners after it."""
    found: list[str] = []
    for char in text:
        if char > "\u02ff" and (unicodedata.category(char)[0] == "M" or char in _JOINERS) and found:
            found[-1] += char
        else:
            found.append(char)
    return found


def script_of(char: str) -> str:
    """The name of the script of a letter that HarfBuzz has to shape; empty for all else."""
    if char in _PLAIN or unicodedata.category(char)[0] != "L":
        return ""
    return unicodedata.name(char, "").partition(" ")[0]


def _spelt_out(char: str) -> str:
    """The letters that a letter stands for (Unicode's `<compat>`): IJ for Ĳ; else itself."""
    stands_for = char.isalpha() and unicodedata.decomposition(char).startswith("<compat>")
    return normalize("NFKC", char) if stands_for else char


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
