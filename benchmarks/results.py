"""A number of rows → results files with faults of twenty kinds, printed by the command, measured.

    python benchmarks/results.py --rows 100000

The people are those of records.py. Every hundredth row has a fault, each kind as often as the
next. They come as one file in the project's own columns, and as Pix's files of a class each. The
command runs as a user starts it, with one process; then its report, its rejects and its pages are
compared with what was written, row by row. Memory is read as in scale.py (Linux only).
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from records import COMPETENCES, stream_records
from scale import watch

NUMBERS = [
    f"{domain}.{place}" for domain, last in COMPETENCES.items() for place in range(1, last + 1)
]
CLASSES = 200
FAULTY = 100
"""One row of so many has a fault."""

Cells = dict[str, str]

OWN = (
    "first_name",
    "last_name",
    "birth_date",
    "birth_place",
    "centre",
    "delivered_on",
    "verification_code",
    "score",
    "max_level",
    "group",
    *NUMBERS,
)
PIX = {
    "Numéro de certification": "certification",
    "Prénom": "first_name",
    "Nom": "last_name",
    "Date de naissance": "birth_date",
    "Lieu de naissance": "birth_place",
    "Identifiant Externe": "external",
    "Statut": "status",
    "Nombre de Pix": "score",
    **{number: number for number in NUMBERS},
    "Commentaire jury pour l’organisation": "comment",
    "Session": "session",
    "Centre de certification": "centre",
    "Date de passage de la certification": "delivered_on",
}

ANYWHERE: dict[str, Callable[[Cells], Any]] = {
    "no first name": lambda row: row.update(first_name=""),
    "no last name": lambda row: row.update(last_name=" "),
    "a name of 200 letters": lambda row: row.update(last_name="Long" * 50),
    "a name of a character unseen": lambda row: row.update(first_name="Ca\u202emille"),
    "no birth date": lambda row: row.update(birth_date=""),
    "a birth date of two digits' year": lambda row: row.update(birth_date="9/2/06"),
    "an American birth date": lambda row: row.update(birth_date="02/29/2004"),
    "a birth date of no calendar": lambda row: row.update(birth_date="31/02/2005"),
    "a birth date as a sheet's number": lambda row: row.update(birth_date="38574"),
    "born after the delivery": lambda row: row.update(birth_date="01/01/2030"),
    "no centre": lambda row: row.update(centre=""),
    "a delivery of words": lambda row: row.update(delivered_on="hier"),
    "a level too high": lambda row: row.update({"3.2": "9"}),
    "a level of words": lambda row: row.update({"1.1": "trois"}),
    "a level below 0": lambda row: row.update({"5.2": "-1"}),
    "a score too high": lambda row: row.update(score="9999"),
    "a score of words": lambda row: row.update(score="beaucoup"),
    "no level at all": lambda row: row.update(dict.fromkeys(NUMBERS, "0")),
    "a cell too many": lambda row: row.update(beyond="1"),
}
FAULTS = {
    "own": ANYWHERE | {"a code of another form": lambda row: row.update(verification_code="P-123")},
    "pix": ANYWHERE | {"a status unknown": lambda row: row.update(status="Valide ?")},
}
"""Kinds of faults, by layout: each changes the cells of a good row so that it has the fault."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000, help=f"a multiple of {CLASSES}")
    parser.add_argument("--jobs", type=int, default=1)
    asked = parser.parse_args()
    for layout in FAULTS:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            results = write_results(folder, asked.rows, layout)
            options = ["-o", str(folder / "out"), "--jobs", str(asked.jobs), "--quiet"]
            if layout == "pix":
                options.append("--new-codes")
            command = [sys.executable, "-m", "pixattest", *map(str, results), *options]
            run = watch(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if run["status"] != 1:
                raise SystemExit(f"the command ended with status {run['status']}")
            reported = [*command, "--force", "--report", str(folder / "report.json")]
            subprocess.run(reported, check=False, capture_output=True)
            check(folder, results, asked.rows)
        rate = round(asked.rows / run["seconds"])
        print(json.dumps({"layout": layout, "rows": asked.rows, "rows_a_second": rate} | run))


def check(folder: Path, results: Sequence[Path], count: int) -> None:
    """Compare the report, the rejects and the number of pages with what was written."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    became = {(row["input"], row["row"]): row["status"] for row in report["rows"]}
    size = count // len(results)
    places = [(str(path), row) for path in results for row in range(1, size + 1)]
    expected = ["printed" if number % FAULTY else "rejected" for number in range(1, count + 1)]
    if list(became.values()) != expected or list(became) != places:
        raise SystemExit("rows are not accounted for as they should be")
    rejected = 0
    for path in folder.glob("*.rejected.csv"):
        with path.open(encoding="utf-8-sig") as file:
            rejected += sum(1 for _ in csv.reader(file, delimiter=";")) - 1
    if rejected != count // FAULTY:
        raise SystemExit("the files of rejects have not each faulty row once")
    placed = Counter(row["file"] for row in report["rows"] if row["status"] == "printed")
    for name, pages in placed.items():
        told = subprocess.run(["pdfinfo", name], capture_output=True, text=True, check=True).stdout
        found = re.search(r"Pages: +([0-9]+)", told)
        if not found or int(found[1]) != pages:
            raise SystemExit(f"{name} has not the {pages} pages of the report")


def write_results(folder: Path, count: int, layout: str) -> list[Path]:
    """Write the one file of the layout `own`, or those of `pix`, and return their paths."""
    headings = list(PIX if layout == "pix" else OWN)
    keys = list(PIX.values()) if layout == "pix" else headings
    files = CLASSES if layout == "pix" else 1
    people = rows(count, layout)
    paths = [folder / f"20240209_resultats_T{number}.csv" for number in range(1, files + 1)]
    for path in paths:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow(headings)
            for row in islice(people, count // files):
                beyond = [row["beyond"]] if "beyond" in row else []
                writer.writerow([row[key] for key in keys] + beyond)
    return paths


def rows(count: int, layout: str) -> Iterator[Cells]:
    """Yield the cells of each row, by the names of their columns."""
    spoil = list(FAULTS[layout].values())
    for number, record in enumerate(stream_records(count, classes=CLASSES), 1):
        levels = record.pop("levels")
        row = {name: str(value) for name, value in record.items()}
        row |= {name: str(levels.get(name, "-")) for name in NUMBERS}
        row["birth_date"] = french(row["birth_date"])
        row["delivered_on"] = french(row["delivered_on"])
        if layout == "pix":
            row |= {"certification": str(100_000 + number), "status": "Validée"}
            row |= {"external": f"EXT{number}", "comment": "", "session": str(number // 500)}
        if number % FAULTY == 0:
            spoil[number // FAULTY % len(spoil)](row)
        yield row


def french(day: str) -> str:
    """Write a date such as 2024-02-09 as 09/02/2024."""
    return "/".join(reversed(day.split("-")))


if __name__ == "__main__":
    main()
