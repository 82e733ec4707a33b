"""Text with letters from right to left → pieces of one direction, in the order they are seen.

Unicode Standard Annex 9, for a line of a page that is read from left to right. Marks and overrides
of direction never get here: a record with one is refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import groupby, takewhile
from operator import itemgetter
from typing import Any

from bidi import algorithm
from bidi.mirror import MIRRORED

_Char = dict[str, Any]
"""A character with its class and level, as python-bidi has it."""


def visual_pieces(text: str) -> Iterator[tuple[int, str, bool]]:
    """Pieces from left to right: where each begins, as it is stored, and whether from the right."""
    kept = [index for index, char in enumerate(text) if unicodedata.bidirectional(char) != "BN"]
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = 0, "L"
    algorithm.get_embedding_levels("".join(text[index] for index in kept), storage)
    # An invisible joiner goes with the letter before it (5.2).
    for char, start, end in zip(storage["chars"], kept, [*kept[1:], len(text)], strict=True):
        char["text"] = start, text[start:end]
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _resolve_brackets(storage["chars"])
    algorithm.resolve_neutral_types(storage, debug=False)
    algorithm.resolve_implicit_levels(storage, debug=False)
    algorithm.reorder_resolved_levels(storage, debug=False)
    for level, chars in groupby(storage["chars"], itemgetter("level")):
        in_order = sorted(char["text"] for char in chars)
        yield in_order[0][0], "".join(part for _, part in in_order), level % 2 == 1


def _resolve_brackets(chars: list[_Char]) -> None:
    """Give both brackets of a pair one direction (N0), which python-bidi leaves out."""
    opened: list[tuple[str, int]] = []
    pairs = []
    for place, char in enumerate(chars):
        letter = char["ch"]
        if char["type"] != "ON" or letter not in MIRRORED:
            continue
        if unicodedata.category(letter) == "Ps":
            opened.append((MIRRORED[letter], place))
        elif unicodedata.category(letter) == "Pe":
            found = next((n for n in reversed(range(len(opened))) if opened[n][0] == letter), None)
            if found is not None:
                pairs.append((opened[found][1], place))
                del opened[found:]
    for start, end in sorted(pairs):
        within = {_direction(char) for char in chars[start + 1 : end]} - {""}
        if not within:
            continue
        before = next((d for c in reversed(chars[:start]) if (d := _direction(c))), "L")
        both = "R" if within == {"R"} and before == "R" else "L"
        for place in (start, end):
            marks = takewhile(lambda char: char["orig"] == "NSM", chars[place + 1 :])
            for char in (chars[place], *marks):
                char["type"] = both


def _direction(char: _Char) -> str:
    """Of a letter or number: L or R; of anything else: nothing."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(char["type"], "")
