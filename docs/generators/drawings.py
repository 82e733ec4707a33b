"""Drawings of each element and property → what is printed of them, as PDF and as PNG."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from pixattest import Press

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs/reference"
EXAMPLE = json.loads((ROOT / "examples/record.json").read_text(encoding="utf-8"))

_TEXT = 'font-family="Source Sans 3" font-size="16" fill="#253858"'
_INK = 'fill="none" stroke="#253858"'

DRAWINGS: dict[str, str] = {
    "svg": '<rect x="2" y="2" width="116" height="56" fill="#EEF1F6"/>',
    "g": '<g fill="#3D68FF" transform="rotate(8 60 30)">\n'
    '  <rect x="20" y="15" width="30" height="30"/>\n'
    '  <rect x="70" y="15" width="30" height="30"/>\n</g>',
    "a": '<g role="paragraph">\n  <a href="https://example.org/">\n'
    f'    <text x="12" y="36" {_TEXT}>example.org</text>\n  </a>\n</g>',
    "text": '<g role="paragraph">\n'
    f'  <text x="12" y="36" {_TEXT} data-field="full_name" data-width="96"'
    ' data-min-size="8">Ada</text>\n</g>',
    "tspan": '<g role="paragraph">\n'
    f'  <text x="12" y="36" {_TEXT}>level <tspan font-weight="600">6</tspan></text>\n</g>',
    "image": '<g role="img" aria-label="Three stripes">\n'
    '  <image href="stripes.png" x="30" y="10" width="60" height="40"/>\n</g>',
    "title": '<title data-format="Attestation – {full_name}">Attestation</title>\n'
    '<rect x="10" y="10" width="100" height="40" fill="#EEF1F6"/>',
    "rect": '<rect x="20" y="12" width="80" height="36" rx="8" fill="#F24645"/>',
    "circle": '<circle cx="60" cy="30" r="22" fill="#1A8C89"/>',
    "ellipse": '<ellipse cx="60" cy="30" rx="45" ry="20" fill="#3D68FF"/>',
    "line": '<line x1="12" y1="48" x2="108" y2="12" stroke="#AC008D" stroke-width="4"/>',
    "polyline": f'<polyline points="12,48 40,12 70,48 108,12" {_INK} stroke-width="4"/>',
    "polygon": '<polygon points="60,6 100,54 20,54" fill="#5E2563"/>',
    "path": '<path d="M12 40 C40 -10 80 70 108 20 A8 8 0 0 1 108 36 Z" fill="#1A8C89"/>',
    "fill": '<rect x="12" y="15" width="30" height="30" fill="#F24645"/>\n'
    '<rect x="45" y="15" width="30" height="30" fill="teal"/>\n'
    '<rect x="78" y="15" width="30" height="30" fill="rgb(61, 104, 255)"/>',
    "fill-opacity": '<circle cx="45" cy="30" r="24" fill="#3D68FF"/>\n'
    '<circle cx="75" cy="30" r="24" fill="#F24645" fill-opacity="0.5"/>',
    "fill-rule": '<path d="M12 10h36v40h-36z M20 18h20v24h-20z" fill="#5E2563"/>\n'
    '<path d="M72 10h36v40h-36z M80 18h20v24h-20z" fill="#5E2563" fill-rule="evenodd"/>',
    "font-family": '<g role="paragraph">\n'
    '  <text x="8" y="36" font-family="Source Serif 4" font-weight="600" font-size="18"'
    ' fill="#253858">Attestation</text>\n</g>',
    "font-size": '<g role="paragraph" font-family="Source Sans 3" fill="#253858">\n'
    '  <text x="12" y="40" font-size="12">Pix</text>\n'
    '  <text x="50" y="40" font-size="36px">Pix</text>\n</g>',
    "font-style": '<g role="paragraph">\n'
    f'  <text x="12" y="36" {_TEXT} font-style="normal">upright</text>\n</g>',
    "font-weight": '<g role="paragraph">\n'
    f'  <text x="8" y="36" {_TEXT}>plain</text>\n'
    f'  <text x="60" y="36" {_TEXT} font-weight="600">bold</text>\n</g>',
    "letter-spacing": '<g role="paragraph">\n'
    f'  <text x="8" y="36" {_TEXT} letter-spacing="4">spaced</text>\n</g>',
    "opacity": '<rect x="12" y="10" width="60" height="40" fill="#253858"/>\n'
    '<rect x="48" y="16" width="60" height="28" fill="#F24645" opacity="0.6"/>',
    "stroke": f'<circle cx="60" cy="30" r="22" {_INK} stroke-width="4"/>',
    "stroke-dasharray": f'<path d="M12 30 H108" {_INK} stroke-width="6" stroke-dasharray="12 6"/>',
    "stroke-linecap": f'<path d="M20 15 H100" {_INK} stroke-width="10" stroke-linecap="butt"/>\n'
    f'<path d="M20 30 H100" {_INK} stroke-width="10" stroke-linecap="round"/>\n'
    f'<path d="M20 45 H100" {_INK} stroke-width="10" stroke-linecap="square"/>',
    "stroke-linejoin": f'<path d="M10 48 L25 14 L40 48" {_INK} stroke-width="8"/>\n'
    f'<path d="M48 48 L63 14 L78 48" {_INK} stroke-width="8" stroke-linejoin="round"/>\n'
    f'<path d="M86 48 L99 14 L112 48" {_INK} stroke-width="8" stroke-linejoin="bevel"/>',
    "stroke-opacity": f'<circle cx="60" cy="30" r="20" {_INK} stroke-width="10"'
    ' stroke-opacity="0.4"/>',
    "stroke-width": f'<path d="M12 15 H108" {_INK} stroke-width="1"/>\n'
    f'<path d="M12 40 H108" {_INK} stroke-width="12"/>',
    "text-anchor": '<g role="paragraph">\n'
    f'  <text x="60" y="20" {_TEXT} text-anchor="start">start</text>\n'
    f'  <text x="60" y="37" {_TEXT} text-anchor="middle">middle</text>\n'
    f'  <text x="60" y="54" {_TEXT} text-anchor="end">end</text>\n</g>',
}
"""A drawing for each element and property, within a page of 120 x 60 points."""


def whole(body: str) -> str:
    """A drawing as a file."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="120pt" height="60pt" viewBox="0 0 120 60">'
        f"\n{body}\n</svg>\n"
    )


_WORDS = 'date = "d/M/y"\n[words]\n[years]\n3 = "trois ans"\n'


def printed(body: str, folder: Path) -> bytes:
    """The PDF of a drawing, by way of a template's folder."""
    (folder / "labels").mkdir(exist_ok=True)
    (folder / "labels/fr.toml").write_text(_WORDS, encoding="utf-8")
    (folder / "stripes.png").write_bytes((REFERENCE / "svg/stripes.png").read_bytes())
    (folder / "template.svg").write_text(whole(body), encoding="utf-8")
    return Press(folder).render(EXAMPLE)


def draw_pictures() -> None:
    """What is printed of each drawing, as PNG."""
    import pypdfium2
    from PIL import Image

    stripes = Image.new("RGB", (3, 2), "#1A8C89")
    stripes.putdata([(242, 70, 69), (26, 140, 137), (61, 104, 255)] * 2)
    stripes.resize((60, 40), resample=0).save(REFERENCE / "svg/stripes.png", optimize=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, body in DRAWINGS.items():
            with pypdfium2.PdfDocument(printed(body, Path(folder))) as document:
                picture = document[0].render(scale=2).to_pil().quantize(32)
            picture.save(REFERENCE / f"svg/{name}.png", optimize=True)
