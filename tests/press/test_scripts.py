"""Names in any script, with fonts that the issuer adds: order, shapes, and the text read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from unicodedata import normalize

import pikepdf
import pytest
from readers import Reader

from pixattest import LayoutError, Press

pytestmark = pytest.mark.slow

LEFT_TO_RIGHT = {
    "Devanagari": ("प्रिया", "शर्मा"),
    "conjuncts": ("श्रीकृष्ण", "विद्यार्थी"),
    "Thai": ("ชัยวัฒน์", "ศรีสุข"),
    "Thai, two marks": ("ปิ่นแก้ว", "ผู้ใหญ่"),
    "Japanese": ("太郎", "山田"),
    "Japanese, half width": ("ｱ", "ｲ"),
    "Korean": ("민준", "김"),
    "Chinese and Latin": ("Anna", "王小明"),
}
RIGHT_TO_LEFT = {
    "Arabic": ("محمد", "علي"),
    "Arabic, two words": ("فاطمة", "الزهراء"),
    "Arabic, ligature": ("لاله", "علي"),
    "Hebrew": ("משה", "כהן"),
    "Hebrew and Latin": ("Anna", "לוי"),
}
_MARKS_OF_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture
def reads(
    press_for: Callable[..., Press], readers: Mapping[str, Reader], record: dict[str, Any]
) -> Callable[[str, str], dict[str, str]]:
    """The name as each reader finds it on the page, compatibility forms as their letters."""
    press = press_for("en", fonts=True)

    def read(first: str, last: str) -> dict[str, str]:
        pdf = press.render(record | {"first_name": first, "last_name": last})
        found = {}
        for reader, text in readers.items():
            name = text(pdf).partition("First and last name:")[2].partition("Date and place")[0]
            found[reader] = " ".join(_MARKS_OF_DIRECTION.sub("", name).split())
        return found

    return read


@pytest.mark.parametrize("script", LEFT_TO_RIGHT)
def test_shaped_names_are_read_back(
    reads: Callable[[str, str], dict[str, str]], script: str
) -> None:
    """By every reader, letter for letter, however many glyphs a syllable takes."""
    first, last = LEFT_TO_RIGHT[script]
    assert set(reads(first, last).values()) == {f"{first} {last}"}


@pytest.mark.parametrize("script", RIGHT_TO_LEFT)
def test_names_from_right_to_left_are_read_back(
    reads: Callable[[str, str], dict[str, str]], script: str
) -> None:
    """By every reader, in the order in which they are spoken."""
    first, last = RIGHT_TO_LEFT[script]
    found = {normalize("NFKC", name) for name in reads(first, last).values()}
    assert found == {f"{first} {last}"}


@pytest.mark.parametrize(
    ("first", "last"), [("Camille", "فاطمة الزهراء"), ("פאתמה", "Martin"), ("محمد", "(علي)")]
)
def test_names_of_both_directions_have_their_words_in_order(
    reads: Callable[[str, str], dict[str, str]], first: str, last: str
) -> None:
    """Readers guess the line's direction; poppler reads the words as they are stored."""
    found = reads(first, last)
    letters = {reader: sorted(re.sub(r"[ ()]", "", name)) for reader, name in found.items()}
    assert set(map(tuple, letters.values())) == {tuple(sorted(re.sub(r"[ ()]", "", first + last)))}
    if "(" not in last:
        assert found["poppler"] == f"{first} {last}"


def ink(press: Press, record: dict[str, Any]) -> list[tuple[str, float]]:
    """Each glyph's text and left edge, of what stands below the label of the name."""
    import pymupdf

    with pymupdf.open(stream=press.render(record), filetype="pdf") as document:
        page = document[0].get_text("rawdict", clip=pymupdf.Rect(160, 148, 560, 182))
    return [
        (char["c"], char["origin"][0])
        for block in page["blocks"]
        for line in block.get("lines", ())
        for span in line["spans"]
        for char in span["chars"]
        if char["c"].strip()
    ]


def test_right_to_left_is_seen_from_right_to_left(
    press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """A Latin first name stands left; each Hebrew letter left of the one before it."""
    record |= {"first_name": "Anna", "last_name": "לוי"}
    at = dict(ink(press_for("en", fonts=True), record))
    assert at["A"] < at["a"] < at["י"] < at["ו"] < at["ל"]


def test_arabic_letters_are_joined(press_for: Callable[..., Press], record: dict[str, Any]) -> None:
    """The same letter has other glyphs alone, and at the beginning, middle and end of a word."""
    press = press_for("en", fonts=True)

    def glyphs(name: str) -> set[str]:
        pdf = press.render(record | {"first_name": name, "last_name": "X"})
        with pikepdf.open(BytesIO(pdf)) as document:
            fonts = document.pages[0].Resources.Font
            arabic = next(f for f in fonts.values() if "Arabic" in str(f.BaseFont))
            cmap = arabic.ToUnicode.read_bytes().decode()
        return set(re.findall(r"<(\w{4})><0647>", cmap))

    forms = [glyphs(name) for name in ("ه", "هله", "للهلل")]
    assert len(set.union(*forms)) == 4


def test_fonts_with_postscript_outlines_are_embedded(
    press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """As a CIDFontType0C program of a few glyphs, named by the CIDs of the whole font."""
    pdf = press_for("en", fonts=True).render(record | {"first_name": "太郎", "last_name": "山田"})
    with pikepdf.open(BytesIO(pdf)) as document:
        fonts = document.pages[0].Resources.Font
        font = next(f for f in fonts.values() if "CJK" in str(f.BaseFont))
        (descendant,) = font.DescendantFonts
        program = descendant.FontDescriptor.FontFile3
        assert (descendant.Subtype, program.Subtype) == ("/CIDFontType0", "/CIDFontType0C")
        assert len(program.read_bytes()) < 3000
        cmap = font.ToUnicode.read_bytes().decode().partition("beginbfchar")[2]
        mapped = re.findall(r"<(\w{4})><(\w{4})>", cmap)
    assert {chr(int(text, 16)) for _, text in mapped} == set("太郎山田")
    assert min(int(code, 16) for code, _ in mapped) > 1000


@pytest.mark.parametrize(
    ("first", "last"),
    [("محمد " * 10, "علي " * 8), ("प्रिया " * 8, "शर्मा " * 9), ("山田" * 12, "太郎" * 20)],
)
def test_long_names_are_wrapped(
    reads: Callable[[str, str], dict[str, str]], first: str, last: str
) -> None:
    """Over several lines, with every word there."""
    found = re.sub(r"\s", "", reads(first.strip(), last.strip())["poppler"])
    assert sorted(found) == sorted(re.sub(r"\s", "", first + last))


@pytest.mark.parametrize("name", ["ደመቀ", "ணி", "محمدۻ"])
def test_letters_that_no_font_has_are_refused(
    press_for: Callable[..., Press], record: dict[str, Any], name: str
) -> None:
    """With the letter, and what to do."""
    with pytest.raises(LayoutError, match="no font has the character") as refused:
        press_for("en", fonts=True).render(record | {"first_name": name})
    assert "issuer's fonts" in str(refused.value)
