"""A text + its box and typeface → the PDF operators that show it, and the glyphs in them."""

# Annotations are not postponed here: as text, each would be compiled at every start.

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pixattest.pdf.fonts import Run
from pixattest.pdf.objects import hex_text, number, numbers
from pixattest.pdf.typeface import Typeface
from pixattest.template.fitting import SOFT_HYPHEN, FittedText, Room, TextBox
from pixattest.template.geometry import Box, Matrix, Outline, apply, corners

_MOST_FRAMES = 1000
"""A setter remembers the operators around texts of so many widths; then it starts afresh."""


class SetText(NamedTuple):
    """A text that was set.

    Attributes:
        operators: show the text.
        runs: the runs in it.
        lines: the left edge of the widest line, the baselines of the first and last line, the
            width of the widest line, and the font size, all in the template's units.
    """

    operators: str
    runs: Sequence[Run]
    lines: tuple[float, float, float, float, float]

    @property
    def box(self) -> Box:
        """The box around its lines, by usual ascent and descent, in the template's units."""
        left, first, last, wide, size = self.lines
        return left, first - 0.8 * size, left + wide, last + 0.25 * size

    @property
    def height(self) -> float:
        """The distance from the first baseline to the last, in the template's units."""
        _, first, last, _, _ = self.lines
        return last - first


class TextSetter:
    """Sets texts in one box.

    Args:
        box: says where and how texts are set.
        typeface: the one that the box names.
        language: the language of the texts, as BCP 47 writes it.
        spaced: whether a text ends with a space, which keeps its last word apart from what a
            screen reader reads next.
        set_before: the operators for the colour and the font that are set before every text, and
            again after it.
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
        self._share = {"start": 0.0, "middle": 0.5, "end": 1.0}[box.anchor]
        self._room = Room(box, typeface, language)
        (self._space,) = typeface.shape(" ", language).runs
        self._frames: dict[float, tuple[str, str]] = {}

    def set(self, text: str) -> SetText:
        """Set a text; most are one run that has room on one line, and take the short way.

        Raises:
            NoRoomError: the text does not fit its room (`Room.fit_text`).
            MissingGlyphError: no face has one of its characters.
        """
        box, space = self._box, self._space
        whole = text.replace(SOFT_HYPHEN, "")
        (first, *more), advance = self._typeface.shape(whole, self._language)
        wide = advance * box.size / 1000 + box.spacing * len(whole)
        if box.width is not None and wide > box.width:
            return self._set_lines(self._room.fit_text(text))
        if not self._spaced or more or first.shaped or first.face != space.face:
            return self._set_lines(FittedText([whole], box.size, 0, box.y))
        shift = 0.0 if box.anchor == "start" else wide
        frame = self._frames.get(shift)
        if frame is None:
            if len(self._frames) > _MOST_FRAMES:
                self._frames.clear()
            frame = self._frames[shift] = self._make_frame(wide)
        operators = f"{frame[0]}{first.shown[0][1][:-1]}{frame[1]}"
        return SetText(operators, (first, space), (self._left(wide), box.y, box.y, wide, box.size))

    def letters(self, text: str) -> Iterator[Outline]:
        """Yield the outline of each letter's ink, in points, as the text would be set.

        Raises:
            NoRoomError, MissingGlyphError: as `set` does.
        """
        box, language = self._box, self._language
        lines, size, leading, y = self._room.fit_text(text)
        scale, spacing = size / 1000, box.spacing * size / box.size
        for row, line in enumerate(lines):
            line = line.rstrip(" ") if self._spaced else line
            pen = self._left(self._room.width(line, size))
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

    @property
    def style(self) -> tuple[str, str]:
        """The operators that set the colour, and those that set the font in its nominal size."""
        return self._box.colour, _font(self._space, self._box.size * _scale(self._box.matrix))

    def _make_frame(self, wide: float) -> tuple[str, str]:
        """Return the operators before and after a text of one run and of a width."""
        (mark,) = (operand for _, operand in self._space.shown)
        operators = self._show([self._space], self._box.size, self._box.y, wide)
        before, _, after = operators.partition(mark)
        return before, mark[1:] + after

    def _set_lines(self, fitted: FittedText) -> SetText:
        """Set lines; a space ends the last one, and each that was broken at a space."""
        lines, size, leading, y = fitted
        operators: list[str] = []
        shown: list[Run] = []
        widest = 0.0
        for row, text in enumerate(lines):
            line = text.rstrip(" ") if self._spaced else text
            runs = self._typeface.shape(line, self._language).runs
            wide = self._room.width(line, size)
            widest = max(wide, widest)
            if line != text or (self._spaced and row == len(lines) - 1):
                runs = [*runs, self._space]
            operators.append(self._show(runs, size, y + row * leading, wide))
            shown += runs
        last = y + (len(lines) - 1) * leading
        return SetText("".join(operators), shown, (self._left(widest), y, last, widest, size))

    def _left(self, wide: float) -> float:
        """Return where a line of a width begins."""
        return self._box.x - wide * self._share

    def _show(self, runs: Sequence[Run], size: float, y: float, wide: float) -> str:
        """Return the operators that show one line.

        Args:
            runs: the runs of the line.
            size: the font size.
            y: the baseline.
            wide: the width of the line.
        """
        box = self._box
        colour, font = self._set_before
        scale = _scale(box.matrix)
        a, b, c, d, _, _ = box.matrix
        place = numbers(*apply(box.matrix, self._left(wide), y))
        if (a, b, c, d) == (1, 0, 0, -1):
            parts = [f"{place} Td "]
        else:
            flip = (a / scale, b / scale, -c / scale, -d / scale)
            parts = [f"{' '.join(number(v, 5) for v in flip)} {place} Tm "]
        if box.spacing:
            parts.append(f"{number(box.spacing * scale * size / box.size)} Tc ")
        current = font
        for run in runs:
            setting = _font(run, size * scale)
            parts.append(_show_run(run, size * scale, "" if setting == current else setting))
            current = setting
        if box.spacing:
            parts.append("0 Tc ")
        if font and current != font:
            parts.append(font)
        text = "".join(parts)
        if box.colour == colour:
            return f"BT {text}ET\n"
        if colour or " gs " in box.colour:  # the colour or opacity would outlast the text
            return f"q BT {box.colour} {text}ET Q\n"
        return f"BT {box.colour} {text}ET\n"


def _show_run(run: Run, size: float, setting: str) -> str:
    """Return the operators that show one run.

    Args:
        run: the run.
        size: the font size, in points.
        setting: the operators that set the font; empty where it is set already.
    """
    shown = setting
    if run.shift:
        shown += f"[{number(-run.shift)}]TJ "
    rises = any(rise for rise, _ in run.shown)
    for rise, operand in run.shown:
        shown += f"{number(rise * size / 1000)} Ts " if rises else ""
        shown += f"[{operand}]TJ "
    shown += "0 Ts " if rises else ""
    if run.shaped and not run.from_right:
        return f"/Span<</ActualText<feff{hex_text(run.text)}>>>BDC {shown}EMC "
    return shown


def _font(run: Run, size: float) -> str:
    """Return the operators that set the font of a run, in points."""
    return f"/{run.resource} {number(size)} Tf "


def _scale(matrix: Matrix) -> float:
    """Return how many points a unit is, along a line of text."""
    a, b, _, _, _, _ = matrix
    return math.hypot(a, b)
