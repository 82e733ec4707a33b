"""page.json → out/template.pdf, the page without a record's words, for the peers that fill it.

It is what such a peer's user has drawn beforehand, in whatever program: it is not timed.
"""

from __future__ import annotations

from pathlib import Path

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas
from reportlab_art import HEIGHT, WIDTH, draw_art, register_fonts
from serve import PAGE, SIGNATURE, TEMPLATE


def make_template(path: Path = TEMPLATE) -> None:
    """Write the template page."""
    rl_config.useA85 = 0
    register_fonts(asciiReadable=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1)
    draw_art(canvas)
    place = PAGE["signature"]
    bottom = HEIGHT - place["y"] - place["height"]
    size = place["width"], place["height"]
    canvas.drawImage(str(SIGNATURE), place["x"], bottom, *size, mask="auto")
    canvas.save()


if __name__ == "__main__":
    make_template()
