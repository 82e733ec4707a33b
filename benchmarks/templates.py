"""The templates that ship → the time that a page of each takes, beside deflating it by zlib.

Each round prints the same thousand records by every template in turn, and has zlib, level 6,
deflate the contents and the structure of the same pages. A template's page may take as much longer
than `template.svg`'s as it holds more: the last column should not grow.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections import defaultdict
from io import BytesIO
from pathlib import Path
from statistics import median
from time import process_time

import pikepdf
from records import make_records

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pixattest import Press, read_record  # noqa: E402

TEMPLATES = ("template", "landscape", "detailed")
MANY = 1000


def main() -> None:
    """Print the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="after a warm-up (default: 7)")
    rounds = parser.parse_args().rounds
    records = [read_record(record) for record in make_records((rounds + 1) * MANY)]
    presses = {
        name: Press(ROOT / f"templates/attestation/{name}.svg", ROOT / "examples/issuer.toml")
        for name in TEMPLATES
    }
    costs: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for begin in range(0, len(records), MANY):
        for name, press in presses.items():
            buffer = BytesIO()
            began = process_time()
            press.write(records[begin : begin + MANY], buffer)
            ours = process_time() - began
            pages, streams = _contents(buffer)
            began = process_time()
            for stream in streams:
                zlib.compress(stream, 6)
            floor = process_time() - began
            if begin:
                costs[name].append(
                    (ours * 1000 / pages, sum(map(len, streams)) / pages, ours / floor)
                )
    print("| template | ms a page | bytes of content and structure a page | × zlib level 6 |")
    print("| --- | ---: | ---: | ---: |")
    for name, found in costs.items():
        cost, size, ratio = map(median, zip(*found, strict=True))
        print(f"| `{name}.svg` | {cost:.3f} | {size:,.0f} | {ratio:.2f} |")


def _contents(file: BytesIO) -> tuple[int, list[bytes]]:
    """Return the number of pages, and their contents and the file's structure, inflated."""
    with pikepdf.open(file) as pdf:
        contents = set()
        for page in pdf.pages:
            found = page.obj.Contents
            contents |= {
                stream.objgen for stream in (found if isinstance(found, pikepdf.Array) else [found])
            }
        return len(pdf.pages), [
            stream.read_bytes()
            for stream in pdf.objects
            if isinstance(stream, pikepdf.Stream)
            and (stream.objgen in contents or stream.get("/Type") in ("/ObjStm", "/XRef"))
        ]


if __name__ == "__main__":
    main()
