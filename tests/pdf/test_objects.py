"""PDF syntax: numbers and text strings, as another library reads them back."""

from __future__ import annotations

from decimal import Decimal

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixattest.pdf.objects import Stream, hex_text, number, numbers, text_string

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LATIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))


def read(syntax: str) -> object:
    return pikepdf.Object.parse(syntax.encode("latin-1"))


@given(TEXT | LATIN | st.text("()\\<>\r\n\t\x00é\ufeff"))
def test_text_strings_are_read_back_as_they_were(text: str) -> None:
    """Any text survives, with its parentheses, backslashes, line ends and astral characters."""
    assert str(read(text_string(text))) == text


@pytest.mark.parametrize(
    ("text", "syntax"),
    [
        ("Pix", "(Pix)"),
        ("", "()"),
        ("a(b)c", r"(a\(b\)c)"),
        ("\\", r"(\\)"),
        ("\\)", r"(\\\))"),
        ("é", "(é)"),
        ("œ", "<feff0153>"),
        ("a\nb", "<feff0061000a0062>"),
        ("😀", "<feffd83dde00>"),
    ],
)
def test_text_strings_are_literal_where_they_are_latin(text: str, syntax: str) -> None:
    """Latin-1 is written as it is, escaped; all else in UTF-16BE with its mark."""
    assert text_string(text) == syntax


@given(TEXT)
def test_hexadecimal_text_is_utf16(text: str) -> None:
    """Digits decode to the text, without a byte order mark."""
    assert bytes.fromhex(hex_text(text)).decode("utf-16-be") == text


@given(st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6))
def test_numbers_are_read_back_within_their_decimals(value: float) -> None:
    """A number has no exponent, and is off by half a last decimal at most."""
    written = number(value)
    assert set(written) <= set("-.0123456789")
    assert abs(Decimal(str(read(f"[{written}]")[0])) - Decimal(value)) <= Decimal("0.00501")  # type: ignore[index]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-0.0, "0"),
        (-0.00001, "0"),
        (1.0, "1"),
        (100, "100"),
        (0.5, "0.5"),
        (-2.25, "-2.25"),
    ],
)
def test_numbers_say_nothing_needless(value: float, written: str) -> None:
    """No zeros at the end, no negative zero, no bare point."""
    assert number(value) == written


def test_numbers_stand_apart() -> None:
    """Several numbers have a space between them."""
    assert numbers(1, 0.5, -0.0) == "1 0.5 0"


def test_stream_is_plain_unless_said() -> None:
    """A stream's data is not taken for encoded."""
    assert Stream({}, b"").encoded is False
