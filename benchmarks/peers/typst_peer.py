"""Records → their PDF by Typst, which the package `typst` brings.

The page is drawn whole; with --template it is drawn over template.pdf; with --tagged it has a
heading, tables with header cells and alternative texts, and the file is PDF/UA-1. Otherwise files
are not tagged, as those of most peers are not.

The compiler is kept, and page.typ is a module that the records do not change, so that Typst may
keep from one file to the next what it has laid out (`sys_inputs` would undo that).
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
TAGGED = "--tagged" in sys.argv
FORM = "tagged" if TAGGED else "filled" if "--template" in sys.argv else "drawn"
OPTIONS = {"pdf_standards": ["ua-1"]} if TAGGED else {"pdf_tags": False}


def make(records: Sequence[Record]) -> bytes:
    """Make one PDF of the records' attestations."""
    pages = [
        {**strings(record), "levels": record["levels"], "qr": list(make_png(record))}
        for record in records
    ]
    literal = json.dumps(json.dumps(pages, ensure_ascii=False), ensure_ascii=False)
    source = f"""#import "{PAGE_TYP}": attestations
#attestations(json(bytes({literal})), form: "{FORM}")"""
    data = COMPILER.compile(source.encode(), format="pdf", **OPTIONS)
    assert isinstance(data, bytes)
    return data


if __name__ == "__main__":
    main(make, versions=lambda: {name: version(name) for name in ("typst", "zxing-cpp")})
