"""A page of a PDF → its text, or its picture, by each of three independent readers."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pypdfium2
from PIL import Image
from support import run

if TYPE_CHECKING:
    import pymupdf

# A PDF → the text of its first page, in the order of its content.
Reader = Callable[[bytes], str]

# A PDF and a resolution in dots per inch → the picture of its first page.
Renderer = Callable[[bytes, int], Image.Image]

_POINTS_PER_INCH = 72


def pdfium_text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        text: str = page.get_textpage().get_text_range()
    # PDFium takes a hyphen at the end of a line for a broken word's, and writes another character.
    return text.replace("\ufffe", "-").replace("\x02", "-")


def poppler_text(pdf: bytes) -> str:
    return run("pdftotext", "-raw", "-enc", "UTF-8", "-", "-", stdin=pdf).decode()


def mupdf_text(pdf: bytes) -> str:
    with _mupdf(pdf) as document:
        return str(document[0].get_text("text", sort=False))


def pdfium_picture(pdf: bytes, dpi: int) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()  # fields are drawn as browsers draw them
        picture: Image.Image = document[0].render(scale=dpi / _POINTS_PER_INCH).to_pil()
    return picture.convert("RGB")


def poppler_picture(pdf: bytes, dpi: int) -> Image.Image:
    png = run("pdftoppm", "-r", str(dpi), "-png", "-singlefile", "-", stdin=pdf)
    with Image.open(io.BytesIO(png)) as picture:
        return picture.convert("RGB")


def mupdf_picture(pdf: bytes, dpi: int) -> Image.Image:
    with _mupdf(pdf) as document:
        pixels = document[0].get_pixmap(dpi=dpi)
        return Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)


def _mupdf(pdf: bytes) -> pymupdf.Document:
    """Open a PDF with MuPDF, whose import takes 0.8 s and is left to those who read with it."""
    import pymupdf

    return pymupdf.open(stream=pdf, filetype="pdf")


TEXTS: dict[str, Reader] = {
    "pdfium": pdfium_text,
    "poppler": poppler_text,
    "mupdf": mupdf_text,
}
PICTURES: dict[str, Renderer] = {
    "pdfium": pdfium_picture,
    "poppler": poppler_picture,
    "mupdf": mupdf_picture,
}
