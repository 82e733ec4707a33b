"""Records → their PDF by ReportLab, written so that it is as fast and small as it can be.

What is the same on all pages is one form XObject, drawn once in a file; a veil dims the names of
competences that a record lacks. The QR code is a 1-bit inline image mask from zxing-cpp. A page's
texts are one text object, the pixels of the signature are compressed once, fonts hold only what is
used, and streams are not written as ASCII85. ReportLab uses `rl_accel` where it is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from importlib.metadata import version
from io import BytesIO

from qr import make_modules
from reportlab import rl_config
from reportlab.lib.colors import Color
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfdoc import PDFImageXObject
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab_art import HEIGHT, INK, TABLE, WIDTH, draw_art, register_fonts
from serve import PAGE, SIGNATURE, Record, main, strings

rl_config.useA85 = 0
rl_config.pdfComments = 0
register_fonts(asciiReadable=False)

VEIL = Color(1, 1, 1, alpha=PAGE["veil"])
VEIL_WIDTH = TABLE["width"] - TABLE["level_cell"] - 1
FIELDS = [
    (field["field"], field["font"], field["size"], field["x"], HEIGHT - field["y"])
    for field in PAGE["fields"]
    if field["align"] == "left"
]
SCORE = next(field for field in PAGE["fields"] if field["field"] == "score")
ROWS = [(row["id"], HEIGHT - row["top"]) for part in PAGE["domains"] for row in part["competences"]]
LEVEL_X = TABLE["level_x"] - stringWidth("6", "semibold", TABLE["level_size"]) / 2
QR = "q {size} 0 0 {size} {x} {0:.2f} cm".format(
    HEIGHT - PAGE["qr"]["y"] - PAGE["qr"]["size"], **PAGE["qr"]
)
PIXELS = PDFImageXObject("signature", ImageReader(str(SIGNATURE)), mask="auto")
MASK = PIXELS._smask


def make(records: Sequence[Record]) -> bytes:
    """Make one PDF of the records' attestations."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), pageCompression=1)
    canvas.setTitle("Attestation")
    add_art(canvas)
    for record in records:
        draw_page(canvas, record)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def add_art(canvas: Canvas) -> None:
    """Add the form XObject "art", the signature in it, to the canvas's document."""
    picture, mask = copy(PIXELS), copy(MASK)
    picture.smask = canvas._doc.Reference(mask, "signature-mask")
    canvas._doc.addForm("signature", picture)
    canvas.beginForm("art")
    draw_art(canvas)
    place = PAGE["signature"]
    canvas.translate(place["x"], HEIGHT - place["y"] - place["height"])
    canvas.scale(place["width"], place["height"])
    canvas.doForm("signature")
    canvas.endForm()


def draw_page(canvas: Canvas, record: Record) -> None:
    """Draw one record's page."""
    canvas.doForm("art")
    texts = strings(record)
    levels = record["levels"]
    canvas.setFillColor(INK["ink"])
    text = canvas.beginText()
    for name, font, size, x, y in FIELDS:
        text.setFont(font, size)
        text.setTextOrigin(x, y)
        text.textOut(texts[name])
    score, size = texts["score"], SCORE["size"]
    text.setFont(SCORE["font"], size)
    left = SCORE["x"] - stringWidth(score, SCORE["font"], size) / 2
    text.setTextOrigin(left, HEIGHT - SCORE["y"])
    text.textOut(score)
    text.setFont("semibold", TABLE["level_size"])
    for competence, top in ROWS:
        if levels.get(competence):
            text.setTextOrigin(LEVEL_X, top - TABLE["baseline"])
            text.textOut(str(levels[competence]))
    canvas.drawText(text)
    canvas._code.append(qr_operators(record))
    missing = [top for competence, top in ROWS if not levels.get(competence)]
    if missing:
        canvas.setFillColor(VEIL)
        path = canvas.beginPath()
        for top in missing:
            path.rect(TABLE["x"], top - TABLE["row"] + 0.5, VEIL_WIDTH, TABLE["row"] - 1)
        canvas.drawPath(path, stroke=0, fill=1)


def qr_operators(record: Record) -> str:
    """Write the operators that paint a record's QR code as an inline image mask."""
    side, rows = make_modules(record)
    head = f"{QR} BI /W {side} /H {side} /IM true /F /AHx ID"
    return f"{head} {rows.hex()}> EI Q"


if __name__ == "__main__":
    names = ("reportlab", "rl_accel", "zxing-cpp")
    main(make, versions=lambda: {name: version(name) for name in names})
