"""Records of made-up people for batches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support import EXAMPLES

from pixattest import Record, read_record
from pixattest.batch.rows import Origin
from pixattest.batch.spool import Spool

EXAMPLE: dict[str, Any] = json.loads((EXAMPLES / "record.json").read_text(encoding="utf-8"))


def person(said: str, code: str = "P-GVVP6HBM") -> Record:
    """The record of "CLASS Last First"; a class of - is none."""
    group, last, first = said.split(" ")
    who = {"group": None if group == "-" else group, "last_name": last, "first_name": first}
    return read_record(EXAMPLE | who | {"verification_code": code})


def spool_of(folder: Path, *people: str) -> Spool:
    """A finished spool of people, in that order."""
    spool = Spool(folder / "rows", new=True)
    for row, said in enumerate(people, 1):
        spool.add(Origin(0, row, row), person(said))
    spool.finish()
    return spool
