"""A text + its room → the lines in which it is set, and their size.

`Room.fit_text` is the way a name takes: one line in the nominal size, else one line a little
smaller, else several lines (`break_into_lines`), else it is refused. A character that no font has
is refused by the typeface, whenever a width is asked for.
"""

# Annotations are not postponed here: as text, each would be compiled at every start.

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from pixattest.pdf.typeface import Typeface
from pixattest.template.geometry import Matrix

SOFT_HYPHEN = "\u00ad"
"""Marks where a word may be parted; it is seen at the end of a line only."""

_BREAK_AFTER = f" -\u2010\u2013/{SOFT_HYPHEN}"
"""Characters after which a line may end."""

_STEP = 0.25
"""Difference between two font sizes that are tried, in the template's units."""

_LITTLE = 0.85
"""A text shrinks to this share of its nominal size before it takes a second line."""

_HAIR = 0.02
"""Space that is left between letters of two lines, as a share of the font size."""


class NoRoomError(Exception):
    """A text does not fit its room, even in the smallest size."""


class TextBox(msgspec.Struct, frozen=True):
    """Where and how a text is set; lengths are in the template's units.

    Attributes:
        typeface: the key of the typeface: family, weight, whether it is italic.
        colour: operators that set the colour, and the opacity where it is not 1.
        matrix: leads from the template's coordinates to points.
        x, y: the baseline of the first line, at its start, middle or end as `anchor` says.
        size, smallest: the nominal font size, and the size to which it may shrink.
        width: the room for a line; None for one line as wide as it comes.
        lines: how many lines there may be.
        height: the room for all lines, where there are several; None for as high as they come.
        leading: the distance of baselines, as a multiple of the font size.
        centred: whether several lines are centred on the nominal one, and do not grow downwards.
        anchor: start, middle or end.
        spacing: what is added after each letter.
    """

    typeface: tuple[str, int, bool]
    colour: str
    matrix: Matrix
    x: float
    y: float
    size: float
    smallest: float
    width: float | None
    lines: int
    height: float | None
    leading: float
    centred: bool
    anchor: str
    spacing: float


class FittedText(NamedTuple):
    """Lines of a text that have room.

    Attributes:
        lines: the text of each line.
        size: the font size of all of them, in the template's units.
        leading: the distance of their baselines, in the template's units.
        y: the baseline of the first one.
    """

    lines: Sequence[str]
    size: float
    leading: float
    y: float


class _Piece(NamedTuple):
    """A part of a text that is kept on one line.

    Attributes:
        text: its characters, up to and with the one after which a line may end.
        last: its width at size 1 where it ends a line.
        inner: its width at size 1 where more follows on the line.
    """

    text: str
    last: float
    inner: float


class Room:
    """The room that a box gives to texts in one typeface.

    Args:
        box: says where and how texts are set.
        typeface: the one that the box names.
        language: the language of the texts, as BCP 47 writes it.
    """

    def __init__(self, box: TextBox, typeface: Typeface, language: str) -> None:
        self._box = box
        self._typeface = typeface
        self._language = language

    def width(self, text: str, size: float) -> float:
        """Return the width of a text on one line, at a font size."""
        spacing = self._box.spacing * len(text) * size / self._box.size
        return self._typeface.shape(text, self._language).width * size / 1000 + spacing

    def fit_text(self, text: str) -> FittedText:
        """Find the lines of a text, and the largest size in which they have room.

        Raises:
            NoRoomError: the text does not fit, even in the smallest size.
            MissingGlyphError: no face has one of its characters.
        """
        box = self._box
        whole = text.replace(SOFT_HYPHEN, "")
        if box.width is None or self.width(whole, box.size) <= box.width:
            return FittedText([whole], box.size, 0.0, box.y)
        shrunk = box.width / self.width(whole, 1)
        if shrunk >= max(_LITTLE * box.size, box.smallest):
            return self._placed([whole], shrunk, 0.0)
        best = self._placed([whole], shrunk, 0.0) if shrunk >= box.smallest else None
        best = self.break_into_lines(whole, box.width, best)
        if best is None and whole != text:
            # Words are parted only where the text has no room otherwise.
            best = self.break_into_lines(text, box.width, None)
        if best is None:
            raise NoRoomError
        return best

    def break_into_lines(
        self, text: str, width: float, best: FittedText | None
    ) -> FittedText | None:
        """Set a text in two lines or more, in the largest size that fits.

        Args:
            text: a line may end after each of its spaces, hyphens, dashes and slashes.
            width: the room for a line.
            best: the text as it fits otherwise; None where it does not.

        Returns:
            The text in several lines where that makes it larger, else `best`.
        """
        box = self._box
        pieces = self._measure(text)
        for count in range(2, box.lines + 1):
            size = box.size
            if box.height is not None:
                size = min(size, box.height / (count * box.leading))
            while size >= box.smallest and (best is None or size > best.size):
                found = self._break_at_size(pieces, width, count, size)
                if found:
                    best = found
                    break
                # The smallest size is tried last, though it be no whole step away.
                size = max(size - _STEP, box.smallest) if size > box.smallest else 0
        return best

    def _break_at_size(
        self, pieces: Sequence[_Piece], width: float, count: int, size: float
    ) -> FittedText | None:
        """Break a text into so many lines at most; return None where they have no room."""
        box = self._box
        lines = _fill_lines(pieces, width / size)
        if not lines or len(lines) > count:
            return None
        if box.centred:
            lines = _balance(pieces, lines, width / size)
        # Of the soft hyphens, only that at the end of a line is seen.
        lines = [line[:-1].replace(SOFT_HYPHEN, "") + line[-1:] for line in lines]
        leading = max(box.leading, self._least_leading(lines)) * size
        if box.height is not None and len(lines) * leading > box.height:
            return None
        return self._placed(lines, size, leading)

    def _placed(self, lines: Sequence[str], size: float, leading: float) -> FittedText:
        """Place lines in the box."""
        y = self._box.y
        if self._box.centred:
            # The middle of lower-case letters stays where that of the nominal line is.
            y += 0.25 * (size - self._box.size) - leading * (len(lines) - 1) / 2
        return FittedText(lines, size, leading, y)

    def _measure(self, text: str) -> list[_Piece]:
        """Cut a text where a line may end, and measure the pieces."""
        space = self.width(" ", 1)
        pieces = []
        for piece in _cut(text):
            bare = piece.rstrip(" ")
            last = self.width(bare, 1)
            # A space takes no room where it ends a line, a soft hyphen none where it does not.
            inner = last + space * (len(piece) - len(bare))
            if piece[-1:] == SOFT_HYPHEN:
                inner = self.width(piece[:-1], 1)
            pieces.append(_Piece(piece, last, inner))
        return pieces

    def _least_leading(self, lines: Sequence[str]) -> float:
        """Return the leading, over the font size, at which no letters of two lines touch."""
        inks = [self._typeface.ink(line, self._language) for line in lines]
        gaps = [upper[1] + lower[0] for upper, lower in pairwise(inks)]
        return max(gaps, default=0.0) / 1000 + _HAIR


def _cut(text: str) -> list[str]:
    """Cut a text where a line may end; each piece keeps the character that it ends with."""
    pieces, start = [], 0
    for index in range(1, len(text)):
        if text[index - 1] in _BREAK_AFTER and text[index] not in _BREAK_AFTER:
            pieces.append(text[start:index])
            start = index
    return [*pieces, text[start:]]


def _fill_lines(pieces: Sequence[_Piece], room: float) -> list[str] | None:
    """Fill one line after the other; return None where a piece is wider than a line.

    Args:
        pieces: of the text, in their order.
        room: the width of a line over the font size.
    """
    lines, line, used = [], "", 0.0
    for text, last, inner in pieces:
        if last > room:
            return None
        if line and used + last > room:
            lines.append(line)
            line, used = "", 0.0
        line += text
        used += inner
    return [*lines, line]


def _balance(pieces: Sequence[_Piece], lines: list[str], room: float) -> list[str]:
    """Make the same number of lines as even as they can be."""
    for share in range(99, 50, -1):
        narrower = _fill_lines(pieces, room * share / 100)
        if narrower is None or len(narrower) > len(lines):
            break
        lines = narrower
    return lines
