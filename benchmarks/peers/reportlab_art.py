"""page.json → what is the same on all pages, drawn on a ReportLab canvas; three peers use it."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from serve import COLOURS, PAGE, font_path, static_texts

WIDTH, HEIGHT = PAGE["size"]
INK = {name: HexColor(value) for name, value in COLOURS.items()}
TABLE = PAGE["table"]
ALL = frozenset(row["id"] for domain in PAGE["domains"] for row in domain["competences"])
TEXTS = static_texts()


def register_fonts(**options: Any) -> None:
    """Register the page's fonts, under their names in page.json."""
    for name in PAGE["fonts"]:
        registerFont(TTFont(name, str(font_path(name)), **options))


def draw_text(canvas: Canvas, place: dict[str, Any], text: str) -> None:
    """Draw one line of text where page.json says."""
    canvas.setFont(place["font"], place["size"])
    canvas.setFillColor(INK[place["colour"]])
    draw = canvas.drawCentredString if place["align"] == "center" else canvas.drawString
    draw(place["x"], HEIGHT - place["y"], text)


def draw_art(canvas: Canvas, acquired: Container[str] = ALL) -> None:
    """Draw what is the same on every page; names not in `acquired` are dimmed."""
    rule, divider, badge, info = (PAGE[name] for name in ("rule", "divider", "badge", "info"))
    canvas.setStrokeColor(INK["line"])
    canvas.setLineWidth(rule["width"])
    canvas.line(rule["x1"], HEIGHT - rule["y"], rule["x2"], HEIGHT - rule["y"])
    canvas.line(divider["x"], HEIGHT - divider["y1"], divider["x"], HEIGHT - divider["y2"])
    canvas.setFillColor(INK["secondary"])
    canvas.circle(info["x"], HEIGHT - info["y"], info["radius"], stroke=0, fill=1)
    for text in TEXTS:
        draw_text(canvas, text, text["text"])
    for domain in PAGE["domains"]:
        draw_domain(canvas, domain, acquired)
    canvas.setStrokeColor(INK[badge["colour"]])
    canvas.setLineWidth(badge["line"])
    bottom = HEIGHT - badge["y"] - badge["height"]
    canvas.roundRect(badge["x"], bottom, badge["width"], badge["height"], badge["radius"])


def draw_domain(canvas: Canvas, domain: dict[str, Any], acquired: Container[str]) -> None:
    """Draw one table, without its levels."""
    left, width, height = TABLE["x"], TABLE["width"], TABLE["row"]
    level_word, size = TABLE["level_word"], TABLE["level_word_size"]
    canvas.setFillColor(HexColor(domain["colour"]))
    canvas.rect(left, HEIGHT - domain["top"] - height, width, height, stroke=0, fill=1)
    canvas.setFillColor(INK["white"])
    canvas.setFont("semibold", TABLE["title_size"])
    baseline = HEIGHT - domain["top"] - TABLE["baseline"]
    canvas.drawString(TABLE["name_x"], baseline, domain["title"])
    canvas.setFont("semibold", size)
    canvas.drawCentredString(TABLE["level_x"], baseline, level_word)
    canvas.setFont("regular", TABLE["size"])
    for row in domain["competences"]:
        bottom = HEIGHT - row["top"] - height
        canvas.setFillColor(INK["pale"])
        cell = TABLE["level_cell"]
        canvas.rect(left + width - cell, bottom, cell, height, stroke=0, fill=1)
        canvas.line(left, bottom, left + width, bottom)
        canvas.setFillColor(INK["ink" if row["id"] in acquired else "dim"])
        canvas.drawString(TABLE["name_x"], HEIGHT - row["top"] - TABLE["baseline"], row["name"])
