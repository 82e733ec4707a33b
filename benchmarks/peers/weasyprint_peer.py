"""Records → their PDF by WeasyPrint: one HTML document, a page for each record, real tables.

With --tagged, the texts stand in reading order below a heading, the pictures have alternative
texts, and the file is PDF/UA-1.

It subsets fonts with HarfBuzz-Subset, a system library, if that is installed; without it a file
takes a second longer.
"""

from __future__ import annotations

import gc
import sys
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from itertools import repeat
from typing import Any, NamedTuple

from qr import make_png
from serve import COLOURS, PAGE, SIGNATURE, Record, font_path, main, static_texts, strings
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

TABLE = PAGE["table"]
FACES = {
    "regular": "font-family: 'Source Sans 3'; font-weight: 400",
    "semibold": "font-family: 'Source Sans 3'; font-weight: 600",
    "serif": "font-family: 'Source Serif 4'; font-weight: 600",
}


def box(place: dict[str, Any]) -> str:
    """Return the style of a box with a fixed place."""
    names = {"x": "left", "y": "top", "width": "width", "height": "height"}
    return "".join(f"{names[name]}: {place[name]}pt; " for name in names if name in place)


def text_style(place: dict[str, Any]) -> str:
    """Return the style of a line of text; with a line height of 1.2, its baseline is at y."""
    size, left = place["size"], place["x"]
    rise = 0.933 if place["font"] != "serif" else 0.949
    style = f"{FACES[place['font']]}; font-size: {size}pt; color: {COLOURS[place['colour']]}; "
    style += f"top: {place['y'] - rise * size:.2f}pt; "
    if place["align"] == "center":
        return f"{style}left: {left - 50}pt; width: 100pt; text-align: center"
    return f"{style}left: {left}pt"


def font_face(family: str, weight: int, name: str) -> str:
    """Return the rule that loads a font."""
    source = f"src: url({font_path(name).as_uri()})"
    return f"@font-face {{ font-family: {family}; font-weight: {weight}; {source} }}"


def style_sheet() -> str:
    """Return the style sheet of all pages."""
    width, height = PAGE["size"]
    rule, divider, badge, info = (PAGE[name] for name in ("rule", "divider", "badge", "info"))
    line = f"{rule['width']}pt solid {COLOURS['line']}"
    inside = {**badge, **{name: badge[name] - 2 * badge["line"] for name in ("width", "height")}}
    dot = {"x": info["x"] - info["radius"], "y": info["y"] - info["radius"]}
    dot |= {"width": 2 * info["radius"], "height": 2 * info["radius"]}
    rules = [
        font_face("'Source Sans 3'", 400, "regular"),
        font_face("'Source Sans 3'", 600, "semibold"),
        font_face("'Source Serif 4'", 600, "serif"),
        f"@page {{ size: {width}pt {height}pt; margin: 0 }}",
        "body { margin: 0; line-height: 1.2 }",
        f"section {{ position: relative; height: {height}pt; break-after: page }}",
        "h1, p, table, hr, img, i { position: absolute; margin: 0; border: 0;"
        " white-space: nowrap }",
        f"hr {{ top: {rule['y']}pt; width: 100%; border-top: {line} }}",
        f".divider {{ left: {divider['x']}pt; top: {divider['y1']}pt; border-left: {line};"
        f" height: {divider['y2'] - divider['y1']}pt }}",
        f".badge {{ {box(inside)}border: {badge['line']}pt solid {COLOURS[badge['colour']]};"
        f" border-radius: {badge['radius']}pt }}",
        f".info {{ {box(dot)}background: {COLOURS[info['colour']]}; border-radius: 50% }}",
        f"table {{ left: {TABLE['x']}pt; width: {TABLE['width']}pt; border-collapse: collapse;"
        f" table-layout: fixed; {FACES['regular']}; font-size: {TABLE['size']}pt }}",
        f"tr {{ height: {TABLE['row']}pt }}",
        "td, th { padding: 0; text-align: left }",
        f"td {{ border-bottom: {line}; color: {COLOURS['ink']} }}",
        f"td:first-child, th:first-child {{ padding-left: {TABLE['name_x'] - TABLE['x']}pt }}",
        f"th {{ {FACES['semibold']}; font-size: {TABLE['title_size']}pt; color: #fff }}",
        f"td + td, th + th {{ width: {TABLE['level_cell']}pt; text-align: center;"
        f" {FACES['semibold']} }}",
        f"th + th {{ font-size: {TABLE['level_word_size']}pt }}",
        f"td + td {{ font-size: {TABLE['level_size']}pt; background: {COLOURS['pale']} }}",
        f".dim {{ color: {COLOURS['dim']} }}",
        f".qr {{ {box({**PAGE['qr'], 'width': PAGE['qr']['size']})}image-rendering: pixelated }}",
        f".signature {{ {box(PAGE['signature'])}}}",
    ]
    for number, text in enumerate(static_texts()):
        rules.append(f".t{number} {{ {text_style(text)} }}")
    for field in PAGE["fields"]:
        rules.append(f".{field['field']} {{ {text_style(field)} }}")
    for number, domain in enumerate(PAGE["domains"]):
        rules.append(f".d{number} {{ top: {domain['top']}pt }}")
        rules.append(f".d{number} th {{ background: {domain['colour']} }}")
    return "\n".join(rules)


gc.set_threshold(100_000)  # boxes are many and live long: collecting them often costs a third
FONTS = FontConfiguration()
STYLE = CSS(string=style_sheet(), font_config=FONTS)
TAGGED = "--tagged" in sys.argv
OPTIONS = {"pdf_variant": "pdf/ua-1"} if TAGGED else {}
SHAPES = '<hr><i class="divider"></i><i class="badge"></i><i class="info"></i>'
QR, SIGNED = (escape(PAGE[name]["alt"]) for name in ("qr", "signature"))


def make(records: Sequence[Record]) -> bytes:
    """Make one PDF of the records' attestations."""
    pages = "".join(map(make_tagged_page if TAGGED else make_page, records))
    html = f'<html lang="fr"><title>{PAGE["title"]}</title><body>{pages}'
    data = HTML(string=html).write_pdf(stylesheets=[STYLE], font_config=FONTS, **OPTIONS)
    assert isinstance(data, bytes)
    return data


def make_page(record: Record) -> str:
    """Write one record's page as HTML."""
    texts = "".join(map(paragraph, LINES, repeat(strings(record))))
    signature = f'<img class="signature" src="{SIGNATURE.as_uri()}">'
    tables, code = make_tables(record), make_code(record)
    return f'<section>{SHAPES}{texts}{signature}{tables}<img class="qr" src="{code}"></section>'


def make_tagged_page(record: Record) -> str:
    """Write the same page with its parts in reading order, and alternative texts."""
    texts = strings(record)
    head, side, foot = ("".join(paragraph(line, texts) for line in part) for part in PARTS)
    pictures = f'<img class="qr" alt="{QR}" src="{make_code(record)}">'
    pictures += f'<img class="signature" alt="{SIGNED}" src="{SIGNATURE.as_uri()}">'
    tables = make_tables(record)
    return f"<section>{SHAPES}{head}{tables}{side}{pictures}{foot}</section>"


class Line(NamedTuple):
    """A line of text on the page: its place, its class in the style sheet, its words or field."""

    place: dict[str, Any]
    style: str
    text: str | None


LINES = [Line(text, f"t{number}", text["text"]) for number, text in enumerate(static_texts())]
LINES += [Line(field, field["field"], None) for field in PAGE["fields"]]
ORDER = sorted(LINES, key=lambda line: (line.place["y"], line.place["x"]))
PARTS = (
    [line for line in ORDER if line.place["x"] < 345 and line.place["y"] < 700],
    [line for line in ORDER if line.place["x"] >= 345],
    [line for line in ORDER if line.place["y"] > 700],
)


def paragraph(line: Line, texts: dict[str, str]) -> str:
    """Write a line of text as HTML; where the file is tagged, the page's title is a heading."""
    text = texts[line.style] if line.text is None else line.text
    tag = "h1" if TAGGED and text == PAGE["title"] else "p"
    return f'<{tag} class="{line.style}">{escape(text)}</{tag}>'


def make_code(record: Record) -> str:
    """Return a record's QR code as a data URL."""
    return f"data:image/png;base64,{b64encode(make_png(record)).decode()}"


def make_tables(record: Record) -> str:
    """Write a record's levels as HTML, a table for each domain."""
    domains = enumerate(PAGE["domains"])
    return "".join(make_table(number, domain, record["levels"]) for number, domain in domains)


def make_table(number: int, domain: dict[str, Any], levels: dict[str, int]) -> str:
    """Write one domain as an HTML table."""
    rows = "".join(
        f"<tr><td>{escape(row['name'])}<td>{levels[row['id']]}"
        if levels.get(row["id"])
        else f'<tr><td class="dim">{escape(row["name"])}<td>'
        for row in domain["competences"]
    )
    head = f"<tr><th>{escape(domain['title'])}<th>{TABLE['level_word']}"
    return f'<table class="d{number}">{head}{rows}</table>'


if __name__ == "__main__":
    main(make, versions=lambda: {name: version(name) for name in ("weasyprint", "zxing-cpp")})
