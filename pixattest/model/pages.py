"""`--pages` → the page numbers that it means, or what is wrong there."""

from __future__ import annotations

import re

from pixattest.errors import SelectionError, shown


class Pages:
    """The pages that are asked for, of the batch as ordered and counted from 1.

    Args:
        text: pages and ranges, such as `3`, `12-17`, `12-` (to the end) or `1-3,8`.

    Raises:
        SelectionError: it is not of that form, a page is 0, or a range runs backwards.
    """

    def __init__(self, text: str) -> None:
        self._ranges = [_read_range(part.strip()) for part in text.split(",")]

    def of(self, last: int) -> tuple[range, ...]:
        """The page numbers, ascending and each once, however they were asked for.

        Args:
            last: number of the batch's last page.

        Raises:
            SelectionError: a page is beyond the last one.
        """
        merged: list[range] = []
        asked = ((first, last if end is None else end) for first, end in self._ranges)
        for first, end in sorted(asked):
            beyond = max(first, end)
            if beyond > last:
                raise SelectionError(
                    f"there is no page {beyond}", source="--pages", hint=f"The last page is {last}."
                )
            if merged and first <= merged[-1].stop:
                merged[-1] = range(merged[-1].start, max(merged[-1].stop, end + 1))
            else:
                merged.append(range(first, end + 1))
        return tuple(merged)


_RANGE = re.compile(r"([0-9]{1,9})(?:\s*([-–])\s*([0-9]{1,9})?)?")


def _read_range(text: str) -> tuple[int, int | None]:
    """First and last page of one part; None for the end of the batch."""
    found = _RANGE.fullmatch(text)
    if not found:
        raise SelectionError(
            f"{shown(text)} is neither a page nor a range of pages",
            source="--pages",
            hint="Write 3, 12-17, 12- (to the end) or 1-3,8.",
        )
    first = int(found[1])
    last = None if found[2] and not found[3] else int(found[3] or found[1])
    if first == 0:
        raise SelectionError("there is no page 0", source="--pages", hint="The first page is 1.")
    if last is not None and last < first:
        raise SelectionError(
            f"{shown(text)} runs backwards",
            source="--pages",
            hint=f"Did you mean {last}-{first}?" if last else "The first page is 1.",
        )
    return first, last
