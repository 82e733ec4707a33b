"""PDF or picture → its pages: how each one looks, its text, and what its QR codes say.

pdfium reads PDFs, Pillow reads pictures, zxing-cpp reads QR codes.
"""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pixattest.errors import InputError, PixattestError, SelectionError

if TYPE_CHECKING:
    from PIL import Image

File: TypeAlias = "Path | bytes"

# Resolution at which a page of a PDF is rendered, in dots per inch.
_DPI = 300

# A page that is rendered has 30 million pixels at most; A4 at 300 dpi has 9 million.
_MOST_PIXELS = 30_000_000

# A picture that is given may have 80 million pixels; A4 at 600 dpi has 35 million.
_MOST_GIVEN = 80_000_000

# An annotation without an appearance has 2 bytes of it: the end of a text in UTF-16.
_NO_APPEARANCE = 2

# A letter of 40 points or more is no fact, and may belong to a watermark.
_LARGEST_LETTER = 40

# Up to 8 characters may be drawn as one letter, with its marks over each other.
_A_CLUSTER = 8


class Page(NamedTuple):
    """A page of a file.

    Attributes:
        number: number of the page, from 1.
        picture: how the page looks; None if nobody asked for it.
        text: text of the page; None if the file is a picture.
        is_bare: nothing is drawn on the page, nor a note or field that the picture may lack.
        hides: what lies over the text of the page, as far as that is noticed.
    """

    number: int
    picture: Image.Image | None = None
    text: str | None = None
    is_bare: bool = False
    hides: tuple[str, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether the page is white paper. Colours are compared, as some have the same grey."""
        if not self.is_bare or self.picture is None:
            return False
        return self.picture.convert("RGB").getextrema() == ((255, 255),) * 3


def read_pages(file: File, wanted: str | None) -> Iterator[Page]:
    """Read the pages of a file; those that are not wanted come without their content.

    Args:
        file: a PDF, or a picture of one or more pages.
        wanted: pages such as `2-31`; None: all.

    Raises:
        InputError: the file can't be read, or has no such page.
        PixattestError: a library that reads pages is not installed.
    """
    with open_file(file) as opened:
        begin = opened.read(1024)
    return (_read_pdf if b"%PDF-" in begin else _read_picture)(file, wanted)


@contextmanager
def open_file(file: File) -> Iterator[IO[bytes]]:
    """Open a file, or bytes in its place."""
    with BytesIO(file) if isinstance(file, bytes) else file.open("rb") as opened:
        yield opened


def _choose(wanted: str | None, last: int) -> Collection[int]:
    """Return the numbers of the wanted pages."""
    if wanted is None:
        return range(1, last + 1)
    from pixattest.model.pages import Pages

    try:
        return {*chain(*Pages(wanted).of(last))}
    except SelectionError as error:
        raise InputError(error.problem, hint=error.hint) from None


# PDF.


def _read_pdf(file: File, wanted: str | None) -> Iterator[Page]:
    pdfium = _import("pypdfium2")
    try:
        with pdfium.PdfDocument(file) as document:
            chosen = _choose(wanted, len(document))
            for number in range(1, len(document) + 1):
                if number in chosen:
                    yield _read_pdf_page(pdfium.raw, document[number - 1], number)
                else:
                    yield Page(number)
    except pdfium.PdfiumError as reason:
        problem, hint = "is damaged, or only a part of a PDF", "Ask for the file again."
        if "password" in str(reason):
            problem, hint = "opens with a password only", "Save it without, or give a scan of it."
        raise InputError(problem, hint=hint) from reason


def _read_pdf_page(raw: Any, page: Any, number: int) -> Page:
    wide, high = page.get_size()
    scale = min(_DPI / 72, (_MOST_PIXELS / max(wide * high, 1)) ** 0.5)
    picture = page.render(scale=scale).to_pil()
    drawn = raw.FPDFPage_CountObjects(page)
    notes = raw.FPDFPage_GetAnnotCount(page)
    words = page.get_textpage()
    hides = []
    if notes and _may_show_a_note(raw, page, notes):
        bare = page.render(scale=scale, draw_annots=False).to_pil()
        if bare.tobytes() != picture.tobytes():
            hides.append("a note or field lies on the page")
    if _is_overwritten(raw, words):
        hides.append("text lies over other text")
    return Page(number, picture, words.get_text_range(), not drawn and not notes, (*hides,))


def _may_show_a_note(raw: Any, page: Any, count: int) -> bool:
    """Whether a page has an annotation that may show something; a plain link does not."""
    for index in range(count):
        note = raw.FPDFPage_GetAnnot(page, index)
        try:
            size = raw.FPDFAnnot_GetAP(note, raw.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0)
            if raw.FPDFAnnot_GetSubtype(note) != raw.FPDF_ANNOT_LINK or size > _NO_APPEARANCE:
                return True
        finally:
            raw.FPDFPage_CloseAnnot(note)
    return False


def _is_overwritten(raw: Any, words: Any) -> bool:
    """Whether a letter or figure covers most of another one from elsewhere in the text.

    Letters of one word may overlap, and a letter is drawn twice to look bolder; neither counts.
    """
    left, right, low, high = (ctypes.c_double() for _ in range(4))
    near: dict[tuple[int, int], list[tuple[int, int, float, float, float, float]]] = {}
    for index in range(words.count_chars()):
        code = raw.FPDFText_GetUnicode(words, index)
        if not chr(code).isalnum():
            continue
        raw.FPDFText_GetCharBox(words, index, left, right, low, high)
        box = (left.value, low.value, right.value, high.value)
        wide, tall = box[2] - box[0], box[3] - box[1]
        if not (0 < wide < _LARGEST_LETTER and 0 < tall < _LARGEST_LETTER):
            continue
        cells = {
            (int(x // _LARGEST_LETTER), int(y // _LARGEST_LETTER))
            for x in (box[0], box[2])
            for y in (box[1], box[3])
        }
        for cell in cells:
            for before, other, *there in near.get(cell, ()):
                common = min(box[2], there[2]) - max(box[0], there[0])
                shared = min(box[3], there[3]) - max(box[1], there[1])
                if common <= 0 or shared <= 0 or other == code or index - before < _A_CLUSTER:
                    continue
                smaller = min(wide * tall, (there[2] - there[0]) * (there[3] - there[1]))
                if common * shared > smaller / 2:
                    return True
            near.setdefault(cell, []).append((index, code, *box))
    return False


def has_form(file: File) -> bool:
    """Whether a PDF has fields, as a signed one does."""
    pdfium = _import("pypdfium2")
    with pdfium.PdfDocument(file) as document:
        return bool(document.get_formtype() != pdfium.raw.FORMTYPE_NONE)


def read_attachments(file: File, name: str, most: int) -> list[bytes]:
    """Read the files of that name that are attached to a PDF.

    Args:
        file: the PDF.
        name: name of an attached file.
        most: bytes of the largest file that is read; a larger one comes out empty, as does one
            that can't be read.
    """
    pdfium = _import("pypdfium2")

    def read(attachment: Any) -> bytes:
        size = ctypes.c_ulong()
        pdfium.raw.FPDFAttachment_GetFile(attachment, None, 0, size)
        return bytes(attachment.get_data()) if 0 < size.value <= most else b""

    with pdfium.PdfDocument(file) as document:
        found = map(document.get_attachment, range(document.count_attachments()))
        return [read(attachment) for attachment in found if attachment.get_name() == name]


# Pictures.


def _read_picture(file: File, wanted: str | None) -> Iterator[Page]:
    import warnings

    from PIL import Image, ImageSequence

    hint = "Give a PDF, PNG or JPEG; 300 dpi are enough."
    try:
        with warnings.catch_warnings():  # the number of pixels is limited below
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(BytesIO(file) if isinstance(file, bytes) else file)
        with opened as picture:
            if picture.width * picture.height > _MOST_GIVEN:
                raise InputError("has too many pixels", hint=hint)
            chosen = _choose(wanted, getattr(picture, "n_frames", 1)) if wanted else None
            for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
                # A QR code is read in any position, so no picture is turned.
                yield Page(number, frame if chosen is None or number in chosen else None)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        problem = "is neither a PDF nor a picture that can be read"
        raise InputError(problem, hint=hint) from None


def read_codes(picture: Image.Image) -> list[str]:
    """Read the QR codes of a picture; each content is listed once."""
    zxing = _import("zxingcpp")
    grey = picture.convert("L")
    found = zxing.read_barcodes(grey, formats=zxing.BarcodeFormat.QRCode)
    return list(dict.fromkeys(code.text for code in found))


def _import(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise PixattestError(
            f"{name} is not installed", hint="Run pip install 'pixattest[verify]'."
        ) from None
