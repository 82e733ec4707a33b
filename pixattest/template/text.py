"""A text + the room it has → lines in the largest size that fits, as PDF operators."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from pixattest.pdf.fonts import Run, Typeface, width
from pixattest.pdf.objects import hex_text, number, numbers
from pixattest.template.geometry import Box, Matrix, apply

_STEP = 0.25
"""Between two sizes that are tried."""
_LITTLE = 0.85
"""Of its nominal size a text may shrink to before it takes a second line."""
_BREAK_AFTER = " -\u2010\u2013/"


class NoRoomError(Exception):
    """A text that does not fit its room even in the smallest size."""


class TextBox(msgspec.Struct, frozen=True):
    """Where and how a text is set; lengths in the template's units.

    Attributes:
        typeface: key of the typeface: family, weight, italic.
        colour: operator that sets the colour.
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
    """A text that was set: its operators, the runs in it, its box in the template's units."""

    operators: str
    runs: list[Run]
    box: Box


def set_text(text: str, box: TextBox, typeface: Typeface, language: str) -> SetText:
    """The text in its room.

    Raises:
        NoRoomError: it does not fit.
        MissingGlyph: no face has one of its characters.
    """
    runs = typeface.runs(text, language)
    wide = _advance(runs, box, box.size)
    if box.width is None or wide <= box.width:
        shown = _show(runs, box, box.size, box.x, box.y, wide)
        return SetText(shown, runs, _extent(box, box.size, wide, 1, box.y))
    size, lines = _fit(text, box, typeface, language)
    leading = box.leading * size
    y = box.y
    if box.centred:
        # The middle of lower-case letters stays where that of the nominal line is.
        y += 0.25 * (size - box.size) - leading * (len(lines) - 1) / 2
    operators, all_runs, widest = [], [], 0.0
    for row, line in enumerate(lines):
        runs = typeface.runs(line, language)
        wide = _advance(runs, box, size)
        widest = max(wide, widest)
        operators.append(_show(runs, box, size, box.x, y + row * leading, wide))
        all_runs += runs
    return SetText("".join(operators), all_runs, _extent(box, size, widest, len(lines), y))


def _fit(text: str, box: TextBox, typeface: Typeface, language: str) -> tuple[float, list[str]]:
    """The size in which the text fits, and its lines: one a little smaller, else as few as do."""
    assert box.width is not None
    shrunk = box.width / _advance(typeface.runs(text, language), box, 1)
    if shrunk >= max(_LITTLE * box.size, box.smallest):
        return shrunk, [text]
    pieces = _pieces(text)
    em = [_advance(typeface.runs(piece, language), box, 1) for piece in pieces]
    # A space that ends a line takes no room there.
    bare = [
        _advance(typeface.runs(piece.rstrip(" "), language), box, 1) if piece[-1] == " " else wide
        for piece, wide in zip(pieces, em, strict=True)
    ]
    size = box.size
    while size >= box.smallest - 1e-9:
        lines = _break(pieces, em, bare, box.width / size)
        high = len(lines) * size * box.leading
        if len(lines) <= box.lines and (box.height is None or high <= box.height):
            return size, lines
        size -= _STEP
    raise NoRoomError


def _pieces(text: str) -> list[str]:
    """The text cut where a line may end; every piece keeps what it ends with."""
    pieces, start = [], 0
    for index in range(1, len(text)):
        if text[index - 1] in _BREAK_AFTER and text[index] not in _BREAK_AFTER:
            pieces.append(text[start:index])
            start = index
    return [*pieces, text[start:]]


def _break(pieces: list[str], em: list[float], bare: list[float], room: float) -> list[str]:
    """Lines filled one after the other; a piece too wide for a line makes endlessly many."""
    lines, line, used = [], "", 0.0
    for piece, wide, least in zip(pieces, em, bare, strict=True):
        if least > room:
            return [""] * 1000
        if line and used + least > room:
            lines.append(line.rstrip(" "))
            line, used = "", 0.0
        line += piece
        used += wide
    return [*lines, line]


def _advance(runs: list[Run], box: TextBox, size: float) -> float:
    letters = sum(len(run.text) for run in runs) if box.spacing else 0
    return width(runs) * size / 1000 + box.spacing * letters * size / box.size


def _show(runs: list[Run], box: TextBox, size: float, x: float, y: float, wide: float) -> str:
    """The operators that show one line."""
    if box.anchor != "start":
        x -= wide / 2 if box.anchor == "middle" else wide
    a, b, c, d, _, _ = box.matrix
    place = apply(box.matrix, x, y)
    parts = [f"BT {box.colour} "]
    if (a, b, c, d) == (1, 0, 0, -1):
        scale = 1.0
        parts.append(f"{numbers(*place)} Td ")
    else:
        scale = (a * a + b * b) ** 0.5
        flip = (a / scale, b / scale, -c / scale, -d / scale)
        parts.append(f"{' '.join(number(v, 5) for v in flip)} {numbers(*place)} Tm ")
    if box.spacing:
        parts.append(f"{number(box.spacing * scale * size / box.size)} Tc ")
    for run in runs:
        shown = f"/{run.resource} {number(size * scale)} Tf "
        for rise, operand in run.shown:
            shown += f"{number(rise * size * scale / 1000)} Ts " if len(run.shown) > 1 else ""
            shown += f"[{operand}]TJ "
        shown += "0 Ts " if len(run.shown) > 1 else ""
        if run.shaped:
            shown = f"/Span<</ActualText<feff{hex_text(run.text)}>>>BDC {shown}EMC "
        parts.append(shown)
    if box.spacing:
        parts.append("0 Tc ")
    parts.append("ET\n")
    return "".join(parts)


def _extent(box: TextBox, size: float, wide: float, lines: int, y: float) -> Box:
    """Left, top, right, bottom around set lines, by usual ascent and descent."""
    x = box.x - {"start": 0.0, "middle": wide / 2, "end": wide}[box.anchor]
    return x, y - 0.8 * size, x + wide, y + (lines - 1) * box.leading * size + 0.25 * size
