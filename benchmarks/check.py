"""Peers → out/check-*.pdf, and whether each page says what it should.

    python benchmarks/check.py [--only typst ...]

The page's text is read back with PDFium and its QR code with zxing-cpp. A glyph that is not drawn
is still found in the text: look at the pictures that are written beside the files. Files that claim
a standard are validated by veraPDF, which is installed as for the tests (tests/verapdf).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp
from records import make_records
from run import HERE, OUT, PEERS, ROOT, FailedError, Peer, Programs, make_template

sys.path.insert(0, str(ROOT / "tests"))

from verapdf import VeraPDF, VeraPDFMissingError

PAGES = 20
PLAN: dict[str, Any] = json.loads((HERE / "peers" / "page.json").read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=[peer.name for peer in PEERS])
    parser.add_argument("--peers-python", metavar="PROGRAM", default=sys.executable)
    parser.add_argument("--node", default="node", metavar="PROGRAM")
    options = parser.parse_args()
    programs = Programs(sys.executable, options.peers_python, options.node)
    chosen = [peer for peer in PEERS if not options.only or peer.name in options.only]
    make_template(programs, chosen)
    records = make_records(PAGES)
    path = OUT / "check.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    failed = False
    for peer in chosen:
        out = OUT / f"check-{peer.name}.pdf"
        command = [*programs.command(peer), "--records", str(path), "--out", str(out)]
        try:
            if subprocess.run(command, check=False).returncode:
                raise FailedError(f"not made; {peer.install_line()}")
            if peer.name != "pixattest":  # its page is of its own design
                check_pages(str(out), records)
            print(f"{peer.name}: {PAGES} pages as they should be{validate(peer, out)}")
        except FailedError as error:
            failed = True
            print(f"{peer.name}: {error}")
    sys.exit(failed)


def validate(peer: Peer, path: Path) -> str:
    """Hold a file against the standards that its peer claims, and say so.

    Raises:
        FailedError: it does not conform, or veraPDF is not installed.
    """
    if not peer.standards:
        return ""
    try:
        faults = VeraPDF(peer.standards).validate([path])[path]
    except VeraPDFMissingError as error:
        raise FailedError(f"not validated, for veraPDF needs {error}") from None
    if faults:
        raise FailedError("; ".join(faults))
    return f"; veraPDF finds no fault by {', '.join(peer.standards)}"


def check_pages(path: str, records: list[dict[str, Any]]) -> None:
    """Hold the pages of a file against their records.

    Raises:
        FailedError: a page lacks a text, or its QR code says something else.
    """
    with pypdfium2.PdfDocument(path) as pdf:
        if len(pdf) != len(records):
            raise FailedError(f"{len(pdf)} pages")
        for number, record in enumerate(records):
            picture = pdf[number].render(scale=2).to_pil()
            if number == 0:
                picture.save(path.replace(".pdf", ".png"))
            words = pdf[number].get_textpage()
            text = squeeze(words.get_text_bounded())
            lacking = [line for line in expected(record) if squeeze(line) not in text]
            if lacking or text.count(PLAN["table"]["level_word"]) != len(PLAN["domains"]):
                raise FailedError(f"page {number + 1} lacks {lacking}")
            if read_levels(words) != record["levels"]:
                raise FailedError(f"page {number + 1} has the levels {read_levels(words)}")
            codes = [(code.text, code.ec_level) for code in zxingcpp.read_barcodes(picture)]
            address = PLAN["address"].format(code=record["verification_code"])
            if codes != [(address, "M")]:
                raise FailedError(f"page {number + 1} has the QR codes {codes}")


def expected(record: dict[str, Any]) -> list[str]:
    """Return the texts that a record's page must have."""
    level = PLAN["max_level"]
    words = {"max_level": level, "max_pix": 16 * 8 * level}
    texts = [text["text"].format(**words) for text in PLAN["texts"]]
    for domain in PLAN["domains"]:
        texts += [domain["title"], *(row["name"] for row in domain["competences"])]
    names = ("birth_place", "centre", "verification_code")
    texts += [record[name] for name in names]
    texts.append(str(record["score"]))
    texts.append(f"{record['first_name']} {record['last_name']}")
    return texts


def read_levels(words: pypdfium2.PdfTextPage) -> dict[str, int]:
    """Read the levels that stand in the tables' cells."""
    table, height = PLAN["table"], PLAN["size"][1]
    right = table["x"] + table["width"]
    levels = {}
    for domain in PLAN["domains"]:
        for row in domain["competences"]:
            top = height - row["top"]
            cell = (right - table["level_cell"], top - table["row"], right, top)
            if text := squeeze(words.get_text_bounded(*cell)):
                levels[row["id"]] = int(text)
    return levels


def squeeze(text: str) -> str:
    """Return a text without its spaces and line ends, as readers put these in as they like."""
    return "".join(text.split())


if __name__ == "__main__":
    main()
