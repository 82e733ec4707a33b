"""Text with letters from right to left → pieces, in the order they are seen."""

from __future__ import annotations

import pytest
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from pixattest.pdf.bidi import visual_pieces

_BRACKETS = str.maketrans(")]}", "([{")
_LETTERS = st.sampled_from("abאבجد12٣ ().,-[]{}'/+%\u05b8\u064e")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Camille محمد علي", [("Camille ", False), ("محمد علي", True)]),
        ("محمد (علي)", [("محمد (علي)", True)]),
        ("אב 123 גד", [(" גד", True), ("123", False), ("אב ", True)]),
        ("پری\u200cچهر Anna", [("پری\u200cچهر", True), (" Anna", False)]),
    ],
)
def test_pieces_stand_as_they_are_seen(text: str, pieces: list[tuple[str, bool]]) -> None:
    """Of a line from left to right; each piece is as it is stored, with its joiners."""
    assert [found[1:] for found in visual_pieces(text)] == pieces


@settings(max_examples=6 * settings.default.max_examples, deadline=None, derandomize=True)
@given(st.text(_LETTERS, min_size=1, max_size=16))
def test_order_is_that_of_the_standard(text: str) -> None:
    """As another implementation of Annex 9 has it, which gives letters only, none mirrored."""
    pieces = [part[::-1] if from_right else part for _, part, from_right in visual_pieces(text)]
    expected = get_display(text, base_dir="L")
    assert "".join(pieces).translate(_BRACKETS) == expected.translate(_BRACKETS)


@given(st.text(_LETTERS, min_size=1, max_size=16))
def test_no_letter_is_lost(text: str) -> None:
    """The pieces are the text, each from where it begins."""
    pieces = sorted(visual_pieces(text))
    assert "".join(part for _, part, _ in pieces) == text
    assert all(text.startswith(part, start) for start, part, _ in pieces)
