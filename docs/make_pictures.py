"""The example's record → docs/attestation.png, a specimen; run it after the page has changed."""

from __future__ import annotations

from pathlib import Path

import pypdfium2

from pixattest import Press

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Draw the picture of the README."""
    press = Press(issuer=ROOT / "examples/issuer.toml", specimen=True)
    page = pypdfium2.PdfDocument(press.render(press.read_file(ROOT / "examples/record.json")))[0]
    picture = page.render(scale=1.6).to_pil().convert("P", palette=1, colors=128)
    picture.save(ROOT / "docs/attestation.png", optimize=True)


if __name__ == "__main__":
    main()
