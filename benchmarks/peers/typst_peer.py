"""Typst, by the `typst` package: the page drawn whole, or with --template over template.pdf.

The compiler is kept, and page.typ is a module that the records do not change, so that Typst may
keep from one file to the next what it has laid out (`sys_inputs` would undo that). Files are not
tagged, as those of the other peers are not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.metadata import version

import typst
from qr import make_png
from serve import PEERS, ROOT, Record, main, strings

COMPILER = typst.Compiler(root=ROOT, font_paths=typst.Fonts(False, False, [ROOT / "fonts"]))
PAGE_TYP = f"/{(PEERS / 'page.typ').relative_to(ROOT).as_posix()}"
FILLED = "true" if "--template" in sys.argv else "false"


def make(records: Sequence[Record]) -> bytes:
    """Make one PDF of the records' attestations."""
    pages = [
        {**strings(record), "levels": record["levels"], "qr": list(make_png(record))}
        for record in records
    ]
    literal = json.dumps(json.dumps(pages, ensure_ascii=False), ensure_ascii=False)
    source = f"""#import "{PAGE_TYP}": attestations
#attestations(json(bytes({literal})), filled: {FILLED})"""
    data = COMPILER.compile(source.encode(), format="pdf", pdf_tags=False)
    assert isinstance(data, bytes)
    return data


if __name__ == "__main__":
    main(make, versions=lambda: {name: version(name) for name in ("typst", "zxing-cpp")})
