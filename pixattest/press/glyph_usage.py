"""Parts that a block prints → which are printed already, and the glyphs that the block shows."""

from __future__ import annotations

from collections.abc import Sequence

from pixattest.pdf.fonts import Run


class GlyphUsage:
    """What one block has printed, and the glyphs that it shows."""

    def __init__(self) -> None:
        self._seen: dict[object, list[_Seen]] = {}
        self._runs: list[Run] = []

    def seen(self, printer: object, parts: int) -> list[_Seen]:
        """What a printer has printed in this block: for each part, its operators by values."""
        found = self._seen.get(printer)
        if found is None:
            found = self._seen[printer] = [_Seen() for _ in range(parts)]
        return found

    def use(self, runs: Sequence[Run]) -> None:
        """Take note of runs that are shown."""
        self._runs += runs

    @property
    def glyphs(self) -> dict[int, tuple[set[str], set[tuple[int, str]]]]:
        """The characters and glyphs that are shown, by face."""
        found: dict[int, tuple[list[str], set[tuple[int, str]]]] = {}
        for run in self._runs:
            plain, shaped = found.setdefault(run.face, ([], set()))
            if run.shaped:
                shaped |= run.shaped
            else:
                plain.append(run.text)
        return {face: (set("".join(plain)), shaped) for face, (plain, shaped) in found.items()}


class _Seen(dict[object, bytes]):
    """Operators that were printed, by the values that they show; empty for all other values."""

    def __missing__(self, key: object) -> bytes:
        return b""
