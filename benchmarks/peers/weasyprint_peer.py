"""WeasyPrint: one HTML document, a page for each record, real tables.

It subsets fonts with HarfBuzz-Subset, a system library, if that is installed; without it a file
takes a second longer.
"""

from __future__ import annotations

import gc
from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.metadata import version
from typing import Any

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
    """The style of an absolutely placed box."""
    names = {"x": "left", "y": "top", "width": "width", "height": "height"}
    return "".join(f"{names[name]}: {place[name]}pt; " for name in names if name in place)


def text_style(place: dict[str, Any]) -> str:
    """The style of a line of text, whose baseline a line height of 1.2 puts at y."""
    size, left = place["size"], place["x"]
    rise = 0.933 if place["font"] != "serif" else 0.949
    style = f"{FACES[place['font']]}; font-size: {size}pt; color: {COLOURS[place['colour']]}; "
    style += f"top: {place['y'] - rise * size:.2f}pt; "
    if place["align"] == "center":
        return f"{style}left: {left - 50}pt; width: 100pt; text-align: center"
    return f"{style}left: {left}pt"


def font_face(family: str, weight: int, name: str) -> str:
    """The rule that loads a font."""
    source = f"src: url({font_path(name).as_uri()})"
    return f"@font-face {{ font-family: {family}; font-weight: {weight}; {source} }}"


def style_sheet() -> str:
    """What the style of every page is."""
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
        "p, table, hr, img, i { position: absolute; margin: 0; border: 0; white-space: nowrap }",
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
ART = "".join(
    f'<p class="t{number}">{escape(text["text"])}</p>' for number, text in enumerate(static_texts())
)
ART = f'<hr><i class="divider"></i><i class="badge"></i><i class="info"></i>{ART}'
ART += f'<img class="signature" src="{SIGNATURE.as_uri()}">'


def make(records: Sequence[Record]) -> bytes:
    """Make one PDF of the records' attestations."""
    pages = "".join(map(make_page, records))
    html = f'<html lang="fr"><title>Attestation</title><body>{pages}'
    data = HTML(string=html).write_pdf(stylesheets=[STYLE], font_config=FONTS)
    assert isinstance(data, bytes)
    return data


def make_page(record: Record) -> str:
    """One record's page as HTML."""
    texts = strings(record)
    fields = "".join(f'<p class="{name}">{escape(text)}</p>' for name, text in texts.items())
    tables = "".join(
        make_table(number, domain, record["levels"])
        for number, domain in enumerate(PAGE["domains"])
    )
    code = b64encode(make_png(record)).decode()
    picture = f'<img class="qr" src="data:image/png;base64,{code}">'
    return f"<section>{ART}{fields}{tables}{picture}</section>"


def make_table(number: int, domain: dict[str, Any], levels: dict[str, int]) -> str:
    """One domain as an HTML table."""
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
