"""Folders of fonts: families, weights, slants, fallbacks, and files that can't be used."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from pixattest.errors import IssuerError, PixattestError, TemplateError
from pixattest.model import assets
from pixattest.pdf.fonts import MissingGlyphError
from pixattest.template.faces import FontLibrary

REGULAR = assets.FONTS / "source-sans-3" / "SourceSans3_400Regular.ttf"


def build(
    path: Path,
    family: str,
    chars: str,
    *,
    weight: int = 400,
    italic: bool = False,
    fs_type: int = 0,
) -> Path:
    """A font of square letters."""
    pen = TTGlyphPen(None)
    pen.moveTo((50, 0))
    for point in ((50, 700), (550, 700), (550, 0)):
        pen.lineTo(point)
    pen.closePath()
    square = pen.glyph()
    names = [".notdef", *(f"u{ord(char):04X}" for char in chars)]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(names)
    font.setupCharacterMap({ord(char): f"u{ord(char):04X}" for char in chars})
    font.setupGlyf(dict.fromkeys(names, square))
    font.setupHorizontalMetrics(dict.fromkeys(names, (600, 50)))
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": family, "styleName": "Regular", "psName": path.stem})
    font.setupOS2(usWeightClass=weight, fsSelection=int(italic), fsType=fs_type)
    font.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    font.save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of one family, `Square`, in three weights and an italic."""
    for weight, italic in ((300, False), (400, False), (700, False), (400, True)):
        name = f"Square-{weight}{'i' if italic else ''}.ttf"
        build(tmp_path / "fonts" / name, "Square", "abc", weight=weight, italic=italic)
    return tmp_path / "fonts"


@pytest.mark.parametrize(
    ("weight", "italic", "name"),
    [
        (400, False, "Square-400"),
        (300, False, "Square-300"),
        (100, False, "Square-300"),
        (700, False, "Square-700"),
        (900, False, "Square-700"),
        (600, False, "Square-700"),
        (400, True, "Square-400i"),
        (700, True, "Square-400i"),
    ],
)
def test_nearest_face_of_a_family_is_taken(
    folder: Path, weight: int, italic: bool, name: str
) -> None:
    """The slant counts first, then the nearest weight."""
    first = FontLibrary([folder]).typeface(("Square", weight, italic)).faces[0]
    assert first.path.stem == name


def test_typographic_family_is_the_family() -> None:
    """A semi-bold file belongs to its family, not to one named after its weight."""
    library = FontLibrary([assets.FONTS])
    first = library.typeface(("Source Sans 3", 600, False)).faces[0]
    assert first.path.name == "SourceSans3_600SemiBold.ttf"


@pytest.mark.parametrize(
    ("family", "hint"),
    [("source sans 3", 'Did you mean "Source Sans 3"?'), ("Arial", "There are Source Sans 3, ")],
)
def test_missing_family_is_refused(family: str, hint: str) -> None:
    """The error names the family that is meant, or those there are and where to put others."""
    with pytest.raises(TemplateError, match=f"he font family '{family}' is not there") as caught:
        FontLibrary([assets.FONTS]).typeface((family, 400, False))
    assert str(caught.value.hint).startswith(hint)


def test_characters_fall_back_one_by_one(tmp_path: Path) -> None:
    """A character that the family lacks is set in another font, the rest is not."""
    build(tmp_path / "ab.ttf", "Ab", "ab")
    fallback = build(tmp_path / "more" / "abc.ttf", "Abc", "abc")
    library = FontLibrary([tmp_path / "none", tmp_path], [fallback])
    runs = library.typeface(("Ab", 400, False)).shape("abcab", "fr").runs
    names = {face.index: face.path.stem for face in library.faces}
    assert [(run.text, names[run.face]) for run in runs] == [
        ("ab", "ab"),
        ("c", "abc"),
        ("ab", "ab"),
    ]


def test_fallbacks_come_after_all_that_is_shipped(tmp_path: Path) -> None:
    """An issuer's font serves only what no other has, in the order it was given."""
    one = build(tmp_path / "one.ttf", "One", "aΩ\u4e00")
    two = build(tmp_path / "two.ttf", "Two", "a\u4e00\u4e01")
    library = FontLibrary([assets.FONTS], [one, two])
    runs = library.typeface(("Source Sans 3", 400, False)).shape("aΩ\u4e00\u4e01", "fr").runs
    names = [library.faces[run.face].path.stem for run in runs]
    assert names == ["SourceSans3_400Regular", "one", "two"]


def test_fallback_family_can_be_asked_for_by_name(tmp_path: Path) -> None:
    """A template may name the family of an issuer's font."""
    one = build(tmp_path / "one.ttf", "One", "a")
    library = FontLibrary([assets.FONTS], [one])
    assert library.typeface(("One", 400, False)).faces[0].path == one


def test_character_of_no_font_is_refused(folder: Path) -> None:
    """The error names the character, its code point and its name."""
    typeface = FontLibrary([folder]).typeface(("Square", 400, False))
    with pytest.raises(MissingGlyphError) as caught:
        typeface.shape("ab\u0416", "fr")
    assert str(caught.value) == (
        "no font has the character 'Ж' (U+0416, CYRILLIC CAPITAL LETTER ZHE)"
    )


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x00\x01\x00\x00" + b"x" * 400, b"OTTO"])
def test_garbage_in_a_templates_folder_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is no font is refused, by its name."""
    (tmp_path / "bad.ttf").write_bytes(content)
    with pytest.raises(TemplateError, match=r"bad\.ttf: the font is not a TrueType font"):
        FontLibrary([tmp_path])


def test_garbage_as_fallback_is_the_issuers_fault(tmp_path: Path) -> None:
    """A fallback that is no font is an error of the issuer's file."""
    (tmp_path / "bad.ttf").write_bytes(b"garbage")
    with pytest.raises(IssuerError, match=r"bad\.ttf: the font is not a TrueType font"):
        FontLibrary([], [tmp_path / "bad.ttf"])


def test_missing_fallback_is_the_issuers_fault(tmp_path: Path) -> None:
    """A fallback that is not there is an error of the issuer's file."""
    with pytest.raises(IssuerError, match=r"none\.ttf: the font can't be read"):
        FontLibrary([], [tmp_path / "none.ttf"])


def test_font_that_may_not_be_embedded_is_refused(tmp_path: Path) -> None:
    """Restricted licence embedding (OS/2 fsType 2) is respected."""
    build(tmp_path / "restricted.ttf", "Restricted", "a", fs_type=2)
    with pytest.raises(TemplateError, match="does not permit embedding"):
        FontLibrary([tmp_path])


def test_font_that_may_be_edited_or_printed_is_taken(tmp_path: Path) -> None:
    """Preview and print, editable, and installable embedding all permit a PDF."""
    for fs_type in (0, 4, 8):
        build(tmp_path / f"{fs_type}.ttf", f"F{fs_type}", "a", fs_type=fs_type)
    assert len(FontLibrary([tmp_path]).faces) == 3


@pytest.mark.parametrize("fs_type", [0x0100, 0x0200])
def test_font_that_may_not_be_subset_is_refused(tmp_path: Path, fs_type: int) -> None:
    """No-subsetting and bitmap-only embedding forbid what is done with a font here."""
    build(tmp_path / "whole.ttf", "Whole", "a", fs_type=fs_type)
    with pytest.raises(TemplateError):
        FontLibrary([tmp_path])


def test_fonts_through_a_link_out_of_the_templates_folder_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    """Neither the folder of fonts nor a font in it may be a link to elsewhere."""
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "fonts").symlink_to(folder)
    (tmp_path / "two" / "fonts").mkdir(parents=True)
    (tmp_path / "two" / "fonts" / "a.ttf").symlink_to(folder / "Square-400.ttf")
    for name in ("one", "two"):
        with pytest.raises(TemplateError, match="outside the template's folder"):
            FontLibrary([tmp_path / name / "fonts"])


@pytest.mark.parametrize("table", ["OS/2", "head", "hmtx", "cmap", "loca"])
def test_font_without_a_table_is_refused_or_works(tmp_path: Path, table: str) -> None:
    """A font that lacks a table raises nothing but pixattest's own errors."""
    font = TTFont(build(tmp_path / "source" / "a.ttf", "A", "a"), lazy=False)
    data = bytearray((tmp_path / "source" / "a.ttf").read_bytes())
    assert table in font
    at = bytes(data).index(table.encode().ljust(4))
    data[at : at + 4] = b"zzzz"
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "bad.ttf").write_bytes(data)
    with suppress(PixattestError, MissingGlyphError):
        library = FontLibrary([tmp_path / "fonts"])
        assert library.typeface(("A", 400, False)).shape("a", "fr").runs[0].text == "a"


@given(st.integers(0, 2000))
def test_font_cut_short_raises_only_pixattest_errors(
    tmp_path_factory: pytest.TempPathFactory, size: int
) -> None:
    """However short a font was cut, opening it raises nothing else."""
    folder = tmp_path_factory.mktemp("cut")
    (folder / "cut.ttf").write_bytes(REGULAR.read_bytes()[:size])
    with suppress(TemplateError):
        assert FontLibrary([folder]).faces


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_font_cut_in_the_middle_is_refused(tmp_path: Path, share: float) -> None:
    """A font whose glyphs are missing from the file is refused, rather than printed blank."""
    data = REGULAR.read_bytes()
    (tmp_path / "cut.ttf").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(TemplateError):
        FontLibrary([tmp_path])
