"""Records → their PDF by fpdf2, with QR codes from zxing-cpp as pictures, a pixel a module."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from fpdf import FPDF
from qr import make_picture
from serve import COLOURS, PAGE, SIGNATURE, Record, font_path, main, static_texts, strings

TABLE = PAGE["table"]
TEXTS = static_texts()


def make(records: Sequence[Record]) -> bytes:
    """Make one PDF of the records' attestations."""
    pdf = FPDF(unit="pt", format=tuple(PAGE["size"]))
    pdf.set_title("Attestation")
    pdf.set_auto_page_break(False)
    for name in PAGE["fonts"]:
        pdf.add_font(name, fname=font_path(name))
    for record in records:
        pdf.add_page()
        draw_page(pdf, record)
    return bytes(pdf.output())


def draw_page(pdf: FPDF, record: Record) -> None:
    """Draw one record's page."""
    draw_art(pdf)
    for text in TEXTS:
        draw_text(pdf, text, text["text"])
    texts = strings(record)
    for field in PAGE["fields"]:
        draw_text(pdf, field, texts[field["field"]])
    for domain in PAGE["domains"]:
        draw_domain(pdf, domain, record["levels"])
    place = PAGE["qr"]
    pdf.image(make_picture(record), place["x"], place["y"], place["size"])
    place = PAGE["signature"]
    pdf.image(str(SIGNATURE), place["x"], place["y"], place["width"], place["height"])


def draw_art(pdf: FPDF) -> None:
    """Draw the page's lines."""
    rule, divider, badge, info = (PAGE[name] for name in ("rule", "divider", "badge", "info"))
    pdf.set_draw_color(COLOURS["line"])
    pdf.set_line_width(rule["width"])
    pdf.line(rule["x1"], rule["y"], rule["x2"], rule["y"])
    pdf.line(divider["x"], divider["y1"], divider["x"], divider["y2"])
    pdf.set_fill_color(COLOURS[info["colour"]])
    pdf.circle(info["x"], info["y"], info["radius"], style="F")
    pdf.set_draw_color(COLOURS[badge["colour"]])
    pdf.set_line_width(badge["line"])
    box = badge["x"], badge["y"], badge["width"], badge["height"]
    pdf.rect(*box, round_corners=True, corner_radius=badge["radius"])


def draw_text(pdf: FPDF, place: dict[str, Any], text: str) -> None:
    """Draw one line of text where page.json says."""
    pdf.set_font(place["font"], size=place["size"])
    pdf.set_text_color(COLOURS[place["colour"]])
    left = place["x"]
    if place["align"] == "center":
        left -= pdf.get_string_width(text) / 2
    pdf.text(left, place["y"], text)


def draw_domain(pdf: FPDF, domain: dict[str, Any], levels: dict[str, int]) -> None:
    """Draw one table."""
    left, width, height = TABLE["x"], TABLE["width"], TABLE["row"]
    cell, centre = TABLE["level_cell"], TABLE["level_x"]
    pdf.set_line_width(PAGE["rule"]["width"])
    pdf.set_draw_color(COLOURS["line"])
    pdf.set_fill_color(domain["colour"])
    pdf.rect(left, domain["top"], width, height, style="F")
    title = {"y": domain["top"] + TABLE["baseline"], "font": "semibold", "colour": "white"}
    title |= {"x": TABLE["name_x"], "size": TABLE["title_size"], "align": "left"}
    draw_text(pdf, title, domain["title"])
    title |= {"x": centre, "size": TABLE["level_word_size"], "align": "center"}
    draw_text(pdf, title, TABLE["level_word"])
    pdf.set_fill_color(COLOURS["pale"])
    for row in domain["competences"]:
        bottom = row["top"] + height
        baseline = row["top"] + TABLE["baseline"]
        level = levels.get(row["id"])
        pdf.rect(left + width - cell, row["top"], cell, height, style="F")
        pdf.line(left, bottom, left + width, bottom)
        pdf.set_text_color(COLOURS["ink" if level else "dim"])
        pdf.set_font("regular", size=TABLE["size"])
        pdf.text(TABLE["name_x"], baseline, row["name"])
        if level:
            pdf.set_font("semibold", size=TABLE["level_size"])
            pdf.text(centre - pdf.get_string_width(str(level)) / 2, baseline, str(level))


if __name__ == "__main__":
    main(make, versions=lambda: {name: version(name) for name in ("fpdf2", "zxing-cpp")})
