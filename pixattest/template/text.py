"""A text + the room it has → lines in the largest size that fits, as PDF operators."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import msgspec

from pixattest.pdf.fonts import Run
from pixattest.pdf.objects import hex_text, number, numbers
from pixattest.pdf.typeface import Typeface
from pixattest.template.geometry import Box, Matrix, Outline, apply, corners

_STEP = 0.25
"""Between two sizes that are tried."""
_LITTLE = 0.85
"""Of its nominal size a text may shrink to before it takes a second line."""
_MOST_FRAMES = 1000
"""Widths whose operators a setter remembers; then it starts afresh."""
_HAIR = 0.02
"""Of the font size, left between letters of two lines."""
_SOFT_HYPHEN = "\u00ad"
"""Where a word may be parted; it is seen at the end of a line only."""
_BREAK_AFTER = f" -\u2010\u2013/{_SOFT_HYPHEN}"

_Piece = tuple[str, float, float]
"""A part of a text that is kept on one line; its width at size 1 where it ends the line, and where
it does not."""

_Fitted = tuple[float, list[str], float]
"""Size, lines and leading."""


class NoRoomError(Exception):
    """A text that does not fit its room even in the smallest size."""


class TextBox(msgspec.Struct, frozen=True):
    """Where and how a text is set; lengths in the template's units.

    Attributes:
        typeface: key of the typeface: family, weight, italic.
        colour: operators that set the colour, and the opacity where it is not 1.
        matrix: to points.
        x, y: baseline of the first line, at its start, middle or end as `anchor` says.
        size, smallest: nominal font size, and the least it may shrink to.
        width: room for a line; None: as wide as it comes, on one line.
        lines: most lines.
        height: room for all lines, where there are several; None: as high as they come.
        leading: distance of baselines over font size.
        centred: several lines are centred on the one nominal line, rather than growing downwards.
        anchor: start, middle, end.
        spacing: added after each letter.
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


class SetText(NamedTuple):
    """A text that was set: its operators, the runs in it, and where its lines are."""

    operators: str
    runs: Sequence[Run]
    lines: tuple[TextBox, float, float, float, float]

    @property
    def box(self) -> Box:
        """Around its lines, in the template's units."""
        return _extent(*self.lines)


class TextSetter:
    """Sets texts in one box.

    Args:
        box: where and how.
        typeface: the one that the box names.
        language: BCP 47.
        spaced: end with a space, which keeps the text apart from what is read next.
        set_before: the colour and the font that are set before every text, and after it.
    """

    def __init__(
        self,
        box: TextBox,
        typeface: Typeface,
        language: str,
        *,
        spaced: bool = True,
        set_before: tuple[str, str] = ("", ""),
    ) -> None:
        self._box = box
        self._typeface = typeface
        self._language = language
        self._spaced = spaced
        self._set_before = set_before
        # A space after a text keeps its last word apart from what is read next.
        (self._space,) = typeface.shape(" ", language).runs
        self._frames: dict[float, tuple[str, str]] = {}

    def set(self, text: str) -> SetText:
        """A text in its room.

        Raises:
            NoRoomError: it does not fit.
            MissingGlyphError: no face has one of its characters.
        """
        box, space = self._box, self._space
        parted, text = text, text.replace(_SOFT_HYPHEN, "")
        (first, *more), advance = self._typeface.shape(text, self._language)
        wide = advance * box.size / 1000 + box.spacing * len(text)
        if box.width is not None and wide > box.width:
            return self._set_lines(*self._fitted(parted))
        if not self._spaced or more or first.shaped or first.face != space.face:
            return self._set_lines([text], box.size, 0, box.y)
        shift = 0.0 if box.anchor == "start" else wide
        frame = self._frames.get(shift)
        if frame is None:
            if len(self._frames) > _MOST_FRAMES:
                self._frames.clear()
            (mark,) = (operand for _, operand in space.shown)
            before, _, after = self._show([space], box.size, box.y, wide).partition(mark)
            frame = self._frames[shift] = before, mark[1:] + after
        operators = f"{frame[0]}{first.shown[0][1][:-1]}{frame[1]}"
        return SetText(operators, (first, space), (box, box.size, wide, box.y, box.y))

    def letters(self, text: str) -> Iterator[Outline]:
        """Around the ink of each letter of a text as it would be set, in points.

        Raises:
            NoRoomError, MissingGlyphError: as when it is set.
        """
        box, language = self._box, self._language
        whole = text.replace(_SOFT_HYPHEN, "")
        lines, size, leading, y = [whole], box.size, 0.0, box.y
        wide = _advance(whole, box, box.size, self._typeface, language)
        if box.width is not None and wide > box.width:
            lines, size, leading, y = self._fitted(text)
        scale, spacing = size / 1000, box.spacing * size / box.size
        for row, line in enumerate(lines):
            line = line.rstrip(" ") if self._spaced else line
            pen = self._left(_advance(line, box, size, self._typeface, language))
            base = y + row * leading
            for run in self._typeface.shape(line, language).runs:
                pen += run.shift * scale
                place = pen
                for left, bottom, right, top in self._typeface.letters(run, language):
                    if left < right and bottom < top:
                        across = place + left * scale, place + right * scale
                        ink = (across[0], base - top * scale, across[1], base - bottom * scale)
                        yield corners(box.matrix, ink)
                    place += spacing
                pen += run.width * scale + place - pen

    def _fitted(self, text: str) -> tuple[list[str], float, float, float]:
        """Lines of a text that is too wide for one, their size and leading, and the first's y."""
        box = self._box
        size, lines, leading = _fit(text, box, self._typeface, self._language)
        y = box.y
        if box.centred:
            # The middle of lower-case letters stays where that of the nominal line is.
            y += 0.25 * (size - box.size) - leading * (len(lines) - 1) / 2
        return lines, size, leading, y

    def _set_lines(self, lines: Sequence[str], size: float, leading: float, y: float) -> SetText:
        box = self._box
        operators: list[str] = []
        shown: list[Run] = []
        widest = 0.0
        for row, text in enumerate(lines):
            line = text.rstrip(" ") if self._spaced else text
            runs, advance = self._typeface.shape(line, self._language)
            wide = advance * size / 1000 + box.spacing * len(line) * size / box.size
            widest = max(wide, widest)
            if line != text or (self._spaced and row == len(lines) - 1):
                runs = [*runs, self._space]
            operators.append(self._show(runs, size, y + row * leading, wide))
            shown += runs
        last = y + (len(lines) - 1) * leading
        return SetText("".join(operators), shown, (box, size, widest, y, last))

    @property
    def style(self) -> tuple[str, str]:
        """Operators that set the colour, and those that set the font in the nominal size."""
        return self._box.colour, _font(self._space, self._box.size * _scale(self._box.matrix))

    def _left(self, wide: float) -> float:
        """Where a line begins that is so wide."""
        return self._box.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self._box.anchor]

    def _show(self, runs: Sequence[Run], size: float, y: float, wide: float) -> str:
        """The operators that show one line."""
        box = self._box
        colour, font = self._set_before
        x = self._left(wide)
        scale = _scale(box.matrix)
        a, b, c, d, _, _ = box.matrix
        place = numbers(*apply(box.matrix, x, y))
        parts = []
        if (a, b, c, d) == (1, 0, 0, -1):
            parts.append(f"{place} Td ")
        else:
            flip = (a / scale, b / scale, -c / scale, -d / scale)
            parts.append(f"{' '.join(number(v, 5) for v in flip)} {place} Tm ")
        if box.spacing:
            parts.append(f"{number(box.spacing * scale * size / box.size)} Tc ")
        current = font
        for run in runs:
            setting = _font(run, size * scale)
            shown = "" if setting == current else setting
            current = setting
            if run.shift:
                shown += f"[{number(-run.shift)}]TJ "
            rises = any(rise for rise, _ in run.shown)
            for rise, operand in run.shown:
                shown += f"{number(rise * size * scale / 1000)} Ts " if rises else ""
                shown += f"[{operand}]TJ "
            shown += "0 Ts " if rises else ""
            if run.shaped and not run.from_right:
                shown = f"/Span<</ActualText<feff{hex_text(run.text)}>>>BDC {shown}EMC "
            parts.append(shown)
        if box.spacing:
            parts.append("0 Tc ")
        if font and current != font:
            parts.append(font)
        text = "".join(parts)
        if box.colour == colour:
            return f"BT {text}ET\n"
        if colour or " gs " in box.colour:  # what would outlast the text
            return f"q BT {box.colour} {text}ET Q\n"
        return f"BT {box.colour} {text}ET\n"


def _font(run: Run, size: float) -> str:
    return f"/{run.resource} {number(size)} Tf "


def _scale(matrix: Matrix) -> float:
    """Points of a unit."""
    a, b, _, _, _, _ = matrix
    return math.hypot(a, b)


def _fit(text: str, box: TextBox, typeface: Typeface, language: str) -> _Fitted:
    """One line a little smaller, else the largest size that fits."""
    assert box.width is not None
    whole = text.replace(_SOFT_HYPHEN, "")
    shrunk = box.width / _advance(whole, box, 1, typeface, language)
    if shrunk >= max(_LITTLE * box.size, box.smallest):
        return shrunk, [whole], 0.0
    best = (shrunk, [whole], 0.0) if shrunk >= box.smallest else None
    best = _wrapped(whole, best, box, typeface, language)
    if best is None and whole != text:  # words are parted only where they have no room else
        best = _wrapped(text, None, box, typeface, language)
    if best is None:
        raise NoRoomError
    return best


def _wrapped(
    text: str, best: _Fitted | None, box: TextBox, typeface: Typeface, language: str
) -> _Fitted | None:
    """A text in several lines, where that makes it larger than the best there is."""
    assert box.width is not None
    space = _advance(" ", box, 1, typeface, language)
    pieces = []
    for piece in _pieces(text):
        bare = _advance(piece.rstrip(" "), box, 1, typeface, language)
        # A space takes no room where it ends a line, a soft hyphen none where it does not.
        wide = bare + space * (len(piece) - len(piece.rstrip(" ")))
        if piece[-1:] == _SOFT_HYPHEN:
            wide = _advance(piece[:-1], box, 1, typeface, language)
        pieces.append((piece, bare, wide))
    for count in range(2, box.lines + 1):
        size = box.size
        if box.height is not None:
            size = min(size, box.height / (count * box.leading))
        while size >= box.smallest and (best is None or size > best[0]):
            lines = _break(pieces, box.width / size)
            if lines and len(lines) <= count:
                if box.centred:
                    lines = _balance(pieces, lines, box.width / size)
                lines = [line[:-1].replace(_SOFT_HYPHEN, "") + line[-1:] for line in lines]
                leading = max(box.leading, _least_leading(lines, typeface, language)) * size
                if box.height is None or len(lines) * leading <= box.height:
                    best = size, lines, leading
                    break
            # The smallest size is tried, too.
            size = max(size - _STEP, box.smallest) if size > box.smallest else 0
    return best


def _least_leading(lines: list[str], typeface: Typeface, language: str) -> float:
    """Leading over font size at which no letter of a line touches one of the next."""
    inks = [typeface.ink(line, language) for line in lines]
    gaps = [upper[1] + lower[0] for upper, lower in pairwise(inks)]
    return max(gaps, default=0.0) / 1000 + _HAIR


def _balance(pieces: list[_Piece], lines: list[str], room: float) -> list[str]:
    """The same number of lines, as even as they can be."""
    for share in range(99, 50, -1):
        narrower = _break(pieces, room * share / 100)
        if narrower is None or len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def _pieces(text: str) -> list[str]:
    """The text cut where a line may end; every piece keeps what it ends with."""
    pieces, start = [], 0
    for index in range(1, len(text)):
        if text[index - 1] in _BREAK_AFTER and text[index] not in _BREAK_AFTER:
            pieces.append(text[start:index])
            start = index
    return [*pieces, text[start:]]


def _break(pieces: list[_Piece], room: float) -> list[str] | None:
    """Lines filled one after the other; None where a piece is too wide for a line."""
    lines, line, used = [], "", 0.0
    for piece, bare, wide in pieces:
        if bare > room:
            return None
        if line and used + bare > room:
            lines.append(line)
            line, used = "", 0.0
        line += piece
        used += wide
    return [*lines, line]


def _advance(text: str, box: TextBox, size: float, typeface: Typeface, language: str) -> float:
    """Width of a text on one line."""
    spacing = box.spacing * len(text) * size / box.size
    return typeface.shape(text, language).width * size / 1000 + spacing


def _extent(box: TextBox, size: float, wide: float, first: float, last: float) -> Box:
    """Around lines from the first baseline to the last, by usual ascent and descent."""
    left = box.x if box.anchor == "start" else box.x - wide / (2 if box.anchor == "middle" else 1)
    return left, first - 0.8 * size, left + wide, last + 0.25 * size
