"""CFF table → the CIDs of its glyphs, as fontTools reads them."""

from __future__ import annotations

import struct

import pytest
from fontTools.ttLib import TTFont
from support import FONTS

from pixattest.pdf.cff import read_cids

CJK = TTFont(FONTS / "NotoSansCJKjp-subset.otf")
COUNT = CJK["maxp"].numGlyphs
TABLE = bytes(CJK.reader["CFF "])


def test_cids_are_those_of_the_charset() -> None:
    """The subset kept the numbers that its glyphs have in the whole font."""
    charset = CJK["CFF "].cff.topDictIndex[0].charset
    cids = read_cids(TABLE, COUNT)
    assert cids is not None
    assert list(cids) == [0, *(int(name.removeprefix("cid")) for name in charset[1:])]
    assert list(cids) != list(range(COUNT))


@pytest.mark.parametrize("form", [0, 1, 2])
def test_charset_may_have_any_format(form: int) -> None:
    """A number each, or runs with a byte or two of how many follow."""
    charset = bytes([form])
    if form == 0:
        charset += struct.pack(">4H", 5, 6, 7, 900)
    else:
        charset += struct.pack(">HBHB" if form == 1 else ">HHHH", 5, 2, 900, 0)
    # Top DICT: ROS 391 392 0, charset at the end.
    names, top = b"\0\1\1\1\2A", b"\x1c\x01\x87\x1c\x01\x88\x8b\x0c\x1e\x1d%s\x0f"
    start = 4 + len(names) + 5 + len(top) - 2 + 4
    top = top.replace(b"%s", struct.pack(">i", start))
    table = b"\1\0\4\1" + names + b"\0\1\1\1" + bytes([1 + len(top)]) + top + charset
    assert list(read_cids(table, 5) or ()) == [0, 5, 6, 7, 900]


@pytest.mark.parametrize("length", [0, 3, 20, 60])
def test_table_that_is_cut_short_is_refused(length: int) -> None:
    """Nothing is read beyond its end."""
    with pytest.raises((struct.error, IndexError)):
        read_cids(TABLE[:length], COUNT)
