"""PDF or picture → pages: what is blank, what lies over its text, what is attached."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import qrcode
from PIL import Image

from pixattest import InputError
from pixattest.verification.pages import (
    Page,
    has_form,
    read_attachments,
    read_codes,
    read_pages,
)


def saved(pdf: pikepdf.Pdf, **how: Any) -> bytes:
    kept = io.BytesIO()
    pdf.save(kept, **how)
    return kept.getvalue()


def drawn(*contents: str, size: tuple[int, int] = (200, 100), note: Any = None) -> bytes:
    """A PDF with a page for each content stream, in Helvetica, and maybe a note on the first."""
    with pikepdf.new() as pdf:
        for content in contents:
            page = pdf.add_blank_page(page_size=size)
            page.Contents = pdf.make_stream(content.encode())
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        if note:
            pdf.pages[0].Annots = pdf.make_indirect([pdf.make_indirect(note(pdf))])
        return saved(pdf)


def page_of(data: bytes) -> Page:
    (page,) = read_pages(data, None)
    return page


def words(text: str, x: float, y: float, size: float = 12) -> str:
    return f"BT /F {size} Tf {x} {y} Td ({text}) Tj ET "


def frames(count: int, kind: str = "TIFF") -> bytes:
    """A picture of several pages, each of another grey."""
    pictures = [Image.new("L", (30, 30), 10 * number) for number in range(count)]
    kept = io.BytesIO()
    pictures[0].save(kept, kind, save_all=True, append_images=pictures[1:])
    return kept.getvalue()


# Which pages.


@pytest.mark.parametrize("data", [drawn(*["0 g"] * 4), frames(4)], ids=["pdf", "tiff"])
@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [(None, [1, 2, 3, 4]), ("2", [2]), ("2-3", [2, 3]), ("3-", [3, 4]), ("1,4", [1, 4])],
)
def test_pages_that_are_not_wanted_come_without_content(
    data: bytes, wanted: str | None, numbers: list[int]
) -> None:
    """All have their numbers, so that each is accounted for; of a TIFF of several pages too."""
    found = [*read_pages(data, wanted)]
    assert [page.number for page in found] == [1, 2, 3, 4]
    assert [page.number for page in found if page.picture] == numbers


@pytest.mark.parametrize("data", [drawn("0 g", "0 g"), frames(2)], ids=["pdf", "tiff"])
def test_a_page_that_is_not_there_is_told(data: bytes) -> None:
    with pytest.raises(InputError, match="There is no page 3"):
        [*read_pages(data, "2-3")]


def test_a_file_is_read_from_its_path_as_from_its_bytes(tmp_path: Path) -> None:
    """Of both kinds."""
    for data in (drawn("0 g", "0 g"), frames(3)):
        (tmp_path / "file").write_bytes(data)
        there, here = read_pages(tmp_path / "file", None), read_pages(data, None)
        assert [page.number for page in there] == [page.number for page in here]


def test_the_pages_of_a_picture_are_its_frames() -> None:
    """Each as it is when it is read."""
    greys = [page.picture.getpixel((0, 0)) for page in read_pages(frames(3), None) if page.picture]
    assert greys == [0, 10, 20]


def test_a_page_has_its_text_and_a_picture_has_none() -> None:
    assert page_of(drawn(words("Hello", 10, 10))).text == "Hello"
    assert page_of(drawn("0 g")).text == ""
    assert page_of(frames(1)).text is None


# What is refused.


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "neither a PDF nor a picture"),
        (b"%PDF-1.7 and no more", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "neither a PDF nor a picture"),
        (b"MZ" * 500, "neither a PDF nor a picture"),
        (b" " * 1030 + b"%PDF-1.7", "neither a PDF nor a picture"),
    ],
)
def test_what_is_no_file_of_pages_is_refused(data: bytes, told: str) -> None:
    """In words, with what to give."""
    with pytest.raises(InputError, match=told) as caught:
        [*read_pages(data, None)]
    assert caught.value.hint


def test_file_with_a_password_is_told_apart() -> None:
    """It is not damaged; who gave it knows the password."""
    with pikepdf.open(io.BytesIO(drawn("0 g"))) as pdf:
        locked = saved(pdf, encryption=pikepdf.Encryption(user="a", owner="b"))
    with pytest.raises(InputError, match="password"):
        [*read_pages(locked, None)]


def test_a_picture_of_too_many_pixels_is_not_unpacked() -> None:
    """80 million are allowed, and no more."""
    kept = io.BytesIO()
    Image.new("1", (80_000, 1001)).save(kept, "PNG")
    with pytest.raises(InputError, match="too many pixels"):
        [*read_pages(kept.getvalue(), None)]
    kept = io.BytesIO()
    Image.new("1", (80_000, 1000)).save(kept, "PNG")
    (page,) = read_pages(kept.getvalue(), None)
    assert page.picture


def test_a_page_is_rendered_at_300_dpi_or_at_what_a_huge_one_allows() -> None:
    """A page of 5 m takes no gigabytes."""
    small = page_of(drawn("0 g", size=(72, 144))).picture
    assert small
    assert small.size == (300, 600)
    huge = page_of(drawn("0 g", size=(14400, 14400))).picture
    assert huge
    assert 29_900_000 < huge.width * huge.height < 30_100_000


# What is blank.


def square(pdf: pikepdf.Pdf, subtype: str = "/Square", *rect: int) -> pikepdf.Dictionary:
    """A note that draws a black square."""
    form = pdf.make_stream(b"0 g 0 0 9 9 re f")
    form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    form.BBox = [0, 0, 9, 9]
    looks = pikepdf.Dictionary(N=form)
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name(subtype),
        F=4,
        AP=looks,
        Rect=[*(rect or (10, 10, 60, 30))],
    )


def bare_note(_: pikepdf.Pdf, subtype: str = "/Text") -> pikepdf.Dictionary:
    return pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name(subtype), Rect=[0, 0, 9, 9]
    )


def test_paper_with_nothing_on_it_is_blank() -> None:
    assert page_of(drawn("0 g")).is_blank


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        drawn("0.5 g 0 0 10 10 re f"),
        drawn("1 g 0 0 10 10 re f"),  # white; what it hides elsewhere is not asked
        drawn("1 0 0 rg 0 0 200 100 re f"),  # one colour all over
        drawn("0 g", note=bare_note),  # a note without any picture
        frames(1),
    ],
)
def test_page_is_not_blank_that_may_show_something(data: bytes) -> None:
    """A forger can't have a page passed over by what is hard to see, or drawn by viewers only."""
    assert not page_of(data).is_blank


def test_a_page_is_blank_in_all_its_colours() -> None:
    """A picture of yellow paper is none, even where nothing is known to be drawn."""
    for colour, blank in (((255, 255, 255), True), ((255, 255, 254), False)):
        assert Page(1, Image.new("RGB", (9, 9), colour), "", True).is_blank is blank
    assert not Page(1, None, "", True).is_blank


# What lies over the text.

OVER = "text lies over other text"
NOTE = "a note or field lies on the page"


@pytest.mark.parametrize(
    ("content", "hides"),
    [
        (words("Camille Martin born", 20, 50), ()),
        (words("Camille Martin born", 20, 50) + words("ROBERT", 20, 50), (OVER,)),
        (words("Camille Martin born", 20, 50) + words("ROBERT", 20, 70), ()),  # above it
        (words("Camille Martin born", 20, 50) + words("ROBERT", 20, 57), ()),  # touching
        (words("Camille Martin born", 20, 50) + words("ROBERT", 140, 50), ()),  # beside it
        (words("Camille Martin born", 20, 50) * 2, ()),  # twice, to look bolder
        (words("1", 20, 50) + words("2", 20, 50), ()),  # one letter of few marks
        (words("1234567", 20, 50) + words("2", 20, 50), (OVER,)),
        (words("123456", 20, 50) + words("2", 20, 50), ()),
        (words("........", 20, 50) + words("--", 20, 50), ()),  # no letters
        (words("Camille Martin", 20, 10, 60) + words("ROBERT", 20, 10, 60), ()),  # a watermark
        (words("Camille Martin", 20, 20, 30) + words("ROBERT", 20, 20, 30), (OVER,)),
    ],
)
def test_text_over_other_text_is_noticed(content: str, hides: tuple[str, ...]) -> None:
    """Not where letters touch, are drawn twice, or are too large to be a fact."""
    assert page_of(drawn(content)).hides == hides


@pytest.mark.parametrize(
    ("note", "hides"),
    [
        (square, (NOTE,)),
        (lambda pdf: square(pdf, "/Link"), (NOTE,)),
        (lambda pdf: bare_note(pdf, "/Link"), ()),
        (lambda pdf: square(pdf, "/Square", 900, 900, 909, 909), ()),  # beside the page
    ],
)
def test_a_note_that_shows_is_noticed(note: Any, hides: tuple[str, ...]) -> None:
    """A link that is only clicked on is not."""
    assert page_of(drawn(words("Hello", 20, 50), note=note)).hides == hides


# What else a file holds.


def test_codes_are_read_once_each() -> None:
    """Whatever way they lie."""
    code = qrcode.make("https://x.example/#1", box_size=4).get_image().convert("L")
    both = Image.new("RGB", (code.width * 2, code.height), "white")
    both.paste(code, (0, 0))
    both.paste(code.rotate(90), (code.width, 0))
    assert read_codes(both) == ["https://x.example/#1"]
    assert read_codes(Image.new("L", (99, 99), 255)) == []


def test_attached_files_are_found_by_their_name(tmp_path: Path) -> None:
    """One that is too large comes out empty, for what it says is of no use."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        for number, (name, content) in enumerate([("a", b"123"), ("b", b"1"), ("a", b"1234")]):
            spec = pikepdf.AttachedFileSpec(pdf, content, filename=name)
            pdf.attachments[str(number)] = spec
        data = saved(pdf)
    assert sorted(read_attachments(data, "a", 3)) == [b"", b"123"]
    assert sorted(read_attachments(data, "a", 4)) == [b"123", b"1234"]
    assert read_attachments(data, "c", 9) == []
    (tmp_path / "file").write_bytes(data)
    assert read_attachments(tmp_path / "file", "b", 9) == [b"1"]


def test_a_form_is_found() -> None:
    with pikepdf.open(io.BytesIO(drawn("0 g"))) as pdf:
        assert not has_form(saved(pdf))
        field = pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="x", Subtype=pikepdf.Name.Widget)
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[pdf.make_indirect(field)])
        assert has_form(saved(pdf))
