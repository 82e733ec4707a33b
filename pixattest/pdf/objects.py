"""Python values → PDF syntax: numbers, text strings, streams (ISO 32000-1, 7.3)."""

# Annotations are not postponed here: as text, each would be compiled at every start.

import re

import msgspec
from isal import isal_zlib

DEFLATE_LEVEL = 3
"""Of ISA-L's 0 to 3: three times faster than zlib's 6, for a tenth more bytes."""

_LATIN = re.compile("[\x20-\x7e\xa1-\xac\xae-\xff]*")
"""Characters whose codes are the same in PDFDocEncoding (ISO 32000-1, D.3) and in Latin-1."""


class Stream(msgspec.Struct, frozen=True):
    """A stream object to be written: its dictionary's entries as PDF syntax, its plain data.

    `encoded` says that the data carries the filter that the entries name.
    """

    entries: dict[str, object]
    data: bytes
    encoded: bool = False


def deflated(entries: dict[str, object], data: bytes) -> Stream:
    """A stream with its data compressed."""
    return Stream(
        entries | {"Filter": "/FlateDecode"}, isal_zlib.compress(data, DEFLATE_LEVEL), encoded=True
    )


def number(value: float, decimals: int = 2) -> str:
    """A number without exponent or needless zeros; of points, two decimals are 4 micrometres."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def utf16_string(text: str) -> str:
    """A string object of UTF-16BE code units, without byte order mark, as Latin-1 text.

    Shorter than in hexadecimal, and packs better.
    """
    # Codes that are numbers of glyphs may be those of surrogates.
    return _literal(text.encode("utf-16-be", "surrogatepass").decode("latin-1"))


def hex_text(text: str) -> str:
    """UTF-16BE in hexadecimal digits, without byte order mark."""
    return text.encode("utf-16-be").hex()


def text_string(text: str) -> str:
    """A text string object (ISO 32000-1, 7.9.2.2): in PDFDocEncoding where that is Latin-1 alike.

    Returns:
        Latin-1 text.
    """
    if _LATIN.fullmatch(text):
        return _literal(text)
    return f"<feff{hex_text(text)}>"


def numbers(*values: float) -> str:
    """Numbers with a space between."""
    return " ".join(map(number, values))


def _literal(text: str) -> str:
    """A literal string; a bare carriage return in it would be read as a line feed (7.3.4.2)."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"({escaped})".replace("\r", "\\r")
