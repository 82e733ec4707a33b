"""Records → their PDF by pixattest's public names; the issuer's signature is what peers draw.

What an older version lacks is reported as an error of that measure alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import BytesIO

from serve import ROOT, main, read_records

sys.path.insert(0, str(ROOT))

import pixattest
from pixattest import Press, Record, read_record

PRESS = Press(issuer=ROOT / "examples" / "issuer.toml")


def load(path: str) -> list[Record]:
    """Read and validate a file's records."""
    return [read_record(record) for record in read_records(path)]


def make(records: Sequence[Record]) -> bytes:
    """Make one PDF of the records' attestations."""
    if len(records) == 1:
        data: bytes = PRESS.render(records[0])
        return data
    write = getattr(PRESS, "write", None)
    if write is None:
        raise NotImplementedError("this pixattest has no Press.write")
    buffer = BytesIO()
    write(iter(records), buffer)
    return buffer.getvalue()


if __name__ == "__main__":
    main(make, load, versions=lambda: {"pixattest": pixattest.__version__})
