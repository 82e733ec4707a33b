"""Objects of pages alike in one object stream: deflated from a template or plainly, the same."""

from __future__ import annotations

import re
import zlib

import pytest

from pixattest.pdf.object_template import opened
from pixattest.pdf.pack import ConstantPack, lay_out

_HUNDREDS, _WIDTH, _MOST = 2, 3, 96

LONG = " ".join(map(str, range(3_000)))
"""A text longer than a round, without long runs."""


def written(text: str, hundreds: tuple[int, ...]) -> str:
    """An object as a page has it, without a template."""
    for place, value in enumerate(hundreds):
        text = text.replace(opened(place), f"{value:0{_WIDTH}}")
    return text


def unpacked(entries: str, data: bytes) -> list[str]:
    """The objects of an object stream, by its own offsets (ISO 32000-1, 7.5.7)."""
    found = re.fullmatch("/Type/ObjStm/N ([0-9]+)/First ([0-9]+)", entries)
    assert found
    content = zlib.decompress(data).decode("latin-1")
    first = int(found[2])
    offsets = [first + int(offset) for offset in content[:first].split()[1::2]]
    assert len(offsets) == int(found[1])
    ends = [*offsets[1:], len(content)]
    return [content[start:end].rstrip(" \n") for start, end in zip(offsets, ends, strict=True)]


@pytest.mark.parametrize(
    ("texts", "pages"),
    [
        (["<</S/TD/P " + opened(1) + "07 0 R>>"], [(0, 0), (1, 999)]),
        ([opened(0) * 3, "x", opened(1) + opened(0)], [(0, 12), (999, 7), (5, 5)]),
        ([LONG[:9_999], "y"], [(0, 0), (1, 999)]),  # an object begins where a round of 10,000 does
        ([LONG[:9_989], "y", LONG[:12_003], "w"], [(999, 0)] * 3),
    ],
)
def test_objects_are_those_written_one_by_one(
    texts: list[str], pages: list[tuple[int, int]]
) -> None:
    """Every page's, in the order of the pages, whatever the objects and hundreds are."""
    objects = {10 * n + 7: text for n, text in enumerate(texts)}
    pack = ConstantPack(objects, _HUNDREDS, _WIDTH, _MOST)
    digits = ["".join(f"{value:0{_WIDTH}}" for value in page) for page in pages]
    assert unpacked(*pack.filled(digits)) == [
        written(text, page).rstrip() for page in pages for text in texts
    ]


@pytest.mark.parametrize("objects", [["one"], ["one", "two", "three"]])
def test_objects_are_laid_out_one_after_the_other(objects: list[str]) -> None:
    """The head has numbers and offsets; the first object stands right after it."""
    first, data = lay_out(range(7, 7 + len(objects)), objects)
    text = data.decode()
    head = [int(figure) for figure in text[:first].split()]
    assert head[::2] == [*range(7, 7 + len(objects))]
    assert [text[first + offset :].split("\n")[0] for offset in head[1::2]] == objects
