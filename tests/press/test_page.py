"""What stands on the page: every sentence, the levels, the code, for whoever reads the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pikepdf
import pytest
import zxingcpp
from PIL import Image
from readers import Reader, Renderer

from pixattest import LayoutError, Press
from pixattest.model.issuer import default_issuer
from pixattest.template.colour import RGB, contrast

if TYPE_CHECKING:
    import pymupdf

PRODUCTS = ["pdfium", "poppler", "mupdf"]
ADDRESS = "https://app.pix.fr/verification-certificat?code=P-GVVP6HBM"

_SENTENCES = {
    "fr": """
pix | Attestation
Ce document atteste l'obtention d'une certification Pix
Prénom et nom :
Camille Martin
Date et lieu de naissance :
12 janvier 2003 à Nantes
Centre de certification :
LP De Bougainville
Délivrée le 9 février 2024
La certification est valable trois ans à partir de la date de délivrance
Dernier jour de validité : 9 février 2027
142
768*
Compétences certifiées (niveaux sur 6)
1 INFORMATIONS ET DONNÉES
NIVEAU
1.1 Mener une recherche et une veille d'information
1.2 Gérer des données
1.3 Traiter des données
2 COMMUNICATION ET COLLABORATION
NIVEAU
2.1 Interagir
2.2 Partager et publier
2.3 Collaborer
2.4 S'insérer dans le monde numérique
3 CRÉATION DE CONTENU
NIVEAU
3.1 Développer des documents textuels
3.2 Développer des documents multimedia
3.3 Adapter les documents à leur finalité
3.4 Programmer
4 PROTECTION ET SÉCURITÉ
NIVEAU
4.1 Sécuriser l'environnement numérique
4.2 Protéger les données personnelles et la vie privée
4.3 Protéger la santé, le bien-être et l'environnement
5 ENVIRONNEMENT NUMÉRIQUE
NIVEAU
5.1 Résoudre des problèmes techniques
5.2 Construire un environnement numérique
Vérifier l'authenticité de la certification
Code de vérification
P-GVVP6HBM
Utilisez ce code sur le site :
app.pix.fr/verification-certificat
Signature du directeur :
* À la date d'obtention de cette certification, le nombre maximum de pix atteignable était de 768, \
correspondant au niveau 6. Lorsque les 8 niveaux du référentiel Pix seront disponibles, ce nombre \
maximum sera de 1024 pix.
Le certificat Pix est reconnu comme professionnalisant par France compétences à compter d'un score \
minimal de 120 pix
Ce document n'est pas un certificat
""",
    "en": """
pix | Attestation
This document attests that a Pix certification was obtained
First and last name:
Camille Martin
Date and place of birth:
12 January 2003, Nantes
Certification centre:
LP De Bougainville
Issued on 9 February 2024
The certification is valid for three years from the date of issue
Last day of validity: 9 February 2027
142
768*
Certified competences (levels out of 6)
1 INFORMATION AND DATA
LEVEL
1.1 Search for and monitor information
1.2 Manage data
1.3 Process data
2 COMMUNICATION AND COLLABORATION
2.4 Take part in the digital world
3 CONTENT CREATION
3.2 Develop multimedia documents
4 PROTECTION AND SAFETY
4.3 Protect health, well-being and the environment
5 DIGITAL ENVIRONMENT
5.2 Build a digital environment
Verify that the certification is genuine
Verification code
P-GVVP6HBM
Use this code on the site:
app.pix.fr/verification-certificat
Signature of the director:
* On the date of this certification, the highest number of pix that could be reached was 768, \
corresponding to level 6. When all 8 levels of the Pix framework are available, it will be 1024 pix.
The Pix certificate is recognised as vocational by France compétences from a minimum score of 120 \
pix
This document is not a certificate
""",
}


def fold(text: str) -> str:
    """The text in NFC, every white space one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


# Sentences.


@pytest.mark.slow
@pytest.mark.parametrize("language", _SENTENCES)
@pytest.mark.parametrize("product", PRODUCTS)
def test_every_sentence_is_there_in_reading_order(
    press_for: Callable[..., Press],
    record: dict[str, Any],
    readers: Mapping[str, Reader],
    product: str,
    language: str,
) -> None:
    """The page's text holds every sentence of the reference, one after the other."""
    text = fold(readers[product](press_for(language).render(record)))
    place = 0
    for sentence in _SENTENCES[language].strip().splitlines():
        found = text.find(sentence, place)
        assert found >= 0, f"{sentence!r} is not after {text[max(0, place - 60) : place]!r}"
        place = found + len(sentence)


@pytest.mark.slow
def test_nothing_else_is_there(
    press: Press, record: dict[str, Any], readers: Mapping[str, Reader]
) -> None:
    """Beside the sentences and the seven levels, the page says nothing."""
    text = fold(readers["pdfium"](press.render(record)))
    for sentence in sorted(_SENTENCES["fr"].strip().splitlines(), key=len, reverse=True):
        text = text.replace(sentence, " ", 1)
    assert sorted(text.split()) == sorted(map(str, record["levels"].values()))


# Levels and colours.


class Span(NamedTuple):
    """A text in one font and colour: where its baseline starts, its box, red-green-blue."""

    text: str
    x: float
    y: float
    box: pymupdf.Rect
    colour: RGB
    size: float


def spans_of(pdf: bytes) -> list[Span]:
    """The texts of a page as mupdf sees them; those that are turned are left out."""
    import pymupdf

    def each() -> Iterator[Span]:
        with pymupdf.open(stream=pdf, filetype="pdf") as document:
            for block in document[0].get_text("rawdict")["blocks"]:
                for line in block.get("lines", []):
                    for span in line["spans"]:
                        chars = [char for char in span["chars"] if not char["c"].isspace()]
                        if not chars or line["dir"] != (1.0, 0.0):
                            continue
                        text = "".join(char["c"] for char in span["chars"]).strip()
                        first, last = (pymupdf.Rect(chars[n]["bbox"]) for n in (0, -1))
                        box, (x, y) = first | last, chars[0]["origin"]
                        red, green, blue = pymupdf.sRGB_to_pdf(span["color"])
                        yield Span(text, x, y, box, (red, green, blue), span["size"])

    return list(each())


class Row(NamedTuple):
    """The line of a competence: its number and name, and what stands in its level cell."""

    named: list[Span]
    level: list[Span]


def rows_of(spans: list[Span]) -> dict[str, Row]:
    """The line of each competence by its number, told by geometry alone."""
    found = {}
    column = next(span.box for span in spans if span.text in ("NIVEAU", "LEVEL"))
    for number in spans:
        if re.match(r"\d\.\d\b", number.text):
            line = [s for s in spans if s.x < column.x1 and abs(s.y - number.y) < 3]
            named = sorted((s for s in line if s.x < column.x0 - 4), key=lambda span: span.x)
            found[number.text[:3]] = Row(named, [s for s in line if s not in named])
    return found


def test_each_level_stands_in_its_row(press: Press, record: dict[str, Any]) -> None:
    """By geometry, each competence's line ends in its level, or in nothing."""
    rows = rows_of(spans_of(press.render(record)))
    assert len(rows) == 16
    levels = {number: [span.text for span in row.level] for number, row in rows.items()}
    expected = {number: record["levels"].get(number) for number in rows}
    assert levels == {number: [str(n)] if n else [] for number, n in expected.items()}
    names = {number: " ".join(span.text for span in row.named) for number, row in rows.items()}
    assert all(name in _SENTENCES["fr"].splitlines() for name in names.values())


def test_levels_stand_in_a_column(press: Press, record: dict[str, Any]) -> None:
    """Figures and the heading over them have one middle."""
    spans = spans_of(press.render(record))
    levels = [span for row in rows_of(spans).values() for span in row.level]
    heads = [span for span in spans if span.text == "NIVEAU"]
    middles = [(span.box.x0 + span.box.x1) / 2 for span in [*levels, *heads]]
    assert len(middles) == 7 + 5
    assert max(middles) - min(middles) < 0.6


def test_only_what_was_not_acquired_is_dimmed(press: Press, record: dict[str, Any]) -> None:
    """Nine lines are drawn in one colour, paler than that of the names of the other seven."""
    rows = rows_of(spans_of(press.render(record)))
    white = (1.0, 1.0, 1.0)
    acquired = record["levels"]
    dimmed = {span.colour for n, row in rows.items() if n not in acquired for span in row.named}
    names = {row.named[-1].colour for number, row in rows.items() if number in acquired}
    others = {span.colour for n, row in rows.items() if n in acquired for span in row.named}
    (dim,), (ink,) = dimmed, names
    assert contrast(dim, white) < 0.6 * contrast(ink, white)
    assert dim not in others


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_text_can_be_read(
    press_for: Callable[..., Press],
    record: dict[str, Any],
    renderers: Mapping[str, Renderer],
    language: str,
) -> None:
    """Each text's colour contrasts with the ground that it is rendered on by 4.5:1."""
    record["levels"] = {f"{domain}.1": 2 for domain in range(1, 6)}
    pdf = press_for(language).render(record)
    dpi = 288
    page = renderers["mupdf"](pdf, dpi)
    faint = {}
    for span in spans_of(pdf):
        if not any(char.isalnum() for char in span.text):
            continue  # a bar between two words is no text to read
        box = [edge * dpi / 72 for edge in span.box]
        # From the baseline up to the height of small letters.
        box[1], box[3] = (edge * dpi / 72 for edge in (span.y - 0.45 * span.size, span.y))
        ground = ground_of(page.crop([round(edge) for edge in box]), span.colour)
        if contrast(span.colour, ground) < 4.49:
            faint[span.text, span.y] = round(contrast(span.colour, ground), 2)
    assert not faint


def ground_of(picture: Image.Image, ink: RGB) -> RGB:
    """The commonest colour in a picture of a text, that of the text itself left out."""
    counted = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    colours = [tuple(part / 255 for part in colour) for _, colour in counted]
    far = (c for c in colours if max(abs(x - y) for x, y in zip(c, ink, strict=True)) > 0.1)
    red, green, blue = next(far)
    return red, green, blue


# The QR code.


@pytest.mark.slow
@pytest.mark.parametrize("dpi", [100, 150, 300])
@pytest.mark.parametrize("product", PRODUCTS)
def test_the_qr_code_opens_the_verification(
    press: Press,
    record: dict[str, Any],
    renderers: Mapping[str, Renderer],
    product: str,
    dpi: int,
) -> None:
    """An independent reader finds one code on the rendered page, with the right address."""
    (code,) = zxingcpp.read_barcodes(renderers[product](press.render(record), dpi))
    assert code.text == ADDRESS
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    assert code.ec_level == "M"


@pytest.mark.slow
@pytest.mark.parametrize("product", PRODUCTS)
def test_the_qr_code_is_large_and_has_its_quiet_zone(
    press: Press, record: dict[str, Any], renderers: Mapping[str, Renderer], product: str
) -> None:
    """25 mm a side at least; around it, four modules in which every pixel is white."""
    dpi = 600
    page = renderers[product](press.render(record), dpi).convert("L")
    (code,) = zxingcpp.read_barcodes(page.resize((page.width // 2, page.height // 2)))
    corners = [code.position.top_left, code.position.bottom_right]
    (left, top), (right, bottom) = ((2 * corner.x, 2 * corner.y) for corner in corners)
    module = (right - left) / 37  # near enough to look around with
    around = [left - 2 * module, top - 2 * module, right + 2 * module, bottom + 2 * module]
    looked = page.crop([round(edge) for edge in around])
    box = looked.point(lambda grey: 255 if grey < 128 else 0).getbbox()
    assert box
    side = box[2] - box[0]
    assert abs(side - (box[3] - box[1])) <= 2
    assert side / dpi * 25.4 >= 25

    # The first row begins with seven dark modules, the upper edge of a finder pattern.
    row = [looked.getpixel((x, box[1] + 3)) < 128 for x in range(box[0], box[2])]
    module = len(list(next(group for _, group in groupby(row)))) / 7
    assert (round(side / module) - 17) % 4 == 0

    x0, y0 = round(around[0]) + box[0], round(around[1]) + box[1]
    x1, y1 = x0 + side, y0 + side
    edge, blur = round(4 * module), 2
    bands = [
        (x0 - edge + blur, y0 - edge + blur, x1 + edge - blur, y0 - blur),
        (x0 - edge + blur, y1 + blur, x1 + edge - blur, y1 + edge - blur),
        (x0 - edge + blur, y0 - edge + blur, x0 - blur, y1 + edge - blur),
        (x1 + blur, y0 - edge + blur, x1 + edge - blur, y1 + edge - blur),
    ]
    assert [page.crop(band).getextrema() for band in bands] == [(255, 255)] * 4


@pytest.mark.slow
def test_the_qr_code_holds_the_records_own_code(
    press: Press, record: dict[str, Any], renderers: Mapping[str, Renderer]
) -> None:
    """A second page of one press has its own code, not the first one's."""
    press.render(record)
    record["verification_code"] = "P-2346789B"
    (code,) = zxingcpp.read_barcodes(renderers["mupdf"](press.render(record), 150))
    assert code.text == ADDRESS.replace("P-GVVP6HBM", "P-2346789B")


# The file around it.


def test_the_address_is_a_link(press: Press, record: dict[str, Any]) -> None:
    """A click on the printed address opens it, and the link lies just around the address."""
    import pymupdf

    pdf = press.render(record)
    (address,) = [s for s in spans_of(pdf) if s.text == "app.pix.fr/verification-certificat"]
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        (link,) = document[0].get_links()
        area = link["from"]
    assert link["uri"] == "https://app.pix.fr/verification-certificat"
    assert area.contains(pymupdf.Rect(address.x, address.y - 1, address.box.x1 - 0.5, address.y))
    assert area.get_area() < 3 * address.box.get_area()


@pytest.mark.slow
def test_qpdf_finds_nothing_wrong(
    press: Press, record: dict[str, Any], run: Callable[..., str], tmp_path: Path
) -> None:
    """`qpdf --check` has nothing to say."""
    file = tmp_path / "page.pdf"
    file.write_bytes(press.render(record))
    assert "No syntax or stream encoding errors found" in run("qpdf", "--check", file)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("fr", "Attestation de certification Pix – Camille Martin"),
        ("en", "Pix certification attestation – Camille Martin"),
    ],
)
def test_the_file_says_what_it_is(
    press_for: Callable[..., Press], record: dict[str, Any], language: str, title: str
) -> None:
    """Title, author and language stand in the properties and in the XMP packet."""
    with pikepdf.open(BytesIO(press_for(language).render(record))) as document:
        assert str(document.docinfo["/Title"]) == title
        assert str(document.docinfo["/Author"]) == "Pix"
        assert str(document.Root.Lang) == language
        assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
        with document.open_metadata() as xmp:
            assert xmp["dc:title"] == title
            assert xmp["dc:creator"] == ["Pix"]
            assert xmp["dc:language"] == {language}


def test_the_page_is_a4_portrait(press: Press, record: dict[str, Any]) -> None:
    """One page of 210 x 297 mm."""
    import pymupdf

    with pymupdf.open(stream=press.render(record), filetype="pdf") as document:
        (page,) = document
        size = [round(side / 72 * 25.4, 1) for side in (page.rect.width, page.rect.height)]
    assert size == [210, 297]


# What differs from record to record.


@pytest.mark.slow
@pytest.mark.parametrize(("top", "most"), [(5, 640), (6, 768), (7, 896), (8, 1024)])
def test_the_footnote_follows_the_highest_level(
    press: Press, record: dict[str, Any], readers: Mapping[str, Reader], top: int, most: int
) -> None:
    """The most pix and its level are those of the day; what comes is said only below level 8."""
    record["max_level"] = top
    text = fold(readers["pdfium"](press.render(record)))
    assert f"(niveaux sur {top})" in text
    assert f"atteignable était de {most}, correspondant au niveau {top}." in text
    assert f"142 {most}*" in text
    assert ("Lorsque les 8 niveaux" in text) == (top < 8)
    assert ("ce nombre maximum sera de 1024 pix." in text) == (top < 8)


@pytest.mark.slow
def test_without_a_score_nothing_is_said_of_it(
    press: Press, record: dict[str, Any], readers: Mapping[str, Reader]
) -> None:
    """Neither figures nor a footnote stand for a score that is not given; a 0 is given."""
    without = fold(readers["pdfium"](press.render(record | {"score": None})))
    assert "768" not in without
    assert "*" not in without
    zero = fold(readers["pdfium"](press.render(record | {"score": 0})))
    assert "délivrance Dernier jour de validité : 9 février 2027 0 768*" in zero


@pytest.mark.slow
def test_without_a_place_only_the_date_is_said(
    press: Press, record: dict[str, Any], readers: Mapping[str, Reader]
) -> None:
    """The date of birth stands alone when the place is not known."""
    text = fold(readers["pdfium"](press.render(record | {"birth_place": None})))
    assert "12 janvier 2003 Centre de certification" in text


@pytest.mark.slow
@pytest.mark.parametrize(("day", "said"), [("2021-12-31", False), ("2022-01-01", True)])
def test_recognition_is_said_from_its_day_on(
    press: Press, record: dict[str, Any], readers: Mapping[str, Reader], day: str, said: bool
) -> None:
    """The sentence of professional recognition is printed from 2022-01-01 on."""
    text = fold(readers["pdfium"](press.render(record | {"delivered_on": day})))
    assert ("reconnu comme professionnalisant" in text) == said
    assert "Ce document n'est pas un certificat" in text


@pytest.mark.slow
@pytest.mark.parametrize("template", ["attestation", "landscape"])
@pytest.mark.parametrize(
    "notice", [None, "Worth a free meal.", {"fr": "Vaut un repas.", "en": "Worth a free meal."}]
)
def test_the_notice_at_the_foot_is_the_issuers(
    record: dict[str, Any],
    readers: Mapping[str, Reader],
    template: str,
    notice: str | dict[str, str] | None,
) -> None:
    """Whose certificates these are does not say that they are none."""
    issuer = msgspec.structs.replace(default_issuer(), notice=notice)
    text = fold(readers["pdfium"](Press(template, issuer, language="en").render(record)))
    assert "not a certificate" not in text
    assert ("Worth a free meal." in text) == (notice is not None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2024-02-29", "Délivrée le 29 février 2024 | validité : 28 février 2027"),
        ("2024-01-01", "Délivrée le 1er janvier 2024 | validité : 1er janvier 2027"),
        ("2023-08-31", "Délivrée le 31 août 2023 | validité : 31 août 2026"),
    ],
)
def test_days_are_written_in_words(
    press: Press, record: dict[str, Any], readers: Mapping[str, Reader], day: str, words: str
) -> None:
    """Delivery and last day of validity, also from a 29 February and a first of the month."""
    text = fold(readers["pdfium"](press.render(record | {"delivered_on": day})))
    for part in words.split(" | "):
        assert part in text


def test_the_signature_image_stands_under_its_title(
    press_for: Callable[..., Press], record: dict[str, Any]
) -> None:
    """One image, left-aligned and clear of all texts; without one, nothing is drawn there."""
    import pymupdf

    def images(pdf: bytes) -> list[pymupdf.Rect]:
        with pymupdf.open(stream=pdf, filetype="pdf") as document:
            found = document[0].get_image_info()
            return [pymupdf.Rect(i["bbox"]) for i in found if i["width"] != i["height"]]

    pdf = press_for().render(record)
    (place,) = images(pdf)
    (title,) = [span for span in spans_of(pdf) if span.text == "Signature du directeur :"]
    assert 0 < place.y0 - title.y < 40
    assert abs(place.x0 - title.x) < 1
    assert not any(place.intersects(span.box) for span in spans_of(pdf))
    assert images(press_for(signed=False).render(record)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("language", "word"), [("fr", "SPÉCIMEN"), ("en", "SPECIMEN")])
def test_only_a_specimen_says_so(
    press_for: Callable[..., Press],
    record: dict[str, Any],
    readers: Mapping[str, Reader],
    renderers: Mapping[str, Renderer],
    language: str,
    word: str,
) -> None:
    """The word is over a specimen and nowhere else, and its QR code can still be read."""
    specimen = press_for(language, specimen=True).render(record)
    # Poppler reads turned letters one by one.
    assert word in "".join(readers["poppler"](specimen).split())
    assert word not in "".join(readers["poppler"](press_for(language).render(record)).split())
    (code,) = zxingcpp.read_barcodes(renderers["poppler"](specimen, 150))
    assert code.text == ADDRESS


# Names.


_NAMES = [
    ("kerned", "AVATAR To Wa", "Yvette LTAV P.A. fi ffl"),
    ("apostrophes", "D'Artagnan", "O'Neil L’Été"),
    ("parentheses", "Jean (dit Jeannot)", "Martin )("),
    ("backslashes", "A\\B", "\\(C\\051 \\n"),
    ("markup", "Ltd. <script>", "&amp; <b>{{ 7 * 7 }}</b>"),
    ("format", "{full_name} %s %(x)s", "{0} $x [3]TJ"),
    ("Vietnamese", "Nguyễn Thị Ánh Nguyệt", "Đặng-Phạm Huyền ẤỄỘ"),
    ("Greek", "Αλέξανδρος Ἀθηνᾶ", "Παπαδόπουλος ΐΰώ"),
    ("Cyrillic", "Владислав Ђорђе", "Шевченко-Ґалаґан Їжакевич"),
    ("Polish, Turkish, Icelandic", "Łukasz Żółć İbrahim", "Ğüşçı Þórður Æðŋ"),
    ("decomposed", "Zoe\u0301 Fran\u0327oise", "Nguye\u0302\u0303n A\u030angstro\u0308m"),
    ("loose marks", "M\u0302aria Marie", "Q\u0323uy Quy"),
    ("no-break space", "Jean\u00a0Paul", "de\u00a0La Tour"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("first", "last"), [n[1:] for n in _NAMES], ids=[n[0] for n in _NAMES])
@pytest.mark.parametrize("product", PRODUCTS)
def test_names_come_out_as_they_went_in(
    press: Press,
    record: dict[str, Any],
    readers: Mapping[str, Reader],
    product: str,
    first: str,
    last: str,
) -> None:
    """A name, and a centre of that name, is extracted character by character."""
    record |= {"first_name": first, "last_name": last, "centre": f"{last} {first}"}
    text = fold(readers[product](press.render(record)))
    assert fold(f"Prénom et nom : {first} {last} Date et lieu") in text
    assert fold(f"Centre de certification : {last} {first} Délivrée") in text


@pytest.mark.parametrize("field", ["first_name", "last_name", "birth_place", "centre"])
def test_a_character_without_glyph_is_refused_by_name(
    press: Press, record: dict[str, Any], field: str
) -> None:
    """The error names the character, its code point and name, and the record's field."""
    record[field] = "Zoé 🎉"
    with pytest.raises(LayoutError) as refused:
        press.render(record)
    (fault,) = refused.value.faults
    assert fault.field == field
    assert fault.value == "🎉"
    assert "🎉" in str(fault)
    assert "U+1F389" in str(fault)
    assert "PARTY POPPER" in str(fault)


def test_every_character_without_glyph_is_named_at_once(
    press: Press, record: dict[str, Any]
) -> None:
    """A record with faults in three fields is refused once, with three faults."""
    record |= {"last_name": "漢", "birth_place": "日", "centre": "x" * 120}
    with pytest.raises(LayoutError) as refused:
        press.render(record)
    assert [f.field for f in refused.value.faults] == ["last_name", "birth_place", "centre"]
