"""Records → their PDF by ReportLab and `qrcode`, as most people write it: all drawn each time."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from io import BytesIO

import qrcode
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab_art import HEIGHT, INK, TABLE, WIDTH, draw_art, draw_text, register_fonts
from serve import PAGE, SIGNATURE, Record, address, main, strings

register_fonts()


def make(records: Sequence[Record]) -> bytes:
    """Make one PDF of the records' attestations."""
    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=(WIDTH, HEIGHT), pageCompression=1)
    canvas.setTitle("Attestation")
    for record in records:
        draw_page(canvas, record)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def draw_page(canvas: Canvas, record: Record) -> None:
    """Draw one record's page."""
    draw_art(canvas, record["levels"])
    texts = strings(record)
    for field in PAGE["fields"]:
        draw_text(canvas, field, texts[field["field"]])
    canvas.setFont("semibold", TABLE["level_size"])
    canvas.setFillColor(INK["ink"])
    for domain in PAGE["domains"]:
        for row in domain["competences"]:
            level = record["levels"].get(row["id"])
            if level:
                baseline = HEIGHT - row["top"] - TABLE["baseline"]
                canvas.drawCentredString(TABLE["level_x"], baseline, str(level))
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=1, border=0)
    code.add_data(address(record))
    place = PAGE["qr"]
    picture = ImageReader(code.make_image().get_image())
    bottom = HEIGHT - place["y"] - place["size"]
    canvas.drawImage(picture, place["x"], bottom, place["size"], place["size"])
    place = PAGE["signature"]
    bottom = HEIGHT - place["y"] - place["height"]
    size = place["width"], place["height"]
    canvas.drawImage(str(SIGNATURE), place["x"], bottom, *size, mask="auto")


if __name__ == "__main__":
    main(make, versions=lambda: {name: version(name) for name in ("reportlab", "qrcode")})
