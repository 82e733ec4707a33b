"""The examples → the pictures of the README and of docs/; run it after a page has changed.

What the pictures show is what the programme reads and writes: a results file and its rejects as a
spreadsheet would show them, and the printed class, as specimens.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from pixattest import Press, Record
from pixattest.template.samples import sample_records

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RESULTS = ROOT / "examples/20240209_resultats_TCAP1.csv"
FONTS = ROOT / "fonts/source-sans-3"

INK, LINE, BAND, MARKED = "#253858", "#C9CFD9", "#EEF1F6", "#FFF0B3"
ROW, SIZE, MARGIN = 44, 22, 12
"""Height of a row, size of its letters, space around a table, in pixels."""


def main() -> None:
    """Draw them all."""
    draw_gallery()
    with tempfile.TemporaryDirectory() as temporary:
        results = Path(shutil.copy(RESULTS, temporary))
        command = [sys.executable, "-m", "pixattest", results.name, "--specimen"]
        command += ["--codes", str(ROOT / "examples/codes.csv")]
        subprocess.run(command, cwd=temporary, check=False, capture_output=True)
        draw_class(results.with_suffix(".pdf"))
        columns = ("Prénom", "Nom", "Date de naissance", "Statut", "Nombre de Pix")
        draw_table(results, (*columns, "1.1", "1.2", "1.3", "2.1"), DOCS / "fr-resultats.png")
        rejects = results.with_name(f"{results.name}.rejected.csv")
        columns = ("Prénom", "Nom", "Date de naissance", "Statut", "what_to_correct")
        draw_table(rejects, columns, DOCS / "fr-rejets.png")


def draw_gallery() -> None:
    """The example's record, and samples of what differs from it; all specimens."""
    issuer = ROOT / "examples/issuer.toml"
    press = Press(issuer=issuer, specimen=True)
    example = press.read_file(ROOT / "examples/record.json")
    samples = sample_records(press.framework, press.rules)
    draw_page(press, example, "attestation")
    draw_page(press, samples["long"], "gallery-long")
    draw_page(
        Press(issuer=issuer, language="en", specimen=True), samples["empty"], "gallery-english"
    )
    draw_page(Press("landscape", issuer, specimen=True), example, "gallery-landscape")
    draw_page(Press("detailed", issuer, specimen=True), example, "gallery-detailed", page=1)


def draw_page(press: Press, record: Record, name: str, page: int = 0) -> None:
    """A page of a record, the first one by default."""
    drawn = pypdfium2.PdfDocument(press.render(record))[page]
    save(drawn.render(scale=1.6).to_pil(), DOCS / f"{name}.png")


def draw_class(pdf: Path, across: int = 3) -> None:
    """The pages of a class, side by side."""
    pages = [page.render(scale=0.6).to_pil() for page in pypdfium2.PdfDocument(pdf)]
    wide, high = (side + MARGIN for side in pages[0].size)
    down = -(-len(pages) // across)
    sheet = Image.new("RGB", (across * wide + MARGIN, down * high + MARGIN), LINE)
    for number, page in enumerate(pages):
        row, column = divmod(number, across)
        sheet.paste(page, (MARGIN + column * wide, MARGIN + row * high))
    save(sheet, DOCS / "fr-classe.png")


def draw_table(path: Path, columns: Sequence[str], target: Path) -> None:
    """Some columns of a CSV file, as a spreadsheet shows them; what to correct is marked."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [[row[name] for name in columns] for row in csv.DictReader(file, delimiter=";")]
    plain = ImageFont.truetype(FONTS / "SourceSans3_400Regular.ttf", SIZE)
    bold = ImageFont.truetype(FONTS / "SourceSans3_600SemiBold.ttf", SIZE)
    table = [list(columns), *rows]
    widths = [
        max(bold.getlength(row[index]) for row in table) + 2 * MARGIN
        for index in range(len(columns))
    ]
    lefts = [MARGIN + sum(widths[:index]) for index in range(len(columns) + 1)]
    size = (round(lefts[-1]) + MARGIN, len(table) * ROW + 2 * MARGIN)
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    for number, row in enumerate(table):
        top = MARGIN + number * ROW
        for index, text in enumerate(row):
            box = (lefts[index], top, lefts[index + 1], top + ROW)
            is_marked = number and columns[index] == "what_to_correct"
            fill = MARKED if is_marked else "white" if number else BAND
            pen.rectangle(box, fill=fill, outline=LINE)
            place = (lefts[index] + MARGIN, top + ROW / 2)
            pen.text(place, text, INK, plain if number else bold, anchor="lm")
    save(picture, target)


def save(picture: Image.Image, target: Path) -> None:
    """Keep a picture small."""
    picture.convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(target, optimize=True)


if __name__ == "__main__":
    main()
