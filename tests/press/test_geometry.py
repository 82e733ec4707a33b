"""Whatever a record says: no two texts touch, none leaves its box or the page, or it is refused.

Measured in the finished file: the box of every glyph's ink, as pdfium has it.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from io import BytesIO
from itertools import combinations, cycle, islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import EXAMPLES

from pixattest import LayoutError, Press, TemplateError
from pixattest.model import assets
from pixattest.model.framework import Framework, read_framework
from pixattest.model.issuer import default_issuer
from pixattest.template.labels import read_labels

pytestmark = pytest.mark.slow

LONGEST = 120
MARGIN = 34.0
"""Points that stay white on each side of the page, at least (12 mm)."""

_TOUCH = 0.15
"""Points by which boxes may overlap: pdfium rounds glyphs to whole units of the font."""

# The page as numbers.


class Glyph(NamedTuple):
    """A character and the box of its ink, in points from the page's lower left."""

    char: str
    left: float
    bottom: float
    right: float
    top: float


class Text:
    """Glyphs that one operator shows, or several that go on where the one before ended."""

    def __init__(self, baseline: float, size: float, start: float) -> None:
        self.baseline, self.size = baseline, size
        self.start = self.end = start
        self.chars = ""
        self.glyphs: list[Glyph] = []

    def __repr__(self) -> str:
        return f"{self.chars!r} at {self.left:.1f} {self.baseline:.1f}"

    @property
    def left(self) -> float:
        return min(glyph.left for glyph in self.glyphs)

    @property
    def right(self) -> float:
        return max(glyph.right for glyph in self.glyphs)

    @property
    def bottom(self) -> float:
        return min(glyph.bottom for glyph in self.glyphs)

    @property
    def top(self) -> float:
        return max(glyph.top for glyph in self.glyphs)


def texts_of(pdf: bytes, number: int = 0) -> list[Text]:
    """The texts of a page, in the order of its content; those that are turned are left out."""
    found: list[Text] = []
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[number].get_textpage()
        shown: int | None = None
        for index in range(page.count_chars()):
            if pdfium.FPDFText_IsGenerated(page, index) == 1:
                continue
            if abs(pdfium.FPDFText_GetCharAngle(page, index)) > 0.01:
                continue
            char = chr(pdfium.FPDFText_GetUnicode(page, index))
            text_object = pdfium.FPDFText_GetTextObject(page, index)
            operator = ctypes.addressof(text_object.contents)
            _, _, end, _ = page.get_charbox(index, loose=True)
            x, y = ctypes.c_double(), ctypes.c_double()
            pdfium.FPDFText_GetCharOrigin(page, index, x, y)
            start, baseline = x.value, y.value
            size = round(pdfium.FPDFText_GetFontSize(page, index), 3)
            box = page.get_charbox(index)
            if operator != shown:
                shown = operator
                last = found[-1] if found else None
                goes_on = (
                    last
                    and last.size == size
                    and abs(last.baseline - baseline) < 0.3 * size
                    and abs(last.end - start) < 0.05 * size
                )
                if not goes_on:
                    found.append(Text(baseline, size, start))
            text = found[-1]
            text.chars += char
            text.end = end
            if not char.isspace():
                text.glyphs.append(Glyph(char, *box))
    return [text for text in found if text.glyphs]


def overlaps(texts: list[Text]) -> list[str]:
    """Each pair of texts with glyphs whose inks' boxes overlap."""
    found = []
    for one, other in combinations(texts, 2):
        if not _meet(one, other):
            continue
        for glyph in one.glyphs:
            if _meet(glyph, other) and any(_meet(glyph, g) for g in other.glyphs):
                found.append(f"{one} and {other}, in {glyph.char!r}")
                break
    return found


def _meet(one: Glyph | Text, other: Glyph | Text) -> bool:
    return (
        min(one.right, other.right) - max(one.left, other.left) > _TOUCH
        and min(one.top, other.top) - max(one.bottom, other.bottom) > _TOUCH
    )


class Area(NamedTuple):
    """A drawn shape: its box, strokes included, in points from the page's lower left; its fill."""

    left: float
    bottom: float
    right: float
    top: float
    fill: tuple[float, ...] | None

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def holds(self, text: Text, margin: float = 0) -> bool:
        """Whether a text lies in it, and that far from its edges."""
        return (
            self.left + margin <= text.left + _TOUCH
            and text.right - _TOUCH <= self.right - margin
            and self.bottom + margin <= text.bottom + _TOUCH
            and text.top - _TOUCH <= self.top - margin
        )


def areas_of(pdf: bytes) -> list[Area]:
    """The shapes drawn on a page."""
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        page = document[0]
        high = page.rect.height
        drawings = page.get_drawings()
    found = []
    for drawing in drawings:
        left, top, right, bottom = drawing["rect"]
        out = (drawing["width"] or 0) / 2 if "s" in drawing["type"] else 0
        edges = (left - out, high - bottom - out, right + out, high - top + out)
        found.append(Area(*edges, drawing.get("fill")))
    return found


@cache
def page_box() -> Area:
    """What of an A4 page may be printed on."""
    return Area(MARGIN, MARGIN, 210 / 25.4 * 72 - MARGIN, 297 / 25.4 * 72 - MARGIN, None)


def faults_of(pdf: bytes, language: str, framework: Framework | None = None) -> list[str]:
    """Everything on a page that is not in its place; of the CRCN's, if no other framework is."""
    texts, areas = texts_of(pdf), areas_of(pdf)
    return [
        *(f"overlap: {pair}" for pair in overlaps(texts)),
        *(f"outside the page: {text}" for text in texts if not page_box().holds(text)),
        *_columns(texts, language),
        *(_cells(texts, areas, framework) if framework else _table(texts, areas)),
        *_card(texts, areas, language),
        *_badge(texts, areas),
    ]


@cache
def words_of(language: str) -> dict[str, str]:
    """The labels of the page, without their fields and what follows these."""
    words = read_labels(assets.template_path("attestation").parent, language).words
    plain = {name: text.replace("\u00ad", "") for name, text in words.items()}
    return {name: text.partition("{")[0].strip() for name, text in plain.items()}


def _columns(texts: list[Text], language: str) -> Iterator[str]:
    """Name, birth and centre: below their label, above what comes next, beside each other."""
    name, born, centre = (
        next(i for i, text in enumerate(texts) if text.chars.strip() == words_of(language)[label])
        for label in ("name", "born", "centre")
    )
    delivered = words_of(language)["delivered"]
    delivered = next(i for i, t in enumerate(texts) if t.chars.startswith(delivered))
    names, births = texts[name + 1 : born], texts[born + 1 : centre]
    centres = texts[centre + 1 : delivered]
    if not (names and births and centres):
        yield "a name, birth or centre is missing"
    for block, label, below in (
        (names, texts[name], texts[born].top),
        (births, texts[born], texts[delivered].top),
        (centres, texts[centre], texts[delivered].top),
    ):
        for text in block:
            if abs(text.start - label.start) > 0.5:
                yield f"not under its label: {text}"
            # The label's own letters reach below its baseline.
            if text.top > label.bottom + _TOUCH:
                yield f"touches its label: {text}"
            if text.bottom - below < 2:
                yield f"less than 2 points above what comes next: {text}"
        for above, text in pairwise(block):
            if not 0.9 * text.size < above.baseline - text.baseline < 1.6 * text.size:
                yield f"lines are not evenly apart: {text}"
        if len({text.size for text in block}) > 1:
            yield f"lines differ in size: {block}"
    gap = min(t.left for t in centres) - max(t.right for t in births)
    if gap < 8:
        yield f"{gap:.1f} points between birth and centre"


def _table(texts: list[Text], areas: list[Area]) -> Iterator[str]:
    """Levels in their pills, names left of them."""
    cells = [area for area in areas if 20 < area.width < 32 and 9 < area.height < 15]
    # What is drawn upon a cell, such as its white inside, is no cell of its own.
    pills = [a for n, a in enumerate(cells) if not n or abs(a.bottom - cells[n - 1].bottom) > 3]
    if len(pills) != 16:
        yield f"{len(pills)} level cells"
        return
    for pill in pills:
        middle = (pill.bottom + pill.top) / 2
        in_row = [t for t in texts if t.bottom < middle < t.top and t.left < pill.right]
        figures = [t for t in in_row if t.right > pill.left]
        for text in figures:
            if not pill.holds(text, 1):
                yield f"leaves its level cell: {text}"
            if abs(text.left + text.right - pill.left - pill.right) > 2.5:
                yield f"not in the middle of its cell: {text}"
            if abs(text.bottom + text.top - pill.bottom - pill.top) > 1.6:
                yield f"not at the middle height of its cell: {text}"
        names = [t for t in in_row if t not in figures]
        if len(names) != 2 or len(figures) > 1:
            yield f"a row holds {names} and {figures}"
        for text in names:
            if text.right > pill.left - 6:
                yield f"near the level cell: {text}"


def _cells(texts: list[Text], areas: list[Area], framework: Framework) -> Iterator[str]:
    """A cell for each competence, with nothing in it but its level; no text runs into one."""
    names = {name for names in framework.lists_of_names for name in names}
    names |= {str(level) for level in range(1, framework.levels + 1)}
    cells = [area for area in areas if 20 < area.width < 100 and 9 < area.height < 15]
    if len(cells) != len(framework.competences):
        yield f"{len(cells)} level cells"
    for cell in cells:
        met = [text for text in texts if _meet(Glyph("", *cell[:4]), text)]
        if len(met) > 1:
            yield f"a cell holds {met}"
        for text in met:
            if text.chars.strip() not in names or not cell.holds(text, 1):
                yield f"leaves its level cell, or does not belong in one: {text}"


def _card(texts: list[Text], areas: list[Area], language: str) -> Iterator[str]:
    """The texts that say how to verify lie in the grey card."""
    title = default_issuer().signature.title
    assert isinstance(title, dict)
    first, last = words_of(language)["verify"][:8], title[language].split()[0]
    start = next(i for i, text in enumerate(texts) if text.chars.startswith(first))
    end = next(i for i, text in enumerate(texts) if text.chars.startswith(last))
    (card,) = [a for a in areas if a.fill and a.width > 150 and 100 < a.height < 400]
    for text in texts[start:end]:
        if not card.holds(text, 8):
            yield f"near the card's edge: {text}"
    for text in texts[:start] + texts[end:]:
        if _meet(Glyph("", *card[:4]), text):
            yield f"runs into the card: {text}"


def _badge(texts: list[Text], areas: list[Area]) -> Iterator[str]:
    """What is in the ring stays off it."""
    rings = [a for a in areas if a.fill is None and a.width > 80 and abs(a.width - a.height) < 3]
    ring = min(rings, key=lambda area: area.width)
    x, y = (ring.left + ring.right) / 2, (ring.bottom + ring.top) / 2
    for text in texts:
        if text.right > ring.right + 8 or not ring.bottom < text.baseline < ring.top:
            continue
        for glyph in text.glyphs:
            for corner in ((glyph.left, glyph.bottom), (glyph.right, glyph.top)):
                away = ((corner[0] - x) ** 2 + (corner[1] - y) ** 2) ** 0.5
                # The ring is 5 points wide.
                if away > ring.width / 2 - 6:
                    yield f"touches the ring: {text}"


# Records that could break a page.


def repeated(words: str, length: int = LONGEST) -> str:
    """Words, again and again, up to a length; each ends in a letter of its own.

    Pdfium takes a line for the shadow of the line above when the two are the same.
    """
    letters = map("{}{} ".format, cycle(words.split()), cycle("abcdefghijklmnopqrstuvwxyz"))
    return "".join(islice(letters, length))[:length].strip()


_COMPETENCES = [f"{d}.{c}" for d, n in enumerate((3, 4, 4, 3, 2), 1) for c in range(1, n + 1)]

FITTING: dict[str, dict[str, Any]] = {
    "example": {},
    "all levels": {"levels": dict.fromkeys(_COMPETENCES, 6), "score": 768},
    "all levels of eight": {
        "levels": dict.fromkeys(_COMPETENCES, 8),
        "score": 1024,
        "max_level": 8,
    },
    "none but one": {"levels": {"5.2": 1}, "score": 8},
    "no place": {"birth_place": None},
    "no score": {"score": None},
    "score 0": {"score": 0},
    "neither": {"score": None, "birth_place": None, "delivered_on": "2021-01-01"},
    "one letter": {"first_name": "Ô", "last_name": "X", "birth_place": "Y", "centre": "Z"},
    "code of wide letters": {"verification_code": "P-WMWMWMWM"},
    "longest date": {"birth_date": "2000-09-30", "delivered_on": "2024-09-30"},
    "nearly a line": {"first_name": "Marie-Charlotte", "last_name": "Vandenbroucke-Lefèvre"},
    "a line and a bit": {
        "first_name": "Jean-Baptiste Emmanuel",
        "last_name": "de Montmorency-Laval",
    },
    "two lines": {
        "first_name": "Maximilienne-Alexandrine Philippine",
        "last_name": "de La Rochefoucauld-Montmorency d'Estournelles",
        "birth_place": "Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson",
        "centre": "Établissement régional d'enseignement adapté Toulouse-Lautrec de Vaucresson",
    },
    "a long word": {"first_name": "Wolfeschlegelsteinhausenbergerdorff", "last_name": "Senior"},
    "Welsh place": {"birth_place": "Llanfairpwllgwyngyll"},
    "120 of short words": {
        "first_name": repeated("Anne Élisabeth "),
        "last_name": repeated("de la Tour "),
        "birth_place": repeated("Sainte-Foy lès Lyon "),
        "centre": repeated("Lycée polyvalent régional "),
    },
    "120 of wide letters": {
        "first_name": repeated("WM "),
        "centre": repeated("MWMW "),
        "birth_place": "Nantes",
    },
    "120 of tall letters": {
        "first_name": repeated("ỄỘỢ gjpqy "),
        "last_name": repeated("Ặgjy ẪỖ "),
        "birth_place": repeated("ẤỂgỰ "),
        "centre": repeated("ỄgỘjỢ "),
    },
    "tall letters in two lines": {
        "first_name": "Nguyễn ỄỘỢ Thị ẤỂỰ Ngọc Quỳnh",
        "last_name": "Đặng ẪỖỮ Phạm ẶỘ Gyj",
        "centre": "Trường ỄỘỢ gjy ẤỂỰ trung học phổ thông ẪỖ",
    },
    "apostrophes": {"first_name": "D'Été’s", "last_name": "O'Neil ' ''", "centre": "L'“École”"},
    "parentheses": {"first_name": "Jean (dit", "last_name": ")(] Martin) [", "centre": "(((}{"},
    "backslashes": {"first_name": "A\\B\\", "last_name": "\\(\\)\\n", "centre": "\\\\"},
    "markup": {"first_name": "Ltd.", "last_name": "<script>", "centre": "<b>&amp;</b> ]]>"},
    "decomposed": {"first_name": "Zoe\u0301 Fran\u0327oise", "last_name": "Nguye\u0302\u0303n"},
    "loose marks": {"first_name": "M\u0302a\u0302 X\u0323\u0302", "last_name": "Q\u0323uy"},
    "Polish": {
        "first_name": "Świętosława",
        "last_name": "Błażejczyk-Ściółkowska",
        "centre": "Łódź",
    },
    "Turkish": {"first_name": "İbrahim Ilgın", "last_name": "Yağmurşenoğlu", "centre": "Iğdır"},
    "Vietnamese": {"first_name": "Thị Ánh Nguyệt", "last_name": "Nguyễn-Đặng", "centre": "Huế"},
    "Greek": {
        "first_name": "Ἀλέξανδρος",
        "last_name": "Παπαδημητρακόπουλος",
        "birth_place": "Θεσσαλονίκη",
        "centre": "Γενικό Λύκειο Αλεξανδρούπολης",
    },
    "Cyrillic": {
        "first_name": "Владислава",
        "last_name": "Шевченко-Ґалаґан",
        "birth_place": "Дніпропетровськ",
        "centre": "Гимназия № 1 имени Щорса",
    },
    "scripts mixed": {"first_name": "Мария Αθηνά", "last_name": "Nguyễn O'Łukasz"},
}

_NO_ROOM: dict[str, dict[str, Any]] = {
    "first_name": {"first_name": "x" * LONGEST},
    "last_name": {"last_name": "W" * LONGEST},
    "birth_place": {"birth_place": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"},
    "centre": {"centre": "Donaudampfschiff" * 7},
}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("case", FITTING)
def test_everything_stays_in_its_place(
    press_for: Callable[..., Press], record: dict[str, Any], case: str, language: str
) -> None:
    """No two texts touch, and none leaves its box or the page."""
    pdf = press_for(language).render(record | FITTING[case])
    faults = faults_of(pdf, language)
    assert not faults


WORST = ("example", "all levels of eight", "no score", "neither", "longest date", "no place")


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted({*assets.languages()} - {"fr", "en"}))
@pytest.mark.parametrize("case", [*WORST, "120 of short words"])
def test_everything_stays_in_its_place_in_any_language(
    press_for: Callable[..., Press], record: dict[str, Any], case: str, language: str
) -> None:
    """Labels of any length leave the same room."""
    pdf = press_for(language).render(record | FITTING[case])
    faults = faults_of(pdf, language)
    assert not faults


def made(
    folder: Path, domains: int, each: int, head: str = "", name: str = "Plan a play"
) -> Framework:
    """A framework of so many domains of so many competences."""
    text = f'id = "made"\nname = "Made"\nlevels = 4\n{head}\n'
    for domain in range(1, domains + 1):
        rows = (f'{{ number = "{domain}.{n}", name = "{name}" }}' for n in range(1, each + 1))
        text += f'[[domains]]\nnumber = "{domain}"\nname = "Domain of things {domain}"\n'
        text += f"competences = [{', '.join(rows)}]\n"
    path = folder / "made.toml"
    path.write_text(text, encoding="utf-8")
    return read_framework(path)


NAMED = 'level_names = ["Basic", "Intermediate", "Advanced", "Highly specialised"]'
SCORED = 'max_level = 3\nscore = { per_level = 500, unit = "points" }'


def levelled(record: dict[str, Any], framework: Framework) -> dict[str, Any]:
    """The example's record with levels of another framework, of which every third is not there."""
    levels = {
        number: 1 + place % framework.usual_max_level
        for place, number in enumerate(framework.competences)
        if place % 3 != 1
    }
    score = framework.max_score(framework.usual_max_level) or None
    return record | {"levels": levels, "score": score, "max_level": None}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "language"),
    [*(("digcomp", language) for language in assets.languages()), ("example", "en")],
)
def test_shipped_frameworks_have_their_place(
    record: dict[str, Any], name: str, language: str
) -> None:
    """DigComp in all languages, and the made-up example."""
    framework = read_framework(EXAMPLES / "framework.toml" if name == "example" else name)
    press = Press(issuer=EXAMPLES / "issuer.toml", language=language, framework=framework)
    for changes in ({}, {"birth_place": None, "delivered_on": "2021-01-01"}):
        pdf = press.render(levelled(record, framework) | changes)
        faults = faults_of(pdf, language, framework)
        assert not faults


@pytest.mark.slow
@pytest.mark.parametrize("head", ["", NAMED, SCORED], ids=["plain", "named", "scored"])
@pytest.mark.parametrize(
    ("domains", "each"), [(1, 1), (1, 16), (2, 2), (3, 4), (7, 2), (8, 1), (8, 3), (5, 5), (12, 1)]
)
def test_any_framework_that_fits_has_its_place(
    record: dict[str, Any],
    tmp_path: Path,
    domains: int,
    each: int,
    head: str,
) -> None:
    """From one competence to a page full of them, with a score or names of levels."""
    framework = made(tmp_path, domains, each, head)
    press = Press(issuer=EXAMPLES / "issuer.toml", language="de", framework=framework)
    pdf = press.render(levelled(record, framework))
    faults = faults_of(pdf, "de", framework)
    assert not faults


@pytest.mark.parametrize(("domains", "each"), [(1, 40), (8, 5), (16, 2), (5, 9)])
def test_framework_that_cannot_fit_is_refused(
    record: dict[str, Any], tmp_path: Path, domains: int, each: int
) -> None:
    """With how large it is and what to change."""
    framework = made(tmp_path, domains, each)
    with pytest.raises(TemplateError, match=f"no room for {domains * each} comp") as refused:
        Press(framework=framework).render(levelled(record, framework))
    assert refused.value.hint
    assert "Part the largest domain" in refused.value.hint


def test_name_of_a_competence_that_cannot_fit_is_refused(
    record: dict[str, Any], tmp_path: Path
) -> None:
    """With the name, and what to change."""
    framework = made(tmp_path, 1, 2, name="Donaudampfschifffahrtsgesellschaft " * 6)
    with pytest.raises(TemplateError, match="does not fit its room") as refused:
        Press(framework=framework).render(levelled(record, framework))
    assert "shorten it" in str(refused.value.hint)


@pytest.mark.parametrize("field", _NO_ROOM)
def test_what_cannot_fit_is_refused(press: Press, record: dict[str, Any], field: str) -> None:
    """An error that names the field, says that there is no room, and what to do."""
    with pytest.raises(LayoutError, match="does not fit its room") as refused:
        press.render(record | _NO_ROOM[field])
    (fault,) = refused.value.faults
    assert fault.field == field
    assert _NO_ROOM[field][field] in str(fault.value)
    assert fault.hint


@pytest.mark.slow
@pytest.mark.parametrize("field", ["first_name", "last_name", "birth_place", "centre"])
def test_growing_texts_shrink_wrap_and_end_in_an_error(
    press: Press, record: dict[str, Any], field: str
) -> None:
    """As a text grows, it is in place at every length until it is refused, if ever."""
    refused_at = None
    for length in range(5, LONGEST + 1, 5):
        record[field] = repeated("Wagamama ", length)
        try:
            pdf = press.render(record)
        except LayoutError:
            refused_at = refused_at or length
            continue
        assert refused_at is None, f"{refused_at} letters are refused, {length} are not"
        faults = faults_of(pdf, "fr")
        assert not faults, length


def test_the_checks_see_what_is_wrong(press: Press, record: dict[str, Any]) -> None:
    """A text drawn over another, and one over the page's edge, are found."""
    import pymupdf

    with pymupdf.open(stream=press.render(record), filetype="pdf") as document:
        document[0].insert_text((200, 172), "over the name")
        document[0].insert_text((560, 400), "over the edge")
        spoilt = document.tobytes()
    faults = faults_of(spoilt, "fr")
    assert any("Camille" in fault for fault in faults if fault.startswith("overlap"))
    assert any("over the edge" in fault for fault in faults if fault.startswith("outside"))


def test_text_is_never_smaller_than_can_be_read(press: Press, record: dict[str, Any]) -> None:
    """However long the record, no text is smaller than 6 points."""
    texts = texts_of(press.render(record | FITTING["120 of short words"]))
    assert min(text.size for text in texts) >= 6


def test_a_short_text_keeps_its_size(press: Press, record: dict[str, Any]) -> None:
    """A name that fits is set as large as the example's."""

    def size(name: str) -> float:
        texts = texts_of(press.render(record | {"first_name": name}))
        return next(text.size for text in texts if text.chars.startswith(name))

    assert size("Al") == size("Camille") > 20


# Any record at all.

_BLOCKS = {
    "ascii": "".join(map(chr, range(0x20, 0x7F))),
    "Latin": "".join(map(chr, [*range(0xA1, 0xAD), *range(0xAE, 0x180)])),
    "Latin Extended Additional": "".join(map(chr, range(0x1E80, 0x1EFA))),
    "Greek": "".join(chr(c) for c in range(0x384, 0x3CF) if unicodedata.name(chr(c), "")),
    "Cyrillic": "".join(map(chr, range(0x400, 0x460))),
    "marks": "\u0300\u0301\u0302\u0303\u0308\u030a\u030c\u0323\u0327\u0331",
}
_LETTERS = st.one_of(
    *(st.sampled_from(block) for block in _BLOCKS.values()),
    st.sampled_from("aeinorstLMW -'"),
    st.sampled_from("aeinorst "),
)
_NAME = st.text(_LETTERS, min_size=1, max_size=LONGEST).filter(
    lambda text: text.strip() and len(unicodedata.normalize("NFC", text)) <= LONGEST
)


_TALL_AND_DEEP = st.sampled_from("aegjpyÉẤỄỘỢỰẶ MWf'-    ")


@pytest.fixture(scope="module")
def extracted() -> Callable[[bytes], list[str]]:
    """All characters of each page as pdfium has them, without white space."""

    def read(pdf: bytes) -> list[str]:
        with pypdfium2.PdfDocument(pdf) as document:
            texts = [page.get_textpage().get_text_range() for page in document]
        hyphens = (text.replace("\ufffe", "-").replace("\x02", "-") for text in texts)
        return ["".join(unicodedata.normalize("NFC", text).split()) for text in hyphens]

    return read


@settings(
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=_NAME, last=_NAME, place=st.none() | _NAME, centre=_NAME)
def test_any_record_is_printed_as_it_went_in_or_refused(
    press: Press,
    example: dict[str, Any],
    extracted: Callable[[bytes], list[str]],
    first: str,
    last: str,
    place: str | None,
    centre: str,
) -> None:
    """The page opens in qpdf's and pdfium's readers, and says name, place and centre in full."""
    record = press.read(
        {
            **example,
            "first_name": first,
            "last_name": last,
            "birth_place": place,
            "centre": centre,
        }
    )
    try:
        pdf = press.render(record)
    except LayoutError:
        return
    with pikepdf.open(BytesIO(pdf)) as document:
        assert not document.check_pdf_syntax()
    (text,) = extracted(pdf)
    for shown in (record.full_name, record.birth_place or "", record.centre):
        assert "".join(shown.split()) in text


@settings(
    max_examples=settings.default.max_examples // 2,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    people=st.lists(
        st.fixed_dictionaries(
            {
                "first_name": _NAME,
                "last_name": _NAME,
                "birth_place": st.none() | _NAME,
                "score": st.none() | st.integers(0, 768),
                "max_level": st.sampled_from((6, 7, 8)),
                "verification_code": st.from_regex("P-[A-Z0-9]{8}", fullmatch=True),
                "levels": st.dictionaries(
                    st.sampled_from(["1.1", "2.4", "3.3", "5.2"]), st.integers(1, 6), min_size=1
                ),
            }
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_class_is_printed_as_it_went_in(
    press: Press,
    example: dict[str, Any],
    extracted: Callable[[bytes], list[str]],
    people: list[dict[str, Any]],
) -> None:
    """The file opens in qpdf's and pdfium's readers, and each page says who and which code."""
    records = [press.read({**example, **person}) for person in people]
    printed = []
    for record in records:
        with suppress(LayoutError):
            press.render(record)
            printed.append(record)
    if not printed:
        return
    file = BytesIO()
    press.write(printed, file)
    with pikepdf.open(BytesIO(file.getvalue()), attempt_recovery=False) as document:
        assert not document.check_pdf_syntax()
    for text, record in zip(extracted(file.getvalue()), printed, strict=True):
        for shown in (record.full_name, record.birth_place or "", record.verification_code):
            assert "".join(shown.split()) in text


@settings(
    max_examples=settings.default.max_examples // 2,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    first=st.text(_TALL_AND_DEEP, min_size=1, max_size=70),
    last=st.text(_TALL_AND_DEEP, min_size=1, max_size=70),
    centre=st.text(_TALL_AND_DEEP, min_size=1, max_size=100),
)
def test_any_record_stays_in_its_place_or_is_refused(
    press: Press, example: dict[str, Any], first: str, last: str, centre: str
) -> None:
    """Tall, deep and wide letters of any length: nothing touches anything."""
    # A text of spaces only is no name.
    changes = {"first_name": f"A{first}", "last_name": f"g{last}", "centre": f"Ộ{centre}"}
    try:
        pdf = press.render({**example, **changes})
    except LayoutError:
        return
    faults = faults_of(pdf, "fr")
    assert not faults
