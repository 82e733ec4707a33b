"""Records + a peer's `make` function → a PDF in a file, or timings on standard output.

What every Python peer shares: the page's words and places (page.json), a record's strings,
and the protocol that README.md describes. `serve.mjs` is the same for Node.

`argparse` and `datetime` stay out: a cold run of a peer is not to wait for them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

Record = dict[str, Any]

PEERS = Path(__file__).resolve().parent
ROOT = PEERS.parents[1]
SIGNATURE = ROOT / "examples" / "signature.png"
TEMPLATE = PEERS.parent / "out" / "template.pdf"
PAGE: dict[str, Any] = json.loads((PEERS / "page.json").read_text(encoding="utf-8"))
COLOURS: dict[str, str] = PAGE["colours"]

MONTHS = ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"]
MONTHS += ["septembre", "octobre", "novembre", "décembre"]


def font_path(name: str) -> Path:
    """Return the path of a font: "regular", "semibold" or "serif"."""
    return ROOT / "fonts" / str(PAGE["fonts"][name])


def static_texts() -> list[dict[str, Any]]:
    """Return the texts that are the same for all records, as these have one max_level."""
    level = PAGE["max_level"]
    words = {"max_level": level, "max_pix": 16 * 8 * level}
    return [{**text, "text": text["text"].format(**words)} for text in PAGE["texts"]]


def long_date(iso: str) -> str:
    """Write an ISO date in French: 2003-01-12 is 12 janvier 2003."""
    year, month, day = iso.split("-")
    return f"{'1er' if day == '01' else int(day)} {MONTHS[int(month) - 1]} {year}"


def strings(record: Record) -> dict[str, str]:
    """Return what the page shows of a record, by the names that page.json gives its fields."""
    birth = long_date(record["birth_date"])
    place = record.get("birth_place")
    return {
        "full_name": f"{record['first_name']} {record['last_name']}",
        "birth": f"{birth} à {place}" if place else birth,
        "centre": record["centre"],
        "delivered": f"Délivrée le {long_date(record['delivered_on'])}",
        "score": str(record["score"]),
        "code": record["verification_code"],
    }


def address(record: Record) -> str:
    """Return the address that a record's QR code holds."""
    return str(PAGE["address"]).format(code=record["verification_code"])


def rgb(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue from 0 to 1 of a colour: a name in page.json, or "#RRGGBB"."""
    value = COLOURS.get(colour, colour)
    return int(value[1:3], 16) / 255, int(value[3:5], 16) / 255, int(value[5:7], 16) / 255


def read_records(path: str) -> list[Record]:
    """Read the records of a JSON Lines file, or the one of a JSON file."""
    text = Path(path).read_text(encoding="utf-8")
    if path.endswith(".json"):
        return [json.loads(text)]
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def main(
    make: Callable[[Sequence[Any]], bytes],
    load: Callable[[str], Sequence[Any]] = read_records,
    versions: Callable[[], dict[str, str]] = dict,
) -> None:
    """Run the command line of a peer.

    make: turns records in memory into one PDF's bytes; it is what is timed.
    load: reads a file of records; this is not timed.
    versions: names and versions of the packages that the peer draws with.
    """
    arguments = sys.argv[1:]
    if "--serve" not in arguments:
        records = load(arguments[arguments.index("--records") + 1])
        Path(arguments[arguments.index("--out") + 1]).write_bytes(make(records))
        return
    loaded: dict[str, Sequence[Any]] = {}
    answer = sys.stdout
    sys.stdout = sys.stderr  # a library that prints is not to break the protocol
    print(json.dumps({"ready": True, "versions": versions()}), file=answer, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        path = command["records"]
        try:
            if path not in loaded:
                loaded[path] = load(path)
            reply: dict[str, Any] = serve(make, loaded[path], command)
        except Exception as error:  # the runner reports it, and goes on with the others
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answer, flush=True)


def serve(
    make: Callable[[Sequence[Any]], bytes], records: Sequence[Any], command: dict[str, Any]
) -> dict[str, Any]:
    """Carry out one command: `repeat` files of `count` records, each of records not seen before.

    The records are taken from `skip` on, round and round, so that no peer is timed on a file
    that it has made, and may have kept, a moment ago.
    """
    count, start = command["count"], command.get("skip", 0)
    seconds: list[float] = []
    data = b""
    for _ in range(command.get("repeat", 1)):
        batch = [records[(start + place) % len(records)] for place in range(count)]
        start += count
        began = perf_counter()
        data = make(batch)
        seconds.append(perf_counter() - began)
    if command.get("out"):
        Path(command["out"]).write_bytes(data)
    return {"seconds": seconds, "bytes": len(data)}
