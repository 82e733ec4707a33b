"""A text + faces in order of preference → runs, each in one face, and how wide they are.

A text is cut into pieces of one direction, script and face, and each piece is shaped in its face.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from pixattest.pdf.fonts import Face, MissingGlyphError, Run, marked, script_of

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
"""Characters of scripts that are written from right to left."""

_WORDS = re.compile("[^ ]+| ")

_MOST_SHAPED = 20_000
"""Texts that a typeface remembers with their runs; then it starts afresh."""


class ShapedText(NamedTuple):
    """A text as it is shown on one line.

    Attributes:
        runs: its parts, in reading order.
        width: its advance, in thousandths of the font size.
    """

    runs: Sequence[Run]
    width: float


class Typeface:
    """Faces in order of preference: a character is set in the first one that has it."""

    def __init__(self, faces: Sequence[Face]) -> None:
        self.faces = tuple(faces)
        self._shaped: dict[tuple[str, str], ShapedText] = {}

    def shape(self, text: str, language: str) -> ShapedText:
        """The runs of a text, kerned, and their width.

        Args:
            text: what is shown on one line.
            language: BCP 47; never taken from the process's locale.

        Raises:
            MissingGlyphError: no face has one of its characters.
        """
        run = self.faces[0].kern(text, language)
        if run:
            return ShapedText((run,), run.width)
        known = self._shaped.get((text, language))
        if known is None:
            if len(self._shaped) > _MOST_SHAPED:
                self._shaped.clear()
            runs = self._runs(text, language)
            known = ShapedText(runs, sum(run.width for run in runs))
            self._shaped[text, language] = known
        return known

    def ink(self, text: str, language: str) -> tuple[float, float]:
        """How high and how deep the letters of a text reach from the baseline.

        Both are in thousandths of the font size, and not negative.
        """
        pieces = [(self.faces[0], text)]
        if not self.faces[0].kern(text, language):
            pieces = list(self._pieces(text))
        inks = [face.ink(piece, language) for face, piece in pieces]
        return max(high for high, _ in inks), max(deep for _, deep in inks)

    def letters(self, run: Run, language: str) -> Iterable[tuple[float, float, float, float]]:
        """Left, bottom, right and top of the ink of each glyph of a run, as in `Face.letters`."""
        if not run.text:
            return ()
        face = next(face for face in self.faces if face.index == run.face)
        return face.letters(run.text, language, from_right=run.from_right)

    def _runs(self, text: str, language: str) -> list[Run]:
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
            yield face.kern(piece, language) or face.shape(piece, language)

    def _pieces(self, text: str) -> Iterator[tuple[Face, str]]:
        """Pieces of one face and script, each as long as can be; a letter keeps its marks."""
        face, script, piece = self.faces[0], None, ""
        for cluster in marked(text):
            suited = next((face for face in self.faces if face.has(cluster)), None)
            if suited is None:
                raise MissingGlyphError(next(c for c in cluster if not self._has(c)))
            own = script_of(cluster[0])
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
        seen: runs from left to right, each with the number of spaces before it in the text.
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
