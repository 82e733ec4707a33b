"""Deflating from a template: what zlib inflates is the text with its numbers, whatever they are."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pixattest.pdf.deflate import DeflateTemplate
from pixattest.pdf.object_template import opened

_WIDTHS = (1, 3, 2)

_letters = st.one_of(st.characters(max_codepoint=255), st.sampled_from("  <</P R>>0123\n"))
_pieces = st.one_of(_letters, st.integers(0, 2).map(opened), st.just("/S/TH/P "))
_texts = st.lists(_pieces, max_size=120).map("".join)
_numbers = st.tuples(*(st.integers(0, 10**width - 1) for width in _WIDTHS))


def filled(text: str, numbers: tuple[int, ...]) -> str:
    for number, (value, width) in enumerate(zip(numbers, _WIDTHS, strict=True)):
        text = text.replace(opened(number), f"{value:0{width}}")
    return text


def digits(text: str, numbers: tuple[int, ...]) -> str:
    """Those of the open numbers up to the last one in a text."""
    last = max((n for n in range(len(numbers)) if opened(n) in text), default=-1)
    pairs = zip(numbers[: last + 1], _WIDTHS, strict=False)
    return "".join(f"{value:0{width}}" for value, width in pairs)


def deflated(first: str, second: str, copies: list[tuple[int, ...]]) -> bytes:
    template = DeflateTemplate(first, second, _WIDTHS)
    return template.deflated([(digits(first, each), digits(second, each)) for each in copies])


def plain(first: str, second: str, copies: list[tuple[int, ...]]) -> bytes:
    texts = [filled(text, numbers) for text in (first, second) for numbers in copies]
    return "".join(texts).encode("latin-1")


@given(_texts, _texts, st.lists(_numbers, min_size=1, max_size=5))
@example("", "", [(0, 0, 0)])
@example("a", opened(2), [(9, 999, 99), (0, 0, 0)])
def test_zlib_inflates_the_filled_text(
    first: str, second: str, copies: list[tuple[int, ...]]
) -> None:
    """Tokens, codes, digits and checksum are those of any text with any numbers."""
    assert zlib.decompress(deflated(first, second, copies)) == plain(first, second, copies)


@pytest.mark.parametrize("size", [257, 258, 259, 260, 261, 516, 10_000, 70_000])
def test_long_runs_and_far_repetitions_are_within_deflate_s_limits(size: int) -> None:
    """Matches are 258 bytes at most, and from 32 KiB back."""
    second = f"{opened(1)}abc{' ' * size}{opened(1)}abcdef"
    copies = [(0, 123, 0), (0, 999, 0), (0, 0, 0)]
    assert zlib.decompress(deflated("x", second, copies)) == plain("x", second, copies)


def test_every_letter_has_a_code() -> None:
    """All 256 bytes, each as rare as the others, besides a digit that is most frequent."""
    text = "".join(map(chr, range(256))) + "7" * 3 + opened(0) * 900
    assert zlib.decompress(deflated(text, text, [(5, 0, 0)])) == plain(text, text, [(5, 0, 0)])


def test_copies_refer_back_to_one_another() -> None:
    """Each copy after the first takes a small part of its text."""
    second = "".join(f"<</S/TD/Pg {opened(1)}01 0 R/P {opened(1)}{n:02} 0 R>>\n" for n in range(60))
    one, two = (len(deflated("", second, [(0, 7 + n, 0) for n in range(n)])) for n in (1, 2))
    assert two - one < len(second) / 5
