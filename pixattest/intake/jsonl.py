"""File of JSON lines → the value of each line, read as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixattest.errors import InputError
from pixattest.intake.json import read_json

SUFFIXES = (".jsonl", ".ndjson")


def read_json_lines(path: Path) -> Iterator[Any]:
    """The values of a file with one JSON value a line.

    Blank lines are passed over.

    Raises:
        InputError: it can't be read, or a line is not JSON.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    try:
                        yield read_json(line, str(path))
                    except InputError as error:
                        error.line = number
                        raise
    except OSError as reason:
        raise InputError(
            f"can't be read: {reason.strerror}", source=str(path), hint="Check its path."
        ) from None
