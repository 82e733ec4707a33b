"""Text to glyphs and back: kerning, fallbacks, marks, subsets, and fonts that are refused."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from fontTools.cffLib import CFFFontSet
from fontTools.feaLib.builder import addOpenTypeFeaturesFromString
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen, RecordingPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.TupleVariation import TupleVariation

from pixattest import Press
from pixattest.model import assets
from pixattest.pdf.font_file import FontError
from pixattest.pdf.fonts import Face, MissingGlyphError
from pixattest.pdf.objects import Stream
from pixattest.pdf.typeface import Typeface

REGULAR = assets.FONTS / "source-sans-3" / "SourceSans3_400Regular.ttf"
ORIGINAL = TTFont(REGULAR)
SANS = Face(REGULAR, 0)


def square(left: int, bottom: int, right: int, top: int) -> Any:
    pen = TTGlyphPen(None)
    pen.moveTo((left, bottom))
    for point in ((left, top), (right, top), (right, bottom)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def builder(family: str, glyphs: dict[int, Any]) -> FontBuilder:
    """A font of a few glyphs by code point, each 600 wide; marks have no width."""
    names = {code: f"u{code:04X}" for code in glyphs}
    order = [".notdef", *names.values()]
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(order)
    font.setupCharacterMap(names)
    outlines = {names[code]: glyph for code, glyph in glyphs.items()}
    font.setupGlyf({".notdef": square(0, 0, 500, 500)} | outlines)
    wide = {name: 0 if name == "u0303" else 600 for name in order}
    font.setupHorizontalMetrics({name: (wide[name], 0) for name in order})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family})
    font.setupOS2()
    font.setupPost()
    return font


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    """A font whose tilde is anchored 700 units above where it is drawn."""
    font = builder("Marked", {0x71: square(0, 0, 500, 500), 0x303: square(0, 0, 300, 100)})
    features = (
        "markClass u0303 <anchor 150 0> @top;"
        "feature mark { pos base u0071 <anchor 250 700> mark @top; } mark;"
    )
    addOpenTypeFeaturesFromString(font.font, features)
    font.save(tmp_path / "marked.ttf")
    return tmp_path / "marked.ttf"


Page = Callable[..., bytes]


@pytest.fixture
def page(tmp_path: Path, record: dict[str, Any]) -> Page:
    """A page of 400 x 200 that shows static texts in a family, some of its own fonts/."""

    def page(*texts: str, family: str = "Source Sans 3", fonts: tuple[Path, ...] = ()) -> bytes:
        (tmp_path / "page" / "labels").mkdir(parents=True)
        (tmp_path / "page" / "fonts").mkdir()
        labels = 'date = "d M y"\nyears = {3 = "trois"}\n[words]\n'
        (tmp_path / "page" / "labels" / "fr.toml").write_text(labels)
        for font in fonts:
            (tmp_path / "page" / "fonts" / font.name).write_bytes(font.read_bytes())
        shown = "".join(
            f'<text x="20" y="{(row + 1) * 45}">{text}</text>' for row, text in enumerate(texts)
        )
        (tmp_path / "page" / "page.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" width="400pt" height="200pt"'
            f' viewBox="0 0 400 200"><g role="paragraph" font-size="40" font-family="{family}">'
            f"{shown}</g></svg>",
            encoding="utf-8",
        )
        return Press(tmp_path / "page" / "page.svg").render(record)

    return page


def by_pdfium(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return str(document[0].get_textpage().get_text_range())


def by_mupdf(pdf: bytes) -> str:
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return str(document[0].get_text())


def fonts_of(pdf: bytes) -> Iterator[Any]:
    """Type 0 fonts of the page."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        yield from dict(file.pages[0].Resources.Font).values()


def widths_of(descendant: Any) -> dict[int, float]:
    """Width by character code, of a W array of the form `c [w …]`."""
    array = list(descendant.W)
    found = {}
    for first, values in zip(array[::2], array[1::2], strict=True):
        found |= {int(first) + i: float(value) for i, value in enumerate(values)}
    return found


# Shaping.


def test_kerning_brings_letters_together() -> None:
    """A pair takes less room than its letters do apart."""
    assert SANS.shape("AT", "fr").width < sum(SANS.shape(c, "fr").width for c in "AT") - 10


@pytest.mark.parametrize(
    "text", ["AVATAR", "Lỵ Ýữ", "q\u0303a\u0323\u0301Ж\u0301", "(a) \\ b\r", "ĈčĜ"]
)
def test_width_of_a_run_is_that_on_the_page(page: Page, text: str) -> None:
    """What a viewer advances by, kerning and marks included, is what was reckoned with."""
    with pikepdf.open(io.BytesIO(page(text.replace("\r", "")))) as file:
        fonts = {str(name): font for name, font in file.pages[0].Resources.Font.items()}
        advance = 0.0
        for operands, operator in pikepdf.parse_content_stream(file.pages[0]):
            if str(operator) == "Tf":
                widths = widths_of(fonts[str(operands[0])].DescendantFonts[0])
            elif str(operator) in ("TJ", "Tj"):
                for shown in operands[0] if str(operator) == "TJ" else operands:
                    if isinstance(shown, pikepdf.String):
                        data = bytes(shown)
                        codes = [
                            int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)
                        ]
                        advance += sum(widths[code] for code in codes)
                    else:
                        advance -= float(shown)
    typeface = Typeface([SANS])
    reckoned = sum(typeface.shape(part, "fr").width for part in (" ", text.strip()))
    assert advance == pytest.approx(reckoned, abs=0.2)


def test_ligatures_do_not_join_letters() -> None:
    """Each letter stays one glyph, so that each can be searched and read."""
    assert SANS.shape("office fjord fl", "fr").plain == "office fjord fl"


def test_plain_and_shaped_text_have_fonts_of_their_own() -> None:
    """Text of one glyph a character is coded by character, all else by glyph."""
    assert SANS.shape("Été", "fr").resource == "F0"
    assert SANS.shape("q\u0303", "fr").resource == "G0"


def test_language_is_part_of_the_shape() -> None:
    """A letter has the form of its language, whichever language it was shown in before."""
    typeface = Typeface([SANS])
    russian, serbian = typeface.shape("б", "ru").runs, typeface.shape("б", "sr").runs
    assert russian != serbian
    assert [typeface.shape("б", "ru").runs, typeface.shape("б", "sr").runs] == [russian, serbian]


# Fallbacks and missing glyphs.


def test_each_character_falls_back_by_itself(tmp_path: Path) -> None:
    """A run in a fallback is no longer than it must be."""
    builder("Two", {0x4E00: square(0, 0, 9, 9)}).save(tmp_path / "two.ttf")
    typeface = Typeface([SANS, Face(tmp_path / "two.ttf", 1)])
    runs, width = typeface.shape("a一b一一", "fr")
    assert [(run.face, run.text) for run in runs] == [(0, "a"), (1, "一"), (0, "b"), (1, "一一")]
    assert width == pytest.approx(sum(run.width for run in runs))


@pytest.mark.parametrize(
    ("char", "said"),
    [
        ("一", "'一' (U+4E00, CJK UNIFIED IDEOGRAPH-4E00)"),
        ("😀", "'😀' (U+1F600, GRINNING FACE)"),
        ("\ue000", r"'\ue000' (U+E000, a character without a name)"),
    ],
)
def test_missing_character_is_named(char: str, said: str) -> None:
    """The error shows the character, its code point and its name."""
    with pytest.raises(MissingGlyphError) as caught:
        Typeface([SANS]).shape(f"a{char}b", "fr")
    assert str(caught.value) == f"no font has the character {said}"
    assert caught.value.char == char


def test_a_letter_that_a_font_lacks_is_drawn_as_those_it_stands_for(tmp_path: Path) -> None:
    """Not set from another font; the text is still what was typed."""
    capitals = tmp_path / "capitals.ttf"
    builder("Capitals", {0x49: square(0, 0, 200, 700), 0x4A: square(0, 0, 400, 700)}).save(capitals)
    typeface = Typeface([Face(capitals, 1), SANS])
    drawn, spelt = (typeface.shape(text, "nl").runs for text in ("Ĳ", "IJ"))
    assert [(run.face, run.text, run.width) for run in drawn] == [(1, "Ĳ", spelt[0].width)]
    assert [text for _, text in sorted(drawn[0].shaped)] == ["I", "J"]
    other = typeface.shape("²", "nl").runs
    assert [run.face for run in other] == [0]  # a small 2 is not a 2


def test_marks_stay_with_their_base(tmp_path: Path) -> None:
    """A mark is taken from its base's face, though a preferred one has it too."""
    builder("Mark", {0x303: square(0, 0, 9, 9)}).save(tmp_path / "mark.ttf")
    builder("Both", {0x4E00: square(0, 0, 9, 9), 0x303: square(0, 0, 9, 9)}).save(
        tmp_path / "both.ttf"
    )
    faces = [Face(tmp_path / "mark.ttf", 0), Face(tmp_path / "both.ttf", 1)]
    (run,) = Typeface(faces).shape("一\u0303", "fr").runs
    assert (run.face, run.text) == (1, "一\u0303")


def test_base_goes_where_its_mark_is(tmp_path: Path) -> None:
    """A letter whose mark the first face lacks is set with it in a face that has both."""
    builder("Base", {0x71: square(0, 0, 9, 9)}).save(tmp_path / "base.ttf")
    faces = [Face(tmp_path / "base.ttf", 0), SANS]
    assert len(Typeface(faces).shape("q\u0303", "fr").runs) == 1


def ink(pdf: bytes) -> list[tuple[float, float]]:
    """Rows of the page, from its top, that have ink: (first, last) of each stretch, in points."""
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        pixels = document[0].get_pixmap(dpi=72, colorspace=pymupdf.csGRAY)
    rows = [
        min(pixels.samples[y * pixels.width : (y + 1) * pixels.width]) < 128 for y in range(200)
    ]
    edges = [y for y in range(1, 200) if rows[y] != rows[y - 1]]
    return list(zip(edges[::2], edges[1::2], strict=True))


def test_mark_is_as_high_as_its_anchor(page: Page, marked: Path) -> None:
    """A mark stands where the font anchors it: 700 units, here 28 points, above the baseline."""
    pdf = page("q\u0303", "q", family="Marked", fonts=(marked,))
    assert ink(pdf) == [(13, 17), (25, 45), (70, 90)]


def test_stacked_marks_do_not_fall_together(page: Page) -> None:
    """A second mark stands above the first one, not on it."""
    stretches = ink(page("q\u0301", "", "q\u0303\u0301", family="Source Serif 4"))
    one = 45 - min(top for top, _ in stretches)
    two = 135 - min(top for top, _ in stretches if top > 60)
    assert two - one == pytest.approx(218 * 40 / 1000, abs=1.5)


# What a reader of the PDF gets.


@pytest.mark.parametrize(
    "text",
    [
        "Żółć Ðưỡng Ştefan Ő",
        "Ελληνικά Ωμέγα",
        "Кирилиця Їжак Ђорђе",
        "AVATAR “fi” ffl",
    ],
)
def test_text_is_extracted_as_it_went_in(page: Page, text: str) -> None:
    """Copying and searching find the text, by two independent readers."""
    pdf = page(text)
    assert " ".join(by_pdfium(pdf).split()) == text
    assert " ".join(by_mupdf(pdf).split()) == text


def test_text_with_marks_is_extracted_as_it_went_in(page: Page) -> None:
    """A letter and its mark, shown by glyph, are found as their characters."""
    assert by_pdfium(page("q\u0303 Ж\u0301")).strip() == "q\u0303 Ж\u0301"


def test_text_with_marks_is_extracted_once(page: Page) -> None:
    """MuPDF, which reads ToUnicode beside ActualText, does not find a letter twice."""
    assert by_mupdf(page("q\u0303 Ж\u0301")).strip() == "q\u0303 Ж\u0301"


def test_codes_lead_to_the_glyphs_of_the_original(page: Page) -> None:
    """CIDToGIDMap, W and the subset agree with the whole font, for every character shown."""
    text = "AVÉéŻżĐđΩЖя'’–"
    for font in fonts_of(page(text)):
        descendant = font.DescendantFonts[0]
        table = descendant.CIDToGIDMap.read_bytes()
        widths = widths_of(descendant)
        subset = TTFont(io.BytesIO(descendant.FontDescriptor.FontFile2.read_bytes()))
        assert set(widths) == {ord(char) for char in f"{text} "}
        for char in text:
            glyph = int.from_bytes(table[2 * ord(char) : 2 * ord(char) + 2], "big")
            name = ORIGINAL.getBestCmap()[ord(char)]
            assert outline(subset, subset.getGlyphOrder()[glyph]) == outline(ORIGINAL, name)
            assert widths[ord(char)] == pytest.approx(ORIGINAL["hmtx"][name][0], abs=0.001)


def outline(font: TTFont, glyph: str) -> list[Any]:
    """What a glyph draws, with its components resolved."""
    pen: RecordingPen = DecomposingRecordingPen(font.getGlyphSet())
    font.getGlyphSet()[glyph].draw(pen)
    return list(pen.value)


def test_to_unicode_maps_each_code_to_its_character(page: Page) -> None:
    """The ToUnicode CMap reads every code of the font as itself; faces share it."""
    shared = set()
    for font in fonts_of(page("Żà")):
        mapped = font.ToUnicode.read_bytes().decode().split("beginbfrange")[1]
        ranges = re.findall(r"<(\w{2})00><(\w{2})ff><(\w{2})00>", mapped)
        assert ranges == [(high, high, high) for high in ("00", "01")]
        shared.add(font.ToUnicode.objgen)
    assert len(shared) == 1


def embed(text: str, face: Face = SANS) -> list[bytes | Stream]:
    return face.embedder.embed(set(text), (), 10, 9)


def program(objects: list[bytes | Stream]) -> bytes:
    """The embedded font file."""
    (found,) = [o for o in objects if isinstance(o, Stream) and "Length1" in o.entries]
    return zlib.decompress(found.data)


def test_subset_is_deterministic() -> None:
    """The same characters give the same bytes, in any order and by any instance."""
    one, two = embed("Camille"), embed("ellimaC", Face(REGULAR, 0))
    assert one == two


@pytest.mark.parametrize("path", sorted(assets.FONTS.rglob("*.ttf")), ids=lambda path: path.stem)
def test_subset_is_the_same_whichever_came_before(path: Path) -> None:
    """The first subset of a face is made from the file, later ones from a lighter copy of it."""
    used = Face(path, 0)
    embed("abc", used)
    for text in ("Éloïse d’Ångström 42", "Ǻ", "x"):
        assert embed(text, used) == embed(text, Face(path, 0))


def test_subset_holds_no_more_than_what_is_shown() -> None:
    """A subset is a few kilobytes, with the glyphs that are shown, their parts and .notdef."""
    data = program(embed("Camille"))
    assert len(data) < 4000 < REGULAR.stat().st_size / 50
    assert len(TTFont(io.BytesIO(data)).getGlyphOrder()) <= len(set("Camille")) + 3


def test_subset_is_named_after_its_content() -> None:
    """The six capitals before the name are the same for the same subset only."""
    names = [
        re.search(rb"/BaseFont/([A-Z]{6})\+SourceSans3-Regular", objects[0])[1]  # type: ignore[arg-type,index]
        for objects in (embed("abc"), embed("cba"), embed("abd"))
    ]
    assert names[0] == names[1] != names[2]


def test_glyphs_by_number_and_by_character_share_a_subset() -> None:
    """Text of both kinds embeds one font program."""
    run = SANS.shape("q\u0303", "fr")
    objects = SANS.embedder.embed(set("q"), run.shaped, 10, 9)
    assert b"/Type0" in bytes(objects[0])  # type: ignore[arg-type]
    assert b"/Type0" in bytes(objects[1])  # type: ignore[arg-type]
    assert len(TTFont(io.BytesIO(program(objects))).getGlyphOrder()) == 3


# Fonts that are refused, or need care.


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"\0\1\0\0" + b"x" * 999, b"%PDF-1.7", bytes(99)]
)
def test_file_that_is_no_font_is_refused(tmp_path: Path, data: bytes) -> None:
    """Garbage is refused when it is opened."""
    (tmp_path / "a.ttf").write_bytes(data)
    with pytest.raises(FontError, match="is not a TrueType font"):
        Face(tmp_path / "a.ttf", 0)


def test_missing_font_is_refused(tmp_path: Path) -> None:
    """A file that is not there can't be read."""
    with pytest.raises(FontError, match="can't be read"):
        Face(tmp_path / "none.ttf", 0)


@pytest.fixture
def postscript(tmp_path: Path) -> Path:
    """A font with PostScript outlines and without CIDs, whose glyphs are 600 and 300 wide."""
    font = FontBuilder(1000, isTTF=False)
    order = [".notdef", "x", "a", "b"]
    font.setupGlyphOrder(order)
    font.setupCharacterMap({0x61: "a", 0x62: "b", 0x78: "x"})
    wide = {".notdef": 500, "a": 600, "b": 300, "x": 600}
    shapes = {}
    for name in order:
        pen = T2CharStringPen(wide[name], None)
        pen.moveTo((0, 0))
        for point in ((0, 500), (wide[name] - 100, 500), (wide[name] - 100, 0)):
            pen.lineTo(point)
        pen.closePath()
        shapes[name] = pen.getCharString()
    font.setupCFF("Ps", {}, shapes, {})
    font.setupHorizontalMetrics({name: (wide[name], 0) for name in order})
    font.setupHorizontalHeader()
    font.setupNameTable({"familyName": "Ps", "styleName": "Regular", "psName": "Ps"})
    font.setupOS2()
    font.setupPost()
    font.save(tmp_path / "ps.otf")
    return tmp_path / "ps.otf"


def test_font_with_postscript_outlines_is_embedded_as_one(postscript: Path) -> None:
    """Without CIDs, its glyphs keep the numbers by which they are shown (9.7.4.2)."""
    face = Face(postscript, 0)
    run = face.shape("ab", "fr")
    assert run.width == 900
    assert run.shaped == {(2, "a"), (3, "b")}
    objects = face.embedder.embed((), run.shaped, 10, 9)
    assert objects[0] == b"null"
    (program,) = [o for o in objects if isinstance(o, Stream) and "Subtype" in o.entries]
    assert program.entries["Subtype"] == "/CIDFontType0C"
    subset = CFFFontSet()
    subset.decompile(io.BytesIO(zlib.decompress(program.data)), TTFont())
    assert len(subset.topDictIndex[0].CharStrings) == 4
    assert any(b"/W[2[600 300 ]]" in bytes(o) for o in objects if isinstance(o, bytes))


def test_collection_of_fonts_is_refused(tmp_path: Path) -> None:
    """It does not say which of them is meant."""
    (tmp_path / "a.ttc").write_bytes(b"ttcf\0\1\0\0\0\0\0\1\0\0\0\x10")
    with pytest.raises(FontError, match="is a collection"):
        Face(tmp_path / "a.ttc", 0)


def test_font_with_a_broken_table_of_outlines_is_refused(postscript: Path) -> None:
    """A CFF table that would go on beyond its end is found when the font is opened."""
    names = TTFont(postscript).reader.tables["CFF "].offset + 4
    data = bytearray(postscript.read_bytes())
    data[names : names + 3] = b"\xff\xff\4"  # 65,535 names of the font
    postscript.write_bytes(data)
    with pytest.raises(FontError, match="CFF that can't be read"):
        Face(postscript, 0)


def test_restricted_font_is_refused(tmp_path: Path) -> None:
    """A licence that forbids embedding is respected."""
    font = builder("Restricted", {0x61: square(0, 0, 9, 9)})
    font.setupOS2(fsType=2)
    font.save(tmp_path / "a.ttf")
    with pytest.raises(FontError, match="does not permit embedding"):
        Face(tmp_path / "a.ttf", 0)


def test_font_without_licence_table_is_refused(tmp_path: Path) -> None:
    """A font that does not say whether it may be embedded raises a FontError."""
    font = TTFont(REGULAR)
    del font["OS/2"]
    font.save(tmp_path / "a.ttf")
    with pytest.raises(FontError):
        Face(tmp_path / "a.ttf", 0)


def test_variable_font_is_pinned(tmp_path: Path) -> None:
    """A variable font is embedded in its default instance, without its axes."""
    font = builder("Variable", {0x61: square(0, 0, 500, 500), 0x62: square(0, 0, 300, 300)})
    font.setupFvar([("wght", 400, 400, 900, "Weight")], [])
    deltas = [(0, 0), (0, 0), (99, 0), (99, 0), (0, 0), (99, 0), (0, 0), (0, 0)]
    variation = TupleVariation({"wght": (0, 1, 1)}, deltas)
    font.setupGvar({".notdef": [], "u0061": [variation], "u0062": []})
    font.save(tmp_path / "a.ttf")
    face = Face(tmp_path / "a.ttf", 0)
    assert face.shape("ab", "fr").width == 1200
    subset = TTFont(io.BytesIO(program(embed("ab", face))))
    assert not {"fvar", "gvar", "HVAR", "avar"} & set(subset.keys())
    assert embed("a", face) == embed("a", Face(face.path, 0))
    boxes = [subset["glyf"][name].xMax for name in subset.getGlyphOrder()[1:]]
    assert boxes == [500, 300]


def test_font_with_an_odd_name_has_a_name_that_pdf_can_write(tmp_path: Path) -> None:
    """Letters that a PDF name can't hold are left out."""
    font = builder("Odd", {0x61: square(0, 0, 9, 9)})
    font.setupNameTable({"familyName": "Odd", "styleName": "R", "psName": "O/d(d) #é"})
    font.save(tmp_path / "a.ttf")
    (found,) = re.findall(
        rb"/BaseFont/[A-Z]{6}\+(\S*?)/", bytes(embed("a", Face(tmp_path / "a.ttf", 0))[0])
    )  # type: ignore[arg-type]
    assert found == b"Odd"
