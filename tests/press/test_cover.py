"""Covers, blank versos, bookmarks and page labels: what a printed class is made of."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from support import ROOT
from tags import read_aloud, tags_of

from pixattest import InputError, LayoutError, Press, RecordError, TemplateError

TEMPLATE = ROOT / "templates/attestation"

People = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def people(example: Mapping[str, Any]) -> People:
    """So many people of each class, with names and codes of their own."""

    def make(*classes: tuple[str | None, int], **changes: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for group, count in classes:
            for _ in range(count):
                code = f"P-{len(found):08d}"
                who = {"last_name": f"Martin{len(found)}", "verification_code": code}
                found.append({**example, **who, "group": group, **changes})
        return found

    return make


def write(press: Press, records: Any, **options: Any) -> bytes:
    """One file of many."""
    file = BytesIO()
    press.write(records, file, **options)
    return file.getvalue()


def cover(press: Press, records: Any) -> bytes:
    """A file of covers alone."""
    file = BytesIO()
    press.write_cover(records, file)
    return file.getvalue()


def texts(pdf: bytes) -> list[str]:
    """What stands on each page."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


def bookmarks(pdf: bytes) -> list[tuple[int, str, int]]:
    """Of each bookmark, its level, its title, and the page that it leads to, from 1."""
    import pymupdf

    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        return [(level, title, page) for level, title, page in document.get_toc()]


def labels(pdf: bytes) -> list[str]:
    """The label of each page."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [document.get_page_label(number) for number in range(len(document))]


def chained(pdf: bytes) -> Iterator[str]:
    """The outline as its entries chain it forwards; each item's way back must agree."""
    with pikepdf.open(BytesIO(pdf)) as document:
        yield from _chained(document.Root.Outlines)


def _chained(above: pikepdf.Dictionary) -> Iterator[str]:
    item, before = above.get("/First"), None
    while item is not None:
        assert item.Parent.objgen == above.objgen
        assert (item.Prev.objgen if "/Prev" in item else None) == before
        yield str(item.Title)
        yield from _chained(item)
        before, last = item.objgen, item
        item = item.get("/Next")
    if before:
        assert above.Last.objgen == last.objgen


# Bookmarks and labels.


@pytest.mark.slow
def test_a_class_alone_has_flat_bookmarks(press: Press, people: People) -> None:
    """The file's name says which class it is."""
    pdf = write(press, people(("T2", 3)))
    assert [level for level, _, _ in bookmarks(pdf)] == [1, 1, 1]
    assert labels(pdf) == ["1", "2", "3"]


def test_several_classes_are_above_their_people(press: Press, people: People) -> None:
    """Class, then person, with those of no class under words that say so; closed at first."""
    pdf = write(press, people(("T2", 2), ("T10", 1), (None, 1)))
    assert [(level, title.split()[-1], page) for level, title, page in bookmarks(pdf)] == [
        *((1, "T2", 1), (2, "Martin0", 1), (2, "Martin1", 2)),
        *((1, "T10", 3), (2, "Martin2", 3), (1, "classe", 4), (2, "Martin3", 4)),
    ]
    with pikepdf.open(BytesIO(pdf)) as document:
        outlines = document.Root.Outlines
        assert [int(outlines.Count), int(outlines.First.Count)] == [3, -2]
    assert labels(pdf) == ["1", "2", "3", "4"]


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"cover": True}, {"cover": True, "blank_versos": True}])
def test_bookmarks_are_chained_across_blocks(
    press: Press, people: People, options: dict[str, bool]
) -> None:
    """Classes that end within blocks of 96 pages and at their ends, forwards and backwards."""
    records = people(("A", 95), ("B", 1), ("C", 96), ("D", 100), ("E", 1))
    pdf = write(press, records, **options)
    expected = []
    for number, record in enumerate(records):
        if number == 0 or records[number - 1]["group"] != record["group"]:
            expected.append(record["group"])
        expected.append(f"{record['first_name']} {record['last_name']}")
    assert list(chained(pdf)) == expected


def test_a_cover_leads_its_class(press: Press, people: People) -> None:
    """The class's bookmark goes to the list, even of the only class; labels tell it apart."""
    one = write(press, people(("T2", 2)), cover=True)
    assert [(level, page) for level, _, page in bookmarks(one)] == [(1, 1), (2, 2), (2, 3)]
    assert labels(one) == ["T2-1", "1", "2"]
    two = write(press, people(("T2", 26), ("T3", 1)), cover=True, blank_versos=True)
    found = labels(two)
    assert found[:5] == ["T2-1", "T2-2", "1", "1 verso", "2"]
    assert found[-4:] == ["T3-1", "T3-1 verso", "27", "27 verso"]
    assert [page for level, _, page in bookmarks(two) if level == 1] == [1, 55]


@pytest.mark.slow
def test_labels_of_many_pages_are_found(press: Press, people: People) -> None:
    """The number tree has several nodes, and every page is in one of them."""
    pdf = write(press, people(("T2", 250)), blank_versos=True)
    assert labels(pdf) == [f"{n}{back}" for n in range(1, 251) for back in ("", " verso")]
    with pikepdf.open(BytesIO(pdf)) as document:
        assert len(document.Root.PageLabels.Kids) == 3


# The cover.


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 24, 25, 26, 30, 50, 200])
def test_everybody_is_on_the_list_once(press: Press, people: People, size: int) -> None:
    """In order, numbered through, 25 a page, each page with its number and its own headings."""
    records = people(("T2", size))
    pages = texts(cover(press, records))
    assert len(pages) == -(-size // 25)
    codes = re.findall(r"P-[0-9]{8}", "".join(pages))
    assert codes == [record["verification_code"] for record in records]
    for number, page in enumerate(pages, 1):
        assert f"Page {number} sur {len(pages)}" in page
        assert page.count("Date de naissance") == 1
        first = 25 * (number - 1) + 1
        assert re.search(rf"\b{first}\s+Martin{first - 1} Camille", page)


def test_the_list_is_a_table_with_headers(press: Press, people: People) -> None:
    """Five column headers; the name is the header of its row; a heading before it."""
    tags = tags_of(cover(press, people(("T2", 3))))
    assert [element.type for element in tags.walk()].count("H1") == 1
    (table,) = tags.find("Table")
    first, *rows = [[(cell.type, cell.scope) for cell in row.kids] for row in table.find("TR")]
    assert first == [("TH", "Column")] * 5
    assert rows == [[("TD", None), ("TH", "Row"), *[("TD", None)] * 3]] * 3


@pytest.mark.parametrize(("language", "words"), [("fr", "à signer"), ("en", "to be signed")])
def test_an_empty_cell_says_what_it_is_for(
    press_for: Callable[..., Press], people: People, language: str, words: str
) -> None:
    """A screen reader hears it; there is nothing on the paper where one signs."""
    pdf = cover(press_for(language), people(("T2", 2)))
    rows = tags_of(pdf).find("TR")[1:]
    assert [[cell.actual.strip() for cell in row.kids] for row in rows] == [[*[""] * 4, words]] * 2
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=2).to_pil().convert("L")
    # The first row's cell, within its lines: points from the page's upper left.
    assert picture.crop((2 * 428, 2 * 174, 2 * 546, 2 * 195)).getextrema() == (255, 255)


def test_the_tags_of_a_cover(
    press: Press, people: People, golden: Callable[[str, str], None]
) -> None:
    """Types, scopes and what is read in place of empty cells are those reviewed."""
    golden("cover-tags.txt", "\n".join(tags_of(cover(press, people(("T2", 2)))).lines()) + "\n")


def test_a_cover_read_from_its_tags(
    press: Press, people: People, golden: Callable[[str, str], None]
) -> None:
    """`pdfinfo -struct-text` reads a class of two as reviewed."""
    golden("cover-read-aloud.txt", read_aloud(cover(press, people(("T2", 2)))))


def test_a_cover_in_english(press_for: Callable[..., Press], people: People) -> None:
    """Words and dates are those of the language."""
    (page,) = texts(cover(press_for("en"), people(("T2", 1))))
    for words in ("Class list", "Last and first name", "12 January 2003", "Page 1 of 1"):
        assert words in page


def test_a_class_of_several_centres_and_days_says_so(press: Press, people: People) -> None:
    """How many centres, and from which day to which; one of each is named."""
    records = people(("T2", 3))
    (page,) = texts(cover(press, records))
    assert "LP De Bougainville" in page
    assert page.count("9 février 2024") == 1
    assert "centres" not in page
    records[1] |= {"centre": "Lycée Y", "delivered_on": "2024-03-01"}
    (page,) = texts(cover(press, records))
    assert "2 centres" in page
    page = re.sub(r"\s+", " ", page)
    assert "9 février 2024 – 1er mars 2024" in page
    assert (page.count("9 février 2024"), page.count("1er mars 2024")) == (1, 1)
    assert "Bougainville" not in page
    assert "Lycée Y" not in page


def test_the_pages_of_a_cover_are_numbered_only_where_there_are_several(
    press: Press, people: People
) -> None:
    """A list of 25 is one page, that of 26 is two; rows that nobody stands in are not there."""
    (page,) = texts(cover(press, people(("T2", 25))))
    first, second = texts(cover(press, people(("T2", 26))))
    assert ("Martin24" in page, "Martin24" in first, "Martin25" in second) == (True, True, True)
    assert second.count("Martin") == 1
    rows = [tags_of(cover(press, people(("T2", count)))).find("TR") for count in (1, 2)]
    assert [len(found) for found in rows] == [2, 3]


LONG_NAMES = [
    ("Garcia-Lefèvre", "Marie-Alexandrine-Joséphine-Bernadette-L"),
    ("Beauregard de la Tour " * 5, "Anne-Sophie Marguerite " * 5),
    ("W" * 40, "M" * 40),
    ("i" * 120, "Li"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("last", "first"), LONG_NAMES)
def test_a_name_that_the_attestation_holds_is_on_the_list(
    press: Press, people: People, last: str, first: str
) -> None:
    """Whole, in its own cell: it leaves neither its row nor its column."""
    import pymupdf

    records = people(("T2", 3))
    records[1] |= {"last_name": last, "first_name": first}
    press.render(records[1])
    pdf = cover(press, records)
    wanted = re.sub(r"[\s-]", "", last + first)
    assert wanted in re.sub(r"[\s-]", "", texts(pdf)[0].replace("\ufffe", "").replace("\x02", ""))
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        cell = pymupdf.Rect(78, 196.1, 254, 220.2)
        words = document[0].get_text("words", clip=cell)
    assert wanted in re.sub(r"[\s-]", "", "".join(word[4] for word in words))


def test_who_does_not_fit_on_the_list_is_named(press: Press, people: People) -> None:
    """The error tells the row, as it does of an attestation; so does one of the class's name."""
    records = people(("T1", 2), ("T2", 30))
    records[29] |= {"last_name": "W" * 120}
    with pytest.raises(LayoutError) as refused:
        cover(press, records)
    assert (refused.value.row, refused.value.field) == (30, "last_name")
    records = people(("T1", 2), ("漢", 3))
    with pytest.raises(LayoutError) as refused:
        write(press, records, cover=True)
    assert (refused.value.row, refused.value.field) == (3, "group")


def test_a_refused_record_is_told_by_its_row_among_covers(press: Press, people: People) -> None:
    """Covers and blank pages before it do not count."""
    records = people(("T1", 30), ("T2", 30))
    with pytest.raises(RecordError) as refused:
        write(press, [*records, {**records[0], "score": -1}], cover=True, blank_versos=True)
    assert refused.value.row == 61
    records[40] |= {"birth_place": "漢"}  # on the attestation alone
    with pytest.raises(LayoutError) as refused:
        write(press, records, cover=True, blank_versos=True)
    assert refused.value.row == 41


def test_a_specimen_has_specimen_covers(press_for: Callable[..., Press], people: People) -> None:
    """A list that could be taken for a real one is marked as the attestation is."""
    assert "SPÉCIMEN" in texts(cover(press_for(specimen=True), people(("T2", 1))))[0]


def test_titles_say_what_the_file_is(press: Press, people: People) -> None:
    """A list alone has a title of its own; a file of several has that of the attestations."""
    with pikepdf.open(BytesIO(cover(press, people(("T2", 1))))) as document:
        assert str(document.docinfo.Title) == "Liste d'émargement Pix – T2"
    with pikepdf.open(BytesIO(write(press, people(("T2", 2)), cover=True))) as document:
        assert str(document.docinfo.Title) == "Attestations de certification Pix – T2"


def test_a_file_of_covers_needs_a_record(press: Press) -> None:
    """As any other."""
    with pytest.raises(InputError):
        cover(press, [])


def test_the_cover_opens_in_an_svg_viewer() -> None:
    """The drawing can be looked at without pixattest, sample rows included."""
    import pymupdf

    with pymupdf.open(TEMPLATE / "cover.svg") as document:
        page = document[0]
        assert "Œuvrard Zoé" in page.get_text()
        assert len(set(page.get_pixmap(dpi=36).samples)) > 20


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (None, "has no cover.svg"),
        (('data-rows="25"', ""), "data-rows of <svg> is ''"),
        (('data-rows="25"', 'data-rows="0"'), "data-rows of <svg> is '0'"),
        (("<svg", "<svg<"), "is not an SVG drawing"),
        (('data-field="count"', 'data-field="score"'), "there is no field 'score'"),
        (("}}.number", "}}.numbr"), "there is no field 'person:1.numbr'"),
    ],
)
def test_a_template_without_a_usable_cover_says_so(
    people: People, tmp_path: Path, change: tuple[str, str] | None, problem: str
) -> None:
    """It prints attestations all the same."""
    template = shutil.copytree(TEMPLATE, tmp_path / "own")
    drawing = template / "cover.svg"
    if change is None:
        drawing.unlink()
    else:
        drawing.write_text(drawing.read_text().replace(*change, 1))
    press = Press(template)
    records = people(("T2", 2))
    with pytest.raises(TemplateError, match=re.escape(problem)):
        write(press, records, cover=True)
    assert len(texts(write(press, records))) == 2


# Blank versos.


def test_each_begins_on_a_front(press: Press, people: People) -> None:
    """Covers and people have odd pages; the even ones that nothing is on are blank."""
    pdf = write(press, people(("T2", 3), ("T3", 26)), cover=True, blank_versos=True)
    kinds = []
    for text in texts(pdf):
        kind = "blank" if not text.strip() else "cover" if "émargement" in text else "person"
        kinds.append(kind)
    pairs = ["person", "blank"]
    assert kinds == ["cover", "blank", *pairs * 3, "cover", "cover", *pairs * 26]


def test_a_blank_page_is_as_large_as_its_front_and_has_no_tags(
    press: Press, people: People
) -> None:
    """Nothing is drawn, and a screen reader finds nothing there."""
    with pikepdf.open(BytesIO(write(press, people(("T2", 1)), blank_versos=True))) as document:
        front, back = document.pages
        assert back.mediabox == front.mediabox
        assert back.Contents.read_bytes() == b""
        assert len(document.Root.StructTreeRoot.K.K) == 1


# The same bytes.


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"cover": True}, {"cover": True, "blank_versos": True}])
def test_any_executor_gives_the_same_bytes(
    press: Press, people: People, options: dict[str, bool]
) -> None:
    """Also where a kind of page is met first in a later block than the one that is written."""
    records = people(("T1", 150), ("T2", 150), ("T3", 11))
    for record in records[250:]:
        record["score"] = None
    expected = write(press, records, **options)
    with ThreadPoolExecutor(3) as threads:
        assert write(press, records, executor=threads, **options) == expected


@pytest.mark.slow
def test_processes_give_the_same_bytes(press: Press, people: People) -> None:
    """Covers and blank pages are printed by other processes, too."""
    records = people(("T1", 130), ("T2", 3))
    expected = write(press, records, cover=True, blank_versos=True)
    with ProcessPoolExecutor(2) as workers:
        found = write(press, records, cover=True, blank_versos=True, executor=workers)
    assert found == expected


def test_a_page_is_the_same_with_and_without_a_cover(press: Press, people: People) -> None:
    """Pixel for pixel: the options add pages, and change none."""
    records = people(("T2", 2))
    with (
        pypdfium2.PdfDocument(write(press, records)) as plain,
        pypdfium2.PdfDocument(write(press, records, cover=True, blank_versos=True)) as full,
    ):
        pages = [plain[1].render().to_pil(), full[4].render().to_pil()]
    assert pages[0] == pages[1]
